//! Trees of spans and the flow of errors, by tables of names: what one writes first.
//!
//! Parents stand before their children here (see [`super::list::List::suits`]), which spares the plain way all care for
//! circles.

use super::list::{Line, counted};
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

/// A span, with what is below it.
#[derive(Default)]
pub(super) struct Node {
    name: String,
    service: String,
    parent: Option<usize>,
    /// The parent that it names, where that has no entries.
    missing: Option<String>,
    children: Vec<usize>,
    depth: u64,
    entries: u64,
    errors: u64,
    /// The earliest and the latest time of it and of all below.
    first: i64,
    last: i64,
    self_nanos: u64,
}

impl Node {
    fn nanos(&self) -> u64 {
        self.last.abs_diff(self.first)
    }

    /// Its duration, self time, entries, errors, and how many there are above it.
    pub(super) fn figures(&self) -> [u64; 5] {
        [self.nanos(), self.self_nanos, self.entries, self.errors, self.depth]
    }
}

/// A tree; its nodes in the order in which they were first seen.
pub(super) struct PlainTree {
    pub(super) nodes: Vec<Node>,
    pub(super) roots: usize,
}

/// Makes a tree of entries that have spans.
pub(super) fn build(lines: &[&Line]) -> PlainTree {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut nodes: Vec<Node> = Vec::new();
    for line in lines {
        let Some(span) = &line.span else { continue };
        let place = *places.entry(span).or_insert_with(|| {
            nodes.push(Node {
                name: span.clone(),
                service: line.service.clone(),
                missing: line.parent.clone(),
                first: line.time,
                last: line.time,
                ..Node::default()
            });
            nodes.len() - 1
        });
        let node = &mut nodes[place];
        node.entries += 1;
        node.errors += u64::from(line.errs());
        node.first = node.first.min(line.time);
        node.last = node.last.max(line.time);
        if node.missing.is_none() {
            node.missing.clone_from(&line.parent);
        }
    }
    for at in 0..nodes.len() {
        let parent = nodes[at].missing.as_ref().and_then(|parent| places.get(parent.as_str()).copied());
        if let Some(parent) = parent {
            nodes[at].missing = None;
            nodes[at].parent = Some(parent);
            nodes[at].depth = nodes[parent].depth + 1;
            nodes[parent].children.push(at);
        }
    }
    for at in (0..nodes.len()).rev() {
        if let Some(parent) = nodes[at].parent {
            nodes[parent].first = nodes[parent].first.min(nodes[at].first);
            nodes[parent].last = nodes[parent].last.max(nodes[at].last);
        }
    }
    for at in 0..nodes.len() {
        let mut children: Vec<(i64, i64)> =
            nodes[at].children.iter().map(|&child| (nodes[child].first, nodes[child].last)).collect();
        children.sort_unstable();
        let (mut covered, mut to) = (0, nodes[at].first);
        for (first, last) in children {
            covered += last.max(to).abs_diff(first.max(to));
            to = to.max(last);
        }
        nodes[at].self_nanos = nodes[at].nanos() - covered;
    }
    let roots = nodes.iter().filter(|node| node.parent.is_none()).count();
    PlainTree { nodes, roots }
}

impl PlainTree {
    /// The first nodes, depth first, as text.
    pub(super) fn text(&self, limit: usize) -> Vec<u8> {
        let mut out = String::new();
        let longest = self.nodes.iter().map(|node| node.self_nanos).max().filter(|&nanos| nanos > 0);
        let mut bottleneck = None;
        // Each with what stands before its name, and what before those of its children.
        let roots = (0..self.nodes.len()).rev().filter(|&at| self.nodes[at].parent.is_none());
        let mut open: Vec<(usize, String, String)> =
            roots.map(|at| (at, String::new(), String::new())).collect();
        let mut written = 0;
        while let Some((at, branches, below)) = open.pop() {
            let node = &self.nodes[at];
            if written < limit {
                let _ = write!(out, "{branches}{} {}  {} ms", node.service, node.name, millis(node.nanos()));
                if !node.children.is_empty() {
                    let _ = write!(out, " (self {})", millis(node.self_nanos));
                }
                let _ =
                    write!(out, ", {} {}", node.entries, if node.entries == 1 { "entry" } else { "entries" });
                if node.errors > 0 {
                    let _ = write!(
                        out,
                        ", {} {}",
                        node.errors,
                        if node.errors == 1 { "error" } else { "errors" }
                    );
                }
                if let Some(missing) = &node.missing {
                    let _ = write!(out, ", orphan of {missing}");
                }
                if longest == Some(node.self_nanos) && bottleneck.is_none() {
                    bottleneck = Some(at);
                    out += "  <- longest self time";
                }
                out.push('\n');
            }
            written += 1;
            for (place, &child) in node.children.iter().enumerate().rev() {
                let last = place + 1 == node.children.len();
                let (mine, further) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
                open.push((child, format!("{below}{mine}"), format!("{below}{further}")));
            }
        }
        if written > limit {
            let _ = writeln!(out, "… {} more nodes", written - limit);
        }
        out.into_bytes()
    }
}

fn millis(nanos: u64) -> String {
    let micros = nanos / 1000;
    format!("{}.{:03}", micros / 1000, micros % 1000)
}

/// Where an error began.
pub(super) struct Cause {
    pub(super) line: u64,
    pub(super) depth: u64,
    /// How many spans it spread to, its own included.
    pub(super) chain: u64,
    time: i64,
}

/// What errors come to.
pub(super) struct Flow {
    pub(super) errors: usize,
    /// Spans that err.
    pub(super) spans: usize,
    /// The most causes within a second.
    pub(super) concurrent: usize,
    pub(super) services: HashMap<String, u64>,
    /// The deepest first, then the earliest.
    pub(super) causes: Vec<Cause>,
}

/// Where the errors among `asked` began; `all` tells which spans there are, and their parents.
pub(super) fn errors(all: &[Line], asked: &[&Line]) -> Flow {
    let mut parents: HashMap<&str, &str> = HashMap::new();
    let mut known: HashSet<&str> = HashSet::new();
    for line in all {
        let Some(span) = &line.span else { continue };
        known.insert(span);
        if let Some(parent) = &line.parent {
            parents.entry(span).or_insert(parent);
        }
    }
    let erring: Vec<&&Line> = asked.iter().filter(|line| line.errs()).collect();
    let mut first: HashMap<&str, &Line> = HashMap::new();
    for line in &erring {
        if let Some(span) = &line.span {
            first.entry(span).or_insert(line);
        }
    }
    let above: HashSet<&str> = first.keys().filter_map(|span| parents.get(span).copied()).collect();
    let mut causes = Vec::new();
    for (span, line) in first.iter().filter(|(span, _)| !above.contains(*span)) {
        let (mut depth, mut chain, mut unbroken) = (0, 1, true);
        let mut at = parents.get(span).copied().filter(|parent| known.contains(parent));
        while let Some(parent) = at {
            depth += 1;
            unbroken &= first.contains_key(parent);
            chain += u64::from(unbroken);
            at = parents.get(parent).copied().filter(|parent| known.contains(parent));
        }
        causes.push(Cause { line: line.number, depth, chain, time: line.time });
    }
    causes.sort_by_key(|cause| (Reverse(cause.depth), cause.time, cause.line));
    let services = counted(erring.iter().map(|line| line.service.as_str()));
    Flow {
        errors: erring.len(),
        spans: first.len(),
        concurrent: most_within_a_second(causes.iter().map(|cause| cause.time).collect()),
        services: services.into_iter().map(|(name, count)| (name.to_owned(), count)).collect(),
        causes,
    }
}

fn most_within_a_second(mut times: Vec<i64>) -> usize {
    times.sort_unstable();
    let (mut start, mut most) = (0, 0);
    for (end, time) in times.iter().enumerate() {
        while time.abs_diff(times[start]) >= 1_000_000_000 {
            start += 1;
        }
        most = most.max(end + 1 - start);
    }
    most
}
