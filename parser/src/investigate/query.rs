//! What entries are asked for, and which those are.

use std::io;
use std::ops::Range;

use crate::field::Field;
use crate::index::{self, Column, Ids, Index, List, Moments, Rereader};
use crate::level::Level;
use crate::time::Time;

/// Which entries are asked for: those that fit all of it. An empty query asks for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// One of these levels; any, or none, if there are none of them.
    pub levels: Vec<Level>,
    /// This level or a more serious one.
    pub min_level: Option<Level>,
    /// None of these levels.
    pub not_levels: Vec<Level>,
    /// Not before this time. An entry without a time is in no period.
    pub since: Option<Time>,
    /// Before this time.
    pub until: Option<Time>,
    /// For each of these columns, one of these names, compared byte by byte. A name that no entry has fits nothing.
    pub names: Vec<(Column, Vec<String>)>,
    /// Some name in each of these columns.
    pub has: Vec<Column>,
    /// All of these in the message, its escapes decoded; in the line as it stands, if an entry has no message.
    /// Capitals and small letters differ.
    pub texts: Vec<String>,
    /// None of these there.
    pub not_texts: Vec<String>,
}

impl Query {
    /// A query for entries with one name in a column.
    pub fn named(column: Column, name: &str) -> Self {
        Self { names: vec![(column, vec![name.to_owned()])], ..Self::default() }
    }
}

/// A query against an index: what to walk over, and what to ask of each entry met.
pub(super) struct Plan<'a> {
    index: &'a Index,
    /// Where matches can be.
    range: Range<u32>,
    /// What is walked over: the lists of some values of one column, or all of the range.
    lists: Option<Vec<List<'a>>>,
    checks: Vec<Check<'a>>,
    period: Option<Period<'a>>,
    texts: Vec<TextCheck<'a>>,
}

/// A column and the names that fit.
struct Check<'a> {
    ids: &'a Ids,
    wanted: Wanted,
}

enum Wanted {
    /// One of these numbers, sorted.
    OneOf(Vec<u32>),
    NoneOf(Vec<u32>),
    Any,
}

/// A text, and what the templates tell of it.
struct TextCheck<'a> {
    finder: memchr::memmem::Finder<'a>,
    /// Whether it has to be there.
    wanted: bool,
    /// For each template whether it holds the text, if templates tell that.
    templates: Option<(&'a Ids, Vec<bool>)>,
}

impl<'a> Plan<'a> {
    /// Looks names up and chooses what to walk over: the shortest of the lists that all matches must be in.
    pub(super) fn new(index: &'a Index, query: &'a Query) -> io::Result<Self> {
        let mut plan = Self {
            index,
            range: 0..index.len(),
            lists: None,
            checks: Vec::new(),
            period: None,
            texts: Vec::new(),
        };
        let mut conditions: Vec<(Column, Wanted)> = Vec::new();
        let level_ids = |levels: &[Level]| levels.iter().map(|&level| index::level_id(level)).collect();
        if !query.levels.is_empty() {
            conditions.push((Column::Level, Wanted::OneOf(level_ids(&query.levels))));
        }
        if let Some(least) = query.min_level {
            let serious: Vec<Level> = Level::ALL.into_iter().filter(|&level| level >= least).collect();
            conditions.push((Column::Level, Wanted::OneOf(level_ids(&serious))));
        }
        if !query.not_levels.is_empty() {
            conditions.push((Column::Level, Wanted::NoneOf(level_ids(&query.not_levels))));
        }
        for (column, names) in &query.names {
            let known = index.names(*column)?;
            let ids = names.iter().filter_map(|name| known.find(name.as_bytes())).collect();
            conditions.push((*column, Wanted::OneOf(ids)));
        }
        conditions.extend(query.has.iter().map(|&column| (column, Wanted::Any)));
        let mut shortest = u64::from(index.len());
        let mut driver = None;
        for (column, mut wanted) in conditions {
            let ids = index.ids(column)?;
            if let Wanted::OneOf(values) = &mut wanted {
                values.sort_unstable();
                values.dedup();
                let lists: Vec<List<'a>> = values.iter().map(|&id| ids.postings().list(id)).collect();
                let length = lists.iter().map(|list| list.len() as u64).sum();
                if length < shortest || (length == shortest && driver.is_none()) {
                    shortest = length;
                    driver = Some(plan.checks.len());
                    plan.lists = Some(lists);
                }
            }
            plan.checks.push(Check { ids, wanted });
        }
        if let Some(driver) = driver {
            plan.checks.remove(driver);
        }
        plan.narrow(query)?;
        let texts = query.texts.iter().map(|text| (text, true));
        for (text, wanted) in texts.chain(query.not_texts.iter().map(|text| (text, false))) {
            plan.texts.push(TextCheck::new(index, text.as_bytes(), wanted)?);
        }
        Ok(plan)
    }

    /// Narrows the range to the period asked for, where times stand in order.
    fn narrow(&mut self, query: &Query) -> io::Result<()> {
        if query.since.is_none() && query.until.is_none() {
            return Ok(());
        }
        let moments = self.index.moments()?;
        if moments.sorted() {
            let start = query.since.map_or(0, |since| moments.first_from(since));
            let end = query.until.map_or(self.index.len(), |until| moments.first_from(until));
            self.range = start..end.max(start);
            let range = self.range.clone();
            self.lists =
                self.lists.take().map(|lists| lists.iter().map(|list| list.within(range.clone())).collect());
        }
        // Where all have times of their own and stand in order, the range says it all.
        if !moments.sorted() || !moments.all_timed() {
            self.period = Some(Period { moments, since: query.since, until: query.until });
        }
        Ok(())
    }

    /// How many match, where that is known without a walk.
    pub(super) fn known_total(&self) -> Option<usize> {
        if !self.checks.is_empty() || self.period.is_some() || !self.texts.is_empty() {
            return None;
        }
        Some(match &self.lists {
            Some(lists) => lists.iter().map(List::len).sum(),
            None => self.range.len(),
        })
    }

    /// Some of the matches in the order of the index, where their number is known and nothing has to be asked of them.
    pub(super) fn known_slice(&self, positions: Range<usize>) -> Vec<u32> {
        match self.lists.as_deref() {
            None => positions.map(|at| self.range.start + at as u32).collect(),
            Some([list]) => positions.map(|at| list.get(at)).collect(),
            Some(lists) => merged(lists).skip(positions.start).take(positions.len()).collect(),
        }
    }

    /// All matches in the order of the index. Texts that templates do not tell are looked for in the file.
    pub(super) fn all(&self) -> io::Result<Vec<u32>> {
        let mut found = Vec::new();
        let mut unsure = false;
        let mut meet = |entry: u32| {
            if self.fits(entry) {
                match self.told(entry) {
                    Some(false) => {}
                    Some(true) => found.push(entry),
                    None => {
                        unsure = true;
                        found.push(entry);
                    }
                }
            }
        };
        match self.lists.as_deref() {
            None => self.range.clone().for_each(&mut meet),
            Some([list]) => list.for_each(&mut meet),
            Some(lists) => merged(lists).for_each(&mut meet),
        }
        if unsure { self.read(&found) } else { Ok(found) }
    }

    /// Whether an entry fits all that is asked but the texts.
    #[inline]
    fn fits(&self, entry: u32) -> bool {
        self.checks.iter().all(|check| check.fits(entry))
            && self.period.as_ref().is_none_or(|period| period.fits(entry))
    }

    /// Whether an entry fits the texts, as far as templates tell.
    #[inline]
    fn told(&self, entry: u32) -> Option<bool> {
        let mut sure = true;
        for text in &self.texts {
            match text.told(entry) {
                Some(false) => return Some(false),
                Some(true) => {}
                None => sure = false,
            }
        }
        sure.then_some(true)
    }

    /// Those of some entries that fit the texts, by reading them.
    fn read(&self, entries: &[u32]) -> io::Result<Vec<u32>> {
        let mut found = Vec::new();
        let mut rereader = Rereader::new(&[Field::Message]);
        self.index.show(entries, |shown| {
            let fits = self.texts.iter().all(|text| match text.told(shown.entry) {
                Some(told) => told,
                None => text.read(shown.bytes, &mut rereader) == text.wanted,
            });
            if fits {
                found.push(shown.entry);
            }
            Ok(())
        })?;
        Ok(found)
    }
}

impl Check<'_> {
    #[inline]
    fn fits(&self, entry: u32) -> bool {
        let id = self.ids.get(entry);
        match &self.wanted {
            Wanted::OneOf(ids) => ids.contains(&id),
            Wanted::NoneOf(ids) => !ids.contains(&id),
            Wanted::Any => id != 0,
        }
    }
}

/// A period that has to be asked of each entry.
struct Period<'a> {
    moments: &'a Moments,
    since: Option<Time>,
    until: Option<Time>,
}

impl Period<'_> {
    fn fits(&self, entry: u32) -> bool {
        self.moments.time(entry).is_some_and(|time| {
            self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until)
        })
    }
}

impl<'a> TextCheck<'a> {
    fn new(index: &'a Index, text: &'a [u8], wanted: bool) -> io::Result<Self> {
        let templates = if index::tells(text) {
            let finder = memchr::memmem::Finder::new(text);
            let names = index.names(Column::Template)?;
            // The number 0, of entries without a message, is asked of the line itself.
            let holds =
                std::iter::once(false).chain(names.iter().map(|(_, name)| finder.find(name).is_some()));
            Some((index.ids(Column::Template)?, holds.collect()))
        } else {
            None
        };
        Ok(Self { finder: memchr::memmem::Finder::new(text), wanted, templates })
    }

    /// Whether an entry fits, if its template tells.
    #[inline]
    fn told(&self, entry: u32) -> Option<bool> {
        let (ids, holds) = self.templates.as_ref()?;
        match ids.get(entry) {
            0 => None,
            id => Some(holds.get(id as usize).copied().unwrap_or(false) == self.wanted),
        }
    }

    /// Whether the text is in the message of an entry that was read, or in its line, if it has no message.
    fn read(&self, line: &[u8], rereader: &mut Rereader) -> bool {
        let in_line = self.finder.find(line).is_some();
        // Without a backslash nothing in the message differs from the line.
        if !in_line && memchr::memchr(b'\\', line).is_none() {
            return false;
        }
        match rereader.text(line, Field::Message) {
            Some(message) => self.finder.find(&message).is_some(),
            None => in_line,
        }
    }
}

/// The entries of several lists that share none, in order.
fn merged<'l>(lists: &'l [List<'_>]) -> impl Iterator<Item = u32> + 'l {
    let mut next: Vec<(usize, Option<u32>)> =
        lists.iter().map(|list| (0, (list.len() > 0).then(|| list.get(0)))).collect();
    std::iter::from_fn(move || {
        let least =
            next.iter().enumerate().filter_map(|(at, (_, entry))| Some((entry.as_ref()?, at))).min()?;
        let (&entry, at) = least;
        let (position, head) = &mut next[at];
        *position += 1;
        *head = (*position < lists[at].len()).then(|| lists[at].get(*position));
        Some(entry)
    })
}
