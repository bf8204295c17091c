//! Drawing on plotters' SVG backend, in pixels with fractions, with inks instead of colours.

use super::ChartError;
use super::ink::{Ink, Theme};
use super::svg;
use crate::escape;
use plotters::prelude::{Color, DrawingBackend, IntoFont, SVGBackend, ShapeStyle, TextStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, FontTransform};

/// The backend draws on whole numbers: a pixel is this many of them.
const FINE: f64 = 10.0;
/// The backend divides font sizes by this.
const FONT_FACTOR: f64 = 1.24;

pub(crate) type Point = (f64, f64);
pub(crate) type Drawn = Result<(), ChartError>;

/// Where a text's anchor lies.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Middle,
    Right,
}

/// How a text looks.
#[derive(Clone, Copy)]
pub(crate) struct Look {
    pub(crate) size: f64,
    pub(crate) ink: Ink,
    pub(crate) side: Side,
    pub(crate) bold: bool,
}

impl Look {
    pub(crate) const fn new(size: f64, ink: Ink) -> Self {
        Self { size, ink, side: Side::Left, bold: false }
    }

    pub(crate) const fn at(self, side: Side) -> Self {
        Self { side, ..self }
    }

    pub(crate) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }
}

/// A small sign that stands for something.
#[derive(Clone, Copy)]
pub(crate) enum Mark {
    /// A full dot.
    Dot(Ink),
    /// A ring.
    Ring(Ink),
    /// An x.
    Cross(Ink),
    /// A vertical tick.
    Tick(Ink),
    /// A filled rectangle.
    Block(Ink),
    /// An arrow's head, to the right or the left.
    Arrow(Ink, Side),
    /// A full square on its side.
    Square(Ink),
    /// A full triangle on its base.
    Triangle(Ink),
    /// A short line of dashes.
    Dashes(Ink),
}

/// A picture being drawn.
pub(crate) struct Canvas<'a> {
    backend: SVGBackend<'a>,
    theme: Theme,
    width: f64,
}

impl Canvas<'_> {
    /// In pixels.
    pub(crate) fn width(&self) -> f64 {
        self.width
    }

    fn style(&self, ink: Ink, opacity: f64, width: f64) -> ShapeStyle {
        let stroke_width = (width * FINE).round().max(1.0) as u32;
        ShapeStyle { color: ink.color(self.theme).mix(opacity), filled: true, stroke_width }
    }

    pub(crate) fn line(&mut self, from: Point, to: Point, ink: Ink, width: f64) -> Drawn {
        let style = self.style(ink, 1.0, width);
        self.backend.draw_line(fine(from), fine(to), &style).map_err(failed)
    }

    /// A vertical line of dashes.
    pub(crate) fn dashes(&mut self, x: f64, from: f64, to: f64, ink: Ink) -> Drawn {
        let mut y = from;
        while y < to {
            self.line((x, y), (x, (y + 4.0).min(to)), ink, 1.2)?;
            y += 7.0;
        }
        Ok(())
    }

    /// A line of dashes from one point to another.
    pub(crate) fn dashed(&mut self, from: Point, to: Point, ink: Ink) -> Drawn {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy);
        if !length.is_finite() || length <= 0.0 {
            return Ok(());
        }
        let at = |way: f64| (from.0 + dx * way / length, from.1 + dy * way / length);
        let mut way = 0.0;
        while way < length {
            self.line(at(way), at((way + 5.0).min(length)), ink, 1.2)?;
            way += 9.0;
        }
        Ok(())
    }

    fn polygon(&mut self, corners: &[Point], ink: Ink) -> Drawn {
        let style = self.style(ink, 1.0, 1.0);
        self.backend.fill_polygon(corners.iter().copied().map(fine), &style).map_err(failed)
    }

    pub(crate) fn dot(&mut self, center: Point, radius: f64, ink: Ink, opacity: f64) -> Drawn {
        let style = self.style(ink, opacity, 1.0);
        self.backend.draw_circle(fine(center), fine_length(radius), &style, true).map_err(failed)
    }

    /// A filled rectangle; what has no width is not drawn.
    pub(crate) fn block(&mut self, corner: Point, width: f64, height: f64, ink: Ink) -> Drawn {
        if width <= 0.0 || height <= 0.0 {
            return Ok(());
        }
        let style = self.style(ink, 1.0, 1.0);
        let opposite = (corner.0 + width, corner.1 + height);
        self.backend.draw_rect(fine(corner), fine(opposite), &style, true).map_err(failed)
    }

    pub(crate) fn mark(&mut self, at: Point, mark: Mark) -> Drawn {
        let (x, y) = at;
        match mark {
            Mark::Dot(ink) => self.dot(at, 4.5, ink, 1.0),
            Mark::Ring(ink) => {
                self.dot(at, 4.5, ink, 1.0)?;
                self.dot(at, 2.8, Ink::Paper, 1.0)
            }
            Mark::Cross(ink) => {
                self.line((x - 3.5, y - 3.5), (x + 3.5, y + 3.5), ink, 1.8)?;
                self.line((x - 3.5, y + 3.5), (x + 3.5, y - 3.5), ink, 1.8)
            }
            Mark::Tick(ink) => self.line((x, y - 7.0), (x, y + 7.0), ink, 2.4),
            Mark::Block(ink) => self.block((x - 6.0, y - 5.0), 12.0, 10.0, ink),
            Mark::Arrow(ink, side) => {
                let tip = if side == Side::Left { -6.0 } else { 6.0 };
                self.polygon(&[(x + tip, y), (x, y - 5.0), (x, y + 5.0)], ink)
            }
            Mark::Square(ink) => self.block((x - 4.0, y - 4.0), 8.0, 8.0, ink),
            Mark::Triangle(ink) => self.polygon(&[(x, y - 5.2), (x - 5.0, y + 4.0), (x + 5.0, y + 4.0)], ink),
            Mark::Dashes(ink) => self.dashed((x - 8.0, y), (x + 8.0, y), ink),
        }
    }

    /// A line of text, its middle at the height given.
    pub(crate) fn text(&mut self, at: Point, text: &str, look: Look) -> Drawn {
        self.write(at, text, look, FontTransform::None)
    }

    /// A line of text that runs upwards; its start, middle or end at the height given, its middle at the place across.
    pub(crate) fn text_upwards(&mut self, at: Point, text: &str, look: Look) -> Drawn {
        self.write(at, text, look, FontTransform::Rotate270)
    }

    fn write(&mut self, at: Point, text: &str, look: Look, turned: FontTransform) -> Drawn {
        let h = match look.side {
            Side::Left => HPos::Left,
            Side::Middle => HPos::Center,
            Side::Right => HPos::Right,
        };
        let font = ("sans-serif", look.size * FINE * FONT_FACTOR).into_font();
        let font = if look.bold { font.style(FontStyle::Bold) } else { font };
        let font = font.transform(turned);
        let color = look.ink.color(self.theme);
        let style = TextStyle::from(font).color(&color).pos(Pos::new(h, VPos::Center));
        self.backend.draw_text(&escape::visible(text), &style, fine(at)).map_err(failed)
    }
}

/// About how wide `text` is, in pixels: fonts differ, so this errs on the wide side.
pub(crate) fn text_width(text: &str, size: f64) -> f64 {
    let em = |c: char| match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '|' | '\'' | '!' => 0.33,
        ' ' | 'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' => 0.4,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.92,
        'A'..='Z' | '0'..='9' | '+' | '−' | '…' | '=' | '<' | '>' | '&' | '_' => 0.68,
        c if c.is_ascii() => 0.58,
        c if (c as u32) < 0x2e80 => 0.7,
        _ => 1.1,
    };
    text.chars().map(em).sum::<f64>() * size
}

/// A picture before it is drawn.
pub(crate) struct Picture<'p> {
    /// What it is laid out for, in pixels; it stands in the middle of its paper.
    pub(crate) width: f64,
    /// Its paper, in pixels.
    pub(crate) paper: Point,
    /// The size in pixels at which it is shown: the proportions of the paper.
    pub(crate) shown: Point,
    pub(crate) theme: Theme,
    pub(crate) title: &'p str,
    /// For those who can't see it.
    pub(crate) about: &'p str,
}

impl Picture<'_> {
    /// The paper at each side.
    pub(crate) fn side(&self) -> f64 {
        ((self.paper.0 - self.width) / 2.0).max(0.0)
    }
}

/// Draws a picture and gives its SVG.
pub(crate) fn paint(
    picture: &Picture<'_>,
    draw: impl FnOnce(&mut Canvas<'_>) -> Drawn,
) -> Result<String, ChartError> {
    let mut raw = String::new();
    {
        let (width, height) = picture.paper;
        let (w, h) = fine(picture.paper);
        let size = (w.unsigned_abs(), h.unsigned_abs());
        let backend = SVGBackend::with_string(&mut raw, size);
        let mut canvas = Canvas { backend, theme: picture.theme, width: picture.width };
        canvas.block((-picture.side(), 0.0), width, height, Ink::Paper)?;
        draw(&mut canvas)?;
        canvas.backend.present().map_err(failed)?;
    }
    Ok(svg::finish(&raw, picture, FINE))
}

fn fine((x, y): Point) -> (i32, i32) {
    ((x * FINE).round() as i32, (y * FINE).round() as i32)
}

fn fine_length(length: f64) -> u32 {
    (length * FINE).round() as u32
}

fn failed(error: impl std::fmt::Display) -> ChartError {
    ChartError::Drawing(error.to_string())
}
