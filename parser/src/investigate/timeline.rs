//! What several services did for one request, merged in the order of time.
//!
//! The entries are those that fit the query, in the order of their times; those of one time in the order of files and
//! lines. Times are relative to the earliest. An entry without a time stands after the one before it in its file,
//! without a relative time. A service's time is from its first to its last entry; entries without a service are of
//! `-`. Linear in the entries, n log n if times do not stand in order.

use std::io::{self, Write as _};

use super::entries::Shorts;
use super::json::Json;
use super::lines::Lines;
use super::query::Query;
use super::search::{Page, search};
use super::tally::millis;
use crate::index::{Column, Index};
use crate::investigate::ids::is_error;
use crate::time::Time;

/// A timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// Its entries, in the order of time.
    pub entries: Vec<u32>,
    /// The earliest and the latest time.
    pub span: Option<(Time, Time)>,
    /// Each service, in the order in which they first appear.
    pub services: Vec<ServiceTime>,
    /// How often an entry is of another service than the one before.
    pub changes: u64,
}

/// What one service did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceTime {
    /// Its name; `-` for entries without one.
    pub name: String,
    /// Its entries.
    pub entries: u64,
    /// Those of them that are errors or fatal.
    pub errors: u64,
    /// Its earliest and its latest time.
    pub span: Option<(Time, Time)>,
}

/// The timeline of the entries that fit a query.
///
/// # Errors
/// What reading the files or a saved index gives.
pub fn timeline(index: &Index, query: &Query) -> io::Result<Timeline> {
    let entries = search(index, query, Page::ALL)?.entries;
    let (services, names) = (index.ids(Column::Service)?, index.names(Column::Service)?);
    let (levels, moments) = (index.ids(Column::Level)?, index.moments()?);
    let mut places = vec![usize::MAX; names.len() + 1];
    let mut found: Vec<ServiceTime> = Vec::new();
    let (mut changes, mut before) = (0, None);
    for &entry in &entries {
        let service = services.get(entry);
        let place = &mut places[service as usize];
        if *place == usize::MAX {
            *place = found.len();
            let name = if service == 0 { "-".into() } else { String::from_utf8_lossy(names.get(service)) };
            found.push(ServiceTime { name: name.into_owned(), entries: 0, errors: 0, span: None });
        }
        let of = &mut found[*place];
        of.entries += 1;
        of.errors += u64::from(is_error(levels.get(entry)));
        if let Some(time) = moments.time(entry) {
            of.span = Some(of.span.map_or((time, time), |(a, b)| (a.min(time), b.max(time))));
        }
        changes += u64::from(before.is_some_and(|before| before != service));
        before = Some(service);
    }
    let spans = found.iter().filter_map(|service| service.span);
    let span = spans.reduce(|(a, b), (c, d)| (a.min(c), b.max(d)));
    Ok(Timeline { entries, span, services: found, changes })
}

impl Timeline {
    fn after(&self, time: Time) -> u64 {
        self.span.map_or(0, |(first, _)| time.nanos().abs_diff(first.nanos()))
    }

    /// The answer as JSON, with the first `limit` entries.
    ///
    /// # Errors
    /// What the files or a saved index give.
    pub fn json(&self, index: &Index, limit: usize) -> io::Result<Json> {
        let services = self.services.iter().map(|service| {
            Json::object([
                ("name", service.name.as_str().into()),
                ("entries", service.entries.into()),
                ("errors", service.errors.into()),
                ("from_ms", service.span.map(|(first, _)| millis(self.after(first))).into()),
                ("to_ms", service.span.map(|(_, last)| millis(self.after(last))).into()),
            ])
        });
        let shown = &self.entries[..self.entries.len().min(limit)];
        let entries = super::entries_json(index, shown, super::Detail::Compact)?;
        let mut related = Vec::new();
        for (json, &entry) in entries.into_iter().zip(shown) {
            related.push(json.with("after_ms", index.time(entry)?.map(|time| millis(self.after(time)))));
        }
        Ok(Json::object([
            ("total", self.entries.len().into()),
            ("start", self.span.map(|(first, _)| first).into()),
            ("duration_ms", self.span.map(|(_, last)| millis(self.after(last))).into()),
            ("changes_of_service", self.changes.into()),
            ("services", Json::list(services)),
            ("entries", Json::List(related)),
        ]))
    }

    /// Writes the answer as text, with the first `limit` entries.
    ///
    /// # Errors
    /// What the files, a saved index or `out` give.
    pub fn write_text(&self, index: &Index, limit: usize, out: &mut dyn io::Write) -> io::Result<()> {
        let duration = self.span.map_or(0, |(_, last)| self.after(last));
        writeln!(
            out,
            "{} entries in {:.3} ms, {} services, {} changes of service",
            self.entries.len(),
            millis(duration),
            self.services.len(),
            self.changes
        )?;
        for service in &self.services {
            let (from, to) =
                service.span.map_or((0, 0), |(first, last)| (self.after(first), self.after(last)));
            writeln!(
                out,
                "  {:20} {:>6} entries {:>5} errors  {:>12.3} to {:.3} ms",
                super::entries::printable(&service.name),
                service.entries,
                service.errors,
                millis(from),
                millis(to)
            )?;
        }
        let mut shorts = Shorts::new(index)?;
        Lines::to(out, |lines| {
            index.show(&self.entries[..self.entries.len().min(limit)], |shown| {
                match index.time(shown.entry)? {
                    Some(time) => write!(lines, "{:>+12.3} ms  ", millis(self.after(time)))?,
                    None => write!(lines, "{:>12}     ", "-")?,
                }
                shorts.write(&shown, lines)
            })
        })?;
        let left = self.entries.len().saturating_sub(limit);
        if left > 0 {
            writeln!(out, "… {left} more entries")?;
        }
        Ok(())
    }
}
