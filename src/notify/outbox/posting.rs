//! How is a message queued? In one bucket for all channels, and then in the hints of each; what is too much gives way.

use crate::clock::Timestamp;
use crate::incident::snapshot::{Snapshot, Transition};
use crate::keyed_hash::Digest;
use crate::notify::outbox::store::Store;
use crate::notify::queue::bucket::Bucket;
use crate::notify::queue::departure::Departure;
use crate::notify::queue::index::Index;
use crate::notify::queue::outcome::{Posted, Queued, Recipient};
use crate::notify::queue::summary::Level;
use crate::notify::queue::worth::Worth;
use crate::sort::sort;
use crate::state::cells::Cells;
use crate::state::table::{Change, Failure};

/// How many messages make room for one: a worker that died may have left one too many.
const DISPLACED: usize = 2;

/// As [`super::Outbox::post`].
pub(super) fn post(
    store: &Store,
    cells: &impl Cells,
    snapshot: &Snapshot,
    channels: &[(Digest, Transition)],
    now: Timestamp,
) -> Result<Posted, Failure> {
    let place = store.place(snapshot.user_digest);
    let recipients = recipients(store, cells, snapshot, channels, now)?;
    let (mut placed, revision, noted) = store.buckets.update(cells, place, |bucket| {
        let placed = bucket.post(snapshot, &recipients, now);
        let is_changed = |queued: &Queued| matches!(queued, Queued::Added | Queued::Full | Queued::Stopped);
        let changed = placed.queued.iter().any(is_changed);
        let revision = if changed { bucket.touch() } else { bucket.revision() };
        let noted = affected(&recipients, &placed).into_iter().map(|channel| (channel, bucket.summary(channel)));
        let answer = (placed, revision, noted.collect::<Vec<_>>());
        if changed { Change::Made(answer) } else { Change::None(answer) }
    })?;
    for (channel, summary) in noted {
        let root = store.note(cells, channel, Index::node_of(place), &[(place, revision, summary)], |_| {})?;
        let gone = displace(store, cells, channel, root)?;
        placed.departures.extend(gone.into_iter().map(|departure| (channel, departure)));
    }
    for (queued, recipient) in placed.queued.iter().zip(&recipients) {
        if let (Queued::RolledUp(number), Transition::Resolved) = (queued, recipient.sent_as) {
            let gone = end(store, cells, (recipient.channel, *number), snapshot, now)?;
            placed.departures.extend(gone.map(|departure| (recipient.channel, departure)));
        }
    }
    Ok(placed)
}

/// The channels as they stand a moment before. They are hints: two workers that post at once may both take the last place,
/// and the next one makes room for one more.
fn recipients(
    store: &Store,
    cells: &impl Cells,
    snapshot: &Snapshot,
    channels: &[(Digest, Transition)],
    now: Timestamp,
) -> Result<Vec<Recipient>, Failure> {
    let recipient = |(channel, sent_as): &(Digest, Transition)| {
        let control = store.control(cells, *channel)?;
        let total = control.root.total();
        let is_least = match (total.least, Worth::of(snapshot, *sent_as, false, now)) {
            (Some(least), Some(own)) => own < least,
            (least, _) => least.is_none(),
        };
        let is_full = total.waiting >= store.room && is_least;
        Ok(Recipient { channel: *channel, sent_as: *sent_as, is_stopped: control.stopped, is_full })
    };
    channels.iter().map(recipient).collect()
}

/// The channels whose summaries may have changed: also where a message was there before, as its worker may have died.
fn affected(recipients: &[Recipient], placed: &Posted) -> Vec<Digest> {
    let waits = |queued: &Queued| matches!(queued, Queued::Added | Queued::Waiting);
    let own = placed.queued.iter().zip(recipients).filter(|(queued, _)| waits(queued)).map(|(_, to)| to.channel);
    let mut channels: Vec<_> = own.chain(placed.departures.iter().map(|(channel, _)| *channel)).collect();
    sort(&mut channels);
    channels.dedup();
    channels
}

/// Takes off what matters least, while more wait than may.
fn displace(store: &Store, cells: &impl Cells, channel: Digest, mut root: Level) -> Result<Vec<Departure>, Failure> {
    let mut departures = Vec::new();
    for _ in 0..DISPLACED {
        if root.total().waiting <= store.room {
            break;
        }
        let Some(place) = store.find(cells, channel, &root, |summary| summary.least)? else { break };
        let take = |bucket: &mut Bucket| {
            let gone = bucket.displace(channel);
            if gone.is_empty() { Change::None(gone) } else { Change::Made(gone) }
        };
        let (gone, after) = store.change(cells, (channel, place), take, |_, _| {})?;
        departures.extend(gone);
        root = after;
    }
    Ok(departures)
}

/// An incident of a rollup has ended: with the last one the rollup's end is queued.
fn end(
    store: &Store,
    cells: &impl Cells,
    (channel, number): (Digest, u32),
    snapshot: &Snapshot,
    now: Timestamp,
) -> Result<Option<Departure>, Failure> {
    let Some(bundle) = store.rollups.end(cells, (channel, number), snapshot.incident, now)? else { return Ok(None) };
    let gone = store.controls.update(cells, channel, |control| {
        if control.stopped {
            return Change::None(None);
        }
        Change::Made(control.push(bundle))
    })?;
    store.bury(cells, channel, gone.as_slice())?;
    Ok(gone)
}
