//! How are many waiting openings brought into one message? Node by node; whoever has the lease goes on.
//!
//! | after this step | a crash leaves | and the next worker |
//! |---|---|---|
//! | the control cell names the rollup as `assembling` | an empty rollup | brings the openings into it |
//! | openings are `Joining` in their buckets | openings that count as waiting and can't be displaced | adds them: joining and adding twice is the same |
//! | the rollup's cell holds them | openings that are in both | takes them off, or as strays once it is sealed |
//! | they have left their buckets | a rollup that is not sealed | seals it |
//! | the rollup is sealed | a sealed rollup that does not wait | seals it again, which changes nothing, and queues it |
//! | the control cell has the bundle | a message that is not sent yet | sends it when the lease has run out |

use crate::keyed_hash::Digest;
use crate::notify::delivery_policy::DeliveryPolicy;
use crate::notify::outbox::message::{Content, Ready};
use crate::notify::outbox::store::{Store, Terms};
use crate::notify::queue::control::Control;
use crate::notify::queue::departure::Departure;
use crate::notify::queue::lease::{Lease, Origin};
use crate::state::cells::{Cells, Unavailable};
use crate::state::table::{Change, Failure};

/// How many openings are one message, at most.
const LARGEST: usize = 1024;

/// Brings the openings that wait into the rollup that the control cell names, and grants it to the try with this nonce.
pub(super) fn assemble(
    store: &Store,
    cells: &impl Cells,
    terms: Terms<'_>,
    control: &Control,
    nonce: u64,
    departures: &mut Vec<Departure>,
) -> Result<Option<Ready>, Failure> {
    let Terms { channel, policy, now } = terms;
    let Some(number) = control.assembling else { return Ok(None) };
    let mut held = store.rollups.add(cells, (channel, number), &[], now)?;
    for node in control.root.places(|hint| hint.openings > 0) {
        // A rollup that is sealed takes no more.
        let Some(room) = held.map(|held| LARGEST.saturating_sub(held)).filter(|room| *room > 0) else { break };
        held = bring(store, cells, terms, (number, node), room, departures)?;
    }
    let bundle = store.rollups.seal(cells, (channel, number), &store.key, now)?;
    let message = store.rollups.message(cells, (channel, number))?;
    let granted = store.controls.update(cells, channel, |control| {
        control.assembling = control.assembling.filter(|assembling| *assembling != number);
        let Some(mut bundle) = bundle else {
            control.release(nonce);
            return Change::Made((None, None));
        };
        (bundle.tries, bundle.sending) = (1, Some(nonce));
        control.count(now, policy);
        Change::Made((Some(bundle), control.push(bundle)))
    })?;
    let (bundle, displaced) = granted;
    store.bury(cells, channel, displaced.as_slice())?;
    departures.extend(displaced);
    let (Some(bundle), Some(message)) = (bundle, message) else { return Ok(None) };
    let subject = bundle.subject();
    let lease = Lease { subject, attempt: 1, nonce, origin: Origin::Bundle };
    let content = Content::Incidents(Box::new(message));
    Ok(Some(Ready { lease, message_id: store.message_id(subject, channel), content }))
}

/// Brings at most so many openings of one node into the rollup; returns how many it holds then.
fn bring(
    store: &Store,
    cells: &impl Cells,
    Terms { channel, policy, now }: Terms<'_>,
    (number, node): (u32, u64),
    room: usize,
    departures: &mut Vec<Departure>,
) -> Result<Option<usize>, Failure> {
    let (mut joined, mut places) = (Vec::new(), Vec::new());
    for place in store.index.node(cells, channel, node)?.places(|hint| hint.openings > 0) {
        let room = room.saturating_sub(joined.len());
        if room == 0 {
            break;
        }
        departures.extend(settle_strays(store, cells, (channel, place), policy, Some(number))?);
        let (more, gone) = store.buckets.update(cells, place, |bucket| {
            let joined = bucket.join(channel, number, room);
            if joined.0.is_empty() {
                return Change::None(joined);
            }
            bucket.touch();
            Change::Made(joined)
        })?;
        departures.extend(gone);
        joined.extend(more);
        places.push(place);
    }
    let held = store.rollups.add(cells, (channel, number), &joined, now)?;
    if held.is_none() {
        return Ok(None);
    }
    let mut noted = Vec::new();
    for place in places {
        let (gone, revision, summary) = store.buckets.update(cells, place, |bucket| {
            let gone = bucket.leave(channel, number, policy.sends_resolved);
            let is_same = gone.is_empty();
            let revision = if is_same { bucket.revision() } else { bucket.touch() };
            let answer = (gone, revision, bucket.summary(channel));
            if is_same { Change::None(answer) } else { Change::Made(answer) }
        })?;
        departures.extend(gone);
        noted.push((place, revision, summary));
    }
    store.note(cells, channel, node, &noted, |_| {})?;
    Ok(held)
}

/// Openings that joined another rollup than `current` and whose worker died before they left: they leave if that rollup
/// holds them, else they wait again.
pub(super) fn settle_strays(
    store: &Store,
    cells: &impl Cells,
    (channel, place): (Digest, u64),
    policy: &DeliveryPolicy,
    current: Option<u32>,
) -> Result<Vec<Departure>, Failure> {
    let bucket = store.buckets.read(cells, place).map_err(|Unavailable| Failure::Unavailable)?;
    let mut departures = Vec::new();
    for (subject, number) in bucket.strays(channel, current) {
        let is_held = store.rollups.holds(cells, (channel, number), subject.incident)?;
        departures.extend(store.buckets.update(cells, place, |bucket| {
            bucket.touch();
            if is_held {
                return Change::Made(bucket.leave(channel, number, policy.sends_resolved));
            }
            bucket.rejoin(channel, subject);
            Change::Made(Vec::new())
        })?);
    }
    Ok(departures)
}
