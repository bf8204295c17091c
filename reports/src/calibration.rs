//! What a calibration found: in words for a terminal, as a page of Markdown with two charts, and as data.

use crate::charts::{Chart, ChartError, Style, alike, detection};
use crate::escape;
use crate::folder::{put, said};
use crate::format::{change, count, fraction};
use harness::judge::label::Label;
use harness::judge::wire::calibration::{AtBlocks, Calibration, Slowed, Tally};
use std::fmt::Write;
use std::io;
use std::path::Path;

/// Labels in the order of tables.
const LABELS: [Label; 7] = [
    Label::Definitive,
    Label::High,
    Label::Moderate,
    Label::NoChange,
    Label::Inconclusive,
    Label::Unstable,
    Label::Invalid,
];

/// Where the figures come from, in lines.
pub(crate) fn source(calibration: &Calibration) -> Vec<String> {
    let machine = &calibration.machine;
    let revision = calibration.revision.as_deref().unwrap_or("unknown");
    let dirty = if calibration.dirty { " with uncommitted changes" } else { "" };
    vec![
        format!(
            "calibration {} · {} · revision {revision}{dirty} · {}",
            calibration.name, calibration.began, calibration.compiler
        ),
        format!(
            "{} · {} CPUs{} · {}",
            machine.cpu.as_deref().unwrap_or("unknown"),
            machine.cpus,
            if machine.hypervisor == Some(true) { ", virtual machine" } else { "" },
            machine.kernel.as_deref().unwrap_or("unknown")
        ),
    ]
}

/// What matters, for a terminal.
pub fn terminal(calibration: &Calibration) -> String {
    let mut text = String::new();
    for at in &calibration.at {
        let _ = writeln!(text, "{}", sentence(at));
    }
    text
}

fn sentence(at: &AtBlocks) -> String {
    let found = at
        .slowed
        .iter()
        .filter_map(|one| Some(format!("{} in {}", fraction(one.slowdown), fraction(one.share()?))));
    let from = at.found_from.map_or_else(
        || "no slow-down that was tried is found in nine of ten comparisons".to_owned(),
        |from| format!("from {} on a slow-down is found in nine of ten comparisons", fraction(from)),
    );
    format!(
        "With {} blocks the same binary is told apart from itself in {} of {} comparisons; found are slow-downs of {}; {from}.",
        at.blocks,
        at.alike.told_apart(),
        at.alike.comparisons,
        found.collect::<Vec<_>>().join(", ")
    )
}

/// A page of Markdown; the charts stand beside it.
pub fn markdown(calibration: &Calibration, charts: &[Chart]) -> String {
    let mut text = format!("# Calibration {}\n\n", escape::markdown(&calibration.name));
    for line in source(calibration) {
        let _ = writeln!(text, "{}  ", escape::markdown(&line));
    }
    let _ = writeln!(text, "made by {}\n", escape::markdown_code(&calibration.command.join(" ")));
    for at in &calibration.at {
        let _ = writeln!(text, "{}\n", sentence(at));
    }
    let _ = writeln!(
        text,
        "Every arm is one binary ({}), visited as in any run: interleaved, in fresh processes, beside a control. Arms that are \
         alike do their work and nothing else. Slowed ones read on in the same file, where some of its lines stand once more: \
         real work, no waiting. What is alike is judged as a family of its own; each slow-down in one family with \
         what is alike. {} of {} blocks were disturbed by other work; those are measured again as a whole, up to the cap.\n",
        escape::markdown(&calibration.variant),
        count(calibration.disturbed.0.into()),
        count(calibration.disturbed.1.into())
    );
    for chart in charts {
        let _ = writeln!(text, "![{}]({}.svg)\n", escape::markdown(&chart.about), chart.stem);
    }
    alike_table(&mut text, calibration);
    slowed_table(&mut text, calibration);
    shares_table(&mut text, calibration);
    let runs: Vec<String> = calibration.runs.iter().map(|run| escape::markdown_code(run)).collect();
    let _ = writeln!(text, "Scenarios: {}. Runs: {}.", calibration.scenarios.join(", "), runs.join(", "));
    text
}

fn alike_table(text: &mut String, calibration: &Calibration) {
    text.push_str("## The same binary against itself\n\n");
    let heads: Vec<&str> = LABELS.iter().map(|label| label.name()).collect();
    let _ = writeln!(text, "| blocks | comparisons | {} | 99 of 100 within |", heads.join(" | "));
    let _ = writeln!(text, "|---|---|{}---|", "---|".repeat(LABELS.len()));
    for at in &calibration.at {
        let _ = writeln!(
            text,
            "| {} | {} | {} | ±{} |",
            at.blocks,
            at.alike.comparisons,
            labels(&at.alike),
            fraction(at.alike_p99)
        );
    }
    text.push('\n');
}

fn slowed_table(text: &mut String, calibration: &Calibration) {
    text.push_str(
        "## Slow-downs\n\n*Steady* are the comparisons in which the visits of neither side vary by more than 1.5 % (their \
         coefficient of variation). The estimate is the median over the comparisons, with the smallest and the largest.\n\n",
    );
    let heads: Vec<&str> = LABELS.iter().map(|label| label.name()).collect();
    let _ = writeln!(
        text,
        "| slow-down | blocks | comparisons | found | told as faster | steady | found of them | estimate | {} |",
        heads.join(" | ")
    );
    let _ = writeln!(text, "|---|---|---|---|---|---|---|---|{}", "---|".repeat(LABELS.len()));
    let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), fraction);
    let row = |text: &mut String, at: &AtBlocks, one: &Slowed| {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} [{}, {}] | {} |",
            fraction(one.slowdown),
            at.blocks,
            one.all.comparisons,
            share(one.share()),
            one.wrong,
            one.steady.comparisons,
            share(one.steady_share()),
            change(1.0 + one.estimate),
            change(1.0 + one.least),
            change(1.0 + one.most),
            labels(&one.all)
        );
    };
    let sizes = calibration.at.first().map(|at| at.slowed.len()).unwrap_or_default();
    for size in 0..sizes {
        for at in &calibration.at {
            if let Some(one) = at.slowed.get(size) {
                row(text, at, one);
            }
        }
    }
    text.push('\n');
}

fn shares_table(text: &mut String, calibration: &Calibration) {
    text.push_str("## What the slow-downs add, in instructions\n\n");
    if let Some(why) = &calibration.uncounted {
        let _ = writeln!(text, "They could not be counted: {}.\n", escape::markdown(why));
        return;
    }
    let mut sizes: Vec<f64> = calibration.shares.iter().map(|share| share.meant).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    let heads: Vec<String> = sizes.iter().map(|size| fraction(*size)).collect();
    let _ = writeln!(text, "| scenario | {} |\n|---|{}", heads.join(" | "), "---|".repeat(sizes.len()));
    for scenario in &calibration.scenarios {
        let own = |size: f64| {
            calibration.shares.iter().find(|share| share.scenario == *scenario && share.meant == size)
        };
        let each: Vec<String> = (sizes.iter())
            .map(|size| {
                own(*size)
                    .map_or_else(|| "not counted".to_owned(), |s| format!("+{:.2} %", s.instructions * 100.0))
            })
            .collect();
        let _ = writeln!(text, "| {} | {} |", escape::markdown(scenario), each.join(" | "));
    }
    text.push_str(
        "\nAs callgrind counts them, on the corpora that were timed. Scenarios with several threads are not counted.\n\n",
    );
}

fn labels(tally: &Tally) -> String {
    let each: Vec<String> = LABELS.iter().map(|label| tally.of(*label).to_string()).collect();
    each.join(" | ")
}

/// The charts of a calibration.
///
/// # Errors
/// It holds nothing to be drawn, or drawing failed.
pub fn charts(calibration: &Calibration) -> Result<Vec<Chart>, ChartError> {
    let style = Style::default();
    Ok(vec![alike(calibration, &style)?, detection(calibration, &style)?])
}

/// Writes `calibration.md` and the charts into `folder`.
///
/// # Errors
/// A chart can't be drawn, the folder can't be made, or a file can't be written; the error names it.
pub fn write(calibration: &Calibration, folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder).map_err(|error| said(&error, "make the folder", folder))?;
    let charts = charts(calibration).map_err(|why| io::Error::other(why.to_string()))?;
    put(&folder.join("calibration.md"), &markdown(calibration, &charts))?;
    for chart in &charts {
        put(&folder.join(format!("{}.svg", chart.stem)), &chart.svg)?;
    }
    Ok(())
}
