//! The names of a column: how many entries each has, and when it was first and last seen.

use std::io;

use super::json::Json;
use crate::index::{Column, Index};
use crate::time::Time;

/// A name and its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Id {
    /// The name.
    pub name: String,
    /// Entries that have it.
    pub count: u64,
    /// Those of them that are errors or fatal.
    pub errors: u64,
    /// The earliest and the latest time among them; none, if none of them has one.
    pub span: Option<(Time, Time)>,
}

/// The names of a column that have entries, those with most entries first; equally many by name. Linear in entries, and
/// n log n in names.
///
/// # Errors
/// What reading a saved index gives.
pub fn ids(index: &Index, column: Column) -> io::Result<Vec<Id>> {
    let (ids, names, moments) = (index.ids(column)?, index.names(column)?, index.moments()?);
    let levels = index.ids(Column::Level)?;
    let mut counts = vec![(0_u64, 0_u64, None::<(Time, Time)>); names.len() + 1];
    ids.values.for_each(0..ids.values.len(), |entry, id| {
        let entry = entry as u32;
        let Some((count, errors, span)) = counts.get_mut(id as usize).filter(|_| id != 0) else { return };
        *count += 1;
        *errors += u64::from(is_error(levels.get(entry)));
        if let Some(time) = moments.time(entry) {
            *span = Some(span.map_or((time, time), |(first, last)| (first.min(time), last.max(time))));
        }
    });
    let seen = names.iter().zip(counts.into_iter().skip(1)).filter(|(_, (count, ..))| *count > 0);
    let mut all: Vec<Id> = seen
        .map(|((_, name), (count, errors, span))| Id {
            name: String::from_utf8_lossy(name).into_owned(),
            count,
            errors,
            span,
        })
        .collect();
    all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    Ok(all)
}

/// Whether the number of a level is that of an error or worse.
pub(super) fn is_error(level: u32) -> bool {
    use crate::index::level_id;
    use crate::level::Level;
    level == level_id(Level::Error) || level == level_id(Level::Fatal)
}

impl From<&Id> for Json {
    fn from(id: &Id) -> Self {
        Json::object([
            ("name", id.name.as_str().into()),
            ("count", id.count.into()),
            ("errors", id.errors.into()),
            ("first", id.span.map(|(first, _)| first).into()),
            ("last", id.span.map(|(_, last)| last).into()),
        ])
    }
}
