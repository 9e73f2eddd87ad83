//! What does a notice say was done about the user: `blocked until 14:30 UTC`, `would have been blocked until 14:30 UTC`?

use crate::clock::Timestamp;
use crate::incident::restriction::{Restriction, RestrictionKind};
use crate::incident::snapshot::Snapshot;

/// What was done about the user, or would have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// What.
    pub kind: RestrictionKind,
    /// Until when.
    pub until: Timestamp,
    /// Was it only counted?
    pub is_dry: bool,
}

impl Done {
    /// What was done as the snapshot was taken; a block before a redirect, what was done before what would have been.
    pub fn of(snapshot: &Snapshot) -> Option<Self> {
        let at = snapshot.at;
        let running = |is_running: fn(&Restriction, Timestamp) -> bool, is_dry| {
            let kinds = [RestrictionKind::Block, RestrictionKind::Redirect].into_iter();
            let mut found = kinds.map(|kind| (kind, snapshot.restrictions.of(kind)));
            let (kind, one) = found.find(|(_, one)| is_running(one, at))?;
            Some(Self { kind, until: one.until(), is_dry })
        };
        running(Restriction::is_on, false).or_else(|| running(Restriction::would_be_on, true))
    }

    /// As the end of a sentence.
    pub fn phrase(self) -> String {
        let what = match self.kind {
            RestrictionKind::Block => "blocked",
            RestrictionKind::Redirect => "redirected",
        };
        let would = if self.is_dry { "would have been " } else { "" };
        let until = self.until.to_string();
        // At most a day away, so the time says enough: `2026-01-02T14:30:05.678Z`.
        format!("{would}{what} until {} UTC", until.get(11..16).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_block_is_a_time_of_day() {
        let until = Timestamp::from_millis(52_200_000);
        let rows = [
            (RestrictionKind::Block, false, "blocked until 14:30 UTC"),
            (RestrictionKind::Redirect, true, "would have been redirected until 14:30 UTC"),
        ];
        for (kind, is_dry, expected) in rows {
            assert_eq!(Done { kind, until, is_dry }.phrase(), expected);
        }
    }
}
