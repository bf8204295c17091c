//! Syslog, plainly.

use super::{Line, is_in_name, string, take_quoted, text, unescape};
use crate::format::Column;

const LEVELS: [&str; 8] = ["fatal", "error", "error", "error", "warn", "info", "info", "debug"];
const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
    "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6",
    "local7",
];

pub(super) fn read(line: &str) -> Option<Line> {
    let mut row = Line::default();
    if !line.starts_with('<') {
        return older(row, line, line, false);
    }
    let rest = priority(&mut row, line)?;
    match rest.strip_prefix("1 ") {
        Some(rest) => newer(row, line, rest),
        None => older(row, line, rest, true),
    }
}

/// Puts what `<34>` tells; what comes after it.
pub(super) fn priority<'a>(row: &mut Line, line: &'a str) -> Option<&'a str> {
    let (priority, rest) = line.strip_prefix('<')?.split_once('>')?;
    if priority.len() > 3 || !priority.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let priority: usize = priority.parse().ok()?;
    row.known(Column::Facility, FACILITIES.get(priority / 8)?);
    row.known(Column::Level, LEVELS[priority % 8]);
    Some(rest)
}

fn newer(mut row: Line, line: &str, mut rest: &str) -> Option<Line> {
    for column in [Column::Time, Column::Host, Column::Service, Column::Process, Column::MessageId] {
        let (word, after) = rest.split_once(' ')?;
        row.number(column, word);
        rest = after;
    }
    let after = match rest.strip_prefix('-') {
        Some(after) => after,
        None => structured_data(&mut row, rest)?,
    };
    if !after.is_empty() {
        let message = after.strip_prefix(' ')?;
        let message = message.strip_prefix('\u{feff}').unwrap_or(message);
        row.message = Some(line.len() - message.len());
        row.pairs_within(message);
    }
    Some(row)
}

fn structured_data<'a>(row: &mut Line, mut rest: &'a str) -> Option<&'a str> {
    if !rest.starts_with('[') {
        return None;
    }
    while rest.starts_with('[') {
        rest = &rest[rest.find([' ', ']'])?..];
        while let Some(after) = rest.strip_prefix(' ') {
            let (name, after) = after.split_once('=')?;
            let (value, after) = take_quoted(after.strip_prefix('"')?)?;
            let value = string(&unescape(value))?;
            row.members.entry(name.to_owned()).or_insert(value);
            rest = after;
        }
        rest = rest.strip_prefix(']')?;
    }
    Some(rest)
}

fn older(mut row: Line, line: &str, rest: &str, has_priority: bool) -> Option<Line> {
    let (time, rest, tells) = match bsd_time(rest) {
        Some((mut length, has_year)) => {
            if let Some(digits) = rest[length..].strip_prefix('.') {
                let after = digits.trim_start_matches(|c: char| c.is_ascii_digit());
                length = if after.len() < digits.len() { rest.len() - after.len() } else { length };
            }
            if !has_year && text::has_form(&rest[length..], " 0000 ") {
                length += 5;
            }
            (&rest[..length], &rest[length..], true)
        }
        None => match text::stamp(rest)? {
            (length, true) if has_priority || is_rfc3339(&rest[..length]) => {
                (&rest[..length], &rest[length..], has_priority)
            }
            _ => return None,
        },
    };
    let after_colon = rest.strip_prefix(": ").filter(|_| has_priority);
    let rest = after_colon.or_else(|| rest.strip_prefix(' '))?;
    let is_without_host = after_colon.is_some() || tells && tag(rest).is_some();
    let (host, rest) = if is_without_host { ("", rest) } else { rest.split_once(' ')? };
    if !host.chars().all(|c| is_in_name(c) || c == ':')
        || host.ends_with(':')
        || text::is_bracketed_level(host)
    {
        return None;
    }
    let is_of_daemon = !time.ends_with('Z') || time.len() == 27;
    let message = match tag(rest) {
        Some((_, None, _)) if !tells && !is_of_daemon => return None,
        Some((name, process, message)) => {
            row.text(Column::Service, name);
            if let Some(process) = process {
                row.number(Column::Process, process);
            }
            message
        }
        None if tells && !is_without_host => rest.strip_prefix(": ").unwrap_or(rest),
        None if tells => rest,
        None => return None,
    };
    row.text(Column::Time, time);
    row.text(Column::Host, host);
    row.message = Some(line.len() - message.len());
    row.pairs_within(message);
    Some(row)
}

/// Whether a date and a time have a `T` between them, and a zone without a space before it.
fn is_rfc3339(time: &str) -> bool {
    let zone = match time[19..].strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => &time[19..],
    };
    text::has_form(time, "0000-00-00T00:00:00")
        && &time[10..11] == "T"
        && (zone == "Z" || zone.starts_with(['+', '-']))
}

/// The length of a time and whether it has a year.
fn bsd_time(text: &str) -> Option<(usize, bool)> {
    let forms = ["Aaa  0", "Aaa 0", "Aaa 00"]
        .into_iter()
        .flat_map(|day| [(format!("{day} 00:00:00"), false), (format!("{day} 0000 00:00:00"), true)]);
    forms.into_iter().find_map(|(form, has_year)| {
        let months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";
        let is_month = text.get(..3).is_some_and(|name| months.split(' ').any(|month| month == name));
        let is_time = is_month && text::has_form(text, &form) && !text[..form.len()].contains('T');
        is_time.then_some((form.len(), has_year))
    })
}

/// `name[pid]: message` or `name: message`.
fn tag(text: &str) -> Option<(&str, Option<&str>, &str)> {
    let end = text.find(|c| !(is_in_name(c) || "/()@".contains(c)))?;
    let (name, rest) = text.split_at(end);
    let (process, rest) = match rest.strip_prefix('[') {
        Some(inside) => inside.split_once(']').map(|(process, rest)| (Some(process), rest))?,
        None => (None, rest),
    };
    let rest = rest.strip_prefix(':')?;
    let message = if rest.is_empty() { rest } else { rest.strip_prefix(' ')? };
    (!name.is_empty() && !text::is_level(name)).then_some((name, process, message))
}
