//! Which way does one exchange go through all of it? Parts of exchanges, ticks and answers in; effects out.

use std::cell::{Cell, RefCell};

use once_cell::unsync::OnceCell;

use crate::clock::Timestamp;
use crate::detect::rule_set::RuleSet;
use crate::engine::config::{Config, Mode};
use crate::engine::effect::Effect;
use crate::engine::learn::Notes;
use crate::engine::log_line::Budget;
use crate::engine::shared::Shared;
use crate::engine::stream::{Part, Stream};
use crate::engine::tick::PendingCallout;
use crate::incident::user::User;
use crate::notify::callout::Reply;
use crate::notify::privacy::{Logged, Users};
use crate::notify::route;
use crate::state::cells::Cells;
use crate::state::table::Failure;
use crate::watch::probing::Site;

mod app_events;
pub mod config;
pub mod config_error;
mod console;
mod detected;
pub mod effect;
mod handoff;
mod leadership;
mod learn;
mod log_line;
mod observe;
mod replay;
mod shared;
pub mod stream;
mod struct_proto;
pub mod tick;
mod weigh;

/// The engine of one worker: its configuration, its rules, and the cells that it shares with the other workers.
pub struct Engine<C> {
    config: Config,
    rules: RuleSet,
    cells: C,
    seed: [u8; 32],
    shared: OnceCell<Shared>,
    budget: Budget,
    notes: Notes,
    grants: Cell<u64>,
    greeted: Cell<bool>,
    swept: Cell<u64>,
    /// What the channels are called, and for how many seconds the oldest message of each waited when that was last said.
    labels: Vec<String>,
    ages: RefCell<Vec<u64>>,
    /// What this worker knows of the site.
    site: RefCell<Site>,
    /// The first beat: of two configurations the later one is the newer.
    born: OnceCell<Timestamp>,
}

/// What happens to the engine.
pub enum Input<'a> {
    /// A part of an exchange.
    Stream(&'a mut Stream, Part<'a>),
    /// Time passes: the proxy's timer has fired.
    Tick,
    /// A callout came to its end.
    Answered(PendingCallout, Reply),
}

impl<C: Cells> Engine<C> {
    /// An engine that runs by `config` and shares `cells` with its kin. `seed` is 32 random bytes: the key of all
    /// hashes, if the configuration names none and no other worker was first.
    pub fn new(mut config: Config, cells: C, seed: [u8; 32]) -> Self {
        if config.mode == Mode::Learn {
            // UserRef there is no channel to, nobody can tell by mistake.
            config.notify.clear();
        }
        let labels = route::labels(&config.notify);
        Self {
            ages: RefCell::new(vec![0; labels.len()]),
            labels,
            rules: RuleSet::new(config.detect.clone()),
            config,
            cells,
            seed,
            shared: OnceCell::new(),
            budget: Budget::default(),
            notes: Notes::default(),
            grants: Cell::new(0),
            greeted: Cell::new(false),
            // Uniform over the buckets: however often workers restart, no bucket is left out.
            swept: Cell::new(u64::from_le_bytes(seed.first_chunk().copied().unwrap_or_default())),
            site: RefCell::default(),
            born: OnceCell::new(),
        }
    }

    /// What the proxy has to do about `input`, at `now`.
    pub fn on(&self, input: Input<'_>, now: Timestamp) -> Vec<Effect> {
        if self.config.mode == Mode::Off {
            return Vec::new();
        }
        match input {
            Input::Stream(stream, part) => self.on_part(stream, part, now),
            Input::Tick => self.on_tick(now),
            Input::Answered(pending_callout, reply) => self.on_reply(&pending_callout, &reply, now),
        }
    }

    /// What the channels are called in metrics and log lines, in their order.
    pub fn channels(&self) -> &[String] {
        &self.labels
    }

    /// What all workers have in common. Made at first use: while the proxy checks a configuration, nothing is shared.
    fn shared(&self) -> Result<&Shared, Failure> {
        self.shared.get_or_try_init(|| Shared::new(&self.config, &self.cells, self.seed))
    }

    /// How the log calls a user.
    fn called<'a>(&self, user: &'a User) -> Logged<'a> {
        self.config.privacy.logged(self.users(), &user.source, &user.name, &user.id)
    }

    /// How users are called where they are called least.
    fn users(&self) -> Users {
        let mut own = self.config.notify.iter().filter_map(|entry| entry.route.users());
        if own.any(|users| users == Users::Hashed) { Users::Hashed } else { self.config.privacy.users }
    }

    /// A number that no other grant of this or another worker has.
    fn nonce(&self) -> u64 {
        self.grants.set(self.grants.get().wrapping_add(1));
        let own = u64::from_le_bytes(self.seed.first_chunk().copied().unwrap_or_default());
        own.wrapping_add(self.grants.get())
    }
}
