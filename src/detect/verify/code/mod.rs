//! Is it code of a programming language? One file for each family.

mod hosted;
pub(super) mod java;
pub(super) mod php;
pub(super) mod script;

#[cfg(test)]
mod tests;
