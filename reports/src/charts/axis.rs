//! From values to places, and the round values that are marked on the way.

/// How values are spread over an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    Linear,
    Log,
}

/// An axis from `low` to `high`, drawn from `start` to `end`.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    low: f64,
    high: f64,
    scale: Scale,
    start: f64,
    end: f64,
}

/// Values are kept within this, so that their differences are numbers too.
const HUGE: f64 = 1e300;
/// From this ratio of the largest value to the smallest on, an axis is logarithmic.
const LOG_FROM: f64 = 20.0;

impl Axis {
    /// Holds all the finite `values` with a little room, logarithmic where they span too much to be seen otherwise.
    pub(crate) fn around(values: impl Iterator<Item = f64>, start: f64, end: f64) -> Option<Self> {
        let (low, high) = extremes(values)?;
        if low > 0.0 && high / low > LOG_FROM {
            let room = (high.ln() - low.ln()) * 0.04;
            let inside = |v: f64| v.clamp(1e-307, 1e307);
            let (low, high) = (inside((low.ln() - room).exp()), inside((high.ln() + room).exp()));
            return Some(Self { low, high, scale: Scale::Log, start, end });
        }
        let room = match high - low {
            0.0 if low == 0.0 => 1.0,
            0.0 => low.abs() * 0.01,
            span => span * 0.06,
        };
        let floor = if low >= 0.0 { 0.0 } else { -HUGE };
        Some(Self { low: (low - room).max(floor), high: high + room, scale: Scale::Linear, start, end })
    }

    /// From zero to a little more than the largest of `values`.
    pub(crate) fn from_zero(values: impl Iterator<Item = f64>, start: f64, end: f64) -> Self {
        let high = extremes(values).map_or(0.0, |(_, high)| high);
        let high = if high > 0.0 { high * 1.04 } else { 1.0 };
        Self { low: 0.0, high, scale: Scale::Linear, start, end }
    }

    /// Logarithmic between two values above zero.
    pub(crate) fn log(low: f64, high: f64, start: f64, end: f64) -> Self {
        Self { low, high, scale: Scale::Log, start, end }
    }

    /// Holds all the `values` above zero with a little room, logarithmic; `None` where there are none.
    pub(crate) fn log_around(values: impl Iterator<Item = f64>, start: f64, end: f64) -> Option<Self> {
        let (low, high) = extremes(values.filter(|value| *value > 0.0))?;
        let (low, high) = (low.max(1e-300), high.max(1e-300));
        let room = ((high.ln() - low.ln()) * 0.04).max(0.02);
        Some(Self::log((low.ln() - room).exp(), (high.ln() + room).exp(), start, end))
    }

    /// Powers of two within the axis, at most `most` of them and some.
    pub(crate) fn binary(&self, most: usize) -> Vec<f64> {
        let (first, last) = (self.low.log2().ceil() as i32, self.high.log2().floor() as i32);
        let count = usize::try_from(last - first + 1).unwrap_or(0);
        (first..=last).step_by(count.div_ceil(most.max(1)).max(1)).map(|power| 2f64.powi(power)).collect()
    }

    pub(crate) fn scale(&self) -> Scale {
        self.scale
    }

    pub(crate) fn low(&self) -> f64 {
        self.low
    }

    pub(crate) fn high(&self) -> f64 {
        self.high
    }

    /// Where `value` lies; what is outside lies at the end.
    pub(crate) fn place(&self, value: f64) -> f64 {
        let value = value.clamp(self.low, self.high);
        let share = match self.scale {
            Scale::Linear => (value - self.low) / (self.high - self.low),
            Scale::Log => (value / self.low).ln() / (self.high / self.low).ln(),
        };
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.5 };
        self.start + share * (self.end - self.start)
    }

    /// Round values within the axis, at most `most` of them and some.
    pub(crate) fn ticks(&self, most: usize) -> Vec<f64> {
        match self.scale {
            Scale::Linear => linear_ticks(self.low, self.high, most).0,
            Scale::Log => log_ticks(self.low, self.high, most),
        }
    }

    /// Ticks with their labels, in `unit` (its size and its name).
    pub(crate) fn labelled(
        &self,
        most: usize,
        unit: impl Fn(f64) -> (f64, &'static str),
    ) -> Vec<(f64, String)> {
        if self.scale == Scale::Log {
            let label = |value: f64| {
                let (factor, name) = unit(value);
                (value, format!("{} {name}", plain(value / factor)))
            };
            return self.ticks(most).into_iter().map(label).collect();
        }
        let (factor, name) = unit(self.high);
        let (ticks, step) = linear_ticks(self.low / factor, self.high / factor, most);
        let decimals = (-step.log10()).ceil().clamp(0.0, 9.0) as usize;
        let label = |value: f64| {
            let number =
                if value.abs() >= 1e6 { format!("{value:.1e}") } else { format!("{value:.decimals$}") };
            (value * factor, format!("{number} {name}"))
        };
        ticks.into_iter().map(label).collect()
    }
}

/// The smallest and the largest of the finite values.
fn extremes(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|v| v.is_finite()).map(|v| v.clamp(-HUGE, HUGE)).fold(None, |found, v| match found {
        None => Some((v, v)),
        Some((low, high)) => Some((v.min(low), v.max(high))),
    })
}

fn plain(value: f64) -> String {
    if value >= 1e5 { format!("{value:.0e}") } else { format!("{value}") }
}

/// Multiples of a round step between two values, and the step.
pub(crate) fn linear_ticks(low: f64, high: f64, most: usize) -> (Vec<f64>, f64) {
    let rough = (high - low) / most.max(1) as f64;
    if !rough.is_finite() || rough <= 0.0 {
        return (vec![low], 1.0);
    }
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= rough * 0.999);
    let step = step.unwrap_or(10.0 * power);
    let first = (low / step).ceil();
    let count = ((high / step).floor() - first).clamp(0.0, 100.0) as usize;
    ((0..=count).map(|i| (first + i as f64) * step).collect(), step)
}

/// Powers of ten, or with 2 and 5 where there are few.
fn log_ticks(low: f64, high: f64, most: usize) -> Vec<f64> {
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let decades = usize::try_from(last - first).unwrap_or(0);
    let within = |v: &f64| (low..=high).contains(v);
    if decades * 2 <= most {
        let steps = [1.0, 2.0, 5.0];
        return (first..=last).flat_map(|e| steps.map(|m| m * 10f64.powi(e))).filter(within).collect();
    }
    let stride = decades.div_ceil(most.max(1)).max(1);
    (first..=last).step_by(stride).map(|e| 10f64.powi(e)).filter(within).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::duration_unit;

    #[test]
    fn ticks_are_round_and_inside() {
        let near = |found: Vec<f64>, wanted: &[f64]| {
            let same = found.len() == wanted.len()
                && found.iter().zip(wanted).all(|(a, b)| (a / b - 1.0).abs() < 1e-9);
            assert!(same, "{found:?}, and {wanted:?} was wanted");
        };
        near(linear_ticks(0.93, 2.1, 6).0, &[1.0, 1.2, 1.4, 1.6, 1.8, 2.0]);
        near(log_ticks(0.8, 30.0, 8), &[1.0, 2.0, 5.0, 10.0, 20.0]);
        near(log_ticks(3.0, 2e6, 4), &[100.0, 10_000.0, 1e6]);
    }

    #[test]
    fn labels_differ_even_where_the_values_nearly_agree() {
        let axis = Axis::around([81.00e6, 81.02e6].into_iter(), 0.0, 100.0).expect("two values");
        let labels: Vec<String> = axis.labelled(5, duration_unit).into_iter().map(|t| t.1).collect();
        let mut unique = labels.clone();
        unique.dedup();
        assert!(labels.len() >= 3 && unique == labels, "{labels:?}");
    }

    #[test]
    fn every_value_has_a_place() {
        let sets: [&[f64]; 6] =
            [&[0.0], &[5.0, 5.0], &[1e-9, 1e300], &[f64::MAX, 0.0], &[-1.0, 1.0], &[1.0, f64::NAN]];
        for values in sets {
            let axis = Axis::around(values.iter().copied(), 10.0, 90.0).expect("a finite value");
            for value in values.iter().filter(|v| v.is_finite()) {
                let place = axis.place(*value);
                assert!((10.0..=90.0).contains(&place), "{values:?}: {place}");
            }
            assert!(axis.labelled(6, duration_unit).len() < 30, "{values:?}");
        }
        assert!(Axis::around([f64::NAN].into_iter(), 0.0, 1.0).is_none());
    }
}
