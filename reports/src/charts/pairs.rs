//! Before and after: the samples of two variants, those of one block joined by a line.

use super::axis::Axis;
use super::canvas::{Canvas, Drawn, Look, Mark, Side};
use super::frame::{
    BODY, Frame, MARGIN, NAME_LIMIT, SMALL, SMALLEST, counted, floor_text, mark_of, paginate,
};
use super::ink::Ink;
use super::steps::steps;
use super::style::Style;
use super::{Chart, ChartError, measure, no_comparison, numbered, of_metric};
use crate::escape::shorten;
use crate::floor::Floor;
use crate::format::{change, interval};
use crate::provenance;
use crate::selection::Shown;
use crate::view::View;
use harness::judge::wire::results::{Cell, Comparison, Metric, ScenarioFacts};
use std::fmt::Write as _;

/// A panel with the room around it.
const PANEL: (f64, f64) = (222.0, 248.0);
/// Height of that part in which the lines run.
const LINES: f64 = 156.0;
/// Panels of one picture, before another is begun.
const PANELS_PER_PICTURE: usize = 40;

struct Panel<'a> {
    scenario: &'a ScenarioFacts,
    sides: [&'a Cell; 2],
    comparison: Comparison,
}

/// The samples of two variants, block by block, in each scenario that both were measured in. `asked` names the two, the
/// one before first; with a single name it is the reference that stands before it, and without one the run must hold
/// just one variant besides the reference.
///
/// # Errors
/// It is not clear which two, or they share no scenario.
pub fn pairs(
    shown: Shown<'_>,
    metric: Metric,
    asked: &[String],
    style: &Style,
) -> Result<Vec<Chart>, ChartError> {
    let view = View::new(shown.some);
    let (before, after) = sides(&view, metric, asked)?;
    let panels = panels(&view, steps(shown, metric, &[before, after]), metric, (before, after));
    if panels.is_empty() {
        return Err(ChartError::Nothing(format!("{before} and {after} share no scenario with {metric}")));
    }
    let pictures = paginate(panels, |_| 1, PANELS_PER_PICTURE);
    let total = pictures.len();
    let picture = |(i, panels): (usize, &Vec<Panel<'_>>)| {
        draw(&view, panels, [before, after], (i + 1, total), (metric, style))
    };
    pictures.iter().enumerate().map(picture).collect()
}

/// Which two.
fn sides<'a>(view: &View<'a>, metric: Metric, asked: &'a [String]) -> Result<(&'a str, &'a str), ChartError> {
    let nothing = |why: String| Err(ChartError::Nothing(why));
    match asked {
        [before, after] => Ok((before.as_str(), after.as_str())),
        [one] if *one != view.reference() => Ok((view.reference(), one.as_str())),
        [] => {
            let rivals: Vec<&str> = view.rivals().map(|variant| variant.name.as_str()).collect();
            match rivals.as_slice() {
                [] => Err(no_comparison(view.results, metric)),
                [only] => Ok((view.reference(), only)),
                several => nothing(format!(
                    "two variants are set side by side, and the run has more: say --variants {},{}, or others of {}",
                    view.reference(),
                    several[0],
                    several.join(", ")
                )),
            }
        }
        other => nothing(format!(
            "two variants are set side by side, and {} {} named",
            other.len(),
            if other.len() == 1 { "was" } else { "were" }
        )),
    }
}

/// A panel for each scenario in which both have samples; `judged` holds a comparison for each that is shown.
fn panels<'a>(
    view: &View<'a>,
    judged: Vec<Comparison>,
    metric: Metric,
    (before, after): (&str, &str),
) -> Vec<Panel<'a>> {
    let panel = |(scenario, comparison): (&'a ScenarioFacts, Comparison)| {
        let sides = [view.cell(&scenario.name, before, metric)?, view.cell(&scenario.name, after, metric)?];
        Some(Panel { scenario, sides, comparison })
    };
    view.scenarios().iter().zip(judged).filter_map(panel).collect()
}

fn draw(
    view: &View<'_>,
    panels: &[Panel<'_>],
    [before, after]: [&str; 2],
    (i, of): (usize, usize),
    (metric, style): (Metric, &Style),
) -> Result<Chart, ChartError> {
    let columns = (((style.width() - 2.0 * MARGIN) / PANEL.0) as usize).clamp(1, panels.len());
    let wide = (style.width() - 2.0 * MARGIN) / columns as f64;
    let part = if of > 1 { format!(" ({i} of {of})") } else { String::new() };
    let (before, after) = (shorten(before, NAME_LIMIT), shorten(after, NAME_LIMIT));
    let title = format!("{} before and after: {before} → {after}{part}", measure::name(metric));
    let n = counted(panels.iter().filter_map(|p| Some(p.comparison.figures.as_ref()?.blocks)));
    let has_reference =
        panels.first().is_some_and(|p| p.sides.iter().any(|side| side.variant == view.reference()));
    let family =
        if has_reference { "the run's own" } else { "corrected over all pairs of the run's variants" };
    let frame = Frame {
        about: about(&title, panels),
        title,
        note: format!(
            "Each line joins the {} of two fresh processes of one block: left {before}, right {after} ({n} blocks). The thick ticks \
             are medians. Below: the median of the paired ratios, its interval of at least 95 % and its label, {family}. Each \
             scenario has its own scale, which does not begin at zero; less is better.{}",
            measure::sample(metric),
            measure::least(metric)
        ),
        legend: vec![
            (Mark::Dot(Ink::Less), "less in this block".to_owned()),
            (Mark::Dot(Ink::More), "more in this block".to_owned()),
        ],
        source: provenance::lines(&view.results.provenance),
        body: panels.len().div_ceil(columns) as f64 * PANEL.1,
    };
    let stem = numbered(&of_metric("pairs", metric), i);
    frame.chart(style, stem, |canvas, top| {
        for (at, panel) in panels.iter().enumerate() {
            let (row, column) = (at / columns, at % columns);
            let corner = (MARGIN + column as f64 * wide, top + row as f64 * PANEL.1);
            draw_panel(canvas, panel, metric, corner, wide - 18.0)?;
        }
        Ok(())
    })
}

fn about(title: &str, panels: &[Panel<'_>]) -> String {
    let mut about = format!("{title}.");
    for panel in panels {
        let figures = panel.comparison.figures.as_ref();
        let change = figures.map_or_else(String::new, |figures| change(figures.ratio) + " ");
        let _ = write!(about, " {}: {change}{}.", panel.scenario.name, panel.comparison.label);
    }
    about
}

fn draw_panel(
    canvas: &mut Canvas<'_>,
    panel: &Panel<'_>,
    metric: Metric,
    (left, top): (f64, f64),
    wide: f64,
) -> Drawn {
    let room = (wide / (BODY * 0.6)) as usize;
    canvas.text(
        (left, top + 12.0),
        &shorten(&panel.scenario.name, room),
        Look::new(BODY, Ink::Text).bold(),
    )?;
    let (high, low) = (top + 34.0, top + 34.0 + LINES);
    let values = panel.sides.iter().flat_map(|cell| cell.samples.iter().copied());
    let Some(axis) = Axis::around(values, low, high) else {
        return canvas.text((left, high + 20.0), "no finite samples", Look::new(SMALL, Ink::Muted));
    };
    let scale = 62.0;
    for (value, label) in axis.labelled(4, |value| measure::unit(metric, value)) {
        let y = axis.place(value);
        canvas.line((left + scale, y), (left + wide, y), Ink::Grid, 1.0)?;
        canvas.text((left + scale - 6.0, y), &label, Look::new(SMALLEST, Ink::Muted).at(Side::Right))?;
    }
    let room = wide - scale;
    let (x0, x1) = (left + scale + room * 0.18, left + scale + room * 0.82);
    let [before, after] = panel.sides;
    for (block, from) in before.blocks.iter().zip(&before.samples) {
        let at = after.blocks.iter().position(|other| other == block);
        let Some(to) = at.and_then(|at| after.samples.get(at)) else { continue };
        if !(from.is_finite() && to.is_finite()) {
            continue;
        }
        let ink = if to < from {
            Ink::Less
        } else if to > from {
            Ink::More
        } else {
            Ink::Untold
        };
        let (start, end) = ((x0, axis.place(*from)), (x1, axis.place(*to)));
        canvas.line(start, end, ink, 1.2)?;
        canvas.dot(start, 2.8, ink, 1.0)?;
        canvas.dot(end, 2.8, ink, 1.0)?;
    }
    for (x, cell) in [(x0, before), (x1, after)] {
        if cell.summary.median.is_finite() {
            let y = axis.place(cell.summary.median);
            canvas.line((x - 15.0, y), (x + 15.0, y), Ink::Reference, 2.4)?;
        }
    }
    let y = low + 16.0;
    let small = Look::new(SMALL, Ink::Muted);
    let Some(figures) = &panel.comparison.figures else {
        let why = panel.comparison.reason.as_deref().unwrap_or("not compared");
        let room = (wide / (SMALL * 0.56)) as usize;
        return canvas.text((left, y), &shorten(&format!("{}: {why}", panel.comparison.label), room), small);
    };
    canvas.mark((left + 6.0, y), mark_of(panel.comparison.label, figures.ratio))?;
    let text = format!("{} {}", change(figures.ratio), panel.comparison.label);
    canvas.text((left + 17.0, y), &text, Look::new(BODY, Ink::Text))?;
    let aside = [
        figures.interval().map(|(low, high)| interval(low, high)),
        floor_text(Floor::of(&[figures], panel.comparison.metric)),
    ];
    let aside: Vec<String> = aside.into_iter().flatten().collect();
    canvas.text((left + 17.0, y + 17.0), &aside.join(", "), small)
}
