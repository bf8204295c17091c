//! Scenarios, instruments, samples, statistics and labels.
//!
//! The crate has two faces, each behind a feature:
//!
//! * `subject` is linked into the binary that is measured. It declares scenarios, owns the
//!   measuring loop and the instruments, and speaks the visit protocol. It is small on purpose,
//!   since it is compiled once per variant.
//! * `judge` never meets a measured binary. It holds the experiment's design, the statistics,
//!   the labels, and the wire types of a run (`manifest.json`, `samples.jsonl`, `results.json`).
//!
//! Neither knows what is measured: nothing about logs is in here.

pub mod answer;
#[cfg(feature = "judge")]
pub mod judge;
#[cfg(feature = "subject")]
pub mod subject;

/// Version of the protocol between the judge and a measured binary (see `subject::visit`).
///
/// A measured binary answers `describe` with it. The judge understands this version and the one before.
pub const PROTOCOL: u32 = 3;

/// Most arrivals in one visit of `latency`: a measured binary keeps eight bytes of each until its loop is done.
pub const MOST_ARRIVALS: u64 = 1 << 20;
