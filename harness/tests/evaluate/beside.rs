//! What is set side by side: scenarios, two variants of a run, a run and its repetition.

use crate::made_up::{BLOCKS, SCENARIO, comparison, manifest, samples};
use harness::judge::evaluate::{broken_where_measured, compare_cells, evaluate, evaluate_between};
use harness::judge::repetition::beside;
use harness::judge::wire::manifest::Manifest;
use harness::judge::wire::results::{Beside, Metric};
use harness::judge::wire::sample::{Failure, Instrument, Measured, Outcome, Reading, Sample};

/// The run with a limit that takes a quarter of the time in each round, and has no round before `first`.
fn beside_a_limit(first: u32) -> (Manifest, Vec<Sample>) {
    let (mut manifest, mut samples) = (manifest(), samples());
    let mut limit = manifest.scenarios[0].clone();
    limit.name = "limit/lines".into();
    manifest.scenarios[0].beside = vec!["limit/lines".into(), "not/measured".into()];
    manifest.experiment.instruments[0].scenarios.push(limit.name.clone());
    manifest.scenarios.push(limit);
    let is_timed = |sample: &&Sample| sample.instrument == Instrument::Clock && sample.block >= first;
    let of_clock = samples.iter().filter(is_timed);
    let of_limit: Vec<Sample> = of_clock
        .map(|sample| {
            let mut sample = Sample { scenario: "limit/lines".into(), ..sample.clone() };
            let Outcome::Measured(measured) = &mut sample.outcome else { panic!("measured") };
            let Reading::Clock { batches, .. } = &mut measured.reading else { panic!("of the clock") };
            for batch in batches {
                batch.ns /= 4;
            }
            sample
        })
        .collect();
    samples.extend(of_limit);
    (manifest, samples)
}

#[test]
fn a_scenario_is_set_beside_those_that_it_names() {
    let (manifest, samples) = beside_a_limit(1);
    let results = evaluate(&manifest, &samples);
    let variants: Vec<&str> = results.beside.iter().map(|beside| beside.variant.as_str()).collect();
    assert_eq!(variants, ["release", "faster", "same"], "and none for what was not measured");
    for beside in &results.beside {
        assert_eq!((beside.scenario.as_str(), beside.other.as_str()), (SCENARIO, "limit/lines"));
        assert_eq!(beside.rounds, BLOCKS as usize - 1);
        let (low, high) = beside.interval().expect("rounds enough");
        assert!((beside.speed - 0.25).abs() < 1e-6 && low <= beside.speed && beside.speed <= high);
    }
}

#[test]
fn so_few_rounds_that_their_range_is_no_interval_have_none() {
    let of = |rounds: u32| {
        let (manifest, samples) = beside_a_limit(BLOCKS - rounds);
        let all = evaluate(&manifest, &samples).beside;
        assert!(all.iter().all(|one| one.rounds == rounds as usize && (one.speed - 0.25).abs() < 1e-6));
        assert_eq!(all.len(), 3, "the speed is told all the same");
        all.iter().filter(|one| one.interval().is_some()).count()
    };
    assert_eq!((of(6), of(5), of(1)), (3, 0, 0));
    // Earlier builds gave the range of however few rounds there were.
    let earlier = |rounds: usize| -> Option<(f64, f64)> {
        let text = format!(
            r#"{{"scenario":"s","other":"o","variant":"v","rounds":{rounds},"speed":2.0,"low":1.9,"high":2.1}}"#
        );
        serde_json::from_str::<Beside>(&text).expect("it is read").interval()
    };
    assert_eq!((earlier(6), earlier(5)), (Some((1.9, 2.1)), None));
}

#[test]
fn a_round_of_which_one_side_was_measured_again_later_is_no_pair() {
    let (manifest, whole) = beside_a_limit(0);
    for (scenario, block) in [("limit/lines", 3), (SCENARIO, 7)] {
        let mut samples = whole.clone();
        let is_again = |sample: &&mut Sample| {
            sample.instrument == Instrument::Clock && sample.scenario == scenario && sample.block == block
        };
        samples.iter_mut().filter(is_again).for_each(|sample| sample.attempt = 1);
        let results = evaluate(&manifest, &samples);
        assert!(results.beside.iter().all(|one| one.rounds == BLOCKS as usize - 1), "{:?}", results.beside);
        let blocks =
            results.cells.iter().filter(|cell| cell.metric == Metric::Time).map(|cell| cell.blocks.len());
        assert!(blocks.into_iter().all(|blocks| blocks == BLOCKS as usize), "variants are compared in it");
    }
}

#[test]
fn a_side_is_broken_where_the_other_was_measured() {
    let (manifest, whole) = (manifest(), samples());
    let failed = |failures: &[(&str, Instrument, bool)]| {
        let mut samples = whole.clone();
        for (variant, instrument, is_wrong) in failures {
            let is_it =
                |s: &&mut Sample| s.instrument == *instrument && s.variant == *variant && s.block == 2;
            let sample = samples.iter_mut().find(is_it).expect("a visit");
            sample.outcome = Outcome::Failed(match is_wrong {
                true => Failure::Inconsistent { why: "two answers".into() },
                false => Failure::Killed { signal: 11, stderr: String::new() },
            });
        }
        let results = evaluate_between(&manifest, &samples, "faster", "same");
        broken_where_measured(&results, "faster", "same").map(|cell| cell.instrument).collect::<Vec<_>>()
    };
    let (clock, rss) = (Instrument::Clock, Instrument::Rss);
    assert_eq!(failed(&[]), []);
    assert_eq!(failed(&[("same", rss, false)]), [rss]);
    assert_eq!(failed(&[("same", clock, true)]), [clock]);
    assert_eq!(failed(&[("faster", clock, true)]), [], "the other side is no failure of this one");
    assert_eq!(failed(&[("faster", rss, false), ("same", rss, false)]), [], "nothing was measured there");
    assert_eq!(failed(&[("faster", rss, false), ("same", clock, false)]), [clock]);
    assert_eq!(failed(&[("faster", rss, false), ("same", rss, true)]), [rss], "wrong in what was timed too");
}

#[test]
fn two_variants_of_a_run_are_compared_as_one_with_the_reference() {
    let manifest = manifest();
    let samples = samples();
    let run = evaluate(&manifest, &samples);
    let between = evaluate_between(&manifest, &samples, "faster", "same");
    assert_eq!(between.reference, "faster");
    assert_eq!(between.variants.iter().map(|v| v.name.as_str()).collect::<Vec<_>>(), ["faster", "same"]);
    let there = comparison(&run, Metric::Time, "faster").figures.as_ref().expect("figures").ratio;
    let back = comparison(&between, Metric::Time, "same");
    assert!(back.label.tells_apart(), "{back:?}");
    let scenario = back.scenario.as_str();
    let of_cells =
        compare_cells(&run, Metric::Time, &[(scenario, "faster", "same"), (scenario, "faster", "?")]);
    let same = of_cells[0].figures.as_ref().zip(back.figures.as_ref()).expect("figures");
    assert_eq!((of_cells[0].label, same.0.ratio, same.0.low), (back.label, same.1.ratio, same.1.low));
    assert_eq!(of_cells[1].reason.as_deref(), Some("? has no good block"));
    let back = back.figures.as_ref().expect("figures").ratio;
    assert!((there * back - 1.0).abs() < 0.02, "{there} and {back}");
    assert_eq!(between.controls, run.controls, "the control is the run's");
    assert_eq!(evaluate_between(&manifest, &samples, "release", "same").comparisons.len(), 3);
}

#[test]
fn a_run_and_its_repetition_stand_side_by_side() {
    let then = evaluate(&manifest(), &samples());
    let rows = beside(&then, &then);
    assert_eq!(rows.len(), then.comparisons.len());
    assert!(rows.iter().all(|row| row.then == row.now && row.overlap() == Some(true)));

    // Another machine, twice as fast in all: the ratios are the same. And one in which `faster` is not.
    let rescaled = |factor: &dyn Fn(&str) -> f64| -> Vec<Sample> {
        let mut samples = samples();
        for sample in &mut samples {
            if let Outcome::Measured(Measured { reading: Reading::Clock { batches, .. }, .. }) =
                &mut sample.outcome
            {
                for batch in batches {
                    batch.ns = (batch.ns as f64 * factor(&sample.variant)) as u64;
                }
            }
        }
        samples
    };
    let overlap_of = |factor: &dyn Fn(&str) -> f64, variant: &str| {
        let now = evaluate(&manifest(), &rescaled(factor));
        let rows = beside(&then, &now);
        let row = rows.iter().find(|row| row.metric == Metric::Time && row.variant == variant);
        row.expect("a row").overlap()
    };
    assert_eq!(overlap_of(&|_| 0.5, "faster"), Some(true));
    let slower = |variant: &str| if variant == "faster" { 1.1 } else { 1.0 };
    assert_eq!(overlap_of(&slower, "faster"), Some(false));
    assert_eq!(overlap_of(&slower, "same"), Some(true));

    let mut other = manifest();
    other.scenarios[0].version = 2;
    other.experiment.variants.retain(|variant| variant != "same");
    let now = evaluate(&other, &samples());
    let rows = beside(&then, &now);
    assert_eq!(rows.len(), then.comparisons.len(), "what is on one side alone is listed");
    assert!(rows.iter().all(|row| row.overlap().is_none()));
    assert!(rows.iter().all(|row| row.apart.as_ref().is_some_and(|why| why.contains("version 1 and is 2"))));
    assert!(rows.iter().any(|row| row.variant == "same" && row.then.is_some() && row.now.is_none()));
}
