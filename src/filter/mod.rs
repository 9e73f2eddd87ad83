//! How does the engine run inside Envoy? Translation only: callbacks become inputs, effects become calls to the host.

mod active;
mod host;
mod off;
mod placement;
mod root;
mod stream;

use proxy_wasm::traits::RootContext;

use crate::filter::root::Root;

proxy_wasm::main! {{
    host::logger::install();
    proxy_wasm::set_root_context(|_| -> Box<dyn RootContext> { Box::new(Root::default()) });
}}
