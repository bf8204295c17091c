//! The forms that times are written in.

use super::calendar::{civil, days, is_weekday, month};
use super::{Clock, Time};

/// The length of `2025-01-15T10:00:00`.
pub(super) const FIXED: usize = 19;
/// By how much clocks may differ, in seconds.
const ASKEW: i64 = 86_400;
/// No number below it has a power of ten that can matter.
const LONGEST_NUMBER: usize = 64;

/// A time in any form.
pub(super) fn any(text: &[u8], clock: &Clock) -> Option<Time> {
    if let Some((date, rest)) = text.split_first_chunk()
        && let Some(seconds) = fixed(date)
    {
        return after_seconds(seconds, rest, clock);
    }
    match text {
        [_, b'/', ..] => with_slashes(text, clock),
        [_, _, b'/', ..] => {
            common_log(text, clock).or_else(|| short_year(text, clock)).or_else(|| with_slashes(text, clock))
        }
        [b'0'..=b'9', b'0'..=b'9', b'-', ..] => with_dashes(text, clock),
        [m1, m2, b'.', d1, d2, b' ' | b'T', rest @ ..] => {
            without_year(number(&[*m1, *m2])?, number(&[*d1, *d2])?, rest, clock)
        }
        [d1, d2, b'.', m1, m2, b'.', y1, y2, y3, y4, b' ' | b'T', rest @ ..]
        | [y1, y2, y3, y4, b'.', m1, m2, b'.', d1, d2, b' ' | b'T', rest @ ..] => {
            let year = number(&[*y1, *y2, *y3, *y4])?;
            at_time_of_day(days(i64::from(year), number(&[*m1, *m2])?, number(&[*d1, *d2])?)?, rest, clock)
        }
        [y1, y2, y3, y4, b'-' | b'/', m1, m2, b'-' | b'/', d1, d2, rest @ ..] => {
            let year = number(&[*y1, *y2, *y3, *y4])?;
            let date = days(i64::from(year), number(&[*m1, *m2])?, number(&[*d1, *d2])?)?;
            short_of_seconds(date, rest, clock)
        }
        [b'0'..=b'9' | b'-' | b'+', ..] => epoch(text)
            .or_else(|| compact(text, clock))
            .or_else(|| unpadded(text, clock))
            .or_else(|| words(text, clock)),
        _ => words(text, clock),
    }
}

/// Seconds since 1970 of a date and a time of day: `2025-01-15T10:00:00`, with `T`, `t` or a space between them, and
/// `-` or `/` between the parts of the date.
#[inline]
pub(super) fn fixed(text: &[u8; FIXED]) -> Option<i64> {
    let [y1, y2, y3, y4, s1, m1, m2, s2, d1, d2, between, time @ ..] = *text;
    if s1 != s2 || !matches!(s1, b'-' | b'/') || !matches!(between, b'T' | b't' | b' ') {
        return None;
    }
    let year = number(&[y1, y2, y3, y4])?;
    let date = days(i64::from(year), number(&[m1, m2])?, number(&[d1, d2])?)?;
    Some(date * 86_400 + i64::from(time_of_day(time)?))
}

/// A time of day to the second, `10:00:00`, or ` 4:00:00` as `MariaDB` pads it; in a leap second, the second before.
#[inline]
fn time_of_day(text: [u8; 8]) -> Option<u32> {
    let [h1, h2, b':', m1, m2, b':', s1, s2] = text else { return None };
    let h1 = if h1 == b' ' { b'0' } else { h1 };
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[m1, m2])?, number(&[s1, s2])?);
    (hour < 24 && minute < 60 && second <= 60).then_some(hour * 3600 + minute * 60 + second.min(59))
}

/// A number of a fixed count of digits.
#[inline]
fn number(digits: &[u8]) -> Option<u32> {
    let mut all = 0_u32;
    let mut other = false;
    for digit in digits {
        let value = digit.wrapping_sub(b'0');
        other |= value > 9;
        all = all * 10 + u32::from(value);
    }
    (!other).then_some(all)
}

/// What may follow the seconds: a fraction, half a day, and a zone.
#[inline]
pub(super) fn after_seconds(seconds: i64, rest: &[u8], clock: &Clock) -> Option<Time> {
    let (nanos, rest) = fraction(rest)?;
    Time::new(in_utc(seconds, rest, clock)?, nanos)
}

/// The same of seconds without a fraction, in UTC.
#[inline]
fn in_utc(seconds: i64, rest: &[u8], clock: &Clock) -> Option<i64> {
    match zone(rest, clock) {
        Some(zone) => Some(seconds - i64::from(zone)),
        None => after_half_day(seconds, rest, clock),
    }
}

/// The same where half a day comes first: ` AM` or ` PM`. An hour that no half has is one of a whole day, in the half that it
/// is in.
#[cold]
fn after_half_day(seconds: i64, rest: &[u8], clock: &Clock) -> Option<i64> {
    const HOUR: i64 = 3600;
    const HALF: i64 = 12 * HOUR;
    let (half, rest) = rest.strip_prefix(b" ").unwrap_or(rest).split_first_chunk()?;
    let shift = match (half, seconds.rem_euclid(2 * HALF) / HOUR) {
        (b"AM", 0..12) | (b"PM", 12..) => 0,
        (b"AM", 12) => -HALF,
        (b"PM", 1..12) => HALF,
        _ => return None,
    };
    let zone = if matches!(rest, [] | [b' ', ..]) { zone(rest, clock)? } else { return None };
    Some(seconds + shift - i64::from(zone))
}

/// Nanoseconds of a fraction, if there is one, and what follows it.
#[inline]
fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    const SCALE: [u32; 10] =
        [1_000_000_000, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1000, 100, 10, 1];
    let [b'.' | b',', digits @ ..] = text else { return Some((0, text)) };
    let count = digits.iter().take_while(|digit| digit.is_ascii_digit()).count();
    if count == 0 {
        return None;
    }
    let kept = count.min(9);
    Some((number(&digits[..kept])? * SCALE[kept], &digits[count..]))
}

/// Seconds to the east of Greenwich.
#[inline]
pub(super) fn zone(text: &[u8], clock: &Clock) -> Option<i32> {
    let offset = |sign: u8, hours: &[u8], minutes: &[u8]| {
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        let seconds = (hours * 3600 + minutes * 60) as i32;
        (hours < 24 && minutes < 60).then_some(if sign == b'-' { -seconds } else { seconds })
    };
    match *text {
        [] => Some(clock.zone),
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] | [sign @ (b'+' | b'-'), h1, h2, m1, m2] => {
            offset(sign, &[h1, h2], &[m1, m2])
        }
        [sign @ (b'+' | b'-'), h1, h2] => offset(sign, &[h1, h2], b"00"),
        [b' ', ref rest @ ..] if !rest.is_empty() && rest[0] != b' ' => zone(rest, clock),
        _ => {
            abbreviation(text).or_else(|| offset_and_more(text, clock)).or_else(|| of_greenwich(text, clock))
        }
    }
}

/// An offset after the name of the zone that it is of, `GMT+05:30`, as Java and JavaScript write it; the latter with a name in
/// brackets after it.
#[cold]
fn of_greenwich(text: &[u8], clock: &Clock) -> Option<i32> {
    let offset = text.strip_prefix(b"GMT").or_else(|| text.strip_prefix(b"UTC"))?;
    let offset = match memchr::memchr(b' ', offset) {
        Some(space) if offset[space..].starts_with(b" (") && offset.ends_with(b")") => &offset[..space],
        _ => offset,
    };
    if matches!(offset, [b'+' | b'-', ..]) { zone(offset, clock) } else { None }
}

/// An offset, and the zone by its name as well: in brackets, once or more often, as RFC 9557 has it, or as an abbreviation,
/// as Go writes it, which has digits where a zone has none, and maybe its monotonic clock after it.
fn offset_and_more(text: &[u8], clock: &Clock) -> Option<i32> {
    let [b'+' | b'-' | b'Z' | b'z', ..] = text else { return None };
    let text = memchr::memmem::find(text, b" m=").map_or(text, |clock| &text[..clock]);
    let (offset, more) = text.split_at(text.iter().position(|byte| matches!(byte, b' ' | b'['))?);
    let is_abbreviation = |name: &[u8]| match name {
        [b'+' | b'-', digits @ ..] => matches!(digits.len(), 2 | 4) && number(digits).is_some(),
        _ => matches!(name.len(), 2..=5) && name.iter().all(u8::is_ascii_uppercase),
    };
    let is_name = match more {
        [b' ', name @ ..] => offset.len() > 1 && is_abbreviation(name),
        names => are_bracketed(names),
    };
    if is_name { zone(offset, clock) } else { None }
}

/// Whether a text is names in brackets and nothing else.
fn are_bracketed(mut text: &[u8]) -> bool {
    while let [b'[', inside @ ..] = text {
        match inside.iter().position(|byte| matches!(byte, b'[' | b']')) {
            Some(end @ 1..) if inside[end] == b']' => text = &inside[end + 1..],
            _ => return false,
        }
    }
    text.is_empty()
}

/// Zones by their abbreviations: those of RFC 5322, section 4.3, and others that mean one zone only.
fn abbreviation(text: &[u8]) -> Option<i32> {
    let minutes = match text {
        b"UTC" | b"GMT" | b"UT" | b"WET" => 0,
        b"BST" | b"CET" | b"WEST" => 60,
        b"CEST" | b"EET" | b"SAST" => 120,
        b"EEST" | b"MSK" => 180,
        b"HKT" | b"SGT" | b"AWST" => 480,
        b"JST" | b"KST" => 540,
        b"AEST" => 600,
        b"AEDT" => 660,
        b"EDT" => -240,
        b"EST" | b"CDT" => -300,
        b"CST" | b"MDT" => -360,
        b"MST" | b"PDT" => -420,
        b"PST" => -480,
        _ => return None,
    };
    Some(minutes * 60)
}

/// A date alone, or with hours and minutes; with a zone or without.
fn short_of_seconds(date: i64, rest: &[u8], clock: &Clock) -> Option<Time> {
    let seconds = match *rest {
        [b'T' | b't' | b' ', h1, h2, b':', m1, m2, ref rest @ ..] => {
            let (hour, minute) = (number(&[h1, h2])?, number(&[m1, m2])?);
            let minutes = (hour < 24 && minute < 60).then_some(hour * 60 + minute)?;
            in_utc(date * 86_400 + i64::from(minutes) * 60, rest, clock)?
        }
        _ => date * 86_400 - i64::from(zone(rest, clock)?),
    };
    Time::new(seconds, 0)
}

/// `15/Jan/2025:10:00:00 +0000`, and the same with a space after the date, as Django has it.
pub(super) fn common_log(text: &[u8], clock: &Clock) -> Option<Time> {
    let (start, rest) = text.split_first_chunk::<20>()?;
    let [d1, d2, b'/', b1, b2, b3, b'/', y1, y2, y3, y4, b':' | b' ', time @ ..] = *start else {
        return None;
    };
    let year = number(&[y1, y2, y3, y4])?;
    let date = days(i64::from(year), month(&[b1, b2, b3])?, number(&[d1, d2])?)?;
    after_seconds(date * 86_400 + i64::from(time_of_day(time)?), rest, clock)
}

/// `25/01/15 10:00:00`, the year first, as log4j writes it for Hadoop and Spark.
fn short_year(text: &[u8], clock: &Clock) -> Option<Time> {
    let [y1, y2, b'/', m1, m2, b'/', d1, d2, b' ' | b'T', ref rest @ ..] = *text else { return None };
    let year = 2000 + number(&[y1, y2])?;
    at_time_of_day(days(i64::from(year), number(&[m1, m2])?, number(&[d1, d2])?)?, rest, clock)
}

/// `15-Jan-2025 10:00:00`, as Tomcat writes it, and Android's `01-15 10:00:00`, the month first.
fn with_dashes(text: &[u8], clock: &Clock) -> Option<Time> {
    match *text {
        [d1, d2, b'-', b1, b2, b3, b'-', y1, y2, y3, y4, b' ' | b'T', ref rest @ ..] => {
            let year = number(&[y1, y2, y3, y4])?;
            let date = days(i64::from(year), month(&[b1, b2, b3])?, number(&[d1, d2])?)?;
            at_time_of_day(date, rest, clock)
        }
        [m1, m2, b'-', d1, d2, b' ' | b'T', ref rest @ ..] => {
            without_year(number(&[m1, m2])?, number(&[d1, d2])?, rest, clock)
        }
        _ => None,
    }
}

/// A time of day after a month and a day.
fn without_year(month: u32, day: u32, rest: &[u8], clock: &Clock) -> Option<Time> {
    let (time, rest) = rest.split_first_chunk()?;
    let second = time_of_day(*time)?;
    let (nanos, rest) = fraction(rest)?;
    in_last_year(month, day, in_utc(second.into(), rest, clock)?, nanos, clock)
}

/// `250115 100000` or `20250115 100000`, with what may follow the seconds; with colons, as glog and `MySQL` write it, and then
/// without a year as well.
fn compact(text: &[u8], clock: &Clock) -> Option<Time> {
    let space = text.iter().take(9).position(|&byte| matches!(byte, b' ' | b'T'))?;
    let (date, rest) = (&text[..space], &text[space + 1..]);
    let (year, rest_of_date) = match date.len() {
        6 => (2000 + number(&date[..2])?, &date[2..]),
        8 => (number(&date[..4])?, &date[4..]),
        4 => return without_year(number(&date[..2])?, number(&date[2..])?, rest, clock),
        _ => return None,
    };
    if rest.get(2) == Some(&b':') {
        let date = days(i64::from(year), number(&rest_of_date[..2])?, number(&rest_of_date[2..])?)?;
        return at_time_of_day(date, rest, clock);
    }
    let (time, rest) = rest.split_first_chunk::<6>()?;
    let [h1, h2, m1, m2, s1, s2] = *time;
    let date = days(i64::from(year), number(&rest_of_date[..2])?, number(&rest_of_date[2..])?)?;
    let second = time_of_day([h1, h2, b':', m1, m2, b':', s1, s2])?;
    after_seconds(date * 86_400 + i64::from(second), rest, clock)
}

/// `20250115-1:02:03:45`, with no more digits than it needs, milliseconds last: as Huawei's Health writes it.
fn unpadded(text: &[u8], clock: &Clock) -> Option<Time> {
    let ([y1, y2, y3, y4, m1, m2, d1, d2, b'-'], rest) = text.split_first_chunk()? else { return None };
    let date = days(i64::from(number(&[*y1, *y2, *y3, *y4])?), number(&[*m1, *m2])?, number(&[*d1, *d2])?)?;
    let mut parts = rest.split(|&byte| byte == b':');
    let mut next = |digits: usize, end: u32| {
        let part = parts.next().filter(|part| (1..=digits).contains(&part.len()))?;
        number(part).filter(|&value| value < end)
    };
    let (hour, minute, second, millis) = (next(2, 24)?, next(2, 60)?, next(2, 60)?, next(3, 1000)?);
    if parts.next().is_some() {
        return None;
    }
    let seconds = date * 86_400 + i64::from(hour * 3600 + minute * 60 + second);
    Time::new(seconds - i64::from(clock.zone), millis * 1_000_000)
}

/// Forms that are made of words: RFC 3164, asctime, RFC 5322. Words stand apart by one space or by two.
fn words(text: &[u8], clock: &Clock) -> Option<Time> {
    let (mut word, mut rest) = next_word(text);
    if let Some(name) = word.get(..3)
        && is_weekday(name)
        && matches!(&word[3..], b"" | b",")
    {
        (word, rest) = next_word(rest);
    }
    if let Some(month) = month(word) {
        let (day, rest) = next_word(rest);
        return match day.strip_suffix(b",") {
            Some(day) => with_half_days(month, small_number(day)?, rest, clock),
            None => after_month(month, small_number(day)?, rest, clock),
        };
    }
    let day = small_number(word)?;
    let (name, rest) = next_word(rest);
    let (year, rest) = next_word(rest);
    let date = days(i64::from(four_digits(year)?), month(name)?, day)?;
    at_time_of_day(date, rest, clock)
}

/// The rest of `Jan 15 10:00:00`, `Jan 15 10:00:00 2025`, `Jan 15 10:00:00 CET 2025` or `Jan 15 2025 10:00:00`, after the day.
fn after_month(month: u32, day: u32, rest: &[u8], clock: &Clock) -> Option<Time> {
    let (word, after) = next_word(rest);
    if let Some(year) = four_digits(word) {
        return at_time_of_day(days(i64::from(year), month, day)?, after, clock);
    }
    let second = i64::from(time_of_day(*word.first_chunk()?)?);
    let (nanos, zone_at_once) = fraction(&word[8..])?;
    let (first, after_first) = next_word(after);
    let (before_last, last) = last_word(after);
    let (year, after_time) = match (four_digits(first), four_digits(last)) {
        (year @ Some(_), _) => (year, after_first),
        (None, year @ Some(_)) => (year, before_last),
        (None, None) => (None, after),
    };
    let after_time = if zone_at_once.is_empty() { after_time } else { zone_at_once };
    if let Some(year) = year {
        let seconds = days(i64::from(year), month, day)? * 86_400 + second;
        return Time::new(in_utc(seconds, after_time, clock)?, nanos);
    }
    in_last_year(month, day, in_utc(second, after_time, clock)?, nanos, clock)
}

/// The rest of `Jan 15, 2025 1:00:00 PM`, as `java.util.logging` writes it, after the day.
fn with_half_days(month: u32, day: u32, rest: &[u8], clock: &Clock) -> Option<Time> {
    let (year, rest) = next_word(rest);
    let year = year.strip_suffix(b",").unwrap_or(year);
    at_half_day(days(i64::from(four_digits(year)?), month, day)?, rest, clock)
}

/// `1/15/2025 1:00:00 PM`, the month first, as .NET writes it where it tells half days, and JavaScript with a comma after the
/// date. Where none is told, neither is which of the numbers is the month.
fn with_slashes(text: &[u8], clock: &Clock) -> Option<Time> {
    let (date, rest) = next_word(text);
    let date = date.strip_suffix(b",").unwrap_or(date);
    let mut parts = date.split(|&byte| byte == b'/');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    at_half_day(days(i64::from(four_digits(year)?), small_number(month)?, small_number(day)?)?, rest, clock)
}

/// `1:00:00 PM` of a date.
fn at_half_day(date: i64, rest: &[u8], clock: &Clock) -> Option<Time> {
    let (time, rest) = next_word(rest);
    let of_half = match *time {
        [h, b':', m1, m2, b':', s1, s2] => time_of_day([b'0', h, b':', m1, m2, b':', s1, s2])?,
        _ => time_of_day(time.try_into().ok()?)?,
    };
    if !(3600..13 * 3600).contains(&of_half) {
        return None;
    }
    Time::new(after_half_day(date * 86_400 + i64::from(of_half), rest, clock)?, 0)
}

/// A time without a year, in the last year in which it is not after the latest by more than clocks may differ. The 29th of
/// February is in a leap year.
fn in_last_year(month: u32, day: u32, seconds: i64, nanos: u32, clock: &Clock) -> Option<Time> {
    let latest = clock.latest.nanos().div_euclid(1_000_000_000).saturating_add(ASKEW);
    let (last, ..) = civil(latest.div_euclid(86_400));
    // Between two leap years are at most eight years.
    (last - 8..=last).rev().find_map(|year| {
        let seconds = days(year, month, day)? * 86_400 + seconds;
        if seconds <= latest { Time::new(seconds, nanos) } else { None }
    })
}

fn at_time_of_day(date: i64, rest: &[u8], clock: &Clock) -> Option<Time> {
    let (time, rest) = rest.split_first_chunk()?;
    after_seconds(date * 86_400 + i64::from(time_of_day(*time)?), rest, clock)
}

/// The first word, and what comes after it and one space or two.
fn next_word(text: &[u8]) -> (&[u8], &[u8]) {
    let Some(space) = text.iter().position(|&byte| byte == b' ') else { return (text, &[]) };
    let rest = &text[space + 1..];
    (&text[..space], rest.strip_prefix(b" ").unwrap_or(rest))
}

/// What comes before the last word and one space, and that word.
fn last_word(text: &[u8]) -> (&[u8], &[u8]) {
    match text.iter().rposition(|&byte| byte == b' ') {
        Some(space) => (&text[..space], &text[space + 1..]),
        None => (&[], text),
    }
}

/// A number of one digit or two.
fn small_number(text: &[u8]) -> Option<u32> {
    matches!(text.len(), 1 | 2).then(|| number(text))?
}

fn four_digits(text: &[u8]) -> Option<u32> {
    (text.len() == 4).then(|| number(text))?
}

/// A number since 1970, of a unit that its size tells.
pub(super) fn epoch(text: &[u8]) -> Option<Time> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let decimal = Decimal::read(text)?;
    // Its digits before the point tell which unit it is of.
    let size = decimal.scaled(0)?;
    let power = match size {
        0..100_000_000_000 => 9,
        100_000_000_000..100_000_000_000_000 => 6,
        100_000_000_000_000..100_000_000_000_000_000 => 3,
        _ => 0,
    };
    let nanos = i128::try_from(decimal.scaled(power)?).ok()?;
    i64::try_from(if negative { -nanos } else { nanos }).ok().map(Time::from_nanos)
}

/// A decimal number: digits with a point among them, times a power of ten.
struct Decimal<'a> {
    whole: &'a [u8],
    fraction: &'a [u8],
    exponent: i32,
}

impl<'a> Decimal<'a> {
    fn read(text: &'a [u8]) -> Option<Self> {
        if text.len() > LONGEST_NUMBER {
            return None;
        }
        let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (whole, rest) = text.split_at(digits(text));
        let (fraction, rest) = match rest {
            [b'.', rest @ ..] => rest.split_at(digits(rest)),
            _ => (&[][..], rest),
        };
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', rest @ ..] => std::str::from_utf8(rest).ok()?.parse().ok()?,
            _ => return None,
        };
        (!whole.is_empty()).then_some(Self { whole, fraction, exponent })
    }

    /// The number times a power of ten, without what is left behind the point; `None` if it is too large for any time.
    fn scaled(&self, power: i32) -> Option<u128> {
        let mut shift = self.exponent.checked_add(power)?.checked_add(self.whole.len() as i32)?;
        let mut all = 0_u128;
        for digit in self.whole.iter().chain(self.fraction) {
            if shift <= 0 {
                return Some(all);
            }
            all = all.checked_mul(10)?.checked_add(u128::from(digit - b'0'))?;
            shift -= 1;
        }
        if all == 0 {
            return Some(0);
        }
        all.checked_mul(10_u128.checked_pow(u32::try_from(shift).ok()?)?)
    }
}
