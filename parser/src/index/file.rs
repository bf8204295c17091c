//! A file that is indexed: what of it was read, and how to know it again.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::chunks::fill_at;
use crate::read::Totals;
use crate::time::Time;

/// A file of an index.
#[derive(Debug)]
pub struct IndexedFile {
    path: PathBuf,
    file: Arc<File>,
    /// The first of its entries.
    pub(super) first: u32,
    /// Its entries.
    pub(super) entries: Range<u32>,
    /// What was read of it.
    pub(super) totals: Totals,
    /// Bytes of it that were read.
    pub(super) size: u64,
    pub(super) modified: Time,
    pub(super) resume: Resume,
}

/// Where reading takes a file up again when it has grown: at its last entry, which may have been written in part only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Resume {
    pub(super) offset: u64,
    /// What was read before that.
    pub(super) before: Totals,
}

impl IndexedFile {
    /// Opens a file whose first entry will be `first`.
    pub(super) fn open(path: &Path, first: u32) -> io::Result<Self> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a directory; name the files in it"));
        }
        if !metadata.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "is a pipe or a device; an index shows entries by reading them again: save it to a file first",
            ));
        }
        Ok(Self {
            path: path.to_owned(),
            file: Arc::new(file),
            first,
            entries: first..first,
            totals: Totals::default(),
            size: metadata.len(),
            modified: metadata.modified().map_or(Time::default(), Time::from),
            resume: Resume::default(),
        })
    }

    /// The path by which it was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was read of it.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// Its entries.
    pub fn entries(&self) -> Range<u32> {
        self.entries.clone()
    }

    /// Bytes of it that were read.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// When it was last written to, as it was when it was opened.
    pub fn modified(&self) -> Time {
        self.modified
    }

    pub(super) fn handle(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }

    /// The same, in an index in which its entries begin elsewhere.
    pub(super) fn again(&self, first: u32) -> Self {
        let (path, file) = (self.path.clone(), self.handle());
        let entries = first..first + (self.entries.end - self.entries.start);
        let Self { totals, size, modified, resume, .. } = *self;
        Self { path, file, first, entries, totals, size, modified, resume }
    }

    /// A checksum of the first and one of the last bytes of what was read, 4 KiB each.
    pub(super) fn digests(&self, size: u64) -> io::Result<[u32; 2]> {
        const ENDS: u64 = 4096;
        let mut buffer = vec![0; ENDS.min(size) as usize];
        let mut digest = |offset| {
            let filled = fill_at(&self.file, &mut buffer, offset)?;
            Ok::<u32, io::Error>(crc32fast::hash(&buffer[..filled]))
        };
        Ok([digest(0)?, digest(size.saturating_sub(ENDS))?])
    }
}
