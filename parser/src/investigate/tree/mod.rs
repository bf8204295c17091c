//! The hierarchy of spans, or of names, with durations, self times and errors.
//!
//! # What a node is
//!
//! Where any of the entries has a span, a node is a span of a trace, and its parent is the first parent span that its
//! entries name, in the same trace. Else a node is a thread, else a correlation, and its parent is that whose name is
//! the longest beginning of its own that ends before a `.`, `:` or `-`. Entries that belong to no node are counted as
//! `outside`.
//!
//! A node whose parent has no entries here is an *orphan* and a root. Of parents in a circle, the node that was seen
//! first is the root, and marked. A parent may come after its child. One span in two services is one node, of the
//! service that was seen first.
//!
//! # Times
//!
//! A node lasts from the earliest to the latest time of its entries and of all below it; its self time is what of
//! that none of its children covers. Entries without times add nothing. Siblings stand in the order in which they
//! were first seen.
//!
//! # Cost
//!
//! n log n in the entries, without recursion, whatever the depth.

mod build;
mod flame;
mod meet;
mod text;

use std::io;

use super::json::Json;
use super::query::Query;
use super::search::{Page, search};
use super::tally::millis;
use crate::index::{Column, Index};
use crate::time::Time;

pub use flame::{flame_svg, write_folded};
pub use text::{Shape, write_tree};

/// What the nodes of a tree are, and how parents were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Spans, by the parent span that they name.
    Spans,
    /// Names of a column, by what they begin with.
    Names(Column),
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The number of its name in the tree's column.
    pub(super) name: u32,
    /// The number of the service that was first seen in it; 0 for none.
    pub(super) service: u32,
    /// The entry that was first seen in it.
    pub first_entry: u32,
    /// Its parent's position among the nodes.
    pub parent: Option<u32>,
    /// How many nodes there are above it.
    pub depth: u32,
    /// How many nodes there are below it, itself included.
    pub size: u32,
    /// Entries of its own.
    pub entries: u32,
    /// Those of them that are errors or fatal.
    pub errors: u32,
    /// The number of the parent's name, where the parent has no entries.
    pub(super) missing: u32,
    /// Whether its parent was dropped, because it led in a circle.
    pub cycle: bool,
    /// The earliest and the latest time of its entries and of all below it.
    pub span: Option<(Time, Time)>,
    /// Nanoseconds of that which no child covers.
    pub self_nanos: u64,
}

impl Node {
    /// How long it lasted, in nanoseconds.
    pub fn nanos(&self) -> u64 {
        self.span.map_or(0, |(first, last)| last.nanos().abs_diff(first.nanos()))
    }

    /// Whether its parent has no entries.
    pub fn is_orphan(&self) -> bool {
        self.missing != 0
    }
}

/// A hierarchy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// What its nodes are.
    pub method: Method,
    /// Its nodes, each before those below it: depth first, siblings in the order in which they were first seen.
    pub nodes: Vec<Node>,
    /// Entries that belong to no node.
    pub outside: u32,
}

/// The hierarchy of the entries that fit a query. `column` asks for nodes by names of it; without it, spans, threads
/// and correlations are tried in this order.
///
/// # Errors
/// What reading the files or a saved index gives.
pub fn tree(index: &Index, query: &Query, column: Option<Column>) -> io::Result<Tree> {
    let entries = search(index, query, Page::ALL)?.entries;
    build::build(index, &entries, column)
}

impl Tree {
    /// The column whose names the nodes have.
    pub fn column(&self) -> Column {
        match self.method {
            Method::Spans => Column::Span,
            Method::Names(column) => column,
        }
    }

    /// The name of a node.
    ///
    /// # Errors
    /// What reading a saved index gives.
    pub fn name<'i>(&self, index: &'i Index, node: &Node) -> io::Result<&'i [u8]> {
        Ok(index.names(self.column())?.get(node.name))
    }

    /// The service of a node, if it has one.
    ///
    /// # Errors
    /// What reading a saved index gives.
    pub fn service<'i>(&self, index: &'i Index, node: &Node) -> io::Result<Option<&'i [u8]>> {
        Ok(if node.service == 0 { None } else { Some(index.names(Column::Service)?.get(node.service)) })
    }

    /// How many roots there are.
    pub fn roots(&self) -> usize {
        self.nodes.iter().filter(|node| node.parent.is_none()).count()
    }

    /// The node with the longest self time, the first of equals; none, if none lasted.
    pub fn bottleneck(&self) -> Option<usize> {
        let longest = self.nodes.iter().map(|node| node.self_nanos).max().filter(|&nanos| nanos > 0)?;
        self.nodes.iter().position(|node| node.self_nanos == longest)
    }

    /// The tree as JSON: what it is, and its first nodes, depth first, each with the position of its parent among them.
    ///
    /// # Errors
    /// What reading a saved index gives.
    pub fn json(&self, index: &Index, limit: usize) -> io::Result<Json> {
        let names = index.names(self.column())?;
        let services = index.names(Column::Service)?;
        let name = |names: &crate::index::Names, id: u32| {
            if id == 0 { Json::Null } else { Json::text(names.get(id)) }
        };
        let nodes = self.nodes.iter().take(limit).map(|node| {
            Json::object([
                ("name", name(names, node.name)),
                ("service", name(services, node.service)),
                ("parent", node.parent.into()),
                ("depth", node.depth.into()),
                ("entries", node.entries.into()),
                ("errors", node.errors.into()),
                ("start", node.span.map(|(start, _)| start).into()),
                ("duration_ms", millis(node.nanos()).into()),
                ("self_ms", millis(node.self_nanos).into()),
                ("missing_parent", name(names, node.missing)),
                ("cycle", node.cycle.into()),
            ])
        });
        let nodes: Vec<Json> = nodes.collect();
        let count = |is: fn(&Node) -> bool| self.nodes.iter().filter(|node| is(node)).count();
        let method = match self.method {
            Method::Spans => "parent spans".to_owned(),
            Method::Names(column) => format!("names of column {column}"),
        };
        let deepest = self.nodes.iter().map(|node| node.depth).max();
        let answer = Json::object([
            ("method", method.into()),
            ("total", self.nodes.len().into()),
            ("roots", self.roots().into()),
            ("orphans", count(Node::is_orphan).into()),
            ("cycles", count(|node| node.cycle).into()),
            ("deepest", deepest.into()),
            ("entries_outside", self.outside.into()),
            ("bottleneck", self.bottleneck().into()),
        ]);
        Ok(answer
            .with("nodes", Json::List(nodes))
            .with("nodes_not_shown", self.nodes.len().saturating_sub(limit)))
    }
}
