//! The plain, slow, obvious reader: one line at a time through `serde_json`, everything else from `std`.
//!
//! It answers what [`crate::Counter`], [`crate::search()`], [`crate::tally()`] and [`crate::investigate`] answer, from the same definitions
//! and from code of its own: only the types of the answers, the names of levels and the rules of [`crate::Refusal`]
//! are shared. It is the oracle of the tests and a rival in the benches.

mod agent;
mod count;
mod expression;
mod format;
#[cfg(feature = "investigate")]
pub mod investigate;
mod lines;
mod recognise;
mod search;
mod tally;
pub mod values;

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, DefaultHasher};

/// std's tables with std's hash under a key that is always the same, so that the same input takes the same instructions.
type Map<K, V> = HashMap<K, V, BuildHasherDefault<DefaultHasher>>;
type Set<T> = HashSet<T, BuildHasherDefault<DefaultHasher>>;

pub use count::{count, count_within};
pub use search::{search, search_within};
pub use tally::{tally, tally_within};
