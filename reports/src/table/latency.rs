//! The table of latencies, for a terminal: under each variant the idle loop.

use super::{Align, GAP, NARROWEST, READABLE_NAME, SHORTEST_NAME, Tone, tone_of};
use crate::escape::{shorten, visible};
use crate::format::{ABSENT, change, duration, fraction, plural};
use crate::row::{control_line, rows};
use crate::view::View;
use harness::judge::wire::results::{Comparison, LatencyFacts, Metric, ScenarioFacts};

/// Heading, alignment, and when it is given up for want of width (0: never, else the largest first).
const COLUMNS: [(&str, Align, u8); 8] = [
    ("variant", Align::Left, 0),
    ("p50", Align::Right, 0),
    ("p90", Align::Right, 4),
    ("p99", Align::Right, 0),
    ("p99.9", Align::Right, 3),
    ("max", Align::Right, 2),
    ("change", Align::Right, 1),
    ("label", Align::Left, 0),
];

/// What is behind a figure that is within the idle loop.
const WITHIN: &str = "*";

/// What the columns mean.
pub(super) const NOTES: [&str; 2] = [
    "latency: from when a record was due to the end of its work, over all visits; change: of p99. idle loop: the same without \
     work, in the same processes.",
    "*: less than twice what the idle loop shows: the machine may have made it.",
];

/// The columns from here on say what a comparison does.
const COMPARED: usize = 6;

/// A line: pieces of text, and what each says.
pub(super) type Line = Vec<(String, Tone)>;

/// What stands in the columns.
type Cells = [String; COLUMNS.len()];

/// The table, line by line, each at most `width` characters; empty where no latency was read.
pub(super) fn lines(view: &View<'_>, width: usize) -> Vec<Line> {
    let width = width.max(NARROWEST);
    let scenarios: Vec<(&ScenarioFacts, Vec<Entry<'_>>)> = view
        .scenarios()
        .iter()
        .map(|scenario| (scenario, entries(view, &scenario.name)))
        .filter(|(_, entries)| !entries.is_empty())
        .collect();
    if scenarios.is_empty() {
        return Vec::new();
    }
    let cells: Vec<[Cells; 2]> =
        scenarios.iter().flat_map(|(_, entries)| entries).map(Entry::cells).collect();
    let widths = widths(cells.as_flattened(), width);
    let line = |text: String, tone| vec![(shorten(text.trim_end(), width), tone)];
    let mut all = vec![line(set(&COLUMNS.map(|column| column.0.to_owned()), &widths), Tone::Faint)];
    let mut cells = cells.iter();
    for (scenario, entries) in scenarios {
        all.push(line(String::new(), Tone::Plain));
        let rate = entries.first().map_or(0, |entry| entry.facts.rate);
        let arrivals = plural(rate, "arrival", "arrivals");
        all.push(line(format!("{}  {arrivals} a second", visible(&scenario.name)), Tone::Heading));
        for (entry, [work, idle]) in entries.iter().zip(&mut cells) {
            let (figures, compared) = work.split_at(COMPARED);
            let figures = shorten(&set(figures, &widths), width);
            let compared = set_from(COMPARED, compared, &widths);
            let compared = shorten(compared.trim_end(), width - figures.chars().count());
            all.push(vec![(figures, Tone::Plain), (compared, entry.tone())]);
            all.push(line(set(idle, &widths), Tone::Faint));
            if entry.facts.overloaded {
                let busy = fraction(entry.facts.busy);
                let told =
                    format!("    overloaded: the work took {busy} of the time, so the queue only grew");
                all.push(line(told, Tone::Doubt));
            }
        }
        if let Some(control) = control_line(view, &scenario.name, Metric::Latency) {
            all.push(line(format!("  {control}"), Tone::Faint));
        }
    }
    all
}

/// A variant in a scenario.
struct Entry<'a> {
    variant: &'a str,
    is_reference: bool,
    facts: &'a LatencyFacts,
    comparison: Option<&'a Comparison>,
}

/// Those that have figures of their own; what another's figures stand for is told in the table of times.
fn entries<'a>(view: &View<'a>, scenario: &str) -> Vec<Entry<'a>> {
    let with_facts = rows(view, scenario).into_iter().filter_map(|row| {
        Some(Entry {
            variant: row.variant,
            is_reference: row.is_reference,
            facts: view.latency(scenario, row.variant)?,
            comparison: view.comparison(scenario, row.variant, Metric::Latency).filter(|_| !row.is_reference),
        })
    });
    with_facts.collect()
}

impl Entry<'_> {
    /// The line of the work and that of the idle loop.
    fn cells(&self) -> [Cells; 2] {
        let (work, idle) = (self.facts.work.all(), self.facts.idle.all());
        let figure = |at: usize| {
            let within = LatencyFacts::is_within_idle(work[at], idle[at]);
            // The mark has a place of its own, so that figures stand under one another.
            format!("{}{}", duration(work[at] as f64), if within { WITHIN } else { " " })
        };
        let idle_loop = |at: usize| format!("{} ", duration(idle[at] as f64));
        let figures = self.comparison.and_then(|comparison| comparison.figures.as_ref());
        let changed = match (self.is_reference, figures) {
            (true, _) => String::new(),
            (false, figures) => figures.map_or_else(|| ABSENT.to_owned(), |figures| change(figures.ratio)),
        };
        let label = match (self.is_reference, self.comparison) {
            (true, _) => "reference",
            (false, comparison) => comparison.map_or(ABSENT, |comparison| comparison.label.name()),
        };
        let name = visible(self.variant);
        [
            [name, figure(0), figure(1), figure(2), figure(3), figure(4), changed, label.to_owned()],
            [
                "  idle loop".to_owned(),
                idle_loop(0),
                idle_loop(1),
                idle_loop(2),
                idle_loop(3),
                idle_loop(4),
                String::new(),
                String::new(),
            ],
        ]
    }

    fn tone(&self) -> Tone {
        if self.is_reference { Tone::Faint } else { tone_of(self.comparison) }
    }
}

/// Widths of the columns; 0 for one that is left out.
fn widths(cells: &[Cells], width: usize) -> [usize; COLUMNS.len()] {
    let mut widths = COLUMNS.map(|column| column.0.chars().count());
    for row in cells {
        for (width, text) in widths.iter_mut().zip(row) {
            *width = (*width).max(text.chars().count());
        }
    }
    let excess = |widths: &[usize]| {
        let used: usize = widths.iter().filter(|width| **width > 0).map(|width| width + GAP).sum();
        used.saturating_sub(width)
    };
    let longest = widths[0];
    for rank in (0..=4).rev() {
        let least = if rank > 0 { READABLE_NAME } else { SHORTEST_NAME };
        widths[0] = longest.saturating_sub(excess(&widths)).max(least.min(longest));
        if excess(&widths) == 0 {
            break;
        }
        widths[0] = longest;
        for (width, column) in widths.iter_mut().zip(COLUMNS) {
            if rank > 0 && column.2 == rank {
                *width = 0;
            }
        }
        if rank == 0 {
            widths[0] = least.min(longest);
        }
    }
    widths
}

/// The cells of a line in their places.
fn set(cells: &[String], widths: &[usize]) -> String {
    set_from(0, cells, widths)
}

/// The same of the columns from `first` on.
fn set_from(first: usize, cells: &[String], widths: &[usize]) -> String {
    let mut text = String::new();
    for ((cell, &width), column) in cells.iter().zip(&widths[first..]).zip(&COLUMNS[first..]) {
        if width > 0 {
            let cell = shorten(cell, width);
            let room = " ".repeat(width - cell.chars().count());
            let (before, after) =
                if column.1 == Align::Right { (room.as_str(), "") } else { ("", room.as_str()) };
            text.extend([" ".repeat(GAP).as_str(), before, cell.as_str(), after]);
        }
    }
    text
}
