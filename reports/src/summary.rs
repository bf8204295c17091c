//! `summary.md`: the run for a pull request or a post.

use crate::beside;
use crate::escape::{self, markdown_code, shell, visible};
use crate::legend::{INSTRUCTIONS, LATENCY, MEMORY_MEAN, METHOD, labels};
use crate::profiles;
use crate::provenance;
use crate::row::{control_line, extent};
use crate::sheet::{self, Sheet};
use crate::verdict::verdict_of;
use crate::view::View;
use harness::judge::wire::results::{Metric, Results};
use std::fmt::Write as _;

/// More scenarios than this are folded away.
const UNFOLDED: usize = 3;

/// The run in Markdown as GitHub and its like read it: verdict first, then tables, gaps, warnings and how to repeat it.
pub fn markdown(results: &Results) -> String {
    let view = View::new(results);
    let verdict = verdict_of(&view);
    let mark = provenance::mark(&results.provenance);
    let mut out = format!("# Run {}{mark}\n\n", markdown_code(&results.provenance.run));
    for paragraph in verdict.paragraphs() {
        out.push_str(&paragraph.markdown());
    }
    out.push_str("## Variants\n\n");
    table(&mut out, &sheet::overview(&view, &verdict));
    let _ = write!(
        out,
        "Time and memory: geometric mean over the judged scenarios against {}. {MEMORY_MEAN} Size: what ships.\n\n",
        markdown_code(&results.reference)
    );

    out.push_str("## Time\n\n");
    let folded = results.scenarios.len() > UNFOLDED;
    if folded {
        let count = results.scenarios.len();
        let _ = write!(out, "<details><summary>All {count} scenarios</summary>\n\n");
    }
    for scenario in &results.scenarios {
        let _ = write!(out, "### {}\n\n", markdown_code(&scenario.name));
        let whole = if scenario.whole_command { " The whole command is timed." } else { "" };
        let about = escape::markdown(&crate::row::sentence(&scenario.about));
        let _ = write!(out, "{about} One iteration reads {}.{whole}\n\n", extent(scenario));
        table(&mut out, &sheet::time(&view, std::slice::from_ref(scenario), false));
        if let Some(control) = control_line(&view, &scenario.name, Metric::Time) {
            let _ = write!(out, "The {}.\n\n", escape::markdown(&control));
        }
    }
    if folded {
        out.push_str("</details>\n\n");
    }
    if let Some(others) = beside::sheet(results, false) {
        let _ = write!(out, "## Beside others\n\n{}\n\n", escape::markdown(&beside::about(results, false)));
        table(&mut out, &others);
    }
    if let Some(latency) = sheet::latency(&view) {
        let _ = write!(out, "## Latency\n\n{}\n\n", escape::markdown(LATENCY));
        table(&mut out, &latency);
    }
    if let Some(memory) = sheet::memory(&view) {
        out.push_str("## Memory\n\n<details><summary>All scenarios</summary>\n\n");
        table(&mut out, &memory);
        out.push_str("</details>\n\n");
    }
    if let Some(instructions) = sheet::instructions(results) {
        let _ = write!(out, "## Instructions\n\n{}\n\n", escape::markdown(INSTRUCTIONS));
        table(&mut out, &instructions);
    }
    if !results.profiles.is_empty() {
        let unlike = profiles::unlike(results).map(|unlike| escape::markdown(&unlike) + "\n\n");
        let _ = write!(
            out,
            "## Profiles\n\n{}<details><summary>Where CPU time goes, and what becomes of memory</summary>\n\n{}</details>\n\n",
            unlike.unwrap_or_default(),
            profiles::under(&results.profiles, 3)
        );
    }
    for (heading, sheet) in [("Invalid", sheet::invalid(&view)), ("Skipped", sheet::skipped(&view))] {
        if let Some(sheet) = sheet {
            let _ = write!(out, "## {heading}\n\n");
            table(&mut out, &sheet);
        }
    }
    if !results.warnings.is_empty() {
        out.push_str("## Warnings\n\n");
        for warning in &results.warnings {
            let _ = writeln!(out, "- {}", escape::markdown(warning));
        }
        out.push('\n');
    }
    repeat(&mut out, results);
    out.push_str("## Labels\n\n");
    for (label, meaning) in labels() {
        let _ = writeln!(out, "- **{label}**: {}", escape::markdown(&meaning));
    }
    let _ = writeln!(out, "\n{}", escape::markdown(METHOD));
    out
}

fn repeat(out: &mut String, results: &Results) {
    out.push_str("## How to repeat it\n\n");
    let command = visible(&shell(&results.provenance.command));
    // Indented, so that nothing in the command can end the block.
    let _ = write!(out, "    {command}\n\n");
    let known = provenance::facts(&results.provenance);
    for (word, fact) in known.into_iter().chain(provenance::costs(&results.costs)) {
        if !fact.is_empty() {
            let _ = writeln!(out, "- {}: {}", escape::markdown(&word), escape::markdown(&fact));
        }
    }
    out.push('\n');
}

/// A table in Markdown, an empty line after it.
pub(crate) fn table(out: &mut String, sheet: &Sheet) {
    out.push('|');
    for column in &sheet.columns {
        let _ = write!(out, " {} |", column.heading);
    }
    out.push_str("\n|");
    for column in &sheet.columns {
        out.push_str(if column.numeric { " ---: |" } else { " --- |" });
    }
    out.push('\n');
    for row in &sheet.rows {
        out.push('|');
        for field in row {
            let _ = write!(out, " {} |", field.text.markdown());
        }
        out.push('\n');
    }
    out.push('\n');
}
