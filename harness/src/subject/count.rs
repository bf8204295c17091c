//! The instrument `count`: what a counter of instructions watches from outside.
//!
//! The counter (callgrind) sees a whole process. Two processes that differ by nothing but the number of their iterations
//! differ by the instructions of those, whatever starting and setting up took.

use super::clock::Cell;
use super::json::Object;
use super::scenario::Error;
use crate::answer::Answer;

/// Asks the first query for its answer, then runs so many passes over the queries in one batch.
pub(super) fn read(cell: &mut dyn Cell, passes: u64) -> Result<(Vec<Answer>, Object), Error> {
    let answer = cell.once(0, &mut || ())?;
    let iterations = passes.max(1) * cell.queries() as u64;
    cell.batch(iterations)?;
    Ok((vec![answer], Object::new().number("iterations", iterations)))
}
