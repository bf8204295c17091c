//! What is said beside profiles, on the page and in Markdown.

use super::rate;
use crate::format::{bytes, duration, fraction, plural, signed_bytes};
use harness::judge::wire::profile::{HeapStory, Profile, RssStory};
use std::fmt::Write as _;

pub(crate) const CPU: &str = "Where the CPU time goes: each cell was run again in a process of its own, in a build with \
    symbols and frame pointers that is never timed, and sampled in its measured part. A share is one of samples, so it has an \
    error; a time is the share times the CPU time of an iteration in that build, which is not the one that is timed. \
    The allocator's insides are one frame. What is red or blue in a difference takes more or less by itself.";

pub(crate) const MEMORY: &str = "Two instruments, and what neither sees. dhat counts what passes through Rust's allocator: \
    not what C asks for, not what is mapped, not stacks, not the slack between and around blocks. It begins after the set-up, \
    so what was asked for before is not in it, nor is its release. Resident memory is what the kernel holds for the process, \
    pages of files apart; its high-water mark is set back before the measured part, since otherwise a peak of the set-up would \
    stand for that of the work. A page that was once touched stays resident after its block was freed, until the allocator \
    gives it back: so resident memory may fall later than the heap, or never. The series was taken in processes that are not \
    timed; the thread that looks has some pages of its own (its stack, 24 KiB of points).";

/// What is to be known about one profile.
pub(crate) fn limits(profile: &Profile) -> String {
    let all = profile.samples() + profile.left_out;
    let share = |n: u64| fraction(n as f64 / all.max(1) as f64);
    // Writing to a String can't fail.
    let mut words = format!(
        "{} in {}: {} of CPU time each.",
        plural(profile.iterations, "iteration", "iterations"),
        duration(profile.elapsed_ns as f64),
        duration(profile.iteration_ns())
    );
    if profile.left_out > 0 {
        let _ = write!(
            words,
            " {} of the samples fell outside the measured part and are left out.",
            share(profile.left_out)
        );
    }
    if profile.unrooted > 0 {
        let _ = write!(
            words,
            " Of {} of them the callers are not known: they stand by themselves.",
            share(profile.unrooted)
        );
    }
    if !profile.frames.iter().any(|frame| frame.inlined) {
        words +=
            " Functions are those of the machine code: what was inlined counts for where it was inlined.";
    }
    words
}

/// What is to be known about a difference.
pub(crate) fn difference_words(before: &Profile, after: &Profile, all: usize, told: usize) -> String {
    format!(
        "CPU time of an iteration: {} then {}. {}; then {}. Past chance is what takes another share of the samples, by more than \
         three standard errors of the two: {} of {}; within them it may be chance. That the whole takes more or less is not told \
         here, since its time is of one process on each side: the clock's comparison tells that. {}",
        duration(before.iteration_ns()),
        duration(after.iteration_ns()),
        rate(before),
        rate(after),
        told,
        plural(all as u64, "function", "functions"),
        "Functions that one side inlined and the other did not appear as gone and new."
    )
}

/// The heap of one iteration in a sentence.
pub(crate) fn heap(heap: &HeapStory) -> String {
    let of = &heap.reading;
    let more = heap.sites_in_all.saturating_sub(super::sheets::MOST as u64);
    let more = if more > 0 {
        format!(" {} more are in dhat's file.", plural(more, "line", "lines"))
    } else {
        String::new()
    };
    format!(
        "{} asked for in {}; at most {} alive, {} at the end. A line counts what was asked for in it and in what it calls; \
         the libraries' own lines are left out.{more}",
        bytes(of.total_bytes as f64),
        plural(of.total_blocks, "allocation", "allocations"),
        bytes(of.peak_bytes as f64),
        bytes(of.end_bytes as f64)
    )
}

/// What is to be known of a mark above which something was seen.
pub(crate) fn lagging(rss: &RssStory) -> Option<String> {
    let (mark, most) = (rss.reading.peak, super::most_resident(rss));
    (mark < most).then(|| {
        format!(
            "So much was seen; the kernel's own mark says {}, by counters that lag by some pages for each CPU.",
            bytes(mark as f64)
        )
    })
}

/// Resident memory of one iteration in a sentence.
pub(crate) fn rss(rss: &RssStory) -> String {
    let (before, after) = (rss.reading.before, rss.reading.after);
    let change = |after: u64, before: u64| signed_bytes(after as f64 - before as f64);
    let earlier = rss.series.points.iter().filter(|(at, ..)| *at < rss.series.began_ns);
    let earlier = earlier.map(|(_, anon, file)| anon + file).max().unwrap_or(0);
    let most = super::most_resident(rss);
    let peak = if earlier > most {
        format!(
            " The set-up before it stood higher, at {}: that peak is not the work's.",
            bytes(earlier as f64)
        )
    } else {
        String::new()
    };
    let lagging = lagging(rss).map(|words| format!(" {words}")).unwrap_or_default();
    format!(
        "Before the measured part {} ({} anonymous, {} of files, {} shared); at its end {} anonymous, {} of files, {} shared; \
         high-water mark {}{}.{lagging}{peak}",
        bytes(before.total() as f64),
        bytes(before.anon as f64),
        bytes(before.file as f64),
        bytes(before.shmem as f64),
        change(after.anon, before.anon),
        change(after.file, before.file),
        change(after.shmem, before.shmem),
        bytes(most as f64),
        if rss.reading.peak_was_reset {
            ""
        } else {
            " (of the whole process: the kernel would not reset it)"
        }
    )
}
