//! History: the level of a metric over gated commits, chained from what each gate measured, with the steps in it.

use super::axis::Axis;
use super::canvas::{Canvas, Drawn, Look, Mark, Side};
use super::frame::{BODY, Frame, MARGIN, SMALL, heading, paginate};
use super::ink::Ink;
use super::style::Style;
use super::{Chart, ChartError, measure, numbered, of_metric, ratio};
use crate::format::{change, fraction, interval, plural};
use harness::judge::history::{Track, Tracks};
use harness::judge::steps::MIN_CHANGES;
use harness::judge::wire::history::Step;
use harness::judge::wire::results::Metric;
use std::fmt::Write as _;

const HEADING: f64 = 32.0;
/// Height of that part of a panel in which the level runs.
const LEVEL: f64 = 88.0;
/// Room below it for the commits.
const COMMITS: f64 = 26.0;
const LEFT: f64 = 62.0;
/// Room on the right for the steps.
const STEPS: f64 = 250.0;
const PANELS_PER_PICTURE: usize = 16;
/// So many steps of a series are told beside it.
const TOLD: usize = 4;

/// The level of `metric` in the scenarios named (all where none is), and, with time, of every figure without noise that
/// changed.
///
/// # Errors
/// The history says nothing of this metric.
pub fn history(
    tracks: &Tracks,
    metric: Metric,
    scenarios: &[String],
    style: &Style,
) -> Result<Vec<Chart>, ChartError> {
    let is_asked = |track: &&Track| {
        let exact =
            track.metric.is_none() && metric == Metric::Time && track.points.iter().any(|p| p.told_apart);
        let here =
            scenarios.is_empty() || track.scenario.as_ref().is_some_and(|name| scenarios.contains(name));
        (track.metric == Some(metric) || exact) && here && !track.points.is_empty()
    };
    let mut shown: Vec<&Track> = tracks.tracks.iter().filter(is_asked).collect();
    shown.sort_by_key(|track| track.metric.is_none());
    if shown.is_empty() {
        return Err(ChartError::Nothing(format!(
            "{} holds no {metric} of {}",
            tracks.place,
            plural(tracks.commits as u64, "gated commit", "gated commits")
        )));
    }
    let pictures = paginate(shown, |_| 1, PANELS_PER_PICTURE);
    let total = pictures.len();
    let picture = |(i, shown): (usize, &Vec<&Track>)| draw(tracks, shown, (i + 1, total), (metric, style));
    pictures.iter().enumerate().map(picture).collect()
}

fn draw(
    tracks: &Tracks,
    shown: &[&Track],
    (i, of): (usize, usize),
    (metric, style): (Metric, &Style),
) -> Result<Chart, ChartError> {
    let part = if of > 1 { format!(" ({i} of {of})") } else { String::new() };
    let commits = plural(tracks.commits as u64, "gated commit", "gated commits");
    let title = format!("{} over {commits}{part}", measure::name(metric));
    let few = if tracks.commits < MIN_CHANGES {
        format!(" In fewer than {MIN_CHANGES} measured changes no steps of what has noise are sought.")
    } else {
        String::new()
    };
    let frame = Frame {
        about: about(&title, shown),
        title,
        note: format!(
            "Each gate measured its commit against the one before, in one run: the level is the product of those ratios, 0 at the first. \
             The bar at a commit is the interval of its own change; noise adds up along the line, so only what is marked is told: \
             a dot was told apart by its gate, a shaded stretch is a step past the margin.{few}"
        ),
        legend: vec![
            (Mark::Dot(Ink::Less), "told: less than before".to_owned()),
            (Mark::Dot(Ink::More), "told: more than before".to_owned()),
            (Mark::Ring(Ink::Untold), "not told apart".to_owned()),
            (Mark::Block(Ink::Floor), "a step".to_owned()),
        ],
        source: source(tracks),
        body: shown.len() as f64 * (HEADING + LEVEL + COMMITS),
    };
    let stem = numbered(&of_metric("history", metric), i);
    frame.chart(style, stem, |canvas, top| {
        for (at, track) in shown.iter().enumerate() {
            draw_track(canvas, tracks, track, top + at as f64 * (HEADING + LEVEL + COMMITS))?;
        }
        Ok(())
    })
}

fn source(tracks: &Tracks) -> Vec<String> {
    let (compilers, machines) = tracks.conditions;
    let (until, at) = &tracks.until;
    vec![
        format!(
            "history in {} · variant {} · {} from {} to {} · {at}",
            tracks.place,
            tracks.variant,
            plural(tracks.commits as u64, "gated commit", "gated commits"),
            short(&tracks.since),
            short(until)
        ),
        format!(
            "{}, {}; each change was measured with one of them on both sides",
            plural(compilers as u64, "compiler", "compilers"),
            plural(machines as u64, "machine", "machines")
        ),
    ]
}

/// A commit as people quote it.
fn short(commit: &str) -> &str {
    commit.get(..9).unwrap_or(commit)
}

fn about(title: &str, shown: &[&Track]) -> String {
    let mut about = format!("{title}.");
    for track in shown {
        let all: f64 = track.points.iter().map(|point| point.ratio.ln()).sum();
        let steps: Vec<String> =
            track.steps.iter().map(|step| format!("{} at {}", change(step.ratio), short(&step.to))).collect();
        let steps = if steps.is_empty() { "no step".to_owned() } else { steps.join(", ") };
        let _ = write!(about, " {}: {} in all; {steps}.", track.what, change(all.exp()));
    }
    about
}

/// The level after each point, as a ratio to the first base.
fn levels(track: &Track) -> Vec<f64> {
    let add = |sum: &mut f64, point: &harness::judge::history::TrackPoint| {
        *sum += point.ratio.ln();
        Some(sum.exp())
    };
    track.points.iter().scan(0.0, add).collect()
}

fn draw_track(canvas: &mut Canvas<'_>, tracks: &Tracks, track: &Track, top: f64) -> Drawn {
    let levels = levels(track);
    let all = levels.last().map(|level| format!("{} in all", change(*level)));
    let margin = (track.margin > 0.0).then(|| format!("margin {}", fraction(track.margin)));
    let aside: Vec<String> = [all, margin].into_iter().flatten().collect();
    heading(canvas, &track.what, Some(aside.join("; ")), top + HEADING / 2.0)?;
    let (high, low) = (top + HEADING + 6.0, top + HEADING + LEVEL);
    let (left, right) = (MARGIN + LEFT, canvas.width() - MARGIN - STEPS);
    let small = Look::new(SMALL, Ink::Muted);
    let margin = 1.0 + track.margin.max(0.005);
    let reach = track.points.iter().zip(&levels).flat_map(|(point, level)| {
        let (from, to) = point.interval.unwrap_or((point.ratio, point.ratio));
        [*level, level / point.ratio * from, level / point.ratio * to]
    });
    let Some(y) = Axis::log_around(reach.chain([1.0 / margin, margin]), low - 4.0, high + 4.0) else {
        return canvas.text((left, high + 20.0), "no finite change", small);
    };
    let x = |at: f64| left + (at + 0.5) / tracks.commits.max(1) as f64 * (right - left);
    for step in &track.steps {
        let place =
            |commit: &str| track.points.iter().find(|point| point.commit == commit).map(|point| point.at);
        if let Some(last) = place(&step.to) {
            let first = last as f64 + 1.0 - step.commits.max(1) as f64;
            let from = x(first) - 0.5 * (x(1.0) - x(0.0));
            canvas.block((from, high), x(last as f64 + 0.5) - from, low - high, Ink::Floor)?;
        }
    }
    let zero = y.place(1.0);
    canvas.text((left - 8.0, zero), "0", small.at(Side::Right))?;
    let mut taken = vec![zero];
    for (at, label) in ratio::ticks(&y) {
        if taken.iter().all(|other| (other - at).abs() > 13.0) {
            canvas.line((left, at), (right, at), Ink::Grid, 1.0)?;
            canvas.text((left - 8.0, at), &label, small.at(Side::Right))?;
            taken.push(at);
        }
    }
    canvas.line((left, zero), (right, zero), Ink::Text, 1.0)?;
    let mut before = (left, zero);
    for (point, level) in track.points.iter().zip(&levels) {
        let here = (x(point.at as f64), y.place(*level));
        canvas.line(before, (here.0, before.1), Ink::Control, 1.4)?;
        canvas.line((here.0, before.1), here, Ink::Control, 1.4)?;
        before = here;
        let base = level / point.ratio;
        if let Some((from, to)) = point.interval {
            canvas.line((here.0, y.place(base * from)), (here.0, y.place(base * to)), Ink::Untold, 1.0)?;
        }
        let mark = match (point.told_apart, point.ratio < 1.0) {
            (true, true) => Mark::Dot(Ink::Less),
            (true, false) => Mark::Dot(Ink::More),
            (false, _) => Mark::Ring(Ink::Untold),
        };
        // Where commits stand close, those that say something must stay visible.
        if point.told_apart || x(1.0) - x(0.0) > 7.0 {
            canvas.mark(here, mark)?;
        }
    }
    canvas.line(before, (right, before.1), Ink::Control, 1.4)?;
    let ends = [track.points.first(), track.points.last().filter(|_| track.points.len() > 1)];
    for (point, side) in ends.into_iter().zip([Side::Left, Side::Right]) {
        if let Some(point) = point {
            let at = if side == Side::Left { left } else { right };
            canvas.text((at, low + 12.0), short(&point.commit), small.at(side))?;
        }
    }
    draw_steps(canvas, &track.steps, (right + 18.0, high + 8.0))
}

/// What is told of the steps, beside the level.
fn draw_steps(canvas: &mut Canvas<'_>, steps: &[Step], (left, top): (f64, f64)) -> Drawn {
    let small = Look::new(SMALL, Ink::Muted);
    if steps.is_empty() {
        return canvas.text((left, top), "no step", small);
    }
    let newest = steps.iter().rev().take(TOLD);
    for (row, step) in newest.enumerate() {
        let y = top + row as f64 * 19.0;
        let ink = if step.ratio < 1.0 { Ink::Less } else { Ink::More };
        canvas.mark((left + 4.0, y), Mark::Dot(ink))?;
        let text = format!("{} at {}", change(step.ratio), short(&step.to));
        canvas.text((left + 15.0, y), &text, Look::new(BODY, Ink::Text))?;
        if let Some((low, high)) = step.low.zip(step.high) {
            canvas.text((canvas.width() - MARGIN, y), &interval(low, high), small.at(Side::Right))?;
        }
    }
    match steps.len().checked_sub(TOLD) {
        None | Some(0) => Ok(()),
        Some(more) => {
            let y = top + TOLD as f64 * 19.0 - 3.0;
            canvas.text((left + 15.0, y), &format!("and {more} before"), small)
        }
    }
}
