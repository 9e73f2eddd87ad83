//! How do the copies of one user's record on several proxies become one? Every act once, the same whoever merges.

use crate::incident::record::Record;
use crate::incident::request::REQUESTS;

impl Record {
    /// Merges another proxy's copy of the same user's record. An act has the same id in each copy, and counts are kept per
    /// proxy, so that nothing is added twice: merging is commutative and idempotent. `stack` acts of a rule count.
    #[must_use]
    pub fn merge(mut self, other: Self, stack: usize) -> Self {
        let incident = |record: &Self| record.open().map(|open| open.incident);
        let (before, theirs) = (incident(&self), incident(&other));
        self.life.merge(other.life);
        if before == theirs {
            self.events.merge(&other.events);
        } else if incident(&self) != before {
            self.events = other.events;
        }
        if (other.user.strength, &other.user.name) > (self.user.strength, &self.user.name) {
            self.user = other.user;
        }
        self.acts.merge(&other.acts, stack);
        self.requests.extend(other.requests);
        self.requests.sort_unstable_by(|a, b| b.cmp(a));
        self.requests.dedup();
        self.requests.truncate(REQUESTS);
        self.hours.merge(&other.hours);
        self.restrictions.merge(&other.restrictions);
        if let Some(open) = self.open() {
            let now = self.acts.last().unwrap_or(open.opened_at);
            self.life.quiet_since(&self.acts, now);
        }
        self.fit(stack);
        self
    }
}
