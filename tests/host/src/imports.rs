//! Which functions of Proxy-Wasm does the module import, and what do they do here? No others: an import that is missing fails.

use wasmtime::{Caller, Error, Linker, Result};

use crate::host::{BAD_ARGUMENT, CAS_MISMATCH, Callout, Host, LocalResponse, NOT_FOUND, OK, Pairs};

/// The module that calls, with its host.
pub(crate) type Guest<'a> = Caller<'a, Host>;

/// Adds a function of the host: counted, and failing when it is its turn.
macro_rules! function {
    ($linker:ident, $name:literal, |$guest:ident $(, $argument:ident: $kind:ty)*| $body:block) => {
        $linker.func_wrap("env", $name, |mut $guest: Guest<'_> $(, $argument: $kind)*| -> Result<u32> {
            match $guest.data_mut().enter($name) {
                Some(status) => Ok(status),
                None => $body,
            }
        })?;
    };
}

/// Adds the functions of `env`: ABI 0.2.1.
pub(crate) fn add(linker: &mut Linker<Host>) -> Result<()> {
    add_service(linker)?;
    add_exchange(linker)?;
    add_state(linker)?;
    add_callout(linker)
}

fn add_service(linker: &mut Linker<Host>) -> Result<()> {
    function!(linker, "proxy_log", |guest, level: u32, text: u32, size: u32| {
        let text = String::from_utf8(read(&guest, text, size)?)?;
        guest.data_mut().lines.push((level, text));
        Ok(OK)
    });
    function!(linker, "proxy_get_current_time_nanoseconds", |guest, to: u32| {
        let now = guest.data().world.borrow().now;
        write(&mut guest, to, &now.to_le_bytes())?;
        Ok(OK)
    });
    function!(linker, "proxy_set_tick_period_milliseconds", |_guest, _period: u32| { Ok(OK) });
    function!(linker, "proxy_set_effective_context", |_guest, _context: u32| { Ok(OK) });
    function!(linker, "proxy_define_metric", |guest, _kind: u32, name: u32, size: u32, to: u32| {
        let name = String::from_utf8(read(&guest, name, size)?)?;
        let id = guest.data().world.borrow_mut().define_metric(name);
        write(&mut guest, to, &id.to_le_bytes())?;
        Ok(OK)
    });
    function!(linker, "proxy_increment_metric", |guest, id: u32, offset: i64| {
        Ok(guest.data().world.borrow_mut().metric_by_id(id).map_or(NOT_FOUND, |value| {
            *value += offset;
            OK
        }))
    });
    function!(linker, "proxy_record_metric", |guest, id: u32, number: i64| {
        Ok(guest.data().world.borrow_mut().metric_by_id(id).map_or(NOT_FOUND, |value| {
            *value = number;
            OK
        }))
    });
    Ok(())
}

fn add_exchange(linker: &mut Linker<Host>) -> Result<()> {
    function!(linker, "proxy_get_buffer_bytes", |guest, kind: u32, start: u32, most: u32, data: u32, size: u32| {
        let Some(buffer) = guest.data().scene.buffers.get(&kind) else { return Ok(NOT_FOUND) };
        let start = (start as usize).min(buffer.len());
        let end = start.saturating_add(most as usize).min(buffer.len());
        let bytes = buffer[start..end].to_vec();
        give(&mut guest, &bytes, data, size)
    });
    function!(linker, "proxy_get_header_map_pairs", |guest, kind: u32, data: u32, size: u32| {
        // A map that is not there is an empty one.
        let pairs = guest.data().scene.maps.get(&kind).map(serialized).unwrap_or_default();
        give(&mut guest, &pairs, data, size)
    });
    function!(linker, "proxy_get_header_map_value", |guest,
                                                     kind: u32,
                                                     name: u32,
                                                     length: u32,
                                                     data: u32,
                                                     size: u32| {
        let name = read(&guest, name, length)?;
        let Some(pairs) = guest.data().scene.maps.get(&kind) else { return Ok(BAD_ARGUMENT) };
        let Some((_, value)) = pairs.iter().find(|(known, _)| *known == name) else { return Ok(NOT_FOUND) };
        let value = value.clone();
        give(&mut guest, &value, data, size)
    });
    function!(linker, "proxy_remove_header_map_value", |guest, kind: u32, name: u32, length: u32| {
        let name = read(&guest, name, length)?;
        let Some(pairs) = guest.data_mut().scene.maps.get_mut(&kind) else { return Ok(BAD_ARGUMENT) };
        pairs.retain(|(known, _)| *known != name);
        Ok(OK)
    });
    function!(
        linker,
        "proxy_replace_header_map_value",
        |guest, kind: u32, name: u32, length: u32, value: u32, size: u32| {
            let (name, value) = (read(&guest, name, length)?, read(&guest, value, size)?);
            let Some(pairs) = guest.data_mut().scene.maps.get_mut(&kind) else { return Ok(BAD_ARGUMENT) };
            pairs.retain(|(known, _)| *known != name);
            pairs.push((name, value));
            Ok(OK)
        }
    );
    function!(linker, "proxy_set_property", |guest, path: u32, length: u32, value: u32, size: u32| {
        let (path, value) = (read(&guest, path, length)?, read(&guest, value, size)?);
        guest.data_mut().scene.properties.insert(path, value);
        Ok(OK)
    });
    function!(linker, "proxy_get_property", |guest, path: u32, length: u32, data: u32, size: u32| {
        let path = read(&guest, path, length)?;
        let Some(value) = guest.data().scene.properties.get(&path).cloned() else { return Ok(NOT_FOUND) };
        give(&mut guest, &value, data, size)
    });
    function!(linker, "proxy_send_local_response", |guest,
                                                    status: u32,
                                                    _details: u32,
                                                    _details_size: u32,
                                                    body: u32,
                                                    body_size: u32,
                                                    headers: u32,
                                                    headers_size: u32,
                                                    _grpc: i32| {
        read(&guest, headers, headers_size)?;
        let body = read(&guest, body, body_size)?;
        guest.data_mut().responses.push(LocalResponse { status, body });
        Ok(OK)
    });
    Ok(())
}

fn add_state(linker: &mut Linker<Host>) -> Result<()> {
    function!(linker, "proxy_get_shared_data", |guest, key: u32, length: u32, data: u32, size: u32, version: u32| {
        let key = read(&guest, key, length)?;
        let found = guest.data().world.borrow().shared(&key).map(|(value, version)| (value.to_vec(), version));
        let Some((value, newest)) = found else { return Ok(NOT_FOUND) };
        write(&mut guest, version, &newest.to_le_bytes())?;
        give(&mut guest, &value, data, size)
    });
    function!(linker, "proxy_set_shared_data", |guest, key: u32, length: u32, data: u32, size: u32, version: u32| {
        let (key, value) = (read(&guest, key, length)?, read(&guest, data, size)?);
        let is_set = guest.data().world.borrow_mut().set_shared(key, value, version);
        Ok(if is_set { OK } else { CAS_MISMATCH })
    });
    Ok(())
}

fn add_callout(linker: &mut Linker<Host>) -> Result<()> {
    function!(linker, "proxy_http_call", |guest,
                                          cluster: u32,
                                          length: u32,
                                          headers: u32,
                                          headers_size: u32,
                                          body: u32,
                                          body_size: u32,
                                          _trailers: u32,
                                          _trailers_size: u32,
                                          _timeout: u32,
                                          token: u32| {
        let cluster = String::from_utf8(read(&guest, cluster, length)?)?;
        read(&guest, headers, headers_size)?;
        let body = read(&guest, body, body_size)?;
        let host = guest.data_mut();
        host.tokens += 4;
        let number = host.tokens;
        host.callouts.push(Callout { token: number, cluster, body });
        write(&mut guest, token, &number.to_le_bytes())?;
        Ok(OK)
    });
    Ok(())
}

/// Bytes of the module's memory. A range that the module does not have is a bug of its own.
pub(crate) fn read(guest: &Guest<'_>, at: u32, size: u32) -> Result<Vec<u8>> {
    let Some(memory) = guest.data().memory else { return Err(Error::msg("the module has no memory yet")) };
    let bytes = memory.data(guest).get(at as usize..at as usize + size as usize).map(<[u8]>::to_vec);
    bytes.ok_or_else(|| Error::msg("the module gave a range outside of its memory"))
}

pub(crate) fn write(guest: &mut Guest<'_>, at: u32, bytes: &[u8]) -> Result<()> {
    let Some(memory) = guest.data().memory else { return Err(Error::msg("the module has no memory yet")) };
    Ok(memory.write(guest, at as usize, bytes)?)
}

/// Hands bytes over: into memory that the module allocates for them. Nothing, if there are none.
fn give(guest: &mut Guest<'_>, bytes: &[u8], data: u32, size: u32) -> Result<u32> {
    let Some(allocate) = guest.data().allocate.clone() else {
        return Err(Error::msg("the module has no allocator yet"));
    };
    let at = if bytes.is_empty() { 0 } else { allocate.call(&mut *guest, bytes.len() as u32)? };
    write(guest, at, bytes)?;
    write(guest, data, &at.to_le_bytes())?;
    write(guest, size, &(bytes.len() as u32).to_le_bytes())?;
    Ok(OK)
}

/// A map as the ABI serialises it.
fn serialized(pairs: &Pairs) -> Vec<u8> {
    let mut bytes = (pairs.len() as u32).to_le_bytes().to_vec();
    for (name, value) in pairs {
        bytes.extend((name.len() as u32).to_le_bytes());
        bytes.extend((value.len() as u32).to_le_bytes());
    }
    for part in pairs.iter().flat_map(|(name, value)| [name, value]) {
        bytes.extend(part);
        bytes.push(0);
    }
    bytes
}
