//! Results as words, tables, charts and one page.
//!
//! Everything here is a pure, deterministic function of [`Results`]: the same results give the same bytes, years
//! later and on another machine. Nothing in here knows what was measured.
//!
//! * [`verdict`](verdict::verdict): which variant to ship, said only as far as the labels carry it.
//! * [`table::terminal`]: the table at the end of a run.
//! * [`summary::markdown`]: `summary.md`, for a pull request or a post.
//! * [`charts`]: pictures as SVG; [`selection`]: of some scenarios and variants alone.
//! * [`html::page`]: all of it on one self-contained page.
//! * [`export()`](export::export): the formats that other tools read.
//! * [`splice()`](splice::splice): any of it between markers in a document.
//! * [`across`]: two runs beside each other.
//! * [`gate`]: what a gate says of a change, for a pull request, a terminal, a test report.
//! * [`calibration`]: what the labels are worth on a machine.
//! * [`repetition::terminal`]: a run and its repetition side by side.
//! * [`profiles`]: where CPU time goes and what becomes of memory, as files for others, pictures and words.
//! * [`gallery`]: the front page of a run that is published.
//! * [`write()`]: the whole `report/` folder of a run.

pub mod across;
mod beside;
pub mod calibration;
pub mod charts;
mod escape;
pub mod export;
mod floor;
mod folder;
pub mod format;
pub mod gallery;
pub mod gate;
pub mod html;
mod legend;
pub mod profiles;
pub mod prose;
mod provenance;
pub mod repetition;
mod row;
pub mod selection;
mod sheet;
pub mod splice;
pub mod summary;
pub mod table;
pub mod verdict;
mod view;

pub use folder::write;

#[cfg(doc)]
use harness::judge::wire::results::Results;
