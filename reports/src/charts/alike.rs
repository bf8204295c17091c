//! What the same binary moves against itself: a strip of estimates per number of blocks.

use super::axis::Axis;
use super::canvas::{Look, Mark, Side};
use super::frame::{BODY, Frame, MARGIN, grid};
use super::ink::Ink;
use super::style::Style;
use super::{Chart, ChartError};
use crate::calibration::source;
use crate::format::fraction;
use harness::judge::wire::calibration::{AtBlocks, Calibration};

const ROW: f64 = 74.0;
const NAMES: f64 = 92.0;
/// Room on the right for how many were told apart.
const FIGURES: f64 = 210.0;

/// The estimates of comparisons in which nothing is to be found.
///
/// # Errors
/// The calibration holds no such comparison.
pub fn alike(calibration: &Calibration, style: &Style) -> Result<Chart, ChartError> {
    let (left, right) = (MARGIN + NAMES, style.width() - MARGIN - FIGURES);
    let margin = calibration.margin;
    let all = calibration.at.iter().flat_map(|at| at.alike_changes.iter().copied());
    let wide = all.chain([-1.5 * margin, 1.5 * margin]).map(|change| change * 100.0);
    let nothing = || ChartError::Nothing("nothing was compared with itself".to_owned());
    if calibration.at.iter().all(|at| at.alike_changes.is_empty()) {
        return Err(nothing());
    }
    let axis = Axis::around(wide, left, right).ok_or_else(nothing)?;
    let title = "The same binary against itself".to_owned();
    let told = |at: &AtBlocks| {
        format!("{} of {} told apart with {} blocks", at.alike.told_apart(), at.alike.comparisons, at.blocks)
    };
    let about: Vec<String> = calibration.at.iter().map(told).collect();
    let frame = Frame {
        about: format!("{title}: {}.", about.join("; ")),
        note: format!(
            "Each dot is the estimated change of a comparison in which both sides are the same binary: nothing is to be \
             found. Shaded: changes within the margin of {}, too small to count. The ticks hold 99 of 100 between them.",
            fraction(margin)
        ),
        title: title.clone(),
        legend: vec![
            (Mark::Dot(Ink::Untold), "estimate".to_owned()),
            (Mark::Block(Ink::Floor), "margin".to_owned()),
        ],
        source: source(calibration),
        body: calibration.at.len() as f64 * ROW + 44.0,
    };
    frame.chart(style, "alike".to_owned(), |canvas, top| {
        let bottom = top + calibration.at.len() as f64 * ROW;
        let (from, to) = (axis.place(-100.0 * margin), axis.place(100.0 * margin));
        canvas.block((from, top), to - from, bottom - top, Ink::Floor)?;
        let ticks: Vec<(f64, String)> = axis
            .labelled(8, |_| (1.0, "%"))
            .into_iter()
            .map(|(v, label)| (axis.place(v), label.replace('-', "−")))
            .collect();
        grid(canvas, &ticks, (top, bottom), false)?;
        canvas.dashes(axis.place(0.0), top, bottom, Ink::Reference)?;
        for (row, at) in calibration.at.iter().enumerate() {
            let middle = top + (row as f64 + 0.5) * ROW;
            let name = Look::new(BODY, Ink::Text).at(Side::Right);
            canvas.text((left - 12.0, middle), &format!("{} blocks", at.blocks), name)?;
            for (i, change) in at.alike_changes.iter().enumerate() {
                let spread = ((i as f64 * 0.618_033_988_75).fract() - 0.5) * (ROW - 22.0);
                canvas.dot((axis.place(change * 100.0), middle + spread), 2.6, Ink::Untold, 0.6)?;
            }
            for end in [-at.alike_p99, at.alike_p99] {
                let x = axis.place(end * 100.0);
                canvas.line((x, middle - ROW * 0.42), (x, middle + ROW * 0.42), Ink::More, 1.6)?;
            }
            let told = format!("{} of {} told apart", at.alike.told_apart(), at.alike.comparisons);
            canvas.text((right + 16.0, middle - 8.0), &told, Look::new(BODY, Ink::Text))?;
            let most = format!("99 of 100 within ±{}", fraction(at.alike_p99));
            canvas.text((right + 16.0, middle + 10.0), &most, Look::new(11.5, Ink::Muted))?;
        }
        let look = Look::new(11.5, Ink::Muted).at(Side::Middle);
        canvas.text((f64::midpoint(left, right), bottom + 30.0), "estimated change of time", look)
    })
}
