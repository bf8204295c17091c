//! Comma-separated values: RFC 4180, lines ended by LF, a head line.
//!
//! One row per scenario, variant and metric that was planned: the control's rows among them, and those that are invalid,
//! with the reason. An empty field is a figure that is not there. Figures are in the metric's unit, which has a column.

use harness::judge::label::Label;
use harness::judge::wire::results::{Cell, Comparison, Figures, Metric, Results};
use std::collections::{HashMap, HashSet};

const HEAD: [&str; 24] = [
    "run",
    "scenario",
    "variant",
    "role",
    "metric",
    "unit",
    "n",
    "min",
    "median",
    "mean",
    "p95",
    "p99",
    "max",
    "sd",
    "cv",
    "bytes_per_second",
    "records_per_second",
    "ratio",
    "ratio_low",
    "ratio_high",
    "q",
    "label",
    "reason",
    "blocks_to_settle",
];

pub(super) fn write(results: &Results) -> String {
    let mut out = String::new();
    row(&mut out, &HEAD.map(str::to_owned));
    let compared = results.comparisons.iter().chain(&results.controls);
    let compared: HashMap<_, _> = compared.map(|c| ((&c.scenario, &c.variant, c.metric), c)).collect();
    let mut written = HashSet::new();
    for cell in &results.cells {
        let key = (&cell.scenario, &cell.variant, cell.metric);
        written.insert(key);
        figures(&mut out, results, cell, compared.get(&key).copied());
    }
    // What was compared and has no samples of its own.
    for comparison in results.comparisons.iter().chain(&results.controls) {
        if written.insert((&comparison.scenario, &comparison.variant, comparison.metric)) {
            let (label, reason) = (comparison.label.name(), comparison.reason.as_deref().unwrap_or_default());
            gap(
                &mut out,
                results,
                (&comparison.scenario, &comparison.variant),
                comparison.metric.name(),
                (label, reason),
            );
        }
    }
    // What has neither: known by the instrument that found it wrong.
    for invalid in &results.invalid {
        let known = |metric| {
            invalid.concerns(metric) && written.contains(&(&invalid.scenario, &invalid.variant, metric))
        };
        if !Metric::ALL.into_iter().any(known) {
            let cell = (invalid.scenario.as_str(), invalid.variant.as_str());
            gap(&mut out, results, cell, invalid.instrument.name(), (Label::Invalid.name(), &invalid.reason));
        }
    }
    out
}

fn role(results: &Results, variant: &str) -> &'static str {
    if variant == results.reference {
        "reference"
    } else if variant == results.control {
        "control"
    } else {
        "variant"
    }
}

fn figures(out: &mut String, results: &Results, cell: &Cell, comparison: Option<&Comparison>) {
    let s = &cell.summary;
    let against = comparison.and_then(|c| c.figures.as_ref());
    let interval = against.and_then(Figures::interval);
    let number =
        |value: Option<f64>| value.filter(|v| v.is_finite()).map_or_else(String::new, |v| v.to_string());
    row(
        out,
        &[
            results.provenance.run.clone(),
            cell.scenario.clone(),
            cell.variant.clone(),
            role(results, &cell.variant).to_owned(),
            cell.metric.name().to_owned(),
            cell.metric.unit().to_owned(),
            s.n.to_string(),
            number(Some(s.min)),
            number(Some(s.median)),
            number(Some(s.mean)),
            number(Some(s.p95)),
            number(Some(s.p99)),
            number(Some(s.max)),
            number(Some(s.sd)),
            number(Some(s.cv)),
            number(cell.bytes_per_second),
            number(cell.records_per_second),
            number(against.map(|f| f.ratio)),
            number(interval.map(|(low, _)| low)),
            number(interval.map(|(_, high)| high)),
            number(against.map(|f| f.q)),
            comparison.map_or_else(String::new, |c| c.label.name().to_owned()),
            comparison.and_then(|c| c.reason.clone()).unwrap_or_default(),
            against.and_then(|f| f.blocks_to_settle).map_or_else(String::new, |blocks| blocks.to_string()),
        ],
    );
}

/// The row of a cell without figures; `what` is the metric, or the instrument where no metric is known.
fn gap(out: &mut String, results: &Results, cell: (&str, &str), what: &str, (label, reason): (&str, &str)) {
    let mut fields = HEAD.map(|_| String::new());
    fields[0].clone_from(&results.provenance.run);
    cell.0.clone_into(&mut fields[1]);
    cell.1.clone_into(&mut fields[2]);
    role(results, cell.1).clone_into(&mut fields[3]);
    what.clone_into(&mut fields[4]);
    label.clone_into(&mut fields[21]);
    reason.clone_into(&mut fields[22]);
    row(out, &fields);
}

fn row<const N: usize>(out: &mut String, fields: &[String; N]) {
    for (i, field) in fields.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        if field.contains([',', '"', '\n', '\r']) {
            out.push('"');
            out.push_str(&field.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(field);
        }
    }
    out.push('\n');
}
