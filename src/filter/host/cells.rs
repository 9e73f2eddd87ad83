//! Where are the shared cells kept? In the host's shared data, which all VMs with the same `vm_id` see.

use crate::filter::host::abi::{self, Status};
use crate::state::cells::{Cell, Cells, Refusal, Unavailable, Version};

/// A version that no cell ever has: with it the host writes only where there is no cell yet. (With zero it would overwrite.)
const NEVER: u32 = u32::MAX;

/// The host's shared data.
pub(in crate::filter) struct HostCells;

impl Cells for HostCells {
    fn read(&self, key: &str) -> Result<Option<Cell>, Unavailable> {
        match abi::shared_data(key) {
            Ok((bytes, cas)) => Ok(Some(Cell { bytes, version: Version(cas) })),
            Err(Status::NOT_FOUND) => Ok(None),
            Err(_) => Err(Unavailable),
        }
    }

    fn swap(&self, key: &str, bytes: &[u8], seen: Option<Version>) -> Result<(), Refusal> {
        #[cfg(feature = "trap-on-demand")]
        for point in ["messages", "index"] {
            if key.contains(&format!("/{point}/")) {
                crate::filter::host::trap::spring(point);
            }
        }
        let Version(cas) = seen.unwrap_or(Version(NEVER));
        abi::set_shared_data(key, bytes, cas).map_err(|status| match status {
            Status::CAS_MISMATCH => Refusal::Conflict,
            _ => Refusal::Unavailable,
        })
    }
}
