//! What happens to the next request of a risky user? It is refused, redirected, or the upstream and Envoy are told.

pub mod concerned;
pub mod decision;
pub mod options;
