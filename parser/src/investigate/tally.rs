//! What some entries come to: how many of each level, when, by whom.

use std::io;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::ids::is_error;
use super::json::Json;
use crate::index::{Column, Index};
use crate::time::Time;

/// Names of which an array is small whatever it counts.
const FEW: usize = 4096;

/// Figures about some entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many there are.
    pub entries: u64,
    /// How many are errors or fatal.
    pub errors: u64,
    /// How many have no time of their own.
    pub untimed: u64,
    /// How many have each level, by its name, least serious first; those without one not among them.
    pub levels: Vec<(&'static str, u64)>,
    /// The earliest and the latest time.
    pub span: Option<(Time, Time)>,
}

/// The names of levels by their number in the column.
const LEVELS: [&str; 8] = ["none", "trace", "debug", "info", "warn", "error", "fatal", "unknown"];

impl Tally {
    /// The figures of some entries: linear in them.
    ///
    /// # Errors
    /// What reading a saved index gives.
    pub fn of(index: &Index, entries: &[u32]) -> io::Result<Self> {
        let (levels, moments) = (index.ids(Column::Level)?, index.moments()?);
        let mut counts = [0_u64; LEVELS.len()];
        let mut tally = Self { entries: entries.len() as u64, ..Self::default() };
        levels.each(entries, |_, level| {
            counts[level as usize % LEVELS.len()] += 1;
            tally.errors += u64::from(is_error(level));
        });
        moments.each(entries, |time| match time {
            Some(time) => {
                tally.span = Some(tally.span.map_or((time, time), |(a, b)| (a.min(time), b.max(time))));
            }
            None => tally.untimed += 1,
        });
        let named = LEVELS.into_iter().zip(counts).skip(1);
        tally.levels = named.filter(|(_, count)| *count > 0).collect();
        Ok(tally)
    }

    /// From the first to the last time, in nanoseconds.
    pub fn nanos(&self) -> Option<u64> {
        self.span.map(|(first, last)| last.nanos().abs_diff(first.nanos()))
    }

    /// The share of errors, from 0 to 1; 0 of nothing.
    pub fn error_rate(&self) -> f64 {
        if self.entries == 0 { 0.0 } else { self.errors as f64 / self.entries as f64 }
    }
}

impl From<&Tally> for Json {
    fn from(tally: &Tally) -> Self {
        let levels = tally.levels.iter().map(|&(name, count)| (name.into(), count.into())).collect();
        Json::object([
            ("entries", tally.entries.into()),
            ("errors", tally.errors.into()),
            ("error_rate", tally.error_rate().into()),
            ("levels", Json::Object(levels)),
            ("untimed", tally.untimed.into()),
            ("first", tally.span.map(|(first, _)| first).into()),
            ("last", tally.span.map(|(_, last)| last).into()),
            ("duration_ms", tally.nanos().map(millis).into()),
        ])
    }
}

/// Nanoseconds as milliseconds.
pub(super) fn millis(nanos: u64) -> f64 {
    nanos as f64 / 1e6
}

/// How often each name of a column is among some entries: most first, equally many by name.
///
/// # Errors
/// What reading a saved index gives.
pub fn top(index: &Index, column: Column, entries: &[u32]) -> io::Result<Vec<(String, u64)>> {
    let (ids, names) = (index.ids(column)?, index.names(column)?);
    let named = |(id, count)| (String::from_utf8_lossy(names.get(id)).into_owned(), count);
    let mut top: Vec<(String, u64)> = if names.len() <= FEW.max(entries.len()) {
        let mut counts = vec![0_u64; names.len() + 1];
        ids.each(entries, |_, id| counts[id as usize] += 1);
        (0..).zip(counts).skip(1).filter(|(_, count)| *count > 0).map(named).collect()
    } else {
        let mut counts: HashMap<u32, u64, RandomState> = HashMap::default();
        ids.each(entries, |_, id| *counts.entry(id).or_default() += 1);
        counts.into_iter().filter(|(id, _)| *id != 0).map(named).collect()
    };
    top.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(top)
}

/// Names and counts as a list.
pub(super) fn counts(top: &[(String, u64)]) -> Json {
    Json::list(
        top.iter()
            .map(|(name, count)| Json::object([("name", name.as_str().into()), ("count", (*count).into())])),
    )
}
