//! Is it an attack? Fields as they stream → views → gate → verify → detections.

pub mod category;
mod gate;
pub mod matcher;
pub mod rule;
pub mod scan;
mod verify;

#[cfg(test)]
mod evasions;
#[cfg(test)]
mod measure;
#[cfg(test)]
mod tests;
