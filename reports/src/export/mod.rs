//! Results in the formats that other tools read.
//!
//! Each format is a pure function of the results. What a format can't hold is said beside it, never dropped in silence.
//! Names are carried as they are, escaped as the format asks; they are data to whatever reads them.

mod bencher;
mod benchstat;
mod csv;
mod hyperfine;
mod jsonl;
mod openmetrics;

use crate::format::plural;
use harness::judge::wire::results::{Metric, Results};
use std::fmt;

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values (RFC 4180): a row per scenario, variant and metric, with summary and comparison.
    Csv,
    /// JSON Lines: a value a line, each of a `kind`; cells with all their samples.
    Jsonl,
    /// The text format of Go's benchmarks, which benchstat reads: a line per sample.
    Benchstat,
    /// Bencher Metric Format: JSON that `bencher run --adapter json` takes.
    Bencher,
    /// The JSON of `hyperfine --export-json`: times alone.
    Hyperfine,
    /// `OpenMetrics`' text format: gauges, with the time at which the run began.
    OpenMetrics,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Csv, Self::Jsonl, Self::Benchstat, Self::Bencher, Self::Hyperfine, Self::OpenMetrics];

    /// The word used in flags.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Benchstat => "benchstat",
            Self::Bencher => "bencher",
            Self::Hyperfine => "hyperfine",
            Self::OpenMetrics => "openmetrics",
        }
    }

    /// The format of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// Results in a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// The file.
    pub text: String,
    /// What of the results is not in it, and why: a sentence each.
    pub left_out: Vec<String>,
}

/// The run holds nothing that the format could hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NothingToExport(String);

impl fmt::Display for NothingToExport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NothingToExport {}

/// Writes `results` as `format`. The same results give the same bytes.
///
/// # Errors
/// The run has nothing of what the format holds, such as times for hyperfine's.
pub fn export(results: &Results, format: Format) -> Result<Export, NothingToExport> {
    let text = match format {
        Format::Csv => Some(csv::write(results)),
        Format::Jsonl => Some(jsonl::write(results)),
        Format::Benchstat => benchstat::write(results),
        Format::Bencher => bencher::write(results),
        Format::Hyperfine => hyperfine::write(results),
        Format::OpenMetrics => openmetrics::write(results),
    };
    let Some(text) = text else {
        let wanted = if format == Format::Hyperfine { "times" } else { "figures" };
        return Err(NothingToExport(format!(
            "run {:?} has no {wanted}: there is nothing that the format {} could hold",
            results.provenance.run,
            format.name()
        )));
    };
    Ok(Export { text, left_out: left_out(results, format) })
}

/// What `format` can't hold of these results.
fn left_out(results: &Results, format: Format) -> Vec<String> {
    let mut said = Vec::new();
    let holds_gaps = matches!(format, Format::Csv | Format::Jsonl);
    let invalid = results.invalid.len();
    if invalid > 0 && !holds_gaps {
        let cells = plural(invalid as u64, "cell", "cells");
        said.push(format!("{cells} without a right answer or a reading (csv and jsonl name them)"));
    }
    let skipped = results.skipped.len();
    if skipped > 0 && format != Format::Jsonl {
        let things = plural(skipped as u64, "thing", "things");
        said.push(format!("{things} that could not be done here (jsonl and the report name them)"));
    }
    if format == Format::Hyperfine {
        said.push(
            "the time of user and of system: the CPU's time was read as one, so both are null".to_owned(),
        );
        if results.cells.iter().any(|cell| cell.metric != Metric::Time) || !results.heap.is_empty() {
            said.push("memory and latency: the format holds times alone".to_owned());
        }
    }
    if matches!(format, Format::Benchstat | Format::Bencher | Format::Hyperfine) {
        said.push("labels and intervals against the reference: the format has no place for them".to_owned());
    }
    if format == Format::OpenMetrics && openmetrics::began(results).is_none() {
        said.push(format!("when it was: {:?} is no time that can be read", results.provenance.began));
    }
    said
}

/// A figure that a format can hold.
fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// Is the cell known to answer wrongly? Then nothing is said of it, not even what a build that it shares was read by.
fn is_wrong(results: &Results, scenario: &str, variant: &str) -> bool {
    results.invalid.iter().any(|i| i.everywhere && i.scenario == scenario && i.variant == variant)
}
