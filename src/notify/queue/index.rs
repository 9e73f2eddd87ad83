//! Where is the first message that is due, and where the least? Hints above the buckets: nodes of 64, and a root above them.

use crate::keyed_hash::Digest;
use crate::notify::queue::summary::{Level, Summary};
use crate::state::cells::{Cells, Unavailable};
use crate::state::table::{Change, Failure, Stored, Table};

/// How many buckets a node covers: 16,384 messages need 128 nodes, whose summaries fit into a few kilobytes.
const FAN_OUT: u64 = 64;

/// The nodes of all channels; the root of each is in its control cell.
#[derive(Clone, Debug)]
pub struct Index {
    nodes: Table<Level>,
}

/// What a node says of its buckets after a change.
#[derive(Clone, Copy, Debug)]
pub struct Noted {
    /// Which node.
    pub node: u64,
    /// As of which revision.
    pub revision: u64,
    /// All its buckets together.
    pub summary: Summary,
}

impl Index {
    /// The index in the cells `<prefix>/index/…`.
    pub fn new(prefix: &str) -> Self {
        Self { nodes: Table::new(format!("{prefix}/index")) }
    }

    /// Enters the summaries of buckets of one node; each is the bucket's place, its revision and its summary.
    ///
    /// # Errors
    /// The cells can't be changed: the bucket is found again when somebody posts the message again or comes by.
    pub fn note(
        &self,
        cells: &impl Cells,
        channel: Digest,
        node: u64,
        buckets: &[(u64, u64, Summary)],
    ) -> Result<Noted, Failure> {
        self.nodes.update(cells, name(channel, node), |level| {
            buckets.iter().for_each(|(place, revision, summary)| level.put(*place, *revision, *summary));
            let noted = Noted { node, revision: level.revision(), summary: level.total() };
            if buckets.is_empty() { Change::None(noted) } else { Change::Made(noted) }
        })
    }

    /// The node that covers a bucket.
    pub fn node_of(place: u64) -> u64 {
        place / FAN_OUT
    }

    /// What is known of the buckets of a node.
    ///
    /// # Errors
    /// The host gives no access.
    pub fn node(&self, cells: &impl Cells, channel: Digest, node: u64) -> Result<Level, Failure> {
        self.nodes.read(cells, name(channel, node)).map_err(|Unavailable| Failure::Unavailable)
    }
}

fn name(channel: Digest, node: u64) -> String {
    format!("{channel}/{node}")
}

impl Stored for Level {
    const FORMAT: u8 = 1;
}
