//! What all charts share: title, notes and legend above, provenance below.

use super::canvas::{Canvas, Drawn, Look, Mark, Picture, Point, Side, paint, text_width};
use super::ink::Ink;
use super::style::Style;
use super::{Chart, ChartError};
use crate::floor::Floor;
use crate::format;
use harness::judge::label::Label;
use harness::judge::wire::results::VariantFacts;

/// Room left at the edges.
pub(crate) const MARGIN: f64 = 24.0;
/// Names longer than this are cut in their middle.
pub(crate) const NAME_LIMIT: usize = 42;
/// Size of names and figures.
pub(crate) const BODY: f64 = 13.0;
/// Size of notes and of figures that stand beside others.
pub(crate) const SMALL: f64 = 11.5;
/// Size of what stands below a name. Nothing is smaller.
pub(crate) const SMALLEST: f64 = 10.5;
const LINE: f64 = 17.0;

/// A chart without its body.
pub(crate) struct Frame {
    pub(crate) title: String,
    pub(crate) about: String,
    /// How to read it.
    pub(crate) note: String,
    pub(crate) legend: Vec<(Mark, String)>,
    /// Where the figures come from, in lines.
    pub(crate) source: Vec<String>,
    /// Height of the body in pixels.
    pub(crate) body: f64,
}

impl Frame {
    /// Draws the chart as the file `stem`; `body` is given the height at which it begins.
    pub(crate) fn chart(
        self,
        style: &Style,
        stem: String,
        body: impl FnOnce(&mut Canvas<'_>, f64) -> Drawn,
    ) -> Result<Chart, ChartError> {
        let wide = style.width();
        self.chart_of_width(style, wide, stem, body)
    }

    /// The same for what needs another width than the style has.
    pub(crate) fn chart_of_width(
        self,
        style: &Style,
        wide: f64,
        stem: String,
        body: impl FnOnce(&mut Canvas<'_>, f64) -> Drawn,
    ) -> Result<Chart, ChartError> {
        let headline = style.title_or(&self.title);
        let room = wide - 2.0 * MARGIN;
        let title = lines(&headline, 20.0, room);
        let note = lines(&self.note, SMALL, room);
        let legend = self.legend_rows(wide);
        let source = self.source.iter().map(String::as_str).chain(style.aside());
        let source: Vec<String> = source.flat_map(|line| lines(line, SMALL, room)).collect();

        let mut top = MARGIN + title.len() as f64 * 25.0 + note.len() as f64 * LINE;
        let legend_top = top + 6.0;
        if !legend.is_empty() {
            top = legend_top + legend.len() as f64 * 20.0;
        }
        top += 8.0;
        let source_top = top + self.body + 14.0;
        let height = source_top + source.len() as f64 * (LINE - 1.0) + MARGIN * 0.6;
        let (paper, shown) = style.paper(wide, height);
        let picture =
            Picture { width: wide, paper, shown, theme: style.theme(), title: &headline, about: &self.about };
        let svg = paint(&picture, |canvas| {
            let mut y = MARGIN + 8.0;
            for line in &title {
                canvas.text((MARGIN, y), line, Look::new(20.0, Ink::Text).bold())?;
                y += 25.0;
            }
            for line in &note {
                canvas.text((MARGIN, y), line, Look::new(SMALL, Ink::Muted))?;
                y += LINE;
            }
            for (row, items) in legend.iter().enumerate() {
                let y = legend_top + row as f64 * 20.0 + 8.0;
                for (x, mark, text) in items {
                    canvas.mark((*x, y), *mark)?;
                    canvas.text((x + 12.0, y), text, Look::new(SMALL, Ink::Text))?;
                }
            }
            body(canvas, top)?;
            for (i, line) in source.iter().enumerate() {
                let y = source_top + i as f64 * (LINE - 1.0) + 6.0;
                canvas.text((MARGIN, y), line, Look::new(SMALL - 0.5, Ink::Muted))?;
            }
            Ok(())
        })?;
        let size = (wide, height);
        let scale = shown.0 / paper.0;
        Ok(Chart { stem, title: headline, caption: self.note, about: self.about, svg, size, scale })
    }

    /// The legend's items with their places, in as many rows as they need.
    fn legend_rows(&self, wide: f64) -> Vec<Vec<(f64, Mark, &str)>> {
        let mut rows: Vec<Vec<(f64, Mark, &str)>> = Vec::new();
        let mut x = f64::INFINITY;
        for (mark, text) in &self.legend {
            let width = 34.0 + text_width(text, SMALL);
            if x + width > wide - MARGIN + 16.0 {
                rows.push(Vec::new());
                x = MARGIN + 7.0;
            }
            if let Some(row) = rows.last_mut() {
                row.push((x, *mark, text));
            }
            x += width;
        }
        rows
    }
}

/// `text` in lines no wider than `room` pixels. A number stays with the unit behind it; a word that is wider than a line is
/// cut in its middle.
fn lines(text: &str, size: f64, room: f64) -> Vec<String> {
    let limit = (room / (size * 0.6)) as usize;
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let is_unit = word.starts_with('%') || word == "blocks)" || word == "blocks";
        match words.last_mut().filter(|last| is_unit && last.ends_with(|c: char| c.is_ascii_digit())) {
            Some(last) => *last = format!("{last} {word}"),
            None => words.push(crate::escape::shorten(word, limit)),
        }
    }
    let mut lines = vec![String::new()];
    for word in words {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            *line = word;
        } else if text_width(line, size) + text_width(&word, size) + size * 0.4 <= room {
            line.push(' ');
            line.push_str(&word);
        } else {
            lines.push(word);
        }
    }
    lines
}

/// Width of the column of names.
pub(crate) fn name_column<'a>(names: impl Iterator<Item = &'a str>) -> f64 {
    let widest =
        names.map(|name| text_width(&crate::escape::shorten(name, NAME_LIMIT), BODY)).fold(60.0, f64::max);
    widest.min(330.0) + 14.0
}

/// The variants whose binary was measured under their own name, the reference first.
pub(crate) fn measured(variants: &[VariantFacts], reference: &str) -> Vec<String> {
    let own = variants.iter().filter(|v| v.identical_to.is_none() || v.name == reference);
    let mut names: Vec<String> = own.map(|v| v.name.clone()).collect();
    names.sort_by_key(|name| name != reference);
    names
}

/// The colour of a comparison: by what it says, not by who it is.
pub(crate) fn ink_of(label: Label, ratio: f64) -> Ink {
    match label {
        Label::Definitive | Label::High | Label::Moderate if ratio < 1.0 => Ink::Less,
        Label::Definitive | Label::High | Label::Moderate => Ink::More,
        Label::NoChange | Label::Inconclusive => Ink::Untold,
        Label::Invalid | Label::Unstable => Ink::Doubt,
    }
}

/// The sign of a comparison: the shape says the same as the colour.
pub(crate) fn mark_of(label: Label, ratio: f64) -> Mark {
    let ink = ink_of(label, ratio);
    match label {
        Label::Definitive | Label::High | Label::Moderate => Mark::Dot(ink),
        Label::NoChange | Label::Inconclusive => Mark::Ring(ink),
        Label::Invalid | Label::Unstable => Mark::Cross(ink),
    }
}

/// The numbers of samples in words: `n = 12` or `n = 9 to 12`.
pub(crate) fn counted(numbers: impl Iterator<Item = usize>) -> String {
    let range = numbers.fold(None, |range: Option<(usize, usize)>, n| match range {
        None => Some((n, n)),
        Some((low, high)) => Some((low.min(n), high.max(n))),
    });
    match range {
        None => "no samples".to_owned(),
        Some((low, high)) if low == high => format!("n = {low}"),
        Some((low, high)) => format!("n = {low} to {high}"),
    }
}

/// Splits `items` over pictures of about the same height, each of about `most` rows or of a single item.
pub(crate) fn paginate<T>(items: Vec<T>, rows: impl Fn(&T) -> usize, most: usize) -> Vec<Vec<T>> {
    let total: usize = items.iter().map(&rows).sum();
    let each = total.div_ceil(total.div_ceil(most).max(1));
    let mut pictures: Vec<Vec<T>> = Vec::new();
    let mut used = usize::MAX;
    for item in items {
        let more = rows(&item);
        match pictures.last_mut() {
            // An item belongs to the picture in which its middle lies.
            Some(picture) if used.saturating_add(more / 2) <= each => {
                used += more;
                picture.push(item);
            }
            _ => {
                used = more;
                pictures.push(vec![item]);
            }
        }
    }
    pictures
}

/// `floor 1.2 %`, or nothing where none is known.
pub(crate) fn floor_text(floor: Option<Floor>) -> Option<String> {
    floor.map(|floor| format!("floor {}", format::fraction(floor.share())))
}

/// The same of the largest floor of several scenarios.
pub(crate) fn largest_floor_text(floors: impl Iterator<Item = Floor>) -> Option<String> {
    floor_text(floors.reduce(|a, b| if b.more > a.more { b } else { a }))
}

/// Vertical lines at the ticks with their labels below, or above where `over` is set.
pub(crate) fn grid(canvas: &mut Canvas<'_>, ticks: &[(f64, String)], span: Point, over: bool) -> Drawn {
    let (top, bottom) = span;
    for (x, label) in ticks {
        canvas.line((*x, top), (*x, bottom), Ink::Grid, 1.0)?;
        let look = Look::new(SMALL, Ink::Muted).at(Side::Middle);
        canvas.text((*x, bottom + 12.0), label, look)?;
        if over {
            canvas.text((*x, top - 10.0), label, look)?;
        }
    }
    Ok(())
}

/// The name of a scenario over its rows, with what is said of all of it on the right.
pub(crate) fn heading(canvas: &mut Canvas<'_>, name: &str, aside: Option<String>, y: f64) -> Drawn {
    let (name, right) = (crate::escape::shorten(name, 70), canvas.width() - MARGIN);
    canvas.block((MARGIN - 2.0, y - 9.0), text_width(&name, BODY) * 1.1, 19.0, Ink::Paper)?;
    canvas.text((MARGIN, y), &name, Look::new(BODY, Ink::Text).bold())?;
    if let Some(aside) = aside {
        canvas.text((right, y), &aside, Look::new(SMALL, Ink::Muted).at(Side::Right))?;
    }
    canvas.line((MARGIN, y + 12.0), (right, y + 12.0), Ink::Grid, 1.0)
}
