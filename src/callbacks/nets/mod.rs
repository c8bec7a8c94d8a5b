//! Which addresses may be called: everybody's, and those of our own network only where the operator
//! names them. IANA's registries of special-purpose addresses (RFC 6890) say which are not
//! everybody's.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What is told of an address that may not be called.
pub const REFUSED: &str = "its address is in a private network, which is not called unless [tracking] \
                           allow_private names it";

/// Private networks that may be called all the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Nets(Vec<Net>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Net {
    base: u128,
    mask: u128,
}

impl Nets {
    /// Addresses (`127.0.0.1`) and networks (`10.0.0.0/8`, `fd00::/8`).
    ///
    /// # Errors
    /// The first that is neither.
    pub fn parse(texts: &[String]) -> Result<Self, String> {
        texts
            .iter()
            .map(|text| Net::parse(text).ok_or_else(|| text.clone()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether the operator named this address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let wide = wide(address);
        self.0.iter().any(|net| wide & net.mask == net.base)
    }

    /// Whether this address may be called.
    #[must_use]
    pub fn may_call(&self, address: IpAddr) -> bool {
        is_everybodys(address) || self.contains(address)
    }
}

impl Net {
    fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length.parse::<u32>().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = length.unwrap_or(most);
        if length > most {
            return None;
        }
        // An IPv4 network lies behind the 96 bits of ::ffff:0:0.
        let ones = length + 128 - most;
        let mask = u128::MAX.checked_shl(128 - ones).unwrap_or(0);
        Some(Self {
            base: wide(address) & mask,
            mask,
        })
    }
}

/// All addresses as IPv6 ones; those of IPv4 as mapped (RFC 4291, 2.5.5.2).
fn wide(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(four) => four.to_ipv6_mapped().to_bits(),
        IpAddr::V6(six) => six.to_bits(),
    }
}

fn is_everybodys(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => four_is_everybodys(four),
        IpAddr::V6(six) => six_is_everybodys(six),
    }
}

fn four_is_everybodys(four: Ipv4Addr) -> bool {
    let [a, b, c, _] = four.octets();
    let special = four.is_private()
        || four.is_loopback()
        || four.is_link_local()
        || four.is_multicast()
        || four.is_documentation()
        // This network, carriers' own (RFC 6598), protocols, benchmarks, reserved and broadcast.
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 240;
    !special
}

fn six_is_everybodys(six: Ipv6Addr) -> bool {
    if let Some(four) = inner(six) {
        return four_is_everybodys(four);
    }
    let [first, second, ..] = six.segments();
    // Global unicast is 2000::/3; Teredo (2001::/32) and documentation lie within it.
    (first & 0xe000) == 0x2000
        && (first, second) != (0x2001, 0)
        && (first, second) != (0x2001, 0xdb8)
}

/// The IPv4 address that an IPv6 one stands for: mapped, NAT64 (RFC 6052), 6to4 (RFC 3056).
fn inner(six: Ipv6Addr) -> Option<Ipv4Addr> {
    let at = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match six.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(at(high, low))
        }
        [0x2002, high, low, ..] => Some(at(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
