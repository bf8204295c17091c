//! Quantities as people write them: `64k`, `10GiB`, `0.5%`. In integers, so that they mean the same everywhere.

/// A whole number, with or without `k`, `M` or `G` (thousands, millions, thousands of millions).
pub fn count(text: &str) -> Option<u64> {
    scaled(text, &[("k", 1000), ("M", 1_000_000), ("G", 1_000_000_000)])
}

/// A number of bytes: `4096`, `64kB`, `10GiB`. Units of 1,000 are kB, MB, GB, TB, those of 1,024 KiB, MiB, GiB, TiB.
pub fn bytes(text: &str) -> Option<u64> {
    let units = [
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
        ("TiB", 1 << 40),
        ("kB", 1000),
        ("KB", 1000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("TB", 1_000_000_000_000),
        ("B", 1),
    ];
    scaled(text, &units)
}

/// A share in per cent with at most `decimals` decimals, as a number of the smallest steps that these can tell: of `8%`
/// and one decimal, 80.
pub fn percent(text: &str, decimals: u32) -> Option<u64> {
    let text = text.strip_suffix('%')?.trim_end();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = u32::try_from(fraction.len()).ok()?;
    let dropped = fraction.trim_end_matches('0').len() > decimals as usize;
    if dropped || digits == 0 || digits > 18 {
        return None;
    }
    let fraction = digits_of(fraction)? * 10_u64.pow(decimals) / 10_u64.pow(digits);
    digits_of(whole)?.checked_mul(10_u64.pow(decimals))?.checked_add(fraction)
}

fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (digits, factor) = (units.iter())
        .find_map(|&(unit, factor)| Some((text.strip_suffix(unit)?.trim_end(), factor)))
        .unwrap_or((text, 1));
    digits_of(digits)?.checked_mul(factor)
}

/// Digits only: the sign that `parse` would take means nothing here. Underscores may stand between them.
fn digits_of(text: &str) -> Option<u64> {
    let is_number = text.starts_with(|first: char| first.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    if is_number { text.replace('_', "").parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_or_refused() {
        for (text, expected) in [
            ("0", Some(0)),
            ("50k", Some(50_000)),
            ("1_000", Some(1000)),
            ("2 M", Some(2_000_000)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("99999999999G", None),
            ("", None),
            ("k", None),
            ("-1", None),
            ("+1", None),
            ("1.5k", None),
            ("٣", None),
        ] {
            assert_eq!(count(text), expected, "{text}");
        }
        for (text, expected) in [
            ("10GiB", Some(10 << 30)),
            ("64 kB", Some(64_000)),
            ("7", Some(7)),
            ("7B", Some(7)),
            ("GiB", None),
        ] {
            assert_eq!(bytes(text), expected, "{text}");
        }
        for (text, expected) in [
            ("8%", Some(80)),
            ("0.5%", Some(5)),
            ("0.50%", Some(5)),
            ("100%", Some(1000)),
            ("0.55%", None),
            ("1.%", None),
            (".5%", None),
            ("8", None),
            ("%", None),
            ("1.-5%", None),
        ] {
            assert_eq!(percent(text, 1), expected, "{text}");
        }
        assert_eq!(percent("0.0125%", 4), Some(125));
    }
}
