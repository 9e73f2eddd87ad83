//! What does an answer do? It is applied to the message first, and then to the channel's lease, circuit and pauses.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::keyed_hash::Digest;
use crate::notify::callout::Verdict;
use crate::notify::delivery_policy::DeliveryPolicy;
use crate::notify::outbox::clearing;
use crate::notify::outbox::store::{Store, Terms};
use crate::notify::queue::bucket::Answer;
use crate::notify::queue::bundle::Kind;
use crate::notify::queue::control::Control;
use crate::notify::queue::departure::{Departure, Exit};
use crate::notify::queue::lease::{Lease, Origin};
use crate::notify::queue::outcome::{AttemptOutcome, Settled};
use crate::state::cells::Cells;
use crate::state::table::{Change, Failure};

/// As [`super::Outbox::settle`].
pub(super) fn settle(
    store: &Store,
    cells: &impl Cells,
    terms: Terms<'_>,
    lease: &Lease,
    verdict: &Verdict,
) -> Result<Settled, Failure> {
    let hold = if let Verdict::Retry { hold } = verdict { *hold } else { None };
    let (pause, rest) = store.control(cells, terms.channel)?.pauses(lease.subject, lease.attempt, hold);
    let answer = match verdict {
        Verdict::Delivered => Answer::Leave(Exit::Delivered),
        Verdict::Refused { .. } => Answer::Leave(Exit::Failed),
        Verdict::Retry { .. } => Answer::Retry(terms.now.after(pause)),
    };
    let departures = match lease.origin {
        Origin::User(user) => message(store, cells, terms, (lease, user), answer, (verdict, rest))?,
        Origin::Bundle => bundle(store, cells, terms, lease, answer, (verdict, rest))?,
    };
    let Some(mut departures) = departures else {
        return Ok(Settled { outcome: AttemptOutcome::Stale, departures: Vec::new() });
    };
    let left = departures.first().map(|departure| AttemptOutcome::Left(departure.exit));
    let outcome = left.unwrap_or(AttemptOutcome::Retry(pause.max(rest)));
    if matches!(verdict, Verdict::Refused { stop: true }) {
        let control = store.control(cells, terms.channel)?;
        departures.extend(clearing::clear(store, cells, terms, &control)?.departures);
    }
    Ok(Settled { outcome, departures })
}

/// Applies the answer to a message about one incident; none if it comes too late.
fn message(
    store: &Store,
    cells: &impl Cells,
    Terms { channel, policy, now }: Terms<'_>,
    (lease, user): (&Lease, Digest),
    answer: Answer,
    (verdict, rest): (&Verdict, Duration),
) -> Result<Option<Vec<Departure>>, Failure> {
    let (departures, _) = store.change(
        cells,
        (channel, store.place(user)),
        |bucket| match bucket.settle(channel, (lease.subject, lease.nonce), answer, now, policy) {
            Some(departures) => Change::Made(Some(departures)),
            None => Change::None(None),
        },
        |control, departures| {
            if departures.is_some() {
                conclude(control, lease, verdict, rest, now, policy);
            }
        },
    )?;
    Ok(departures)
}

/// Applies the answer to a rollup or a batch; none if it comes too late.
fn bundle(
    store: &Store,
    cells: &impl Cells,
    Terms { channel, policy, now }: Terms<'_>,
    lease: &Lease,
    answer: Answer,
    (verdict, rest): (&Verdict, Duration),
) -> Result<Option<Vec<Departure>>, Failure> {
    let mut control = store.control(cells, channel)?;
    let sent = control.bundle_mut(lease.subject).filter(|bundle| bundle.sending == Some(lease.nonce)).copied();
    let Some(sent) = sent else { return Ok(None) };
    // The rollup learns first that its opening was delivered: a worker that dies now leaves the opening to be sent again.
    let opening = matches!((sent.kind, answer), (Kind::Opened(_), Answer::Leave(Exit::Delivered)));
    let number = u32::try_from(sent.number).unwrap_or_default();
    let end = if opening { store.rollups.opened(cells, (channel, number), policy.sends_resolved, now)? } else { None };
    let departures = store.controls.update(cells, channel, |control| {
        let sending = control.bundle_mut(lease.subject).filter(|bundle| bundle.sending == Some(lease.nonce));
        let Some(bundle) = sending else { return Change::None(None) };
        let exit = match answer {
            Answer::Leave(exit) => Some(exit),
            Answer::Retry(_) if bundle.is_expired(now, policy) => Some(Exit::Expired),
            Answer::Retry(not_before) => {
                (bundle.sending, bundle.not_before) = (None, not_before);
                None
            }
        };
        let mut gone = exit.map(|exit| control.dismiss(exit, |one| one.is_same(&sent))).unwrap_or_default();
        gone.extend(end.and_then(|end| control.push(end)));
        conclude(control, lease, verdict, rest, now, policy);
        Change::Made(Some(gone))
    })?;
    let buried: &[Departure] = if opening { &[] } else { departures.as_deref().unwrap_or_default() };
    store.bury(cells, channel, buried)?;
    Ok(departures)
}

/// What a try means for the channel.
fn conclude(
    control: &mut Control,
    lease: &Lease,
    verdict: &Verdict,
    rest: Duration,
    now: Timestamp,
    policy: &DeliveryPolicy,
) {
    control.release(lease.nonce);
    match verdict {
        Verdict::Delivered => control.succeed(now, policy),
        Verdict::Refused { stop } => control.stopped |= *stop,
        Verdict::Retry { .. } => control.fail(now, rest),
    }
}
