//! What a change has to be past to be told, for those who show it.

use harness::judge::wire::results::{Figures, Metric};

/// What a change has to be past to be told, as ratios to the reference: the margin or, where that is more, what the control
/// moved. Where the margin is in bytes, the two lie as far from 1 as each other; else they are each other's reciprocals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Floor {
    /// Of a decrease; 0 where none is large enough.
    pub(crate) less: f64,
    /// Of an increase.
    pub(crate) more: f64,
}

impl Floor {
    /// The largest of these comparisons.
    pub(crate) fn of(figures: &[&Figures], metric: Metric) -> Option<Self> {
        let largest = |is_more: bool| {
            let these = figures.iter().filter(|figures| (figures.ratio >= 1.0) == is_more);
            these.map(|figures| figures.floor).filter(|floor| floor.is_finite()).reduce(f64::max)
        };
        // A margin in bytes that is more than the reference takes: nothing can take so much less.
        let is_out_of_reach = figures.iter().any(|figures| figures.margin >= 1.0);
        let less = |floor: f64| if is_out_of_reach { 0.0 } else { 1.0 / (1.0 + floor) };
        match (largest(true), largest(false)) {
            (Some(more), down) => Some(Self { less: less(down.unwrap_or(more)), more: 1.0 + more }),
            (None, Some(down)) => {
                let less = less(down);
                let in_bytes = matches!(metric, Metric::Rss | Metric::Anon) && !is_out_of_reach;
                Some(Self { less, more: if in_bytes { 2.0 - less } else { 1.0 + down } })
            }
            (None, None) => None,
        }
    }

    /// That of an increase, as a fraction.
    pub(crate) fn share(self) -> f64 {
        self.more - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(ratio: f64, floor: f64, margin: f64) -> Figures {
        Figures {
            blocks: 12,
            ratio,
            low: ratio,
            high: ratio,
            coverage: 0.95,
            p: 1.0,
            q: 1.0,
            u: 0.0,
            cliffs_delta: 0.0,
            floor,
            margin,
            blocks_to_settle: None,
        }
    }

    #[test]
    fn a_floor_in_bytes_lies_as_far_below_as_above_and_one_of_time_by_the_same_factor() {
        let of = |figures: &[&Figures], metric| {
            let floor = Floor::of(figures, metric).expect("a floor");
            [floor.less, floor.more].map(|ratio| (ratio * 1000.0).round() as u32)
        };
        // A quarter of a MiB beside half a MiB: 48 % of it either way, which is 93 % of what is left below.
        let (more, less) = (figures(1.05, 0.48, 0.48), figures(0.75, 0.923, 0.48));
        assert_eq!(of(&[&more, &less], Metric::Anon), [520, 1480]);
        assert_eq!(of(&[&less], Metric::Anon), [520, 1480], "whichever there is");
        assert_eq!(of(&[&figures(0.75, 3.0, 3.0)], Metric::Anon), [0, 4000], "nothing takes so much less");
        let slower = figures(1.05, 0.25, 0.01);
        assert_eq!(of(&[&slower, &figures(0.9, 0.25, 0.01)], Metric::Time), [800, 1250]);
        assert_eq!(of(&[&figures(0.9, 0.25, 0.01)], Metric::Time), [800, 1250]);
        assert!(Floor::of(&[], Metric::Time).is_none());
    }
}
