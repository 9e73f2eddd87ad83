//! Is it one of the shell's compound commands, a function, or a redirection: what no list of commands knows?
//!
//! After POSIX.1-2017, Shell Command Language, 2.7 (redirection), 2.9.4 (compound commands) and 2.9.5 (functions). Prose has the
//! reserved words too, so the word that has to follow decides.

use super::names;
use super::trick::forks;
use super::word::read;
use crate::detect::verify::bytes::{find, is_word, word_after};

/// A compound command is read so far, in bytes.
const LONGEST: usize = 256;

/// `case a in *)id;;esac`, `until id;do :;done`, `if id;then`: a reserved word, and the one that has to follow.
pub(super) fn is_reserved(view: &[u8], start: usize) -> bool {
    let rest = view.get(start..(start + LONGEST).min(view.len())).unwrap_or_default().trim_ascii_start();
    let word = word_after(rest);
    let rest = rest.get(word.len()..).unwrap_or_default();
    if !rest.first().is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'(' | b'[' | b'$' | b'!')) {
        return false;
    }
    let is_whole = match word {
        b"case" => find(rest, 0, b" in ").is_some_and(|at| {
            let arms = rest.get(at..).unwrap_or_default();
            arms.contains(&b')') && (find(arms, 0, b";;").is_some() || find(arms, 0, b"esac").is_some())
        }),
        b"until" | b"while" => is_followed(rest, b"do"),
        b"for" | b"select" => find(rest, 0, b"in ").is_some() && is_followed(rest, b"do"),
        b"if" => is_followed(rest, b"then"),
        _ => false,
    };
    // What costs most comes last.
    is_whole && cuts_data(view, start)
}

/// Does the separator cut data off, which is the first line so far: a few words at most?
fn cuts_data(view: &[u8], start: usize) -> bool {
    const WORDS: usize = 3;
    const DATA: usize = 1024;
    let mut words = 0;
    let mut is_word = false;
    for byte in view.get(..start).filter(|before| before.len() <= DATA).unwrap_or(b"\n") {
        let begins = !is_word && !byte.is_ascii_whitespace();
        is_word = !byte.is_ascii_whitespace();
        words += usize::from(begins);
        if *byte == b'\n' || words > WORDS {
            return false;
        }
    }
    true
}

/// Does the word stand behind a semicolon or a line break?
fn is_followed(rest: &[u8], word: &[u8]) -> bool {
    rest.split(|byte| matches!(byte, b';' | b'\n')).skip(1).any(|list| {
        let list = list.trim_ascii_start();
        list.strip_prefix(word).is_some_and(|after| after.first().is_none_or(|byte| !is_word(*byte)))
    })
}

/// `f(){ id;};f`, `function f { id; }; f`: a function, and its call without parentheses.
pub(super) fn defines_and_calls(view: &[u8], start: usize) -> bool {
    let rest = view.get(start..(start + LONGEST).min(view.len())).unwrap_or_default().trim_ascii_start();
    let named = rest.strip_prefix(b"function ");
    let text = named.unwrap_or(rest).trim_ascii_start();
    let name = word_after(text);
    let after = text.get(name.len()..).unwrap_or_default().trim_ascii_start();
    let body = after.strip_prefix(b"()").or(after.strip_prefix(b"( )"));
    let body = body.or(named.map(|_| after)).unwrap_or_default().trim_ascii_start();
    let Some(inside) = body.strip_prefix(b"{") else { return false };
    let Some(end) = inside.iter().rposition(|byte| *byte == b'}') else { return false };
    let behind = inside.get(end + 1..).unwrap_or_default().trim_ascii_start();
    let Some(call) = behind.strip_prefix(b";").or(behind.strip_prefix(b"\n")) else { return false };
    let call = call.trim_ascii();
    let called = word_after(call);
    !name.is_empty()
        && !forks(view)
        && called == name
        && !call.get(called.len()..).is_some_and(|rest| rest.starts_with(b"("))
        && !call.contains(&b'=')
}

/// `<a.txt cat`, `>/tmp/x`, `2>&1 id`: a redirection before its command, or one that writes a file of the system.
pub(super) fn is_redirected(view: &[u8], start: usize) -> bool {
    let rest = view.get(start..(start + LONGEST).min(view.len())).unwrap_or_default().trim_ascii_start();
    let rest = rest.strip_prefix(b"2").unwrap_or(rest);
    let reads = rest.first() == Some(&b'<');
    let Some(target) = rest.strip_prefix(b"<").or(rest.strip_prefix(b">")) else { return false };
    let target = target.strip_prefix(b">").unwrap_or(target);
    let target = target.strip_prefix(b"&").unwrap_or(target).trim_ascii_start();
    let length =
        target.iter().position(|byte| byte.is_ascii_whitespace() || b";|&<>".contains(byte)).unwrap_or(target.len());
    let (file, after) = target.split_at(length);
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
    if file.is_empty() || !file.iter().all(plain) {
        return false;
    }
    let ends = after.is_empty() || after.first().is_some_and(|byte| b";|&".contains(byte));
    let writes = !reads
        && ends
        && [&b"/tmp/"[..], b"/var/", b"/etc/", b"/dev/", b"/srv/", b"/home/", b"/root/", b"./"]
            .iter()
            .any(|folder| file.starts_with(folder));
    let command = read(after, 0).0;
    let named =
        reads && (file.contains(&b'/') || file.contains(&b'.')) || file == b"1" || !reads && file.contains(&b'/');
    writes || named && after.starts_with(b" ") && names::is_command(command.base())
}

/// `./x`, `. ./x`, `source /x/y`, `/tmp/k`: does the command run a file that the value names, and nothing else?
pub(super) fn runs_file(view: &[u8], start: usize) -> bool {
    if view.len() > LONGEST || !cuts_data(view, start) {
        return false;
    }
    let before = view.get(..start).unwrap_or_default();
    let line = view.get(start..).unwrap_or_default();
    let line =
        line.split(|byte| matches!(byte, b';' | b'|' | b'&' | b'\n' | b'#')).next().unwrap_or_default().trim_ascii();
    let sourced = [&b". "[..], b"source "].iter().find_map(|word| line.strip_prefix(*word));
    let file = sourced.unwrap_or(line).trim_ascii();
    let plain = file.iter().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(byte)) && file.len() >= 3;
    let local = [&b"./"[..], b"../", b"/tmp/", b"/var/tmp/", b"/dev/shm/", b"/var/www/"]
        .iter()
        .any(|folder| file.starts_with(folder));
    let named = file.last().is_some_and(|byte| is_word(*byte));
    // A list of paths is separated by such signs, too.
    plain && named && (local || sourced.is_some() && file.contains(&b'/')) && !before.contains(&b'/')
}

/// Variables that decide what a shell or the loader runs.
#[rustfmt::skip]
const VARIABLES: &[&[u8]] = &[
    b"path=", b"ld_preload=", b"ld_library_path=", b"bash_env=", b"env=", b"ifs=", b"prompt_command=", b"perl5opt=", b"pythonpath=", b"node_options=",
];

/// `PATH=uploads;x`, `IFS=,;a`: a variable that decides what runs, and a command behind it.
pub(super) fn sets_search(view: &[u8], start: usize) -> bool {
    let rest = view.get(start..(start + LONGEST).min(view.len())).unwrap_or_default().trim_ascii_start();
    let Some(variable) = VARIABLES.iter().find(|name| rest.starts_with(name)) else { return false };
    let value = rest.get(variable.len()..).unwrap_or_default();
    let length = value.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b';').unwrap_or(value.len());
    let (value, after) = value.split_at(length);
    let command = after.get(1..).unwrap_or_default().trim_ascii_start();
    // A cookie has a path that starts at the root, and attributes behind it.
    let cookie = *variable == b"path=" && value.starts_with(b"/")
        || [&b"domain"[..], b"secure", b"httponly", b"samesite", b"expires", b"max-age"]
            .iter()
            .any(|word| command.starts_with(word));
    !value.is_empty()
        && !cookie
        && command.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"/.$`".contains(byte))
}
