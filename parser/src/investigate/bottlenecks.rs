//! Where the time of a tree goes.
//!
//! * The *primary* bottleneck is the node with the longest self time, the first of equals.
//! * *Secondary* ones are the others whose self time is at least 20 % of their root's duration.
//! * *Parallelisable* work is under a node whose children run one after another: what would be saved if those that do
//!   not overlap ran side by side (the sum of their durations less the longest), where that is at least 10 % of the
//!   node's duration.
//! * *Slow leaves* last more than twice as long as the mean of all leaves.
//!
//! Each list has the largest first, then the first in the tree. Linear in the nodes, with n log n for the order.

use std::io;

use super::json::Json;
use super::tally::millis;
use super::tree::{Node, Tree};
use crate::index::Index;

/// Where time goes; positions are of nodes in the tree, with nanoseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bottlenecks {
    /// The node with the longest self time.
    pub primary: Option<(usize, u64)>,
    /// Others with at least a fifth of their root's duration.
    pub secondary: Vec<(usize, u64)>,
    /// Nodes whose children could run side by side, and what that would save.
    pub parallelisable: Vec<(usize, u64)>,
    /// Leaves that last more than twice the mean.
    pub slow_leaves: Vec<(usize, u64)>,
    /// How long a leaf lasts on average.
    pub mean_leaf_nanos: u64,
}

/// Finds the bottlenecks of a tree.
pub fn bottlenecks(tree: &Tree) -> Bottlenecks {
    let nodes = &tree.nodes;
    let primary = tree.bottleneck();
    let mut root = 0;
    let mut found =
        Bottlenecks { primary: primary.map(|at| (at, nodes[at].self_nanos)), ..Bottlenecks::default() };
    // Of each node: the sum of what its children last, where each begins after the one before has ended; and the
    // longest.
    let mut children: Vec<Option<Children>> = vec![None; nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        match node.parent {
            None => root = at,
            Some(parent) => Children::add(&mut children[parent as usize], node),
        }
        let whole = nodes[root].nanos();
        if Some(at) != primary && node.self_nanos > 0 && u128::from(node.self_nanos) * 5 >= u128::from(whole)
        {
            found.secondary.push((at, node.self_nanos));
        }
    }
    for (at, (node, children)) in nodes.iter().zip(&children).enumerate() {
        let Some(children) = children.as_ref().filter(|c| c.count > 1 && c.in_turn) else { continue };
        let saved = children.sum - children.longest;
        if saved > 0 && u128::from(saved) * 10 >= u128::from(node.nanos()) {
            found.parallelisable.push((at, saved));
        }
    }
    let leaves = || nodes.iter().enumerate().filter(|(_, node)| node.size == 1 && node.span.is_some());
    let (count, sum) =
        leaves().fold((0_u64, 0_u128), |(n, sum), (_, leaf)| (n + 1, sum + u128::from(leaf.nanos())));
    found.mean_leaf_nanos = (sum / u128::from(count.max(1))) as u64;
    let slow = leaves().filter(|(_, leaf)| u128::from(leaf.nanos()) * u128::from(count.max(1)) > 2 * sum);
    found.slow_leaves = slow.map(|(at, leaf)| (at, leaf.nanos())).collect();
    for list in [&mut found.secondary, &mut found.parallelisable, &mut found.slow_leaves] {
        list.sort_by_key(|&(at, nanos)| (std::cmp::Reverse(nanos), at));
    }
    found
}

/// The children of a node, one after another.
#[derive(Clone)]
struct Children {
    count: u64,
    sum: u64,
    longest: u64,
    end: crate::Time,
    /// Whether each began after the one before had ended.
    in_turn: bool,
}

impl Children {
    fn add(children: &mut Option<Self>, child: &Node) {
        let Some((start, end)) = child.span else { return };
        let nanos = child.nanos();
        match children {
            None => *children = Some(Self { count: 1, sum: nanos, longest: nanos, end, in_turn: true }),
            Some(all) => {
                all.count += 1;
                all.sum = all.sum.saturating_add(nanos);
                all.longest = all.longest.max(nanos);
                all.in_turn &= start >= all.end;
                all.end = all.end.max(end);
            }
        }
    }
}

/// A kind of bottleneck: its key, what it is, and its nodes.
type Listed = (&'static str, &'static str, Vec<(usize, u64)>);

impl Bottlenecks {
    fn lists(&self) -> [Listed; 4] {
        [
            ("primary", "longest self time", self.primary.into_iter().collect()),
            ("secondary", "self time of at least 20 % of the root", self.secondary.clone()),
            ("parallelisable", "saved if children ran side by side", self.parallelisable.clone()),
            ("slow_leaves", "leaves over twice the mean", self.slow_leaves.clone()),
        ]
    }

    /// The answer as JSON, with at most `limit` of each kind.
    ///
    /// # Errors
    /// What reading a saved index gives.
    pub fn json(&self, tree: &Tree, index: &Index, limit: usize) -> io::Result<Json> {
        let mut answer = Json::object([("mean_leaf_ms", millis(self.mean_leaf_nanos).into())]);
        for (key, _, list) in self.lists() {
            let mut items = Vec::new();
            for &(at, nanos) in list.iter().take(limit) {
                let node = &tree.nodes[at];
                items.push(Json::object([
                    ("name", Json::text(tree.name(index, node)?)),
                    ("service", tree.service(index, node)?.map_or(Json::Null, Json::text)),
                    ("depth", node.depth.into()),
                    ("ms", millis(nanos).into()),
                    ("duration_ms", millis(node.nanos()).into()),
                ]));
            }
            answer =
                answer.with(key, Json::object([("total", list.len().into()), ("nodes", Json::List(items))]));
        }
        Ok(answer)
    }

    /// Writes the answer as text, with at most `limit` of each kind.
    ///
    /// # Errors
    /// What reading a saved index or `out` gives.
    pub fn write_text(
        &self,
        tree: &Tree,
        index: &Index,
        limit: usize,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        for (_, what, list) in self.lists() {
            writeln!(out, "{what}: {}", list.len())?;
            for &(at, nanos) in list.iter().take(limit) {
                let node = &tree.nodes[at];
                let service = tree.service(index, node)?.unwrap_or(b"-");
                let name = tree.name(index, node)?;
                let both = format!("{} {}", String::from_utf8_lossy(service), String::from_utf8_lossy(name));
                writeln!(
                    out,
                    "  {:>12.3} ms of {:>12.3}  {}",
                    millis(nanos),
                    millis(node.nanos()),
                    super::entries::printable(&both)
                )?;
            }
        }
        Ok(())
    }
}
