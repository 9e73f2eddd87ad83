//! What is counted and logged when messages leave a queue: one match for all ways out, see [`Exit`].

use crate::console::journal::{Delivery, DeliveryResult};
use crate::incident::snapshot::Transition;
use crate::keyed_hash::Digest;
use crate::notify::queue::departure::{Contents, Departure, Exit};
use crate::sort::sort;
use crate::state::cells::Cells;
use crate::text::untrusted;
use crate::worker::log_budget::Kind;
use crate::worker::log_line;
use crate::worker::metric::Counter;
use crate::worker::tables::Tables;
use crate::worker::turn::Turn;

/// How many of the lost messages a line names.
const NAMED: usize = 5;

/// The longest name in such a line, in UTF-16 units.
const NAME: usize = 64;

/// How a way out is accounted for.
struct Accounting {
    counter: Counter,
    /// What the log says if it is a loss: what happened, and why.
    loss: Option<(&'static str, String)>,
}

impl<C: Cells> Turn<'_, C> {
    /// Counts the departures of several channels, and logs the losses among them.
    pub(crate) fn account_all(&mut self, tables: &Tables, departures: &[(Digest, Departure)]) {
        let mut channels: Vec<_> = departures.iter().map(|(channel, _)| *channel).collect();
        sort(&mut channels);
        channels.dedup();
        for channel in channels {
            let of_channel = departures.iter().filter(|(of, _)| *of == channel).map(|(_, departure)| departure.clone());
            let channel_index = tables.channels.iter().position(|id| *id == channel);
            self.account(channel_index, &of_channel.collect::<Vec<_>>(), None);
        }
    }

    /// Counts the departures of one channel, and logs the losses among them, except those by the way `logged`, which has a
    /// line already.
    pub(crate) fn account(&mut self, channel_index: Option<usize>, departures: &[Departure], logged: Option<Exit>) {
        // The first is what was tried, if something was: that is noted with its answer.
        for departure in departures.iter().skip(logged.iter().count()) {
            self.note_departure(channel_index, departure);
        }
        for exit in [Exit::Delivered, Exit::RolledUp, Exit::Failed, Exit::Displaced, Exit::Expired] {
            let gone: Vec<_> = departures.iter().filter(|departure| departure.exit == exit).collect();
            if gone.is_empty() {
                continue;
            }
            let (number, Accounting { counter, loss }) = (gone.len() as u64, self.accounting(exit, channel_index));
            match channel_index {
                Some(index) => self.count_for(index, counter, number),
                None => self.count(counter, number),
            }
            let Some((what, why)) = loss else { continue };
            let unreported: u32 = gone.iter().map(|departure| departure.requests()).sum();
            self.count(Counter::RequestsUnreported, unreported.into());
            if logged != Some(exit) {
                let channel =
                    channel_index.map_or("a channel of another configuration", |at| self.worker.channel_name(at));
                let messages = if number == 1 { "message" } else { "messages" };
                let line = format!("{channel}: {number} {messages} {what} ({}): {why}", self.list_of(&gone));
                self.log(Kind::Always, log::Level::Error, log_line::notice(&line));
            }
        }
    }

    fn note_departure(&self, channel_index: Option<usize>, departure: &Departure) {
        let (Some(index), Contents::Incident(user)) = (channel_index, &departure.about) else { return };
        let (transition, result) = (departure.transition, departure.exit.into());
        self.note_delivery(index, user.digest, transition, result, String::new());
    }

    /// Notes for the console what came of a message about a user.
    pub(super) fn note_delivery(
        &self,
        channel_index: usize,
        user: Digest,
        transition: Transition,
        result: DeliveryResult,
        answer: String,
    ) {
        let (worker, at) = (self.worker, self.now);
        let channel = || worker.channel_name(channel_index).to_owned();
        worker.note(|notes| {
            notes.delivery(Delivery { user, at, channel: channel(), transition, result, answer });
        });
    }

    fn accounting(&self, exit: Exit, channel_index: Option<usize>) -> Accounting {
        let (counter, loss) = match exit {
            Exit::Delivered => (Counter::Sent, None),
            Exit::RolledUp => (Counter::RolledUp, None),
            Exit::Failed => {
                let why = "the channel is stopped until its options change; the line of its last answer says why";
                (Counter::Failed, Some(("not sent", why.to_owned())))
            }
            Exit::Displaced => {
                let why = "as many wait as may, and what matters least makes room; see memory.messages";
                (Counter::Displaced, Some(("displaced", why.to_owned())))
            }
            Exit::Expired => {
                let entry = channel_index.and_then(|at| self.worker.config.notify.get(at));
                let limit = entry.map(|entry| humantime::format_duration(entry.policy().give_up_after).to_string());
                let why = format!("not delivered within {}", limit.as_deref().unwrap_or("its give_up_after"));
                (Counter::Expired, Some(("expired", why)))
            }
        };
        Accounting { counter, loss }
    }

    /// The first few messages and how many more there are: `the opening of 4711, 40 malicious requests and 3 more`.
    fn list_of(&self, gone: &[&Departure]) -> String {
        let mut names: Vec<_> =
            gone.iter().take(NAMED).map(|departure| self.name_of(departure.transition, &departure.about)).collect();
        if gone.len() > NAMED {
            names.push(format!("{} more", gone.len() - NAMED));
        }
        names.join(", ")
    }

    /// What a message is about, in words.
    pub(super) fn name_of(&self, transition: Transition, about: &Contents) -> String {
        let what = match transition {
            Transition::Opened => "the opening of",
            Transition::Updated => "an update of",
            Transition::Resolved => "the end of",
        };
        match about {
            Contents::Incident(user) => {
                let users = self.worker.strictest_users();
                let logged = self.worker.config.privacy.logged(users, &user.source, &user.name, &user.digest);
                format!("{what} {}", untrusted::clean(&logged.user, NAME))
            }
            Contents::Rollup { incidents, .. } => format!("{what} {incidents} incidents together"),
            Contents::Batch { requests, .. } => format!("{requests} malicious requests"),
        }
    }
}
