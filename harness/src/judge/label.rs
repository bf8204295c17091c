//! Labels: how sure a comparison is.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Smallest number of good blocks that can be judged.
pub const MIN_BLOCKS: usize = 8;
/// A comparison counts as told apart when its q is at most this.
pub const Q: f64 = 0.05;

/// How sure a comparison is. Two-sided: a regression can be as definitive as an improvement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// An answer differs, the sides differ in what must be the same, or one is missing.
    Invalid,
    /// Too few good blocks, or the control was told apart here, past the margin and by more than a third of the change.
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
    /// Smallest change worth telling.
    pub margin: Margin,
    /// Do the two sets of samples lie wholly apart?
    pub apart: bool,
    /// p95 of the side that takes less.
    pub better_p95: f64,
    /// Median of the side that takes more.
    pub worse_median: f64,
    /// The control of the same scenario and metric.
    pub control: Control,
}

/// Smallest change worth telling, as distances from 0 of a log-ratio. Upward and downward differ
/// where a margin is absolute: 256 KiB more than 128 KiB is three times as much, and 256 KiB less
/// can't be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margin {
    up: f64,
    down: f64,
}

impl Margin {
    /// The larger of a `relative` margin (0.01 is 1 %) and an `absolute` one, for a reference of
    /// this size.
    pub fn new(relative: f64, absolute: f64, reference: f64) -> Self {
        let share = if absolute > 0.0 { absolute / reference } else { 0.0 };
        let down = if share < 1.0 { -(-share).ln_1p() } else { f64::INFINITY };
        Self { up: relative.max(share).ln_1p(), down: relative.ln_1p().max(down) }
    }

    /// The margin against a change in the direction of `ln_ratio`, as a logarithm; infinite where no
    /// decrease is large enough.
    fn against(self, ln_ratio: f64) -> f64 {
        if ln_ratio < 0.0 { self.down } else { self.up }
    }

    /// The margin of an increase, as a fraction.
    pub fn fraction(self) -> f64 {
        self.up.exp_m1()
    }

    /// By which factor both arms of this interval have to shrink until all of it lies inside; `None`
    /// where its middle does not.
    pub fn shrink_to_hold(self, ln_low: f64, ln_ratio: f64, ln_high: f64) -> Option<f64> {
        let room = |arm: f64, room: f64| if arm > 0.0 { room / arm } else { f64::INFINITY };
        let factor =
            room(ln_high - ln_ratio, self.up - ln_ratio).min(room(ln_ratio - ln_low, self.down + ln_ratio));
        (factor > 0.0).then_some(factor)
    }

    /// Does all of this interval lie inside?
    fn holds(self, ln_low: f64, ln_high: f64) -> bool {
        ln_low > -self.down && ln_high < self.up
    }
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
    /// The larger of the margin and what the control moved, as a logarithm.
    fn ln_floor(&self) -> f64 {
        self.margin.against(self.ln_ratio).max(self.control.ln_ratio.abs())
    }

    /// The same as a fraction of the side that takes less, whichever that is; that of an increase where no decrease is large
    /// enough.
    pub fn floor(&self) -> f64 {
        let floor = self.ln_floor();
        if floor.is_finite() { floor.exp_m1() } else { self.margin.fraction() }
    }

    /// Is the change past the floor?
    pub fn is_past_floor(&self) -> bool {
        self.ln_ratio.abs() > self.ln_floor()
    }

    /// Was the control told apart, past the margin, by more than a third of the change judged?
    fn control_moved(&self) -> bool {
        let moved = self.control.ln_ratio.abs();
        let margin = self.margin.against(self.control.ln_ratio);
        self.control.q <= Q && moved > margin && moved > self.ln_ratio.abs() / 3.0
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
        let label = if self.q <= Q && self.is_past_floor() {
            if self.apart {
                Label::Definitive
            } else if self.better_p95 < self.worse_median {
                Label::High
            } else {
                Label::Moderate
            }
        } else if self.margin.holds(self.ln_low, self.ln_high) {
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
        margin: Margin { up: 0.01, down: 0.01 },
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
    fn an_absolute_margin_swallows_small_changes_in_both_directions() {
        let margin = Margin::new(0.02, 256.0, 128.0);
        let gone = Evidence { margin, ln_ratio: -5.0, ln_low: -5.5, ln_high: -4.5, ..CLEAR };
        assert_eq!(label(gone), Label::NoChange, "128 less is not 256 less");
        let doubled = Evidence { margin, ln_ratio: 0.7, ln_low: 0.6, ln_high: 0.8, ..CLEAR };
        assert_eq!(label(doubled), Label::NoChange, "128 more is not 256 more");
        let tripled = Evidence { margin, ln_ratio: 1.2, ln_low: 1.15, ln_high: 1.3, ..CLEAR };
        assert_eq!(label(tripled), Label::Definitive);
        let large = Evidence {
            margin: Margin::new(0.02, 256.0, 1024.0),
            ln_ratio: -0.3,
            ln_low: -0.31,
            ln_high: -0.295,
            ..CLEAR
        };
        assert_eq!(label(large), Label::Definitive, "267 less of 1024");
        assert!((Margin::new(0.02, 256.0, 1024.0).fraction() - 0.25).abs() < 1e-12);
        assert!((Margin::new(0.02, 0.0, 1024.0).fraction() - 0.02).abs() < 1e-12);
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
