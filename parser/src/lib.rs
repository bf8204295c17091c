//! Reads logs: counts, searches and tallies them, fast and exactly.
//!
//! [`Counter`] counts a CDN's requests, [`GroupCounter`] records of any kind by any of their fields; [`Searcher`] finds
//! the records that an [`Expression`] holds for. All read one file on several threads, or several files
//! [`together`](mod@together), with the same answer.
//!
//! Each question has two readers that give the same answer. The fast one ([`count`], [`search()`], [`tally()`])
//! reads chunks that stay in cache and predicts the keys of each line; the plain one (`plain`, behind the
//! feature of that name) is short and slow, built on `serde_json`, and is the oracle of the tests.
//!
//! Many questions to one log are asked of an [`Index`]: [`mod@investigate`] has them.
//!
//! # What a record is
//!
//! Input is a sequence of lines, each ended by a line feed or by the end of the input. One carriage return before
//! the line feed belongs to the line's end. What is left is
//!
//! * **blank**, if it holds nothing but spaces, tabs, carriage returns and NULs, after colours and the name of a container:
//!   neither a record nor bad;
//! * a **record**, if it is one JSON object by the grammar of RFC 8259, with white space around it or without, and
//!   nothing else, or a line of another [`Format`]. NULs before it are dropped (`copytruncate` leaves them), as is a UTF-8
//!   byte-order mark at the very start of the input;
//! * part of the record before it, if it is of no format and that record is of one whose records may have several lines:
//!   [`Format::Text`], [`Format::Nginx`], [`Format::Apache`], [`Format::Postgres`]. So is an indented line, and the second of
//!   the two lines of `java.util.logging`, `LEVEL: message` after a time and a class. Together they are no longer than
//!   [`Limits::line`];
//! * **bad** otherwise: reported as a [`BadLine`], never stopping the run nor costing another line.
//!
//! Which format a line is of depends on itself alone, so lines of several can be mixed. One that is of no format is looked
//! at again without the colours of a terminal and the name of a container that docker-compose puts before it. Of no format
//! then either, it is part of the record before it if that came from the same container or from none, and if not, a record
//! of text: where containers write in turn, what one of them says on several lines is torn apart.
//!
//! One that a container runtime of Kubernetes collected is read without the time, the stream and the tag before it; an
//! object, without a time alone, as `docker logs --timestamps` puts it there. That time is its own unless it tells one
//! with its date and its year (JSON and pairs: under any key of a time). It is never bad: of no format, it is a record of
//! text, or part of the record before it if it is blank or indented and that came from the same stream. So the frames of
//! a trace stay together, and what is not indented stands by itself.
//!
//! JSON's grammar leaves three things open, decided here: the whole line must be UTF-8; a `\u` escape of half a
//! surrogate pair is bad wherever it stands, since no text has it; a number may have any size. Nesting is as deep
//! as the line is long. Of two equal keys the later wins, and keys are compared after their escapes are decoded.
//! Only the keys of the outermost object are fields; those of objects in it are asked for by [names with
//! dots](Columns::column). A line longer than [`Limits::line`] is bad and is skipped
//! without being held in memory.
//!
//! Input that is not lines of text at all (UTF-16, a JSON array, an object spread over lines, a database, an archive) is
//! refused with a [`Refusal`] that says how to convert it. A [`Reader`] refuses compressed input too;
//! [`input::Source`] decompresses it. Tables of databases are read by `database`, behind the feature `sqlite`.
//!
//! # How the fast path works
//!
//! [`Reader`] fills a chunk with whole lines. Each line is read by hopping from key to key: what stands between two
//! values is predicted from the last few and compared, and the value is scanned by its own grammar. A prediction that
//! fails is looked up among all keys that were seen. Whatever is not plain (escapes, odd white space, deep nesting) goes
//! through a general walker, which validates it in full. Lines of access logs and of logfmt are cut up by bits that
//! are found for a whole block at once, as long as they are like the line before; those of other formats, and odd ones,
//! go through the general reader of their format. What is not ASCII is checked for UTF-8 while it is in cache: a string of
//! JSON, or else the line. Only wanted fields are kept, as offsets into the chunk; nothing is allocated per record.

/// What the name of a saved index ends with. It lies beside its log and is no log, for those who make no index too.
#[cfg(any(all(feature = "glob", any(feature = "gzip", feature = "zstd")), feature = "investigate"))]
const SAVED_INDEX: &str = "logsidx";

mod address;
mod agent;
mod answer;
mod bad;
mod blocks;
mod clients;
pub mod count;
#[cfg(feature = "sqlite")]
pub mod database;
pub mod expression;
mod field;
mod format;
pub mod groups;
#[cfg(feature = "investigate")]
pub mod index;
#[cfg(any(feature = "gzip", feature = "zstd"))]
pub mod input;
#[cfg(feature = "investigate")]
pub mod investigate;
mod json;
mod level;
mod names;
mod read;
mod refusal;
pub mod search;
mod segments;
mod sketch;
pub mod tally;
mod time;
pub mod together;
mod value;

#[cfg(feature = "plain")]
pub mod plain;

pub use agent::{Agent, Versions};
pub use answer::{Count, Day, Dimension, Unknown, Uses, write_json_string};
pub use bad::{BadLine, Reason};
pub use blocks::Limits;
pub use count::{Counter, Counting, Interval};
pub use expression::{Column, Columns, Expression, Matcher, MatcherError, SyntaxError, TooManyColumns, When};
pub use field::{Field, Fields};
pub use format::{Format, Formats, begins_record};
#[cfg(feature = "pattern")]
pub use format::{Pattern, PatternError};
pub use groups::{Group, GroupCounter, Grouping, Groups, Key, KeyError};
#[cfg(feature = "investigate")]
pub use index::{Index, IndexBuilder};
pub use level::Level;
pub use read::{Reader, Record, Totals};
pub use refusal::Refusal;
pub use search::{Filter, Found, Match, Searcher, search};
pub use segments::{SPLIT_FROM, all_threads};
pub use sketch::STANDARD_ERROR;
pub use tally::{Tally, tally, tally_file};
pub use time::{Clock, Time, Times};
pub use value::{Text, Value};
