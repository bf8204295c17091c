//! Seeded, deterministic log corpora, and the truth about them.
//!
//! A corpus is a log and its [`Truth`]: facts added up while the log was drawn. The same [`Spec`] gives the same bytes on
//! every platform and in every release with the same [`FORMAT_VERSION`].
//!
//! ```
//! use generator::{Shape, Spec, generate};
//!
//! let spec = Spec::new(Shape::Cdn, 42, 1000);
//! let mut log = Vec::new();
//! let truth = generate(&spec, &mut log)?;
//! truth.write_json(&mut std::io::stdout())?;
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # How it works
//!
//! - All draws come from `ChaCha8` under a key made of shape and seed, in integers only: weighted choice by the alias method,
//!   Zipf's law by blocks of ranks. No floating point takes part.
//! - The stream is cut into chunks. Chunk `i` has the cipher's stream `i` to itself, and time, ids and line numbers follow
//!   from its number, so chunks do not depend on each other.
//! - A record is drawn first, as facts; the truth counts these, and the line is written from them. Nothing is parsed.
//!
//! # Cost
//!
//! See the folder's `README.md` for the shapes, where their weights come from, and measured speed and memory.

mod about;
mod access;
mod app;
mod arrivals;
mod batch;
mod cdn;
mod clients;
mod columns;
mod counts;
pub mod damage;
mod delivery;
mod draws;
mod files;
mod flat;
mod jobs;
mod knobs;
mod logfmt;
mod lognormal;
mod mixed;
mod orders;
mod page;
mod pending;
pub mod quantity;
mod ready;
mod sayings;
mod spans;
mod spec;
mod stream;
mod syslog;
mod text;
mod textlog;
mod threads;
mod trouble;
mod truth;
mod weights;
mod zipf;

pub use about::{About, Lines};
pub use damage::Damage;
pub use delivery::{Encoder, Manner, Outputs, Rate, Written};
pub use files::{Places, Unnamed, write_files};
#[cfg(feature = "sqlite")]
pub use jobs::database::write_database;
pub use knobs::{Kind, Knob, Knobs, WrongKnob};
pub use pending::remove_unfinished;
pub use spec::{Shape, Spec, UnknownShape};
pub use stream::{generate, generate_to, records_within};
pub use trouble::Trouble;
pub use truth::Truth;

/// The version of the corpora: raised whenever the bytes or the truth of any spec change on purpose.
pub const FORMAT_VERSION: u32 = 4;

/// The most records that a corpus can have: 2^32, so that every sum in the truth fits 64 bits.
pub const MAX_RECORDS: u64 = 1 << 32;

/// The known name that is nearest to a wrong one, if any is near enough to have been meant.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // The measure takes time in the product of the lengths.
    if wrong.len() > 64 {
        return None;
    }
    (known.into_iter())
        .map(|name| (strsim::damerau_levenshtein(wrong, name), name))
        .filter(|(distance, name)| *distance <= name.len().min(wrong.len()).div_ceil(3))
        .min()
        .map(|(_, name)| name)
}
