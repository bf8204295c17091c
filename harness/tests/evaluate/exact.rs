//! Figures that are compared exactly: heaps and instructions.

use crate::made_up::{build, heap, manifest, sample};
use harness::judge::exact;
use harness::judge::gate::{self, Limit};
use harness::judge::wire::gate::{Decision, Verdict};
use harness::judge::wire::manifest::{self, InstrumentPlan};
use harness::judge::wire::sample::{Count, Counted, Failure, Instrument, Outcome, Reading, Sample};

#[test]
fn a_heap_build_that_breaks_off_is_told_as_that_and_is_no_pass() {
    let mut manifest = manifest();
    manifest.experiment.heaps.push("heap-head".to_owned());
    manifest.builds.push(build("heap-head"));
    let all = [heap(0, 1 << 20), heap(1, 1 << 20)];
    let failure = Failure::Killed { signal: 11, stderr: "boom".into() };
    let broken =
        Sample { variant: "heap-head".into(), outcome: Outcome::Failed(failure), ..heap(0, 1 << 20) };
    let limit = |_, _: &str| Limit { limit: 0.01, reason: None };
    let samples = [&all[..], &[broken]].concat();
    let compared = exact::heaps(&manifest, &samples, ["heap", "heap-head"], 0, limit);
    let [left_out] = compared.not_compared.as_slice() else { panic!("{compared:?}") };
    assert!(left_out.broken && left_out.reason.contains("heap-head: "), "{left_out:?}");
    assert_eq!(gate::verdict(&[], &compared.exact, &compared.not_compared), Verdict::Broken);
    // Of a side that was not visited nothing is wrong, and nothing is known.
    let compared = exact::heaps(&manifest, &all, ["heap", "heap-head"], 0, limit);
    assert!(!compared.not_compared[0].broken, "{compared:?}");
    assert_eq!(gate::verdict(&[], &compared.exact, &compared.not_compared), Verdict::Undecided);
}

#[test]
fn every_scenario_whose_instructions_were_to_be_counted_is_compared_or_told() {
    let mut manifest = manifest();
    manifest.experiment.variants = ["base", "head"].map(String::from).into();
    manifest.builds = ["base", "head"].map(build).into();
    let names = ["more", "vague", "no-head", "no-base", "neither", "unvisited"];
    manifest.scenarios =
        names.map(|name| manifest::Scenario { name: name.into(), ..manifest.scenarios[0].clone() }).into();
    let scenarios = names.map(String::from).into();
    manifest.experiment.instruments =
        vec![InstrumentPlan { instrument: Instrument::Count, blocks: 2, scenarios }];
    let count = |scenario: &str, variant: &str, block: u32, instructions: u64| {
        let counted = |iterations, instructions| Counted { iterations, instructions };
        let reading = Count { fewer: counted(1, 5_000_000), more: counted(2, 5_000_000 + instructions) };
        let visit = sample(Instrument::Count, variant, block, Reading::Count(reading));
        Sample { scenario: scenario.into(), ..visit }
    };
    let dies = |visit: Sample| Sample {
        outcome: Outcome::Failed(Failure::Killed { signal: 4, stderr: "no such instruction".into() }),
        ..visit
    };
    let samples = [
        count("more", "base", 0, 1_000_000),
        count("more", "head", 0, 1_011_000),
        count("more", "base", 1, 1_000_000),
        count("more", "head", 1, 1_011_090),
        count("vague", "base", 0, 1_000_000),
        count("vague", "head", 0, 1_000_000),
        count("vague", "base", 1, 1_000_000),
        count("vague", "head", 1, 1_000_200),
        count("no-head", "base", 0, 1_000_000),
        dies(count("no-head", "head", 0, 0)),
        dies(count("no-base", "base", 0, 0)),
        count("no-base", "head", 0, 1_000_000),
        dies(count("neither", "base", 0, 0)),
        dies(count("neither", "head", 0, 0)),
    ];
    let limit = |_, _: &str| Limit { limit: 0.01, reason: None };
    let compared = exact::instructions(&manifest, &samples, ["base", "head"], limit);
    let [one] = compared.exact.as_slice() else { panic!("{compared:?}") };
    assert_eq!((one.scenario.as_deref(), one.decision), (Some("more"), Decision::Regression));
    let left: Vec<_> =
        compared.not_compared.iter().map(|one| (one.scenario.as_str(), one.reason.as_str())).collect();
    assert_eq!(
        left.iter().map(|one| one.0).collect::<Vec<_>>(),
        names[1..].iter().map(|name| format!("instructions of {name}")).collect::<Vec<_>>()
    );
    assert!(left[1].1.starts_with("head: was ended by signal 4"), "{left:?}");
    assert!(left[2].1.starts_with("base: was ended by signal 4"), "{left:?}");
    assert!(left[3].1.contains("base: ") && left[3].1.contains("; head: "), "{left:?}");
    assert_eq!(left[4].1, "base: it was not counted; head: it was not counted");
    assert!(compared.not_compared.iter().all(|one| !one.broken), "callgrind does not know every instruction");
    let open: Vec<_> = compared.not_compared.iter().filter(|one| one.open.is_some()).collect();
    assert!(matches!(open.as_slice(), [vague] if vague.scenario == "instructions of vague"), "{open:?}");
}

#[test]
fn a_wrong_answer_breaks_a_gate_under_the_counter_too() {
    let mut manifest = manifest();
    manifest.experiment.variants = ["base", "head"].map(String::from).into();
    manifest.builds = ["base", "head"].map(build).into();
    let name = manifest.scenarios[0].name.clone();
    manifest.experiment.instruments =
        vec![InstrumentPlan { instrument: Instrument::Count, blocks: 1, scenarios: vec![name] }];
    let counted = |iterations, instructions| Counted { iterations, instructions };
    let reading = || Reading::Count(Count { fewer: counted(1, 5_000_000), more: counted(2, 6_000_000) });
    let mut wrong = sample(Instrument::Count, "head", 0, reading());
    let Outcome::Measured(measured) = &mut wrong.outcome else { panic!("{wrong:?}") };
    measured.answers = vec!["another".to_owned()];
    let samples = [sample(Instrument::Count, "base", 0, reading()), wrong];
    let limit = |_, _: &str| Limit { limit: 0.01, reason: None };
    let compared = exact::instructions(&manifest, &samples, ["base", "head"], limit);
    let [left_out] = compared.not_compared.as_slice() else { panic!("{compared:?}") };
    assert!(left_out.broken && left_out.reason.contains("head: gave a wrong answer"), "{left_out:?}");
    assert_eq!(gate::verdict(&[], &compared.exact, &compared.not_compared), Verdict::Broken);
}
