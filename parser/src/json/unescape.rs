//! Decoding the escapes of a string.

use super::scan::hex4;

/// What a string means whose bytes between the quotes are `raw`: by the escapes of JSON, and by `\xhh` and `\v`, which
/// JSON has not, but servers write. JSON has been validated; of what has not, the parts that mean nothing come out as they
/// are or as U+FFFD.
pub(crate) fn unescape(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(backslash) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..backslash]);
        rest = &rest[backslash..];
        let length = match rest.get(1) {
            Some(b'b') => simple(&mut out, 0x08),
            Some(b'f') => simple(&mut out, 0x0c),
            Some(b'n') => simple(&mut out, b'\n'),
            Some(b'r') => simple(&mut out, b'\r'),
            Some(b't') => simple(&mut out, b'\t'),
            Some(b'v') => simple(&mut out, 0x0b),
            Some(b'x') => byte(&mut out, rest),
            Some(b'u') => unicode(&mut out, rest),
            Some(&other) => simple(&mut out, other),
            None => simple(&mut out, b'\\'),
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

fn simple(out: &mut Vec<u8>, byte: u8) -> usize {
    out.push(byte);
    2
}

fn byte(out: &mut Vec<u8>, rest: &[u8]) -> usize {
    let digit = |at| rest.get(at).and_then(|&digit| (digit as char).to_digit(16));
    match (digit(2), digit(3)) {
        (Some(high), Some(low)) => {
            out.push((high << 4 | low) as u8);
            4
        }
        _ => simple(out, b'x'),
    }
}

fn unicode(out: &mut Vec<u8>, rest: &[u8]) -> usize {
    let unit = |at| hex4(rest, at).map_or(0xfffd, u32::from);
    let (code, length) = match (unit(2), rest.get(6..8)) {
        (high @ 0xd800..=0xdbff, Some(b"\\u")) => match unit(8) {
            low @ 0xdc00..=0xdfff => (0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00), 12),
            _ => (high, 6),
        },
        (code, _) => (code, 6),
    };
    let char = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
    length
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::unescape;

    #[test]
    fn decodes_each_kind() {
        assert_eq!(unescape(br#"a\"\\\/\b\f\n\r\tz"#), b"a\"\\/\x08\x0c\n\r\tz");
        assert_eq!(unescape(br"\x22\xc3\xa9\v\x4"), b"\"\xc3\xa9\x0bx4");
        assert_eq!(unescape(br"lev\u0065l \ud83d\ude80 \u00e9"), "level \u{1f680} é".as_bytes());
    }

    proptest! {
        #[test]
        fn undoes_what_serde_json_escapes(text: String) {
            let quoted = serde_json::to_string(&text).expect("a string can be written");
            let decoded = unescape(&quoted.as_bytes()[1..quoted.len() - 1]);
            prop_assert_eq!(decoded, text.into_bytes());
        }

        #[test]
        fn takes_any_bytes(raw: Vec<u8>) {
            unescape(&raw);
        }
    }
}
