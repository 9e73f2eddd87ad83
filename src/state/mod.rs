//! Where is it kept? In cells that every worker sees, changed by compare-and-swap.

pub mod buckets;
pub mod cells;
pub mod memory;
pub mod options;
pub mod table;
