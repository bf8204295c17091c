//! JSON Lines: the whole of the results, a value a line, each with its `kind`.
//!
//! The first line is of the kind `run` and names schema and version; then come `variant`, `scenario`, `cell` (with its
//! samples, the blocks that they are of, and its comparison), `heap`, `memory`, `latency`, `instructions`, `invalid`, `skip`
//! and `warning`, whose fields are those of results.json.

use harness::judge::wire::Schema;
use harness::judge::wire::results::{Metric, Results};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Schema name of the first line.
const SCHEMA: &str = "assay.export";
const VERSION: u32 = 1;

pub(super) fn write(results: &Results) -> String {
    let mut out = String::new();
    let run = json!({
        "schema": Schema::new(SCHEMA, VERSION),
        "reference": results.reference,
        "control": results.control,
        "metrics": results.metrics,
        "provenance": results.provenance,
    });
    line(&mut out, "run", run);
    all(&mut out, "variant", &results.variants);
    all(&mut out, "scenario", &results.scenarios);
    let compared = results.comparisons.iter().chain(&results.controls);
    let mut compared: HashMap<(&str, &str, Metric), _> =
        compared.map(|c| ((c.scenario.as_str(), c.variant.as_str(), c.metric), c)).collect();
    for cell in &results.cells {
        let mut value = json!(cell);
        value["unit"] = json!(cell.metric.unit());
        value["comparison"] =
            json!(compared.remove(&(cell.scenario.as_str(), cell.variant.as_str(), cell.metric)));
        line(&mut out, "cell", value);
    }
    // Comparisons that have no cell, in their own order.
    for comparison in results.comparisons.iter().chain(&results.controls) {
        if compared.contains_key(&(
            comparison.scenario.as_str(),
            comparison.variant.as_str(),
            comparison.metric,
        )) {
            line(&mut out, "comparison", json!(comparison));
        }
    }
    all(&mut out, "heap", &results.heap);
    all(&mut out, "memory", &results.memory);
    all(&mut out, "latency", &results.latency);
    all(&mut out, "instructions", &results.instructions);
    all(&mut out, "invalid", &results.invalid);
    all(&mut out, "skip", &results.skipped);
    for warning in &results.warnings {
        line(&mut out, "warning", json!({ "text": warning }));
    }
    out
}

fn all(out: &mut String, kind: &str, values: &[impl Serialize]) {
    for value in values {
        line(out, kind, json!(value));
    }
}

/// One value; numbers that JSON can't hold are null.
fn line(out: &mut String, kind: &str, mut value: Value) {
    value["kind"] = json!(kind);
    out.push_str(&value.to_string());
    out.push('\n');
}
