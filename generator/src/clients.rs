//! Clients: a bounded population, each with one address for ever.

use crate::draws::scramble;
use crate::text::{Buffer, decimal, hex_group};

/// The most clients that there are addresses for. How often each one asks follows [`crate::zipf::Zipf`].
pub(crate) const CLIENTS: u32 = 1 << 18;

/// Whether a client speaks IPv6, where so many of a thousand do. Such clients lie evenly among the ranks, so that the share
/// of *lines* is near that of clients for every seed, though a few clients ask most.
pub(crate) fn is_v6(client: u32, per_mille: u32) -> bool {
    // Of 8 % the first one has the rank 4.
    let before = |rank: u32| (u64::from(rank) * u64::from(per_mille) + 600) / 1000;
    before(client + 1) > before(client)
}

/// Who has which address in one corpus.
pub(crate) struct Population {
    salt: u32,
    ipv6_per_mille: u32,
}

impl Population {
    /// The population of a seed, of whom so many of a thousand speak IPv6.
    pub(crate) fn new(seed: u64, ipv6_per_mille: u32) -> Self {
        Self { salt: scramble(seed) as u32 % CLIENTS, ipv6_per_mille }
    }

    /// Appends a client's address. No two clients share one, and all lie in ranges that belong to nobody: private,
    /// carrier-grade and benchmark IPv4, and the IPv6 documentation prefix.
    #[inline]
    pub(crate) fn address(&self, out: &mut Buffer, client: u32) {
        self.address_of(out, client, is_v6(client, self.ipv6_per_mille));
    }

    /// The same, of whichever family.
    #[inline]
    pub(crate) fn address_of(&self, out: &mut Buffer, client: u32, is_v6: bool) {
        let number = client ^ self.salt;
        if is_v6 { address_v6(out, number) } else { address_v4(out, number) }
    }
}

/// `number` is below 2^18: its two lowest bits choose a range, the other 16 the place in it.
fn address_v4(out: &mut Buffer, number: u32) {
    // An odd factor is a bijection modulo any power of two, here at least the 2^16 numbers that it is given.
    let (range, place) = (number & 3, (number >> 2) + 0x5eed);
    let address = match range {
        0 => 10 << 24 | place.wrapping_mul(0x9e37_79b1) & 0xff_ffff,
        1 => 100 << 24 | 64 << 16 | place.wrapping_mul(0x85eb_ca77) & 0x3f_ffff,
        2 => 198 << 24 | 18 << 16 | place.wrapping_mul(0xc2b2_ae3d) & 0x1_ffff,
        _ => 172 << 24 | 16 << 16 | place.wrapping_mul(0x27d4_eb2f) & 0xf_ffff,
    };
    let [first, second, third, fourth] = address.to_be_bytes();
    for byte in [first, second, third] {
        decimal(out, byte.into());
        out.push(b'.');
    }
    decimal(out, fourth.into());
}

fn address_v6(out: &mut Buffer, number: u32) {
    let place = number.wrapping_mul(0x9e37_79b1) % CLIENTS;
    let host = scramble(number.into());
    // The network groups hold the whole number, and no group is zero: one canonical form for each, and no two alike.
    out.extend_from_slice(b"2001:db8:");
    hex_group(out, (0x2000 | (place >> 9) << 4 | host as u32 & 0xf) as u16);
    out.push(b':');
    hex_group(out, ((place & 0x1ff) << 7 | (host >> 4) as u32 & 0x7e | 1) as u16);
    if host.is_multiple_of(4) {
        out.extend_from_slice(b"::");
        hex_group(out, (host >> 48) as u16 | 1);
        return;
    }
    for shift in [48, 32, 16, 8] {
        out.push(b':');
        hex_group(out, (host >> shift) as u16 | 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    #[test]
    fn addresses_are_distinct_and_canonical() {
        let population = Population::new(42, 80);
        let mut seen = std::collections::HashSet::new();
        let mut text = Buffer::new();
        for client in 0..CLIENTS {
            text.clear();
            population.address(&mut text, client);
            let written = str::from_utf8(&text).unwrap();
            let parsed: IpAddr = written.parse().unwrap();
            assert_eq!(parsed.to_string(), written);
            assert_eq!(parsed.is_ipv6(), is_v6(client, 80));
            assert!(seen.insert(parsed), "{written} twice");
        }
    }
}
