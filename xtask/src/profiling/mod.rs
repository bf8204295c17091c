//! Profiles of cells: CPU time by pprof or perf, the heap by dhat, resident memory over time. Never of a timed process.

pub mod cells;
mod files;
pub mod perf;

pub use files::{Files, kept};
