//! One message about many incidents: its sentences. How many there are, the worst, what they have in common, what is left out.

use crate::incident::snapshot::Transition;
use crate::notify::notice::fact::Fact;
use crate::notify::notice::message::Notice;
use crate::notify::notice::phrasing::{Counted, name};
use crate::notify::rollup::RollupSummary;

/// The longest name in a list of several, in UTF-16 units.
const NAME_LIMIT: usize = 64;

impl Notice<'_> {
    /// What it is about, by which programs distinguish one incident from many: `incident`, `incidents`.
    pub fn topic(&self) -> &'static str {
        if self.rollup.is_some() { "incidents" } else { "incident" }
    }

    /// `994 users rose over their thresholds: SQL injection × 994 on /search`.
    pub(super) fn headline_of_many(&self) -> String {
        let (many, what) = (&self.snapshot.user, self.what());
        let colon = if what.is_empty() { "" } else { ": " };
        match self.snapshot.transition {
            Transition::Resolved => format!("All is over with the {many} of the earlier message"),
            Transition::Opened | Transition::Updated => format!("{many} rose over their thresholds{colon}{what}"),
        }
    }

    /// Who they are, and how bad the worst of it is; nothing of it is known of their end.
    pub(super) fn facts_of_many(&self, rollup: &RollupSummary) -> Vec<Fact> {
        if rollup.first.is_empty() {
            return Vec::new();
        }
        let label = if self.is_address() { "Addresses" } else { "Users" };
        let mut facts = vec![Fact::quoted(label, first_of_many(rollup))];
        facts.extend([
            Fact::ours("Band", format!("up to {}", self.snapshot.band.slug())),
            Fact::ours("Increase", format!("up to {} in {}", Counted(self.snapshot.increase), self.window())),
        ]);
        facts
    }

    /// What to do about many, and what the channel does not receive.
    pub(super) fn advice_of_many(&self) -> String {
        let what = match (self.snapshot.transition, self.exclusion()) {
            (Transition::Resolved, _) => {
                return "Quiet is not solved: make sure that somebody has looked at what they had in common."
                    .to_owned();
            }
            (_, Some(exclusion)) => format!(
                "Look at what they have in common: an attacker with many accounts, or a false alarm. If the requests are \
                 harmless, write under detect: exclude: [{exclusion}]"
            ),
            (_, None) => {
                "Look at what they have in common: the rules, the routes, where the requests come from.".to_owned()
            }
        };
        format!("{what} This channel receives nothing more about each of them; the proxy's log has them one by one.")
    }
}

impl RollupSummary {
    /// The names of the first few, cut and with nothing in them that could be taken for a link.
    pub fn names(&self) -> Vec<String> {
        self.first.iter().map(|one| name(&one.user, NAME_LIMIT)).collect()
    }
}

/// The first few names and how many more there are.
fn first_of_many(rollup: &RollupSummary) -> String {
    let names = rollup.names();
    let more = (rollup.count as usize).saturating_sub(names.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    names.join(", ") + &more
}
