//! The instrument `heap`: what dhat saw of one iteration.
//!
//! dhat sees what passes through Rust's `GlobalAlloc`, and nothing else: no memory from C, no mmap,
//! no stack, no slack of the allocator. Its profiler starts after the set-up, so blocks that the
//! set-up made are not counted, nor is their release. `xtask/tests/all/profile.rs` shows both blind spots.

use super::clock::Cell;
use super::json::Object;
use super::scenario::Error;
use super::series::{Series, Taken};
use crate::answer::Answer;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Frames of a call that dhat keeps for its file: enough for the path through a parser, few enough to be quick.
const FRAMES: usize = 40;

/// Reads one iteration of the first query.
pub(super) fn read(cell: &mut dyn Cell) -> Result<(Vec<Answer>, Object), Error> {
    let profiler = dhat::Profiler::builder().testing().build();
    let mut stats = None;
    let answer = cell.once(0, &mut || stats = Some(dhat::HeapStats::get()))?;
    drop(profiler);
    let stats = stats.ok_or("the scenario did not hold its result")?;
    Ok((vec![answer], reading(&stats)))
}

/// The same, and dhat's own file for its viewer in `keep`, and the heap over time: bytes asked for so far, bytes alive.
pub(super) fn profile(cell: &mut dyn Cell, keep: &Path) -> Result<(Vec<Answer>, Object, Object), Error> {
    // dhat only says so, and to nobody, where it can't write.
    std::fs::File::create(keep).map_err(|e| format!("making {}: {e}", keep.display()))?;
    // The thread is there before the profiler is, so that what it takes is not counted. It looks while there is one.
    let looking = Arc::new(AtomicBool::new(false));
    let may_look = Arc::clone(&looking);
    let series = Series::begin(move || {
        may_look.load(Ordering::Acquire).then(|| {
            let stats = dhat::HeapStats::get();
            (stats.total_bytes, stats.curr_bytes as u64)
        })
    });
    let profiler = dhat::Profiler::builder().file_name(keep).trim_backtraces(Some(FRAMES)).build();
    looking.store(true, Ordering::Release);
    let began = series.now();
    let mut running = Some((profiler, series));
    let mut held = None;
    // All of it ends while the result is held: what the answer's digest takes is nobody's.
    let answer = cell.once(0, &mut || held = running.take().map(|running| end(running, began)));
    if let Some(running) = running {
        end(running, began)?;
    }
    let answer = answer?;
    let (stats, series) = held.ok_or("the scenario did not hold its result")??;
    Ok((vec![answer], reading(&stats), series.object()))
}

/// Ends the thread first: without a profiler there is nothing to look at.
fn end(
    (profiler, series): (dhat::Profiler, Series),
    began_ns: u64,
) -> Result<(dhat::HeapStats, Taken), Error> {
    let series = series.end(began_ns)?;
    let stats = dhat::HeapStats::get();
    drop(profiler);
    Ok((stats, series))
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
