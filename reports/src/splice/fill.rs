//! A table of the writer's own, in which the figures of a run are filled in.
//!
//! A row names its scenario in the column `scenario`, as code. Cells below the headings of [`COLUMNS`] are made anew,
//! under the reference variant; all other cells are the writer's. What is in the column `other`, as code, is the scenario
//! that the column `beside` is about in that row; without that column it is about all others.

use super::Wish;
use crate::escape::markdown;
use crate::format::{ABSENT, bytes, duration, record_rate, times};
use crate::view::View;
use harness::judge::wire::results::{Metric, ScenarioFacts};
use std::fmt::Write as _;

/// What is told of a scenario, or of it beside another.
type Figure = fn(&View<'_>, &ScenarioFacts, Option<&str>) -> Option<String>;

/// Headings and what stands below them.
const COLUMNS: [(&str, Figure); 6] = [
    ("time", |view, scenario, _| Some(duration(median(view, scenario, Metric::Time)?))),
    ("records a second", |view, scenario, _| {
        Some(record_rate(scenario.records as f64 * 1e9 / median(view, scenario, Metric::Time)?))
    }),
    ("memory", |view, scenario, _| Some(bytes(median(view, scenario, Metric::Anon)?))),
    ("memory a record", |view, scenario, _| {
        Some(bytes(median(view, scenario, Metric::Anon)? / scenario.records as f64))
    }),
    ("p99", |view, scenario, _| {
        let facts = view.latency(&scenario.name, view.reference())?;
        Some(if facts.overloaded { "overloaded".to_owned() } else { duration(facts.work.p99_ns as f64) })
    }),
    ("beside", |view, scenario, other| {
        let all = view.results.beside.iter().filter(|one| {
            one.scenario == scenario.name
                && one.variant == view.reference()
                && other.is_none_or(|other| one.other == other)
        });
        let all: Vec<String> = all.map(|one| times(one.speed)).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }),
];

fn median(view: &View<'_>, scenario: &ScenarioFacts, metric: Metric) -> Option<f64> {
    Some(view.cell(&scenario.name, view.reference(), metric)?.summary.median)
}

/// The table in `old` with its figures made anew.
///
/// # Errors
/// There is no table, it has no column `scenario` or none to be filled, or it names a scenario that the run lacks.
pub(super) fn filled(wish: &Wish<'_>, old: &str, view: &View<'_>) -> Result<String, String> {
    let mut rows = old.lines().map(str::trim).skip_while(|line| !line.starts_with('|'));
    let mut rows = rows.by_ref().take_while(|line| line.starts_with('|'));
    let known = || COLUMNS.map(|(heading, _)| heading).join(", ");
    let head = rows.next().ok_or_else(|| {
        format!(
            "a table stands between the markers of {:?}, with the columns scenario and any of: {}",
            wish.what,
            known()
        )
    })?;
    let headings = cells(head);
    let column = |name| headings.iter().position(|heading| *heading == name);
    let other = column("other");
    let named = column("scenario")
        .ok_or("the table has no column \"scenario\", which names the scenario of each row")?;
    let figures: Vec<Option<Figure>> = headings
        .iter()
        .map(|heading| COLUMNS.iter().find(|(known, _)| known == heading).map(|(_, figure)| *figure))
        .collect();
    if figures.iter().all(Option::is_none) {
        return Err(format!("the table has no column to be filled; it can have: {}", known()));
    }
    let mut out = format!("{head}\n");
    let line = rows.next().ok_or("the table has no line below its headings")?;
    let _ = writeln!(out, "{line}");
    for row in rows {
        let old = cells(row);
        let code = |at: usize| old.get(at).map(|cell| cell.trim_matches('`')).unwrap_or_default();
        let known = |name| {
            view.scenario(name).ok_or_else(|| {
                format!("run {:?} has no scenario {name:?}, which a row names", view.results.provenance.run)
            })
        };
        let scenario = known(code(named))?;
        let other = other.map(|at| known(code(at))).transpose()?.map(|other| other.name.as_str());
        let cell = |(at, figure): (usize, &Option<Figure>)| match figure {
            Some(figure) => markdown(&figure(view, scenario, other).unwrap_or_else(|| ABSENT.to_owned())),
            None => old.get(at).copied().unwrap_or_default().to_owned(),
        };
        let new: Vec<String> = figures.iter().enumerate().map(cell).collect();
        let _ = writeln!(out, "| {} |", new.join(" | "));
    }
    out.push('\n');
    Ok(out)
}

/// The cells of a row. A bar in a cell is written `\|`.
fn cells(row: &str) -> Vec<&str> {
    let row = row.strip_prefix('|').unwrap_or(row);
    let row = row.strip_suffix('|').unwrap_or(row);
    let mut cells = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, byte) in row.bytes().enumerate() {
        if byte == b'|' && !escaped {
            cells.push(row[start..at].trim());
            start = at + 1;
        }
        escaped = byte == b'\\' && !escaped;
    }
    cells.push(row[start..].trim());
    cells
}
