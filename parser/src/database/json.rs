//! Cells of a table as JSON values.

use std::io::Write;

use rusqlite::types::ValueRef;

use crate::json::{Captures, Walker, Wanted};

/// Longer buffers than this are not kept for the next text.
const KEPT: usize = 64 << 10;

/// Writes cells, and remembers what was amiss.
pub(super) struct Cells {
    embed: bool,
    repaired: u64,
    walker: Walker,
    /// Nothing is wanted of what is only checked.
    nothing: Wanted,
    captures: Captures,
    scratch: Vec<u8>,
}

impl Cells {
    /// `embed` says whether text that is a JSON array or object is written as that.
    pub(super) fn new(embed: bool) -> Self {
        Self {
            embed,
            repaired: 0,
            walker: Walker::default(),
            nothing: Wanted::new(&[]),
            captures: Captures::new(),
            scratch: Vec::new(),
        }
    }

    pub(super) fn repaired(&self) -> u64 {
        self.repaired
    }

    pub(super) fn write(&mut self, value: ValueRef<'_>, out: &mut Vec<u8>) {
        match value {
            ValueRef::Null => out.extend_from_slice(b"null"),
            ValueRef::Integer(number) => integer(number, out),
            ValueRef::Real(number) => real(number, out),
            ValueRef::Text(text) if self.embed && self.is_container(text) => {
                let from = out.len();
                out.extend_from_slice(text.trim_ascii());
                // Between the parts of a value they mean nothing, and inside strings there is none.
                let mut rest = &mut out[from..];
                while let Some(end) = memchr::memchr2(b'\n', b'\r', rest) {
                    rest[end] = b' ';
                    rest = &mut rest[end + 1..];
                }
            }
            ValueRef::Text(text) => self.string(text, out),
            ValueRef::Blob(bytes) => base64(bytes, out),
        }
    }

    /// Writes a text as a string; what is not UTF-8 as U+FFFD.
    pub(super) fn string(&mut self, text: &[u8], out: &mut Vec<u8>) {
        out.push(b'"');
        if plain_length::<true>(text) == text.len() {
            out.extend_from_slice(text);
        } else if std::str::from_utf8(text).is_ok() {
            escaped(text, out);
        } else {
            self.repaired += 1;
            escaped(String::from_utf8_lossy(text).as_bytes(), out);
        }
        out.push(b'"');
    }

    /// Whether a text is one JSON array or object, as the reader takes it.
    fn is_container(&mut self, text: &[u8]) -> bool {
        let text = text.trim_ascii();
        let checked = match (text.first(), text.last()) {
            (Some(b'{'), Some(b'}')) => text,
            (Some(b'['), Some(b']')) => {
                self.scratch.clear();
                self.scratch.extend_from_slice(b"{\"\":");
                self.scratch.extend_from_slice(text);
                self.scratch.push(b'}');
                &self.scratch
            }
            _ => return false,
        };
        let is_json = self.walker.walk(checked, &self.nothing, &mut self.captures).is_ok();
        if self.scratch.capacity() > KEPT {
            self.scratch = Vec::new();
        }
        is_json && std::str::from_utf8(text).is_ok()
    }
}

fn integer(number: i64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = number.unsigned_abs();
    while at > 0 {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

fn real(number: f64, out: &mut Vec<u8>) {
    // A vector takes all. NaN cannot be stored: SQLite makes it NULL.
    let _ = match number {
        f64::INFINITY => out.write_all(b"9e999"),
        f64::NEG_INFINITY => out.write_all(b"-9e999"),
        number if number.is_nan() => out.write_all(b"null"),
        number => write!(out, "{number:?}"),
    };
}

/// Writes what stands between the quotes of a string.
fn escaped(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    loop {
        let plain = plain_length::<false>(rest);
        out.extend_from_slice(&rest[..plain]);
        let Some(&byte) = rest.get(plain) else { return };
        let _ = match byte {
            b'"' => out.write_all(b"\\\""),
            b'\\' => out.write_all(b"\\\\"),
            b'\n' => out.write_all(b"\\n"),
            b'\r' => out.write_all(b"\\r"),
            b'\t' => out.write_all(b"\\t"),
            _ => write!(out, "\\u{byte:04x}"),
        };
        rest = &rest[plain + 1..];
    }
}

/// How many bytes at the start may stand in a string as themselves, and perhaps are ASCII.
fn plain_length<const ASCII: bool>(text: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    // The high bit of each byte that is below another, or equal to it; the first of them is exact, which is all that is
    // asked (Bit Twiddling Hacks, "Determine if a word has a byte less than n").
    let below = |word: u64, than: u64| word.wrapping_sub(ONES * than) & !word & HIGH;
    let (words, rest) = text.as_chunks();
    let stops = |word: [u8; 8]| {
        let word = u64::from_le_bytes(word);
        let quote = word ^ (ONES * u64::from(b'"'));
        let backslash = word ^ (ONES * u64::from(b'\\'));
        let beyond = if ASCII { word & HIGH } else { 0 };
        below(word, 0x20) | below(quote, 1) | below(backslash, 1) | beyond
    };
    for (at, word) in words.iter().enumerate() {
        let stops = stops(*word);
        if stops != 0 {
            return at * 8 + stops.trailing_zeros() as usize / 8;
        }
    }
    let mut last = [b' '; 8];
    last[..rest.len()].copy_from_slice(rest);
    let plain = stops(last).trailing_zeros() as usize / 8;
    words.len() * 8 + plain.min(rest.len())
}

/// Writes bytes as a string in base64 (RFC 4648, section 4).
fn base64(bytes: &[u8], out: &mut Vec<u8>) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    out.push(b'"');
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4_usize {
            let sextet = (bits >> (18 - 6 * at) & 63) as usize;
            out.push(if at <= three.len() { ALPHABET[sextet] } else { b'=' });
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::types::ValueRef;

    use super::Cells;

    fn written(value: ValueRef<'_>) -> String {
        let mut out = Vec::new();
        Cells::new(true).write(value, &mut out);
        String::from_utf8(out).expect("lines are UTF-8")
    }

    #[test]
    fn each_kind_of_cell_has_its_form() {
        assert_eq!(written(ValueRef::Null), "null");
        for number in [0, -1, 10, i64::MIN, i64::MAX] {
            assert_eq!(written(ValueRef::Integer(number)), number.to_string());
        }
        assert_eq!(written(ValueRef::Real(1.0)), "1.0");
        assert_eq!(written(ValueRef::Real(-2.5e-300)), "-2.5e-300");
        assert_eq!(written(ValueRef::Real(f64::NEG_INFINITY)), "-9e999");
        for (bytes, base64) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("\u{ff}foob", "w79mb29i")]
        {
            assert_eq!(written(ValueRef::Blob(bytes.as_bytes())), format!("\"{base64}\""));
        }
    }

    #[test]
    fn text_that_is_an_array_or_object_is_embedded() {
        for (text, line) in [
            (" {\"a\": [1,\n2]}\r\n", "{\"a\": [1, 2]}"),
            ("[]", "[]"),
            ("[1],[2]", "\"[1],[2]\""),
            ("{\"a\":1}}", "\"{\\\"a\\\":1}}\""),
            ("[1", "\"[1\""),
            ("12", "\"12\""),
            ("null", "\"null\""),
            ("[\"\\ud800\"]", "\"[\\\"\\\\ud800\\\"]\""),
            ("", "\"\""),
        ] {
            assert_eq!(written(ValueRef::Text(text.as_bytes())), line, "{text}");
        }
        let deep = "[".repeat(200_000) + &"]".repeat(200_000);
        assert_eq!(written(ValueRef::Text(deep.as_bytes())), deep);
    }

    #[test]
    fn what_is_not_utf_8_is_replaced_and_counted() {
        let mut cells = Cells::new(true);
        let mut out = Vec::new();
        cells.write(ValueRef::Text(b"a\xffb"), &mut out);
        cells.write(ValueRef::Text(b"{\"a\":\"\xff\"}"), &mut out);
        assert_eq!(String::from_utf8(out).expect("UTF-8"), "\"a\u{fffd}b\"\"{\\\"a\\\":\\\"\u{fffd}\\\"}\"");
        assert_eq!(cells.repaired(), 2);
    }

    proptest! {
        #[test]
        fn text_is_read_back_as_it_was(text: String) {
            let mut out = Vec::new();
            Cells::new(false).write(ValueRef::Text(text.as_bytes()), &mut out);
            prop_assert_eq!(serde_json::from_slice::<String>(&out).expect("a string"), text);
        }

        #[test]
        fn numbers_are_read_back_as_they_were(number: f64, integer: i64) {
            let back: f64 = written(ValueRef::Real(number)).parse().expect("a number");
            prop_assert_eq!(back, number);
            prop_assert_eq!(written(ValueRef::Integer(integer)), integer.to_string());
        }
    }
}
