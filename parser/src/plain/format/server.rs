//! Error logs of servers, plainly.

use super::{Line, request_parts, take_quoted, text};
use crate::format::Column;
use crate::level::Level;

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

pub(super) fn nginx(line: &str) -> Option<Line> {
    let (length, _) = text::stamp(line).filter(|_| line.as_bytes()[4] == b'/')?;
    let (level, rest) = line[length..].strip_prefix(" [")?.split_once(']')?;
    let (process, rest) = rest.strip_prefix(' ')?.split_once('#')?;
    let (thread, rest) = rest.split_once(':')?;
    if !is_digits(process) || !is_digits(thread) {
        return None;
    }
    let mut row = Line::continued();
    let mut message = rest.strip_prefix(' ').unwrap_or(rest);
    if let Some((connection, rest)) = message.strip_prefix('*').and_then(|rest| rest.split_once(' '))
        && is_digits(connection)
    {
        row.number(Column::Connection, connection);
        message = rest;
    }
    row.text(Column::Time, &line[..length]);
    row.text(Column::Level, level);
    row.number(Column::Process, process);
    row.number(Column::Thread, thread);
    row.message = Some(line.len() - message.len());
    if let Some((_, client)) = message.split_once(", client: ") {
        row.text(Column::Client, client.split(',').next().unwrap_or_default());
    }
    if let Some((_, request)) = message.split_once(", request: \"")
        && let Some((request, _)) = take_quoted(request)
    {
        row.quoted(Column::Request, request);
        request_parts(&mut row, request);
    }
    Some(row)
}

pub(super) fn apache(line: &str) -> Option<Line> {
    let (time, rest) = line.strip_prefix('[')?.split_once(']')?;
    let marks = [(3, b' '), (7, b' '), (13, b':'), (16, b':')];
    let is_time = time.len() >= 24
        && marks.iter().all(|&(at, mark)| time.as_bytes()[at] == mark)
        && time.as_bytes()[time.len() - 5] == b' '
        && time.bytes().rev().take(4).all(|b| b.is_ascii_digit());
    let (level, mut rest) = rest.strip_prefix(" [").filter(|_| is_time)?.split_once(']')?;
    let (module, level) = match level.split_once(':') {
        Some((module, level)) => (Some(module), level),
        None => (None, level),
    };
    let level = level.trim_end_matches(|c: char| c.is_ascii_digit());
    Level::from_name(level)?;
    let mut row = Line::continued();
    row.text(Column::Time, time);
    row.text(Column::Level, level);
    row.text(Column::Module, module.unwrap_or_default());
    while let Some((inside, after)) = rest.strip_prefix(" [").and_then(|rest| rest.split_once(']')) {
        if let Some(process) = inside.strip_prefix("pid ") {
            let (process, thread) = process.split_at(process.find(':').unwrap_or(process.len()));
            row.number(Column::Process, process);
            row.number(Column::Thread, thread.strip_prefix(":tid ").unwrap_or_default());
        } else if let Some(client) = inside.strip_prefix("client ").or_else(|| inside.strip_prefix("remote "))
        {
            row.text(Column::Client, address(client, module.is_some()));
        } else {
            break;
        }
        rest = after;
    }
    let message = rest.strip_prefix(' ').unwrap_or(rest);
    if message.starts_with('(')
        && let Some((_, after)) = message.split_once(": [client ")
        && let Some((client, _)) = after.split_once(']')
    {
        row.text(Column::Client, address(client, module.is_some()));
    }
    row.message = Some(line.len() - message.len());
    Some(row)
}

/// A client's address without its port.
fn address(client: &str, has_port: bool) -> &str {
    match client.rsplit_once(':') {
        Some((address, port))
            if port.bytes().all(|b| b.is_ascii_digit()) && (has_port || !address.contains(':')) =>
        {
            address
        }
        _ => client,
    }
}

pub(super) fn postgres(line: &str) -> Option<Line> {
    let (mut length, _) = text::stamp(line)?;
    if let Some(rest) = line[length..].strip_prefix(' ') {
        let zone = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_uppercase()).len();
        length += if (2..=5).contains(&zone) { 1 + zone } else { 0 };
    }
    let (process, rest) = line[length..].strip_prefix(" [")?.split_once(']')?;
    let rest = rest.strip_prefix(": ").or_else(|| rest.strip_prefix(' '))?;
    let (before, message) = rest.split_once(":  ").filter(|_| is_digits(process))?;
    let (prefix, severity) = match before.rsplit_once(' ') {
        Some((prefix, severity)) => (prefix, severity),
        None => ("", before),
    };
    let level = match severity {
        "DEBUG1" | "DEBUG2" | "DEBUG3" | "DEBUG4" | "DEBUG5" => "debug",
        "LOG" | "STATEMENT" | "DETAIL" | "HINT" | "CONTEXT" | "QUERY" | "LOCATION" | "BACKTRACE"
        | "NOTICE" | "INFO" => "info",
        "WARNING" => "warn",
        "ERROR" => "error",
        "FATAL" | "PANIC" => "fatal",
        _ => return None,
    };
    let mut row = Line::continued();
    row.text(Column::Time, &line[..length]);
    row.number(Column::Process, process);
    row.known(Column::Level, level);
    row.text(Column::Severity, severity);
    if let Some((user, database)) = prefix.split(' ').next().unwrap_or_default().split_once('@') {
        row.text(Column::User, user);
        row.text(Column::Database, database);
    }
    for (name, column) in [("user=", Column::User), ("db=", Column::Database), ("client=", Column::Client)] {
        if let Some((_, value)) = prefix.split_once(name) {
            row.text(column, value.split([',', ' ']).next().unwrap_or_default());
        }
    }
    row.message = Some(line.len() - message.len());
    Some(row)
}
