//! Which parameters does a header of a part have: `form-data; name="a"; filename*0="b"; filename*1=".php"`?
//!
//! RFC 2183 and RFC 7578, read as the laxest server does; RFC 2231 and RFC 8187 (continuations, character sets) and RFC 2047
//! (encoded words) undone.

use crate::read::{base64, quoted, shape};

/// The most parameters of one header that are told apart.
const MOST: usize = 64;

/// A parameter: its key in lower case without what follows a `*`, and a value that some server reads.
pub(super) type Parameter = (Vec<u8>, Vec<u8>);

/// The parameters of a header's value. One that is coded or continued comes once as it stands and once more as it is read; the
/// key says whether it had a `*`.
pub(super) fn parameters(value: &[u8]) -> Vec<(Parameter, bool)> {
    let mut all = Vec::new();
    // The pieces of those that are continued, each with its key.
    let mut joined: Vec<Parameter> = Vec::new();
    pairs(value, &mut |key, value| {
        // `.filename`: a server that searches for the name reads it.
        let key = key.strip_prefix(b".").unwrap_or(key).to_ascii_lowercase();
        let mut parts = key.split(|byte| *byte == b'*');
        let name = parts.next().unwrap_or_default().trim_ascii().to_vec();
        let is_numbered = parts.next().is_some_and(|part| !part.is_empty() && part.iter().all(u8::is_ascii_digit));
        let is_extended = key.len() > name.len();
        let plain = if is_extended { without_charset(&value).to_vec() } else { value };
        if let Some(read) = encoded_words(&plain) {
            all.push(((name.clone(), read), is_extended));
        }
        if is_numbered {
            match joined.iter_mut().find(|(known, _)| *known == name) {
                Some((_, whole)) => whole.extend_from_slice(&plain),
                None => joined.push((name.clone(), plain.clone())),
            }
        }
        all.push(((name, plain), is_extended));
        all.len() < MOST
    });
    all.extend(joined.into_iter().map(|parameter| (parameter, true)));
    all
}

/// Does every server read the same parameters: of tokens and strings in quotes, each behind a semicolon, none of them like one that
/// is searched for (`xboundary`, `filename0`), and the one that matters at most once?
pub(in crate::read) fn is_plain(value: &[u8], matters: &[u8]) -> bool {
    let kind = token(value);
    let mut rest = value.get(kind.len()..).unwrap_or_default().trim_ascii();
    let mut count = 0;
    while let Some(parameter) = rest.strip_prefix(b";") {
        let parameter = parameter.trim_ascii_start();
        if parameter.is_empty() {
            return true;
        }
        let key = token(parameter);
        let Some(after) = parameter.get(key.len()..).and_then(|after| after.strip_prefix(b"=")) else { return false };
        let is_same = key.eq_ignore_ascii_case(matters);
        let is_extended = key.strip_suffix(b"*").is_some_and(|key| key.eq_ignore_ascii_case(matters));
        if !is_same && !is_extended && shape::has(key, matters) {
            return false;
        }
        count += usize::from(is_same);
        let length = match after.split_first() {
            Some((b'"', inside)) => inside.iter().position(|byte| *byte == b'"').map(|end| end + 2),
            // `UTF-8''a`
            _ if is_extended => after.iter().position(|byte| matches!(byte, b';' | b' ')).or(Some(after.len())),
            _ => Some(token(after).len()),
        };
        let Some(behind) = length.and_then(|length| after.get(length..)).filter(|_| count <= 1) else { return false };
        rest = behind.trim_ascii_start();
    }
    rest.is_empty()
}

/// The token at the start (RFC 9110, 5.6.2).
fn token(text: &[u8]) -> &[u8] {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&*+-.^_`|~:/@".contains(byte);
    text.get(..text.iter().position(|byte| !is_token(byte)).unwrap_or(text.len())).unwrap_or_default()
}

/// Each key and value in turn, as long as `take` wants more.
fn pairs(value: &[u8], take: &mut dyn FnMut(&[u8], Vec<u8>) -> bool) {
    let mut rest = value;
    // Does a parameter follow a closing quote at once: `name="a"filename="b"`? Some servers search for its name.
    let mut joined = false;
    while let Some(at) = if joined { Some(0) } else { rest.iter().position(|byte| *byte == b';').map(|at| at + 1) } {
        rest = rest.get(at..).unwrap_or_default().trim_ascii_start();
        joined = false;
        let Some(equals) = rest.iter().position(|byte| matches!(byte, b'=' | b';')) else { return };
        let (key, after) = rest.split_at(equals);
        let Some(after) = after.strip_prefix(b"=").map(<[u8]>::trim_ascii_start) else { continue };
        let quote = after.first().copied().filter(|byte| matches!(byte, b'"' | b'\''));
        let mut text = Vec::new();
        let mut escaped = false;
        let mut length = usize::from(quote.is_some());
        for byte in after.get(length..).unwrap_or_default() {
            match (byte, quote) {
                (b'"' | b'\\', Some(_)) if escaped => {
                    text.pop();
                }
                (byte, Some(quote)) if *byte == quote => break,
                (b';', None) => break,
                _ => {}
            }
            escaped = *byte == b'\\' && !escaped;
            text.push(*byte);
            length += 1;
        }
        if !take(key.trim_ascii(), text) {
            return;
        }
        rest = after.get(length..).unwrap_or_default();
        if let Some(behind) = rest.strip_prefix(b"\"").filter(|_| quote == Some(b'"')).map(<[u8]>::trim_ascii_start)
            && behind.first().is_some_and(u8::is_ascii_alphabetic)
        {
            (rest, joined) = (behind, true);
        }
    }
}

/// `UTF-8'en'na%C3%AFve` without what stands before the text (RFC 8187).
fn without_charset(value: &[u8]) -> &[u8] {
    let mut quotes = value.iter().enumerate().filter(|(_, byte)| **byte == b'\'').map(|(at, _)| at);
    match (quotes.next(), quotes.next()) {
        (Some(first), Some(second))
            if value.get(..first).is_some_and(|charset| {
                charset.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte))
            }) =>
        {
            value.get(second + 1..).unwrap_or_default()
        }
        _ => value,
    }
}

/// The text with its encoded words undone, `=?utf-8?Q?k=2ejsp?=`; nothing if there is none.
fn encoded_words(text: &[u8]) -> Option<Vec<u8>> {
    memchr::memmem::find(text, b"=?")?;
    let mut output = Vec::new();
    let mut rest = text;
    let mut any = false;
    while let Some(start) = memchr::memmem::find(rest, b"=?") {
        let (before, word) = rest.split_at(start);
        let mut parts = word.get(2..).unwrap_or_default().splitn(3, |byte| *byte == b'?');
        let (_charset, coding, body) = (parts.next(), parts.next(), parts.next());
        let end = body.and_then(|body| memchr::memmem::find(body, b"?="));
        let (Some(coding), Some(body), Some(end)) = (coding, body, end) else { break };
        let coded = body.get(..end).unwrap_or_default();
        // Blanks between two words are not part of the text.
        if !(any && before.iter().all(u8::is_ascii_whitespace)) {
            output.extend_from_slice(before);
        }
        match coding.to_ascii_lowercase().as_slice() {
            b"q" => output.extend(quoted::decoded_word(coded)),
            b"b" => output.extend(base64::decoded(coded)),
            _ => output.extend_from_slice(coded),
        }
        any = true;
        rest = body.get(end + 2..).unwrap_or_default();
    }
    output.extend_from_slice(rest);
    any.then_some(output)
}

/// The boundaries that a content type declares, with all spellings of one; each as `--boundary`.
pub(in crate::read) fn boundaries(content_type: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for ((key, value), _) in parameters(content_type) {
        let value = value.trim_ascii_end();
        if key == b"boundary" && !value.is_empty() && all.len() < 8 {
            all.push([b"--", value].concat());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_in_each_spelling() {
        let rows = [
            ("form-data; name=a", "name=a"),
            ("form-data; name=\"a\\\"b\"; filename=\"C:\\x\"", "name=a\"b filename=C:\\x"),
            ("form-data; filename*=UTF-8''%3Cb", "filename=%3Cb"),
            ("form-data; filename*=b'c", "filename=b'c"),
            ("form-data; filename*0=\"a.p\"; filename*1=hp", "filename=a.p filename=hp filename=a.php"),
            ("form-data; filename*0*=utf-8''a.; filename*1*=php", "filename=a. filename=php filename=a.php"),
            ("form-data; filename=\"=?utf-8?Q?k=2ejsp?=\"", "filename=k.jsp filename==?utf-8?Q?k=2ejsp?="),
            ("x; filename=\"=?u?B?ay5q?= =?u?B?c3A=?=\"", "filename=k.jsp filename==?u?B?ay5q?= =?u?B?c3A=?="),
            ("form-data; name=\"a\"filename=\"b.jsp\"", "name=a filename=b.jsp"),
            ("form-data; name=\"a\" filename=b", "name=a filename=b"),
            ("form-data; name=\"a\"; .filename=\"b\"", "name=a filename=b"),
            ("form-data; name=\"open", "name=open"),
        ];
        for (value, expected) in rows {
            let found: Vec<_> = parameters(value.as_bytes())
                .into_iter()
                .map(|((key, value), _)| {
                    format!("{}={}", String::from_utf8_lossy(&key), String::from_utf8_lossy(&value))
                })
                .collect();
            assert_eq!(found.join(" "), expected, "{value}");
        }
    }

    #[test]
    fn what_every_server_reads_alike() {
        for (value, matters, expected) in [
            ("form-data; name=\"a\"; filename=\"b c.png\"", "filename", true),
            ("form-data; name=a; filename=b.png;", "filename", true),
            ("form-data; name=\"a\"; filename=\"b\"; filename*=UTF-8''b", "filename", true),
            ("form-data; name=\"a\"", "filename", true),
            ("multipart/form-data; boundary=----x; charset=utf-8", "boundary", true),
            ("form-data; name=\"a\"; filenamex=\"b\"", "filename", false),
            ("form-data; name=\"a\"; .filename=\"b\"", "filename", false),
            ("form-data; name=\"a\"filename=\"b\"", "filename", false),
            ("form-data; x=a\"; filename=\"b", "filename", false),
            ("form-data; filename=\"a\"; filename=\"b\"", "filename", false),
            ("multipart/form-data; boundary=zz,yy", "boundary", false),
            ("multipart/form-data; xboundary=a; boundary=b", "boundary", false),
            ("multipart/form-data; boundary='a'", "boundary", false),
            ("multipart/form-data, boundary=a", "boundary", false),
        ] {
            assert_eq!(is_plain(value.as_bytes(), matters.as_bytes()), expected, "{value}");
        }
    }

    #[test]
    fn boundaries_are_read_in_each_spelling() {
        let rows = [
            ("multipart/form-data", ""),
            ("multipart/form-data; boundary=b", "--b"),
            ("multipart/form-data; boundary=\"b c\"; charset=x", "--b c"),
            ("multipart/form-data; boundary=a; Boundary=b", "--a --b"),
            ("multipart/form-data; boundary*0=z; boundary*=us-ascii''b", "--z --b --z"),
        ];
        for (content_type, expected) in rows {
            let found: Vec<_> = boundaries(content_type.as_bytes())
                .iter()
                .map(|one| String::from_utf8_lossy(one).into_owned())
                .collect();
            assert_eq!(found.join(" "), expected, "{content_type}");
        }
    }
}
