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
