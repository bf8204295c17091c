//! A metric relative to the reference with interval and label, sorted within each scenario.

use super::axis::Axis;
use super::canvas::{Canvas, Drawn, Look, Mark, Side, text_width};
use super::frame::{
    BODY, Frame, MARGIN, NAME_LIMIT, counted, floor_text, grid, heading, ink_of, mark_of, name_column,
    paginate,
};
use super::ink::Ink;
use super::style::Style;
use super::{Chart, ChartError, measure, no_comparison, numbered, of_metric, ratio};
use crate::escape::shorten;
use crate::floor::Floor;
use crate::format::{change, interval_of};
use crate::provenance;
use crate::view::View;
use harness::judge::wire::results::{Comparison, Figures, Metric, Results, ScenarioFacts};
use std::fmt::Write as _;

const ROW: f64 = 23.0;
const HEADING: f64 = 34.0;
/// Room on the right for change, interval and label.
const FIGURES: f64 = 288.0;
/// Rows of one picture, before another is begun.
const ROWS_PER_PICTURE: usize = 90;

/// A variant, or the control, in a scenario.
struct Row<'a> {
    name: &'a str,
    comparison: Option<&'a Comparison>,
    missing: Option<&'a str>,
    is_control: bool,
}

impl<'a> Row<'a> {
    /// What can be drawn: figures whose ratio has a logarithm.
    fn figures(&self) -> Option<&'a Figures> {
        ratio::drawable(self.comparison?.figures.as_ref())
    }

    fn order(&self) -> (bool, f64) {
        (self.is_control, self.figures().map_or(f64::INFINITY, |f| f.ratio))
    }
}

struct Group<'a> {
    scenario: &'a ScenarioFacts,
    floor: Option<Floor>,
    rows: Vec<Row<'a>>,
}

impl Group<'_> {
    fn height(&self) -> f64 {
        HEADING + self.rows.len() as f64 * ROW
    }
}

/// Every variant's `metric` as a ratio to the reference's, per scenario, best first: as many pictures as it takes.
///
/// # Errors
/// The run holds no comparison in this metric.
pub fn speed(results: &Results, metric: Metric, style: &Style) -> Result<Vec<Chart>, ChartError> {
    let view = View::new(results);
    let groups: Vec<Group<'_>> =
        results.scenarios.iter().map(|scenario| group(&view, scenario, metric)).collect();
    if !groups.iter().flat_map(|g| &g.rows).any(|row| !row.is_control && row.comparison.is_some()) {
        return Err(no_comparison(results, metric));
    }
    let pictures = paginate(groups, |group| group.rows.len() + 1, ROWS_PER_PICTURE);
    let total = pictures.len();
    let draw = |(i, groups): (usize, &Vec<Group<'_>>)| draw(&view, groups, (i + 1, total), (metric, style));
    pictures.iter().enumerate().map(draw).collect()
}

fn group<'a>(view: &View<'a>, scenario: &'a ScenarioFacts, metric: Metric) -> Group<'a> {
    let mut rows: Vec<Row<'a>> = view
        .rivals()
        .map(|variant| Row {
            name: &variant.name,
            comparison: view.comparison(&scenario.name, &variant.name, metric),
            missing: view.missing(&scenario.name, &variant.name, metric),
            is_control: false,
        })
        .collect();
    if let Some(control) = view.control_of(&scenario.name, metric) {
        let name = view.control();
        rows.push(Row { name, comparison: Some(control), missing: None, is_control: true });
    }
    rows.sort_by(|a, b| {
        let ((a_control, a), (b_control, b)) = (a.order(), b.order());
        a_control.cmp(&b_control).then(a.total_cmp(&b))
    });
    Group { scenario, floor: view.floor(&scenario.name, metric), rows }
}

fn draw(
    view: &View<'_>,
    groups: &[Group<'_>],
    (i, of): (usize, usize),
    (metric, style): (Metric, &Style),
) -> Result<Chart, ChartError> {
    let rows = || groups.iter().flat_map(|g| &g.rows);
    let left = MARGIN + name_column(rows().map(|row| row.name));
    let right = style.width() - MARGIN - FIGURES;
    let floors = groups.iter().filter_map(|g| g.floor);
    let axis = ratio::axis(rows().filter_map(Row::figures), floors, (left + 10.0, right - 10.0));
    let n = counted(rows().filter_map(|row| Some(row.figures()?.blocks)));
    let part = if of > 1 { format!(" ({i} of {of})") } else { String::new() };
    let title =
        format!("{} relative to {}{part}", measure::name(metric), shorten(view.reference(), NAME_LIMIT));
    let frame = Frame {
        title: title.clone(),
        about: about(&title, groups),
        note: format!(
            "Median of the ratios paired by block ({n} blocks) with its interval of at least 95 %, on a log scale; left of the line \
             is {} than the reference. Shaded: the floor, the larger of the margin and what the control moved.{}",
            if metric.unit() == "ns" { "faster" } else { "less" },
            measure::least(metric)
        ),
        legend: vec![
            (Mark::Dot(Ink::Less), measure::told(metric).0.to_owned()),
            (Mark::Dot(Ink::More), measure::told(metric).1.to_owned()),
            (Mark::Ring(Ink::Untold), "no change or inconclusive".to_owned()),
            (Mark::Cross(Ink::Doubt), "unstable or invalid".to_owned()),
            (Mark::Tick(Ink::Control), "control: the reference's binary again".to_owned()),
        ],
        source: provenance::lines(&view.results.provenance),
        body: 22.0 + groups.iter().map(Group::height).sum::<f64>() + 46.0,
    };
    let stem = numbered(&of_metric("speed", metric), i);
    frame.chart(style, stem, |canvas, top| {
        let top = top + 22.0;
        let bottom = top + groups.iter().map(Group::height).sum::<f64>() + 4.0;
        let mut y = top;
        for group in groups {
            if let Some(Floor { less, more }) = group.floor.filter(|floor| floor.share() > 0.0) {
                let (from, to) = (axis.place(less), axis.place(more));
                canvas.block(
                    (from, y + HEADING - 5.0),
                    to - from,
                    group.height() - HEADING + 4.0,
                    Ink::Floor,
                )?;
            }
            y += group.height();
        }
        grid(canvas, &ratio::ticks(&axis), (top, bottom), true)?;
        canvas.line((axis.place(1.0), top), (axis.place(1.0), bottom), Ink::Text, 1.4)?;
        let look = Look::new(11.5, Ink::Muted).at(Side::Middle);
        let directions = if metric.unit() == "ns" {
            "← takes less time · takes more time →"
        } else {
            "← takes less · takes more →"
        };
        canvas.text((f64::midpoint(left, right), bottom + 32.0), directions, look)?;
        let mut y = top;
        for group in groups {
            heading(canvas, &group.scenario.name, floor_text(group.floor), y + HEADING / 2.0)?;
            y += HEADING;
            for row in &group.rows {
                draw_row(canvas, row, &axis, y + ROW / 2.0, (left, right))?;
                y += ROW;
            }
        }
        Ok(())
    })
}

fn about(title: &str, groups: &[Group<'_>]) -> String {
    let mut about = format!("{title}.");
    for group in groups {
        let each = group.rows.iter().filter_map(|row| {
            let figures = row.figures()?;
            Some(format!("{} {} {}", row.name, change(figures.ratio), row.comparison?.label))
        });
        let _ = write!(about, " {}: {}.", group.scenario.name, each.collect::<Vec<_>>().join("; "));
    }
    about
}

fn draw_row(canvas: &mut Canvas<'_>, row: &Row<'_>, axis: &Axis, y: f64, (left, right): (f64, f64)) -> Drawn {
    let ink = if row.is_control { Ink::Muted } else { Ink::Text };
    canvas.text((left - 8.0, y), &shorten(row.name, NAME_LIMIT), Look::new(BODY, ink).at(Side::Right))?;
    let (Some(comparison), Some(figures)) = (row.comparison, row.figures()) else {
        let why = row.comparison.and_then(|c| c.reason.as_deref()).or(row.missing);
        let label = row.comparison.map_or("not measured", |c| c.label.name());
        let text = why.map_or_else(|| label.to_owned(), |why| format!("{label}: {why}"));
        let text = shorten(&text, ((canvas.width() - MARGIN - left) / (BODY * 0.56)) as usize);
        // The lines of the grid must not run through the words.
        let width = text_width(&text, BODY);
        canvas.block((left + 6.0, y - 9.0), width, 18.0, Ink::Paper)?;
        return canvas.text((left + 8.0, y), &text, Look::new(BODY, Ink::Muted));
    };
    let mark =
        if row.is_control { Mark::Tick(Ink::Control) } else { mark_of(comparison.label, figures.ratio) };
    let ink = if row.is_control { Ink::Control } else { ink_of(comparison.label, figures.ratio) };
    if let Some((low, high)) = figures.interval() {
        let bound = |v: f64, open: f64| if v.is_finite() && v > 0.0 { v } else { open };
        let (low, high) = (bound(low, axis.low()), bound(high, axis.high()));
        let (from, to) = (axis.place(low), axis.place(high));
        canvas.line((from, y), (to, y), ink, 1.8)?;
        for (x, inside) in [(from, low > axis.low()), (to, high < axis.high())] {
            if inside {
                canvas.line((x, y - 4.0), (x, y + 4.0), ink, 1.8)?;
            }
        }
    }
    let x = axis.place(figures.ratio);
    if figures.ratio < axis.low() {
        canvas.mark((x, y), Mark::Arrow(ink, Side::Left))?;
    } else if figures.ratio > axis.high() {
        canvas.mark((x, y), Mark::Arrow(ink, Side::Right))?;
    } else {
        canvas.mark((x, y), mark)?;
    }
    let text = Look::new(BODY, Ink::Text).at(Side::Right);
    canvas.text((right + 68.0, y), &change(figures.ratio), text)?;
    let look = Look::new(11.5, Ink::Muted);
    canvas.text((right + 196.0, y), &interval_of(figures), look.at(Side::Right))?;
    canvas.text((right + 208.0, y), comparison.label.name(), look)
}
