//! How many blocks of the clock a time budget has room for. It is decided before the first sample, by what visits cost and
//! not by what they show.

use super::label::MIN_BLOCKS;
use super::wire::sample::Instrument;
use std::time::Duration;

/// Fewer blocks can't be judged.
pub const FEWEST: u32 = MIN_BLOCKS as u32;
/// More are not planned, however long the budget: what 60 blocks do not settle is within the noise.
pub const MOST: u32 = 60;

/// What an instrument costs in a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The instrument.
    pub instrument: Instrument,
    /// One block: a visit to each of its arms.
    pub block: Duration,
    /// How many the preset plans.
    pub blocks: u32,
}

/// Blocks that fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fitting {
    /// Of the clock, in each scenario.
    pub blocks: u32,
    /// What they and all other instruments take, with what was spent before.
    pub estimate: Duration,
}

/// A budget that has not even room for [`FEWEST`] blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooShort {
    /// What [`FEWEST`] blocks take, all instruments and what was spent before together.
    pub fewest: Duration,
    /// The preset's number of blocks.
    pub preset_blocks: u32,
    /// What those take.
    pub preset: Duration,
}

/// The most blocks of the clock, the same for all scenarios, with which the whole run stays within the budget. Other
/// instruments have the preset's.
///
/// # Errors
/// Fewer than [`FEWEST`] would fit.
///
/// ```
/// use harness::judge::budget::{Cost, fitting};
/// use harness::judge::wire::sample::Instrument;
/// use std::time::Duration;
///
/// let seconds = Duration::from_secs;
/// let clock = Cost { instrument: Instrument::Clock, block: seconds(3), blocks: 12 };
/// let rss = Cost { instrument: Instrument::Rss, block: seconds(1), blocks: 12 };
/// let fit = fitting(&[clock, rss], seconds(5), seconds(60)).expect("it fits");
/// assert_eq!((fit.blocks, fit.estimate), (14, seconds(5 + 12 + 3 * 14)));
/// let short = fitting(&[clock, rss], seconds(5), seconds(40)).expect_err("it does not");
/// assert_eq!((short.fewest, short.preset), (seconds(41), seconds(53)));
/// ```
pub fn fitting(costs: &[Cost], spent: Duration, budget: Duration) -> Result<Fitting, TooShort> {
    let (clock, others): (Vec<&Cost>, Vec<&Cost>) =
        costs.iter().partition(|cost| cost.instrument == Instrument::Clock);
    let block: u128 = clock.iter().map(|cost| cost.block.as_nanos()).sum();
    let rest: u128 = others.iter().map(|cost| cost.block.as_nanos().saturating_mul(cost.blocks.into())).sum();
    let whole = |blocks: u32| (spent.as_nanos() + rest).saturating_add(block.saturating_mul(blocks.into()));
    let duration = |ns: u128| Duration::from_nanos(u64::try_from(ns).unwrap_or(u64::MAX));
    // The whole grows with the blocks, so the first that fits from above is the most.
    let fits = |blocks: &u32| whole(*blocks) <= budget.as_nanos();
    if let Some(blocks) = (FEWEST..=MOST).rev().find(fits) {
        return Ok(Fitting { blocks, estimate: duration(whole(blocks)) });
    }
    let preset_blocks = clock.iter().map(|cost| cost.blocks).max().unwrap_or(FEWEST);
    let (fewest, preset) = (duration(whole(FEWEST)), duration(whole(preset_blocks)));
    Err(TooShort { fewest, preset_blocks, preset })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn costs() -> impl Strategy<Value = Vec<Cost>> {
        let instrument = prop_oneof![Just(Instrument::Clock), Just(Instrument::Rss), Just(Instrument::Heap)];
        let cost = (instrument, 0u64..=100_000_000_000, 0u32..100).prop_map(|(instrument, ns, blocks)| {
            Cost { instrument, block: Duration::from_nanos(ns), blocks }
        });
        proptest::collection::vec(cost, 0..12)
    }

    /// What a run takes by plain addition, block after block.
    fn added_up(costs: &[Cost], spent: Duration, blocks: u32) -> Duration {
        let mut sum = spent;
        for cost in costs {
            let planned = if cost.instrument == Instrument::Clock { blocks } else { cost.blocks };
            for _ in 0..planned {
                sum += cost.block;
            }
        }
        sum
    }

    proptest! {
        #[test]
        fn what_is_planned_fits_and_one_more_would_not(
            costs in costs(), spent in 0u64..20_000_000_000, budget in 0u64..20_000_000_000_000,
        ) {
            let (spent, budget) = (Duration::from_nanos(spent), Duration::from_nanos(budget));
            match fitting(&costs, spent, budget) {
                Ok(fit) => {
                    prop_assert!((FEWEST..=MOST).contains(&fit.blocks));
                    prop_assert_eq!(fit.estimate, added_up(&costs, spent, fit.blocks));
                    prop_assert!(fit.estimate <= budget);
                    prop_assert!(fit.blocks == MOST || added_up(&costs, spent, fit.blocks + 1) > budget);
                }
                Err(short) => {
                    prop_assert!(short.fewest > budget);
                    prop_assert_eq!(short.fewest, added_up(&costs, spent, FEWEST));
                    prop_assert_eq!(short.preset, added_up(&costs, spent, short.preset_blocks));
                    // What it asks for is enough.
                    prop_assert_eq!(fitting(&costs, spent, short.fewest).map(|fit| fit.blocks >= FEWEST), Ok(true));
                }
            }
        }

        #[test]
        fn a_longer_budget_never_gives_fewer(costs in costs(), budget in 0u64..20_000_000_000_000, more: u32) {
            let blocks = |ns| fitting(&costs, Duration::ZERO, Duration::from_nanos(ns)).map_or(0, |fit| fit.blocks);
            prop_assert!(blocks(budget) <= blocks(budget + u64::from(more)));
        }
    }

    #[test]
    fn costs_past_all_bounds_are_refused_and_do_not_overflow() {
        let cost = Cost { instrument: Instrument::Clock, block: Duration::MAX, blocks: u32::MAX };
        let short = fitting(&[cost; 9], Duration::MAX, Duration::MAX).expect_err("too short");
        assert_eq!(short.fewest, Duration::from_nanos(u64::MAX));
    }
}
