//! Percentiles of latency on a log scale, each beside what an idle loop shows on the same machine.

use super::axis::Axis;
use super::canvas::{Canvas, Drawn, Look, Mark, Side};
use super::frame::{
    BODY, Frame, MARGIN, NAME_LIMIT, SMALL, SMALLEST, counted, floor_text, grid, heading, mark_of, measured,
    name_column, paginate,
};
use super::ink::Ink;
use super::style::Style;
use super::{Chart, ChartError, numbered};
use crate::escape::shorten;
use crate::floor::Floor;
use crate::format::{change, duration, duration_unit, fraction, record_rate};
use crate::provenance;
use crate::view::View;
use harness::judge::wire::results::{Comparison, LatencyFacts, Metric, Results, ScenarioFacts};
use std::fmt::Write as _;

const HEADING: f64 = 34.0;
const ROW: f64 = 40.0;
const AXIS: f64 = 34.0;
/// Room on the right for the figures.
const FIGURES: f64 = 232.0;
/// Rows of one picture, before another is begun.
const ROWS_PER_PICTURE: usize = 50;

struct Panel<'a> {
    scenario: &'a ScenarioFacts,
    floor: Option<Floor>,
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    name: &'a str,
    facts: &'a LatencyFacts,
    comparison: Option<&'a Comparison>,
    is_reference: bool,
}

impl Row<'_> {
    fn ink(&self) -> Ink {
        match (self.facts.overloaded, self.is_reference) {
            (true, _) => Ink::Doubt,
            (false, true) => Ink::Reference,
            (false, false) => Ink::Less,
        }
    }
}

impl Panel<'_> {
    fn height(&self) -> f64 {
        HEADING + self.rows.len() as f64 * ROW + AXIS
    }
}

/// p50, p90, p99, p99.9 and the maximum of every variant, and of a loop without work beside it.
///
/// # Errors
/// No latency was read in the run.
pub fn latency(results: &Results, style: &Style) -> Result<Vec<Chart>, ChartError> {
    let view = View::new(results);
    let names = measured(&results.variants, view.reference());
    let panels: Vec<Panel<'_>> = results
        .scenarios
        .iter()
        .map(|scenario| {
            let row = |name: &'_ String| {
                let facts = view.latency(&scenario.name, name)?;
                Some(Row {
                    name: &facts.variant,
                    facts,
                    comparison: view.comparison(&scenario.name, name, Metric::Latency),
                    is_reference: name == view.reference(),
                })
            };
            let rows = names.iter().filter_map(row).collect();
            Panel { scenario, floor: view.floor(&scenario.name, Metric::Latency), rows }
        })
        .filter(|panel| !panel.rows.is_empty())
        .collect();
    if panels.is_empty() {
        return Err(ChartError::Nothing(
            "no latency was read: the preset names no scenario whose records arrive at a pace".to_owned(),
        ));
    }
    let pictures = paginate(panels, |panel| panel.rows.len() + 1, ROWS_PER_PICTURE);
    let total = pictures.len();
    let picture = |(i, panels): (usize, &Vec<Panel<'_>>)| draw(&view, panels, (i + 1, total), style);
    pictures.iter().enumerate().map(picture).collect()
}

fn draw(
    view: &View<'_>,
    panels: &[Panel<'_>],
    (i, of): (usize, usize),
    style: &Style,
) -> Result<Chart, ChartError> {
    let rows = || panels.iter().flat_map(|panel| &panel.rows);
    let left = MARGIN + name_column(rows().map(|row| row.name)).max(130.0);
    let right = style.width() - MARGIN - FIGURES;
    let part = if of > 1 { format!(" ({i} of {of})") } else { String::new() };
    let title = format!("Latency of records that arrive at a steady pace{part}");
    let n = counted(rows().map(|row| row.facts.visits));
    let mut legend = vec![
        (Mark::Dot(Ink::Reference), "reference".to_owned()),
        (Mark::Dot(Ink::Less), "other variants".to_owned()),
        (Mark::Tick(Ink::Control), "idle loop: p50, p90, p99, p99.9, max".to_owned()),
    ];
    if rows().any(|row| row.facts.overloaded) {
        legend.push((Mark::Dot(Ink::Doubt), "overloaded: the queue only grew".to_owned()));
    }
    let frame = Frame {
        about: about(&title, panels),
        title,
        note: format!(
            "From when a record was due to the end of its work, all processes together ({n}), on a log scale: p50, p90 and p99 as dots, \
             p99.9 as a ring, the maximum as a small tick. Ticks below: the same of a loop without work in the same processes; what is less than \
             twice as much may as well be the machine's. Change and label: the p99 of each process, paired by block. Less is better."
        ),
        legend,
        source: provenance::lines(&view.results.provenance),
        body: panels.iter().map(Panel::height).sum(),
    };
    frame.chart(style, numbered("latency", i), |canvas, top| {
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
        let each = panel.rows.iter().map(|row| {
            let [p50, _, p99, _, most] = row.facts.work.all().map(|ns| duration(ns as f64));
            format!("{} p50 {p50}, p99 {p99}, maximum {most}", row.name)
        });
        let _ = write!(about, " {}: {}.", panel.scenario.name, each.collect::<Vec<_>>().join("; "));
    }
    about
}

fn draw_panel(canvas: &mut Canvas<'_>, panel: &Panel<'_>, top: f64, (left, right): (f64, f64)) -> Drawn {
    let rates = panel.rows.iter().map(|row| row.facts.rate);
    let rate = rates.max().map(|rate| format!("{} arrivals", record_rate(rate as f64)));
    let aside: Vec<String> = [rate, floor_text(panel.floor)].into_iter().flatten().collect();
    heading(canvas, &panel.scenario.name, Some(aside.join("; ")), top + HEADING / 2.0)?;
    let top = top + HEADING;
    let bottom = top + panel.rows.len() as f64 * ROW;
    let values =
        panel.rows.iter().flat_map(|row| row.facts.work.all().into_iter().chain(row.facts.idle.all()));
    let Some(axis) = Axis::log_around(values.map(|ns| ns as f64), left + 8.0, right - 12.0) else {
        let look = Look::new(SMALL, Ink::Muted);
        return canvas.text(
            (left, top + ROW / 2.0),
            "all latencies are zero: no log scale can show them",
            look,
        );
    };
    let ticks = axis.labelled(7, duration_unit);
    let ticks: Vec<(f64, String)> = ticks.into_iter().map(|(v, label)| (axis.place(v), label)).collect();
    grid(canvas, &ticks, (top, bottom), false)?;
    for (at, row) in panel.rows.iter().enumerate() {
        draw_row(canvas, row, &axis, top + (at as f64 + 0.5) * ROW, (left, right))?;
    }
    Ok(())
}

fn draw_row(canvas: &mut Canvas<'_>, row: &Row<'_>, axis: &Axis, y: f64, (left, right): (f64, f64)) -> Drawn {
    let name = Look::new(BODY, Ink::Text).at(Side::Right);
    let name = if row.is_reference { name.bold() } else { name };
    canvas.text((left - 8.0, y - 6.0), &shorten(row.name, NAME_LIMIT), name)?;
    let busy =
        if row.facts.busy.is_finite() { format!("busy {}", fraction(row.facts.busy)) } else { String::new() };
    canvas.text((left - 8.0, y + 9.0), &busy, Look::new(SMALLEST, Ink::Muted).at(Side::Right))?;

    let ink = row.ink();
    let places = row.facts.work.all().map(|ns| axis.place(ns as f64));
    let [p50, p90, p99, p999, most] = places;
    canvas.line((p50, y - 5.0), (most, y - 5.0), ink, 1.4)?;
    canvas.line((most, y - 10.0), (most, y), ink, 1.8)?;
    for x in [p50, p90, p99] {
        canvas.mark((x, y - 5.0), Mark::Dot(ink))?;
    }
    canvas.mark((p999, y - 5.0), Mark::Ring(ink))?;
    let idle = row.facts.idle.all().map(|ns| axis.place(ns as f64));
    canvas.line((idle[0], y + 9.0), (idle[4], y + 9.0), Ink::Control, 1.0)?;
    for x in idle {
        canvas.line((x, y + 5.0), (x, y + 13.0), Ink::Control, 1.8)?;
    }

    let figure = Look::new(SMALL, Ink::Text);
    let [_, _, p99_ns, _, most_ns] = row.facts.work.all();
    canvas.text((right + 70.0, y - 7.0), &duration(p99_ns as f64), figure.at(Side::Right))?;
    canvas.text((right + 14.0, y - 7.0), "p99", Look { ink: Ink::Muted, ..figure }.at(Side::Right))?;
    canvas.text((right + 70.0, y + 9.0), &duration(most_ns as f64), figure.at(Side::Right))?;
    canvas.text((right + 14.0, y + 9.0), "max", Look { ink: Ink::Muted, ..figure }.at(Side::Right))?;
    let muted = Look::new(SMALL, Ink::Muted);
    let within = LatencyFacts::is_within_idle(p99_ns, row.facts.idle.all()[2]);
    if row.facts.overloaded {
        canvas.text((right + 82.0, y + 9.0), "overloaded", muted)?;
    } else if within {
        canvas.text((right + 82.0, y + 9.0), "p99 within the idle loop's", muted)?;
    }
    if row.is_reference {
        return canvas.text((right + 150.0, y - 7.0), "reference", muted);
    }
    let Some(comparison) = row.comparison else {
        return canvas.text((right + 150.0, y - 7.0), "not compared", muted);
    };
    let ratio = comparison.figures.as_ref().map_or(1.0, |figures| figures.ratio);
    let change = comparison.figures.as_ref().map_or_else(String::new, |figures| change(figures.ratio));
    canvas.text((right + 132.0, y - 7.0), &change, figure.at(Side::Right))?;
    canvas.mark((right + 144.0, y - 7.0), mark_of(comparison.label, ratio))?;
    canvas.text((right + 154.0, y - 7.0), comparison.label.name(), muted)
}
