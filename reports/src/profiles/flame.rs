//! Flame graphs, and what changed between two of them, by inferno.

use super::folded::counted;
use super::rate;
use crate::escape::{shorten, visible};
use crate::format::{duration, plural};
use harness::judge::profile::stacks;
use harness::judge::wire::profile::Profile;
use inferno::flamegraph::color::{BackgroundColor, Color};
use inferno::flamegraph::{self, Options};
use std::collections::{BTreeMap, BTreeSet};

/// Width in pixels; the picture's own script fits it to the window.
const WIDTH: usize = 1200;

/// The search can be seen. For a reader who prefers dark: paper, letters beside the frames, and frames a little dimmed, whose
/// letters stay black. On paper it stays light.
const LOOKS: &str = "#search { opacity:0.5; }
@media screen and (prefers-color-scheme:dark) {
#background stop { stop-color:#14171c; }
#title, #subtitle, #details, #unzoom, #search, #matched { fill:#e8eaed; }
#frames rect { fill-opacity:0.86; }
#frames > *:hover { stroke:white; }
.parent { opacity:0.7; }
}
";

/// A flame graph: width is CPU time. The allocator's insides are one frame.
///
/// # Errors
/// There are no samples, or inferno failed.
pub fn flame(profile: &Profile) -> Result<String, String> {
    let profile = stacks::folded(profile);
    let lines: Vec<String> = counted(&profile).iter().map(|(stack, n)| format!("{stack} {n}")).collect();
    let title = format!("CPU time of {} · {}", profile.scenario, profile.variant);
    let subtitle = format!("{} · {}", rate(&profile), origin(&profile));
    let mut options = options(&title, &subtitle, "samples");
    options.colors = flamegraph::color::Palette::Multi(flamegraph::color::MultiPalette::Rust);
    draw(&mut options, &lines)
}

/// What changed from one profile to another, per iteration: widths are the CPU time of `after`; red takes more by itself than
/// in `before`, blue takes less. What is gone altogether has no width, so a table belongs beside it.
///
/// # Errors
/// One of them has no samples, or inferno failed.
pub fn flame_difference(before: &Profile, after: &Profile) -> Result<String, String> {
    let (of_before, of_after) = (per_iteration(before), per_iteration(after));
    let all: BTreeSet<&String> = of_before.keys().chain(of_after.keys()).collect();
    let time = |of: &BTreeMap<String, u64>, stack: &String| of.get(stack).copied().unwrap_or(0);
    let lines: Vec<String> = all
        .into_iter()
        .map(|stack| format!("{stack} {} {}", time(&of_before, stack), time(&of_after, stack)))
        .collect();
    let title = format!("{}: from {} to {}", after.scenario, before.variant, after.variant);
    let subtitle = format!(
        "red takes more by itself, blue less · {} then {} of CPU time an iteration · {} then {} · {}",
        duration(before.iteration_ns()),
        duration(after.iteration_ns()),
        before.samples(),
        plural(after.samples(), "sample", "samples"),
        origin(after)
    );
    if of_before.is_empty() {
        return Err(format!("{} has no samples to compare with", before.variant));
    }
    draw(&mut options(&title, &subtitle, "ns an iteration"), &lines)
}

/// Run and revision: there is one line, which is not wrapped. The files beside the picture tell the rest.
fn origin(profile: &Profile) -> String {
    let revision = profile.origin.revision.as_deref().and_then(|revision| revision.get(..12));
    let dirty = if profile.origin.dirty { " and changes" } else { "" };
    let revision = revision.map(|revision| format!(" · {revision}{dirty}")).unwrap_or_default();
    format!("run {}{revision}", shorten(&profile.origin.run, 40))
}

/// Nanoseconds of one iteration in each stack: whole numbers that lose nothing which could be told apart.
fn per_iteration(profile: &Profile) -> BTreeMap<String, u64> {
    let folded = stacks::folded(profile);
    let each = profile.iteration_ns() / profile.samples().max(1) as f64;
    let scaled = |samples: u64| (samples as f64 * each).round() as u64;
    counted(&folded).into_iter().map(|(stack, samples)| (stack, scaled(samples).max(1))).collect()
}

fn options<'a>(title: &str, subtitle: &str, unit: &str) -> Options<'a> {
    let mut options = Options::default();
    options.title = visible(title);
    options.subtitle = Some(visible(subtitle));
    unit.clone_into(&mut options.count_name);
    options.image_width = Some(WIDTH);
    options.deterministic = true;
    // A list of families would be quoted as the name of one.
    "sans-serif".clone_into(&mut options.font_type);
    options.font_width = 0.55;
    options.bgcolors = Some(BackgroundColor::Flat(Color { r: 255, g: 255, b: 255 }));
    options.min_width = 0.05;
    options
}

fn draw(options: &mut Options<'_>, lines: &[String]) -> Result<String, String> {
    if lines.is_empty() {
        return Err("there are no samples".to_owned());
    }
    let mut svg = Vec::new();
    flamegraph::from_lines(options, lines.iter().map(String::as_str), &mut svg)
        .map_err(|e| format!("drawing the flame graph: {e}"))?;
    let svg = String::from_utf8(svg).map_err(|e| format!("drawing the flame graph: {e}"))?;
    Ok(svg.replacen("</style>", &format!("{LOOKS}</style>"), 1))
}
