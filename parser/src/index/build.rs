//! Builds an index: files read in pieces by several threads, joined in their order.

use std::fs::File;
use std::io;
use std::path::Path;
use std::thread;

use super::chunks::{CHUNK, Chunk, Chunks};
use super::column::Column;
use super::file::{IndexedFile, Resume};
use super::in_turn::in_turn;
use super::names::Names;
use super::packed::Packer;
use super::piece::{Lines, Piece, PieceReader};
use super::places::{MomentsBuilder, Places, Runs};
use super::{Index, Parts};
use crate::bad::BadLine;
use crate::blocks::Limits;
use crate::read::Totals;
use crate::time::Clock;

/// How an index is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The longest line that is read.
    pub limits: Limits,
    /// Threads that read; at least 1.
    pub threads: usize,
}

impl Default for Options {
    /// [`Limits::default`], and a thread for each processor.
    fn default() -> Self {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        Self { limits: Limits::default(), threads }
    }
}

/// Builds an index of one file after another.
///
/// Each file is read once, from its start to where it ended when it was opened. Beside the columns, it holds a
/// mebibyte and its entries per thread at a time.
pub struct IndexBuilder {
    options: Options,
    files: Vec<IndexedFile>,
    offsets: Packer,
    lengths: Packer,
    run_entries: Packer,
    run_lines: Packer,
    /// The line after that of the last entry.
    next_line: u64,
    moments: MomentsBuilder,
    ids: [Packer; Column::ALL.len()],
    names: [Names; Column::ALL.len()],
}

impl IndexBuilder {
    /// An index of no file yet.
    pub fn new(options: Options) -> Self {
        Self {
            options,
            files: Vec::new(),
            offsets: Packer::default(),
            lengths: Packer::default(),
            run_entries: Packer::default(),
            run_lines: Packer::default(),
            next_line: 0,
            moments: MomentsBuilder::new(),
            ids: Default::default(),
            names: Column::ALL.map(Column::first_names),
        }
    }

    /// Reads a file to its end and adds its entries after those that are there. Bad lines are told to `on_bad`.
    ///
    /// # Errors
    /// What opening or reading the file gives; the entries before that are kept. That it is a folder, a pipe or the
    /// like, of which an entry could not be read again. A [`crate::Refusal`]; then nothing is added.
    pub fn add(&mut self, path: &Path, on_bad: &mut dyn FnMut(BadLine)) -> io::Result<()> {
        let file = IndexedFile::open(path, self.entries())?;
        self.files.push(file);
        let read = self.read_file(on_bad);
        self.end_file();
        if read.is_err() && self.files.last().is_some_and(|file| file.totals.lines == 0) {
            self.files.pop();
        }
        read
    }

    /// Reads what the last file has after where it was read to.
    fn read_file(&mut self, on_bad: &mut dyn FnMut(BadLine)) -> io::Result<()> {
        let Some(current) = self.files.last() else { return Ok(()) };
        let (file, clock) = (current.handle(), Clock::until(current.modified()));
        let limits = self.options.limits;
        let (start, size) = (current.resume.offset, current.size);
        // A file of one chunk needs one thread.
        let threads = if size - start <= CHUNK { 1 } else { self.options.threads };
        let mut chunks = Chunks::new(&file, start, size, limits.longest_line());
        let mut lines = current.resume.before.lines;
        let join = |read: io::Result<(Piece, Vec<BadLine>)>| {
            let (piece, bad) = read?;
            for bad in bad {
                on_bad(BadLine { line: bad.line + lines, ..bad });
            }
            lines += piece.totals.lines;
            self.join(&piece)
        };
        let worker = || {
            let mut reader = ChunkReader::new(limits, clock);
            let file = &file;
            move |chunk| reader.read(file, chunk)
        };
        in_turn(threads, worker, || chunks.next(), join)
    }

    /// How many entries there are.
    fn entries(&self) -> u32 {
        self.offsets.len() as u32
    }

    /// Adds the entries of the next piece of the last file.
    fn join(&mut self, piece: &Piece) -> io::Result<()> {
        if u32::try_from(self.offsets.len() + piece.offsets.len()).is_err() {
            return Err(io::Error::other("has more entries than an index can have, 4,294,967,295"));
        }
        let Some(file) = self.files.last_mut() else { return Ok(()) };
        if let (Some(&offset), Some(_)) = (piece.offsets.last(), piece.lines.last()) {
            file.resume = Resume { offset, before: added(file.totals, piece.before_last) };
        }
        let line_base = file.totals.lines;
        let entry_base = self.offsets.len() as u64;
        for (at, (&offset, &line)) in piece.offsets.iter().zip(&piece.lines).enumerate() {
            self.offsets.push(offset);
            let line = line_base + line;
            if line != self.next_line {
                self.run_entries.push(entry_base + at as u64);
                self.run_lines.push(line);
            }
            self.next_line = line + 1;
        }
        piece.lengths.iter().for_each(|&length| self.lengths.push(length.into()));
        piece.times.iter().for_each(|&time| self.moments.push(time));
        file.totals = added(file.totals, piece.totals);
        let renumbered = self.rename(&piece.names)?;
        self.push_ids(|column| (&piece.ids[column as usize], &renumbered));
        Ok(())
    }

    fn push_ids<'a>(&mut self, of: impl Fn(Column) -> (&'a [u32], &'a Renumbered)) {
        for column in Column::ALL {
            let (ids, renumbered) = of(column);
            let numbers = &renumbered[column.names_of() as usize];
            let packer = &mut self.ids[column as usize];
            if column == Column::Level {
                for &id in ids {
                    packer.push(id.into());
                }
            } else {
                for &id in ids {
                    packer.push(numbers[id as usize].into());
                }
            }
        }
    }

    /// The numbers here of names that were numbered elsewhere.
    fn rename(&mut self, names: &[Names; Column::ALL.len()]) -> io::Result<Renumbered> {
        let mut renumbered = Renumbered::default();
        for ((here, there), numbers) in self.names.iter_mut().zip(names).zip(&mut renumbered) {
            numbers.push(0);
            for (_, name) in there.iter() {
                let number = here.intern(name);
                if number == 0 {
                    return Err(io::Error::other(
                        "has more than 4 GiB of distinct names of one kind, more than an index can have",
                    ));
                }
                numbers.push(number);
            }
        }
        Ok(renumbered)
    }

    fn end_file(&mut self) {
        self.moments.end_file();
        let entries = self.entries();
        if let Some(file) = self.files.last_mut() {
            file.entries = file.first..entries;
        }
        self.next_line = 0;
    }

    /// Adds the entries of an index after those that are there, without reading its files.
    ///
    /// # Errors
    /// What reading a saved index gives, or that there would be too many entries.
    pub fn append(&mut self, other: &Index) -> io::Result<()> {
        let (places, moments) = (other.places()?, other.moments()?);
        let mut renumbered = Renumbered::default();
        for column in Column::ALL.into_iter().filter(|column| column.names_of() == *column) {
            let at = column as usize;
            renumbered[at].push(0);
            for (_, name) in other.names(column)?.iter() {
                renumbered[at].push(self.names[at].intern(name));
            }
        }
        for file in other.files() {
            let first = self.entries();
            if u32::try_from(u64::from(first) + u64::from(file.entries.end - file.entries.start)).is_err() {
                return Err(io::Error::other("has more entries than an index can have, 4,294,967,295"));
            }
            for entry in file.entries.clone() {
                self.offsets.push(places.offset(entry));
                self.lengths.push(places.length(entry));
                let line = places.line(entry);
                if line != self.next_line {
                    self.run_entries.push(u64::from(first + entry - file.entries.start));
                    self.run_lines.push(line);
                }
                self.next_line = line + 1;
                self.moments.push(moments.time(entry));
            }
            for column in Column::ALL {
                let numbers = &renumbered[column.names_of() as usize];
                let (ids, packer) = (other.ids(column)?, &mut self.ids[column as usize]);
                let range = file.entries.start as usize..file.entries.end as usize;
                ids.values.for_each(range, |_, id| {
                    packer.push(numbers.get(id as usize).copied().unwrap_or(0).into());
                });
            }
            self.files.push(file.again(first));
            self.end_file();
        }
        Ok(())
    }

    /// Goes on with an index of one file that has grown: what was read of it after its last entry began is read again.
    pub(super) fn grow(
        index: Index,
        file: IndexedFile,
        options: Options,
        on_bad: &mut dyn FnMut(BadLine),
    ) -> io::Result<Index> {
        let entries = file.resume.before.records as usize;
        let Parts { places, moments, ids, names } = index.into_parts()?;
        let kept = places.runs.entries.lower_bound(0..places.runs.entries.len(), entries as u64);
        let last_line = entries.checked_sub(1).map(|last| places.line(last as u32));
        let mut names = names;
        names.iter_mut().for_each(Names::make_table);
        let mut builder = Self {
            options,
            files: vec![file],
            offsets: Packer::after(places.offsets, entries),
            lengths: Packer::after(places.lengths, entries),
            run_entries: Packer::after(places.runs.entries, kept),
            run_lines: Packer::after(places.runs.lines, kept),
            next_line: last_line.map_or(0, |line| line + 1),
            moments: MomentsBuilder::after(moments, entries),
            ids: ids.map(|values| Packer::after(values, entries)),
            names,
        };
        if let Some(file) = builder.files.last_mut() {
            file.totals = file.resume.before;
        }
        builder.read_file(on_bad)?;
        builder.end_file();
        Ok(builder.finish())
    }

    /// The index of what was added.
    pub fn finish(self) -> Index {
        let names = self.names.map(|mut names| {
            // A name among very many is sought seldom, and a walk over them costs less than a table would hold.
            if names.len() > TABLE_MOST {
                names.drop_table();
            }
            names.shrink();
            names
        });
        let places = Places {
            offsets: self.offsets.finish(),
            lengths: self.lengths.finish(),
            runs: Runs { entries: self.run_entries.finish(), lines: self.run_lines.finish() },
        };
        let ids = self.ids.map(Packer::finish);
        Index::from_parts(self.files, Parts { places, moments: self.moments.finish(), ids, names })
    }
}

/// The most names that a table is kept for.
const TABLE_MOST: usize = 1 << 16;

type Renumbered = [Vec<u32>; Column::ALL.len()];

fn added(totals: Totals, more: Totals) -> Totals {
    Totals {
        lines: totals.lines + more.lines,
        records: totals.records + more.records,
        bad: totals.bad + more.bad,
    }
}

/// Reads chunks of a file as pieces.
struct ChunkReader {
    reader: PieceReader,
    limits: Limits,
    buffer: Vec<u8>,
}

impl ChunkReader {
    fn new(limits: Limits, clock: Clock) -> Self {
        Self { reader: PieceReader::new(limits, clock), limits, buffer: Vec::new() }
    }

    /// The entries of a chunk, and its bad lines with their numbers in it.
    fn read(&mut self, file: &File, chunk: Chunk) -> io::Result<(Piece, Vec<BadLine>)> {
        chunk.read(file, self.limits.longest_line(), &mut self.buffer)?;
        let mut bad = Vec::new();
        let lines = Lines { bytes: &self.buffer, offset: chunk.start };
        let piece = self.reader.read(&lines, &mut |line| bad.push(line))?;
        Ok((piece, bad))
    }
}
