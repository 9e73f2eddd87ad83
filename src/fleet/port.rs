//! What can be asked of a store, and what came of it? Operations become the bytes of a call, its answer outcomes; pure.
//!
//! No engine knows what a record means, and nothing here knows what an engine's bytes look like.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::fleet::feed::{Entry, Position};
use crate::fleet::refusal::Refusal;
use crate::keyed_hash::Digest;

/// The version of a record: the first bytes of a hash of it. After a fail-over to an older copy a counter would lie.
pub type Version = [u8; 16];

/// Something asked of the store. All operations of a call stand or fail one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Ask for the store's clock, and count the call: see [`Outcome::Clock`].
    Clock {
        /// Where the count begins if the store has none: anywhere, so that the counts of two lives of a store are never close.
        first: u64,
    },
    /// Note that this proxy is alive.
    Live(u32),
    /// Which of these proxies are alive?
    Lives(Vec<u32>),
    /// Read a user's record unless it is the one that is `known`.
    Read {
        /// Whose.
        user: Digest,
        /// What is known of it; none: that there is none.
        known: Option<Version>,
    },
    /// Write a user's record unless another one is there than the one `expected`.
    Swap {
        /// Whose.
        user: Digest,
        /// What is there as far as is known; none: nothing.
        expected: Option<Version>,
        /// The record; it begins with its version.
        bytes: Vec<u8>,
        /// How long it is kept if nobody writes it again.
        ttl: Duration,
        /// What to tell the others, in the same step.
        entry: Option<Entry>,
    },
    /// Read what the feed has after a position.
    Feed {
        /// The position.
        after: Position,
        /// The most entries.
        limit: usize,
    },
}

/// What came of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The store's time, and its count of calls: a count that does not follow the one before says that it has lost data since.
    Clock(Timestamp, u64),
    /// The swap was made.
    Stored,
    /// There is what was known.
    Unchanged,
    /// There is something else: this record, or none. Nothing was written.
    Found(Option<Vec<u8>>),
    /// Whether each of the proxies is alive.
    Lives(Vec<bool>),
    /// Entries of the feed, the oldest first; an entry that another version wrote is none.
    Entries(Vec<(Position, Option<Entry>)>),
    /// It was noted.
    Noted,
    /// The answer had no room for what is there: nothing was written, and it has to be asked again.
    NoRoom,
    /// Nobody knows: the answer ended before, or makes no sense. It may have been made.
    Unknown,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What came of each operation, in their order.
    pub outcomes: Vec<Outcome>,
    /// The first thing that the store refused, and why.
    pub refusal: Option<Refusal>,
}

/// The most bytes of records in an answer. Envoy passes on about 64 KiB of an answer and cuts the rest without a sign.
pub const ROOM: usize = 36 * 1024;

/// The most bytes of records beside a page of the feed that is read by a proxy that starts.
pub const ROOM_AT_START: usize = 12 * 1024;

/// The most entries of the feed in an answer: about 15 KiB.
pub const FEED_PAGE: usize = 200;

/// The same for a proxy that starts: about 43 KiB.
pub const FIRST_PAGES: usize = 600;
