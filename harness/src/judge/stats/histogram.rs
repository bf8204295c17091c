//! Histograms of latencies: added up, and asked for percentiles.
//!
//! They are kept as what `HdrHistogram` recorded: the upper ends of its buckets, each with a count. All are of one make
//! (1 ns to 60 s, three significant figures), so equal values are equal buckets and adding loses nothing. Percentiles of
//! different visits are never averaged: that has no meaning.

use crate::judge::wire::sample::Histogram;
use std::collections::BTreeMap;

/// All of them in one.
pub fn merged<'h>(histograms: impl IntoIterator<Item = &'h Histogram>) -> Histogram {
    let (mut max_ns, mut counts) = (0, BTreeMap::<u64, u64>::new());
    for histogram in histograms {
        max_ns = max_ns.max(histogram.max_ns);
        for &(value, count) in &histogram.counts {
            let of_value = counts.entry(value).or_default();
            *of_value = of_value.saturating_add(count);
        }
    }
    Histogram { max_ns, counts: counts.into_iter().collect() }
}

/// The smallest value that at least so many thousandths of the counts do not exceed, as `HdrHistogram` has it, but never more
/// than the exact maximum; `None` when empty.
pub fn per_mille(histogram: &Histogram, thousandths: u64) -> Option<u64> {
    let total: u128 = histogram.counts.iter().map(|&(_, count)| u128::from(count)).sum();
    let wanted = (total * u128::from(thousandths)).div_ceil(1000).max(1);
    let mut seen = 0;
    let value = histogram.counts.iter().find(|&&(_, count)| {
        seen += u128::from(count);
        seen >= wanted
    });
    value.map(|&(value, _)| value.min(histogram.max_ns))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::Histogram as Hdr;
    use proptest::prelude::*;

    fn recorded(values: &[u64]) -> (Hdr<u64>, Histogram) {
        let mut hdr = Hdr::new_with_bounds(1, 60_000_000_000, 3).expect("bounds");
        for &value in values {
            hdr.saturating_record(value);
        }
        let counts = hdr.iter_recorded().map(|at| (at.value_iterated_to(), at.count_at_value())).collect();
        (hdr, Histogram { max_ns: values.iter().copied().max().unwrap_or(0), counts })
    }

    #[test]
    fn percentiles_of_a_known_list() {
        let (_, one_to_thousand) = recorded(&(1..=1000).collect::<Vec<u64>>());
        let at = |thousandths| per_mille(&one_to_thousand, thousandths);
        assert_eq!([500, 900, 990, 999, 1000].map(at), [500, 900, 990, 999, 1000].map(Some));
        assert_eq!(per_mille(&Histogram { max_ns: 0, counts: Vec::new() }, 500), None);
        let (_, large) = recorded(&[1_234_567]);
        assert_eq!(per_mille(&large, 500), Some(1_234_567), "not past the maximum, as the bucket is");
    }

    #[test]
    fn the_percentile_of_several_is_that_of_all_their_values() {
        let quick: Vec<u64> = vec![10; 990];
        let slow: Vec<u64> = (0..10).map(|n| 5_000 + 1_000 * n).collect();
        let (one, other) = (recorded(&quick).1, recorded(&[quick.clone(), slow].concat()).1);
        let both = merged([&one, &other]);
        assert_eq!(both.counts.iter().map(|&(_, count)| count).sum::<u64>(), 1990);
        assert_eq!(both.max_ns, 14_000);
        assert_eq!(per_mille(&both, 990), Some(10));
        assert_eq!(per_mille(&both, 999), Some(recorded(&[13_000]).1.counts[0].0));
    }

    proptest! {
        #[test]
        fn equals_hdrhistogram(
            values in prop::collection::vec(0..2_000_000_000u64, 1..400),
            cut in any::<prop::sample::Index>(),
            thousandths in 1..=1000u64,
        ) {
            let (hdr, whole) = recorded(&values);
            let (one, other) = values.split_at(cut.index(values.len()));
            let both = merged([&recorded(one).1, &recorded(other).1]);
            prop_assert_eq!(&both, &whole);
            // In its floating point the rank may come out as one more.
            let quantile = thousandths as f64 / 1000.0;
            let theirs = [quantile, quantile - 1e-9].map(|q| hdr.value_at_quantile(q).min(whole.max_ns));
            prop_assert!(theirs.contains(&per_mille(&both, thousandths).expect("not empty")));
        }
    }
}
