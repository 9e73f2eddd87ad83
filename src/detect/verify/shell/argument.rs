//! What follows a command, and does it look like the shell's?

use super::names;
use crate::detect::verify::bytes::{has_any, tag};
use crate::detect::verify::word_list::WordList;

/// What follows a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arguments {
    /// The end, or another separator.
    None,
    /// A flag, a path, a variable, a number, a quoted string, a redirection.
    Shell,
    /// One plain word, then the end.
    Word,
    /// WordList.
    Prose,
}

impl Arguments {
    pub(super) fn of(view: &[u8], at: usize) -> Self {
        let rest = view.get(at..view.len().min(at + 512)).unwrap_or_default();
        // `copy &amp; paste it</p>`: the paragraph ends, and no file is read.
        let text = before_tag(rest.trim_ascii_start());
        let ends = |byte: &u8| b";|&)`\n\"'#}".contains(byte);
        let Some(first) = text.first() else { return Self::None };
        let goes_on_below = rest.first() == Some(&b'\n');
        if !goes_on_below && is_joined_substitution(text) {
            return Self::Shell;
        }
        if goes_on_below || (ends(first) && !matches!(first, b'"' | b'\'')) {
            return Self::None;
        }
        let length = text
            .iter()
            .take(64)
            .position(|byte| byte.is_ascii_whitespace() || ends(byte))
            .unwrap_or(text.len().min(64));
        let (word, after) = text.split_at(length);
        let second = text.get(1).copied().unwrap_or(b' ');
        let shell = match first {
            // `| Type ----`, `| W <-----`: a line of a drawing.
            b'-' | b'<' | b'>' | b'=' | b'*' if word.len() > 2 && word.iter().all(|byte| b"-<>=*+".contains(byte)) => {
                return Self::None;
            }
            b'-' => second.is_ascii_alphanumeric() || second == b'-',
            // The end of a template's statement: `a|sort %}`.
            b'%' if second == b'}' => return Self::None,
            // `cut &amp; paste</b>`: a tag, and no file that is read.
            b'<' if tag(text).is_some() => return Self::None,
            // `Sale <50 % & more> | Shop`: a redirection to nothing is an error to a shell.
            b'>' if rest.starts_with(b"> | ") => return Self::Prose,
            b'/' | b'$' | b'~' | b'<' | b'>' | b'*' | b'%' | b'\\' | b'`' | b'{' => true,
            // `fish 'n' chips`
            b'\'' if text.starts_with(b"'n'") && text.get(3).is_none_or(|byte| *byte == b' ') => return Self::Prose,
            b'"' | b'\'' => after.len() > 1 && after.get(1..).is_some_and(|after| after.contains(first)),
            // `iptables (1.8.4-1) unstable`: a version.
            b'(' => !second.is_ascii_digit() && (word.iter().any(|byte| b"/\\$*>:".contains(byte)) || is_file(word)),
            b'.' => matches!(second, b'/' | b'.' | b'\\') || word == b".",
            b'0'..=b'9' => word.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.'),
            // `Host name: x` is a label, `dir c:` a drive.
            _ => {
                let word = if word.len() > 2 { word.strip_suffix(b":").unwrap_or(word) } else { word };
                word.iter().any(|byte| b"/\\$*>:".contains(byte)) || is_file(word)
            }
        };
        let end = after.trim_ascii_start().first().is_none_or(ends);
        match (shell, end) {
            // `node 3 is down`, `less 1 parcel`: a number, and a sentence goes on.
            (true, false) if first.is_ascii_digit() && word.len() < 5 && goes_on(after) => Self::Prose,
            (true, _) => Self::Shell,
            // `ping me`, `host needed`, `powershell or cmd`: no machine is called so.
            (false, _) if SENTENCE.has(word.strip_suffix(b",").unwrap_or(word)) => Self::Prose,
            // `name asc; id desc`: an order.
            (false, true) if matches!(word, b"asc" | b"desc") => Self::Prose,
            (false, true) if !word.is_empty() => Self::Word,
            (false, true) => Self::None,
            _ => Self::Prose,
        }
    }
}

/// `` `whoami`.x.example ``: a substitution that is part of a word, as no text shows code.
fn is_joined_substitution(text: &[u8]) -> bool {
    let inside = text.strip_prefix(b"`").unwrap_or_default();
    let close = inside.iter().take(64).position(|byte| *byte == b'`').filter(|close| *close > 0);
    let after = close.and_then(|close| inside.get(close + 1..)).unwrap_or_default();
    matches!(after, [b'.' | b'/' | b'-', next, ..] if next.is_ascii_alphanumeric())
}

/// Does a word of two letters or more follow, and on the line no option or path?
fn goes_on(after: &[u8]) -> bool {
    let line = after.split(|byte| b";|&\n".contains(byte)).next().unwrap_or_default().trim_ascii_start();
    let is_link = |word: &&[u8]| word.starts_with(b"https://") || word.starts_with(b"http://");
    let has_link = line.split(|byte| *byte == b' ').any(|word| is_link(&word));
    let mut words = line.split(|byte| *byte == b' ').filter(|word| !is_link(word));
    // `timeout 9 curl https://…`: another command, and what it is told.
    let is_odd = |word: &[u8]| {
        word.iter().any(|byte| b"/-$<>".contains(byte))
            || has_link && (names::is_command(word) || names::RUNNERS.has(word) || !is_of_sentence(word))
    };
    line.iter().take_while(|byte| byte.is_ascii_alphabetic()).count() >= 2 && !words.any(is_odd)
}

/// Letters, and what ends a part of a sentence.
fn is_of_sentence(word: &[u8]) -> bool {
    word.iter().all(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b".,:!?()'".contains(byte))
}

/// Words that go on with a sentence, and are no argument.
static SENTENCE: WordList = WordList::new(
    "a about after all am an and are as at back be been before but by can could developer did do does engineer for from get go \
     had has have he her here him his how i if in is it its just later like me more my need needed needs not now of on only or our out \
     over please preferred required said says scripting scripts she should skills so some soon than thanks that the their them then there they this to \
     too up us was we were what when where which who why will with would you your",
);

/// The text up to the first tag that closes or breaks a line, right behind plain words: nothing of the shell's stands before it.
fn before_tag(text: &[u8]) -> &[u8] {
    if memchr::memchr(b'<', text).is_none() {
        return text;
    }
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b" .,:!?()&;-".contains(byte);
    let words = text.iter().take_while(|byte| is_plain(byte)).count();
    let (before, rest) = text.split_at(words);
    let length = tag(rest).filter(|_| rest.starts_with(b"</") || rest.starts_with(b"<br")).map(|(_, length)| length);
    let behind = length.and_then(|length| rest.get(length..));
    let is_markup = behind
        .is_some_and(|behind| behind.first().is_none_or(|byte| byte.is_ascii_whitespace() || b"<&".contains(byte)));
    let joined = before.last().is_some_and(|byte| *byte != b' ');
    if is_markup && joined && before.first() != Some(&b'-') { before } else { text }
}

/// `shell.php`, `evil.example`: a dot inside, not the end of a sentence.
pub(super) fn is_file(word: &[u8]) -> bool {
    word.iter().rposition(|byte| *byte == b'.').is_some_and(|at| at > 0 && at + 1 < word.len())
}

/// Do the arguments hold what a command line has and a sentence has not: a system path, an address, a second command?
pub(super) fn is_convincing(view: &[u8], at: usize) -> bool {
    let rest = view.get(at..(at + 256).min(view.len())).unwrap_or_default();
    has_any(rest, CONVINCING)
}

#[rustfmt::skip]
const CONVINCING: &[&[u8]] = &[
    b" /etc/", b" /bin/", b" /usr/", b" /tmp/", b" /var/", b" /proc/", b" /home/", b" /dev/", b" /root", b" http://", b" https://",
    b" c:\\", b" c:/", b"127.0.0.1", b" /?", b" /[", b"/*", b" -la", b" -rf ", b" -al", b" -c ", b"cmd.exe", b"whoami", b"passwd",
];

/// The first byte behind blanks.
pub(super) fn first_sign(view: &[u8], at: usize) -> Option<u8> {
    view.get(at..)?.iter().copied().find(|byte| *byte != b' ')
}

/// Are the arguments a flag or an absolute path, and nothing that a sentence has: `cat /srv/x.gz`, `env --version`?
pub(super) fn is_short_line(view: &[u8], at: usize) -> bool {
    let rest = view.get(at..).unwrap_or_default().trim_ascii();
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-*?~=[] ".contains(byte);
    let starts = match rest {
        [b'/', next, ..] => next.is_ascii_alphanumeric(),
        [b'-', b'-', next, ..] => next.is_ascii_alphabetic(),
        [b'-', next, b' ', ..] | [b'-', next] => next.is_ascii_alphabetic(),
        _ => false,
    };
    view.len() <= 64 && starts && rest.iter().all(word) && rest.split(|byte| *byte == b' ').count() <= 3
}

/// Do one to four words of letters, digits and dashes follow, and nothing else?
pub(super) fn has_word(view: &[u8], at: usize) -> bool {
    let rest = view.get(at..).unwrap_or_default();
    rest.first() == Some(&b' ')
        && rest.trim_ascii().iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_./ ".contains(byte))
        && rest.trim_ascii().split(|byte| *byte == b' ').count() <= 4
        && !rest.trim_ascii().is_empty()
}

/// Does the first argument start with the name of a file of secrets, even without its directory?
pub(super) fn mentions_secret(view: &[u8], at: usize) -> bool {
    let rest = view.get(at..(at + 64).min(view.len())).unwrap_or_default().trim_ascii_start();
    [&b"passwd"[..], b"shadow", b"/etc", b"id_rsa"].iter().any(|name| rest.starts_with(name))
}

/// Is the second or third argument a flag or a file of the system: `chmod u+s /bin/x`, `openssl s_client -connect`?
pub(super) fn has_flag_or_path_later(view: &[u8], at: usize) -> bool {
    let rest = view.get(at..(at + 96).min(view.len())).unwrap_or_default();
    let line = rest.split(|byte| b";|&\n".contains(byte)).next().unwrap_or_default();
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).take(3).skip(1);
    words.any(|word| is_flag(word) || is_system(word))
}

/// Is an unknown command's line a shell's: a plain name, then a flag or a file of the system, and little else?
pub(super) fn is_unknown_line(view: &[u8], name: &[u8], at: usize) -> bool {
    let plain = (2..=20).contains(&name.len())
        && name.first().is_some_and(u8::is_ascii_lowercase)
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte));
    let rest = view.get(at..(at + 160).min(view.len())).unwrap_or_default();
    let line = rest.split(|byte| b";|&\n".contains(byte)).next().unwrap_or_default();
    let words = || line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    view.len() <= 256
        && plain
        && rest.first() == Some(&b' ')
        && words().next().is_some_and(|word| is_flag(word) || is_system(word))
        && words().count() <= 6
        && words().any(|word| is_system(word) || word.len() == 2 && is_flag(word))
}

/// `-x`, `--connect`: not a dash of a sentence.
fn is_flag(word: &[u8]) -> bool {
    let name = word.strip_prefix(b"--").or_else(|| word.strip_prefix(b"-")).unwrap_or_default();
    name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_=".contains(byte))
}

/// A file in one of the system's directories.
fn is_system(word: &[u8]) -> bool {
    [&b"/etc/"[..], b"/bin/", b"/usr/", b"/tmp/", b"/var/", b"/proc/", b"/dev/", b"/home/", b"/root/", b"c:\\"]
        .iter()
        .any(|folder| word.starts_with(folder) && word.len() > folder.len())
}

/// `Q($id: ID)`: is the first argument a name with a parenthesis behind it, which no shell takes?
pub(super) fn is_call(arguments: &[u8]) -> bool {
    let text = arguments.trim_ascii_start();
    let name = text.iter().take(64).take_while(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(byte)).count();
    name > 0 && text.get(name) == Some(&b'(')
}

/// `-c`, `-c \`: is an interpreter's option for code there, and no code?
pub(super) fn lacks_code(arguments: &[u8]) -> bool {
    let code = arguments.trim_ascii().strip_prefix(b"-c").unwrap_or(b"x").trim_ascii();
    code.iter().all(|byte| b"\\'\"".contains(byte))
}

/// Does anything follow on the line?
pub(super) fn has_more(view: &[u8], at: usize) -> bool {
    view.get(at) == Some(&b' ') && first_sign(view, at).is_some_and(|sign| !b";|&\n".contains(&sign))
}

/// `alias x=…`, `alias 'x'=…`: do the arguments set an alias?
pub(super) fn sets_alias(view: &[u8], at: usize) -> bool {
    let rest = view.get(at..(at + 64).min(view.len())).unwrap_or_default().trim_ascii_start();
    let text = rest.strip_prefix(b"-").and_then(|flags| flags.splitn(2, |byte| *byte == b' ').nth(1)).unwrap_or(rest);
    let name = text.iter().take_while(|byte| !byte.is_ascii_whitespace() && **byte != b'=').count();
    name > 0 && text.get(name) == Some(&b'=') && text.get(name + 1).is_some_and(|next| *next != b' ' && *next != b'=')
}
