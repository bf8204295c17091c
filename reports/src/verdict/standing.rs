//! How a variant stands against the reference over all scenarios, in one metric.

use crate::view::View;
use harness::judge::evaluate::MOST_BLOCKS_TO_SETTLE;
use harness::judge::label::Label;
use harness::judge::wire::results::{Comparison, Metric, ScenarioFacts};

/// How often a difference was told, by how sure it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Labelled definitive or high. The two are counted as one: full separation gets rarer with more samples, even for
    /// a real change.
    pub sure: usize,
    /// Labelled moderate.
    pub moderate: usize,
}

impl Tally {
    /// All scenarios in which the difference was told.
    pub fn told(self) -> usize {
        self.sure + self.moderate
    }

    fn count(&mut self, label: Label) {
        match label {
            Label::Definitive | Label::High => self.sure += 1,
            Label::Moderate => self.moderate += 1,
            Label::Invalid | Label::Unstable | Label::NoChange | Label::Inconclusive => {}
        }
    }
}

/// A ratio and the scenario that it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct At {
    /// variant / reference.
    pub ratio: f64,
    /// Its interval.
    pub interval: (f64, f64),
    /// How sure it is.
    pub label: Label,
    /// Where.
    pub scenario: String,
}

/// A variant against the reference over all scenarios, in one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The variant.
    pub variant: String,
    /// Geometric mean of the ratios over the judged scenarios; absent where none was judged or none has a usable ratio.
    /// In memory, a scenario labelled `no change` counts as 1: its margin is absolute, and a ratio of little to next to
    /// nothing would outweigh all that was told.
    pub mean: Option<f64>,
    /// The scenario in which it does best against the reference, with the ratio that went into the mean.
    pub least: Option<At>,
    /// The scenario in which it does worst.
    pub most: Option<At>,
    /// The largest gain that was told.
    pub gain: Option<At>,
    /// The largest loss that was told.
    pub loss: Option<At>,
    /// Scenarios in which it takes less.
    pub less: Tally,
    /// Scenarios in which it takes more.
    pub more: Tally,
    /// The scenarios in which it was told to take less, in the order of the plan.
    pub less_in: Vec<String>,
    /// The scenarios in which it was told to take more, in the order of the plan.
    pub more_in: Vec<String>,
    /// Scenarios that were judged: labelled neither invalid nor unstable.
    pub judged: usize,
    /// Scenarios in which nothing changed: the whole interval lies inside the margin.
    pub no_change: usize,
    /// Scenarios labelled unstable.
    pub unstable: usize,
    /// Scenarios labelled invalid.
    pub invalid: usize,
    /// Scenarios in which it is inconclusive.
    pub inconclusive: usize,
    /// Those of them of which a number of blocks that might settle them is known.
    pub settleable: usize,
    /// The largest of these numbers.
    pub blocks_to_settle: Option<u32>,
}

impl Standing {
    pub(crate) fn of(view: &View<'_>, variant: &str, metric: Metric) -> Self {
        let comparison = |scenario: &ScenarioFacts| view.comparison(&scenario.name, variant, metric);
        Self::over(variant, view.scenarios().iter().filter_map(comparison))
    }

    /// The same over any comparisons of a variant, one per scenario.
    pub(crate) fn over<'c>(variant: &str, comparisons: impl Iterator<Item = &'c Comparison>) -> Self {
        let mut standing = Self {
            variant: variant.to_owned(),
            mean: None,
            least: None,
            most: None,
            gain: None,
            loss: None,
            less: Tally::default(),
            more: Tally::default(),
            less_in: Vec::new(),
            more_in: Vec::new(),
            judged: 0,
            no_change: 0,
            unstable: 0,
            invalid: 0,
            inconclusive: 0,
            settleable: 0,
            blocks_to_settle: None,
        };
        let mut logarithms = Vec::new();
        for comparison in comparisons {
            logarithms.extend(standing.count(comparison));
        }
        if !logarithms.is_empty() {
            standing.mean = Some((logarithms.iter().sum::<f64>() / logarithms.len() as f64).exp());
        }
        standing
    }

    /// Counts a comparison; the logarithm of its ratio, where it has one that can be averaged.
    fn count(&mut self, comparison: &Comparison) -> Option<f64> {
        match comparison.label {
            Label::Invalid => {
                self.invalid += 1;
                return None;
            }
            Label::Unstable => {
                self.unstable += 1;
                return None;
            }
            Label::NoChange => self.no_change += 1,
            Label::Definitive | Label::High | Label::Moderate | Label::Inconclusive => {}
        }
        self.judged += 1;
        let figures = comparison.figures.as_ref()?;
        if figures.ratio < 1.0 {
            self.less.count(comparison.label);
            if comparison.label.tells_apart() {
                self.less_in.push(comparison.scenario.clone());
            }
        } else {
            self.more.count(comparison.label);
            if comparison.label.tells_apart() {
                self.more_in.push(comparison.scenario.clone());
            }
        }
        if comparison.label == Label::Inconclusive {
            let blocks = figures.blocks_to_settle.filter(|blocks| *blocks <= MOST_BLOCKS_TO_SETTLE);
            self.inconclusive += 1;
            self.settleable += usize::from(blocks.is_some());
            self.blocks_to_settle = self.blocks_to_settle.max(blocks);
        }
        let as_none = comparison.label == Label::NoChange && comparison.metric.unit() == "bytes";
        let ratio = if as_none { 1.0 } else { figures.ratio };
        if !(ratio.is_finite() && ratio > 0.0) {
            return None;
        }
        let here = || {
            Some(At {
                ratio,
                interval: (figures.low, figures.high),
                label: comparison.label,
                scenario: comparison.scenario.clone(),
            })
        };
        if self.least.as_ref().is_none_or(|at| ratio < at.ratio) {
            self.least = here();
        }
        let (gained, lost) = (ratio < 1.0, ratio >= 1.0);
        if comparison.label.tells_apart() {
            if gained && self.gain.as_ref().is_none_or(|at| ratio < at.ratio) {
                self.gain = here();
            }
            if lost && self.loss.as_ref().is_none_or(|at| ratio > at.ratio) {
                self.loss = here();
            }
        }
        if self.most.as_ref().is_none_or(|at| ratio > at.ratio) {
            self.most = here();
        }
        Some(ratio.ln())
    }

    /// The same seen from the other side: how what it was compared with, `variant`, stands against it.
    pub(crate) fn turned(self, variant: &str) -> Self {
        let turn =
            |at: At| At { ratio: 1.0 / at.ratio, interval: (1.0 / at.interval.1, 1.0 / at.interval.0), ..at };
        Self {
            variant: variant.to_owned(),
            mean: self.mean.map(|mean| 1.0 / mean),
            least: self.most.map(turn),
            gain: self.loss.map(turn),
            loss: self.gain.map(turn),
            most: self.least.map(turn),
            less: self.more,
            more: self.less,
            less_in: self.more_in,
            more_in: self.less_in,
            ..self
        }
    }

    /// Scenarios that were compared at all.
    pub fn compared(&self) -> usize {
        self.judged + self.unstable + self.invalid
    }

    /// Was it judged in most of a run's `scenarios`? A claim over the whole run wants that.
    pub(crate) fn is_wide(&self, scenarios: usize) -> bool {
        self.judged * 2 > scenarios
    }

    /// Is it told from the reference anywhere?
    pub fn told(&self) -> bool {
        self.less.told() + self.more.told() > 0
    }

    /// Does it take less somewhere and more elsewhere?
    pub fn is_mixed(&self) -> bool {
        self.less.told() > 0 && self.more.told() > 0
    }
}
