//! Input that is hard to show: markup in names, long names, missing cells, zeros, huge values.

use crate::fixture::{self, LONG, MARKUP};
use crate::markup::problem;
use harness::judge::wire::results::{CriterionFacts, Metric, Results};
use reports::charts::{ChartError, Charts, Style, Theme, memory, speed, strip};
use reports::{html, summary, table, verdict};

fn runs() -> Vec<(&'static str, Results)> {
    vec![
        ("rich", fixture::rich()),
        ("wrong", fixture::with_wrong_answer()),
        ("minimal", fixture::minimal()),
        ("untold", fixture::untold()),
        ("hostile", fixture::hostile()),
        ("empty", fixture::empty("release")),
    ]
}

fn is_number_free_of_nonsense(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    !words.any(|word| word == "NaN" || word == "inf" || word == "infinity")
}

#[test]
fn nothing_shows_what_is_no_number() {
    for (name, results) in runs() {
        let mut texts = vec![
            verdict::verdict(&results).to_string(),
            table::terminal(&results, 100, true),
            summary::markdown(&results),
            html::page(&results),
        ];
        texts.extend(Charts::of(&results, &Theme::Auto.into()).iter().map(|chart| chart.svg.clone()));
        for text in texts {
            assert!(is_number_free_of_nonsense(&text), "{name}: {text:.200}");
        }
    }
    assert!(!is_number_free_of_nonsense("x=\"NaN\""));
    assert!(!is_number_free_of_nonsense("−inf %"));
}

#[test]
fn pages_and_pictures_are_well_formed() {
    for (name, results) in runs() {
        assert_eq!(problem(&html::page(&results), true), None, "the page of {name}");
        for theme in [Theme::Auto, Theme::Light, Theme::Dark] {
            for chart in Charts::of(&results, &theme.into()).iter() {
                assert_eq!(problem(&chart.svg, false), None, "{} of {name}", chart.stem);
            }
        }
    }
}

#[test]
fn every_chart_is_on_the_page() {
    for (name, results) in runs() {
        let page = html::page(&results);
        for chart in Charts::of(&results, &Style::default()).iter() {
            let figure = format!("<figure id=\"{}\">", chart.stem);
            assert_eq!(page.matches(&figure).count(), 1, "{} of {name}", chart.stem);
        }
    }
}

#[test]
fn markup_in_names_never_becomes_markup() {
    let results = fixture::hostile();
    let page = html::page(&results);
    assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"));
    assert!(!page.contains("<script>alert"));
    let markdown = summary::markdown(&results);
    assert!(!markdown.lines().any(|line| !line.starts_with("    ") && line.contains("<script>")));
    for text in [page, markdown, verdict::verdict(&results).to_string(), table::terminal(&results, 80, false)]
    {
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
    }
}

#[test]
fn a_table_of_markdown_keeps_its_columns() {
    let markdown = summary::markdown(&fixture::hostile());
    let mut columns = 0;
    for line in markdown.lines() {
        let bars = line.replace("\\|", "").matches('|').count();
        if line.starts_with("| ---") {
            columns = bars;
        } else if line.starts_with('|') && columns > 0 {
            assert_eq!(bars, columns, "{line}");
        } else {
            columns = 0;
        }
    }
}

#[test]
fn the_terminals_table_keeps_to_its_width() {
    for (name, results) in runs() {
        for width in [40, 60, 80, 100, 120, 200] {
            for line in table::terminal(&results, width, false).lines() {
                assert!(line.chars().count() <= width, "{name} at {width}: {line}");
            }
        }
    }
}

#[test]
fn colours_change_nothing_but_colours() {
    let results = fixture::with_wrong_answer();
    let colored = table::terminal(&results, 80, true);
    assert!(colored.contains("\u{1b}[32m") && colored.contains("\u{1b}[33m"));
    let mut plain = String::new();
    let mut pieces = colored.split("\u{1b}[");
    plain.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        plain.push_str(piece.split_once('m').map_or("", |(_, text)| text));
    }
    assert_eq!(plain, table::terminal(&results, 80, false));
}

#[test]
fn a_chart_that_a_run_cannot_give_is_refused_with_the_reason() {
    let refused = |result: Result<_, ChartError>| match result {
        Err(ChartError::Nothing(why)) => why,
        other => panic!("not refused: {:?}", other.map(|_: Vec<_>| "a chart")),
    };
    let minimal = fixture::minimal();
    assert!(refused(speed(&minimal, Metric::Time, &Theme::Auto.into())).contains("nothing to compare"));
    assert!(refused(memory(&minimal, &Theme::Auto.into())).contains("neither heap nor resident"));
    let no_such = strip(&minimal, "count/other", Metric::Time, &Theme::Auto.into()).map(|chart| vec![chart]);
    assert!(refused(no_such).contains("no scenario \"count/other\""));
    let unread = strip(&fixture::hostile(), "nothing/at/all", Metric::Time, &Theme::Auto.into())
        .map(|chart| vec![chart]);
    assert!(refused(unread).contains("no time was read"));
    let charts = Charts::of(&minimal, &Theme::Auto.into());
    assert_eq!((charts.iter().count(), charts.strips.len()), (1, 1));
    for kind in [
        "Speed",
        "Heap",
        "Heat map",
        "Ladder",
        "Trade-off",
        "Latency",
        "Time over",
        "Memory over",
        "Speed-up",
    ] {
        assert!(charts.absent.iter().any(|line| line.starts_with(kind)), "{kind}: {:?}", charts.absent);
    }
}

#[test]
fn every_picture_says_where_it_comes_from_and_what_is_in_it() {
    for chart in Charts::of(&fixture::rich(), &Theme::Auto.into()).iter() {
        for said in ["run 2026-11-20-quick-3", "rustc 1.95.0", "Xeon", "n = ", "floor", "<title>"] {
            assert!(chart.svg.contains(said), "{} lacks {said:?}", chart.stem);
        }
        assert!(chart.svg.contains("prefers-color-scheme:dark"), "{}", chart.stem);
    }
    let dark =
        strip(&fixture::rich(), "count/cdn", Metric::Time, &Theme::Dark.into()).expect("a strip plot").svg;
    assert!(!dark.contains("prefers-color-scheme") && dark.contains("fill=\"#14171C\""));
}

#[test]
fn every_sample_is_a_dot() {
    let results = fixture::rich();
    let svg = strip(&results, "count/cdn", Metric::Time, &Theme::Light.into()).expect("a strip plot").svg;
    // Six variants and the control with twelve samples each; the dots of the legend and the marks are opaque.
    let groups = svg.split("<g fill-opacity=\"0.65\"").skip(1);
    let dots = groups.map(|group| group.split("</g>").next().unwrap_or_default().matches("<circle").count());
    assert_eq!(dots.collect::<Vec<_>>(), [12; 7]);
    for name in ["lto-fat-mimalloc", "control", "definitive", "reference"] {
        assert!(svg.contains(name), "{name}");
    }
}

#[test]
fn a_picture_has_room_for_fifteen_variants_with_long_names() {
    let results = fixture::hostile();
    let svg = strip(&results, MARKUP, Metric::Time, &Theme::Light.into()).expect("a strip plot").svg;
    assert!(svg.contains(LONG), "forty letters fit");
    let xs = svg.split(" x=\"").skip(1).filter_map(|rest| rest.split('"').next()?.parse::<i32>().ok());
    assert!(xs.clone().count() > 40 && xs.clone().all(|x| (0..=9600).contains(&x)));
}

/// Fifteen variants, sixty scenarios, twenty blocks. How long it takes is shown, and not asserted:
/// `cargo test --profile xtask -p reports a_large_run_stays_small -- --nocapture`.
#[test]
fn the_report_of_a_large_run_stays_small() {
    let results = fixture::large();
    let dir = tempfile::tempdir().expect("a folder");
    let began = std::time::Instant::now();
    let files = reports::write(&results, dir.path()).expect("a report");
    println!("{} files of a large run's report: {:.2} s", files.len(), began.elapsed().as_secs_f64());
    let page = std::fs::read_to_string(dir.path().join("report/index.html")).expect("the page");
    println!("index.html: {:.2} MB", page.len() as f64 / 1e6);
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    assert_eq!(problem(&page, true), None);
    assert!(
        !page.contains("http://")
            || page.matches("http://").count() == page.matches("http://www.w3.org/2000/svg").count()
    );
}

#[test]
fn what_is_set_beside_others_in_too_few_rounds_has_no_interval() {
    let mut results = fixture::rich();
    let said = |results: &Results| {
        [table::terminal(results, 100, false), summary::markdown(results), html::page(results)]
    };
    let words = "too few rounds for an interval";
    assert!(said(&results).iter().all(|text| !text.contains(words)));
    (results.beside[0].rounds, results.beside[0].low, results.beside[0].high) = (3, None, None);
    for text in said(&results) {
        assert!(text.contains("0.447 ×") && text.contains(words), "{text}");
        assert!(!text.contains("0.438 × to"), "{text}");
    }
    let table = table::terminal(&results, 100, false);
    assert!(table.contains("over 3 to 12 rounds\n") && table.contains("as fast as limit/cdn\n"), "{table}");
    assert!(table.contains("[3.30 × to 3.40 ×]"), "the others have theirs: {table}");
}

#[test]
fn criterions_figures_stand_beside_ours_and_only_where_there_are_any() {
    let mut results = fixture::rich();
    assert!(!html::page(&results).contains("criterion"), "nothing was asked of it");
    let scenario = results.scenarios[0].name.clone();
    results.criterion.push(CriterionFacts {
        scenario,
        variant: "<b>release</b>".into(),
        median_ns: 1_234_567.0,
        low_ns: 1_200_000.0,
        high_ns: 1_300_000.0,
        samples: 20,
    });
    let page = html::page(&results);
    assert_eq!(problem(&page, true), None);
    for wanted in
        ["1.23 ms", "1.20 ms to 1.30 ms", "../criterion/report/index.html", "&lt;b&gt;release&lt;/b&gt;"]
    {
        assert!(page.contains(wanted), "{wanted}");
    }
}
