//! Charts inside the page. They share its style sheet, and weigh less than in files of their own.

use super::write::Html;
use crate::charts::Chart;

/// More charts in a row than this are folded: the page is to be seen as a whole first.
const UNFOLDED: usize = 6;

/// Charts one below the other; where there are many, each under a line that opens it.
pub(super) fn figures<'c>(html: &mut Html, charts: impl IntoIterator<Item = &'c Chart>) {
    let charts: Vec<&Chart> = charts.into_iter().collect();
    let folds = charts.len() > UNFOLDED;
    for chart in charts {
        html.raw("<figure id=\"").text(&chart.stem).raw("\">\n");
        if folds {
            html.raw("<details><summary>").text(&chart.title).raw("</summary>\n");
        }
        html.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
        html.text(&chart.title).raw("\">\n").raw(&lighter(&chart.svg)).raw("</div>\n");
        html.raw(if folds { "</details>\n</figure>\n" } else { "</figure>\n" });
    }
}

/// The same picture without its style sheet, and with lines of one look that follow each other as one path.
fn lighter(svg: &str) -> String {
    let mut out = String::with_capacity(svg.len());
    // The look of the path that is being written.
    let mut look: Option<&str> = None;
    for line in svg.lines().filter(|line| !line.starts_with("<style>")) {
        let stroke = stroke(line);
        if look.is_some() && stroke.as_ref().map(|(now, _)| *now) != look {
            out.push_str("\"/>\n");
            look = None;
        }
        if let Some((now, step)) = stroke {
            if look.is_none() {
                out.push_str("<path");
                out.push_str(now);
                out.push_str(" d=\"");
                look = Some(now);
            }
            out.push_str(&step);
        } else {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// A line's look, and its place as a step of a path; nothing for any other element.
fn stroke(element: &str) -> Option<(&str, String)> {
    let rest = element.strip_prefix("<line")?;
    let (look, rest) = rest.split_once(" x1=\"")?;
    let (x1, rest) = rest.split_once("\" y1=\"")?;
    let (y1, rest) = rest.split_once("\" x2=\"")?;
    let (x2, rest) = rest.split_once("\" y2=\"")?;
    let y2 = rest.strip_suffix("\"/>")?;
    let is_number = |text: &str| text.parse::<f64>().is_ok();
    if ![x1, y1, x2, y2].into_iter().all(is_number) {
        return None;
    }
    let step = match (x1 == x2, y1 == y2) {
        (true, _) => format!("M{x1} {y1}V{y2}"),
        (_, true) => format!("M{x1} {y1}H{x2}"),
        _ => format!("M{x1} {y1}L{x2} {y2}"),
    };
    Some((look, step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_one_look_become_one_path() {
        let line = |x: u8, color: &str| {
            format!("<line stroke=\"{color}\" stroke-width=\"5\" x1=\"{x}\" y1=\"2\" x2=\"{x}\" y2=\"9\"/>\n")
        };
        let slanted = "<line stroke=\"#1\" x1=\"1\" y1=\"2\" x2=\"3\" y2=\"4\"/>\n";
        let other = "<circle cx=\"1\" cy=\"2\" r=\"3\"/>\n";
        let svg = [
            "<svg>\n<style>x</style>\n",
            &line(1, "#0"),
            &line(2, "#0"),
            &line(3, "#1"),
            other,
            slanted,
            "</svg>\n",
        ]
        .concat();
        assert_eq!(
            lighter(&svg),
            "<svg>\n<path stroke=\"#0\" stroke-width=\"5\" d=\"M1 2V9M2 2V9\"/>\n\
             <path stroke=\"#1\" stroke-width=\"5\" d=\"M3 2V9\"/>\n<circle cx=\"1\" cy=\"2\" r=\"3\"/>\n\
             <path stroke=\"#1\" d=\"M1 2L3 4\"/>\n</svg>\n"
        );
    }

    #[test]
    fn what_is_no_plain_line_is_left_as_it_is() {
        for element in
            ["<line x1=\"a\" y1=\"2\" x2=\"3\" y2=\"4\"/>", "<line x1=\"1\"/>", "<text>x1=\"1\"</text>"]
        {
            assert_eq!(lighter(element).trim_end(), element);
        }
    }
}
