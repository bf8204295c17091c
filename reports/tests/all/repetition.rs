//! A run and its repetition.

use crate::fixture;
use harness::judge::repetition::beside;
use harness::judge::wire::results::Metric;
use reports::repetition::terminal;

#[test]
fn both_sides_stand_in_a_row_and_overlaps_are_counted() {
    let mut then = fixture::empty("release");
    let scenario = fixture::scenario("count/plain", 1 << 20, 1000);
    then.scenarios.push(scenario.clone());
    let around = |middle: f64| (0..12).map(|i| middle + f64::from(i) * 1000.0).collect::<Vec<f64>>();
    let mut now = then.clone();
    let names = |fat: f64| {
        let all = [("release", 1e6), ("lto-fat", fat), ("lto-thin", 1e6)];
        all.map(|(name, middle)| (name.to_owned(), around(middle))).to_vec()
    };
    fixture::add_metric(&mut then, &scenario, Metric::Time, names(0.8e6));
    fixture::add_metric(&mut now, &scenario, Metric::Time, names(0.9e6));
    now.comparisons.retain(|comparison| comparison.variant == "lto-fat");
    let text = terminal(&beside(&then, &now), "release");
    let row = |variant: &str| {
        let found = text.lines().find(|line| line.contains(variant)).unwrap_or_else(|| panic!("{text}"));
        found.to_owned()
    };
    assert!(row("lto-fat").contains("−19.9 %") && row("lto-fat").contains("−9.9"), "{text}");
    assert!(row("lto-fat").ends_with("apart"), "{text}");
    assert!(row("lto-thin").contains("not measured") && row("lto-thin").ends_with('–'), "{text}");
    assert!(text.contains("times of one run are never compared with those of the other"), "{text}");
    assert!(text.ends_with("the intervals overlap in 0 of 1\n"), "{text}");
    now.scenarios[0].corpus_sha256 = "another".to_owned();
    assert!(terminal(&beside(&then, &now), "release").contains("not comparable: its corpus is another"));
}
