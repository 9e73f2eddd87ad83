//! Where does the VM die, if a test wants it to? In the real module nowhere: this is the feature `trap-on-demand`.

use crate::filter::host::abi;

/// The cell that says where the next VM dies that gets there, whichever it is.
const CELL: &str = "trap";

/// From now on, whichever VM comes to `place` first dies there.
pub(in crate::filter) fn arm(place: &[u8]) {
    let _ = abi::set_shared_data(CELL, place, 0);
}

/// Dies, if a test wants it to be here.
pub(in crate::filter) fn spring(place: &str) {
    if abi::shared_data(CELL).is_ok_and(|(armed, _)| armed == place.as_bytes()) {
        arm(b"");
        #[expect(clippy::panic, reason = "that is what it is for")]
        {
            panic!("as the test wants it, here: {place}");
        }
    }
}
