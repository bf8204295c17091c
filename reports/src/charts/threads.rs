//! Scaling: how much faster with more threads.

use super::curves::{At, Curve, Guide, Panel, Sign, key_width};
use super::family::{Family, by_threads};
use super::frame::{Frame, counted, largest_floor_text, measured, paginate};
use super::ink::Ink;
use super::style::Style;
use super::{Chart, ChartError, Mark, numbered};
use crate::provenance;
use crate::view::View;
use harness::judge::wire::results::{Metric, Results};
use std::fmt::Write as _;

const PANELS_PER_PICTURE: usize = 4;

/// Speed-up over the number of threads, of each family of scenarios whose names hold one.
///
/// # Errors
/// The run has no scenario with several numbers of threads, or no time of them was read.
pub fn threads(results: &Results, style: &Style) -> Result<Vec<Chart>, ChartError> {
    let view = View::new(results);
    let families = by_threads(&results.scenarios);
    if families.is_empty() {
        return Err(ChartError::Nothing(
            "no scenario of the run was measured with several numbers of threads: they are told by names such as \
             index/app and index/app/4-threads"
                .to_owned(),
        ));
    }
    let panels: Vec<Panel> = families.iter().filter_map(|family| panel(&view, family)).collect();
    if panels.is_empty() {
        return Err(ChartError::Nothing(
            "no time was read with two numbers of threads of a scenario".to_owned(),
        ));
    }
    let pictures = paginate(panels, |_| 1, PANELS_PER_PICTURE);
    let total = pictures.len();
    let picture = |(i, panels): (usize, &Vec<Panel>)| draw(&view, panels, (i + 1, total), style);
    pictures.iter().enumerate().map(picture).collect()
}

fn panel(view: &View<'_>, family: &Family<'_>) -> Option<Panel> {
    let (fewest, _) = *family.members.first()?;
    let (most, _) = *family.members.last()?;
    let names = measured(&view.results.variants, view.reference());
    let mut others = 0;
    let mut curves = Vec::new();
    for name in &names {
        let is_reference = name == view.reference();
        let sign = if is_reference { Sign::REFERENCE } else { Sign::of(others) };
        others += usize::from(!is_reference);
        let summary = |scenario: &str| {
            let summary = view.cell(scenario, name, Metric::Time)?.summary;
            (summary.median.is_finite() && summary.min > 0.0).then_some(summary)
        };
        // Without the fewest threads there is nothing to be faster than.
        let Some(base) = family.members.first().and_then(|(_, first)| summary(&first.name)) else { continue };
        let points: Vec<At> = family
            .members
            .iter()
            .filter_map(|(x, scenario)| {
                let own = summary(&scenario.name)?;
                let range = (base.median / own.max, base.median / own.min);
                Some(At { x: *x, y: base.median / own.median, range })
            })
            .collect();
        let Some(last) = points.last().filter(|_| points.len() > 1) else { continue };
        let aside = format!("×{:.2} with {:.0}", last.y, last.x);
        curves.push(Curve { name: name.clone(), sign, points, aside });
    }
    let floors = family.members.iter().filter_map(|(_, scenario)| view.floor(&scenario.name, Metric::Time));
    (!curves.is_empty()).then(|| Panel {
        name: family.name.clone(),
        aside: largest_floor_text(floors),
        curves,
        guides: vec![Guide { name: "ideal".to_owned(), points: vec![(fewest, 1.0), (most, most / fewest)] }],
        xs: family.members.iter().map(|(x, _)| (*x, format!("{x:.0}"))).collect(),
        x_name: "threads, log scale",
        y_name: "speed-up, log scale".to_owned(),
        y_labels: |axis| axis.binary(8).into_iter().map(|value| (value, format!("×{value}"))).collect(),
        key: "speed-up",
    })
}

fn draw(
    view: &View<'_>,
    panels: &[Panel],
    (i, of): (usize, usize),
    style: &Style,
) -> Result<Chart, ChartError> {
    let part = if of > 1 { format!(" ({i} of {of})") } else { String::new() };
    let title = format!("Speed-up over the number of threads{part}");
    let cells = view
        .results
        .cells
        .iter()
        .filter(|cell| cell.metric == Metric::Time && cell.variant != view.control());
    let n = counted(cells.map(|cell| cell.samples.len()));
    let frame = Frame {
        about: about(&title, panels),
        title,
        note: format!(
            "Median time of a variant with the fewest threads over its median time with more, of fresh processes ({n}); the thin line \
             is for its fastest and slowest process. Dashed: twice the threads, twice the speed. Visits with different \
             numbers of threads did not stand in one block, and a machine with fewer CPUs than threads can't follow."
        ),
        legend: vec![(Mark::Dot(Ink::Reference), "reference".to_owned())],
        source: provenance::lines(&view.results.provenance),
        body: panels.iter().map(Panel::height).sum(),
    };
    let key = key_width(panels);
    frame.chart(style, numbered("threads", i), |canvas, top| {
        let mut y = top;
        for panel in panels {
            panel.draw(canvas, y, key)?;
            y += panel.height();
        }
        Ok(())
    })
}

fn about(title: &str, panels: &[Panel]) -> String {
    let mut about = format!("{title}.");
    for panel in panels {
        let each = panel.curves.iter().map(|curve| format!("{} {}", curve.name, curve.aside));
        let _ = write!(about, " {}: {}.", panel.name, each.collect::<Vec<_>>().join("; "));
    }
    about
}
