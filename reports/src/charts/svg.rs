//! What plotters wrote, made into a picture for the web: it scales, has a title, follows the reader's dark mode, and
//! says nothing twice.

use super::canvas::Picture;
use super::ink::{Theme, dark_style};
use crate::escape;
use std::fmt::Write as _;

const FONTS: &str = "system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif";
/// From the middle of a line of text to its base line, in font sizes: half the height of a capital letter.
const TO_BASE: f64 = 0.36;

/// The picture that the backend drew as `raw`, on a grid of `fine` to the pixel.
///
/// The backend writes one element a line, and a text over three.
pub(crate) fn finish(raw: &str, picture: &Picture<'_>, fine: f64) -> String {
    let ((width, height), (shown_width, shown_height)) = (picture.paper, picture.shown);
    let mut out = String::with_capacity(raw.len());
    let _ = writeln!(
        out,
        "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" width=\"{shown_width:.0}\" height=\"{shown_height:.0}\" \
         viewBox=\"{:.0} 0 {:.0} {:.0}\" role=\"img\" font-family=\"{FONTS}\">\n<title>{}</title>\n<desc>{}</desc>",
        // No negative zero where there is no paper at the sides.
        0.0 - picture.side() * fine,
        width * fine,
        height * fine,
        escape::html(picture.title),
        escape::html(picture.about)
    );
    if picture.theme == Theme::Auto {
        let _ = writeln!(out, "<style>{}</style>", dark_style());
    }
    let mut in_text = false;
    let mut group = None;
    for line in raw.lines().skip(1) {
        if in_text && !line.starts_with('<') {
            out.push_str(line);
            continue;
        }
        if line.starts_with("</text") {
            in_text = false;
            out.push_str("</text>\n");
            continue;
        }
        let element = tidy(line);
        let dot = translucent_dot(&element);
        let look = dot.map(|(_, look)| look.to_owned());
        if group != look {
            if group.is_some() {
                out.push_str("</g>\n");
            }
            if let Some(look) = &look {
                let _ = writeln!(out, "<g fill-{look}>");
            }
            group = look;
        }
        match dot {
            Some((place, _)) => {
                let _ = writeln!(out, "{place}/>");
            }
            None => out.push_str(&element),
        }
        in_text = line.starts_with("<text");
        if dot.is_none() && !in_text {
            out.push('\n');
        }
    }
    out
}

/// A dot that others shine through: its place and its look, `opacity` first. A strip has many of one look in a row.
fn translucent_dot(element: &str) -> Option<(&str, &str)> {
    let element = element.strip_suffix("/>").filter(|e| e.starts_with("<circle"))?;
    let at = element.find(" opacity=")?;
    Some((&element[..at], element[at..].trim_start()))
}

/// An element without the attributes that are defaults anyway, its text on a base line.
fn tidy(element: &str) -> String {
    let mut element = element.replace(" opacity=\"1\"", "").replace(" font-family=\"sans-serif\"", "");
    if !element.contains(" fill=\"none\"") {
        element = element.replace(" stroke=\"none\"", "");
    }
    if element.starts_with("<circle") && !element.contains(" stroke=") {
        element = element.replace(" stroke-width=\"10\"", "");
    }
    if element.starts_with("<text") { on_base_line(&element).unwrap_or(element) } else { element }
}

/// A text whose middle lies at its place, moved down by what viewers agree on: they do not agree on `dy="0.5ex"`.
fn on_base_line(element: &str) -> Option<String> {
    let (before, rest) = element.split_once(" y=\"")?;
    let (y, rest) = rest.split_once("\" dy=\"0.5ex\"")?;
    let (between, rest) = rest.split_once(" font-size=\"")?;
    let (size, after) = rest.split_once('"')?;
    let size = size.parse::<f64>().ok()?;
    let y = y.parse::<f64>().ok()? + TO_BASE * size;
    let between = between.replace(" text-anchor=\"start\"", "");
    Some(format!("{before} y=\"{y:.0}\"{between} font-size=\"{size:.0}\"{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_left_out_and_texts_put_on_a_base_line() {
        let circle =
            r##"<circle cx="1" cy="2" r="3" opacity="1" fill="#000000" stroke="none" stroke-width="10"/>"##;
        assert_eq!(tidy(circle), r##"<circle cx="1" cy="2" r="3" fill="#000000"/>"##);
        let text = r##"<text x="1" y="100" dy="0.5ex" text-anchor="start" font-family="sans-serif" font-size="99.99999" opacity="1" fill="#000000">"##;
        assert_eq!(tidy(text), r##"<text x="1" y="136" font-size="100" fill="#000000">"##);
    }

    #[test]
    fn dots_of_one_look_share_it() {
        let dot = |x| {
            format!(
                r##"<circle cx="{x}" cy="2" r="3" opacity="0.5" fill="#000000" stroke="none" stroke-width="10"/>"##
            )
        };
        let raw = format!("<svg>\n{}\n{}\n<line x1=\"1\"/>\n</svg>\n", dot(1), dot(2));
        let size = (10.0, 10.0);
        let picture =
            Picture { width: 10.0, paper: size, shown: size, theme: Theme::Light, title: "t", about: "a" };
        let svg = finish(&raw, &picture, 1.0);
        let body = svg.split_once("</desc>\n").expect("a description").1;
        assert_eq!(
            body,
            "<g fill-opacity=\"0.5\" fill=\"#000000\">\n<circle cx=\"1\" cy=\"2\" r=\"3\"/>\n\
             <circle cx=\"2\" cy=\"2\" r=\"3\"/>\n</g>\n<line x1=\"1\"/>\n</svg>\n"
        );
    }
}
