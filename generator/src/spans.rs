//! Span trees as lines of JSON, a span a line, and the spans that are not complete when their chunk ends.
//!
//! All of it is said of the lines that were written. A span lasts from its first line to the last line of it and of all
//! below it; its self time is what of that none of its children covers; its depth is the number of spans above it.

use std::collections::VecDeque;

use hashbrown::HashMap;

use crate::sayings::hex_word;
use crate::text::{Buffer, decimal, moment};

/// What is told of one span.
pub(crate) struct SpanLine<'a> {
    /// Its trace, where there are such.
    pub(crate) trace: Option<&'a [u8]>,
    pub(crate) id: &'a [u8],
    /// The parent that its lines name, whether that has lines or not.
    pub(crate) parent: Option<&'a [u8]>,
    pub(crate) service: &'a str,
    pub(crate) depth: u32,
    /// Lines of its own.
    pub(crate) records: u32,
    /// Microseconds since 1970.
    pub(crate) start: u64,
    /// In microseconds.
    pub(crate) duration: u64,
    /// In microseconds.
    pub(crate) self_time: u64,
    pub(crate) error: bool,
    /// Whether it erred and none of its children did.
    pub(crate) is_root_cause: bool,
}

impl SpanLine<'_> {
    /// Appends it as a JSON object.
    pub(crate) fn write(&self, out: &mut Buffer) {
        let text = |out: &mut Buffer, opening: &[u8], value: Option<&[u8]>| {
            out.extend_from_slice(opening);
            match value {
                Some(value) => {
                    out.push(b'"');
                    out.extend_from_slice(value);
                    out.push(b'"');
                }
                None => out.extend_from_slice(b"null"),
            }
        };
        let number = |out: &mut Buffer, opening: &[u8], value: u64| {
            out.extend_from_slice(opening);
            match u32::try_from(value) {
                Ok(value) => decimal(out, value),
                Err(_) => out.extend_from_slice(value.to_string().as_bytes()),
            }
        };
        let truth = |out: &mut Buffer, opening: &[u8], value: bool| {
            out.extend_from_slice(opening);
            out.extend_from_slice(if value { b"true" } else { b"false" });
        };
        match self.trace {
            Some(trace) => {
                text(out, br#"{"trace_id":"#, Some(trace));
                text(out, br#","span_id":"#, Some(self.id));
            }
            None => text(out, br#"{"span_id":"#, Some(self.id)),
        }
        text(out, br#","parent_span_id":"#, self.parent);
        text(out, br#","service":"#, Some(self.service.as_bytes()));
        number(out, br#","depth":"#, self.depth.into());
        number(out, br#","records":"#, self.records.into());
        text(out, br#","start":"#, Some(&moment(self.start)));
        number(out, br#","duration_us":"#, self.duration);
        number(out, br#","self_us":"#, self.self_time);
        truth(out, br#","error":"#, self.error);
        truth(out, br#","root_cause":"#, self.is_root_cause);
        out.push(b'}');
    }
}

/// A span of one line whose children may come in a later chunk. Its id is written as `span-%08x`.
#[derive(Clone, Copy)]
pub(crate) struct OpenSpan {
    pub(crate) id: u32,
    pub(crate) parent: Option<u32>,
    /// The number of its record; its children are among the next [`OpenSpans::REACH`].
    pub(crate) record: u64,
    /// Microseconds since 1970, never earlier than that of the span before.
    pub(crate) micros: u64,
    pub(crate) service: &'static str,
    pub(crate) error: bool,
}

/// A span, and what is known of those below it.
struct Node {
    span: OpenSpan,
    depth: u32,
    last: u64,
    /// The children that are complete, each from its start to its end.
    children: Vec<(u64, u64)>,
    child_erred: bool,
    /// Children that are not complete.
    waiting: u32,
    /// Whether no more children can come.
    is_past: bool,
}

/// Spans in the order of the log, until they are complete. Holds those that have a descendant among the last
/// [`OpenSpans::REACH`] records, however long the log is.
#[derive(Default)]
pub(crate) struct OpenSpans {
    nodes: HashMap<u32, Node, foldhash::fast::FixedState>,
    /// The ids and records of those that can still have children.
    recent: VecDeque<(u32, u64)>,
}

impl OpenSpans {
    /// How many records a child can come after its parent.
    pub(crate) const REACH: u64 = 20;

    /// Takes the next span, and writes those that are complete before it.
    pub(crate) fn take(&mut self, span: OpenSpan, out: &mut Buffer) {
        while let Some((id, _)) = self.recent.pop_front_if(|(_, record)| *record + Self::REACH < span.record)
        {
            self.pass(id, out);
        }
        let mut depth = 0;
        if let Some(parent) = span.parent.and_then(|parent| self.nodes.get_mut(&parent)) {
            parent.waiting += 1;
            depth = parent.depth + 1;
        }
        let (last, children) = (span.micros, Vec::new());
        let node = Node { span, depth, last, children, child_erred: false, waiting: 0, is_past: false };
        self.nodes.insert(span.id, node);
        self.recent.push_back((span.id, span.record));
    }

    /// Writes what is left when the log ends.
    pub(crate) fn finish(&mut self, out: &mut Buffer) {
        while let Some((id, _)) = self.recent.pop_front() {
            self.pass(id, out);
        }
    }

    /// A span can have no more children: it is complete if all of its children are, and so may be those above it.
    fn pass(&mut self, id: u32, out: &mut Buffer) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.is_past = true;
        }
        let mut at = Some(id);
        while let Some(id) = at {
            if self.nodes.get(&id).is_none_or(|node| !node.is_past || node.waiting > 0) {
                return;
            }
            let Some(mut node) = self.nodes.remove(&id) else { return };
            node.write(out);
            at = node.span.parent;
            if let Some(parent) = at.and_then(|parent| self.nodes.get_mut(&parent)) {
                parent.waiting -= 1;
                parent.children.push((node.span.micros, node.last));
                parent.last = parent.last.max(node.last);
                parent.child_erred |= node.span.error;
            }
        }
    }
}

impl Node {
    fn write(&mut self, out: &mut Buffer) {
        let span = self.span;
        self.children.sort_unstable();
        let (mut covered, mut to) = (0, span.micros);
        for &(start, end) in &self.children {
            covered += end.max(to) - start.max(to);
            to = to.max(end);
        }
        let name = |id: u32| {
            let mut name = b"span-".to_vec();
            hex_word(&mut name, id);
            name
        };
        let duration = self.last - span.micros;
        let parent = span.parent.map(name);
        let line = SpanLine {
            trace: None,
            id: &name(span.id),
            parent: parent.as_deref(),
            service: span.service,
            depth: self.depth,
            records: 1,
            start: span.micros,
            duration,
            self_time: duration - covered,
            error: span.error,
            is_root_cause: span.error && !self.child_erred,
        };
        line.write(out);
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(record: u64, parent: Option<u32>, micros: u64) -> OpenSpan {
        OpenSpan { id: record as u32, parent, record, micros, service: "s", error: record == 3 }
    }

    #[test]
    fn spans_wait_for_their_children_and_children_overlap() {
        let (mut spans, mut out) = (OpenSpans::default(), Buffer::new());
        // 1 has 2 and 3, which overlap, since 4 is below 2 and later than 3; the parent of 5 is not there.
        for (record, parent, micros) in
            [(1, None, 10), (2, Some(1), 20), (3, Some(1), 30), (4, Some(2), 50), (5, Some(99), 60)]
        {
            spans.take(span(record, parent, micros), &mut out);
        }
        assert!(out.is_empty());
        spans.take(span(100, None, 70), &mut out);
        spans.finish(&mut out);
        assert!(spans.nodes.is_empty());
        let lines: Vec<serde_json::Value> =
            str::from_utf8(&out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let told: Vec<_> = lines
            .iter()
            .map(|line| {
                let number = |key: &str| line[key].as_u64().unwrap();
                (
                    line["span_id"].as_str().unwrap(),
                    number("depth"),
                    number("duration_us"),
                    number("self_us"),
                    line["root_cause"] == true,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("span-00000003", 1, 0, 0, true),
                ("span-00000004", 2, 0, 0, false),
                ("span-00000002", 1, 30, 30, false),
                ("span-00000001", 0, 40, 10, false),
                ("span-00000005", 0, 0, 0, false),
                ("span-00000064", 0, 0, 0, false),
            ]
        );
    }
}
