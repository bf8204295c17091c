//! The front page of a run that is published, as a repository shows a folder: verdict, every chart, what the files are.

use crate::charts::{Chart, Charts, Style};
use crate::escape::{self, markdown_code};
use crate::legend::MEMORY_MEAN;
use crate::provenance;
use crate::sheet;
use crate::summary::table;
use crate::verdict::verdict_of;
use crate::view::View;
use harness::judge::wire::results::Results;
use std::fmt::Write as _;

/// The front page in Markdown. `folder` is where the run lies, as a reader would name it to a command.
pub fn markdown(results: &Results, folder: &str) -> String {
    let view = View::new(results);
    let verdict = verdict_of(&view);
    let charts = Charts::of(results, &Style::default());
    let mark = provenance::mark(&results.provenance);
    let preset = markdown_code(&results.provenance.preset);
    // Writing to a String can't fail.
    let mut out = format!("# {preset}: what was measured{mark}\n\n");
    for line in provenance::lines(&results.provenance) {
        let _ = writeln!(out, "{}  ", escape::markdown(&line));
    }
    let command = escape::visible(&escape::shell(&results.provenance.command));
    let _ = write!(out, "\nIt was begun with\n\n    {command}\n\n");
    for paragraph in verdict.paragraphs() {
        out.push_str(&paragraph.markdown());
    }
    table(&mut out, &sheet::overview(&view, &verdict));
    let _ = write!(out, "Time and memory: geometric mean over the judged scenarios. {MEMORY_MEAN}\n\n");
    let strips: Vec<&Chart> = charts.strips.iter().collect();
    let is_strip = |chart: &Chart| strips.iter().any(|strip| strip.stem == chart.stem);
    out.push_str("## Charts\n\n");
    for chart in charts.iter().filter(|chart| !is_strip(chart)) {
        let _ = write!(out, "![{}](report/{}.svg)\n\n", alt(chart), chart.stem);
    }
    if !strips.is_empty() {
        out.push_str("Every sample, a picture for each scenario:\n\n");
        for chart in strips {
            let _ = writeln!(out, "- [{}](report/{}.svg)", alt(chart), chart.stem);
        }
        out.push('\n');
    }
    if !charts.absent.is_empty() {
        out.push_str("Charts that this run can't give:\n\n");
    }
    for absent in &charts.absent {
        let _ = writeln!(out, "- {}", escape::markdown(absent));
    }
    if !charts.absent.is_empty() {
        out.push('\n');
    }
    files(&mut out, results, folder);
    out
}

fn alt(chart: &Chart) -> String {
    escape::markdown(&chart.title).replace(']', "\\]")
}

fn files(out: &mut String, results: &Results, folder: &str) {
    out.push_str("## Files\n\n| file | what it is |\n| --- | --- |\n");
    let page = "the page with all of it: tables that sort and filter, every chart, how to repeat it; open it in a browser";
    let rows = [
        ("report/index.html", page),
        ("report/summary.md", "the tables in Markdown"),
        (
            "manifest.json",
            "what was planned, built and set up, with every exact command; `.` is the project's folder",
        ),
        ("samples.jsonl.gz", "a line for each visit: the only truth of the run"),
        ("results.json", "statistics and labels, computed from those two"),
    ];
    let profiles = (
        "profiles/index.html",
        "where CPU time goes and what becomes of memory, with raw profiles for other viewers",
    );
    for (file, about) in rows.into_iter().chain((!results.profiles.is_empty()).then_some(profiles)) {
        let _ = writeln!(out, "| [{file}]({file}) | {about} |");
    }
    let folder = escape::visible(&escape::shell(&[folder.to_owned()]));
    let _ = write!(
        out,
        "\nEverything here but the manifest and the samples is made again from them:\n\n    cargo xtask gallery --run {folder}\n\n\
         and every command that reads a run reads this folder:\n\n    cargo xtask chart heat --run {folder} --out heat.svg\n"
    );
}
