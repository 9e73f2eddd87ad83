//! Does the value smuggle an option into a program's own command line, one that runs or writes what it names?
//!
//! No separator is needed: a value that starts with a dash is read as an option wherever it becomes an argument of its own.

use super::names;
use super::word::read;
use crate::detect::verify::bytes::{find, has_any};

/// A longer value is a text, in bytes.
const LONGEST: usize = 256;
/// Parts of names of options that hold a program to run: `--exec`, `--upload-pack`, `ProxyCommand`, `--checkpoint-action`.
#[rustfmt::skip]
const RUNS: &[&[u8]] = &[
    b"exec", b"command", b"-cmd", b"action", b"-pack", b"askpass", b"pager", b"editor", b"program", b"-shell", b"script", b"hook", b"filter",
];
/// Parts of names of options that read, send or write a file.
#[rustfmt::skip]
const FILES: &[&[u8]] = &[b"output", b"file", b"config", b"write", b"include", b"load", b"log", b"data"];
/// Directories that a request has no business in.
#[rustfmt::skip]
const FOLDERS: &[&[u8]] = &[b"/etc/", b"/var/", b"/tmp/", b"/root/", b"/home/", b"/proc/", b"/dev/", b"/bin/", b"/usr/", b"/srv/", b"/opt/"];

/// Does the value start with such an option, or hold a transport that runs a program (`ext::sh -c …`)?
pub(super) fn smuggled(view: &[u8]) -> bool {
    if view.len() > LONGEST {
        return false;
    }
    if let Some(command) = view.strip_prefix(b"ext::") {
        return names::is_command(read(command, 0).0.base());
    }
    if find(view, 0, b"core.sshcommand").is_some() {
        return view.contains(&b'=');
    }
    let Some(option) = view.strip_prefix(b"-") else { return false };
    let end = option.iter().position(|byte| *byte == b'=' || byte.is_ascii_whitespace()).unwrap_or(option.len());
    let (name, value) = option.split_at(end);
    let value = value.get(1..).unwrap_or_default().trim_ascii();
    let named = name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'-');
    // The blanks of a shell's word, or a program of its own, behind an option that runs it.
    let program = |text: &[u8]| {
        let (word, _) = read(text, 0);
        let path = FOLDERS.iter().any(|folder| text.starts_with(folder));
        names::is_command(word.base()) || path || has_any(text, &[b"$ifs", b"${ifs", b"exec=", b"$(", b"`"])
    };
    let folder = FOLDERS.iter().any(|folder| value.starts_with(folder));
    named && (has_any(name, RUNS) && program(value) || has_any(name, FILES) && folder || name == b"o" && folder)
}
