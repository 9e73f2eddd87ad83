//! What is said of many users in one message? How many, the worst of it, what they have in common, and what is not told.

use crate::incident::snapshot::Transition;
use crate::notify::notice::words::Counted;
use crate::notify::notice::{Fact, Notice};
use crate::notify::together::Crowd;
use crate::untrusted;

/// The longest name in a list of several, in UTF-16 units.
const NAME_LIMIT: usize = 64;

impl Notice<'_> {
    /// What it is about, for programs to tell one incident from many: `incident`, `incidents`.
    pub fn topic(&self) -> &'static str {
        if self.crowd.is_some() { "incidents" } else { "incident" }
    }

    /// `994 users rose over their thresholds: SQL injection × 994 on /search`.
    pub(super) fn headline_of_many(&self) -> String {
        let (many, what) = (&self.snapshot.user, self.what());
        let colon = if what.is_empty() { "" } else { ": " };
        match self.snapshot.transition {
            Transition::Resolved => format!("All is over with the {many} of whom one message told"),
            Transition::Opened | Transition::Updated => format!("{many} rose over their thresholds{colon}{what}"),
        }
    }

    /// Who they are, and how bad the worst of it is; nothing of it is known of their end.
    pub(super) fn facts_of_many(&self, crowd: &Crowd) -> Vec<Fact> {
        if crowd.first.is_empty() {
            return Vec::new();
        }
        let label = if self.is_address() { "Addresses" } else { "Users" };
        let mut facts = vec![Fact::quoted(label, self.first_of_many(crowd).join(", "))];
        facts.extend([
            Fact::ours("Band", format!("up to {}", self.snapshot.band.slug())),
            Fact::ours("Increase", format!("up to {} in {}", Counted(self.snapshot.increase), self.window())),
        ]);
        facts
    }

    /// The first few names and how many more there are.
    fn first_of_many(&self, crowd: &Crowd) -> Vec<String> {
        let mut names = crowd.names();
        let more = (crowd.count as usize).saturating_sub(names.len());
        names.extend((more > 0).then(|| format!("and {more} more")));
        names
    }

    /// What to do about many, and what of them is not told.
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
        format!("{what} This channel is told no more of each of them; the proxy's log has them one by one.")
    }
}

impl Crowd {
    /// The names of the first few, cut and with nothing in them that could be taken for a link.
    pub fn names(&self) -> Vec<String> {
        self.first.iter().map(|one| untrusted::defanged(&one.user, NAME_LIMIT)).collect()
    }
}
