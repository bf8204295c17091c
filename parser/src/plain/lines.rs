//! Lines, and records made of them, read by `serde_json`.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::ops::ControlFlow;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde_json::value::RawValue;

use super::format;
use super::format::two_lines;
use super::recognise::{
    Around, Collected, Found, has_lone_surrogate, is_json, is_json_at_sight, reason, recognise,
    recognise_contained, split_collected, split_container, why, with, without_colours,
};
use crate::bad::{BadLine, Reason};
use crate::blocks::Limits;
use crate::level::Level;
use crate::read::Totals;
use crate::refusal::Refusal;
use crate::time::Time;

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
    /// The record without what was around its lines, if there was anything or it lost a line.
    stripped: Option<String>,
    around: Around,
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
    let mut on_json =
        |line: &Line<'_>, json: &str| serde_json::from_str(json).map(|fields| on_record(line, fields));
    let mut lines =
        Lines { limits, totals: Totals::default(), pending: None, on_bad, on_record: &mut on_json };
    let ControlFlow::Continue(outcome) = lines.read(source) else { return Ok(lines.totals) };
    outcome.map(|()| lines.totals)
}

/// An input on its way.
struct Lines<'a> {
    limits: Limits,
    totals: Totals,
    pending: Option<Pending>,
    on_bad: &'a mut dyn FnMut(BadLine),
    /// Takes a record as JSON, if it is JSON.
    on_record: &'a mut dyn FnMut(&Line<'_>, &str) -> serde_json::Result<ControlFlow<()>>,
}

/// A line and where it is in the input.
#[derive(Clone, Copy)]
struct Raw<'a> {
    number: u64,
    offset: u64,
    bytes: &'a [u8],
}

impl Lines<'_> {
    /// Reads all lines; breaks if it was asked to.
    fn read(&mut self, source: impl Read) -> ControlFlow<(), io::Result<()>> {
        let mut source = BufReader::with_capacity(self.limits.chunk, source);
        let longest = self.limits.line as u64 + 1;
        let mut offset = 0;
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let read = source.by_ref().take(longest).read_until(b'\n', &mut bytes);
            if !matches!(read, Ok(1..)) {
                self.emit()?;
                return ControlFlow::Continue(read.map(|_| ()));
            }
            let too_long = bytes.len() as u64 == longest && !bytes.ends_with(b"\n");
            if offset == 0
                && let Some(refusal) = Refusal::of_start(&bytes)
            {
                return ControlFlow::Continue(Err(refusal.into()));
            }
            self.totals.lines += 1;
            let line = Raw { number: self.totals.lines, offset, bytes: &bytes };
            if let Some(refusal) = self.line(line, too_long)? {
                return ControlFlow::Continue(Err(refusal.into()));
            }
            offset += bytes.len() as u64;
            if too_long {
                match skip_line(&mut source) {
                    Ok(skipped) => offset += skipped,
                    Err(error) => return ControlFlow::Continue(Err(error)),
                }
            }
        }
    }

    /// Takes a line; what the input is instead, if the line betrays it.
    fn line(&mut self, line: Raw<'_>, too_long: bool) -> ControlFlow<(), Option<Refusal>> {
        let content_length = line.bytes.strip_suffix(b"\n").unwrap_or(line.bytes).len();
        if let Some(pending) = &self.pending
            && (too_long || pending.raw.len() + content_length > self.limits.line)
        {
            self.emit()?;
        }
        let mark = "\u{feff}".as_bytes();
        let record = match line.bytes.strip_prefix(mark) {
            Some(rest) if line.offset == 0 => without_nuls(rest),
            _ => without_nuls(line.bytes),
        };
        let reason = if too_long {
            Some(Reason::TooLong)
        } else if record.iter().all(|b| b"\0 \t\r\n".contains(b)) {
            self.blank(line);
            None
        } else if let Ok(text) = std::str::from_utf8(record) {
            self.text(line, text)?
        } else {
            self.not_utf8(line);
            Some(Reason::NotUtf8)
        };
        let Some(reason) = reason else { return ControlFlow::Continue(None) };
        if self.totals.records + self.totals.bad == 0
            && self.pending.is_none()
            && let Some(refusal) = Refusal::of_first_line(record)
        {
            return ControlFlow::Continue(Some(refusal));
        }
        self.totals.bad += 1;
        (self.on_bad)(BadLine { line: line.number, offset: line.offset, reason });
        ControlFlow::Continue(None)
    }

    fn blank(&mut self, line: Raw<'_>) {
        if let Some(pending) = &mut self.pending {
            pending.blanks += 1;
            pending.raw.extend_from_slice(line.bytes);
        }
    }

    /// A record goes on without a line of it that is not UTF-8.
    fn not_utf8(&mut self, line: Raw<'_>) {
        if let Some(pending) = &mut self.pending {
            if pending.stripped.is_none() {
                let whole = String::from_utf8_lossy(&pending.raw[..pending.length]).into_owned();
                pending.stripped = Some(whole);
                pending.around = Around::default();
            }
            pending.raw.extend_from_slice(line.bytes);
        }
    }

    /// Takes a line that has something in it; `record` is it without padding. Why it is no record, if it is none.
    fn text(&mut self, line: Raw<'_>, record: &str) -> ControlFlow<(), Option<Reason>> {
        let text = record.strip_suffix('\n').unwrap_or(record);
        let content = text.strip_suffix('\r').unwrap_or(text);
        if self.pending.is_none() && is_json_at_sight(content) {
            let line = Line { number: line.number, offset: line.offset, bytes: text.as_bytes() };
            return self.json(&line, content);
        }
        let is_indented = content.starts_with([' ', '\t']);
        let is_second = self.pending.as_ref().is_some_and(|pending| pending.awaits(content));
        let found = if self.pending.is_some() && is_indented || is_second {
            None
        } else {
            recognise(content, self.pending.as_ref().map(|pending| &pending.around))
        };
        let found = match found {
            Some(found) => found,
            None if self.join(line, record) => return ControlFlow::Continue(None),
            None => {
                let blank = is_blank(content);
                if !blank && let Some(found) = recognise_contained(content) {
                    found
                } else {
                    if let Some(pending) = &mut self.pending {
                        pending.raw.extend_from_slice(line.bytes);
                    }
                    return ControlFlow::Continue(if blank { None } else { Some(why(content)) });
                }
            }
        };
        self.emit()?;
        match found {
            Found::Json { text: json, around } => {
                let line = Line { number: line.number, offset: line.offset, bytes: text.as_bytes() };
                return self.json(&line, &with(json, around.members()));
            }
            Found::Other { line: members, stripped, around } => {
                let is_continued = members.is_continued;
                self.pending = Some(Pending {
                    number: line.number,
                    offset: line.offset,
                    raw: record.as_bytes().to_vec(),
                    length: text.len(),
                    blanks: 0,
                    line: members,
                    stripped,
                    around,
                });
                if !is_continued {
                    self.emit()?;
                }
            }
        }
        ControlFlow::Continue(None)
    }

    /// Adds a line that is of no format to the record that is pending, if one is and the line can be one of its lines.
    fn join(&mut self, line: Raw<'_>, record: &str) -> bool {
        let Some(pending) = &mut self.pending else { return false };
        let text = record.strip_suffix('\n').unwrap_or(record);
        let padding = line.bytes.len() - record.len();
        let joined = pending.join(text.strip_suffix('\r').unwrap_or(text), padding);
        if joined {
            pending.length = pending.raw.len() + padding + text.len();
            pending.blanks = 0;
            pending.raw.extend_from_slice(line.bytes);
        }
        joined
    }

    /// Takes a line that is JSON or nothing.
    fn json(&mut self, line: &Line<'_>, json: &str) -> ControlFlow<(), Option<Reason>> {
        // serde_json looks into the escapes of the strings that it keeps, but not of those that it skips.
        if json.contains('\\') && has_lone_surrogate(json) {
            return ControlFlow::Continue(is_json(json).err());
        }
        match (self.on_record)(line, json) {
            Ok(flow) => {
                self.totals.records += 1;
                flow?;
                ControlFlow::Continue(None)
            }
            Err(error) => ControlFlow::Continue(Some(reason(&error))),
        }
    }

    /// Hands out the record that is pending, if one is.
    fn emit(&mut self) -> ControlFlow<()> {
        let Some(pending) = self.pending.take() else { return ControlFlow::Continue(()) };
        let Pending { number, offset, raw, length, line, stripped, around, .. } = pending;
        let bytes = &raw[..length];
        let text = stripped.unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned());
        self.totals.records += 1;
        // It was made as JSON is.
        let json = with(line.into_json(&text), around.members());
        (self.on_record)(&Line { number, offset, bytes }, &json).unwrap_or(ControlFlow::Continue(()))
    }
}

impl Pending {
    /// Whether a line is the second of two, of which this is the first.
    fn awaits(&self, content: &str) -> bool {
        let is_second = |line: &str| self.line.class.is_some() && two_lines::level(line).is_some();
        match split_collected(content) {
            Some(Collected { stream, rest, .. }) => {
                stream == self.around.stream && is_second(&without_colours(rest))
            }
            None => self.stripped.is_none() && is_second(content),
        }
    }

    /// Adds a line to what was stripped, which comes after `padding`; whether it can be one of the record's.
    fn join(&mut self, content: &str, padding: usize) -> bool {
        let Some(stripped) = &mut self.stripped else {
            self.line.second_line(content, self.raw.len() + padding);
            return true;
        };
        let (stream, content) = match split_collected(content) {
            Some(Collected { stream, rest, .. }) => (stream, rest),
            None => ("", content),
        };
        if stream != self.around.stream {
            return false;
        }
        let bare = without_colours(content);
        let rest = match split_container(&bare) {
            Some((name, rest)) if name == self.around.container => rest,
            _ if self.around.container.is_empty() => &bare,
            _ => return false,
        };
        stripped.push_str(&"\n".repeat(self.blanks + 1));
        self.line.second_line(rest, stripped.len());
        stripped.push_str(rest);
        true
    }
}

/// The fields of a record that are wanted, borrowed from its line.
pub(super) trait Fields {
    /// The fields that borrow from a line of this lifetime.
    type Of<'a>: Deserialize<'a>;
}

/// Whether a line is blank but for its colours and the name of its container.
fn is_blank(content: &str) -> bool {
    let bare = without_colours(content);
    let (_, rest) = split_container(&bare).unwrap_or(("", &bare));
    rest.chars().all(|c| " \t\r\0".contains(c))
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

/// The level that a text names, with blanks or a distance after the name or without.
pub(super) fn level(name: &str) -> Option<Level> {
    let name = name.trim_end_matches(|c: char| c.is_ascii_whitespace());
    let shifted = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_shifted = shifted.len() < name.len() && shifted.ends_with(['+', '-']);
    Level::from_name(if is_shifted { &shifted[..shifted.len() - 1] } else { name })
}

/// The first time of those that the keys of one record tell, one of before March 1973 or so only if there is no other.
pub(super) fn first_time(times: impl Iterator<Item = Time>) -> Option<Time> {
    let times: Vec<Time> = times.collect();
    let nine_digits = |time: &&Time| time.nanos() / 1_000_000_000 / 100_000_000 != 0;
    times.iter().find(nine_digits).or(times.first()).copied()
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
