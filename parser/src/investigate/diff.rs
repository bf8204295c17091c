//! Two trees side by side: what one has that the other has not, and what became slower or faster.
//!
//! Spans have other ids in each trace, so nodes are matched by what they are: the way from the root, where each step
//! is a service (or, below the roots of a tree of names, the name), and of siblings of one service the first is
//! matched with the first, the second with the second. A node that has no match is added or removed, and so is all
//! below it. A node is slower or faster if its duration differs by at least a tenth and a tenth of a millisecond.
//! Changes are ordered by how much they differ, most first, then by their place in the tree. Linear in the nodes,
//! with n log n for the order.

use std::io;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::json::Json;
use super::tally::millis;
use super::tree::{Method, Node, Tree};
use crate::index::Index;

/// How two trees differ. Positions are of nodes: in the first tree, in the second, or in both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TreeDiff {
    /// Nodes that are in both.
    pub matched: usize,
    /// Nodes of the second tree only.
    pub added: Vec<usize>,
    /// Nodes of the first tree only.
    pub removed: Vec<usize>,
    /// Nodes that last longer in the second tree.
    pub slower: Vec<(usize, usize)>,
    /// Nodes that last shorter in the second tree.
    pub faster: Vec<(usize, usize)>,
    /// Nodes that err in the second tree only.
    pub new_errors: Vec<(usize, usize)>,
    /// Nodes that err in the first tree only.
    pub resolved_errors: Vec<(usize, usize)>,
}

/// The least change of a duration that is told, in nanoseconds, beside a tenth of it.
const LEAST: u64 = 100_000;

/// A step of the way to a node: the number of its parent's way, what it is, and which of those that are the same.
type Step = (u32, u32, u32);

/// Compares two trees of one index.
pub fn diff(first: &Tree, second: &Tree) -> TreeDiff {
    let mut ways: HashMap<Step, u32, RandomState> = HashMap::default();
    let ways_of = [first, second].map(|tree| numbered(tree, &mut ways));
    let [first_ways, second_ways] = ways_of;
    let mut at_second: Vec<Option<usize>> = vec![None; ways.len() + 1];
    for (at, way) in second_ways.into_iter().enumerate() {
        at_second[way as usize] = Some(at);
    }
    let mut found = TreeDiff::default();
    for (at, way) in first_ways.into_iter().enumerate() {
        let Some(other) = at_second[way as usize].take() else {
            found.removed.push(at);
            continue;
        };
        found.matched += 1;
        let (one, two) = (&first.nodes[at], &second.nodes[other]);
        let change = one.nanos().abs_diff(two.nanos());
        if change >= LEAST && u128::from(change) * 10 >= u128::from(one.nanos()) {
            let list = if two.nanos() > one.nanos() { &mut found.slower } else { &mut found.faster };
            list.push((at, other));
        }
        match (one.errors > 0, two.errors > 0) {
            (false, true) => found.new_errors.push((at, other)),
            (true, false) => found.resolved_errors.push((at, other)),
            _ => {}
        }
    }
    found.added = at_second.into_iter().flatten().collect();
    found.added.sort_unstable();
    for list in [&mut found.slower, &mut found.faster] {
        list.sort_by_key(|&(one, two)| {
            (std::cmp::Reverse(first.nodes[one].nanos().abs_diff(second.nodes[two].nanos())), one)
        });
    }
    found
}

/// The number of each node's way from its root; equal ways of both trees have equal numbers.
fn numbered(tree: &Tree, ways: &mut HashMap<Step, u32, RandomState>) -> Vec<u32> {
    let mut same: HashMap<(u32, u32), u32, RandomState> = HashMap::default();
    let mut numbers: Vec<u32> = Vec::with_capacity(tree.nodes.len());
    for node in &tree.nodes {
        let parent = node.parent.map_or(0, |parent| numbers[parent as usize]);
        let what = match tree.method {
            Method::Spans => node.service,
            // Two threads can be compared as roots though they have other names.
            Method::Names(_) if node.parent.is_none() => 0,
            Method::Names(_) => node.name,
        };
        let nth = same.entry((parent, what)).or_default();
        *nth += 1;
        let next = ways.len() as u32 + 1;
        numbers.push(*ways.entry((parent, what, *nth)).or_insert(next));
    }
    numbers
}

impl TreeDiff {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        let pairs = [&self.slower, &self.faster, &self.new_errors, &self.resolved_errors];
        self.added.is_empty() && self.removed.is_empty() && pairs.iter().all(|list| list.is_empty())
    }

    /// The differences as JSON, with at most `limit` of each kind.
    ///
    /// # Errors
    /// What reading a saved index gives.
    pub fn json(&self, index: &Index, trees: [&Tree; 2], limit: usize) -> io::Result<Json> {
        let one = |tree: &Tree, node: &Node| {
            Ok::<Json, io::Error>(Json::object([
                ("name", Json::text(tree.name(index, node)?)),
                ("service", tree.service(index, node)?.map_or(Json::Null, Json::text)),
                ("depth", node.depth.into()),
                ("duration_ms", millis(node.nanos()).into()),
                ("errors", node.errors.into()),
            ]))
        };
        let mut answer = Json::object([("matched", self.matched.into())]);
        for (key, list, tree) in [("added", &self.added, trees[1]), ("removed", &self.removed, trees[0])] {
            let nodes: io::Result<_> =
                list.iter().take(limit).map(|&at| one(tree, &tree.nodes[at])).collect();
            answer =
                answer.with(key, Json::object([("total", list.len().into()), ("nodes", Json::List(nodes?))]));
        }
        for (key, list) in self.pairs() {
            let mut items = Vec::new();
            for &(a, b) in list.iter().take(limit) {
                let (a, b) = (&trees[0].nodes[a], &trees[1].nodes[b]);
                items.push(Json::object([("first", one(trees[0], a)?), ("second", one(trees[1], b)?)]));
            }
            answer =
                answer.with(key, Json::object([("total", list.len().into()), ("nodes", Json::List(items))]));
        }
        Ok(answer)
    }

    fn pairs(&self) -> [(&'static str, &[(usize, usize)]); 4] {
        [
            ("slower", &self.slower),
            ("faster", &self.faster),
            ("new_errors", &self.new_errors),
            ("resolved_errors", &self.resolved_errors),
        ]
    }

    /// Writes the differences as text, with at most `limit` of each kind.
    ///
    /// # Errors
    /// What reading a saved index or `out` gives.
    pub fn write_text(
        &self,
        index: &Index,
        trees: [&Tree; 2],
        limit: usize,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let label = |tree: &Tree, node: &Node| {
            let service = tree.service(index, node)?.unwrap_or(b"-");
            let both = [service, b" ", tree.name(index, node)?].concat();
            Ok::<String, io::Error>(super::entries::printable(&String::from_utf8_lossy(&both)))
        };
        writeln!(out, "{} nodes are in both", self.matched)?;
        for (what, list, tree) in [("added", &self.added, trees[1]), ("removed", &self.removed, trees[0])] {
            writeln!(out, "{what}: {}", list.len())?;
            for &at in list.iter().take(limit) {
                let node = &tree.nodes[at];
                writeln!(
                    out,
                    "  depth {:<3} {:>12.3} ms  {}",
                    node.depth,
                    millis(node.nanos()),
                    label(tree, node)?
                )?;
            }
        }
        for (key, list) in self.pairs() {
            writeln!(out, "{}: {}", key.replace('_', " "), list.len())?;
            for &(a, b) in list.iter().take(limit) {
                let (a, b) = (&trees[0].nodes[a], &trees[1].nodes[b]);
                writeln!(
                    out,
                    "  {:>12.3} ms -> {:>12.3} ms  {} -> {} errors  {} -> {}",
                    millis(a.nanos()),
                    millis(b.nanos()),
                    a.errors,
                    b.errors,
                    label(trees[0], a)?,
                    label(trees[1], b)?
                )?;
            }
        }
        Ok(())
    }
}
