//! Results as words, tables, charts and one page.
//!
//! Everything here is a pure, deterministic function of [`Results`]: the same results give the same bytes, years
//! later and on another machine. Nothing in here knows what was measured.
//!
//! * [`verdict`](verdict::verdict): which variant to ship, said only as far as the labels carry it.
//! * [`table::terminal`]: the table at the end of a run.
//! * [`summary::markdown`]: `summary.md`, for a pull request or a post.
//! * [`charts`]: pictures as SVG.
//! * [`html::page`]: all of it on one self-contained page.
//! * [`across`]: two runs beside each other.
//! * [`gate`]: what a gate says of a change, for a pull request, a terminal, a test report.
//! * [`calibration`]: what the labels are worth on a machine.
//! * [`repetition::terminal`]: a run and its repetition side by side.
//! * [`write()`]: the whole `report/` folder of a run.

pub mod across;
mod beside;
pub mod calibration;
pub mod charts;
mod escape;
mod folder;
pub mod format;
pub mod gate;
pub mod html;
mod legend;
pub mod prose;
mod provenance;
pub mod repetition;
mod row;
mod sheet;
pub mod summary;
pub mod table;
pub mod verdict;
mod view;

pub use folder::write;

#[cfg(doc)]
use harness::judge::wire::results::Results;
