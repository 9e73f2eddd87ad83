//! What do blocks of lines hold? Parsed and scanned on all cores; only what matters comes out.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use user_risk_filter::clock::Timestamp;
use user_risk_filter::plugin::config::Config;
use user_risk_filter::text::untrusted::clean_bytes;

use super::coverage::Coverage;
use super::feed::Block;
use crate::log::columns::Columns;
use crate::log::entry::Entry;
use crate::log::unread::{TOO_LONG, Unread};
use crate::play::scanner::{Exchange, Scanner};

/// So much of an odd line is shown.
const SHOWN: usize = 160;

/// Milliseconds of a day.
const DAY: u64 = 24 * 60 * 60 * 1000;

/// An exchange that matters: once for the configuration as it is, once for the one that learns.
pub(super) struct Pair {
    pub(super) real: Exchange,
    pub(super) learning: Exchange,
}

/// What was read.
#[derive(Default)]
pub(super) struct Scanned {
    pub(super) pairs: Vec<Pair>,
    pub(super) lines: u64,
    pub(super) coverage: Coverage,
    /// Lines that report nothing, by what is wrong with them.
    pub(super) unread: BTreeMap<Unread, Odd>,
    /// Detections of the log that the configuration excludes.
    pub(super) excluded: usize,
    /// Requests by the day since 1970.
    pub(super) days: BTreeMap<u64, u64>,
    pub(super) first: Option<Timestamp>,
    pub(super) last: Option<Timestamp>,
}

/// Lines of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Odd {
    pub(super) count: u64,
    /// Where the first one is: the file, the line, and how it begins.
    pub(super) file: usize,
    pub(super) line: u64,
    pub(super) text: String,
}

impl Scanned {
    /// Counts a line that reports nothing.
    pub(super) fn odd(&mut self, why: Unread, file: usize, line: u64, text: &[u8]) {
        let first = || Odd { count: 0, file, line, text: clean_bytes(text, SHOWN) };
        self.unread.entry(why).or_insert_with(first).count += 1;
    }

    /// Adds the counts of what came after. The exchanges stay there.
    pub(super) fn count(&mut self, other: &Self) {
        self.lines += other.lines;
        self.excluded += other.excluded;
        self.coverage.merge(&other.coverage);
        for (why, odd) in &other.unread {
            let sum = self.unread.entry(why).or_insert_with(|| Odd { count: 0, ..odd.clone() });
            sum.count += odd.count;
        }
        for (day, requests) in &other.days {
            *self.days.entry(*day).or_default() += requests;
        }
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = self.last.max(other.last);
    }
}

/// All scanners, and what they need.
pub(super) struct Scanners {
    real: Config,
    learning: Config,
    user_header: String,
    columns: Columns,
    /// Scanners that nobody uses now.
    idle: Mutex<Vec<(Scanner, Scanner)>>,
}

impl Scanners {
    /// Scanners for the configuration as it is, and for the same one that learns.
    pub(super) fn new(real: &Config, learning: &Config, user_header: &str, columns: Columns) -> Self {
        Self {
            real: real.clone(),
            learning: learning.clone(),
            user_header: user_header.to_owned(),
            columns,
            idle: Mutex::default(),
        }
    }

    /// How columns are named.
    pub(super) fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Reads blocks on all cores, and keeps their order.
    pub(super) fn scan(&self, blocks: Vec<Block>) -> Vec<Scanned> {
        blocks.into_par_iter().map(|block| self.with(|scanners| self.block(scanners, &block))).collect()
    }

    /// Takes in one entry that is no line.
    pub(super) fn entry(&self, entry: Result<Entry, Unread>, file: usize, number: u64, to: &mut Scanned) {
        self.with(|scanners| self.take(scanners, entry, b"", (file, number), to));
    }

    fn with<T>(&self, work: impl FnOnce(&(Scanner, Scanner)) -> T) -> T {
        let lock = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let scanner = |config: &Config| Scanner::new(config.clone(), &self.user_header);
            (scanner(&self.real), scanner(&self.learning))
        };
        let idle = lock().pop();
        let scanners = idle.unwrap_or_else(new);
        let done = work(&scanners);
        lock().push(scanners);
        done
    }

    fn block(&self, scanners: &(Scanner, Scanner), block: &Block) -> Scanned {
        let mut scanned = Scanned::default();
        for line in &block.too_long {
            scanned.lines += 1;
            scanned.odd(TOO_LONG, block.file, *line, b"");
        }
        for (number, line) in (block.first..).zip(block.bytes.split(|byte| *byte == b'\n')) {
            let line = line.trim_ascii();
            if !line.is_empty() {
                scanned.lines += 1;
                let entry = block.format.read(line, &self.columns);
                self.take(scanners, entry, line, (block.file, number), &mut scanned);
            }
        }
        scanned
    }

    fn take(
        &self,
        (real, learning): &(Scanner, Scanner),
        entry: Result<Entry, Unread>,
        line: &[u8],
        (file, number): (usize, u64),
        to: &mut Scanned,
    ) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(why) => return to.odd(why, file, number, line),
        };
        // No two lines of all files have the same number.
        let unique = (file as u64) << 40 | number;
        let Ok(exchange) = real.scan(&entry, unique) else {
            return to.odd("names a rule that does not exist", file, number, line);
        };
        to.coverage.add(&entry, &self.user_header);
        *to.days.entry(entry.time.as_millis() / DAY).or_default() += 1;
        to.first = Some(to.first.map_or(entry.time, |first| first.min(entry.time)));
        to.last = to.last.max(Some(entry.time));
        to.excluded += exchange.excluded;
        if real.matters(&exchange)
            && let Ok(twin) = learning.scan(&entry, unique)
        {
            to.pairs.push(Pair { real: exchange, learning: twin });
        }
    }
}
