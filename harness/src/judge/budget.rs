//! How many blocks of the clock a time budget has room for, and how many it takes to tell anything. It is decided before the
//! first sample, by what visits cost and not by what they show.

use super::label::{MIN_BLOCKS, Q};
use super::stats::sign;
use super::wire::manifest::InstrumentPlan;
use super::wire::sample::Instrument;
use std::time::Duration;

/// Fewer blocks are never judged. So few can tell one change alone only among a few comparisons ([`fewest_to_tell`]).
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

/// The fewest blocks with which one change alone can be told apart among so many comparisons of a metric. With fewer none can,
/// however large it is: the smallest p of the sign test over n blocks is 2^(1-n), and the correction wants a lone one at or
/// below 0.05 divided by the size of the family. Several changes at once need fewer.
///
/// ```
/// use harness::judge::budget::fewest_to_tell;
///
/// assert_eq!((fewest_to_tell(14), fewest_to_tell(102), fewest_to_tell(144)), (10, 12, 13));
/// ```
pub fn fewest_to_tell(comparisons: usize) -> u32 {
    let wanted = Q / comparisons.max(1) as f64;
    // p halves with each block: 100 of them tell one change among any number.
    (1..100).find(|&blocks| sign::p_of_signs(0, blocks as usize) <= wanted).unwrap_or(100)
}

/// The most comparisons of a metric among which one change alone can be told apart with so many blocks.
pub fn most_comparisons(blocks: u32) -> usize {
    (Q / sign::p_of_signs(0, blocks as usize)) as usize
}

/// The instruments whose planned blocks can't tell one change alone apart, where `others` variants are compared with a
/// reference: a line each, with how many could. Too few to be judged at all are left out: each comparison says that itself.
pub fn too_few(instruments: &[InstrumentPlan], others: usize) -> Vec<String> {
    let told = |plan: &InstrumentPlan| {
        let comparisons = plan.scenarios.len() * others;
        let fewest = fewest_to_tell(comparisons);
        let more = match plan.instrument {
            Instrument::Clock => format!("`--blocks {fewest}`, or a longer --time-budget"),
            Instrument::Latency => format!("`latency-blocks = {fewest}` in bench.toml"),
            Instrument::Rss => format!("`rss-blocks = {fewest}` in bench.toml"),
            // They are compared exactly.
            Instrument::Heap | Instrument::Count => return None,
        };
        (plan.blocks >= FEWEST && plan.blocks < fewest).then(|| {
            format!(
                "{} blocks of {} can't tell one change alone apart among {comparisons} comparisons, however large it is; \
                 {fewest} can ({more}), or fewer scenarios or variants at a time",
                plan.blocks, plan.instrument
            )
        })
    };
    instruments.iter().filter_map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::stats::fdr;
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
    fn one_block_fewer_hides_even_what_is_worse_in_every_block() {
        for comparisons in [1_usize, 2, 6, 7, 14, 25, 26, 102, 103, 144, 5_000] {
            let q = |blocks: u32| {
                let mut p = vec![1.0; comparisons];
                p[0] = sign::p_of_signs(0, blocks as usize);
                fdr::benjamini_hochberg(&p)[0]
            };
            let fewest = fewest_to_tell(comparisons);
            assert!(q(fewest) <= Q && q(fewest - 1) > Q, "{comparisons}: {fewest}");
            assert!(most_comparisons(fewest) >= comparisons && most_comparisons(fewest - 1) < comparisons);
        }
        assert_eq!((most_comparisons(8), most_comparisons(12), most_comparisons(0)), (6, 102, 0));
    }

    #[test]
    fn a_plan_of_too_few_blocks_says_how_many_would_do() {
        let plan = |instrument, blocks| InstrumentPlan {
            instrument,
            blocks,
            scenarios: (0..12).map(|at| format!("s/{at}")).collect(),
        };
        let all = [plan(Instrument::Clock, 12), plan(Instrument::Rss, 2), plan(Instrument::Heap, 2)];
        assert_eq!(too_few(&all, 8), Vec::<String>::new(), "96 comparisons");
        let told = too_few(&all, 12);
        let [told] = told.as_slice() else { panic!("{told:?}") };
        assert!(
            told.contains("12 blocks of clock") && told.contains("144") && told.contains("--blocks 13"),
            "{told}"
        );
    }

    #[test]
    fn costs_past_all_bounds_are_refused_and_do_not_overflow() {
        let cost = Cost { instrument: Instrument::Clock, block: Duration::MAX, blocks: u32::MAX };
        let short = fitting(&[cost; 9], Duration::MAX, Duration::MAX).expect_err("too short");
        assert_eq!(short.fewest, Duration::from_nanos(u64::MAX));
    }
}
