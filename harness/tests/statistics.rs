//! The statistics against an independent implementation (`SciPy`, in `golden/statistics.json`) and against published tables.

use harness::judge::stats::{fdr, rank, sign, summary};
use serde_json::Value;
use std::collections::BTreeMap;

/// How far a figure may lie from `SciPy`'s, relative to its size or to 1.
const NEAR: f64 = 1e-9;

fn golden() -> BTreeMap<String, Value> {
    let text = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/statistics.json"));
    serde_json::from_slice(&text.expect("the file")).expect("JSON")
}

/// The cases under a key: as many as the file says that there are.
fn cases(key: &str) -> Vec<Value> {
    let golden = golden();
    assert!(golden["made_by"].as_str().is_some_and(|by| by.contains("SciPy")), "it names its source");
    let cases = golden[key].as_array().expect("a list").clone();
    assert_eq!(Some(cases.len() as u64), golden["counts"][key].as_u64(), "{key}");
    assert!(!cases.is_empty(), "{key}");
    cases
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|n| n.as_f64().expect("a number")).collect()
}

#[track_caller]
fn near(what: &str, ours: f64, theirs: &Value, case: &Value) {
    let theirs = theirs.as_f64().unwrap_or_else(|| panic!("{what} is missing in {case}"));
    assert!((ours - theirs).abs() <= NEAR * theirs.abs().max(1.0), "{what}: {ours}, not {theirs}, in {case}");
}

/// Figures far below 1 are compared relative to their size.
#[track_caller]
fn near_in_size(what: &str, ours: f64, theirs: &Value, case: &Value) {
    let theirs = theirs.as_f64().unwrap_or_else(|| panic!("{what} is missing in {case}"));
    assert!((ours - theirs).abs() <= NEAR * theirs.abs(), "{what}: {ours}, not {theirs}, in {case}");
}

#[test]
fn the_sign_test_and_its_interval_are_those_of_scipy() {
    let confidence = golden()["confidence"].as_f64().expect("a number");
    for case in cases("paired") {
        let differences = numbers(&case["differences"]);
        near_in_size("p", sign::p_value(&differences), &case["p"], &case);
        let interval = sign::interval(&differences, confidence).expect("not empty");
        near_in_size("median", interval.median, &case["interval"]["median"], &case);
        near_in_size("low", interval.low, &case["interval"]["low"], &case);
        near_in_size("high", interval.high, &case["interval"]["high"], &case);
        near("coverage", interval.coverage, &case["interval"]["coverage"], &case);
    }
}

#[test]
fn overlap_is_that_of_scipy() {
    for case in cases("two_sets") {
        let (a, b) = (numbers(&case["a"]), numbers(&case["b"]));
        near("U", rank::mann_whitney_u(&a, &b), &case["u"], &case);
        near("Cliff's delta", rank::cliffs_delta(&a, &b), &case["cliffs_delta"], &case);
    }
}

#[test]
fn the_correction_of_a_family_is_that_of_scipy() {
    for case in cases("families") {
        let ours = fdr::benjamini_hochberg(&numbers(&case["p"]));
        let theirs = case["q"].as_array().expect("a list");
        assert_eq!(ours.len(), theirs.len());
        for (ours, theirs) in ours.into_iter().zip(theirs) {
            near_in_size("q", ours, theirs, &case);
        }
    }
}

#[test]
fn summaries_are_those_of_numpy() {
    for case in cases("one_set") {
        let values = numbers(&case["values"]);
        let ours = summary::summarise(&values).expect("not empty");
        assert_eq!(ours.n, values.len());
        for (what, ours) in [
            ("min", ours.min),
            ("max", ours.max),
            ("median", ours.median),
            ("mean", ours.mean),
            ("p95", ours.p95),
            ("p99", ours.p99),
            ("sd", ours.sd),
            ("cv", ours.cv),
        ] {
            near_in_size(what, ours, &case[what], &case);
        }
    }
}

/// The largest number of the rarer sign that is significant, two-sided; `None` where none is.
fn critical(n: usize, level: f64) -> Option<usize> {
    (0..=n / 2).take_while(|&fewer| sign::p_of_signs(fewer, n) <= level).last()
}

/// Triola, "Elementary Statistics", Table A-7, for 5 pairs and more: two-tailed at .01, .02, .05 and .10.
const TRIOLA: [[Option<usize>; 4]; 21] = [
    [None, None, None, Some(0)],
    [None, None, Some(0), Some(0)],
    [None, Some(0), Some(0), Some(0)],
    [Some(0), Some(0), Some(0), Some(1)],
    [Some(0), Some(0), Some(1), Some(1)],
    [Some(0), Some(0), Some(1), Some(1)],
    [Some(0), Some(1), Some(1), Some(2)],
    [Some(1), Some(1), Some(2), Some(2)],
    [Some(1), Some(1), Some(2), Some(3)],
    [Some(1), Some(2), Some(2), Some(3)],
    [Some(2), Some(2), Some(3), Some(3)],
    [Some(2), Some(2), Some(3), Some(4)],
    [Some(2), Some(3), Some(4), Some(4)],
    [Some(3), Some(3), Some(4), Some(5)],
    [Some(3), Some(4), Some(4), Some(5)],
    [Some(3), Some(4), Some(5), Some(5)],
    [Some(4), Some(4), Some(5), Some(6)],
    [Some(4), Some(5), Some(5), Some(6)],
    [Some(4), Some(5), Some(6), Some(7)],
    [Some(5), Some(5), Some(6), Some(7)],
    [Some(5), Some(6), Some(7), Some(7)],
];

/// Dixon and Mood, "The Statistical Sign Test", J. Am. Stat. Assoc. 41 (1946), the rows 51 to 65: two-tailed at .01, .05,
/// .10 and .25.
const DIXON_AND_MOOD: [[usize; 4]; 15] = [
    [15, 18, 19, 20],
    [16, 18, 19, 21],
    [16, 18, 20, 21],
    [17, 19, 20, 22],
    [17, 19, 20, 22],
    [17, 20, 21, 23],
    [18, 20, 21, 23],
    [18, 21, 22, 24],
    [19, 21, 22, 24],
    [19, 21, 23, 25],
    [20, 22, 23, 25],
    [20, 22, 24, 25],
    [20, 23, 24, 26],
    [21, 23, 24, 26],
    [21, 24, 25, 27],
];

#[test]
fn critical_values_of_the_sign_test_are_the_published_ones() {
    for (n, row) in (5..).zip(TRIOLA) {
        assert_eq!([0.01, 0.02, 0.05, 0.10].map(|level| critical(n, level)), row, "{n} pairs");
    }
    for (n, row) in (51..).zip(DIXON_AND_MOOD) {
        assert_eq!([0.01, 0.05, 0.10, 0.25].map(|level| critical(n, level)), row.map(Some), "{n} pairs");
    }
}

/// The example of Benjamini and Hochberg (1995), section 3.2: of 15 hypotheses four are rejected at .05, where
/// Bonferroni's way rejects three.
#[test]
fn the_published_example_of_a_family_rejects_four() {
    let p = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
        0.6528, 0.7590, 1.0,
    ];
    let rejected = |values: &[f64], at: f64| values.iter().filter(|&&value| value <= at).count();
    assert_eq!(rejected(&fdr::benjamini_hochberg(&p), 0.05), 4);
    assert_eq!(rejected(&p, 0.05 / 15.0), 3);
}
