//! What a line is: JSON or of another format, with colours and what containers put before it or without.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::format;
use crate::bad::Reason;
use crate::format::Column;

/// What a line is.
pub(super) enum Found {
    Json { text: String, around: Around },
    Other { line: format::Line, stripped: Option<String>, around: Around },
}

/// What was around a line; empty, what was not.
#[derive(Default)]
pub(super) struct Around {
    /// The container that it came from, by docker-compose.
    pub(super) container: String,
    /// The stream that a container runtime collected it from; a dash, if that is not told.
    pub(super) stream: String,
    /// When that was, if it tells no time of its own.
    pub(super) time: String,
}

impl Around {
    /// What it tells, by the keys for it.
    pub(super) fn members(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let members = [
            (Column::Container, &self.container),
            (Column::Stream, &self.stream),
            (Column::Time, &self.time),
        ];
        members
            .into_iter()
            .filter(|(_, text)| !text.is_empty() && *text != "-")
            .flat_map(|(column, text)| column.keys().iter().map(|key| (*key, text.as_str())))
    }
}

/// What a line is, with what may be around it or without; `after` is what was around the record before it, if it may be
/// part of that.
pub(super) fn recognise(content: &str, after: Option<&Around>) -> Option<Found> {
    if let Some(collected) = split_collected(content) {
        return recognise_collected(
            &collected,
            after.is_some_and(|record| record.stream == collected.stream),
        );
    }
    let bare = |text: &str, stripped: Option<&str>, container: &str| {
        let around = Around { container: container.to_owned(), ..Around::default() };
        if text.starts_with(['{', ' ', '\t', '\r']) {
            return is_json(text).is_ok().then(|| Found::Json { text: text.to_owned(), around });
        }
        let line = format::read(text)?;
        Some(Found::Other { line, stripped: stripped.map(str::to_owned), around })
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
    if let Some(collected) = split_collected(rest).filter(|one| one.stream == "-")
        && let Some(Found::Json { text, around }) = recognise_collected(&collected, false)
    {
        let around = Around { container: name.to_owned(), stream: String::new(), ..around };
        return Some(Found::Json { text, around });
    }
    bare(rest, Some(rest), name)
}

/// What a line is that comes from a container, by docker-compose, and is of no format.
pub(super) fn recognise_contained(content: &str) -> Option<Found> {
    let stripped = without_colours(content);
    let (name, rest) = split_container(&stripped)?;
    let around = Around { container: name.to_owned(), ..Around::default() };
    Some(Found::Other { line: format::read_bare(rest), stripped: Some(rest.to_owned()), around })
}

/// What a line is that a container runtime collected.
fn recognise_collected(collected: &Collected<'_>, may_continue: bool) -> Option<Found> {
    let text = without_colours(collected.rest);
    if may_continue && (text.is_empty() || text.starts_with([' ', '\t', '\r'])) {
        return None;
    }
    let around = |tells_time: bool| Around {
        stream: collected.stream.to_owned(),
        time: if tells_time { String::new() } else { collected.time.to_owned() },
        ..Around::default()
    };
    if is_json(&text).is_ok() {
        let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&text).unwrap_or_default();
        let tells_time = Column::Time.keys().iter().any(|key| members.contains_key(*key));
        return Some(Found::Json { text, around: around(tells_time) });
    }
    let line = format::read(&text).unwrap_or_else(|| format::read_bare(&text));
    let around = around(line.tells_time());
    Some(Found::Other { line, stripped: Some(text), around })
}

/// A line that a container runtime collected.
pub(super) struct Collected<'a> {
    time: &'a str,
    pub(super) stream: &'a str,
    /// The line itself.
    pub(super) rest: &'a str,
}

/// Splits the prefix of a container runtime off.
pub(super) fn split_collected(text: &str) -> Option<Collected<'_>> {
    let (time, rest) = text.split_once(' ')?;
    let (stream, rest) = if rest.starts_with('{') {
        ("-", rest)
    } else {
        let (stream, rest) =
            rest.split_once(' ').filter(|(stream, _)| ["stdout", "stderr"].contains(stream))?;
        let rest = rest.strip_prefix(['F', 'P'])?;
        (stream, if rest.is_empty() { rest } else { rest.strip_prefix(' ')? })
    };
    let zone = format::after_form(time, "0000-00-00T00:00:00")?;
    let zone = match zone.strip_prefix('.') {
        Some(digits) => Some(digits.trim_start_matches(|c: char| c.is_ascii_digit()))
            .filter(|zone| zone.len() < digits.len())?,
        None => zone,
    };
    let is_offset = ["+00:00", "-00:00"].iter().any(|form| format::after_form(zone, form) == Some(""));
    let is_short = time.len() < 36;
    (is_short && time[10..].starts_with('T') && (zone == "Z" || is_offset)).then_some(Collected {
        time,
        stream,
        rest,
    })
}

pub(super) fn without_colours(text: &str) -> String {
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

pub(super) fn split_container(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_once(' ')?;
    let rest = rest.trim_start_matches(' ').strip_prefix('|')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.@".contains(c));
    is_name.then(|| (name, rest.strip_prefix(' ').unwrap_or(rest)))
}

/// An object with more members.
pub(super) fn with<'a>(json: String, members: impl Iterator<Item = (&'static str, &'a str)>) -> String {
    members.fold(json, |json, (key, text)| {
        let before = json.trim_end().strip_suffix('}').unwrap_or_default();
        let comma = if before.trim() == "{" { "" } else { "," };
        format!("{before}{comma}\"{key}\":{}}}", serde_json::Value::from(text))
    })
}

/// Why a line is no record.
pub(super) fn why(content: &str) -> Reason {
    match is_json(content) {
        Err(Reason::NotAnObject) | Ok(()) => Reason::Unrecognised,
        Err(reason) => reason,
    }
}

/// Whether a line is JSON or nothing, unless it belongs to a record before it.
pub(super) fn is_json_at_sight(content: &str) -> bool {
    content.trim_start_matches([' ', '\t', '\r']).starts_with('{') && !content.contains('\x1b')
}

/// Whether a text is one JSON object.
pub(super) fn is_json(json: &str) -> Result<(), Reason> {
    if !json.trim_start_matches([' ', '\t', '\r']).starts_with('{') {
        return Err(Reason::NotAnObject);
    }
    serde_json::from_str::<IgnoredAny>(json).map_err(|error| reason(&error))?;
    // serde_json looks into the escapes of the strings that it keeps, but not of those that it skips.
    if json.contains('\\') && has_lone_surrogate(json) { Err(Reason::LoneSurrogate) } else { Ok(()) }
}

pub(super) fn reason(error: &serde_json::Error) -> Reason {
    if error.is_eof() { Reason::CutShort } else { Reason::Malformed }
}

/// Whether an escape names half a surrogate pair, in text that is taken to be JSON: there a backslash stands only
/// in strings.
pub(super) fn has_lone_surrogate(json: &str) -> bool {
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
