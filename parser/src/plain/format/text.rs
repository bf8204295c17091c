//! Lines of text, plainly.

use super::{Line, heads, is_in_name, two_lines};
use crate::format::Column;
use crate::level::Level;
use crate::time;

/// The length of the time that a text begins with, and whether it is a date and a time.
pub(super) fn stamp(text: &str) -> Option<(usize, bool)> {
    let dates = ["0000-00-00 00:00:00", "0000/00/00 00:00:00", "0000-00-00  0:00:00"];
    if dates.into_iter().any(|form| has_form(text, form)) {
        return Some((after_zone(text, after_fraction(text, 19)), true));
    }
    let forms = [
        "00 Aaa 0000 00:00:00",
        "00-Aaa-0000 00:00:00",
        "00-00 00:00:00",
        "00.00 00:00:00",
        "00/00/00 00:00:00",
        "000000 00:00:00",
        "000000  0:00:00",
        "00000000 00:00:00",
        "00.00.0000 00:00:00",
        "0000.00.00 00:00:00",
        "00/00/0000 00:00:00",
        "00-00-0000 00:00:00",
        "00/Aaa/0000 00:00:00",
        "00:00:00",
    ];
    let length = if let Some(length) = american(text) {
        length
    } else if let Some(form) = forms.into_iter().find(|form| has_form(text, form)) {
        if form.starts_with("00.00 ") && (&text[..2] > "12" || &text[3..5] > "31") {
            return None;
        }
        after_fraction(text, form.len())
    } else if has_form(text, "000000 000000") {
        13
    } else if has_form(text, "Aaa Aaa 00 00:00:00 ") || has_form(text, "Aaa Aaa  0 00:00:00 ") {
        year_last(text, 19)?
    } else if has_form(text, "Aaa 00, 0000 00:00:00 AM") || has_form(text, "Aaa 00, 0000 00:00:00 PM") {
        half_day(text, 24)?
    } else if has_form(text, "Aaa 00, 0000 0:00:00 AM") || has_form(text, "Aaa 00, 0000 0:00:00 PM") {
        half_day(text, 23)?
    } else {
        return None;
    };
    let is_end = |length: &usize| text.len() == *length || text[*length..].starts_with([' ', ']', '|', '\t']);
    Some((Some(after_zone(text, length)).filter(is_end).or(Some(length).filter(is_end))?, false))
}

/// The length of asctime's form, after the time of its day: half a day and a zone may come before the year.
fn year_last(text: &str, of_day: usize) -> Option<usize> {
    let rest = &text[of_day..];
    let rest =
        rest.strip_prefix(" AM").or_else(|| rest.strip_prefix(" PM")).filter(|rest| rest.starts_with(' '));
    let rest = rest.unwrap_or(&text[of_day..]);
    if has_form(rest, " 0000") {
        return Some(text.len() - rest.len() + 5);
    }
    let zone = zone_word(&rest[1..]);
    let is_named = (2..=5).contains(&zone.len()) && zone.bytes().all(|b| b.is_ascii_uppercase());
    let is_zone = is_named || !zone.is_empty() && time::is_zone(zone.as_bytes());
    let year = &rest[1 + zone.len()..];
    (is_zone && has_form(year, " 0000")).then_some(text.len() - year.len() + 5)
}

/// That length, if what it ends with is half a day.
fn half_day(text: &str, length: usize) -> Option<usize> {
    ["AM", "PM"].iter().any(|half| text[..length].ends_with(half)).then_some(length)
}

/// The length of `1/15/2025 1:00:00 PM`.
fn american(text: &str) -> Option<usize> {
    let [date, time, rest] = text.splitn(3, ' ').collect::<Vec<_>>().try_into().ok()?;
    let lengths = |text: &str, mark: char| {
        let is_number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        text.split(mark).map(|part| if is_number(part) { part.len() } else { 0 }).collect::<Vec<_>>()
    };
    let is_date = matches!(lengths(date, '/')[..], [1 | 2, 1 | 2, 4]);
    let is_time = matches!(lengths(time, ':')[..], [1 | 2, 2, 2]);
    let has_half = rest.starts_with("AM") || rest.starts_with("PM");
    (is_date && is_time && has_half).then_some(date.len() + time.len() + 4)
}

pub(super) fn has_form(text: &str, form: &str) -> bool {
    text.len() >= form.len()
        && form.chars().zip(text.chars()).all(|(form, c)| match form {
            '0' => c.is_ascii_digit(),
            'A' | 'a' => c.is_ascii_alphabetic(),
            ' ' => c == ' ' || c == 'T',
            _ => c == form,
        })
}

fn after_fraction(text: &str, at: usize) -> usize {
    let Some(digits) = text[at..].strip_prefix(['.', ',']) else { return at };
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() == digits.len() { at } else { text.len() - rest.len() }
}

/// Where a time ends that goes on, from `at` on, with half a day, a zone, and its name.
fn after_zone(text: &str, at: usize) -> usize {
    let space = |rest: &str| usize::from(rest.starts_with(' '));
    let half = at + space(&text[at..]);
    let at = if ["AM", "PM"].contains(&zone_word(&text[half..])) { half + 2 } else { at };
    let start = at + space(&text[at..]);
    let zone = zone_word(&text[start..]);
    let end = start + zone.len();
    if is_unknown_zone(zone, &text[end..]) {
        return end;
    }
    let is_known = time::is_zone(zone.as_bytes());
    if let Some((area, place)) = text[start..].split_once('/')
        && !is_known
        && AREAS.split(' ').any(|known| known == area)
    {
        let rest = place.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "/_+-".contains(c));
        return text.len() - rest.len();
    }
    if zone.is_empty() || !is_known {
        return at;
    }
    let is_offset = zone.starts_with(['+', '-']);
    if !is_offset && zone.len() > 1 {
        return end;
    }
    let rest = &text[end..];
    match rest.strip_prefix(' ').filter(|_| is_offset) {
        Some(rest) => {
            let name = zone_word(rest);
            let is_known = name.len() > 1 && time::is_zone(name.as_bytes());
            if is_known || is_unknown_zone(name, &rest[name.len()..]) { end + 1 + name.len() } else { end }
        }
        None => end + bracketed_length(rest),
    }
}

fn zone_word(text: &str) -> &str {
    let is_inside = |c: char| c.is_ascii_alphanumeric() || "+-:".contains(c);
    let word = &text[..text.chars().take(9).take_while(|&c| is_inside(c)).count()];
    word.strip_suffix(':').unwrap_or(word)
}

const AREAS: &str = "Africa America Antarctica Arctic Asia Atlantic Australia Etc Europe Indian Pacific";

fn is_unknown_zone(word: &str, after: &str) -> bool {
    let elsewhere = "ACDT ACST ADT AKDT AKST AST BRST BRT CHST CLST CLT COT GST ICT IDT IRDT IRKT IRST IST KRAT MYT NDT NPT NST \
                     NZDT NZST OMST PHT PKT TRT VLAT YAKT YEKT";
    if elsewhere.split(' ').any(|zone| zone == word) {
        return true;
    }
    let is_time = (3..=5).contains(&word.len()) && word.ends_with('T');
    let is_capital = word.bytes().all(|b| b.is_ascii_uppercase());
    if !is_capital || !(is_time || ["WIB", "WITA"].contains(&word)) {
        return false;
    }
    let next = after.trim_ascii_start();
    let is_before_level = if let Some(inside) = next.strip_prefix('[') {
        inside
            .split_once(']')
            .is_some_and(|(name, _)| !name.contains('[') && is_bracketed_level(name.trim_ascii()))
    } else {
        let rest = next.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let name = &next[..next.len() - rest.len()];
        is_level(name)
            && (name.to_ascii_uppercase() == name || name.to_ascii_lowercase() == name)
            && (rest.is_empty() || rest.starts_with([' ', '\t', ':', ']']))
    };
    !is_level(word) && !time::is_zone(word.as_bytes()) && (after.starts_with(']') || is_before_level)
}

/// The length of `[Europe/Berlin]` and more of the kind, `[u-ca=iso8601]`.
fn bracketed_length(text: &str) -> usize {
    let mut rest = text;
    while let Some((name, after)) = rest.strip_prefix('[').and_then(|inside| inside.split_once(']')) {
        let is_zone = match name.split_once('/') {
            Some((area, _)) => AREAS.split(' ').any(|known| known == area),
            None => !name.is_empty() && time::is_zone(name.as_bytes()),
        };
        let is_first = rest.len() == text.len();
        if name.contains([' ', '[']) || !(if is_first { is_zone } else { name.contains('=') }) {
            break;
        }
        rest = after;
    }
    text.len() - rest.len()
}

pub(super) fn is_level(word: &str) -> bool {
    Level::from_name(word).is_some() || word == "SEVERE"
}

pub(super) fn is_bracketed_level(word: &str) -> bool {
    is_level(word) || is_short_level(word)
}

fn is_short_level(word: &str) -> bool {
    ["VRB", "TRC", "DBG", "INF", "WRN", "FTL", "PNC"].contains(&word)
}

fn is_dotnet_level(word: &str) -> bool {
    ["fail", "dbug", "trce"].contains(&word)
}

pub(super) fn put_level(row: &mut Line, word: &str) {
    match word {
        "SEVERE" | "fail" => row.known(Column::Level, "error"),
        "VRB" | "TRC" | "trce" => row.known(Column::Level, "trace"),
        "DBG" | "dbug" => row.known(Column::Level, "debug"),
        "INF" => row.known(Column::Level, "info"),
        "WRN" => row.known(Column::Level, "warn"),
        "FTL" | "PNC" => row.known(Column::Level, "fatal"),
        word => row.text(Column::Level, word),
    }
}

pub(super) fn read(line: &str) -> Option<Line> {
    let mut row = Line::continued();
    let mut seen = Seen::default();
    let (rest, message) = if let Some(head) = heads::read(line) {
        row = head.row;
        seen.level = head.has_level;
        (head.message, head.message)
    } else {
        let rest = beginning(line, &mut row, &mut seen)?;
        (rest, header(rest, &mut row, &mut seen))
    };
    if !seen.level {
        level_by_search(line, line.len() - rest.len(), &mut row);
    }
    row.message = Some(line.len() - message.len());
    row.pairs_within(message);
    row.class = two_lines::class(line).map(str::to_owned);
    Some(row)
}

pub(super) fn read_bare(line: &str) -> Line {
    let mut row = Line::continued();
    level_by_search(line, 0, &mut row);
    row.message = Some(0);
    row.pairs_within(line);
    row
}

fn level_by_search(line: &str, mut at: usize, row: &mut Line) {
    while at < line.len().min(120) {
        let word: String = line[at..].chars().take_while(char::is_ascii_alphanumeric).collect();
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        let is_path = before.ends_with('/') && !after.starts_with(']');
        let is_apart = !before.ends_with('_') && !after.starts_with('_') && !is_path;
        let is_level = is_level(&word) && is_apart
            || is_short_level(&word) && before.ends_with('[') && after.starts_with(']');
        if !word.is_empty() && word.bytes().all(|b| b.is_ascii_uppercase()) && is_level {
            return put_level(row, &word);
        }
        at += word.len();
        at += line[at..].chars().next().map_or(1, char::len_utf8);
    }
}

/// Which parts were seen.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each part is seen or not, whatever the others are")]
struct Seen {
    time: bool,
    level: bool,
    thread: bool,
    logger: bool,
    process: bool,
    correlation: bool,
}

fn take_time<'a>(text: &'a str, row: &mut Line) -> Option<&'a str> {
    let inside = text.strip_prefix('[').unwrap_or(text);
    let (length, _) = stamp(inside)?;
    let (time, rest) = inside.split_at(length);
    let rest = if inside.len() < text.len() { rest.strip_prefix(']')? } else { rest };
    row.number(Column::Time, time);
    Some(rest)
}

fn beginning<'a>(line: &'a str, row: &mut Line, seen: &mut Seen) -> Option<&'a str> {
    seen.time = true;
    if let Some(rest) = take_time(line, row) {
        return Some(rest);
    }
    let inside = line.strip_prefix('[').unwrap_or(line);
    let rest = inside.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let word = &inside[..inside.len() - rest.len()];
    if is_level(word) {
        put_level(row, word);
        seen.level = true;
        if let Some(rest) = rest.strip_prefix(':').filter(|_| !line.starts_with('[')) {
            seen.time = false;
            let after = rest.trim_start_matches(is_in_name);
            let name = &rest[..rest.len() - after.len()];
            return match after.strip_prefix(':') {
                Some(after) if !name.is_empty() => {
                    row.number(Column::Logger, name);
                    seen.logger = true;
                    Some(after)
                }
                _ => Some(rest),
            };
        }
        let rest = if line.starts_with('[') { rest.strip_prefix(']')? } else { rest };
        if !rest.is_empty() && !rest.starts_with([' ', ':', '\t']) {
            return None;
        }
        let timed = take_time(rest.trim_start_matches([' ', '\t']), row);
        seen.time = timed.is_some();
        return Some(timed.unwrap_or(rest));
    }
    let (file, rest) = line.split_once(' ')?;
    let is_file = file.contains('.') && file.chars().all(|c| is_in_name(c) || "/:".contains(c));
    if !is_file || !stamp(rest)?.1 {
        return None;
    }
    row.number(Column::Source, file);
    take_time(rest, row)
}

fn header<'a>(mut rest: &'a str, row: &mut Line, seen: &mut Seen) -> &'a str {
    if let Some(after) = level_after_comma(rest, row, seen) {
        rest = after;
    }
    for _ in 0..12 {
        rest = rest.trim_start_matches([' ', '\t']);
        if !seen.time
            && let Some(after) = take_time(rest, row)
        {
            seen.time = true;
            rest = after;
            continue;
        }
        rest = match part(rest, row, seen) {
            Some((after, false)) => after,
            Some((after, true)) => return after,
            None => return rest,
        };
    }
    rest
}

fn level_after_comma<'a>(rest: &'a str, row: &mut Line, seen: &mut Seen) -> Option<&'a str> {
    let (word, _) = rest.strip_prefix(", ")?.split_once(' ')?;
    let level = word.strip_suffix(',').unwrap_or(word);
    if seen.level || !is_level(level) {
        return None;
    }
    put_level(row, level);
    seen.level = true;
    Some(&rest[2 + word.len()..])
}

/// Takes a part of the header: what comes after it, and whether that is the message.
fn part<'a>(rest: &'a str, row: &mut Line, seen: &mut Seen) -> Option<(&'a str, bool)> {
    if let Some(said) = rest.strip_prefix("- ")
        && seen.level
        && seen.thread
    {
        return Some((said.trim_start_matches([' ', '\t']), true));
    }
    if let Some(said) = rest.strip_prefix("-- ")
        && seen.level
    {
        return Some((said, true));
    }
    if rest.starts_with("- ") || rest.starts_with("| ") {
        return Some((&rest[1..], false));
    }
    if let Some(rest) = rest.strip_prefix("--- ") {
        return Some(after_dashes(rest, row, seen));
    }
    if let Some(message) = rest.strip_prefix(": ") {
        return Some((message, true));
    }
    if rest.starts_with('[') {
        return bracketed(rest, row, seen).map(|after| (after, false));
    }
    if rest.starts_with('(') && seen.level && !seen.thread {
        let (thread, after) = rest[1..].split_once(')')?;
        if !after.starts_with(' ') {
            return None;
        }
        row.number(Column::Thread, thread);
        seen.thread = true;
        return Some((after, false));
    }
    word(rest, row, seen)
}

fn after_dashes<'a>(mut rest: &'a str, row: &mut Line, seen: &mut Seen) -> (&'a str, bool) {
    let mut names = Vec::new();
    while let Some((name, after)) =
        rest.trim_start_matches([' ', '\t']).strip_prefix('[').and_then(|inside| inside.split_once(']'))
    {
        let name = name.trim_ascii();
        let is_hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
        let are_ids = name.split_once('-').is_some_and(|(trace, span)| {
            [trace.len(), span.len()] == [32, 16] && is_hex(trace) && is_hex(span)
        });
        if !names.is_empty() && (name.is_empty() || are_ids) {
            row.number(Column::Correlation, name);
            seen.correlation |= is_some(name);
            rest = after;
            break;
        }
        if names.len() == 2 {
            break;
        }
        names.push(name);
        rest = after;
    }
    let thread = match names[..] {
        [] => return (rest, false),
        [thread] => thread,
        [service, thread, ..] => {
            row.number(Column::Service, service);
            thread
        }
    };
    row.number(Column::Thread, thread);
    seen.thread |= is_some(thread);
    let trimmed = rest.trim_start_matches([' ', '\t']);
    let (logger, after) = trimmed.split_at(trimmed.find([' ', '\t']).unwrap_or(trimmed.len()));
    match after.trim_start_matches([' ', '\t']).strip_prefix(':') {
        Some(message) if !logger.is_empty() && (message.is_empty() || message.starts_with(' ')) => {
            row.number(Column::Logger, logger);
            seen.logger |= is_some(logger);
            (message.strip_prefix(' ').unwrap_or(message), true)
        }
        _ => (rest, false),
    }
}

/// Whether a text does not stand for nothing.
fn is_some(text: &str) -> bool {
    !text.is_empty() && text != "-"
}

fn bracketed<'a>(rest: &'a str, row: &mut Line, seen: &mut Seen) -> Option<&'a str> {
    let mut depth = 0;
    let end = rest.find(|c| {
        depth += i32::from(c == '[') - i32::from(c == ']');
        depth == 0
    })?;
    let inside = &rest[1..end];
    let name = inside.trim_ascii();
    let is_name = name.contains('.') && is_logger(name);
    if !seen.level && is_bracketed_level(name) {
        put_level(row, name);
        seen.level = true;
    } else if seen.level
        && !seen.logger
        && is_name
        && rest[end + 1..].trim_ascii_start().starts_with(['(', '['])
    {
        row.number(Column::Logger, name);
        seen.logger = true;
    } else if !seen.correlation && inside.starts_with("req-") {
        row.number(Column::Correlation, inside.split(' ').next().unwrap_or_default());
        seen.correlation = true;
    } else if inside != "-" {
        if seen.thread || seen.logger {
            return None;
        }
        row.number(Column::Thread, name);
        seen.thread = true;
    }
    Some(&rest[end + 1..])
}

fn is_logger(word: &str) -> bool {
    word.replace("::", ".").chars().all(|c| is_in_name(c) || "$/".contains(c))
}

fn begins_with_level(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_uppercase());
    is_level(&text[..text.len() - rest.len()]) && (rest.is_empty() || rest.starts_with([' ', ':', '\t']))
}

fn word<'a>(rest: &'a str, row: &mut Line, seen: &mut Seen) -> Option<(&'a str, bool)> {
    let (whole, after) = rest.split_at(rest.find([' ', '\t']).unwrap_or(rest.len()));
    let word = whole.strip_suffix(':').unwrap_or(whole);
    let has_colon = word.len() < whole.len();
    let next = after.trim_ascii_start();
    let message = after.strip_prefix(' ').unwrap_or(after);
    let result = if has_colon { (message, true) } else { (after, false) };
    let is_one_case =
        word.bytes().all(|b| b.is_ascii_uppercase()) || word.bytes().all(|b| b.is_ascii_lowercase());
    if word.is_empty() {
        return None;
    }
    let is_name = is_level(word) && (is_one_case || has_colon)
        || is_short_level(word)
        || has_colon && is_dotnet_level(word);
    if !seen.level && is_name {
        put_level(row, word);
        seen.level = true;
        return Some(result);
    }
    let is_digits = word.bytes().all(|b| b.is_ascii_digit());
    if !seen.process && is_digits && !has_colon && (!seen.level || next.starts_with("--- ")) {
        row.number(Column::Process, word);
        seen.process = true;
        return Some((after, false));
    }
    let is_marked = ["- ", "-- ", ": ", "| "].iter().any(|mark| next.starts_with(mark))
        || (!seen.level && word.contains('.') && begins_with_level(next))
        || (seen.level && word.contains('.') && next.starts_with('['));
    if seen.logger || !is_logger(word) || !(has_colon || is_marked) {
        return None;
    }
    row.number(Column::Logger, word);
    seen.logger = true;
    Some(result)
}
