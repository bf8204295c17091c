//! Times of logs, read from the many ways in which they are written.

mod calendar;
mod forms;

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::value::Value;

/// A time: nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted. It reaches from 1677-09-21 to 2262-04-11.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

/// What a time that does not say all of itself is read by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// Seconds to the east of Greenwich, of times without a zone.
    pub zone: i32,
    /// The latest that a time without a year can be, but for a day that clocks may differ by: such a time is of the last
    /// year in which it is not later. So December comes before a January after it, without a look at other lines.
    pub latest: Time,
}

impl Clock {
    /// UTC, and a latest time: when a file was last written to, or now.
    pub const fn until(latest: Time) -> Self {
        Self { zone: 0, latest }
    }

    /// UTC, and the system's time as the latest.
    pub fn now() -> Self {
        Self::until(Time::from(SystemTime::now()))
    }
}

/// Bytes of the longest text of a time.
pub(crate) const TEXT: usize = 30;

impl Time {
    /// How far times reach, in words.
    pub const RANGE: &str = "1677-09-21 to 2262-04-11";

    /// The time of so many nanoseconds since 1970.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since 1970.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Reads a time in any form that is known:
    ///
    /// * RFC 3339 and what resembles it: `2025-01-15T10:00:00.123Z`, with a space or `T`, with `/` for `-`, with a comma
    ///   or a point before a fraction of any length (nine digits count), with a zone as `Z`, `+01`, `+0100`, `+01:00`,
    ///   a well-known abbreviation (`UTC`, `CET`, `EST`) or none; the date alone, or without seconds;
    /// * these and others with `AM` or `PM` after the time of the day, and with a name after an offset: `+0100 CET`, as Go
    ///   writes it, or `+01:00[Europe/Berlin]`, by RFC 9557. The name is not looked at;
    /// * the common log's `15/Jan/2025:10:00:00 +0000`, and the same with a space after the date;
    /// * RFC 3164's `Jan 15 10:00:00`, whose year is that of [`Clock::latest`] or the last before it, and the same with a
    ///   year; asctime's `Wed Jan 15 10:00:00 2025`, and the same with a zone before the year;
    /// * RFC 5322's `Wed, 15 Jan 2025 10:00:00 +0000`, and the same without the day of the week, with a fraction, or
    ///   without a zone;
    /// * HDFS's `250115 100000`, and the same with colons; `25/01/15 10:00:00`, the year first; `15-Jan-2025 10:00:00`;
    /// * `01-15 10:00:00`, `01.15 10:00:00` and `0115 10:00:00`, the month first, whose year is told as RFC 3164's is;
    /// * `20250115-1:02:03:45`, without zeros before any number, milliseconds last;
    /// * `Jan 15, 2025 1:00:00 PM` and `1/15/2025 1:00:00 PM`, the month first;
    /// * `15.01.2025 10:00:00`, the day first, and `2025.01.15 10:00:00`;
    /// * a number since 1970, with a fraction, an exponent or neither: of seconds if it is less than 10^11 either way, of
    ///   milliseconds below 10^14, of microseconds below 10^17, else of nanoseconds.
    ///
    /// The second 60 of a leap second is read as the second 59. `None`, if it is none of these, or no date of the
    /// calendar, or beyond what a [`Time`] can hold.
    pub fn parse(text: &[u8], clock: &Clock) -> Option<Self> {
        forms::any(text.trim_ascii(), clock)
    }

    /// The time that a value is: a string as by [`Time::parse`], or a number.
    pub fn of(value: Value<'_>, clock: &Clock) -> Option<Self> {
        match value {
            Value::Number(number) => forms::epoch(number),
            other => Self::parse(&other.text()?, clock),
        }
    }

    /// The time as [`Display`](fmt::Display) writes it.
    pub(crate) fn text(self, text: &mut [u8; TEXT]) -> &str {
        let (seconds, nanos) = (self.0.div_euclid(1_000_000_000), self.0.rem_euclid(1_000_000_000));
        let (year, month, day) = calendar::civil(seconds.div_euclid(86_400));
        let second = seconds.rem_euclid(86_400);
        *text = *b"0000-00-00T00:00:00.000000000Z";
        // Years are those from 1677 to 2262.
        put(&mut text[..4], year as u64);
        put(&mut text[5..7], month.into());
        put(&mut text[8..10], day.into());
        put(&mut text[11..13], (second / 3600) as u64);
        put(&mut text[14..16], (second / 60 % 60) as u64);
        put(&mut text[17..19], (second % 60) as u64);
        put(&mut text[20..29], nanos as u64);
        let end = match nanos {
            0 => 19,
            n if n % 1_000_000 == 0 => 23,
            n if n % 1000 == 0 => 26,
            _ => 29,
        };
        text[end] = b'Z';
        std::str::from_utf8(&text[..=end]).unwrap_or_default()
    }

    /// Whether nothing but a time is likely to be read as it: as seconds since 1970 it has nine digits or more.
    #[inline]
    pub(crate) const fn is_likely(self) -> bool {
        self.0.unsigned_abs() >= 100_000_000 * 1_000_000_000
    }

    fn new(seconds: i64, nanos: u32) -> Option<Self> {
        let whole = i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
        i64::try_from(whole).ok().map(Self)
    }
}

impl From<SystemTime> for Time {
    /// One that is beyond what a [`Time`] can hold becomes the first or the last.
    fn from(time: SystemTime) -> Self {
        match time.duration_since(UNIX_EPOCH) {
            Ok(since) => Self(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)),
            Err(before) => {
                Self(i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, std::ops::Neg::neg))
            }
        }
    }
}

impl fmt::Display for Time {
    /// As RFC 3339 writes it, in UTC, with three, six or nine digits of a fraction, or none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text(&mut [0; TEXT]))
    }
}

/// Puts the last digits of a number in place of all of `digits`.
fn put(digits: &mut [u8], mut number: u64) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Whether a text is a zone: `Z`, an offset, or a well-known abbreviation.
pub(crate) fn is_zone(text: &[u8]) -> bool {
    forms::zone(text, &Clock::until(Time(0))).is_some()
}

/// Reads the times of a log, one after another: most are written as the one before, and many are of the same second.
#[derive(Debug, Clone)]
pub struct Times {
    clock: Clock,
    /// The last date and time that was read by the fixed form, to the second, and its seconds since 1970 in UTC.
    last: [u8; forms::FIXED],
    seconds: i64,
}

impl Times {
    /// Reads by a clock.
    pub fn new(clock: Clock) -> Self {
        // Whatever is compared with it must be a time if it is equal.
        Self { clock, last: *b"1970-01-01T00:00:00", seconds: 0 }
    }

    /// The time that a value is, as by [`Time::of`].
    #[inline]
    pub fn of(&mut self, value: Value<'_>) -> Option<Time> {
        match value {
            Value::Text(text) if !text.escaped => self.parse(text.raw),
            other => Time::of(other, &self.clock),
        }
    }

    /// The time that several values of one record tell: the first of them that is one. One of the first three years since
    /// 1970, which a duration or a counter under the name of a time looks like, counts where no other value is a time.
    #[inline]
    pub(crate) fn first<'a>(&mut self, mut values: impl Iterator<Item = Value<'a>>) -> Option<Time> {
        let time = values.find_map(|value| self.of(value))?;
        if time.is_likely() { Some(time) } else { self.likely(values).or(Some(time)) }
    }

    #[cold]
    fn likely<'a>(&mut self, values: impl Iterator<Item = Value<'a>>) -> Option<Time> {
        values.filter_map(|value| self.of(value)).find(|time| time.is_likely())
    }

    /// The time that a text is, as by [`Time::parse`].
    #[inline]
    pub fn parse(&mut self, text: &[u8]) -> Option<Time> {
        self.fixed(text).or_else(|| Time::parse(text, &self.clock))
    }

    /// A time of the form `2025-01-15T10:00:00`, with what may follow it.
    #[inline]
    fn fixed(&mut self, text: &[u8]) -> Option<Time> {
        let (date, rest) = text.split_first_chunk()?;
        if *date != self.last {
            self.seconds = forms::fixed(date)?;
            self.last = *date;
        }
        forms::after_seconds(self.seconds, rest, &self.clock)
    }
}

#[cfg(test)]
mod tests;
