//! Numbers, hexadecimals and dates as text, appended to a byte buffer without going through `format!`.

/// Bytes under construction. Everything that writes lines appends to one of these.
pub(crate) type Buffer = Vec<u8>;

const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

const HEX: [[u8; 2]; 256] = {
    let digits = *b"0123456789abcdef";
    let mut pairs = [[0; 2]; 256];
    let mut number = 0;
    while number < 256 {
        pairs[number] = [digits[number >> 4], digits[number & 15]];
        number += 1;
    }
    pairs
};

/// Two decimal digits of a number below 100.
#[inline]
pub(crate) fn two(number: u32) -> [u8; 2] {
    PAIRS[number as usize % 100]
}

/// Appends `number` in decimal.
#[inline]
pub(crate) fn decimal(out: &mut Buffer, number: u32) {
    if number < 10 {
        out.push(b'0' + number as u8);
        return;
    }
    let mut digits = [0_u8; 10];
    let mut start = digits.len();
    let mut left = number;
    while left >= 10 {
        start -= 2;
        digits[start..start + 2].copy_from_slice(&two(left % 100));
        left /= 100;
    }
    if left > 0 {
        start -= 1;
        digits[start] = b'0' + left as u8;
    }
    out.extend_from_slice(&digits[start..]);
}

/// Appends `number` in decimal, filled up to `WIDTH` digits with zeros; higher digits are dropped.
#[inline]
pub(crate) fn padded<const WIDTH: usize>(out: &mut Buffer, number: u32) {
    let mut digits = [b'0'; WIDTH];
    let mut left = number;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (left % 10) as u8;
        left /= 10;
    }
    out.extend_from_slice(&digits);
}

/// Appends all 16 hexadecimal digits of `number`.
#[inline]
pub(crate) fn hex(out: &mut Buffer, number: u64) {
    let mut digits = [0_u8; 16];
    for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(number.to_be_bytes()) {
        *pair = HEX[usize::from(byte)];
    }
    out.extend_from_slice(&digits);
}

/// Appends `number` in hexadecimal without leading zeros, as a group of an IPv6 address is written.
#[inline]
pub(crate) fn hex_group(out: &mut Buffer, number: u16) {
    let [high, low] = number.to_be_bytes();
    let (high, low) = (HEX[usize::from(high)], HEX[usize::from(low)]);
    let digits = [high[0], high[1], low[0], low[1]];
    let zeros = (number.leading_zeros() / 4).min(3) as usize;
    out.extend_from_slice(&digits[zeros..]);
}

/// Year, month and day of a count of days since 1970-01-01 (Howard Hinnant's `civil_from_days`, for days from 1970 on).
pub(crate) fn civil(days: u64) -> (u32, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year as u32, month as u32, day as u32)
}

/// Appends a time in microseconds since 1970 by RFC 3339, in UTC, with microseconds.
#[inline]
pub(crate) fn write_moment(out: &mut Buffer, micros: u64) {
    out.extend_from_slice(&date_time(micros / 1_000_000, b'T'));
    out.push(b'.');
    padded::<6>(out, (micros % 1_000_000) as u32);
    out.push(b'Z');
}

/// The same by itself.
pub(crate) fn moment(micros: u64) -> Vec<u8> {
    let mut out = Buffer::new();
    write_moment(&mut out, micros);
    out
}

/// The months as logs abbreviate them.
const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// `DD/Mon/YYYY:HH:MM:SS` of a Unix time in seconds, as web servers write it.
pub(crate) fn server_time(unix: u64) -> [u8; 20] {
    let (_, month, _) = civil(unix / 86_400);
    let [y1, y2, y3, y4, _, _, _, _, d1, d2, _, h1, h2, _, i1, i2, _, s1, s2] = date_time(unix, b':');
    let [m1, m2, m3] = *MONTHS[month as usize % 13 - 1];
    [d1, d2, b'/', m1, m2, m3, b'/', y1, y2, y3, y4, b':', h1, h2, b':', i1, i2, b':', s1, s2]
}

/// `Mon DD HH:MM:SS` of a Unix time in seconds, the day filled up with a space, as BSD's syslog writes it.
pub(crate) fn bsd_time(unix: u64) -> [u8; 15] {
    let (_, month, _) = civil(unix / 86_400);
    let [_, _, _, _, _, _, _, _, d1, d2, _, h1, h2, _, i1, i2, _, s1, s2] = date_time(unix, b':');
    let [m1, m2, m3] = *MONTHS[month as usize % 13 - 1];
    let d1 = if d1 == b'0' { b' ' } else { d1 };
    [m1, m2, m3, b' ', d1, d2, b' ', h1, h2, b':', i1, i2, b':', s1, s2]
}

/// `YYYY-MM-DD?HH:MM:SS` of a Unix time in seconds, with `separator` between date and time.
pub(crate) fn date_time(unix: u64, separator: u8) -> [u8; 19] {
    let (year, month, day) = civil(unix / 86_400);
    let second = (unix % 86_400) as u32;
    let [y1, y2] = two(year / 100);
    let [y3, y4] = two(year % 100);
    let [m1, m2] = two(month);
    let [d1, d2] = two(day);
    let [h1, h2] = two(second / 3600);
    let [i1, i2] = two(second / 60 % 60);
    let [s1, s2] = two(second % 60);
    [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, separator, h1, h2, b':', i1, i2, b':', s1, s2]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Buffer)) -> String {
        let mut out = Buffer::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_are_written_as_format_would() {
        for shift in 0..32 {
            for number in [1_u32 << shift, (1_u32 << shift) - 1, 10_u32.pow(shift % 10)] {
                assert_eq!(written(|out| decimal(out, number)), number.to_string());
                assert_eq!(written(|out| hex_group(out, number as u16)), format!("{:x}", number as u16));
                assert_eq!(
                    written(|out| padded::<6>(out, number % 1_000_000)),
                    format!("{:06}", number % 1_000_000)
                );
            }
        }
        assert_eq!(written(|out| decimal(out, u32::MAX)), "4294967295");
        assert_eq!(written(|out| hex(out, 0x0123_4567_89ab_cdef)), "0123456789abcdef");
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        let cases = [
            (0, "1970-01-01T00:00:00"),
            (951_782_399, "2000-02-28T23:59:59"),
            (951_782_400, "2000-02-29T00:00:00"),
            (1_523_854_799, "2018-04-16T04:59:59"),
            (1_735_689_599, "2024-12-31T23:59:59"),
            (4_107_542_400, "2100-03-01T00:00:00"),
        ];
        for (unix, expected) in cases {
            assert_eq!(date_time(unix, b'T'), expected.as_bytes());
        }
        assert_eq!(&server_time(951_782_400), b"29/Feb/2000:00:00:00");
        assert_eq!(&bsd_time(1_735_689_599), b"Dec 31 23:59:59");
        assert_eq!(&bsd_time(4_107_542_400), b"Mar  1 00:00:00");
    }
}
