//! Builds a tree of the nodes that were met: breaks circles, adds up times, puts nodes in order.
//!
//! Where each parent comes before its children, as in nearly every log, sizes and times are added up by one walk
//! backwards, and the depth-first place of a node is that of its parent plus the sizes of the siblings before it: no
//! lists of children, no stack. Other logs are put in such an order first.

use std::io;

use super::meet::{self, Met, NONE, Seen};
use super::{Method, Node, Tree};
use crate::index::{Column, Index};
use crate::time::Time;

pub(super) fn build(index: &Index, entries: &[u32], column: Option<Column>) -> io::Result<Tree> {
    let method = match column {
        Some(Column::Span) => Method::Spans,
        Some(column) => Method::Names(column),
        None => choose(index, entries)?,
    };
    let (mut met, outside) = match method {
        Method::Spans => meet::spans(index, entries)?,
        Method::Names(column) => meet::names(index, entries, column)?,
    };
    if !met.is_parents_first() {
        break_cycles(&mut met);
        met = parents_first(met);
    }
    add_up(&mut met);
    share_out(&mut met);
    Ok(Tree { method, nodes: in_depth_first_order(&met), outside })
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

/// Drops the parent of one node of each circle: of the one that was met first.
fn break_cycles(met: &mut Met) {
    #[derive(Clone, Copy, PartialEq)]
    enum Walked {
        Not,
        OnThisWay,
        Before,
    }
    let mut walked = vec![Walked::Not; met.nodes.len()];
    let mut way = Vec::new();
    for start in 0..met.nodes.len() {
        let mut at = start;
        while walked[at] == Walked::Not {
            walked[at] = Walked::OnThisWay;
            way.push(at);
            match met.parents[at] {
                NONE => break,
                parent => at = parent as usize,
            }
        }
        if walked[at] == Walked::OnThisWay && met.parents[at] != NONE {
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
            walked[at] = Walked::Before;
        }
    }
}

/// The same nodes, parents before their children: level by level, siblings as they were met.
fn parents_first(met: Met) -> Met {
    let Met { nodes, parents } = met;
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
    let mut order: Vec<u32> = list(count).to_vec();
    let mut at = 0;
    while let Some(&place) = order.get(at) {
        order.extend_from_slice(list(place as usize));
        at += 1;
    }
    let mut places = vec![NONE; count];
    for (&old, place) in order.iter().zip(0..) {
        places[old as usize] = place;
    }
    let parent = |old: u32| match parents[old as usize] {
        NONE => NONE,
        parent => places[parent as usize],
    };
    Met {
        parents: order.iter().map(|&old| parent(old)).collect(),
        nodes: order.iter().map(|&old| nodes[old as usize].clone()).collect(),
    }
}

/// Fills in what depends on the nodes below: sizes and times. Parents come first.
fn add_up(met: &mut Met) {
    for at in (0..met.nodes.len()).rev() {
        let Seen { size, first, last, .. } = met.nodes[at];
        if let Some(parent) = met.nodes.get_mut(met.parents[at] as usize) {
            parent.size += size;
            parent.join(first, last);
        }
    }
}

/// How far the children of a node were swept over: the start of the last, and the end of what they cover.
#[derive(Clone)]
struct Swept {
    start: i64,
    end: i64,
}

impl Swept {
    const NOTHING: Self = Self { start: i64::MIN, end: i64::MIN };

    /// What a child covers that none before it did, in nanoseconds.
    #[inline]
    fn take(&mut self, child: &Seen) -> u64 {
        let from = self.end.max(child.first);
        self.start = child.first;
        self.end = self.end.max(child.last);
        if child.last > from { child.last.abs_diff(from) } else { 0 }
    }
}

/// Fills in self times. What children cover is swept up by their starts; nearly all were met in that order, and those
/// of the other parents are sorted.
fn share_out(met: &mut Met) {
    let Met { nodes, parents } = met;
    let mut swept = vec![Swept::NOTHING; nodes.len()];
    let mut disordered = vec![false; nodes.len()];
    let mut any_disordered = false;
    for at in 0..nodes.len() {
        nodes[at].self_nanos = nodes[at].nanos();
        let parent = parents[at] as usize;
        let Some(sweep) = swept.get_mut(parent).filter(|_| nodes[at].is_timed()) else { continue };
        if nodes[at].first < sweep.start {
            disordered[parent] = true;
            any_disordered = true;
        }
        let taken = sweep.take(&nodes[at]);
        nodes[parent].self_nanos = nodes[parent].self_nanos.saturating_sub(taken);
    }
    if !any_disordered {
        return;
    }
    let mut again: Vec<u32> = Vec::new();
    for at in 0..nodes.len() {
        if disordered[at] {
            nodes[at].self_nanos = nodes[at].nanos();
            swept[at] = Swept::NOTHING;
        }
        if nodes[at].is_timed() && disordered.get(parents[at] as usize) == Some(&true) {
            again.push(at as u32);
        }
    }
    again.sort_unstable_by_key(|&at| nodes[at as usize].first);
    for at in again {
        let parent = parents[at as usize] as usize;
        let taken = swept[parent].take(&nodes[at as usize]);
        nodes[parent].self_nanos = nodes[parent].self_nanos.saturating_sub(taken);
    }
}

/// The nodes of a tree: depth first, with their parents' positions and depths.
fn in_depth_first_order(met: &Met) -> Vec<Node> {
    let Met { nodes, parents } = met;
    // Where the next child of each node goes, and the next root.
    let mut next: Vec<u32> = Vec::with_capacity(nodes.len());
    let mut next_root = 0;
    let mut places = Vec::with_capacity(nodes.len());
    let mut order = vec![0_u32; nodes.len()];
    for ((node, &parent), at) in nodes.iter().zip(parents).zip(0..) {
        let slot = next.get_mut(parent as usize).unwrap_or(&mut next_root);
        let place = *slot;
        *slot += node.size;
        next.push(place + 1);
        places.push(place);
        order[place as usize] = at;
    }
    let mut ordered: Vec<Node> = Vec::with_capacity(nodes.len());
    for at in order {
        let seen = &nodes[at as usize];
        let parent = places.get(parents[at as usize] as usize).copied();
        let times = (Time::from_nanos(seen.first), Time::from_nanos(seen.last));
        ordered.push(Node {
            name: seen.name,
            service: seen.service,
            first_entry: seen.first_entry,
            parent,
            depth: parent.map_or(0, |parent| ordered[parent as usize].depth + 1),
            size: seen.size,
            entries: seen.entries,
            errors: seen.errors,
            missing: seen.missing,
            cycle: seen.cycle,
            span: seen.is_timed().then_some(times),
            self_nanos: seen.self_nanos,
        });
    }
    ordered
}
