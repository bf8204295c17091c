//! Golden files. Rewritten where `UPDATE_GOLDEN` is set: then look at what changed, the pictures included.

use crate::fixture;
use harness::judge::wire::results::Metric;
use reports::charts::{self, Theme};
use reports::{gallery, html, summary, table, verdict};
use std::path::Path;

/// Compares `text` with the golden file `name`.
pub(crate) fn check(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).expect("write the golden file");
        return;
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    if golden == text {
        return;
    }
    let line = golden.lines().zip(text.lines()).position(|(a, b)| a != b);
    let line = line.unwrap_or_else(|| golden.lines().count().min(text.lines().count()));
    panic!(
        "{name} differs from its golden file at line {}:\n golden: {}\n    now: {}\n\
         If that is meant, run `UPDATE_GOLDEN=1 cargo test -p reports` and look at what it changed.",
        line + 1,
        golden.lines().nth(line).unwrap_or("(no such line)"),
        text.lines().nth(line).unwrap_or("(no such line)")
    );
}

#[test]
fn verdicts() {
    let runs = [
        ("rich", fixture::rich()),
        ("with a wrong answer", fixture::with_wrong_answer()),
        ("minimal", fixture::minimal()),
        ("untold", fixture::untold()),
        ("hostile", fixture::hostile()),
    ];
    let each = runs.iter().map(|(name, results)| format!("== {name}\n{}\n", verdict::verdict(results)));
    let text = each.collect::<Vec<_>>().join("\n");
    check("verdicts.txt", &text);
}

#[test]
fn terminal_tables() {
    let results = fixture::with_wrong_answer();
    check("table-80.txt", &table::terminal(&results, 80, false));
    check("table-120.txt", &table::terminal(&results, 120, false));
    check("table-color.txt", &table::terminal(&fixture::untold(), 100, true));
}

#[test]
fn summaries() {
    check("summary.md", &summary::markdown(&fixture::with_wrong_answer()));
    check("summary-minimal.md", &summary::markdown(&fixture::minimal()));
}

#[test]
fn galleries() {
    check("gallery.md", &gallery::markdown(&fixture::with_wrong_answer(), "reports/gallery/standard"));
    check("gallery-hostile.md", &gallery::markdown(&fixture::hostile(), "a folder's"));
}

#[test]
fn pictures() {
    let results = fixture::with_wrong_answer();
    let strip =
        charts::strip(&results, "search/trace", Metric::Time, &Theme::Auto.into()).expect("a strip plot");
    check("strip-search-trace.svg", &strip.svg);
    for chart in charts::speed(&results, Metric::Time, &Theme::Auto.into()).expect("a chart of speed") {
        check(&format!("{}.svg", chart.stem), &chart.svg);
    }
    for chart in charts::memory(&results, &Theme::Dark.into()).expect("charts of memory") {
        check(&format!("{}-dark.svg", chart.stem), &chart.svg);
    }
}

#[test]
fn pages() {
    check("page.html", &html::page(&fixture::with_wrong_answer()));
}

#[test]
fn the_same_results_give_the_same_bytes() {
    assert_eq!(html::page(&fixture::rich()), html::page(&fixture::rich()));
}
