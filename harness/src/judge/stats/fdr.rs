//! The false discovery rate over a family of comparisons.
//!
//! Source: Benjamini and Hochberg, J. R. Stat. Soc. B 57 (1995); the adjusted form is that of R's
//! `p.adjust(method = "BH")`.

/// q for each p, in the same order: rejecting all with q <= 0.05 keeps the expected share of false
/// ones among them at 5 %, where the tests are independent or positively dependent (PRDS; Benjamini
/// and Yekutieli, Annals of Statistics 29, 2001). Two-sided tests that share a reference, as those of
/// a run do, need not be: what holds for them is simulated (`tests/simulation.rs`), not proved.
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut by_p: Vec<usize> = (0..p.len()).collect();
    by_p.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut q = vec![1.0; p.len()];
    let mut least = 1.0_f64;
    for (rank, &index) in by_p.iter().enumerate().rev() {
        least = least.min(p[index] * p.len() as f64 / (rank + 1) as f64);
        q[index] = least;
    }
    q
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `scipy.stats.false_discovery_control(p)`, equal to R's `p.adjust(p, "BH")`.
    #[test]
    fn equals_scipy() {
        let p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205];
        let expected = [0.008, 0.032, 0.0672, 0.0672, 0.0672, 0.08, 0.084_571_428_571_428_57, 0.205];
        for (q, expected) in benjamini_hochberg(&p).iter().zip(expected) {
            assert!((q - expected).abs() < 1e-12, "{q} {expected}");
        }
    }

    #[test]
    fn a_family_of_none_or_one() {
        assert!(benjamini_hochberg(&[]).is_empty());
        assert_eq!(benjamini_hochberg(&[0.03]), [0.03]);
    }

    proptest! {
        #[test]
        fn q_is_never_below_p_and_keeps_the_order(p in prop::collection::vec(0.0..=1.0f64, 1..50)) {
            let q = benjamini_hochberg(&p);
            for i in 0..p.len() {
                prop_assert!(q[i] >= p[i] - 1e-15 && q[i] <= 1.0);
                for j in 0..p.len() {
                    prop_assert!(p[i] > p[j] || q[i] <= q[j]);
                }
            }
        }
    }
}
