//! One thing to know about an incident, for channels that show facts in a list or in columns.

/// One thing to know.
pub struct Fact {
    /// What it is about.
    pub label: &'static str,
    /// What is so.
    pub text: String,
    /// Is the text one that others wrote, a client or the configuration?
    pub is_quoted: bool,
}

impl Fact {
    pub(super) fn ours(label: &'static str, text: impl Into<String>) -> Self {
        Self { label, text: text.into(), is_quoted: false }
    }

    pub(super) fn quoted(label: &'static str, text: String) -> Self {
        Self { label, text, is_quoted: true }
    }
}
