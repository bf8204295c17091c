//! Error logs of servers: nginx, Apache and Postgres.

use memchr::{memchr, memmem};

use super::access::{quoted_end, request_parts};
use super::column::{Column, Known, Row};
use super::stamp::Stamp;
use crate::level::Level;

/// nginx: `2025/01/15 10:00:00 [error] 123#456: *789 message, client: 192.0.2.1, server: _, request: "..."`. See
/// <https://nginx.org/en/docs/ngx_core_module.html#error_log>.
pub(super) fn nginx(row: &mut Row<'_>) -> Option<()> {
    let line = row.line;
    if line.get(4) != Some(&b'/') {
        return None;
    }
    let Stamp { length, .. } = row.stamp()?;
    let level = length + 2;
    if line.get(length..level) != Some(b" [") {
        return None;
    }
    let level_end = level + memchr(b']', &line[level..])?;
    let process = level_end + 2;
    let process_end = process + line.get(process..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let thread = process_end + 1;
    let thread_end = thread + line.get(thread..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let is_nginx = line.get(level_end + 1) == Some(&b' ') && line.get(process_end) == Some(&b'#');
    if !is_nginx || process == process_end || thread == thread_end || line.get(thread_end) != Some(&b':') {
        return None;
    }
    let mut message = thread_end + 1;
    message += usize::from(line.get(message) == Some(&b' '));
    if line.get(message) == Some(&b'*') {
        let end = message + 1 + line[message + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if end > message + 1 && line.get(end) == Some(&b' ') {
            row.number(Column::Connection, message + 1, end);
            message = end + 1;
        }
    }
    row.text(Column::Time, 0, length);
    row.text(Column::Level, level, level_end);
    row.number(Column::Process, process, process_end);
    row.number(Column::Thread, thread, thread_end);
    row.message(message);
    if row.wants(Column::Client)
        && let Some((start, end)) = after(line, message, b", client: ", b',')
    {
        row.text(Column::Client, start, end);
    }
    if let Some(start) = memmem::find(&line[message..], b", request: \"").map(|at| message + at + 12)
        && let Some((end, escaped)) = quoted_end(line, start)
    {
        row.quoted(Column::Request, start, end, escaped);
        request_parts(row, start, end, escaped);
    }
    Some(())
}

/// What stands after some words, up to a byte or to the line's end.
fn after(line: &[u8], from: usize, words: &[u8], until: u8) -> Option<(usize, usize)> {
    let start = from + memmem::find(&line[from..], words)? + words.len();
    Some((start, memchr(until, &line[start..]).map_or(line.len(), |length| start + length)))
}

/// Apache: `[Wed Jan 15 10:00:00.123456 2025] [core:error] [pid 12:tid 34] [client 192.0.2.1:5678] message`, and the form
/// before version 2.4, `[Sun Dec 04 04:47:44 2005] [error] message`. See
/// <https://httpd.apache.org/docs/2.4/logs.html#errorlog>.
pub(super) fn apache(row: &mut Row<'_>) -> Option<()> {
    let line = row.line;
    let time_end = bracket_end(line, 0)?;
    if !is_asctime(&line[1..time_end]) {
        return None;
    }
    let level = time_end + 3;
    let level_end = bracket_end(line, time_end + 2)?;
    let (level, module) = match memchr(b':', &line[level..level_end]) {
        Some(colon) => (level + colon + 1, Some((level, level + colon))),
        None => (level, None),
    };
    // trace1 to trace8 are levels too.
    let digits = line[level..level_end].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let name_end = level_end - digits;
    if line[time_end + 1] != b' ' || Level::from_bytes(&line[level..name_end]).is_none() {
        return None;
    }
    row.text(Column::Time, 1, time_end);
    row.text(Column::Level, level, name_end);
    if let Some((start, end)) = module {
        row.text(Column::Module, start, end);
    }
    let mut at = level_end + 1;
    while line.get(at..at + 2) == Some(b" [")
        && let Some(end) = bracket_end(line, at + 1)
    {
        let start = at + 2;
        let inside = &line[start..end];
        if let Some(process) = inside.strip_prefix(b"pid ") {
            let length = memchr(b':', process).unwrap_or(process.len());
            row.number(Column::Process, start + 4, start + 4 + length);
            if let Some(thread) = process[length..].strip_prefix(b":tid ") {
                row.number(Column::Thread, end - thread.len(), end);
            }
        } else if inside.starts_with(b"client ") || inside.starts_with(b"remote ") {
            row.text(Column::Client, start + 7, start + 7 + address_length(&inside[7..], module.is_some()));
        } else {
            break;
        }
        at = end + 1;
    }
    at += usize::from(line.get(at) == Some(&b' '));
    // What went wrong by the system stands before the client: `(13)Permission denied: [client 192.0.2.1:5678] message`.
    if line.get(at) == Some(&b'(')
        && let Some(found) = memmem::find(&line[at..], b": [client ")
        && let Some(end) = bracket_end(line, at + found + 2)
    {
        let client = at + found + 10;
        row.text(Column::Client, client, client + address_length(&line[client..end], module.is_some()));
    }
    row.message(at);
    Some(())
}

/// Where the bracket that opens at `at` closes.
fn bracket_end(line: &[u8], at: usize) -> Option<usize> {
    if line.get(at) != Some(&b'[') {
        return None;
    }
    Some(at + memchr(b']', &line[at..])?)
}

/// `Wed Jan 15 10:00:00 2025`, with a fraction or without, by its spaces and colons.
fn is_asctime(text: &[u8]) -> bool {
    text.len() >= 24
        && [text[3], text[7], text[13], text[16]] == *b"  ::"
        && text[text.len() - 5] == b' '
        && text[text.len() - 4..].iter().all(u8::is_ascii_digit)
}

/// The length of an address without its port, which is after the last colon. Before version 2.4 there was none, and what
/// is after the last of several colons is of the address.
fn address_length(address: &[u8], has_port: bool) -> usize {
    match memchr::memrchr(b':', address) {
        Some(colon)
            if address[colon + 1..].iter().all(u8::is_ascii_digit)
                && (has_port || memchr(b':', address) == Some(colon)) =>
        {
            colon
        }
        _ => address.len(),
    }
}

/// The names that Postgres has for how serious a line is, and for what is said besides: see "Message Severity Levels"
/// and `log_error_verbosity` in its manual.
const SEVERITIES: [(&[u8], Known); 19] = [
    (b"LOG", Known::INFO),
    (b"STATEMENT", Known::INFO),
    (b"ERROR", Known::ERROR),
    (b"DETAIL", Known::INFO),
    (b"HINT", Known::INFO),
    (b"CONTEXT", Known::INFO),
    (b"QUERY", Known::INFO),
    (b"LOCATION", Known::INFO),
    (b"BACKTRACE", Known::INFO),
    (b"WARNING", Known::WARN),
    (b"NOTICE", Known::INFO),
    (b"INFO", Known::INFO),
    (b"FATAL", Known::FATAL),
    (b"PANIC", Known::FATAL),
    (b"DEBUG1", Known::DEBUG),
    (b"DEBUG2", Known::DEBUG),
    (b"DEBUG3", Known::DEBUG),
    (b"DEBUG4", Known::DEBUG),
    (b"DEBUG5", Known::DEBUG),
];

/// What is named in a prefix.
const POSTGRES_NAMES: [(&[u8], Column); 3] =
    [(b"user=", Column::User), (b"db=", Column::Database), (b"client=", Column::Client)];

/// The length of a space and a zone's abbreviation, whatever it is; 0 where there is none.
fn zone_of_any_name(text: &[u8]) -> usize {
    let Some((b' ', rest)) = text.split_first() else { return 0 };
    match rest.iter().take_while(|byte| byte.is_ascii_uppercase()).count() {
        length @ 2..=5 => 1 + length,
        _ => 0,
    }
}

/// Postgres with the prefixes that it and Debian have as defaults, `%m [%p] ` and `%m [%p] %q%u@%d `, or one that
/// begins like them: `2025-01-15 10:00:00.123 UTC [123] user@database ERROR:  message`, or as pgBadger asks for it,
/// `%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h `.
pub(super) fn postgres(row: &mut Row<'_>) -> Option<()> {
    let line = row.line;
    let Stamp { length, .. } = row.stamp()?;
    // A zone that is not known is one all the same: without it the time can't be told, and must not be taken for UTC.
    let length = length + zone_of_any_name(&line[length..]);
    let process = length + 2;
    if line.get(length..process) != Some(b" [") {
        return None;
    }
    let process_end = process + line[process..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let prefix = match line.get(process_end..)? {
        [b']', b' ', ..] => process_end + 2,
        [b']', b':', b' ', ..] => process_end + 3,
        _ => return None,
    };
    if process_end == process {
        return None;
    }
    let colon = prefix + memmem::find(&line[prefix..], b":  ")?;
    let severity = prefix + memchr::memrchr(b' ', &line[prefix..colon]).map_or(0, |space| space + 1);
    let (_, level) = SEVERITIES.iter().find(|(name, _)| *name == &line[severity..colon])?;
    row.text(Column::Time, 0, length);
    row.number(Column::Process, process, process_end);
    row.known(Column::Level, *level);
    row.text(Column::Severity, severity, colon);
    let who = prefix + line[prefix..severity].iter().take_while(|&&byte| byte != b' ').count();
    if let Some(at) = memchr(b'@', &line[prefix..who]) {
        row.text(Column::User, prefix, prefix + at);
        row.text(Column::Database, prefix + at + 1, who);
    }
    for (name, column) in POSTGRES_NAMES {
        if let Some(at) = memmem::find(&line[prefix..severity], name) {
            let start = prefix + at + name.len();
            let length = line[start..severity].iter().take_while(|byte| !matches!(byte, b',' | b' ')).count();
            row.text(column, start, start + length);
        }
    }
    row.message(colon + 3);
    Some(())
}
