//! From what a sampler or dhat wrote to what is told of it.
//!
//! [`stacks`] cuts stacks to the work and folds the allocator's own frames into one; [`shares`] counts what each function
//! took, and what that changed; [`dhat`] reads dhat's file into sites, [`visit`] what a
//! profiled process printed. [`names`] makes names of one function alike.

pub mod dhat;
pub mod names;
pub mod shares;
pub mod stacks;
pub mod visit;
