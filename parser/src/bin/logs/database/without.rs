//! Databases, in a build that cannot read them.

use std::convert::Infallible;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::path::Path;

use super::Choice;
use super::to_db::Target;

const REMEDY: &str = "this `logs` was built without SQLite; build it with: cargo build --release -p parser --bin logs \
                      --features sqlite";

fn unsupported() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, REMEDY)
}

/// None is known here: they are refused like all that is no log.
pub(crate) fn is_database(_: &OsStr) -> bool {
    false
}

pub(crate) fn read_lines(
    _: &OsStr,
    _: &Choice,
    _: impl FnOnce(&[&str], &mut dyn Read) -> io::Result<()>,
) -> io::Result<u64> {
    Err(unsupported())
}

pub(super) fn tables(_: &OsStr) -> io::Result<Vec<String>> {
    Err(unsupported())
}

/// There is none.
pub(super) struct Tables(Infallible);

impl Tables {
    pub(super) fn make(_: &Target) -> io::Result<Self> {
        Err(unsupported())
    }

    pub(super) fn add(&mut self, _: &OsString, _: &mut crate::inputs::BadLines) -> io::Result<()> {
        match self.0 {}
    }

    pub(super) fn finish(self, _: &Path) -> io::Result<(u64, String)> {
        match self.0 {}
    }
}
