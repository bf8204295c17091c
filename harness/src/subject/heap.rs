//! The instrument `heap`: what dhat saw of one iteration.
//!
//! dhat sees what passes through Rust's `GlobalAlloc`, and nothing else: no memory from C, no mmap,
//! no stack, no slack of the allocator. Its profiler starts after the set-up, so blocks that the
//! set-up made are not counted, nor is their release.

use super::clock::Cell;
use super::json::Object;
use super::scenario::Error;
use crate::answer::Answer;

/// Reads one iteration of the first query.
pub(super) fn read(cell: &mut dyn Cell) -> Result<(Vec<Answer>, Object), Error> {
    let profiler = dhat::Profiler::builder().testing().build();
    let mut stats = None;
    let answer = cell.once(0, &mut || stats = Some(dhat::HeapStats::get()))?;
    drop(profiler);
    let stats = stats.ok_or("the scenario did not hold its result")?;
    let reading = Object::new()
        .number("total_bytes", stats.total_bytes)
        .number("total_blocks", stats.total_blocks)
        .number("peak_bytes", stats.max_bytes as u64)
        .number("peak_blocks", stats.max_blocks as u64)
        .number("end_bytes", stats.curr_bytes as u64)
        .number("end_blocks", stats.curr_blocks as u64);
    Ok((vec![answer], reading))
}
