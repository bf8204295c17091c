//! An index that is saved beside its file, and read column by column when it is opened again.
//!
//! # Format, version 2
//!
//! All numbers are little-endian. `LOGSIDX` and a line feed; the version (u32); the length of the header (u32); the
//! header; its CRC-32 (u32). Then the sections, back to back. The header holds the file's size and modification time
//! when it was read, CRC-32s of the first and the last 4 KiB that were read, what was read in all and before the last
//! entry, the number of entries, whether their times are in order, and of each section its kind, column, place,
//! length and CRC-32.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::Index;
use super::build::{IndexBuilder, Options};
use super::chunks::fill_at;
use super::column::{Column, Ids};
use super::file::{IndexedFile, Resume};
use super::names::Names;
use super::packed::Packed;
use super::places::{Moments, Places, Runs};
use super::postings::Postings;
use crate::bad::BadLine;
use crate::read::Totals;
use crate::time::Time;

const MAGIC: &[u8; 8] = b"LOGSIDX\n";
/// Raised when the bytes mean something else, and when the readers make something else of the same line: an index of before
/// would answer otherwise than its file does.
const VERSION: u32 = 4;

/// The ending of the names of saved indexes.
pub const SAVED: &str = crate::SAVED_INDEX;

/// Where the index of a file is saved: beside it, under its name with `.logsidx` after it.
pub fn saved_path(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(SAVED);
    name.into()
}

/// Why a saved index is of no use.
#[derive(Debug)]
pub enum Unusable {
    /// There is none.
    Absent,
    /// It cannot be read, or the file cannot.
    Unreadable(io::Error),
    /// It does not begin as a saved index does.
    Foreign,
    /// It is of a version that this program does not know.
    Version(u32),
    /// It was cut or damaged.
    Damaged,
    /// The file has changed since, other than by growing: what tells so.
    Changed(&'static str),
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("there is none"),
            Self::Unreadable(error) => write!(f, "it cannot be read: {error}"),
            Self::Foreign => f.write_str("it is no saved index"),
            Self::Version(version) => write!(f, "it is of version {version}, this program reads {VERSION}"),
            Self::Damaged => f.write_str("it is cut or damaged"),
            Self::Changed(how) => write!(f, "the file has changed since: {how}"),
        }
    }
}

impl std::error::Error for Unusable {}

/// Kinds of sections.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Places,
    Moments,
    Ids,
    Names,
    Postings,
}

#[derive(Clone, Copy)]
struct Section {
    kind: u32,
    column: u32,
    offset: u64,
    length: u64,
    checksum: u32,
}

/// A saved index that is open.
pub(super) struct Saved {
    path: PathBuf,
    file: File,
    sections: Vec<Section>,
    entries: u64,
    sorted: bool,
}

struct Header {
    size: u64,
    modified: Time,
    digests: [u32; 2],
    totals: Totals,
    resume: Resume,
    entries: u64,
    sorted: bool,
    sections: Vec<Section>,
}

impl Index {
    /// Opens the index that is saved beside a file. Little is read: a column is when it is first asked for. Where the
    /// file has grown, all is read, and what was added is indexed; bad lines in that are told to `on_bad`.
    ///
    /// That a file has changed is told by its size and time and by its first and last 4 KiB: one that was both
    /// changed in its midst and grown since is not told from one that has grown.
    ///
    /// # Errors
    /// [`Unusable`]: the index has to be built anew.
    pub fn open(path: &Path, options: Options, on_bad: &mut dyn FnMut(BadLine)) -> Result<Self, Unusable> {
        let saved_at = saved_path(path);
        let saved = match File::open(&saved_at) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Unusable::Absent),
            Err(error) => return Err(Unusable::Unreadable(error)),
        };
        let header = Header::read(&saved)?;
        let mut file = IndexedFile::open(path, 0).map_err(Unusable::Unreadable)?;
        let now = file.size;
        if now < header.size {
            return Err(Unusable::Changed("it is shorter"));
        }
        if file.digests(header.size).map_err(Unusable::Unreadable)? != header.digests {
            return Err(Unusable::Changed("its first or last 4 KiB differ"));
        }
        if now == header.size && file.modified != header.modified {
            return Err(Unusable::Changed("it was written to and is as long as before"));
        }
        file.totals = header.totals;
        file.resume = header.resume;
        file.entries = 0..header.entries as u32;
        let Header { sections, entries, sorted, .. } = header;
        let index = Self {
            files: Vec::new(),
            entries: entries as u32,
            places: OnceLock::default(),
            moments: OnceLock::default(),
            ids: Default::default(),
            names: Default::default(),
            saved: Some(Saved { path: saved_at, file: saved, sections, entries, sorted }),
        };
        if now > header.size {
            return IndexBuilder::grow(index, file, options, on_bad).map_err(Unusable::Unreadable);
        }
        Ok(Self { files: vec![file], ..index })
    }

    /// Saves an index of one file beside it. It is written under another name first, so that who reads the one before
    /// goes on doing so, and nobody sees half of it.
    ///
    /// # Errors
    /// What writing gives, or that the index is not of one file.
    pub fn save(&self) -> io::Result<PathBuf> {
        let [file] = self.files() else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "an index is saved for one file"));
        };
        let path = saved_path(file.path());
        let mut temporary = path.clone().into_os_string();
        temporary.push(format!(".{}", std::process::id()));
        let written = self.write(file, Path::new(&temporary)).and_then(|()| fs::rename(&temporary, &path));
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written.map(|()| path)
    }

    fn write(&self, file: &IndexedFile, path: &Path) -> io::Result<()> {
        let mut sections: Vec<(Kind, u32, Vec<u8>)> = Vec::new();
        let places = self.places()?;
        let mut bytes = Vec::new();
        for packed in [&places.offsets, &places.lengths, &places.runs.entries, &places.runs.lines] {
            packed.write(&mut bytes);
        }
        sections.push((Kind::Places, 0, bytes));
        let moments = self.moments()?;
        let mut bytes = Vec::new();
        moments.order.write(&mut bytes);
        moments.timed.write(&mut bytes);
        sections.push((Kind::Moments, 0, bytes));
        for column in Column::ALL {
            let ids = self.ids(column)?;
            let mut bytes = Vec::new();
            ids.values.write(&mut bytes);
            sections.push((Kind::Ids, column as u32, bytes));
            if column.names_of() == column {
                let mut bytes = Vec::new();
                self.names(column)?.write(&mut bytes);
                sections.push((Kind::Names, column as u32, bytes));
            }
            // Spans have few entries each: their lists are as long as the column and are seldom asked for.
            if !matches!(column, Column::Span | Column::Parent) {
                let mut bytes = Vec::new();
                ids.postings().write(&mut bytes);
                sections.push((Kind::Postings, column as u32, bytes));
            }
        }
        let mut header = Header {
            size: file.size,
            modified: file.modified,
            digests: file.digests(file.size)?,
            totals: file.totals,
            resume: file.resume,
            entries: self.len().into(),
            sorted: moments.sorted,
            sections: Vec::new(),
        };
        let mut offset = (Header::FIXED + sections.len() * Section::SIZE) as u64 + Header::AROUND;
        for (kind, column, bytes) in &sections {
            let (length, checksum) = (bytes.len() as u64, crc32fast::hash(bytes));
            header.sections.push(Section { kind: *kind as u32, column: *column, offset, length, checksum });
            offset += length;
        }
        let mut out = File::create(path)?;
        out.write_all(&header.bytes())?;
        // What a crash leaves unwritten is found by the checksums, and an index can be made anew.
        sections.iter().try_for_each(|(_, _, bytes)| out.write_all(bytes))
    }
}

impl Header {
    /// Bytes of it without its sections.
    const FIXED: usize = 8 + 8 + 2 * 4 + 3 * 8 + 4 * 8 + 8 + 8;
    /// Bytes before and after it: magic, version, length, checksum.
    const AROUND: u64 = 8 + 4 + 4 + 4;
    /// The longest that is taken for one.
    const MOST: usize = 64 << 10;

    fn bytes(&self) -> Vec<u8> {
        let Self { size, modified, digests, totals, resume, entries, sorted, sections } = self;
        let mut body = Vec::new();
        let mut put = |number: u64| body.extend_from_slice(&number.to_le_bytes());
        put(*size);
        put(modified.nanos() as u64);
        put(u64::from(digests[0]) | u64::from(digests[1]) << 32);
        for totals in [totals, &resume.before] {
            put(totals.lines);
            put(totals.records);
            put(totals.bad);
        }
        put(resume.offset);
        put(*entries);
        put((*sorted).into());
        for section in sections {
            put(u64::from(section.kind) | u64::from(section.column) << 32);
            put(section.offset);
            put(section.length);
            put(section.checksum.into());
        }
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&(body.len() as u32).to_le_bytes());
        let checksum = crc32fast::hash(&body);
        out.append(&mut body);
        out.extend_from_slice(&checksum.to_le_bytes());
        out
    }

    fn read(file: &File) -> Result<Self, Unusable> {
        let mut start = [0; 16];
        let filled = fill_at(file, &mut start, 0).map_err(Unusable::Unreadable)?;
        if !start[..filled].starts_with(MAGIC) {
            return Err(if MAGIC.starts_with(&start[..filled]) {
                Unusable::Damaged
            } else {
                Unusable::Foreign
            });
        }
        let (words, _) = start[8..].as_chunks::<4>();
        let [version, length] = [words[0], words[1]].map(u32::from_le_bytes);
        if filled < start.len() {
            return Err(Unusable::Damaged);
        }
        if version != VERSION {
            return Err(Unusable::Version(version));
        }
        let length = length as usize;
        if !(Self::FIXED..=Self::MOST).contains(&length)
            || !(length - Self::FIXED).is_multiple_of(Section::SIZE)
        {
            return Err(Unusable::Damaged);
        }
        let mut body = vec![0; length + 4];
        if fill_at(file, &mut body, 16).map_err(Unusable::Unreadable)? < body.len() {
            return Err(Unusable::Damaged);
        }
        let (body, checksum) = body.split_at(length);
        if crc32fast::hash(body).to_le_bytes() != checksum {
            return Err(Unusable::Damaged);
        }
        let (words, _) = body.as_chunks::<8>();
        let mut words = words.iter().map(|word| u64::from_le_bytes(*word));
        let mut next = || words.next().unwrap_or(0);
        let (size, modified, digests) = (next(), Time::from_nanos(next() as i64), next());
        let [totals, before] = [(); 2].map(|()| Totals { lines: next(), records: next(), bad: next() });
        let resume = Resume { offset: next(), before };
        let (entries, sorted) = (next(), next() == 1);
        let sections = (0..(length - Self::FIXED) / Section::SIZE).map(|_| {
            let what = next();
            Section {
                kind: what as u32,
                column: (what >> 32) as u32,
                offset: next(),
                length: next(),
                checksum: next() as u32,
            }
        });
        let sections: Vec<Section> = sections.collect();
        let end = sections.iter().map(|section| section.offset.saturating_add(section.length)).max();
        let there = file.metadata().map_err(Unusable::Unreadable)?.len();
        if end.is_some_and(|end| end > there) || u32::try_from(entries).is_err() {
            return Err(Unusable::Damaged);
        }
        let digests = [digests as u32, (digests >> 32) as u32];
        Ok(Self { size, modified, digests, totals, resume, entries, sorted, sections })
    }
}

impl Section {
    const SIZE: usize = 4 * 8;
}

impl Saved {
    /// The bytes of a section, checked; none if it is not there.
    fn section(&self, kind: Kind, column: Column) -> io::Result<Option<Vec<u8>>> {
        let is_it = |section: &&Section| section.kind == kind as u32 && section.column == column as u32;
        let Some(section) = self.sections.iter().find(is_it) else { return Ok(None) };
        let mut bytes = vec![0; usize::try_from(section.length).map_err(io::Error::other)?];
        let filled = fill_at(&self.file, &mut bytes, section.offset)?;
        if filled < bytes.len() || crc32fast::hash(&bytes) != section.checksum {
            return Err(self.damaged());
        }
        Ok(Some(bytes))
    }

    fn damaged(&self) -> io::Error {
        let path = self.path.display();
        io::Error::new(io::ErrorKind::InvalidData, format!("{path} is damaged; remove it, or index anew"))
    }

    /// What `read` makes of a section that must be there, all of it.
    fn parsed<T>(
        &self,
        kind: Kind,
        column: Column,
        read: impl FnOnce(&mut &[u8]) -> Option<T>,
    ) -> io::Result<T> {
        let bytes = self.section(kind, column)?.ok_or_else(|| self.damaged())?;
        let mut rest = bytes.as_slice();
        let value = read(&mut rest).filter(|_| rest.is_empty());
        value.ok_or_else(|| self.damaged())
    }

    /// A column of packed values with one for each entry.
    fn of_entries(&self, rest: &mut &[u8]) -> Option<Packed> {
        Packed::read(rest).filter(|packed| packed.len() as u64 == self.entries)
    }

    pub(super) fn places(&self) -> io::Result<Places> {
        self.parsed(Kind::Places, Column::Level, |rest| {
            Some(Places {
                offsets: self.of_entries(rest)?,
                lengths: self.of_entries(rest)?,
                runs: Runs { entries: Packed::read(rest)?, lines: Packed::read(rest)? },
            })
        })
    }

    pub(super) fn moments(&self) -> io::Result<Moments> {
        self.parsed(Kind::Moments, Column::Level, |rest| {
            let (order, timed) = (self.of_entries(rest)?, self.of_entries(rest)?);
            Some(Moments { order, timed, sorted: self.sorted })
        })
    }

    pub(super) fn ids(&self, column: Column, names: usize) -> io::Result<Ids> {
        // What holds a number for each name trusts that there is no other.
        let values = self.parsed(Kind::Ids, column, |rest| {
            self.of_entries(rest).filter(|values| values.is_within(names as u64))
        })?;
        let ids = Ids::new(values, names);
        if self.sections.iter().any(|s| s.kind == Kind::Postings as u32 && s.column == column as u32) {
            let postings = self.parsed(Kind::Postings, column, |rest| {
                Postings::read(rest).filter(|lists| lists.fits(names + 1, self.entries))
            })?;
            let _ = ids.postings.set(postings);
        }
        Ok(ids)
    }

    pub(super) fn names(&self, column: Column) -> io::Result<Names> {
        self.parsed(Kind::Names, column, |rest| Names::read(std::mem::take(rest)))
    }
}
