//! Numbers as people read them. Everything that a report prints goes through here.
//!
//! Three significant digits, a space before the unit, U+2212 as minus sign. What is not a finite
//! number is printed as [`ABSENT`], so that no report ever shows `NaN` or `inf`.

use harness::judge::wire::results::Figures;

/// Stands where there is no figure.
pub const ABSENT: &str = "–";

const TIME: [(f64, &str); 4] = [(1.0, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s")];
const BYTES: [(f64, &str); 5] = [
    (1.0, "B"),
    (1024.0, "KiB"),
    (1024.0 * 1024.0, "MiB"),
    (1024.0 * 1024.0 * 1024.0, "GiB"),
    (1024.0 * 1024.0 * 1024.0 * 1024.0, "TiB"),
];
const COUNT: [(f64, &str); 4] = [(1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "G")];

/// A unit and how many of the base unit it holds.
pub(crate) type Unit = (f64, &'static str);

/// The largest unit of which `value` holds at least one.
fn unit_of(value: f64, units: &[Unit]) -> Unit {
    // A value that three digits would round up to the next unit is told in that unit.
    let fits = |unit: &&Unit| value.abs() / unit.0 >= 0.9995;
    *units.iter().rev().find(fits).unwrap_or(units.first().unwrap_or(&(1.0, "")))
}

/// The unit in which durations of about `ns` nanoseconds are told.
pub(crate) fn duration_unit(ns: f64) -> Unit {
    unit_of(ns, &TIME)
}

/// The unit in which sizes of about `bytes` are told.
pub(crate) fn byte_unit(bytes: f64) -> Unit {
    unit_of(bytes, &BYTES)
}

/// `value`, which is not negative, with three significant digits.
fn three(value: f64) -> String {
    if value == 0.0 {
        "0".to_owned()
    } else if !(1e-3..1e6).contains(&value) {
        format!("{value:.2e}").replace('-', "−")
    } else if value >= 99.95 {
        format!("{value:.0}")
    } else if value >= 9.995 {
        format!("{value:.1}")
    } else if value >= 0.9995 {
        format!("{value:.2}")
    } else if value >= 0.09995 {
        format!("{value:.3}")
    } else if value >= 0.009_995 {
        format!("{value:.4}")
    } else {
        format!("{value:.5}")
    }
}

fn scaled(value: f64, units: &[Unit], tail: &str) -> String {
    if !value.is_finite() {
        return ABSENT.to_owned();
    }
    let (factor, name) = unit_of(value, units);
    let sign = if value < 0.0 { "−" } else { "" };
    format!("{sign}{} {name}{tail}", three(value.abs() / factor))
}

/// A duration given in nanoseconds: `81.0 ms`.
pub fn duration(ns: f64) -> String {
    scaled(ns, &TIME, "")
}

/// A duration given in seconds, as builds take: `23.4 s`; [`ABSENT`] for 0, which stands for a build taken from the cache.
pub fn build_time(seconds: f64) -> String {
    if seconds > 0.0 { duration(seconds * 1e9) } else { ABSENT.to_owned() }
}

/// A size: `1.23 MiB`. Whole below one KiB.
pub fn bytes(value: f64) -> String {
    if value.is_finite() && value.abs() < 1023.5 {
        let sign = if value <= -0.5 { "−" } else { "" };
        return format!("{sign}{:.0} B", value.abs());
    }
    scaled(value, &BYTES, "")
}

/// A size with its sign: `+1.23 MiB`, `−4.00 KiB`.
pub fn signed_bytes(value: f64) -> String {
    let plus = if value > 0.0 && value.is_finite() { "+" } else { "" };
    format!("{plus}{}", bytes(value))
}

/// Bytes per second: `412 MiB/s`.
pub fn byte_rate(per_second: f64) -> String {
    scaled(per_second, &BYTES, "/s")
}

/// Records per second: `5.43 M/s`.
pub fn record_rate(per_second: f64) -> String {
    scaled(per_second, &COUNT, "/s").replace(" /s", "/s")
}

/// A whole number with its thousands apart: `500,000`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A fraction as a percentage without a sign: `1.0 %`.
pub fn fraction(value: f64) -> String {
    if value.is_finite() { format!("{:.1} %", value * 100.0) } else { ABSENT.to_owned() }
}

/// A change without its unit, and whether that unit is `%` (else the text is a multiple: `×12.3`).
fn change_parts(ratio: f64) -> (String, bool) {
    if !ratio.is_finite() || ratio < 0.0 {
        return (ABSENT.to_owned(), false);
    }
    if ratio >= 10.0 || (ratio > 0.0 && ratio < 0.005) {
        return (format!("×{}", three(ratio)), false);
    }
    let tenths = ((ratio - 1.0) * 1000.0).round() / 10.0;
    let sign = if tenths > 0.0 {
        "+"
    } else if tenths < 0.0 {
        "−"
    } else {
        ""
    };
    (format!("{sign}{:.1}", tenths.abs()), true)
}

/// How many times as much: `0.62 ×`, `4.13 ×`, `121 ×`.
pub fn times(ratio: f64) -> String {
    format!("{} ×", three(ratio))
}

/// What a ratio means as a change: 0.877 is `−12.3 %`, 12.3 is `×12.3`.
pub fn change(ratio: f64) -> String {
    match change_parts(ratio) {
        (text, true) => text + " %",
        (text, false) => text,
    }
}

/// The interval of a ratio as changes: `[−14.1, −10.2]`, in percent.
pub fn interval(low: f64, high: f64) -> String {
    match (change_parts(low), change_parts(high)) {
        ((low, true), (high, true)) => format!("[{low}, {high}]"),
        _ => format!("[{}, {}]", change(low), change(high)),
    }
}

/// The interval of a comparison; a dash where it has none, for lack of blocks.
pub fn interval_of(figures: &Figures) -> String {
    figures.interval().map_or_else(|| ABSENT.to_owned(), |(low, high)| interval(low, high))
}

/// A ratio in words: `12.3 % less`, `4.0 % more`, `12.3 times as much`.
pub fn amount(ratio: f64) -> String {
    match change_parts(ratio) {
        (text, true) => match (text.strip_prefix('−'), text.strip_prefix('+')) {
            (Some(less), _) => format!("{less} % less"),
            (_, Some(more)) => format!("{more} % more"),
            _ => "as much".to_owned(),
        },
        (text, false) => match text.strip_prefix('×') {
            Some(times) => format!("{times} times as much"),
            None => text,
        },
    }
}

/// `1 scenario`, `2 scenarios`.
pub(crate) fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// `text` with a capital letter at its beginning.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use harness::judge::stats::sign;
    use proptest::prelude::*;

    #[test]
    fn an_interval_is_told_where_blocks_are_enough_for_what_it_promises() {
        let of = |blocks: usize| {
            let ratios: Vec<f64> = (0..blocks).map(|block| 1.0 + block as f64 / 100.0).collect();
            let interval = sign::interval(&ratios, Figures::COVERAGE).expect("some");
            interval_of(&Figures {
                blocks,
                ratio: 1.0,
                low: interval.low,
                high: interval.high,
                coverage: interval.coverage,
                p: 1.0,
                q: 1.0,
                u: 0.0,
                cliffs_delta: 0.0,
                floor: 0.01,
                margin: 0.01,
                blocks_to_settle: None,
            })
        };
        assert_eq!([1, 2, 5].map(of), [ABSENT; 3]);
        assert_eq!([6, 9].map(of), ["[0.0, +5.0]", "[+1.0, +7.0]"]);
    }

    #[test]
    fn durations_have_three_digits_and_carry_into_the_next_unit() {
        let cases = [
            (0.0, "0 ns"),
            (0.45, "0.450 ns"),
            (812.0, "812 ns"),
            (999.6, "1.00 µs"),
            (81_000_000.0, "81.0 ms"),
            (1.23e9, "1.23 s"),
            (4.2e12, "4200 s"),
            (1e300, "1.00e291 s"),
        ];
        for (ns, text) in cases {
            assert_eq!(duration(ns), text);
        }
    }

    #[test]
    fn sizes_are_binary_and_whole_below_one_kib() {
        assert_eq!(bytes(0.0), "0 B");
        assert_eq!(bytes(1023.0), "1023 B");
        assert_eq!(bytes(1023.7), "1.00 KiB");
        assert_eq!(bytes(1024.0 * 1024.0 * 1.5), "1.50 MiB");
        assert_eq!(signed_bytes(-4096.0), "−4.00 KiB");
        assert_eq!(signed_bytes(4096.0), "+4.00 KiB");
        assert_eq!(signed_bytes(-0.2), "0 B");
        assert_eq!(byte_rate(412.0 * 1024.0 * 1024.0), "412 MiB/s");
        assert_eq!(record_rate(5_432_100.0), "5.43 M/s");
        assert_eq!(record_rate(12.0), "12.0/s");
    }

    #[test]
    fn changes_have_a_sign_and_turn_into_multiples_when_large() {
        assert_eq!(change(0.877), "−12.3 %");
        assert_eq!(change(1.003), "+0.3 %");
        assert_eq!(change(0.9999), "0.0 %");
        assert_eq!(change(12.34), "×12.3");
        assert_eq!(change(0.001_23), "×0.00123");
        assert_eq!(change(0.0), "−100.0 %");
        assert_eq!(interval(0.859, 0.898), "[−14.1, −10.2]");
        assert_eq!(interval(0.859, 40.0), "[−14.1 %, ×40.0]");
        assert_eq!(amount(0.88), "12.0 % less");
        assert_eq!(amount(1.04), "4.0 % more");
        assert_eq!(amount(25.0), "25.0 times as much");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(12), "12");
    }

    #[test]
    fn what_is_no_number_is_absent() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for text in
                [duration(bad), bytes(bad), signed_bytes(bad), byte_rate(bad), change(bad), fraction(bad)]
            {
                assert_eq!(text, ABSENT);
            }
        }
    }

    proptest! {
        #[test]
        fn no_value_prints_as_nan_or_inf_or_with_an_ascii_minus(value in any::<f64>()) {
            for text in [duration(value), bytes(value), signed_bytes(value), change(value), amount(value)] {
                prop_assert!(!text.contains("NaN") && !text.contains("inf") && !text.contains('-'), "{text}");
            }
        }
    }
}
