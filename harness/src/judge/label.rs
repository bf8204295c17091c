//! Labels: how sure a comparison is.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Smallest number of good blocks that can be judged.
pub const MIN_BLOCKS: usize = 8;
/// A comparison counts as told apart when its q is at most this.
pub const Q: f64 = 0.05;

/// How sure a comparison is. Two-sided: a regression can be as definitive as an improvement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// An answer differs, the sides differ in what must be the same, or one is missing.
    Invalid,
    /// Too few good blocks, or the control was told apart here.
    Unstable,
    /// Told apart, past the floor, and the two sets of samples do not overlap at all.
    Definitive,
    /// Told apart, past the floor, and p95 of the better side is below the median of the other.
    High,
    /// Told apart, and past the floor.
    Moderate,
    /// The whole interval lies inside the margin.
    NoChange,
    /// Anything else.
    Inconclusive,
}

impl Label {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Unstable => "unstable",
            Self::Definitive => "definitive",
            Self::High => "high",
            Self::Moderate => "moderate",
            Self::NoChange => "no change",
            Self::Inconclusive => "inconclusive",
        }
    }

    /// Does the label say that there is a difference?
    pub fn tells_apart(self) -> bool {
        matches!(self, Self::Definitive | Self::High | Self::Moderate)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a label is decided from, once the sides are known to be comparable.
#[derive(Clone, Copy, Debug)]
pub struct Evidence {
    /// Good blocks.
    pub blocks: usize,
    /// ln of the estimated ratio.
    pub ln_ratio: f64,
    /// Lower end of its interval, as a logarithm.
    pub ln_low: f64,
    /// Upper end.
    pub ln_high: f64,
    /// p after the family's correction.
    pub q: f64,
    /// Smallest change worth telling, as a fraction.
    pub margin: f64,
    /// Do the two sets of samples lie wholly apart?
    pub apart: bool,
    /// p95 of the side that takes less.
    pub better_p95: f64,
    /// Median of the side that takes more.
    pub worse_median: f64,
    /// The control of the same scenario and metric.
    pub control: Control,
}

/// What the control moved in one scenario and metric.
#[derive(Clone, Copy, Debug)]
pub struct Control {
    /// ln of its estimated ratio.
    pub ln_ratio: f64,
    /// Its p after the correction over the controls.
    pub q: f64,
}

impl Evidence {
    /// The larger of the margin and what the control moved, as a fraction.
    pub fn floor(&self) -> f64 {
        self.margin.max(self.control.ln_ratio.abs().exp_m1())
    }

    /// Was the control told apart, past the margin, by more than a third of the change judged?
    fn control_moved(&self) -> bool {
        let moved = self.control.ln_ratio.abs();
        self.control.q <= Q && moved > self.margin.ln_1p() && moved > self.ln_ratio.abs() / 3.0
    }

    /// Decides the label, in the order of the table of DESIGN ("Judging"); the reason where the
    /// label wants one.
    pub fn label(&self) -> (Label, Option<String>) {
        if self.blocks < MIN_BLOCKS {
            let why = format!("{} good blocks, and {MIN_BLOCKS} are needed", self.blocks);
            return (Label::Unstable, Some(why));
        }
        if self.control_moved() {
            let why = format!(
                "the control, the same binary, moved by {:+.1} % here",
                self.control.ln_ratio.exp_m1() * 100.0
            );
            return (Label::Unstable, Some(why));
        }
        let past_floor = self.ln_ratio.abs() > self.floor().ln_1p();
        let label = if self.q <= Q && past_floor {
            if self.apart {
                Label::Definitive
            } else if self.better_p95 < self.worse_median {
                Label::High
            } else {
                Label::Moderate
            }
        } else if self.ln_low > -self.margin.ln_1p() && self.ln_high < self.margin.ln_1p() {
            Label::NoChange
        } else {
            Label::Inconclusive
        };
        (label, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLEAR: Evidence = Evidence {
        blocks: 12,
        ln_ratio: -0.10,
        ln_low: -0.12,
        ln_high: -0.08,
        q: 0.001,
        margin: 0.01,
        apart: true,
        better_p95: 92.0,
        worse_median: 100.0,
        control: Control { ln_ratio: 0.002, q: 0.8 },
    };

    fn label(evidence: Evidence) -> Label {
        evidence.label().0
    }

    #[test]
    fn follows_the_table_from_top_to_bottom() {
        assert_eq!(label(CLEAR), Label::Definitive);
        assert_eq!(label(Evidence { apart: false, ..CLEAR }), Label::High);
        assert_eq!(label(Evidence { apart: false, better_p95: 101.0, ..CLEAR }), Label::Moderate);
        assert_eq!(label(Evidence { q: 0.06, ..CLEAR }), Label::Inconclusive);
        assert_eq!(label(Evidence { blocks: 7, ..CLEAR }), Label::Unstable);
        let within = Evidence { ln_ratio: 0.001, ln_low: -0.004, ln_high: 0.006, q: 0.4, ..CLEAR };
        assert_eq!(label(within), Label::NoChange);
        assert_eq!(label(Evidence { ln_high: 0.02, ..within }), Label::Inconclusive);
    }

    #[test]
    fn a_slowdown_can_be_definitive() {
        let slower = Evidence { ln_ratio: 0.10, ln_low: 0.08, ln_high: 0.12, ..CLEAR };
        assert_eq!(label(slower), Label::Definitive);
    }

    #[test]
    fn a_change_below_what_the_control_moved_is_not_told() {
        let control = Control { ln_ratio: 0.11, q: 0.5 };
        assert_eq!(label(Evidence { control, ..CLEAR }), Label::Inconclusive);
    }

    #[test]
    fn a_control_told_apart_makes_the_scenario_unstable_unless_it_is_small_beside_the_change() {
        let told = Control { ln_ratio: 0.05, q: 0.01 };
        assert_eq!(label(Evidence { control: told, ..CLEAR }), Label::Unstable);
        let small = Control { ln_ratio: 0.03, q: 0.01 };
        assert_eq!(label(Evidence { control: small, ..CLEAR }), Label::Definitive);
        let within_margin = Control { ln_ratio: 0.009, q: 0.01 };
        let little = Evidence { ln_ratio: 0.02, ln_low: 0.015, ln_high: 0.025, ..CLEAR };
        assert_eq!(label(Evidence { control: within_margin, ..little }), Label::Definitive);
    }
}
