//! Is a value random: a password, a key, octets? Whatever a rule looks for stands in some of them by chance.

use super::category::Category;
use crate::read::field::Field;
use std::ops::RangeInclusive;

/// A shorter value, in bytes, has too little of anything to tell.
const SHORTEST: usize = 8;
/// A longer one is no password.
const LONGEST: usize = 128;
/// Octets have a length in these bounds, in bytes: as a hash, a key, a signature. The upper one also bounds what is read for each
/// match in a value.
const OCTETS: RangeInclusive<usize> = 16..=512;
/// Text in octets that is as long as this, in bytes, may be a payload.
const TEXT: usize = 12;

/// Is what a rule of this category found in a value there by chance?
///
/// In octets that are control characters and odd spellings of ASCII, and where nothing else is in them, what takes a few signs of
/// a language. In a password, under the name of a secret, that is
/// it is the latter, too. Addresses, paths and lookups are never there by chance: they take more than a few signs.
pub(super) fn is_chance(category: Category, field: Field<'_>, value: &[u8]) -> bool {
    match category {
        Category::Protocol => is_octets(value),
        Category::Sqli
        | Category::Nosqli
        | Category::Xss
        | Category::Rce
        | Category::CodeInjection
        | Category::Ssti
        | Category::Ldapi
        | Category::Xpath
        | Category::Ssi => is_secret(field.name) && is_password(value) || is_random_octets(value),
        _ => false,
    }
}

/// Is it the name of a field that holds a secret? The application chose it, so an attacker cannot.
fn is_secret(name: &[u8]) -> bool {
    let has = |word: &[u8]| name.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    let ends = |word: &[u8]| {
        name.len()
            .checked_sub(word.len())
            .and_then(|at| name.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(word))
    };
    has(b"passw")
        || has(b"passphrase")
        || has(b"pwd")
        || has(b"secret")
        || has(b"token")
        || has(b"credential")
        || ends(b"pass")
        || ends(b"key")
}

/// Is it a random password: no blanks, upper and lower case, at three of five characters another kind or another sign than before,
/// and no word: five letters of one case in a row, with vowels?
fn is_password(value: &[u8]) -> bool {
    // What joins the parts of a payload that has no blanks.
    let joins = |pair: &[u8]| matches!(pair, b"/*" | b"||" | b"&&");
    let is_graphic = value.iter().all(u8::is_ascii_graphic);
    if !(SHORTEST..=LONGEST).contains(&value.len()) || !is_graphic || value.windows(2).any(joins) {
        return false;
    }
    let kind = |byte: &u8| match byte {
        b'A'..=b'Z' => 0,
        b'a'..=b'z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    let runs = value.chunk_by(|one, next| kind(one) == kind(next) && (kind(one) < 3 || one == next));
    let is_vowel = |byte: &&u8| b"aeiou".contains(&byte.to_ascii_lowercase());
    let (mut changes, mut upper, mut lower, mut word, mut letters_joined) = (0, false, false, false, false);
    for run in runs {
        changes += 1;
        upper |= run.first().is_some_and(u8::is_ascii_uppercase);
        lower |= run.first().is_some_and(u8::is_ascii_lowercase);
        letters_joined |= run.len() > 1 && run.first().is_some_and(u8::is_ascii_alphabetic);
        let letters = run.first().is_some_and(u8::is_ascii_alphabetic) && run.len() >= 5;
        word |= letters && (run.len() > 7 || run.iter().filter(is_vowel).count() > 1);
    }
    lower && (upper || !letters_joined) && !word && changes * 5 >= value.len() * 3
}

/// How much of a value is no text.
#[derive(Debug, Default)]
struct Odd {
    /// Control characters and bytes that are not UTF-8, and how many different ones.
    count: usize,
    kinds: usize,
    /// The longest run of other bytes.
    text: usize,
}

impl Odd {
    fn of(value: &[u8]) -> Self {
        let (mut odd, mut seen, mut run) = (Self::default(), [false; 256], 0);
        for chunk in value.utf8_chunks() {
            let bytes = chunk.valid().bytes().map(|byte| (byte, byte.is_ascii_control()));
            for (byte, is_odd) in bytes.chain(chunk.invalid().iter().map(|byte| (*byte, true))) {
                run = if is_odd { 0 } else { run + 1 };
                odd.text = odd.text.max(run);
                odd.count += usize::from(is_odd);
                if let Some(seen) = seen.get_mut(usize::from(byte)).filter(|_| is_odd) {
                    odd.kinds += usize::from(!std::mem::replace(seen, true));
                }
            }
        }
        odd
    }
}

/// Is a quarter of it no text?
fn is_octets(value: &[u8]) -> bool {
    OCTETS.contains(&value.len()) && Odd::of(value).count * 4 >= value.len()
}

/// Is much of it no text, in many ways, and nowhere text that is long enough for a payload?
fn is_random_octets(value: &[u8]) -> bool {
    if !OCTETS.contains(&value.len()) {
        return false;
    }
    let odd = Odd::of(value);
    odd.count * 3 >= value.len() && odd.kinds >= 6 && odd.text < TEXT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_told_from_payloads() {
        let rows: [(&str, bool); 16] = [
            ("%$?@+*-0=1_%)$b8(c_0+9.$=1!", true),
            ("'or'1'='1'", false),
            ("D>yHDGk~C{\\Vn|xZ2<u&dq`t)y", true),
            ("LQqE3S${\"u27d>=#qv", true),
            ("S'4Iza(w&W<z", true),
            ("9Y>GU25c,GP?PXV'#", true),
            ("' or 1=1-- ", false),
            ("'or'1'='1", false),
            ("';WAITFOR/**/DELAY'0:0:5'--", false),
            ("$(curl${IFS}x.example)", false),
            ("admin'--", false),
            ("Admin'--", false),
            ("<svg/onload=alert(1)>", false),
            ("1'/**/oR/**/1=1#", false),
            ("x'||(sElEcT(1))||'", false),
            ("${T(java.lang.Runtime)}", false),
        ];
        for (value, expected) in rows {
            assert_eq!(is_password(value.as_bytes()), expected, "{value}");
        }
    }

    #[test]
    fn octets_are_told_from_text() {
        let octets = b"\x12\x34\xa9\xfe\x00\x81c\xc3\x07zQ\x9b\xe2\xd0\x13\xff\x41\x0d";
        let rows: [(&[u8], bool); 4] = [
            (octets, true),
            (b"../../../../etc/passwd\0", false),
            ("g\u{fc}nstige Z\u{fc}ge".as_bytes(), false),
            (b"\0", false),
        ];
        for (value, expected) in rows {
            assert_eq!(is_octets(value), expected, "{}", value.escape_ascii());
            assert_eq!(is_random_octets(value), expected, "{}", value.escape_ascii());
        }
    }

    #[test]
    fn a_payload_is_not_hidden_by_octets() {
        for value in [
            &b"' or 1=1-- \xff\xff\xff\xff\xff\xff"[..],
            b"\x81\x92\xa3\xb4\xc5\xd6\xe7\xf8; cat /etc/passwd",
            b";id\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        ] {
            assert!(!is_random_octets(value), "{}", value.escape_ascii());
        }
    }

    #[test]
    fn only_the_application_says_what_is_a_secret() {
        for (name, expected) in
            [("password", true), ("user[newPassword]", true), ("api_key", true), ("q", false), ("keyword", false)]
        {
            assert_eq!(is_secret(name.as_bytes()), expected, "{name}");
        }
    }
}
