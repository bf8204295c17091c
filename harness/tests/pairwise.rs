//! Variants of a run against each other.

use harness::judge::label::Label;
use harness::judge::pairwise::pairwise;
use harness::judge::wire::results::{Metric, Results};

/// Results with these samples of time, the reference first and its control last, in one scenario.
fn results(variants: &[(&str, Vec<f64>)]) -> Results {
    let cells: Vec<serde_json::Value> = variants
        .iter()
        .map(|(name, samples)| {
            let summary = harness::judge::stats::summary::summarise(samples).expect("samples");
            let blocks: Vec<usize> = (0..samples.len()).collect();
            serde_json::json!({
                "scenario": "s", "variant": name, "metric": "time", "blocks": blocks, "samples": samples,
                "summary": summary, "cpu_ns": null, "bytes_per_second": null, "records_per_second": null,
            })
        })
        .collect();
    let control = serde_json::json!({
        "scenario": "s", "metric": "time", "variant": "control", "label": "no_change", "reason": null,
        "figures": { "blocks": 12, "ratio": 1.0, "low": 0.999, "high": 1.001, "coverage": 0.96, "p": 1.0, "q": 1.0, "u": 72.0,
            "cliffs_delta": 0.0, "floor": 0.01, "margin": 0.01, "blocks_to_settle": null },
    });
    let text = serde_json::json!({
        "schema": { "name": "assay.results", "version": 2 },
        "provenance": { "run": "r", "began": "", "command": [], "preset": "quick", "revision": null, "dirty": false,
            "compiler": "", "machine": [], "seed": 1, "blocks": {}, "tools": {} },
        "reference": "release", "control": "control",
        "metrics": [{ "metric": "time", "margin": 0.01, "margin_absolute": 0.0, "family": 2 }],
        "variants": [],
        "scenarios": [{ "name": "s", "version": 1, "about": "", "corpus": "c", "corpus_sha256": "", "bytes": 1, "records": 1,
            "whole_command": false, "iterations": 1 }],
        "cells": cells, "comparisons": [], "controls": [control], "heap": [], "memory": [],
        "invalid": [], "skipped": [], "warnings": [],
    });
    serde_json::from_value(text).expect("results")
}

/// Twelve samples around `middle`, a block's disturbance in all of them.
fn around(middle: f64, shift: f64) -> Vec<f64> {
    (0..12u8).map(|i| middle * (1.0 + 0.02 * f64::from(i % 5)) * (1.0 + shift * f64::from(i % 3))).collect()
}

#[test]
fn two_that_both_beat_the_reference_are_told_from_each_other_or_not() {
    let results = results(&[
        ("release", around(100.0, 0.0)),
        ("a", around(80.0, 0.001)),
        ("b", around(90.0, 0.0)),
        ("c", around(90.0, 0.0)),
    ]);
    let pairs = pairwise(&results, Metric::Time, &["a", "b", "c"]);
    let told: Vec<(&str, &str, Label)> =
        pairs.iter().map(|p| (p.first.as_str(), p.second.as_str(), p.comparisons[0].label)).collect();
    assert!(told[0].2.tells_apart() && told[1].2.tells_apart(), "{told:?}");
    assert_eq!((told[2].0, told[2].1, told[2].2), ("b", "c", Label::NoChange));
    let figures = pairs[0].comparisons[0].figures.as_ref().expect("figures");
    assert!((figures.ratio - 80.0 / 90.0).abs() < 0.002, "{figures:?}");
    // Twelve blocks alike: p is 2 * 2^-12, and two of the family of three are as small.
    assert!((figures.q - 2.0 * 0.5f64.powi(12) * 3.0 / 2.0).abs() < 1e-12, "{figures:?}");
}

#[test]
fn what_is_invalid_or_has_no_samples_is_not_judged() {
    let mut results =
        results(&[("release", around(100.0, 0.0)), ("a", around(80.0, 0.0)), ("b", around(90.0, 0.0))]);
    assert!(pairwise(&results, Metric::Time, &["a", "no such"])[0].comparisons.is_empty());
    assert!(pairwise(&results, Metric::Rss, &["a", "b"]).is_empty());
    results.invalid.push(
        serde_json::from_value(
            serde_json::json!({ "scenario": "s", "variant": "a", "instrument": "clock", "reason": "wrong" }),
        )
        .expect("an invalid cell"),
    );
    assert!(pairwise(&results, Metric::Time, &["a", "b"])[0].comparisons.is_empty());
    results.controls.clear();
    results.invalid.clear();
    let pair = &pairwise(&results, Metric::Time, &["a", "b"])[0];
    assert_eq!(pair.comparisons[0].label, Label::Invalid, "without a control nothing is said");
}
