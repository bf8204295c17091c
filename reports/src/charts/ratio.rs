//! The axis of changes against something: logarithmic, labelled in percent.

use super::axis::{Axis, linear_ticks};
use crate::floor::Floor;
use harness::judge::wire::results::Figures;

/// An axis that holds the estimates, their intervals and the floors. A few far outliers are cut off (and drawn as
/// arrows, their figures beside them) rather than press all others together.
pub(crate) fn axis<'a>(
    figures: impl Iterator<Item = &'a Figures>,
    floors: impl Iterator<Item = Floor>,
    (start, end): (f64, f64),
) -> Axis {
    let usable = |v: &f64| v.is_finite() && *v > 0.0;
    let mut ends: Vec<f64> = figures.flat_map(ends_of).filter(usable).map(f64::ln).collect();
    ends.extend(floors.flat_map(|floor| [floor.less, floor.more]).filter(usable).map(f64::ln));
    let mut sizes: Vec<f64> = ends.iter().map(|v| v.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let typical = sizes.get(sizes.len().saturating_sub(1) * 9 / 10).copied().unwrap_or(0.0);
    let limit = (3.0 * typical).max(0.03);
    let low = ends.iter().copied().fold(-0.01, f64::min).max(-limit);
    let high = ends.iter().copied().fold(0.01, f64::max).min(limit);
    let room = (high - low) * 0.04;
    Axis::log((low - room).exp(), (high + room).exp(), start, end)
}

/// The estimate, and its interval where it has one.
fn ends_of(figures: &Figures) -> impl Iterator<Item = f64> {
    let interval = figures.interval().into_iter().flat_map(|(low, high)| [low, high]);
    std::iter::once(figures.ratio).chain(interval)
}

/// Round changes within the axis.
fn round(axis: &Axis) -> Vec<f64> {
    let (low, high) = (axis.low(), axis.high());
    if high / low > 40.0 {
        let mut ticks = axis.ticks(6);
        ticks.retain(|v| (v.log10() - v.log10().round()).abs() < 1e-9);
        return if ticks.is_empty() { vec![1.0] } else { ticks };
    }
    if high / low > 4.0 {
        return (-5..=5).map(|e| 2f64.powi(e)).filter(|v| (low..=high).contains(v)).collect();
    }
    linear_ticks(low - 1.0, high - 1.0, 7).0.into_iter().map(|v| 1.0 + v).collect()
}

fn label(ratio: f64) -> String {
    let percent = (ratio - 1.0) * 100.0;
    if !(0.4..=2.0).contains(&ratio) {
        let short = (0.01..1e4).contains(&ratio);
        return if short { format!("×{ratio}") } else { format!("×{ratio:.0e}").replace('-', "−") };
    }
    let sign = if percent < -0.05 {
        "−"
    } else if percent > 0.05 {
        "+"
    } else {
        return "0".to_owned();
    };
    let percent = percent.abs();
    let whole = (percent - percent.round()).abs() < 0.01;
    if whole { format!("{sign}{percent:.0} %") } else { format!("{sign}{percent:.1} %") }
}

/// The ticks of such an axis, with their labels.
pub(crate) fn ticks(axis: &Axis) -> Vec<(f64, String)> {
    round(axis).into_iter().map(|ratio| (axis.place(ratio), label(ratio))).collect()
}

/// What can be drawn: figures whose ratio has a logarithm.
pub(crate) fn drawable(figures: Option<&Figures>) -> Option<&Figures> {
    figures.filter(|figures| figures.ratio.is_finite() && figures.ratio > 0.0)
}
