//! Is a line of a value a command for Redis or Memcached?
//!
//! Both take inline commands, one a line (Redis: "Inline commands" of RESP; Memcached: its text protocol), so a line break in a
//! value that an application or a proxy passes on is enough.

use crate::detect::verify::word_list::WordList;

/// Commands of Redis that take arguments, with which data, settings and scripts are written.
static REDIS: WordList = WordList::new(
    "auth bgrewriteaof bgsave config debug del eval evalsha flushall flushdb keys lpush migrate module mset psync \
     replicaof rpush save script set setex shutdown slaveof",
);
/// Second words without which a line may be prose.
const SECOND: &[(&[u8], &[&[u8]])] = &[
    (b"config", &[b"set", b"get", b"rewrite"]),
    (b"script", &[b"load", b"flush"]),
    (b"module", &[b"load"]),
    (b"debug", &[b"sleep", b"object", b"segfault"]),
];
/// No injected commands are longer, in bytes.
const LONGEST: usize = 1024;
/// Nor do they take more lines.
const LINES: usize = 8;
/// Commands that need no argument.
const ALONE: &[&[u8]] = &[b"flushall", b"flushdb", b"flush_all", b"bgsave", b"bgrewriteaof"];

/// Is one of the lines behind the first such a command?
pub(super) fn commands(view: &[u8]) -> bool {
    // A text of many lines is a script or a letter.
    if view.len() > LONGEST || view.iter().filter(|byte| **byte == b'\n').count() > LINES {
        return false;
    }
    let mut lines = view.split(|byte| *byte == b'\n');
    let first = lines.next().unwrap_or_default();
    // Lines of a text end in LF; a protocol's in CR LF, and only there is a line break an argument's end.
    let multibulk = |line: &[u8]| matches!(line, [b'*', digit, ..] if digit.is_ascii_digit() && line.len() <= 4);
    let mut before = first;
    for line in lines {
        if before.ends_with(b"\r")
            && (is_command(line.trim_ascii()) || multibulk(before.trim_ascii()) && line.starts_with(b"$"))
        {
            return true;
        }
        before = line;
    }
    false
}

fn is_command(line: &[u8]) -> bool {
    let mut words = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let (name, first, second) = (words.next().unwrap_or_default(), words.next(), words.next());
    if ALONE.contains(&name) {
        return true;
    }
    let stored = |word: Option<&[u8]>| word.is_some_and(|word| word.iter().all(u8::is_ascii_digit));
    match (first, second) {
        _ if !REDIS.has(name) => false,
        (Some(first), _) if SECOND.iter().any(|(known, _)| *known == name) => {
            SECOND.iter().any(|(known, words)| *known == name && words.contains(&first))
        }
        // `eval 'return 1' 0`, `slaveof a.example 6379`.
        (Some(first), _) if name.starts_with(b"eval") => matches!(first.first(), Some(b'\'' | b'"')),
        (Some(_), Some(second)) if matches!(name, b"slaveof" | b"replicaof") => {
            stored(Some(second)) || second == b"one"
        }
        // `set key value`, `set key 0 60 5` of Memcached.
        (Some(first), Some(_)) if first.starts_with(b"-") => false,
        // Prose sets the table, too.
        (Some(first), Some(second)) if [first, second].iter().all(|word| word.iter().all(u8::is_ascii_alphabetic)) => {
            false
        }
        (Some(_), Some(_)) => {
            matches!(name, b"set" | b"setex" | b"lpush" | b"rpush" | b"mset" | b"migrate") && words.count() <= 3
        }
        (Some(first), None) => {
            matches!(name, b"auth" | b"del" | b"keys") && !first.is_empty() || name == b"shutdown" && first == b"nosave"
        }
        _ => false,
    }
}
