//! What is read: a file that can be read at any place, or a stream.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};

use crate::inputs;

/// A source of lines.
pub(crate) enum Source {
    /// A file that several threads may read.
    File(File),
    Stream(Box<dyn Read>),
}

impl Source {
    /// Opens a file, or standard input for `-`.
    pub(crate) fn open(name: &OsStr) -> io::Result<Self> {
        if name != "-" {
            let file = File::open(name)?;
            if file.metadata()?.is_file() {
                return Ok(Self::File(file));
            }
        }
        inputs::open(name).map(Self::Stream)
    }
}
