//! Time, or memory, over the size of the input: does it grow in proportion, and how far from the limit?

use super::curves::{At, Curve, Guide, Panel, Sign, key_width};
use super::family::{Family, by_size, is_limit, slope};
use super::frame::{Frame, counted, largest_floor_text, measured, paginate};
use super::ink::Ink;
use super::style::Style;
use super::{Chart, ChartError, Mark, measure, numbered, of_metric};
use crate::format::{byte_rate, byte_unit, bytes, capitalised, record_rate};
use crate::provenance;
use crate::view::View;
use harness::judge::wire::results::{Metric, Results};
use std::fmt::Write as _;

const PANELS_PER_PICTURE: usize = 4;

/// `metric` over the size of the input, of each family of scenarios `suite/name/scale`, with the fitted slope of each variant.
///
/// # Errors
/// The run has no scenario in more than one size, or nothing of them was read.
pub fn size(results: &Results, metric: Metric, style: &Style) -> Result<Vec<Chart>, ChartError> {
    let view = View::new(results);
    let families = by_size(&results.scenarios);
    if families.is_empty() {
        return Err(ChartError::Nothing(
            "no scenario of the run was measured in more than one size: they are told by names such as count/fast/1m and \
             count/fast/10m, as a run on several files of one's own has them (cargo xtask bench --input SMALL LARGE)"
                .to_owned(),
        ));
    }
    let limits = limits(&view, &families, metric);
    let panels: Vec<Panel> = families
        .iter()
        .filter(|family| !is_limit(&family.name))
        .filter_map(|family| panel(&view, family, metric, &limits))
        .collect();
    if panels.is_empty() {
        return Err(ChartError::Nothing(format!(
            "no {metric} above zero was read in two sizes of a scenario"
        )));
    }
    let pictures = paginate(panels, |_| 1, PANELS_PER_PICTURE);
    let total = pictures.len();
    let picture =
        |(i, panels): (usize, &Vec<Panel>)| draw(&view, panels, (i + 1, total), (metric, &limits), style);
    pictures.iter().enumerate().map(picture).collect()
}

/// What no reader can pass: bytes and nanoseconds, ascending.
struct Limit {
    name: String,
    corpora: Vec<String>,
    points: Vec<(f64, f64)>,
}

/// The scenarios that only visit their input, by what they are called.
fn limits(view: &View<'_>, families: &[Family<'_>], metric: Metric) -> Vec<Limit> {
    let mut found: Vec<Limit> = Vec::new();
    if metric != Metric::Time {
        return found;
    }
    let mut scenarios: Vec<_> =
        view.scenarios().iter().filter(|scenario| is_limit(&scenario.name) && scenario.bytes > 0).collect();
    scenarios.sort_by_key(|scenario| scenario.bytes);
    for scenario in scenarios {
        let family =
            families.iter().find(|f| f.members.iter().any(|(_, member)| member.name == scenario.name));
        let name = family.map_or(&scenario.name, |family| &family.name);
        let median = view.cell(&scenario.name, view.reference(), metric).map(|cell| cell.summary.median);
        let Some(ns) = median.filter(|ns| ns.is_finite() && *ns > 0.0) else { continue };
        let at = found.iter().position(|limit| limit.name == *name).unwrap_or_else(|| {
            found.push(Limit { name: name.clone(), corpora: Vec::new(), points: Vec::new() });
            found.len() - 1
        });
        found[at].points.push((scenario.bytes as f64, ns));
        found[at].corpora.push(scenario.corpus.clone());
    }
    found
}

impl Limit {
    /// As it was measured; one that was read in a single size is drawn in proportion between these ends.
    fn guide(&self, (low, high): (f64, f64)) -> Guide {
        let rate = self.points.last().map_or_else(String::new, |(bytes, ns)| byte_rate(bytes / ns * 1e9));
        let points = match self.points.as_slice() {
            [(bytes, ns)] => vec![(low, ns / bytes * low), (high, ns / bytes * high)],
            several => several.iter().copied().filter(|(bytes, _)| (low..=high).contains(bytes)).collect(),
        };
        Guide { name: format!("{}: {rate}", self.name), points }
    }
}

fn panel(view: &View<'_>, family: &Family<'_>, metric: Metric, limits: &[Limit]) -> Option<Panel> {
    let in_bytes = family.members.iter().all(|(_, scenario)| scenario.bytes > 0);
    let names = measured(&view.results.variants, view.reference());
    let mut others = 0;
    let mut curves = Vec::new();
    for name in &names {
        let is_reference = name == view.reference();
        let sign = if is_reference { Sign::REFERENCE } else { Sign::of(others) };
        others += usize::from(!is_reference);
        let points: Vec<At> = family
            .members
            .iter()
            .filter_map(|(x, scenario)| {
                let summary = view.cell(&scenario.name, name, metric)?.summary;
                let usable = summary.median.is_finite() && summary.median > 0.0;
                let low = if summary.min > 0.0 { summary.min } else { summary.median };
                usable.then_some(At { x: *x, y: summary.median, range: (low, summary.max) })
            })
            .collect();
        if points.is_empty() {
            continue;
        }
        let missing = family.members.len() - points.len();
        let flat: Vec<(f64, f64)> = points.iter().map(|at| (at.x, at.y)).collect();
        let slope = slope(&flat).map_or_else(|| "slope –".to_owned(), |slope| format!("slope {slope:.2}"));
        let gap = if missing > 0 { format!(", {missing} missing") } else { String::new() };
        let last = flat.last().map_or_else(String::new, |(x, y)| at_last(metric, in_bytes, *x, *y) + ", ");
        curves.push(Curve { name: name.clone(), sign, points, aside: last + &slope + &gap });
    }
    if curves.iter().all(|curve| curve.points.len() < 2) {
        return None;
    }
    let ends = family.members.first().zip(family.members.last()).map(|(first, last)| (first.0, last.0))?;
    // The limit on the same data says most; without one, any says something.
    let is_here =
        |limit: &&Limit| family.members.iter().any(|(_, member)| limit.corpora.contains(&member.corpus));
    let here: Vec<&Limit> = limits.iter().filter(is_here).collect();
    let limits: Vec<&Limit> = if here.is_empty() { limits.iter().collect() } else { here };
    let label = |value: f64| {
        if in_bytes { bytes(value) } else { record_rate(value).replace("/s", "") }
    };
    let floors = family.members.iter().filter_map(|(_, scenario)| view.floor(&scenario.name, metric));
    Some(Panel {
        name: family.name.clone(),
        aside: largest_floor_text(floors),
        curves,
        guides: if in_bytes { limits.iter().map(|limit| limit.guide(ends)).collect() } else { Vec::new() },
        xs: family.members.iter().map(|(x, _)| (*x, label(*x))).collect(),
        x_name: if in_bytes { "what one iteration reads, log scale" } else { "records, log scale" },
        y_name: format!(
            "{}, log scale",
            if metric == Metric::Time { "time per iteration" } else { "growth" }
        ),
        y_labels: if metric == Metric::Time {
            |axis| axis.labelled(6, |value| measure::unit(Metric::Time, value))
        } else {
            |axis| axis.binary(7).into_iter().map(|value| (value, label_of(value))).collect()
        },
        key: "largest size; fitted",
    })
}

/// What a variant reaches in its largest size: throughput, or memory.
fn at_last(metric: Metric, in_bytes: bool, size: f64, value: f64) -> String {
    match (metric, in_bytes) {
        (Metric::Time, true) => byte_rate(size / value * 1e9),
        (Metric::Time, false) => record_rate(size / value * 1e9),
        _ => bytes(value),
    }
}

/// A power of two in its unit.
fn label_of(value: f64) -> String {
    let (factor, name) = byte_unit(value);
    format!("{} {name}", value / factor)
}

fn draw(
    view: &View<'_>,
    panels: &[Panel],
    (i, of): (usize, usize),
    (metric, limits): (Metric, &[Limit]),
    style: &Style,
) -> Result<Chart, ChartError> {
    let part = if of > 1 { format!(" ({i} of {of})") } else { String::new() };
    let title = format!("{} over the size of the input{part}", measure::name(metric));
    let cells =
        view.results.cells.iter().filter(|cell| cell.metric == metric && cell.variant != view.control());
    let n = counted(cells.map(|cell| cell.samples.len()));
    let limit = if limits.is_empty() {
        String::new()
    } else {
        " Dashed: what can be read at all, as the reference's build visits it; in proportion where only one size was read.".to_owned()
    };
    let frame = Frame {
        about: about(&title, panels),
        title,
        note: format!(
            "{}: median of fresh processes ({n}), with the smallest and the largest as a line. Slope: of the line through the logarithms \
             by least squares; 1 grows in proportion, 0 not at all, and through fewer than three sizes none is fitted. \
             Visits of two sizes did not stand in one block.{limit}",
            capitalised(measure::sample(metric))
        ),
        legend: vec![(Mark::Dot(Ink::Reference), "reference".to_owned())],
        source: provenance::lines(&view.results.provenance),
        body: panels.iter().map(Panel::height).sum(),
    };
    let stem = numbered(&of_metric("size", metric), i);
    let key = key_width(panels);
    frame.chart(style, stem, |canvas, top| {
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
