//! Results from made-up samples: what is planted must be found, and nothing else.

mod beside;
mod exact;
mod latency;
mod made_up;
mod trouble;

use crate::made_up::{comparison, manifest, samples};
use harness::judge::evaluate::{evaluate, evaluate_between};
use harness::judge::label::Label;
use harness::judge::wire::manifest::Manifest;
use harness::judge::wire::results::{Metric, Results};

#[test]
fn what_is_planted_is_found_and_nothing_else() {
    let results = evaluate(&manifest(), &samples());
    let faster = comparison(&results, Metric::Time, "faster");
    assert_eq!(faster.label, Label::Definitive, "{faster:?}");
    let figures = faster.figures.as_ref().expect("figures");
    assert!(
        (figures.ratio - 0.9).abs() < 0.005 && figures.low <= figures.ratio && figures.ratio <= figures.high
    );
    assert!(figures.apart() && figures.u == 0.0 && figures.q <= 0.05);
    assert_eq!(comparison(&results, Metric::Time, "same").label, Label::NoChange);
    assert_eq!(comparison(&results, Metric::Time, "control").label, Label::NoChange);
    assert_eq!(comparison(&results, Metric::Anon, "faster").label, Label::Definitive);
    assert_eq!(
        comparison(&results, Metric::Anon, "same").label,
        Label::NoChange,
        "a page is not worth telling"
    );
    let time = results.metrics.iter().find(|facts| facts.metric == Metric::Time).expect("time");
    assert_eq!(time.family, 2, "the reference and the control are not in it");
    assert!(results.invalid.is_empty() && results.warnings.is_empty());
}

#[test]
fn cells_and_memory_have_the_figures_of_their_samples() {
    let results = evaluate(&manifest(), &samples());
    let cell =
        results.cells.iter().find(|c| c.metric == Metric::Time && c.variant == "release").expect("cell");
    assert_eq!((cell.summary.n, cell.blocks.len()), (12, 12));
    assert!((cell.summary.median / 1e6 - 1.01).abs() < 0.01, "per iteration: {}", cell.summary.median);
    let rate = cell.bytes_per_second.expect("a rate") * cell.summary.median / 1e9;
    assert!((rate - 1e6).abs() < 1.0, "{rate}");
    let memory = results.memory.iter().find(|m| m.variant == "faster").expect("memory");
    assert_eq!(memory.growth_anon, 3 << 20);
    assert_eq!(memory.growth, (3 << 20) + 8_192);
    assert_eq!(memory.unexplained, Some(2 << 20));
    assert!(results.heap[0].exact && results.heap[0].runs == 2);
}

#[test]
fn so_few_blocks_that_nothing_alone_could_be_told_are_told() {
    let mut manifest = manifest();
    for at in 0..101 {
        manifest.experiment.variants.push(format!("more-{at}"));
    }
    let told = |results: &Results| {
        let warnings = results.warnings.iter().filter(|told| told.contains("can't tell one change alone"));
        warnings.cloned().collect::<Vec<_>>()
    };
    let [clock, rss] = &told(&evaluate(&manifest, &samples()))[..] else { panic!("one for each instrument") };
    assert!(
        clock.contains("12 blocks of clock") && clock.contains("103") && clock.contains("13 can"),
        "{clock}"
    );
    assert!(rss.contains("rss-blocks = 13"), "{rss}");
    // Of two variants alone it is another family.
    assert!(told(&evaluate_between(&manifest, &samples(), "faster", "same")).is_empty());
}

#[test]
fn the_first_version_of_the_manifest_is_still_read() {
    let mut json = serde_json::to_value(manifest()).expect("written");
    let experiment = json["experiment"].as_object_mut().expect("an object");
    experiment.remove("disturbance");
    experiment.remove("arrivals");
    let heaps = experiment.remove("heaps").expect("there");
    experiment.insert("heap".to_owned(), heaps[0].clone());
    json["scenarios"][0].as_object_mut().expect("an object").remove("arrivals_per_second");
    let read: Manifest = serde_json::from_value(json).expect("read");
    assert_eq!(read, manifest());
}

#[test]
fn results_survive_their_json() {
    let results = evaluate(&manifest(), &samples());
    let text = serde_json::to_string(&results).expect("written");
    let again: Results = serde_json::from_str(&text).expect("read");
    assert!(again == results, "something changed on the way");
}
