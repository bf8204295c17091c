//! Memory over time: the heap as dhat saw it, and resident memory as the kernel counts it.

use super::axis::Axis;
use super::canvas::{Canvas, Drawn, Look, Mark, Side};
use super::frame::{Frame, MARGIN, grid};
use super::ink::Ink;
use super::style::Style;
use super::{Chart, ChartError};
use crate::format::{byte_unit, bytes, duration, duration_unit, plural};
use crate::profiles::words::lagging;
use crate::profiles::{most_resident, source};
use harness::judge::wire::profile::{Memory, Series};

const HEIGHT: f64 = 220.0;
const SCALE: f64 = 74.0;
/// Points that fall into one column of so many pixels are drawn as the largest of them.
const COLUMN: f64 = 2.0;

type Points = Vec<(f64, f64)>;

/// What is drawn over an axis.
struct Plot {
    lines: Vec<(Ink, Points)>,
    /// A level that is marked, and what it is.
    level: Option<(f64, &'static str)>,
    /// Where the measured part begins and ends.
    measured: Option<(f64, f64)>,
    unit: fn(f64) -> (f64, &'static str),
    along: &'static str,
}

/// Bytes alive on the heap, over the bytes that were asked for so far: that does not depend on how much dhat slows down.
///
/// # Errors
/// The heap was not read there, or was never looked at.
pub fn heap_over_time(memory: &Memory, style: &Style) -> Result<Chart, ChartError> {
    let heap = memory.heap.as_ref().ok_or_else(|| nothing("the heap was not read"))?;
    let mut alive: Points =
        heap.series.points.iter().map(|&(_, all, alive)| (all as f64, alive as f64)).collect();
    if alive.is_empty() {
        return Err(nothing("the work was over before the heap was looked at"));
    }
    // What dhat counts exactly at the end is the last point.
    alive.push((heap.reading.total_bytes as f64, heap.reading.end_bytes as f64));
    let title = format!("Heap of {} · {}", memory.scenario, memory.variant);
    let note = format!(
        "Bytes alive, over all bytes asked for so far, in one iteration, as dhat counts them: what passes through Rust's \
         allocator, from the measured part on. {}; the peak is exact: {} in {}.",
        plural(heap.series.points.len() as u64, "look", "looks"),
        bytes(heap.reading.peak_bytes as f64),
        plural(heap.reading.peak_blocks, "allocation", "allocations"),
    );
    let plot = Plot {
        lines: vec![(Ink::Heap, alive)],
        level: Some((heap.reading.peak_bytes as f64, "peak")),
        measured: None,
        unit: byte_unit,
        along: "asked for so far",
    };
    draw(memory, style, title, note, vec![(Mark::Block(Ink::Heap), "bytes alive".to_owned())], &plot)
}

/// Resident bytes over time, from before the set-up to the end of the measured part.
///
/// # Errors
/// Resident memory was not read there, or was never looked at.
pub fn rss_over_time(memory: &Memory, style: &Style) -> Result<Chart, ChartError> {
    let rss = memory.rss.as_ref().ok_or_else(|| nothing("resident memory was not read"))?;
    let Series { began_ns, ended_ns, points } = &rss.series;
    if points.is_empty() {
        return Err(nothing("the work was over before its memory was looked at"));
    }
    let anon = points.iter().map(|&(at, anon, _)| (at as f64, anon as f64)).collect();
    let all = points.iter().map(|&(at, anon, file)| (at as f64, (anon + file) as f64)).collect();
    let title = format!("Resident memory of {} · {}", memory.scenario, memory.variant);
    let reset = if rss.reading.peak_was_reset {
        "of the measured part"
    } else {
        "of the whole process (the kernel would not reset it)"
    };
    let most = most_resident(rss);
    let lagging = lagging(rss).map(|words| format!(" {words}")).unwrap_or_default();
    let note = format!(
        "What the kernel holds for the process, looked at {} by a thread of its own in a process that is not timed; the \
         measured part took {}. The dashed level is the high-water mark {reset}: {}.{lagging} What lies before the \
         measured part is the set-up, and belongs to no figure of the variant.",
        if points.len() == 1 { "once".to_owned() } else { format!("{} times", points.len()) },
        duration(ended_ns.saturating_sub(*began_ns) as f64),
        bytes(most as f64),
    );
    let plot = Plot {
        lines: vec![(Ink::Rss, all), (Ink::Anon, anon)],
        level: Some((most as f64, "high-water mark")),
        measured: Some((*began_ns as f64, *ended_ns as f64)),
        unit: duration_unit,
        along: "since before the set-up",
    };
    let legend = vec![
        (Mark::Block(Ink::Anon), "anonymous".to_owned()),
        (Mark::Block(Ink::Rss), "with pages of files".to_owned()),
        (Mark::Block(Ink::Floor), "measured part".to_owned()),
    ];
    draw(memory, style, title, note, legend, &plot)
}

fn nothing(why: &str) -> ChartError {
    ChartError::Nothing(why.to_owned())
}

fn draw(
    memory: &Memory,
    style: &Style,
    title: String,
    note: String,
    legend: Vec<(Mark, String)>,
    plot: &Plot,
) -> Result<Chart, ChartError> {
    let stem = crate::profiles::stem(&memory.scenario, &memory.variant);
    let source =
        vec![source(&memory.origin), format!("{} · corpus {}", memory.origin.build, memory.origin.corpus)];
    let frame = Frame { about: format!("{title}: {note}"), note, title, legend, source, body: HEIGHT + 62.0 };
    frame.chart(style, stem, |canvas, top| body(canvas, plot, style.width(), top + 10.0))
}

fn body(canvas: &mut Canvas<'_>, plot: &Plot, wide: f64, top: f64) -> Drawn {
    let (left, right, bottom) = (MARGIN + SCALE, wide - MARGIN - 12.0, top + HEIGHT);
    let points = || plot.lines.iter().flat_map(|(_, points)| points);
    let ends = plot.measured.map(|(_, to)| to);
    let along = Axis::from_zero(points().map(|p| p.0).chain(ends), left, right);
    let levels = plot.level.map(|(level, _)| level);
    let up = Axis::from_zero(points().map(|p| p.1).chain(levels), bottom, top);
    if let Some((from, to)) = plot.measured {
        let (from, to) = (along.place(from), along.place(to));
        canvas.block((from, top), (to - from).max(1.0), HEIGHT, Ink::Floor)?;
    }
    let ticks = along.labelled(7, plot.unit);
    let ticks: Vec<(f64, String)> = ticks.into_iter().map(|(v, label)| (along.place(v), label)).collect();
    grid(canvas, &ticks, (top, bottom), false)?;
    for (value, label) in up.labelled(5, byte_unit) {
        let y = up.place(value);
        canvas.line((left, y), (right, y), Ink::Grid, 1.0)?;
        canvas.text((left - 8.0, y), &label, Look::new(11.5, Ink::Muted).at(Side::Right))?;
    }
    for (ink, points) in &plot.lines {
        let placed = points.iter().map(|&(x, y)| (along.place(x), up.place(y)));
        let steps = columns(placed);
        for pair in steps.windows(2) {
            canvas.line(pair[0], pair[1], *ink, 1.8)?;
        }
        if let [only] = steps.as_slice() {
            canvas.dot(*only, 3.0, *ink, 1.0)?;
        }
    }
    if let Some((level, name)) = plot.level {
        let y = up.place(level);
        let mut x = left;
        while x < right {
            canvas.line((x, y), ((x + 5.0).min(right), y), Ink::More, 1.2)?;
            x += 9.0;
        }
        // What it is the most of lies below it.
        canvas.text((right - 4.0, y - 9.0), name, Look::new(11.5, Ink::More).at(Side::Right))?;
    }
    let look = Look::new(11.5, Ink::Muted).at(Side::Middle);
    canvas.text((f64::midpoint(left, right), bottom + 34.0), plot.along, look)
}

/// One point for each column of pixels: the highest, which lies at the least y, so that no peak is lost.
fn columns(points: impl Iterator<Item = (f64, f64)>) -> Points {
    let mut kept: Points = Vec::new();
    for (x, y) in points {
        match kept.last_mut() {
            Some(last) if x - last.0 < COLUMN => last.1 = last.1.min(y),
            _ => kept.push((x, y)),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::columns;

    #[test]
    fn a_peak_between_two_columns_is_kept() {
        let points = [(0.0, 9.0), (0.5, 1.0), (1.0, 9.0), (5.0, 8.0)];
        assert_eq!(columns(points.into_iter()), [(0.0, 1.0), (5.0, 8.0)]);
    }
}
