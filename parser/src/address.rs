//! Addresses, as numbers that sets of them are made of.

use std::net::Ipv6Addr;

/// An address. An IPv4 address and the same one mapped into IPv6 are two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Address {
    V4(u32),
    V6(u128),
}

impl Address {
    /// What a client is counted under whose address is missing or is none.
    pub(crate) const UNKNOWN: Self = Self::V4(0);

    /// Reads what `std::net::IpAddr` reads.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        if let Some(address) = parse_v4(text) {
            return Some(Self::V4(address));
        }
        let address: Ipv6Addr = std::str::from_utf8(text).ok()?.parse().ok()?;
        Some(Self::V6(address.to_bits()))
    }
}

/// Four decimal numbers up to 255, none with a leading zero.
fn parse_v4(text: &[u8]) -> Option<u32> {
    let mut address = 0;
    let mut at = 0;
    for part in 0..4 {
        if part > 0 {
            if text.get(at) != Some(&b'.') {
                return None;
            }
            at += 1;
        }
        let start = at;
        let mut number = 0_u32;
        while at < start + 3
            && let Some(digit @ b'0'..=b'9') = text.get(at)
        {
            number = number * 10 + u32::from(digit - b'0');
            at += 1;
        }
        if at == start || number > 255 || (at > start + 1 && text[start] == b'0') {
            return None;
        }
        address = address << 8 | number;
    }
    (at == text.len()).then_some(address)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use proptest::prelude::*;

    use super::Address;

    fn by_std(text: &str) -> Option<Address> {
        Some(match text.parse().ok()? {
            IpAddr::V4(address) => Address::V4(address.to_bits()),
            IpAddr::V6(address) => Address::V6(address.to_bits()),
        })
    }

    proptest! {
        #[test]
        fn reads_what_std_reads(text in "[0-9]{1,4}(\\.[0-9]{1,3}){2,4}|[0-9a-f:.]{0,24}|[0-2]?[0-9]{1,2}(\\.[0-2]?[0-9]{1,2}){3}|.{0,6}") {
            prop_assert_eq!(Address::parse(text.as_bytes()), by_std(&text));
        }

        #[test]
        fn reads_every_address(v4: [u8; 4], v6: [u8; 16]) {
            for text in [IpAddr::from(v4).to_string(), IpAddr::from(v6).to_string()] {
                prop_assert_eq!(Address::parse(text.as_bytes()), by_std(&text));
                prop_assert!(by_std(&text).is_some());
            }
        }
    }
}
