//! Tables of profiles.

use crate::format::{bytes, count, duration, fraction};
use crate::sheet::{Column, Field, Sheet, Tone};
use harness::judge::profile::shares::{STANDARD_ERRORS, Time, changes, shares};
use harness::judge::profile::stacks;
use harness::judge::wire::profile::{HeapStory, Profile};

/// Rows of a table at most; below it is said how many there are.
pub(crate) const MOST: usize = 25;

const fn text(heading: &'static str) -> Column {
    Column { heading, numeric: false }
}

const fn number(heading: &'static str) -> Column {
    Column { heading, numeric: true }
}

/// A time with its sign, such as `+1.20 ms`.
fn signed(ns: f64) -> String {
    let plus = if ns > 0.0 { "+" } else { "" };
    format!("{plus}{}", duration(ns))
}

fn time(time: Time) -> Field {
    Field::figure(Some(time.ns), duration)
}

/// Functions by what they took, those with what they call first that took most; and how many there are.
pub(crate) fn functions(profile: &Profile) -> (Sheet, usize) {
    let folded = stacks::folded(profile);
    let samples = folded.samples().max(1) as f64;
    let columns = vec![
        text("function"),
        number("with what it calls"),
        number("by itself"),
        number("an iteration"),
        number("standard error"),
    ];
    let mut all: Vec<_> = shares(&folded).into_iter().collect();
    all.sort_by_key(|(name, share)| (std::cmp::Reverse((share.inclusive, share.own)), *name));
    let rows = all.iter().take(MOST).map(|(name, share)| {
        let of = Time::of(share.inclusive, &folded);
        vec![
            Field::name(name),
            Field::figure(Some(share.inclusive as f64 / samples), fraction),
            Field::figure(Some(share.own as f64 / samples), fraction),
            time(of),
            Field::figure(Some(of.error), duration),
        ]
    });
    (Sheet { columns, rows: rows.collect() }, all.len())
}

/// What each function changed, the largest inclusive change first; how many functions there are, and of how many the change of
/// their share is told apart from what samples alone would give.
pub(crate) fn differences(before: &Profile, after: &Profile) -> (Sheet, usize, usize) {
    let all = changes(&stacks::folded(before), &stacks::folded(after));
    let columns = vec![
        text("function"),
        number("before"),
        number("after"),
        number("change with what it calls"),
        number("change by itself"),
        number("share before"),
        number("share after"),
        number("± three errors"),
        text("past chance"),
    ];
    let told = all.iter().filter(|change| change.is_told_apart()).count();
    let rows = all.iter().take(MOST).map(|change| {
        let tone = match (change.is_told_apart(), change.share() > Some(0.0)) {
            (false, _) => Tone::Faint,
            (true, true) => Tone::More,
            (true, false) => Tone::Less,
        };
        let error = change.share_error().map(|error| STANDARD_ERRORS * error);
        vec![
            Field::name(&change.function),
            time(change.before),
            time(change.after),
            Field::figure(Some(change.inclusive_ns()), signed),
            Field::figure(Some(change.own_ns()), signed),
            Field::figure(change.part_before.share(), fraction),
            Field::figure(change.part_after.share(), fraction).toned(Some(tone)),
            Field::figure(error, fraction),
            Field::words(if change.is_told_apart() { "yes" } else { "no" }).toned(Some(tone)),
        ]
    });
    (Sheet { columns, rows: rows.collect() }, all.len(), told)
}

/// Lines that memory was asked for from.
pub(crate) fn sites(heap: &HeapStory) -> Sheet {
    let columns = vec![
        text("asked for in"),
        text("line"),
        number("bytes in all"),
        number("by itself"),
        number("allocations"),
        number("alive at the peak"),
        number("alive at the end"),
    ];
    let rows = heap.sites.iter().take(MOST).map(|site| {
        let line = match (site.frame.file.as_str(), site.frame.line) {
            ("", _) => "not known".to_owned(),
            (file, 0) => file.to_owned(),
            (file, line) => format!("{file}:{line}"),
        };
        let size = |of: u64| Field::figure(Some(of as f64), bytes);
        vec![
            Field::name(&site.frame.function),
            Field::name(&line),
            size(site.total_bytes),
            size(site.own_bytes),
            Field { value: Some(site.total_blocks as f64), ..Field::words(count(site.total_blocks)) },
            size(site.peak_bytes),
            size(site.end_bytes),
        ]
    });
    Sheet { columns, rows: rows.collect() }
}
