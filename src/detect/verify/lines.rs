//! Does a line break start something new: a header, an answer, a request, a receiver of a mail?
//!
//! RFC 9112 (the lines of HTTP/1.1), RFC 5322 and 5321 (mail).

use super::bytes::find;
use super::subject::Subject;
use crate::detect::matcher::Evidence;
use crate::read::target::Target;

/// Headers that an answer would take for its own.
#[rustfmt::skip]
const HEADERS: &[&[u8]] = &[
    b"set-cookie:", b"location:", b"content-type:", b"content-length:", b"http/1.", b"refresh:", b"access-control-allow-origin:",
    b"x-xss-protection:", b"content-security-policy:", b"transfer-encoding:", b"cache-control:", b"last-modified:",
];
/// Those that an answer is made to begin with, where a redirect or a cookie takes a value.
const STARTS: &[&[u8]] = &[b"set-cookie:", b"location:"];
const METHODS: &[&[u8]] =
    &[b"get ", b"post ", b"head ", b"put ", b"delete ", b"options ", b"connect ", b"trace ", b"patch ", b"propfind "];
const RECEIVERS: &[&[u8]] =
    &[b"bcc:", b"cc:", b"to:", b"reply-to:", b"from:", b"sender:", b"return-path:", b"errors-to:"];
/// Headers that change what a mail says.
const MAIL: &[&[u8]] = &[
    b"subject:",
    b"mime-version:",
    b"content-type:",
    b"content-transfer-encoding:",
    b"x-mailer:",
    b"x-priority:",
    b"in-reply-to:",
    b"references:",
];
const COMMANDS: &[&[u8]] = &[b"rcpt to:", b"mail from:", b"data\r", b"helo ", b"ehlo ", b"quit\r"];
/// A mail's field is no longer, in bytes.
const LONGEST: usize = 1024;

/// Reports headers, answers, requests and mail commands behind a line break. Reads each line once.
pub(super) fn verify(subject: &Subject<'_>, found: &mut dyn FnMut(Evidence)) {
    let Subject { view, target, .. } = *subject;
    let in_body = target.in_body();
    let mut headers = 0;
    let first = view.split(is_break).next().unwrap_or_default();
    // Where another line of a text stands before the headers, a mail is quoted.
    let second = view.split(is_break).skip(1).map(<[u8]>::trim_ascii).find(|line| !line.is_empty());
    let is_quoted = second.is_some_and(|line| !RECEIVERS.iter().chain(MAIL).any(|header| line.starts_with(header)));
    let is_field = is_mail_field(subject.name);
    let mut start = 0;
    for (number, line) in view.split(is_break).enumerate() {
        let carriage =
            start > 0 && view.get(..start).is_some_and(|before| before.ends_with(b"\r") || before.ends_with(b"\r\n"));
        start += line.len() + 1;
        let is_folded = matches!(line, [b'\t', ..] | [b' ', b' ', ..]);
        let line = line.trim_ascii_start();
        if !in_body || target == Target::Form {
            request(line, found);
        }
        if number == 0 || line.is_empty() {
            continue;
        }
        if HEADERS.iter().any(|header| line.starts_with(header)) {
            headers += 1;
            if !in_body || number <= 2 && is_word(first) && STARTS.iter().any(|header| line.starts_with(header)) {
                found(Evidence::LinesHeader);
            } else if headers > 1 && line.starts_with(b"http/1.") {
                found(Evidence::LinesAnswer);
            }
        } else if !in_body && carriage && is_header(line) {
            found(Evidence::LinesAny);
        }
        // A header that begins with a blank goes on with the one before (RFC 5322, 2.2.3).
        if view.len() <= LONGEST
            && (!is_folded
                || first.contains(&b'@')
                || [&b"bcc:"[..], b"cc:"].iter().any(|header| line.starts_with(header)))
        {
            mail(first, is_quoted, is_field, line, found);
        }
    }
    let breaks = view.trim_ascii().iter().any(is_break);
    let odd = match target {
        Target::Path => breaks,
        Target::Header => breaks && view.contains(&b'\r') && !is_text_of_link(subject),
        Target::Query if subject.is_name => view.iter().any(is_break),
        Target::Query => view.len() >= 2 && view.iter().all(is_break),
        _ => false,
    };
    if odd {
        found(Evidence::LinesBreak);
    }
    if let Some(at) = find(view, 0, b"0\r\n\r\n")
        && (at == 0 || view.get(..at).is_some_and(|before| before.ends_with(b"\n")))
        && METHODS.iter().any(|method| view.get(at + 5..).is_some_and(|rest| rest.starts_with(method)))
    {
        found(Evidence::LinesChunk);
    }
}

/// The page before was asked with a text of several lines: `?text=one%0d%0atwo`.
fn is_text_of_link(subject: &Subject<'_>) -> bool {
    const WORDS: usize = 4;
    let mut lines = subject.view.split(is_break);
    let first = lines.next().unwrap_or_default();
    let asks = find(first, 0, b"://").is_some_and(|at| first.iter().position(|byte| *byte == b'?') > Some(at));
    let is_sentence = |line: &[u8]| {
        let is_word = |word: &&[u8]| word.len() > 1 && word.iter().all(u8::is_ascii_alphabetic);
        line.first().is_none_or(u8::is_ascii_alphabetic)
            && !is_header(line)
            && (line.is_empty()
                || line.starts_with(b"https://")
                || line.split(|byte| b" +".contains(byte)).filter(is_word).count() >= WORDS)
    };
    subject.name == b"referer" && asks && lines.all(is_sentence)
}

fn is_break(byte: &u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// Headers of one word, and what tests call theirs; others have a hyphen.
#[rustfmt::skip]
const WORDS: &[&[u8]] = &[
    b"accept", b"allow", b"connection", b"cookie", b"etag", b"expect", b"expires", b"forwarded", b"header", b"host", b"location", b"origin", b"pragma", b"referer", b"refresh", b"server", b"trailer",
    b"upgrade", b"vary", b"via", b"crlf", b"test", b"injected", b"evil",
];

/// `Name-Of-Header: value`.
fn is_header(line: &[u8]) -> bool {
    let name = line.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
    let (word, value) = line.split_at(name);
    if !word.contains(&b'-') && !WORDS.contains(&word) {
        return false;
    }
    (3..=40).contains(&name) && value.starts_with(b":") && value.len() > 1 && !value.starts_with(b"://")
}

/// `GET http://host/path HTTP/1.1`.
fn request(line: &[u8], found: &mut dyn FnMut(Evidence)) {
    let Some(method) = METHODS.iter().find(|method| line.starts_with(method)) else { return };
    let mut words = line.get(method.len()..).unwrap_or_default().split(|byte| *byte == b' ');
    let target = words.next().unwrap_or_default();
    let is_target = target.starts_with(b"/") || find(target, 0, b"://").is_some() || target == b"*";
    if is_target && words.next().is_some_and(|version| version.starts_with(b"http/")) {
        found(Evidence::LinesRequest);
    }
}

/// Does a field of this name hold one line of a mail: who it is from, who gets it?
fn is_mail_field(name: &[u8]) -> bool {
    const FIELDS: &[&[u8]] =
        &[b"email", b"mail", b"from", b"to", b"sender", b"recipient", b"reply_to", b"replyto", b"subject"];
    FIELDS.iter().any(|field| name.eq_ignore_ascii_case(field))
}

/// One word, or the path of a page: not the first line of a text.
fn is_word(line: &[u8]) -> bool {
    !line.is_empty()
        && line.len() <= 80
        && line.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(byte))
}

/// A further receiver or a command, where the field is one line: an address, a subject.
fn mail(first: &[u8], is_quoted: bool, is_field: bool, line: &[u8], found: &mut dyn FnMut(Evidence)) {
    let field = first.len() <= 80 && !first.contains(&b':');
    if !field {
        return;
    }
    let address = first.contains(&b'@') && !first.contains(&b' ') || is_field;
    if let Some(receiver) = RECEIVERS.iter().find(|receiver| line.starts_with(receiver))
        && line.contains(&b'@')
        && (address || first.trim_ascii().is_empty() || receiver.ends_with(b"cc:") && !is_quoted)
    {
        found(Evidence::LinesMail);
    }
    // Another header of the same mail, where the field is an address.
    if address && MAIL.iter().any(|header| line.starts_with(header)) {
        found(Evidence::LinesMail);
    }
    if first.contains(&b'@') && line.trim_ascii_end() == b"data" {
        found(Evidence::LinesCommand);
    }
    if COMMANDS.iter().take(2).any(|command| line.starts_with(command)) && line.contains(&b'@') {
        found(Evidence::LinesCommand);
    }
}
