//! Where are the shared cells? In the host's shared data, one namespace for all VMs with our `vm_id`.

use crate::filter::host::abi::{self, Status};
use crate::state::cells::{Cell, Cells, Refusal, Unavailable, Version};

/// A version that no write ever had: with it the host writes only where nothing was. (Zero would overwrite.)
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
        for place in ["parcels", "queue"] {
            if key.contains(&format!("/{place}/")) {
                crate::filter::host::trap::spring(place);
            }
        }
        let Version(cas) = seen.unwrap_or(Version(NEVER));
        abi::set_shared_data(key, bytes, cas).map_err(|status| match status {
            Status::CAS_MISMATCH => Refusal::Conflict,
            _ => Refusal::Unavailable,
        })
    }
}
