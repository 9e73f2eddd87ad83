//! Does every message leave exactly once, by a named way, whatever is posted, answered, reconfigured, and whoever dies?

use std::cell::Cell as Count;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Bench, REFUSED, RETRY, TIMEOUT, snapshot};
use crate::clock::{Span, Timestamp};
use crate::incident::snapshot::Transition;
use crate::keyed_hash::Digest;
use crate::notify::callout::Verdict;
use crate::notify::delivery_policy::{DeliveryPolicy, Rate};
use crate::notify::queue::departure::{Contents, Departure, Exit};
use crate::notify::queue::outcome::Queued;
use crate::notify::queue::subject::Subject;
use crate::state::cells::{Cell, Cells, Refusal, Unavailable, Version};
use crate::state::memory::Memory;

/// Cells of a worker that dies after so many swaps.
struct Mortal<'a> {
    cells: &'a Memory,
    left: Count<u32>,
}

impl Cells for Mortal<'_> {
    fn read(&self, key: &str) -> Result<Option<Cell>, Unavailable> {
        if self.left.get() == 0 { Err(Unavailable) } else { self.cells.read(key) }
    }

    fn swap(&self, key: &str, bytes: &[u8], seen: Option<Version>) -> Result<(), Refusal> {
        let left = self.left.get().checked_sub(1).ok_or(Refusal::Unavailable)?;
        self.left.set(left);
        self.cells.swap(key, bytes, seen)
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// The next transition of a user's incident, to one channel or to both, as the configuration is at that time.
    Post { user: u8, channels: u8 },
    /// The channel's next message is taken, and its server answers like this; or never, as the worker dies.
    Send { channel: usize, answer: u8 },
    /// So many seconds pass.
    Wait(u8),
}

fn steps() -> impl Strategy<Value = Vec<(Step, Option<u8>)>> {
    let step = prop_oneof![
        4 => (0..14_u8, 1..4_u8).prop_map(|(user, channels)| Step::Post { user, channels }),
        3 => (0..2_usize, 0..10_u8).prop_map(|(channel, answer)| Step::Send { channel, answer }),
        1 => (0..20_u8).prop_map(Step::Wait),
    ];
    // Now and then the worker dies after so many swaps.
    vec((step, prop_oneof![5 => Just(None), 1 => (0..12_u8).prop_map(Some)]), 1..120)
}

/// What was posted and what left, channel by channel.
struct World {
    bench: Bench,
    now: u64,
    /// For each user the number of the incident and its last transition.
    users: BTreeMap<u8, (u32, u32)>,
    posted: BTreeSet<(Digest, u32, [u8; 16])>,
    left: BTreeMap<(Digest, u32, [u8; 16]), Exit>,
    rollups: BTreeMap<(Digest, u32, [u8; 16]), Exit>,
    deaths: u32,
}

fn name(channel: Digest, subject: Subject) -> (Digest, u32, [u8; 16]) {
    (channel, subject.number, *subject.incident.0.as_bytes())
}

impl World {
    fn new(policy: DeliveryPolicy) -> Self {
        let mut bench = Bench::new(8);
        bench.policy = policy;
        let (posted, left, rollups) = (BTreeSet::new(), BTreeMap::new(), BTreeMap::new());
        Self { bench, now: 1_000_000, users: BTreeMap::new(), posted, left, rollups, deaths: 0 }
    }

    fn record(&mut self, channel: Digest, departures: &[Departure]) {
        for departure in departures {
            let (name, exit) = (name(channel, departure.subject), departure.exit);
            let is_one = matches!(departure.about, Contents::Incident(_));
            let before = if is_one { &mut self.left } else { &mut self.rollups }.insert(name, exit);
            assert_eq!(before, None, "it left twice: {departure:?}");
        }
    }

    fn post(&mut self, user: u8, channels: u8, dies: Option<u8>) {
        let (incident, number) = self.users.entry(user).or_insert((0, 0));
        if *number == 3 {
            (*incident, *number) = (*incident + 1, 0);
        }
        *number += 1;
        let transition = [Transition::Opened, Transition::Updated, Transition::Resolved][*number as usize - 1];
        let mut snapshot = snapshot(&format!("{user}/{incident}"), *number, transition);
        snapshot.user_digest = crate::keyed_hash::Key::from_passphrase("user").digest("user", &[&[user]]);
        snapshot.source = ["address", "cookie:sid", "header:x-user-id"][usize::from(user) % 3].to_owned();
        let ids: Vec<_> = (0..2).filter(|at| channels & (1 << at) != 0).map(|at| self.bench.channels[at]).collect();
        let to: Vec<_> = ids.iter().map(|id| (*id, transition)).collect();
        let now = Timestamp::from_millis(self.now);
        let mortal = Mortal { cells: &self.bench.cells, left: Count::new(dies.map_or(u32::MAX, u32::from)) };
        let mut posted = self.bench.outbox.post(&mortal, &snapshot, &to, now);
        if posted.is_err() {
            // It is still pending in the user's record: the next worker posts it again, perhaps by a new configuration.
            self.deaths += 1;
            posted = self.bench.outbox.post(&self.bench.cells, &snapshot, &to, now);
        }
        let posted = posted.unwrap();
        for (queued, id) in posted.queued.iter().zip(&ids) {
            if matches!(queued, Queued::Added | Queued::Waiting | Queued::Left | Queued::Full | Queued::Stopped) {
                self.posted.insert(name(*id, Subject::of(&snapshot)));
            }
        }
        for (channel, departure) in posted.departures {
            self.record(channel, &[departure]);
        }
    }

    fn send(&mut self, channel: usize, answer: u8, dies: Option<u8>) -> bool {
        let (id, now) = (self.bench.channels[channel], Timestamp::from_millis(self.now));
        let mortal = Mortal { cells: &self.bench.cells, left: Count::new(dies.map_or(u32::MAX, u32::from)) };
        let (outbox, policy) = (&self.bench.outbox, self.bench.policy);
        let nonce = self.bench.nonce.get() + 1;
        self.bench.nonce.set(nonce);
        let Ok(taken) = outbox.take(&mortal, (id, &policy), now, TIMEOUT, nonce) else {
            self.deaths += 1;
            return false;
        };
        let verdict = match answer {
            0..=5 => Verdict::Delivered,
            6 => REFUSED,
            7 | 8 => RETRY,
            _ => return self.finish(id, &taken.departures, false),
        };
        let Some(ready) = taken.ready else {
            return self.finish(id, &taken.departures, !taken.departures.is_empty());
        };
        let settled = outbox.settle(&mortal, (id, &policy), &ready.lease, &verdict, now);
        self.finish(id, &taken.departures, true);
        match settled {
            Ok(settled) => self.record(id, &settled.departures),
            Err(_) => self.deaths += 1,
        }
        true
    }

    fn finish(&mut self, channel: Digest, departures: &[Departure], more: bool) -> bool {
        self.record(channel, departures);
        more
    }

    /// Healthy workers go on until nothing waits.
    fn drain(&mut self) {
        for _ in 0..400 {
            for channel in 0..2 {
                while self.send(channel, 0, None) {}
            }
            self.now += 1000;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn every_message_leaves_once_by_a_named_way(
        steps in steps(), group_wait in 0..3_u64, rate in 0..4_u32, sends_resolved in any::<bool>(), deadly in any::<bool>(),
    ) {
        let rate = (rate > 0).then(|| Rate::new(rate, Span::from_secs(10)));
        let (give_up_after, group_wait) = (Duration::from_secs(90), Duration::from_secs(group_wait * 2));
        let policy = DeliveryPolicy { give_up_after, group_wait, rate, sends_resolved, ..DeliveryPolicy::default() };
        let mut world = World::new(policy);
        for (step, dies) in steps {
            let dies = dies.filter(|_| deadly);
            match step {
                Step::Post { user, channels } => world.post(user, channels, dies),
                Step::Send { channel, answer } => _ = world.send(channel, answer, dies),
                Step::Wait(seconds) => world.now += u64::from(seconds) * 1000,
            }
            world.now += 10;
        }
        world.drain();
        prop_assert_eq!(world.bench.messages(), 0, "nothing is stuck");
        for id in &world.bench.channels {
            let control = world.bench.outbox.0.control(&world.bench.cells, *id).unwrap();
            prop_assert_eq!(control.oldest(), None);
            prop_assert_eq!(control.root.total().waiting, 0, "hints are right in the end");
        }
        // What left had been posted, and what was posted has left. A death may leave a departure uncounted.
        let unposted: Vec<_> = world.left.keys().filter(|name| !world.posted.contains(*name)).collect();
        prop_assert!(world.deaths > 0 || unposted.is_empty(), "{:?}", unposted);
        let missing = world.posted.iter().filter(|name| !world.left.contains_key(*name)).count();
        prop_assert!(world.deaths > 0 || missing == 0, "{} of {} missing", missing, world.posted.len());
        let uncounted = 12 * world.deaths as usize;
        prop_assert!(missing <= uncounted, "{} missing after {} deaths", missing, world.deaths);
        // The sums: what left as rolled up is in rollups, and each rollup left once itself.
        let rolled_up = world.left.values().filter(|exit| **exit == Exit::RolledUp).count();
        prop_assert!(rolled_up == 0 || !world.rollups.is_empty() || world.deaths > 0);
        prop_assert!(world.rollups.values().all(|exit| *exit != Exit::RolledUp));
    }
}
