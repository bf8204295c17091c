//! A tree as text: as a tree, or as a waterfall of bars over time.

use std::io::{self, Write};

use super::{Node, Tree};
use crate::index::{Column, Index};
use crate::investigate::entries::printable;
use crate::investigate::tally::Millis;

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
    let names = index.names(tree.column())?;
    let services = index.names(Column::Service)?;
    let bottleneck = tree.bottleneck();
    let whole = whole(tree);
    // Whether more siblings follow at each depth that the current node lies below.
    let mut more: Vec<bool> = Vec::new();
    let mut branches = String::new();
    let mut line = String::new();
    let mut at = 0;
    let mut shown = 0;
    while let Some(node) = tree.nodes.get(at) {
        if shown == limit {
            writeln!(out, "… {} more nodes", tree.nodes.len() - at)?;
            return Ok(());
        }
        let end = at + node.size as usize;
        let last = match tree.nodes.get(end) {
            Some(next) => next.parent != node.parent || node.parent.is_none(),
            None => true,
        };
        more.truncate(node.depth as usize);
        branches.clear();
        for &more in more.iter().skip(1) {
            branches.push_str(if more { "│  " } else { "   " });
        }
        if node.depth > 0 {
            branches.push_str(if last { "└─ " } else { "├─ " });
        }
        more.push(!last);
        line.clear();
        line.push_str(&branches);
        if node.service != 0 {
            line.push_str(&printable(&String::from_utf8_lossy(services.get(node.service))));
            line.push(' ');
        }
        line.push_str(&printable(&String::from_utf8_lossy(names.get(node.name))));
        match shape {
            Shape::Tree => {
                write!(out, "{line}  {} ms", Millis(node.nanos()))?;
                if node.size > 1 {
                    write!(out, " (self {})", Millis(node.self_nanos))?;
                }
                let plural = if node.entries == 1 { "entry" } else { "entries" };
                write!(out, ", {} {plural}", node.entries)?;
            }
            Shape::Waterfall => {
                let length = line.chars().count();
                if length > LABEL {
                    line = line.chars().take(LABEL - 1).chain(['…']).collect();
                }
                write!(out, "{line:LABEL$} {} {} ms", bar(node, whole), Millis(node.nanos()))?;
            }
        }
        if node.errors > 0 {
            write!(out, ", {} {}", node.errors, if node.errors == 1 { "error" } else { "errors" })?;
        }
        if node.missing != 0 {
            write!(out, ", orphan of {}", printable(&String::from_utf8_lossy(names.get(node.missing))))?;
        }
        if node.cycle {
            out.write_all(b", its parents lead in a circle")?;
        }
        if bottleneck == Some(at) {
            out.write_all(b"  <- longest self time")?;
        }
        out.write_all(b"\n")?;
        shown += 1;
        if node.depth == depth && node.size > 1 {
            writeln!(
                out,
                "{}   … {} nodes deeper",
                branches.replace("├─ ", "│  ").replace("└─ ", "   "),
                node.size - 1
            )?;
            at = end;
        } else {
            at += 1;
        }
    }
    Ok(())
}

/// From the earliest to the latest time of all, in nanoseconds since 1970.
fn whole(tree: &Tree) -> (i64, i64) {
    let spans = tree.nodes.iter().filter_map(|node| node.span);
    spans.fold((i64::MAX, i64::MIN), |(low, high), (first, last)| {
        (low.min(first.nanos()), high.max(last.nanos()))
    })
}

/// A node's time as a bar in the whole.
fn bar(node: &Node, (start, end): (i64, i64)) -> String {
    let Some((first, last)) = node.span else { return " ".repeat(BAR as usize) };
    let length = u128::from(end.abs_diff(start)).max(1);
    let place = |time: i64| {
        (u128::from(time.abs_diff(start)) * u128::from(BAR) / length).min(u128::from(BAR)) as usize
    };
    let from = place(first.nanos()).min(BAR as usize - 1);
    let to = place(last.nanos()).max(from + 1);
    format!("{}{}{}", " ".repeat(from), "█".repeat(to - from), " ".repeat(BAR as usize - to))
}
