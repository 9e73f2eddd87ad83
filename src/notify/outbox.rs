//! What is still to be told, and to whom? Snapshots that wait until every channel has them, whatever happens to a worker.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::snapshot::{Snapshot, Transition};
use crate::keyed::{Digest, Key};
use crate::notify::callout::Verdict;
use crate::notify::queue::{Lease, Queue, Queued, Settled, Subject};
use crate::state::Cells;
use crate::state::buckets::{Buckets, Kept};
use crate::state::table::{Change, Failure, Table};

/// A channel, by a keyed hash of what it sends where: a worker with other options never serves its queue.
pub type ChannelId = Digest;

/// Messages in shared cells: each snapshot once, and for each channel a queue that names the snapshots.
#[derive(Clone, Debug)]
pub struct Outbox {
    queues: Table<Queue>,
    parcels: Buckets<Parcel>,
    room: usize,
    key: Key,
}

/// A snapshot on its way.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Parcel {
    id: Digest,
    snapshot: Snapshot,
    posted: Timestamp,
    to: Vec<ChannelId>,
}

/// A message that may be sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// The right to send it.
    pub lease: Lease,
    /// Its id, the same for every try.
    pub message_id: String,
    /// What it tells.
    pub snapshot: Snapshot,
}

/// What became of a snapshot that was posted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Posted {
    /// What each channel's queue said, in the order of the channels.
    pub queued: Vec<Queued>,
    /// An older snapshot went to make room, before these many channels had it.
    pub lost: usize,
}

impl Outbox {
    /// Room for `messages` messages a channel in the cells `<prefix>/…`, and four times that for their snapshots: these
    /// stand in buckets by a hash, and a full bucket has to be rare while there is room.
    pub fn new(prefix: &str, messages: u32, key: Key) -> Self {
        Self {
            queues: Table::new(format!("{prefix}/queue")),
            parcels: Buckets::new(format!("{prefix}/parcels"), messages.saturating_mul(4)),
            room: usize::try_from(messages).unwrap_or(usize::MAX),
            key,
        }
    }

    /// Queues a snapshot for these channels, each with what it is told as: one that comes late to an incident is told of
    /// its opening. Posting it again changes nothing.
    ///
    /// # Errors
    /// The cells can't be changed; what has been done until then stands, and posting again does the rest.
    pub fn post(
        &self,
        cells: &impl Cells,
        snapshot: &Snapshot,
        channels: &[(ChannelId, Transition)],
        now: Timestamp,
    ) -> Result<Posted, Failure> {
        if channels.is_empty() {
            return Ok(Posted::default());
        }
        let id = self.parcel_id(Subject::of(snapshot));
        // The parcel first: a queue must not name what is not there.
        let lost = self.parcels.update(cells, id, |bucket| {
            if bucket.get_mut(id).is_some() {
                return Change::None(0);
            }
            let to = || channels.iter().map(|(channel, _)| *channel).collect();
            let parcel = || Parcel { id, snapshot: snapshot.clone(), posted: now, to: to() };
            let (_, evicted) = bucket.admit(id, parcel);
            Change::Made(evicted.map_or(0, |parcel| parcel.to.len()))
        })?;
        let mut posted = Posted { queued: Vec::new(), lost };
        for (channel, told_as) in channels {
            let queued =
                self.queues.update(cells, channel, |queue| match queue.push(snapshot, *told_as, now, self.room) {
                    change @ (Queued::Added | Queued::Displaced(_)) => Change::Made(change),
                    none => Change::None(none),
                })?;
            match queued {
                Queued::Added | Queued::Waiting => {}
                Queued::Delivered | Queued::Stopped | Queued::Full => self.hand_over(cells, id, *channel)?,
                Queued::Displaced(other) => self.hand_over(cells, self.parcel_id(other), *channel)?,
            }
            posted.queued.push(queued);
        }
        Ok(posted)
    }

    /// Takes the next message that this channel may send at `now`, with a lease of `length`; `nonce` has to be new
    /// each time. An idle channel costs one read.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub fn take(
        &self,
        cells: &impl Cells,
        channel: ChannelId,
        now: Timestamp,
        length: Duration,
        nonce: u64,
    ) -> Result<Option<Ready>, Failure> {
        let queue = self.queues.read(cells, channel).map_err(|_| Failure::Unavailable)?;
        if !queue.is_due(now) {
            return Ok(None);
        }
        let granted = self.queues.update(cells, channel, |queue| match queue.grant(now, length, nonce) {
            Some(lease) => Change::Made(Some(lease)),
            None => Change::None(None),
        })?;
        let Some(lease) = granted else { return Ok(None) };
        let parcel = self.parcels.read(cells, self.parcel_id(lease.subject)).map_err(|_| Failure::Unavailable)?;
        if let Some(parcel) = parcel {
            let message_id = self.message_id(lease.subject, channel);
            return Ok(Some(Ready { lease, message_id, snapshot: parcel.snapshot }));
        }
        // It went to make room; that was counted when it happened.
        let gone = self.queues.update(cells, channel, |queue| Change::Made(queue.forget(lease.subject)))?;
        for subject in gone {
            self.hand_over(cells, self.parcel_id(subject), channel)?;
        }
        Ok(None)
    }

    /// Applies what came of a try; after a delivery the channel rests for `spacing`.
    ///
    /// # Errors
    /// The cells can't be changed: the lease will run out, and the message be tried again.
    pub fn settle(
        &self,
        cells: &impl Cells,
        channel: ChannelId,
        lease: &Lease,
        verdict: &Verdict,
        spacing: Duration,
        now: Timestamp,
    ) -> Result<Settled, Failure> {
        let settled = self.queues.update(cells, channel, |queue| match queue.settle(lease, verdict, spacing, now) {
            Settled::Late => Change::None(Settled::Late),
            settled => Change::Made(settled),
        })?;
        match &settled {
            Settled::Delivered => self.hand_over(cells, self.parcel_id(lease.subject), channel)?,
            Settled::Dropped(subjects) => {
                for subject in subjects {
                    self.hand_over(cells, self.parcel_id(*subject), channel)?;
                }
            }
            Settled::Again(_) | Settled::Late => {}
        }
        Ok(settled)
    }

    /// The id of the message that tells a channel of this: constant over tries and workers.
    fn message_id(&self, subject: Subject, channel: ChannelId) -> String {
        format!("msg_{}", subject.digest(&self.key, "message", channel.as_bytes()))
    }

    fn parcel_id(&self, subject: Subject) -> Digest {
        subject.digest(&self.key, "parcel", &[])
    }

    /// The channel needs the parcel no longer; the last one takes it away.
    fn hand_over(&self, cells: &impl Cells, id: Digest, channel: ChannelId) -> Result<(), Failure> {
        self.parcels.update(cells, id, |bucket| {
            let Some(parcel) = bucket.get_mut(id) else { return Change::None(()) };
            parcel.to.retain(|to| *to != channel);
            if parcel.to.is_empty() {
                bucket.retain(|parcel| parcel.id != id);
            }
            Change::Made(())
        })
    }
}

impl Kept for Parcel {
    const FORMAT: u8 = 2;

    fn id(&self) -> Digest {
        self.id
    }

    /// Updates go first, then what has waited longest: it has been told of as late as news can be.
    fn worth(&self) -> impl Ord {
        (self.snapshot.transition != Transition::Updated, self.posted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::audience::Audience;
    use crate::incident::snapshot::IncidentId;
    use crate::points::Points;
    use crate::risk::crossing::Band;
    use crate::state::memory::Memory;

    const RETRY: Verdict = Verdict::Retry { hold: None };
    const REFUSED: Verdict = Verdict::Refused { stop: false };
    const TIMEOUT: Duration = Duration::from_secs(15);

    struct Bench {
        cells: Memory,
        outbox: Outbox,
        channels: Vec<ChannelId>,
    }

    impl Bench {
        fn new(messages: u32) -> Self {
            let key = Key::from_passphrase("test");
            let channels = [b"a", b"b"].map(|name| key.digest("channel", &[name])).to_vec();
            Self { cells: Memory::default(), outbox: Outbox::new("t", messages, key), channels }
        }

        fn post(&self, snapshot: &Snapshot, at: u64) -> Posted {
            let to: Vec<_> = self.channels.iter().map(|channel| (*channel, snapshot.transition)).collect();
            self.outbox.post(&self.cells, snapshot, &to, Timestamp::from_millis(at)).unwrap()
        }

        fn take(&self, channel: usize, at: u64) -> Option<Ready> {
            let now = Timestamp::from_millis(at);
            self.outbox.take(&self.cells, self.channels[channel], now, TIMEOUT, at).unwrap()
        }

        fn settle(&self, channel: usize, ready: &Ready, verdict: &Verdict, at: u64) -> Settled {
            let now = Timestamp::from_millis(at);
            self.outbox.settle(&self.cells, self.channels[channel], &ready.lease, verdict, Duration::ZERO, now).unwrap()
        }
    }

    fn snapshot(incident: &str, number: u32, transition: Transition) -> Snapshot {
        let key = Key::from_passphrase("test");
        Snapshot {
            incident: IncidentId(key.digest("incident", &[incident.as_bytes()])),
            transition,
            ending: None,
            number,
            at: Timestamp::from_millis(0),
            user: "u".into(),
            user_digest: key.digest("user", &[incident.as_bytes()]),
            source: "header:x-user-id".into(),
            increase: Points::whole(16),
            threshold: Points::whole(10),
            window_millis: 1000,
            band: Band::Warning,
            events: Vec::new(),
            requests: Vec::new(),
            audience: Audience::default(),
        }
    }

    #[test]
    fn each_channel_gets_it_once_however_often_it_is_posted() {
        let bench = Bench::new(64);
        let opened = snapshot("i", 1, Transition::Opened);
        assert_eq!(bench.post(&opened, 0).queued, [Queued::Added, Queued::Added]);
        assert_eq!(bench.post(&opened, 1).queued, [Queued::Waiting, Queued::Waiting]);
        let first = bench.take(0, 2).unwrap();
        assert_eq!(bench.take(0, 3), None, "the lease is out");
        let second = bench.take(1, 3).unwrap();
        assert_ne!(first.message_id, second.message_id);
        assert_eq!(bench.settle(0, &first, &Verdict::Delivered, 4), Settled::Delivered);
        assert_eq!(bench.settle(0, &first, &Verdict::Delivered, 5), Settled::Late);
        assert_eq!(bench.post(&opened, 6).queued, [Queued::Delivered, Queued::Waiting]);
        assert_eq!(bench.settle(1, &second, &Verdict::Delivered, 7), Settled::Delivered);
        assert_eq!(bench.post(&opened, 8).queued, [Queued::Delivered, Queued::Delivered]);
        assert_eq!(bench.take(0, 100_000), None);
    }

    #[test]
    fn a_failed_try_pauses_doubling_and_keeps_its_id() {
        let bench = Bench::new(64);
        bench.post(&snapshot("i", 1, Transition::Opened), 0);
        let (mut now, mut id) = (0, None);
        for base in [1000, 2000, 4000, 8000] {
            let ready = bench.take(0, now).unwrap();
            assert_eq!(*id.get_or_insert_with(|| ready.message_id.clone()), ready.message_id);
            let Settled::Again(pause) = bench.settle(0, &ready, &RETRY, now) else { panic!("not again") };
            let pause = u64::try_from(pause.as_millis()).unwrap();
            assert!((base * 4 / 5..=base * 6 / 5).contains(&pause), "{pause} is not {base} give or take a fifth");
            assert_eq!(bench.take(0, now + pause - 1), None);
            now += pause;
        }
        let ready = bench.take(0, now).unwrap();
        let probe = Settled::Again(PROBE);
        assert_eq!(bench.settle(0, &ready, &RETRY, now), probe, "the circuit is open after five");
        bench.post(&snapshot("j", 1, Transition::Opened), now);
        assert_eq!(bench.take(0, now + 29_999), None, "nothing else goes out through an open circuit");
        let ready = bench.take(0, now + 30_000).unwrap();
        assert_eq!(bench.settle(0, &ready, &Verdict::Delivered, now + 30_001), Settled::Delivered);
        assert!(bench.take(0, now + 30_002).is_some(), "one success closes it");
    }

    const PROBE: Duration = Duration::from_secs(30);

    #[test]
    fn a_servers_wish_holds_the_channel() {
        let bench = Bench::new(64);
        bench.post(&snapshot("i", 1, Transition::Opened), 0);
        bench.post(&snapshot("j", 1, Transition::Opened), 0);
        let ready = bench.take(0, 0).unwrap();
        let wish = Verdict::Retry { hold: Some(Duration::from_secs(7)) };
        assert_eq!(bench.settle(0, &ready, &wish, 0), Settled::Again(Duration::from_secs(7)));
        assert_eq!(bench.take(0, 6_999), None);
        assert!(bench.take(0, 7_000).is_some());
        assert!(bench.take(1, 0).is_some(), "another channel is not held");
    }

    #[test]
    fn a_message_whose_sender_died_is_sent_again_and_the_dead_ones_answer_is_late() {
        let bench = Bench::new(64);
        bench.post(&snapshot("i", 1, Transition::Opened), 0);
        let lost = bench.take(0, 0).unwrap();
        assert_eq!(bench.take(0, 14_999), None);
        let again = bench.take(0, 15_000).unwrap();
        assert_eq!(again.message_id, lost.message_id);
        assert_eq!(bench.settle(0, &lost, &REFUSED, 15_001), Settled::Late);
        assert_eq!(bench.settle(0, &again, &Verdict::Delivered, 15_002), Settled::Delivered);
    }

    #[test]
    fn a_user_is_told_of_in_order_and_others_do_not_wait() {
        let bench = Bench::new(64);
        bench.post(&snapshot("i", 1, Transition::Opened), 0);
        bench.post(&snapshot("i", 2, Transition::Resolved), 0);
        bench.post(&snapshot("j", 1, Transition::Opened), 0);
        let opened = bench.take(0, 0).unwrap();
        bench.settle(0, &opened, &RETRY, 0);
        let other = bench.take(0, 1).unwrap();
        assert_eq!(other.snapshot.incident, snapshot("j", 1, Transition::Opened).incident);
        bench.settle(0, &other, &Verdict::Delivered, 2);
        assert_eq!(bench.take(0, 3), None);
        let opened = bench.take(0, 2_000).unwrap();
        assert_eq!(opened.snapshot.transition, Transition::Opened);
        assert!(matches!(bench.settle(0, &opened, &REFUSED, 2_001), Settled::Dropped(gone) if gone.len() == 2));
        assert_eq!(bench.take(0, 100_000), None, "nobody hears the end of what they never heard of");
    }

    #[test]
    fn a_stopped_channel_takes_nothing_more() {
        let bench = Bench::new(64);
        bench.post(&snapshot("i", 1, Transition::Opened), 0);
        let ready = bench.take(0, 0).unwrap();
        bench.settle(0, &ready, &Verdict::Refused { stop: true }, 1);
        let posted = bench.post(&snapshot("j", 1, Transition::Opened), 2);
        assert_eq!(posted.queued, [Queued::Stopped, Queued::Added]);
    }

    #[test]
    fn a_wish_for_no_pause_gets_one_and_the_circuit_opens_all_the_same() {
        let bench = Bench::new(64);
        bench.post(&snapshot("i", 1, Transition::Opened), 0);
        let wish = Verdict::Retry { hold: Some(Duration::ZERO) };
        let (mut now, mut tries) = (0, 0);
        while now < 60_000 {
            if let Some(ready) = bench.take(0, now) {
                bench.settle(0, &ready, &wish, now);
                tries += 1;
            }
            now += 100;
        }
        assert_eq!(tries, 6, "five with doubling pauses, then one probe in half a minute");
    }

    #[test]
    fn a_step_back_of_the_clock_stops_nothing() {
        let bench = Bench::new(64);
        let hours = 60 * 60 * 1000;
        bench.post(&snapshot("i", 1, Transition::Opened), 20 * hours);
        bench.take(0, 20 * hours).unwrap();
        assert_eq!(bench.take(0, 20 * hours - 1000), None, "the lease holds");
        let ready = bench.take(0, 8 * hours).unwrap();
        bench.settle(0, &ready, &Verdict::Retry { hold: Some(Duration::from_secs(3600)) }, 8 * hours);
        assert!(bench.take(0, 2 * hours).is_some());
    }

    #[test]
    fn a_full_outbox_lets_updates_go_first_and_stays_bounded() {
        let bench = Bench::new(8);
        bench.post(&snapshot("i", 1, Transition::Opened), 0);
        bench.post(&snapshot("i", 2, Transition::Updated), 1);
        for number in 0..6 {
            bench.post(&snapshot(&format!("j{number}"), 1, Transition::Opened), 2);
        }
        let posted = bench.post(&snapshot("k", 1, Transition::Opened), 3);
        assert!(posted.queued.iter().all(|queued| matches!(queued, Queued::Displaced(gone) if gone.number == 2)));
        assert_eq!(bench.post(&snapshot("l", 1, Transition::Opened), 4).queued, [Queued::Full, Queued::Full]);
        let cells = 8 * 4 / 8 + 2;
        for number in 0..1000 {
            bench.post(&snapshot(&format!("m{number}"), 1, Transition::Opened), 5);
        }
        assert!(bench.cells.len() <= cells, "{} cells", bench.cells.len());
    }

    #[test]
    fn as_many_wait_as_there_is_room_for() {
        let bench = Bench::new(512);
        for number in 0..512 {
            let posted = bench.post(&snapshot(&format!("i{number}"), 1, Transition::Opened), 0);
            assert_eq!((posted.lost, posted.queued), (0, vec![Queued::Added; 2]), "{number}");
        }
    }
}
