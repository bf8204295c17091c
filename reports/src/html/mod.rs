//! One self-contained page: verdict first, then everything that it rests on.

mod answers;
mod figures;
pub mod profiles;
mod sections;
mod write;

use crate::charts::{Charts, Style, dark_style};
use crate::format::plural;
use crate::prose::Prose;
use crate::provenance;
use crate::verdict::{Verdict, verdict_of};
use crate::view::View;
use harness::judge::wire::results::Results;
use std::collections::BTreeSet;
use write::Html;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A part of the page that the navigation leads to.
struct Section {
    /// Its anchor.
    id: &'static str,
    /// In the navigation.
    title: &'static str,
    /// As a heading, where that says more.
    heading: &'static str,
    /// What follows the heading.
    body: Html,
}

/// The page of a run: HTML that needs no network, and no script but for sorting, filtering and folding.
pub fn page(results: &Results) -> String {
    page_with(results, &Charts::of(results, &Style::default()))
}

/// The same with charts that were drawn before, for a reader who may like it light or dark.
pub(crate) fn page_with(results: &Results, charts: &Charts) -> String {
    let view = View::new(results);
    let verdict = verdict_of(&view);
    let sections: Vec<Section> = [
        Some(sections::variants(&view, &verdict, charts)),
        sections::rivals(&verdict),
        Some(sections::time(&view, charts)),
        sections::samples(charts),
        sections::beside(results),
        sections::latency(&view, charts),
        Some(sections::memory(&view, charts)),
        sections::instructions(results),
        sections::criterion(results),
        profiles::section(results, "../profiles/"),
        Some(sections::gaps(&view, charts)),
        Some(sections::repeat(results)),
        Some(sections::legend()),
    ]
    .into_iter()
    .flatten()
    .collect();

    let mut html = Html::default();
    html.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.raw("<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n");
    let mark = provenance::mark(&results.provenance);
    html.element("title", &format!("Run {}{mark}", results.provenance.run));
    html.raw("<style>\n").raw(STYLE).raw(&dark_style()).raw("\n</style>\n</head>\n<body>\n");
    head(&mut html, results, &verdict);
    navigation(&mut html, &sections);
    html.raw("<main>\n");
    for section in &sections {
        html.raw("<section>\n")
            .heading(section.id, section.heading)
            .append(&section.body)
            .raw("</section>\n");
    }
    html.raw("</main>\n<script>\n").raw(SCRIPT).raw("</script>\n</body>\n</html>\n");
    html.finish()
}

fn head(html: &mut Html, results: &Results, verdict: &Verdict) {
    let mark = provenance::mark(&results.provenance);
    html.raw("<a class=\"skip\" href=\"#variants\">To the tables</a>\n");
    html.raw("<header>\n").element("h1", &format!("Run {}{mark}", results.provenance.run));
    for line in provenance::lines(&results.provenance) {
        html.raw("<p class=\"source\">").text(&line).raw("</p>\n");
    }
    orientation(html, results);
    answers::answers(html, verdict);
    html.raw("<section class=\"verdict\" aria-label=\"Verdict\">\n");
    for paragraph in verdict.paragraphs() {
        let (text, list) = paragraph.parts();
        html.raw("<div><p><strong>").text(paragraph.topic).raw(".</strong> ").prose(&text).raw("</p>\n");
        if !list.is_empty() {
            html.raw("<details><summary>The other variants</summary>\n<ul>\n");
            for other in list {
                html.raw("<li>").prose(other).raw("</li>\n");
            }
            html.raw("</ul>\n</details>\n");
        }
        html.raw("</div>\n");
    }
    html.raw("</section>\n</header>\n");
}

/// What was compared, on what, how sure it is, how to repeat it: for whoever sees this page alone.
fn orientation(html: &mut Html, results: &Results) {
    let (variants, scenarios) = (results.variants.len() as u64, results.scenarios.len() as u64);
    let corpora: BTreeSet<&str> = results.scenarios.iter().map(|scenario| scenario.corpus.as_str()).collect();
    let blocks = results.provenance.blocks.get("clock").copied().unwrap_or_default();
    html.raw("<p class=\"lede\">").text(&plural(variants, "build of one program", "builds of one program"));
    if variants > 1 {
        html.raw(", each compared with <code>").text(&results.reference).raw("</code>");
    }
    html.text(&format!(" in {}", plural(scenarios, "scenario", "scenarios")));
    if !corpora.is_empty() {
        let names = Prose::new().list(corpora.into_iter().map(|name| Prose::new().name(name)).collect());
        html.text(" on ").prose(&names);
    }
    html.text(". ");
    if blocks > 0 {
        let blocks = plural(u64::from(blocks), "block", "blocks");
        html.text(&format!(
            "In each scenario {blocks} of fresh processes: a block visits every variant once, in a balanced order, and the \
             reference twice. "
        ));
    }
    html.raw(
        "<a href=\"#labels\">A label</a> says how sure each comparison is; here is <a href=\"#gaps\">what is missing</a> and \
         <a href=\"#repeat\">how to repeat it</a>.</p>\n",
    );
}

fn navigation(html: &mut Html, sections: &[Section]) {
    html.raw("<nav aria-label=\"Sections\"><ul>");
    for Section { id, title, .. } in sections {
        html.raw(&format!("<li><a href=\"#{id}\">{title}</a></li>"));
    }
    html.raw("</ul></nav>\n");
}
