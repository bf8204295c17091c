//! Heat map: every variant against the reference in every scenario, at a glance.
//!
//! Only what was told apart has a colour: what a label does not carry must not catch the eye.

use super::canvas::{Canvas, Drawn, Look, Mark, Side, text_width};
use super::frame::{BODY, Frame, MARGIN, NAME_LIMIT, SMALL, counted, name_column, paginate};
use super::ink::Ink;
use super::style::Style;
use super::{Chart, ChartError, measure, no_comparison, numbered, of_metric, ratio};
use crate::escape::shorten;
use crate::floor::Floor;
use crate::format::change;
use crate::legend::MEMORY_MEAN;
use crate::provenance;
use crate::verdict::Standing;
use crate::view::View;
use harness::judge::label::Label;
use harness::judge::wire::results::{Comparison, Metric, Results, ScenarioFacts};
use std::fmt::Write as _;

const ROW: f64 = 25.0;
/// A column is at least and at most so wide.
const COLUMN: (f64, f64) = (50.0, 110.0);
/// Rows of one picture, before another is begun.
const ROWS_PER_PICTURE: usize = 64;
/// Where the colours begin, as |ln ratio|: 5, 15 and 35 % less, or 5, 18 and 54 % more.
const STEPS: [f64; 3] = [0.0513, 0.1625, 0.4308];

/// The colour of a change that was told apart.
fn heat_of(ln_ratio: f64) -> Ink {
    let step = STEPS.iter().filter(|step| ln_ratio.abs() >= **step).count();
    let inks = if ln_ratio < 0.0 { Ink::COLD } else { Ink::WARM };
    inks[step.min(inks.len() - 1)]
}

/// Variants by scenarios: how much each takes, relative to the reference, in `metric`.
///
/// # Errors
/// The run holds no comparison in this metric.
pub fn heat(results: &Results, metric: Metric, style: &Style) -> Result<Vec<Chart>, ChartError> {
    let view = View::new(results);
    let names: Vec<&str> = view.rivals().map(|variant| variant.name.as_str()).collect();
    let is_compared = |scenario: &&ScenarioFacts| {
        names.iter().any(|name| view.comparison(&scenario.name, name, metric).is_some())
    };
    let scenarios: Vec<&ScenarioFacts> = results.scenarios.iter().filter(is_compared).collect();
    if scenarios.is_empty() {
        return Err(no_comparison(results, metric));
    }
    let means: Vec<Option<f64>> = names
        .iter()
        .map(|name| {
            let standing = Standing::of(&view, name, metric);
            standing.mean.filter(|_| standing.judged == scenarios.len() && scenarios.len() > 1)
        })
        .collect();
    let pictures = paginate(scenarios, |_| 1, ROWS_PER_PICTURE);
    let total = pictures.len();
    let picture = |(i, scenarios): (usize, &Vec<&ScenarioFacts>)| {
        let map = Map { view: &view, metric, names: &names, means: &means, scenarios };
        map.draw((i + 1, total), style)
    };
    pictures.iter().enumerate().map(picture).collect()
}

struct Map<'m, 'a> {
    view: &'m View<'a>,
    metric: Metric,
    names: &'m [&'a str],
    /// Of each variant over all scenarios.
    means: &'m [Option<f64>],
    scenarios: &'m [&'a ScenarioFacts],
}

impl Map<'_, '_> {
    fn comparison(&self, scenario: &str, name: &str) -> Option<&Comparison> {
        self.view.comparison(scenario, name, self.metric)
    }

    fn draw(&self, (i, of): (usize, usize), style: &Style) -> Result<Chart, ChartError> {
        let left = MARGIN + name_column(self.scenarios.iter().map(|s| s.name.as_str()));
        let room = (style.width() - MARGIN - left) / self.names.len().max(1) as f64;
        let column = room.clamp(COLUMN.0, COLUMN.1);
        let wide = style.width().max(left + column * self.names.len() as f64 + MARGIN);
        let shown: Vec<String> = self.names.iter().map(|name| shorten(name, NAME_LIMIT)).collect();
        let widest = shown.iter().map(|name| text_width(name, BODY)).fold(0.0, f64::max);
        let upright = widest > column - 6.0;
        let head = if upright { widest + 12.0 } else { 26.0 };
        let is_last = i == of;
        let rows = self.scenarios.len() + usize::from(is_last);
        let part = if of > 1 { format!(" ({i} of {of})") } else { String::new() };
        let reference = shorten(self.view.reference(), NAME_LIMIT);
        let title = format!("{} of each variant relative to {reference}{part}", measure::name(self.metric));
        let n = counted(self.all().filter_map(|(_, _, c)| Some(c?.figures.as_ref()?.blocks)));
        let frame = Frame {
            about: self.about(&title),
            title,
            note: format!(
                "Change in percent (× for multiples): the median of the ratios paired by block ({n} blocks). A colour means told \
                 apart and past the floor{}; bold: definitive or high. Less is better. \
                 The mean is geometric, and only of variants that were judged in every scenario.{}",
                self.floors(),
                self.nothing()
            ),
            legend: vec![
                (Mark::Block(Ink::COLD[0]), "told: less".to_owned()),
                (Mark::Block(Ink::COLD[1]), "5 % less".to_owned()),
                (Mark::Block(Ink::COLD[2]), "15 %".to_owned()),
                (Mark::Block(Ink::COLD[3]), "35 % and on".to_owned()),
                (Mark::Block(Ink::WARM[0]), "told: more".to_owned()),
                (Mark::Block(Ink::WARM[1]), "5 % more".to_owned()),
                (Mark::Block(Ink::WARM[2]), "18 %".to_owned()),
                (Mark::Block(Ink::WARM[3]), "54 % and on".to_owned()),
                (Mark::Ring(Ink::Untold), "not told apart".to_owned()),
                (Mark::Cross(Ink::Doubt), "unstable or invalid".to_owned()),
            ],
            source: provenance::lines(&self.view.results.provenance),
            body: head + rows as f64 * ROW + if is_last { 8.0 } else { 0.0 },
        };
        let stem = numbered(&of_metric("heat", self.metric), i);
        frame.chart_of_width(style, wide, stem, |canvas, top| {
            for (at, name) in shown.iter().enumerate() {
                let x = left + (at as f64 + 0.5) * column;
                let look = Look::new(BODY, Ink::Text);
                if upright {
                    canvas.text_upwards((x, top + head - 6.0), name, look)?;
                } else {
                    canvas.text((x, top + head - 12.0), name, look.at(Side::Middle))?;
                }
            }
            let mut y = top + head;
            for scenario in self.scenarios {
                let look = Look::new(BODY, Ink::Text).at(Side::Right);
                canvas.text((left - 8.0, y + ROW / 2.0), &shorten(&scenario.name, NAME_LIMIT), look)?;
                for (at, name) in self.names.iter().enumerate() {
                    let comparison = self.comparison(&scenario.name, name);
                    let way = comparison.and_then(|comparison| self.view.to_or_from_nothing(comparison));
                    draw_cell(canvas, (comparison, way), (left + at as f64 * column, y), column)?;
                }
                y += ROW;
            }
            if !is_last {
                return Ok(());
            }
            y += 6.0;
            let right = left + column * self.names.len() as f64;
            canvas.line((MARGIN, y - 3.0), (right, y - 3.0), Ink::Grid, 1.0)?;
            let look = Look::new(BODY, Ink::Muted).at(Side::Right);
            canvas.text((left - 8.0, y + ROW / 2.0), "geometric mean", look)?;
            for (at, mean) in self.means.iter().enumerate() {
                let at = (left + (at as f64 + 0.5) * column, y + ROW / 2.0);
                let text = mean.map_or_else(|| "–".to_owned(), compact);
                canvas.text(at, &text, Look::new(SMALL, Ink::Text).at(Side::Middle))?;
            }
            Ok(())
        })
    }

    fn all(&self) -> impl Iterator<Item = (&str, &str, Option<&Comparison>)> {
        let of = |scenario: &'_ ScenarioFacts, name: &'_ str| self.comparison(&scenario.name, name);
        self.scenarios.iter().flat_map(move |scenario| {
            self.names.iter().map(move |name| (scenario.name.as_str(), *name, of(scenario, name)))
        })
    }

    /// `, which is 1.0 % (or more: up to 5.4 % where the control moved)`.
    fn floors(&self) -> String {
        let floors = self.scenarios.iter().filter_map(|s| self.view.floor(&s.name, self.metric));
        let floors = floors.map(Floor::share);
        let range = floors.fold(None, |range: Option<(f64, f64)>, floor| match range {
            None => Some((floor, floor)),
            Some((low, high)) => Some((low.min(floor), high.max(floor))),
        });
        let told = crate::format::fraction;
        match range {
            None => String::new(),
            Some((low, high)) if told(low) == told(high) => format!(" ({})", told(low)),
            Some((low, high)) => format!(" ({} to {} by scenario)", told(low), told(high)),
        }
    }

    /// What is said of memory alone, where a ratio may be of a page that stands for nothing.
    fn nothing(&self) -> String {
        if self.metric.unit() != "bytes" {
            return String::new();
        }
        let mut ways = self.all().filter_map(|(_, _, comparison)| self.view.to_or_from_nothing(comparison?));
        let told = if ways.next().is_some() { " → 0 B: to nothing; 0 B →: from nothing." } else { "" };
        format!("{told} {MEMORY_MEAN}")
    }

    fn about(&self, title: &str) -> String {
        let mut about = format!("{title}.");
        for scenario in self.scenarios {
            let each = self.names.iter().filter_map(|name| {
                let comparison = self.comparison(&scenario.name, name)?;
                let change = self.view.change(comparison).map(|change| change + " ").unwrap_or_default();
                Some(format!("{name} {change}{}", comparison.label))
            });
            let _ = write!(about, " {}: {}.", scenario.name, each.collect::<Vec<_>>().join("; "));
        }
        about
    }
}

/// Without the unit, which the note names: `−12.3`, `×12.3`; a multiple of many digits by its power of ten.
fn compact(ratio: f64) -> String {
    let text = change(ratio);
    if ratio >= 10_000.0 || (ratio > 0.0 && ratio < 0.001) {
        return format!("×{ratio:.0e}").replace('-', "−");
    }
    text.strip_suffix(" %").map_or(text.clone(), str::to_owned)
}

fn draw_cell(
    canvas: &mut Canvas<'_>,
    (comparison, way): (Option<&Comparison>, Option<&str>),
    (x, y): (f64, f64),
    column: f64,
) -> Drawn {
    let middle = (x + column / 2.0, y + ROW / 2.0);
    let look = Look::new(SMALL, Ink::Muted).at(Side::Middle);
    let Some(comparison) = comparison else {
        return canvas.text(middle, "–", look);
    };
    let Some(figures) = ratio::drawable(comparison.figures.as_ref()) else {
        return canvas.mark(middle, Mark::Cross(Ink::Doubt));
    };
    let text = way.map_or_else(|| compact(figures.ratio), str::to_owned);
    match comparison.label {
        Label::Definitive | Label::High | Label::Moderate => {
            canvas.block((x + 1.0, y + 1.0), column - 2.0, ROW - 2.0, heat_of(figures.ratio.ln()))?;
            let look = Look { ink: Ink::Text, ..look };
            let is_sure = comparison.label != Label::Moderate;
            canvas.text(middle, &text, if is_sure { look.bold() } else { look })
        }
        Label::NoChange | Label::Inconclusive => canvas.text(middle, &text, look),
        Label::Unstable | Label::Invalid => {
            canvas.mark((x + 9.0, middle.1), Mark::Cross(Ink::Doubt))?;
            canvas.text((middle.0 + 6.0, middle.1), &text, look)
        }
    }
}
