//! Investigation, plainly: every entry owned in a list, every question a walk over all of it.
//!
//! It answers what [`crate::investigate`] answers, from the same definitions: only the types of queries are shared.

use std::io::{self, Read};

use super::lines;
use super::values::{self, Value};
use super::{Map, Set};
use crate::bad::BadLine;
use crate::blocks::Limits;
use crate::field::Field;
use crate::index::Column;
use crate::investigate::Query;
use crate::level::Level;
use crate::time::{Clock, Time};

/// An entry, with all that it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The number of its file, from 0.
    pub file: usize,
    /// The number of its line in its file, from 1.
    pub line: u64,
    /// Its line.
    pub raw: Vec<u8>,
    /// Its time, if it has one.
    pub time: Option<Time>,
    /// The time that it is ordered by.
    pub order: Time,
    /// What it says of level, service, thread, correlation, trace, span and parent.
    pub names: Map<&'static str, String>,
    /// Its message.
    pub message: Option<String>,
}

impl Entry {
    /// Its name in a column.
    pub fn name(&self, column: Column) -> Option<&str> {
        self.names.get(column.name()).map(String::as_str)
    }

    /// Its level, if it has one that is known.
    pub fn level(&self) -> Option<Level> {
        lines::level(self.name(Column::Level)?)
    }

    fn errs(&self) -> bool {
        self.level() >= Some(Level::Error)
    }
}

/// All entries of some inputs.
#[derive(Debug, Default)]
pub struct Entries {
    /// In the order of inputs and lines.
    pub all: Vec<Entry>,
    files: usize,
}

impl Entries {
    /// Reads an input and adds its entries.
    ///
    /// # Errors
    /// What the source gives; or a [`crate::Refusal`].
    pub fn read(&mut self, source: impl Read, on_bad: &mut dyn FnMut(BadLine)) -> io::Result<()> {
        let keys: Vec<&str> = Field::ALL.iter().flat_map(|field| field.keys()).copied().collect();
        let clock = Clock::now();
        let start = self.all.len();
        let file = self.files;
        values::read_within(source, &keys, Limits::default(), on_bad, &mut |record| {
            let mut values: Map<&str, &Value> = Map::default();
            for (key, value) in keys.iter().zip(&record.values) {
                if let Some(value) = value {
                    values.insert(key, value);
                }
            }
            let mut names = Map::default();
            for column in Column::ALL {
                let is_id = matches!(column, Column::Trace | Column::Span | Column::Parent);
                let is_no_id = |name: &str| ["0".repeat(16), "0".repeat(32)].iter().any(|none| none == name);
                if let Some(name) = Field::from_name(column.name()).and_then(|field| told(&values, field))
                    && !(is_id && is_no_id(&name))
                {
                    names.insert(column.name(), name);
                }
            }
            let time =
                lines::first_time(Field::Time.keys().iter().filter_map(|key| match values.get(key)? {
                    Value::Text(text) | Value::Number(text) => Time::parse(text.as_bytes(), &clock),
                    _ => None,
                }));
            let message = told(&values, Field::Message);
            let order = Time::default();
            self.all.push(Entry { file, line: record.line, raw: record.bytes, time, order, names, message });
        })?;
        self.files += 1;
        let entries = &mut self.all[start..];
        let first = entries.iter().find_map(|entry| entry.time);
        let mut last = first.unwrap_or(Time::from_nanos(i64::MIN));
        for entry in entries {
            last = entry.time.unwrap_or(last);
            entry.order = last;
        }
        Ok(())
    }

    /// The entries that fit a query, in the order of their times.
    pub fn search(&self, query: &Query) -> Vec<usize> {
        let mut found: Vec<usize> = (0..self.all.len()).filter(|&at| fits(&self.all[at], query)).collect();
        found.sort_by_key(|&at| self.all[at].order);
        found
    }

    /// The spans (or, without any, threads, else correlations) of some entries as nodes, in the order in which they
    /// were first seen.
    pub fn tree(&self, entries: &[usize]) -> Vec<Node> {
        let has = |column| entries.iter().any(|&at| self.all[at].name(column).is_some());
        let column = [Column::Span, Column::Thread, Column::Correlation].into_iter().find(|&c| has(c));
        let column = column.unwrap_or(Column::Span);
        let mut places: Map<(Option<&str>, &str), usize> = Map::default();
        let mut nodes: Vec<Node> = Vec::new();
        let mut named: Vec<Option<(Option<&str>, &str)>> = Vec::new();
        for &at in entries {
            let entry = &self.all[at];
            let Some(name) = entry.name(column) else { continue };
            let trace = if column == Column::Span { entry.name(Column::Trace) } else { None };
            let place = *places.entry((trace, name)).or_insert_with(|| {
                nodes.push(Node { name: name.to_owned(), ..Node::default() });
                named.push(None);
                nodes.len() - 1
            });
            let node = &mut nodes[place];
            node.entries += 1;
            node.errors += u32::from(entry.errs());
            node.times.extend(entry.time);
            if named[place].is_none() && column == Column::Span {
                named[place] = entry.name(Column::Parent).map(|parent| (trace, parent));
            }
        }
        for at in 0..nodes.len() {
            nodes[at].parent = if column == Column::Span {
                named[at].and_then(|parent| places.get(&parent).copied())
            } else {
                let name = nodes[at].name.clone();
                let mut ends =
                    (0..name.len()).rev().filter(|&end| matches!(name.as_bytes()[end], b'.' | b':' | b'-'));
                ends.find_map(|end| places.get(&(None, &name[..end])).copied())
            };
        }
        break_cycles(&mut nodes);
        measure(&mut nodes);
        nodes
    }

    /// The first errors of the spans that err while no child of theirs does, among entries with spans, and of each
    /// correlation, else thread, of those without; in the order of the entries.
    pub fn root_causes(&self, entries: &[usize]) -> Vec<usize> {
        let key = |at: usize| Some((self.all[at].name(Column::Trace), self.all[at].name(Column::Span)?));
        let mut first = Map::default();
        let mut parents: Map<Span<'_>, Span<'_>> = Map::default();
        for (at, entry) in self.all.iter().enumerate() {
            if let (Some(span), Some(parent)) = (key(at), entry.name(Column::Parent)) {
                parents.entry(span).or_insert((entry.name(Column::Trace), parent));
            }
        }
        let mut groups: Set<(&str, &str)> = Set::default();
        let mut causes = Vec::new();
        for &at in entries.iter().filter(|&&at| self.all[at].errs()) {
            let entry = &self.all[at];
            if let Some(span) = key(at) {
                first.entry(span).or_insert(at);
                continue;
            }
            let group = entry.name(Column::Correlation).map(|name| ("correlation", name));
            let group = group.or_else(|| entry.name(Column::Thread).map(|name| ("thread", name)));
            if group.is_none_or(|group| groups.insert(group)) {
                causes.push(at);
            }
        }
        for (span, &at) in &first {
            let mut children =
                first.keys().filter(|child| *child != span && parents.get(*child) == Some(span));
            if children.next().is_none() {
                causes.push(at);
                continue;
            }
            // A circle of errors began with the first of them.
            let mut around = vec![span];
            while let Some(next) =
                around.last().and_then(|last| parents.get(*last)).filter(|next| !around.contains(next))
            {
                around.push(next);
            }
            let closes = around.last().and_then(|last| parents.get(*last)) == Some(span);
            let erring: Option<Vec<usize>> = around.iter().map(|span| first.get(*span).copied()).collect();
            if closes && erring.is_some_and(|erring| erring.iter().min() == Some(&at)) {
                causes.push(at);
            }
        }
        causes.sort_unstable();
        causes
    }
}

/// A trace and a span in it.
type Span<'e> = (Option<&'e str>, &'e str);

/// A node of a tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Its parent's position.
    pub parent: Option<usize>,
    /// Entries of its own, and errors among them.
    pub entries: u32,
    /// Errors among them.
    pub errors: u32,
    /// The times of its own entries, then those of all below it too.
    pub times: Vec<Time>,
    /// From the first to the last of them, in nanoseconds, and what of that no child covers.
    pub nanos: u64,
    /// What of that no child covers.
    pub self_nanos: u64,
}

/// Drops the parent of the node of each circle that was seen first.
fn break_cycles(nodes: &mut [Node]) {
    for start in 0..nodes.len() {
        let mut seen = vec![start];
        let mut at = start;
        while let Some(parent) = nodes[at].parent {
            if parent == start {
                if seen.iter().min() == Some(&start) {
                    nodes[start].parent = None;
                }
                break;
            }
            if seen.contains(&parent) {
                break;
            }
            seen.push(parent);
            at = parent;
        }
    }
}

fn measure(nodes: &mut [Node]) {
    let own: Vec<Vec<Time>> = nodes.iter().map(|node| node.times.clone()).collect();
    for (start, times) in own.into_iter().enumerate() {
        let mut at = start;
        while let Some(parent) = nodes[at].parent {
            nodes[parent].times.extend(&times);
            at = parent;
        }
    }
    let spans: Vec<Option<(i64, i64)>> = nodes
        .iter()
        .map(|node| Some((node.times.iter().min()?.nanos(), node.times.iter().max()?.nanos())))
        .collect();
    let mut of_parents: Vec<Vec<(i64, i64)>> = vec![Vec::new(); nodes.len()];
    for (node, span) in nodes.iter().zip(&spans) {
        if let (Some(parent), Some(span)) = (node.parent, *span) {
            of_parents[parent].push(span);
        }
    }
    for (at, mut children) in of_parents.into_iter().enumerate() {
        let Some((first, last)) = spans[at] else { continue };
        nodes[at].nanos = last.abs_diff(first);
        children.sort_unstable();
        let (mut covered, mut to) = (0, first);
        for (start, end) in children {
            covered += end.max(to).abs_diff(start.max(to));
            to = to.max(end);
        }
        nodes[at].self_nanos = nodes[at].nanos - covered;
    }
}

/// What a record tells of a field: the first of its keys that holds a string that is not empty, or a number where
/// that tells it.
fn told(values: &Map<&str, &Value>, field: Field) -> Option<String> {
    let number_tells = !matches!(field, Field::Level | Field::Service | Field::Message);
    field.keys().iter().find_map(|key| match values.get(key)? {
        Value::Text(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) if number_tells => Some(number.clone()),
        _ => None,
    })
}

fn fits(entry: &Entry, query: &Query) -> bool {
    let level = entry.level();
    let holds = |text: &String| match &entry.message {
        Some(message) => message.contains(text.as_str()),
        None => String::from_utf8_lossy(&entry.raw).contains(text.as_str()),
    };
    (query.levels.is_empty() || level.is_some_and(|level| query.levels.contains(&level)))
        && query.min_level.is_none_or(|least| level.is_some_and(|level| level >= least))
        && !level.is_some_and(|level| query.not_levels.contains(&level))
        && query.since.is_none_or(|since| entry.time.is_some_and(|time| time >= since))
        && query.until.is_none_or(|until| entry.time.is_some_and(|time| time < until))
        && query.names.iter().all(|(column, names)| {
            entry.name(*column).is_some_and(|name| names.iter().any(|wanted| wanted == name))
        })
        && query.has.iter().all(|&column| entry.name(column).is_some())
        && query.texts.iter().all(holds)
        && !query.not_texts.iter().any(holds)
}
