//! How far two sets of samples overlap: Mann-Whitney U and Cliff's delta.
//!
//! They are the same number on two scales: delta = 2 U / (n m) - 1. Sources: Mann and Whitney,
//! Ann. Math. Stat. 18 (1947); Cliff, Psychological Bulletin 114 (1993).

/// Mann-Whitney U of `a` over `b`: the number of pairs in which `a` is larger, ties counted half.
/// O(n m): samples are few.
pub fn mann_whitney_u(a: &[f64], b: &[f64]) -> f64 {
    a.iter()
        .flat_map(|x| b.iter().map(move |y| x.total_cmp(y)))
        .map(|order| match order {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        })
        .sum()
}

/// Cliff's delta of `a` over `b`: -1 when every `a` is smaller, 1 when every one is larger, 0 when
/// neither is or a side is empty. |delta| = 1 says that the two ranges do not overlap.
pub fn cliffs_delta(a: &[f64], b: &[f64]) -> f64 {
    let pairs = (a.len() * b.len()) as f64;
    if pairs == 0.0 { 0.0 } else { 2.0 * mann_whitney_u(a, b) / pairs - 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `scipy.stats.mannwhitneyu(a, b).statistic`.
    #[test]
    fn equals_scipy() {
        let a = [19.8, 22.1, 17.5, 16.0, 29.0, 22.1];
        let b = [20.5, 11.9, 22.1, 14.2];
        assert_eq!(mann_whitney_u(&a, &b), 17.0);
        assert!((cliffs_delta(&a, &b) - 10.0 / 24.0).abs() < 1e-12);
    }

    #[test]
    fn apart_is_one_and_alike_is_zero() {
        assert_eq!(cliffs_delta(&[1.0, 2.0], &[3.0, 4.0]), -1.0);
        assert_eq!(cliffs_delta(&[5.0, 6.0], &[3.0, 4.0]), 1.0);
        assert_eq!(cliffs_delta(&[1.0, 2.0], &[1.0, 2.0]), 0.0);
        assert_eq!(cliffs_delta(&[], &[1.0]), 0.0);
        assert!(cliffs_delta(&[1.0, 3.0], &[3.0, 4.0]) > -1.0, "a touch is an overlap");
    }

    proptest! {
        #[test]
        fn swapping_the_sides_mirrors(
            a in prop::collection::vec(0.0..10.0f64, 1..20),
            b in prop::collection::vec(0.0..10.0f64, 1..20),
        ) {
            let both = mann_whitney_u(&a, &b) + mann_whitney_u(&b, &a);
            prop_assert!((both - (a.len() * b.len()) as f64).abs() < 1e-9);
        }
    }
}
