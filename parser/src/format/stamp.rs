//! The times that lines begin with, by their form alone: what they say is told when they are asked for.

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
            Some(Stamp { length: length + zone_length(&text[length..]), is_iso: true })
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
            if has_form(text, b"0000-00-00 00:00:00") || has_form(text, b"0000/00/00 00:00:00") {
                let length = ISO + fraction_length(&text[ISO..]);
                return Some(Stamp { length: length + zone_length(&text[length..]), is_iso: true });
            }
            with_digits(text)?
        }
        _ => with_names(text)?,
    };
    matches!(text.get(length), None | Some(b' ' | b']' | b'|' | b'\t'))
        .then_some(Stamp { length, is_iso: false })
}

/// The length of one that begins with a digit: as logback, HDFS, `MySQL`, Tomcat, Android, Proxifier, Hadoop's log4j,
/// `ClickHouse` and Django write them, and others in the order of days, months and years that is usual where they are.
fn with_digits(text: &[u8]) -> Option<usize> {
    const FORMS: [&[u8]; 13] = [
        b"00:00:00",
        b"00 Aaa 0000 00:00:00",
        b"00-Aaa-0000 00:00:00",
        b"00-00 00:00:00",
        b"00.00 00:00:00",
        b"00/00/00 00:00:00",
        b"000000 00:00:00",
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
    if has_form(text, b"Aaa Aaa 00 00:00:00 0000") || has_form(text, b"Aaa Aaa  0 00:00:00 0000") {
        return Some(24);
    }
    let forms: [&[u8]; 2] = [b"Aaa 00, 0000 00:00:00 ", b"Aaa 00, 0000 0:00:00 "];
    let half = forms.into_iter().find(|form| has_form(text, form))?.len();
    matches!(text.get(half..half + 2), Some(b"AM" | b"PM")).then_some(half + 2)
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
fn fraction_length(text: &[u8]) -> usize {
    match text {
        [b'.' | b',', rest @ ..] => match rest.iter().take_while(|byte| byte.is_ascii_digit()).count() {
            0 => 0,
            digits => digits + 1,
        },
        _ => 0,
    }
}

/// The length of a zone: at once or after a space, and ended by anything but what could be more of it.
fn zone_length(text: &[u8]) -> usize {
    let space = usize::from(text.first() == Some(&b' '));
    let zone = &text[space..];
    let is_inside = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b':');
    let length = zone.iter().take(9).take_while(|&&byte| is_inside(byte)).count();
    let length = if zone[..length].ends_with(b":") { length - 1 } else { length };
    if length > 0 && time::is_zone(&zone[..length]) { space + length } else { 0 }
}
