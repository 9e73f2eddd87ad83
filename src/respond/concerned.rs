//! Whom does a response concern? All workers share one cell; each keeps a copy, so that a request costs no look at it.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::ledger::Ledger;
use crate::incident::stance::Stance;
use crate::keyed_hash::Digest;
use crate::sort::sort_by_key;
use crate::state::cells::{Cells, Version};
use crate::state::table::{Change, Failure, Stored, Table};

/// The most users in the cell. With more, those with the lowest bands and increases are left out.
const MOST: usize = 4096;

/// The users with an open incident or a restriction, and those who are muted, in one cell.
///
/// It is derived from the records: losing it loses only time, until each user's next event or the next sweep.
#[derive(Clone, Debug)]
pub struct Concerned {
    table: Table<Stances>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Stances(Vec<Stance>);

/// A worker's copy of it.
///
/// What this worker decides holds here at once. What another one decided arrives with the next tick.
#[derive(Debug, Default)]
pub struct ConcernedCopy {
    stances: HashMap<Digest, Stance>,
    /// How many of them are addresses.
    addresses: usize,
    /// Which write of the cell it shows.
    seen: Option<Version>,
    /// Users whose stance here may be newer than in the cell.
    unpublished: Vec<Digest>,
}

impl Concerned {
    /// The cell `<prefix>/respond/concerned`.
    pub fn new(prefix: &str) -> Self {
        Self { table: Table::new(format!("{prefix}/respond")) }
    }

    /// Enters how these users stand now.
    ///
    /// Reads their records after the cell, in the same step: a stance that another worker enters meanwhile is never
    /// overwritten by an older one.
    ///
    /// # Errors
    /// The cells can't be read or changed.
    pub fn publish(
        &self,
        cells: &impl Cells,
        ledger: &Ledger,
        users: &[Digest],
        now: Timestamp,
    ) -> Result<(), Failure> {
        if users.is_empty() {
            return Ok(());
        }
        let mut failed = None;
        self.table.update(cells, "concerned", |Stances(stances)| {
            stances.retain(|stance| stance.is_listed(now) && !users.contains(&stance.user));
            for user in users {
                match ledger.read(cells, *user) {
                    Ok(record) => {
                        let stance = record.map(|record| record.stance());
                        stances.extend(stance.filter(|stance| stance.is_listed(now)));
                    }
                    Err(failure) => failed = Some(failure),
                }
            }
            if stances.len() > MOST {
                sort_by_key(stances, |one| Reverse((one.restrictions.block.is_on(now), one.band(now), one.increase)));
                stances.truncate(MOST);
            }
            if failed.is_some() { Change::None(()) } else { Change::Made(()) }
        })?;
        failed.map_or(Ok(()), Err)
    }

    /// How all these users stand: those with an open incident, restricted, or muted.
    ///
    /// # Errors
    /// The cell can't be read.
    pub fn list(&self, cells: &impl Cells) -> Result<Vec<Stance>, Failure> {
        let Stances(stances) = self.table.read(cells, "concerned").map_err(|_| Failure::Unavailable)?;
        Ok(stances)
    }

    /// Enters what the copy has not yet entered, and takes over what others have: one read where nothing has changed.
    ///
    /// # Errors
    /// The cells can't be read or changed: the copy stays as it was.
    pub fn refresh(
        &self,
        cells: &impl Cells,
        ledger: &Ledger,
        copy: &mut ConcernedCopy,
        now: Timestamp,
    ) -> Result<(), Failure> {
        self.publish(cells, ledger, &copy.unpublished, now)?;
        copy.unpublished.clear();
        let newer = self.table.read_newer(cells, "concerned", copy.seen).map_err(|_| Failure::Unavailable)?;
        if let Some((Stances(stances), version)) = newer {
            let stances: Vec<_> = stances.into_iter().filter(|stance| stance.is_concerned(now)).collect();
            copy.addresses = stances.iter().filter(|stance| stance.is_address).count();
            copy.stances = stances.into_iter().map(|stance| (stance.user, stance)).collect();
            copy.seen = Some(version);
        }
        Ok(())
    }
}

impl ConcernedCopy {
    /// How the user stands, if a response may concern them.
    pub fn of(&self, user: Digest, now: Timestamp) -> Option<&Stance> {
        self.stances.get(&user).filter(|stance| stance.is_concerned(now))
    }

    /// Does a response concern nobody?
    pub fn is_empty(&self) -> bool {
        self.stances.is_empty()
    }

    /// Is any of them an address?
    pub fn has_addresses(&self) -> bool {
        self.addresses > 0
    }

    /// Takes over how a user stands after an event or an order. Returns whether the others should hear of it before the next
    /// tick: of a band or a restriction, not of points alone.
    pub fn note(&mut self, stance: Stance, now: Timestamp) -> bool {
        let (user, is_address, is_concerned) = (stance.user, stance.is_address, stance.is_concerned(now));
        let before = if is_concerned { self.stances.insert(user, stance.clone()) } else { self.stances.remove(&user) };
        match (before.is_some(), is_concerned) {
            (false, true) if is_address => self.addresses += 1,
            (true, false) if is_address => self.addresses = self.addresses.saturating_sub(1),
            _ => {}
        }
        match before {
            None => is_concerned,
            Some(before) if stance.is_news(&before) => true,
            Some(before) => {
                if before != stance && !self.unpublished.contains(&user) {
                    self.unpublished.push(user);
                }
                false
            }
        }
    }

    /// The user's stance could not be entered: the next tick tries again.
    pub fn keep(&mut self, user: Digest) {
        if !self.unpublished.contains(&user) {
            self.unpublished.push(user);
        }
    }
}

impl Stored for Stances {
    const FORMAT: u8 = 1;
}
