//! Median, quantiles, mean and spread of a set of samples.

use crate::judge::wire::results::Summary;

/// The quantile `q` (0 to 1) of ascending `sorted`, by linear interpolation between order
/// statistics: type 7 of Hyndman and Fan (1996), the default of R and `NumPy`. `None` when empty.
pub fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = q.clamp(0.0, 1.0) * last as f64;
    let below = place.floor() as usize;
    let low = *sorted.get(below)?;
    let high = *sorted.get((below + 1).min(last))?;
    Some(low + (high - low) * (place - below as f64))
}

/// The values in ascending order.
pub fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values
}

/// The median; `None` when empty.
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(&sorted(values), 0.5)
}

/// All figures of a set of samples; `None` when empty.
pub fn summarise(values: &[f64]) -> Option<Summary> {
    let ascending = sorted(values);
    let n = ascending.len();
    let mean = ascending.iter().sum::<f64>() / n as f64;
    let squares: f64 = ascending.iter().map(|value| (value - mean).powi(2)).sum();
    let sd = if n > 1 { (squares / (n - 1) as f64).sqrt() } else { 0.0 };
    Some(Summary {
        n,
        min: *ascending.first()?,
        max: *ascending.last()?,
        median: quantile(&ascending, 0.5)?,
        mean,
        p95: quantile(&ascending, 0.95)?,
        p99: quantile(&ascending, 0.99)?,
        sd,
        cv: if mean == 0.0 { 0.0 } else { sd / mean },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-12 * b.abs().max(1.0)
    }

    /// `numpy.quantile(x, q)` and `numpy.std(x, ddof=1)` of this list, computed with `NumPy`.
    #[test]
    fn equals_numpy() {
        let summary = summarise(&[9.0, 2.0, 7.0, 4.0, 4.5, 12.0, 3.0]).expect("not empty");
        assert!(close(summary.median, 4.5));
        assert!(close(summary.p95, 11.1));
        assert!(close(summary.p99, 11.82));
        assert!(close(summary.mean, 5.928_571_428_571_429));
        assert!(close(summary.sd, 3.587_345_483_647_709_4));
    }

    #[test]
    fn one_sample_is_its_own_quantile_and_no_sample_has_none() {
        let one = summarise(&[3.0]).expect("one");
        assert_eq!((one.n, one.median, one.p99, one.sd), (1, 3.0, 3.0, 0.0));
        assert_eq!(summarise(&[]), None);
        assert_eq!(median(&[]), None);
    }

    proptest! {
        #[test]
        fn quantiles_ascend_and_stay_inside(values in prop::collection::vec(-1e9..1e9f64, 1..60)) {
            let summary = summarise(&values).expect("not empty");
            prop_assert!(summary.min <= summary.median && summary.median <= summary.p95);
            prop_assert!(summary.p95 <= summary.p99 && summary.p99 <= summary.max);
        }
    }
}
