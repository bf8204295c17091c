//! Lines of text as log4j, logback, Python and many others write them: a time, a level, a thread, a logger, in one of many
//! orders, then a message.

use memchr::memchr;

use super::column::{Column, Known, Row, is_in_name};
use super::heads;
use super::near::find_either;
use super::stamp::{Stamp, stamp};
use crate::level::Level;

/// How many parts may stand before the message.
const PARTS: usize = 12;
/// Where a level is looked for that does not stand among them.
const LEVEL_WITHIN: usize = 120;

/// Whether a word is the name of a level, in capital or small letters.
pub(super) fn is_level(word: &[u8]) -> bool {
    Level::from_bytes(word).is_some() || word == SEVERE
}

/// What `java.util.logging` calls an error. It is no name of a level elsewhere: by those, searches tell from afar which lines
/// can matter, and keys begin like it.
const SEVERE: &[u8] = b"SEVERE";

/// Whether what stands in brackets is a level: one of three letters, too.
pub(super) fn is_bracketed_level(word: &[u8]) -> bool {
    is_level(word) || short_level(word).is_some()
}

/// The level of a name of three letters, as Serilog and zerolog have them.
fn short_level(word: &[u8]) -> Option<Known> {
    Some(match word {
        b"VRB" | b"TRC" => Known::TRACE,
        b"DBG" => Known::DEBUG,
        b"INF" => Known::INFO,
        b"WRN" => Known::WARN,
        b"FTL" | b"PNC" => Known::FATAL,
        _ => return None,
    })
}

/// The names of .NET's console that nobody else has.
fn dotnet_level(word: &[u8]) -> Option<Known> {
    Some(match word {
        b"trce" => Known::TRACE,
        b"dbug" => Known::DEBUG,
        b"fail" => Known::ERROR,
        _ => return None,
    })
}

/// Puts a level by its name.
pub(super) fn put_level(row: &mut Row<'_>, start: usize, end: usize) {
    let word = &row.line[start..end];
    match if word == SEVERE { Some(Known::ERROR) } else { short_level(word).or_else(|| dotnet_level(word)) } {
        Some(level) => row.known(Column::Level, level),
        None => row.text(Column::Level, start, end),
    }
}

/// Whether a word is the name of a level in capital letters only, or in small ones only.
pub(super) fn is_level_alone(word: &[u8]) -> bool {
    let one_case = word.iter().all(u8::is_ascii_uppercase) || word.iter().all(u8::is_ascii_lowercase);
    one_case && is_level(word)
}

/// Where a line's parts are.
#[derive(Default)]
struct Parts {
    time: Option<(usize, usize)>,
    level: Option<(usize, usize)>,
    thread: Option<(usize, usize)>,
    logger: Option<(usize, usize)>,
    process: Option<(usize, usize)>,
    correlation: Option<(usize, usize)>,
    service: Option<(usize, usize)>,
    source: Option<(usize, usize)>,
}

/// Reads a line; `None`, if it begins neither with a time nor with a level.
pub(super) fn read(row: &mut Row<'_>) -> Option<()> {
    let line = row.line;
    if let Some(head) = heads::read(row) {
        if !head.has_level
            && row.wants(Column::Level)
            && let Some((start, end)) = level_by_search(line, head.message)
        {
            put_level(row, start, end);
        }
        row.message(head.message);
        row.pairs_within(head.message, line.len());
        return Some(());
    }
    let mut parts = Parts::default();
    let start = beginning(row, &mut parts)?;
    let message = header(line, start, &mut parts);
    if parts.level.is_none() && row.wants(Column::Level) {
        parts.level = level_by_search(line, start);
    }
    let mut put = |column, part| {
        if let Some((start, end)) = part {
            row.number(column, start, end);
        }
    };
    put(Column::Time, parts.time);
    put(Column::Thread, parts.thread);
    put(Column::Logger, parts.logger);
    put(Column::Process, parts.process);
    put(Column::Correlation, parts.correlation);
    put(Column::Source, parts.source);
    if let Some((start, end)) = parts.service {
        row.number(Column::Service, start, end);
    }
    if let Some((start, end)) = parts.level {
        put_level(row, start, end);
    }
    row.message(message);
    row.pairs_within(message, line.len());
    Some(())
}

/// Reads a line that says something and begins with nothing that is known, as one whose time is told elsewhere.
pub(super) fn read_bare(row: &mut Row<'_>) {
    if row.wants(Column::Level)
        && let Some((start, end)) = level_by_search(row.line, 0)
    {
        put_level(row, start, end);
    }
    row.message(0);
    row.pairs_within(0, row.line.len());
}

/// Reads what tells the format: a time, in brackets or not; a level in capital letters, and maybe a time after it; or a
/// file's name and a time. Where it ends.
fn beginning(row: &Row<'_>, parts: &mut Parts) -> Option<usize> {
    let line = row.line;
    if let Some(Stamp { length, .. }) = row.stamp() {
        parts.time = Some((0, length));
        return Some(length);
    }
    if let Some(end) = take_time(line, 0, parts) {
        return Some(end);
    }
    let bracket = usize::from(line.first() == Some(&b'['));
    let length = line[bracket..].iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let level = (bracket, bracket + length);
    if is_level(&line[level.0..level.1]) {
        let end = level.1 + bracket;
        if bracket == 1 && line.get(level.1) != Some(&b']') {
            return None;
        }
        parts.level = Some(level);
        return match line.get(end) {
            Some(b':') if bracket == 0 => Some(after_colon(line, end + 1, parts)),
            None | Some(b' ' | b':' | b'\t') => {
                let next = end + blanks(&line[end..]);
                Some(take_time(line, next, parts).unwrap_or(end))
            }
            _ => None,
        };
    }
    let space = memchr(b' ', line)?;
    let is_file = line[..space].contains(&b'.') && line[..space].iter().all(|&byte| is_in_path(byte));
    if !is_file || !stamp(&line[space + 1..])?.is_iso {
        return None;
    }
    parts.source = Some((0, space));
    take_time(line, space + 1, parts)
}

fn is_in_path(byte: u8) -> bool {
    is_in_name(byte) || matches!(byte, b'/' | b':')
}

/// What comes after a level and a colon: a logger and a colon, as Python has them, or the message.
fn after_colon(line: &[u8], start: usize, parts: &mut Parts) -> usize {
    let name = line[start..].iter().take_while(|&&byte| is_in_name(byte)).count();
    if name > 0 && line.get(start + name) == Some(&b':') {
        parts.logger = Some((start, start + name));
        return start + name + 1;
    }
    start
}

/// Reads a time, in brackets or not; where it ends.
fn take_time(line: &[u8], start: usize, parts: &mut Parts) -> Option<usize> {
    let bracket = usize::from(line.get(start) == Some(&b'['));
    let length = stamp(line.get(start + bracket..)?)?.length;
    let end = start + bracket + length;
    let closed = if bracket == 1 { line.get(end) == Some(&b']') } else { true };
    if closed {
        parts.time = Some((start + bracket, end));
    }
    closed.then_some(end + bracket)
}

/// Reads the parts between what tells the format and the message; where the message begins.
fn header(line: &[u8], mut at: usize, parts: &mut Parts) -> usize {
    at += level_after_comma(line, at, parts);
    for _ in 0..PARTS {
        at += blanks(&line[at..]);
        if parts.time.is_none()
            && let Some(end) = take_time(line, at, parts)
        {
            at = end;
            continue;
        }
        let rest = &line[at..];
        let length = match rest {
            // After `LEVEL [thread] - ` comes what is said, whatever it begins with.
            [b'-', b' ', said @ ..] if parts.level.is_some() && parts.thread.is_some() => {
                return at + 2 + blanks(said);
            }
            // logback's own layout since 1.3 has pairs between the two, if there are any.
            [b'-', b'-', b' ', ..] if parts.level.is_some() => return at + 3,
            [b'-' | b'|', b' ', ..] => 1,
            [b'-', b'-', b'-', b' ', ..] => match after_dashes(line, at + 4, parts) {
                (after, false) => after - at,
                (message, true) => return message,
            },
            [b':', b' ', ..] => return at + 2,
            [b'[', ..] => match bracketed(rest, at, parts) {
                Some(length) => length,
                None => return at,
            },
            [b'(', ..] if parts.level.is_some() && parts.thread.is_none() => match memchr(b')', rest) {
                Some(end) if rest.get(end + 1) == Some(&b' ') => {
                    parts.thread = Some((at + 1, at + end));
                    end + 1
                }
                _ => return at,
            },
            _ => match word(rest, at, parts) {
                Some((length, false)) => length,
                Some((length, true)) => {
                    at += length;
                    return at + usize::from(line.get(at) == Some(&b' '));
                }
                None => return at,
            },
        };
        at += length;
    }
    at
}

/// How many spaces and tabs a text begins with.
fn blanks(text: &[u8]) -> usize {
    text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// What Spring Boot writes after `---`: `[thread] logger : message`; since 3.2 with the name of the application before the
/// thread, if it has one, and the ids of trace and span after it, or as many blanks, if it is traced. Where it ends, and
/// whether the message begins there.
fn after_dashes(line: &[u8], mut at: usize, parts: &mut Parts) -> (usize, bool) {
    // An empty place or a dash stands for nothing.
    let some =
        |(start, end): (usize, usize)| (start < end && line[start..end] != *b"-").then_some((start, end));
    let mut brackets = [(0, 0); 3];
    let mut count = 0;
    while count < brackets.len() {
        let open = at + blanks(&line[at..]);
        let Some(length) = line[open..].strip_prefix(b"[").and_then(|inside| memchr(b']', inside)) else {
            break;
        };
        let inside = &line[open + 1..open + 1 + length];
        let start = open + 1 + (length - inside.trim_ascii_start().len());
        let place = (start, start + inside.trim_ascii().len());
        let is_trace = count > 0 && is_trace(&line[place.0..place.1]);
        if count == 2 && !is_trace {
            break;
        }
        at = open + length + 2;
        if is_trace {
            parts.correlation = some(place).or(parts.correlation);
            break;
        }
        brackets[count] = place;
        count += 1;
    }
    match count {
        0 => return (at, false),
        1 => parts.thread = some(brackets[0]).or(parts.thread),
        _ => {
            parts.service = some(brackets[0]);
            parts.thread = some(brackets[1]).or(parts.thread);
        }
    }
    let start = at + blanks(&line[at..]);
    let end = find_either(line, start, line.len(), b' ', b'\t').unwrap_or(line.len());
    let colon = end + blanks(&line[end..]);
    match line[colon..] {
        [b':', ref message @ ..] if start < end && (message.is_empty() || message[0] == b' ') => {
            parts.logger = some((start, end)).or(parts.logger);
            (colon + 1 + usize::from(!message.is_empty()), true)
        }
        _ => (at, false),
    }
}

/// Whether a text is the ids of a trace and a span, or nothing.
fn is_trace(text: &[u8]) -> bool {
    let are_ids = |(trace, span): (&[u8], &[u8])| {
        span[0] == b'-' && trace.iter().chain(&span[1..]).all(u8::is_ascii_hexdigit)
    };
    text.is_empty() || text.len() == 49 && are_ids(text.split_at(32))
}

/// `, Info` after the time, in capital or small letters, and maybe another comma, as Windows' servicing writes it; its length.
fn level_after_comma(line: &[u8], at: usize, parts: &mut Parts) -> usize {
    let Some(rest) = line.get(at..).and_then(|rest| rest.strip_prefix(b", ")) else { return 0 };
    let length = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let comma = usize::from(rest.get(length) == Some(&b','));
    if parts.level.is_some() || !is_level(&rest[..length]) || rest.get(length + comma) != Some(&b' ') {
        return 0;
    }
    parts.level = Some((at + 2, at + 2 + length));
    2 + length + comma
}

/// A part in brackets: a level, a logger, a request's id, a thread; its length.
fn bracketed(rest: &[u8], at: usize, parts: &mut Parts) -> Option<usize> {
    let end = closing(rest)?;
    let inside = &rest[1..end];
    let trimmed = inside.trim_ascii();
    let start = at + 1 + (inside.len() - inside.trim_ascii_start().len());
    let place = (start, start + trimmed.len());
    if parts.level.is_none() && is_bracketed_level(trimmed) {
        parts.level = Some(place);
    } else if parts.level.is_some()
        && parts.logger.is_none()
        && matches!(rest[end + 1..].trim_ascii_start(), [b'(' | b'[', ..])
        && trimmed.contains(&b'.')
        && is_logger(trimmed)
    {
        // JBoss has `[logger] (thread)`, Elasticsearch `[logger] [node]`.
        parts.logger = Some(place);
    } else if parts.correlation.is_none() && inside.starts_with(b"req-") {
        let length = memchr(b' ', inside).unwrap_or(inside.len());
        parts.correlation = Some((at + 1, at + 1 + length));
    } else if inside != b"-" {
        if parts.thread.is_some() || parts.logger.is_some() {
            return None;
        }
        parts.thread = Some(place);
    }
    Some(end + 1)
}

/// Where the bracket closes that a text begins with, others within it apart.
fn closing(text: &[u8]) -> Option<usize> {
    let mut open = 1_u32;
    let mut at = 1;
    loop {
        at = find_either(text, at, text.len(), b'[', b']')?;
        match text[at] {
            b'[' => open += 1,
            _ if open == 1 => return Some(at),
            _ => open -= 1,
        }
        at += 1;
    }
}

/// Whether a word can be the name of a logger. Such names are long: eight bytes are looked at for each branch.
fn is_logger(word: &[u8]) -> bool {
    let all = |bytes: &[u8]| bytes.iter().fold(true, |all, &byte| all & IN_LOGGER[usize::from(byte)]);
    let (eights, rest) = word.as_chunks::<8>();
    eights.iter().all(|eight| all(eight)) && all(rest) || is_path(word)
}

/// The same of a name with `::` in it, as Rust and C++ have them.
fn is_path(mut word: &[u8]) -> bool {
    while let Some(colon) = memchr(b':', word) {
        if word.get(colon + 1) != Some(&b':')
            || !word[..colon].iter().all(|&byte| IN_LOGGER[usize::from(byte)])
        {
            return false;
        }
        word = &word[colon + 2..];
    }
    word.iter().all(|&byte| IN_LOGGER[usize::from(byte)])
}

/// The bytes that it is made of.
const IN_LOGGER: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = is_in_name(byte as u8) || matches!(byte as u8, b'$' | b'/');
        byte += 1;
    }
    table
};

/// A part that is a word: a level, a process, a logger; its length, and whether the message comes next.
fn word(rest: &[u8], at: usize, parts: &mut Parts) -> Option<(usize, bool)> {
    let length = find_either(rest, 0, rest.len(), b' ', b'\t').unwrap_or(rest.len());
    let whole = &rest[..length];
    let word = whole.strip_suffix(b":").unwrap_or(whole);
    let has_colon = word.len() < length;
    let place = Some((at, at + word.len()));
    if word.is_empty() {
        return None;
    }
    let is_name = || {
        is_level_alone(word)
            || (has_colon && (is_level(word) || dotnet_level(word).is_some()))
            || short_level(word).is_some()
    };
    if parts.level.is_none() && is_name() {
        parts.level = place;
        return Some((length, has_colon));
    }
    let after = rest[length..].trim_ascii_start();
    if parts.process.is_none()
        && word.iter().all(u8::is_ascii_digit)
        && !has_colon
        && (parts.level.is_none() || after.starts_with(b"--- "))
    {
        parts.process = place;
        return Some((length, false));
    }
    let is_before_mark = [b"- ".as_slice(), b"-- ", b": ", b"| "].iter().any(|mark| after.starts_with(mark));
    let is_before_level = parts.level.is_none() && word.contains(&b'.') && begins_with_level(after);
    let is_before_bracket = parts.level.is_some() && word.contains(&b'.') && after.starts_with(b"[");
    if parts.logger.is_some()
        || !(has_colon || is_before_mark || is_before_level || is_before_bracket)
        || !is_logger(word)
    {
        return None;
    }
    parts.logger = place;
    Some((length, has_colon))
}

/// Whether a text begins with a level in capital letters, as Python's loggers write it after their names.
fn begins_with_level(text: &[u8]) -> bool {
    let length = text.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    is_level(&text[..length]) && matches!(text.get(length), None | Some(b' ' | b':' | b'\t'))
}

/// The first word that is a level in capital letters, of more than one letter, near the start of a line: one of three letters in
/// brackets, and none that is part of a name or the end of a path.
fn level_by_search(line: &[u8], start: usize) -> Option<(usize, usize)> {
    let mut at = start;
    let end = line.len().min(LEVEL_WITHIN);
    while at < end {
        let length = line[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let word = &line[at..at + length];
        if length > 0 && word.iter().all(u8::is_ascii_uppercase) {
            let before = at.checked_sub(1).map(|before| line[before]);
            let after = line.get(at + length);
            // Minecraft has `[thread/LEVEL]`.
            let is_path = before == Some(b'/') && after != Some(&b']');
            let is_apart = before != Some(b'_') && after != Some(&b'_') && !is_path;
            let in_brackets = before == Some(b'[') && after == Some(&b']');
            if is_level(word) && is_apart || in_brackets && short_level(word).is_some() {
                return Some((at, at + length));
            }
        }
        at += length + 1;
    }
    None
}
