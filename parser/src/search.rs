//! Finds the records of a level.

use std::io::{self, Read};
use std::ops::ControlFlow;

use crate::bad::BadLine;
use crate::blocks::Limits;
use crate::level::{self, Level};
use crate::read::{Reader, Record};
use crate::value::Value;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filter {
    /// The level, under whichever of its names. It is told by the first of the keys `level`, `severity` and
    /// `log_level` that holds a string that is not empty; a record without one has no level.
    pub level: Level,
}

/// A record that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match<'a> {
    /// The number of its line in the input, from 1.
    pub line: u64,
    /// Where its line starts in the input, in bytes from 0.
    pub offset: u64,
    /// The line as it stands there, without its line feed and without a byte-order mark or NULs before it.
    pub bytes: &'a [u8],
}

/// What a search has seen, up to where it ended or was stopped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Found {
    /// Lines of any kind, blank ones included.
    pub lines: u64,
    /// Lines that are records.
    pub records: u64,
    /// Records that matched.
    pub matches: u64,
    /// Lines that are bad.
    pub bad: u64,
}

/// Searches one input, handing each match to `sink` until that breaks.
///
/// # Errors
/// What the source gives, after all lines that came before; or a [`crate::Refusal`].
pub fn search(
    source: impl Read,
    filter: &Filter,
    on_bad: &mut dyn FnMut(BadLine),
    sink: &mut dyn FnMut(Match<'_>) -> ControlFlow<()>,
) -> io::Result<Found> {
    search_within(source, filter, Limits::default(), on_bad, sink)
}

/// The same, with limits of one's own.
///
/// # Errors
/// As [`search()`].
pub fn search_within(
    source: impl Read,
    filter: &Filter,
    limits: Limits,
    on_bad: &mut dyn FnMut(BadLine),
    sink: &mut dyn FnMut(Match<'_>) -> ControlFlow<()>,
) -> io::Result<Found> {
    let mut reader = Reader::new(&level::KEYS, limits);
    let mut matches = 0;
    reader.read(source, on_bad, |record| {
        if level_of(record) == Some(filter.level) {
            matches += 1;
            sink(Match { line: record.line, offset: record.offset, bytes: record.bytes() })
        } else {
            ControlFlow::Continue(())
        }
    })?;
    let totals = reader.totals();
    Ok(Found { lines: totals.lines, records: totals.records, matches, bad: totals.bad })
}

/// The level of a record whose first wanted keys are [`level::KEYS`].
#[inline]
fn level_of(record: &Record<'_>) -> Option<Level> {
    let name = (0..level::KEYS.len()).find_map(|key| match record.value(key)? {
        Value::Text(text) if !text.raw.is_empty() => Some(text),
        _ => None,
    })?;
    Level::from_bytes(&name.decode())
}
