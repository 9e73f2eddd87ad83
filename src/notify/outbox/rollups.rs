//! One message about many incidents: its cell in shared data, and when the last of its incidents has ended.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::snapshot::{IncidentId, Transition};
use crate::keyed_hash::{Digest, Key};
use crate::notify::queue::bundle::{Bundle, Kind};
use crate::notify::queue::join::Joined;
use crate::notify::rollup::IncidentMessage;
use crate::state::cells::{Cells, Unavailable};
use crate::state::table::{Change, Failure, Stored, Table};

/// How many rollups of a channel are remembered, for their ends: their cells are used in turn, as keys of shared data are
/// never freed.
const SLOTS: u32 = 256;

/// The rollups of all channels.
#[derive(Clone, Debug)]
pub(super) struct Rollups {
    table: Table<Rollup>,
}

/// Several incidents whose openings are one message.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Rollup {
    number: u32,
    id: Option<Digest>,
    phase: Phase,
    message: Option<IncidentMessage>,
    members: Vec<Member>,
}

/// How far a rollup is.
///
/// ```text
///             seal             opening delivered          last member ended         end delivered
/// Assembling ──────► Waiting ────────────────────► Open ───────────────────► Ending ─────────────► Gone
///                       │  └─── opening delivered, all members have ended ──────▲  │                 ▲
///                       └── opening failed, displaced, expired ────────────────────┴── … lost ──────┘
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Phase {
    #[default]
    Gone,
    Assembling,
    Waiting,
    Open,
    Ending,
}

/// An incident of a rollup, by eight digits of its id.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Member {
    incident: u32,
    /// Does the message hold it? Not yet, if its end came before.
    is_added: bool,
    is_over: bool,
}

impl Rollups {
    pub(super) fn new(prefix: &str) -> Self {
        Self { table: Table::new(format!("{prefix}/rollup")) }
    }

    /// Adds openings; those that it holds already are left out. Returns how many it holds, or none if it is sealed.
    pub(super) fn add(
        &self,
        cells: &impl Cells,
        (channel, number): (Digest, u32),
        joined: &[Joined],
        now: Timestamp,
    ) -> Result<Option<usize>, Failure> {
        self.table.update(cells, name(channel, number), |rollup| {
            rollup.begin(number, now);
            if rollup.phase != Phase::Assembling {
                return Change::None(None);
            }
            joined.iter().for_each(|joined| rollup.add(joined));
            Change::Made(Some(rollup.count()))
        })
    }

    /// Fixes which incidents it holds; as what it waits, or nothing if it holds none.
    pub(super) fn seal(
        &self,
        cells: &impl Cells,
        (channel, number): (Digest, u32),
        key: &Key,
        now: Timestamp,
    ) -> Result<Option<Bundle>, Failure> {
        self.table.update(cells, name(channel, number), |rollup| {
            if rollup.number != number || rollup.count() == 0 {
                return Change::None(None);
            }
            let count = u32::try_from(rollup.count()).unwrap_or(u32::MAX);
            let since = rollup.message.as_ref().map_or(now, |message| message.snapshot.at);
            if rollup.phase == Phase::Assembling {
                let members: Vec<u8> = rollup.members.iter().flat_map(|member| member.incident.to_le_bytes()).collect();
                let id = key.digest("rollup", &[&number.to_le_bytes(), &now.as_millis().to_le_bytes(), &members]);
                (rollup.phase, rollup.id) = (Phase::Waiting, Some(id));
                rollup.message = rollup.message.take().map(|message| message.sealed(IncidentId(id), count));
            }
            let bundle = rollup.id.map(|id| Bundle::new(Kind::Opened(count), number.into(), id, since));
            Change::Made(bundle)
        })
    }

    /// Does it hold this incident?
    pub(super) fn holds(
        &self,
        cells: &impl Cells,
        (channel, number): (Digest, u32),
        incident: IncidentId,
    ) -> Result<bool, Failure> {
        let rollup = self.table.read(cells, name(channel, number)).map_err(|Unavailable| Failure::Unavailable)?;
        let is_it = |member: &Member| member.incident == incident.0.brief() && member.is_added;
        Ok(rollup.number == number && rollup.members.iter().any(is_it))
    }

    /// What its opening says; none if another rollup has taken its cell.
    pub(super) fn message(
        &self,
        cells: &impl Cells,
        (channel, number): (Digest, u32),
    ) -> Result<Option<IncidentMessage>, Failure> {
        let rollup = self.table.read(cells, name(channel, number)).map_err(|Unavailable| Failure::Unavailable)?;
        Ok(rollup.message.filter(|_| rollup.number == number))
    }

    /// An incident of it has ended; the bundle that is the rollup's end, if that was the last one.
    pub(super) fn end(
        &self,
        cells: &impl Cells,
        (channel, number): (Digest, u32),
        incident: IncidentId,
        now: Timestamp,
    ) -> Result<Option<Bundle>, Failure> {
        self.table.update(cells, name(channel, number), |rollup| {
            if rollup.number != number || rollup.phase == Phase::Gone {
                return Change::None(None);
            }
            let incident = incident.0.brief();
            match rollup.members.iter_mut().find(|member| member.incident == incident) {
                Some(member) => member.is_over = true,
                None if rollup.phase == Phase::Assembling => {
                    rollup.members.push(Member { incident, is_added: false, is_over: true });
                }
                None => return Change::None(None),
            }
            Change::Made(rollup.end(now))
        })
    }

    /// Its opening was delivered; the bundle that is its end, if all of it has ended. Where no end is sent it is gone.
    pub(super) fn opened(
        &self,
        cells: &impl Cells,
        (channel, number): (Digest, u32),
        has_end: bool,
        now: Timestamp,
    ) -> Result<Option<Bundle>, Failure> {
        self.table.update(cells, name(channel, number), |rollup| {
            if rollup.number != number || rollup.phase != Phase::Waiting {
                return Change::None(rollup.end(now).filter(|_| rollup.number == number));
            }
            (rollup.phase, rollup.message) = (Phase::Open, None);
            if !has_end {
                *rollup = Rollup::default();
            }
            Change::Made(rollup.end(now))
        })
    }

    /// It is over, or was never delivered.
    pub(super) fn clear(&self, cells: &impl Cells, (channel, number): (Digest, u32)) -> Result<(), Failure> {
        self.table.update(cells, name(channel, number), |rollup| {
            if rollup.number != number {
                return Change::None(());
            }
            *rollup = Rollup::default();
            Change::Made(())
        })
    }
}

impl Rollup {
    /// Takes the cell, if another rollup has it.
    fn begin(&mut self, number: u32, now: Timestamp) {
        if self.number != number {
            let placeholder = IncidentId(Key::from_bytes([0; 32]).digest("rollup", &[]));
            let message = IncidentMessage::new(placeholder, 0, Transition::Opened, now);
            *self = Self { number, phase: Phase::Assembling, message: Some(message), ..Self::default() };
        }
    }

    fn add(&mut self, Joined { snapshot, since, is_over }: &Joined) {
        let incident = snapshot.incident.0.brief();
        match self.members.iter_mut().find(|member| member.incident == incident) {
            Some(member) if member.is_added => return,
            Some(early) => early.is_added = true,
            None => self.members.push(Member { incident, is_added: true, is_over: *is_over }),
        }
        if let Some(message) = &mut self.message {
            message.snapshot.at = message.snapshot.at.min(*since);
            message.add(snapshot);
        }
    }

    fn count(&self) -> usize {
        self.members.iter().filter(|member| member.is_added).count()
    }

    /// Its end, if all of it has ended and its opening was delivered.
    fn end(&mut self, now: Timestamp) -> Option<Bundle> {
        let is_over = self.members.iter().all(|member| member.is_over);
        if self.phase == Phase::Open && is_over {
            self.phase = Phase::Ending;
        }
        let count = u32::try_from(self.count()).unwrap_or(u32::MAX);
        let id = self.id.filter(|_| self.phase == Phase::Ending)?;
        Some(Bundle::new(Kind::Resolved(count), self.number.into(), id, now))
    }
}

impl Stored for Rollup {
    const FORMAT: u8 = 1;
}

fn name(channel: Digest, number: u32) -> String {
    format!("{channel}/{}", number % SLOTS)
}
