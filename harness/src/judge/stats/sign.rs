//! The sign test and the exact interval of a median that comes from inverting it.
//!
//! Both use only the signs of paired differences, so they need no symmetry and no normality, and
//! are exact at any number of pairs. Source: Conover, "Practical Nonparametric Statistics", 3rd
//! ed. (1999), sections 3.2 and 3.4.

use super::summary::{quantile, sorted};

/// P(X <= k) for X binomial with `n` trials of probability one half.
///
/// Summed in logarithms, so that a large `n` does not underflow. O(k).
pub fn binomial_half_cdf(k: usize, n: usize) -> f64 {
    if k >= n {
        return 1.0;
    }
    let mut ln_term = -(n as f64) * std::f64::consts::LN_2;
    let mut sum = 0.0;
    for i in 0..=k {
        sum += ln_term.exp();
        ln_term += ((n - i) as f64 / (i + 1) as f64).ln();
    }
    sum.min(1.0)
}

/// Two-sided p of the sign test with `fewer` differences of the rarer sign among `n` that are not 0.
pub fn p_of_signs(fewer: usize, n: usize) -> f64 {
    if n == 0 {
        return 1.0;
    }
    (2.0 * binomial_half_cdf(fewer, n)).min(1.0)
}

/// Two-sided p of the sign test on paired differences; differences of exactly 0 are left out.
pub fn p_value(differences: &[f64]) -> f64 {
    let above = differences.iter().filter(|&&d| d > 0.0).count();
    let below = differences.iter().filter(|&&d| d < 0.0).count();
    p_of_signs(above.min(below), above + below)
}

/// A median with its exact interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The sample's median.
    pub median: f64,
    /// Lower end: an order statistic.
    pub low: f64,
    /// Upper end: the order statistic as far from the other side.
    pub high: f64,
    /// The chance that such an interval holds the true median: at least what was asked for,
    /// except where there are too few samples for it.
    pub coverage: f64,
}

/// The narrowest interval between order statistics that is symmetric in rank and holds the true
/// median with at least `confidence`; the whole range where even that does not reach it.
/// `None` when empty.
pub fn interval(values: &[f64], confidence: f64) -> Option<Interval> {
    let ascending = sorted(values);
    let n = ascending.len();
    let median = quantile(&ascending, 0.5)?;
    let mut cut = 0;
    while cut + 1 < n.div_ceil(2) && 2.0 * binomial_half_cdf(cut + 1, n) <= 1.0 - confidence {
        cut += 1;
    }
    Some(Interval {
        median,
        low: *ascending.get(cut)?,
        high: *ascending.get(n - 1 - cut)?,
        coverage: 1.0 - (2.0 * binomial_half_cdf(cut, n)).min(1.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Smallest two-sided p with all signs alike, 2 * 2^-n: the table in the methodology.
    #[test]
    fn smallest_p_by_number_of_pairs() {
        for (n, expected) in [(5, 0.0625), (6, 0.031_25), (8, 0.007_812_5), (12, 0.000_488_281_25)] {
            let p = p_value(&vec![1.0; n]);
            assert!((p - expected).abs() < 1e-15, "{n}: {p}");
        }
        assert!((p_value(&[1.0; 20]) - 1.907_348_632_812_5e-6).abs() < 1e-18);
    }

    /// `scipy.stats.binomtest(k, n).pvalue`.
    #[test]
    fn equals_scipy_binomtest() {
        for (k, n, expected) in [
            (2, 12, 0.038_574_218_75),
            (3, 12, 0.145_996_093_75),
            (5, 20, 0.041_389_465_332_031_25),
            (9, 30, 0.042_773_945_257_067_68),
            (40, 100, 0.056_887_933_640_980_78),
        ] {
            let p = p_of_signs(k, n);
            assert!((p - expected).abs() < 1e-12, "{k} of {n}: {p}");
        }
    }

    #[test]
    fn zeros_say_nothing() {
        assert_eq!(p_value(&[0.0; 12]), 1.0);
        assert_eq!(p_value(&[]), 1.0);
        assert_eq!(p_value(&[0.0, 1.0, 1.0, 1.0]), p_value(&[1.0; 3]));
    }

    /// Ranks and coverages of Conover's table for the median (nominal 95 %).
    #[test]
    fn interval_takes_the_published_ranks() {
        for (n, low_rank, coverage) in [
            (5, 1, 0.9375),
            (8, 1, 0.9922),
            (11, 2, 0.9883),
            (12, 3, 0.9614),
            (20, 6, 0.9586),
            (30, 10, 0.9572),
        ] {
            let values: Vec<f64> = (1..=n).map(f64::from).collect();
            let interval = interval(&values, 0.95).expect("not empty");
            assert_eq!(interval.low, f64::from(low_rank), "n = {n}");
            assert_eq!(interval.high, f64::from(n + 1 - low_rank), "n = {n}");
            assert!((interval.coverage - coverage).abs() < 5e-5, "n = {n}: {}", interval.coverage);
        }
    }

    #[test]
    fn a_large_sample_does_not_underflow() {
        let p = binomial_half_cdf(2_500, 5_000);
        assert!((0.5..0.51).contains(&p), "{p}");
    }

    proptest! {
        #[test]
        fn an_interval_that_excludes_zero_means_a_small_p(
            values in prop::collection::vec(-1.0..1.0f64, 6..40)
        ) {
            let interval = interval(&values, 0.95).expect("not empty");
            prop_assert!(interval.low <= interval.median && interval.median <= interval.high);
            let excludes = interval.low > 0.0 || interval.high < 0.0;
            prop_assert_eq!(excludes, p_value(&values) <= 0.05);
        }
    }
}
