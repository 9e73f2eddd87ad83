//! A filter that takes a copy of each head and of each piece of a body, and looks at neither: the least that looking can cost.
//! Built by `./build.sh bench envoy`.

use std::ptr;

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn proxy_get_buffer_bytes(kind: u32, start: usize, most: usize, data: *mut *mut u8, size: *mut usize) -> u32;
    fn proxy_get_header_map_pairs(kind: u32, data: *mut *mut u8, size: *mut usize) -> u32;
}

#[unsafe(no_mangle)]
extern "C" fn proxy_abi_version_0_2_1() {}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_context_create(_context: u32, _root: u32) {}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_headers(_context: u32, _headers: u32, _last: u32) -> u32 {
    copy(|data, size| unsafe { proxy_get_header_map_pairs(0, data, size) })
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_body(_context: u32, size: usize, _last: u32) -> u32 {
    copy(|data, taken| unsafe { proxy_get_buffer_bytes(0, 0, size, data, taken) })
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_response_headers(_context: u32, _headers: u32, _last: u32) -> u32 {
    copy(|data, size| unsafe { proxy_get_header_map_pairs(2, data, size) })
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_memory_allocate(size: usize) -> *mut u8 {
    Box::into_raw(Box::<[u8]>::new_uninit_slice(size)).cast()
}

/// Takes what the host gives, and lets go of it. The traffic goes on.
fn copy(call: impl FnOnce(*mut *mut u8, *mut usize) -> u32) -> u32 {
    let (mut data, mut size) = (ptr::null_mut(), 0);
    if call(&mut data, &mut size) == 0 && !data.is_null() {
        // SAFETY: the host got the memory from `proxy_on_memory_allocate`, and has filled it.
        drop(unsafe { Vec::from_raw_parts(data, size, size) });
    }
    0
}
