//! A tree as text: as a tree, or as a waterfall of bars over time.

use std::io::{self, Write};

use super::{Node, Tree};
use crate::index::{Column, Index};
use crate::investigate::lines::Lines;

/// How a tree is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Branches, with durations and self times.
    Tree,
    /// A bar over time for each node, beside branches.
    Waterfall,
}

/// Characters of a bar that lasts as long as the whole.
const BAR: u64 = 48;

/// Characters that a node's branches and name take beside a bar.
const LABEL: usize = 44;

/// Writes a tree down to `depth`, at most `limit` nodes of it. What is left out is told where it is left out.
///
/// # Errors
/// What reading a saved index or `out` gives.
pub fn write_tree(
    tree: &Tree,
    index: &Index,
    shape: Shape,
    depth: u32,
    limit: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    Lines::to(out, |lines| lines_of(tree, index, shape, depth, limit, lines))
}

fn lines_of(
    tree: &Tree,
    index: &Index,
    shape: Shape,
    depth: u32,
    limit: usize,
    lines: &mut Lines<'_>,
) -> io::Result<()> {
    let names = index.names(tree.column())?;
    let services = index.names(Column::Service)?;
    let bottleneck = tree.bottleneck();
    let whole = whole(tree);
    let mut branches = Branches::default();
    let mut at = 0;
    let mut shown = 0;
    while let Some(node) = tree.nodes.get(at) {
        if shown == limit {
            lines.text("… ");
            lines.whole((tree.nodes.len() - at) as u64);
            lines.text(" more nodes");
            return lines.end();
        }
        let end = at + node.size as usize;
        let last = match tree.nodes.get(end) {
            Some(next) => next.parent != node.parent || node.parent.is_none(),
            None => true,
        };
        let label = |lines: &mut Lines<'_>| {
            lines.text(branches.above(node.depth));
            if node.depth > 0 {
                lines.text(if last { "└─ " } else { "├─ " });
            }
            if node.service != 0 {
                lines.printable(services.get(node.service));
                lines.text(" ");
            }
            lines.printable(names.get(node.name));
        };
        match shape {
            Shape::Tree => {
                label(lines);
                lines.text("  ");
                lines.millis(node.nanos());
                lines.text(" ms");
                if node.size > 1 {
                    lines.text(" (self ");
                    lines.millis(node.self_nanos);
                    lines.text(")");
                }
                lines.text(", ");
                lines.whole(node.entries.into());
                lines.text(if node.entries == 1 { " entry" } else { " entries" });
            }
            Shape::Waterfall => {
                lines.in_width(LABEL, label);
                lines.text(" ");
                bar(node, whole, lines);
                lines.text(" ");
                lines.millis(node.nanos());
                lines.text(" ms");
            }
        }
        if node.errors > 0 {
            lines.text(", ");
            lines.whole(node.errors.into());
            lines.text(if node.errors == 1 { " error" } else { " errors" });
        }
        if node.missing != 0 {
            lines.text(", orphan of ");
            lines.printable(names.get(node.missing));
        }
        if node.cycle {
            lines.text(", its parents lead in a circle");
        }
        if bottleneck == Some(at) {
            lines.text("  <- longest self time");
        }
        lines.end()?;
        shown += 1;
        branches.go_below(node.depth, !last);
        if node.depth == depth && node.size > 1 {
            lines.text(branches.above(node.depth + 1));
            lines.text("   … ");
            lines.whole(u64::from(node.size) - 1);
            lines.text(" nodes deeper");
            lines.end()?;
            at = end;
        } else {
            at += 1;
        }
    }
    Ok(())
}

/// The branches of the ancestors of a node, to the left of it.
#[derive(Default)]
struct Branches {
    all: String,
    /// How much of them stands before a node of each depth but the first.
    ends: Vec<usize>,
}

impl Branches {
    /// The branches before a node. Those of its parent were gone below.
    fn above(&self, depth: u32) -> &str {
        let end = (depth as usize).checked_sub(1).and_then(|at| self.ends.get(at));
        end.and_then(|&end| self.all.get(..end)).unwrap_or("")
    }

    /// Goes below a node; whether more siblings of it follow. Roots have no branches between them.
    fn go_below(&mut self, depth: u32, more: bool) {
        let depth = depth as usize;
        self.ends.truncate(depth);
        self.all.truncate(self.ends.last().copied().unwrap_or(0));
        if depth > 0 {
            self.all.push_str(if more { "│  " } else { "   " });
        }
        self.ends.push(self.all.len());
    }
}

/// From the earliest to the latest time of all, in nanoseconds since 1970.
fn whole(tree: &Tree) -> (i64, i64) {
    let spans = tree.nodes.iter().filter_map(|node| node.span);
    spans.fold((i64::MAX, i64::MIN), |(low, high), (first, last)| {
        (low.min(first.nanos()), high.max(last.nanos()))
    })
}

/// A node's time as a bar in the whole.
fn bar(node: &Node, (start, end): (i64, i64), lines: &mut Lines<'_>) {
    let Some((first, last)) = node.span else { return lines.repeated(b" ", BAR as usize) };
    let length = u128::from(end.abs_diff(start)).max(1);
    let place = |time: i64| {
        (u128::from(time.abs_diff(start)) * u128::from(BAR) / length).min(u128::from(BAR)) as usize
    };
    let from = place(first.nanos()).min(BAR as usize - 1);
    let to = place(last.nanos()).max(from + 1);
    lines.repeated(b" ", from);
    lines.repeated("█".as_bytes(), to - from);
    lines.repeated(b" ", BAR as usize - to);
}
