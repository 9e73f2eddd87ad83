//! Of an incident: which group is the user in, which channels heard of it before, is the name shared by several people?

use serde::{Deserialize, Serialize};

use crate::detect::category::Category;
use crate::risk::band::Band;

/// What decides which channels are notified of an incident. Fixed at its opening, except for what was sent before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audience {
    /// The channels that its group names, if it is in such a group. As they were at the opening, so that a channel that
    /// received the opening receives the end.
    pub channels: Option<Vec<String>>,
    /// The name of its group at the opening.
    pub group: Option<String>,
    /// Do several people share the name? An address from which three named users had events.
    pub is_shared: bool,
    /// What was sent before.
    pub before: Reach,
}

/// How far an incident has come, by what was sent about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// The highest band; none while nothing was sent.
    band: Option<Band>,
    /// The categories that were sent, a bit each.
    categories: u64,
}

const _: () = assert!(Category::ALL.len() <= u64::BITS as usize, "each category has a bit");

impl Reach {
    /// The reach once a message in this band with these categories has been sent, too.
    #[must_use]
    pub fn with(self, band: Band, categories: impl IntoIterator<Item = Category>) -> Self {
        let categories = categories.into_iter().fold(self.categories, |seen, category| seen | bit(category));
        Self { band: self.band.max(Some(band)), categories }
    }

    /// What either has reached.
    #[must_use]
    pub(super) fn and(self, other: Self) -> Self {
        Self { band: self.band.max(other.band), categories: self.categories | other.categories }
    }

    /// Has it reached this band and, unless `categories` is empty, one of these categories?
    pub fn is_at(&self, band: Band, categories: &[Category]) -> bool {
        let wanted = categories.iter().fold(0, |seen, category| seen | bit(*category));
        self.band >= Some(band) && (categories.is_empty() || self.categories & wanted != 0)
    }
}

const fn bit(category: Category) -> u64 {
    1 << category as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reach_grows_and_never_shrinks() {
        let [one, two, three] = [Category::ALL[0], Category::ALL[1], Category::ALL[2]];
        let sent = Reach::default().with(Band::Error, [one, two]).with(Band::Warning, [one]);
        let either = sent.and(Reach::default().with(Band::Critical, [one, three]));
        let rows = [
            ("nothing was sent", Reach::default(), Band::Warning, vec![], false),
            ("the same", sent, Band::Error, vec![one], true),
            ("the same, asked for twice", sent, Band::Error, vec![one, one], true),
            ("a lower band", sent, Band::Warning, vec![two, three], true),
            ("a higher band", sent, Band::Critical, vec![], false),
            ("another category", sent, Band::Warning, vec![three], false),
            ("any category", sent, Band::Error, vec![], true),
            ("what either sent", either, Band::Critical, vec![one], true),
            ("what only the first sent", either, Band::Critical, vec![two], true),
            ("what only the other sent", either, Band::Critical, vec![three], true),
        ];
        for (what, reach, band, categories, expected) in rows {
            assert_eq!(reach.is_at(band, &categories), expected, "{what}");
        }
    }
}
