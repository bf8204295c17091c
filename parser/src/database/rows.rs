//! The rows of a query, read as JSON lines.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rusqlite::Rows;
use rusqlite::types::ValueRef;

use super::Selection;
use super::error::{DatabaseError, Why};
use super::json::Cells;

/// Bytes of lines that are made at a time.
const AT_ONCE: usize = 64 << 10;

/// Rows as JSON lines: see [the module](super). Reading makes them; nothing is written to a disk.
pub struct JsonLines<'s> {
    rows: Rows<'s>,
    /// What stands before each value: the key, and what separates it from the value before.
    keys: Vec<Vec<u8>>,
    cells: Cells,
    without_nulls: bool,
    count: u64,
    ended: bool,
    /// What broke the rows off, until the lines before it were read.
    broken: Option<rusqlite::Error>,
    /// Lines of which the first `taken` bytes were read.
    made: Vec<u8>,
    taken: usize,
    path: PathBuf,
    doing: String,
}

impl<'s> JsonLines<'s> {
    pub(super) fn new<'k>(
        rows: Rows<'s>,
        keys: impl Iterator<Item = &'k str>,
        selection: &Selection,
        path: &Path,
        doing: String,
    ) -> Self {
        let mut cells = Cells::new(!selection.text_as_is);
        let keys = keys.map(|key| {
            let mut opening = vec![b','];
            cells.string(key.as_bytes(), &mut opening);
            opening.push(b':');
            opening
        });
        Self {
            keys: keys.collect(),
            rows,
            cells,
            without_nulls: selection.without_nulls,
            count: 0,
            ended: false,
            broken: None,
            made: Vec::with_capacity(AT_ONCE + AT_ONCE / 4),
            taken: 0,
            path: path.to_owned(),
            doing,
        }
    }

    /// How many rows were read.
    pub fn rows(&self) -> u64 {
        self.count
    }

    /// How many texts were not UTF-8.
    pub fn repaired(&self) -> u64 {
        self.cells.repaired()
    }

    /// Makes the next lines; gives what broke them off once there are none before it.
    fn make(&mut self) -> rusqlite::Result<()> {
        self.made.clear();
        self.taken = 0;
        while !self.ended && self.made.len() < AT_ONCE {
            let row = match self.rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => {
                    self.ended = true;
                    break;
                }
                Err(error) => {
                    self.ended = true;
                    self.broken = Some(error);
                    break;
                }
            };
            let begin = self.made.len();
            for (at, key) in self.keys.iter().enumerate() {
                let value = row.get_ref(at)?;
                if self.without_nulls && value == ValueRef::Null {
                    continue;
                }
                self.made.extend_from_slice(key);
                self.cells.write(value, &mut self.made);
            }
            // The comma before the first key becomes the brace; without a key, there is none.
            match self.made.get_mut(begin) {
                Some(comma) => *comma = b'{',
                None => self.made.push(b'{'),
            }
            self.made.extend_from_slice(b"}\n");
            self.count += 1;
        }
        // Whatever is wrong with a row does not cost those before it.
        if self.made.is_empty() { self.broken.take().map_or(Ok(()), Err) } else { Ok(()) }
    }
}

impl Read for JsonLines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.made.len() {
            self.make().map_err(|error| DatabaseError::new(&self.path, &self.doing, Why::of(error)))?;
        }
        let left = &self.made[self.taken..];
        let length = left.len().min(buffer.len());
        buffer[..length].copy_from_slice(&left[..length]);
        self.taken += length;
        Ok(length)
    }
}
