//! Ladder: variants of which each adds something to the one before, and what that step brings.

use super::axis::Axis;
use super::canvas::{Canvas, Drawn, Look, Mark, Side};
use super::frame::{
    BODY, Frame, MARGIN, NAME_LIMIT, SMALL, SMALLEST, counted, floor_text, grid, ink_of, mark_of,
    name_column, paginate,
};
use super::ink::Ink;
use super::steps::steps;
use super::style::Style;
use super::{Chart, ChartError, measure, numbered, of_metric, ratio};
use crate::escape::shorten;
use crate::floor::Floor;
use crate::format::{change, interval_of};
use crate::provenance;
use crate::selection::Shown;
use crate::view::View;
use harness::judge::evaluate::compare_cells;
use harness::judge::wire::results::{Comparison, Metric, Results, ScenarioFacts, VariantFacts};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const ROW: f64 = 36.0;
const HEADING: f64 = 34.0;
const BAR: f64 = 12.0;
/// Room on the right for the step, its interval and label, and the sum of all steps.
const FIGURES: f64 = 366.0;
/// Rows of one picture, before another is begun.
const ROWS_PER_PICTURE: usize = 60;

/// What each variant of a ladder adds on the one before, in each scenario. The rungs are `asked` in their order, or, where
/// it is empty, the longest chain from the reference on of which each variant keeps all that the one before changed and
/// changes more.
///
/// # Errors
/// There is no such chain, or nothing of it was measured.
pub fn ladder(
    shown: Shown<'_>,
    metric: Metric,
    asked: &[String],
    style: &Style,
) -> Result<Vec<Chart>, ChartError> {
    let results = shown.some;
    let view = View::new(results);
    let rungs = if asked.is_empty() { longest_chain(&view) } else { named(&view, asked)? };
    if rungs.len() < 2 {
        return Err(ChartError::Nothing(
            "no variant of the run keeps all that another changed and changes more: name the steps by --variants, \
             the first of them first"
                .to_owned(),
        ));
    }
    let names: Vec<&str> = rungs.iter().map(|rung| rung.name.as_str()).collect();
    let judged = steps(shown, metric, &names);
    let scenarios = view.scenarios().iter();
    let from_first: Vec<(&str, &str, &str)> = scenarios
        .flat_map(|scenario| names[1..].iter().map(|rung| (scenario.name.as_str(), names[0], *rung)))
        .collect();
    let levels = compare_cells(results, metric, &from_first);
    let mut both = judged.chunks(rungs.len() - 1).zip(levels.chunks(rungs.len() - 1));
    let panel = |scenario| both.next().map(|both| panel(&view, scenario, metric, &rungs, both));
    let panels: Vec<Panel<'_>> = view.scenarios().iter().filter_map(panel).collect();
    let panels: Vec<Panel<'_>> = panels.into_iter().filter(Panel::is_measured).collect();
    if panels.is_empty() {
        return Err(ChartError::Nothing(format!("no {metric} was read of {}", names.join(", "))));
    }
    let pictures = paginate(panels, |panel| panel.rows.len() + 1, ROWS_PER_PICTURE);
    let total = pictures.len();
    let picture =
        |(i, panels): (usize, &Vec<Panel<'_>>)| draw(results, panels, (i + 1, total), (metric, style));
    pictures.iter().enumerate().map(picture).collect()
}

fn named<'a>(view: &View<'a>, asked: &[String]) -> Result<Vec<&'a VariantFacts>, ChartError> {
    let find = |name: &String| {
        let variants = &view.results.variants;
        let nothing = || ChartError::Nothing(format!("the run has no variant {name:?}"));
        variants.iter().find(|variant| variant.name == *name).ok_or_else(nothing)
    };
    asked.iter().map(find).collect()
}

/// What a variant changes of the reference: axis and value.
fn changes<'a>(variant: &'a VariantFacts, reference: &VariantFacts) -> BTreeMap<&'a str, &'a str> {
    let changed = variant.axes.iter().filter(|(axis, value)| reference.axes.get(*axis) != Some(*value));
    changed.map(|(axis, value)| (axis.as_str(), value.as_str())).collect()
}

/// The longest chain from the reference on; of equally long ones that whose last variant was planned first.
fn longest_chain<'a>(view: &View<'a>) -> Vec<&'a VariantFacts> {
    let variants = &view.results.variants;
    let Some(reference) = variants.iter().find(|variant| variant.name == view.reference()) else {
        return Vec::new();
    };
    let mut known: Vec<(&VariantFacts, BTreeMap<&str, &str>)> = view
        .rivals()
        .filter(|variant| !view.is_leaked(&variant.name))
        .map(|variant| (variant, changes(variant, reference)))
        .collect();
    // A chain can only go on to more changes; the order of the plan stays among equals.
    known.sort_by_key(|(_, changes)| changes.len());
    let mut best: Vec<Vec<&VariantFacts>> = Vec::new();
    for (at, (variant, changed)) in known.iter().enumerate() {
        let contained = |other: &BTreeMap<&str, &str>| {
            other.len() < changed.len() && other.iter().all(|(axis, value)| changed.get(axis) == Some(value))
        };
        let before = (0..at).filter(|earlier| contained(&known[*earlier].1));
        let longest = before.max_by_key(|earlier| (best[*earlier].len(), std::cmp::Reverse(*earlier)));
        let mut chain = longest.map_or_else(|| vec![reference], |earlier| best[earlier].clone());
        chain.push(variant);
        best.push(chain);
    }
    let place = |chain: &[&VariantFacts]| {
        let last = chain.last().map(|last| last.name.as_str());
        variants.iter().position(|variant| Some(variant.name.as_str()) == last)
    };
    best.into_iter().max_by_key(|chain| (chain.len(), std::cmp::Reverse(place(chain)))).unwrap_or_default()
}

struct Panel<'a> {
    scenario: &'a ScenarioFacts,
    floor: Option<Floor>,
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    name: &'a str,
    /// What it adds to the one before.
    adds: String,
    /// Against the first rung.
    level: Option<f64>,
    /// On the one before; none for the first.
    step: Option<Comparison>,
}

impl Panel<'_> {
    fn height(&self) -> f64 {
        HEADING + self.rows.len() as f64 * ROW
    }

    fn is_measured(&self) -> bool {
        self.rows.iter().any(|row| row.step.as_ref().is_some_and(|step| step.figures.is_some()))
    }
}

fn panel<'a>(
    view: &View<'a>,
    scenario: &'a ScenarioFacts,
    metric: Metric,
    rungs: &[&'a VariantFacts],
    (steps, levels): (&[Comparison], &[Comparison]),
) -> Panel<'a> {
    let level = |at: usize| Some(ratio::drawable(levels.get(at)?.figures.as_ref())?.ratio);
    let is_there = |name: &str| view.cell(&scenario.name, name, metric).is_some();
    let row = |(at, rung): (usize, &&'a VariantFacts)| {
        let before = at.checked_sub(1);
        Row {
            name: &rung.name,
            adds: before.and_then(|before| rungs.get(before)).map_or_else(String::new, |b| adds(rung, b)),
            level: before.map_or_else(|| is_there(&rung.name).then_some(1.0), level),
            step: before.and_then(|before| steps.get(before)).cloned(),
        }
    };
    let rows: Vec<Row<'_>> = rungs.iter().enumerate().map(row).collect();
    let figures: Vec<_> = rows.iter().filter_map(|row| row.step.as_ref()?.figures.as_ref()).collect();
    let floor = Floor::of(&figures, metric);
    Panel { scenario, floor, rows }
}

fn adds(variant: &VariantFacts, before: &VariantFacts) -> String {
    let changed = changes(variant, before);
    let each = changed.iter().map(|(axis, value)| match *value {
        "yes" => (*axis).to_owned(),
        value => format!("{axis} {value}"),
    });
    let each = each.collect::<Vec<_>>().join(", ");
    if each.is_empty() { String::new() } else { format!("+ {each}") }
}

fn draw(
    results: &Results,
    panels: &[Panel<'_>],
    (i, of): (usize, usize),
    (metric, style): (Metric, &Style),
) -> Result<Chart, ChartError> {
    let rows = || panels.iter().flat_map(|panel| &panel.rows);
    let left = MARGIN + name_column(rows().map(|row| row.name)).max(170.0);
    let right = style.width() - MARGIN - FIGURES;
    let figures = || rows().filter_map(|row| row.step.as_ref()?.figures.as_ref());
    let levels: Vec<f64> = rows().filter_map(|row| row.level).collect();
    let axis = level_axis(&levels, (left + 10.0, right - 10.0));
    let first = panels.first().and_then(|panel| panel.rows.first()).map_or("", |row| row.name);
    let part = if of > 1 { format!(" ({i} of {of})") } else { String::new() };
    let title = format!(
        "{}: what each step adds, from {} on{part}",
        measure::name(metric),
        shorten(first, NAME_LIMIT)
    );
    let (less, more) = measure::told(metric);
    let n = counted(figures().map(|figures| figures.blocks));
    let frame = Frame {
        about: about(&title, panels),
        title,
        note: format!(
            "Each bar runs from where the variant before stands against the first one to where the variant itself does. Beside it the \
             step alone: the median of the ratios paired by block ({n} blocks), with its interval of at least 95 % and its label, the \
             run's own against the reference, else corrected over all pairs of the run's variants. With noise the steps do not quite \
             add up. Less is better.{}",
            measure::least(metric)
        ),
        legend: vec![
            (Mark::Block(Ink::Less), less.to_owned()),
            (Mark::Block(Ink::More), more.to_owned()),
            (Mark::Block(Ink::Untold), "no change or inconclusive".to_owned()),
            (Mark::Block(Ink::Doubt), "unstable".to_owned()),
        ],
        source: provenance::lines(&results.provenance),
        body: 24.0 + panels.iter().map(Panel::height).sum::<f64>() + 44.0,
    };
    let stem = numbered(&of_metric("ladder", metric), i);
    frame.chart(style, stem, |canvas, top| {
        let top = top + 24.0;
        let bottom = top + panels.iter().map(Panel::height).sum::<f64>() + 4.0;
        let head = Look::new(SMALL, Ink::Muted);
        canvas.text((right + 66.0, top - 10.0), "step", head.at(Side::Right))?;
        canvas.text((right + 182.0, top - 10.0), "interval", head.at(Side::Right))?;
        canvas.text((right + FIGURES, top - 10.0), "in all", head.at(Side::Right))?;
        grid(canvas, &ratio::ticks(&axis), (top, bottom), true)?;
        canvas.line((axis.place(1.0), top), (axis.place(1.0), bottom), Ink::Text, 1.4)?;
        let look = head.at(Side::Middle);
        let what = format!("{} against the first, log scale", measure::sample(metric));
        canvas.text((f64::midpoint(left, right), bottom + 30.0), &what, look)?;
        let mut y = top;
        for panel in panels {
            draw_panel(canvas, panel, &axis, y, (left, right))?;
            y += panel.height();
        }
        Ok(())
    })
}

fn level_axis(levels: &[f64], (start, end): (f64, f64)) -> Axis {
    let low = levels.iter().copied().fold(0.98, f64::min);
    let high = levels.iter().copied().fold(1.02, f64::max);
    let room = (high / low).powf(0.04);
    Axis::log(low / room, high * room, start, end)
}

fn about(title: &str, panels: &[Panel<'_>]) -> String {
    let mut about = format!("{title}.");
    for panel in panels {
        let each = panel.rows.iter().filter_map(|row| {
            let step = row.step.as_ref()?;
            Some(format!("{} {} {}", row.name, change(step.figures.as_ref()?.ratio), step.label))
        });
        let _ = write!(about, " {}: {}.", panel.scenario.name, each.collect::<Vec<_>>().join("; "));
    }
    about
}

fn draw_panel(
    canvas: &mut Canvas<'_>,
    panel: &Panel<'_>,
    axis: &Axis,
    top: f64,
    (left, right): (f64, f64),
) -> Drawn {
    super::frame::heading(canvas, &panel.scenario.name, floor_text(panel.floor), top + HEADING / 2.0)?;
    let mut before = None;
    for (at, row) in panel.rows.iter().enumerate() {
        let y = top + HEADING + (at as f64 + 0.5) * ROW;
        let name = Look::new(BODY, Ink::Text).at(Side::Right);
        let up = if row.adds.is_empty() { 0.0 } else { 7.0 };
        canvas.text((left - 8.0, y - up), &shorten(row.name, NAME_LIMIT), name)?;
        let room = ((left - MARGIN) / (SMALLEST * 0.56)) as usize;
        let look = Look::new(SMALLEST, Ink::Muted).at(Side::Right);
        canvas.text((left - 8.0, y + 8.0), &shorten(&row.adds, room), look)?;
        draw_row(canvas, row, (axis, before), y, right)?;
        before = row.level.map(|level| (level, y)).or(before);
    }
    Ok(())
}

fn draw_row(
    canvas: &mut Canvas<'_>,
    row: &Row<'_>,
    (axis, before): (&Axis, Option<(f64, f64)>),
    y: f64,
    right: f64,
) -> Drawn {
    let figure = Look::new(BODY, Ink::Text).at(Side::Right);
    let small = Look::new(SMALL, Ink::Muted);
    if let Some(level) = row.level {
        canvas.text((right + FIGURES, y), &change(level), figure)?;
    }
    let Some(step) = &row.step else {
        return match row.level {
            Some(level) => {
                canvas.line(
                    (axis.place(level), y - BAR),
                    (axis.place(level), y + BAR),
                    Ink::Reference,
                    3.0,
                )?;
                canvas.text((right + 204.0, y), "first", small)
            }
            None => canvas.text((right + 204.0, y), "not measured", small),
        };
    };
    let figures = ratio::drawable(step.figures.as_ref());
    let moved = figures.map_or(1.0, |figures| figures.ratio);
    let ink = ink_of(step.label, moved);
    if let (Some(level), Some((from, above))) = (row.level, before) {
        let (start, end) = (axis.place(from), axis.place(level));
        canvas.line((start, above + BAR / 2.0), (start, y + BAR / 2.0), Ink::Muted, 1.0)?;
        let (low, high) = (start.min(end), start.max(end));
        canvas.block((low, y - BAR / 2.0), (high - low).max(2.0), BAR, ink)?;
    }
    let Some(figures) = figures else {
        let why = step.reason.as_deref().unwrap_or("not measured");
        let room = ((FIGURES - 70.0) / (SMALL * 0.56)) as usize;
        return canvas.text((right + 6.0, y), &shorten(&format!("{}: {why}", step.label), room), small);
    };
    canvas.text((right + 66.0, y), &change(figures.ratio), figure)?;
    canvas.text((right + 182.0, y), &interval_of(figures), small.at(Side::Right))?;
    canvas.mark((right + 194.0, y), mark_of(step.label, figures.ratio))?;
    canvas.text((right + 204.0, y), step.label.name(), small)
}
