//! Strip plot: every sample of a scenario as a dot, a strip per variant, so that overlap is seen.

use super::axis::{Axis, Scale};
use super::canvas::{Canvas, Drawn, Look, Mark, Side, text_width};
use super::frame::{
    BODY, Frame, MARGIN, NAME_LIMIT, counted, floor_text, grid, ink_of, mark_of, measured, name_column,
};
use super::ink::Ink;
use super::style::Style;
use super::{Chart, ChartError, measure, of_metric};
use crate::escape::{file_stem, shorten};
use crate::floor::Floor;
use crate::format::capitalised;
use crate::provenance;
use crate::row::extent;
use crate::view::View;
use harness::judge::wire::results::{Cell, Comparison, Metric, Results};

const ROW: f64 = 32.0;
/// Room on the right for median, change and label.
const FIGURES: f64 = 232.0;

struct Strip<'a> {
    name: &'a str,
    cell: Option<&'a Cell>,
    comparison: Option<&'a Comparison>,
    missing: Option<&'a str>,
    role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Reference,
    Rival,
    Control,
}

impl Strip<'_> {
    fn ink(&self) -> Ink {
        match (self.role, self.comparison.and_then(|c| Some((c.label, c.figures.as_ref()?.ratio)))) {
            (Role::Reference, _) => Ink::Reference,
            (Role::Control, _) => Ink::Control,
            (Role::Rival, Some((label, ratio))) => ink_of(label, ratio),
            (Role::Rival, None) => Ink::Doubt,
        }
    }
}

/// The samples of `scenario` in one metric: a strip per variant, the reference first and the control last.
///
/// # Errors
/// There is no such scenario, or nothing was read in it.
pub fn strip(results: &Results, scenario: &str, metric: Metric, style: &Style) -> Result<Chart, ChartError> {
    let view = View::new(results);
    let Some(facts) = view.scenario(scenario) else {
        return Err(ChartError::Nothing(format!("the run has no scenario {scenario:?}")));
    };
    let names = measured(&results.variants, view.reference());
    let mut strips: Vec<Strip<'_>> = names
        .iter()
        .map(|name| Strip {
            name,
            cell: view.cell(scenario, name, metric),
            comparison: view.comparison(scenario, name, metric),
            missing: view.missing(scenario, name, metric),
            role: if name == view.reference() { Role::Reference } else { Role::Rival },
        })
        .collect();
    if let Some(cell) = view.cell(scenario, view.control(), metric) {
        let comparison = view.control_of(scenario, metric);
        strips.push(Strip {
            name: view.control(),
            cell: Some(cell),
            comparison,
            missing: None,
            role: Role::Control,
        });
    }
    let left = MARGIN + name_column(strips.iter().map(|s| s.name));
    let right = style.width() - MARGIN - FIGURES;
    let samples = strips.iter().filter_map(|s| s.cell).flat_map(|c| c.samples.iter().copied());
    let Some(axis) = Axis::around(samples, left + 8.0, right - 8.0) else {
        return Err(ChartError::Nothing(format!("no {metric} was read in {scenario}")));
    };
    let floor = view.floor(scenario, metric);
    let reference = view.cell(scenario, view.reference(), metric).map(|c| c.summary.median);
    let title = format!("{}: {}", capitalised(measure::sample(metric)), shorten(scenario, 70));
    let n = counted(strips.iter().filter_map(|s| s.cell).map(|c| c.samples.len()));
    let frame = Frame {
        about: about(&title, metric, &strips),
        note: note(&n, &axis, floor, reference.is_some(), (metric, &extent(facts))),
        title: title.clone(),
        legend: legend(metric, &strips),
        source: provenance::lines(&results.provenance),
        body: strips.len() as f64 * ROW + 44.0,
    };
    frame.chart(style, format!("{}-{}", of_metric("strip", metric), file_stem(scenario)), |canvas, top| {
        let bottom = top + 8.0 + strips.len() as f64 * ROW;
        let floor = floor.zip(reference).filter(|(floor, _)| floor.share() > 0.0);
        if let Some((Floor { less, more }, median)) = floor {
            let (from, to) = (axis.place(median * less), axis.place(median * more));
            canvas.block((from, top), to - from, bottom - top, Ink::Floor)?;
        }
        let ticks: Vec<(f64, String)> = axis
            .labelled(7, |value| measure::unit(metric, value))
            .into_iter()
            .map(|(v, label)| (axis.place(v), label))
            .collect();
        grid(canvas, &ticks, (top, bottom), false)?;
        if let Some(median) = reference {
            canvas.dashes(axis.place(median), top, bottom, Ink::Reference)?;
        }
        for (i, strip) in strips.iter().enumerate() {
            let y = top + 4.0 + (i as f64 + 0.5) * ROW;
            draw_strip(canvas, strip, (&view, metric, &axis), y, (left, right))?;
        }
        let look = Look::new(11.5, Ink::Muted).at(Side::Middle);
        let scale = if axis.scale() == Scale::Log { ", log scale" } else { "" };
        canvas.text(
            (f64::midpoint(left, right), bottom + 30.0),
            &format!("{}{scale}", measure::sample(metric)),
            look,
        )
    })
}

fn note(
    n: &str,
    axis: &Axis,
    floor: Option<Floor>,
    has_reference: bool,
    (metric, extent): (Metric, &str),
) -> String {
    let mut note = format!(
        "Each dot is one fresh process{}, {n} for each variant; the tick is their median. \
         The control is the reference's binary again. One iteration reads {extent}. Less is better.",
        if metric == Metric::Time { " (the median of its batches)" } else { "" }
    );
    if has_reference {
        note.push_str(" Dashed: the reference's median");
        if let Some(floor) = floor_text(floor) {
            note.push_str(", shaded: changes too small to count, ");
            note.push_str(&floor);
        }
        note.push('.');
    }
    if axis.scale() == Scale::Linear && axis.low() > 0.0 {
        note.push_str(" The axis does not begin at zero.");
    }
    note
}

fn legend(metric: Metric, strips: &[Strip<'_>]) -> Vec<(Mark, String)> {
    let (less, more) = measure::told(metric);
    let items = [
        (Ink::Reference, "reference"),
        (Ink::Less, less),
        (Ink::More, more),
        (Ink::Untold, "not told apart"),
        (Ink::Doubt, "unstable or invalid"),
    ];
    let shown = |ink: Ink| strips.iter().any(|s| s.cell.is_some() && s.ink() == ink);
    let items = items.into_iter().filter(|(ink, _)| shown(*ink));
    items.map(|(ink, text)| (Mark::Dot(ink), text.to_owned())).collect()
}

fn about(title: &str, metric: Metric, strips: &[Strip<'_>]) -> String {
    let each = strips.iter().filter_map(|s| {
        let label = match s.comparison {
            Some(c) => format!(", {}", c.label),
            None => String::new(),
        };
        Some(format!("{} {}{label}", s.name, measure::amount(metric, s.cell?.summary.median)))
    });
    format!("{title}. Medians: {}.", each.collect::<Vec<_>>().join("; "))
}

fn draw_strip(
    canvas: &mut Canvas<'_>,
    strip: &Strip<'_>,
    (view, metric, axis): (&View<'_>, Metric, &Axis),
    y: f64,
    (left, right): (f64, f64),
) -> Drawn {
    let name = Look::new(BODY, Ink::Text).at(Side::Right);
    let name = if strip.role == Role::Reference { name.bold() } else { name };
    canvas.text((left - 10.0, y), &shorten(strip.name, NAME_LIMIT), name)?;
    let Some(cell) = strip.cell else {
        let why =
            strip.missing.map_or_else(|| "not measured".to_owned(), |why| format!("not measured: {why}"));
        let room = ((right + FIGURES - left) / (BODY * 0.56)) as usize;
        let why = shorten(&why, room);
        // The lines of the grid must not run through the words.
        canvas.block((left + 4.0, y - 10.0), text_width(&why, BODY), 20.0, Ink::Paper)?;
        return canvas.text((left + 8.0, y), &why, Look::new(BODY, Ink::Muted));
    };
    let ink = strip.ink();
    for (i, sample) in cell.samples.iter().enumerate().filter(|(_, sample)| sample.is_finite()) {
        canvas.dot((axis.place(*sample), y + jitter(i)), 3.2, ink, 0.65)?;
    }
    if cell.summary.median.is_finite() {
        let x = axis.place(cell.summary.median);
        canvas.line((x, y - 13.0), (x, y + 13.0), ink, 2.4)?;
    }
    let figures = Look::new(BODY, Ink::Text);
    canvas.text((right + 72.0, y), &measure::amount(metric, cell.summary.median), figures.at(Side::Right))?;
    let (change, label) = match (strip.role, strip.comparison) {
        (Role::Reference, _) => (String::new(), "reference".to_owned()),
        (_, Some(c)) => (view.change(c).unwrap_or_default(), c.label.to_string()),
        (_, None) => (String::new(), "not compared".to_owned()),
    };
    canvas.text((right + 142.0, y), &change, figures.at(Side::Right))?;
    if let (Role::Rival, Some(c)) = (strip.role, strip.comparison) {
        canvas.mark((right + 156.0, y), mark_of(c.label, c.figures.as_ref().map_or(1.0, |f| f.ratio)))?;
    }
    canvas.text((right + 167.0, y), &label, Look::new(11.5, Ink::Muted))
}

/// Spreads neighbours over the strip's height, always the same way: multiples of the golden ratio.
fn jitter(i: usize) -> f64 {
    ((i as f64 * 0.618_033_988_75).fract() - 0.5) * 17.0
}
