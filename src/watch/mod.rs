//! What only shows over several requests, or in the answer? Watchers of behaviour: options, and a function to a signal.

pub mod answer;
pub mod application;
pub mod attempt;
pub mod crowd;
pub mod history;
pub mod honeypot;
pub mod login;
pub mod parameters;
pub mod probing;
pub mod routes;
pub mod session;
pub mod size;
