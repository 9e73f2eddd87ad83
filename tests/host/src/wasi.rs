//! Which functions of WASI does the module import? Its environment, random numbers, and where the standard streams go.

use wasmtime::{Error, Linker, Result};

use crate::host::Host;
use crate::imports::Guest;

/// Adds the functions of `wasi_snapshot_preview1` that a module of Rust without files needs.
pub(crate) fn add(linker: &mut Linker<Host>) -> Result<()> {
    const WASI: &str = "wasi_snapshot_preview1";
    linker.func_wrap(WASI, "environ_sizes_get", |caller: Guest<'_>, count: u32, size: u32| {
        let mut guest = caller;
        let lengths: Vec<_> = variables(guest.data()).iter().map(Vec::len).collect();
        crate::imports::write(&mut guest, count, &(lengths.len() as u32).to_le_bytes())?;
        crate::imports::write(&mut guest, size, &(lengths.iter().sum::<usize>() as u32).to_le_bytes())?;
        Ok(0u32)
    })?;
    linker.func_wrap(WASI, "environ_get", |mut guest: Guest<'_>, mut pointers: u32, mut bytes: u32| {
        for variable in variables(guest.data()) {
            crate::imports::write(&mut guest, pointers, &bytes.to_le_bytes())?;
            crate::imports::write(&mut guest, bytes, &variable)?;
            pointers += 4;
            bytes += variable.len() as u32;
        }
        Ok(0u32)
    })?;
    linker.func_wrap(WASI, "random_get", |mut guest: Guest<'_>, at: u32, size: u32| {
        let mut bytes = Vec::new();
        while bytes.len() < size as usize {
            // SplitMix64: the same numbers each time.
            let host = guest.data_mut();
            host.random = host.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = host.random;
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            bytes.extend((word ^ (word >> 31)).to_le_bytes());
        }
        crate::imports::write(&mut guest, at, &bytes[..size as usize])?;
        Ok(0u32)
    })?;
    linker.func_wrap(WASI, "fd_write", |mut guest: Guest<'_>, _fd: u32, parts: u32, count: u32, written: u32| {
        let mut text = Vec::new();
        for part in 0..count {
            let number = |bytes: Vec<u8>| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
            let at = number(crate::imports::read(&guest, parts + part * 8, 4)?);
            let size = number(crate::imports::read(&guest, parts + part * 8 + 4, 4)?);
            text.extend(crate::imports::read(&guest, at, size)?);
        }
        crate::imports::write(&mut guest, written, &(text.len() as u32).to_le_bytes())?;
        guest.data_mut().lines.push((2, String::from_utf8_lossy(&text).into_owned()));
        Ok(0u32)
    })?;
    linker.func_wrap(WASI, "proc_exit", |_: Guest<'_>, code: u32| -> Result<()> {
        Err(Error::msg(format!("the module exited with {code}")))
    })?;
    Ok(())
}

fn variables(host: &Host) -> Vec<Vec<u8>> {
    host.environment.iter().map(|(name, value)| format!("{name}={value}\0").into_bytes()).collect()
}
