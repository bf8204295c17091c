//! From samples to labels: the design of the experiment, the statistics, and what a run stores.
//!
//! The order of use is the flow of a run: [`order`] says in which order variants are visited,
//! [`protocol`] reads what a visit printed, [`wire`] holds what is stored, and [`evaluate`] makes
//! `results.json` from the manifest and the samples by [`stats`] and [`label`]. [`gate`] decides on
//! a change by the results of all its runs, [`history`] follows many of them by [`steps`], and [`across`] sets two runs beside
//! each other. [`pairwise`] judges the variants of a run against each other. [`profile`] makes of stacks and sites what is
//! told of them. [`calibrate`] and [`simulate`] count how often all this is right, on a machine and on made-up runs. Everything
//! here is pure: no clock, no file, no process.

pub mod across;
mod beside;
pub mod budget;
pub mod calibrate;
pub mod evaluate;
pub mod exact;
mod facts;
pub mod gate;
pub mod history;
pub mod label;
pub mod ledger;
pub mod machine;
pub mod order;
pub mod pairwise;
pub mod profile;
pub mod protocol;
pub mod repetition;
pub mod simulate;
pub mod stats;
pub mod steps;
pub mod wire;
