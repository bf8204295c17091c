//! What a chain of gated commits says: only of what leads to this commit, and no more than was measured.

use harness::judge::history::{entry, history};
use harness::judge::label::Label;
use harness::judge::order::Seed;
use harness::judge::wire::Schema;
use harness::judge::wire::gate::{self, Decision, Exact, ExactMetric, Gate, Judged, Revision, Verdict};
use harness::judge::wire::history::{Entry, History, Identity};
use harness::judge::wire::results::{Comparison, Figures, Metric};

fn revision(at: usize) -> Revision {
    Revision { name: "main".to_owned(), commit: format!("{at:040}") }
}

/// A gate of commit `at` against the one before: time and heap of one scenario changed by so much.
fn gate(at: usize, time: f64, heap: (u64, u64)) -> Gate {
    let ratio = time.exp();
    let half = 0.004 * 1.96;
    let figures = Figures {
        blocks: 20,
        ratio,
        low: (time - half).exp(),
        high: (time + half).exp(),
        coverage: 0.96,
        p: 0.5,
        q: 0.5,
        u: 0.0,
        cliffs_delta: 0.0,
        floor: 0.01,
        margin: 0.01,
        blocks_to_settle: None,
    };
    let comparison = Comparison {
        scenario: "s/one".to_owned(),
        metric: Metric::Time,
        variant: "head".to_owned(),
        label: if time.abs() > 0.014 { Label::High } else { Label::Inconclusive },
        reason: None,
        figures: Some(figures),
    };
    Gate {
        schema: Schema::new(gate::SCHEMA, gate::VERSION),
        base: revision(at - 1),
        head: revision(at),
        variant: "release".to_owned(),
        verdict: Verdict::Pass,
        judged: vec![Judged {
            scenario: "s/one".to_owned(),
            metric: Metric::Time,
            decision: Decision::Cleared,
            why: String::new(),
            limit: 0.05,
            limit_reason: None,
            rounds: vec![comparison],
        }],
        exact: vec![Exact {
            metric: ExactMetric::Heap,
            scenario: Some("s/one".to_owned()),
            base: heap.0,
            head: heap.1,
            limit: 0.05,
            limit_reason: None,
            decision: Decision::Cleared,
        }],
        identical: false,
        not_compared: Vec::new(),
        runs: Vec::new(),
        notes: Vec::new(),
        history: None,
    }
}

fn entry_of(gate: &Gate) -> Entry {
    let mut entry = entry(gate, None, "2026-01-01T00:00:00Z");
    entry.scenarios = vec![Identity { name: "s/one".to_owned(), version: 1, corpus_sha256: "c".to_owned() }];
    entry
}

fn said(gates: &[Gate], change: impl Fn(usize, &mut Entry)) -> History {
    let mut entries: Vec<Entry> = gates.iter().map(entry_of).collect();
    entries.iter_mut().enumerate().for_each(|(at, entry)| change(at, entry));
    let last = entries.pop().expect("the newest");
    // Whatever the order in which files are read.
    entries.reverse();
    history("here", &entries, &last, &gates[gates.len() - 1], |_| (0.02, 1000))
}

/// Gates of commits 1, 2 and so on, with small noise in the times.
fn gates(times: &[f64], heaps: &[u64]) -> Vec<Gate> {
    let mut seed = Seed::new(3);
    let noise = (0..times.len()).map(|_| (seed.below(1000) as f64 - 500.0) / 500.0 * 0.003);
    let noise: Vec<f64> = noise.collect();
    (0..times.len()).map(|at| gate(at + 1, times[at] + noise[at], (heaps[at], heaps[at + 1]))).collect()
}

#[test]
fn a_step_is_told_with_its_commit_and_nothing_else_is() {
    let mut times = [0.0; 20];
    times[11] = 0.045;
    let mut heaps = [1_000_000; 21];
    heaps[15..].fill(1_030_000);
    let found = said(&gates(&times, &heaps), |_, _| {});
    assert_eq!((found.commits, found.since.clone()), (20, revision(0).commit));
    assert_eq!(found.steps.len(), 2, "{:?}", found.steps);
    let [heap, time] = &found.steps[..] else { panic!("two") };
    assert_eq!((heap.what.as_str(), &heap.to), ("heap of s/one", &revision(15).commit));
    assert!((heap.ratio - 1.03).abs() < 1e-9 && heap.low.is_none());
    assert_eq!(
        (time.what.as_str(), &time.from, &time.to),
        ("time of s/one", &revision(11).commit, &revision(12).commit)
    );
    assert!(
        (time.ratio - 1.046).abs() < 0.004 && time.low < Some(time.ratio) && time.commits == 1,
        "{time:?}"
    );
    assert!(found.creeps.is_empty() && found.notes.is_empty(), "{found:?}");
}

#[test]
fn what_creeps_past_its_limit_is_told_though_no_commit_is() {
    // 0.8 % a commit, for ten of them: none is past a margin of 2 %, and together they are past the limit of 5 %.
    let mut heaps = vec![1_000_000_u64; 11];
    (0..10).for_each(|_| heaps.push(heaps[heaps.len() - 1] * 1008 / 1000));
    let found = said(&gates(&[0.0; 20], &heaps), |_, _| {});
    assert!(found.steps.is_empty(), "{:?}", found.steps);
    let [creep] = &found.creeps[..] else { panic!("one: {:?}", found.creeps) };
    assert_eq!(
        (creep.what.as_str(), &creep.from, &creep.to),
        ("heap of s/one", &revision(10).commit, &revision(20).commit)
    );
    assert!(
        (creep.ratio - 1.008_f64.powi(10)).abs() < 1e-4 && creep.limit == Some(0.05) && creep.commits == 10
    );
    // The same in less than what is worth telling in bytes.
    let small: Vec<u64> = heaps.iter().map(|bytes| bytes / 100).collect();
    assert!(said(&gates(&[0.0; 20], &small), |_, _| {}).creeps.is_empty());
    let times: Vec<f64> = (0..20).map(|at| if at < 8 { 0.0 } else { 0.012 }).collect();
    let found = said(&gates(&times, &[1_000_000; 21]), |_, _| {});
    let [creep] = &found.creeps[..] else { panic!("one: {:?}", found.creeps) };
    assert!(creep.what == "time of s/one" && (1.10..1.20).contains(&creep.ratio), "{creep:?}");
    assert!(creep.low < Some(creep.ratio) && creep.high > Some(creep.ratio));
}

#[test]
fn noise_alone_hardly_ever_creeps() {
    let mut seed = Seed::new(11);
    let mut normal = || (0..12).map(|_| seed.below(1 << 20) as f64 / f64::from(1 << 20)).sum::<f64>() - 6.0;
    let told = (0..500).filter(|_| {
        let all: Vec<Gate> = (1..=30).map(|at| gate(at, 0.004 * normal(), (1_000_000, 1_000_000))).collect();
        let found = said(&all, |_, _| {});
        !(found.creeps.is_empty() && found.steps.is_empty())
    });
    let told = told.count();
    println!("30 commits of noise: {told} of 500 series are told as creeping or stepping");
    assert!(told <= 5, "{told} of 500");
}

#[test]
fn one_commit_past_the_limit_is_a_step_and_no_creeping() {
    let mut heaps = [1_000_000; 13];
    heaps[12..].fill(1_100_000);
    let found = said(&gates(&[0.0; 12], &heaps), |_, _| {});
    assert_eq!((found.steps.len(), found.creeps.len()), (1, 0), "{found:?}");
}

#[test]
fn only_what_leads_to_this_commit_and_is_the_same_thing_counts() {
    let mut heaps = [1_000_000; 21];
    heaps[5..].fill(1_100_000);
    let all = gates(&[0.0; 20], &heaps);
    assert_eq!(said(&all, |_, _| {}).steps.len(), 1);
    // Another build of commit 9: the chain begins after it.
    let found = said(&all, |at, entry| {
        if at == 8 {
            entry.variant = "fat".to_owned();
        }
    });
    assert_eq!((found.commits, found.steps.len(), found.since), (11, 0, revision(9).commit));
    // A branch that was gated and never merged.
    let found = said(&all, |at, entry| {
        if at == 4 {
            entry.head = revision(99);
        }
    });
    assert_eq!((found.commits, found.steps.len()), (15, 0));
    // Another corpus before commit 11.
    let found = said(&all, |at, entry| {
        if at < 10 {
            entry.scenarios[0].corpus_sha256 = "d".to_owned();
        }
    });
    assert_eq!((found.commits, found.steps.len()), (20, 0));
    assert!(found.notes[0].contains("another version or corpus"), "{:?}", found.notes);
    // Two compilers: each ratio is of one.
    let found = said(&all, |at, entry| entry.compiler = Some(if at < 10 { "1" } else { "2" }.to_owned()));
    assert_eq!(found.steps.len(), 1);
    assert!(found.notes[0].contains("2 compilers"), "{:?}", found.notes);
}

#[test]
fn a_gate_without_figures_and_a_circle_are_no_trouble() {
    let mut same = gate(3, 0.0, (5, 5));
    (same.identical, same.judged, same.exact) = (true, Vec::new(), Vec::new());
    let before = [gate(1, 0.0, (1_000_000, 1_000_000)), gate(2, 0.0, (1_000_000, 1_100_000))];
    let found = said(&[&before[..], &[same]].concat(), |_, _| {});
    assert_eq!((found.commits, found.steps.len()), (3, 1), "what led to it is still told: {found:?}");
    let mut circle = gate(1, 0.0, (1, 1));
    circle.base = revision(1);
    assert_eq!(said(&[circle.clone()], |_, _| {}).commits, 1);
    let mut back = gate(2, 0.0, (1, 1));
    back.base = revision(1);
    circle.base = revision(2);
    assert_eq!(said(&[circle, back], |_, _| {}).commits, 2);
}

#[test]
fn an_entry_is_read_as_it_was_written() {
    let entry = entry_of(&gate(1, 0.02, (1, 2)));
    let text = serde_json::to_string(&entry).expect("written");
    assert_eq!(serde_json::from_str::<Entry>(&text).expect("read"), entry);
}
