//! What a gate compares exactly: figures without noise, of two arms of one run.

use super::facts;
use super::gate::Limit;
use super::ledger::Ledger;
use super::wire::gate::{Decision, Exact, ExactMetric, NotCompared};
use super::wire::manifest::Manifest;
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
                compared.leave_out(metric, name, "they were not the same every time, to one in ten thousand");
            }
            (Ok(one), Ok(other)) => {
                let figures = (one.instructions.round() as u64, other.instructions.round() as u64);
                compared.exact.push(compare((metric, Some(name)), figures, limit_of(metric, name), 0));
            }
            (one, other) => {
                let wrong: Vec<String> = [one.err(), other.err()].into_iter().flatten().collect();
                compared.leave_out(metric, name, &wrong.join("; "));
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
}
