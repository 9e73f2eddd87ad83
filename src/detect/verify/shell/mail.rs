//! Is it a command for a mail server, behind a line break?
//!
//! Commands after RFC 5321 (SMTP), RFC 9051 (IMAP: each behind a tag) and RFC 1939 (POP3).

/// Commands of IMAP.
#[rustfmt::skip]
const IMAP: &[&[u8]] = &[
    b"append", b"authenticate", b"capability", b"check", b"close", b"copy", b"create", b"delete", b"examine",
    b"expunge", b"fetch", b"list", b"login", b"logout", b"lsub", b"noop", b"rename", b"search", b"select",
    b"starttls", b"status", b"store", b"subscribe", b"uid", b"unsubscribe",
];

/// Does a line of the value, but not its first, speak to a mail server?
pub(super) fn commands(view: &[u8]) -> bool {
    // A lone command, `DATA`, tells only where nothing stands before it.
    let first = view.trim_ascii_start().len() < view.len() && matches!(view.first(), Some(b'\r' | b'\n'));
    let mut lines = view.split(|byte| matches!(byte, b'\r' | b'\n')).skip(1).filter(|line| !line.is_empty());
    let starts = first && lines.clone().next().is_some_and(lone);
    starts
        || lines.any(|line| [&b"mail from:<"[..], b"rcpt to:<"].iter().any(|part| line.starts_with(part)) || imap(line))
}

/// A whole line that is a command of SMTP or POP3.
fn lone(line: &[u8]) -> bool {
    let mut words = line.trim_ascii().split(|byte| *byte == b' ');
    let (command, argument, more) = (words.next().unwrap_or_default(), words.next(), words.next());
    let number = argument.is_some_and(|argument| argument.iter().all(u8::is_ascii_digit) && !argument.is_empty());
    match command {
        b"data" | b"rset" | b"quit" | b"stat" | b"noop" | b"uidl" | b"capa" => argument.is_none(),
        b"list" | b"retr" | b"dele" => number && more.is_none(),
        b"top" => number && more.is_some(),
        b"ehlo" | b"helo" | b"vrfy" | b"expn" | b"apop" => argument.is_some(),
        _ => false,
    }
}

/// A tag with a digit, then a command: `a003 append`.
fn imap(line: &[u8]) -> bool {
    let mut words = line.splitn(3, |byte| *byte == b' ');
    let (tag, command, rest) = (words.next().unwrap_or_default(), words.next().unwrap_or_default(), words.next());
    let digits = tag.iter().skip(1).all(u8::is_ascii_digit);
    let tagged = (3..=6).contains(&tag.len()) && tag.first().is_some_and(u8::is_ascii_lowercase) && digits;
    let named = tag.len() == 2 && digits && matches!(command, b"examine" | b"expunge" | b"authenticate");
    (tagged || named)
        && IMAP.contains(&command)
        && (rest.is_some() || matches!(command, b"noop" | b"logout" | b"expunge"))
}
