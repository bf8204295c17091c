//! Lines, and records read from them by `serde_json`.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::ControlFlow;

use serde::de::{Deserialize, Deserializer, IgnoredAny, Visitor};
use serde_json::value::RawValue;

use crate::bad::{BadLine, Reason};
use crate::blocks::Limits;
use crate::read::Totals;
use crate::refusal::Refusal;

/// A line that is neither blank nor bad.
pub(super) struct Line<'a> {
    pub(super) number: u64,
    pub(super) offset: u64,
    /// Without its line feed and the padding before it.
    pub(super) bytes: &'a [u8],
}

/// Reads all lines, giving each record, as a `T`, to `on_record` until that breaks.
pub(super) fn read<T>(
    source: impl Read,
    limits: Limits,
    on_bad: &mut dyn FnMut(BadLine),
    mut on_record: impl FnMut(&Line<'_>, T::Of<'_>) -> ControlFlow<()>,
) -> io::Result<Totals>
where
    T: Fields,
{
    let mut source = BufReader::with_capacity(limits.chunk, source);
    let mut totals = Totals::default();
    let mut buffer = Vec::new();
    let mut next_offset = 0;
    loop {
        buffer.clear();
        let offset = next_offset;
        let longest = limits.line as u64 + 1;
        let length = source.by_ref().take(longest).read_until(b'\n', &mut buffer)?;
        if length == 0 {
            return Ok(totals);
        }
        next_offset += length as u64;
        totals.lines += 1;
        let number = totals.lines;
        let mut line = buffer.as_slice();
        if offset == 0 {
            if let Some(refusal) = Refusal::of_start(line) {
                return Err(refusal.into());
            }
            line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        let first = totals.records + totals.bad == 0;
        let too_long = length as u64 == longest && !line.ends_with(b"\n");
        let outcome = if too_long { Err(Reason::TooLong) } else { record::<T>(line) };
        match outcome {
            Ok(None) => {}
            Ok(Some((bytes, fields))) => {
                totals.records += 1;
                if on_record(&Line { number, offset, bytes }, fields).is_break() {
                    return Ok(totals);
                }
            }
            Err(reason) => {
                if first && let Some(refusal) = Refusal::of_first_line(without_nuls(line)) {
                    return Err(refusal.into());
                }
                totals.bad += 1;
                on_bad(BadLine { line: number, offset, reason });
            }
        }
        if too_long {
            next_offset += skip_line(&mut source)?;
        }
    }
}

/// The fields of a record that are wanted, borrowed from its line.
pub(super) trait Fields {
    /// The fields that borrow from a line of this lifetime.
    type Of<'a>: Deserialize<'a>;
}

/// A line without its line feed and padding, and its fields.
type Record<'a, T> = (&'a [u8], <T as Fields>::Of<'a>);

/// The record on a line, or `None` if the line is blank.
fn record<T: Fields>(line: &[u8]) -> Result<Option<Record<'_, T>>, Reason> {
    let text = std::str::from_utf8(line).map_err(|_| Reason::NotUtf8)?;
    if text.chars().all(|c| "\0 \t\r\n".contains(c)) {
        return Ok(None);
    }
    let record = text.trim_start_matches('\0');
    let record = record.strip_suffix('\n').unwrap_or(record);
    let json = record.strip_suffix('\r').unwrap_or(record);
    if !json.trim_start_matches([' ', '\t', '\r']).starts_with('{') {
        return Err(Reason::NotAnObject);
    }
    // serde_json looks into the escapes of the strings that it keeps, but not of those that it skips.
    if json.contains('\\') && has_lone_surrogate(json) {
        serde_json::from_str::<IgnoredAny>(json).map_err(|error| reason(&error))?;
        return Err(Reason::LoneSurrogate);
    }
    let fields = serde_json::from_str(json).map_err(|error| reason(&error))?;
    Ok(Some((record.as_bytes(), fields)))
}

fn reason(error: &serde_json::Error) -> Reason {
    if error.is_eof() { Reason::CutShort } else { Reason::Malformed }
}

/// Whether an escape names half a surrogate pair, in text that is taken to be JSON: there a backslash stands only
/// in strings.
fn has_lone_surrogate(json: &str) -> bool {
    let bytes = json.as_bytes();
    let unit = |at: usize| {
        let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let mut at = 0;
    while at < bytes.len() {
        at += match (bytes[at], unit(at), unit(at + 6)) {
            (b'\\', Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (b'\\', Some(0xd800..=0xdfff), _) => return true,
            (b'\\', ..) => 2,
            _ => 1,
        };
    }
    false
}

fn without_nuls(line: &[u8]) -> &[u8] {
    let nuls = line.iter().take_while(|&&byte| byte == 0).count();
    &line[nuls..]
}

/// Drops what is left of a line; how many bytes.
fn skip_line(source: &mut impl BufRead) -> io::Result<u64> {
    let mut skipped = 0;
    loop {
        let buffer = source.fill_buf()?;
        if buffer.is_empty() {
            return Ok(skipped);
        }
        let feed = buffer.iter().position(|&byte| byte == b'\n');
        let length = feed.map_or(buffer.len(), |feed| feed + 1);
        source.consume(length);
        skipped += length as u64;
        if feed.is_some() {
            return Ok(skipped);
        }
    }
}

/// The string that a value is.
pub(super) fn text(value: Option<&RawValue>) -> Option<Cow<'_, str>> {
    let raw = value?.get();
    let inside = raw.strip_prefix('"')?.strip_suffix('"')?;
    if inside.contains('\\') {
        serde_json::from_str(raw).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inside))
    }
}

/// The number that a value is, as it is written.
pub(super) fn number(value: Option<&RawValue>) -> Option<&str> {
    let raw = value?.get();
    raw.starts_with(|c: char| c == '-' || c.is_ascii_digit()).then_some(raw)
}

/// A key, borrowed unless it has escapes.
pub(super) struct Key<'a>(pub(super) Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Key(Cow::Borrowed(key)))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Key(Cow::Owned(key.to_owned())))
    }
}
