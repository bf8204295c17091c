//! Two runs beside each other: what may be compared is, what may not be is refused or marked, and nothing is dropped.

use harness::judge::across::{Across, Finding, Run, across};
use harness::judge::wire::manifest::Manifest;
use harness::judge::wire::results::Results;
use serde_json::{Value, json};

/// Ratio, interval and label of each variant.
type Said = [(&'static str, f64, f64, f64, &'static str)];

fn manifest() -> Value {
    let build = |name: &str| {
        json!({
            "variant": name, "about": name, "axes": { "target": "gnu", "lto": name }, "commands": [],
            "environment": {}, "binary": { "sha256": name, "bytes": 100_000, "build_seconds": 1.0 },
            "command": null, "identical_to": null
        })
    };
    let scenario = |name: &str| {
        json!({
            "name": name, "declared": name, "version": 1, "about": "", "corpus": "c", "whole_command": false,
            "all_cpus": name == "s/all", "bytes": 10, "records": 1, "answers": ["a"], "iterations": 1
        })
    };
    json!({
        "schema": { "name": "assay.manifest", "version": 2 }, "run": "r", "began": "2026-01-01T00:00:00Z",
        "command": [], "preset": "quick", "input": [],
        "machine": { "cpu": "A", "cpus": 2, "memory": 8_000_000_000_u64, "kernel": "K 1", "os": null,
            "hypervisor": true, "governor": null, "aslr": null, "huge_pages": null, "load": null },
        "toolchain": { "name": "t", "rustc": "rustc 1", "cargo": "c", "host": "h", "llvm": "1", "stds": {},
            "profdata": null, "bolt": null, "libc": null },
        "source": { "revision": "one", "dirty": false },
        "builds": [build("release"), build("fat"), build("thin")],
        "corpora": [{ "name": "c", "sha256": "0123456789abcdef", "bytes": 10, "file": "f", "command": [] }],
        "scenarios": [scenario("s/one"), scenario("s/all")],
        "experiment": { "reference": "release", "control": "control", "variants": ["release", "fat", "thin"],
            "heaps": [], "seed": 1, "instruments": [], "batches": 1, "time_limit": 1, "confidence": 0.95,
            "margins": [], "judgement": "" },
        "skipped": [], "failed": [], "broken": [], "warnings": []
    })
}

fn results(said: &Said, heap_peak: u64) -> Value {
    let comparison = |(variant, ratio, low, high, label): &(&str, f64, f64, f64, &str)| {
        let figures = json!({
            "blocks": 12, "ratio": ratio, "low": low, "high": high, "coverage": 0.96, "p": 0.01, "q": 0.01, "u": 0.0,
            "cliffs_delta": 0.0, "floor": 0.01, "margin": 0.01, "blocks_to_settle": null
        });
        json!({
            "scenario": "s/one", "metric": "time", "variant": variant, "label": label,
            "reason": null, "figures": if *label == "invalid" { Value::Null } else { figures }
        })
    };
    let heap = |scenario: &str| {
        json!({
            "scenario": scenario, "target": "gnu", "total_bytes": 10_000_000, "total_blocks": 50,
            "peak_bytes": heap_peak, "peak_blocks": 5, "end_bytes": 0, "end_blocks": 0, "runs": 2, "exact": true
        })
    };
    json!({
        "schema": { "name": "assay.results", "version": 1 },
        "provenance": { "run": "r", "began": "b", "command": [], "preset": "quick", "revision": null, "dirty": false,
            "compiler": "", "machine": [], "seed": 1, "blocks": {}, "tools": {} },
        "reference": "release", "control": "control",
        "metrics": [
            { "metric": "time", "margin": 0.01, "margin_absolute": 0.0, "family": 2 },
            { "metric": "rss", "margin": 0.02, "margin_absolute": 1000.0, "family": 2 }
        ],
        "variants": [], "scenarios": [], "cells": [],
        "comparisons": said.iter().map(comparison).collect::<Vec<_>>(),
        "controls": [], "heap": [heap("s/one"), heap("s/all")], "memory": [], "invalid": [], "skipped": [],
        "warnings": []
    })
}

const THEN: &Said = &[("fat", 0.90, 0.89, 0.91, "high"), ("thin", 1.00, 0.99, 1.01, "inconclusive")];

/// The first run as above and another one.
fn beside(now: &Value, found: &Value) -> Across {
    let read = |value: &Value| -> Manifest { serde_json::from_value(value.clone()).expect("a manifest") };
    let found_of = |value: &Value| -> Results { serde_json::from_value(value.clone()).expect("results") };
    let (then, old) = (read(&manifest()), found_of(&results(THEN, 1_000_000)));
    let (now, new) = (read(now), found_of(found));
    across(Run { manifest: &then, results: &old }, Run { manifest: &now, results: &new })
}

fn changed(change: impl FnOnce(&mut Value)) -> Value {
    let mut value = manifest();
    change(&mut value);
    value
}

fn figure(across: &Across, what: &str) -> Option<Finding> {
    across.exact.iter().find(|one| one.what.contains(what)).map(|one| one.finding)
}

fn reason(across: &Across, what: &str) -> String {
    let apart = across.apart.iter().find(|one| one.what.contains(what));
    let Some(apart) = apart else { panic!("{what} is not told: {:?}", across.apart) };
    apart.reason.clone()
}

#[test]
fn two_runs_alike_differ_in_nothing() {
    let same = beside(&manifest(), &results(THEN, 1_000_000));
    assert_eq!((same.ratios.len(), same.exact.len(), same.apart.len()), (2, 3 + 2 * 3, 0), "{same:?}");
    assert!(same.findings().all(|finding| finding == Finding::Same));
    assert!(same.no_ratios.is_empty() && same.no_exact.is_empty() && same.differences.is_empty());
}

#[test]
fn sizes_alone_judge_nothing() {
    let mut unread = results(THEN, 1_000_000);
    unread["heap"] = json!([]);
    let elsewhere = changed(|of| of["machine"]["cpu"] = json!("B"));
    let sizes = beside(&elsewhere, &unread);
    assert!(sizes.exact.len() == 3 && sizes.exact.iter().all(|one| one.of_size), "{sizes:?}");
    assert!(!sizes.is_empty() && !sizes.is_judged());
    assert!(beside(&elsewhere, &results(THEN, 1_000_000)).is_judged(), "a heap is");
    assert!(beside(&manifest(), &unread).is_judged(), "ratios are");
}

#[test]
fn a_ratio_moved_only_if_its_whole_interval_did_past_the_margin() {
    let of = |low: f64, high: f64| {
        let now: &Said = &[("fat", f64::midpoint(low, high), low, high, "high"), THEN[1]];
        beside(&manifest(), &results(now, 1_000_000)).ratios[0].finding
    };
    assert_eq!(of(0.90, 0.93), Finding::Same);
    assert_eq!(of(0.912, 0.93), Finding::Apart);
    assert_eq!(of(0.92, 0.93), Finding::Worse);
    assert_eq!(of(0.885, 0.888), Finding::Apart);
    assert_eq!(of(0.80, 0.88), Finding::Better);
}

#[test]
fn exact_figures_move_past_both_margins() {
    let of = |peak| figure(&beside(&manifest(), &results(THEN, peak)), "heap peak of s/one");
    assert_eq!(of(1_020_000), Some(Finding::Apart));
    assert_eq!(of(1_020_001), Some(Finding::Worse));
    assert_eq!(of(900_000), Some(Finding::Better));
    let bigger = changed(|m| m["builds"][1]["binary"]["stripped"] = json!(103_000));
    let found = beside(&bigger, &results(THEN, 1_000_000));
    assert_eq!(figure(&found, "under fat"), Some(Finding::Worse));
    assert_eq!(figure(&found, "under thin"), Some(Finding::Same));
    assert!(found.is_worse());
}

#[test]
fn instructions_are_compared_where_they_were_counted_alike_and_here() {
    let counted = |instructions: f64, spread: f64| {
        let mut found = results(THEN, 1_000_000);
        found["instructions"] = json!([
            { "scenario": "s/one", "variant": "fat", "instructions": instructions, "spread": spread, "visits": 2 }
        ]);
        found
    };
    let of = |then: &Value, now: &Value, machine: &Value| {
        let read = |value: &Value| -> Results { serde_json::from_value(value.clone()).expect("results") };
        let manifest_of =
            |value: &Value| -> Manifest { serde_json::from_value(value.clone()).expect("a manifest") };
        let (old, new) = (read(then), read(now));
        let (first, second) = (manifest_of(&manifest()), manifest_of(machine));
        across(Run { manifest: &first, results: &old }, Run { manifest: &second, results: &new })
    };
    let (some, none) = (counted(10_000.0, 0.0), results(THEN, 1_000_000));
    let more = of(&some, &counted(10_300.0, 0.0), &manifest());
    assert_eq!(figure(&more, "instructions of s/one under fat"), Some(Finding::Worse));
    let wild = of(&some, &counted(10_300.0, 0.01), &manifest());
    assert!(reason(&wild, "instructions").contains("not the same every time"));
    let elsewhere = of(&some, &some, &changed(|m| m["machine"]["cpu"] = json!("B")));
    assert!(reason(&elsewhere, "instructions").contains("another one"));
    assert!(reason(&of(&some, &none, &manifest()), "instructions").contains("only the first run counted"));
    assert!(reason(&of(&none, &some, &manifest()), "instructions").contains("only the second run counted"));
}

#[test]
fn another_machine_refuses_ratios_and_another_compiler_refuses_all() {
    for change in [json!({"cpu": "B"}), json!({"cpus": 4}), json!({"memory": 7_000_000_000_u64})] {
        let other = changed(|m| {
            let machine = m["machine"].as_object_mut().expect("an object");
            machine.extend(change.as_object().expect("an object").clone());
        });
        let found = beside(&other, &results(THEN, 1_000_000));
        assert!(found.ratios.is_empty() && found.no_ratios[0].contains("machine"), "{found:?}");
        assert!(found.no_exact.is_empty() && !found.exact.is_empty());
    }
    let unknown = changed(|m| m["machine"]["cpu"] = Value::Null);
    assert!(
        beside(&unknown, &results(THEN, 1_000_000)).no_ratios.is_empty(),
        "what is not known does not differ"
    );
    let more = changed(|m| m["machine"]["cpus"] = json!(4));
    let found = beside(&more, &results(THEN, 1_000_000));
    assert!(reason(&found, "heap of s/all").contains("a thread per CPU"));
    assert!(figure(&found, "heap peak of s/one").is_some());
    let kernel = changed(|m| m["machine"]["kernel"] = json!("K 2"));
    let found = beside(&kernel, &results(THEN, 1_000_000));
    assert!(found.no_ratios.is_empty() && found.differences[0].contains("K 1, now K 2"), "{found:?}");
    let compiler = changed(|m| m["toolchain"]["rustc"] = json!("rustc 2"));
    let found = beside(&compiler, &results(THEN, 1_000_000));
    assert!(found.is_empty() && found.no_exact[0].contains("rustc 1, now rustc 2"), "{found:?}");
}

#[test]
fn what_one_side_has_alone_or_otherwise_is_told() {
    let other = changed(|m| {
        m["scenarios"][0]["version"] = json!(2);
        m["scenarios"][1]["name"] = json!("s/new");
        m["builds"][1]["axes"]["lto"] = json!("off");
        m["builds"][2]["variant"] = json!("native");
    });
    let found = beside(&other, &results(THEN, 1_000_000));
    assert!(reason(&found, "scenario s/one").contains("version: 1, now 2"));
    assert!(reason(&found, "scenario s/all").contains("only the first"));
    assert!(reason(&found, "scenario s/new").contains("only the second"));
    assert!(reason(&found, "variant fat").contains("lto: fat, now off"));
    assert!(reason(&found, "variant thin").contains("only the first"));
    assert!(reason(&found, "variant native").contains("only the second"));
    assert!(found.ratios.is_empty() && found.exact.len() == 1, "the reference's size alone: {found:?}");
    let corpus = changed(|m| m["corpora"][0]["sha256"] = json!("fedcba9876543210"));
    let found = beside(&corpus, &results(THEN, 1_000_000));
    assert!(reason(&found, "scenario s/one").contains("corpus digest: 0123456789ab, now fedcba987654"));
    let answers = changed(|m| m["scenarios"][0]["answers"] = json!(["b"]));
    assert!(reason(&beside(&answers, &results(THEN, 1_000_000)), "s/one").contains("answer otherwise"));
    let reference = changed(|m| m["builds"][0]["axes"]["lto"] = json!("off"));
    let found = beside(&reference, &results(THEN, 1_000_000));
    assert!(found.no_ratios[0].contains("reference, release, is not the same build"), "{found:?}");
}

#[test]
fn what_a_run_could_not_judge_is_told_with_its_reason() {
    let now: &Said = &[("fat", 0.9, 0.8, 1.0, "unstable")];
    let found = beside(&manifest(), &results(now, 1_000_000));
    assert!(reason(&found, "time of s/one under fat").contains("unstable in the second run"));
    assert!(reason(&found, "time of s/one under thin").contains("only the first run judged it"));
    let mut inexact = results(THEN, 1_000_000);
    inexact["heap"][0]["exact"] = json!(false);
    inexact["heap"].as_array_mut().expect("a list").pop();
    let found = beside(&manifest(), &inexact);
    assert!(reason(&found, "heap of s/one").contains("not the same every time"));
    assert!(reason(&found, "heap of s/all").contains("only the first run read it"));
}
