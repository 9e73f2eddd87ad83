//! Which functions does the host have? Proxy-Wasm ABI 0.2.1, declared with plain numbers as statuses.
//!
//! Every status is an answer: a panic would cost the worker its VM. This is the only file with `unsafe` blocks. Source: <https://github.com/proxy-wasm/spec/tree/main/abi-versions/v0.2.1>.
#![allow(unsafe_code)]

use std::ptr;

/// The host's status: 0 is success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Status(u32);

impl Status {
    pub(super) const NOT_FOUND: Self = Self(1);
    pub(super) const BAD_ARGUMENT: Self = Self(2);
    pub(super) const CAS_MISMATCH: Self = Self(8);

    fn check(self) -> Result<(), Self> {
        if self == Self(0) { Ok(()) } else { Err(self) }
    }
}

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn proxy_log(level: u32, message: *const u8, size: usize) -> u32;
    fn proxy_get_current_time_nanoseconds(time: *mut u64) -> u32;
    fn proxy_set_tick_period_milliseconds(period: u32) -> u32;
    fn proxy_get_buffer_bytes(kind: u32, start: usize, most: usize, data: *mut *mut u8, size: *mut usize) -> u32;
    fn proxy_get_header_map_pairs(kind: u32, data: *mut *mut u8, size: *mut usize) -> u32;
    fn proxy_remove_header_map_value(kind: u32, key: *const u8, key_size: usize) -> u32;
    fn proxy_replace_header_map_value(
        kind: u32,
        key: *const u8,
        key_size: usize,
        value: *const u8,
        value_size: usize,
    ) -> u32;
    fn proxy_send_local_response(
        status: u32,
        details: *const u8,
        details_size: usize,
        body: *const u8,
        body_size: usize,
        headers: *const u8,
        headers_size: usize,
        grpc_status: i32,
    ) -> u32;
    fn proxy_get_property(path: *const u8, path_size: usize, data: *mut *mut u8, size: *mut usize) -> u32;
    fn proxy_set_property(path: *const u8, path_size: usize, value: *const u8, value_size: usize) -> u32;
    fn proxy_get_shared_data(
        key: *const u8,
        key_size: usize,
        data: *mut *mut u8,
        size: *mut usize,
        cas: *mut u32,
    ) -> u32;
    fn proxy_set_shared_data(key: *const u8, key_size: usize, data: *const u8, size: usize, cas: u32) -> u32;
    fn proxy_http_call(
        cluster: *const u8,
        cluster_size: usize,
        headers: *const u8,
        headers_size: usize,
        body: *const u8,
        body_size: usize,
        trailers: *const u8,
        trailers_size: usize,
        timeout_millis: u32,
        token: *mut u32,
    ) -> u32;
    fn proxy_define_metric(kind: u32, name: *const u8, size: usize, id: *mut u32) -> u32;
    fn proxy_increment_metric(id: u32, offset: i64) -> u32;
    fn proxy_record_metric(id: u32, value: u64) -> u32;
}

pub(super) fn log(level: u32, message: &str) -> Result<(), Status> {
    // SAFETY: the host reads `size` bytes from `message`, which outlives the call.
    Status(unsafe { proxy_log(level, message.as_ptr(), message.len()) }).check()
}

pub(super) fn nanoseconds_since_epoch() -> Result<u64, Status> {
    let mut time = 0;
    // SAFETY: the host writes one u64 to `time`.
    Status(unsafe { proxy_get_current_time_nanoseconds(&mut time) }).check()?;
    Ok(time)
}

pub(super) fn set_tick_period(millis: u32) -> Result<(), Status> {
    // SAFETY: no memory is passed.
    Status(unsafe { proxy_set_tick_period_milliseconds(millis) }).check()
}

pub(super) fn buffer(kind: u32, start: usize, most: usize) -> Result<Vec<u8>, Status> {
    // SAFETY: the host writes the pointer and the size.
    taken(|data, size| unsafe { proxy_get_buffer_bytes(kind, start, most, data, size) })
}

pub(super) fn header_map(kind: u32) -> Result<Vec<u8>, Status> {
    // SAFETY: the host writes the pointer and the size.
    taken(|data, size| unsafe { proxy_get_header_map_pairs(kind, data, size) })
}

pub(super) fn remove_header(kind: u32, name: &str) -> Result<(), Status> {
    // SAFETY: the host reads `name`, which outlives the call.
    Status(unsafe { proxy_remove_header_map_value(kind, name.as_ptr(), name.len()) }).check()
}

pub(super) fn replace_header(kind: u32, name: &str, value: &[u8]) -> Result<(), Status> {
    // SAFETY: the host reads `name` and `value`, which outlive the call.
    Status(unsafe { proxy_replace_header_map_value(kind, name.as_ptr(), name.len(), value.as_ptr(), value.len()) })
        .check()
}

pub(super) fn respond(status: u32, details: &str, headers: &[u8], body: &[u8]) -> Result<(), Status> {
    // SAFETY: the host reads all of them, which outlive the call.
    Status(unsafe {
        let (body, body_size) = (body.as_ptr(), body.len());
        let (headers, headers_size) = (headers.as_ptr(), headers.len());
        proxy_send_local_response(status, details.as_ptr(), details.len(), body, body_size, headers, headers_size, -1)
    })
    .check()
}

pub(super) fn property(path: &[u8]) -> Result<Vec<u8>, Status> {
    // SAFETY: the host reads `path`, which outlives the call, and writes the pointer and the size.
    taken(|data, size| unsafe { proxy_get_property(path.as_ptr(), path.len(), data, size) })
}

pub(super) fn set_property(path: &[u8], value: &[u8]) -> Result<(), Status> {
    // SAFETY: the host reads `path` and `value`, which outlive the call.
    Status(unsafe { proxy_set_property(path.as_ptr(), path.len(), value.as_ptr(), value.len()) }).check()
}

pub(super) fn shared_data(key: &str) -> Result<(Vec<u8>, u32), Status> {
    let mut cas = 0;
    // SAFETY: the host reads `key`, which outlives the call, and writes the pointer, the size and the number.
    let bytes = taken(|data, size| unsafe { proxy_get_shared_data(key.as_ptr(), key.len(), data, size, &mut cas) })?;
    Ok((bytes, cas))
}

pub(super) fn set_shared_data(key: &str, data: &[u8], cas: u32) -> Result<(), Status> {
    // SAFETY: the host reads `key` and `data`, which outlive the call.
    Status(unsafe { proxy_set_shared_data(key.as_ptr(), key.len(), data.as_ptr(), data.len(), cas) }).check()
}

/// Sends a request; `headers` are serialised. Returns its token.
pub(super) fn http_call(cluster: &str, headers: &[u8], body: &[u8], timeout_millis: u32) -> Result<u32, Status> {
    let mut token = 0;
    // SAFETY: the host reads all of them, which outlive the call, and writes the number.
    Status(unsafe {
        let (body, body_size) = (body.as_ptr(), body.len());
        let (headers, headers_size) = (headers.as_ptr(), headers.len());
        let (trailers, trailers_size) = (NO_PAIRS.as_ptr(), NO_PAIRS.len());
        proxy_http_call(
            cluster.as_ptr(),
            cluster.len(),
            headers,
            headers_size,
            body,
            body_size,
            trailers,
            trailers_size,
            timeout_millis,
            &mut token,
        )
    })
    .check()?;
    Ok(token)
}

/// A map without entries, serialised.
const NO_PAIRS: [u8; 4] = [0; 4];

/// The kinds of metrics.
pub(super) const COUNTER: u32 = 0;
pub(super) const GAUGE: u32 = 1;

pub(super) fn define_metric(kind: u32, name: &str) -> Result<u32, Status> {
    let mut id = 0;
    // SAFETY: the host reads `name`, which outlives the call, and writes the number.
    Status(unsafe { proxy_define_metric(kind, name.as_ptr(), name.len(), &mut id) }).check()?;
    Ok(id)
}

pub(super) fn increment(id: u32, offset: i64) -> Result<(), Status> {
    // SAFETY: no memory is passed.
    Status(unsafe { proxy_increment_metric(id, offset) }).check()
}

pub(super) fn record(id: u32, value: u64) -> Result<(), Status> {
    // SAFETY: no memory is passed.
    Status(unsafe { proxy_record_metric(id, value) }).check()
}

/// Takes over what the host has put into our memory.
fn taken(call: impl FnOnce(*mut *mut u8, *mut usize) -> u32) -> Result<Vec<u8>, Status> {
    let (mut data, mut size) = (ptr::null_mut(), 0);
    Status(call(&mut data, &mut size)).check()?;
    if data.is_null() || size == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: the host got the memory from the SDK's `proxy_on_memory_allocate`, which gave away a box of `size` bytes. It has filled them and let
    // go of them.
    Ok(unsafe { Vec::from_raw_parts(data, size, size) })
}
