//! What does it mean after what came before? Watchers of behaviour, each with its options; they note signals in the scan.

pub mod answer;
pub mod application;
pub mod attempt;
pub mod history;
pub mod honeypot;
pub mod login;
pub mod probing;
pub mod routes;
pub mod session;
pub mod size;
