//! Runs whose truth is known: made-up noise, made-up changes, and what the labels and the gate say of them.
//!
//! A made-up run is judged by the very functions that judge a real one, from samples and a manifest to labels, so that
//! their promises can be counted: how often the same is told apart, which changes are found, what an interval covers, how
//! often a gate stops a change that is none. `harness/tests/simulation.rs` asserts the promises;
//! `cargo run --release --package harness --example simulate --features judge` prints the tables of `reports/simulation.md`.
//!
//! Everything follows from a seed. Cost: a run of 60 scenarios with 20 blocks takes some milliseconds, optimised.

pub mod gate;
pub mod noise;
pub mod run;

pub use noise::Noise;
pub use run::{MadeUp, Tally};
