//! What happens before anything else in a new VM? What the start of a program would do, and the log.

use crate::filter::host::{abi, logger};

/// Prepares a VM that has just been made.
pub(in crate::filter) fn begin() {
    abi::construct();
    logger::install();
}
