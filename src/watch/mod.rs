//! What does it mean after what came before? Watchers of behaviour, each with its options; they note signals in the scan.

pub mod answer;
pub mod application;
pub mod honeypot;
mod structured;
