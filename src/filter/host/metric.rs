//! How is something counted? In Envoy's own counters and gauges, which this defines and raises.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::filter::host::abi;
use crate::worker::metric::{Counter, Gauge, Labelled, oldest_name};

/// The host's ids of our metrics; none where the host refused one.
pub(in crate::filter) struct Metrics {
    /// In the order of [`Counter::ALL`].
    counters: Vec<Option<u32>>,
    /// For each channel those of [`Counter::OF_CHANNELS`], in their order, and then the age of its oldest message.
    channels: Vec<Vec<Option<u32>>>,
    /// In the order of [`Gauge::ALL`].
    gauges: Vec<Option<u32>>,
    /// Those with labels, by name, as they are first counted: most combinations never are.
    labelled: RefCell<BTreeMap<String, Option<u32>>>,
}

impl Metrics {
    /// Defines all metrics, so that each shows as zero from the start; `channels` are the channels' names.
    pub(in crate::filter) fn define(channels: &[String]) -> Self {
        let of_channel = |channel: &String| {
            let counters = Counter::OF_CHANNELS.iter().map(|counter| define(abi::COUNTER, &counter.name_for(channel)));
            counters.chain([define(abi::GAUGE, &oldest_name(channel))]).collect()
        };
        Self {
            counters: Counter::ALL.iter().map(|counter| define(abi::COUNTER, counter.name())).collect(),
            gauges: Gauge::ALL.iter().map(|gauge| define(abi::GAUGE, gauge.name())).collect(),
            labelled: RefCell::default(),
            channels: channels.iter().map(of_channel).collect(),
        }
    }

    /// Adds to a counter.
    pub(in crate::filter) fn add(&self, counter: Counter, number: u64) {
        increment(self.counters.get(counter as usize), number);
    }

    /// Adds to a counter of the channel with this index.
    pub(in crate::filter) fn add_for(&self, channel: usize, counter: Counter, number: u64) {
        let at = Counter::OF_CHANNELS.iter().position(|one| *one == counter);
        increment(at.and_then(|at| self.channels.get(channel)?.get(at)), number);
    }

    /// Adds to a counter with labels.
    pub(in crate::filter) fn add_labelled(&self, labelled: &Labelled, number: u64) {
        let mut known = self.labelled.borrow_mut();
        let name = labelled.name();
        increment(Some(known.entry(name).or_insert_with_key(|name| define(abi::COUNTER, name))), number);
    }

    /// Sets a gauge.
    pub(in crate::filter) fn set(&self, gauge: Gauge, value: u64) {
        if let Some(Some(id)) = self.gauges.get(gauge as usize) {
            let _ = abi::record(*id, value);
        }
    }

    /// Sets for how long the oldest message of the channel with this index has waited.
    pub(in crate::filter) fn set_oldest(&self, channel: usize, seconds: u64) {
        if let Some(Some(id)) = self.channels.get(channel).and_then(|ids| ids.last()) {
            let _ = abi::record(*id, seconds);
        }
    }
}

fn define(kind: u32, name: &str) -> Option<u32> {
    abi::define_metric(kind, name).ok()
}

fn increment(id: Option<&Option<u32>>, number: u64) {
    if let (Some(Some(id)), Ok(offset)) = (id, i64::try_from(number)) {
        // A host that refuses to count must not stop the traffic.
        let _ = abi::increment(*id, offset);
    }
}
