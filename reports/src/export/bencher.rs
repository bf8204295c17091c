//! Bencher Metric Format (<https://bencher.dev/docs/reference/bencher-metric-format>): an object of benchmarks, each an
//! object of measures, each with a value and its bounds.
//!
//! A benchmark is `scenario (variant)`, and `variant` alone for what is of a build. Measures that Bencher has of its own
//! carry its slugs: `latency` is the time of an iteration in nanoseconds, `file-size` is in bytes and `build-time` in
//! seconds. The value is the median over the blocks; the bounds are its exact interval of at least 95 %.

use super::{finite, is_wrong};
use harness::judge::stats::sign;
use harness::judge::wire::results::{Cell, Figures, Metric, Results};
use serde_json::{Map, Value, json};

/// What the interval of a median covers at least, where there are samples enough.
const COVERAGE: f64 = Figures::COVERAGE;

pub(super) fn write(results: &Results) -> Option<String> {
    let mut benchmarks = Map::new();
    let mut add = |name: String, measure: &str, metric: Option<Value>| {
        if let Some(metric) = metric {
            let benchmark = benchmarks.entry(name).or_insert_with(|| json!({}));
            benchmark[measure] = metric;
        }
    };
    for cell in results.cells.iter().filter(|cell| cell.variant != results.control) {
        add(benchmark(&cell.scenario, &cell.variant), measure(cell.metric), of(cell));
    }
    for facts in &results.instructions {
        add(benchmark(&facts.scenario, &facts.variant), "instructions", exactly(facts.instructions));
    }
    for variant in &results.variants {
        let target = variant.axes.get("target");
        let right = |scenario: &str| !is_wrong(results, scenario, &variant.name);
        for heap in results.heap.iter().filter(|heap| Some(&heap.target) == target && right(&heap.scenario)) {
            add(benchmark(&heap.scenario, &variant.name), "heap-peak", exactly(heap.peak_bytes as f64));
        }
        let ships = variant.command.as_ref().unwrap_or(&variant.binary);
        add(variant.name.clone(), "file-size", exactly(ships.bytes as f64));
        add(variant.name.clone(), "build-time", variant.binary.build_time().and_then(exactly));
    }
    if benchmarks.is_empty() {
        return None;
    }
    serde_json::to_string_pretty(&Value::Object(benchmarks)).ok().map(|text| text + "\n")
}

fn benchmark(scenario: &str, variant: &str) -> String {
    format!("{scenario} ({variant})")
}

fn measure(metric: Metric) -> &'static str {
    match metric {
        Metric::Time => "latency",
        Metric::Latency => "latency-p99",
        Metric::Rss => "resident-memory",
        Metric::Anon => "anonymous-memory",
    }
}

fn exactly(value: f64) -> Option<Value> {
    finite(value).map(|value| json!({ "value": value }))
}

fn of(cell: &Cell) -> Option<Value> {
    let value = finite(cell.summary.median)?;
    let interval = sign::interval(&cell.samples, COVERAGE).filter(|interval| interval.coverage >= COVERAGE);
    let bounds = interval.and_then(|i| finite(i.low).zip(finite(i.high)));
    Some(match bounds {
        Some((low, high)) => json!({ "value": value, "lower_value": low, "upper_value": high }),
        None => json!({ "value": value }),
    })
}
