//! The instrument `heap`: what dhat saw of one iteration.
//!
//! dhat sees what passes through Rust's `GlobalAlloc`, and nothing else: no memory from C, no mmap,
//! no stack, no slack of the allocator. Its profiler starts after the set-up, so blocks that the
//! set-up made are not counted, nor is their release. A test shows these blind spots (tests/blind_spots.rs).

use super::clock::Cell;
use super::json::Object;
use super::scenario::Error;
use super::series::Series;
use crate::answer::Answer;
use std::path::Path;

/// Frames of a call that dhat keeps for its file: enough for the path through a parser, few enough to be quick.
const FRAMES: usize = 40;

/// Reads one iteration of the first query.
pub(super) fn read(cell: &mut dyn Cell) -> Result<(Vec<Answer>, Object), Error> {
    let profiler = dhat::Profiler::builder().testing().build();
    let (answer, stats) = once(cell)?;
    drop(profiler);
    Ok((vec![answer], reading(&stats)))
}

/// The same, and dhat's own file for its viewer in `keep`, and the heap over time: bytes asked for so far, bytes alive.
pub(super) fn profile(cell: &mut dyn Cell, keep: &Path) -> Result<(Vec<Answer>, Object, Object), Error> {
    // dhat panics at its end, or says something that nobody hears, where it can't write.
    std::fs::File::create(keep).map_err(|e| format!("making {}: {e}", keep.display()))?;
    // The thread is there before the profiler is, so that what it takes is not counted.
    let looking = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let may_look = std::sync::Arc::clone(&looking);
    let series = Series::begin(move || {
        may_look.load(std::sync::atomic::Ordering::Acquire).then(|| {
            let stats = dhat::HeapStats::get();
            (stats.total_bytes, stats.curr_bytes as u64)
        })
    });
    let profiler = dhat::Profiler::builder().file_name(keep).trim_backtraces(Some(FRAMES)).build();
    looking.store(true, std::sync::atomic::Ordering::Release);
    let began = series.now();
    let once = once(cell);
    let ended = series.now();
    // The thread has ended before the profiler does: without one there is nothing to look at.
    let series = series.end((began, ended))?;
    drop(profiler);
    let (answer, stats) = once?;
    Ok((vec![answer], reading(&stats), series))
}

fn once(cell: &mut dyn Cell) -> Result<(Answer, dhat::HeapStats), Error> {
    let mut stats = None;
    let answer = cell.once(0, &mut || stats = Some(dhat::HeapStats::get()))?;
    Ok((answer, stats.ok_or("the scenario did not hold its result")?))
}

fn reading(stats: &dhat::HeapStats) -> Object {
    Object::new()
        .number("total_bytes", stats.total_bytes)
        .number("total_blocks", stats.total_blocks)
        .number("peak_bytes", stats.max_bytes as u64)
        .number("peak_blocks", stats.max_blocks as u64)
        .number("end_bytes", stats.curr_bytes as u64)
        .number("end_blocks", stats.curr_blocks as u64)
}
