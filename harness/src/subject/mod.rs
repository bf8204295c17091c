//! What is linked into a measured binary: scenarios, the measuring loop, the instruments.
//!
//! A measured binary declares its [`Scenario`]s and hands them to [`visit::main`]. A scenario works
//! on a [`Corpus`], is prepared outside the measured part, and gives an answer to each of its
//! queries, which is checked in every visit.
//!
//! ```
//! use harness::answer::{Answer, Digest};
//! use harness::subject::{Corpus, Error, Expectation, Scenario, Work};
//!
//! /// Sums the bytes of a file that was read before the clock started.
//! struct Sum(Vec<u8>);
//!
//! impl Work for Sum {
//!     type Output = u64;
//!     fn run(&mut self, _query: usize) -> Result<u64, Error> {
//!         Ok(self.0.iter().map(|&byte| u64::from(byte)).sum())
//!     }
//!     fn answer(&self, sum: &u64) -> Answer {
//!         Digest::new().number(*sum).finish()
//!     }
//! }
//!
//! let scenario = Scenario::new("sum/bytes", "bytes", "adds up the bytes of a file")
//!     .expecting(|corpus: &Corpus| {
//!         let bytes = corpus.read()?;
//!         let sum = bytes.iter().fold(0, |sum, &byte| sum + u64::from(byte));
//!         Ok(Expectation {
//!             bytes: bytes.len() as u64,
//!             records: 1,
//!             answers: vec![Digest::new().number(sum).finish()],
//!         })
//!     })
//!     .working(|corpus: &Corpus| Ok(Sum(corpus.read()?)));
//! assert_eq!(scenario.name, "sum/bytes");
//! ```

mod clock;
mod command;
mod count;
#[cfg(feature = "dhat")]
mod heap;
mod json;
mod latency;
pub mod profile;
mod rss;
mod scenario;
mod series;
mod usage;
pub mod visit;

pub use clock::{Batch, Cell, Prepared};
#[cfg(feature = "dhat")]
pub use dhat::Alloc as DhatAllocator;
pub use latency::{Arrived, Pace};
pub use scenario::{Corpus, Error, Expectation, Scenario, Unsuited, Work};
