//! Keyed hashes: names that don't reveal what they stand for.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The key of all hashes: one per deployment or, without one configured, one per process.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    /// A key of random bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A key from a passphrase of any length.
    pub fn from_passphrase(passphrase: &str) -> Self {
        Self(Sha256::digest(passphrase.as_bytes()).into())
    }

    /// HMAC-SHA256 over the parts, cut to 128 bits. Each part is preceded by its length, so that no two lists of
    /// parts read alike; `purpose` keeps hashes for different uses apart.
    pub fn digest(&self, purpose: &str, parts: &[&[u8]]) -> Digest {
        let mut mac = hmac_sha256(&self.0);
        for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        Digest(mac.finalize().into_bytes().first_chunk().copied().unwrap_or_default())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

/// 128 bits that stand for something; printed as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Digest([u8; 16]);

impl Digest {
    /// The first 64 bits as a number, to spread over buckets or to compare briefly.
    pub fn short(&self) -> u64 {
        u64::from_le_bytes(self.0.first_chunk().copied().unwrap_or_default())
    }

    /// The first 32 bits as a number: the first eight digits.
    pub fn brief(&self) -> u32 {
        u32::from_le_bytes(self.0.first_chunk().copied().unwrap_or_default())
    }

    /// The [`Digest::brief`] of what begins with these digits, of which there have to be eight or more.
    pub fn brief_of(digits: &str) -> Option<u32> {
        u32::from_str_radix(digits.get(..8)?, 16).ok().map(u32::swap_bytes)
    }

    /// What these 16 bytes are, as somebody else stored them.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// All 16 bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// HMAC-SHA256 of `message` in Base64, as webhooks are signed.
pub fn sign_base64(key: &[u8], message: &[&[u8]]) -> String {
    let mut mac = hmac_sha256(key);
    message.iter().for_each(|part| mac.update(part));
    STANDARD.encode(mac.finalize().into_bytes())
}

/// HMAC-SHA256 of `message` in hexadecimal digits, as Sqreen signed.
pub fn sign_hex(key: &[u8], message: &[u8]) -> String {
    let mut mac = hmac_sha256(key);
    mac.update(message);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hmac_sha256(key: &[u8]) -> Hmac<Sha256> {
    match Hmac::new_from_slice(key) {
        Ok(mac) => mac,
        // HMAC takes a key of any length (RFC 2104); the signature of the constructor is wider than that.
        Err(_) => unreachable!("HMAC takes keys of any length"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let key = Key::from_passphrase("k");
        assert_eq!(key.digest("user", &[b"ab", b"c"]), key.digest("user", &[b"ab", b"c"]));
        assert_ne!(key.digest("user", &[b"ab", b"c"]), key.digest("user", &[b"a", b"bc"]));
        assert_ne!(key.digest("user", &[b"a"]), key.digest("act", &[b"a"]));
        assert_ne!(key.digest("user", &[b"a"]), Key::from_passphrase("l").digest("user", &[b"a"]));
    }

    #[test]
    fn signatures_are_hmac_sha256_as_rfc_4231_has_it() {
        let signature = sign_hex(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(signature, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        let base64 = STANDARD.decode(sign_base64(b"Jefe", &[b"what do ya want ", b"for nothing?"])).unwrap();
        assert_eq!(base64.iter().map(|byte| format!("{byte:02x}")).collect::<String>(), signature);
    }
}
