//! The times that lines begin with, by their form alone: what they say is told when they are asked for.

use memchr::memchr;

use super::text::{is_bracketed_level, is_level, is_level_alone};
use crate::json::{Everywhere, Lanes, WIDTH};
use crate::time;

/// A time at the start of a text.
#[derive(Clone, Copy)]
pub(super) struct Stamp {
    pub(super) length: usize,
    /// Whether it is a date and a time as RFC 3339 has them, more or less.
    pub(super) is_iso: bool,
}

/// The time that a text begins with, by its form alone.
#[inline]
pub(super) fn stamp(text: &[u8]) -> Option<Stamp> {
    match text.first_chunk() {
        Some(window) if is_iso(window) => {
            let length = ISO + fraction_length(&text[ISO..]);
            Some(Stamp { length: length + rest_length(&text[length..]), is_iso: true })
        }
        _ => other_stamp(text),
    }
}

/// The length of `0000-00-00 00:00:00`.
const ISO: usize = 19;
/// A bit for each of its digits.
const ISO_DIGITS: u32 = !(1 << 4 | 1 << 7 | 1 << 10 | 1 << 13 | 1 << 16) & ((1 << ISO) - 1);

/// Whether a text begins with a date and a time, of which most are of this form.
#[inline]
fn is_iso(window: &[u8; WIDTH]) -> bool {
    Everywhere.digits(window) & ((1 << ISO) - 1) == ISO_DIGITS
        && matches!([window[4], window[7]], [b'-', b'-'] | [b'/', b'/'])
        && matches!(window[10], b' ' | b'T')
        && [window[13], window[16]] == *b"::"
}

/// The same in another form, or in a text that is shorter than a window.
fn other_stamp(text: &[u8]) -> Option<Stamp> {
    let length = match text.first()? {
        b'0'..=b'9' => {
            // The last is MariaDB's, whose hours are padded with a blank.
            let forms: [&[u8]; 3] = [b"0000-00-00 00:00:00", b"0000/00/00 00:00:00", b"0000-00-00  0:00:00"];
            if forms.into_iter().any(|form| has_form(text, form)) {
                let length = ISO + fraction_length(&text[ISO..]);
                return Some(Stamp { length: length + rest_length(&text[length..]), is_iso: true });
            }
            with_digits(text)?
        }
        _ => with_names(text)?,
    };
    let is_end = |&end: &usize| matches!(text.get(end), None | Some(b' ' | b']' | b'|' | b'\t'));
    let length = [length + rest_length(&text[length..]), length].into_iter().find(is_end)?;
    Some(Stamp { length, is_iso: false })
}

/// The length of one that begins with a digit: as logback, HDFS, `MySQL`, Tomcat, Android, Proxifier, Hadoop's log4j,
/// `ClickHouse` and Django write them, and others in the order of days, months and years that is usual where they are.
fn with_digits(text: &[u8]) -> Option<usize> {
    const FORMS: [&[u8]; 14] = [
        b"00:00:00",
        b"00 Aaa 0000 00:00:00",
        b"00-Aaa-0000 00:00:00",
        b"00-00 00:00:00",
        b"00.00 00:00:00",
        b"00/00/00 00:00:00",
        b"000000 00:00:00",
        b"000000  0:00:00",
        b"00000000 00:00:00",
        b"00.00.0000 00:00:00",
        b"0000.00.00 00:00:00",
        b"00/00/0000 00:00:00",
        b"00-00-0000 00:00:00",
        b"00/Aaa/0000 00:00:00",
    ];
    if let [_, b'/', ..] | [_, _, b'/', ..] = text
        && let found @ Some(_) = with_half_day(text)
    {
        return found;
    }
    match FORMS.into_iter().find(|form| has_form(text, form)) {
        // Numbers with a point in them are many, and few are a day of a month.
        Some(form) if form.starts_with(b"00.00 ") && (&text[..2] > b"12" || &text[3..5] > b"31") => None,
        Some(form) => Some(form.len() + fraction_length(&text[form.len()..])),
        None => has_form(text, b"000000 000000").then_some(13),
    }
}

/// The length of `1/15/2025 1:00:00 PM`, with a nought before a single digit or without.
fn with_half_day(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    for (least, most, end) in
        [(1, 2, b'/'), (1, 2, b'/'), (4, 4, b' '), (1, 2, b':'), (2, 2, b':'), (2, 2, b' ')]
    {
        let digits = text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !(least..=most).contains(&digits) || text.get(at + digits) != Some(&end) {
            return None;
        }
        at += digits + 1;
    }
    matches!(text.get(at..at + 2), Some(b"AM" | b"PM")).then_some(at + 2)
}

/// The length of one that begins with the name of a day or a month: asctime's, and that of `java.util.logging`.
fn with_names(text: &[u8]) -> Option<usize> {
    if has_form(text, b"Aaa Aaa 00 00:00:00 ") || has_form(text, b"Aaa Aaa  0 00:00:00 ") {
        return with_year_last(text);
    }
    let forms: [&[u8]; 2] = [b"Aaa 00, 0000 00:00:00 ", b"Aaa 00, 0000 0:00:00 "];
    let half = forms.into_iter().find(|form| has_form(text, form))?.len();
    matches!(text.get(half..half + 2), Some(b"AM" | b"PM")).then_some(half + 2)
}

/// The length of `Wed Jan 15 10:00:00 2025`, or of the same with half a day, a zone or both before the year, as `date` and
/// Java's `Date` write it.
fn with_year_last(text: &[u8]) -> Option<usize> {
    const TIME: usize = 19;
    let mut at = TIME;
    if matches!(text.get(at..at + 4), Some(b" AM " | b" PM ")) {
        at += 3;
    }
    if !has_form(&text[at..], b" 0000") {
        let length = word_length(&text[at + 1..]);
        let zone = &text[at + 1..at + 1 + length];
        let is_named = matches!(length, 2..=5) && zone.iter().all(u8::is_ascii_uppercase);
        if length == 0 || !is_named && !time::is_zone(zone) {
            return None;
        }
        at += 1 + length;
    }
    has_form(&text[at..], b" 0000").then_some(at + 5)
}

/// Whether a text begins as a form has it: a digit for `0`, a letter for `A` and `a`, a space or `T` for a space.
pub(super) fn has_form(text: &[u8], form: &[u8]) -> bool {
    text.len() >= form.len()
        && form.iter().zip(text).all(|(form, byte)| match form {
            b'0' => byte.is_ascii_digit(),
            b'A' | b'a' => byte.is_ascii_alphabetic(),
            b' ' => matches!(byte, b' ' | b'T'),
            other => byte == other,
        })
}

/// The length of a fraction of a second.
pub(super) fn fraction_length(text: &[u8]) -> usize {
    match text {
        [b'.' | b',', rest @ ..] => match rest.iter().take_while(|byte| byte.is_ascii_digit()).count() {
            0 => 0,
            digits => digits + 1,
        },
        _ => 0,
    }
}

/// The length of what belongs to a time besides: half a day and a zone, or one of them, at once or after a space.
#[inline]
fn rest_length(text: &[u8]) -> usize {
    let half = half_length(text);
    half + zone_length(&text[half..])
}

/// The length of ` AM` or ` PM`.
#[inline]
fn half_length(text: &[u8]) -> usize {
    let space = usize::from(text.first() == Some(&b' '));
    match text.get(space..space + 2) {
        Some(half @ (b"AM" | b"PM")) if word_length(&text[space..]) == half.len() => space + half.len(),
        _ => 0,
    }
}

/// The length of a word that may be a zone, or of what is of it in the first bytes: it ends before anything but what could be
/// more of it.
#[inline]
fn word_length(text: &[u8]) -> usize {
    let is_inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b':');
    let length = text.iter().take(9).take_while(|&&byte| is_inside(byte)).count();
    if text[..length].ends_with(b":") { length - 1 } else { length }
}

/// The length of a zone. One of which nobody knows the offset is one all the same, by its name or before a level or the end of
/// brackets: without it the time can't be told, and must not be taken for UTC.
#[inline]
fn zone_length(text: &[u8]) -> usize {
    let space = usize::from(text.first() == Some(&b' '));
    let Some(first @ (b'A'..=b'Z' | b'z' | b'+' | b'-')) = text.get(space) else { return 0 };
    let end = space + word_length(&text[space..]);
    let zone = &text[space..end];
    if time::is_zone(zone) {
        let is_offset = matches!(first, b'+' | b'-');
        return end + if is_offset || zone.len() == 1 { name_length(&text[end..], is_offset) } else { 0 };
    }
    if is_unknown_zone(zone, &text[end..]) {
        return end;
    }
    // What ends with a slash, or is too long a word by its last letter, as `Antarctica`.
    if matches!(text.get(end), Some(b'/' | b'a')) {
        return place_length(&text[space..]).map_or(0, |length| space + length);
    }
    0
}

/// The length of a zone's name by its place, `Europe/Berlin`.
#[cold]
fn place_length(text: &[u8]) -> Option<usize> {
    let area = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let is_inside = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'+' | b'-');
    let is_area = text.get(area) == Some(&b'/') && AREAS.contains(&&text[..area]);
    is_area.then(|| text.iter().take_while(is_inside).count())
}

/// Zones by abbreviations that nobody takes for a word, of which [`crate::time`] knows no offset since some are of several.
const ELSEWHERE: [&[u8]; 33] = [
    b"ACDT", b"ACST", b"ADT", b"AKDT", b"AKST", b"AST", b"BRST", b"BRT", b"CHST", b"CLST", b"CLT", b"COT",
    b"GST", b"ICT", b"IDT", b"IRDT", b"IRKT", b"IRST", b"IST", b"KRAT", b"MYT", b"NDT", b"NPT", b"NST",
    b"NZDT", b"NZST", b"OMST", b"PHT", b"PKT", b"TRT", b"VLAT", b"YAKT", b"YEKT",
];

/// Whether a word before a text is a zone that is not known: nearly all are called some "time".
fn is_unknown_zone(word: &[u8], after: &[u8]) -> bool {
    // Most words here are levels, which the last letter tells from all of these.
    if word.ends_with(b"T") && ELSEWHERE.contains(&word) {
        return true;
    }
    matches!(word, [_, _, b'T'] | [_, _, _, b'T'] | [_, _, _, _, b'T'] | b"WIB" | b"WITA")
        && word.iter().all(u8::is_ascii_uppercase)
        && !is_level(word)
        && (after.starts_with(b"]") || begins_with_level(after))
}

/// Whether a level comes next after blanks, in brackets or in letters of one case.
fn begins_with_level(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    if let [b'[', inside @ ..] = text {
        let length = inside.iter().take_while(|byte| !matches!(byte, b'[' | b']')).count();
        return inside.get(length) == Some(&b']') && is_bracketed_level(inside[..length].trim_ascii());
    }
    let length = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    is_level_alone(&text[..length]) && matches!(text.get(length), None | Some(b' ' | b'\t' | b':' | b']'))
}

/// The length of a zone's name after an offset or `Z`: in brackets, as RFC 9557 has it, or its abbreviation after an offset,
/// as Go writes it.
#[inline]
fn name_length(text: &[u8], is_offset: bool) -> usize {
    match text {
        [b'[', ..] => bracketed_length(text),
        [b' ', b'A'..=b'Z' | b'+' | b'-', ..] if is_offset => {
            let end = 1 + word_length(&text[1..]);
            let name = &text[1..end];
            let is_name = name.len() > 1 && time::is_zone(name) || is_unknown_zone(name, &text[end..]);
            if is_name { end } else { 0 }
        }
        _ => 0,
    }
}

/// The length of a zone's name in brackets, and of what is told so after it. Other names are those of threads, say.
#[cold]
fn bracketed_length(text: &[u8]) -> usize {
    let mut end = 0;
    while let Some(inside) = text[end..].strip_prefix(b"[") {
        let Some(length) = inside.iter().position(|byte| matches!(byte, b'[' | b']' | b' ')) else { break };
        let name = &inside[..length];
        let is_name = if end == 0 { is_zone_name(name) } else { name.contains(&b'=') };
        if inside[length] != b']' || !is_name {
            break;
        }
        end += length + 2;
    }
    end
}

/// What the names of zones begin with.
const AREAS: [&[u8]; 11] = [
    b"Africa",
    b"America",
    b"Antarctica",
    b"Arctic",
    b"Asia",
    b"Atlantic",
    b"Australia",
    b"Etc",
    b"Europe",
    b"Indian",
    b"Pacific",
];

/// Whether a text names a zone: `Europe/Berlin`, `UTC`.
fn is_zone_name(text: &[u8]) -> bool {
    match memchr(b'/', text) {
        Some(slash) => AREAS.contains(&&text[..slash]),
        None => !text.is_empty() && time::is_zone(text),
    }
}
