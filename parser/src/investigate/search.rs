//! Search by an index.
//!
//! # What it answers
//!
//! The entries that fit a [`Query`], in the order of their times (see [`crate::index`]), and how many there are in
//! all, whatever the page. Entries of one time stay in the order of files and lines.
//!
//! # Cost
//!
//! A query for one name or one level, or for a period, costs what its page costs: nothing is walked but the lists.
//! One for several columns walks the shortest list. A text is looked up among the templates of messages where these
//! tell it exactly (a text of words without digits), and else in the messages of the entries that fit all the rest,
//! which are read from the file. Where times do not stand in order, all matches are sorted.

use std::io;

use super::query::{Plan, Query};
use crate::index::Index;

/// Which of the matches are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Matches that are left out at the start, or at the end of a tail.
    pub offset: usize,
    /// The most that are wanted.
    pub limit: usize,
    /// Whether it is the last ones that are wanted.
    pub tail: bool,
}

impl Page {
    /// All matches.
    pub const ALL: Self = Self { offset: 0, limit: usize::MAX, tail: false };

    /// The first matches.
    pub const fn first(limit: usize) -> Self {
        Self { offset: 0, limit, tail: false }
    }

    /// The positions of the page among so many matches.
    fn of(self, total: usize) -> std::ops::Range<usize> {
        let left = total - self.offset.min(total);
        let length = self.limit.min(left);
        if self.tail { left - length..left } else { total - left..total - left + length }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How many entries match.
    pub total: usize,
    /// Those of the page, in the order of their times.
    pub entries: Vec<u32>,
}

/// Finds the entries that fit a query. See the [module](self).
///
/// # Errors
/// What reading the files or a saved index gives.
pub fn search(index: &Index, query: &Query, page: Page) -> io::Result<Found> {
    let plan = Plan::new(index, query)?;
    let moments = index.moments()?;
    if moments.sorted()
        && let Some(total) = plan.known_total()
    {
        return Ok(Found { total, entries: plan.known_slice(page.of(total)) });
    }
    let mut all = plan.all()?;
    moments.sort(&mut all);
    let positions = page.of(all.len());
    let total = all.len();
    all.truncate(positions.end);
    all.drain(..positions.start);
    Ok(Found { total, entries: all })
}

/// An entry that is shown for its own sake, or for that of a match near it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Near {
    /// The entry.
    pub entry: u32,
    /// Whether it is a match.
    pub matched: bool,
    /// Whether entries are left out between the one before and it.
    pub gap: bool,
}

/// Matches and so many entries before and after each, as they stand in their files; none twice.
pub fn with_context(index: &Index, matches: &[u32], before: u32, after: u32) -> Vec<Near> {
    let mut sorted = matches.to_vec();
    sorted.sort_unstable();
    let mut near: Vec<Near> = Vec::new();
    for &entry in &sorted {
        let Some(file) = index.files().get(index.file_of(entry)) else { continue };
        let file = file.entries();
        let end = entry.saturating_add(after).saturating_add(1).min(file.end);
        let wanted = entry.saturating_sub(before).max(file.start);
        let last = near.last().map(|near| near.entry);
        let start = wanted.max(last.map_or(0, |last| last + 1));
        let gap = last.is_some_and(|last| wanted > last + 1 || file.start > last);
        // The match itself can be among the context of the one before.
        if let Ok(at) = near.binary_search_by_key(&entry, |near| near.entry) {
            near[at].matched = true;
        }
        near.extend((start..end).map(|each| Near {
            entry: each,
            matched: each == entry,
            gap: gap && each == start,
        }));
    }
    near
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn pages_are_cut_from_the_front_or_the_end() {
        let page = |offset, limit, tail| Page { offset, limit, tail }.of(10);
        assert_eq!(Page::ALL.of(10), 0..10);
        assert_eq!((page(0, 3, false), page(8, 3, false), page(20, 3, false)), (0..3, 8..10, 10..10));
        assert_eq!((page(0, 3, true), page(8, 3, true), page(20, 3, true)), (7..10, 0..2, 0..0));
    }
}
