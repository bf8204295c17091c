//! What a gate says: the verdict first, and what the history says beside it.

use harness::judge::gate::{Limit, decide, verdict};
use harness::judge::label::Label;
use harness::judge::wire::Schema;
use harness::judge::wire::gate::{Decision, Exact, ExactMetric, Gate, Revision, SCHEMA, VERSION, Verdict};
use harness::judge::wire::history::{History, Step};
use harness::judge::wire::results::{Comparison, Figures, Metric};
use reports::gate::{comparison, headline, junit, markdown, terminal};

fn gate(history: Option<History>) -> Gate {
    let revision = |name: &str, digit: &str| Revision { name: name.to_owned(), commit: digit.repeat(40) };
    Gate {
        schema: Schema::new(SCHEMA, VERSION),
        base: revision("main", "a"),
        head: revision("HEAD", "b"),
        variant: "release".to_owned(),
        verdict: Verdict::Pass,
        judged: Vec::new(),
        exact: vec![Exact {
            metric: ExactMetric::Size,
            scenario: None,
            base: 1_000,
            head: 1_010,
            limit: 0.05,
            limit_reason: None,
            decision: Decision::Cleared,
        }],
        identical: false,
        not_compared: Vec::new(),
        runs: Vec::new(),
        notes: vec!["something".to_owned()],
        history,
    }
}

fn step(what: &str, commits: usize, interval: Option<(f64, f64)>, limit: Option<f64>) -> Step {
    Step {
        what: what.to_owned(),
        from: "c".repeat(40),
        to: "b".repeat(40),
        commits,
        ratio: 1.062,
        low: interval.map(|(low, _)| low),
        high: interval.map(|(_, high)| high),
        limit,
    }
}

#[test]
fn what_creeps_stands_at_the_top_and_the_steps_in_the_fold() {
    let history = History {
        place: "the branch assay-history".to_owned(),
        since: "d".repeat(40),
        commits: 12,
        steps: vec![step("time of s/one", 1, Some((1.05, 1.07)), None), step("rss of s/|two", 3, None, None)],
        creeps: vec![step("heap of s/one", 7, None, Some(0.05))],
        notes: vec!["2 compilers took part".to_owned()],
    };
    let with = gate(Some(history));
    let creep =
        "heap of s/one grew by +6.2 % in the 7 gated commits since cccccccccccc, past the limit of 5.0 %";
    let steps = [
        "12 gated commits in the branch assay-history lead from dddddddddddd to this one",
        "time of s/one moved by +6.2 % [+5.0, +7.0] at bbbbbbbbbbbb",
        "moved by +6.2 % over the 3 gated commits after cccccccccccc up to bbbbbbbbbbbb",
        "2 compilers took part",
    ];
    let text = terminal(&with);
    let command = "cargo xtask gate --base cccccccccccc --head bbbbbbbbbbbb measures it in one run";
    assert!(text.contains(creep) && text.contains(command), "{text}");
    let markdown = markdown(&with);
    let (top, fold) = markdown.split_once("<details>").expect("a fold");
    assert!(
        top.starts_with("**Performance: pass") && top.contains("- history: heap of s/one grew by +6.2 %"),
        "{top}"
    );
    for words in steps {
        assert!(text.contains(words), "{words:?} is not in: {text}");
        assert!(fold.replace("\\[", "[").contains(words), "{words:?} is not in: {fold}");
    }
    assert!(fold.contains("s/\\|two"), "names stay names: {fold}");
    assert_eq!(junit(&with), junit(&gate(None)), "it decides nothing");
    assert!(!terminal(&gate(None)).contains("history"));
}

#[test]
fn two_revisions_beside_each_other_know_no_limits() {
    let text = comparison(&gate(None));
    assert!(
        text.starts_with("HEAD (bbbb")
            && text.contains("size of what ships, without symbols: 1,000 to 1,010"),
        "{text}"
    );
    assert!(!text.contains("limit") && !text.contains("pass"), "{text}");
}

/// A time that is this much longer, at most so much.
fn time(at: usize, label: Label, (ratio, high): (f64, f64)) -> Comparison {
    let figures = Figures {
        blocks: 20,
        ratio,
        low: ratio * 0.99,
        high,
        coverage: 0.96,
        p: 0.001,
        q: 0.01,
        u: 0.0,
        cliffs_delta: 0.0,
        floor: 0.01,
        margin: 0.01,
        blocks_to_settle: None,
    };
    Comparison {
        scenario: format!("s/{at}"),
        metric: Metric::Time,
        variant: "head".to_owned(),
        label,
        reason: None,
        figures: Some(figures),
    }
}

/// A gate of ten times that are the same but for these, with a limit of its own for the first.
fn gate_of(others: &[(Label, (f64, f64))]) -> Gate {
    let same = std::iter::repeat((Label::NoChange, (1.0, 1.004)));
    let times = others.iter().copied().chain(same).take(10).enumerate();
    let first: Vec<Comparison> = times.map(|(at, (label, figures))| time(at, label, figures)).collect();
    let limit = |one: &Comparison| match one.scenario.as_str() {
        "s/0" => Limit { limit: 0.2, reason: Some("it does more".to_owned()) },
        _ => Limit { limit: 0.05, reason: None },
    };
    let judged = decide(&first, &[], &[], limit);
    Gate { verdict: verdict(&judged, &[], &[]), judged, exact: Vec::new(), ..gate(None) }
}

#[test]
fn the_headline_claims_no_more_than_was_found() {
    let (slower, open) = ((Label::High, (1.1, 1.15)), (Label::Inconclusive, (1.02, 1.2)));
    assert_eq!(headline(&gate_of(&[])), "pass: nothing worse past its limit, in 10 comparisons");
    assert_eq!(
        headline(&gate_of(&[slower, open])),
        "pass: nothing worse past its limit, in 10 comparisons; 1 accepted as worse, by a limit of its own; 1 stayed open"
    );
    assert_eq!(
        headline(&gate_of(&[slower, open, open])),
        "undecided: 2 of 10 comparisons of time stayed open"
    );
}
