//! UserRef does an incident concern? Its group, what was told of it before, and whether many stand behind the name.

use serde::{Deserialize, Serialize};

use crate::detect::category::Category;
use crate::incident::snapshot::Tally;
use crate::risk::crossing::Band;

/// What decides who is told of an incident: the same for its whole life, but for what was told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audience {
    /// The channels that its group names, if it is in such a group; as it was at the opening, so that who heard of the
    /// opening hears of the end.
    pub channels: Option<Vec<String>>,
    /// The name of its group, as it was at the opening.
    pub group: Option<String>,
    /// Do several people stand behind the name? An address from which three named users did something.
    pub is_shared: bool,
    /// What was told before.
    pub before: Reach,
}

/// How far an incident has come, by what was told of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// The highest band; none while nothing was told.
    band: Option<Band>,
    /// The categories that were told, a bit each.
    categories: u64,
}

const _: () = assert!(Category::ALL.len() <= u64::BITS as usize, "each category has a bit");

impl Reach {
    /// The reach once this has been told too.
    #[must_use]
    pub fn with(self, band: Band, events: &[Tally]) -> Self {
        let categories = events.iter().fold(self.categories, |seen, tally| seen | bit(tally.category));
        Self { band: self.band.max(Some(band)), categories }
    }

    /// Was it in this band, or a higher one, and is there one of these categories in it? No categories are all.
    pub fn is_at(&self, band: Band, categories: &[Category]) -> bool {
        let wanted = categories.iter().fold(0, |seen, category| seen | bit(*category));
        self.band >= Some(band) && (categories.is_empty() || self.categories & wanted != 0)
    }
}

const fn bit(category: Category) -> u64 {
    1 << category as u8
}
