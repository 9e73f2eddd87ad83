//! What would the filter have done? The engine itself, run on recorded exchanges at their own times.

pub(crate) mod proxy;
pub(crate) mod scanner;
