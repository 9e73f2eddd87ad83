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
use crate::notify::detected::Culprit;
use crate::notify::notice::Notice;
use crate::notify::notice::report::Report;
use crate::notify::outbox::{ChannelId, Content, Ready, Taken};
use crate::notify::queue::{Lease, Settled};
use crate::notify::terms::Terms;
use crate::notify::together::Together;
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
    about: Option<Box<About>>,
    /// The number of the batch of malicious requests, if it tells of those.
    batch: Option<u64>,
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
    /// What the message is about, if it is about incidents.
    pub fn about(&self) -> Option<&About> {
        self.about.as_deref()
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
        for place in 0..self.config.notify.len() {
            self.post_detected(shared, place, now, &mut effects);
            self.serve(shared, place, now, &mut effects);
        }
        effects
    }

    pub(super) fn on_reply(&self, ticket: &Ticket, reply: &Reply, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        let Ok(shared) = self.shared() else { return effects };
        let known = shared.channels.iter().position(|id| *id == ticket.channel);
        let Some((place, entry)) = known.and_then(|place| Some((place, self.config.notify.get(place)?))) else {
            return effects;
        };
        let verdict = reply.judge(entry.channel.finality(), now);
        let terms = entry.terms();
        match shared.outbox.settle(&self.cells, (ticket.channel, &terms), (&ticket.lease, ticket.batch), &verdict, now)
        {
            Ok(settled) => {
                let outcome = Outcome { place, ticket, reply, verdict, settled, terms };
                self.tell(&entry.channel, &outcome, now, &mut effects);
                // The next one needn't wait for the timer.
                self.serve(shared, place, now, &mut effects);
            }
            Err(failure) => {
                let line = report::trouble("an answer could not be noted; the message will be sent again", &failure);
                self.budget.spend(Kind::Service, now, log::Level::Error, line, &mut effects);
            }
        }
        effects
    }

    /// Sends the next message of the channel at this place, if one is due and nobody else is sending.
    fn serve(&self, shared: &Shared, place: usize, now: Timestamp, effects: &mut Vec<Effect>) {
        let (Some(entry), Some(id)) = (self.config.notify.get(place), shared.channels.get(place)) else { return };
        let delivery = entry.channel.delivery();
        let length = delivery.timeout.saturating_add(LEASE_SLACK);
        let taken = shared.outbox.take(&self.cells, (*id, &entry.terms()), now, length, self.nonce());
        let Ok(Taken { ready, oldest }) = taken else { return };
        self.say_age(place, oldest.map_or(0, |since| now.since(since).as_secs()), effects);
        let Some(Ready { lease, message_id, content }) = ready else { return };
        let Config { service, links, admin, privacy, .. } = &self.config;
        let users = entry.route.users().unwrap_or(privacy.users);
        let (request, about, batch) = match content {
            Content::Incidents(together) => {
                let Together { snapshot, crowd } = together.seen(&|snapshot| privacy.veiled(users, snapshot));
                let (snapshot, console) = (&snapshot, admin.as_ref().map(Console::path));
                let notice =
                    Notice { message_id: &message_id, snapshot, service, links, console, crowd: crowd.as_ref() };
                let Snapshot { incident, transition, at, .. } = *snapshot;
                let about = About { channel: self.label(place).to_owned(), incident, transition, at };
                (entry.channel.request(&notice, now), Some(Box::new(about)), None)
            }
            Content::Requests(batch) => {
                let name = |user: &Culprit| privacy.told(users, &user.source, &user.name, &user.digest);
                let report = Report { message_id: &message_id, batch: &batch, service, name: &name };
                (entry.channel.report(&report, now), None, Some(batch.number()))
            }
        };
        let cluster = delivery.cluster.to_owned();
        let ticket = Ticket { channel: *id, message_id, lease, about, batch };
        effects.push(Effect::Call { ticket, cluster, timeout: delivery.timeout, request });
    }

    /// Says for how long the channel's oldest message has waited, if that has changed since it was last said.
    fn say_age(&self, place: usize, seconds: u64, effects: &mut Vec<Effect>) {
        let Ok(mut ages) = self.ages.try_borrow_mut() else { return };
        if let Some(said) = ages.get_mut(place).filter(|said| **said != seconds) {
            *said = seconds;
            effects.push(Effect::Oldest(place, seconds));
        }
    }

    /// Counts and logs what came of a try.
    fn tell(&self, channel: &Channel, outcome: &Outcome<'_>, now: Timestamp, effects: &mut Vec<Effect>) {
        let Outcome { place, ticket, reply, verdict, settled, terms } = outcome;
        let label = self.label(*place);
        let said = untrusted::clean(&channel.redacted(&said(reply)), EXCERPT);
        let (counter, number, level, event, what) = match settled {
            Settled::Late => return,
            Settled::Delivered(_) => (Counter::Sent, 1, log::Level::Info, "delivered", "arrived".to_owned()),
            Settled::Again(pause) => {
                let pause = humantime::format_duration(Duration::from_millis(pause.as_millis() as u64));
                (Counter::Retried, 1, log::Level::Warn, "retry", format!("{label} {said}; next try in {pause}"))
            }
            Settled::Dropped(gone) => {
                let consequence = match verdict {
                    Verdict::Refused { stop: true } => "nothing more is sent to it until its options change".to_owned(),
                    Verdict::Refused { stop: false } => {
                        "the message is not sent again; check the channel's options".to_owned()
                    }
                    Verdict::Delivered | Verdict::Retry { .. } => {
                        format!("tried for {}, given up", humantime::format_duration(terms.give_up_after))
                    }
                };
                let others = match gone.len() {
                    0 | 1 => String::new(),
                    number => format!(" ({number} messages)"),
                };
                let what = format!("{label} {said}: {consequence}{others}");
                (Counter::Failed, gone.len(), log::Level::Error, "undelivered", what)
            }
        };
        effects.push(Effect::Count(counter, number as u64));
        effects.push(Effect::CountFor(*place, counter, number as u64));
        let line = report::delivery(event, label, &ticket.message_id, ticket.lease.attempt, &what);
        let kind = if level == log::Level::Error { Kind::Loss } else { Kind::Service };
        self.budget.spend(kind, now, level, line, effects);
    }

    pub(super) fn label(&self, place: usize) -> &str {
        self.labels.get(place).map_or("", String::as_str)
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

/// What came of a try.
struct Outcome<'a> {
    place: usize,
    ticket: &'a Ticket,
    reply: &'a Reply,
    verdict: Verdict,
    settled: Settled,
    terms: Terms,
}

/// The answer in words, with the start of its body: vendors say there why they refuse.
fn said(reply: &Reply) -> String {
    match reply {
        Reply::Answer { status, body, .. } if body.is_empty() => format!("answered {status}"),
        Reply::Answer { status, body, .. } => format!("answered {status} {}", String::from_utf8_lossy(body)),
        Reply::Nothing { why } => (*why).to_owned(),
    }
}
