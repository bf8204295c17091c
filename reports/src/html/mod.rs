//! One self-contained page: verdict first, then everything that it rests on.

mod write;

use crate::beside::BESIDE;
use crate::charts::{Chart, Charts, Theme, dark_style};
use crate::escape;
use crate::legend::{INSTRUCTIONS, LATENCY, METHOD, labels};
use crate::provenance;
use crate::sheet::{self, Sheet};
use crate::verdict::{Verdict, verdict_of};
use crate::view::View;
use harness::judge::wire::results::{Metric, Results};
use write::{Html, TableLook};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page of a run: HTML that needs no network, and no script but for sorting and filtering.
pub fn page(results: &Results) -> String {
    page_with(results, &Charts::of(results, Theme::Auto))
}

/// The same with charts that were drawn before, for [`Theme::Auto`].
pub(crate) fn page_with(results: &Results, charts: &Charts) -> String {
    let view = View::new(results);
    let verdict = verdict_of(&view);
    let mut html = Html::default();
    html.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.raw("<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n");
    let mark = provenance::mark(&results.provenance);
    html.element("title", &format!("Run {}{mark}", results.provenance.run));
    html.raw("<style>\n").raw(STYLE).raw(&dark_style()).raw("\n</style>\n</head>\n<body>\n");
    head(&mut html, results, &verdict);
    html.raw("<main>\n");
    overview(&mut html, &view, &verdict);
    time(&mut html, &view, charts);
    beside(&mut html, results);
    latency(&mut html, &view);
    memory(&mut html, &view, charts);
    instructions(&mut html, results);
    criterion(&mut html, results);
    gaps(&mut html, &view, charts);
    repeat(&mut html, results);
    legend(&mut html);
    html.raw("</main>\n<script>\n").raw(SCRIPT).raw("</script>\n</body>\n</html>\n");
    html.finish()
}

fn head(html: &mut Html, results: &Results, verdict: &Verdict) {
    let mark = provenance::mark(&results.provenance);
    html.raw("<header>\n").element("h1", &format!("Run {}{mark}", results.provenance.run));
    for line in provenance::lines(&results.provenance) {
        html.raw("<p class=\"source\">").text(&line).raw("</p>\n");
    }
    html.raw("<section class=\"verdict\" aria-label=\"Verdict\">\n");
    for paragraph in verdict.paragraphs() {
        html.raw("<p><strong>").text(paragraph.topic).raw(".</strong> ").prose(&paragraph.text).raw("</p>\n");
    }
    html.raw("</section>\n<nav aria-label=\"Sections\"><ul>");
    let sections = [
        ("variants", "Variants"),
        ("time", "Time"),
        ("samples", "Samples"),
        ("beside", "Beside others"),
        ("latency", "Latency"),
        ("memory", "Memory"),
        ("gaps", "Invalid, skipped, warnings"),
        ("repeat", "How to repeat it"),
        ("labels", "Labels"),
    ];
    let is_there = |id: &str| match id {
        "beside" => !results.beside.is_empty(),
        "latency" => !results.latency.is_empty(),
        _ => true,
    };
    for (id, text) in sections.into_iter().filter(|(id, _)| is_there(id)) {
        html.raw(&format!("<li><a href=\"#{id}\">{text}</a></li>"));
    }
    html.raw("</ul></nav>\n</header>\n");
}

fn overview(html: &mut Html, view: &View<'_>, verdict: &Verdict) {
    html.heading("variants", "Variants: speed, memory, size and build time");
    let look = TableLook { id: "t-variants", caption: "Variants", filtered_by: None };
    html.table(&sheet::overview(view, verdict), look);
    html.raw("<p class=\"note\">Time and memory: geometric mean over the judged scenarios against <code>");
    html.text(view.reference());
    html.raw("</code>. Size: what ships. Build: – where it was taken from the cache.</p>\n");
}

fn time(html: &mut Html, view: &View<'_>, charts: &Charts) {
    html.heading("time", "Time");
    figures(html, &charts.speed);
    let results = view.results;
    html.filter("t-time", results.scenarios.iter().map(|s| s.name.as_str()));
    let look =
        TableLook { id: "t-time", caption: "Time per scenario and variant", filtered_by: Some((0, 6)) };
    html.table(&sheet::time(view, &results.scenarios, true), look);
    html.raw("<h3>Scenarios and what the control did</h3>\n<dl>\n");
    for scenario in &results.scenarios {
        html.raw("<dt><code>")
            .text(&scenario.name)
            .raw("</code></dt><dd>")
            .text(&crate::row::sentence(&scenario.about));
        html.text(&format!(" One iteration reads {}", crate::row::extent(scenario)));
        html.text(&format!(" of corpus {}; version {}", scenario.corpus, scenario.version));
        html.text(&format!(
            ", {} per batch.",
            crate::format::plural(scenario.iterations, "iteration", "iterations")
        ));
        if scenario.whole_command {
            html.text(" The whole command is timed.");
        }
        if let Some(control) = crate::row::control_line(view, &scenario.name, Metric::Time) {
            html.text(&format!(" The {control}."));
        }
        html.raw("</dd>\n");
    }
    html.raw("</dl>\n");
    html.heading("samples", "Samples");
    figures(html, &charts.strips);
}

fn beside(html: &mut Html, results: &Results) {
    let Some(sheet) = crate::beside::sheet(results, true) else { return };
    html.heading("beside", "Beside others").element("p", BESIDE);
    html.table(&sheet, TableLook { id: "t-beside", caption: "Scenarios beside others", filtered_by: None });
}

fn latency(html: &mut Html, view: &View<'_>) {
    let Some(sheet) = sheet::latency(view) else { return };
    html.heading("latency", "Latency").element("p", LATENCY);
    let look = TableLook { id: "t-latency", caption: "Latency per scenario and variant", filtered_by: None };
    html.table(&sheet, look);
    html.raw("<dl>\n");
    for scenario in view.scenarios() {
        if let Some(control) = crate::row::control_line(view, &scenario.name, Metric::Latency) {
            html.raw("<dt><code>")
                .text(&scenario.name)
                .raw("</code></dt><dd>")
                .text(&format!("The {control}."));
            html.raw("</dd>\n");
        }
    }
    html.raw("</dl>\n");
}

fn memory(html: &mut Html, view: &View<'_>, charts: &Charts) {
    html.heading("memory", "Memory");
    html.raw(
        "<p>Two instruments with two blind spots. <em>Heap</em> is what passes through the allocator, as dhat counts it: no memory from C, \
         no mmap, no stack, no slack. <em>Resident</em> memory is what the kernel holds for the process; its anonymous part is the \
         program's own demand, the rest are pages of mapped files. What neither explains is shown as such.</p>\n",
    );
    figures(html, &charts.memory);
    match sheet::memory(view) {
        Some(sheet) => {
            let look =
                TableLook { id: "t-memory", caption: "Memory per scenario and variant", filtered_by: None };
            html.table(&sheet, look);
        }
        None => {
            html.element("p", "Neither heap nor resident memory was read in this run.");
        }
    }
}

fn instructions(html: &mut Html, results: &Results) {
    let Some(sheet) = sheet::instructions(results) else { return };
    html.heading("instructions", "Instructions").element("p", INSTRUCTIONS);
    let look = TableLook {
        id: "t-instructions",
        caption: "Instructions per scenario and variant",
        filtered_by: None,
    };
    html.table(&sheet, look);
}

/// criterion's own figures, where it was asked to measure too.
fn criterion(html: &mut Html, results: &Results) {
    if results.criterion.is_empty() {
        return;
    }
    html.heading("criterion", "Criterion");
    html.raw(
        "<p>What criterion found by its own measurement: each variant in one process, one after the other. It is shown \
         beside the visits above and not judged by its rules. <a href=\"../criterion/report/index.html\">criterion's own \
         report</a> has the rest; each variant is a baseline under its name.</p>\n",
    );
    let look = TableLook { id: "t-criterion", caption: "Criterion's medians", filtered_by: None };
    html.table(&sheet::criterion(results), look);
}

fn gaps(html: &mut Html, view: &View<'_>, charts: &Charts) {
    html.heading("gaps", "Invalid, skipped, warnings");
    let sheets: [(&str, &str, Option<Sheet>); 2] = [
        ("t-invalid", "Invalid or missing cells", sheet::invalid(view)),
        ("t-skipped", "Skipped", sheet::skipped(view)),
    ];
    let warnings = &view.results.warnings;
    if sheets.iter().all(|s| s.2.is_none()) && warnings.is_empty() && charts.absent.is_empty() {
        html.element("p", "Everything that was planned was measured, every answer was right, and nothing was found to disturb it.");
    }
    for (id, caption, sheet) in sheets {
        if let Some(sheet) = sheet {
            html.element("h3", caption).table(&sheet, TableLook { id, caption, filtered_by: None });
        }
    }
    for (caption, lines) in [("Warnings", warnings), ("Charts that this run can't give", &charts.absent)] {
        if !lines.is_empty() {
            html.element("h3", caption).raw("<ul>\n");
            for line in lines {
                html.element("li", line);
            }
            html.raw("</ul>\n");
        }
    }
}

fn repeat(html: &mut Html, results: &Results) {
    html.heading("repeat", "How to repeat it");
    html.raw("<pre tabindex=\"0\"><code>")
        .text(&escape::shell(&results.provenance.command))
        .raw("</code></pre>\n<dl>\n");
    let known = provenance::facts(&results.provenance);
    for (word, fact) in known.into_iter().chain(provenance::costs(&results.costs)) {
        html.raw("<dt>").text(&word).raw("</dt><dd>").text(&fact).raw("</dd>\n");
    }
    for metric in &results.metrics {
        let absolute = match (metric.margin_absolute, metric.metric.unit()) {
            (least, "bytes") if least > 0.0 => format!(", at least {}", crate::format::bytes(least)),
            (least, _) if least > 0.0 => format!(", at least {}", crate::format::duration(least)),
            _ => String::new(),
        };
        let margin = crate::format::fraction(metric.margin);
        html.raw("<dt>").text(&format!("margin of {}", metric.metric)).raw("</dt><dd>");
        html.text(&format!("{margin}{absolute}; a family of {} comparisons", metric.family)).raw("</dd>\n");
    }
    for scenario in &results.scenarios {
        html.raw("<dt>corpus of <code>").text(&scenario.name).raw("</code></dt><dd>");
        html.text(&format!("{}, SHA-256 {}", scenario.corpus, scenario.corpus_sha256)).raw("</dd>\n");
    }
    html.raw("</dl>\n<h3>What was built</h3>\n");
    let look = TableLook { id: "t-binaries", caption: "What ships, by variant", filtered_by: None };
    html.table(&sheet::binaries(results), look);
}

fn legend(html: &mut Html) {
    html.heading("labels", "Labels: how sure a comparison is");
    html.raw("<dl>\n");
    for (label, meaning) in labels() {
        html.raw("<dt>").text(label.name()).raw("</dt><dd>").text(&meaning).raw(".</dd>\n");
    }
    html.raw("</dl>\n").element("p", METHOD);
}

/// The charts inside the page. Their style sheet is the page's.
fn figures(html: &mut Html, charts: &[Chart]) {
    for chart in charts {
        html.raw("<figure id=\"").text(&chart.stem).raw("\">\n");
        html.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"")
            .text(&chart.title)
            .raw("\">\n");
        for line in chart.svg.lines().filter(|line| !line.starts_with("<style>")) {
            html.raw(line).raw("\n");
        }
        html.raw("</div>\n</figure>\n");
    }
}
