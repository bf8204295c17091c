//! Which slow-downs are found: the share of comparisons that were told apart, by their size.

use super::axis::Axis;
use super::canvas::{Look, Mark, Side};
use super::frame::{BODY, Frame, MARGIN, grid};
use super::ink::Ink;
use super::style::Style;
use super::{Chart, ChartError};
use crate::calibration::source;
use crate::format::fraction;
use harness::judge::wire::calibration::{AtBlocks, Calibration};

const HEIGHT: f64 = 300.0;
const SCALE: f64 = 56.0;
/// Room on the right for the names of the lines.
const NAMES: f64 = 110.0;
const INKS: [Ink; 3] = [Ink::Unexplained, Ink::Anon, Ink::Less];

/// The share found, over the size of the slow-down, a line per number of blocks.
///
/// # Errors
/// The calibration slowed nothing down.
pub fn detection(calibration: &Calibration, style: &Style) -> Result<Chart, ChartError> {
    let (left, right) = (MARGIN + SCALE, style.width() - MARGIN - NAMES);
    let sizes: Vec<f64> =
        calibration.at.iter().flat_map(|at| &at.slowed).map(|one| one.slowdown * 100.0).collect();
    let least = sizes.iter().copied().fold(f64::INFINITY, f64::min);
    let most = sizes.iter().copied().fold(0.0, f64::max);
    if !(least.is_finite() && most > 0.0) {
        return Err(ChartError::Nothing("nothing was slowed down".to_owned()));
    }
    let axis = Axis::log(least / 1.25, most * 1.25, left, right);
    let title = "Which slow-downs are found".to_owned();
    let frame = Frame {
        about: format!("{title}: {}.", words(calibration)),
        note: format!(
            "Share of comparisons that were told apart, of a binary that really does so much more work against itself, in \
             families of {} scenarios with what is alike beside it. The margin is {}.",
            calibration.scenarios.len(),
            fraction(calibration.margin)
        ),
        title: title.clone(),
        legend: (calibration.at.iter().enumerate())
            .map(|(line, at)| (Mark::Dot(ink(line)), format!("{} blocks", at.blocks)))
            .collect(),
        source: source(calibration),
        body: HEIGHT + 58.0,
    };
    frame.chart(style, "detection".to_owned(), |canvas, top| {
        let (top, bottom) = (top + 14.0, top + 14.0 + HEIGHT);
        let height = |share: f64| bottom - share * HEIGHT;
        for tenths in [0.0, 0.25, 0.5, 0.75, 1.0] {
            let y = height(tenths);
            canvas.line((left, y), (right, y), Ink::Grid, 1.0)?;
            let look = Look::new(11.5, Ink::Muted).at(Side::Right);
            canvas.text((left - 8.0, y), &format!("{:.0} %", tenths * 100.0), look)?;
        }
        let mut ticks: Vec<(f64, String)> = Vec::new();
        for size in &sizes {
            let x = axis.place(*size);
            if !ticks.iter().any(|(known, _)| (known - x).abs() < 1.0) {
                ticks.push((x, format!("{} %", (size * 10.0).round() / 10.0)));
            }
        }
        grid(canvas, &ticks, (top, bottom), false)?;
        let mut last: Vec<(f64, usize)> = Vec::new();
        for (line, at) in calibration.at.iter().enumerate() {
            let points: Vec<(f64, f64)> = (at.slowed.iter())
                .filter_map(|one| Some((axis.place(one.slowdown * 100.0), height(one.share()?))))
                .collect();
            for pair in points.windows(2) {
                canvas.line(pair[0], pair[1], ink(line), 2.0)?;
            }
            for point in &points {
                canvas.dot(*point, 4.2, ink(line), 1.0)?;
            }
            last.extend(points.last().map(|point| (point.1, line)));
        }
        // Lines that end at one height are named below each other.
        last.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut below = f64::NEG_INFINITY;
        for (y, line) in last {
            let y = y.max(below + 16.0);
            below = y;
            let name = format!("{} blocks", calibration.at.get(line).map_or(0, |at| at.blocks));
            canvas.text((right + 14.0, y), &name, Look::new(BODY, Ink::Text))?;
        }
        let look = Look::new(11.5, Ink::Muted).at(Side::Middle);
        canvas.text(
            (f64::midpoint(left, right), bottom + 32.0),
            "more work than the reference, log scale",
            look,
        )
    })
}

fn ink(line: usize) -> Ink {
    INKS[line % INKS.len()]
}

fn words(calibration: &Calibration) -> String {
    let line = |at: &AtBlocks| {
        let each = at
            .slowed
            .iter()
            .filter_map(|one| Some(format!("{} in {}", fraction(one.slowdown), fraction(one.share()?))));
        format!("with {} blocks {}", at.blocks, each.collect::<Vec<_>>().join(", "))
    };
    calibration.at.iter().map(line).collect::<Vec<_>>().join("; ")
}
