//! Where a series of changes left zero, and for how long: steps and creeping, found by dynamic programming.
//!
//! A history is a chain of ratios, each measured in a run of its own, so each with noise of its own. Chained to a
//! level, that noise adds up: the level walks, and a fit of constant pieces to it (as `asv` fits them to timings that
//! were read anew for each commit; Friedrich et al., *JCGS* 17, 2008; Weinmann, Storath and Demaret, *SIAM J. Numer.
//! Anal.* 53, 2015) finds steps where there are none. So the pieces are sought among the changes themselves, whose
//! noise is independent: they are zero but in a few stretches, and each stretch costs a penalty (the L0 rule again). A
//! stretch of one commit is a step of the level, a longer one is creeping. The optimum is exact (optimal partitioning:
//! Jackson et al., *IEEE SPL* 12, 2005; with a known level between the stretches: Fisch, Eckley and Fearnhead, *Stat.
//! Anal. Data Min.* 15, 2022).

/// Fewer changes than this do not show how much runs differ from each other.
pub const MIN_CHANGES: usize = 8;
/// In a stretch of several a change counts for at most so many standard deviations: one wild run is no creeping.
const WILD: f64 = 3.0;
/// From Qn to a standard deviation, for normal noise.
const QN_TO_SD: f64 = 2.2219;

/// A measured change, as a logarithm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// ln of the ratio.
    pub ln_ratio: f64,
    /// Its standard deviation, as the run that measured it has it; above 0.
    pub sd: f64,
    /// Did that run tell it apart?
    pub told_apart: bool,
}

/// Changes that follow each other and are not zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// The first of them.
    pub first: usize,
    /// The last of them, included.
    pub last: usize,
    /// Their sum.
    pub ln_ratio: f64,
    /// The sum's standard deviation.
    pub sd: f64,
}

/// What a stretch costs among `n` changes, in squared standard deviations: with noise alone at most one series in a
/// hundred holds a stretch (`harness/tests/steps.rs` measures it).
fn penalty(n: usize) -> f64 {
    2.0 * (n.max(1) as f64).ln() + 11.0
}

/// By how much runs differ from each other more than each knows by itself: at least 1. Steps hardly count, and neither
/// does creeping that all share: it is Qn, from the differences of all pairs (Rousseeuw and Croux, *JASA* 88, 1993). A
/// spread told from few is easily told too small, so it is taken larger, by 4 / n. O(n² log n).
fn spread(changes: &[Change]) -> f64 {
    let z: Vec<f64> = changes.iter().map(|change| change.ln_ratio / change.sd).collect();
    let n = z.len();
    let mut apart: Vec<f64> =
        z.iter().enumerate().flat_map(|(at, a)| z[..at].iter().map(move |b| (a - b).abs())).collect();
    apart.sort_by(f64::total_cmp);
    let half = n / 2 + 1;
    let Some(quarter) = apart.get((half * (half - 1) / 2).saturating_sub(1)) else { return 1.0 };
    let small = n as f64 / (n as f64 + if n.is_multiple_of(2) { 3.8 } else { 1.4 });
    let larger = 1.0 + 4.0 / n as f64;
    (QN_TO_SD * small * quarter * larger).max(1.0)
}

/// The sum of some changes and its standard deviation, by how much runs of this series differ.
pub fn sum(changes: &[Change], of: std::ops::Range<usize>) -> Option<(f64, f64)> {
    let spread = spread(changes);
    let of = changes.get(of)?;
    let variance: f64 = of.iter().map(|change| (change.sd * spread).powi(2)).sum();
    Some((of.iter().map(|change| change.ln_ratio).sum(), variance.sqrt()))
}

/// The stretches in which the changes are not zero, in order. A single change has to be told apart by its own run too.
/// None among fewer than [`MIN_CHANGES`]. O(n²).
pub fn stretches(changes: &[Change]) -> Vec<Stretch> {
    let n = changes.len();
    if n < MIN_CHANGES || changes.iter().any(|c| !(c.sd > 0.0 && c.sd.is_finite() && c.ln_ratio.is_finite()))
    {
        return Vec::new();
    }
    let (spread, penalty) = (spread(changes), penalty(n));
    let z = |change: &Change| change.ln_ratio / (change.sd * spread);
    // The most that the first k changes can gain over being all zero, and where the last stretch of that begins.
    let mut best = vec![0.0; n + 1];
    let mut begins: Vec<Option<usize>> = vec![None; n + 1];
    for end in 1..=n {
        best[end] = best[end - 1];
        let (mut weights, mut weighted) = (0.0, 0.0);
        for first in (0..end).rev() {
            let change = &changes[first];
            let weight = (change.sd * spread).powi(-2);
            weights += weight;
            weighted += weight * z(change).clamp(-WILD, WILD) * change.sd * spread;
            let gain = if first + 1 < end {
                weighted * weighted / weights
            } else if change.told_apart {
                z(change).powi(2)
            } else {
                continue;
            };
            let total = best[first] + gain - penalty;
            if total > best[end] {
                best[end] = total;
                begins[end] = Some(first);
            }
        }
    }
    let mut found = Vec::new();
    let mut end = n;
    while end > 0 {
        let Some(first) = begins[end] else {
            end -= 1;
            continue;
        };
        if let Some((ln_ratio, sd)) = sum(changes, first..end) {
            found.push(Stretch { first, last: end - 1, ln_ratio, sd });
        }
        end = first;
    }
    found.reverse();
    found
}
