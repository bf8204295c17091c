//! What a line is: JSON or of another format, with colours and a container's name around it or without.

use serde::de::IgnoredAny;

use super::format;
use crate::bad::Reason;

/// What a line is.
pub(super) enum Found {
    /// JSON, with the container that it came from.
    Json { text: String, container: String },
    Other {
        line: format::Line,
        stripped: Option<String>,
        container: String,
        /// When a container runtime collected it, if its own time may be lacking.
        collected: String,
    },
}

/// What a line is, with colours and a container's name or without; `may_continue` tells whether it may be part of the record
/// before it.
pub(super) fn recognise(content: &str, may_continue: bool) -> Option<Found> {
    if let Some((time, rest)) = split_collected(content) {
        return recognise_collected(time, rest, may_continue);
    }
    let bare = |text: &str, stripped: Option<&str>, container: &str| {
        let container = container.to_owned();
        if text.starts_with(['{', ' ', '\t', '\r']) {
            return is_json(text).is_ok().then(|| Found::Json { text: text.to_owned(), container });
        }
        let line = format::read(text)?;
        let stripped = stripped.map(str::to_owned);
        Some(Found::Other { line, stripped, container, collected: String::new() })
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

/// What a line is that a container runtime collected.
fn recognise_collected(time: &str, rest: &str, may_continue: bool) -> Option<Found> {
    let text = without_colours(rest);
    if may_continue && (text.is_empty() || text.starts_with([' ', '\t', '\r'])) {
        return None;
    }
    if is_json(&text).is_ok() {
        return Some(Found::Json { text, container: String::new() });
    }
    let line = format::read(&text).unwrap_or_else(|| format::read_bare(&text));
    let collected = if line.is_continued { time.to_owned() } else { String::new() };
    Some(Found::Other { line, stripped: Some(text), container: String::new(), collected })
}

/// Splits the prefix of a container runtime off: its time, and what comes after it.
pub(super) fn split_collected(text: &str) -> Option<(&str, &str)> {
    let (time, rest) = text.split_once(' ')?;
    let rest =
        rest.strip_prefix("stdout ").or_else(|| rest.strip_prefix("stderr "))?.strip_prefix(['F', 'P'])?;
    let rest = if rest.is_empty() { rest } else { rest.strip_prefix(' ')? };
    let zone = format::after_form(time, "0000-00-00T00:00:00")?;
    let zone = match zone.strip_prefix('.') {
        Some(digits) => Some(digits.trim_start_matches(|c: char| c.is_ascii_digit()))
            .filter(|zone| zone.len() < digits.len())?,
        None => zone,
    };
    let is_offset = ["+00:00", "-00:00"].iter().any(|form| format::after_form(zone, form) == Some(""));
    (time.len() < 36 && time.as_bytes()[10] == b'T' && (zone == "Z" || is_offset)).then_some((time, rest))
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
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    is_name.then(|| (name, rest.strip_prefix(' ').unwrap_or(rest)))
}

/// An object with the name of its container as one more member.
pub(super) fn with_container(json: String, container: &str) -> String {
    if container.is_empty() {
        return json;
    }
    let before = json.trim_end().strip_suffix('}').unwrap_or_default();
    let comma = if before.trim() == "{" { "" } else { "," };
    format!("{before}{comma}\"container\":{}}}", serde_json::Value::from(container))
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
