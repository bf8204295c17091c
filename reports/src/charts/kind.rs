//! The kinds of charts, and which of them a run can give.

use super::{
    Chart, ChartError, Style, heat, ladder, latency, memory, pairs, size, speed, strip, threads, trade_off,
};
use crate::selection::Shown;
use harness::judge::wire::results::{Metric, Results};
use std::fmt;

/// A kind of chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Each variant relative to the reference, with interval and label, sorted.
    Speed,
    /// Every sample of a scenario.
    Strip,
    /// Variants by scenarios.
    Heat,
    /// What each step adds on the one before.
    Ladder,
    /// The samples of two variants, joined by block.
    Pairs,
    /// Throughput against memory, size and build time, with the Pareto front.
    TradeOff,
    /// Heap and resident memory side by side.
    Memory,
    /// A metric over the size of the input.
    Size,
    /// Speed over the number of threads.
    Threads,
    /// Percentiles of latency.
    Latency,
    /// The level of a metric over gated commits.
    History,
    /// What a calibration says of comparisons in which nothing is to be found.
    Alike,
    /// Which slow-downs a calibration found.
    Detection,
}

/// What a chart is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The results of a run.
    Run,
    /// The history of a gate.
    History,
    /// A calibration.
    Calibration,
}

impl Kind {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 13] = [
        Self::Speed,
        Self::Heat,
        Self::Ladder,
        Self::TradeOff,
        Self::Strip,
        Self::Pairs,
        Self::Latency,
        Self::Memory,
        Self::Size,
        Self::Threads,
        Self::History,
        Self::Alike,
        Self::Detection,
    ];

    /// The word used in flags and file names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Speed => "speed",
            Self::Strip => "strip",
            Self::Heat => "heat",
            Self::Ladder => "ladder",
            Self::Pairs => "pairs",
            Self::TradeOff => "trade-off",
            Self::Memory => "memory",
            Self::Size => "size",
            Self::Threads => "threads",
            Self::Latency => "latency",
            Self::History => "history",
            Self::Alike => "alike",
            Self::Detection => "detection",
        }
    }

    /// What it shows, in a line.
    pub fn about(self) -> &'static str {
        match self {
            Self::Speed => "each variant relative to the reference, with interval and label, sorted",
            Self::Strip => "every sample of a scenario, so that overlap is seen; a picture for each scenario",
            Self::Heat => "heat map of variants by scenarios",
            Self::Ladder => "what each step adds on the one before; --variants names the steps",
            Self::Pairs => "before and after, the samples of two variants joined by block: --variants A,B",
            Self::TradeOff => {
                "throughput against resident memory, size and build time, with the Pareto front"
            }
            Self::Memory => "heap and resident memory side by side, with what neither explains",
            Self::Size => "time, or memory by --metric, over the size of the input, with the fitted slope",
            Self::Threads => "speed-up over the number of threads",
            Self::Latency => "percentiles of latency beside those of an idle loop, log scale",
            Self::History => "levels over gated commits, with their steps: --history DIR",
            Self::Alike => "a calibration: the same binary against itself",
            Self::Detection => "a calibration: which slow-downs are found",
        }
    }

    /// What it is made from.
    pub fn source(self) -> Source {
        match self {
            Self::History => Source::History,
            Self::Alike | Self::Detection => Source::Calibration,
            _ => Source::Run,
        }
    }

    /// The metrics that it can show; none where it is of one thing alone.
    pub fn metrics(self) -> &'static [Metric] {
        match self {
            Self::Speed | Self::Strip | Self::Heat | Self::Ladder | Self::Pairs | Self::History => {
                &Metric::ALL
            }
            Self::Size => &[Metric::Time, Metric::Rss, Metric::Anon],
            _ => &[],
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Draws a chart of what is shown of a run, over as many pictures as it takes. `metric` is that of [`Kind::metrics`]; `variants` are
/// those that were asked for by name, in their order, and matter to [`Kind::Ladder`] and [`Kind::Pairs`].
///
/// Where the style asks for a size, the layout is made once more for its proportions.
///
/// # Errors
/// The run can't give it, and why.
pub fn draw<'r>(
    kind: Kind,
    shown: impl Into<Shown<'r>>,
    metric: Metric,
    variants: &[String],
    style: &Style,
) -> Result<Vec<Chart>, ChartError> {
    let shown = shown.into();
    let results = shown.some;
    fitted(style, |style| match kind {
        Kind::Speed => speed(results, metric, style),
        Kind::Strip => strips(results, metric, style),
        Kind::Heat => heat(results, metric, style),
        Kind::Ladder => ladder(shown, metric, variants, style),
        Kind::Pairs => pairs(shown, metric, variants, style),
        Kind::TradeOff => trade_off(results, style).map(|chart| vec![chart]),
        Kind::Memory => memory(results, style),
        Kind::Size => size(results, metric, style),
        Kind::Threads => threads(results, style),
        Kind::Latency => latency(results, style),
        Kind::History | Kind::Alike | Kind::Detection => {
            Err(ChartError::Nothing(format!("{kind} is not made from the results of a run")))
        }
    })
}

/// Draws, and once more where the style asks for a size that the first layout does not fill.
///
/// # Errors
/// Those of `draw`.
pub fn fitted(
    style: &Style,
    draw: impl Fn(&Style) -> Result<Vec<Chart>, ChartError>,
) -> Result<Vec<Chart>, ChartError> {
    let first = draw(style)?;
    let height = first.iter().map(|chart| chart.size.1).fold(0.0, f64::max);
    style.refitted(height).map_or(Ok(first), |style| draw(&style))
}

/// A picture for each scenario that has samples.
fn strips(results: &Results, metric: Metric, style: &Style) -> Result<Vec<Chart>, ChartError> {
    let mut drawn = Vec::new();
    for scenario in &results.scenarios {
        match strip(results, &scenario.name, metric, style) {
            Ok(chart) => drawn.push(chart),
            Err(ChartError::Nothing(_)) => {}
            Err(error) => return Err(error),
        }
    }
    if drawn.is_empty() {
        return Err(ChartError::Nothing(format!("no {metric} was read in this run")));
    }
    Ok(drawn)
}
