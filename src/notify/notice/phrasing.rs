//! How are numbers, moments and names put into a sentence?

use std::fmt;

use crate::clock::Timestamp;
use crate::points::Points;
use crate::text::untrusted;

/// ` × 2`; nothing for once.
pub struct Times(pub u32);

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 1 { Ok(()) } else { write!(f, " × {}", self.0) }
    }
}

/// `1 point`, `13 points`.
pub struct Counted(pub Points);

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, if self.0 == Points::whole(1) { "point" } else { "points" })
    }
}

/// `and 2 more rules`: the end of a list that was cut.
pub struct MoreRules(pub usize);

impl fmt::Display for MoreRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "and {} more {}", self.0, if self.0 == 1 { "rule" } else { "rules" })
    }
}

/// A moment for people: `2026-01-02 03:04:05 UTC`.
pub struct Readable(pub Timestamp);

impl fmt::Display for Readable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        write!(f, "{} UTC", text.split('.').next().unwrap_or_default().replace('T', " "))
    }
}

/// The longest route, rule, source, service or environment.
const WORD_LIMIT: usize = 80;

/// A route, a rule, a source, a service or an environment: cleaned, cut, and no link.
pub fn word(text: &str) -> String {
    untrusted::defanged(text, WORD_LIMIT)
}

/// A name for people, cut to `max` UTF-16 units: mail programs and phones make links of whatever looks like a host, so its
/// dots are spelled `[.]`, as analysts write it. An e-mail address stays, as most names with a dot are one and a link of
/// it leads nowhere; so do numbers such as `192.0.2.7`.
pub fn name(text: &str, max: usize) -> String {
    let mut name = String::new();
    for word in text.split_inclusive(char::is_whitespace) {
        if is_mail_address(word.trim_end()) {
            name.push_str(word);
        } else {
            push_without_hosts(&mut name, word);
        }
    }
    untrusted::defanged(&name, max)
}

fn is_mail_address(word: &str) -> bool {
    let is_host = |host: &str| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    word.split_once('@')
        .is_some_and(|(person, host)| !person.contains(['/', ':', '@']) && !person.is_empty() && is_host(host))
}

/// IDNA takes the full stops of other scripts for dots.
fn push_without_hosts(name: &mut String, word: &str) {
    let mut characters = word.chars().peekable();
    let mut before = None;
    while let Some(character) = characters.next() {
        let is_dot = matches!(character, '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}');
        let is_inside =
            before.is_some_and(char::is_alphanumeric) && characters.peek().is_some_and(|next| next.is_alphabetic());
        if is_dot && is_inside {
            name.push_str("[.]")
        } else {
            name.push(character)
        }
        before = Some(character);
    }
}
