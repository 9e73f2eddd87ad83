//! What is sent, and what came of it? Each tick serves the channels' queues; each answer settles one try.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::console::Console;
use crate::engine::Engine;
use crate::engine::config::Config;
use crate::engine::effect::{Counter, Effect};
use crate::engine::log_line::{self, Kind};
use crate::engine::shared::Shared;
use crate::incident::snapshot::{IncidentId, Snapshot, Transition};
use crate::notify::callout::{Reply, Verdict};
use crate::notify::channel::Channel;
use crate::notify::delivery_policy::DeliveryPolicy;
use crate::notify::detected::Culprit;
use crate::notify::notice::message::Notice;
use crate::notify::notice::report::Report;
use crate::notify::outbox::ChannelId;
use crate::notify::outbox::message::{Content, Ready, Taken};
use crate::notify::queue::departure::Exit;
use crate::notify::queue::lease::{LEASE_SLACK, Lease};
use crate::notify::queue::outcome::{AttemptOutcome, Settled};
use crate::notify::rollup::IncidentMessage;
use crate::state::cells::Cells;
use crate::text::untrusted;

/// How much of an answer stands in the log, in characters.
const EXCERPT: usize = 200;

/// What an answer belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingCallout {
    channel: ChannelId,
    message_id: String,
    lease: Lease,
    about: Option<Box<About>>,
}

/// What a message is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The channel's name, or its kind: `slack`.
    pub channel: String,
    /// Which incident.
    pub incident: IncidentId,
    /// What happened to it.
    pub transition: Transition,
    /// When.
    pub at: Timestamp,
}

impl PendingCallout {
    /// What the message is about, if it is about incidents.
    pub fn about(&self) -> Option<&About> {
        self.about.as_deref()
    }
}

impl<C: Cells> Engine<C> {
    pub(super) fn on_tick(&self, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        // Without shared data nothing can wait to be sent; the first malicious request will say what is wrong.
        let Ok(shared) = self.shared() else { return effects };
        if !self.greeted.replace(true) && shared.is_first(&self.cells, self.seed) {
            effects.push(Effect::Log(log::Level::Info, log_line::notice(&self.greeting())));
        }
        let born = *self.born.get_or_init(|| now);
        if shared.leadership.is_leader(&self.cells, born, now) == Ok(true) {
            self.resolve_due(shared, now, &mut effects);
            self.sweep(shared, now, &mut effects);
        }
        self.learn_tick(shared, now, &mut effects);
        for channel_index in 0..self.config.notify.len() {
            self.queue_detected(shared, channel_index, now, &mut effects);
            self.send_next(shared, channel_index, now, &mut effects);
        }
        effects
    }

    pub(super) fn on_reply(&self, pending_callout: &PendingCallout, reply: &Reply, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        let Ok(shared) = self.shared() else { return effects };
        let known = shared.channels.iter().position(|id| *id == pending_callout.channel);
        let Some((channel_index, entry)) =
            known.and_then(|channel_index| Some((channel_index, self.config.notify.get(channel_index)?)))
        else {
            return effects;
        };
        let verdict = reply.judge(entry.channel.finality(), now);
        let policy = entry.policy();
        match shared.outbox.settle(
            &self.cells,
            (pending_callout.channel, &policy),
            &pending_callout.lease,
            &verdict,
            now,
        ) {
            Ok(settled) => {
                let outcome = AttemptReport { channel_index, pending_callout, reply, verdict, settled, policy };
                self.report_attempt(&entry.channel, &outcome, now, &mut effects);
                // The next one needn't wait for the timer.
                self.send_next(shared, channel_index, now, &mut effects);
            }
            Err(failure) => {
                let line = log_line::trouble("an answer could not be noted; the message will be sent again", &failure);
                self.budget.spend(Kind::Service, now, log::Level::Error, line, &mut effects);
            }
        }
        effects
    }

    /// Sends the next message of the channel at this channel_index, if one is due and nobody else is sending.
    fn send_next(&self, shared: &Shared, channel_index: usize, now: Timestamp, effects: &mut Vec<Effect>) {
        let (Some(entry), Some(id)) = (self.config.notify.get(channel_index), shared.channels.get(channel_index))
        else {
            return;
        };
        let delivery = entry.channel.delivery();
        let length = delivery.timeout.saturating_add(LEASE_SLACK);
        let taken = shared.outbox.take(&self.cells, (*id, &entry.policy()), now, length, self.nonce());
        let Ok(Taken { ready, oldest, departures }) = taken else { return };
        self.account(Some(channel_index), &departures, None, now, effects);
        self.gauge_oldest(channel_index, oldest.map_or(0, |since| now.since(since).as_secs()), effects);
        let Some(Ready { lease, message_id, content }) = ready else { return };
        let Config { service, links, admin, privacy, .. } = &self.config;
        let users = entry.route.users().unwrap_or(privacy.users);
        let (request, about) = match content {
            Content::Incidents(message) => {
                let IncidentMessage { snapshot, rollup } = message.seen(&|snapshot| privacy.veiled(users, snapshot));
                let (snapshot, console) = (&snapshot, admin.as_ref().map(Console::path));
                let notice =
                    Notice { message_id: &message_id, snapshot, service, links, console, rollup: rollup.as_ref() };
                let Snapshot { incident, transition, at, .. } = *snapshot;
                let about = About { channel: self.label(channel_index).to_owned(), incident, transition, at };
                (entry.channel.request(&notice, now), Some(Box::new(about)))
            }
            Content::Requests(batch) => {
                let name = |user: &Culprit| privacy.display_name(users, &user.source, &user.name, &user.digest);
                let report = Report { message_id: &message_id, batch: &batch, service, name: &name };
                (entry.channel.report(&report, now), None)
            }
        };
        let cluster = delivery.cluster.to_owned();
        let pending_callout = PendingCallout { channel: *id, message_id, lease, about };
        effects.push(Effect::Call { pending_callout, cluster, timeout: delivery.timeout, request });
    }

    /// Says for how long the channel's oldest message has waited, if that has changed since it was last said.
    fn gauge_oldest(&self, channel_index: usize, seconds: u64, effects: &mut Vec<Effect>) {
        let Ok(mut ages) = self.ages.try_borrow_mut() else { return };
        if let Some(said) = ages.get_mut(channel_index).filter(|said| **said != seconds) {
            *said = seconds;
            effects.push(Effect::Oldest(channel_index, seconds));
        }
    }

    /// Counts and logs what came of a try.
    fn report_attempt(
        &self,
        channel: &Channel,
        outcome: &AttemptReport<'_>,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        let AttemptReport { channel_index, pending_callout, reply, verdict, settled, policy } = outcome;
        let label = self.label(*channel_index);
        let said = untrusted::clean(&channel.redacted(&said(reply)), EXCERPT);
        let Settled { outcome, departures } = settled;
        let consequence = |exit| {
            let others = departures.iter().filter(|departure| departure.exit == exit).count();
            let others = if others > 1 { format!(" ({others} messages)") } else { String::new() };
            match (exit, verdict) {
                (Exit::Expired, _) => {
                    format!("tried for {}, given up{others}", humantime::format_duration(policy.give_up_after))
                }
                (_, Verdict::Refused { stop: true }) => {
                    format!("nothing more is sent to it until its options change{others}")
                }
                (_, _) => format!("the message is not sent again; check the channel's options{others}"),
            }
        };
        let (level, event, what) = match outcome {
            AttemptOutcome::Stale => return,
            AttemptOutcome::Left(Exit::Delivered | Exit::RolledUp) => {
                (log::Level::Info, "delivered", "arrived".to_owned())
            }
            AttemptOutcome::Retry(pause) => {
                let pause = humantime::format_duration(Duration::from_millis(pause.as_millis() as u64));
                effects.push(Effect::Count(Counter::Retried, 1));
                effects.push(Effect::CountFor(*channel_index, Counter::Retried, 1));
                (log::Level::Warn, "retry", format!("{label} {said}; next try in {pause}"))
            }
            AttemptOutcome::Left(exit @ (Exit::Failed | Exit::Displaced | Exit::Expired)) => {
                (log::Level::Error, "undelivered", format!("{label} {said}: {}", consequence(*exit)))
            }
        };
        let logged = if let AttemptOutcome::Left(exit) = outcome { Some(*exit) } else { None };
        self.account(Some(*channel_index), departures, logged, now, effects);
        let line = log_line::delivery(event, label, &pending_callout.message_id, pending_callout.lease.attempt, &what);
        let kind = if level == log::Level::Error { Kind::Loss } else { Kind::Service };
        self.budget.spend(kind, now, level, line, effects);
    }

    pub(super) fn label(&self, channel_index: usize) -> &str {
        self.labels.get(channel_index).map_or("", String::as_str)
    }

    fn greeting(&self) -> String {
        let channels: Vec<_> = self.config.notify.iter().map(|entry| entry.channel.kind()).collect();
        format!(
            "user-risk-filter {} runs with {} rules; notifies: {}; scores and open incidents are kept in this process and \
             forgotten when it ends",
            env!("CARGO_PKG_VERSION"),
            self.rules.rules().count(),
            if channels.is_empty() { "nobody, the log only".to_owned() } else { channels.join(", ") },
        )
    }
}

/// What came of a try.
struct AttemptReport<'a> {
    channel_index: usize,
    pending_callout: &'a PendingCallout,
    reply: &'a Reply,
    verdict: Verdict,
    settled: Settled,
    policy: DeliveryPolicy,
}

/// The answer in words, with the start of its body: vendors say there why they refuse.
fn said(reply: &Reply) -> String {
    match reply {
        Reply::Answer { status, body, .. } if body.is_empty() => format!("answered {status}"),
        Reply::Answer { status, body, .. } => format!("answered {status} {}", String::from_utf8_lossy(body)),
        Reply::Nothing { why } => (*why).to_owned(),
    }
}
