//! Lines, and records read from them by `serde_json`.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::ControlFlow;

use serde::de::{Deserialize, Deserializer, IgnoredAny, Visitor};
use serde_json::value::RawValue;

use super::format;
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

/// A record that more lines may be part of.
struct Pending {
    number: u64,
    offset: u64,
    /// The input from where the record starts.
    raw: Vec<u8>,
    /// Up to where that is the record.
    length: usize,
    blanks: usize,
    line: format::Line,
    /// The record without colours and containers' names, if it had any or lost a line.
    stripped: Option<String>,
    container: String,
}

/// What a line is.
enum Found {
    /// JSON, with the container that it came from.
    Json {
        text: String,
        container: String,
    },
    Other {
        line: format::Line,
        stripped: Option<String>,
        container: String,
    },
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
    let mut pending: Option<Pending> = None;
    let mut buffer = Vec::new();
    let mut next_offset = 0;
    let mut emit = |totals: &mut Totals, line: &Line<'_>, json: &str| {
        totals.records += 1;
        // It was made of a line that was read, or is one.
        serde_json::from_str(json).map_or(ControlFlow::Continue(()), |fields| on_record(line, fields))
    };
    macro_rules! emit_pending {
        () => {
            if let Some(Pending { number, offset, raw, length, line, stripped, container, .. }) =
                pending.take()
            {
                let bytes = &raw[..length];
                let text = stripped.unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned());
                let json = line.into_json(&text, &container);
                if emit(&mut totals, &Line { number, offset, bytes }, &json).is_break() {
                    return Ok(totals);
                }
            }
        };
    }
    loop {
        buffer.clear();
        let offset = next_offset;
        let longest = limits.line as u64 + 1;
        let length = match source.by_ref().take(longest).read_until(b'\n', &mut buffer) {
            Ok(length) => length,
            Err(error) => {
                emit_pending!();
                return Err(error);
            }
        };
        if length == 0 {
            emit_pending!();
            return Ok(totals);
        }
        next_offset += length as u64;
        let line = buffer.as_slice();
        let too_long = length as u64 == longest && !line.ends_with(b"\n");
        if let Some(record) = &pending
            && (too_long || record.raw.len() + line.strip_suffix(b"\n").unwrap_or(line).len() > limits.line)
        {
            emit_pending!();
        }
        totals.lines += 1;
        let number = totals.lines;
        let mut record = line;
        if offset == 0 {
            if let Some(refusal) = Refusal::of_start(line) {
                return Err(refusal.into());
            }
            record = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        let first = totals.records + totals.bad == 0 && pending.is_none();
        record = without_nuls(record);
        let mut join = None;
        let outcome = if too_long {
            Err(Reason::TooLong)
        } else if record.iter().all(|b| b"\0 \t\r\n".contains(b)) {
            if let Some(pending) = &mut pending {
                pending.blanks += 1;
            }
            Ok(None)
        } else if let Ok(text) = std::str::from_utf8(record) {
            let text = text.strip_suffix('\n').unwrap_or(text);
            let content = text.strip_suffix('\r').unwrap_or(text);
            let found =
                if pending.is_some() && content.starts_with([' ', '\t']) { None } else { recognise(content) };
            match found {
                None if pending.as_mut().is_some_and(|pending| pending.join(content)) => {
                    join = Some(length - record.len() + text.len());
                    Ok(None)
                }
                None => Err(why(content)),
                Some(found) => Ok(Some((text, found))),
            }
        } else {
            if let Some(pending) = &mut pending
                && pending.stripped.is_none()
            {
                let whole = String::from_utf8_lossy(&pending.raw[..pending.length]).into_owned();
                pending.stripped = Some(whole);
                pending.container.clear();
            }
            Err(Reason::NotUtf8)
        };
        match outcome {
            Ok(None) => {}
            Ok(Some((text, Found::Json { text: json, container }))) => {
                emit_pending!();
                let json = with_container(json, &container);
                if emit(&mut totals, &Line { number, offset, bytes: text.as_bytes() }, &json).is_break() {
                    return Ok(totals);
                }
            }
            Ok(Some((text, Found::Other { line, stripped, container }))) => {
                emit_pending!();
                let is_continued = line.is_continued;
                pending = Some(Pending {
                    number,
                    offset,
                    raw: Vec::new(),
                    length: text.len(),
                    blanks: 0,
                    line,
                    stripped,
                    container,
                });
                if !is_continued {
                    if let Some(pending) = &mut pending {
                        pending.raw.extend_from_slice(record);
                    }
                    emit_pending!();
                }
            }
            Err(reason) => {
                if first && let Some(refusal) = Refusal::of_first_line(record) {
                    return Err(refusal.into());
                }
                totals.bad += 1;
                on_bad(BadLine { line: number, offset, reason });
            }
        }
        if let Some(pending) = &mut pending {
            let is_new = pending.raw.is_empty();
            if let Some(end) = join {
                pending.length = pending.raw.len() + end;
                pending.blanks = 0;
            }
            pending.raw.extend_from_slice(if is_new { record } else { line });
        }
        if too_long {
            next_offset += skip_line(&mut source)?;
        }
    }
}

impl Pending {
    /// Adds a line to what was stripped; whether it can be one of the record's.
    fn join(&mut self, content: &str) -> bool {
        let Some(stripped) = &mut self.stripped else { return true };
        let bare = without_colours(content);
        let rest = match split_container(&bare) {
            Some((name, rest)) if name == self.container => rest,
            _ if self.container.is_empty() => &bare,
            _ => return false,
        };
        stripped.push_str(&"\n".repeat(self.blanks + 1));
        stripped.push_str(rest);
        true
    }
}

/// What a line is, with colours and a container's name or without.
fn recognise(content: &str) -> Option<Found> {
    let bare = |text: &str, stripped: Option<&str>, container: &str| {
        let container = container.to_owned();
        if text.starts_with(['{', ' ', '\t', '\r']) {
            return is_json(text).is_ok().then(|| Found::Json { text: text.to_owned(), container });
        }
        let line = format::read(text)?;
        Some(Found::Other { line, stripped: stripped.map(str::to_owned), container })
    };
    if !content.contains('\x1b')
        && let Some(found) = bare(content, None, "")
    {
        return Some(found);
    }
    let stripped = without_colours(content);
    if stripped.len() < content.len()
        && let Some(found) = bare(&stripped, Some(&stripped), "")
    {
        return Some(found);
    }
    let (name, rest) = split_container(&stripped)?;
    bare(rest, Some(rest), name)
}

fn without_colours(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\x1b') {
        out.push_str(before);
        let end = after.strip_prefix('[').and_then(|inner| {
            let end = inner.trim_start_matches(|c| (' '..='?').contains(&c));
            end.starts_with(|c| ('@'..='~').contains(&c)).then(|| &end[1..])
        });
        rest = end.unwrap_or_else(|| {
            out.push('\x1b');
            after
        });
    }
    out + rest
}

fn split_container(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_once(' ')?;
    let rest = rest.trim_start_matches(' ').strip_prefix('|')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    is_name.then(|| (name, rest.strip_prefix(' ').unwrap_or(rest)))
}

/// An object with the name of its container as one more member.
fn with_container(json: String, container: &str) -> String {
    if container.is_empty() {
        return json;
    }
    let before = json.trim_end().strip_suffix('}').unwrap_or_default();
    let comma = if before.trim() == "{" { "" } else { "," };
    format!("{before}{comma}\"container\":{}}}", serde_json::Value::from(container))
}

/// Why a line is no record.
fn why(content: &str) -> Reason {
    match is_json(content) {
        Err(Reason::NotAnObject) | Ok(()) => Reason::Unrecognised,
        Err(reason) => reason,
    }
}

/// The fields of a record that are wanted, borrowed from its line.
pub(super) trait Fields {
    /// The fields that borrow from a line of this lifetime.
    type Of<'a>: Deserialize<'a>;
}

/// Whether a text is one JSON object.
fn is_json(json: &str) -> Result<(), Reason> {
    if !json.trim_start_matches([' ', '\t', '\r']).starts_with('{') {
        return Err(Reason::NotAnObject);
    }
    serde_json::from_str::<IgnoredAny>(json).map_err(|error| reason(&error))?;
    // serde_json looks into the escapes of the strings that it keeps, but not of those that it skips.
    if json.contains('\\') && has_lone_surrogate(json) { Err(Reason::LoneSurrogate) } else { Ok(()) }
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
