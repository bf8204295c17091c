//! A run and its repetition side by side, for a terminal.

use crate::escape::visible;
use crate::format::{ABSENT, change, interval_of};
use harness::judge::repetition::Beside;
use harness::judge::wire::results::Comparison;
use std::fmt::Write as _;

const GAP: usize = 2;

/// A row for each scenario, metric and variant: the ratio to the reference then and now, each with its interval and label,
/// and whether the intervals overlap.
pub fn terminal(rows: &[Beside<'_>], reference: &str) -> String {
    let mut out = format!(
        "then and now: each against {} of the same run; times of one run are never compared with those of the other\n\n",
        visible(reference)
    );
    let head = ["scenario", "metric", "variant", "then", "now", "intervals"].map(str::to_owned);
    let lines: Vec<[String; 6]> = std::iter::once(head).chain(rows.iter().map(line)).collect();
    let mut widths = [0; 6];
    for line in &lines {
        for (width, text) in widths.iter_mut().zip(line) {
            *width = (*width).max(text.chars().count());
        }
    }
    for line in &lines {
        let mut text = String::new();
        for (width, cell) in widths.iter().zip(line) {
            let pad = width - cell.chars().count() + GAP;
            let _ = write!(text, "{cell}{}", " ".repeat(pad));
        }
        let _ = writeln!(out, "  {}", text.trim_end());
    }
    let known: Vec<bool> = rows.iter().filter_map(Beside::overlap).collect();
    let both = known.iter().filter(|overlap| **overlap).count();
    let _ = writeln!(out, "\nthe intervals overlap in {both} of {}", known.len());
    out
}

fn line(row: &Beside<'_>) -> [String; 6] {
    let intervals = match (&row.apart, row.overlap()) {
        (Some(why), _) => format!("not comparable: {why}"),
        (None, Some(true)) => "overlap".to_owned(),
        (None, Some(false)) => "apart".to_owned(),
        (None, None) => ABSENT.to_owned(),
    };
    [
        visible(row.scenario),
        row.metric.to_string(),
        visible(row.variant),
        side(row.then),
        side(row.now),
        visible(&intervals),
    ]
}

fn side(comparison: Option<&Comparison>) -> String {
    let Some(comparison) = comparison else { return "not measured".to_owned() };
    match &comparison.figures {
        Some(figures) => {
            format!("{} {} {}", change(figures.ratio), interval_of(figures), comparison.label.name())
        }
        None => comparison.label.name().to_owned(),
    }
}
