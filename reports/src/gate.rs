//! What a gate says: for a pull request, a terminal, a test report, an editor's margin.

use crate::escape;
use crate::format::{change, count, fraction, interval, interval_of, plural};
use harness::judge::gate;
use harness::judge::wire::gate::{Decision, Exact, Gate, Judged, NotCompared, Revision, Verdict};
use harness::judge::wire::history::{History, Step};
use std::fmt::Write;

/// A comparison of either kind, as reports tell it.
struct Row<'a> {
    decision: Decision,
    /// What it is called outside: `time of count/fast`.
    what: String,
    figures: String,
    why: &'a str,
    /// None where there is nothing that it could be held against.
    limit: Option<f64>,
    limit_reason: Option<&'a str>,
}

impl Row<'_> {
    /// Figures and reason in one.
    fn told(&self) -> String {
        let separator = if self.figures.is_empty() || self.why.is_empty() { "" } else { ": " };
        format!("{}{separator}{}", self.figures, self.why)
    }
}

/// Every comparison: first what was compared exactly, last what could not be, and weighs all the same.
fn rows(gate: &Gate) -> Vec<Row<'_>> {
    let exact = gate.exact.iter().map(|one| Row {
        decision: one.decision,
        what: exact_name(one),
        figures: exact_figures(one),
        why: "compared exactly",
        limit: Some(one.limit),
        limit_reason: one.limit_reason.as_deref(),
    });
    let judged = gate.judged.iter().map(|one| Row {
        decision: one.decision,
        what: format!("{} of {}", one.metric, one.scenario),
        figures: figures(one),
        why: &one.why,
        limit: Some(one.limit),
        limit_reason: one.limit_reason.as_deref(),
    });
    let not_made = gate.not_compared.iter().filter(|one| weighs(one)).map(|one| Row {
        decision: if one.broken { Decision::Broken } else { Decision::Open },
        what: one.scenario.clone(),
        figures: String::new(),
        why: &one.reason,
        limit: None,
        limit_reason: None,
    });
    exact.chain(judged).chain(not_made).collect()
}

/// Is it part of the verdict that it was not compared?
fn weighs(one: &NotCompared) -> bool {
    one.broken || one.open.is_some()
}

/// What was not compared, and is only told.
fn left_out(gate: &Gate) -> impl Iterator<Item = &NotCompared> {
    gate.not_compared.iter().filter(|one| !weighs(one))
}

fn exact_name(exact: &Exact) -> String {
    let of = exact.scenario.as_deref().unwrap_or("what ships, without symbols");
    format!("{} of {of}", exact.metric.name())
}

fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Regression => "regression",
        Decision::Cleared => "cleared",
        Decision::Open => "open",
        Decision::Broken => "broken",
    }
}

/// Change, interval and label of the round that decided.
fn figures(judged: &Judged) -> String {
    let Some(last) = judged.rounds.last() else { return String::new() };
    match &last.figures {
        Some(figures) => {
            format!("{} {}, {}", change(figures.ratio), interval_of(figures), last.label)
        }
        None => last.label.to_string(),
    }
}

fn exact_figures(exact: &Exact) -> String {
    let ratio = exact.head as f64 / exact.base.max(1) as f64;
    let unit = exact.metric.unit();
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    format!("{} to {}{unit}, {}", count(exact.base), count(exact.head), change(ratio))
}

/// How many are worse, and pass since a limit of their own accepts it.
fn accepted(gate: &Gate) -> usize {
    let larger =
        |one: &&Exact| one.decision == Decision::Cleared && one.limit_reason.is_some() && one.head > one.base;
    gate.judged.iter().filter(|one| gate::is_accepted(one)).count() + gate.exact.iter().filter(larger).count()
}

/// The verdict in a sentence.
pub fn headline(gate: &Gate) -> String {
    let count = |decision| gate.judged.iter().filter(|one| one.decision == decision).count();
    let worse = count(Decision::Regression)
        + gate.exact.iter().filter(|one| one.decision == Decision::Regression).count();
    let all = gate.judged.len();
    match gate.verdict {
        Verdict::Pass if gate.identical => {
            "pass: both revisions give the same binaries, byte for byte; nothing was measured".to_owned()
        }
        Verdict::Pass => {
            let accepted = accepted(gate);
            let mut text =
                format!("pass: nothing worse past its limit, in {} comparisons", all + gate.exact.len());
            if accepted > 0 {
                let _ = write!(text, "; {accepted} accepted as worse, by a limit of its own");
            }
            let open = rows(gate).iter().filter(|row| row.decision == Decision::Open).count();
            if open > 0 {
                let _ = write!(text, "; {open} stayed open");
            }
            let left_out = left_out(gate).count();
            if left_out > 0 {
                let _ = write!(text, "; {left_out} not compared");
            }
            text
        }
        Verdict::Regression => format!("regression: {worse} of {} got worse", all + gate.exact.len()),
        Verdict::Undecided => {
            let open = gate::too_open(&gate.judged, &gate.exact, &gate.not_compared);
            let open =
                open.iter().map(|(metric, open, of)| format!("{open} of {of} comparisons of {metric}"));
            format!("undecided: {} stayed open", open.collect::<Vec<_>>().join(" and "))
        }
        Verdict::Broken => {
            let rows = rows(gate);
            let broken = rows.iter().filter(|row| row.decision == Decision::Broken).count();
            format!("broken: {broken} of {} comparisons have no figures", rows.len())
        }
    }
}

/// What stands out, in the order of how much it matters: everything but what was cleared.
fn findings(gate: &Gate) -> Vec<Row<'_>> {
    let mut found: Vec<Row<'_>> =
        rows(gate).into_iter().filter(|row| row.decision != Decision::Cleared).collect();
    found.sort_by_key(|row| match row.decision {
        Decision::Broken => 0,
        Decision::Regression => 1,
        Decision::Open => 2,
        Decision::Cleared => 3,
    });
    found
}

/// What the history says: first that it grew past a limit, then the steps; a line each.
fn history(history: &History) -> (Vec<String>, Vec<String>) {
    let short = |commit: &str| commit.get(..12).unwrap_or(commit).to_owned();
    let figures = |step: &Step| {
        let interval = step.low.zip(step.high).map(|(low, high)| format!(" {}", interval(low, high)));
        format!("{}{}", change(step.ratio), interval.unwrap_or_default())
    };
    let creep = |step: &Step| {
        let (from, to) = (short(&step.from), short(&step.to));
        format!(
            "{} grew by {} in the {} gated commits since {from}, past the limit of {}, though none of them did alone; \
             cargo xtask gate --base {from} --head {to} measures it in one run",
            step.what,
            figures(step),
            step.commits,
            fraction(step.limit.unwrap_or_default())
        )
    };
    let step = |step: &Step| {
        let to = short(&step.to);
        let over = match step.commits {
            1 => format!("at {to}"),
            commits => format!("over the {commits} gated commits after {} up to {to}", short(&step.from)),
        };
        format!("{} moved by {} {over}", step.what, figures(step))
    };
    (history.creeps.iter().map(creep).collect(), history.steps.iter().map(step).collect())
}

/// How far back the history goes.
fn reach(history: &History) -> String {
    let since = history.since.get(..12).unwrap_or(&history.since);
    let commits = plural(history.commits as u64, "gated commit", "gated commits");
    format!("{commits} in {} lead from {since} to this one", history.place)
}

/// For a terminal.
pub fn terminal(gate: &Gate) -> String {
    let mut text = format!("{}\n", headline(gate));
    for row in findings(gate) {
        let _ = writeln!(text, "  {:<10}  {}: {}", word(row.decision), row.what, row.told());
    }
    for skipped in left_out(gate) {
        let _ = writeln!(text, "  not compared: {}: {}", skipped.scenario, skipped.reason);
    }
    for note in &gate.notes {
        let _ = writeln!(text, "  note: {note}");
    }
    if let Some(of) = &gate.history {
        let (creeps, steps) = history(of);
        let lines = creeps.into_iter().chain([reach(of)]).chain(steps).chain(of.notes.iter().cloned());
        for line in lines {
            let _ = writeln!(text, "  history: {}", escape::visible(&line));
        }
    }
    text
}

/// The figures of both revisions side by side, for a terminal, without a word on limits.
pub fn comparison(gate: &Gate) -> String {
    let side = |revision: &Revision| format!("{} ({})", revision.name, revision.commit);
    let mut text = format!("{} against {}, built as: {}\n", side(&gate.head), side(&gate.base), gate.variant);
    if gate.identical {
        text.push_str("  both give the same binaries, byte for byte; nothing was measured\n");
    }
    for row in rows(gate) {
        let confirmed = match row.decision {
            Decision::Regression => "; worse",
            Decision::Broken => "; a side is wrong or missing",
            Decision::Cleared | Decision::Open => "",
        };
        let _ = writeln!(text, "  {}: {}{confirmed}", row.what, row.figures);
    }
    for skipped in left_out(gate) {
        let _ = writeln!(text, "  not compared: {}: {}", skipped.scenario, skipped.reason);
    }
    for note in &gate.notes {
        let _ = writeln!(text, "  note: {note}");
    }
    text
}

/// For a pull request: the verdict first, the rest folded.
pub fn markdown(gate: &Gate) -> String {
    let mut text = format!("**Performance: {}**\n\n", escape::markdown(&headline(gate)));
    for row in findings(gate) {
        let _ = writeln!(
            text,
            "- {}: {}: {}",
            word(row.decision),
            escape::markdown_code(&row.what),
            escape::markdown(&row.told())
        );
    }
    let history = gate.history.as_ref().map(|of| (of, history(of)));
    for creep in history.iter().flat_map(|(_, (creeps, _))| creeps) {
        let _ = writeln!(text, "- history: {}", escape::markdown(creep));
    }
    let short = |commit: &str| commit.get(..12).unwrap_or(commit).to_owned();
    let _ = writeln!(
        text,
        "\n<details><summary>{} against {}, built as: {}</summary>\n",
        escape::html(&format!("{} ({})", gate.head.name, short(&gate.head.commit))),
        escape::html(&format!("{} ({})", gate.base.name, short(&gate.base.commit))),
        escape::html(&gate.variant)
    );
    let rows = rows(gate);
    if !rows.is_empty() {
        text.push_str("| what | change | decision | limit | why |\n|---|---|---|---|---|\n");
    }
    for row in rows {
        let because = row.limit_reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {}{} | {} |",
            escape::markdown(&row.what),
            escape::markdown(&row.figures),
            word(row.decision),
            row.limit.map_or_else(|| "none".to_owned(), fraction),
            escape::markdown(&because),
            escape::markdown(row.why)
        );
    }
    text.push('\n');
    for skipped in left_out(gate) {
        let _ = writeln!(
            text,
            "- not compared: {}: {}",
            escape::markdown_code(&skipped.scenario),
            escape::markdown(&skipped.reason)
        );
    }
    for note in &gate.notes {
        let _ = writeln!(text, "- {}", escape::markdown(note));
    }
    if let Some((of, (_, steps))) = &history {
        for line in [reach(of)].iter().chain(steps).chain(&of.notes) {
            let _ = writeln!(text, "- history: {}", escape::markdown(line));
        }
    }
    text.push_str("\n</details>\n");
    text
}

/// A test report in the XML of `JUnit`: a case for each comparison; what is open is skipped, not passed.
pub fn junit(gate: &Gate) -> String {
    let mut cases = String::new();
    let (mut failures, mut errors, mut skipped) = (0, 0, 0);
    let rows = rows(gate);
    let all = rows.len();
    for row in rows {
        let figures = escape::html(&row.told());
        let inside = match row.decision {
            Decision::Cleared => String::new(),
            Decision::Regression => {
                failures += 1;
                format!("<failure message=\"{figures}\"/>")
            }
            Decision::Broken => {
                errors += 1;
                format!("<error message=\"{figures}\"/>")
            }
            Decision::Open => {
                skipped += 1;
                format!("<skipped message=\"{figures}\"/>")
            }
        };
        let _ = writeln!(
            cases,
            "  <testcase classname=\"gate\" name=\"{}\">{inside}</testcase>",
            escape::html(&row.what)
        );
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"gate\" tests=\"{all}\" failures=\"{failures}\" \
         errors=\"{errors}\" skipped=\"{skipped}\">\n{cases}</testsuite>\n"
    )
}

/// A line for each finding, as GitHub Actions reads it (workflow commands).
pub fn annotations(gate: &Gate) -> Vec<String> {
    let escaped = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| escaped(text).replace(':', "%3A").replace(',', "%2C");
    let line = |row: Row<'_>| {
        let level = if row.decision == Decision::Open { "warning" } else { "error" };
        let title = property(&format!("{}: {}", word(row.decision), row.what));
        format!("::{level} title={title}::{}", escaped(&row.told()))
    };
    findings(gate).into_iter().map(line).collect()
}
