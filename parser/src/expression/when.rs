//! Times as people give them: absolute, or relative to now.

use std::borrow::Cow;
use std::time::SystemTime;

use crate::time::{Clock, Time};

/// What times are relative to.
///
/// A time is written in any form that [`Time::parse`] knows (without a zone: UTC), or as `now`, `today`, `yesterday`
/// (their midnights, in UTC), or as how long ago it was: `90s`, `15m`, `2h`, `3d`, `1w`, `1h30m`, with or without a `-`
/// before it or ` ago` after it.
///
/// A whole number without a sign is read as people write it, and not as a log does: `2030` is the first moment of that
/// year, `20300115` that of a day from 1970 on, and seconds since 1970 have nine digits or more (from 1973-03-03 on). Any
/// other is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When(Time);

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400 * SECOND;

impl When {
    /// Relative to the system's time.
    pub fn now() -> Self {
        Self(Time::from(SystemTime::now()))
    }

    /// Relative to a time of one's own.
    pub fn at(now: Time) -> Self {
        Self(now)
    }

    /// The time that a text gives, if it gives one.
    pub fn parse(self, text: &str) -> Option<Time> {
        let text = text.trim();
        let midnight = self.0.nanos() - self.0.nanos().rem_euclid(DAY);
        match text {
            "now" => Some(self.0),
            "today" => Some(Time::from_nanos(midnight)),
            "yesterday" => midnight.checked_sub(DAY).map(Time::from_nanos),
            _ => match ago(text) {
                Some(nanos) => {
                    let nanos = i128::from(self.0.nanos()).checked_sub(nanos)?;
                    i64::try_from(nanos).ok().map(Time::from_nanos)
                }
                None => Time::parse(spelt_out(text)?.as_bytes(), &Clock::until(self.0)),
            },
        }
    }

    /// What is wrong with a text that gives no time but is written as one, in words that follow what names it: no [`Time`]
    /// reaches so far, or there is no telling what its few digits mean.
    pub fn why_not(self, text: &str) -> Option<String> {
        let text = text.trim();
        if self.parse(text).is_some() {
            return None;
        }
        if self.is_beyond(text) {
            return Some(format!("is beyond the times that can be told, {}", Time::RANGE));
        }
        let why = "is no time: a day is written as 2030-01-01, a year as 2030, and seconds since 1970 have nine \
                   digits or more";
        is_short(text).then(|| why.to_owned())
    }

    /// Whether a text that gives no time is written as one, of a day that no [`Time`] reaches.
    fn is_beyond(self, text: &str) -> bool {
        let Some(text) = &spelt_out(text) else { return false };
        let Some((year, rest)) = text.split_at_checked(4).filter(|(_, rest)| rest.starts_with(['-', '/']))
        else {
            return ago(text).is_some();
        };
        // Its calendar is that of any year that is a multiple of 400 away.
        let near = year.parse().map(|year: i32| 1700 + (year - 1700).rem_euclid(400));
        near.is_ok_and(|near| self.parse(&format!("{near}{rest}")).is_some())
    }
}

/// A text as [`Time::parse`] takes it: it would take any whole number for seconds since 1970, which short ones are not meant
/// as. `None` for one that means neither a year nor a day.
fn spelt_out(text: &str) -> Option<Cow<'_, str>> {
    match text.len() {
        _ if !is_short(text) => Some(text.into()),
        4 => Some(format!("{text}-01-01").into()),
        8 if text >= "1970" => Some(format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]).into()),
        _ => None,
    }
}

/// Whether a text is a whole number below 100,000,000, without a sign.
fn is_short(text: &str) -> bool {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number && text.trim_start_matches('0').len() < 9
}

/// How many nanoseconds a length of time has that is written as numbers with units.
fn ago(text: &str) -> Option<i128> {
    let text = text.strip_prefix('-').unwrap_or(text);
    let mut rest = text.strip_suffix("ago").map_or(text, str::trim_end);
    let mut nanos = 0_i128;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at_checked(digits)?;
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at_checked(letters)?;
        let unit = match unit {
            "ms" => SECOND / 1000,
            "s" | "sec" => SECOND,
            "m" | "min" => 60 * SECOND,
            "h" => 3600 * SECOND,
            "d" => DAY,
            "w" => 7 * DAY,
            _ => return None,
        };
        nanos = nanos.checked_add(number.parse::<i128>().ok()?.checked_mul(unit.into())?)?;
        rest = after.trim_start();
    }
    Some(nanos)
}

#[cfg(test)]
mod tests {
    use super::When;
    use crate::time::{Clock, Time};

    fn time(text: &str) -> Time {
        Time::parse(text.as_bytes(), &Clock::now()).expect("a time")
    }

    #[test]
    fn times_are_absolute_or_before_now() {
        let when = When::at(time("2025-01-15T10:30:00Z"));
        for (text, expected) in [
            ("now", "2025-01-15T10:30:00Z"),
            ("today", "2025-01-15T00:00:00Z"),
            ("yesterday", "2025-01-14T00:00:00Z"),
            ("90s", "2025-01-15T10:28:30Z"),
            ("-15m", "2025-01-15T10:15:00Z"),
            ("1h30m", "2025-01-15T09:00:00Z"),
            ("1h 30m ago", "2025-01-15T09:00:00Z"),
            ("2d", "2025-01-13T10:30:00Z"),
            ("1w", "2025-01-08T10:30:00Z"),
            ("250ms", "2025-01-15T10:29:59.750Z"),
            ("2024-12-31", "2024-12-31T00:00:00Z"),
            ("2024-12-31 23:59", "2024-12-31T23:59:00Z"),
            ("2024-12-31T23:59:01+01:00", "2024-12-31T22:59:01Z"),
            ("1735689600", "2025-01-01T00:00:00Z"),
            ("1735689600000", "2025-01-01T00:00:00Z"),
            ("100000000", "1973-03-03T09:46:40Z"),
            ("2030", "2030-01-01T00:00:00Z"),
            (" 1678 ", "1678-01-01T00:00:00Z"),
            ("2262", "2262-01-01T00:00:00Z"),
            ("20240103", "2024-01-03T00:00:00Z"),
            ("20240229", "2024-02-29T00:00:00Z"),
            ("19700101", "1970-01-01T00:00:00Z"),
            ("22620411", "2262-04-11T00:00:00Z"),
        ] {
            assert_eq!(when.parse(text), Some(time(expected)), "{text}");
        }
        for text in
            ["", "-", "ago", "h", "1x", "1h30", "soon", "2025-13-01", "2300-02-29", "1é-", "23é-01-01"]
        {
            assert_eq!((when.parse(text), when.why_not(text)), (None, None), "{text}");
        }
        assert_eq!(
            (when.why_not("2025-01-15"), when.why_not("2h"), when.why_not("2030")),
            (None, None, None)
        );
    }

    #[test]
    fn what_is_no_time_but_looks_like_one_is_told() {
        let when = When::at(time("2025-01-15T10:30:00Z"));
        let beyond = [
            ["2300-01-01", "1600/02/29 10:00", "0001-01-01T00:00:00+01:00", "400000d", "99999999999999999w"],
            ["0000", "1677", "2263", "22620412", "99991231"],
        ];
        for text in beyond.concat() {
            let why = when.why_not(text).unwrap_or_else(|| panic!("{text}: {:?}", when.parse(text)));
            assert!(why.starts_with("is beyond the times"), "{text}: {why}");
        }
        // 99999999 seconds after 1970 were in 1973.
        for text in
            ["0", "1", "202", "20301", "202501", "2025011", "20250230", "20251301", "19691231", "99999999"]
        {
            for text in [text, &format!("00000{text}")] {
                let why = when.why_not(text).unwrap_or_else(|| panic!("{text}: {:?}", when.parse(text)));
                assert!(why.starts_with("is no time: a day is written as 2030-01-01"), "{text}: {why}");
            }
        }
    }
}
