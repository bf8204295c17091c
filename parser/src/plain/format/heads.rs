//! Heads of lines that have a form of their own, plainly.

use super::syslog::priority;
use super::text::{is_bracketed_level, is_level, put_level, stamp};
use super::{Line, is_in_name, level_of_status};
use crate::format::Column;

pub(super) struct Head<'a> {
    pub(super) row: Line,
    pub(super) message: &'a str,
    pub(super) has_level: bool,
}

pub(super) fn read(line: &str) -> Option<Head<'_>> {
    if stamp(line).is_some() {
        return logcat(line)
            .or_else(|| mongo(line))
            .or_else(|| nlog(line))
            .or_else(|| mysql(line))
            .or_else(|| etcd(line))
            .or_else(|| clickhouse(line));
    }
    in_bracket(line)
        .or_else(|| php(line))
        .or_else(|| redis(line))
        .or_else(|| glog(line))
        .or_else(|| ruby(line))
        .or_else(|| supercomputer(line))
        .or_else(|| kernel(line))
        .or_else(|| tornado(line))
        .or_else(|| health(line))
        .or_else(|| squid(line))
        .or_else(|| dotnet(line))
        .or_else(|| cluster(line))
}

/// What comes after a prefix of so many bytes that are `is`, one at least; and that prefix.
fn some(text: &str, is: impl Fn(u8) -> bool) -> Option<(&str, &str)> {
    let length = text.bytes().take_while(|&byte| is(byte)).count();
    (length > 0).then(|| text.split_at(length))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn digits(text: &str) -> Option<(&str, &str)> {
    some(text, |byte| byte.is_ascii_digit())
}

fn after_spaces(text: &str) -> Option<&str> {
    Some(some(text, |byte| byte == b' ')?.1)
}

/// The message: what comes after a space, or nothing.
fn message(rest: &str) -> Option<&str> {
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix(' ') }
}

fn level(letter: &str) -> Option<&'static str> {
    Some(match letter {
        "V" => "trace",
        "D" => "debug",
        "I" => "info",
        "W" => "warn",
        "E" => "error",
        "F" | "A" => "fatal",
        _ => return None,
    })
}

fn logcat(line: &str) -> Option<Head<'_>> {
    let (time, rest) = line.split_at(stamp(line)?.0);
    let (process, rest) = digits(after_spaces(rest)?)?;
    let (thread, rest) = digits(after_spaces(rest)?)?;
    let (letter, rest) = rest.strip_prefix(' ')?.split_once(' ')?;
    let (tag, rest) = rest.split_once(':')?;
    let mut row = Line::continued();
    row.known(Column::Level, level(letter)?);
    row.text(Column::Time, time);
    row.number(Column::Process, process);
    row.number(Column::Thread, thread);
    row.text(Column::Logger, tag.trim_end_matches(' '));
    Some(Head { row, message: message(rest)?, has_level: true })
}

fn mongo(line: &str) -> Option<Head<'_>> {
    let (length, is_iso) = stamp(line)?;
    let (time, rest) = line.split_at(length);
    let (letter, rest) = rest.strip_prefix(' ')?.split_once(' ')?;
    let letter = if let ["D1" | "D2" | "D3" | "D4" | "D5"] = [letter] { "D" } else { letter };
    let (component, rest) =
        some(rest.trim_start_matches(' '), |byte| byte.is_ascii_uppercase() || b"_-".contains(&byte))?;
    let (context, rest) = after_spaces(rest)?.strip_prefix('[')?.split_once(']')?;
    if !is_iso || matches!(letter, "A" | "V") {
        return None;
    }
    let mut row = Line::continued();
    row.known(Column::Level, level(letter)?);
    row.text(Column::Time, time);
    row.text(Column::Module, component);
    row.number(Column::Thread, context);
    Some(Head { row, message: message(rest)?, has_level: true })
}

fn nlog(line: &str) -> Option<Head<'_>> {
    let (time, rest) = line.split_at(stamp(line)?.0);
    let [level, logger, message] =
        rest.strip_prefix('|')?.splitn(3, '|').collect::<Vec<_>>().try_into().ok()?;
    if !is_level(level) {
        return None;
    }
    let mut row = Line::continued();
    row.text(Column::Time, time);
    put_level(&mut row, level);
    row.text(Column::Logger, logger);
    Some(Head { row, message, has_level: true })
}

fn mysql(line: &str) -> Option<Head<'_>> {
    let (time, rest) = line.split_at(stamp(line)?.0);
    let (thread, rest) = digits(rest.strip_prefix(' ')?)?;
    let (name, mut rest) = rest.strip_prefix(" [")?.split_once(']')?;
    let mut row = Line::continued();
    let coded = rest.strip_prefix(" [").filter(|inside| inside.starts_with("MY-"));
    let level = match name {
        "ERROR" if coded.is_some() => "error",
        "Warning" => "warn",
        "Note" | "System" => "info",
        _ => return None,
    };
    if let Some(coded) = coded {
        let (code, after) = coded.split_once(']')?;
        let (part, after) = after.strip_prefix(" [")?.split_once(']')?;
        row.text(Column::MessageId, code);
        row.text(Column::Module, part);
        rest = after;
    }
    row.text(Column::Time, time);
    row.number(Column::Thread, thread);
    row.known(Column::Level, level);
    Some(Head { row, message: message(rest)?, has_level: true })
}

fn etcd(line: &str) -> Option<Head<'_>> {
    let (time, rest) = line.split_at(stamp(line)?.0);
    let (letter, rest) = rest.strip_prefix(' ')?.split_once(" | ")?;
    let (part, rest) = rest.split_once(':')?;
    let level = match letter {
        "C" => "fatal",
        "N" => "info",
        "T" => "trace",
        letter => level(letter)?,
    };
    if part.is_empty() || !part.chars().all(|c| is_in_name(c) || c == '/') {
        return None;
    }
    let mut row = Line::continued();
    row.text(Column::Time, time);
    row.known(Column::Level, level);
    row.text(Column::Logger, part);
    Some(Head { row, message: message(rest)?, has_level: true })
}

fn clickhouse(line: &str) -> Option<Head<'_>> {
    let (time, rest) = line.split_at(stamp(line)?.0);
    let (thread, rest) = rest.strip_prefix(" [ ")?.split_once(" ] {")?;
    let (query, rest) = rest.split_once('}')?;
    let (level, rest) = rest.strip_prefix(" <")?.split_once('>')?;
    let (logger, rest) = rest.strip_prefix(' ')?.split_once(':')?;
    if !is_number(thread) || !is_level(level) {
        return None;
    }
    let mut row = Line::continued();
    row.text(Column::Time, time);
    row.number(Column::Thread, thread);
    row.text(Column::Correlation, query);
    put_level(&mut row, level);
    row.text(Column::Logger, logger);
    Some(Head { row, message: message(rest)?, has_level: true })
}

fn tornado(line: &str) -> Option<Head<'_>> {
    let (letter, rest) = line.strip_prefix('[')?.split_once(' ')?;
    let (time, rest) = rest.split_at(stamp(rest)?.0);
    let (name, rest) = rest.strip_prefix(' ')?.split_once(']')?;
    let level = match letter {
        "C" => "fatal",
        "D" | "I" | "W" | "E" => level(letter)?,
        _ => return None,
    };
    let mut row = Line::continued();
    row.text(Column::Time, time);
    row.known(Column::Level, level);
    row.text(if name.contains(':') { Column::Source } else { Column::Logger }, name);
    Some(Head { row, message: message(rest)?, has_level: true })
}

fn squid(line: &str) -> Option<Head<'_>> {
    let (time, rest) = line.split_once(' ')?;
    let (elapsed, rest) = rest.trim_start_matches(' ').split_once(' ')?;
    let (client, message) = rest.split_once(' ')?;
    let [result, size, method, url, user, _] = message.splitn(6, ' ').collect::<Vec<_>>().try_into().ok()?;
    let (code, status) = result.split_once('/')?;
    let (seconds, millis) = time.split_once('.')?;
    let are_numbers = [seconds, millis, elapsed, status, size].into_iter().all(is_number);
    let is_code = !code.is_empty() && code.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    if !are_numbers || !is_code || [seconds.len(), millis.len(), status.len()] != [10, 3, 3] {
        return None;
    }
    let mut row = Line::continued();
    row.text(Column::Time, time);
    row.known(Column::Level, level_of_status(status));
    row.text(Column::Client, client);
    row.number(Column::Status, status);
    row.number(Column::Size, size);
    row.text(Column::Method, method);
    row.text(Column::Path, url);
    row.text(Column::User, user);
    Some(Head { row, message, has_level: true })
}

fn dotnet(line: &str) -> Option<Head<'_>> {
    let (name, message) = line.split_once(": ")?;
    let (category, event) =
        message.strip_suffix('\r').unwrap_or(message).strip_suffix(']')?.split_once('[')?;
    let is_category = !category.is_empty() && category.bytes().all(|b| b.is_ascii_graphic());
    let level = match name {
        "trce" => "trace",
        "dbug" => "debug",
        "info" | "warn" => name,
        "fail" => "error",
        "crit" => "fatal",
        _ => return None,
    };
    if !is_category || !is_number(event) {
        return None;
    }
    let mut row = Line::continued();
    row.known(Column::Level, level);
    row.text(Column::Logger, category);
    Some(Head { row, message, has_level: true })
}

fn in_bracket(line: &str) -> Option<Head<'_>> {
    let inside = line.strip_prefix('[')?;
    let (time, rest) = inside.split_at(stamp(inside)?.0);
    let rest = after_spaces(rest.strip_prefix(':').unwrap_or(rest))?;
    let (word, rest) = some(rest, |byte| byte.is_ascii_alphabetic())?;
    let (column, name, rest) = if let Some(rest) = rest.strip_prefix(']') {
        (Column::Logger, "", rest)
    } else if let Some(rest) = rest.strip_prefix('/') {
        let (name, rest) = rest.split_once(']')?;
        (Column::Thread, name, rest)
    } else {
        let (name, rest) = after_spaces(rest)?.split_once(']')?;
        (Column::Logger, name, rest)
    };
    if !is_bracketed_level(word) {
        return None;
    }
    let mut row = Line::continued();
    row.text(Column::Time, time);
    put_level(&mut row, word);
    row.text(column, name);
    Some(Head { row, message: message(rest)?, has_level: true })
}

fn php(line: &str) -> Option<Head<'_>> {
    let inside = line.strip_prefix('[')?;
    let (length, _) = stamp(inside)?;
    let (zone, rest) = inside[length..].split_once(']')?;
    let (severity, rest) = rest.strip_prefix(" PHP ")?.split_once(':')?;
    if !zone.strip_prefix(' ').unwrap_or(zone).chars().all(|c| is_in_name(c) || "/+:".contains(c)) {
        return None;
    }
    let mut row = Line::continued();
    row.text(Column::Time, &inside[..length + zone.len()]);
    row.known(
        Column::Level,
        match severity {
            "Fatal error" => "fatal",
            "Recoverable fatal error" | "Catchable fatal error" | "Parse error" | "Unknown error" => "error",
            "Warning" => "warn",
            "Notice" | "Strict Standards" | "Deprecated" => "info",
            _ => return None,
        },
    );
    Some(Head { row, message: rest.trim_start_matches(' '), has_level: true })
}

fn redis(line: &str) -> Option<Head<'_>> {
    let (process, rest) = digits(line)?;
    let rest = rest.strip_prefix(':')?.strip_prefix(['X', 'C', 'S', 'M'])?.strip_prefix(' ')?;
    let (time, rest) = rest.split_at(stamp(rest)?.0);
    let (level, rest) = match rest.strip_prefix(' ')?.split_at_checked(1)? {
        ("." | "-", rest) => ("debug", rest),
        ("*", rest) => ("info", rest),
        ("#", rest) => ("warn", rest),
        _ => return None,
    };
    let mut row = Line::continued();
    row.number(Column::Process, process);
    row.text(Column::Time, time);
    row.known(Column::Level, level);
    Some(Head { row, message: message(rest)?, has_level: true })
}

fn glog(line: &str) -> Option<Head<'_>> {
    let (letter, rest) = line.split_at_checked(1)?;
    let (date, of_day) = digits(rest)?;
    let of_day = of_day.strip_prefix(' ')?;
    let length = stamp(of_day)?.0;
    if ![4, 8].contains(&date.len()) || of_day.as_bytes().get(8) != Some(&b'.') || matches!(letter, "A" | "V")
    {
        return None;
    }
    let (time, rest) = rest.split_at(date.len() + 1 + length);
    let (thread, rest) = digits(after_spaces(rest)?)?;
    let (source, rest) = rest.strip_prefix(' ')?.split_once(']')?;
    if source.contains(' ') {
        return None;
    }
    let mut row = Line::continued();
    row.known(Column::Level, level(letter)?);
    row.text(Column::Time, time);
    row.number(Column::Thread, thread);
    row.text(Column::Source, source);
    Some(Head { row, message: message(rest)?, has_level: true })
}

fn ruby(line: &str) -> Option<Head<'_>> {
    let rest = line.strip_prefix(['A', 'D', 'E', 'F', 'I', 'W'])?.strip_prefix(", [")?;
    let (length, is_iso) = stamp(rest)?;
    let (time, rest) = rest.split_at(length);
    let (process, rest) = digits(rest.strip_prefix(" #")?)?;
    let (word, rest) = some(after_spaces(rest.strip_prefix(']')?)?, |byte| byte.is_ascii_uppercase())?;
    let (program, rest) = rest.strip_prefix(" -- ")?.split_once(':')?;
    if !is_iso {
        return None;
    }
    let mut row = Line::continued();
    row.text(Column::Time, time);
    row.number(Column::Process, process);
    row.text(Column::Logger, program);
    let has_level = is_level(word);
    if has_level {
        put_level(&mut row, word);
    }
    Some(Head { row, message: message(rest)?, has_level })
}

fn supercomputer(line: &str) -> Option<Head<'_>> {
    let (alert, rest) = line.split_once(' ')?;
    let is_kind = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let is_alert = alert.starts_with(|c: char| c.is_ascii_uppercase()) && alert.bytes().all(is_kind);
    let (time, rest) = rest.split_once(' ')?;
    let (date, rest) = rest.split_once(' ')?;
    let (host, message) = rest.split_once(' ')?;
    let is_date = date.len() == 10 && super::text::has_form(date, "0000.00.00");
    if !(alert == "-" || is_alert)
        || time.len() != 10
        || !time.bytes().all(|b| b.is_ascii_digit())
        || !is_date
    {
        return None;
    }
    let mut row = Line::continued();
    row.number(Column::Time, time);
    row.text(Column::Host, host);
    Some(Head { row, message, has_level: false })
}

fn kernel(line: &str) -> Option<Head<'_>> {
    let mut row = Line::continued();
    let has_level = line.starts_with('<');
    let rest = if has_level { priority(&mut row, line)? } else { line };
    let (since, mut rest) = rest.strip_prefix('[')?.split_once(']')?;
    let (seconds, micros) = since.trim_start_matches(' ').split_once('.')?;
    if micros.len() != 6 || !is_number(seconds) || !is_number(micros) {
        return None;
    }
    if let Some(caller) = rest.strip_prefix('[') {
        let (caller, after) = caller.split_once(']')?;
        let caller = caller.trim_start_matches(' ');
        if !is_number(caller.strip_prefix(['T', 'C'])?) {
            return None;
        }
        row.text(Column::Thread, caller);
        rest = after;
    }
    Some(Head { row, message: message(rest)?, has_level })
}

fn health(line: &str) -> Option<Head<'_>> {
    let [time, component, process, message] = line.splitn(4, '|').collect::<Vec<_>>().try_into().ok()?;
    let (date, of_day) = time.split_once('-')?;
    let parts: Vec<_> = [date].into_iter().chain(of_day.split(':')).collect();
    let has_length = |(part, lengths): (&&str, &[usize])| lengths.contains(&part.len());
    let lengths: [&[usize]; 5] = [&[8], &[1, 2], &[1, 2], &[1, 2], &[1, 2, 3]];
    if parts.len() != 5
        || !parts.iter().zip(lengths).all(has_length)
        || !parts.iter().all(|part| is_number(part))
        || !is_number(process)
    {
        return None;
    }
    let mut row = Line::continued();
    row.text(Column::Time, time);
    row.text(Column::Logger, component);
    row.number(Column::Process, process);
    Some(Head { row, message, has_level: false })
}

fn cluster(line: &str) -> Option<Head<'_>> {
    let rest = digits(line)?.1.strip_prefix(' ')?;
    let [host, component, state, rest] = rest.splitn(4, ' ').collect::<Vec<_>>().try_into().ok()?;
    let (time, rest) = digits(rest)?;
    let (_, rest) = digits(rest.strip_prefix(' ')?)?;
    let is_name = |text: &str| text.starts_with(|c: char| c.is_ascii_alphabetic());
    if time.len() != 10 || ![host, component, state].into_iter().all(is_name) {
        return None;
    }
    let mut row = Line::continued();
    row.text(Column::Host, host);
    row.text(Column::Module, component);
    row.text(Column::MessageId, state);
    row.number(Column::Time, time);
    Some(Head { row, message: message(rest)?, has_level: false })
}
