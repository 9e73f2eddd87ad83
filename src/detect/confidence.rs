//! How sure is a detection: does it break out and do something, or does it only look like code?

use serde::{Deserialize, Serialize};

use super::category::{Category, Severity};
use super::rule::Rule;
use super::shape::Shape;
use crate::read::field::Field;
use crate::read::target::Target;

/// A text in a body that is longer than this, in bytes, is likely to be pasted.
const PASTED: usize = 512;

/// An exchange whose body shows more members than this is a document from a machine, not a form: what is only weak evidence
/// does not count there.
pub(super) const FORM: u32 = 20;

/// How sure it is that what matched was meant to attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Confidence {
    /// It only looks like code or like an address: weak by its rule, or because of what the value is as a whole.
    Low,
    /// It is odd where it stands.
    Medium,
    /// It breaks out of its place and does something.
    High,
}

impl Confidence {
    /// That of a rule's match where nothing speaks against it.
    pub(super) fn of(rule: &Rule<'_>) -> Self {
        match rule.severity {
            _ if rule.weak => Self::Low,
            Severity::Low | Severity::Medium => Self::Medium,
            Severity::High | Severity::Critical => Self::High,
        }
    }

    /// The stable name.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// How severe and how sure a match is where it stands: in a text that shows it, in a document where it is common, in a long text.
/// What was `written` for it, by the operator or by a watcher, stands where the place is only common.
pub(super) fn weigh(
    rule: &Rule<'_>,
    field: Field<'_>,
    shown: Option<Shape>,
    is_block: bool,
    written: Option<Severity>,
) -> (Severity, Confidence) {
    let severity = written.unwrap_or(rule.severity);
    let sure = Confidence::of(rule);
    let is_quoted = is_code(rule.category) && shows_code(field)
        || rule.category.is_of_values() && (is_block || is_sample(field) || is_frame(field));
    let is_own = written.is_none() && (rule.weak || !rule.firm) && is_quoted;
    if shown.is_some() || is_own || rule.mild.has(field.target) && written.is_none() {
        return (Severity::Low, Confidence::Low);
    }
    if rule.firm || !field.target.in_body() || field.value.len() <= PASTED {
        return (severity, sure);
    }
    // What breaks out of something is still an act, however long the text around it.
    let lowered = match severity {
        _ if rule.weak => Severity::Low,
        Severity::High | Severity::Critical => severity.milder(),
        Severity::Low | Severity::Medium => severity,
    };
    (lowered, sure.min(Confidence::Medium))
}

/// Is it code of a program, a shell or a template, or a file of theirs: what people ask about and error reports quote?
const fn is_code(category: Category) -> bool {
    matches!(category, Category::CodeInjection | Category::Rce | Category::Ssti | Category::PathTraversal)
}

/// Members that hold what a program reports of its own source.
#[rustfmt::skip]
const FRAMES: &[&[u8]] = &[
    b"stack", b"stacktrace", b"stack_trace", b"backtrace", b"traceback", b"context_line", b"pre_context", b"post_context", b"code_snippet",
];

/// Is it the script of which a browser reports that a policy forbids it (Content Security Policy 3, 5.3)?
fn is_sample(field: Field<'_>) -> bool {
    field.target == Target::Json && matches!(field.name, b"csp-report.script-sample" | b"body.sample")
}

/// Is it a message to a language model, or what an error reporter quotes of a program? Code is what these are about.
fn shows_code(field: Field<'_>) -> bool {
    if field.target != Target::Json {
        return false;
    }
    let mut parts = field.name.rsplit(|byte| *byte == b'.');
    let last = parts.next().unwrap_or_default();
    let before = parts.next().unwrap_or_default();
    match last {
        b"content" => before == b"messages",
        b"text" => before == b"content" && parts.next() == Some(b"messages") || before == b"parts",
        _ => is_frame(field),
    }
}

/// Is it what an error reporter quotes of a program?
fn is_frame(field: Field<'_>) -> bool {
    let last = field.name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    field.target == Target::Json && FRAMES.contains(&last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_that_are_about_code_are_known_by_their_names() {
        for (target, name, expected) in [
            (Target::Json, "messages.content", true),
            (Target::Json, "messages.content.text", true),
            (Target::Json, "contents.parts.text", true),
            (Target::Json, "exception.values.stacktrace.frames.context_line", true),
            (Target::Json, "content", false),
            (Target::Json, "post.content", false),
            (Target::Json, "text", false),
            (Target::Form, "messages.content", false),
        ] {
            let field = Field { target, name: name.as_bytes(), value: b"x", encoded: false };
            assert_eq!(shows_code(field), expected, "{name}");
        }
    }
}
