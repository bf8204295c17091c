//! What a log is, at a glance: how much, when, how serious, and where to look first.
//!
//! The triage is: the share of errors; the tenth of the time in which most errors were; the services, threads and
//! messages with most errors; and the longest time in which nothing was written. Linear in the entries, with n log n
//! for names that have errors. Entries without times are in no period; they are counted as `untimed`.

use std::io;

use super::ids::is_error;
use super::json::Json;
use super::query::Query;
use super::search::{Page, search};
use super::tally::{Tally, counts, millis, top};
use crate::index::{Column, Index};
use crate::time::Time;

/// A summary.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Lines, records and bad lines of each file that was read, with its path.
    pub files: Vec<(String, crate::Totals)>,
    /// The figures of the entries that were asked for.
    pub tally: Tally,
    /// How many distinct names each column has among them.
    pub distinct: Vec<(Column, usize)>,
    /// Ten parts of the time between the first and the last entry, equally long: when each begins, its entries, its
    /// errors.
    pub parts: Vec<(Time, u64, u64)>,
    /// The longest pause between two entries that follow each other in time: when it began, and nanoseconds.
    pub pause: Option<(Time, u64)>,
    /// The services with most errors.
    pub services: Vec<(String, u64)>,
    /// The threads with most errors.
    pub threads: Vec<(String, u64)>,
    /// The templates of messages with most errors.
    pub templates: Vec<(String, u64)>,
}

/// Names that are told of each kind.
const TOP: usize = 5;

/// Parts that the time is cut into.
const PARTS: u64 = 10;

/// Summarises the entries that fit a query.
///
/// # Errors
/// What reading the files or a saved index gives.
pub fn summary(index: &Index, query: &Query) -> io::Result<Summary> {
    let entries = search(index, query, Page::ALL)?.entries;
    let tally = Tally::of(index, &entries)?;
    let levels = index.ids(Column::Level)?;
    let errors: Vec<u32> = entries.iter().copied().filter(|&entry| is_error(levels.get(entry))).collect();
    let moments = index.moments()?;
    let mut parts = Vec::new();
    let mut pause: Option<(Time, u64)> = None;
    if let Some((first, last)) = tally.span {
        let length = last.nanos().abs_diff(first.nanos());
        let start = |part: u64| {
            let after = u128::from(length) * u128::from(part) / u128::from(PARTS);
            Time::from_nanos(first.nanos().saturating_add_unsigned(after as u64))
        };
        parts = (0..PARTS).map(|part| (start(part), 0, 0)).collect();
        let mut before: Option<Time> = None;
        for &entry in &entries {
            let Some(time) = moments.time(entry) else { continue };
            let since = u128::from(time.nanos().abs_diff(first.nanos()));
            let part = (since * u128::from(PARTS) / (u128::from(length) + 1)) as usize;
            parts[part].1 += 1;
            parts[part].2 += u64::from(is_error(levels.get(entry)));
            if let Some(before) = before {
                let quiet = time.nanos().abs_diff(before.nanos());
                if pause.is_none_or(|(_, longest)| quiet > longest) {
                    pause = Some((before, quiet));
                }
            }
            before = Some(time);
        }
    }
    let mut distinct = Vec::new();
    for column in
        [Column::Service, Column::Thread, Column::Correlation, Column::Trace, Column::Span, Column::Template]
    {
        distinct.push((column, super::follow::distinct(index, column, &entries)?));
    }
    let most = |column| {
        top(index, column, &errors).map(|mut all| {
            all.truncate(TOP);
            all
        })
    };
    Ok(Summary {
        files: index.files().iter().map(|f| (f.path().to_string_lossy().into_owned(), f.totals())).collect(),
        tally,
        distinct,
        parts,
        pause,
        services: most(Column::Service)?,
        threads: most(Column::Thread)?,
        templates: most(Column::Template)?,
    })
}

impl Summary {
    /// The part of the time with most errors, the earliest of equals; none, if there are no errors.
    pub fn worst_part(&self) -> Option<(Time, u64, u64)> {
        let worst = self.parts.iter().rev().max_by_key(|(_, _, errors)| *errors)?;
        (worst.2 > 0).then_some(*worst)
    }

    /// The summary in words and figures, each line ended by a line feed.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn write_text(&self, out: &mut dyn io::Write) -> io::Result<()> {
        for (path, totals) in &self.files {
            writeln!(
                out,
                "{path}: {} lines, {} entries, {} bad lines",
                totals.lines, totals.records, totals.bad
            )?;
        }
        let Tally { entries, errors, untimed, levels, span } = &self.tally;
        writeln!(
            out,
            "entries   {entries}, of which {errors} are errors ({:.2} %)",
            100.0 * self.tally.error_rate()
        )?;
        let levels: Vec<String> = levels.iter().map(|(name, count)| format!("{name} {count}")).collect();
        writeln!(out, "levels    {}", if levels.is_empty() { "none".to_owned() } else { levels.join(", ") })?;
        match span {
            Some((first, last)) => {
                let seconds = millis(self.tally.nanos().unwrap_or(0)) / 1e3;
                writeln!(
                    out,
                    "time      {first} to {last}, {seconds:.3} s; {untimed} entries without a time"
                )?;
            }
            None => writeln!(out, "time      no entry has one")?,
        }
        let distinct: Vec<String> = self.distinct.iter().map(|(c, n)| format!("{c} {n}")).collect();
        writeln!(out, "distinct  {}", distinct.join(", "))?;
        if let Some((start, quiet)) = self.pause {
            writeln!(out, "pause     {:.3} ms from {start}", millis(quiet))?;
        }
        if let Some((start, entries, errors)) = self.worst_part() {
            writeln!(
                out,
                "worst     the tenth of the time from {start}: {errors} errors in {entries} entries"
            )?;
        }
        for (what, most) in
            [("services", &self.services), ("threads", &self.threads), ("messages", &self.templates)]
        {
            if !most.is_empty() {
                writeln!(out, "most errors, {what}:")?;
            }
            for (name, count) in most {
                writeln!(out, "  {count:>8}  {}", super::entries::printable(name))?;
            }
        }
        Ok(())
    }
}

impl From<&Summary> for Json {
    fn from(summary: &Summary) -> Self {
        let part = |(start, entries, errors): (Time, u64, u64)| {
            Json::object([("start", start.into()), ("entries", entries.into()), ("errors", errors.into())])
        };
        let file = |(path, totals): &(String, crate::Totals)| {
            Json::object([
                ("path", path.as_str().into()),
                ("lines", totals.lines.into()),
                ("entries", totals.records.into()),
                ("bad", totals.bad.into()),
            ])
        };
        let distinct = summary.distinct.iter().map(|(c, n)| (c.name().into(), (*n).into())).collect();
        let pause = summary.pause.map(|(start, nanos)| {
            Json::object([("start", start.into()), ("duration_ms", millis(nanos).into())])
        });
        Json::object([
            ("files", Json::list(summary.files.iter().map(file))),
            ("tally", (&summary.tally).into()),
            ("distinct", Json::Object(distinct)),
            ("parts", Json::list(summary.parts.iter().copied().map(part))),
            ("worst_part", summary.worst_part().map(part).into()),
            ("longest_pause", pause.into()),
            ("error_services", counts(&summary.services)),
            ("error_threads", counts(&summary.threads)),
            ("error_templates", counts(&summary.templates)),
        ])
    }
}
