//! The statistics: pure functions on samples, each with its source and known answers.

pub mod fdr;
pub mod histogram;
pub mod rank;
pub mod sign;
pub mod summary;
