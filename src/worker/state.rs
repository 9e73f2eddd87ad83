//! What one worker holds: its configuration and rules, the tables that it shares with the other workers, its log budget.

use std::cell::{Cell, RefCell};

use once_cell::unsync::OnceCell;

use crate::clock::Timestamp;
use crate::console::journal::Notes;
use crate::detect::rule_set::RuleSet;
use crate::incident::user::User;
use crate::learn::Learning;
use crate::notify::privacy::{Logged, Users};
use crate::notify::subscription;
use crate::plugin::config::{Config, Mode};
use crate::respond::concerned::ConcernedCopy;
use crate::state::cells::Cells;
use crate::state::table::Failure;
use crate::watch::probing::Site;
use crate::worker::evictions::Evictions;
use crate::worker::log_budget::LogBudget;
use crate::worker::naming::Naming;
use crate::worker::tables::Tables;

/// The state of one worker. Envoy runs one VM per worker thread, and all calls into it come from that thread: so cells, no
/// locks. Everything that must survive a worker stands in [`Tables`].
pub(crate) struct Worker<C> {
    pub(crate) config: Config,
    pub(crate) rules: RuleSet,
    pub(crate) cells: C,
    pub(crate) seed: [u8; 32],
    tables: OnceCell<Tables>,
    pub(crate) log: LogBudget,
    /// What this worker saw since its last tick; only in `mode: learn`.
    pub(crate) learning: Option<Learning>,
    leases: Cell<u64>,
    /// Has the line at the start been considered?
    pub(crate) is_greeted: Cell<bool>,
    /// The next bucket of records that the sweep visits.
    pub(crate) swept: Cell<u64>,
    /// Each channel's name in metrics and log lines, and the age in seconds of its oldest message as last reported.
    pub(crate) channel_names: Vec<String>,
    pub(crate) oldest_reported: RefCell<Vec<u64>>,
    /// Which paths of the site answer, as far as this worker has seen.
    pub(crate) site: RefCell<Site>,
    /// Whom a response concerns, as far as this worker knows.
    pub(crate) concerned: RefCell<ConcernedCopy>,
    /// What the console is told that no record has, since this worker's last tick; only where there is a console.
    notes: RefCell<Option<Notes>>,
    /// Whether requests name their users.
    pub(crate) naming: Naming,
    pub(crate) evictions: Evictions,
    /// When this worker last said which channels it serves.
    pub(crate) present: Cell<Option<Timestamp>>,
    /// When this worker last measured what stands in the shared cells.
    pub(crate) measured: Cell<Timestamp>,
    /// How many records the sweep has seen since it came round.
    pub(crate) records_counted: Cell<Option<u64>>,
    /// The first tick. Of two live configurations the one that started later is the newer.
    pub(crate) started: OnceCell<Timestamp>,
}

impl<C: Cells> Worker<C> {
    /// A worker that runs by `config` and shares `cells` with its siblings. `seed` is 32 random bytes: they become the key
    /// of all hashes if the configuration names none and no sibling was first.
    pub(crate) fn new(mut config: Config, cells: C, seed: [u8; 32]) -> Self {
        let learning = (config.mode == Mode::Learn).then(Learning::default);
        if learning.is_some() {
            // Without a channel nothing can be sent by accident.
            config.notify.clear();
        }
        let channel_names = subscription::labels(&config.notify);
        Self {
            oldest_reported: RefCell::new(vec![0; channel_names.len()]),
            channel_names,
            rules: RuleSet::new(config.detect.clone()),
            log: LogBudget::new(config.log),
            config,
            cells,
            seed,
            tables: OnceCell::new(),
            learning,
            leases: Cell::new(0),
            is_greeted: Cell::new(false),
            // Workers start at different buckets, so that together they come round sooner.
            swept: Cell::new(u64::from_le_bytes(seed.first_chunk().copied().unwrap_or_default())),
            site: RefCell::default(),
            concerned: RefCell::default(),
            notes: RefCell::default(),
            naming: Naming::default(),
            evictions: Evictions::default(),
            present: Cell::default(),
            measured: Cell::default(),
            records_counted: Cell::default(),
            started: OnceCell::new(),
        }
    }

    /// The shared tables, opened at first use: while Envoy only validates a configuration, nothing is written.
    pub(crate) fn tables(&self) -> Result<&Tables, Failure> {
        self.tables.get_or_try_init(|| Tables::open(&self.config, &self.cells, self.seed))
    }

    /// The shared tables, if something opened them.
    pub(crate) fn opened_tables(&self) -> Option<&Tables> {
        self.tables.get()
    }

    /// Notes something for the console, if there is one.
    pub(crate) fn note(&self, note: impl FnOnce(&mut Notes)) {
        if self.config.admin.is_some()
            && let Ok(mut notes) = self.notes.try_borrow_mut()
        {
            note(notes.get_or_insert_default());
        }
    }

    /// What was noted since this was asked last, if anything was.
    pub(crate) fn take_notes(&self) -> Option<Notes> {
        self.notes.try_borrow_mut().ok()?.take()
    }

    /// How the log calls a user.
    pub(crate) fn logged<'a>(&self, user: &'a User) -> Logged<'a> {
        self.config.privacy.logged(self.strictest_users(), &user.source, &user.name, &user.id)
    }

    /// The strictest setting of `users` among privacy and all channels: what the log names beside a user must be what every
    /// channel may show.
    pub(crate) fn strictest_users(&self) -> Users {
        let mut own = self.config.notify.iter().filter_map(|entry| entry.route.users());
        if own.any(|users| users == Users::Hashed) { Users::Hashed } else { self.config.privacy.users }
    }

    /// Is any channel configured?
    pub(crate) fn notifies(&self) -> bool {
        !self.config.notify.is_empty()
    }

    /// The channel's name in metrics and log lines.
    pub(crate) fn channel_name(&self, index: usize) -> &str {
        self.channel_names.get(index).map_or("", String::as_str)
    }

    /// A number that no other lease of this or another worker has.
    pub(crate) fn lease_nonce(&self) -> u64 {
        self.leases.set(self.leases.get().wrapping_add(1));
        self.number().wrapping_add(self.leases.get())
    }

    /// A random number that tells this worker from others.
    pub(crate) fn number(&self) -> u64 {
        u64::from_le_bytes(self.seed.first_chunk().copied().unwrap_or_default())
    }
}
