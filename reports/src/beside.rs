//! How fast scenarios are beside others of the run: limits and rivals.

use crate::escape::{shorten, visible};
use crate::format::times;
use crate::sheet::{Column, Field, Sheet};
use harness::judge::wire::results::{Beside, Results};

/// What the figures are.
pub(crate) const BESIDE: &str = "How many times as fast a scenario is as another on the same corpus: bytes per second divided by the other's, \
     paired by round, the median and its interval of at least 95 %. Limits are what can be read at all; rivals do the same work by \
     other means. No label: the programs are two, and not two builds of one.";

/// All of them, or those of the reference alone; nothing where there are none.
pub(crate) fn sheet(results: &Results, all_variants: bool) -> Option<Sheet> {
    let columns = ["scenario", "variant", "beside", "speed", "interval", "rounds"];
    let columns =
        columns.map(|heading| Column { heading, numeric: matches!(heading, "speed" | "rounds") }).into();
    let row = |one: &Beside| {
        vec![
            Field::name(&one.scenario),
            Field::name(&one.variant),
            Field::name(&one.other),
            Field { value: Some(one.speed), ..Field::words(times(one.speed)) },
            Field::words(interval(one)),
            Field { value: Some(one.rounds as f64), ..Field::words(one.rounds.to_string()) },
        ]
    };
    let shown = results.beside.iter().filter(|one| all_variants || one.variant == results.reference);
    let rows: Vec<_> = shown.map(row).collect();
    (!rows.is_empty()).then_some(Sheet { columns, rows })
}

/// For a terminal: a line for each, of the reference; empty where there are none.
pub(crate) fn lines(results: &Results, width: usize) -> Vec<String> {
    let of_reference = || results.beside.iter().filter(|one| one.variant == results.reference);
    let longest = |name: fn(&Beside) -> &str| {
        of_reference().map(|one| visible(name(one)).chars().count()).max().unwrap_or_default()
    };
    let (scenarios, others) = (longest(|one| &one.scenario), longest(|one| &one.other));
    let line = |one: &Beside| {
        let (scenario, other) = (visible(&one.scenario), visible(&one.other));
        let text = format!(
            "  {scenario:<scenarios$}  {:>7} as fast as {other:<others$}  [{}]",
            times(one.speed),
            interval(one)
        );
        shorten(&text, width)
    };
    let lines: Vec<String> = of_reference().map(line).collect();
    let Some(rounds) = of_reference().map(|one| one.rounds).min() else { return lines };
    let heading = format!("beside others, under {}, over {rounds} rounds", visible(&results.reference));
    std::iter::once(shorten(&heading, width)).chain(lines).collect()
}

fn interval(one: &Beside) -> String {
    format!("{} to {}", times(one.low), times(one.high))
}
