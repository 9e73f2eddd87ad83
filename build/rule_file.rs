//! What may a file of `src/detect/rules` say? Its members, as `build.rs` reads them.

use serde::Deserialize;

/// One file: the rules of a category.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) category: String,
    pub(crate) appsensor: String,
    /// Where the rules look that don't say so themselves.
    pub(crate) targets: Vec<String>,
    pub(crate) rule: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) severity: String,
    pub(crate) summary: String,
    pub(crate) appsensor: Option<String>,
    pub(crate) targets: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) names: Vec<String>,
    #[serde(default)]
    pub(crate) firm: bool,
    #[serde(default)]
    pub(crate) weak: bool,
    /// Targets at which it counts least.
    #[serde(default)]
    pub(crate) mild: Vec<String>,
    #[serde(default)]
    pub(crate) conclusive: bool,
    #[serde(default)]
    pub(crate) gate: Vec<String>,
    /// As `gate`, but not next to another letter.
    #[serde(default)]
    pub(crate) gate_word: Vec<String>,
    /// As `gate`, but only as the front of a longer word.
    #[serde(default)]
    pub(crate) gate_front: Vec<String>,
    #[serde(default)]
    pub(crate) verify: Vec<String>,
    /// What a watcher notices; such a rule has no value to match, so its examples are rows of the watcher's tests.
    pub(crate) signal: Option<String>,
    #[serde(default)]
    pub(crate) literal: Vec<String>,
    #[serde(default)]
    pub(crate) word: Vec<String>,
    /// What stands in an answer if an attack of a category in `proves` has worked; `any` is all of them.
    #[serde(default)]
    pub(crate) answer: Vec<String>,
    #[serde(default)]
    pub(crate) proves: Vec<String>,
    /// Only in an answer whose status says that it failed.
    #[serde(default)]
    pub(crate) failed: bool,
    /// Words that may stand inside a text in Base64.
    #[serde(default)]
    pub(crate) base64: Vec<String>,
    #[serde(default)]
    pub(crate) suffix: Vec<String>,
    #[serde(default)]
    pub(crate) prefix: Vec<String>,
    #[serde(default)]
    pub(crate) whole: Vec<String>,
    #[serde(default)]
    pub(crate) segment: Vec<String>,
    #[serde(default)]
    pub(crate) file: Vec<String>,
    #[serde(default)]
    pub(crate) under: Vec<String>,
    #[serde(default)]
    pub(crate) product: Vec<String>,
    #[serde(default)]
    pub(crate) call: Vec<String>,
    #[serde(default)]
    pub(crate) matches: Vec<String>,
    #[serde(default)]
    pub(crate) harmless: Vec<String>,
}
