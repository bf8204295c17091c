//! The JSON of `hyperfine --export-json` (version 1 of its layout), in seconds per iteration: for its scripts and what else
//! reads it.
//!
//! `user` and `system` are null: the CPU's time was read as one. Every sample is of a process that ended well, so its exit
//! code is 0.

use harness::judge::wire::results::{Cell, Metric, Results};
use serde_json::{Value, json};

const NS: f64 = 1e9;

pub(super) fn write(results: &Results) -> Option<String> {
    let times = results.cells.iter().filter(|c| c.metric == Metric::Time && !c.samples.is_empty());
    let entries: Vec<Value> = times.map(entry).collect();
    if entries.is_empty() {
        return None;
    }
    serde_json::to_string_pretty(&json!({ "results": entries })).ok().map(|text| text + "\n")
}

fn entry(cell: &Cell) -> Value {
    let s = &cell.summary;
    json!({
        "command": format!("{} ({})", cell.scenario, cell.variant),
        "mean": s.mean / NS,
        "stddev": (s.n > 1).then_some(s.sd / NS),
        "median": s.median / NS,
        "user": null,
        "system": null,
        "min": s.min / NS,
        "max": s.max / NS,
        "times": cell.samples.iter().map(|ns| ns / NS).collect::<Vec<f64>>(),
        "exit_codes": vec![0; cell.samples.len()],
        "parameters": { "scenario": cell.scenario, "variant": cell.variant },
    })
}
