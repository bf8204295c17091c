//! Curves over a parameter, one for each variant, with a key beside them: what `size` and `threads` draw.

use super::axis::Axis;
use super::canvas::{Canvas, Drawn, Look, Mark, Side, text_width};
use super::frame::{BODY, MARGIN, NAME_LIMIT, SMALL, heading};
use super::ink::Ink;
use crate::escape::shorten;

const HEADING: f64 = 34.0;
/// The least height of the part in which the curves lie.
const LEAST: f64 = 230.0;
const KEY_ROW: f64 = 19.0;
/// Room below for the scale and its name.
const SCALE: f64 = 52.0;
/// Room on the left for the scale.
const LEFT: f64 = 74.0;
const INKS: [Ink; 5] = [Ink::Less, Ink::More, Ink::Anon, Ink::Doubt, Ink::Unexplained];

/// A point of a curve.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct At {
    pub(crate) x: f64,
    pub(crate) y: f64,
    /// The smallest and the largest sample.
    pub(crate) range: (f64, f64),
}

/// What one variant did.
pub(crate) struct Curve {
    pub(crate) name: String,
    pub(crate) sign: Sign,
    pub(crate) points: Vec<At>,
    /// What stands beside its name.
    pub(crate) aside: String,
}

/// A colour and a shape: together they tell fifteen curves apart, and the shape alone three in print without colours.
#[derive(Clone, Copy)]
pub(crate) struct Sign {
    ink: Ink,
    shape: usize,
}

impl Sign {
    /// Of the reference.
    pub(crate) const REFERENCE: Self = Self { ink: Ink::Reference, shape: 0 };

    /// Of the variant at this place among the others.
    pub(crate) fn of(place: usize) -> Self {
        let turn = place / INKS.len();
        Self { ink: INKS[place % INKS.len()], shape: (place % INKS.len() + turn) % 3 }
    }

    fn mark(self) -> Mark {
        match self.shape {
            0 => Mark::Dot(self.ink),
            1 => Mark::Square(self.ink),
            _ => Mark::Triangle(self.ink),
        }
    }
}

/// A line to hold the curves against: a limit, or what would be ideal.
pub(crate) struct Guide {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// Curves over one parameter, both scales logarithmic.
pub(crate) struct Panel {
    pub(crate) name: String,
    pub(crate) aside: Option<String>,
    pub(crate) curves: Vec<Curve>,
    pub(crate) guides: Vec<Guide>,
    /// Values of the parameter with their labels.
    pub(crate) xs: Vec<(f64, String)>,
    pub(crate) x_name: &'static str,
    pub(crate) y_name: String,
    /// Values across that are marked, with their labels.
    pub(crate) y_labels: fn(&Axis) -> Vec<(f64, String)>,
    /// Over the asides of the key.
    pub(crate) key: &'static str,
}

impl Panel {
    pub(crate) fn height(&self) -> f64 {
        HEADING + self.inner() + SCALE
    }

    fn inner(&self) -> f64 {
        LEAST.max((self.curves.len() + self.guides.len() + 1) as f64 * KEY_ROW + 12.0)
    }

    /// Draws it with a key as wide as `key`.
    pub(crate) fn draw(&self, canvas: &mut Canvas<'_>, top: f64, key: f64) -> Drawn {
        heading(canvas, &self.name, self.aside.clone(), top + HEADING / 2.0)?;
        let (left, right) = (MARGIN + LEFT, canvas.width() - MARGIN - key);
        let (high, low) = (top + HEADING + 6.0, top + HEADING + self.inner());
        let points = || self.curves.iter().flat_map(|curve| &curve.points);
        let ends = self.guides.iter().flat_map(|guide| &guide.points);
        let ys = points().flat_map(|at| [at.y, at.range.0, at.range.1]).chain(ends.map(|end| end.1));
        let xs = points().map(|at| at.x);
        let small = Look::new(SMALL, Ink::Muted);
        let axes =
            Axis::log_around(xs, left + 18.0, right - 18.0).zip(Axis::log_around(ys, low - 8.0, high + 8.0));
        let Some((x, y)) = axes else {
            return canvas.text((left, f64::midpoint(high, low)), "nothing that a logarithm can show", small);
        };
        for (value, label) in (self.y_labels)(&y) {
            let at = y.place(value);
            canvas.line((left, at), (right, at), Ink::Grid, 1.0)?;
            canvas.text((left - 8.0, at), &label, small.at(Side::Right))?;
        }
        let mut free = f64::NEG_INFINITY;
        for (value, label) in &self.xs {
            let at = x.place(*value);
            canvas.line((at, high), (at, low), Ink::Grid, 1.0)?;
            let half = text_width(label, SMALL) / 2.0 + 4.0;
            if at - half > free {
                canvas.text((at, low + 13.0), label, small.at(Side::Middle))?;
                free = at + half;
            }
        }
        canvas.text((f64::midpoint(left, right), low + 33.0), self.x_name, small.at(Side::Middle))?;
        let upwards = (MARGIN + 6.0, f64::midpoint(high, low));
        canvas.text_upwards(upwards, &self.y_name, small.at(Side::Middle))?;
        for guide in &self.guides {
            let places: Vec<(f64, f64)> =
                guide.points.iter().map(|(a, b)| (x.place(*a), y.place(*b))).collect();
            for pair in places.windows(2) {
                canvas.dashed(pair[0], pair[1], Ink::Control)?;
            }
        }
        for curve in &self.curves {
            let places: Vec<(f64, f64)> =
                curve.points.iter().map(|at| (x.place(at.x), y.place(at.y))).collect();
            for pair in places.windows(2) {
                canvas.line(pair[0], pair[1], curve.sign.ink, 1.6)?;
            }
            for (at, place) in curve.points.iter().zip(&places) {
                let (from, to) = (y.place(at.range.0), y.place(at.range.1));
                canvas.line((place.0, from), (place.0, to), curve.sign.ink, 1.0)?;
                canvas.mark(*place, curve.sign.mark())?;
            }
        }
        self.draw_key(canvas, (right + 22.0, high))
    }

    fn draw_key(&self, canvas: &mut Canvas<'_>, (left, top): (f64, f64)) -> Drawn {
        let end = canvas.width() - MARGIN;
        let small = Look::new(SMALL, Ink::Muted);
        canvas.text((end, top + 2.0), self.key, small.at(Side::Right))?;
        let mut y = top + 2.0;
        for curve in &self.curves {
            y += KEY_ROW;
            canvas.mark((left, y), curve.sign.mark())?;
            canvas.text((left + 14.0, y), &shorten(&curve.name, NAME_LIMIT), Look::new(BODY, Ink::Text))?;
            canvas.text((end, y), &curve.aside, small.at(Side::Right))?;
        }
        for guide in &self.guides {
            y += KEY_ROW;
            canvas.mark((left, y), Mark::Dashes(Ink::Control))?;
            canvas.text((left + 14.0, y), &shorten(&guide.name, NAME_LIMIT), Look::new(BODY, Ink::Muted))?;
        }
        Ok(())
    }
}

/// How wide a key has to be for these panels.
pub(crate) fn key_width(panels: &[Panel]) -> f64 {
    let names = panels.iter().flat_map(|panel| {
        let curves = panel.curves.iter().map(|curve| {
            text_width(&shorten(&curve.name, NAME_LIMIT), BODY) + text_width(&curve.aside, SMALL) + 14.0
        });
        let guides = panel.guides.iter().map(|guide| text_width(&shorten(&guide.name, NAME_LIMIT), BODY));
        curves.chain(guides)
    });
    (names.fold(120.0, f64::max) + 40.0).min(400.0)
}

#[cfg(test)]
mod tests {
    use super::{INKS, Sign};

    #[test]
    fn fifteen_signs_are_all_different() {
        let looks: Vec<(String, usize)> =
            (0..15).map(Sign::of).map(|sign| (format!("{:?}", sign.ink), sign.shape)).collect();
        for (i, look) in looks.iter().enumerate() {
            assert!(!looks[..i].contains(look), "{i}");
        }
        assert_eq!(INKS.len() * 3, 15);
    }
}
