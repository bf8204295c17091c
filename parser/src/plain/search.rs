//! Search, plainly.

use std::io::{self, Read};
use std::ops::ControlFlow;

use super::expression::{self, AllFields, Record, Subject};
use super::lines::{self, Line};
use super::tally::{Entry, Wanted, name};
use crate::bad::BadLine;
use crate::blocks::Limits;
use crate::expression::Node;
use crate::expression::test::Test;
use crate::field::Field;
use crate::search::{Filter, Found, Match};

/// Searches one input, handing each match to `sink` until that breaks.
///
/// # Errors
/// What the source gives; or a [`crate::Refusal`].
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
    let mut matches = 0;
    let mut found = |line: &Line<'_>, is_match: bool| {
        if !is_match {
            return ControlFlow::Continue(());
        }
        matches += 1;
        sink(Match { line: line.number, offset: line.offset, bytes: line.bytes })
    };
    let Filter { expression, columns, .. } = filter;
    let totals = if let Node::Test(Test::Level(column, levels)) = &expression.0
        && column.name() == Field::Level.name()
    {
        lines::read::<Wanted>(source, limits, on_bad, |line, entry: Entry<'_>| {
            let level = name(&entry, &["level", "severity", "log_level"]);
            let level = level.and_then(|level| lines::level(&level));
            found(line, level.is_some_and(|level| levels.contains(level)))
        })?
    } else {
        lines::read::<AllFields>(source, limits, on_bad, |line, record: Record<'_>| {
            let is_match = expression::holds(&expression.0, &Subject { columns, line: line.bytes, record });
            found(line, is_match)
        })?
    };
    Ok(Found { lines: totals.lines, records: totals.records, matches, bad: totals.bad })
}
