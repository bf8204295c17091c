//! The parts of the page, in its order. One that a run has nothing for is left out; what was asked for and is not there is
//! said under what is missing.

use super::Section;
use super::figures::figures;
use super::write::{Html, TableLook};
use crate::beside;
use crate::charts::Charts;
use crate::escape;
use crate::format::{self, plural};
use crate::legend::{INSTRUCTIONS, LATENCY, MEMORY_MEAN, METHOD, labels};
use crate::provenance;
use crate::row;
use crate::sheet::{self, Sheet};
use crate::verdict::Verdict;
use crate::view::View;
use harness::judge::wire::results::{Metric, Results, ScenarioFacts};

/// More pairs than this are folded.
const UNFOLDED_PAIRS: usize = 15;

const fn plain<'a>(id: &'a str, caption: &'a str) -> TableLook<'a> {
    TableLook { id, caption, grouped: None }
}

pub(super) fn variants(view: &View<'_>, verdict: &Verdict, charts: &Charts) -> Section {
    let mut html = Html::default();
    html.table(&sheet::overview(view, verdict), plain("t-variants", "Variants"));
    html.raw("<p class=\"note\">Time and memory: geometric mean over the judged scenarios against <code>");
    html.text(view.reference());
    html.raw("</code>. ").text(MEMORY_MEAN);
    html.raw(" Size: what ships. Build: – where it was taken from the cache.</p>\n");
    figures(&mut html, &charts.trade_off);
    Section {
        id: "variants",
        title: "Variants",
        heading: "Variants: speed, memory, size and build time",
        body: html,
    }
}

/// What is told between any two variants.
pub(super) fn rivals(verdict: &Verdict) -> Option<Section> {
    let sheet = sheet::rivals(verdict)?;
    let mut html = Html::default();
    html.raw(
        "<p>They stood in the same blocks, so any two can be judged as each is against the reference; all such pairs are a family \
         of their own. Time and memory are geometric means over the scenarios in which both were judged. ",
    );
    html.text(MEMORY_MEAN).raw("</p>\n");
    let folds = sheet.rows.len() > UNFOLDED_PAIRS;
    if folds {
        let pairs = plural(sheet.rows.len() as u64, "pair", "pairs");
        html.raw("<details><summary>").text(&pairs).raw("</summary>\n");
    }
    html.table(&sheet, plain("t-rivals", "Variants against each other"));
    if folds {
        html.raw("</details>\n");
    }
    let heading = "Variants against each other";
    Some(Section { id: "rivals", title: "Against each other", heading, body: html })
}

pub(super) fn time(view: &View<'_>, charts: &Charts) -> Section {
    let mut html = Html::default();
    for charts in [&charts.speed, &charts.heat, &charts.ladder, &charts.pairs, &charts.size, &charts.threads]
    {
        figures(&mut html, charts);
    }
    let results = view.results;
    html.filter("t-time", results.scenarios.iter().map(|s| s.name.as_str()));
    let note = |name: &str| {
        let facts = results.scenarios.iter().find(|s| escape::visible(&s.name) == name);
        facts.map(|scenario| note(view, scenario, Metric::Time)).unwrap_or_default()
    };
    let caption = "Time per scenario and variant";
    let look = TableLook { id: "t-time", caption, grouped: Some((&note, 6)) };
    html.table(&sheet::time(view, &results.scenarios, true), look);
    html.raw("<h3>What the scenarios do</h3>\n<dl>\n");
    for scenario in &results.scenarios {
        html.raw("<dt><code>")
            .text(&scenario.name)
            .raw("</code></dt><dd>")
            .text(&row::sentence(&scenario.about));
        html.text(&format!(" Corpus {}; version {}", scenario.corpus, scenario.version));
        let iterations = plural(scenario.iterations, "iteration", "iterations");
        html.text(&format!(", {iterations} per batch."));
        if scenario.whole_command {
            html.text(" The whole command is timed.");
        }
        html.raw("</dd>\n");
    }
    html.raw("</dl>\n");
    Section { id: "time", title: "Time", heading: "Time", body: html }
}

/// What one iteration reads, and what the control did there.
fn note(view: &View<'_>, scenario: &ScenarioFacts, metric: Metric) -> String {
    let control = row::control_line(view, &scenario.name, metric);
    let control = control.map(|line| format!("; {line}")).unwrap_or_default();
    format!("{}{control}", row::extent(scenario))
}

/// Every sample of every cell.
pub(super) fn samples(charts: &Charts) -> Option<Section> {
    let mut html = Html::default();
    figures(&mut html, &charts.strips);
    (!charts.strips.is_empty()).then_some(Section {
        id: "samples",
        title: "Samples",
        heading: "Samples: every visit",
        body: html,
    })
}

/// Scenarios beside limits and rivals.
pub(super) fn beside(results: &Results) -> Option<Section> {
    let sheet = beside::sheet(results, true)?;
    let mut html = Html::default();
    html.element("p", &beside::about(results, true));
    html.table(&sheet, plain("t-beside", "Scenarios beside others"));
    Some(Section { id: "beside", title: "Beside others", heading: "Beside others", body: html })
}

pub(super) fn latency(view: &View<'_>, charts: &Charts) -> Option<Section> {
    let sheet = sheet::latency(view)?;
    let mut html = Html::default();
    html.element("p", LATENCY);
    figures(&mut html, &charts.latency);
    html.table(&sheet, plain("t-latency", "Latency per scenario and variant"));
    html.raw("<dl>\n");
    for scenario in view.scenarios() {
        if let Some(control) = row::control_line(view, &scenario.name, Metric::Latency) {
            html.raw("<dt><code>").text(&scenario.name).raw("</code></dt><dd>");
            html.text(&format!("The {control}.")).raw("</dd>\n");
        }
    }
    html.raw("</dl>\n");
    Some(Section { id: "latency", title: "Latency", heading: "Latency", body: html })
}

pub(super) fn memory(view: &View<'_>, charts: &Charts) -> Section {
    let mut html = Html::default();
    html.raw(
        "<p>Two instruments with two blind spots. <em>Heap</em> is what passes through the allocator, as dhat counts it: no memory from C, \
         no mmap, no stack, no slack. <em>Resident</em> memory is what the kernel holds for the process; its anonymous part is the \
         program's own demand, the rest are pages of mapped files. What neither explains is shown as such.</p>\n",
    );
    figures(&mut html, charts.memory.iter().chain(&charts.memory_over_size));
    match sheet::memory(view) {
        Some(sheet) => {
            html.filter("t-memory", view.scenarios().iter().map(|s| s.name.as_str()));
            let note = |name: &str| {
                let facts = view.scenarios().iter().find(|s| escape::visible(&s.name) == name);
                facts.map(|scenario| note(view, scenario, Metric::Anon)).unwrap_or_default()
            };
            let caption = "Memory per scenario and variant";
            html.table(&sheet, TableLook { id: "t-memory", caption, grouped: Some((&note, 6)) });
        }
        None => {
            html.element("p", "Neither heap nor resident memory was read in this run.");
        }
    }
    Section { id: "memory", title: "Memory", heading: "Memory", body: html }
}

pub(super) fn instructions(results: &Results) -> Option<Section> {
    let sheet = sheet::instructions(results)?;
    let mut html = Html::default();
    html.element("p", INSTRUCTIONS);
    html.table(&sheet, plain("t-instructions", "Instructions per scenario and variant"));
    Some(Section { id: "instructions", title: "Instructions", heading: "Instructions", body: html })
}

/// criterion's own figures, where it was asked to measure too.
pub(super) fn criterion(results: &Results) -> Option<Section> {
    if results.criterion.is_empty() {
        return None;
    }
    let mut html = Html::default();
    html.raw(
        "<p>What criterion found by its own measurement: each variant in one process, one after the other. It is shown \
         beside the visits above and not judged by its rules. <a href=\"../criterion/report/index.html\">criterion's own \
         report</a> has the rest; each variant is a baseline under its name.</p>\n",
    );
    html.table(&sheet::criterion(results), plain("t-criterion", "Criterion's medians"));
    Some(Section { id: "criterion", title: "Criterion", heading: "Criterion", body: html })
}

pub(super) fn gaps(view: &View<'_>, charts: &Charts) -> Section {
    let mut html = Html::default();
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
            html.element("h3", caption).table(&sheet, plain(id, caption));
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
    let heading = "Invalid, skipped, warnings";
    Section { id: "gaps", title: heading, heading, body: html }
}

/// Commands, machine, seeds, digests: what it takes to have the same again.
pub(super) fn repeat(results: &Results) -> Section {
    let mut html = Html::default();
    command(&mut html, "It was begun with", &escape::shell(&results.provenance.command));
    let words = ["cargo", "xtask", "repeat", &results.provenance.run].map(str::to_owned);
    command(
        &mut html,
        "The same again, where its folder lies, and what differs from then",
        &escape::shell(&words),
    );
    html.raw(
        "<p class=\"note\">manifest.json in the run's folder has the exact command and environment of each build and visit; \
         <code>cargo xtask ship VARIANT</code> prints what to paste into a project to have a variant of bench.toml.</p>\n<dl>\n",
    );
    let known = provenance::facts(&results.provenance);
    for (word, fact) in known.into_iter().chain(provenance::costs(&results.costs)) {
        html.raw("<dt>").text(&word).raw("</dt><dd>").text(&fact).raw("</dd>\n");
    }
    for metric in &results.metrics {
        let absolute = match (metric.margin_absolute, metric.metric.unit()) {
            (least, "bytes") if least > 0.0 => format!(", at least {}", format::bytes(least)),
            (least, _) if least > 0.0 => format!(", at least {}", format::duration(least)),
            _ => String::new(),
        };
        let margin = format::fraction(metric.margin);
        html.raw("<dt>").text(&format!("margin of {}", metric.metric)).raw("</dt><dd>");
        html.text(&format!("{margin}{absolute}; a family of {} comparisons", metric.family)).raw("</dd>\n");
    }
    for scenario in &results.scenarios {
        html.raw("<dt>corpus of <code>").text(&scenario.name).raw("</code></dt><dd>");
        html.text(&format!("{}, SHA-256 {}", scenario.corpus, scenario.corpus_sha256)).raw("</dd>\n");
    }
    html.raw("</dl>\n<h3>What was built</h3>\n");
    html.table(&sheet::binaries(results), plain("t-binaries", "What ships, by variant"));
    let heading = "How to repeat it";
    Section { id: "repeat", title: heading, heading, body: html }
}

/// A command under what it does.
fn command(html: &mut Html, about: &str, line: &str) {
    html.raw("<p class=\"note\">").text(about).raw(":</p>\n<pre tabindex=\"0\"><code>");
    html.text(line).raw("</code></pre>\n");
}

pub(super) fn legend() -> Section {
    let mut html = Html::default();
    html.raw("<dl>\n");
    for (label, meaning) in labels() {
        html.raw("<dt>").text(label.name()).raw("</dt><dd>").text(&meaning).raw(".</dd>\n");
    }
    html.raw("</dl>\n").element("p", METHOD);
    Section { id: "labels", title: "Labels", heading: "Labels: how sure a comparison is", body: html }
}
