use jiff::tz::Offset;
use jiff::{Timestamp, civil};
use proptest::prelude::*;

use super::{Clock, Time, Times};

const CLOCK: Clock = Clock::until(Time::from_nanos(1_737_331_200_000_000_000));

/// By the clock of 2025-01-20, in UTC.
fn read(text: &str) -> Option<String> {
    Time::parse(text.as_bytes(), &CLOCK).map(|time| time.to_string())
}

#[test]
fn all_forms_are_read() {
    for (text, expected) in [
        ("2025-01-15T10:00:00Z", "2025-01-15T10:00:00Z"),
        ("2025-01-15t10:00:00.5z", "2025-01-15T10:00:00.500Z"),
        ("2025-01-15 10:00:00,123", "2025-01-15T10:00:00.123Z"),
        ("2025-01-15T10:00:00.123456+01:00", "2025-01-15T09:00:00.123456Z"),
        ("2025-01-15T00:00:00+05:45", "2025-01-14T18:15:00Z"),
        ("2025-01-15T10:00:00-0800", "2025-01-15T18:00:00Z"),
        ("2025-01-15T10:00:00+01", "2025-01-15T09:00:00Z"),
        ("2025-01-15 10:00:00.123 UTC", "2025-01-15T10:00:00.123Z"),
        ("2025-07-15 10:00:00.123 CEST", "2025-07-15T08:00:00.123Z"),
        ("2025-01-15 10:00:00 +0100", "2025-01-15T09:00:00Z"),
        ("2025/01/15 10:00:00", "2025-01-15T10:00:00Z"),
        ("2025-01-15T00:00:00.123456789123Z", "2025-01-15T00:00:00.123456789Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ("2016-12-31T23:59:60.5+00:00", "2016-12-31T23:59:59.500Z"),
        ("2025-01-15", "2025-01-15T00:00:00Z"),
        ("2025-01-15T10:30", "2025-01-15T10:30:00Z"),
        ("2025-01-15T10:30+01:00", "2025-01-15T09:30:00Z"),
        ("15/Jan/2025:00:00:00 +0000", "2025-01-15T00:00:00Z"),
        ("15/Jan/2025:00:00:00 -0530", "2025-01-15T05:30:00Z"),
        ("Jan 15 00:00:00", "2025-01-15T00:00:00Z"),
        ("Jan  5 00:00:00", "2025-01-05T00:00:00Z"),
        ("Jan 5 00:00:00", "2025-01-05T00:00:00Z"),
        ("Jan 21 00:00:00", "2025-01-21T00:00:00Z"),
        ("Jan 22 00:00:00", "2024-01-22T00:00:00Z"),
        ("Dec 31 23:59:59.25", "2024-12-31T23:59:59.250Z"),
        ("Feb 29 12:00:00", "2024-02-29T12:00:00Z"),
        ("Jan 15 2023 10:00:00", "2023-01-15T10:00:00Z"),
        ("Sun Dec 04 04:47:44 2005", "2005-12-04T04:47:44Z"),
        ("Sun Dec  4 04:47:44.123456 2005", "2005-12-04T04:47:44.123456Z"),
        ("Wed, 15 Jan 2025 10:00:00 +0100", "2025-01-15T09:00:00Z"),
        ("Wed, 15 Jan 2025 10:00:00 GMT", "2025-01-15T10:00:00Z"),
        ("15 Jan 2025 10:00:00,123", "2025-01-15T10:00:00.123Z"),
        ("081109 203615", "2008-11-09T20:36:15Z"),
        ("081109 20:36:15", "2008-11-09T20:36:15Z"),
        ("20250115 10:00:00.123456", "2025-01-15T10:00:00.123456Z"),
        ("0115 10:00:00.123456", "2025-01-15T10:00:00.123456Z"),
        ("01.15 10:00:00", "2025-01-15T10:00:00Z"),
        ("20250115-10:00:00:123", "2025-01-15T10:00:00.123Z"),
        ("20250115-1:2:3:4", "2025-01-15T01:02:03.004Z"),
        ("0122 10:00:00.123456", "2024-01-22T10:00:00.123456Z"),
        ("17/06/09 20:10:40", "2017-06-09T20:10:40Z"),
        ("15-Jan-2025 10:00:00.123", "2025-01-15T10:00:00.123Z"),
        ("12-31 16:13:38.811", "2024-12-31T16:13:38.811Z"),
        ("02-29 16:13:38.811 +0100", "2024-02-29T15:13:38.811Z"),
        ("Jan 15, 2025 1:02:03 PM", "2025-01-15T13:02:03Z"),
        ("Jan 05, 2025 12:00:00 AM", "2025-01-05T00:00:00Z"),
        ("Jan 05, 2025 12:59:59 PM", "2025-01-05T12:59:59Z"),
        ("1/15/2025 1:02:03 PM", "2025-01-15T13:02:03Z"),
        ("01/15/2025 12:02:03 AM", "2025-01-15T00:02:03Z"),
        ("15.01.2025 10:00:00,123", "2025-01-15T10:00:00.123Z"),
        ("2025.01.15 10:00:00.123456", "2025-01-15T10:00:00.123456Z"),
        ("15/Jan/2025 10:00:00", "2025-01-15T10:00:00Z"),
        ("1736899200", "2025-01-15T00:00:00Z"),
        ("1736899200.123456", "2025-01-15T00:00:00.123456Z"),
        ("1736899200123", "2025-01-15T00:00:00.123Z"),
        ("1736899200123456", "2025-01-15T00:00:00.123456Z"),
        ("1736899200123456789", "2025-01-15T00:00:00.123456789Z"),
        ("1.7368992e9", "2025-01-15T00:00:00Z"),
        ("17368992e+2", "2025-01-15T00:00:00Z"),
        ("-1", "1969-12-31T23:59:59Z"),
        ("-0.5", "1969-12-31T23:59:59.500Z"),
        ("0", "1970-01-01T00:00:00Z"),
        ("0e999999999", "1970-01-01T00:00:00Z"),
        ("1795208028.2012355", "2026-11-20T20:53:48.201235500Z"),
    ] {
        assert_eq!(read(text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn what_is_no_time_is_none() {
    for text in [
        "",
        "not a time",
        "2025-02-30T00:00:00Z",
        "2025-01-15T24:00:00Z",
        "2025-01-15T10:60:00Z",
        "2025-01-15T10:00:61Z",
        "2025-01-15T10:00:00.Z",
        "2025-01-15T10:00:00+25:00",
        "2025-01-15T10:00:00 nowhere",
        "2025-01-15T10:00:00Z and more",
        "2025-W03-3",
        "9999-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z",
        "99999999999999999999",
        "1e99999999999",
        "1e999",
        "1e-",
        "Jan 32 00:00:00",
        "Jan 15",
        "Foo 15 00:00:00",
        "32/Jan/2025:00:00:00 +0000",
        "081309 203615",
        "17/13/09 20:10:40",
        "32-Jan-2025 10:00:00",
        "13-01 10:00:00",
        "1301 10:00:00",
        "13.01 10:00:00",
        "20250115-24:00:00:0",
        "20250115-1:2:3",
        "20250115-1:2:3:4:5",
        "20250115-1:2:3:1000",
        "Jan 15, 2025 0:00:00 AM",
        "Jan 15, 2025 13:00:00 PM",
        "Jan 15, 2025 10:00:00",
        "Jan 15, 2025",
        "15/1/2025 1:00:00 PM",
        "01/15/2025 10:00:00",
        "1/5/2025 10:00:00",
        "1/15/2025 1:00:00 PM/3",
        "01.15.2025 10:00:00",
        "2025.15.01 10:00:00",
        "15.01.2025",
        "-",
        "12:00:00",
        "é2025-01-15",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn the_reader_of_many_has_no_time_of_noughts_in_mind() {
    let noughts = [0; 19];
    assert_eq!((Times::new(CLOCK).parse(&noughts), Time::parse(&noughts, &CLOCK)), (None, None));
}

#[test]
fn a_time_without_a_zone_is_of_the_clocks() {
    let clock = Clock { zone: -3600, ..CLOCK };
    let read = |text: &str| Time::parse(text.as_bytes(), &clock).map(|time| time.to_string());
    assert_eq!(read("2025-01-15 10:00:00").as_deref(), Some("2025-01-15T11:00:00Z"));
    assert_eq!(read("2025-01-15 10:00:00Z").as_deref(), Some("2025-01-15T10:00:00Z"));
    assert_eq!(read("2025-01-15").as_deref(), Some("2025-01-15T01:00:00Z"));
}

proptest! {
    #[test]
    fn jiff_reads_the_same(nanos: i64, minutes in -1439..1440_i32, digits in 0..=9_usize, cut: bool) {
        let offset = Offset::from_seconds(minutes * 60).expect("less than a day");
        let unit = 10_i64.pow(9 - digits as u32);
        let time = Timestamp::from_nanosecond(i128::from(nanos.div_euclid(unit) * unit.max(1)))
            .unwrap_or(Timestamp::UNIX_EPOCH);
        let mut text = time.display_with_offset(offset).to_string();
        if cut {
            text = text.replacen('T', " ", 1).replacen('.', ",", 1);
        }
        let expected = i64::try_from(time.as_nanosecond()).expect("it came from one");
        let clock = CLOCK;
        prop_assert_eq!(Time::parse(text.as_bytes(), &clock), Some(Time::from_nanos(expected)), "{}", text);
        prop_assert_eq!(Times::new(clock).parse(text.as_bytes()), Some(Time::from_nanos(expected)), "{}", text);
    }

    #[test]
    fn it_is_written_so_that_jiff_reads_it(nanos: i64) {
        let text = Time::from_nanos(nanos).to_string();
        let read: Timestamp = text.parse().expect("it is RFC 3339");
        prop_assert_eq!(read.as_nanosecond(), i128::from(nanos), "{}", text);
    }

    /// Dates that are none too, in the forms that have a format of their own in jiff.
    #[test]
    fn jiff_knows_the_same_dates(
        year in 1900..2200_i16, month in 0..14_i8, day in 0..33_i8, hour in 0..25_i8, minute in 0..61_i8, second in 0..60_i8,
    ) {
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let expected = civil::DateTime::new(year, month, day, hour, minute, second, 0)
            .ok()
            .and_then(|time| Offset::UTC.to_timestamp(time).ok())
            .map(|time| Time::from_nanos(time.as_nanosecond() as i64));
        let name = usize::try_from(month - 1).ok().and_then(|month| names.get(month)).unwrap_or(&"Xxx");
        for text in [
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"),
            format!("{day:02}/{name}/{year:04}:{hour:02}:{minute:02}:{second:02} +0000"),
            format!("{name} {day:2} {hour:02}:{minute:02}:{second:02} {year:04}"),
            format!("Mon, {day} {name} {year:04} {hour:02}:{minute:02}:{second:02} +0000"),
        ] {
            prop_assert_eq!(Time::parse(text.as_bytes(), &CLOCK), expected, "{}", text);
        }
    }

    #[test]
    fn the_reader_of_many_reads_as_the_reader_of_one(texts in prop::collection::vec(
        prop_oneof![
            "(2025|1970)-01-1[0-9][T ]00:00:0[0-9]([.,][0-9]{1,12})?(Z|\\+01:00| UTC)?",
            "[0-9]{1,20}(\\.[0-9]{1,10})?([eE][+-]?[0-9]{1,3})?",
            "(Jan|Feb|Dec) [0-9 ][0-9] 10:00:00( 2025)?",
            "[0-9TZ:., /+-]{0,30}",
            any::<String>(),
        ],
        1..20,
    )) {
        let clock = CLOCK;
        let mut times = Times::new(clock);
        for text in texts {
            prop_assert_eq!(times.parse(text.as_bytes()), Time::parse(text.as_bytes(), &clock), "{}", text);
        }
    }
}
