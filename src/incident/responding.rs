//! What does a record say for responses: how does the user stand, and is the user perhaps a victim?

use crate::detect::category::Category;
use crate::incident::record::Record;
use crate::incident::stance::Stance;
use crate::incident::strength::Strength;
use crate::points::Points;

impl Record {
    /// How the user stands.
    pub fn stance(&self) -> Stance {
        let open = self.open();
        let tallies = self.tallies();
        let mut categories: Vec<Category> = Vec::new();
        for tally in tallies.iter().filter(|tally| tally.points > Points::ZERO) {
            if !categories.contains(&tally.category) {
                categories.push(tally.category);
            }
        }
        Stance {
            user: self.user.id,
            is_address: self.user.strength == Strength::Address,
            increase: self.increase(),
            group: open.and_then(|open| open.audience.group.clone()),
            categories,
            restrictions: self.restrictions,
            muted_until: self.muted_until(),
            incident: open.map(|open| (open.band, open.resolve_at)),
        }
    }

    /// Was all that the user did sent by requests that claim to come from another site? Then the user may be a victim.
    pub fn is_victim_only(&self) -> bool {
        let tallies = self.tallies();
        !tallies.is_empty() && tallies.iter().all(|tally| tally.cross_site >= tally.count)
    }
}
