//! What is printed at the end of a profile.

use super::{pairs, rate};
use crate::escape::{shorten, visible};
use crate::format::{ABSENT, bytes, duration, fraction};
use harness::judge::profile::shares::{Part, changes, shares};
use harness::judge::profile::stacks;
use harness::judge::wire::profile::Profiles;
use std::fmt::Write as _;

/// Lines of each cell.
const MOST: usize = 6;
/// Names are cut to this.
const NAME: usize = 78;

/// The functions that take most by themselves, what changed most, and where most memory is asked for.
pub fn terminal(profiles: &Profiles) -> String {
    let mut out = String::new();
    for profile in &profiles.cpu {
        // Writing to a String can't fail.
        let _ = writeln!(
            out,
            "{} under {}: {}",
            visible(&profile.scenario),
            visible(&profile.variant),
            rate(profile)
        );
        let folded = stacks::folded(profile);
        let samples = folded.samples().max(1) as f64;
        let mut all: Vec<_> = shares(&folded).into_iter().collect();
        all.sort_by_key(|(name, share)| (std::cmp::Reverse(share.own), *name));
        for (name, share) in all.into_iter().take(MOST).filter(|(_, share)| share.own > 0) {
            let _ = writeln!(out, "  {:>7}  {}", fraction(share.own as f64 / samples), shorten(name, NAME));
        }
    }
    for (before, after) in pairs(profiles) {
        let _ = writeln!(
            out,
            "{}, from {} to {}: {} then {} of CPU time an iteration",
            visible(&after.scenario),
            visible(&before.variant),
            visible(&after.variant),
            duration(before.iteration_ns()),
            duration(after.iteration_ns())
        );
        let all = changes(&stacks::folded(before), &stacks::folded(after));
        for change in all.iter().take(MOST) {
            let plus = if change.inclusive_ns() > 0.0 { "+" } else { "" };
            let ns = format!("{plus}{}", duration(change.inclusive_ns()));
            let share = |part: Part| part.share().map_or_else(|| ABSENT.to_owned(), fraction);
            let (then, now) = (share(change.part_before), share(change.part_after));
            let mark = if change.is_told_apart() { '*' } else { ' ' };
            let name = shorten(&change.function, NAME - 24);
            let _ = writeln!(out, "  {ns:>9}  {then:>7} then {now:>7} {mark} {name}");
        }
        // Not by its time, which is of one process on each side.
        let told = all.iter().filter(|change| change.is_told_apart()).count();
        let _ = writeln!(
            out,
            "  *: its share of the samples changed by more than chance makes: {told} of {}",
            all.len()
        );
    }
    for memory in &profiles.memory {
        let (scenario, variant) = (visible(&memory.scenario), visible(&memory.variant));
        if let Some(heap) = &memory.heap {
            let (all, peak) = (heap.reading.total_bytes as f64, heap.reading.peak_bytes as f64);
            let _ = writeln!(
                out,
                "{scenario} in {variant}: heap peak {}, asked for {} in all, by itself in",
                bytes(peak),
                bytes(all)
            );
            let mut sites: Vec<_> = heap.sites.iter().filter(|site| site.own_bytes > 0).collect();
            sites.sort_by_key(|site| std::cmp::Reverse(site.own_bytes));
            for site in sites.into_iter().take(MOST) {
                let own = bytes(site.own_bytes as f64);
                let _ = writeln!(
                    out,
                    "  {own:>8}  {}:{}",
                    shorten(&site.frame.function, NAME - 6),
                    site.frame.line
                );
            }
        }
        if let Some(rss) = &memory.rss {
            let (before, after) = (rss.reading.before, rss.reading.after);
            let _ = writeln!(
                out,
                "{scenario} under {variant}: resident {} before, high-water mark {}, anonymous {} to {}",
                bytes(before.total() as f64),
                bytes(super::most_resident(rss) as f64),
                bytes(before.anon as f64),
                bytes(after.anon as f64)
            );
        }
    }
    out
}
