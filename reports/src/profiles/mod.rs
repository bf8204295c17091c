//! Profiles of a run in forms that others open, as pictures, and as words.
//!
//! Raw profiles keep every frame of the measured part: [`folded`] for inferno and `FlameGraph`, [`pprof`] for `pprof` and its
//! kin, [`speedscope`] for speedscope.app. Pictures and tables are made of stacks in which the allocator's insides are one
//! frame ([`harness::judge::profile::stacks::folded`]).

mod flame;
mod folded;
mod markdown;
mod pprof;
pub(crate) mod sheets;
mod speedscope;
mod terminal;
mod unlike;
pub(crate) mod words;

pub use flame::{flame, flame_difference};
pub use folded::folded;
pub use markdown::markdown;
pub(crate) use markdown::under;
pub use pprof::pprof;
pub use speedscope::speedscope;
pub use terminal::terminal;
pub(crate) use unlike::unlike;

use crate::escape::file_stem;
use harness::judge::wire::profile::{Origin, Profile, Profiles, RssStory};

/// What the files of a cell are called, without what comes after the last stop. Two cells whose names differ only in what a
/// file's name can't hold get the same one.
pub fn stem(scenario: &str, variant: &str) -> String {
    format!("{}.{}", file_stem(scenario), file_stem(variant))
}

/// What the picture of a difference is called: `before` is a variant's name.
pub fn difference_stem(before: &str, after: &Profile) -> String {
    format!("{}.against-{}", stem(&after.scenario, &after.variant), file_stem(before))
}

/// Each profile with the one that it is set against: that of the reference, or of the same variant at another revision
/// (`variant@revision`), in the same scenario.
pub fn pairs(profiles: &Profiles) -> Vec<(&Profile, &Profile)> {
    let find = |scenario: &str, variant: &str| {
        profiles.cpu.iter().find(|p| p.scenario == scenario && p.variant == variant)
    };
    let before = |after: &Profile| {
        let earlier = profiles.cpu.iter().find(|p| {
            let other = p.variant.strip_prefix(after.variant.as_str());
            p.scenario == after.scenario && other.is_some_and(|rest| rest.starts_with('@'))
        });
        let of_reference = if after.variant.contains('@') || after.variant == profiles.reference {
            None
        } else {
            find(&after.scenario, &profiles.reference)
        };
        earlier.or(of_reference)
    };
    profiles.cpu.iter().filter_map(|after| Some((before(after)?, after))).collect()
}

/// The most that was resident: the kernel's mark, or what the series saw under that mark, where that is more. The mark is kept
/// by counters that lag by some pages for each CPU; what was seen was there.
pub(crate) fn most_resident(rss: &RssStory) -> u64 {
    let under_mark = |at: u64| !rss.reading.peak_was_reset || at >= rss.series.began_ns;
    let seen = rss.series.points.iter().filter(|(at, ..)| under_mark(*at));
    seen.map(|(_, anon, file)| anon + file).fold(rss.reading.peak, u64::max)
}

/// How many samples there are, and how often they were taken.
pub(crate) fn rate(profile: &Profile) -> String {
    let achieved = profile.achieved_hz().map_or_else(
        || "at an unknown rate".to_owned(),
        |hz| format!("at {hz:.0} a second of CPU time (asked for {})", profile.asked_hz),
    );
    format!(
        "{} {achieved}, by {}",
        crate::format::plural(profile.samples(), "sample", "samples"),
        profile.sampler.name()
    )
}

/// Where a profile comes from, in a line.
pub(crate) fn source(origin: &Origin) -> String {
    let revision = match (&origin.revision, origin.dirty) {
        (Some(revision), true) => format!("revision {} with uncommitted changes", short(revision)),
        (Some(revision), false) => format!("revision {}", short(revision)),
        (None, _) => String::new(),
    };
    let mut parts =
        vec![format!("run {}", origin.run), origin.began.clone(), revision, origin.compiler.clone()];
    parts.push(origin.machine.clone());
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

fn short(revision: &str) -> &str {
    revision.get(..12).unwrap_or(revision)
}
