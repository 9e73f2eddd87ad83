//! Is it an attack? Fields as they stream → views → gate → verify → detections.

mod address;
mod argv;
mod automaton;
mod block;
mod browsed;
mod budget;
mod called;
pub mod category;
mod category_names;
pub mod confidence;
mod cost;
pub mod detection;
pub mod detections;
pub mod exclude;
mod gate;
mod lines;
mod literal;
mod look;
mod matched;
pub mod matcher;
mod named;
pub mod options;
pub mod own;
mod probe;
pub mod proof;
mod random;
mod reported;
pub mod rule;
pub mod rule_set;
pub mod scan;
pub mod shape;
pub mod signal;
mod tables;
pub mod trace;
pub mod values;
pub mod verify;

#[cfg(test)]
mod tests;
