//! Profiles of cells: CPU time by pprof or perf, the heap by dhat, resident memory over time. Never of a timed process.

mod cells;
mod files;
mod perf;
mod taking;

pub use files::{Files, kept};
pub use taking::Taking;
