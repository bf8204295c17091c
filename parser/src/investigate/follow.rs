//! Everything of one thread, correlation, trace or span, in the order of time.
//!
//! Its entries are those with the name in the column, in the order of their times; those of one time in the order of
//! files and lines. An entry without a time stays after the one before it in its file. The duration is from the
//! earliest to the latest time; entries without times add nothing to it. Linear in the entries found.

use std::io;

use super::json::Json;
use super::query::Query;
use super::search::{Page, search};
use super::tally::{Tally, counts, top};
use crate::index::{Column, Index};

/// What was followed, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// The column that was followed along.
    pub column: Column,
    /// The name that was followed.
    pub name: String,
    /// Its entries, in the order of their times.
    pub entries: Vec<u32>,
    /// Their figures.
    pub tally: Tally,
    /// How many distinct spans they have.
    pub spans: usize,
    /// The services that wrote them, those with most entries first.
    pub services: Vec<(String, u64)>,
    /// The threads that wrote them, those with most entries first.
    pub threads: Vec<(String, u64)>,
}

/// Follows a name of a column.
///
/// # Errors
/// What reading a saved index gives.
pub fn follow(index: &Index, column: Column, name: &str) -> io::Result<Followed> {
    let entries = search(index, &Query::named(column, name), Page::ALL)?.entries;
    Ok(Followed {
        column,
        name: name.to_owned(),
        tally: Tally::of(index, &entries)?,
        spans: distinct(index, Column::Span, &entries)?,
        services: top(index, Column::Service, &entries)?,
        threads: top(index, Column::Thread, &entries)?,
        entries,
    })
}

/// How many distinct names of a column some entries have.
pub(super) fn distinct(index: &Index, column: Column, entries: &[u32]) -> io::Result<usize> {
    let mut seen = vec![false; index.names(column)?.len() + 1];
    index.ids(column)?.each(entries, |_, id| {
        if let Some(seen) = seen.get_mut(id as usize) {
            *seen = true;
        }
    });
    Ok(seen.iter().skip(1).filter(|seen| **seen).count())
}

impl From<&Followed> for Json {
    /// Without the entries, which stand apart.
    fn from(followed: &Followed) -> Self {
        Json::object([
            ("by", followed.column.name().into()),
            ("name", followed.name.as_str().into()),
            ("tally", (&followed.tally).into()),
            ("spans", followed.spans.into()),
            ("services", counts(&followed.services)),
            ("threads", counts(&followed.threads)),
        ])
    }
}
