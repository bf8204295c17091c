//! Builds a tree: nodes from entries, parents from what they name, order and times from both.

use std::io;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::super::ids::is_error;
use super::{Method, Node, Tree};
use crate::index::{Column, Index, Names};
use crate::time::Time;

/// No node.
const NONE: u32 = u32::MAX;

/// Nodes as they are met, and the parent of each.
struct Met {
    nodes: Vec<Node>,
    parents: Vec<u32>,
}

pub(super) fn build(index: &Index, entries: &[u32], column: Option<Column>) -> io::Result<Tree> {
    let method = match column {
        Some(Column::Span) => Method::Spans,
        Some(column) => Method::Names(column),
        None => choose(index, entries)?,
    };
    let (mut met, outside) = match method {
        Method::Spans => spans(index, entries)?,
        Method::Names(column) => names(index, entries, column)?,
    };
    break_cycles(&mut met);
    let mut nodes = in_depth_first_order(met);
    measure(&mut nodes);
    Ok(Tree { method, nodes, outside })
}

/// Spans, if any entry has one; else the first of thread and correlation that any has.
fn choose(index: &Index, entries: &[u32]) -> io::Result<Method> {
    for (column, method) in [
        (Column::Span, Method::Spans),
        (Column::Thread, Method::Names(Column::Thread)),
        (Column::Correlation, Method::Names(Column::Correlation)),
    ] {
        let ids = index.ids(column)?;
        if entries.iter().any(|&entry| ids.get(entry) != 0) {
            return Ok(method);
        }
    }
    Ok(Method::Spans)
}

/// What each entry adds to its node.
struct Adder<'i> {
    moments: &'i crate::index::Moments,
    levels: &'i crate::index::Ids,
    services: &'i crate::index::Ids,
}

impl<'i> Adder<'i> {
    fn new(index: &'i Index) -> io::Result<Self> {
        Ok(Self {
            moments: index.moments()?,
            levels: index.ids(Column::Level)?,
            services: index.ids(Column::Service)?,
        })
    }

    #[inline]
    fn add(&self, node: &mut Node, entry: u32) {
        node.entries += 1;
        node.errors += u32::from(is_error(self.levels.get(entry)));
        if node.service == 0 {
            node.service = self.services.get(entry);
        }
        if let Some(time) = self.moments.time(entry) {
            node.own = joined(node.own, Some((time, time)));
        }
    }
}

fn node(name: u32, entry: u32) -> Node {
    Node {
        name,
        service: 0,
        first_entry: entry,
        parent: None,
        depth: 0,
        size: 1,
        entries: 0,
        errors: 0,
        missing: 0,
        cycle: false,
        own: None,
        span: None,
        self_nanos: 0,
    }
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
fn spans(index: &Index, entries: &[u32]) -> io::Result<(Met, u32)> {
    let (spans, parents, traces) =
        (index.ids(Column::Span)?, index.ids(Column::Parent)?, index.ids(Column::Trace)?);
    let adder = Adder::new(index)?;
    let mut places = Places::new(index.names(Column::Span)?.len());
    let mut nodes: Vec<Node> = Vec::new();
    // The trace of each node, and the name of its parent.
    let mut named: Vec<(u32, u32)> = Vec::new();
    let mut outside = 0;
    for &entry in entries {
        let span = spans.get(entry);
        if span == 0 {
            outside += 1;
            continue;
        }
        let trace = traces.get(entry);
        let place = places.place(span, trace, &named) as usize;
        if place == nodes.len() {
            nodes.push(node(span, entry));
            named.push((trace, 0));
        }
        adder.add(&mut nodes[place], entry);
        if named[place].1 == 0 {
            named[place].1 = parents.get(entry);
        }
    }
    let mut found = Vec::with_capacity(nodes.len());
    for (node, &(trace, parent)) in nodes.iter_mut().zip(&named) {
        let place = if parent == 0 { None } else { places.get(parent, trace, &named) };
        if place.is_none() {
            node.missing = parent;
        }
        found.push(place.unwrap_or(NONE));
    }
    Ok((Met { nodes, parents: found }, outside))
}

/// The nodes that are names of a column, and how many entries have none.
fn names(index: &Index, entries: &[u32], column: Column) -> io::Result<(Met, u32)> {
    let (ids, names) = (index.ids(column)?, index.names(column)?);
    let adder = Adder::new(index)?;
    let mut places = vec![NONE; names.len() + 1];
    let mut nodes: Vec<Node> = Vec::new();
    let mut outside = 0;
    for &entry in entries {
        let id = ids.get(entry);
        if id == 0 {
            outside += 1;
            continue;
        }
        let place = &mut places[id as usize];
        if *place == NONE {
            *place = nodes.len() as u32;
            nodes.push(node(id, entry));
        }
        adder.add(&mut nodes[*place as usize], entry);
    }
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

/// Drops the parent of one node of each circle: of the one that was met first.
fn break_cycles(met: &mut Met) {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        Not,
        OnThisWay,
        Before,
    }
    let mut seen = vec![Seen::Not; met.nodes.len()];
    let mut way = Vec::new();
    for start in 0..met.nodes.len() {
        let mut at = start;
        while seen[at] == Seen::Not {
            seen[at] = Seen::OnThisWay;
            way.push(at);
            match met.parents[at] {
                NONE => break,
                parent => at = parent as usize,
            }
        }
        if seen[at] == Seen::OnThisWay && met.parents[at] != NONE {
            let mut first = at;
            let mut around = met.parents[at] as usize;
            while around != at {
                first = first.min(around);
                around = met.parents[around] as usize;
            }
            met.parents[first] = NONE;
            met.nodes[first].cycle = true;
        }
        for at in way.drain(..) {
            seen[at] = Seen::Before;
        }
    }
}

/// Orders nodes depth first, and fills in parents and depths.
fn in_depth_first_order(met: Met) -> Vec<Node> {
    let Met { mut nodes, parents } = met;
    let count = nodes.len();
    // Children of each node, roots being those of a node after the last: lists one after another.
    let mut starts = vec![0_u32; count + 2];
    let of = |parent: u32| if parent == NONE { count } else { parent as usize };
    for &parent in &parents {
        starts[of(parent) + 1] += 1;
    }
    (1..starts.len()).for_each(|at| starts[at] += starts[at - 1]);
    let mut next = starts.clone();
    let mut children = vec![0_u32; count];
    for (place, &parent) in parents.iter().enumerate() {
        let slot = &mut next[of(parent)];
        children[*slot as usize] = place as u32;
        *slot += 1;
    }
    let list = |place: usize| &children[starts[place] as usize..starts[place + 1] as usize];
    let mut ordered: Vec<Node> = Vec::with_capacity(count);
    let mut open: Vec<(u32, Option<u32>, u32)> =
        list(count).iter().rev().map(|&root| (root, None, 0)).collect();
    while let Some((place, parent, depth)) = open.pop() {
        let at = ordered.len() as u32;
        let empty = node(0, 0);
        let mut node = std::mem::replace(&mut nodes[place as usize], empty);
        (node.parent, node.depth) = (parent, depth);
        ordered.push(node);
        open.extend(list(place as usize).iter().rev().map(|&child| (child, Some(at), depth + 1)));
    }
    ordered
}

type Interval = Option<(Time, Time)>;

fn joined(one: Interval, other: Interval) -> Interval {
    match (one, other) {
        (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
        (one, other) => one.or(other),
    }
}

/// Fills in what depends on the nodes below: sizes, times, self times.
fn measure(nodes: &mut [Node]) {
    for at in (0..nodes.len()).rev() {
        nodes[at].span = joined(nodes[at].span, nodes[at].own);
        let (span, size) = (nodes[at].span, nodes[at].size);
        if let Some(parent) = nodes[at].parent {
            let parent = &mut nodes[parent as usize];
            parent.size += size;
            parent.span = joined(parent.span, span);
        }
    }
    for node in nodes.iter_mut() {
        node.self_nanos = node.nanos();
    }
    // What children cover is swept up by their starts. Nearly all stand in that order; those of the other parents are
    // sorted.
    let mut last_start: Vec<Option<Time>> = vec![None; nodes.len()];
    let mut in_order = vec![true; nodes.len()];
    for node in nodes.iter() {
        if let (Some((start, _)), Some(parent)) = (node.span, node.parent) {
            in_order[parent as usize] &= last_start[parent as usize].is_none_or(|last| last <= start);
            last_start[parent as usize] = Some(start);
        }
    }
    let parent_in_order = |node: &Node| node.parent.is_some_and(|parent| in_order[parent as usize]);
    let mut others: Vec<u32> = Vec::new();
    let mut covered_to: Vec<Option<Time>> = last_start;
    covered_to.fill(None);
    for at in 0..nodes.len() {
        if parent_in_order(&nodes[at]) {
            cover(nodes, at, &mut covered_to);
        } else if nodes[at].span.is_some() {
            others.push(at as u32);
        }
    }
    others.sort_by_key(|&at| nodes[at as usize].span);
    for at in others {
        cover(nodes, at as usize, &mut covered_to);
    }
}

/// Takes from a parent's self time what a child covers of it and none before it did.
fn cover(nodes: &mut [Node], child: usize, covered_to: &mut [Option<Time>]) {
    let (Some((start, end)), Some(parent)) = (nodes[child].span, nodes[child].parent) else { return };
    let covered = &mut covered_to[parent as usize];
    let from = covered.map_or(start, |to| to.max(start));
    if end > from {
        let parent = &mut nodes[parent as usize];
        parent.self_nanos = parent.self_nanos.saturating_sub(end.nanos().abs_diff(from.nanos()));
    }
    *covered = Some(covered.map_or(end, |to| to.max(end)));
}
