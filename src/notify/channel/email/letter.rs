//! What does the mail say? Its subject, its plain text; the same as a page is `page`.

use crate::notify::channel::email::page;
use crate::notify::channel::email::parts::{RULES_SHOWN, more, signature, tag};
use crate::notify::notice::fact::Fact;
use crate::notify::notice::link::Link;
use crate::notify::notice::message::Notice;
use crate::text::untrusted;

/// What people get to read.
pub struct Letter {
    /// One line without line breaks.
    pub subject: String,
    /// The text for programs without HTML.
    pub text: String,
    /// The same as a page.
    pub html: String,
}

/// The longest subject: no mail program shows more.
const SUBJECT_LIMIT: usize = 200;

impl Letter {
    /// The letter that carries `notice`.
    pub fn new(notice: &Notice<'_>) -> Self {
        let subject = format!("[user risk: {}] {}", tag(notice), notice.headline());
        Self { subject: untrusted::clean(&subject, SUBJECT_LIMIT), text: text(notice), html: page::of(notice) }
    }
}

fn text(notice: &Notice<'_>) -> String {
    let mut text = format!("{}\n\n", notice.headline());
    for Fact { label, text: fact, .. } in notice.facts() {
        text.push_str(&format!("{label:<9} {fact}\n"));
    }
    let (rule_summaries, left_out) = notice.rule_summaries(RULES_SHOWN);
    if !rule_summaries.is_empty() {
        text.push_str("\nRules\n");
    }
    rule_summaries.iter().for_each(|summary| text.push_str(&format!("- {summary}\n")));
    text.push_str(&more(left_out, "- ", "\n"));
    text.push_str(&format!("\nWhat to do\n{}\n", notice.advice()));
    for Link { text: label, url } in notice.links() {
        text.push_str(&format!("{label}: {url}\n"));
    }
    if let Some(mute) = notice.mute() {
        text.push_str(&format!("\nMute for 2 h\n{mute}\n"));
    }
    // `-- ` begins the signature (RFC 3676, 4.3).
    text.push_str(&format!("\n-- \n{}\n", signature(notice)));
    text
}
