//! How is something counted? In the proxy's own counters.

use crate::engine::effect::Counter;
use crate::filter::host::abi;

/// The host's ids of our counters, in the order of [`Counter::ALL`]; none where the host refused one.
pub(in crate::filter) struct Metrics(Vec<Option<u32>>);

impl Metrics {
    /// Defines all counters, so that each shows from the start with a zero.
    pub(in crate::filter) fn define() -> Self {
        Self(Counter::ALL.iter().map(|counter| abi::define_counter(counter.name()).ok()).collect())
    }

    /// Adds to a counter.
    pub(in crate::filter) fn add(&self, counter: Counter, number: u64) {
        if let (Some(Some(id)), Ok(offset)) = (self.0.get(counter as usize), i64::try_from(number)) {
            // A host that counts nothing must not stop the traffic.
            let _ = abi::increment(*id, offset);
        }
    }
}
