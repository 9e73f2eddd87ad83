//! Which callbacks does the host find in the module? Those of Proxy-Wasm ABI 0.2.1 that an HTTP filter needs, and no others.
//!
//! A callback that is not here costs a request nothing. Each one passes on to its context; for a context that does not exist, or
//! no longer, nothing happens, and traffic goes on.
//! Source: <https://github.com/proxy-wasm/spec/tree/main/abi-versions/v0.2.1>.
#![allow(unsafe_code, reason = "exported names, and nothing else")]

use crate::filter::contexts;
use crate::filter::host::startup;
use crate::filter::stream::Action;

#[unsafe(no_mangle)]
extern "C" fn _initialize() {
    startup::begin();
}

/// Its name says which ABI the module speaks.
#[unsafe(no_mangle)]
extern "C" fn proxy_abi_version_0_2_1() {}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_context_create(context: u32, root: u32) {
    contexts::create(context, root);
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_configure(root: u32, _size: usize) -> u32 {
    contexts::with_root(root, |root| u32::from(root.on_configure())).unwrap_or_default()
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_tick(root: u32) {
    contexts::with_root(root, |root| root.on_tick());
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_http_call_response(root: u32, token: u32, headers: usize, body: usize, _trailers: usize) {
    contexts::with_root(root, |root| root.on_http_call_response(token, headers, body));
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_headers(context: u32, _headers: usize, last: u32) -> Action {
    contexts::with_stream(context, |stream| stream.on_request_headers(last != 0)).unwrap_or_default()
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_body(context: u32, size: usize, last: u32) -> Action {
    contexts::with_stream(context, |stream| stream.on_request_body(size, last != 0)).unwrap_or_default()
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_trailers(context: u32, _trailers: usize) -> Action {
    contexts::with_stream(context, |stream| stream.on_request_trailers()).unwrap_or_default()
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_response_headers(context: u32, _headers: usize, _last: u32) -> Action {
    contexts::with_stream(context, |stream| stream.on_response_headers());
    Action::Continue
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_response_body(context: u32, size: usize, _last: u32) -> Action {
    contexts::with_stream(context, |stream| stream.on_response_body(size));
    Action::Continue
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_log(context: u32) {
    contexts::with_stream(context, |stream| stream.on_log());
}

/// Returns 1: nothing is left to do, the context may be deleted.
#[unsafe(no_mangle)]
extern "C" fn proxy_on_done(context: u32) -> u32 {
    contexts::with_stream(context, |stream| stream.on_done());
    1
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_delete(context: u32) {
    contexts::delete(context);
}
