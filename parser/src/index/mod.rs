//! An index of logs: of each entry where it stands, when it was, and small columns of names. No text is kept.
//!
//! # What it holds
//!
//! An *entry* is a record, numbered from 0 in the order of the files and of the lines in them. The columns ([`Column`])
//! hold for each the number of a name, and every name once. Times and places are packed by blocks. An entry of a JSON
//! log with level, thread, correlation and time takes about 10 bytes; posting lists, which are made when a question
//! first needs them, take up to 2 bytes per entry and column.
//!
//! An entry is shown by reading it again from its file, which stays open. A file that was cut since then gives an
//! error, not other bytes.
//!
//! # Times
//!
//! Entries are ordered by their times; those of one time stay in the order of files and lines. An entry without a
//! time stays with the one before it in its file that has one; those at the start of a file, with the first that has
//! one; a file without any time comes first. Such entries are in no period of time.
//!
//! # Cost
//!
//! A file is read once, in parallel by chunks of 1 MiB. Entries are at most 2^32 − 1, and distinct names of a column
//! at most 4 GiB.

mod build;
mod chunks;
mod column;
mod file;
mod in_turn;
mod names;
mod packed;
mod piece;
mod places;
mod postings;
mod saved;
mod show;
mod template;

use std::io;
use std::sync::OnceLock;

pub use build::{IndexBuilder, Options};
pub use column::Column;
pub(crate) use column::{Ids, level_id};
pub use file::IndexedFile;
pub(crate) use names::Names;
pub(crate) use packed::Packed;
pub(crate) use places::{Moments, Places};
pub(crate) use postings::{List, Postings};

pub use saved::{SAVED, Unusable, saved_path};
pub(crate) use show::Rereader;
pub use show::Shown;
pub(crate) use template::tells;

use crate::time::Time;
use saved::Saved;

/// An index of files. See the [module](self).
pub struct Index {
    files: Vec<IndexedFile>,
    entries: u32,
    places: OnceLock<Places>,
    moments: OnceLock<Moments>,
    ids: [OnceLock<Ids>; Column::ALL.len()],
    names: [OnceLock<Names>; Column::ALL.len()],
    /// Where what is not in memory yet is read from.
    saved: Option<Saved>,
}

/// All that is in an index.
struct Parts {
    places: Places,
    moments: Moments,
    ids: [Packed; Column::ALL.len()],
    names: [Names; Column::ALL.len()],
}

impl Index {
    /// How many entries there are.
    pub fn len(&self) -> u32 {
        self.entries
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// Its files.
    pub fn files(&self) -> &[IndexedFile] {
        &self.files
    }

    /// The number of the file that an entry is in, which is 0 for an entry that there is not.
    pub fn file_of(&self, entry: u32) -> usize {
        self.files.partition_point(|file| file.entries.end <= entry).min(self.files.len().saturating_sub(1))
    }

    /// The entry on a line of a file, by the file's number; none, if that line is no entry's first. Logarithmic.
    ///
    /// # Errors
    /// What reading a saved index gives.
    pub fn at_line(&self, file: usize, line: u64) -> io::Result<Option<u32>> {
        let Some(file) = self.files.get(file) else { return Ok(None) };
        let places = self.places()?;
        let (mut low, mut high) = (file.entries.start, file.entries.end);
        while low < high {
            let middle = low + (high - low) / 2;
            if places.line(middle) < line {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok((low < file.entries.end && places.line(low) == line).then_some(low))
    }

    /// The number of an entry's line in its file, from 1.
    ///
    /// # Errors
    /// What reading a saved index gives.
    pub fn line(&self, entry: u32) -> io::Result<u64> {
        Ok(self.places()?.line(entry))
    }

    /// The time of an entry, if it has one.
    ///
    /// # Errors
    /// What reading a saved index gives.
    pub fn time(&self, entry: u32) -> io::Result<Option<Time>> {
        Ok(self.moments()?.time(entry))
    }

    /// The name that an entry has in a column, if it has one; UTF-8 but for logs that are not.
    ///
    /// # Errors
    /// What reading a saved index gives.
    pub fn name(&self, column: Column, entry: u32) -> io::Result<Option<&[u8]>> {
        let id = self.ids(column)?.get(entry);
        Ok(if id == 0 { None } else { Some(self.names(column)?.get(id)) })
    }

    /// Bytes of memory that its columns, names and posting lists take at present.
    pub fn memory(&self) -> usize {
        let ids = self.ids.iter().filter_map(OnceLock::get);
        let ids = ids.map(|ids| ids.values.bytes() + ids.postings.get().map_or(0, Postings::bytes));
        let names = self.names.iter().filter_map(OnceLock::get).map(Names::memory);
        self.places.get().map_or(0, Places::bytes)
            + self.moments.get().map_or(0, Moments::bytes)
            + ids.chain(names).sum::<usize>()
    }

    pub(crate) fn places(&self) -> io::Result<&Places> {
        self.loaded(&self.places, Saved::places)
    }

    pub(crate) fn moments(&self) -> io::Result<&Moments> {
        self.loaded(&self.moments, Saved::moments)
    }

    pub(crate) fn ids(&self, column: Column) -> io::Result<&Ids> {
        if let Some(ids) = self.ids[column as usize].get() {
            return Ok(ids);
        }
        let names = self.names(column)?.len();
        self.loaded(&self.ids[column as usize], |saved| saved.ids(column, names))
    }

    /// The names of a column.
    pub(crate) fn names(&self, column: Column) -> io::Result<&Names> {
        let column = column.names_of();
        self.loaded(&self.names[column as usize], |saved| saved.names(column))
    }

    fn loaded<'a, T>(
        &'a self,
        place: &'a OnceLock<T>,
        load: impl FnOnce(&Saved) -> io::Result<T>,
    ) -> io::Result<&'a T> {
        if let Some(there) = place.get() {
            return Ok(there);
        }
        let Some(saved) = &self.saved else {
            return Err(io::Error::other("the index lacks a column"));
        };
        let loaded = load(saved)?;
        Ok(place.get_or_init(|| loaded))
    }

    fn from_parts(files: Vec<IndexedFile>, parts: Parts) -> Self {
        let Parts { places, moments, ids, names } = parts;
        let entries = places.offsets.len() as u32;
        let counts = Column::ALL.map(|column| names[column.names_of() as usize].len());
        let mut counts = counts.into_iter();
        let ids = ids.map(|values| OnceLock::from(Ids::new(values, counts.next().unwrap_or(0))));
        Self {
            files,
            entries,
            places: OnceLock::from(places),
            moments: OnceLock::from(moments),
            ids,
            names: names.map(OnceLock::from),
            saved: None,
        }
    }

    fn into_parts(self) -> io::Result<Parts> {
        self.places()?;
        self.moments()?;
        for column in Column::ALL {
            self.ids(column)?;
        }
        let Self { places, moments, ids, names, .. } = self;
        Ok(Parts {
            places: places.into_inner().unwrap_or_default(),
            moments: moments.into_inner().unwrap_or_default(),
            ids: ids.map(|ids| ids.into_inner().map(|ids| ids.values).unwrap_or_default()),
            names: names.map(|names| names.into_inner().unwrap_or_default()),
        })
    }
}

#[cfg(test)]
mod tests;
