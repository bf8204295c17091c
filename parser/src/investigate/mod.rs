//! Investigates logs by an [`Index`](crate::Index): finds, follows, sums up, compares.
//!
//! Each operation is a function of an index that gives an answer as a value; the answer writes itself as text and
//! becomes [`Json`], which can be cut to a budget of bytes. What counts as a match, how ties are ordered, what a
//! missing time means and what it costs stands with each operation. Of the order of entries and of times see
//! [`crate::index`].

pub mod bottlenecks;
pub mod compare;
pub mod diff;
mod entries;
pub mod errors;
mod follow;
mod ids;
mod json;
mod lines;
pub mod metrics;
pub mod otlp;
pub mod patterns;
mod query;
pub mod sample;
pub mod search;
mod summary;
mod tally;
pub mod timeline;
pub mod tree;

pub use bottlenecks::{Bottlenecks, bottlenecks};
pub use compare::{Comparison, compare};
pub use diff::{TreeDiff, diff};
pub use entries::{Detail, entries_json, write_entries, write_near};
pub use errors::{ErrorFlow, errors};
pub use follow::{Followed, follow};
pub use ids::{Id, ids};
pub use json::Json;
pub use metrics::{Metric, metrics};
pub use patterns::{Pattern, patterns};
pub use query::Query;
pub use sample::{Sample, Strategy, sample};
pub use search::{Found, Near, Page, search, with_context};
pub use summary::{Summary, summary};
pub use tally::{Tally, top};
pub use timeline::{Timeline, timeline};
pub use tree::{Tree, tree};
