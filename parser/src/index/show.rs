//! Entries read again from their files.

use std::borrow::Cow;
use std::io;
use std::ops::{ControlFlow, Range};
use std::sync::OnceLock;
use std::thread;

use super::chunks::fill_at;
use super::in_turn::in_turn;
use super::{Index, Places};
use crate::blocks::Limits;
use crate::field::{Field, Fields};
use crate::read::{Reader, Record, without_line_end, without_padding};

/// Bytes between two entries that are rather read than skipped: they are copied in the time of a system call.
const GAP: u64 = 8 << 10;

/// Bytes that are read at once, unless one entry is longer: few enough to stay in the processor's cache.
const MOST: u64 = 96 << 10;

/// Entries that are read by several threads if they are so many: to begin a thread takes as long as to read some hundred.
const MANY: usize = 2048;

/// Entries that a thread reads at a time, and their bytes, unless one entry has more.
const BATCH: usize = 512;
const BATCH_BYTES: u64 = 1 << 20;

/// An entry as it stands in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown<'a> {
    /// Its number.
    pub entry: u32,
    /// Its line, or its lines where it has several, without the last line feed and without what pads it.
    pub bytes: &'a [u8],
}

impl Index {
    /// Reads entries again and hands each out, in the order in which they are asked for; those that stand close
    /// together in one file are read at once. Of many entries, each processor reads some. `each` may end it with an
    /// error of its own.
    ///
    /// # Errors
    /// What the files give: above all that one has become shorter than it was when it was indexed.
    pub fn show(&self, entries: &[u32], each: impl FnMut(Shown<'_>) -> io::Result<()>) -> io::Result<()> {
        let threads = if entries.len() < MANY { 1 } else { processors() };
        self.show_by(threads, entries, each)
    }

    /// The same by so many threads.
    pub(super) fn show_by(
        &self,
        threads: usize,
        entries: &[u32],
        mut each: impl FnMut(Shown<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let places = self.places()?;
        if threads == 1 {
            return Gatherer::new(self, places).gather(entries, each);
        }
        let mut rest = entries;
        in_turn(
            threads,
            || {
                let mut gatherer = Gatherer::new(self, places);
                move |entries| gatherer.batch(entries)
            },
            || Ok(next_batch(&mut rest, places)),
            |batch: Batch| {
                for (entry, range) in batch.shown {
                    each(Shown { entry, bytes: batch.bytes.get(range).unwrap_or(&[]) })?;
                }
                batch.end
            },
        )
    }
}

/// Entries that were read by another thread.
struct Batch {
    bytes: Vec<u8>,
    /// The entries and where each stands in `bytes`.
    shown: Vec<(u32, Range<usize>)>,
    /// What came after them.
    end: io::Result<()>,
}

/// The next entries of some that are read together; none, if there are none.
fn next_batch<'a>(rest: &mut &'a [u32], places: &Places) -> Option<&'a [u32]> {
    let mut bytes = 0;
    let is_enough = |&entry: &u32| {
        bytes += places.length(entry);
        bytes > BATCH_BYTES
    };
    let most = &rest[..rest.len().min(BATCH)];
    let length = most.iter().position(is_enough).map_or(most.len(), |last| last + 1);
    let (batch, after) = rest.split_at(length);
    *rest = after;
    (!batch.is_empty()).then_some(batch)
}

/// How many processors there are for this program. It is found out once: to ask costs more than most answers.
fn processors() -> usize {
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    *PROCESSORS.get_or_init(|| thread::available_parallelism().map_or(1, usize::from))
}

/// Reads entries of an index.
struct Gatherer<'a> {
    index: &'a Index,
    places: &'a Places,
    /// What was read last, and where each entry of it stands.
    buffer: Vec<u8>,
    run: Vec<(u32, Range<usize>)>,
}

impl<'a> Gatherer<'a> {
    fn new(index: &'a Index, places: &'a Places) -> Self {
        Self { index, places, buffer: Vec::new(), run: Vec::new() }
    }

    /// Reads entries, without what stands between them.
    fn batch(&mut self, entries: &[u32]) -> Batch {
        let size = entries.iter().map(|&entry| self.places.length(entry)).sum::<u64>();
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        let mut shown = Vec::with_capacity(entries.len());
        let end = self.gather(entries, |each| {
            let start = bytes.len();
            bytes.extend_from_slice(each.bytes);
            shown.push((each.entry, start..bytes.len()));
            Ok(())
        });
        Batch { bytes, shown, end }
    }

    /// Reads entries and hands each out.
    fn gather(
        &mut self,
        entries: &[u32],
        mut each: impl FnMut(Shown<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let Self { index, places, buffer, run } = self;
        let mut from = 0;
        while let Some(&first) = entries.get(from) {
            let file = index.file_of(first);
            let Some(indexed) = index.files.get(file).filter(|file| file.entries.contains(&first)) else {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    format!("there is no entry {first}"),
                ));
            };
            let start = places.offset(first);
            let mut end = start + places.length(first);
            run.clear();
            run.push((first, 0..(end - start) as usize));
            for &next in entries[from + 1..].iter().take_while(|next| indexed.entries.contains(next)) {
                let offset = places.offset(next);
                let next_end = offset + places.length(next);
                if offset < start || offset > end + GAP || next_end.max(end) - start > MOST {
                    break;
                }
                end = end.max(next_end);
                run.push((next, (offset - start) as usize..(next_end - start) as usize));
            }
            let length = usize::try_from(end - start).map_err(io::Error::other)?;
            if buffer.len() < length {
                buffer.resize(length, 0);
            }
            let read = &mut buffer[..length];
            if fill_at(&indexed.handle(), read, start)? < length {
                return Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    format!(
                        "{}: has become shorter since it was indexed; index it again",
                        indexed.path().display()
                    ),
                ));
            }
            from += run.len();
            for (entry, range) in run.drain(..) {
                each(Shown { entry, bytes: trimmed(read.get(range).unwrap_or(&[])) })?;
            }
        }
        Ok(())
    }
}

/// Reads fields of entries that are shown.
pub(crate) struct Rereader {
    fields: Fields,
    reader: Reader,
}

impl Rereader {
    /// A reader of these fields, and of other keys after them: see [`Fields::keys`].
    pub(crate) fn new(fields: &[Field]) -> Self {
        Self::with_keys(fields, &[])
    }

    /// The same, and of some other keys.
    pub(crate) fn with_keys(fields: &[Field], others: &[&str]) -> Self {
        let fields = Fields::new(fields);
        let keys: Vec<&str> = fields.keys().iter().copied().chain(others.iter().copied()).collect();
        // An entry was short enough when it was indexed.
        let limits = Limits { line: usize::MAX, ..Limits::default() };
        Self { reader: Reader::new(&keys, limits), fields }
    }

    /// What an entry tells of a field.
    pub(crate) fn text(&mut self, bytes: &[u8], field: Field) -> Option<Vec<u8>> {
        self.read(bytes, |fields, record| fields.text(record, field).map(Cow::into_owned)).flatten()
    }

    /// What `get` makes of an entry; nothing, if it is no record any more.
    pub(crate) fn read<T>(&mut self, bytes: &[u8], get: impl FnOnce(&Fields, &Record<'_>) -> T) -> Option<T> {
        let Self { fields, reader } = self;
        let mut got = None;
        let mut get = Some(get);
        reader.lines(bytes, &mut |_| (), |record| {
            got = get.take().map(|get| get(fields, record));
            ControlFlow::Break(())
        });
        got
    }
}

/// An entry without its last line end, blank lines after it, and the padding before it.
fn trimmed(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut rest = without_padding(bytes).unwrap_or(&[]);
    loop {
        let shorter = without_line_end(rest);
        let shorter = shorter.trim_ascii_end();
        if shorter.len() == rest.len() {
            return rest;
        }
        rest = shorter;
    }
}
