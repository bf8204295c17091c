//! Trees and timelines as traces of OpenTelemetry, in the JSON encoding of OTLP, so that a trace viewer opens them.
//!
//! The form is `TracesData` of opentelemetry-proto 1.x in its JSON mapping
//! (<https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>): identifiers in hexadecimal, 64-bit numbers as
//! strings, a resource for each service.
//!
//! # What becomes a span
//!
//! *Of a tree*: each node. It lasts as the node does, with all below it. Its name is the template of its first entry's
//! message (masked numbers, so that equal work has equal names), else the node's own; its status is error where
//! entries of its own are errors. A node without any time has that of the nearest above it that has one, and no
//! length; else time 0; the attribute `log.untimed` tells. Where the nodes are no spans, the trace is that of the
//! first entry, else made of the root's name. A parent that has no entries is still named, as in any trace that lacks
//! a part; one that led in a circle is not.
//!
//! *Of a timeline*: one span for all of it, below it one for each service from its first to its last entry, and in
//! these an event for each entry that has a time, with its level and message. The trace is that of the first entry
//! that has one, else made of the entries' correlation or position.
//!
//! # Identifiers
//!
//! OTLP wants 16 bytes for a trace and 8 for a span. An identifier of as many hexadecimal digits, with hyphens or
//! without, and not all noughts, is that; of any other, and of names, it is the FNV-1a hash of its bytes in 128 or 64
//! bits (Fowler, Noll, Vo; RFC 9923), so that the same name is the same identifier in every export. The original is an
//! attribute then: `log.trace_id`, `log.span_id`, `log.parent_span_id`.

mod identifier;
mod timeline;
mod tree;
mod writer;

pub use timeline::write_timeline_otlp;
pub use tree::write_tree_otlp;
