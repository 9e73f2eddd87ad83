//! Which machine does the host of an address name, in every spelling: this one, a metadata service, one of the inner network?
//!
//! IPv4 after the WHATWG URL standard's parser (decimal, octal, hexadecimal, one to four parts); IPv6 by the standard
//! library's parser, with the IPv4 address inside it.

use crate::detect::verify::word_list::WordList;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Names of metadata services and of this machine.
const METADATA: &[&[u8]] = &[
    b"metadata.google.internal",
    b"metadata.goog",
    b"metadata",
    b"instance-data",
    b"metadata.packet.net",
    b"metadata.oraclecloud.com",
    b"metadata.tencentyun.com",
];
pub(super) static LOCAL: WordList = WordList::new(
    "127.0.0.1.nip.io gateway.docker.internal host.containers.internal host.docker.internal ip6-localhost \
     ip6-loopback kubernetes.default kubernetes.default.svc kubernetes.docker.internal localhost \
     localhost.localdomain localhost4 localhost6 localtest.me lvh.me",
);
/// Names that services have inside a cluster, with a port behind them.
static SERVICES: WordList = WordList::new(
    "consul couchdb docker elasticsearch etcd grafana internal jenkins kibana kubernetes loopback memcached minio mongo \
     mongodb mysql nacos postgres prometheus rabbitmq rancher redis vault",
);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::detect) enum Host {
    Metadata,
    /// An internal address that nobody spells so by accident.
    Odd,
    Loopback,
    /// An address of an inner network (RFC 1918, RFC 3927), in its common spelling, or a name that only one resolves.
    Private,
}

/// `x.example`: nothing but a name of the internet, with its top-level domain?
pub(super) fn is_domain(host: &[u8]) -> bool {
    let top = host.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    (2..host.len()).contains(&top.len())
        && top.iter().all(u8::is_ascii_alphabetic)
        && host.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        && !matches!(top, b"internal" | b"local" | b"localhost" | b"localdomain")
}

/// Reads the host of an address.
pub(in crate::detect) fn of_host(host: &[u8]) -> Option<Host> {
    if let Some(inside) = host.strip_prefix(b"[") {
        let inside = inside.split(|byte| matches!(byte, b']' | b'%')).next()?;
        return of_ipv6(std::str::from_utf8(inside).ok()?);
    }
    let name = host.split(|byte| *byte == b':').next()?;
    let name = name.strip_suffix(b".").unwrap_or(name);
    if METADATA.contains(&name) {
        return Some(Host::Metadata);
    }
    if LOCAL.has(name) || name.ends_with(b".localhost") {
        return Some(Host::Loopback);
    }
    if name.ends_with(b".svc.cluster.local")
        || name.ends_with(b".compute.internal")
        || SERVICES.has(name) && name.len() < host.len()
    {
        return Some(Host::Private);
    }
    let Some((address, plain)) = ipv4(name) else { return wrapped(name) };
    if !plain && u32::from(address) >= 1 << 24 && internal(address).is_none() {
        return Some(Host::Odd);
    }
    Some(match internal(address)? {
        Host::Metadata => Host::Metadata,
        _ if !plain && u32::from(address) >= 1 << 24 => Host::Odd,
        _ if address.is_loopback() || address.is_unspecified() => Host::Loopback,
        _ => Host::Private,
    })
}

/// An internal address at the start of a public name that resolves to it (`127.0.0.1.nip.io`), or one that wraps around.
fn wrapped(name: &[u8]) -> Option<Host> {
    if name.len() <= 20 && name.iter().all(u8::is_ascii_digit) {
        return (name.len() >= 10).then_some(Host::Odd);
    }
    let dots = name.iter().enumerate().filter(|(_, byte)| **byte == b'.');
    let end = dots.map(|(at, _)| at).nth(3)?;
    let (address, _) = ipv4(name.get(..end)?)?;
    internal(address).map(|kind| if kind == Host::Metadata { kind } else { Host::Odd })
}

fn of_ipv6(text: &str) -> Option<Host> {
    // `::ffff:169.254.169.254` and its lax forms end in an IPv4 address.
    let tail = text.rsplit(':').next().filter(|tail| tail.contains('.'));
    if let Some(kind) = tail.and_then(|tail| ipv4(tail.as_bytes())).and_then(|(address, _)| internal(address)) {
        return Some(if kind == Host::Metadata { kind } else { Host::Odd });
    }
    let address: Ipv6Addr = text.parse().ok()?;
    if let Some(kind) = address.to_ipv4().filter(|_| !address.is_loopback()).and_then(internal) {
        return Some(if kind == Host::Metadata { kind } else { Host::Odd });
    }
    let segments = address.segments();
    let aws = segments.first() == Some(&0xfd00) && segments.get(1) == Some(&0x0ec2);
    if aws { Some(Host::Metadata) } else { (address.is_loopback() || address.is_unspecified()).then_some(Host::Odd) }
}

fn internal(address: Ipv4Addr) -> Option<Host> {
    const METADATA: [[u8; 4]; 4] = [[169, 254, 169, 254], [100, 100, 100, 200], [192, 0, 0, 192], [169, 254, 170, 2]];
    if METADATA.contains(&address.octets()) {
        return Some(Host::Metadata);
    }
    let inside = address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.octets().first() == Some(&0);
    inside.then_some(Host::Loopback)
}

/// An IPv4 address in any spelling, and whether it is the common one.
fn ipv4(name: &[u8]) -> Option<(Ipv4Addr, bool)> {
    let mut parts = [0_u64; 4];
    let mut count = 0;
    let mut plain = true;
    for part in name.split(|byte| *byte == b'.') {
        let (digits, radix) = match part {
            [b'0', b'x', digits @ ..] => (digits, 16),
            [b'0', digits @ ..] if !digits.is_empty() => (digits, 8),
            digits => (digits, 10),
        };
        plain &= radix == 10;
        let text = std::str::from_utf8(digits).ok()?;
        let value = u64::from_str_radix(if text.is_empty() && radix == 16 { "0" } else { text }, radix).ok()?;
        *parts.get_mut(count)? = value;
        count += 1;
    }
    plain &= count == 4;
    let mut address = 0_u64;
    for (number, value) in parts.iter().take(count).enumerate() {
        let last = number + 1 == count;
        let room = if last { 8 * (5 - count) } else { 8 };
        if *value >= 1 << room {
            return None;
        }
        address |= if last { *value } else { value << (8 * (3 - number)) };
    }
    u32::try_from(address).ok().map(|address| (Ipv4Addr::from(address), plain))
}
