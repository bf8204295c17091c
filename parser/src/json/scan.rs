//! Scalars of JSON, validated by the grammar of RFC 8259.

use super::lanes::{Everywhere, Lanes, is_stop};

/// Why a scan failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The text ended first.
    CutShort,
    /// A byte that may not stand there. A number that ends after its sign, point or `e` is this too.
    Malformed,
}

/// A string that was scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scanned {
    /// Where its closing quote is.
    pub(super) quote: usize,
    pub(super) escaped: bool,
    /// Whether an escape names half a surrogate pair.
    pub(super) lone_surrogate: bool,
}

/// Scans the string whose first byte after the opening quote is at `at`.
#[inline]
pub(super) fn string(text: &[u8], at: usize) -> Result<Scanned, Fault> {
    let stop = plain_run(text, at);
    if text.get(stop) == Some(&b'"') {
        Ok(Scanned { quote: stop, escaped: false, lone_surrogate: false })
    } else {
        escaped_string(text, stop)
    }
}

/// Where the bytes end that may stand in a string as themselves.
#[inline]
pub(super) fn plain_run(text: &[u8], mut at: usize) -> usize {
    while let Some(window) = text.get(at..).and_then(<[u8]>::first_chunk) {
        let stops = Everywhere.stops(window);
        at += stops.trailing_zeros() as usize;
        if stops != 0 {
            return at;
        }
    }
    while text.get(at).is_some_and(|&b| !is_stop(b)) {
        at += 1;
    }
    at
}

/// The rest of a string, from the first byte that is not plain.
#[cold]
fn escaped_string(text: &[u8], mut at: usize) -> Result<Scanned, Fault> {
    let mut lone_surrogate = false;
    let mut escaped = false;
    loop {
        match text.get(at) {
            None => return Err(Fault::CutShort),
            Some(b'"') => return Ok(Scanned { quote: at, escaped, lone_surrogate }),
            Some(b'\\') => {
                escaped = true;
                let (next, lone) = escape(text, at)?;
                lone_surrogate |= lone;
                at = plain_run(text, next);
            }
            Some(_) => return Err(Fault::Malformed),
        }
    }
}

/// Steps over the escape at `at`, or over both of a surrogate pair: where it ends, and whether it is half a pair.
fn escape(text: &[u8], at: usize) -> Result<(usize, bool), Fault> {
    match text.get(at + 1) {
        None => Err(Fault::CutShort),
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok((at + 2, false)),
        Some(b'u') => match hex4(text, at + 2)? {
            0xd800..=0xdbff => match text.get(at + 6..at + 8) {
                Some(b"\\u") if matches!(hex4(text, at + 8), Ok(0xdc00..=0xdfff)) => Ok((at + 12, false)),
                _ => Ok((at + 6, true)),
            },
            unit => Ok((at + 6, (0xdc00..=0xdfff).contains(&unit))),
        },
        Some(_) => Err(Fault::Malformed),
    }
}

/// The four hexadecimal digits at `at`.
pub(super) fn hex4(text: &[u8], at: usize) -> Result<u16, Fault> {
    let digits = text.get(at..at + 4).ok_or(Fault::CutShort)?;
    digits.iter().try_fold(0, |unit, &digit| match (digit as char).to_digit(16) {
        Some(value) => Ok(unit << 4 | value as u16),
        None => Err(Fault::Malformed),
    })
}

/// Scans the number, `true`, `false` or `null` at `at`; where it ends.
#[inline]
pub(super) fn bare(text: &[u8], at: usize) -> Result<usize, Fault> {
    match text.get(at) {
        None => Err(Fault::CutShort),
        Some(b'-' | b'0'..=b'9') => number(text, at),
        Some(b't') => word(text, at, b"true"),
        Some(b'f') => word(text, at, b"false"),
        Some(b'n') => word(text, at, b"null"),
        Some(_) => Err(Fault::Malformed),
    }
}

#[inline]
fn word(text: &[u8], at: usize, word: &[u8]) -> Result<usize, Fault> {
    let rest = text.get(at..).unwrap_or_default();
    if rest.starts_with(word) {
        Ok(at + word.len())
    } else if word.starts_with(rest) {
        Err(Fault::CutShort)
    } else {
        Err(Fault::Malformed)
    }
}

#[inline]
fn number(text: &[u8], mut at: usize) -> Result<usize, Fault> {
    at += usize::from(text.get(at) == Some(&b'-'));
    at = match text.get(at) {
        Some(b'0') if !matches!(text.get(at + 1), Some(b'0'..=b'9')) => at + 1,
        Some(b'1'..=b'9') => digits(text, at + 1),
        _ => return Err(Fault::Malformed),
    };
    if text.get(at) == Some(&b'.') {
        at = some_digits(text, at + 1)?;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        at += 1;
        at += usize::from(matches!(text.get(at), Some(b'+' | b'-')));
        at = some_digits(text, at)?;
    }
    Ok(at)
}

#[inline]
fn digits(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b'0'..=b'9')) {
        at += 1;
    }
    at
}

#[inline]
fn some_digits(text: &[u8], at: usize) -> Result<usize, Fault> {
    let end = digits(text, at);
    if end > at { Ok(end) } else { Err(Fault::Malformed) }
}

#[cfg(test)]
mod tests {
    use super::{Fault, bare, string};

    #[test]
    fn numbers_follow_the_grammar() {
        for whole in ["0", "-0", "10", "1.5", "-1e9", "1E+9", "0.0e-0", "99999999999999999999", "1e999"] {
            assert_eq!(bare(whole.as_bytes(), 0), Ok(whole.len()), "{whole}");
        }
        for broken in ["-", "01", "-01", ".5", "1.", "1.e5", "1e", "1e+", "+1", "Infinity", "nan"] {
            assert_eq!(bare(broken.as_bytes(), 0), Err(Fault::Malformed), "{broken}");
        }
        assert_eq!(bare(b"tru", 0), Err(Fault::CutShort));
        assert_eq!(bare(b"1x", 0), Ok(1), "what follows is for the caller to judge");
    }

    #[test]
    fn strings_stop_at_their_own_quote() {
        let quote = |text: &str| string(text.as_bytes(), 0).map(|s| (s.quote, s.escaped, s.lone_surrogate));
        assert_eq!(quote("\""), Ok((0, false, false)));
        assert_eq!(quote("a long string without anything\" x\""), Ok((30, false, false)));
        assert_eq!(quote("\\\\\\\"\" x"), Ok((4, true, false)));
        assert_eq!(quote("\\ud83d\\ude80\""), Ok((12, true, false)));
        assert_eq!(quote("\\ud83d\\ud83d\\ude80\""), Ok((18, true, true)));
        assert_eq!(quote("\\ude80\""), Ok((6, true, true)));
        assert_eq!(quote("\\u00"), Err(Fault::CutShort));
        assert_eq!(quote("\\u00g0\""), Err(Fault::Malformed));
        assert_eq!(quote("a\nb\""), Err(Fault::Malformed));
        assert_eq!(quote("abc"), Err(Fault::CutShort));
    }
}
