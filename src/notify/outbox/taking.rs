//! What is sent next? What has expired leaves first; then the lease, then the message that is due.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::incident::snapshot::Transition;
use crate::notify::outbox::assembly;
use crate::notify::outbox::clearing::{self, Cleared};
use crate::notify::outbox::message::{Content, Ready, Taken};
use crate::notify::outbox::store::{Store, Terms};
use crate::notify::queue::bucket::Granted;
use crate::notify::queue::bundle::{Bundle, Kind};
use crate::notify::queue::control::{Choice, Control};
use crate::notify::queue::departure::{Departure, Exit};
use crate::notify::queue::lease::{Lease, Origin};
use crate::notify::queue::subject::Subject;
use crate::notify::queue::summary::Summary;
use crate::notify::rollup::IncidentMessage;
use crate::state::cells::Cells;
use crate::state::table::{Change, Failure};

/// How many hints may prove stale in one look: each is corrected.
const STALE: usize = 16;

/// As [`super::Outbox::take`].
pub(super) fn take(
    store: &Store,
    cells: &impl Cells,
    terms: Terms<'_>,
    length: Duration,
    nonce: u64,
) -> Result<Taken, Failure> {
    let Terms { channel, policy, now } = terms;
    let control = store.control(cells, channel)?;
    let mut taken = Taken { oldest: control.oldest(), ..Taken::default() };
    if !control.is_free(now) {
        return Ok(taken);
    }
    let Cleared { departures, has_more } = clearing::clear(store, cells, terms, &control)?;
    taken.departures = departures;
    if has_more || taken.departures.is_empty() && control.choose(now, policy).is_none() {
        return Ok(taken);
    }
    for _ in 0..STALE {
        let leased = store.controls.update(cells, channel, |control| {
            let Some(choice) = control.choose(now, policy) else { return Change::None(None) };
            control.lease(nonce, now.after(length));
            if choice == Choice::Rollup && control.assembling.is_none() {
                control.rollups_made = control.rollups_made.wrapping_add(1).max(1);
                control.assembling = Some(control.rollups_made);
            }
            Change::Made(Some((choice, control.clone())))
        })?;
        let Some((choice, control)) = leased else { break };
        taken.ready = match choice {
            Choice::Bundle(bundle) => self::bundle(store, cells, terms, bundle, nonce, &mut taken)?,
            Choice::Rollup => assembly::assemble(store, cells, terms, &control, nonce, &mut taken.departures)?,
            Choice::Opening => {
                grant(store, cells, terms, (&control, nonce), &mut taken.departures, true, |hint| hint.opening_at)?
            }
            Choice::Other => {
                grant(store, cells, terms, (&control, nonce), &mut taken.departures, false, |hint| hint.ready_at)?
            }
        };
        if taken.ready.is_some() {
            break;
        }
    }
    Ok(taken)
}

/// Grants the message about one incident that `by` puts first; none if the hint was stale.
fn grant(
    store: &Store,
    cells: &impl Cells,
    Terms { channel, policy, now }: Terms<'_>,
    (control, nonce): (&Control, u64),
    departures: &mut Vec<Departure>,
    may_open: bool,
    by: impl Fn(&Summary) -> Option<Timestamp>,
) -> Result<Option<Ready>, Failure> {
    let Some(place) = store.find(cells, channel, &control.root, by)? else {
        store.controls.update(cells, channel, |control| {
            control.release(nonce);
            Change::Made(())
        })?;
        return Ok(None);
    };
    departures.extend(assembly::settle_strays(store, cells, (channel, place), policy, None)?);
    let (granted, _) = store.change(
        cells,
        (channel, place),
        |bucket| match bucket.grant(channel, now, nonce, may_open, policy) {
            Some(granted) => Change::Made(Some(granted)),
            None => Change::None(None),
        },
        |control, granted| match granted {
            Some(granted) if granted.is_fresh_opening => control.count(now, policy),
            Some(_) => {}
            None => control.release(nonce),
        },
    )?;
    let Some(Granted { snapshot, attempt, .. }) = granted else { return Ok(None) };
    let subject = Subject::of(&snapshot);
    let lease = Lease { subject, attempt, nonce, origin: Origin::User(snapshot.user_digest) };
    let content = Content::Incidents(Box::new(IncidentMessage::one(snapshot)));
    Ok(Some(Ready { lease, message_id: store.message_id(subject, channel), content }))
}

/// Grants a rollup or a batch; none if another has taken the cell in which it was, and so it leaves.
fn bundle(
    store: &Store,
    cells: &impl Cells,
    Terms { channel, now, .. }: Terms<'_>,
    bundle: Bundle,
    nonce: u64,
    taken: &mut Taken,
) -> Result<Option<Ready>, Failure> {
    let subject = bundle.subject();
    let incidents = |message| Content::Incidents(Box::new(message));
    let content = match bundle.kind {
        Kind::Opened(_) => {
            let number = u32::try_from(bundle.number).unwrap_or_default();
            store.rollups.message(cells, (channel, number))?.map(incidents)
        }
        Kind::Resolved(count) => {
            let message = IncidentMessage::new(subject.incident, count, Transition::Resolved, now);
            Some(incidents(message.complete()))
        }
        Kind::Batch(_) => store.batches.read(cells, channel, bundle.number)?.map(Content::Requests),
    };
    let attempt = store.controls.update(cells, channel, |control| {
        if content.is_none() {
            control.release(nonce);
            return Change::Made(Err(control.dismiss(Exit::Displaced, |one| one.is_same(&bundle))));
        }
        let attempt = control.bundle_mut(subject).map_or(1, |bundle| {
            bundle.tries = bundle.tries.saturating_add(1);
            bundle.sending = Some(nonce);
            bundle.tries
        });
        Change::Made(Ok(attempt))
    })?;
    match (attempt, content) {
        (Ok(attempt), Some(content)) => {
            let lease = Lease { subject, attempt, nonce, origin: Origin::Bundle };
            Ok(Some(Ready { lease, message_id: store.message_id(subject, channel), content }))
        }
        (Err(gone), _) => {
            store.bury(cells, channel, &gone)?;
            taken.departures.extend(gone);
            Ok(None)
        }
        (Ok(_), None) => Ok(None),
    }
}
