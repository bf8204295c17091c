//! Charts as SVG, each a pure function of the results.
//!
//! Every chart says in the picture what it shows, in which unit, over how many samples, what the labels and the floor
//! are and which run it comes from: it must speak for itself where somebody pastes it.

mod alike;
mod axis;
mod canvas;
mod detection;
mod frame;
mod ink;
mod measure;
mod memory;
mod speed;
mod strip;
mod style;
mod svg;

pub use alike::alike;
pub use detection::detection;
pub use ink::Theme;
pub use memory::memory;
pub use speed::speed;
pub use strip::strip;
pub use style::Style;

pub(crate) use ink::dark_style;

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
    /// The size at which it is shown, in pixels.
    pub(crate) shown: (f64, f64),
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

/// All charts of a run.
#[derive(Clone, Debug, Default)]
pub struct Charts {
    /// Speed relative to the reference, over as many pictures as it takes.
    pub speed: Vec<Chart>,
    /// Heap and resident memory side by side, over as many pictures as it takes.
    pub memory: Vec<Chart>,
    /// The samples of each scenario, in the order of the plan.
    pub strips: Vec<Chart>,
    /// Charts that this run can't give, each with the reason.
    pub absent: Vec<String>,
}

impl Charts {
    /// Draws every chart that `results` can give. File stems are all different.
    pub fn of(results: &Results, style: &Style) -> Self {
        let mut charts = Self::default();
        match speed(results, Metric::Time, style) {
            Ok(drawn) => charts.speed = drawn,
            Err(why) => charts.absent.push(format!("Speed relative to the reference: {why}.")),
        }
        match memory(results, style) {
            Ok(drawn) => charts.memory = drawn,
            Err(why) => charts.absent.push(format!("Heap and resident memory: {why}.")),
        }
        for scenario in &results.scenarios {
            match strip(results, &scenario.name, Metric::Time, style) {
                Ok(drawn) => charts.strips.push(drawn),
                Err(why) => charts.absent.push(format!("Samples of {}: {why}.", scenario.name)),
            }
        }
        charts.tell_stems_apart();
        charts
    }

    /// In the order of the report.
    pub fn iter(&self) -> impl Iterator<Item = &Chart> {
        self.speed.iter().chain(&self.memory).chain(&self.strips)
    }

    /// Two scenarios whose names differ only in what a file name can't hold get numbers.
    fn tell_stems_apart(&mut self) {
        let mut taken = std::collections::HashSet::new();
        for chart in self.speed.iter_mut().chain(&mut self.memory).chain(&mut self.strips) {
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
