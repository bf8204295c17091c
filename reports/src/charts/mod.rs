//! Charts as SVG, each a pure function of the results.
//!
//! Every chart says in the picture what it shows, in which unit, over how many samples, what the labels and the floor
//! are and which run it comes from: it must speak for itself where somebody pastes it.

mod alike;
mod axis;
mod canvas;
mod curves;
mod detection;
mod family;
mod frame;
mod heat;
mod history;
mod ink;
mod kind;
mod ladder;
mod latency;
mod measure;
mod memory;
mod over_time;
mod pairs;
mod ratio;
mod size;
mod speed;
mod steps;
mod strip;
mod style;
mod svg;
mod threads;
mod trade_off;

pub use alike::alike;
pub use detection::detection;
pub use heat::heat;
pub use history::history;
pub use ink::Theme;
pub use kind::{Kind, Source, draw, fitted};
pub use ladder::ladder;
pub use latency::latency;
pub use memory::memory;
pub use over_time::{heap_over_time, rss_over_time};
pub use pairs::pairs;
pub use size::size;
pub use speed::speed;
pub use strip::strip;
pub use style::Style;
pub use threads::threads;
pub use trade_off::trade_off;

pub(crate) use ink::dark_style;

use crate::view::View;
use canvas::Mark;
use harness::judge::wire::results::{Metric, Results};
use std::fmt;

/// A chart, ready to be written to a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// File name without its extension.
    pub stem: String,
    /// What it shows.
    pub title: String,
    /// How to read it, as it stands in the picture too.
    pub caption: String,
    /// The same in a few sentences with the main figures, for those who can't see it.
    pub about: String,
    /// The picture.
    pub svg: String,
    /// What its layout takes, in pixels.
    pub(crate) size: (f64, f64),
    /// How many pixels it is shown on for one of those.
    pub(crate) scale: f64,
}

impl Chart {
    /// The height of the smallest letters as the picture is shown, in pixels.
    pub fn smallest_letters(&self) -> f64 {
        frame::SMALLEST * self.scale
    }
}

/// Why there is no chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChartError {
    /// The run holds nothing that the chart could show, and why.
    Nothing(String),
    /// The drawing library failed.
    Drawing(String),
}

impl fmt::Display for ChartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing(why) => write!(f, "no chart can be drawn: {why}"),
            Self::Drawing(why) => write!(f, "drawing a chart failed: {why}"),
        }
    }
}

impl std::error::Error for ChartError {}

/// All charts of a run, for its report.
#[derive(Clone, Debug, Default)]
pub struct Charts {
    /// Time relative to the reference, over as many pictures as it takes.
    pub speed: Vec<Chart>,
    /// Variants by scenarios, in time.
    pub heat: Vec<Chart>,
    /// What each step adds on the one before, in time.
    pub ladder: Vec<Chart>,
    /// Throughput against memory, size and build time.
    pub trade_off: Vec<Chart>,
    /// Time over the size of the input.
    pub size: Vec<Chart>,
    /// Anonymous memory over the size of the input.
    pub memory_over_size: Vec<Chart>,
    /// Speed-up over the number of threads.
    pub threads: Vec<Chart>,
    /// Percentiles of latency.
    pub latency: Vec<Chart>,
    /// Heap and resident memory side by side, over as many pictures as it takes.
    pub memory: Vec<Chart>,
    /// Before and after, where the run has just one variant besides the reference.
    pub pairs: Vec<Chart>,
    /// The samples of each scenario, in the order of the plan.
    pub strips: Vec<Chart>,
    /// Charts that this run can't give, each with the reason.
    pub absent: Vec<String>,
}

impl Charts {
    /// Draws every chart that `results` can give. File stems are all different.
    pub fn of(results: &Results, style: &Style) -> Self {
        let mut charts = Self::default();
        let mut absent = Vec::new();
        let mut take = |what: &str, drawn: Result<Vec<Chart>, ChartError>| {
            drawn.unwrap_or_else(|why| {
                absent.push(format!("{what}: {why}."));
                Vec::new()
            })
        };
        charts.speed = take("Speed relative to the reference", speed(results, Metric::Time, style));
        charts.heat = take("Heat map", heat(results, Metric::Time, style));
        charts.ladder = take("Ladder", ladder(results.into(), Metric::Time, &[], style));
        charts.trade_off = take("Trade-off", trade_off(results, style).map(|chart| vec![chart]));
        charts.size = take("Time over the size of the input", size(results, Metric::Time, style));
        charts.memory_over_size =
            take("Memory over the size of the input", size(results, Metric::Anon, style));
        charts.threads = take("Speed-up over the number of threads", threads(results, style));
        charts.latency = take("Latency", latency(results, style));
        charts.memory = take("Heap and resident memory", memory(results, style));
        if View::new(results).rivals().count() == 1 {
            charts.pairs = take("Before and after", pairs(results.into(), Metric::Time, &[], style));
        }
        for scenario in &results.scenarios {
            let drawn = strip(results, &scenario.name, Metric::Time, style).map(|chart| vec![chart]);
            charts.strips.extend(take(&format!("Samples of {}", scenario.name), drawn));
        }
        charts.absent = absent;
        charts.tell_stems_apart();
        charts
    }

    /// In the order of the report.
    pub fn iter(&self) -> impl Iterator<Item = &Chart> {
        let before = [&self.speed, &self.heat, &self.ladder, &self.trade_off, &self.pairs, &self.size];
        let after = [&self.threads, &self.latency, &self.memory, &self.memory_over_size, &self.strips];
        before.into_iter().chain(after).flatten()
    }

    /// Two scenarios whose names differ only in what a file name can't hold get numbers.
    fn tell_stems_apart(&mut self) {
        let mut taken: std::collections::HashSet<String> = std::collections::HashSet::new();
        for chart in &mut self.strips {
            let stem = chart.stem.clone();
            let mut number = 2;
            while !taken.insert(chart.stem.clone()) {
                chart.stem = format!("{stem}-{number}");
                number += 1;
            }
        }
    }
}

/// The stem of a chart that can show each metric: that of time has the plain one.
fn of_metric(stem: &str, metric: Metric) -> String {
    if metric == Metric::Time { stem.to_owned() } else { format!("{stem}-{metric}") }
}

/// The stem of one picture of several, counted from 1.
fn numbered(stem: &str, i: usize) -> String {
    if i > 1 { format!("{stem}-{i}") } else { stem.to_owned() }
}

/// Why nothing can be compared in `metric`.
fn no_comparison(results: &Results, metric: Metric) -> ChartError {
    ChartError::Nothing(if results.variants.len() < 2 {
        "the reference is the only variant, so there is nothing to compare".to_owned()
    } else {
        format!("no variant was compared with the reference in {metric}")
    })
}
