//! The nodes of a tree as entries are walked over, and the parent that each names.
//!
//! Nodes are numbered as they are met and kept in arrays by that number, so that nearly every parent is found without
//! hashing.

use std::array;
use std::io;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::super::ids::is_error;
use crate::index::{Column, Ids, Index, Names};
use crate::time::Time;

/// No node.
pub(super) const NONE: u32 = u32::MAX;

/// Entries of which columns are unpacked at once.
const AT_ONCE: usize = 1024;

/// Nodes as they are met, and the parent of each.
pub(super) struct Met {
    pub(super) nodes: Vec<Seen>,
    pub(super) parents: Vec<u32>,
}

impl Met {
    /// Whether each parent was met before its children; so there is no circle.
    pub(super) fn is_parents_first(&self) -> bool {
        self.parents.iter().zip(0..).all(|(&parent, place): (_, u32)| parent == NONE || parent < place)
    }
}

/// What is known of a node that was met.
#[derive(Clone)]
pub(super) struct Seen {
    pub(super) name: u32,
    pub(super) service: u32,
    pub(super) first_entry: u32,
    pub(super) entries: u32,
    pub(super) errors: u32,
    pub(super) missing: u32,
    /// Nodes below it, itself included, once they are counted.
    pub(super) size: u32,
    pub(super) cycle: bool,
    /// The earliest and the latest time, in nanoseconds, at first of its own entries, then of all below it too. No
    /// entry has a time as long as the first is after the last.
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) self_nanos: u64,
}

impl Seen {
    fn new(name: u32, first_entry: u32) -> Self {
        Self {
            name,
            service: 0,
            first_entry,
            entries: 0,
            errors: 0,
            missing: 0,
            size: 1,
            cycle: false,
            first: i64::MAX,
            last: i64::MIN,
            self_nanos: 0,
        }
    }

    #[inline]
    fn add(&mut self, said: &Said) {
        self.entries += 1;
        self.errors += u32::from(said.error);
        if self.service == 0 {
            self.service = said.service;
        }
        if let Some(time) = said.time {
            self.join(time.nanos(), time.nanos());
        }
    }

    #[inline]
    /// Takes times in, which may be those of nothing.
    pub(super) fn join(&mut self, first: i64, last: i64) {
        self.first = self.first.min(first);
        self.last = self.last.max(last);
    }

    /// Whether any entry has a time.
    pub(super) fn is_timed(&self) -> bool {
        self.first <= self.last
    }

    /// How long it lasted.
    pub(super) fn nanos(&self) -> u64 {
        if self.is_timed() { self.last.abs_diff(self.first) } else { 0 }
    }
}

/// What an entry adds to its node.
struct Said {
    error: bool,
    service: u32,
    time: Option<Time>,
}

/// Calls `each` with each entry, its numbers in some columns, and what it adds to a node.
fn walk<const N: usize>(
    index: &Index,
    entries: &[u32],
    columns: [&Ids; N],
    mut each: impl FnMut(u32, [u32; N], &Said),
) -> io::Result<()> {
    let (levels, services) = (index.ids(Column::Level)?, index.ids(Column::Service)?);
    let moments = index.moments()?;
    let mut ids: [Vec<u32>; N] = array::from_fn(|_| Vec::with_capacity(AT_ONCE));
    let [mut level, mut service] = [const { Vec::new() }; 2];
    let mut times = Vec::new();
    for some in entries.chunks(AT_ONCE) {
        for (ids, column) in ids.iter_mut().zip(columns) {
            column.fill(some, ids);
        }
        levels.fill(some, &mut level);
        services.fill(some, &mut service);
        times.clear();
        moments.each(some, |time| times.push(time));
        for (at, &entry) in some.iter().enumerate() {
            let said = Said { error: is_error(level[at]), service: service[at], time: times[at] };
            each(entry, array::from_fn(|column| ids[column][at]), &said);
        }
    }
    Ok(())
}

/// Where the node of each span is. Nearly every span is of one trace, so most need no hashing.
struct Places {
    /// The first node of each span, by the span's number.
    first: Vec<u32>,
    /// The nodes of spans that are in further traces, by trace and span.
    further: HashMap<(u32, u32), u32, RandomState>,
}

impl Places {
    fn new(spans: usize) -> Self {
        Self { first: vec![NONE; spans + 1], further: HashMap::default() }
    }

    /// The node of a span, which is the one after the last if it is new. `named` has the trace of each node.
    fn place(&mut self, span: u32, trace: u32, named: &[(u32, u32)]) -> u32 {
        let new = named.len() as u32;
        let first = &mut self.first[span as usize];
        if *first == NONE {
            *first = new;
        }
        if *first == new || named[*first as usize].0 == trace {
            return *first;
        }
        *self.further.entry((trace, span)).or_insert(new)
    }

    fn get(&self, span: u32, trace: u32, named: &[(u32, u32)]) -> Option<u32> {
        let first = self.first[span as usize];
        if first != NONE && named[first as usize].0 == trace {
            return Some(first);
        }
        self.further.get(&(trace, span)).copied()
    }
}

/// The nodes that are spans of traces, and how many entries have none.
pub(super) fn spans(index: &Index, entries: &[u32]) -> io::Result<(Met, u32)> {
    let columns = [index.ids(Column::Span)?, index.ids(Column::Parent)?, index.ids(Column::Trace)?];
    let known = index.names(Column::Span)?.len();
    let mut places = Places::new(known);
    let mut nodes: Vec<Seen> = Vec::with_capacity(known.min(entries.len()));
    // The trace of each node, and the name of its parent.
    let mut named: Vec<(u32, u32)> = Vec::with_capacity(nodes.capacity());
    let mut outside = 0;
    walk(index, entries, columns, |entry, [span, parent, trace], said| {
        if span == 0 {
            outside += 1;
            return;
        }
        let place = places.place(span, trace, &named) as usize;
        if place == nodes.len() {
            nodes.push(Seen::new(span, entry));
            named.push((trace, 0));
        }
        nodes[place].add(said);
        if named[place].1 == 0 {
            named[place].1 = parent;
        }
    })?;
    let mut parents = Vec::with_capacity(nodes.len());
    for (node, &(trace, parent)) in nodes.iter_mut().zip(&named) {
        let place = if parent == 0 { None } else { places.get(parent, trace, &named) };
        if place.is_none() {
            node.missing = parent;
        }
        parents.push(place.unwrap_or(NONE));
    }
    Ok((Met { nodes, parents }, outside))
}

/// The nodes that are names of a column, and how many entries have none.
pub(super) fn names(index: &Index, entries: &[u32], column: Column) -> io::Result<(Met, u32)> {
    let names = index.names(column)?;
    let mut places = vec![NONE; names.len() + 1];
    let mut nodes: Vec<Seen> = Vec::new();
    let mut outside = 0;
    walk(index, entries, [index.ids(column)?], |entry, [id], said| {
        if id == 0 {
            outside += 1;
            return;
        }
        let place = &mut places[id as usize];
        if *place == NONE {
            *place = nodes.len() as u32;
            nodes.push(Seen::new(id, entry));
        }
        nodes[*place as usize].add(said);
    })?;
    let by_name: HashMap<&[u8], u32, RandomState> =
        nodes.iter().zip(0..).map(|(node, place)| (names.get(node.name), place)).collect();
    let parents = nodes.iter().map(|node| parent_by_name(names, node.name, &by_name)).collect();
    Ok((Met { nodes, parents }, outside))
}

/// The node whose name is the longest beginning of a name before a separator.
fn parent_by_name(names: &Names, name: u32, by_name: &HashMap<&[u8], u32, RandomState>) -> u32 {
    let name = names.get(name);
    let mut separators = memchr::memchr3_iter(b'.', b':', b'-', name).rev();
    separators.find_map(|end| by_name.get(&name[..end]).copied()).unwrap_or(NONE)
}
