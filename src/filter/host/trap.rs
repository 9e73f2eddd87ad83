//! Where does the VM die if a test wants it to? Only with the feature `trap-on-demand`, which no shipped module has.

use crate::filter::host::abi;

/// The cell that names the point at which the next VM dies.
const CELL: &str = "trap";

/// Makes the first VM that reaches `point` die there.
pub(in crate::filter) fn arm(point: &[u8]) {
    let _ = abi::set_shared_data(CELL, point, 0);
}

/// Dies if this is the armed point.
pub(in crate::filter) fn spring(point: &str) {
    if abi::shared_data(CELL).is_ok_and(|(armed, _)| armed == point.as_bytes()) {
        arm(b"");
        #[expect(clippy::panic, reason = "that is what it is for")]
        {
            panic!("as the test wants it, here: {point}");
        }
    }
}
