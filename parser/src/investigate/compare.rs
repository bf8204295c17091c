//! Two sets of entries side by side: two threads, two requests, two periods.
//!
//! Each side is the entries that fit a query. Beside the figures of both stand the ratio of their error rates (none,
//! if the first has no errors), and the messages, by template, that only one of them has, or that are errors in one
//! and not in the other. Templates are ordered by how often they occur, most first, then by their text. Linear in the
//! entries of both.

use std::io;

use super::ids::is_error;
use super::json::Json;
use super::query::Query;
use super::search::{Page, search};
use super::tally::{Tally, counts, millis};
use crate::index::{Column, Index};

/// Two sides, and how they differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The figures of each side.
    pub sides: [Tally; 2],
    /// The error rate of the second side over that of the first.
    pub error_rate_ratio: Option<f64>,
    /// Templates of messages that only the first side has, or only the second.
    pub only: [Vec<(String, u64)>; 2],
    /// Templates of errors that only the second side has.
    pub new_errors: Vec<(String, u64)>,
    /// Templates of errors that only the first side has.
    pub resolved_errors: Vec<(String, u64)>,
}

/// Compares the entries that fit two queries.
///
/// # Errors
/// What reading the files or a saved index gives.
pub fn compare(index: &Index, first: &Query, second: &Query) -> io::Result<Comparison> {
    let names = index.names(Column::Template)?;
    let (ids, levels) = (index.ids(Column::Template)?, index.ids(Column::Level)?);
    let mut sides = [const { None }; 2];
    // Of each template: entries and errors on each side.
    let mut seen = vec![[(0_u64, 0_u64); 2]; names.len() + 1];
    for (at, query) in [first, second].into_iter().enumerate() {
        let entries = search(index, query, Page::ALL)?.entries;
        ids.each(&entries, |entry, id| {
            let (count, errors) = &mut seen[id as usize][at];
            *count += 1;
            *errors += u64::from(is_error(levels.get(entry)));
        });
        sides[at] = Some(Tally::of(index, &entries)?);
    }
    let sides = sides.map(Option::unwrap_or_default);
    let listed = |of: fn([(u64, u64); 2]) -> Option<u64>| {
        let mut list: Vec<(String, u64)> = names
            .iter()
            .filter_map(|(id, name)| {
                let count = of(seen[id as usize])?;
                Some((String::from_utf8_lossy(name).into_owned(), count))
            })
            .collect();
        list.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        list
    };
    let [before, after] = [sides[0].error_rate(), sides[1].error_rate()];
    Ok(Comparison {
        error_rate_ratio: (before > 0.0).then(|| after / before),
        only: [
            listed(|[(one, _), (other, _)]| (one > 0 && other == 0).then_some(one)),
            listed(|[(one, _), (other, _)]| (one == 0 && other > 0).then_some(other)),
        ],
        new_errors: listed(|[(_, one), (_, other)]| (one == 0 && other > 0).then_some(other)),
        resolved_errors: listed(|[(_, one), (_, other)]| (one > 0 && other == 0).then_some(one)),
        sides,
    })
}

impl Comparison {
    /// Writes the comparison as text, with at most `limit` templates of each kind.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn write_text(&self, labels: [&str; 2], limit: usize, out: &mut dyn io::Write) -> io::Result<()> {
        let [one, other] = &self.sides;
        let width = labels.map(|label| label.chars().count()).into_iter().max().unwrap_or(0).max(12);
        let [a, b] = labels;
        writeln!(out, "{:12} {a:>width$} {b:>width$}", "")?;
        writeln!(out, "{:12} {:>width$} {:>width$}", "entries", one.entries, other.entries)?;
        writeln!(out, "{:12} {:>width$} {:>width$}", "errors", one.errors, other.errors)?;
        let rate = |tally: &Tally| format!("{:.2} %", 100.0 * tally.error_rate());
        writeln!(out, "{:12} {:>width$} {:>width$}", "error rate", rate(one), rate(other))?;
        let duration = |tally: &Tally| {
            tally.nanos().map_or_else(|| "-".to_owned(), |nanos| format!("{:.3} ms", millis(nanos)))
        };
        writeln!(out, "{:12} {:>width$} {:>width$}", "duration", duration(one), duration(other))?;
        if let Some(ratio) = self.error_rate_ratio {
            writeln!(out, "the error rate of {b} is {ratio:.2} times that of {a}")?;
        }
        for (what, list) in [
            (format!("new errors in {b}"), &self.new_errors),
            (format!("errors of {a} that {b} has not"), &self.resolved_errors),
            (format!("messages only in {a}"), &self.only[0]),
            (format!("messages only in {b}"), &self.only[1]),
        ] {
            if !list.is_empty() {
                writeln!(out, "{what}: {}", list.len())?;
            }
            for (name, count) in list.iter().take(limit) {
                writeln!(out, "  {count:>8}  {}", super::entries::printable(name))?;
            }
        }
        Ok(())
    }
}

impl Comparison {
    /// As JSON, with at most `limit` messages of each kind, and how many there are of each.
    pub fn json(&self, limit: usize) -> Json {
        let [first, second] = &self.sides;
        let lists = [&self.new_errors, &self.resolved_errors, &self.only[0], &self.only[1]];
        let [new, resolved, only_first, only_second] =
            lists.map(|list| counts(&list[..list.len().min(limit)]));
        let [all_new, all_resolved, all_first, all_second] = lists.map(|list| Json::from(list.len()));
        let totals = Json::object([
            ("new_errors", all_new),
            ("resolved_errors", all_resolved),
            ("only_first", all_first),
            ("only_second", all_second),
        ]);
        Json::object([
            ("first", first.into()),
            ("second", second.into()),
            ("error_rate_ratio", self.error_rate_ratio.into()),
            ("new_errors", new),
            ("resolved_errors", resolved),
            ("only_first", only_first),
            ("only_second", only_second),
            ("totals", totals),
        ])
    }
}
