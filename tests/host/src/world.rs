//! What do all VMs of one proxy share? The clock, the shared data, the metrics.

use std::collections::HashMap;

/// The state of one proxy, as all its VMs see it.
#[derive(Debug)]
pub struct World {
    /// Nanoseconds since 1970.
    pub now: u64,
    shared: HashMap<Vec<u8>, Shared>,
    last_version: u32,
    metrics: Vec<(String, i64)>,
}

#[derive(Debug)]
struct Shared {
    value: Vec<u8>,
    version: u32,
}

impl Default for World {
    fn default() -> Self {
        Self { now: 1_790_000_000_000_000_000, shared: HashMap::new(), last_version: 0, metrics: Vec::new() }
    }
}

impl World {
    /// Lets time pass.
    pub fn advance(&mut self, millis: u64) {
        self.now += millis * 1_000_000;
    }

    /// A metric's value; zero if it was never defined.
    pub fn metric(&self, name: &str) -> i64 {
        self.metrics.iter().find(|(known, _)| known == name).map_or(0, |(_, value)| *value)
    }

    pub(crate) fn shared(&self, key: &[u8]) -> Option<(&[u8], u32)> {
        self.shared.get(key).map(|shared| (shared.value.as_slice(), shared.version))
    }

    /// Writes as Envoy does: version zero overwrites, another one must be the newest, and where there is nothing yet any will do.
    /// Returns false if another one was newer.
    pub(crate) fn set_shared(&mut self, key: Vec<u8>, value: Vec<u8>, version: u32) -> bool {
        if self.shared.get(&key).is_some_and(|known| version != 0 && known.version != version) {
            return false;
        }
        self.last_version += 1;
        self.shared.insert(key, Shared { value, version: self.last_version });
        true
    }

    /// The id of the metric with this name.
    pub(crate) fn define_metric(&mut self, name: String) -> u32 {
        let at = self.metrics.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            self.metrics.push((name, 0));
            self.metrics.len() - 1
        });
        at as u32
    }

    pub(crate) fn metric_by_id(&mut self, id: u32) -> Option<&mut i64> {
        self.metrics.get_mut(id as usize).map(|(_, value)| value)
    }
}
