//! Identifiers of OTLP from identifiers of logs.

/// An identifier, and whether it had to be made of the original.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identifier<T> {
    pub(super) id: T,
    pub(super) made: bool,
}

/// Of a trace: 16 bytes.
pub(super) fn trace(original: &[u8]) -> Identifier<u128> {
    match digits(original, 32) {
        Some(id) => Identifier { id, made: false },
        None => Identifier { id: fnv_128(original).max(1), made: true },
    }
}

/// Of a span: 8 bytes.
pub(super) fn span(original: &[u8]) -> Identifier<u64> {
    match digits(original, 16) {
        Some(id) => Identifier { id: id as u64, made: false },
        None => Identifier { id: fnv_64(original).max(1), made: true },
    }
}

/// The number of so many hexadecimal digits, hyphens left out; noughts alone are no identifier.
fn digits(original: &[u8], wanted: usize) -> Option<u128> {
    let mut count = 0;
    let mut id = 0;
    for &byte in original.iter().filter(|&&byte| byte != b'-') {
        count += 1;
        if count > wanted {
            return None;
        }
        id = id << 4 | u128::from((byte as char).to_digit(16)?);
    }
    (count == wanted && id != 0).then_some(id)
}

fn fnv_64(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

fn fnv_128(bytes: &[u8]) -> u128 {
    bytes.iter().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |hash, &byte| {
        (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    })
}

#[cfg(test)]
mod tests {
    use super::{Identifier, fnv_64, fnv_128, span, trace};

    #[test]
    fn hexadecimal_identifiers_stay_and_others_are_hashed() {
        let id = 0x5b8e_fff7_98b2_4103_8c15_ff2a_69e1_a1b0;
        assert_eq!(trace(b"5B8EFFF798B241038C15FF2A69E1A1B0"), Identifier { id, made: false });
        assert_eq!(trace(b"5b8efff7-98b2-4103-8c15-ff2a69e1a1b0"), Identifier { id, made: false });
        assert_eq!(span(b"00000000000000a1"), Identifier { id: 0xa1, made: false });
        for odd in [&b""[..], b"a1", b"0000000000000000", b"00000000000000a1b", b"00000000000000ag", b"\xff"]
        {
            assert!(span(odd).made && span(odd).id != 0 && trace(odd).made, "{odd:?}");
        }
    }

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(fnv_64(b"foobar"), 0x8594_4171_f739_67e8);
        assert_eq!(fnv_128(b"foobar"), 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
    }
}
