//! Two runs beside each other.

use crate::fixture;
use harness::judge::across::{Across, Apart, Figure, Finding, Ratios};
use reports::across::terminal;

#[test]
fn says_what_moved_what_did_not_and_what_was_not_compared() {
    let then = fixture::rich();
    let mut now = then.clone();
    now.provenance.run = "later\u{1b}[31m".to_owned();
    let comparison = then.comparisons.iter().find(|c| c.figures.is_some()).expect("a comparison").clone();
    let figure =
        |what: &str, then, now, finding| Figure { what: what.to_owned(), then, now, finding, of_size: false };
    let mut across = Across {
        differences: vec!["kernel: 1, now 2".to_owned()],
        ratios: vec![Ratios { then: comparison.clone(), now: comparison, finding: Finding::Worse }],
        exact: vec![
            figure("heap peak of x, bytes", 1_000, 1_200, Finding::Worse),
            figure("heap blocks of x", 5, 5, Finding::Same),
            figure("heap blocks of y", 0, 7, Finding::Apart),
        ],
        apart: vec![Apart { what: "scenario z".to_owned(), reason: "only the first run has it".to_owned() }],
        ..Across::default()
    };
    let text = terminal(&then, &now, &across);
    for words in [
        "2 figures got worse past their margins, 0 better, 1 moved by less, 1 did not move",
        "differs: kernel: 1, now 2",
        "the intervals are apart",
        "worse   heap peak of x, bytes: 1,000 to 1,200, +20.0 %",
        "1 figure is the same in both",
        "scenario z: only the first run has it",
    ] {
        assert!(text.contains(words), "{words:?} is not in: {text}");
    }
    assert!(!text.contains('\u{1b}') && !text.contains("inf") && !text.contains("NaN"), "{text}");
    across = Across { no_ratios: vec!["the machine is another one".to_owned()], ..Across::default() };
    let text = terminal(&then, &now, &across);
    assert!(text.contains("nothing of the two runs can be compared"), "{text}");
    assert!(text.contains("ratios are not compared: the machine is another one"), "{text}");
}
