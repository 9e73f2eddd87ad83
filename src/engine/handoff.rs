//! How does an incident get from a record into the outbox, whoever died on the way?

use crate::clock::Timestamp;
use crate::engine::Engine;
use crate::engine::effect::{Counter, Effect};
use crate::engine::log_line::{self, Kind};
use crate::engine::shared::Shared;
use crate::exchange::head::Head;
use crate::incident::ledger::Resolution;
use crate::incident::snapshot::{Snapshot, Transition};
use crate::keyed_hash::Digest;
use crate::notify::outbox::{ChannelId, Posted};
use crate::notify::queue::Queued;
use crate::state::cells::Cells;

/// In so many beats a worker has looked through all records for what was never handed on.
const TICKS_PER_SWEEP: u64 = 400;

/// As many incidents are ended in one beat, at most: with full queues each costs milliseconds.
const RESOLVED_PER_TICK: usize = 32;

/// As many buckets are looked at in one beat, at most.
const BUCKETS_PER_TICK: u64 = 64;

impl<C: Cells> Engine<C> {
    /// Hands what is pending on to the outbox, and then says so in the records: in this order nothing is lost. `beside`
    /// is a user in whose bucket the records stand.
    pub(super) fn hand_off(
        &self,
        shared: &Shared,
        beside: Digest,
        pending: &[Snapshot],
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        // Without a channel there is nobody to hand it to; a filter that shares the records may have one.
        if pending.is_empty() || shared.channels.is_empty() {
            return;
        }
        let mut handed = Vec::new();
        for snapshot in pending {
            let (channel_indexes, recipients) = self.recipients(shared, snapshot);
            match shared.outbox.post(&self.cells, snapshot, &recipients, now) {
                Ok(Posted { queued, lost }) => {
                    if lost > 0 {
                        self.dropped(None, lost, "the oldest went to make room: raise memory.messages", now, effects);
                    }
                    for (channel_index, queued) in channel_indexes.into_iter().zip(&queued) {
                        self.log_dropped(channel_index, queued, now, effects);
                    }
                    handed.push(snapshot.clone());
                }
                Err(failure) => {
                    let line = log_line::trouble("an incident could not be queued yet", &failure);
                    self.budget.spend(Kind::Service, now, log::Level::Error, line, effects);
                }
            }
        }
        if !handed.is_empty()
            && let Err(failure) = shared.ledger.mark_queued(&self.cells, beside, &handed)
        {
            let line = log_line::trouble("an incident could not be marked as queued", &failure);
            self.budget.spend(Kind::Service, now, log::Level::Error, line, effects);
        }
    }

    /// The channels whose routes take this: their channel_indexes under `notify`, and what each is recipients as.
    fn recipients(&self, shared: &Shared, snapshot: &Snapshot) -> (Vec<usize>, Vec<(ChannelId, Transition)>) {
        let channels = self.config.notify.iter().zip(&shared.channels).enumerate();
        channels
            .filter_map(|(channel_index, (entry, id))| Some((channel_index, (*id, entry.route.tells(snapshot)?))))
            .unzip()
    }

    /// Ends the incidents that have fallen quiet, of whoever it is: the user may never return.
    pub(super) fn resolve_due(&self, shared: &Shared, now: Timestamp, effects: &mut Vec<Effect>) {
        let due = shared.ledger.due(&self.cells, now, RESOLVED_PER_TICK).unwrap_or_default();
        self.resolve(shared, &due, now, effects);
    }

    /// Looks at the next few buckets for incidents whose worker died before it could queue them, and for those that the
    /// index had no room for.
    pub(super) fn sweep(&self, shared: &Shared, now: Timestamp, effects: &mut Vec<Effect>) {
        let buckets = shared.ledger.buckets();
        for _ in 0..(buckets / TICKS_PER_SWEEP).clamp(1, BUCKETS_PER_TICK) {
            let bucket = self.swept.get() % buckets;
            self.swept.set(bucket.wrapping_add(1));
            let overdue = shared.ledger.overdue(&self.cells, bucket, now).unwrap_or_default();
            self.resolve(shared, &overdue, now, effects);
        }
    }

    fn resolve(&self, shared: &Shared, users: &[Digest], now: Timestamp, effects: &mut Vec<Effect>) {
        let mut resolved = Vec::new();
        for user in users {
            match shared.ledger.resolve(&self.cells, *user, now, self.tells()) {
                Ok(Resolution { ended, pending, due }) => {
                    resolved.push((*user, due));
                    self.log_transitions(&ended, None, now, effects);
                    self.hand_off(shared, *user, &pending, now, effects);
                }
                Err(failure) => {
                    let line = log_line::trouble("an incident that fell quiet could not be ended yet", &failure);
                    self.budget.spend(Kind::Service, now, log::Level::Error, line, effects);
                }
            }
        }
        // Last: a worker that dies before leaves them due, and the next one looks again.
        let _ = shared.ledger.note(&self.cells, &resolved, now);
    }

    /// Is there anybody to tell?
    pub(super) fn tells(&self) -> bool {
        !self.config.notify.is_empty()
    }

    /// Counts and logs what happened to incidents; `cause` is the request that did it, where one did.
    pub(super) fn log_transitions(
        &self,
        transitions: &[Snapshot],
        cause: Option<&Head>,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        self.learn_transitions(transitions, now);
        for snapshot in transitions {
            let (counter, level) = match snapshot.transition {
                Transition::Opened => (Counter::Opened, log::Level::Error),
                Transition::Updated => (Counter::Updated, log::Level::Warn),
                Transition::Resolved => (Counter::Resolved, log::Level::Info),
            };
            effects.push(Effect::Count(counter, 1));
            let Snapshot { source, user, user_digest, .. } = snapshot;
            let called = self.config.privacy.logged(self.users(), source, user, user_digest);
            self.budget.spend(Kind::Incident, now, level, log_line::incident(snapshot, &called, cause, now), effects);
        }
    }

    fn log_dropped(&self, channel_index: usize, queued: &Queued, now: Timestamp, effects: &mut Vec<Effect>) {
        let (number, why) = match queued {
            Queued::Added | Queued::Waiting | Queued::Delivered | Queued::Suppressed => return,
            Queued::Stopped => (1, "it is stopped until its options change; the line of its last answer says why"),
            Queued::Displaced(gone) => {
                (gone.len(), "as many wait as may: updates went first, then the oldest openings")
            }
            Queued::Full => (1, "as many wait as may, and none of them could go before it"),
        };
        self.dropped(Some(channel_index), number, why, now, effects);
    }

    /// Counts and says that messages went without being sent: of a channel, or of whichever they were for.
    fn dropped(
        &self,
        channel_index: Option<usize>,
        number: usize,
        why: &str,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        let number = number as u64;
        effects.push(Effect::Count(Counter::Dropped, number));
        effects.extend(channel_index.map(|channel_index| Effect::CountFor(channel_index, Counter::Dropped, number)));
        let channel =
            channel_index.and_then(|channel_index| self.labels.get(channel_index)).map_or("the outbox", String::as_str);
        let messages = if number == 1 { "message" } else { "messages" };
        let line = log_line::notice(&format!("{channel}: {number} {messages} dropped: {why}"));
        self.budget.spend(Kind::Service, now, log::Level::Error, line, effects);
    }
}
