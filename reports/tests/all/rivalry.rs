//! What is said of variants against each other.

use crate::fixture::{self, Noise};
use harness::judge::wire::results::{Metric, Results};
use reports::verdict::verdict;

/// Results in which each variant takes these multiples of the reference's time, one per scenario, and this much anonymous
/// memory in MiB; sizes in KiB.
fn run(variants: &[(&str, &[f64], f64, u64)], spread: f64) -> Results {
    let mut results = fixture::empty("release");
    let mut noise = Noise(99);
    let all = [("release", &[1.0; 4][..], 1.0, 1000)];
    let all: Vec<_> = all.iter().chain(variants).collect();
    results.variants = all.iter().map(|(name, _, _, kib)| fixture::variant(name, "", *kib, 10.0)).collect();
    for i in 0..4 {
        let facts = fixture::scenario(&format!("s/{i}"), 1_000_000, 1000);
        let blocks: Vec<f64> = (0..12).map(|_| noise.around_one(0.01)).collect();
        let mut times = Vec::new();
        let mut anon = Vec::new();
        for (name, factors, mib, _) in all.iter().copied().chain([&("control", &[1.0; 4][..], 1.0, 0)]) {
            let Some(factor) = factors.get(i) else { continue };
            let own = blocks.iter().map(|block| 1e6 * factor * block * noise.around_one(spread)).collect();
            times.push(((*name).to_owned(), own));
            anon.push(((*name).to_owned(), (0..8).map(|_| mib * 1e6 * noise.around_one(0.001)).collect()));
        }
        fixture::add_metric(&mut results, &facts, Metric::Time, times);
        fixture::add_metric(&mut results, &facts, Metric::Anon, anon);
        results.scenarios.push(facts);
    }
    results
}

fn said(results: &Results, topic: &str) -> Option<String> {
    verdict(results).paragraphs().into_iter().find(|p| p.topic == topic).map(|p| p.text().to_string())
}

#[test]
fn two_that_both_beat_the_reference_are_judged_against_each_other() {
    let results = run(
        &[
            ("jemalloc", &[0.9; 4], 1.0, 1000),
            ("mimalloc", &[0.9005; 4], 1.0, 1000),
            ("lto", &[0.95; 4], 1.0, 1000),
        ],
        0.004,
    );
    let speed = said(&results, "Speed").expect("speed");
    assert!(speed.contains("Nothing distinguishes it from "), "{speed}");
    assert!(speed.contains("Faster than release too: lto (−"), "{speed}");
    assert!(!speed.contains("release too: lto (−5.0 %, told in 4 of 4), mimalloc"), "{speed}");
    let ranking = said(&results, "Ranking").expect("a ranking");
    assert!(
        ranking.starts_with("By geometric mean over 4 scenarios, those in which all were judged: 1. "),
        "{ranking}"
    );
    assert!(ranking.contains("3. lto (−5.") && ranking.contains("4. release (reference)"), "{ranking}");
    assert!(ranking.contains("Nothing distinguishes jemalloc from mimalloc"), "{ranking}");
    assert!(!ranking.contains("hides"), "no order is contradicted: {ranking}");
}

#[test]
fn blocks_are_asked_for_where_more_of_them_might_tell() {
    let results = run(&[("a", &[0.80; 4], 1.0, 1000), ("b", &[0.82; 4], 1.0, 1000)], 0.03);
    let speed = said(&results, "Speed").expect("speed");
    assert!(speed.contains("Nothing distinguishes it from b") && speed.contains("blocks might."), "{speed}");
}

#[test]
fn a_stretch_of_places_that_nothing_distinguishes_is_told_as_one() {
    let alike: Vec<(&str, &[f64], f64, u64)> =
        ["a", "b", "c", "d"].iter().map(|name| (*name, &[0.9; 4][..], 1.0, 1000)).collect();
    let ranking = said(&run(&alike, 0.004), "Ranking").expect("a ranking");
    assert!(ranking.contains("Nothing distinguishes each of the places 1 to 4 from the next"), "{ranking}");
}

#[test]
fn what_the_order_of_means_hides_is_told() {
    let results =
        run(&[("even", &[0.8; 4], 1.0, 1000), ("uneven", &[0.95, 0.95, 0.95, 0.6], 1.0, 1000)], 0.002);
    let ranking = said(&results, "Ranking").expect("a ranking");
    assert!(
        ranking.ends_with("The order hides that even is slower than uneven in 1 of 4: s/3."),
        "{ranking}"
    );
}

#[test]
fn a_variant_that_was_hardly_judged_does_not_shrink_the_match() {
    let results = run(
        &[("whole", &[0.9; 4], 1.0, 1000), ("other", &[0.95; 4], 1.0, 1000), ("once", &[0.5], 1.0, 1000)],
        0.002,
    );
    let ranking = verdict(&results).ranking.expect("a ranking");
    assert_eq!((ranking.matched, ranking.left_out.as_slice()), (4, &["once".to_owned()][..]));
    let names: Vec<&str> = ranking.places.iter().map(|p| p.variant.as_str()).collect();
    assert_eq!(names, ["whole", "other", "release"]);
}

#[test]
fn means_are_of_the_scenarios_that_all_have() {
    let results =
        run(&[("three", &[0.5, 0.9, 0.9], 1.0, 1000), ("four", &[0.9, 0.9, 0.9, 0.1], 1.0, 1000)], 0.002);
    let ranking = verdict(&results).ranking.expect("a ranking");
    assert_eq!(ranking.matched, 3);
    let mean = |i: usize| (ranking.places[i].mean * 1000.0).round() / 1000.0;
    assert_eq!(ranking.places[0].variant, "three");
    assert!((mean(0) - (0.5f64 * 0.81).cbrt()).abs() < 0.003 && (mean(1) - 0.9).abs() < 0.003, "{ranking:?}");
}

#[test]
fn who_is_dominated_is_faster_nowhere_leaner_nowhere_and_not_smaller() {
    let results = run(
        &[
            ("best", &[0.8; 4], 1.0, 900),
            ("needless", &[0.9; 4], 2.0, 950),
            ("lean", &[0.9; 4], 0.5, 950),
            ("small", &[0.9; 4], 1.0, 800),
            ("faster-once", &[0.9, 0.9, 0.9, 0.7], 1.0, 950),
            ("hardly-judged", &[0.9, 0.9], 1.0, 950),
        ],
        0.002,
    );
    let dominated = verdict(&results).dominated;
    let told: Vec<(&str, &str)> = dominated.iter().map(|d| (d.variant.as_str(), d.by.as_str())).collect();
    assert_eq!(told, [("needless", "best"), ("release", "best")]);
    let text = said(&results, "Dominated").expect("told");
    assert!(
        text.starts_with(
            "best is faster than, and in time, anonymous and resident memory and size nowhere told worse than, needless \
             (faster in 4 of 4; "
        ),
        "{text}"
    );
    assert!(text.contains("less anonymous memory in 4 of 4; 45.0 KiB smaller"), "{text}");
}

#[test]
fn who_takes_more_resident_memory_dominates_nobody() {
    let mut results = run(&[("best", &[0.8; 4], 1.0, 900), ("other", &[0.9; 4], 1.0, 950)], 0.002);
    let told = |results: &Results| -> Vec<String> {
        verdict(results).dominated.into_iter().map(|one| format!("{} by {}", one.variant, one.by)).collect()
    };
    assert_eq!(told(&results), ["other by best", "release by best"]);
    // In one scenario it maps more of files.
    let facts = results.scenarios[0].clone();
    let mut noise = Noise(3);
    let resident = [("release", 3.0), ("best", 4.0), ("other", 3.0), ("control", 3.0)]
        .map(|(name, mib)| (name.to_owned(), (0..8).map(|_| mib * 1e6 * noise.around_one(0.001)).collect()));
    fixture::add_metric(&mut results, &facts, Metric::Rss, resident.to_vec());
    assert_eq!(told(&results), ["release by other"]);
}

#[test]
fn what_stands_against_the_reference_is_what_the_labels_say() {
    let verdict = verdict(&fixture::rich());
    for standing in &verdict.time.standings {
        let pair = verdict.time.rivalry.between(&standing.variant, "release");
        assert_eq!(pair.as_ref(), Some(standing));
    }
    let turned = verdict.time.rivalry.between("release", "lto-fat+pgo").expect("a pair");
    let straight = verdict.time.rivalry.between("lto-fat+pgo", "release").expect("a pair");
    assert_eq!(
        (turned.more, turned.less, turned.variant.as_str()),
        (straight.less, straight.more, "release")
    );
    let product = turned.mean.expect("a mean") * straight.mean.expect("a mean");
    assert!((product - 1.0).abs() < 1e-12);
}

#[test]
fn nothing_is_ranked_where_there_is_one_to_rank() {
    assert!(verdict(&fixture::minimal()).ranking.is_none());
    assert!(verdict(&fixture::untold()).ranking.is_none());
}
