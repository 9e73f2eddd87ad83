//! Sends the next message of each channel, and settles each attempt by the answer to its callout.

use std::time::Duration;

use crate::console::Console;
use crate::console::journal::DeliveryResult;
use crate::incident::snapshot::Snapshot;
use crate::notify::callout::{Reply, Verdict};
use crate::notify::channel::Channel;
use crate::notify::delivery_policy::DeliveryPolicy;
use crate::notify::detected::Culprit;
use crate::notify::notice::message::Notice;
use crate::notify::notice::report::Report;
use crate::notify::outbox::message::{Content, Ready, Taken};
use crate::notify::queue::departure::Exit;
use crate::notify::queue::lease::{LEASE_SLACK, Origin};
use crate::notify::queue::outcome::{AttemptOutcome, Settled};
use crate::notify::rollup::IncidentMessage;
use crate::plugin::config::Config;
use crate::state::cells::Cells;
use crate::text::untrusted;
use crate::worker::effect::{About, Effect, PendingCallout};
use crate::worker::log_budget::Kind;
use crate::worker::log_line;
use crate::worker::metric::Counter;
use crate::worker::tables::Tables;
use crate::worker::turn::Turn;

/// How much of an answer stands in the log, in characters.
const EXCERPT: usize = 200;

/// What came of an attempt.
struct AttemptReport<'a> {
    channel_index: usize,
    pending_callout: &'a PendingCallout,
    reply: &'a Reply,
    verdict: Verdict,
    settled: Settled,
    policy: DeliveryPolicy,
}

impl<C: Cells> Turn<'_, C> {
    /// Settles the attempt that `reply` belongs to, and sends the channel's next message without waiting for a tick.
    pub(crate) fn settle_callout(&mut self, pending_callout: &PendingCallout, reply: &Reply) {
        let worker = self.worker;
        let Ok(tables) = worker.tables() else { return };
        let index = tables.channels.iter().position(|id| *id == pending_callout.channel);
        let Some((channel_index, entry)) = index.and_then(|index| Some((index, worker.config.notify.get(index)?)))
        else {
            return;
        };
        let (verdict, policy) = (reply.judge(entry.channel.finality(), self.now), entry.policy());
        let (channel, lease) = ((pending_callout.channel, &policy), &pending_callout.lease);
        match tables.outbox.settle(&worker.cells, channel, lease, &verdict, self.now) {
            Ok(settled) => {
                let report = AttemptReport { channel_index, pending_callout, reply, verdict, settled, policy };
                self.report_attempt(&entry.channel, &report);
                self.send_next(tables, channel_index);
            }
            Err(failure) => self.log_trouble("an answer could not be noted; the message will be sent again", &failure),
        }
    }

    /// Sends the channel's next message, if one is due and no other worker is sending.
    pub(super) fn send_next(&mut self, tables: &Tables, channel_index: usize) {
        let worker = self.worker;
        let (Some(entry), Some(id)) = (worker.config.notify.get(channel_index), tables.channels.get(channel_index))
        else {
            return;
        };
        let delivery = entry.channel.delivery();
        let lease = delivery.timeout.saturating_add(LEASE_SLACK);
        let nonce = worker.lease_nonce();
        let taken = tables.outbox.take(&worker.cells, (*id, &entry.policy()), self.now, lease, nonce);
        let Ok(Taken { ready, oldest, departures }) = taken else { return };
        self.account(Some(channel_index), &departures, None);
        self.gauge_oldest(channel_index, oldest.map_or(0, |since| self.now.since(since).as_secs()));
        let Some(Ready { lease, message_id, content }) = ready else { return };
        let Config { service, links, admin, privacy, .. } = &worker.config;
        let users = entry.route.users().unwrap_or(privacy.users);
        let (request, about) = match content {
            Content::Incidents(message) => {
                let IncidentMessage { snapshot, rollup } = message.seen(&|snapshot| privacy.veiled(users, snapshot));
                let (snapshot, rollup, console) = (&snapshot, rollup.as_ref(), admin.as_ref().map(Console::path));
                let notice = Notice { message_id: &message_id, snapshot, service, links, console, rollup };
                let Snapshot { incident, transition, at, .. } = *snapshot;
                let channel = worker.channel_name(channel_index).to_owned();
                let about = About { channel, incident, transition, at };
                (entry.channel.request(&notice, self.now), Some(Box::new(about)))
            }
            Content::Requests(batch) => {
                let name = |user: &Culprit| privacy.display_name(users, &user.source, &user.name, &user.digest);
                let report = Report { message_id: &message_id, batch: &batch, service, name: &name };
                (entry.channel.report(&report, self.now), None)
            }
        };
        let cluster = delivery.cluster.to_owned();
        let pending_callout = PendingCallout { channel: *id, message_id, lease, about };
        self.push(Effect::Call { pending_callout, cluster, timeout: delivery.timeout, request });
    }

    /// Sets the gauge of the channel's oldest message, if its value has changed.
    fn gauge_oldest(&mut self, channel_index: usize, seconds: u64) {
        let Ok(mut reported) = self.worker.oldest_reported.try_borrow_mut() else { return };
        if let Some(last) = reported.get_mut(channel_index).filter(|last| **last != seconds) {
            *last = seconds;
            self.push(Effect::Oldest(channel_index, seconds));
        }
    }

    /// Counts and logs what came of an attempt.
    fn report_attempt(&mut self, channel: &Channel, report: &AttemptReport<'_>) {
        let AttemptReport { channel_index, pending_callout, reply, settled: Settled { outcome, departures }, .. } =
            report;
        let name = self.worker.channel_name(*channel_index);
        let mut answer = untrusted::clean(&channel.redacted(&answer(reply)), EXCERPT);
        if let Reply::Nothing { .. } = reply {
            let (kind, cluster) = (channel.kind(), channel.delivery().cluster);
            answer.push_str(&format!(" (notify[{channel_index}].{kind}.cluster: `{cluster}`)"));
        }
        let (level, event, what) = match outcome {
            AttemptOutcome::Stale => return,
            AttemptOutcome::Left(Exit::Delivered | Exit::RolledUp) => {
                (log::Level::Info, "delivered", "arrived".to_owned())
            }
            AttemptOutcome::Retry(pause) => {
                let pause = humantime::format_duration(Duration::from_millis(pause.as_millis() as u64));
                self.count_for(*channel_index, Counter::Retried, 1);
                (log::Level::Warn, "retry", format!("{name} {answer}; next try in {pause}"))
            }
            AttemptOutcome::Left(exit @ (Exit::Failed | Exit::Displaced | Exit::Expired)) => {
                (log::Level::Error, "undelivered", format!("{name} {answer}: {}", report.consequence(*exit)))
            }
        };
        let logged = if let AttemptOutcome::Left(exit) = outcome { Some(*exit) } else { None };
        if let (Origin::User(user), Some(about)) = (pending_callout.lease.origin, pending_callout.about()) {
            let result = logged.map_or(DeliveryResult::Retry, DeliveryResult::from);
            self.note_delivery(*channel_index, user, about.transition, result, answer);
        }
        self.account(Some(*channel_index), departures, logged);
        let line = log_line::delivery(event, name, &pending_callout.message_id, pending_callout.lease.attempt, &what);
        let kind = match level {
            log::Level::Error => Kind::Always,
            log::Level::Warn => Kind::Service,
            _ => Kind::Routine,
        };
        self.log(kind, level, line);
    }
}

impl AttemptReport<'_> {
    /// What follows from an attempt after which the message is given up.
    fn consequence(&self, exit: Exit) -> String {
        let number = self.settled.departures.iter().filter(|departure| departure.exit == exit).count();
        let others = if number > 1 { format!(" ({number} messages)") } else { String::new() };
        match (exit, &self.verdict) {
            (Exit::Expired, _) => {
                format!("tried for {}, given up{others}", humantime::format_duration(self.policy.give_up_after))
            }
            (_, Verdict::Refused { stop: true }) => {
                format!("nothing more is sent to it until its options change{others}")
            }
            (_, _) => format!("the message is not sent again; check the channel's options{others}"),
        }
    }
}

/// The answer in words, with the start of its body, in which vendors say why they refuse.
fn answer(reply: &Reply) -> String {
    match reply {
        Reply::Answer { status, body, .. } if body.is_empty() => format!("answered {status}"),
        Reply::Answer { status, body, .. } => format!("answered {status} {}", String::from_utf8_lossy(body)),
        Reply::Nothing { why } => (*why).to_owned(),
    }
}
