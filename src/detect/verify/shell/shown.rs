//! Does the value show commands rather than inject them: a transcript, a script, a line for a reader to type?
//!
//! An injected command follows other data on its line. What is shown has a prompt, or many lines.

use super::argument::Arguments;
use super::names;
use super::word::read;
use crate::detect::verify::argv;
use crate::detect::verify::bytes::{has_any, is_word};
use memchr::memchr;

/// A text of so many lines that are not empty is a script or a document.
const LINES: usize = 3;
/// A shorter value, in bytes, is no document.
const SHORT: usize = 96;
/// Files and habits that nobody needs to show.
#[rustfmt::skip]
const TARGETS: &[&[u8]] = &[
    b"/etc/passwd", b"/etc/shadow", b"/dev/tcp/", b"/dev/udp/", b" /bin/sh", b" /bin/bash", b"whoami", b"cmd.exe", b"id_rsa", b"/proc/self",
];
/// Of these what no script of many lines needs.
const WANTED: &[&[u8]] =
    &[b"/etc/passwd", b"/etc/shadow", b"/dev/tcp/", b"/dev/udp/", b"whoami", b"cmd.exe", b"id_rsa", b"/proc/self"];
/// What stands before a command that a person types.
const PROMPTS: &[&[u8]] = &[b"$ ", b"# ", b"> ", b"% ", b"c:\\> ", b">>> "];

/// Is it shown? Its lines with what attackers want are told by [`injected`].
pub(super) fn is_shown(view: &[u8]) -> bool {
    let lines = || lines(view).map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    // What is broken out of a line before is no line of its own.
    let first = memchr(b'\n', view).and_then(|end| view.get(..end)).unwrap_or(view);
    let opens = match first.first() {
        None => false,
        Some(quote @ (b'"' | b'\'')) => first.iter().filter(|byte| *byte == quote).count() % 2 == 0,
        // `&lt;p&gt;…`: a page inside a document.
        Some(b'&') => [&b"&lt;"[..], b"&amp;", b"&quot;", b"&#"].iter().any(|sign| first.starts_with(sign)),
        // The end of one function of a script, and another one.
        Some(b'}') => first.trim_ascii() == b"}" && lines().nth(1).is_some_and(opens_function),
        Some(byte) => !b"\r;|)}]".contains(byte),
    };
    let many = opens && view.len() > SHORT && lines().nth(LINES - 1).is_some();
    let typed = || lines().take(64).any(|line| PROMPTS.iter().any(|prompt| types(line, prompt)));
    let script = || {
        lines().next().is_some_and(is_command_line)
            && lines().all(|line| !line.starts_with(b";"))
            && !looks_around(view)
    };
    let is_reader = [&b"#!/"[..], b"%%bash", b"%%sh"].iter().any(|start| view.starts_with(start));
    let names_its_reader = is_reader && lines().nth(1).is_some();
    many || (typed() || script() || names_its_reader || is_diagnosis(first) || is_log(first)) && !wants(view)
}

/// `name () {`
fn opens_function(line: &[u8]) -> bool {
    let name = line.strip_suffix(b"() {").unwrap_or_default().trim_ascii_end();
    !name.is_empty() && name.iter().all(|byte| is_word(*byte) || *byte == b'-')
}

/// Commands that are names of columns too.
const COLUMNS: &[&[u8]] = &[b"id", b"dir", b"env", b"ver", b"df"];
/// A head of a table has so many columns.
const COLUMNS_LEAST: usize = 3;

/// Is one of the words between semicolons such a name?
fn has_column(view: &[u8]) -> bool {
    let is_column = |item: &[u8]| COLUMNS.contains(&item.trim_ascii());
    let does_nothing = |item: &[u8]| matches!(item.trim_ascii(), b"true" | b"false" | b"echo" | b"test");
    let mut items = view.split(|byte| *byte == b';').rev();
    items.next().is_some_and(|last| !is_column(last))
        && items.clone().any(is_column)
        && !view.split(|byte| *byte == b';').any(does_nothing)
}

/// `firewall; net; iptables; netfilter; security`: a list of five words or more, of which few are commands. `name;id;city`: the
/// head of a table.
pub(super) fn is_keywords(view: &[u8]) -> bool {
    const ITEMS: usize = 5;
    let (mut items, mut commands, mut before) = (0, 0, &b""[..]);
    let mut is_head = true;
    for item in view.split(|byte| *byte == b';').map(<[u8]>::trim_ascii).filter(|item| !item.is_empty()) {
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80 || b" -_.+/#".contains(byte);
        let words = item.split(|byte| *byte == b' ').count();
        if !item.iter().all(is_plain) || words > 3 || item.starts_with(b"/") {
            return false;
        }
        // `x;true;true;true;id`: said again and again it is no other word.
        if std::mem::replace(&mut before, item) == item {
            continue;
        }
        let is_name = item.len() >= 2 && item.iter().all(u8::is_ascii_alphabetic);
        is_head &= is_name && (item.len() > 2 || COLUMNS.contains(&item));
        items += 1;
        commands += usize::from(names::is_command(item));
    }
    let ends = |byte: Option<&u8>| byte == Some(&b';');
    is_head &= items >= COLUMNS_LEAST && commands == 1 && !ends(view.first()) && !ends(view.last());
    (items >= ITEMS && commands * 3 <= items || is_head && has_column(view)) && !wants(view)
}

/// `compute it by running this: openssl dgst x | base64`: a sentence of a few words that ends in a colon, then a command line of its
/// own, whose commands do nothing that attackers want.
pub(super) fn is_told(view: &[u8]) -> bool {
    const WORDS: usize = 2;
    let Some(separator) = view.iter().position(|byte| b";|&`".contains(byte)) else { return false };
    let before = view.get(..separator).unwrap_or_default();
    let Some(colon) = before.iter().rposition(|byte| *byte == b':') else { return false };
    let sentence = before.get(..colon).unwrap_or_default();
    let words = sentence.split(|byte| *byte == b' ').filter(|word| word.iter().all(u8::is_ascii_alphabetic));
    let line = view.get(colon + 1..).unwrap_or_default().trim_ascii_start();
    let typed = line.strip_prefix(b"$ ").unwrap_or(line);
    let (word, end) = read(typed, 0);
    let is_typed = typed.len() < line.len();
    words.filter(|word| word.len() > 1).count() >= if is_typed { 1 } else { WORDS }
        && (typed.starts_with(b"for ")
            || (is_typed || names::is_command(word.base())) && Arguments::of(typed, end) == Arguments::Shell)
        && !wants(view)
        && !argv::is_hostile_line(typed)
}

/// `cron[7]: (root) cmd (cd / && run-parts x)`, `sudo: bob : tty=pts/0 ; pwd=/ ; user=root ; command=/bin/x`: what syslog keeps of
/// commands that ran.
fn is_log(line: &[u8]) -> bool {
    has_any(line, &[b"cron["]) && has_any(line, &[b") cmd ("])
        || has_any(line, &[b" tty="]) && has_any(line, &[b" ; pwd="])
}

/// `sh: 1: x: not found`: what a shell says of a command that failed.
fn is_diagnosis(line: &[u8]) -> bool {
    let name = [&b"/bin/"[..], b"/usr/bin/", b"-"].iter().find_map(|folder| line.strip_prefix(*folder)).unwrap_or(line);
    let shells = [&b"sh: "[..], b"bash: ", b"zsh: ", b"dash: "];
    let about = shells.iter().find_map(|shell| name.strip_prefix(*shell)).unwrap_or_default();
    about.iter().filter(|byte| **byte == b':').count() >= 1 && about.first().is_some_and(u8::is_ascii_alphanumeric)
}

/// `cc $(id)`: does a substitution hold a command that only looks around?
fn looks_around(view: &[u8]) -> bool {
    let dollars = view.split(|byte| *byte == b'$').skip(1).filter_map(|part| part.strip_prefix(b"("));
    let inside = dollars.map(|part| part.split(|byte| *byte == b')').next().unwrap_or_default());
    inside.chain(view.split(|byte| *byte == b'`').skip(1).step_by(2)).take(16).any(argv::is_bare)
}

/// Does it mention what attackers want?
pub(super) fn wants(view: &[u8]) -> bool {
    has_any(view, TARGETS)
}

/// The lines of a value that go on with something else instead of starting by themselves: with a separator, a substitution, what
/// closes a string; not those that go on with the line before, as scripts break them. And, in a text
/// that [is shown](is_shown), those with what attackers want.
pub(super) fn injected(view: &[u8], is_shown: bool) -> Vec<u8> {
    let mut injected = Vec::new();
    let mut is_continued = false;
    // Of a difference of two files each line has a sign of its own.
    let is_diff =
        [&b"@@ -"[..], b"diff --git ", b"--- a/", b"--- /dev/null"].iter().any(|start| view.starts_with(start));
    let is_powershell = lines(view).filter(|line| assigns(line)).nth(1).is_some();
    for line in lines(view) {
        let line = match line {
            [b'+' | b'-' | b' ', rest @ ..] if is_diff => rest,
            line => line,
        };
        let line = line.trim_ascii();
        let opens = match line {
            // How a long command goes on.
            [b'&', b'&', .., b'\\'] | [b'|', b'|', .., b'\\'] => false,
            // PowerShell's call.
            [b'&', next, ..] if is_powershell && *next != b'&' => false,
            [quote @ (b'\'' | b'"'), rest @ ..] => !is_own_string(*quote, rest),
            [b'$', b'(', rest @ ..] => !is_variable(rest),
            [first, ..] => b";|&`)%+".contains(first),
            [] => false,
        };
        let is_wanted = is_shown && has_any(line, WANTED) && !has_any(line, &[b"$(whoami)"]);
        if opens && !is_continued || is_wanted {
            // Behind a line break, as it was.
            injected.extend_from_slice(if is_wanted { b"\n" } else { b"" });
            injected.extend_from_slice(line);
            injected.push(b'\n');
        }
        is_continued = matches!(line.last(), Some(b'\\' | b'|' | b'&' | b'(' | b','));
    }
    injected
}

/// `$name = …`, as PowerShell assigns, and no other shell.
fn assigns(line: &[u8]) -> bool {
    let Some(rest) = line.trim_ascii_start().strip_prefix(b"$") else { return false };
    let name = rest.iter().take_while(|byte| is_word(**byte)).count();
    name > 0 && rest.get(name..).is_some_and(|rest| rest.starts_with(b" = "))
}

/// `"$bin" -v`, `"$(pwd)/x"`: a program or a text that the line names itself. What breaks out goes on behind its quote.
fn is_own_string(quote: u8, rest: &[u8]) -> bool {
    let inside = rest.split(|byte| *byte == quote).next().unwrap_or_default();
    let names = match inside {
        [b'$', b'(', call @ ..] => [&b"pwd)"[..], b"dirname ", b"cd "].iter().any(|own| call.starts_with(own)),
        [b'$', first, ..] => first.is_ascii_alphabetic() || matches!(first, b'{' | b'_' | b'@' | b'0'..=b'9'),
        [first, ..] => first.is_ascii_alphanumeric() && inside.contains(&b'/') && !inside.contains(&b' '),
        [] => false,
    };
    names && rest.iter().filter(|byte| **byte == quote).count() % 2 == 1
}

/// `$(PYTHON) setup.py`: a variable of make's that holds a command.
fn is_variable(rest: &[u8]) -> bool {
    let name = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let (name, after) = rest.split_at(name);
    matches!(after, [b')', b' ', first, ..] if *first != b'>')
        && !name.is_empty()
        && !argv::is_bare(name)
        && name != b"printenv"
}

fn lines(view: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(view);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = memchr(b'\n', text);
        rest = end.and_then(|end| text.get(end + 1..));
        text.get(..end.unwrap_or(text.len()))
    })
}

/// A prompt, then a word.
fn types(line: &[u8], prompt: &[u8]) -> bool {
    line.strip_prefix(prompt).is_some_and(|rest| {
        rest.first().is_some_and(u8::is_ascii_lowercase)
            && (prompt == b"$ " || names::is_command(read(rest, 0).0.base()))
    })
}

/// Does the text start with a command that works on files of its own, so that what follows was not injected?
fn is_command_line(line: &[u8]) -> bool {
    let (word, at) = read(line, 0);
    let name = word.text();
    matches!(name, b"mkdir" | b"install" | b"cc" | b"gcc" | b"make" | b"test" | b"sqlite3")
        && line.get(at).is_some_and(u8::is_ascii_whitespace)
        && Arguments::of(line, at) != Arguments::None
}
