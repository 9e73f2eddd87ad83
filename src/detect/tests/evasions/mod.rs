//! Are the evasions that simple engines miss seen through? By how a payload is spelled, and by where it hides.

mod spelling;
mod target;
