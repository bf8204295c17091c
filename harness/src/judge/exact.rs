//! What a gate compares exactly: figures without noise, of two arms of one run.

use super::gate::Limit;
use super::ledger::Ledger;
use super::wire::gate::{Decision, Exact, ExactMetric, NotCompared};
use super::wire::manifest::Manifest;
use super::wire::results::InstructionFacts;
use super::wire::sample::{Heap, Instrument, Reading, Sample};

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
    fn leave_out(&mut self, metric: ExactMetric, scenario: &str, reason: &str) {
        let scenario = format!("{} of {scenario}", metric.name());
        self.not_compared.push(NotCompared { scenario, reason: reason.to_owned(), broken: false });
    }

    fn broken(&mut self, metric: ExactMetric, scenario: &str, reason: String) {
        let scenario = format!("{} of {scenario}", metric.name());
        self.not_compared.push(NotCompared { scenario, reason, broken: true });
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
        let read = |arm: &str| -> Option<Heap> {
            let readings = ledger.readings(Instrument::Heap, name, arm);
            let mut heaps = readings
                .iter()
                .filter_map(|(_, r)| if let Reading::Heap(heap) = r { Some(heap) } else { None });
            let first = heaps.next()?.clone();
            heaps.all(|heap| *heap == first).then_some(first)
        };
        let (Some(base), Some(head)) = (read(base), read(head)) else {
            compared.leave_out(ExactMetric::Heap, name, "it was not the same every time");
            continue;
        };
        let mut take = |metric, figures, least| {
            compared.exact.push(compare((metric, Some(name)), figures, limit_of(metric, name), least));
        };
        take(ExactMetric::Heap, (base.peak_bytes, head.peak_bytes), least);
        take(ExactMetric::Allocations, (base.total_blocks, head.total_blocks), 0);
    }
    compared
}

/// Instructions of the variants called `base` and `head`.
pub fn instructions(
    counted: &[InstructionFacts],
    [base, head]: [&str; 2],
    limit_of: impl Fn(ExactMetric, &str) -> Limit,
) -> Compared {
    let metric = ExactMetric::Instructions;
    let mut compared = Compared::default();
    for one in counted.iter().filter(|one| one.variant == base) {
        let name = &one.scenario;
        match counted.iter().find(|other| other.variant == head && other.scenario == *name) {
            None => compared.leave_out(metric, name, "the head was not counted"),
            Some(other) if one.spread.max(other.spread) > MOST_SPREAD => {
                compared.leave_out(metric, name, "they were not the same every time, to one in ten thousand");
            }
            Some(other) => {
                let figures = (one.instructions.round() as u64, other.instructions.round() as u64);
                compared.exact.push(compare((metric, Some(name)), figures, limit_of(metric, name), 0));
            }
        }
    }
    compared
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn counts_that_do_not_agree_with_themselves_are_told_and_not_compared() {
        let facts = |scenario: &str, variant: &str, instructions, spread| InstructionFacts {
            scenario: scenario.to_owned(),
            variant: variant.to_owned(),
            instructions,
            spread,
            visits: 2,
        };
        let counted = [
            facts("more", "base", 1000.0, 0.0),
            facts("more", "head", 1011.0, 0.00009),
            facts("vague", "base", 1000.0, 0.0),
            facts("vague", "head", 1000.0, 0.0002),
            facts("gone", "base", 1000.0, 0.0),
        ];
        let compared = instructions(&counted, ["base", "head"], |_, _| limit(0.01));
        let [one] = compared.exact.as_slice() else { panic!("{compared:?}") };
        assert_eq!((one.scenario.as_deref(), one.decision), (Some("more"), Decision::Regression));
        let left: Vec<&str> = compared.not_compared.iter().map(|one| one.scenario.as_str()).collect();
        assert_eq!(left, ["instructions of vague", "instructions of gone"]);
    }
}
