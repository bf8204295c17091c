//! The section of profiles: what changed, each cell's functions and flame graph, and the story of memory.

use super::figures::figures;
use super::write::{Html, TableLook};
use super::{SCRIPT, STYLE, Section};
use crate::charts::{Style, dark_style, heap_over_time, rss_over_time};
use crate::escape::file_stem;
use crate::profiles::sheets::{MOST, differences, functions, sites};
use crate::profiles::words::{self, difference_words, limits};
use crate::profiles::{difference_stem, flame, flame_difference, pairs, rate, stem, unlike};
use harness::judge::wire::profile::Profiles;
use harness::judge::wire::results::Results;

/// Pictures of so many bytes in all are put into a page; the others are linked.
const MOST_EMBEDDED: usize = 2 << 20;

/// The whole section; nothing where nothing was profiled. `folder` is where the profiles' files lie, seen from the page.
pub(super) fn section(results: &Results, folder: &str) -> Option<Section> {
    if results.profiles.is_empty() {
        return None;
    }
    let mut body = Html::default();
    if let Some(unlike) = unlike(results) {
        body.element("p", &unlike);
    }
    write(&mut body, &results.profiles, folder);
    Some(Section { id: "profiles", title: "Profiles", heading: "Profiles", body })
}

fn write(html: &mut Html, profiles: &Profiles, folder: &str) {
    let mut pictures = Pictures { folder, left: MOST_EMBEDDED, number: 0 };
    cpu(html, profiles, &mut pictures);
    memory(html, profiles, &mut pictures);
    if !profiles.absent.is_empty() {
        html.element("h3", "What is not there").raw("<ul>\n");
        for skip in &profiles.absent {
            html.raw("<li><code>").text(&skip.what).raw("</code>: ").text(&skip.reason);
            if let Some(remedy) = &skip.remedy {
                html.raw(". To mend it: <code class=\"long\">").text(remedy).raw("</code>");
            }
            html.raw("</li>\n");
        }
        html.raw("</ul>\n");
    }
}

/// A page of its own, beside the files of the profiles.
pub fn page(profiles: &Profiles, run: &str) -> String {
    let mut html = Html::default();
    html.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.raw("<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n");
    html.element("title", &format!("Profiles of {run}"));
    html.raw("<style>\n").raw(STYLE).raw(&dark_style()).raw("\n</style>\n</head>\n<body>\n<main>\n");
    html.element("h1", &format!("Profiles of {run}"));
    let origins = profiles.cpu.iter().map(|p| &p.origin).chain(profiles.memory.iter().map(|m| &m.origin));
    if let Some(origin) = origins.into_iter().next() {
        html.raw("<p class=\"source\">").text(&crate::profiles::source(origin)).raw("</p>\n");
    }
    write(&mut html, profiles, "");
    html.raw("</main>\n<script>\n").raw(SCRIPT).raw("</script>\n</body>\n</html>\n");
    html.finish()
}

fn cpu(html: &mut Html, profiles: &Profiles, pictures: &mut Pictures<'_>) {
    if profiles.cpu.is_empty() {
        return;
    }
    html.element("p", words::CPU);
    for (before, after) in pairs(profiles) {
        let (sheet, all, told) = differences(before, after);
        let caption = format!("{}: from {} to {}", after.scenario, before.variant, after.variant);
        html.element("h3", &caption).element("p", &difference_words(before, after, all, told));
        let id = format!("t-{}", file_stem(&difference_stem(&before.variant, after)));
        html.table(&sheet, TableLook { id: &id, caption: &caption, grouped: None });
        more(html, all);
        let file = format!("{}.svg", difference_stem(&before.variant, after));
        pictures.put(
            html,
            flame_difference(before, after),
            &format!("Differential flame graph, {caption}"),
            &file,
        );
    }
    for profile in &profiles.cpu {
        let (sheet, all) = functions(profile);
        let caption = format!("CPU time of {} under {}", profile.scenario, profile.variant);
        html.element("h3", &caption).element("p", &format!("{}. {}", rate(profile), limits(profile)));
        let stem = stem(&profile.scenario, &profile.variant);
        html.table(
            &sheet,
            TableLook { id: &format!("t-{}", file_stem(&stem)), caption: &caption, grouped: None },
        );
        more(html, all);
        pictures.put(html, flame(profile), &format!("Flame graph, {caption}"), &format!("{stem}.svg"));
        html.raw("<p class=\"note\">Raw: ");
        pictures.link(html, &format!("{stem}.pb"), "pprof");
        html.raw(", ");
        pictures.link(html, &format!("{stem}.folded"), "folded stacks");
        html.raw(", ");
        pictures.link(html, &format!("{stem}.speedscope.json"), "speedscope and Firefox Profiler");
        html.raw(".</p>\n");
    }
}

fn more(html: &mut Html, all: usize) {
    if all > MOST {
        html.raw("<p class=\"note\">").text(&format!("{} more are in the files.", all - MOST)).raw("</p>\n");
    }
}

fn memory(html: &mut Html, profiles: &Profiles, pictures: &mut Pictures<'_>) {
    if profiles.memory.is_empty() {
        return;
    }
    html.element("h3", "The story of memory").element("p", words::MEMORY);
    for memory in &profiles.memory {
        let stem = stem(&memory.scenario, &memory.variant);
        if let Some(heap) = &memory.heap {
            let caption = format!("Heap of {} in {}", memory.scenario, memory.variant);
            html.element("h4", &caption).element("p", &words::heap(heap));
            let id = format!("t-{}-sites", file_stem(&stem));
            html.table(&sites(heap), TableLook { id: &id, caption: &caption, grouped: None });
            Pictures::chart(html, heap_over_time(memory, &Style::default()));
            html.raw("<p class=\"note\">Raw: ");
            pictures.link(html, &format!("{stem}.dhat.json"), "dhat's own file");
            html.raw(
                ", for <a href=\"https://nnethercote.github.io/dh_view/dh_view.html\">its viewer</a>.</p>\n",
            );
        }
        if let Some(rss) = &memory.rss {
            let caption = format!("Resident memory of {} under {}", memory.scenario, memory.variant);
            html.element("h4", &caption).element("p", &words::rss(rss));
            Pictures::chart(html, rss_over_time(memory, &Style::default()));
        }
    }
}

/// Pictures on the page, as far as they are not too much together.
struct Pictures<'a> {
    folder: &'a str,
    left: usize,
    number: usize,
}

impl Pictures<'_> {
    fn link(&self, html: &mut Html, file: &str, words: &str) {
        html.raw("<a href=\"").text(&format!("{}{file}", self.folder)).raw("\">").text(words).raw("</a>");
    }

    /// A flame graph in a frame of its own: its script is not the page's.
    fn put(&mut self, html: &mut Html, svg: Result<String, String>, caption: &str, file: &str) {
        let svg = match svg {
            Ok(svg) => svg,
            Err(why) => {
                html.raw("<p class=\"note\">").text(&format!("{caption}: {why}.")).raw("</p>\n");
                return;
            }
        };
        let encoded = base64(svg.as_bytes());
        if encoded.len() > self.left {
            html.raw("<p>");
            self.link(html, file, caption);
            html.raw("</p>\n");
            return;
        }
        self.left -= encoded.len();
        self.number += 1;
        let (width, height) = size(&svg).unwrap_or((1200.0, 600.0));
        html.raw("<details><summary>").text(caption).raw("</summary>\n<iframe loading=\"lazy\" title=\"");
        html.text(caption).raw(&format!(
            "\" style=\"width:100%;aspect-ratio:{width}/{height};min-height:20rem;border:1px solid var(--line);border-radius:.3rem\" \
             src=\"data:image/svg+xml;base64,{encoded}\"></iframe>\n<p class=\"note\">"
        ));
        self.link(html, file, "The same as a file");
        html.raw(".</p>\n</details>\n");
    }

    fn chart(html: &mut Html, chart: Result<crate::charts::Chart, crate::charts::ChartError>) {
        match chart {
            Ok(chart) => {
                let chart =
                    crate::charts::Chart { stem: format!("profile-{}", file_stem(&chart.title)), ..chart };
                figures(html, &[chart]);
            }
            Err(why) => {
                html.raw("<p class=\"note\">").text(&format!("{why}.")).raw("</p>\n");
            }
        }
    }
}

/// Width and height as an SVG's first line of markup tells them.
fn size(svg: &str) -> Option<(f64, f64)> {
    let head = &svg[svg.find("<svg")?..];
    let head = &head[..head.find('>')?];
    let number = |key: &str| -> Option<f64> {
        let rest = &head[head.find(key)? + key.len()..];
        rest[..rest.find('"')?].parse().ok()
    };
    Some((number(" width=\"")?, number(" height=\"")?))
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let letter = ALPHABET[(bits >> (18 - 6 * i)) as usize & 63];
            text.push(if i <= group.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_as_the_standard_does() {
        for (raw, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(raw.as_bytes()), text);
        }
    }

    #[test]
    fn sizes_are_read_of_the_picture_itself() {
        assert_eq!(
            size("<?xml?><svg version=\"1\" width=\"1200\" height=\"96.5\"><g width=\"1\"/>"),
            Some((1200.0, 96.5))
        );
        assert_eq!(size("no picture"), None);
    }
}
