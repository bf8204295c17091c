//! What is said, and what is not, as the labels change.

use crate::fixture;
use harness::judge::label::Label::{
    self, Definitive, High, Inconclusive, Invalid, Moderate, NoChange, Unstable,
};
use harness::judge::wire::results::{Comparison, Figures, Metric, Results};
use reports::export::{Format, export};
use reports::summary;
use reports::verdict::{Finding, Verdict, verdict};

/// Results in which each variant has these ratios and labels of time, one for each scenario.
fn run(variants: &[(&str, &[(f64, Label)])]) -> Results {
    let mut results = fixture::empty("release");
    results.variants.push(fixture::variant("release", "", 1000, 10.0));
    let scenarios = variants.iter().map(|v| v.1.len()).max().unwrap_or(0);
    results.scenarios = (0..scenarios).map(|i| fixture::scenario(&format!("s/{i}"), 1, 1)).collect();
    for (name, cells) in variants {
        results.variants.push(fixture::variant(name, "", 1000, 10.0));
        for (scenario, (ratio, label)) in results.scenarios.iter().zip(*cells) {
            let figures = Figures {
                blocks: 12,
                ratio: *ratio,
                low: ratio * 0.99,
                high: ratio * 1.01,
                coverage: 0.96,
                p: 0.001,
                q: 0.002,
                u: 0.0,
                cliffs_delta: -1.0,
                floor: 0.01,
                margin: 0.01,
                blocks_to_settle: (*label == Inconclusive).then_some(31),
            };
            results.comparisons.push(Comparison {
                scenario: scenario.name.clone(),
                metric: Metric::Time,
                variant: (*name).to_owned(),
                label: *label,
                reason: None,
                figures: (*label != Invalid).then_some(figures),
            });
        }
    }
    results
}

fn judged(variants: &[(&str, &[(f64, Label)])]) -> Verdict {
    verdict(&run(variants))
}

/// The paragraph on speed.
fn speed(verdict: &Verdict) -> String {
    let paragraph =
        verdict.paragraphs().into_iter().find(|p| p.topic == "Speed").expect("speed is spoken of");
    paragraph.text().to_string()
}

#[test]
fn the_best_takes_less_nearly_everywhere_and_nowhere_more() {
    let verdict = judged(&[
        ("pgo", &[(0.80, Definitive), (0.90, High), (0.995, NoChange)]),
        ("lto", &[(0.95, Moderate), (0.96, High), (0.97, Definitive)]),
    ]);
    assert_eq!(verdict.time.finding, Finding::Best("pgo".to_owned()));
    let best = &verdict.time.standings[0];
    assert!((best.mean.expect("a mean") - (0.80f64 * 0.90 * 0.995).cbrt()).abs() < 1e-12);
    let said = speed(&verdict);
    assert!(said.starts_with("pgo is fastest: 10.5 % less time than release over 3 scenarios (geometric mean), from −20.0 % in s/0 to −0.5 % in s/2; definitive or high in 2 of 3, slower in none."), "{said}");
    assert!(said.contains("Faster than release too: lto (−4.0 %, told in 3 of 3)."), "{said}");
}

#[test]
fn definitive_and_high_count_alike() {
    let with = |label| judged(&[("a", &[(0.9, label), (0.9, label)])]);
    let (definitive, high) = (with(Definitive), with(High));
    assert_eq!(definitive.time.finding, high.time.finding);
    assert_eq!(speed(&definitive), speed(&high));
    assert_eq!(high.time.standings[0].less.sure, 2);
    assert_eq!(with(Moderate).time.standings[0].less.sure, 0);
}

#[test]
fn who_is_slower_somewhere_is_not_the_best_however_good_the_mean() {
    let verdict = judged(&[
        ("mixed", &[(0.50, Definitive), (0.50, Definitive), (1.10, High)]),
        ("steady", &[(0.95, High), (0.95, High), (0.95, High)]),
    ]);
    assert_eq!(verdict.time.finding, Finding::Best("steady".to_owned()));
    assert!(speed(&verdict).contains("Mixed: mixed is faster in 2 and slower in 1 of 3 (slower in s/2)"));
    let alone = judged(&[("mixed", &[(0.50, Definitive), (1.10, High)])]);
    assert_eq!(alone.time.finding, Finding::Mixed("mixed".to_owned()));
    assert!(speed(&alone).starts_with("No variant takes less time everywhere. Mixed: mixed is faster in 1"));
}

#[test]
fn the_scenario_that_a_mean_hides_most_is_named() {
    let verdict = judged(&[
        ("steady", &[(0.95, High), (0.95, High), (0.96, High)]),
        ("mixed", &[(0.50, Definitive), (0.50, Definitive), (1.10, High)]),
        ("slower", &[(0.99, NoChange), (1.00, NoChange), (3.00, Definitive)]),
    ]);
    let said = verdict.paragraphs()[0].lead.to_string();
    assert!(
        said.ends_with("can hide a loss: mixed is +10.0 % (high) in s/2, though −35.0 % on average."),
        "{said}"
    );
    let alike = judged(&[("steady", &[(0.95, High), (0.95, High), (0.96, High)])]);
    assert!(!speed(&alike).contains("A mean"), "nothing is hidden: {}", speed(&alike));
}

#[test]
fn a_gain_in_few_places_is_told_as_that() {
    let verdict = judged(&[("a", &[(0.8, Definitive), (1.0, NoChange), (0.999, NoChange)])]);
    assert_eq!(verdict.time.finding, Finding::Partly("a".to_owned()));
    assert_eq!(
        speed(&verdict),
        "a is faster in 1 of 3 scenarios, most in s/0 (−20.0 %); definitive or high in 1, moderate in 0, slower in none; \
         −7.2 % over all (geometric mean). A mean weighs every scenario alike, leaves out what was not judged, and can hide \
         where little is gained: a is 0.0 % (no change) in s/1, though −7.2 % on average."
    );
    assert!(verdict.cost.is_none() && verdict.time.close.is_empty());
}

#[test]
fn who_was_not_judged_everywhere_is_not_put_before_who_was() {
    let verdict = judged(&[
        ("half", &[(0.5, Definitive), (1.0, Invalid)]),
        ("whole", &[(0.9, Definitive), (0.9, Definitive)]),
    ]);
    assert_eq!(verdict.time.finding, Finding::Best("whole".to_owned()));
    assert!(speed(&verdict).contains("Left out of this: 1 of 4 comparisons (0 unstable, 1 invalid)."));
}

#[test]
fn who_was_judged_in_half_of_the_scenarios_or_fewer_is_not_the_best() {
    let of = |many: usize, rest: Label| {
        let mut cells = vec![(0.88, Definitive); many];
        cells.resize(8, (0.88, rest));
        judged(&[("lto", &cells)])
    };
    let few = of(1, Unstable);
    assert_eq!(few.time.finding, Finding::Partly("lto".to_owned()));
    assert!(few.cost.is_none(), "what the best costs is not said of it");
    let said = speed(&few);
    assert!(
        said.starts_with(
            "lto is faster in 1 of 8 scenarios (judged in 1), most in s/0 (−12.0 %); definitive or high in 1, moderate in 0, \
             slower in none; −12.0 % over those (geometric mean)."
        ),
        "{said}"
    );
    assert_eq!(of(4, Unstable).time.finding, Finding::Partly("lto".to_owned()));
    let most = of(5, Unstable);
    assert_eq!(most.time.finding, Finding::Best("lto".to_owned()));
    let said = speed(&most);
    assert!(said.starts_with("lto is faster: 12.0 % less time than release over 5 of 8 scenarios"), "{said}");
}

#[test]
fn who_is_wrong_somewhere_is_not_the_best() {
    let wrong = [(0.88, High), (0.88, High), (0.88, High), (0.88, Invalid)];
    let verdict = judged(&[("lto", &wrong)]);
    assert_eq!(verdict.time.finding, Finding::Partly("lto".to_owned()));
    assert!(speed(&verdict).starts_with("lto is faster in 3 of 4 scenarios (judged in 3), most in s/0"));
    // Who is right everywhere comes first, however much less another takes where it can be judged.
    let right = [(0.95, High), (0.95, High), (0.95, High), (1.0, Unstable)];
    let beside = judged(&[("lto", &wrong), ("pgo", &right)]);
    assert_eq!(beside.time.finding, Finding::Best("pgo".to_owned()));
}

#[test]
fn a_mixed_one_that_was_not_judged_everywhere_is_told_of_all_scenarios() {
    let verdict = judged(&[("a", &[(0.8, High), (1.2, High), (1.0, Unstable)])]);
    assert_eq!(verdict.time.finding, Finding::Mixed("a".to_owned()));
    let said = speed(&verdict);
    assert!(
        said.contains("Mixed: a is faster in 1 and slower in 1 of 3 (judged in 2; slower in s/1); −2.0 % over those, from"),
        "{said}"
    );
}

#[test]
fn rivals_whose_intervals_overlap_are_named_beside_the_best() {
    let verdict = judged(&[
        ("first", &[(0.900, Definitive), (0.900, Definitive)]),
        ("second", &[(0.905, Definitive), (0.950, Definitive)]),
        ("third", &[(0.95, Definitive), (0.95, Definitive)]),
    ]);
    let close: Vec<(&str, usize, usize)> =
        verdict.time.close.iter().map(|c| (c.variant.as_str(), c.overlapping, c.of)).collect();
    assert_eq!(close, [("second", 1, 2)]);
    let said = speed(&verdict);
    assert!(said.contains("Not clearly behind it: second (−7.3 %, intervals overlap in 1 of 2)."), "{said}");
    assert!(said.contains("Faster than release too: third"), "{said}");
}

#[test]
fn nothing_told_is_said_with_the_blocks_that_might_settle_it() {
    let verdict = judged(&[("a", &[(0.97, Inconclusive), (1.0, NoChange)])]);
    assert_eq!(verdict.time.finding, Finding::NothingTold);
    assert_eq!(verdict.time.blocks_to_settle, Some(31));
    assert_eq!(
        speed(&verdict),
        "Nothing tells a from release by time. About 31 blocks might settle the comparison that is inconclusive here."
    );
}

#[test]
fn the_number_of_blocks_stands_beside_the_label() {
    let untold = fixture::untold();
    assert!(summary::markdown(&untold).contains("| inconclusive, about 28 blocks |"));
    let csv = export(&untold, Format::Csv).expect("something to export").text;
    let rows: Vec<&str> = csv.lines().filter(|row| row.contains(",inconclusive,")).collect();
    assert!(!rows.is_empty() && rows.iter().all(|row| row.ends_with(",28")), "{csv}");
}

#[test]
fn what_no_number_of_blocks_is_known_to_settle_is_counted_too() {
    let said = |numbers: &[Option<u32>]| {
        let mut results = run(&[("a", &vec![(0.97, Inconclusive); numbers.len()])]);
        for (comparison, blocks) in results.comparisons.iter_mut().zip(numbers) {
            comparison.figures.as_mut().expect("figures").blocks_to_settle = *blocks;
        }
        speed(&verdict(&results)).replace("Nothing tells a from release by time. ", "")
    };
    assert_eq!(
        said(&[Some(31), Some(90), None, None]),
        "About 90 blocks might settle 2 of the 4 comparisons that are inconclusive here; of the other 2 no number can be told, \
         or it would be more than 400."
    );
    assert_eq!(
        said(&[None, Some(90)]),
        "About 90 blocks might settle 1 of the 2 comparisons that are inconclusive here; of the other one no number can be told, \
         or it would be more than 400."
    );
    assert_eq!(
        said(&[Some(8), Some(9)]),
        "About 9 blocks might settle the 2 comparisons that are inconclusive here."
    );
    // Nobody waits for 401.
    for none in [None, Some(401)] {
        assert_eq!(
            said(&[none]),
            "How many blocks might settle the comparison that is inconclusive here can't be told, or it would be more than 400."
        );
    }
}

#[test]
fn only_slower_variants_leave_the_reference_best() {
    let verdict = judged(&[("a", &[(1.2, Definitive), (1.0, NoChange)])]);
    assert_eq!(verdict.time.finding, Finding::ReferenceBest);
    assert_eq!(
        speed(&verdict),
        "No variant takes less time than release, the reference. Slower than release: a (+9.5 %, told in 1 of 2)."
    );
}

#[test]
fn what_is_unstable_or_invalid_everywhere_is_not_judged() {
    let verdict = judged(&[("a", &[(0.5, Unstable), (0.5, Unstable)])]);
    assert_eq!(verdict.time.finding, Finding::NotJudged);
    assert_eq!(speed(&verdict), "Nothing can be said about time: all 2 comparisons are unstable.");
    let verdict = judged(&[("a", &[(0.5, Invalid), (0.5, Unstable)])]);
    assert_eq!(
        speed(&verdict),
        "Nothing can be said about time: 1 comparison is unstable and 1 comparison is invalid."
    );
}

#[test]
fn a_single_scenario_is_told_with_its_interval_and_label() {
    let verdict = judged(&[("a", &[(0.88, High)])]);
    let said = speed(&verdict);
    assert!(
        said.starts_with(
            "a is faster: 12.0 % less time than release in s/0, interval [−12.9, −11.1] %, high."
        ),
        "{said}"
    );
}

#[test]
fn what_is_missing_comes_right_after_speed() {
    let topics =
        |results: &Results| verdict(results).paragraphs().iter().map(|p| p.topic).collect::<Vec<_>>();
    let all = ["Speed", "Missing", "Ranking", "Memory", "Size", "Dominated", "Same binary"];
    assert_eq!(topics(&fixture::with_wrong_answer()), all);
    assert_eq!(topics(&fixture::minimal()), ["Result"]);
}

#[test]
fn memory_is_told_in_its_own_words() {
    let mut results = run(&[
        ("small", &[(0.5, Definitive), (0.9, High)]),
        ("odd", &[(0.6, Definitive), (1.5, Moderate)]),
        ("big", &[(3.0, Definitive), (12.0, Definitive)]),
    ]);
    for comparison in &mut results.comparisons {
        comparison.metric = Metric::Anon;
    }
    let verdict = verdict(&results);
    assert_eq!(verdict.anon.finding, Finding::Best("small".to_owned()));
    let said = verdict.paragraphs().into_iter().find(|p| p.topic == "Memory").expect("memory is spoken of");
    assert_eq!(
        said.text().to_string(),
        "small takes the least anonymous memory: 32.9 % less than release over 2 scenarios (geometric mean), \
         from −50.0 % in s/0 to −10.0 % in s/1; definitive or high in 2 of 2, more in none. \
         Mixed: odd takes less in 1 and more in 1 of 2 (more in s/1); −5.1 % over all, from −40.0 % to +50.0 %. \
         More anonymous memory than release: big (+500.0 %, told in 2 of 2)."
    );
    assert_eq!(speed(&verdict), "Nothing was compared for time: no comparison was made.");
}

#[test]
fn a_change_of_next_to_nothing_does_not_move_the_mean_of_memory() {
    let mut results = run(&[("a", &[(0.8, Definitive), (0.001, NoChange)])]);
    let mean = |results: &Results, time: bool| {
        let verdict = verdict(results);
        let judgement = if time { verdict.time } else { verdict.anon };
        judgement.standings[0].mean.expect("a mean")
    };
    assert!((mean(&results, true) - (0.8f64 * 0.001).sqrt()).abs() < 1e-12);
    for comparison in &mut results.comparisons {
        comparison.metric = Metric::Anon;
    }
    assert!((mean(&results, false) - 0.8f64.sqrt()).abs() < 1e-12);
}

#[test]
fn the_words_fit_a_terminal() {
    let verdict = verdict(&fixture::hostile());
    let said = verdict.terminal(80, false);
    assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    assert!(said.starts_with("Speed: No variant takes less time than"), "{said}");
    assert_eq!(verdict.terminal(80, true).replace("\x1b[1m", "").replace("\x1b[0m", ""), said);
}

#[test]
fn much_about_the_other_variants_is_a_list() {
    let verdict = verdict(&fixture::rich());
    for width in 60..100 {
        let said = verdict.terminal(width, false);
        assert!(said.contains("\n  - Faster than release too: lto-fat (−5.5 %,"), "{said}");
        assert!(said.contains("\n  - Nothing tells lto-thin from release.\n"), "{said}");
        assert!(
            !said.lines().any(|line| line.trim_start().starts_with('%')),
            "figures keep their unit: {said}"
        );
    }
}

#[test]
fn who_was_trained_on_what_is_measured_is_shown_and_never_named() {
    let mut results = run(&[("pgo", &[(0.90, High)]), ("leak", &[(0.70, Definitive)])]);
    let leak = results.variants.iter_mut().find(|v| v.name == "leak").expect("it is there");
    leak.axes.insert("training".to_owned(), "measured".to_owned());
    if let Some(command) = &mut leak.command {
        command.bytes = 1;
    }
    let verdict = verdict(&results);
    assert_eq!(verdict.time.finding, Finding::Best("pgo".to_owned()));
    assert!(verdict.sizes.iter().all(|size| size.variant != "leak"));
    let said = verdict.paragraphs();
    let leaked = said.iter().find(|p| p.topic == "Not to be believed").expect("it is said");
    let text = leaked.text().to_string();
    assert!(text.contains("leak") && text.contains("30.0 %") && text.contains("no verdict"), "{text}");
    assert!(said.iter().filter(|p| p.topic == "Speed").all(|p| !p.text().to_string().contains("leak")));
}

#[test]
fn a_twin_of_the_reference_is_no_rival() {
    let mut results = fixture::minimal();
    let twin = fixture::variant("again", "", 1400, 9.0);
    results.variants.push(harness::judge::wire::results::VariantFacts {
        identical_to: Some("release".to_owned()),
        ..twin
    });
    let verdict = verdict(&results);
    assert_eq!(verdict.rivals, 0);
    let said = verdict.to_string();
    assert!(said.contains("There was nothing to compare"), "{said}");
    assert!(said.contains("again is the same binary as release"), "{said}");
}
