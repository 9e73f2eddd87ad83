//! Does a value ask for a file that a server keeps to itself: its configuration, or the source of its own programs?
//!
//! The names after the documentation of IIS, Apache, Tomcat, PHP, Spring, Django, Rails and the common content management systems.

use super::bytes::{find, has_any};
use super::subject::Subject;
use crate::detect::verify::word_list::WordList;

/// Files that hold a server's or an application's configuration, whatever the directory.
static NAMES: WordList = WordList::new(
    ".htpasswd .pgpass .user.ini app.config applicationhost.config config.asp config.inc.php config.php configuration.php \
     conn.asp conn.php connection.asp context.xml database.php database.yml db.inc db.php global.asa global.asax httpd.conf \
     jdbc.properties local.xml local_settings.py machine.config my.cnf my.ini nginx.conf parameters.yml pearcmd pearcmd.php \
     peclcmd peclcmd.php php.ini \
     secrets.yml server.xml settings.inc.php settings.local.php tomcat-users.xml web.config web.xml wp-config.php",
);
/// Kinds of files that are configuration, behind a step up.
static KINDS: WordList = WordList::new("cfg cnf conf config env inc ini mdb properties sql toml xml yaml yml");
/// Names of configurations, without their kind.
static SETTINGS: WordList =
    WordList::new("application config configuration credentials database db parameters secrets settings");
/// Kinds of programs that servers run instead of showing them.
static PROGRAMS: WordList = WordList::new("ashx asmx asp aspx cfc cfm cgi jsp jspx php php5 phtml pl");
/// A longer value, in bytes, is no name of a file.
const LONGEST: usize = 512;

/// Is it asked for? A program counts only where a parameter is named for the file that is read.
pub(super) fn is_asked(subject: &Subject<'_>) -> bool {
    let view = subject.view;
    let letters = view.strip_suffix(b"<").or_else(|| view.strip_suffix(b">")).unwrap_or(view);
    let letters = letters.strip_suffix(b"<").unwrap_or(letters);
    let is_file = view.len() <= LONGEST && !letters.iter().any(|byte| b" <>\n\",;|&=?".contains(byte));
    if subject.is_name || !is_file || find(view, 0, b"://").is_some() {
        return false;
    }
    let name = view.rsplit(|byte| matches!(byte, b'/' | b'\\')).next().unwrap_or_default();
    let kind = name.rsplit(|byte| *byte == b'.').next().filter(|kind| kind.len() < name.len()).unwrap_or_default();
    let climbs = has_any(view, &[b"../", b"..\\"]);
    let reads = reads_file(subject.name);
    let in_folder = name.len() < view.len();
    // On Windows PHP takes `<` and `>` in a name for any letters.
    let is_pattern = view.len() > 4 && (view.ends_with(b".ph<") || view.ends_with(b".ph>") || view.ends_with(b".p<<"));
    // A browser sends no backslash of a path that it was given.
    let climbs_to_program = view.windows(4).any(|step| step == b"\\..\\") && PROGRAMS.has(kind);
    // `d:/x/config.ini`, `/app/config.yml`: by its whole path.
    let on_drive = matches!(view, [drive, b':', b'/' | b'\\', ..] if drive.is_ascii_alphabetic());
    let stem = name.split(|byte| *byte == b'.').next().unwrap_or_default();
    let is_absolute = on_drive && matches!(kind, b"ini" | b"config" | b"conf" | b"properties" | b"cnf" | b"cfg")
        || reads && in_folder && view.starts_with(b"/") && SETTINGS.has(stem) && (KINDS.has(kind) || kind == b"py");
    let in_config = reads && view.starts_with(b"config/") && KINDS.has(kind);
    NAMES.has(name) && (in_folder || reads) && !is_page(subject)
        || climbs && KINDS.has(kind)
        || PROGRAMS.has(kind) && reads
        || is_pattern
        || climbs_to_program
        || in_config
        || is_absolute
        || kind == b"properties" && view.starts_with(b"/") && view.iter().filter(|byte| **byte == b'/').count() > 1
}

/// `modname=School_Setup/Configuration.php`: the page of a module, as a program names it that shows all of them.
fn is_page(subject: &Subject<'_>) -> bool {
    static MODULES: WordList = WordList::new("mod modname module modulename");
    static FOLDERS: WordList =
        WordList::new("app application conf config configs htdocs inc include includes joomla lib site www");
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let [folder, page] = subject.view.split(|byte| *byte == b'/').collect::<Vec<_>>()[..] else { return false };
    MODULES.has(&subject.name.to_ascii_lowercase())
        && folder.iter().all(plain)
        && !folder.is_empty()
        && !FOLDERS.has(folder)
        && page == b"configuration.php"
}

/// Is it the name of one of these files, or a path of one?
pub(super) fn is_own(path: &[u8]) -> bool {
    path.rsplit(|byte| *byte == b'/').next().is_some_and(|name| NAMES.has(name))
}

/// `filename`, `certFile`, `download_path`: is a parameter of that name the file that is read?
fn reads_file(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let is_file =
        [&b"file"[..], b"filename", b"filepath", b"file_name", b"file_path"].iter().any(|end| name.ends_with(end));
    let is_profile = name.ends_with(b"profile");
    is_file && name != b"file" && !is_profile || name.starts_with(b"download") || name.starts_with(b"attach")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::verify::subject::Effort;
    use crate::read::target::Target;

    #[test]
    fn a_server_s_own_file_is_asked_for() {
        for (name, view, expected) in [
            ("url", "~/web.config", true),
            ("filename", "web.config", true),
            ("q", "web.config", false),
            ("q", "how to edit web.config", false),
            ("dir", "a/../lib/x.properties", true),
            ("img", "../logo.png", false),
            ("certfile", "show.php", true),
            ("url", "data/config.ph<", true),
            ("dir", "a\\..\\b.php", true),
            ("filename", "config/x.properties", true),
            ("theme", "config/x.yml", false),
            ("path", "/opt/a/x.properties", true),
            ("path", "/x.properties", false),
            ("page", "d:/config.ini", true),
            ("filepath", "c:\\x\\db.properties", true),
            ("filepath", "/app/config.yml", true),
            ("download", "/srv/app/settings.py", true),
            ("path", "/app/config.yml", false),
            ("file", "d:/photos/a.jpg", false),
            ("q", "a <b", false),
            ("file", "functions.php", false),
            ("next", "../login.php", false),
            ("profile", "a.php", false),
        ] {
            let effort = Effort::default();
            let subject = Subject::new(view.as_bytes(), Target::Query, name.as_bytes(), &effort);
            assert_eq!(is_asked(&subject), expected, "{name}={view}");
        }
    }
}
