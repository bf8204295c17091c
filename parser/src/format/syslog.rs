//! Syslog: RFC 5424, the older form that RFC 3164 describes, and that form with a time of RFC 3339, as rsyslog writes it;
//! the older forms with a priority or, as in files, without, and as Cisco's devices write them.

use super::column::{Column, Known, Row, is_in_name};
use super::near::{Each, find, find_either};
use super::stamp::{Stamp, fraction_length, has_form, stamp};
use super::text::{is_bracketed_level, is_level};

/// Reads a line; `None`, if it is of another format.
pub(super) fn read(row: &mut Row<'_>) -> Option<()> {
    let line = row.line;
    let Some(after) = priority(row) else { return older(row, 0, false) };
    if line.get(after..after + 2) == Some(b"1 ") { newer(row, after + 2) } else { older(row, after, true) }
}

/// `<34>`: facility and severity in one number. Where it ends.
pub(super) fn priority(row: &mut Row<'_>) -> Option<usize> {
    let [b'<', rest @ ..] = row.line else { return None };
    let digits = rest.iter().take(4).position(|&byte| byte == b'>')?;
    let number = rest[..digits].iter().try_fold(0_u32, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'))
    })?;
    if digits == 0 || number > 191 {
        return None;
    }
    row.known(Column::Facility, Known::facility(number / 8));
    row.known(
        Column::Level,
        match number % 8 {
            0 => Known::FATAL,
            1..=3 => Known::ERROR,
            4 => Known::WARN,
            5 | 6 => Known::INFO,
            _ => Known::DEBUG,
        },
    );
    Some(digits + 2)
}

/// RFC 5424, section 6, after the version: `TIME HOST APP PROCID MSGID DATA MESSAGE`.
fn newer(row: &mut Row<'_>, at: usize) -> Option<()> {
    let mut start = at;
    let mut spaces = Each::of(row.line, at, b' ');
    for column in [Column::Time, Column::Host, Column::Service, Column::Process, Column::MessageId] {
        let end = spaces.next()?;
        row.number(column, start, end);
        start = end + 1;
    }
    let end = match row.line.get(start)? {
        b'-' => start + 1,
        b'[' => structured_data(row, start)?,
        _ => return None,
    };
    match row.line.get(end..)? {
        [] => {}
        [b' ', message @ ..] => {
            let mark = if message.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
            row.message(end + 1 + mark);
            row.pairs_within(end + 1 + mark, row.line.len());
        }
        _ => return None,
    }
    Some(())
}

/// `[id name="value" ...]`, once or more often, section 6.3; where it ends. Values are found by their names, unless the
/// header has told them: names in here are of the element that they stand in.
fn structured_data(row: &mut Row<'_>, mut at: usize) -> Option<usize> {
    while row.line.get(at) == Some(&b'[') {
        at = find_either(row.line, at, row.line.len(), b' ', b']')?;
        while row.line.get(at) == Some(&b' ') {
            let name = at + 1;
            let equals = find(row.line, name, row.line.len(), b'=')?;
            if row.line.get(equals + 1) != Some(&b'"') {
                return None;
            }
            let (end, escaped) = super::access::quoted_end(row.line, equals + 2)?;
            row.named(name..equals, equals + 2..end, escaped);
            at = end + 1;
        }
        if row.line.get(at) != Some(&b']') {
            return None;
        }
        at += 1;
    }
    Some(at)
}

/// `TIME HOST TAG[PID]: MESSAGE`, RFC 3164, section 4.1; the tag or the host may be missing where the time tells the format:
/// programs that write to the daemon of their own machine leave out the host. Cisco's ASA has `TIME: MESSAGE` after a priority
/// and `TIME HOST : MESSAGE`.
fn older(row: &mut Row<'_>, at: usize, has_priority: bool) -> Option<()> {
    let line = row.line;
    let (time_end, tells) = match bsd_time(&line[at..]) {
        Some(BsdTime { length, has_year }) => {
            let mut end = at + length;
            if line.get(end) == Some(&b'.') {
                end += fraction_length(&line[end..]);
            }
            (if has_year { end } else { end + year_length(&line[end..]) }, true)
        }
        // A time of RFC 3339 begins with a digit; most lines that are of another format do not.
        None if !line.get(at)?.is_ascii_digit() => return None,
        None => match if at == 0 { row.stamp() } else { stamp(&line[at..]) }? {
            Stamp { length, is_iso: true } if has_priority || is_rfc3339(&line[at..at + length]) => {
                (at + length, has_priority)
            }
            _ => return None,
        },
    };
    let has_colon = has_priority && line[time_end..].starts_with(b": ");
    if !has_colon && line.get(time_end) != Some(&b' ') {
        return None;
    }
    let host = time_end + 1 + usize::from(has_colon);
    let without_host = if tells { tag_end(line, host) } else { None };
    let (host_end, tag) = if has_colon || without_host.is_some() {
        (host, without_host)
    } else {
        let host_end = find(line, host, line.len(), b' ')?;
        let host_text = &line[host..host_end];
        let is_host = host_text.iter().all(|&byte| is_in_name(byte) || byte == b':')
            && !host_text.ends_with(b":")
            && !is_bracketed_level(host_text);
        (host_end, is_host.then(|| tag_end(line, host_end + 1))?)
    };
    // Any text may have a colon after its second word.
    let is_sure = |tag: &Tag| tells || tag.process.is_some() || is_of_daemon(&line[at..time_end]);
    if !tag.as_ref().map_or(tells, is_sure) {
        return None;
    }
    let message = match tag {
        Some(tag) => {
            row.text(Column::Service, tag.start, tag.name_end);
            if let Some((start, end)) = tag.process {
                row.number(Column::Process, start, end);
            }
            tag.end
        }
        None if has_colon => host,
        None if line[host_end..].starts_with(b" : ") => host_end + 3,
        None => host_end + 1,
    };
    row.text(Column::Time, at, time_end);
    row.text(Column::Host, host, host_end);
    row.message(message);
    row.pairs_within(message, line.len());
    Some(())
}

/// Whether a time that is one more or less is as RFC 3339 has it, and has a zone: so rsyslog writes them, and few others do.
fn is_rfc3339(time: &[u8]) -> bool {
    let (date, rest) = time.split_at(19);
    let digits = rest.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
    let zone = if rest.first() == Some(&b'.') { &rest[1 + digits..] } else { rest };
    date[4] == b'-' && date[10] == b'T' && matches!(zone, [b'Z'] | [b'+' | b'-', ..])
}

/// Whether a time of RFC 3339 is one that rsyslog and journald write: to the microsecond, or with an offset even where it is
/// none.
fn is_of_daemon(time: &[u8]) -> bool {
    !time.ends_with(b"Z") || time.len() == b"0000-00-00T00:00:00.000000Z".len()
}

/// The length of a year that comes after the time of a day.
fn year_length(text: &[u8]) -> usize {
    if has_form(text, b" 0000 ") { 5 } else { 0 }
}

/// A time as RFC 3164 has it, without what may follow its seconds.
struct BsdTime {
    length: usize,
    has_year: bool,
}

/// `Jan 15 10:00:00`, with a day of one digit after one space or two, and maybe a year after the day.
fn bsd_time(text: &[u8]) -> Option<BsdTime> {
    let rest = match text {
        [a, b, c, b' ', b' ', d, rest @ ..] | [a, b, c, b' ', d, rest @ ..]
            if rest.first() == Some(&b' ') =>
        {
            (is_month([*a, *b, *c]) && d.is_ascii_digit()).then_some(rest)?
        }
        [a, b, c, b' ', d1, d2, rest @ ..] => {
            (is_month([*a, *b, *c]) && d1.is_ascii_digit() && d2.is_ascii_digit()).then_some(rest)?
        }
        _ => return None,
    };
    let is_time = |time: &[u8; 9]| {
        time[0] == b' '
            && [time[3], time[6]] == *b"::"
            && [1, 2, 4, 5, 7, 8].iter().all(|&place| time[place].is_ascii_digit())
    };
    let length = text.len() - rest.len();
    if is_time(rest.first_chunk()?) {
        return Some(BsdTime { length: length + 9, has_year: false });
    }
    let ([b' ', year @ ..], after) = rest.split_first_chunk::<5>()? else { return None };
    let has_year = year.iter().all(u8::is_ascii_digit) && is_time(after.first_chunk()?);
    has_year.then_some(BsdTime { length: length + 14, has_year })
}

fn is_month(name: [u8; 3]) -> bool {
    const MONTHS: [&[u8; 3]; 12] =
        [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    MONTHS.contains(&&name)
}

struct Tag {
    start: usize,
    name_end: usize,
    process: Option<(usize, usize)>,
    /// Where the message begins.
    end: usize,
}

/// Reads `name: ` or `name[pid]: `. The name of a level is none of a program: loggers write it so.
fn tag_end(line: &[u8], start: usize) -> Option<Tag> {
    let is_in_tag = |byte: u8| is_in_name(byte) || matches!(byte, b'/' | b'(' | b')' | b'@');
    let name_end = start + line.get(start..)?.iter().position(|&byte| !is_in_tag(byte))?;
    if name_end == start || is_level(&line[start..name_end]) {
        return None;
    }
    let (process, colon) = match line[name_end] {
        b'[' => {
            let end = find(line, name_end, line.len(), b']')?;
            (Some((name_end + 1, end)), end + 1)
        }
        _ => (None, name_end),
    };
    match line.get(colon..)? {
        [b':'] => Some(Tag { start, name_end, process, end: colon + 1 }),
        [b':', b' ', ..] => Some(Tag { start, name_end, process, end: colon + 2 }),
        _ => None,
    }
}
