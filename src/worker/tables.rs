//! Which tables and which key do all workers with one configuration share, and under which prefix in shared data?

use std::time::Duration;

use crate::clock::Timestamp;
use crate::console::journal::Journal;
use crate::fleet::link::Link;
use crate::fleet::to_sync::ToSync;
use crate::identity::shared_address::SharedAddresses;
use crate::incident::ledger::Ledger;
use crate::keyed_hash::Key;
use crate::learn::store::LearnStore;
use crate::notify::outbox::{ChannelId, Outbox};
use crate::notify::subscription;
use crate::plugin::config::Config;
use crate::respond::concerned::Concerned;
use crate::state::cells::Cells;
use crate::state::table::{Change, Failure, Stored, Table};
use crate::watch::history::Histories;

/// The version of what is stored; it leads every key.
const PREFIX: &str = "urf/1";

/// The shared state. All of it can be lost or found half-written: see the room that owns each table.
pub(crate) struct Tables {
    pub(crate) key: Key,
    /// Which proxy of a fleet this is: random, the same for all workers of the process.
    pub(crate) proxy: u32,
    pub(crate) ledger: Ledger,
    pub(crate) shared_addresses: SharedAddresses,
    pub(crate) outbox: Outbox,
    pub(crate) channels: Vec<ChannelId>,
    /// What the names of all cells start with.
    pub(crate) prefix: String,
    pub(crate) learned: LearnStore,
    pub(crate) histories: Histories,
    pub(crate) concerned: Concerned,
    pub(crate) journal: Journal,
    /// The users of whom the fleet's store has to be asked, and how the store stands.
    pub(crate) to_sync: ToSync,
    pub(crate) link: Link,
    marks: Table<Mark>,
    times: Table<Time>,
}

/// When something was last done.
#[derive(Clone, Copy, Debug, Default, serde::Serialize, serde::Deserialize)]
struct Time(Timestamp);

impl Stored for Time {
    const FORMAT: u8 = 1;
}

/// Of so many users of whom there may be records one address is remembered with those behind it.
const USERS_PER_ADDRESS: u32 = 4;

/// A cell that is written once: 32 random bytes, or a sign that something was done.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
struct Mark(Option<[u8; 32]>);

impl Stored for Mark {
    const FORMAT: u8 = 1;
}

impl Tables {
    /// Finds or makes what is shared. `seed` becomes the key if the configuration has none and no worker was first.
    pub(crate) fn open(config: &Config, cells: &impl Cells, seed: [u8; 32]) -> Result<Self, Failure> {
        let prefix = format!("{PREFIX}/{}", namespace(config));
        let (marks, times) = (Table::new(prefix.clone()), Table::new(prefix.clone()));
        let key = match config.key() {
            Some(passphrase) => Key::from_passphrase(passphrase.expose()),
            None => Key::from_bytes(first(&marks, cells, "key", seed)?),
        };
        let proxy = match config.key() {
            // A fleet shares the key: what tells its proxies apart is a process's own.
            Some(_) => Key::from_bytes(first(&marks, cells, "started", seed)?).digest("proxy", &[]).brief(),
            None => key.digest("proxy", &[]).brief(),
        };
        let channels = subscription::identities(&config.notify, &key);
        Ok(Self {
            proxy,
            ledger: Ledger::new(&prefix, config.memory.users()),
            shared_addresses: SharedAddresses::new(&prefix, config.memory.users() / USERS_PER_ADDRESS),
            outbox: Outbox::new(&prefix, config.memory.messages(), key.clone()),
            learned: LearnStore::new(&prefix, config.memory.users()),
            concerned: Concerned::new(&prefix),
            journal: Journal::new(&prefix),
            histories: Histories::new(&prefix, config.memory.watch()),
            to_sync: ToSync::new(&prefix),
            link: Link::new(&prefix),
            prefix,
            channels,
            marks,
            times,
            key,
        })
    }

    /// May an incident open now because of test strings alone? Once in `period` for all users together: from then on it may
    /// not.
    ///
    /// # Errors
    /// The cells can't be changed.
    pub(crate) fn may_open_test(&self, cells: &impl Cells, period: Duration, now: Timestamp) -> Result<bool, Failure> {
        self.times.update(cells, "test", |time| {
            let is_free = time.0 == Timestamp::default() || now.since(time.0) >= period;
            if is_free {
                time.0 = now;
            }
            if is_free { Change::Made(true) } else { Change::None(false) }
        })
    }

    /// Is this the first worker of the process, among all, that gets here?
    pub(crate) fn is_first(&self, cells: &impl Cells, seed: [u8; 32]) -> bool {
        first(&self.marks, cells, "started", seed) == Ok(seed)
    }
}

/// What stands in the cell `name`: `mine`, if nobody was there before.
fn first(marks: &Table<Mark>, cells: &impl Cells, name: &str, mine: [u8; 32]) -> Result<[u8; 32], Failure> {
    marks.update(cells, name, |mark| match mark.0 {
        Some(theirs) => Change::None(theirs),
        None => {
            mark.0 = Some(mine);
            Change::Made(mine)
        }
    })
}

/// Keeps plugins apart that share one `vm_id` (all of Istio's do) but name users or bound their records differently.
fn namespace(config: &Config) -> String {
    let memory = config.memory;
    let records = format!("{} {}", memory.users(), memory.watch());
    let window = config.risk.window().duration().as_secs().to_string();
    let traits = [config.user.namespace(), window, records];
    let parts: Vec<&[u8]> = traits.iter().map(String::as_bytes).collect();
    // No secret, hence no secret key: two workers have to come to the same name.
    format!("{:016x}", Key::from_bytes([0; 32]).digest("namespace", &parts).short())
}
