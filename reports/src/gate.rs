//! What a gate says: for a pull request, a terminal, a test report, an editor's margin.

use crate::escape;
use crate::format::{change, count, fraction, interval};
use harness::judge::wire::gate::{Decision, Exact, Gate, Judged, Verdict};
use std::fmt::Write;

/// What a comparison is called outside: `time of count/fast`.
fn name(judged: &Judged) -> String {
    format!("{} of {}", judged.metric, judged.scenario)
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
            format!("{} [{}], {}", change(figures.ratio), interval_of(figures.low, figures.high), last.label)
        }
        None => last.label.to_string(),
    }
}

fn interval_of(low: f64, high: f64) -> String {
    let text = interval(low, high);
    text.trim_matches(['[', ']']).to_owned()
}

fn exact_figures(exact: &Exact) -> String {
    let ratio = exact.head as f64 / exact.base.max(1) as f64;
    format!("{} to {}, {}", count(exact.base), count(exact.head), change(ratio))
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
        Verdict::Pass => match count(Decision::Open) {
            0 => format!("pass: nothing got slower or hungrier, in {all} comparisons"),
            open => format!("pass: nothing got slower or hungrier; {open} of {all} comparisons stayed open"),
        },
        Verdict::Regression => format!("regression: {worse} of {} got worse", all + gate.exact.len()),
        Verdict::Undecided => {
            format!("undecided: {} of {all} comparisons stayed open", count(Decision::Open))
        }
        Verdict::Broken => {
            format!("broken: {} of {all} comparisons have no figures", count(Decision::Broken))
        }
    }
}

/// What stands out, in the order of how much it matters: everything but what was cleared.
fn findings(gate: &Gate) -> impl Iterator<Item = (Decision, String, String)> {
    let order = [Decision::Broken, Decision::Regression, Decision::Open];
    order.into_iter().flat_map(|decision| {
        let exact = gate.exact.iter().filter(move |one| one.decision == decision);
        let judged = gate.judged.iter().filter(move |one| one.decision == decision);
        let judged = judged.map(move |one| {
            let figures = figures(one);
            let separator = if figures.is_empty() { "" } else { ": " };
            (decision, name(one), format!("{figures}{separator}{}", one.why))
        });
        exact.map(move |one| (decision, one.what.clone(), exact_figures(one))).chain(judged)
    })
}

/// For a terminal.
pub fn terminal(gate: &Gate) -> String {
    let mut text = format!("{}\n", headline(gate));
    for (decision, what, figures) in findings(gate) {
        let _ = writeln!(text, "  {:<10}  {what}: {figures}", word(decision));
    }
    for skipped in &gate.not_compared {
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
    for (decision, what, figures) in findings(gate) {
        let _ = writeln!(
            text,
            "- {}: {}: {}",
            word(decision),
            escape::markdown_code(&what),
            escape::markdown(&figures)
        );
    }
    let short = |commit: &str| commit.get(..12).unwrap_or(commit).to_owned();
    let _ = writeln!(
        text,
        "\n<details><summary>{} against {}, built as: {}</summary>\n",
        escape::html(&format!("{} ({})", gate.head.name, short(&gate.head.commit))),
        escape::html(&format!("{} ({})", gate.base.name, short(&gate.base.commit))),
        escape::html(&gate.variant)
    );
    if !gate.judged.is_empty() || !gate.exact.is_empty() {
        text.push_str("| what | change | decision | limit | why |\n|---|---|---|---|---|\n");
    }
    for one in &gate.exact {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | compared exactly |",
            escape::markdown(&one.what),
            escape::markdown(&exact_figures(one)),
            word(one.decision),
            fraction(one.limit)
        );
    }
    for one in &gate.judged {
        let because = one.limit_reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {}{} | {} |",
            escape::markdown(&name(one)),
            escape::markdown(&figures(one)),
            word(one.decision),
            fraction(one.limit),
            escape::markdown(&because),
            escape::markdown(&one.why)
        );
    }
    text.push('\n');
    for skipped in &gate.not_compared {
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
    text.push_str("\n</details>\n");
    text
}

/// A test report in the XML of `JUnit`: a case for each comparison; what is open is skipped, not passed.
pub fn junit(gate: &Gate) -> String {
    let mut cases = String::new();
    let (mut failures, mut errors, mut skipped) = (0, 0, 0);
    let exact = gate.exact.iter().map(|one| (one.decision, one.what.clone(), exact_figures(one)));
    let judged =
        gate.judged.iter().map(|one| (one.decision, name(one), format!("{}: {}", figures(one), one.why)));
    for (decision, what, figures) in exact.chain(judged) {
        let figures = escape::html(&figures);
        let inside = match decision {
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
            escape::html(&what)
        );
    }
    let all = gate.exact.len() + gate.judged.len();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"gate\" tests=\"{all}\" failures=\"{failures}\" \
         errors=\"{errors}\" skipped=\"{skipped}\">\n{cases}</testsuite>\n"
    )
}

/// A line for each finding, as GitHub Actions reads it (workflow commands).
pub fn annotations(gate: &Gate) -> Vec<String> {
    let escaped = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| escaped(text).replace(':', "%3A").replace(',', "%2C");
    let line = |(decision, what, figures): (Decision, String, String)| {
        let level = if decision == Decision::Open { "warning" } else { "error" };
        format!("::{level} title={}::{}", property(&format!("{}: {what}", word(decision))), escaped(&figures))
    };
    findings(gate).map(line).collect()
}
