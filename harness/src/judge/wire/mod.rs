//! What a run stores: the wire types of `manifest.json`, `samples.jsonl` and `results.json`; and
//! `gate.json`, the files of a gate's history, `calibration.json`.
//!
//! Each file carries a schema name and version. Reading refuses a newer version than this build
//! knows, with the reason; fields that a version does not know are an error, not a guess.

pub mod calibration;
pub mod gate;
pub mod history;
pub mod machine;
pub mod manifest;
pub mod profile;
pub mod results;
pub mod sample;

use serde::{Deserialize, Serialize};
use std::fmt;

/// The name and version of a stored file's schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Schema {
    /// For example `assay.results`.
    pub name: String,
    /// Counts up when a reader of the version before would misread the file.
    pub version: u32,
}

impl Schema {
    /// The schema called `name` at `version`.
    pub fn new(name: &str, version: u32) -> Self {
        Self { name: name.to_owned(), version }
    }

    /// Is a file that carries this schema readable as `expected`?
    ///
    /// # Errors
    /// Another schema, or a newer version than this build knows.
    pub fn check(&self, expected: &str, newest: u32) -> Result<(), SchemaMismatch> {
        if self.name == expected && self.version <= newest {
            return Ok(());
        }
        Err(SchemaMismatch { found: self.clone(), expected: expected.to_owned(), newest })
    }
}

/// A stored file is of another schema, or of a newer version, than asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaMismatch {
    found: Schema,
    expected: String,
    newest: u32,
}

impl fmt::Display for SchemaMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Schema { name, version } = &self.found;
        if *name == self.expected {
            write!(
                f,
                "it is {name} version {version}, and this build reads up to version {}: \
                 use a newer build of this tool",
                self.newest
            )
        } else {
            write!(f, "it is a file of schema {name:?}, and {:?} was expected", self.expected)
        }
    }
}

impl std::error::Error for SchemaMismatch {}
