//! A tree as spans.

use std::io::{self, Write};

use super::super::tree::Tree;
use super::identifier;
use super::writer::{Attribute, Span, Writer};
use crate::index::{Column, Index};

/// Writes a tree as a JSON document of OTLP; see [the module](super) for what becomes what. How many spans it has.
///
/// It takes 24 bytes for each node beside the tree, and n log n.
///
/// # Errors
/// What reading a saved index, or writing, gives.
pub fn write_tree_otlp(tree: &Tree, index: &Index, out: &mut dyn Write) -> io::Result<usize> {
    let (times, roots) = (times(tree), roots(tree));
    let mut by_service: Vec<u32> = (0..tree.nodes.len() as u32).collect();
    // Stable: within a service in the order of the tree.
    by_service.sort_by_key(|&at| tree.nodes[at as usize].service);
    let mut writer = Writer::new(out)?;
    for of_service in
        by_service.chunk_by(|&a, &b| tree.nodes[a as usize].service == tree.nodes[b as usize].service)
    {
        let first = &tree.nodes[of_service[0] as usize];
        writer.begin_service(tree.service(index, first)?)?;
        for &at in of_service {
            let at = at as usize;
            write_node(tree, index, at, roots[at], times[at], &mut writer)?;
        }
        writer.end_service()?;
    }
    writer.end()?;
    Ok(tree.nodes.len())
}

/// When each node begins and ends: without a time, when the one above begins.
fn times(tree: &Tree) -> Vec<(i64, i64)> {
    let mut times: Vec<(i64, i64)> = Vec::with_capacity(tree.nodes.len());
    for node in &tree.nodes {
        times.push(match (node.span, node.parent) {
            (Some((start, end)), _) => (start.nanos(), end.nanos()),
            // A parent stands before those below it.
            (None, Some(parent)) => times.get(parent as usize).map_or((0, 0), |&(start, _)| (start, start)),
            (None, None) => (0, 0),
        });
    }
    times
}

/// The root above each node.
fn roots(tree: &Tree) -> Vec<u32> {
    let mut roots: Vec<u32> = Vec::with_capacity(tree.nodes.len());
    for (at, node) in tree.nodes.iter().enumerate() {
        let above = node.parent.and_then(|parent| roots.get(parent as usize).copied());
        roots.push(above.unwrap_or(at as u32));
    }
    roots
}

fn write_node(
    tree: &Tree,
    index: &Index,
    at: usize,
    root: u32,
    (start, end): (i64, i64),
    writer: &mut Writer<'_>,
) -> io::Result<()> {
    let node = &tree.nodes[at];
    let own = tree.name(index, node)?;
    let trace = match index.name(Column::Trace, node.first_entry)? {
        Some(name) => name,
        // All below one root are one trace.
        None => tree.name(index, &tree.nodes[root as usize])?,
    };
    let parent = match node.parent {
        Some(parent) => Some(tree.name(index, &tree.nodes[parent as usize])?),
        None if node.is_orphan() => Some(index.names(tree.column())?.get(node.missing)),
        None => None,
    };
    let (trace_id, id) = (identifier::trace(trace), identifier::span(own));
    let parent_id = parent.map(identifier::span);
    let name = index.name(Column::Template, node.first_entry)?.unwrap_or(own);
    let mut attributes = vec![
        ("log.entries", Attribute::Whole(node.entries.into())),
        ("log.errors", Attribute::Whole(node.errors.into())),
        ("log.self_time_ns", Attribute::Whole(node.self_nanos)),
    ];
    let originals = [
        ("log.trace_id", trace_id.made, Some(trace)),
        ("log.span_id", id.made, Some(own)),
        ("log.parent_span_id", parent_id.is_some_and(|id| id.made), parent),
    ];
    for (key, _, original) in originals.into_iter().filter(|(_, made, _)| *made) {
        attributes.extend(original.map(|original| (key, Attribute::Text(original))));
    }
    for (key, _) in
        [("log.untimed", node.span.is_none()), ("log.cycle", node.cycle)].iter().filter(|(_, is)| *is)
    {
        attributes.push((key, Attribute::True));
    }
    writer.begin_span(&Span {
        trace: trace_id.id,
        id: id.id,
        parent: parent_id.map(|id| id.id),
        name: &String::from_utf8_lossy(name),
        start,
        end,
        has_failed: node.errors > 0,
        attributes: &attributes,
    })?;
    writer.end_span()
}
