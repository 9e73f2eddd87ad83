//! Is it an upload that the server would run? Reads the file's name as web servers map names to programs, and its content.

use super::bytes::{find, has_any};
use super::subject::Subject;
use crate::detect::matcher::Evidence;
use crate::read::target::Target;

/// Endings that common servers run.
#[rustfmt::skip]
const RUN: &[&[u8]] = &[
    b"php", b"php2", b"php3", b"php4", b"php5", b"php6", b"php7", b"php8", b"phps", b"pht", b"phtm", b"phtml", b"phar", b"pgif", b"inc",
    b"jsp", b"jspx", b"jsw", b"jsv", b"jspf", b"jhtml", b"war", b"asp", b"aspx", b"asa", b"cer", b"cdx", b"ashx", b"asmx", b"ascx",
    b"cshtml", b"soap", b"cfm", b"cfml", b"cfc", b"cgi", b"pl", b"shtml", b"stm", b"shtm",
];
/// Names that change how a server runs the others.
const SETTINGS: &[&[u8]] = &[b".htaccess", b".htpasswd", b"web.config", b".user.ini"];
/// What starts code, and what hands a request's words to the system.
const STARTS: &[&[u8]] = &[b"<?php", b"<?=", b"<? ", b"<%", b"<jsp:", b"<script language=\"php", b"runat=\"server"];
#[rustfmt::skip]
const CALLS: &[&[u8]] = &[
    b"eval(", b"eval (", b"system(", b"exec(", b"passthru(", b"popen(", b"proc_open(", b"assert(", b"$_get", b"$_post", b"$_request", b"$_cookie",
    b"base64_decode(", b"create_function(", b"move_uploaded_file(", b"phpinfo(", b"getruntime()", b"processbuilder", b"wscript.shell",
    b"request.getparameter", b"request.item", b"execute(request", b"eval request", b"`$_", b"include($", b"file_put_contents(",
];
/// The first bytes of pictures, in lower case.
const PICTURES: &[&[u8]] = &[b"gif8", b"\x89png", b"\xff\xd8\xff", b"bm", b"%pdf"];

/// Reports a file's name that a server would run, or a web shell in a file's content. Searches the view a fixed number of times.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let view = subject.view;
    match subject.target {
        Target::Filename => return name(view, found),
        Target::Binary if climbs(view) => found(Evidence::UploadClimb),
        Target::Path => {
            if is_run(view) {
                found(Evidence::UploadRun);
            }
            return;
        }
        _ => {}
    }
    if let Some(file) = named_file(subject) {
        name(file, &mut |evidence| {
            if evidence != Evidence::UploadShell {
                found(Evidence::UploadNamed);
            }
        });
    }
    if !has_any(view, STARTS) {
        return;
    }
    if has_any(view, CALLS) {
        found(Evidence::UploadShell);
    }
    let code = has_any(view, &[b"<?php", b"<?=", b"<%@", b"<%="]);
    if code && PICTURES.iter().any(|start| view.starts_with(start)) {
        found(Evidence::UploadPicture);
    }
}

/// Names of parameters, members and headers that hold the name of a file that is stored.
#[rustfmt::skip]
const NAMES: &[&[u8]] = &[
    b"filename", b"file_name", b"file-name", b"x-filename", b"x-file-name", b"newfilename", b"uploadfilename", b"upload_filename", b"uploadname", b"upload_name", b"originalfilename", b"originalname", b"original_filename", b"savename", b"savefilename", b"save_as",
    b"saveas", b"destfilename", b"targetname", b"slug",
];

/// The name of a file in a value, if its parameter holds one: a bare name, no path of a project. In headers it may be one of several
/// parts: `content-disposition`, `destination`.
fn named_file<'a>(subject: &Subject<'a>) -> Option<&'a [u8]> {
    let last = subject.name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    let is = |name: &[u8]| last.eq_ignore_ascii_case(name);
    let view = subject.view.trim_ascii();
    if subject.is_name || view.len() > 256 {
        return None;
    }
    if subject.target == Target::Header && is(b"content-disposition") {
        let file = view.get(find(view, 0, b"filename=")? + 9..)?;
        return file.split(|byte| matches!(byte, b'"' | b';')).find(|part| !part.is_empty());
    }
    if subject.target == Target::Header && is(b"destination") {
        return view.rsplit(|byte| *byte == b'/').next();
    }
    let bare = !view.contains(&b'/') || find(view, 0, b"..").is_some();
    (bare && !view.contains(&b'\n') && NAMES.iter().any(|name| is(name))).then_some(view)
}

/// Directories in which applications keep pages of their own besides: a program there is odd by its name only.
const SHARED: &[&[u8]] =
    &[b"upload", b"attachment", b"fileupload", b"assets", b"css", b"fonts", b"images", b"img", b"js", b"static"];

/// Directories that hold what visitors upload.
const UPLOADS: &[&[u8]] =
    &[b"uploads", b"upfiles", b"uploadfile", b"uploadfiles", b"upload_files", b"userfiles", b"avatars", b"attachments"];

/// `/uploads/2024/k.php`: does the path name a program in such a directory?
fn is_run(path: &[u8]) -> bool {
    let path = path.split(|byte| matches!(byte, b'?' | b';')).next().unwrap_or_default();
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let ending = name.rsplit(|byte| *byte == b'.').next().filter(|ending| ending.len() < name.len());
    let program =
        ending.is_some_and(|ending| RUN.contains(&ending) && !matches!(ending, b"inc" | b"war" | b"soap" | b"pl"));
    let folder = path.rsplit(|byte| *byte == b'/').nth(1).unwrap_or_default();
    let stem = name.split(|byte| *byte == b'.').next().unwrap_or_default();
    program
        && (path.split(|byte| *byte == b'/').any(|segment| UPLOADS.contains(&segment))
            || SHARED.contains(&folder) && is_no_page(stem))
}

/// Does the name of the first file lead up? A tar starts with it, in a zip it stands behind a header of 30 bytes (APPNOTE 6.3.10, 4.3.7).
fn climbs(archive: &[u8]) -> bool {
    let name = if archive.starts_with(b"pk\x03\x04") { archive.get(30..).unwrap_or_default() } else { archive };
    name.starts_with(b"../") || name.starts_with(b"..\\")
}

/// `k`, `2yxkqw9zab`: a name that nobody gives a page, but somebody who puts a program there.
fn is_no_page(stem: &[u8]) -> bool {
    let changes =
        stem.windows(2).filter(|pair| matches!(pair, [a, b] if a.is_ascii_digit() != b.is_ascii_digit())).count();
    stem.len() == 1 || stem.len() >= 6 && changes >= 3 && stem.iter().all(u8::is_ascii_alphanumeric)
}

fn name(view: &[u8], found: &mut dyn FnMut(Evidence)) {
    // What the reader adds to the name of a file that is declared as a picture, and is none by its name.
    if find(view, 0, b"; image/").is_some_and(|at| at + 8 < view.len() && view.len() - at < 40) {
        found(Evidence::UploadMasked);
    }
    // Tomcat stores `a.jsp/` as `a.jsp`.
    let view = view.strip_suffix(b"/").unwrap_or(view);
    let name = view.rsplit(|byte| matches!(byte, b'/' | b'\\')).next().unwrap_or_default();
    if SETTINGS.contains(&name) {
        return found(Evidence::UploadHidden);
    }
    // What servers or file systems drop at the end: dots, blanks, a NUL and all behind it, `;…`, `::$data`.
    let cut = name.iter().position(|byte| matches!(byte, 0 | b';' | b':')).unwrap_or(name.len());
    let kept = name.get(..cut).unwrap_or_default();
    let end = kept.iter().rposition(|byte| !b". %".contains(byte)).map_or(0, |at| at + 1);
    let kept = kept.get(..end).unwrap_or_default();
    let mut endings = kept.rsplit(|byte| *byte == b'.').map(<[u8]>::trim_ascii).collect::<Vec<_>>();
    endings.pop();
    let runs = |ending: &&[u8]| RUN.contains(ending);
    let last = endings.first().is_some_and(runs);
    let strong = |ending: &&[u8]| ending.starts_with(b"ph") || ending.starts_with(b"jsp") || ending.starts_with(b"asp");
    // `a.php.jpg`, `a.jpg.php`, `a.php;.jpg`.
    let pictured =
        |ending: &&[u8]| matches!(*ending, b"jpg" | b"jpeg" | b"png" | b"gif" | b"pdf" | b"txt" | b"doc" | b"csv");
    // `report.grf;.aspx`: some check what stands before the semicolon, and run by what stands behind.
    let behind = name.get(cut..).and_then(|rest| rest.rsplit(|byte| *byte == b'.').next()).unwrap_or_default();
    if runs(&behind)
        || last && (kept.len() < name.len() || endings.iter().skip(1).any(pictured))
        || endings.iter().skip(1).any(|ending| runs(ending) && strong(ending)) && endings.first().is_some_and(pictured)
    {
        found(Evidence::UploadHidden);
    } else if last {
        found(Evidence::UploadScript);
    }
    if find(name, 0, b"<?").is_some() {
        found(Evidence::UploadShell);
    }
}
