//! How does the engine run inside Envoy? Translation only: callbacks become inputs, effects become calls to the host.

mod active;
mod contexts;
mod exports;
mod host;
mod off;
mod placement;
mod root;
mod stream;
