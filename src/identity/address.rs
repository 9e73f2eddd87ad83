//! Addresses of clients: IPv4 whole, IPv6 by /64, and the ranges that an operator writes.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use crate::config::error::Error;
use crate::config::from_value::FromValue;
use crate::config::value::Value;

/// The address of a client, from what the proxy says of it: with or without a port, IPv4 not dressed as IPv6.
pub(super) fn parse(address: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(address).ok()?;
    let address = text.parse::<SocketAddr>().map(|socket| socket.ip()).or_else(|_| text.parse::<IpAddr>()).ok()?;
    Some(address.to_canonical())
}

/// What is scored for the address: itself; of IPv6 the first 64 bits, which belong to one customer.
pub(super) fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            format!("{}/64", Ipv6Addr::from(network))
        }
    }
}

/// A range of addresses, as operators write it: `10.0.0.0/8`, `2001:db8::/32`, or one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Range {
    start: IpAddr,
    length: u32,
}

impl Range {
    /// Does the address lie in it?
    pub(super) fn holds(&self, address: IpAddr) -> bool {
        self.start.is_ipv4() == address.is_ipv4() && (bits(self.start) ^ bits(address)) >> (128 - self.length) == 0
    }
}

impl FromValue for Range {
    fn read(value: &Value) -> Result<Self, Error> {
        value.parse()
    }
}

impl TryFrom<String> for Range {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (address, length) = text.split_once('/').map_or((text.as_str(), None), |(start, end)| (start, Some(end)));
        let wrong = || format!("`{text}` is no address and no range; write for example 10.0.0.0/8 or 2001:db8::/32");
        let start: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if start.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Some(most), |length| length.parse().ok()).filter(|length| *length <= most);
        match length.ok_or_else(wrong)? {
            0 => Err(format!("`{text}` is every address; to look at nothing write mode: off")),
            length if length < most && bits(start) << length != 0 => {
                Err(format!("`{text}` begins within the range; write its first address, with zeros at the end"))
            }
            length => Ok(Self { start, length }),
        }
    }
}

/// The address as a number whose first bit is the address's first.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)) << 96,
        IpAddr::V6(address) => u128::from(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_what_begins_alike() {
        let rows = [
            ("10.0.0.0/8", "10.255.0.1:80", true),
            ("10.0.0.0/8", "11.0.0.1:80", false),
            ("10.0.0.0/8", "[::ffff:10.0.0.1]:80", true),
            ("192.0.2.7", "192.0.2.7:1", true),
            ("192.0.2.7/32", "192.0.2.6:1", false),
            ("192.0.2.6/31", "192.0.2.7", true),
            ("2001:db8::/32", "[2001:db8:ffff::1]:80", true),
            ("2001:db8::/32", "[2001:db9::1]:80", false),
            ("2001:db8::1", "2001:db8::1", true),
            ("::/1", "10.0.0.1", false),
            ("128.0.0.0/1", "8000::1", false),
            ("10.0.0.0/8", "/tmp/socket", false),
        ];
        for (range, address, expected) in rows {
            let range = Range::try_from(range.to_owned()).unwrap();
            assert_eq!(parse(address.as_bytes()).is_some_and(|ip| range.holds(ip)), expected, "{range:?} {address}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        let wrong = [
            "",
            "10",
            "10.0.0.0/33",
            "10.0.0.0/",
            "::/129",
            "0.0.0.0/0",
            "::/0",
            "10.1.0.0/8",
            "a.example",
            "10.0.0.0/-1",
        ];
        for text in wrong {
            assert!(Range::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
