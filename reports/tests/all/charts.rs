//! Every kind of chart: golden files, what a run can't give, hostile input, sizes and selections.

use crate::fixture::{self, KIB, LONG, MARKUP, MIB, Noise, add_metric, scenario};
use crate::golden::check;
use crate::markup::problem;
use harness::judge::history::{Tracks, tracks};
use harness::judge::label::Label;
use harness::judge::wire::Schema;
use harness::judge::wire::calibration::Calibration;
use harness::judge::wire::gate::{ExactMetric, Revision, Verdict};
use harness::judge::wire::history::{self, Entry, ExactChange, Identity, Ratio};
use harness::judge::wire::results::{Cell, Metric, Results};
use reports::charts::{self, Chart, ChartError, Kind, Source, Style, Theme, draw};
use reports::selection::{Selection, Shown};
use reports::summary;
use std::path::Path;

fn style(theme: Theme) -> Style {
    Style::from(theme)
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// All pictures of a kind that is made from results.
fn drawn(kind: Kind, results: &Results, metric: Metric, variants: &[&str], style: &Style) -> Vec<Chart> {
    draw(kind, results, metric, &names(variants), style).unwrap_or_else(|why| panic!("{kind}: {why}"))
}

fn refused(kind: Kind, results: &Results, metric: Metric, variants: &[&str]) -> String {
    match draw(kind, results, metric, &names(variants), &Style::default()) {
        Err(ChartError::Nothing(why)) => why,
        other => panic!("{kind} was not refused: {:?}", other.map(|charts| charts.len())),
    }
}

/// Two readers over four sizes, with a limit, and one of them over threads; fifteen variants where asked for.
fn scaled(variants: usize) -> Results {
    let mut results = fixture::empty("release");
    let mut names = vec!["release".to_owned(), "lto-fat".to_owned(), "lto-fat+pgo".to_owned()];
    names.extend((3..variants).map(|i| format!("{i:02}-{}", &LONG[3..])));
    names.truncate(variants);
    results.variants = names.iter().map(|name| fixture::variant(name, "", 1000, 9.0)).collect();
    let mut noise = Noise(71);
    let control = "control".to_owned();
    let mut add = |name: &str, bytes: u64, ns: f64, growth: u64| {
        let facts = scenario(name, bytes, bytes / 100);
        let arms = || names.iter().enumerate().map(|(i, name)| (name, 1.0 - 0.05 * i.min(4) as f64));
        let samples: Vec<(String, Vec<f64>)> = arms()
            .chain([(&control, 1.0)])
            .map(|(name, factor)| {
                (name.clone(), (0..12).map(|_| ns * factor * noise.around_one(0.01)).collect())
            })
            .collect();
        add_metric(&mut results, &facts, Metric::Time, samples);
        let samples: Vec<(String, Vec<f64>)> =
            arms().map(|(name, _)| (name.clone(), vec![growth as f64; 8])).collect();
        add_metric(&mut results, &facts, Metric::Anon, samples);
        results.scenarios.push(facts);
    };
    for (scale, mib) in [("1m", 1), ("8m", 8), ("64m", 64), ("512m", 512)] {
        let bytes = mib * MIB;
        add(&format!("count/fast/{scale}"), bytes, bytes as f64 * 0.31 + 4e4, 40 * KIB + bytes / 900);
        add(&format!("index/app/{scale}"), bytes, (bytes as f64).powf(1.12) * 0.9, bytes / 3);
        add(&format!("limit/memchr/{scale}"), bytes, bytes as f64 * 0.055, 4 * KIB);
    }
    for (threads, gain) in [(1, 1.0), (2, 1.9), (4, 3.4), (8, 4.1)] {
        let part = if threads == 1 { "1-thread".to_owned() } else { format!("{threads}-threads") };
        add(&format!("scan/all/{part}"), 64 * MIB, 2e7 / gain, MIB);
    }
    results
}

/// Variants that build on each other, as their axes say.
fn rungs() -> Results {
    let mut results = fixture::rich();
    let axes: [(&str, &[(&str, &str)]); 6] = [
        ("release", &[]),
        ("lto-thin", &[("lto", "thin")]),
        ("lto-fat", &[("lto", "fat"), ("codegen-units", "1")]),
        ("lto-fat-mimalloc", &[("lto", "fat"), ("codegen-units", "1"), ("allocator", "mimalloc")]),
        ("lto-fat-jemalloc", &[("lto", "fat"), ("codegen-units", "1"), ("allocator", "jemalloc")]),
        ("lto-fat+pgo", &[("lto", "fat"), ("codegen-units", "1"), ("pgo", "yes")]),
    ];
    for variant in &mut results.variants {
        let known = axes.iter().find(|(name, _)| *name == variant.name);
        variant.axes = [("lto", "off"), ("codegen-units", "16"), ("allocator", "system"), ("pgo", "no")]
            .into_iter()
            .chain(known.iter().flat_map(|(_, axes)| axes.iter().copied()))
            .map(|(axis, value)| (axis.to_owned(), value.to_owned()))
            .collect();
    }
    let scenarios: Vec<String> = results.scenarios.iter().take(3).map(|one| one.name.clone()).collect();
    Selection { scenarios: Some(scenarios), variants: None }.of(&results)
}

/// A chain of gated commits: noise, a step upwards at the twelfth, a smaller binary at the twentieth.
fn kept(commits: usize, what: &str) -> Vec<Entry> {
    let mut noise = Noise(5);
    let revision = |at: usize| Revision { name: "main".to_owned(), commit: format!("{at:08x}").repeat(5) };
    (1..=commits)
        .map(|at| {
            let moved = if at == 12 { 0.06 } else { 0.0 };
            let mut ratio = |metric, moved: f64| {
                let ln = moved + (noise.around_one(0.004) - 1.0);
                Ratio {
                    scenario: what.to_owned(),
                    metric,
                    label: if moved > 0.0 { Label::High } else { Label::Inconclusive },
                    ratio: ln.exp(),
                    low: (ln - 0.007).exp(),
                    high: (ln + 0.007).exp(),
                    margin: 0.01,
                }
            };
            Entry {
                schema: Schema::new(history::SCHEMA, history::VERSION),
                at: format!("2026-01-01T00:00:{at:02}Z"),
                base: revision(at - 1),
                head: revision(at),
                variant: "release".to_owned(),
                verdict: Verdict::Pass,
                identical: false,
                compiler: Some("rustc 1.95.0".to_owned()),
                machine: Some("a machine".to_owned()),
                scenarios: vec![Identity {
                    name: what.to_owned(),
                    version: 1,
                    corpus_sha256: "ef".repeat(32),
                }],
                ratios: vec![ratio(Metric::Time, moved), ratio(Metric::Anon, 0.0)],
                exact: vec![ExactChange {
                    metric: ExactMetric::Size,
                    scenario: None,
                    base: if at > 20 { 900_000 } else { 1_000_000 },
                    head: if at >= 20 { 900_000 } else { 1_000_000 },
                }],
            }
        })
        .collect()
}

fn followed(commits: usize, what: &str) -> Tracks {
    tracks("the folder history", &kept(commits, what)).expect("a chain")
}

fn check_all(name: &str, pictures: &[Chart]) {
    assert_eq!(pictures.len(), 1, "{name}");
    check(&format!("{name}.svg"), &pictures[0].svg);
}

#[test]
fn every_kind_has_its_picture() {
    let wrong = fixture::with_wrong_answer();
    let (auto, light, dark) = (style(Theme::Auto), style(Theme::Light), style(Theme::Dark));
    let small = || dark.clone().sized(Some((640, 400)));
    let slide = || light.clone().sized(Some((1600, 900)));
    check_all("heat", &drawn(Kind::Heat, &wrong, Metric::Time, &[], &auto));
    check_all("heat-hostile-dark", &drawn(Kind::Heat, &fixture::hostile(), Metric::Time, &[], &dark));
    check_all("ladder", &drawn(Kind::Ladder, &rungs(), Metric::Time, &[], &auto));
    let steps = ["release", "lto-fat", "lto-fat-mimalloc"];
    check_all("ladder-anon-dark", &drawn(Kind::Ladder, &rungs(), Metric::Anon, &steps, &dark));
    check_all("trade-off", &drawn(Kind::TradeOff, &fixture::rich(), Metric::Time, &[], &auto));
    check_all("trade-off-slide", &drawn(Kind::TradeOff, &wrong, Metric::Time, &[], &slide()));
    let two = ["lto-fat", "lto-fat+pgo"];
    check_all("pairs", &drawn(Kind::Pairs, &fixture::rich(), Metric::Time, &two, &auto));
    check_all(
        "pairs-untold-small-dark",
        &drawn(Kind::Pairs, &fixture::untold(), Metric::Time, &[], &small()),
    );
    check_all("latency", &drawn(Kind::Latency, &fixture::rich(), Metric::Time, &[], &auto));
    check_all("latency-hostile-dark", &drawn(Kind::Latency, &fixture::hostile(), Metric::Time, &[], &dark));
    check_all("size", &drawn(Kind::Size, &scaled(3), Metric::Time, &[], &auto));
    check_all("size-anon-dark", &drawn(Kind::Size, &scaled(15), Metric::Anon, &[], &dark));
    check_all("threads", &drawn(Kind::Threads, &scaled(3), Metric::Time, &[], &auto));
    check_all("speed-anon-dark", &drawn(Kind::Speed, &rungs(), Metric::Anon, &[], &dark));
    let strips = drawn(Kind::Strip, &rungs(), Metric::Rss, &[], &slide());
    check_all("strip-rss-slide", &strips[..1]);
    let history = charts::history(&followed(24, "count/fast"), Metric::Time, &[], &auto).expect("a history");
    check_all("history", &history);
    let few = charts::history(&followed(3, MARKUP), Metric::Anon, &[], &small()).expect("a short history");
    check_all("history-few-small-dark", &few);
}

#[test]
fn the_calibration_in_the_tree_gives_the_pictures_beside_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("calibration");
    let text = std::fs::read_to_string(folder.join("calibration.json")).expect("the calibration");
    let calibration: Calibration = serde_json::from_str(&text).expect("a calibration");
    let auto = style(Theme::Auto);
    for chart in [charts::alike(&calibration, &auto), charts::detection(&calibration, &auto)] {
        let chart = chart.expect("a chart");
        check(&format!("../../calibration/{}.svg", chart.stem), &chart.svg);
    }
}

/// Everything that charts can be made from, the hostile and the empty included.
fn runs() -> Vec<(&'static str, Results)> {
    vec![
        ("rich", fixture::rich()),
        ("wrong", fixture::with_wrong_answer()),
        ("minimal", fixture::minimal()),
        ("untold", fixture::untold()),
        ("hostile", fixture::hostile()),
        ("empty", fixture::empty("release")),
        ("no reference", fixture::empty("")),
        ("large", fixture::large()),
        ("rungs", rungs()),
        ("scaled", scaled(15)),
    ]
}

fn xs(svg: &str) -> impl Iterator<Item = f64> {
    let places = [" x=\"", " cx=\"", " x1=\"", " x2=\""];
    places.into_iter().flat_map(move |attribute| {
        svg.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()?.parse::<f64>().ok())
    })
}

fn attribute(svg: &str, name: &str) -> f64 {
    let start = svg.split(&format!(" {name}=\"")).nth(1).expect("the attribute");
    start.split('"').next().and_then(|text| text.parse().ok()).expect("a number")
}

#[test]
fn what_is_drawn_is_well_formed_lies_on_the_paper_and_says_where_it_comes_from() {
    for (name, results) in runs() {
        for kind in Kind::ALL.into_iter().filter(|kind| kind.source() == Source::Run) {
            let own = [Metric::Time];
            // Of the large run one metric is enough: what is drawn of the others is no different.
            let metrics = if kind.metrics().is_empty() || name == "large" { &own } else { kind.metrics() };
            for metric in metrics {
                let charts = match draw(kind, &results, *metric, &[], &style(Theme::Light)) {
                    Ok(charts) => charts,
                    Err(ChartError::Nothing(why)) => {
                        assert!(why.len() > 20, "{kind} of {name}: {why}");
                        continue;
                    }
                    Err(error) => panic!("{kind} of {name}: {error}"),
                };
                assert!(!charts.is_empty(), "{kind} of {name} is neither drawn nor refused");
                for chart in charts {
                    assert_eq!(problem(&chart.svg, false), None, "{kind} of {name}");
                    let wide = attribute(&chart.svg, "width") * 10.0;
                    let outside = xs(&chart.svg).find(|x| !(0.0..=wide).contains(x));
                    assert_eq!(outside, None, "{kind} of {name} in {metric} leaves its paper of {wide}");
                    for word in chart.svg.split(|c: char| !c.is_alphanumeric()) {
                        assert!(!["NaN", "inf", "infinity"].contains(&word), "{kind} of {name} in {metric}");
                    }
                    assert!(chart.svg.contains("rustc 1.95.0"), "{kind} of {name}");
                    assert!(
                        chart.svg.contains("n = ") || chart.svg.contains("no samples"),
                        "{kind} of {name}"
                    );
                    assert!(!chart.caption.is_empty() && !chart.about.is_empty(), "{kind} of {name}");
                }
            }
        }
    }
}

#[test]
fn what_a_run_can_not_give_is_refused_with_the_reason() {
    let (rich, minimal) = (fixture::rich(), fixture::minimal());
    let time = Metric::Time;
    for (kind, results, metric, variants, words) in [
        (Kind::Heat, &minimal, time, &[][..], "nothing to compare"),
        (Kind::TradeOff, &minimal, time, &[], "nothing to compare"),
        (Kind::Heat, &minimal, Metric::Anon, &[], "nothing to compare"),
        (Kind::Ladder, &minimal, time, &[], "--variants"),
        (Kind::Ladder, &fixture::hostile(), time, &[], "no time was read of"),
        (Kind::Ladder, &rich, time, &["release", "no-such"], "no variant \"no-such\""),
        (Kind::Pairs, &rich, time, &[], "--variants release,lto-thin"),
        (Kind::Pairs, &rich, time, &["release"], "1 was named"),
        (Kind::Pairs, &rich, time, &["release", "lto-fat", "lto-thin"], "3 were named"),
        (Kind::Pairs, &minimal, time, &[], "nothing to compare"),
        (Kind::Latency, &minimal, time, &[], "no latency was read"),
        (Kind::Size, &rich, time, &[], "more than one size"),
        (Kind::Size, &scaled(1), Metric::Rss, &[], "no rss above zero"),
        (Kind::Threads, &rich, time, &[], "several numbers of threads"),
        (Kind::Strip, &minimal, Metric::Latency, &[], "no latency was read"),
        (Kind::History, &rich, time, &[], "not made from the results"),
    ] {
        let why = refused(kind, results, metric, variants);
        assert!(why.contains(words), "{kind}: {why}");
    }
    let unread = charts::history(&followed(3, "a/b"), Metric::Latency, &[], &Style::default());
    assert!(unread.is_err_and(|why| why.to_string().contains("holds no latency of 3 gated commits")));
    assert_eq!(tracks("nowhere", &[]), None);
}

#[test]
fn names_with_markup_stay_text_in_every_kind() {
    let mut results = scaled(3);
    results.variants[1].name = MARKUP.to_owned();
    for cell in results.cells.iter_mut().filter(|cell| cell.variant == "lto-fat") {
        cell.variant = MARKUP.to_owned();
    }
    for comparison in results.comparisons.iter_mut().filter(|one| one.variant == "lto-fat") {
        comparison.variant = MARKUP.to_owned();
    }
    let mut seen = 0;
    for kind in [Kind::Heat, Kind::Ladder, Kind::TradeOff, Kind::Pairs, Kind::Size, Kind::Threads] {
        let both = names(&["release", MARKUP]);
        for chart in draw(kind, &results, Metric::Time, &both, &Style::default()).expect("a chart") {
            assert!(chart.svg.contains("&lt;script&gt;") && !chart.svg.contains("<script"), "{kind}");
            assert_eq!(problem(&chart.svg, false), None, "{kind}");
            seen += 1;
        }
    }
    assert!(seen >= 6);
}

#[test]
fn a_size_that_is_asked_for_is_kept_and_the_title_is_replaced() {
    for (wide, high) in [(1600, 900), (400, 1200), (3000, 300), (800, 800)] {
        let style =
            Style::default().sized(Some((wide, high))).titled(Some("A <title> of one's own".to_owned()));
        for kind in [Kind::Heat, Kind::Speed, Kind::TradeOff, Kind::Latency, Kind::Memory] {
            for chart in drawn(kind, &fixture::rich(), Metric::Time, &[], &style) {
                let (width, height) = (attribute(&chart.svg, "width"), attribute(&chart.svg, "height"));
                assert_eq!((width, height), (f64::from(wide), f64::from(high)), "{kind}");
                let view = chart.svg.split("viewBox=\"").nth(1).and_then(|rest| rest.split('"').next());
                let view = view.expect("a view box").split(' ').map(|word| word.parse().expect("a number"));
                let view: Vec<f64> = view.collect();
                let shape = view[2] / view[3];
                assert!((shape / (width / height) - 1.0).abs() < 0.01, "{kind}: {shape}");
                assert_eq!(chart.title, "A <title> of one's own");
                assert!(chart.svg.contains("A &lt;title&gt; of"), "{kind}");
            }
        }
    }
    let usual = drawn(Kind::Heat, &fixture::rich(), Metric::Time, &[], &Style::default());
    assert!((usual[0].smallest_letters() - 10.5).abs() < 1e-9);
    let half = Style::default().sized(Some((480, 300)));
    assert!(drawn(Kind::Heat, &fixture::rich(), Metric::Time, &[], &half)[0].smallest_letters() < 7.0);
}

#[test]
fn a_selection_shows_less_and_says_so_and_is_no_surer() {
    let all = fixture::rich();
    let some = Selection {
        scenarios: Some(names(&["count/app", "index/app"])),
        variants: Some(names(&["lto-fat+pgo", "lto-thin-cgu1"])),
    };
    let few = some.of(&all);
    let kept: Vec<&str> = few.variants.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(
        kept,
        ["release", "lto-fat+pgo", "lto-thin"],
        "the reference stays, a twin's figures are under its name"
    );
    assert_eq!(few.scenarios.len(), 2);
    assert!(few.cells.iter().any(|cell| cell.variant == "control"));
    let told = some.told(&all).expect("less is shown");
    assert_eq!(told, "shown: 2 of 8 scenarios, 2 of 6 variants besides the reference");
    assert_eq!(Selection::default().told(&all), None);
    for comparison in &few.comparisons {
        let before = all.comparisons.iter().find(|one| *one == comparison);
        assert!(before.is_some(), "{comparison:?}");
    }
    let style = Style::default().with_aside(Some(told.clone()));
    assert!(drawn(Kind::Heat, &few, Metric::Time, &[], &style)[0].svg.contains(&told));
}

#[test]
fn a_side_that_took_nothing_is_told_as_that_and_not_as_a_percentage_of_a_page() {
    let without = |variant: &str| {
        let mut results = fixture::rich();
        let own = |cell: &&mut Cell| cell.metric == Metric::Anon && cell.scenario == "search/trace";
        for cell in results.cells.iter_mut().filter(own).filter(|cell| cell.variant == variant) {
            cell.samples = vec![0.0; 8];
            cell.summary = fixture::summary(&cell.samples);
        }
        results
    };
    let told = |results: &Results| {
        let heat = drawn(Kind::Heat, results, Metric::Anon, &[], &Style::default());
        let memory = drawn(Kind::Memory, results, Metric::Anon, &[], &Style::default());
        let strips = drawn(Kind::Strip, results, Metric::Anon, &[], &Style::default());
        let svg: String = heat.into_iter().chain(memory).chain(strips).map(|chart| chart.svg).collect();
        let count = |what: &str| svg.matches(&format!(">{what}<")).count();
        (count("→ 0 B"), count("0 B →"), summary::markdown(results))
    };
    let (to, from, text) = told(&without("lto-thin"));
    assert_eq!((to, from), (3, 0), "in the heat map, beside the bars and beside the samples");
    assert_eq!(text.matches("| → 0 B | – |").count(), 2, "for the variant and for its twin");
    let (to, from, text) = told(&without("release"));
    assert_eq!((to, from), (0, 16), "five variants in each, and the control beside the samples");
    assert_eq!(text.matches("| 0 B → | – |").count(), 6);
    let (to, from, _) = told(&fixture::rich());
    assert_eq!((to, from), (0, 0));
}

#[test]
fn a_ladder_takes_the_longest_chain_and_its_steps_lead_to_the_whole() {
    let svg = &drawn(Kind::Ladder, &rungs(), Metric::Time, &[], &Style::default())[0].svg;
    let place = |text: &str| svg.find(&format!(">{text}<"));
    let chain = ["release", "lto-fat", "lto-fat-mimalloc"].map(|name| place(name).expect("a rung"));
    assert!(chain.is_sorted(), "in this order, the first planned of equally long chains");
    assert!(place("lto-thin").is_none() && place("lto-fat+pgo").is_none());
    for adds in ["+ codegen-units 1, lto fat", "+ allocator mimalloc"] {
        assert!(place(adds).is_some(), "{adds}");
    }
}

/// Eight scenarios in which nothing differs, but that in the first one `b` is faster in eleven of twelve blocks: too little
/// among so many comparisons, and enough for who looks at it alone.
fn hardly_told() -> Results {
    let mut results = fixture::empty("release");
    let names = ["release", "a", "b", "c", "control"];
    results.variants = names[..4].iter().map(|name| fixture::variant(name, "", 1000, 9.0)).collect();
    for at in 0..8 {
        let facts = scenario(&format!("s/{at}"), MIB, 1000);
        let samples = |arm: usize| -> Vec<f64> {
            let alternating = |block: usize| if (block + arm) % 4 < 2 { 1.02 } else { 0.98 };
            let faster = |block: usize| if block == 0 { 1.2 } else { 0.9 };
            let is_faster = at == 0 && names[arm] == "b";
            (0..12).map(|i| 1e6 * alternating(i) * if is_faster { faster(i) } else { 1.0 }).collect()
        };
        let samples = names.iter().enumerate().map(|(arm, name)| ((*name).to_owned(), samples(arm)));
        add_metric(&mut results, &facts, Metric::Time, samples.collect());
        results.scenarios.push(facts);
    }
    results
}

#[test]
fn steps_and_pairs_have_the_labels_of_the_whole_run_however_little_is_shown() {
    let whole = hardly_told();
    let about = |kind, shown: Shown<'_>, variants: &[&str]| {
        let charts = draw(kind, shown, Metric::Time, &names(variants), &Style::default());
        charts.expect("a chart")[0].about.clone()
    };
    for (kind, steps, words) in [
        (Kind::Ladder, ["a", "b"], " s/0: b −10.0 % inconclusive."),
        (Kind::Pairs, ["a", "b"], " s/0: −10.0 % inconclusive."),
        (Kind::Pairs, ["b", "a"], " s/0: +11.1 % inconclusive."),
    ] {
        let selection = Selection { scenarios: Some(names(&["s/0"])), variants: Some(names(&steps)) };
        let some = selection.of(&whole);
        let shown = Shown { some: &some, whole: &whole };
        assert!(about(kind, shown, &steps).ends_with(words), "{}", about(kind, shown, &steps));
        assert!(about(kind, (&whole).into(), &steps).contains(words), "{kind} of all");
        let alone = about(kind, (&some).into(), &steps);
        assert!(alone.ends_with("definitive.") || alone.ends_with("high.") || alone.ends_with("moderate."));
    }
}

#[test]
fn against_the_reference_steps_and_pairs_say_what_the_run_says_from_either_side() {
    let mut results = hardly_told();
    for comparison in results.comparisons.iter_mut().filter(|one| one.scenario == "s/0") {
        comparison.label = Label::Unstable;
    }
    for (kind, steps, words) in [
        (Kind::Ladder, ["release", "b"], " s/0: b −6.3 % unstable."),
        (Kind::Ladder, ["b", "release"], " s/0: release +6.8 % unstable."),
        (Kind::Pairs, ["release", "b"], " s/0: −6.3 % unstable."),
        (Kind::Pairs, ["b", "release"], " s/0: +6.8 % unstable."),
    ] {
        let about = &drawn(kind, &results, Metric::Time, &steps, &Style::default())[0].about;
        assert!(about.contains(words), "{about}");
    }
}

#[test]
fn a_step_in_the_history_is_told_and_noise_is_not() {
    let all = followed(24, "count/fast");
    let of = |metric| all.tracks.iter().find(|track| track.metric == metric).expect("a track");
    let time = of(Some(Metric::Time));
    assert_eq!(time.points.len(), 24);
    let step = time.steps.iter().map(|step| (step.to.clone(), step.commits)).collect::<Vec<_>>();
    assert_eq!(step, [(format!("{:08x}", 12).repeat(5), 1)]);
    assert!(of(Some(Metric::Anon)).steps.is_empty());
    let chart = &charts::history(&all, Metric::Time, &[], &Style::default()).expect("a chart")[0];
    assert!(chart.about.contains("size of what ships: −10.0 % in all"), "{}", chart.about);
    let other = charts::history(&all, Metric::Time, &names(&["no/such"]), &Style::default());
    assert!(other.is_err(), "what ships is of no scenario");
}
