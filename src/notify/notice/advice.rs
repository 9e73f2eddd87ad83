//! What should the reader of a notice do? The advice at its end, and the exclusion to paste for a false alarm.

use crate::incident::snapshot::Transition;
use crate::notify::notice::message::Notice;
use crate::notify::notice::phrasing::word;

impl Notice<'_> {
    /// What to do now; the runbook is linked separately.
    pub fn advice(&self) -> String {
        if self.is_test() {
            return "Nothing to do: these requests carried the test string, and this message shows that alerts reach you."
                .to_owned();
        }
        if self.rollup.is_some() {
            return self.advice_of_many();
        }
        let noun = self.noun().to_ascii_lowercase();
        if self.is_possible_victim() && self.snapshot.transition != Transition::Resolved {
            return format!(
                "Other sites made the browser send all of it, so this {noun} may be the victim. Look at the requests in the \
                 proxy's log: where do they come from? Block nobody for them."
            );
        }
        match (self.snapshot.transition, self.exclusion()) {
            (Transition::Resolved, _) => {
                format!("Quiet is not solved: make sure that somebody has looked at what this {noun} did.")
            }
            (_, Some(exclusion)) => format!(
                "This has the shape of a false alarm: the same rule matched at the same target for three users or more. Look \
                 at the requests; if they are harmless, write under detect: exclude: [{exclusion}]"
            ),
            (_, None) => format!(
                "Look at the requests: the proxy's log has one JSON line for each, with its request id, under this {noun}. \
                 Then decide: an attacker, a stolen account or a false alarm."
            ),
        }
    }

    /// The exclusion that would end a false alarm, where it has the shape of one: `{rule: xss.markup, parameter: text}`.
    pub fn exclusion(&self) -> Option<String> {
        self.snapshot
            .events
            .iter()
            .filter(|tally| tally.is_common)
            .find_map(|tally| exclusion(&tally.rule, &tally.target))
    }
}

/// The exclusion of a rule at a place, where one can be written for it alone.
pub fn exclusion(rule: &str, target: &str) -> Option<String> {
    let (kind, name) = target.split_once(':')?;
    let option = match kind {
        "query" | "form" | "json" => "parameter",
        "header" => "header",
        "cookie" => "cookie",
        _ => return None,
    };
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    // A rule's id is plain; whatever is not could open a code span where the notice is shown.
    let is_plain = rule.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    (is_name && is_plain).then(|| format!("{{rule: {}, {option}: {}}}", word(rule), word(name)))
}
