//! What is sent, and what came of it? Each tick serves the channels' queues; each answer settles one try.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::console::Console;
use crate::engine::Engine;
use crate::engine::config::Config;
use crate::engine::effect::{Counter, Effect};
use crate::engine::report::{self, Kind};
use crate::engine::shared::Shared;
use crate::incident::snapshot::{IncidentId, Snapshot, Transition};
use crate::notify::callout::{Reply, Verdict};
use crate::notify::channel::Channel;
use crate::notify::notice::Notice;
use crate::notify::outbox::{ChannelId, Ready};
use crate::notify::queue::{Lease, Settled};
use crate::notify::route::Subscription;
use crate::state::Cells;
use crate::untrusted;

/// How much longer than a try a lease is: the answer has to travel and the worker to get to it.
const LEASE_SLACK: Duration = Duration::from_secs(5);

/// How much of an answer stands in the log, in characters.
const EXCERPT: usize = 200;

/// What an answer belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    channel: ChannelId,
    message_id: String,
    lease: Lease,
    about: Box<About>,
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

impl Ticket {
    /// What the message is about.
    pub fn about(&self) -> &About {
        &self.about
    }
}

impl<C: Cells> Engine<C> {
    pub(super) fn on_beat(&self, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        // Without shared data nothing can wait to be sent; the first malicious request will say what is wrong.
        let Ok(shared) = self.shared() else { return effects };
        if !self.greeted.replace(true) && shared.is_first(&self.cells, self.seed) {
            effects.push(Effect::Log(log::Level::Info, report::notice(&self.greeting())));
        }
        let born = *self.born.get_or_init(|| now);
        if shared.word.is_mine(&self.cells, born, now) == Ok(true) {
            self.settle_due(shared, now, &mut effects);
            self.sweep(shared, now, &mut effects);
        }
        self.learn_beat(shared, now, &mut effects);
        for (entry, id) in self.config.notify.iter().zip(&shared.channels) {
            self.serve(shared, entry, *id, now, &mut effects);
        }
        effects
    }

    pub(super) fn on_reply(&self, ticket: &Ticket, reply: &Reply, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        let Ok(shared) = self.shared() else { return effects };
        let known = self.config.notify.iter().zip(&shared.channels).find(|(_, id)| **id == ticket.channel);
        let Some((entry, id)) = known else { return effects };
        let channel = &entry.channel;
        let verdict = reply.judge(channel.finality(), now);
        match shared.outbox.settle(&self.cells, *id, &ticket.lease, &verdict, channel.spacing(), now) {
            Ok(settled) => {
                self.tell(channel, ticket, reply, &verdict, &settled, now, &mut effects);
                // The next one needn't wait for the timer.
                self.serve(shared, entry, *id, now, &mut effects);
            }
            Err(failure) => {
                let line = report::trouble("an answer could not be noted; the message will be sent again", &failure);
                self.budget.spend(Kind::Service, now, log::Level::Error, line, &mut effects);
            }
        }
        effects
    }

    /// Sends the channel's next message, if one is due and nobody else is sending.
    fn serve(&self, shared: &Shared, entry: &Subscription, id: ChannelId, now: Timestamp, effects: &mut Vec<Effect>) {
        let Subscription { route, channel } = entry;
        let delivery = channel.delivery();
        let length = delivery.timeout.saturating_add(LEASE_SLACK);
        let Ok(Some(Ready { lease, message_id, snapshot })) =
            shared.outbox.take(&self.cells, id, now, length, self.nonce())
        else {
            return;
        };
        let mut snapshot = self.config.privacy.veiled(route.users().unwrap_or(self.config.privacy.users), snapshot);
        // The parcel is the same for all: to a channel that comes late to an incident it tells of the opening.
        snapshot.transition = route.tells(&snapshot).unwrap_or(snapshot.transition);
        let Config { service, links, admin, .. } = &self.config;
        let console = admin.as_ref().map(Console::path);
        let notice = Notice { message_id: &message_id, snapshot: &snapshot, service, links, console };
        let request = channel.request(&notice, now);
        let cluster = delivery.cluster.to_owned();
        let Snapshot { incident, transition, at, .. } = snapshot;
        let name = entry.route.name().unwrap_or(channel.kind()).to_owned();
        let about = Box::new(About { channel: name, incident, transition, at });
        let ticket = Ticket { channel: id, message_id, lease, about };
        effects.push(Effect::Call { ticket, cluster, timeout: delivery.timeout, request });
    }

    #[expect(clippy::too_many_arguments, reason = "the facts of one try, said in one line")]
    fn tell(
        &self,
        channel: &Channel,
        ticket: &Ticket,
        reply: &Reply,
        verdict: &Verdict,
        settled: &Settled,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        let said = untrusted::clean(&channel.redacted(&said(reply)), EXCERPT);
        let (counter, number, level, event, what) = match settled {
            Settled::Late => return,
            Settled::Delivered => (Counter::Sent, 1, log::Level::Info, "delivered", "arrived".to_owned()),
            Settled::Again(pause) => {
                let pause = humantime::format_duration(Duration::from_millis(pause.as_millis() as u64));
                (Counter::Retried, 1, log::Level::Warn, "retry", format!("{said}; next try in {pause}"))
            }
            Settled::Dropped(gone) => {
                let consequence = match verdict {
                    Verdict::Refused { stop: true } => "nothing more is sent to it until its options change",
                    Verdict::Refused { stop: false } => "the message is not sent again; check the channel's options",
                    Verdict::Delivered | Verdict::Retry { .. } => "tried for 24h, given up",
                };
                (Counter::Failed, gone.len(), log::Level::Error, "undelivered", format!("{said}; {consequence}"))
            }
        };
        effects.push(Effect::Count(counter, number as u64));
        let line = report::delivery(event, channel.kind(), &ticket.message_id, ticket.lease.attempt, &what);
        self.budget.spend(Kind::Service, now, level, line, effects);
    }

    fn greeting(&self) -> String {
        let channels: Vec<_> = self.config.notify.iter().map(|entry| entry.channel.kind()).collect();
        format!(
            "user-risk-filter {} runs with {} rules; told: {}; scores and open incidents are kept in this process and \
             forgotten when it ends",
            env!("CARGO_PKG_VERSION"),
            self.rules.rules().count(),
            if channels.is_empty() { "nobody, the log only".to_owned() } else { channels.join(", ") },
        )
    }
}

/// The answer in words, with the start of its body: vendors say there why they refuse.
fn said(reply: &Reply) -> String {
    match reply {
        Reply::Answer { status, body, .. } if body.is_empty() => format!("answered {status}"),
        Reply::Answer { status, body, .. } => format!("answered {status} {}", String::from_utf8_lossy(body)),
        Reply::Nothing { why } => (*why).to_owned(),
    }
}
