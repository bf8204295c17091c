//! Trade-off: throughput against what it costs, and the variants that nothing beats in both.

use super::axis::Axis;
use super::canvas::{Canvas, Drawn, Look, Mark, Side, text_width};
use super::frame::{BODY, Frame, MARGIN, NAME_LIMIT, SMALL, name_column};
use super::ink::Ink;
use super::style::Style;
use super::{Chart, ChartError, no_comparison};
use crate::escape::shorten;
use crate::format::{ABSENT, build_time, byte_unit, bytes, change, duration_unit, fraction};
use crate::legend::MEMORY_MEAN;
use crate::provenance;
use crate::verdict::Standing;
use crate::view::View;
use harness::judge::wire::results::{Metric, Results};
use std::fmt::Write as _;

/// Height of a panel, in which the points lie.
const PANEL: f64 = 250.0;
const ROW: f64 = 21.0;
/// A build is timed once: times that lie closer together than this are the same.
const BUILD_MARGIN: f64 = 0.1;
/// Room between two panels, for the scale of the right one.
const GAP: f64 = 62.0;

/// What throughput is set against.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cost {
    Resident,
    Size,
    Build,
}

impl Cost {
    const ALL: [Self; 3] = [Self::Resident, Self::Size, Self::Build];

    fn name(self) -> &'static str {
        match self {
            Self::Resident => "resident memory against the reference's",
            Self::Size => "size of the binary",
            Self::Build => "time to build",
        }
    }

    /// Why a run may have nothing of it.
    fn lack(self) -> &'static str {
        match self {
            Self::Resident => "resident memory was not read",
            Self::Size => "no sizes are known",
            Self::Build => "all builds came from the cache",
        }
    }

    fn text(self, value: f64) -> String {
        match self {
            Self::Resident => change(value),
            Self::Size => bytes(value),
            Self::Build => build_time(value),
        }
    }
}

struct Point<'a> {
    name: &'a str,
    /// How many times the reference's throughput.
    speed: Option<f64>,
    /// Why there is no speed.
    lack: String,
    costs: [Option<f64>; 3],
    leaked: bool,
    is_reference: bool,
    /// By cost: does nothing beat it in both?
    front: [bool; 3],
}

/// Throughput over all scenarios against resident memory, the size of the binary and the time to build it.
///
/// # Errors
/// No variant was compared with the reference in time.
pub fn trade_off(results: &Results, style: &Style) -> Result<Chart, ChartError> {
    let view = View::new(results);
    let of = |metric| {
        let compared =
            |scenario: &str| view.rivals().any(|v| view.comparison(scenario, &v.name, metric).is_some());
        view.scenarios().iter().filter(|scenario| compared(&scenario.name)).count()
    };
    let (timed, weighed) = (of(Metric::Time), of(Metric::Rss));
    let mut points = points(&view, timed, weighed);
    if timed == 0 || points.iter().filter(|point| point.speed.is_some()).count() < 2 {
        return Err(if timed == 0 {
            no_comparison(results, Metric::Time)
        } else {
            ChartError::Nothing("no variant but the reference was judged in every scenario".to_owned())
        });
    }
    let margin = |metric| {
        let facts = results.metrics.iter().find(|facts| facts.metric == metric);
        facts.map_or(0.0, |facts| facts.margin).max(0.0)
    };
    let margins = [margin(Metric::Rss), 0.0, BUILD_MARGIN];
    for (at, of_cost) in margins.into_iter().enumerate() {
        mark_front(&mut points, at, (margin(Metric::Time), of_cost));
    }
    draw(&view, &points, (timed, weighed), (margin(Metric::Time), margin(Metric::Rss)), style)
}

fn points<'a>(view: &View<'a>, timed: usize, weighed: usize) -> Vec<Point<'a>> {
    let usable = |value: &f64| value.is_finite() && *value > 0.0;
    let mean = |name: &str, metric, of: usize| {
        let standing = Standing::of(view, name, metric);
        let whole = standing.judged == of && of > 0;
        (standing.mean.filter(usable).filter(|_| whole), standing.judged)
    };
    let names = super::frame::measured(&view.results.variants, view.reference());
    let facts = names.iter().filter_map(|name| view.results.variants.iter().find(|v| v.name == *name));
    facts
        .map(|facts| {
            let is_reference = facts.name == view.reference();
            let (ratio, judged) = mean(&facts.name, Metric::Time, timed);
            let ratio = if is_reference { Some(1.0) } else { ratio };
            let (weight, _) = mean(&facts.name, Metric::Rss, weighed);
            let weight = if is_reference && weighed > 0 { Some(1.0) } else { weight };
            let size = facts.command.as_ref().unwrap_or(&facts.binary).bytes as f64;
            Point {
                name: &facts.name,
                speed: ratio.map(|ratio| 1.0 / ratio),
                lack: format!("judged in {judged} of {timed} scenarios"),
                costs: [weight, Some(size).filter(usable), facts.binary.build_time()],
                leaked: view.is_leaked(&facts.name),
                is_reference,
                front: [false; 3],
            }
        })
        .collect()
}

/// Marks what nothing beats: no other is as good in both and better in one, where what lies within the margins of speed and cost
/// is as good. What was trained on the measured data can't be shipped, and beats nobody.
fn mark_front(points: &mut [Point<'_>], cost: usize, (of_speed, of_cost): (f64, f64)) {
    let places: Vec<Option<(f64, f64)>> =
        points.iter().map(|point| point.speed.zip(point.costs[cost]).filter(|_| !point.leaked)).collect();
    for (point, place) in points.iter_mut().zip(&places) {
        let Some((speed, price)) = place else { continue };
        let beaten = places.iter().flatten().any(|(other, its)| {
            let as_good = *other * (1.0 + of_speed) >= *speed && *its <= *price * (1.0 + of_cost);
            as_good && (*other > *speed * (1.0 + of_speed) || *its * (1.0 + of_cost) < *price)
        });
        point.front[cost] = !beaten;
    }
}

fn draw(
    view: &View<'_>,
    points: &[Point<'_>],
    (timed, weighed): (usize, usize),
    (margin, margin_of_memory): (f64, f64),
    style: &Style,
) -> Result<Chart, ChartError> {
    let reference = shorten(view.reference(), NAME_LIMIT);
    let title = format!("Throughput and what it costs, against {reference}");
    let floors = view.scenarios().iter().filter_map(|s| view.floor(&s.name, Metric::Time));
    let floor = super::frame::largest_floor_text(floors).unwrap_or_else(|| "no floor known".to_owned());
    let blocks = view.results.comparisons.iter().filter(|c| c.metric == Metric::Time);
    let n = super::frame::counted(blocks.filter_map(|c| Some(c.figures.as_ref()?.blocks)));
    let plural = |n: usize| crate::format::plural(n as u64, "scenario", "scenarios");
    let mut note = format!(
        "Throughput: geometric mean over {} of what the ratios of time ({n} blocks; {floor} at most) say.",
        plural(timed)
    );
    if weighed > 0 {
        let _ = write!(note, " Memory: the same of resident memory over {}. {MEMORY_MEAN}", plural(weighed));
    }
    let _ = write!(
        note,
        " Up and to the left is better. Blue: nothing beats it in both. What lies within {} of throughput, {} of memory or {} of the \
         time to build, which is taken once, counts as the same; of sizes each byte counts.",
        fraction(margin),
        fraction(margin_of_memory),
        fraction(BUILD_MARGIN)
    );
    if timed > 1 {
        note.push_str(" A mean hides in which scenario a variant wins: see the heat map.");
    }
    let mut legend = vec![
        (Mark::Square(Ink::Reference), "reference".to_owned()),
        (Mark::Dot(Ink::Less), "Pareto front: nothing beats it in both".to_owned()),
        (Mark::Ring(Ink::Untold), "another is better in one and no worse in the other".to_owned()),
    ];
    if points.iter().any(|point| point.leaked) {
        legend.push((Mark::Cross(Ink::Doubt), "trained on the measured data: can't be shipped".to_owned()));
    }
    let frame = Frame {
        about: about(&title, points),
        title,
        note,
        legend,
        source: provenance::lines(&view.results.provenance),
        body: 14.0 + PANEL + 62.0 + (points.len() + 1) as f64 * ROW,
    };
    let wide = (style.width() - 2.0 * MARGIN + 8.0) / 3.0 - GAP;
    frame.chart(style, "trade-off".to_owned(), |canvas, top| {
        let (high, low) = (top + 14.0, top + 14.0 + PANEL);
        for (at, cost) in Cost::ALL.into_iter().enumerate() {
            let left = MARGIN + GAP - 10.0 + at as f64 * (wide + GAP);
            draw_panel(canvas, points, (at, cost, margin), (left, left + wide), (high, low))?;
        }
        table(canvas, points, low + 62.0)
    })
}

fn about(title: &str, points: &[Point<'_>]) -> String {
    let mut about = format!("{title}.");
    for point in points {
        let costs = Cost::ALL.iter().zip(point.costs).filter_map(|(cost, value)| Some(cost.text(value?)));
        let speed = point.speed.map_or_else(|| point.lack.clone(), change);
        let _ =
            write!(about, " {}: throughput {speed}, {};", point.name, costs.collect::<Vec<_>>().join(", "));
    }
    about
}

fn draw_panel(
    canvas: &mut Canvas<'_>,
    points: &[Point<'_>],
    (at, cost, margin): (usize, Cost, f64),
    (left, right): (f64, f64),
    (high, low): (f64, f64),
) -> Drawn {
    let small = Look::new(SMALL, Ink::Muted);
    let middle = f64::midpoint(left, right);
    canvas.text((middle, low + 36.0), cost.name(), small.at(Side::Middle))?;
    let placed = || points.iter().enumerate().filter_map(|(i, p)| Some((i, p, p.speed?, p.costs[at]?)));
    // What is no difference must not look like one.
    let least = [1.0 - 3.0 * margin, 1.0 + 3.0 * margin];
    let speeds = placed().next().and_then(|_| {
        Axis::around(placed().map(|(_, _, speed, _)| speed).chain(least), low - 12.0, high + 12.0)
    });
    let prices = Axis::around(placed().map(|(_, _, _, price)| price), left + 14.0, right - 14.0);
    let (Some(y), Some(x)) = (speeds, prices) else {
        return canvas.text((middle, f64::midpoint(high, low)), cost.lack(), small.at(Side::Middle));
    };
    for value in y.ticks(5) {
        let at = y.place(value);
        canvas.line((left, at), (right, at), Ink::Grid, 1.0)?;
        canvas.text((left - 6.0, at), &share(value), small.at(Side::Right))?;
    }
    let ticks: Vec<(f64, String)> = match cost {
        Cost::Resident => x.ticks(4).into_iter().map(|v| (v, share(v))).collect(),
        Cost::Size => x.labelled(5, byte_unit),
        Cost::Build => x.labelled(5, |seconds| {
            let (factor, name) = duration_unit(seconds * 1e9);
            (factor / 1e9, name)
        }),
    };
    for (value, label) in ticks {
        let at = x.place(value);
        canvas.line((at, high), (at, low), Ink::Grid, 1.0)?;
        canvas.text((at, low + 14.0), &label, small.at(Side::Middle))?;
    }
    let mut front: Vec<(f64, f64)> = placed()
        .filter(|(_, point, _, _)| point.front[at])
        .map(|(_, _, speed, price)| (x.place(price), y.place(speed)))
        .collect();
    front.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    // Of those that are as good as each other the line takes the best.
    let mut highest = f64::INFINITY;
    front.retain(|(_, y)| {
        let rises = *y < highest;
        highest = highest.min(*y);
        rises
    });
    // Between two of its points the front promises nothing: it goes along the cheaper one, then up.
    for pair in front.windows(2) {
        let corner = (pair[1].0, pair[0].1);
        canvas.line(pair[0], corner, Ink::Less, 1.4)?;
        canvas.line(corner, pair[1], Ink::Less, 1.4)?;
    }
    let mut taken: Vec<(f64, f64)> = Vec::new();
    for on_front in [false, true] {
        // What nothing beats lies on top.
        for (_, point, speed, price) in placed().filter(|(_, point, _, _)| point.front[at] == on_front) {
            canvas.mark((x.place(price), y.place(speed)), mark(point, at))?;
        }
    }
    for (i, _, speed, price) in placed() {
        let place = (x.place(price), y.place(speed));
        let number = free_place(&mut taken, place, (left, right));
        canvas.text(number, &(i + 1).to_string(), Look::new(SMALL, Ink::Text).at(Side::Middle))?;
    }
    Ok(())
}

/// A place for a number beside its point on which no other number stands.
fn free_place(taken: &mut Vec<(f64, f64)>, (x, y): (f64, f64), (left, right): (f64, f64)) -> (f64, f64) {
    let around =
        [(11.0, -9.0), (11.0, 9.0), (-11.0, -9.0), (-11.0, 9.0), (0.0, -14.0), (0.0, 14.0), (18.0, 0.0)];
    let further = around.map(|(dx, dy)| (dx * 1.9, dy * 1.9));
    let places = around.into_iter().chain(further).map(|(dx, dy)| (x + dx, y + dy));
    let free = |(x, y): &(f64, f64)| {
        (left..=right).contains(x) && taken.iter().all(|(a, b)| (a - x).abs() > 14.0 || (b - y).abs() > 12.0)
    };
    let place = { places }.find(free).unwrap_or((x + 11.0, y - 9.0));
    taken.push(place);
    place
}

/// A value of the axis as a share of the reference's: `90 %`.
fn share(value: f64) -> String {
    let percent = value * 100.0;
    if percent >= 1000.0 {
        return format!("×{value:.0}");
    }
    let decimals = usize::from((percent - percent.round()).abs() > 0.05);
    format!("{percent:.decimals$} %")
}

fn mark(point: &Point<'_>, cost: usize) -> Mark {
    if point.leaked {
        Mark::Cross(Ink::Doubt)
    } else if point.is_reference {
        Mark::Square(Ink::Reference)
    } else if point.front[cost] {
        Mark::Dot(Ink::Less)
    } else {
        Mark::Ring(Ink::Untold)
    }
}

/// The points by number, with their figures.
fn table(canvas: &mut Canvas<'_>, points: &[Point<'_>], top: f64) -> Drawn {
    let small = Look::new(SMALL, Ink::Muted);
    let name = MARGIN + 34.0;
    let lack =
        points.iter().filter(|point| point.speed.is_none()).map(|point| text_width(&point.lack, SMALL));
    let first = name + name_column(points.iter().map(|point| point.name)) + lack.fold(84.0, f64::max);
    let step = (canvas.width() - MARGIN - first) / 3.0;
    let columns = [first, first + step, first + 2.0 * step, first + 3.0 * step];
    let heads = ["throughput", "resident memory", "size", "build"];
    for (x, head) in columns.into_iter().zip(heads) {
        let x = if head == heads[0] { x } else { x - 14.0 };
        canvas.text((x, top + ROW / 2.0), head, small.at(Side::Right))?;
    }
    canvas.text((name, top + ROW / 2.0), "variant", small)?;
    for (i, point) in points.iter().enumerate() {
        let y = top + (i as f64 + 1.5) * ROW;
        let look = Look::new(BODY, Ink::Text);
        canvas.line((MARGIN, y - ROW / 2.0), (canvas.width() - MARGIN, y - ROW / 2.0), Ink::Grid, 1.0)?;
        canvas.text((MARGIN + 22.0, y), &(i + 1).to_string(), look.at(Side::Right))?;
        canvas.text((name, y), &shorten(point.name, NAME_LIMIT), look)?;
        let (speed, looks) = match point.speed {
            None => (point.lack.clone(), small),
            Some(_) if point.is_reference => ("reference".to_owned(), look),
            Some(speed) => (change(speed), look),
        };
        canvas.text((columns[0], y), &speed, looks.at(Side::Right))?;
        for ((x, cost), (value, front)) in
            columns.into_iter().skip(1).zip(Cost::ALL).zip(point.costs.into_iter().zip(point.front))
        {
            let is_same = point.is_reference && cost == Cost::Resident && value.is_some();
            let text = if is_same {
                "reference".to_owned()
            } else {
                value.map_or_else(|| ABSENT.to_owned(), |value| cost.text(value))
            };
            canvas.text((x - 14.0, y), &text, look.at(Side::Right))?;
            if front && value.is_some() {
                canvas.mark((x - 5.0, y), Mark::Dot(Ink::Less))?;
            }
        }
    }
    Ok(())
}
