//! Two runs beside each other, for a terminal.

use crate::escape::visible;
use crate::format::{change, count, interval_of, plural};
use harness::judge::across::{Across, Figure, Finding, Ratios};
use harness::judge::wire::results::{Comparison, Metric, Results};
use std::fmt::Write;

fn word(finding: Finding) -> &'static str {
    match finding {
        Finding::Same => "",
        Finding::Apart => "apart",
        Finding::Better => "better",
        Finding::Worse => "worse",
    }
}

/// What a comparison says: `+3.1 % [+2.0, +4.2] high`.
fn said(comparison: &Comparison) -> String {
    let figures = comparison.figures.as_ref();
    let figures = figures.map(|f| format!("{} {} ", change(f.ratio), interval_of(f)));
    format!("{}{}", figures.unwrap_or_default(), comparison.label)
}

/// The whole in a sentence.
fn headline(across: &Across) -> String {
    let of = |finding: Finding| across.findings().filter(|one| *one == finding).count() as u64;
    if across.is_empty() {
        return "nothing of the two runs can be compared".to_owned();
    }
    format!(
        "{}, {} better, {} moved by less, {} did not move",
        plural(
            of(Finding::Worse),
            "figure got worse past its margin",
            "figures got worse past their margins"
        ),
        count(of(Finding::Better)),
        count(of(Finding::Apart)),
        count(of(Finding::Same))
    )
}

/// `plain, begun 2026-11-20T21:14:07Z, source 1f19475 with changes`.
fn run(results: &Results) -> String {
    let of = &results.provenance;
    let source = of.revision.as_ref().map(|revision| {
        format!(
            ", source {}{}",
            revision.get(..12).unwrap_or(revision),
            if of.dirty { " with changes" } else { "" }
        )
    });
    format!("{}, begun {}{}", of.run, of.began, source.unwrap_or_default())
}

fn ratios(text: &mut String, across: &Across, metric: Metric, reference: &str) {
    let of_metric: Vec<&Ratios> = across.ratios.iter().filter(|one| one.then.metric == metric).collect();
    if of_metric.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{metric}, each variant against {} of its own run", visible(reference));
    for one in of_metric {
        let lie = if one.finding == Finding::Same { "overlap" } else { "are apart" };
        let _ = writeln!(
            text,
            "  {:<6}  {} under {}: then {}, now {}; the intervals {lie}",
            word(one.finding),
            visible(&one.then.scenario),
            visible(&one.then.variant),
            said(&one.then),
            said(&one.now)
        );
    }
}

fn figures(text: &mut String, across: &Across) {
    if across.exact.is_empty() {
        return;
    }
    let (same, moved): (Vec<&Figure>, Vec<&Figure>) =
        across.exact.iter().partition(|figure| figure.finding == Finding::Same);
    text.push_str("\ncompared exactly\n");
    for one in moved {
        let ratio = if one.then == 0 { f64::INFINITY } else { one.now as f64 / one.then as f64 };
        let _ = writeln!(
            text,
            "  {:<6}  {}: {} to {}, {}",
            word(one.finding),
            visible(&one.what),
            count(one.then),
            count(one.now),
            change(ratio)
        );
    }
    if !same.is_empty() {
        let _ =
            writeln!(text, "  {} the same in both", plural(same.len() as u64, "figure is", "figures are"));
    }
}

/// What two runs say about each other.
pub fn terminal(then: &Results, now: &Results, across: &Across) -> String {
    let mut text =
        format!("then: {}\nnow:  {}\n{}\n", visible(&run(then)), visible(&run(now)), headline(across));
    text.push_str(
        "Their times are no evidence about each other, since they did not stand in the same blocks; what each run says of \
         its own variants is set side by side.\n",
    );
    for reason in &across.no_ratios {
        let _ = writeln!(text, "ratios are not compared: {}", visible(reason));
    }
    for reason in &across.no_exact {
        let _ = writeln!(text, "sizes and heap are not compared: {}", visible(reason));
    }
    for difference in &across.differences {
        let _ = writeln!(text, "differs: {}", visible(difference));
    }
    for metric in Metric::ALL {
        ratios(&mut text, across, metric, &then.reference);
    }
    figures(&mut text, across);
    if !across.apart.is_empty() {
        text.push_str("\nnot compared\n");
    }
    for one in &across.apart {
        let _ = writeln!(text, "  {}: {}", visible(&one.what), visible(&one.reason));
    }
    text
}
