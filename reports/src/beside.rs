//! How fast scenarios are beside others of the run: limits and rivals.

use crate::escape::{shorten, visible};
use crate::format::{ABSENT, plural, times};
use crate::sheet::{Column, Field, Sheet};
use harness::judge::wire::results::{Beside, Results};

/// What the figures are where all have their intervals.
const BESIDE: &str = "How many times as fast a scenario is as another on the same corpus: bytes per second divided by the other's, \
     paired by round, the median and its interval of at least 95 %. Limits are what can be read at all; rivals do the same work by \
     other means. No label: the programs are two, and not two builds of one.";

/// Why there is none.
const TOO_FEW: &str = "too few rounds for an interval";

/// What the figures of [`sheet`] are.
pub(crate) fn about(results: &Results, all_variants: bool) -> String {
    let is_bare = shown(results, all_variants).any(|one| one.interval().is_none());
    if is_bare {
        format!("{BESIDE} Where no interval stands there were {TOO_FEW}.")
    } else {
        BESIDE.to_owned()
    }
}

fn shown(results: &Results, all_variants: bool) -> impl Iterator<Item = &Beside> {
    results.beside.iter().filter(move |one| all_variants || one.variant == results.reference)
}

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
            Field::words(interval(one).unwrap_or_else(|| ABSENT.to_owned())),
            Field { value: Some(one.rounds as f64), ..Field::words(one.rounds.to_string()) },
        ]
    };
    let rows: Vec<_> = shown(results, all_variants).map(row).collect();
    (!rows.is_empty()).then_some(Sheet { columns, rows })
}

/// For a terminal: a line for each, of the reference; empty where there are none.
pub(crate) fn lines(results: &Results, width: usize) -> Vec<String> {
    let of_reference = || shown(results, false);
    let longest = |name: fn(&Beside) -> &str| {
        of_reference().map(|one| visible(name(one)).chars().count()).max().unwrap_or_default()
    };
    let (scenarios, others) = (longest(|one| &one.scenario), longest(|one| &one.other));
    let line = |one: &Beside| {
        let (scenario, other) = (visible(&one.scenario), visible(&one.other));
        let interval = interval(one).map(|interval| format!("[{interval}]")).unwrap_or_default();
        let text = format!(
            "  {scenario:<scenarios$}  {:>7} as fast as {other:<others$}  {interval}",
            times(one.speed)
        );
        shorten(text.trim_end(), width)
    };
    let lines: Vec<String> = of_reference().map(line).collect();
    let rounds = || of_reference().map(|one| one.rounds);
    let Some((fewest, most)) = rounds().min().zip(rounds().max()) else { return lines };
    let fewest = if fewest < most { format!("{fewest} to ") } else { String::new() };
    let rounds = plural(most as u64, "round", "rounds");
    let heading = format!("beside others, under {}, over {fewest}{rounds}", visible(&results.reference));
    let is_bare = of_reference().any(|one| one.interval().is_none());
    let note = is_bare.then(|| shorten(&format!("  where no interval stands: {TOO_FEW}"), width));
    std::iter::once(shorten(&heading, width)).chain(lines).chain(note).collect()
}

fn interval(one: &Beside) -> Option<String> {
    one.interval().map(|(low, high)| format!("{} to {}", times(low), times(high)))
}
