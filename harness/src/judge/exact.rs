//! What a gate compares exactly: figures without noise, of two arms of one run.

use super::facts;
use super::gate::Limit;
use super::ledger::Ledger;
use super::wire::gate::{Decision, Exact, ExactMetric, NotCompared};
use super::wire::manifest::Manifest;
use super::wire::sample::{Heap, Instrument, Reading, Sample};
use std::fmt;

/// Visits of `count` that lie further apart than this do not agree.
pub(super) const MOST_SPREAD: f64 = 0.0001;

/// What was compared, and what could not be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compared {
    /// The comparisons.
    pub exact: Vec<Exact>,
    /// The rest, each with the reason.
    pub not_compared: Vec<NotCompared>,
}

impl Compared {
    fn leave_out(&mut self, metric: ExactMetric, scenario: &str, reason: String) {
        self.add(metric, scenario, reason, |_| ());
    }

    /// It was read, and can't be told: that counts like any other comparison that stays open.
    fn open(&mut self, metric: ExactMetric, scenario: &str, reason: String) {
        self.add(metric, scenario, reason, |one| one.open = Some(metric.name().to_owned()));
    }

    fn broken(&mut self, metric: ExactMetric, scenario: &str, reason: String) {
        self.add(metric, scenario, reason, |one| one.broken = true);
    }

    fn add(&mut self, metric: ExactMetric, scenario: &str, reason: String, mark: impl Fn(&mut NotCompared)) {
        let scenario = format!("{} of {scenario}", metric.name());
        let mut one = NotCompared { scenario, reason, broken: false, open: None };
        mark(&mut one);
        self.not_compared.push(one);
    }
}

/// Compares one figure. Up to `least` more is nothing worth telling, whatever share it is.
pub fn compare(
    (metric, scenario): (ExactMetric, Option<&str>),
    (base, head): (u64, u64),
    Limit { limit, reason }: Limit,
    least: u64,
) -> Exact {
    let worse = head as f64 > base as f64 * (1.0 + limit) && head > base.saturating_add(least);
    let decision = if worse { Decision::Regression } else { Decision::Cleared };
    Exact { metric, scenario: scenario.map(str::to_owned), base, head, limit, limit_reason: reason, decision }
}

/// The least and the most of what several readings of a figure gave.
#[derive(Clone, Copy)]
struct Range {
    least: u64,
    most: u64,
}

impl Range {
    fn of(readings: impl Iterator<Item = u64> + Clone) -> Option<Self> {
        Some(Self { least: readings.clone().min()?, most: readings.max()? })
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { least, most } if least == most => least.fmt(f),
            Self { least, most } => write!(f, "{least} to {most}"),
        }
    }
}

/// Where readings differ, the sides must lie as many times as far apart as those of each lie together. By chance alone (two
/// readings a side, all of one normal, uniform or exponential distribution) the head's lie so far above the base's in one of a
/// hundred cases or fewer, the limit aside: `two_readings_of_one_distribution_are_seldom_apart` simulates it.
const APART: u64 = 3;

/// Compares figures that may differ from reading to reading, as those of several threads do: worse where the least of the
/// head is past the limit of the most of the base, and [far enough](APART) from it; cleared where the most of the head is not
/// past the limit of the least of the base; and open in between. What is told are those two figures.
fn within(
    what: (ExactMetric, Option<&str>),
    (base, head): (Range, Range),
    limit: &Limit,
    least: u64,
) -> Option<Exact> {
    let at_least = compare(what, (base.most, head.least), limit.clone(), least);
    let widths = (base.most - base.least).saturating_add(head.most - head.least);
    let is_apart = head.least.saturating_sub(base.most) > widths.saturating_mul(APART);
    if at_least.decision == Decision::Regression && is_apart {
        return Some(at_least);
    }
    let at_most = compare(what, (base.least, head.most), limit.clone(), least);
    (at_most.decision == Decision::Cleared).then_some(at_most)
}

/// Peaks and allocations of the heap builds called `base` and `head`, of which a peak may be `least` bytes more.
pub fn heaps(
    manifest: &Manifest,
    samples: &[Sample],
    [base, head]: [&str; 2],
    least: u64,
    limit_of: impl Fn(ExactMetric, &str) -> Limit,
) -> Compared {
    let ledger = Ledger::of(manifest, samples);
    let mut compared = Compared::default();
    let plan = manifest.experiment.instruments.iter().find(|plan| plan.instrument == Instrument::Heap);
    for name in plan.into_iter().flat_map(|plan| &plan.scenarios) {
        let wrong = |arm: &str| {
            let why = ledger.why_invalid(Instrument::Heap, name, arm)?;
            Some(format!("{arm}: {why}"))
        };
        let wrong: Vec<String> = [base, head].into_iter().filter_map(wrong).collect();
        if !wrong.is_empty() {
            compared.broken(ExactMetric::Heap, name, wrong.join("; "));
            continue;
        }
        let read = |arm: &str| -> Vec<Heap> {
            let readings = ledger.readings(Instrument::Heap, name, arm).into_iter();
            readings
                .filter_map(|(_, r)| if let Reading::Heap(heap) = r { Some(heap.clone()) } else { None })
                .collect()
        };
        let (base, head) = (read(base), read(head));
        let mut take = |metric, figure: fn(&Heap) -> u64, least| {
            let limit = limit_of(metric, name);
            match (Range::of(base.iter().map(figure)), Range::of(head.iter().map(figure))) {
                (Some(base), Some(head)) => match within((metric, Some(name)), (base, head), &limit, least) {
                    Some(exact) => compared.exact.push(exact),
                    None => compared.open(
                        metric,
                        name,
                        format!(
                            "it was not the same every time, {base} and then {head}, which is too little apart to say"
                        ),
                    ),
                },
                _ => compared.open(metric, name, "a side was not read".to_owned()),
            }
        };
        take(ExactMetric::Heap, |heap| heap.peak_bytes, least);
        take(ExactMetric::Allocations, |heap| heap.total_blocks, 0);
    }
    compared
}

/// Instructions of the variants called `base` and `head`, in every scenario in which they were to be counted.
pub fn instructions(
    manifest: &Manifest,
    samples: &[Sample],
    [base, head]: [&str; 2],
    limit_of: impl Fn(ExactMetric, &str) -> Limit,
) -> Compared {
    let metric = ExactMetric::Instructions;
    let ledger = Ledger::of(manifest, samples);
    let counted = facts::instructions(manifest, &ledger);
    let mut compared = Compared::default();
    let plan = manifest.experiment.instruments.iter().find(|plan| plan.instrument == Instrument::Count);
    for name in plan.into_iter().flat_map(|plan| &plan.scenarios) {
        let of = |arm: &str| {
            let found = counted.iter().find(|one| one.variant == arm && one.scenario == *name);
            found.ok_or_else(|| {
                let why = ledger.why_invalid(Instrument::Count, name, arm);
                format!("{arm}: {}", why.unwrap_or("it was not counted"))
            })
        };
        match (of(base), of(head)) {
            (Ok(one), Ok(other)) if one.spread.max(other.spread) > MOST_SPREAD => {
                let reason = "they were not the same every time, to one in ten thousand";
                compared.open(metric, name, reason.to_owned());
            }
            (Ok(one), Ok(other)) => {
                let figures = (one.instructions.round() as u64, other.instructions.round() as u64);
                compared.exact.push(compare((metric, Some(name)), figures, limit_of(metric, name), 0));
            }
            (one, other) => {
                let why: Vec<String> = [one.err(), other.err()].into_iter().flatten().collect();
                if [base, head].iter().any(|arm| ledger.answers_wrongly(name, arm)) {
                    compared.broken(metric, name, why.join("; "));
                } else {
                    compared.leave_out(metric, name, why.join("; "));
                }
            }
        }
    }
    compared
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::simulate::noise::Draws;

    fn limit(limit: f64) -> Limit {
        Limit { limit, reason: None }
    }

    #[test]
    fn a_figure_is_worse_past_its_limit_and_past_what_is_worth_telling() {
        let decided = |head, limit_is, least| {
            compare((ExactMetric::Heap, Some("s")), (100, head), limit(limit_is), least).decision
        };
        assert_eq!(decided(102, 0.02, 0), Decision::Cleared);
        assert_eq!(decided(103, 0.02, 0), Decision::Regression);
        assert_eq!(decided(103, 0.02, 3), Decision::Cleared);
        assert_eq!(decided(1, 0.0, 0), Decision::Cleared, "less is no regression");
        assert_eq!(compare((ExactMetric::Heap, None), (0, 5), limit(0.5), 0).decision, Decision::Regression);
    }

    #[test]
    fn what_is_not_the_same_every_time_is_decided_by_the_ends_of_its_readings() {
        let decided = |base: [u64; 2], head: [u64; 2]| {
            let [base, head] =
                [base, head].map(|readings| Range::of(readings.into_iter()).expect("readings"));
            let exact = within((ExactMetric::Heap, Some("s")), (base, head), &limit(0.1), 0)?;
            Some((exact.decision, exact.base, exact.head))
        };
        let (worse, cleared) = (Decision::Regression, Decision::Cleared);
        assert_eq!(decided([100, 100], [110, 110]), Some((cleared, 100, 110)), "as one figure");
        assert_eq!(decided([100, 100], [111, 111]), Some((worse, 100, 111)));
        assert_eq!(decided([100, 103], [120, 110]), None, "it may be either");
        assert_eq!(decided([103, 100], [203, 200]), Some((worse, 103, 200)), "by this much at least");
        assert_eq!(decided([103, 100], [123, 120]), None, "two more readings might lie elsewhere");
        assert_eq!(decided([100, 103], [90, 110]), Some((cleared, 100, 110)), "by this much at most");
        assert!(Range::of(std::iter::empty()).is_none());
    }

    #[test]
    fn two_readings_of_one_distribution_are_seldom_apart() {
        const CASES: u32 = 100_000;
        let share = |one: fn(&mut Draws) -> f64| {
            let mut draws = Draws::new(1);
            let worse = (0..CASES).filter(|_| {
                // So far from zero that nothing is below it.
                let mut range = || {
                    let mut reading = || (1e9 + 1e7 * one(&mut draws)) as u64;
                    Range::of([reading(), reading()].into_iter()).expect("readings")
                };
                let both = (range(), range());
                let exact = within((ExactMetric::Heap, None), both, &limit(0.0), 0);
                exact.is_some_and(|exact| exact.decision == Decision::Regression)
            });
            worse.count() as f64 / f64::from(CASES)
        };
        for share in [share(Draws::normal), share(Draws::share), share(Draws::exponential)] {
            assert!((0.005..0.012).contains(&share), "{share}");
        }
    }
}
