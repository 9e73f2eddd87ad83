//! What has each proxy counted? Counters kept apart per proxy, so that merging two copies of a record adds nothing twice.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::points::Points;
use crate::risk::ring::Ring;
use crate::sort::sort_by_key;

/// The most proxies whose counters are kept. With more, those that counted least are dropped: sums are then too low.
const PROXIES: usize = 8;

/// How many hours have a sum of their own.
pub const HOURS: usize = 24;

const HOUR_MILLIS: u64 = 60 * 60 * 1000;

/// Counts of acts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts(Vec<Count>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Count {
    proxy: u32,
    acts: u32,
    /// How many of them another site made the browser send.
    cross_site: u32,
}

impl Counts {
    /// Counts an act.
    pub fn add(&mut self, proxy: u32, cross_site: bool) {
        let own = match self.0.iter_mut().position(|count| count.proxy == proxy) {
            Some(own) => own,
            None => {
                self.0.push(Count { proxy, ..Count::default() });
                self.0.len() - 1
            }
        };
        if let Some(count) = self.0.get_mut(own) {
            count.acts = count.acts.saturating_add(1);
            count.cross_site = count.cross_site.saturating_add(cross_site.into());
        }
        self.bound();
    }

    /// All acts.
    pub fn acts(&self) -> u32 {
        self.0.iter().fold(0, |sum, count| sum.saturating_add(count.acts))
    }

    /// The acts that another site made the browser send.
    pub fn cross_site(&self) -> u32 {
        self.0.iter().fold(0, |sum, count| sum.saturating_add(count.cross_site))
    }

    /// Adds the counts of another rule of the same user, for the entry that several rules share.
    pub fn absorb(&mut self, other: Self) {
        for theirs in other.0 {
            match self.0.iter_mut().find(|count| count.proxy == theirs.proxy) {
                Some(own) => {
                    own.acts = own.acts.saturating_add(theirs.acts);
                    own.cross_site = own.cross_site.saturating_add(theirs.cross_site);
                }
                None => self.0.push(theirs),
            }
        }
        self.bound();
    }

    /// Merges another copy of the same counts.
    pub fn merge(&mut self, other: &Self) {
        for theirs in &other.0 {
            match self.0.iter_mut().find(|count| count.proxy == theirs.proxy) {
                Some(own) => {
                    own.acts = own.acts.max(theirs.acts);
                    own.cross_site = own.cross_site.max(theirs.cross_site);
                }
                None => self.0.push(*theirs),
            }
        }
        self.bound();
    }

    fn bound(&mut self) {
        sort_by_key(&mut self.0, |count| (std::cmp::Reverse(count.acts), count.proxy));
        self.0.truncate(PROXIES);
    }
}

/// The points of each of the last [`HOURS`] hours, as they were counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours(Vec<ProxyHours>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ProxyHours {
    proxy: u32,
    /// By hours since the Unix epoch.
    hours: Ring<Points, HOURS>,
}

impl Hours {
    /// Adds points that were counted at `now`.
    pub fn add(&mut self, proxy: u32, points: Points, now: Timestamp) {
        let hour = now.as_millis() / HOUR_MILLIS;
        let at = self.0.iter().position(|one| one.proxy == proxy).unwrap_or_else(|| {
            self.0.push(ProxyHours { proxy, hours: Ring::new(hour) });
            self.0.len() - 1
        });
        // A clock that stepped back counts for the hour that it says, if that is still there.
        if let Some(sum) = self.0.get_mut(at).and_then(|own| own.hours.at_mut(hour)) {
            *sum = *sum + points;
        }
        self.bound();
    }

    /// The sums of the last hours at `now`, the oldest first and that of the running hour last.
    pub fn sums(&self, now: Timestamp) -> [Points; HOURS] {
        let hour = now.as_millis() / HOUR_MILLIS;
        std::array::from_fn(|at| {
            let hour = hour.checked_sub((HOURS - 1 - at) as u64);
            self.0.iter().filter_map(|one| one.hours.at(hour?)).sum()
        })
    }

    /// Merges another copy of the same sums.
    pub fn merge(&mut self, other: &Self) {
        for theirs in &other.0 {
            match self.0.iter_mut().find(|one| one.proxy == theirs.proxy) {
                Some(own) => own.hours.merge(&theirs.hours),
                None => self.0.push(theirs.clone()),
            }
        }
        self.bound();
    }

    /// Is nothing left of it at `now`?
    pub fn is_empty(&self, now: Timestamp) -> bool {
        self.sums(now).iter().all(|sum| *sum == Points::ZERO)
    }

    fn bound(&mut self) {
        sort_by_key(&mut self.0, |one| (std::cmp::Reverse(one.hours.newest()), one.proxy));
        self.0.truncate(PROXIES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: u64) -> Timestamp {
        Timestamp::from_millis(hour * HOUR_MILLIS + 1)
    }

    fn sums(hours: &Hours, now: u64) -> Vec<(usize, Points)> {
        let sums = hours.sums(at(now)).into_iter().enumerate();
        sums.filter(|(_, sum)| *sum > Points::ZERO).map(|(at, sum)| (HOURS - 1 - at, sum)).collect()
    }

    #[test]
    fn hours_pass_and_proxies_are_summed() {
        let [one, two, three] = [1, 2, 3].map(Points::whole);
        let mut hours = Hours::default();
        hours.add(1, one, at(100));
        hours.add(2, two, at(100));
        hours.add(1, one, at(103));
        hours.add(1, one, at(102));
        assert_eq!(sums(&hours, 103), [(3, three), (1, one), (0, one)]);
        assert_eq!(sums(&hours, 125), [(23, one), (22, one)]);
        assert!(hours.is_empty(at(127)) && !hours.is_empty(at(126)));
        hours.add(1, one, at(1000));
        assert_eq!(sums(&hours, 1000), [(0, one)]);
        hours.add(1, one, at(900));
        assert_eq!(sums(&hours, 1000), [(0, one)], "a clock far behind adds nothing to hours that are gone");
    }

    #[test]
    fn a_merge_adds_nothing_twice() {
        let (mut here, mut there) = (Hours::default(), Hours::default());
        here.add(1, Points::whole(5), at(100));
        there.merge(&here);
        there.add(2, Points::whole(3), at(101));
        here.add(1, Points::whole(1), at(101));
        let mut merged = here.clone();
        merged.merge(&there);
        let mut other = there.clone();
        other.merge(&here);
        assert_eq!(merged, other);
        assert_eq!(sums(&merged, 101), [(1, Points::whole(5)), (0, Points::whole(4))]);
        let again = merged.clone();
        merged.merge(&again);
        assert_eq!(merged, again);
        let (mut one, mut two) = (Counts::default(), Counts::default());
        one.add(1, true);
        two.merge(&one);
        two.add(2, false);
        two.merge(&one);
        assert_eq!((two.acts(), two.cross_site()), (2, 1));
        (0..100).for_each(|proxy| two.add(proxy, false));
        assert_eq!(two.0.len(), PROXIES);
    }

    #[test]
    fn counts_of_two_rules_are_added_and_of_two_copies_the_larger_counts() {
        let count = |proxy, acts, cross_site| Count { proxy, acts, cross_site };
        let (one, two) = ([count(1, 4, 1), count(2, 2, 2)], [count(1, 3, 3), count(3, 1, 0)]);
        let of = |counts: &[Count]| Counts(counts.to_vec());
        let (mut added, mut merged) = (of(&one), of(&one));
        added.absorb(of(&two));
        assert_eq!(added, of(&[count(1, 7, 4), count(2, 2, 2), count(3, 1, 0)]));
        merged.merge(&of(&two));
        assert_eq!(merged, of(&[count(1, 4, 3), count(2, 2, 2), count(3, 1, 0)]));
        assert_eq!((merged.acts(), merged.cross_site()), (7, 5));
        let mut many = Counts::default();
        (0..PROXIES as u32).for_each(|proxy| many.absorb(of(&[count(proxy, 2, 0)])));
        many.add(99, false);
        assert_eq!((many.0.len(), many.acts()), (PROXIES, 2 * PROXIES as u32), "the one that counted least goes");
    }
}
