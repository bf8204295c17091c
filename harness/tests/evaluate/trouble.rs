//! What goes wrong in a run: failures, interruptions, disturbances, wild clocks, and what was not measured.

use crate::made_up::{BLOCKS, SCENARIO, comparison, judged, manifest, samples};
use harness::judge::evaluate::evaluate;
use harness::judge::label::Label;
use harness::judge::ledger::Ledger;
use harness::judge::wire::manifest::DisturbanceRule;
use harness::judge::wire::results::{Comparison, Metric, Results};
use harness::judge::wire::sample::{Disturbance, Failure, Instrument, Measured, Outcome, Reading, Sample};

#[test]
fn a_wrong_answer_makes_its_cell_invalid_and_no_other() {
    let mut samples = samples();
    let wrong = samples.iter_mut().find(|s| s.variant == "faster" && s.block == 3).expect("a visit");
    if let Outcome::Measured(measured) = &mut wrong.outcome {
        measured.answers = vec!["wrong".into()];
    }
    let manifest = manifest();
    let results = evaluate(&manifest, &samples);
    let faster = comparison(&results, Metric::Time, "faster");
    assert_eq!(faster.label, Label::Invalid);
    assert!(faster.reason.as_ref().is_some_and(|why| why.contains("wrong answer")), "{faster:?}");
    assert!(results.cells.iter().all(|cell| cell.variant != "faster"), "it is never charted");
    assert_eq!(results.invalid.len(), 1);
    assert_eq!(comparison(&results, Metric::Time, "same").label, Label::NoChange);
    assert_eq!(Ledger::of(&manifest, &samples).visits_left(), 0, "an invalid cell is not visited again");
}

#[test]
fn a_peak_that_was_not_reset_is_no_reading() {
    let stale = |is_so: &dyn Fn(&Sample) -> bool| {
        let mut samples = samples();
        for sample in samples.iter_mut().filter(|sample| is_so(sample)) {
            if let Outcome::Measured(Measured { reading: Reading::Rss(rss), .. }) = &mut sample.outcome {
                (rss.peak, rss.peak_was_reset) = (1 << 30, false);
            }
        }
        evaluate(&manifest(), &samples)
    };
    let nowhere = stale(&|_| true);
    assert!(
        nowhere.comparisons.iter().all(|one| one.metric == Metric::Time),
        "not measured, and not invalid"
    );
    assert!(nowhere.metrics.iter().all(|facts| facts.metric == Metric::Time) && nowhere.memory.is_empty());
    assert_eq!(comparison(&nowhere, Metric::Time, "faster").label, Label::Definitive);
    let [told] = nowhere.warnings.as_slice() else { panic!("{:?}", nowhere.warnings) };
    assert!(told.contains("48 of 48 visits") && told.contains("clear_refs"), "{told}");
    let once = stale(&|sample| sample.block == 3 && sample.variant == "faster");
    let faster = comparison(&once, Metric::Rss, "faster");
    assert_eq!(faster.figures.as_ref().map(|figures| figures.blocks), Some(11), "{faster:?}");
    assert!(once.warnings[0].contains("1 of 48 visits"), "{:?}", once.warnings);
}

#[test]
fn a_failure_makes_its_cell_invalid_under_its_instrument_alone() {
    let whole = samples();
    let mut samples = whole.clone();
    let visit = samples.iter_mut().find(|s| s.instrument == Instrument::Rss && s.variant == "faster");
    visit.expect("a visit").outcome = Outcome::Failed(Failure::Killed { signal: 11, stderr: String::new() });
    let manifest = manifest();
    let results = evaluate(&manifest, &samples);
    assert_eq!(comparison(&results, Metric::Time, "faster").label, Label::Definitive);
    assert_eq!(comparison(&results, Metric::Rss, "faster").label, Label::Invalid);
    assert_eq!(comparison(&results, Metric::Rss, "same").label, Label::NoChange);
    let [cell] = results.invalid.as_slice() else { panic!("{:?}", results.invalid) };
    assert_eq!((cell.instrument, cell.everywhere), (Instrument::Rss, false));
    assert!(cell.concerns(Metric::Anon) && !cell.concerns(Metric::Time));
    assert_eq!(Ledger::of(&manifest, &samples).visits_left(), 0);
    // A wrong answer afterwards is invalid everywhere, whatever failed before.
    let wrong = samples.iter_mut().find(|s| s.variant == "faster" && s.block == 3).expect("a visit");
    wrong.outcome = Outcome::Failed(Failure::Inconsistent { why: "two answers".into() });
    let results = evaluate(&manifest, &samples);
    assert_eq!(comparison(&results, Metric::Time, "faster").label, Label::Invalid);
    assert!(results.cells.iter().all(|cell| cell.variant != "faster"));
}

#[test]
fn what_failed_in_passing_is_tried_again_with_its_block_and_told() {
    let mut manifest = manifest();
    let whole = samples();
    let block = |attempt: u32, outcome: &dyn Fn(&Sample) -> Outcome| -> Vec<Sample> {
        let own = whole.iter().filter(|s| s.instrument == Instrument::Clock && s.block == 3);
        own.map(|s| Sample { attempt, outcome: outcome(s), ..s.clone() }).collect()
    };
    let kill = |s: &Sample| match s.variant.as_str() {
        "faster" => Outcome::Failed(Failure::Killed { signal: 9, stderr: String::new() }),
        _ => s.outcome.clone(),
    };
    let others = whole.iter().filter(|s| s.instrument != Instrument::Clock || s.block != 3);
    let mut samples: Vec<Sample> = others.cloned().chain(block(0, &kill)).collect();
    let ledger = Ledger::of(&manifest, &samples);
    assert!(ledger.broke_off(Instrument::Clock, SCENARIO, 3) && ledger.invalid().next().is_none());
    assert_eq!(ledger.visits_left(), 4, "the block as a whole");
    manifest.experiment.second_tries = 0;
    assert_eq!(Ledger::of(&manifest, &samples).invalid().count(), 1, "as earlier builds had it");
    manifest.experiment.second_tries = 1;

    let once = samples.len();
    samples.extend(block(1, &|s| s.outcome.clone()));
    let results = judged(&manifest, &samples);
    let [told] = results.warnings.as_slice() else { panic!("{:?}", results.warnings) };
    assert!(told.contains("a visit of clock was killed"), "{told}");
    assert_eq!(Results { warnings: Vec::new(), ..results }, judged(&manifest, &whole));
    assert_eq!(Ledger::of(&manifest, &samples).visits_left(), 0);

    samples.truncate(once);
    samples.extend(block(1, &kill));
    let ledger = Ledger::of(&manifest, &samples);
    assert!(!ledger.broke_off(Instrument::Clock, SCENARIO, 3) && ledger.visits_left() == 0);
    assert_eq!(ledger.why_invalid(Instrument::Rss, SCENARIO, "faster"), None);
    let results = evaluate(&manifest, &samples);
    assert_eq!(comparison(&results, Metric::Time, "faster").label, Label::Invalid);
    assert_eq!(comparison(&results, Metric::Time, "same").label, Label::NoChange);
}

#[test]
fn without_its_reference_or_control_nothing_is_judged() {
    for gone in ["release", "control"] {
        let mut samples = samples();
        let visit = samples.iter_mut().find(|s| s.variant == gone).expect("a visit");
        visit.outcome = Outcome::Failed(Failure::Killed { signal: 11, stderr: "boom".into() });
        let results = evaluate(&manifest(), &samples);
        let same = comparison(&results, Metric::Time, "same");
        assert_eq!(same.label, Label::Invalid, "without {gone}");
        assert!(same.reason.as_ref().is_some_and(|why| why.contains(gone)), "{same:?}");
        assert!(
            results.invalid[0].reason.contains("signal 11") && results.invalid[0].reason.contains("boom")
        );
    }
}

#[test]
fn an_interrupted_block_is_measured_again_and_the_results_are_the_same() {
    let manifest = manifest();
    let whole = samples();
    let cut = 22;
    assert_ne!(cut % 4, 0, "in the middle of a block");
    let block = whole[cut].block;
    let mut resumed = whole[..cut].to_vec();
    assert!(!Ledger::of(&manifest, &resumed).is_complete(Instrument::Clock, SCENARIO, block));
    let begun = whole.iter().position(|s| s.block == block).expect("its first visit");
    for sample in &whole[begun..] {
        let attempt = u32::from(sample.instrument == Instrument::Clock && sample.block == block);
        resumed.push(Sample { attempt, ..sample.clone() });
    }
    assert_eq!(judged(&manifest, &resumed), judged(&manifest, &whole));
    assert_eq!(Ledger::of(&manifest, &resumed).visits_left(), 0);
}

#[test]
fn a_disturbed_block_is_measured_again_as_a_whole_as_often_as_the_rule_allows() {
    let mut manifest = manifest();
    let rule =
        DisturbanceRule { steal: 0.02, others: 0.10, least_ns: 10, replacements: 2.0 / f64::from(BLOCKS) };
    manifest.experiment.disturbance = Some(rule);
    let clean: Vec<Sample> = samples().into_iter().map(|s| Sample { visit_ns: 100, ..s }).collect();
    let disturb = |sample: &Sample, others_ns| Sample {
        disturbance: Some(Disturbance { steal_ns: 0, others_ns }),
        ..sample.clone()
    };
    let is_clock = |sample: &&Sample| sample.instrument == Instrument::Clock;
    // Four visits take 400 ns: of three blocks more than a tenth is taken, of another less.
    let disturbed: Vec<Sample> = clean
        .iter()
        .map(|s| match (s.block, is_clock(&s)) {
            (0..3, true) => disturb(s, 11),
            (3, true) => disturb(s, 9),
            _ => s.clone(),
        })
        .collect();
    let mut ledger = Ledger::of(&manifest, &disturbed);
    let open = |ledger: &Ledger<'_>| -> Vec<u32> {
        (0..BLOCKS).filter(|&b| !ledger.is_complete(Instrument::Clock, SCENARIO, b)).collect()
    };
    assert_eq!(open(&ledger), [0, 1, 2]);
    assert_eq!(ledger.visits_left(), 12);
    let mut all = disturbed.clone();
    for block in 0..2 {
        for sample in clean.iter().filter(is_clock).filter(|s| s.block == block) {
            let again = Sample { attempt: 1, ..disturb(sample, if block == 0 { 0 } else { 50 }) };
            ledger.record(&again);
            all.push(again);
        }
    }
    assert_eq!(open(&ledger), [] as [u32; 0], "two were measured again, and no more are");
    assert_eq!(ledger.replaced(Instrument::Clock, SCENARIO), 2);
    assert_eq!(ledger.disturbed(Instrument::Clock, SCENARIO), 2);
    let results = evaluate(&manifest, &all);
    let told = results.warnings.iter().find(|w| w.contains("disturbed blocks of clock")).expect("it is told");
    assert!(told.contains("2 were measured again") && told.contains("2 that stand"), "{told}");
    let cell =
        results.cells.iter().find(|c| c.variant == "same" && c.metric == Metric::Time).expect("a cell");
    assert_eq!(cell.blocks.len() as u32, BLOCKS, "none is lost");
}

/// A wall clock that jumps, or a stopwatch that goes mad, in a visit.
#[test]
fn a_clock_that_jumps_neither_ends_nor_changes_the_analysis() {
    let plain = judged(&manifest(), &samples());
    let mut jumped = samples();
    for (at, sample) in jumped.iter_mut().enumerate() {
        sample.began = format!("{}-01-01T00:00:00Z", 2999 - at);
        sample.visit_ns = [0, u64::MAX, 3_600_000_000_000][at % 3];
        sample.disturbance = Some(Disturbance { steal_ns: u64::MAX, others_ns: u64::MAX });
    }
    assert_eq!(judged(&manifest(), &jumped), plain, "stamps and the length of visits are not judged");

    for absurd in [0, 3_600_000_000_000, u64::MAX] {
        let mut one = samples();
        let is_it =
            |s: &&mut Sample| s.instrument == Instrument::Clock && s.variant == "faster" && s.block == 3;
        let sample = one.iter_mut().find(is_it).expect("it is there");
        let Outcome::Measured(Measured { reading: Reading::Clock { batches, .. }, .. }) = &mut sample.outcome
        else {
            panic!("of the clock");
        };
        for batch in batches.iter_mut() {
            batch.ns = absurd;
        }
        let results = judged(&manifest(), &one);
        let (mad, sane) =
            (comparison(&results, Metric::Time, "faster"), comparison(&plain, Metric::Time, "faster"));
        assert!(mad.label.tells_apart(), "{absurd}: {mad:?}");
        let ratio = |c: &Comparison| c.figures.as_ref().expect("figures").ratio;
        assert!(
            (ratio(mad) - ratio(sane)).abs() < 0.01,
            "one block of twelve moves the median little: {mad:?}"
        );
        assert_eq!(comparison(&results, Metric::Time, "same"), comparison(&plain, Metric::Time, "same"));
        let text = serde_json::to_string(&results).expect("JSON");
        assert_eq!(serde_json::from_str::<Results>(&text).expect("read"), results, "every figure is finite");
    }
}

/// Where blocks count as disturbed, a length of 0 or of hours is only a block to measure again.
#[test]
fn a_mad_stopwatch_disturbs_its_block_at_most() {
    let rule = DisturbanceRule { steal: 0.02, others: 0.1, least_ns: 1, replacements: 0.5 };
    let mut manifest = manifest();
    manifest.experiment.disturbance = Some(rule);
    let plain = evaluate(&manifest, &samples());
    for (visit_ns, taken) in [(0, u64::MAX), (u64::MAX, 0), (u64::MAX, u64::MAX)] {
        let mut jumped = samples();
        for sample in jumped.iter_mut().filter(|sample| sample.block == 2) {
            sample.visit_ns = visit_ns;
            sample.disturbance = Some(Disturbance { steal_ns: taken, others_ns: taken });
        }
        let results = evaluate(&manifest, &jumped);
        let (ours, theirs) =
            (comparison(&results, Metric::Time, "faster"), comparison(&plain, Metric::Time, "faster"));
        assert_eq!(ours.label, theirs.label);
        let blocks = ours.figures.as_ref().expect("figures").blocks;
        assert!((BLOCKS as usize - 1..=BLOCKS as usize).contains(&blocks), "{blocks}");
    }
}

#[test]
fn a_run_that_is_not_whole_says_so_and_judges_what_it_can() {
    let manifest = manifest();
    let results = evaluate(&manifest, &samples()[..21]);
    let faster = comparison(&results, Metric::Time, "faster");
    assert_eq!(faster.label, Label::Unstable);
    assert!(faster.reason.as_ref().is_some_and(|why| why.contains("5 good blocks")), "{faster:?}");
    assert!(results.warnings[0].contains("--resume made-up"), "{:?}", results.warnings);
    let nothing = evaluate(&manifest, &[]);
    assert!(nothing.cells.is_empty());
    assert_eq!(nothing.comparisons[0].label, Label::Invalid);
}
