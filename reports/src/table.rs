//! The table at the end of a run, for a terminal.

mod latency;

use crate::escape::{shorten, visible};
use crate::format::{ABSENT, bytes, duration};
use crate::row::{Row, control_line, extent, rows};
use crate::view::View;
use harness::judge::label::Label;
use harness::judge::wire::results::{Comparison, Metric, Results, ScenarioFacts};

/// The narrowest width that is honoured; below it lines are cut there.
const NARROWEST: usize = 40;
const GAP: usize = 2;
/// What names are cut to before a column is given up for them, and after.
const READABLE_NAME: usize = 16;
const SHORTEST_NAME: usize = 10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Align {
    Left,
    Right,
}

/// A column: heading, alignment, and when it is given up for want of width (0: never, else the largest first).
#[derive(Clone, Copy)]
struct Column {
    heading: &'static str,
    align: Align,
    expendable: u8,
    text: fn(&Row<'_>) -> String,
}

const COLUMNS: [Column; 8] = [
    Column { heading: "variant", align: Align::Left, expendable: 0, text: name },
    Column { heading: "time", align: Align::Right, expendable: 0, text: time },
    Column { heading: "speed", align: Align::Right, expendable: 4, text: |r| or_absent(r.throughput()) },
    Column { heading: "change", align: Align::Right, expendable: 0, text: |r| or_blank(r, r.change()) },
    Column { heading: "interval", align: Align::Right, expendable: 2, text: |r| or_blank(r, r.interval()) },
    Column { heading: "label", align: Align::Left, expendable: 0, text: |r| r.label_text().to_owned() },
    Column { heading: "anon", align: Align::Right, expendable: 3, text: anon },
    Column { heading: "rss", align: Align::Right, expendable: 1, text: rss },
];

fn name(row: &Row<'_>) -> String {
    visible(row.variant)
}

fn time(row: &Row<'_>) -> String {
    or_absent(row.time.map(|cell| duration(cell.summary.median)))
}

fn anon(row: &Row<'_>) -> String {
    or_absent(row.memory.map(|m| bytes(m.growth_anon as f64)))
}

fn rss(row: &Row<'_>) -> String {
    or_absent(row.memory.map(|m| bytes(m.growth as f64)))
}

fn or_absent(text: Option<String>) -> String {
    text.unwrap_or_else(|| ABSENT.to_owned())
}

/// The reference is not compared with itself: nothing is missing there.
fn or_blank(row: &Row<'_>, text: Option<String>) -> String {
    if row.is_reference { String::new() } else { or_absent(text) }
}

/// What a piece of text says, for its colour.
#[derive(Clone, Copy)]
enum Tone {
    Heading,
    Faint,
    Less,
    More,
    Doubt,
    Plain,
}

struct Paint(bool);

impl Paint {
    fn put(&self, out: &mut String, text: &str, tone: Tone) {
        let code = match tone {
            Tone::Heading => "1",
            Tone::Faint => "2",
            Tone::Less => "32",
            Tone::More => "31",
            Tone::Doubt => "33",
            Tone::Plain => "",
        };
        if self.0 && !code.is_empty() && !text.trim().is_empty() {
            out.push_str("\x1b[");
            out.push_str(code);
            out.push('m');
            out.push_str(text);
            out.push_str("\x1b[0m");
        } else {
            out.push_str(text);
        }
    }
}

/// The table of `results` in at most `width` columns (at least 40), with ANSI colours where `color` is set.
///
/// Every scenario has a heading, a row per variant with the reference first, and a line that says what the control did.
/// Where the width does not suffice, columns are left out (throughput first) and then names are shortened.
pub fn terminal(results: &Results, width: usize, color: bool) -> String {
    let width = width.max(NARROWEST);
    let view = View::new(results);
    let groups: Vec<(&ScenarioFacts, Vec<Row<'_>>)> =
        results.scenarios.iter().map(|s| (s, rows(&view, &s.name))).collect();
    if groups.is_empty() {
        return "No scenario was measured.\n".to_owned();
    }
    let cells: Vec<Vec<Vec<String>>> =
        groups.iter().map(|(_, rows)| rows.iter().map(|row| fields(row)).collect()).collect();
    let layout = layout(&cells, width);
    let paint = Paint(color);
    let mut out = String::new();
    line(&mut out, &layout, &COLUMNS.map(|c| c.heading.to_owned()), |_| Tone::Faint, &paint);
    for ((scenario, rows), cells) in groups.iter().zip(&cells) {
        out.push('\n');
        heading(&mut out, scenario, width, &paint);
        for (row, cells) in rows.iter().zip(cells) {
            match row.twin {
                Some(twin) => twin_line(&mut out, &layout, cells, twin, width, &paint),
                None => line(&mut out, &layout, cells, |column| tone(row, column), &paint),
            }
        }
        if let Some(control) = control_line(&view, &scenario.name, Metric::Time) {
            paint.put(&mut out, &shorten(&format!("  {control}"), width), Tone::Faint);
            out.push('\n');
        }
    }
    out.push('\n');
    let latencies = latency::lines(&view, width);
    for line in &latencies {
        for (text, tone) in line {
            paint.put(&mut out, text, *tone);
        }
        out.push('\n');
    }
    if !latencies.is_empty() {
        out.push('\n');
    }
    let beside = crate::beside::lines(results, width);
    for line in &beside {
        out.push_str(line);
        out.push('\n');
    }
    if !beside.is_empty() {
        out.push('\n');
    }
    for note in notes(results) {
        for wrapped in wrap(&note, width) {
            paint.put(&mut out, &wrapped, Tone::Faint);
            out.push('\n');
        }
    }
    out
}

/// What stands in the columns. A twin has nothing of its own but its name.
fn fields(row: &Row<'_>) -> Vec<String> {
    if row.twin.is_some() { vec![name(row)] } else { COLUMNS.iter().map(|c| (c.text)(row)).collect() }
}

/// The line of a variant whose figures stand in another's line.
fn twin_line(
    out: &mut String,
    layout: &[usize; COLUMNS.len()],
    cells: &[String],
    twin: &str,
    width: usize,
    paint: &Paint,
) {
    let mut name = String::new();
    line(&mut name, layout, cells, |_| Tone::Plain, &Paint(false));
    let name = name.trim_end();
    let used = name.chars().count() + GAP;
    out.push_str(name);
    out.push_str("  ");
    let same = format!("the same binary as {twin}");
    paint.put(out, &shorten(&same, width.saturating_sub(used)), Tone::Faint);
    out.push('\n');
}

fn notes(results: &Results) -> Vec<String> {
    let of_latency = if results.latency.is_empty() { &[][..] } else { &latency::NOTES };
    let counted = |metric: &str| results.provenance.blocks.get(metric).map(u32::to_string);
    let blocks = counted("clock").map_or_else(String::new, |n| format!(" over {n} blocks"));
    let own = [
        format!(
            "time: median of fresh processes{blocks}. change: against {}, median of the ratios paired by block; \
             below zero it takes less. interval: in percent, at least 95 %.",
            visible(&results.reference)
        ),
        "anon, rss: growth of the resident peak over what was there before; anonymous pages, all pages."
            .to_owned(),
    ];
    own.into_iter().chain(of_latency.iter().map(|note| (*note).to_owned())).collect()
}

/// `text` in lines of at most `width` characters, broken at spaces, though not between a figure and its `%`.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match words.last_mut().filter(|_| word.starts_with('%')) {
            Some(figure) => figure.extend([" ", word]),
            None => words.push(word.to_owned()),
        }
    }
    let mut lines = vec![String::new()];
    for word in words {
        let word = shorten(&word, width);
        let Some(line) = lines.last_mut() else { break };
        let used = line.chars().count();
        if used == 0 {
            *line = word;
        } else if used + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(&word);
        } else {
            lines.push(word);
        }
    }
    lines
}

/// Widths of the columns; 0 for one that is left out.
fn layout(cells: &[Vec<Vec<String>>], width: usize) -> [usize; COLUMNS.len()] {
    let mut widths = COLUMNS.map(|c| c.heading.chars().count());
    let mut found = [false; COLUMNS.len()];
    for row in cells.iter().flatten() {
        for ((width, found), text) in widths.iter_mut().zip(&mut found).zip(row) {
            *width = (*width).max(text.chars().count());
            *found |= !text.is_empty() && text != ABSENT;
        }
    }
    for ((width, found), column) in widths.iter_mut().zip(found).zip(COLUMNS) {
        if !found && column.expendable > 0 {
            *width = 0;
        }
    }
    let total =
        |widths: &[usize; COLUMNS.len()]| widths.iter().filter(|w| **w > 0).map(|w| w + GAP).sum::<usize>();
    // Names give way first down to a readable length, then columns, then names again.
    let shrink = |widths: &mut [usize; COLUMNS.len()], least: usize| {
        let excess = total(widths).saturating_sub(width);
        let name = widths[0];
        widths[0] = name.saturating_sub(excess).max(least.min(name));
    };
    for rank in (1..=4).rev() {
        if total(&widths) <= width {
            break;
        }
        let mut tight = widths;
        shrink(&mut tight, READABLE_NAME);
        if total(&tight) <= width {
            return tight;
        }
        for (column_width, column) in widths.iter_mut().zip(COLUMNS) {
            if column.expendable == rank {
                *column_width = 0;
            }
        }
    }
    shrink(&mut widths, SHORTEST_NAME);
    // What is left is cut where it is widest.
    while total(&widths) > width {
        match widths.iter_mut().max() {
            Some(widest) if *widest > 1 => *widest -= 1,
            _ => break,
        }
    }
    widths
}

fn heading(out: &mut String, scenario: &ScenarioFacts, width: usize, paint: &Paint) {
    let name = shorten(&scenario.name, width);
    let kind = if scenario.whole_command { ", whole command" } else { "" };
    let extent = format!("{}{kind}", extent(scenario));
    paint.put(out, &name, Tone::Heading);
    let used = name.chars().count() + GAP;
    if used + extent.chars().count() <= width {
        out.push_str("  ");
        paint.put(out, &extent, Tone::Faint);
    }
    out.push('\n');
}

fn line(
    out: &mut String,
    layout: &[usize; COLUMNS.len()],
    cells: &[String],
    tone: impl Fn(usize) -> Tone,
    paint: &Paint,
) {
    let mut spaces = 0;
    for (i, ((&width, column), text)) in layout.iter().zip(COLUMNS).zip(cells).enumerate() {
        if width == 0 {
            continue;
        }
        let text = shorten(text, width);
        let room = width - text.chars().count();
        let (before, after) = if column.align == Align::Right { (room, 0) } else { (0, room) };
        spaces += GAP + before;
        if !text.is_empty() {
            out.extend(std::iter::repeat_n(' ', spaces));
            paint.put(out, &text, tone(i));
            spaces = 0;
        }
        spaces += after;
    }
    out.push('\n');
}

fn tone(row: &Row<'_>, column: usize) -> Tone {
    let heading = COLUMNS.get(column).map_or("", |c| c.heading);
    if row.is_reference {
        return if heading == "label" { Tone::Faint } else { Tone::Plain };
    }
    if !matches!(heading, "change" | "interval" | "label") {
        return Tone::Plain;
    }
    if row.comparison.is_none() && row.time.is_none() { Tone::Doubt } else { tone_of(row.comparison) }
}

/// What a comparison says, for its colour.
fn tone_of(comparison: Option<&Comparison>) -> Tone {
    match comparison.map(|comparison| (comparison.label, comparison.figures.as_ref())) {
        Some((Label::Invalid | Label::Unstable, _)) => Tone::Doubt,
        Some((label, Some(figures))) if label.tells_apart() => {
            if figures.ratio < 1.0 {
                Tone::Less
            } else {
                Tone::More
            }
        }
        _ => Tone::Faint,
    }
}
