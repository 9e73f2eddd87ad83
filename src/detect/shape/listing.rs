//! Which lines of a text are a program's, each a statement by itself?
//!
//! A line that only goes on with what an application wrote before it begins with a sign: a quote, a bracket, an operator. It is
//! no line of a listing.

use super::lines::lines;
use memchr::memmem::find;
use std::ops::Range;

/// A listing has so many lines in a row; blank ones and those of brackets alone do not count.
const LINES: usize = 3;

/// What nobody shows without need: files of secrets, commands by which somebody looks around, ways out of a sandbox.
#[rustfmt::skip]
const WANTED: &[&[u8]] = &[
    b"/etc/passwd", b"/etc/shadow", b"whoami", b"/bin/sh", b"/bin/bash", b"cmd.exe", b"cmd /c", b"exec(\"id\"", b"exec('id'", b"system(\"id\"", b"system('id'", b"execsync(\"id\"", b"execsync('id'",
    b"'return process'", b"\"return process\"", b"'return this'", b"ipconfig", b"ifconfig", b"process.mainmodule",
];

/// Lines of listings.
pub(super) fn parts(view: &[u8]) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut run: Vec<Range<usize>> = Vec::new();
    let mut statements = 0;
    for (start, line) in lines(view).chain([(view.len(), &b"."[..])]) {
        let text = line.trim_ascii();
        let kind = kind(text);
        if kind == Kind::Other {
            if statements >= LINES {
                parts.append(&mut run);
            }
            run.clear();
            statements = 0;
        } else if start < view.len() {
            statements += usize::from(kind == Kind::Statement);
            // What a takeover does stands, whatever stands around it.
            if !WANTED.iter().any(|wanted| find(text, wanted).is_some()) {
                run.push(start..start + line.len());
            }
        }
    }
    parts
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Statement,
    /// A blank line, a comment, brackets that close.
    Between,
    Other,
}

fn kind(line: &[u8]) -> Kind {
    let starts = |signs: &[&[u8]]| signs.iter().any(|sign| line.starts_with(sign));
    let closes = line.iter().all(|byte| b"{}()[];, ".contains(byte));
    if closes || line == b"//" || starts(&[b"// ", b"# ", b"/*", b"* ", b"*/", b"-- "]) {
        return Kind::Between;
    }
    // How a condition of several lines goes on.
    let line = [&b"&& "[..], b"|| "].iter().find_map(|sign| line.strip_prefix(*sign)).unwrap_or(line);
    // `} else {`
    let line = line.strip_prefix(b"} ").unwrap_or(line);
    let begins = match line {
        [b'$' | b'@', next, ..] => next.is_ascii_alphabetic(),
        [b'.' | b'_', next, ..] => next.is_ascii_alphabetic() || *next == b'_',
        [first, ..] => first.is_ascii_alphabetic(),
        [] => false,
    };
    let even = |quote: u8| line.iter().filter(|byte| **byte == quote).count() % 2 == 0;
    let ends =
        matches!(line.last(), Some(b';' | b'{' | b'}' | b'(' | b',' | b'[' | b':' | b'\\' | b'=' | b'+' | b'>' | b')'));
    if begins && ends && even(b'"') && even(b'\'') && even(b'`') { Kind::Statement } else { Kind::Other }
}
