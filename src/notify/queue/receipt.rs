//! What has a channel received of an incident? Enough to send nothing twice, and no end without a beginning.

use serde::{Deserialize, Serialize};

use crate::keyed_hash::Digest;
use crate::notify::queue::subject::Subject;

/// How many receipts a bucket keeps. Of incidents before them a channel may receive an end of which it received no
/// beginning.
const KEPT: usize = 64;

/// What one channel has received of one incident. Eight digits of a hash stand for each: enough within a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Receipt {
    channel: u32,
    incident: u32,
    /// The highest number of a transition that has left the queue.
    upto: u32,
    standing: Standing,
}

/// Whether more of an incident is sent to a channel.
///
/// ```text
///            opening refused, displaced or expired
/// Received ◄── delivered ── (none) ──────────────────► Suppressed
///                             │ rolled up
///                             └──────────────────────► RolledUp(number)
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// The opening was sent; what follows is sent too.
    Received,
    /// The opening was never sent: nothing more is.
    Suppressed,
    /// The opening was part of the rollup of this number: nothing more is sent but the rollup's end.
    RolledUp(u32),
}

/// The receipts of a bucket, the newest last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipts(Vec<Receipt>);

impl Receipts {
    /// How the channel stands with the incident, and up to which number its messages have left.
    pub fn of(&self, channel: Digest, subject: Subject) -> Option<(Standing, u32)> {
        let (channel, incident) = (channel.brief(), subject.incident.0.brief());
        let found = self.0.iter().find(|receipt| receipt.channel == channel && receipt.incident == incident);
        found.map(|receipt| (receipt.standing, receipt.upto))
    }

    /// A message has left: from now on the channel stands like this with the incident. Where nothing more is sent, that
    /// stays.
    pub fn record(&mut self, channel: Digest, subject: Subject, standing: Standing) {
        let Subject { incident, number } = subject;
        let new = Receipt { channel: channel.brief(), incident: incident.0.brief(), upto: number, standing };
        let is_same = |receipt: &&mut Receipt| (receipt.channel, receipt.incident) == (new.channel, new.incident);
        if let Some(known) = self.0.iter_mut().find(is_same) {
            known.upto = known.upto.max(number);
            if known.standing == Standing::Received {
                known.standing = standing;
            }
            return;
        }
        if self.0.len() >= KEPT {
            // What was received is needed for a moment only, while others may still post it again.
            let received = self.0.iter().position(|receipt| receipt.standing == Standing::Received);
            self.0.remove(received.unwrap_or_default());
        }
        self.0.push(new);
    }
}
