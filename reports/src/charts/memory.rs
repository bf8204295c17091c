//! Heap and resident memory side by side: two instruments, two blind spots, and what neither explains.

use super::axis::Axis;
use super::canvas::{Canvas, Drawn, Look, Mark, Side};
use super::frame::{
    BODY, Frame, MARGIN, NAME_LIMIT, counted, grid, mark_of, measured, name_column, paginate,
};
use super::ink::Ink;
use super::style::Style;
use super::{Chart, ChartError, numbered};
use crate::escape::shorten;
use crate::format::{byte_unit, bytes, fraction, signed_bytes};
use crate::provenance;
use crate::view::View;
use harness::judge::evaluate::ONE_PAGE;
use harness::judge::wire::results::{Comparison, HeapFacts, MemoryFacts, Metric, Results, ScenarioFacts};
use std::fmt::Write as _;

const HEADING: f64 = 32.0;
const ROW: f64 = 34.0;
const BAR: f64 = 8.0;
const AXIS: f64 = 30.0;
/// Room on the right for the figures.
const FIGURES: f64 = 250.0;
/// Rows of one picture, before another is begun.
const ROWS_PER_PICTURE: usize = 56;

struct Panel<'a> {
    scenario: &'a ScenarioFacts,
    /// Of the reference.
    heap: Option<&'a HeapFacts>,
    /// What a change has to be past, in words.
    floor: Option<String>,
    rows: Vec<Row<'a>>,
}

/// A variant in a scenario.
struct Row<'a> {
    name: String,
    /// Most bytes alive, in the heap build of its target.
    peak: Option<f64>,
    memory: Option<&'a MemoryFacts>,
    /// Of anonymous memory, with the reference.
    comparison: Option<&'a Comparison>,
    /// What that changes, in words.
    change: String,
    samples: Option<usize>,
}

impl Panel<'_> {
    fn height(&self) -> f64 {
        HEADING + self.rows.len() as f64 * ROW + AXIS
    }
}

/// Peak of the heap, growth of anonymous and of all resident memory, per scenario and variant: as many pictures as it takes.
///
/// # Errors
/// Neither heap nor resident memory was read.
pub fn memory(results: &Results, style: &Style) -> Result<Vec<Chart>, ChartError> {
    let view = View::new(results);
    let names = measured(&results.variants, view.reference());
    let panel = |scenario| panel(&view, scenario, &names);
    let panels: Vec<Panel<'_>> = results.scenarios.iter().filter_map(panel).collect();
    if panels.is_empty() {
        return Err(ChartError::Nothing("neither heap nor resident memory was read in this run".to_owned()));
    }
    let pictures = paginate(panels, |panel| panel.rows.len() + 2, ROWS_PER_PICTURE);
    let total = pictures.len();
    let draw = |(i, panels): (usize, &Vec<Panel<'_>>)| draw(results, panels, (i + 1, total), style);
    pictures.iter().enumerate().map(draw).collect()
}

fn panel<'a>(view: &View<'a>, scenario: &'a ScenarioFacts, names: &[String]) -> Option<Panel<'a>> {
    let heap = view.heap(&scenario.name, view.reference());
    let row = |name: &String| {
        let comparison = view.comparison(&scenario.name, name, Metric::Anon);
        Row {
            name: name.clone(),
            peak: view.heap(&scenario.name, name).map(|heap| heap.peak_bytes as f64),
            memory: view.memory(&scenario.name, name),
            comparison,
            change: comparison.and_then(|comparison| view.change(comparison)).unwrap_or_default(),
            samples: view.cell(&scenario.name, name, Metric::Anon).map(|cell| cell.samples.len()),
        }
    };
    let rows: Vec<Row<'_>> = names.iter().map(row).collect();
    let known = heap.is_some() || rows.iter().any(|row| row.memory.is_some());
    let reference = view.memory(&scenario.name, view.reference());
    let floor = view.floor(&scenario.name, Metric::Anon).map(|floor| {
        // Where little is taken, a share of it says little.
        let in_bytes =
            |memory: &MemoryFacts| bytes(floor.share() * (memory.growth_anon as f64).max(ONE_PAGE)) + ", ";
        format!("floor {}{}", reference.map(in_bytes).unwrap_or_default(), fraction(floor.share()))
    });
    known.then_some(Panel { scenario, heap, floor, rows })
}

fn draw(
    results: &Results,
    panels: &[Panel<'_>],
    (i, of): (usize, usize),
    style: &Style,
) -> Result<Chart, ChartError> {
    let left = MARGIN + name_column(panels.iter().flat_map(|p| &p.rows).map(|row| row.name.as_str()));
    let right = style.width() - MARGIN - FIGURES;
    let part = if of > 1 { format!(" ({i} of {of})") } else { String::new() };
    let title = format!("Heap and resident memory{part}");
    let n = counted(panels.iter().flat_map(|p| &p.rows).filter_map(|row| row.samples));
    let frame = Frame {
        title: title.clone(),
        about: about(&title, panels),
        note: format!(
            "Heap: most bytes alive at one time, as dhat saw it in a build of its own for each target. Resident: growth of the peak over \
             what was there before, medians over fresh processes ({n}), anonymous pages labelled against the reference. Unexplained: what growth of anonymous pages the heap does not account for \
             (allocator slack, stacks, memory from C or mmap); below zero, the heap reused pages. Each scenario has its own scale; less is better."
        ),
        legend: vec![
            (Mark::Block(Ink::Heap), "heap peak (dhat)".to_owned()),
            (Mark::Block(Ink::Anon), "anonymous pages".to_owned()),
            (Mark::Block(Ink::Unexplained), "of these unexplained by the heap".to_owned()),
            (Mark::Block(Ink::Rss), "all resident pages".to_owned()),
        ],
        source: provenance::lines(&results.provenance),
        body: panels.iter().map(Panel::height).sum::<f64>(),
    };
    let stem = numbered("memory", i);
    frame.chart(style, stem, |canvas, top| {
        let mut y = top;
        for panel in panels {
            draw_panel(canvas, panel, y, (left, right))?;
            y += panel.height();
        }
        Ok(())
    })
}

fn about(title: &str, panels: &[Panel<'_>]) -> String {
    let mut about = format!("{title}.");
    for panel in panels {
        let _ = write!(about, " {}:", panel.scenario.name);
        if let Some(heap) = panel.heap {
            let _ = write!(about, " heap peak {};", bytes(heap.peak_bytes as f64));
        }
        let each = panel.rows.iter().filter_map(|row| {
            let memory = row.memory?;
            let (anon, all) = (bytes(memory.growth_anon as f64), bytes(memory.growth as f64));
            Some(format!(" {} anonymous {anon}, resident {all}", row.name))
        });
        about.push_str(&each.collect::<Vec<_>>().join(";"));
        about.push('.');
    }
    about
}

fn draw_panel(canvas: &mut Canvas<'_>, panel: &Panel<'_>, top: f64, (left, right): (f64, f64)) -> Drawn {
    let heading = top + HEADING / 2.0;
    let name = shorten(&panel.scenario.name, 60);
    canvas.text((MARGIN, heading), &name, Look::new(BODY, Ink::Text).bold())?;
    let heap = match panel.heap {
        Some(heap) => {
            let exact = if heap.exact { "" } else { ", readings differ" };
            format!("heap peak {} in {} runs{exact}", bytes(heap.peak_bytes as f64), heap.runs)
        }
        None => "heap not read".to_owned(),
    };
    let floor = panel.floor.as_ref().map_or_else(String::new, |floor| format!("; {floor}"));
    let heap = heap + &floor;
    canvas.text((canvas.width() - MARGIN, heading), &heap, Look::new(11.5, Ink::Muted).at(Side::Right))?;
    canvas.line((MARGIN, heading + 12.0), (canvas.width() - MARGIN, heading + 12.0), Ink::Grid, 1.0)?;

    let rows = panel.rows.iter().filter_map(|row| row.memory);
    let peaks = panel.rows.iter().filter_map(|row| row.peak);
    let values = rows.flat_map(|m| [m.growth as f64, m.growth_anon as f64]).chain(peaks);
    let axis = Axis::from_zero(values, left, right - 12.0);
    let top = top + HEADING;
    let bottom = top + panel.rows.len() as f64 * ROW;
    let ticks = axis.labelled(5, byte_unit);
    let ticks: Vec<(f64, String)> = ticks.into_iter().map(|(v, label)| (axis.place(v), label)).collect();
    grid(canvas, &ticks, (top, bottom), false)?;
    for (i, row) in panel.rows.iter().enumerate() {
        let y = top + (i as f64 + 0.5) * ROW;
        canvas.text(
            (left - 10.0, y),
            &shorten(&row.name, NAME_LIMIT),
            Look::new(BODY, Ink::Text).at(Side::Right),
        )?;
        draw_row(canvas, row, &axis, (y, right))?;
    }
    canvas.line((left, top), (left, bottom), Ink::Muted, 1.0)
}

fn draw_row(canvas: &mut Canvas<'_>, row: &Row<'_>, axis: &Axis, (y, right): (f64, f64)) -> Drawn {
    let start = axis.place(0.0);
    let bar = |canvas: &mut Canvas<'_>, line: f64, from: f64, to: f64, ink: Ink| {
        let (from, to) = (axis.place(from), axis.place(to));
        // Something that is there is seen, however small.
        canvas.block((from, y + line * (BAR + 1.0) - BAR / 2.0), (to - from).max(1.0), BAR, ink)
    };
    if let Some(peak) = row.peak {
        bar(canvas, -1.0, 0.0, peak, Ink::Heap)?;
    }
    let look = Look::new(11.5, Ink::Text);
    let Some(memory) = row.memory else {
        return canvas.text((start + 8.0, y + 5.0), "resident memory not read", look);
    };
    let anon = memory.growth_anon as f64;
    let explained = match memory.unexplained {
        Some(rest) if rest > 0 => (anon - rest as f64).max(0.0),
        _ => anon,
    };
    bar(canvas, 0.0, 0.0, explained, Ink::Anon)?;
    if explained < anon {
        bar(canvas, 0.0, explained, anon, Ink::Unexplained)?;
    }
    bar(canvas, 1.0, 0.0, memory.growth as f64, Ink::Rss)?;
    let text = format!("anon {}", bytes(anon));
    canvas.text((right + 76.0, y - 7.0), &text, Look { side: Side::Right, ..look })?;
    if let Some(comparison) = row.comparison {
        let ratio = comparison.figures.as_ref().map_or(1.0, |f| f.ratio);
        canvas.text((right + 146.0, y - 7.0), &row.change, Look { side: Side::Right, ..look })?;
        canvas.mark((right + 158.0, y - 7.0), mark_of(comparison.label, ratio))?;
        canvas.text((right + 168.0, y - 7.0), comparison.label.name(), look)?;
    }
    let muted = Look { ink: Ink::Muted, ..look };
    let all = format!("all {}", bytes(memory.growth as f64));
    canvas.text((right + 76.0, y + 9.0), &all, Look { side: Side::Right, ..muted })?;
    match memory.unexplained {
        Some(rest) => {
            let rest = format!("unexplained {}", signed_bytes(rest as f64));
            canvas.text((right + 90.0, y + 9.0), &rest, muted)
        }
        None => Ok(()),
    }
}
