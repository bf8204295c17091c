//! The variants of a run against each other, where results.json holds each against the reference alone.
//!
//! They stood in the same blocks, so the same judgement applies: paired by block, exact sign test, the margin and what the
//! control moved in the scenario. All pairs that are asked for together are one family of their own.

use super::evaluate::{Raw, Terms, compare, corrected, paired};
use super::label::{Control, Q};
use super::wire::results::{Cell, Comparison, InvalidCell, Metric, Results};
use std::collections::HashMap;

/// What intervals cover at least, where there are blocks enough.
const CONFIDENCE: f64 = 0.95;

/// Two variants against each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The variant that the ratios are of.
    pub first: String,
    /// The variant that it is compared with.
    pub second: String,
    /// A comparison per scenario in which both have samples and neither is invalid, in the order of the plan.
    pub comparisons: Vec<Comparison>,
}

/// Judges every pair of `variants` in `metric`, the earlier against the later. Reads results and nothing else; the cost is
/// the number of pairs times scenarios times blocks.
pub fn pairwise(results: &Results, metric: Metric, variants: &[&str]) -> Vec<Pair> {
    let Some(facts) = results.metrics.iter().find(|facts| facts.metric == metric) else { return Vec::new() };
    let cells: HashMap<(&str, &str), &Cell> = results
        .cells
        .iter()
        .filter(|cell| cell.metric == metric && !cell.samples.is_empty())
        .map(|cell| ((cell.scenario.as_str(), cell.variant.as_str()), cell))
        .collect();
    let moved: HashMap<&str, Control> = results
        .controls
        .iter()
        .filter(|control| control.metric == metric)
        .filter_map(|control| {
            let figures = control.figures.as_ref()?;
            Some((control.scenario.as_str(), Control { ln_ratio: figures.ratio.ln(), q: figures.q }))
        })
        .collect();
    let cell = |scenario: &str, variant: &str| {
        let own = |i: &InvalidCell| i.scenario == scenario && i.variant == variant && i.concerns(metric);
        let wrong = results.invalid.iter().any(own);
        cells.get(&(scenario, variant)).copied().filter(|_| !wrong)
    };
    let (mut raw, mut starts) = (Vec::new(), Vec::new());
    for (i, first) in variants.iter().enumerate() {
        for second in &variants[i + 1..] {
            starts.push((*first, *second, raw.len()));
            raw.extend(results.scenarios.iter().filter_map(|scenario| {
                let pairs = paired(cell(&scenario.name, first)?, cell(&scenario.name, second)?);
                Some(Raw { scenario: scenario.name.clone(), variant: (*first).to_owned(), pairs })
            }));
        }
    }
    let (q, family) = corrected(&raw);
    let terms = Terms {
        metric,
        relative: facts.margin,
        absolute: facts.margin_absolute,
        confidence: CONFIDENCE,
        family,
        told_apart: q.iter().filter(|q| **q <= Q).count(),
    };
    let ends = starts.iter().skip(1).map(|(_, _, start)| *start).chain([raw.len()]);
    let pair = |(&(first, second, start), end): (&(&str, &str, usize), usize)| {
        let judged = raw[start..end].iter().zip(&q[start..end]);
        let comparisons =
            judged.map(|(raw, q)| compare(raw, *q, moved.get(raw.scenario.as_str()).copied(), &terms));
        Pair { first: first.to_owned(), second: second.to_owned(), comparisons: comparisons.collect() }
    };
    starts.iter().zip(ends).map(pair).collect()
}
