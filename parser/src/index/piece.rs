//! A piece of a file, read into columns of its own.

use std::io;
use std::ops::ControlFlow;

use super::column::{Column, level_id};
use super::names::Names;
use super::template;
use crate::bad::BadLine;
use crate::blocks::Limits;
use crate::field::{Field, Fields};
use crate::level::Level;
use crate::names::{first_place, short_key};
use crate::read::{Reader, Record, Totals};
use crate::time::{Clock, Time, Times};

/// Lines of a file that are in memory, and where they stand.
pub(super) struct Lines<'a> {
    pub(super) bytes: &'a [u8],
    /// Where they start in the file. Those at 0 may begin with a byte-order mark or be refused.
    pub(super) offset: u64,
}

/// The entries of a piece, column by column, with names numbered by the piece itself.
#[derive(Default)]
pub(super) struct Piece {
    /// Where each entry's line starts in the file.
    pub(super) offsets: Vec<u64>,
    /// How many bytes it has until the next entry or bad line begins.
    pub(super) lengths: Vec<u32>,
    /// The number of its line among those of the piece, from 1.
    pub(super) lines: Vec<u64>,
    pub(super) times: Vec<Option<Time>>,
    pub(super) ids: [Vec<u32>; Column::ALL.len()],
    /// The names of each column; those of [`Column::Parent`] are with [`Column::Span`].
    pub(super) names: [Names; Column::ALL.len()],
    pub(super) totals: Totals,
    /// Where the piece ends in the file.
    pub(super) end: u64,
    /// What its lines up to the last entry came to, that entry not counted.
    pub(super) before_last: Totals,
}

/// Reads pieces, one after another.
pub(super) struct PieceReader {
    fields: Fields,
    reader: Reader,
    clock: Clock,
    masked: Vec<u8>,
    near: Near,
    /// How many entries the last piece had.
    last: usize,
}

impl PieceReader {
    pub(super) fn new(limits: Limits, clock: Clock) -> Self {
        let fields = Fields::new(&Field::ALL);
        let reader = Reader::new(fields.keys(), limits);
        Self { fields, reader, clock, masked: Vec::new(), near: Near::new(), last: 0 }
    }

    /// Reads whole lines. `on_bad` is told of bad lines, with their numbers in the piece and their offsets in the file.
    ///
    /// # Errors
    /// A [`crate::Refusal`], of lines at the start of a file.
    pub(super) fn read(&mut self, lines: &Lines<'_>, on_bad: &mut dyn FnMut(BadLine)) -> io::Result<Piece> {
        let mut piece = Piece::with_room(self.last);
        let mut bad_offsets = Vec::new();
        let mut on_bad = |mut bad: BadLine| {
            bad.offset += lines.offset;
            bad_offsets.push(bad.offset);
            on_bad(bad);
        };
        self.near.clear();
        let before = self.reader.totals();
        let mut entries = Entries {
            fields: &self.fields,
            times: Times::new(self.clock),
            masked: &mut self.masked,
            near: &mut self.near,
            offset: lines.offset,
            piece: &mut piece,
        };
        let on_record = |record: &Record<'_>| {
            entries.add(record);
            ControlFlow::Continue(())
        };
        if lines.offset == 0 {
            self.reader.read(lines.bytes, &mut on_bad, on_record)?;
        } else {
            self.reader.lines(lines.bytes, &mut on_bad, on_record);
        }
        let after = self.reader.totals();
        piece.totals = Totals {
            lines: after.lines - before.lines,
            records: after.records - before.records,
            bad: after.bad - before.bad,
        };
        self.last = piece.offsets.len();
        piece.end = lines.offset + lines.bytes.len() as u64;
        piece.measure(&bad_offsets);
        if let (Some(&line), Some(&offset)) = (piece.lines.last(), piece.offsets.last()) {
            let bad = bad_offsets.partition_point(|&bad| bad < offset) as u64;
            piece.before_last = Totals { lines: line - 1, records: piece.offsets.len() as u64 - 1, bad };
        }
        Ok(piece)
    }
}

impl Piece {
    /// An empty one with room for so many entries and some more: a piece has about as many as the one before.
    fn with_room(entries: usize) -> Self {
        let room = entries + entries / 16;
        Self {
            offsets: Vec::with_capacity(room),
            lengths: Vec::with_capacity(room),
            lines: Vec::with_capacity(room),
            times: Vec::with_capacity(room),
            ids: Column::ALL.map(|_| Vec::with_capacity(room)),
            ..Self::default()
        }
    }

    /// The number of a name in a column. Many a long one is that of the entry before.
    fn number(&mut self, column: Column, name: &[u8]) -> u32 {
        if column == Column::Level {
            return Level::of_record(name).map_or(Column::OTHER_LEVEL, level_id);
        }
        if matches!(column, Column::Trace | Column::Span | Column::Parent) && is_no_id(name) {
            return 0;
        }
        let names = &mut self.names[column.names_of() as usize];
        match self.ids[column as usize].last() {
            Some(&last) if last != 0 && names.get(last) == name => last,
            _ => names.intern(name),
        }
    }

    /// Finds how long each entry is: to the next entry, bad line, or the piece's end.
    fn measure(&mut self, bad_offsets: &[u64]) {
        let mut bad = bad_offsets.iter().copied().peekable();
        let next_offsets = self.offsets.iter().copied().skip(1).chain([self.end]);
        self.lengths.extend(self.offsets.iter().zip(next_offsets).map(|(&offset, next)| {
            while bad.peek().is_some_and(|&bad| bad < offset) {
                bad.next();
            }
            let end = bad.peek().map_or(next, |&bad| bad.min(next));
            u32::try_from(end.saturating_sub(offset)).unwrap_or(u32::MAX)
        }));
    }
}

/// Where records go.
struct Entries<'a> {
    fields: &'a Fields,
    times: Times,
    masked: &'a mut Vec<u8>,
    near: &'a mut Near,
    offset: u64,
    piece: &'a mut Piece,
}

impl Entries<'_> {
    #[inline]
    fn add(&mut self, record: &Record<'_>) {
        let Self { fields, times, piece, masked, near, offset } = self;
        piece.offsets.push(*offset + record.offset);
        piece.lines.push(record.line);
        piece.times.push(fields.time(record, times));
        for (column, field) in NAMED {
            let id = match fields.plain(record, field) {
                Some((name, from)) => near.number(column, name, from, || piece.number(column, name)),
                None => fields.text(record, field).map_or(0, |name| piece.number(column, &name)),
            };
            piece.ids[column as usize].push(id);
        }
        let template = match fields.text(record, Field::Message) {
            Some(message) => {
                masked.clear();
                template::mask(&message, masked);
                piece.names[Column::Template as usize].intern(masked)
            }
            None => 0,
        };
        piece.ids[Column::Template as usize].push(template);
    }
}

/// Whether an id of a trace or of a span is one of none: nothing but noughts, as many as it has digits (W3C Trace Context,
/// 3.2.2.3 and 3.2.2.4). Programs log it where they are in no span.
fn is_no_id(id: &[u8]) -> bool {
    matches!(id.len(), 16 | 32) && id.iter().all(|&digit| digit == b'0')
}

/// The columns of names, and the fields that tell them.
const NAMED: [(Column, Field); 7] = [
    (Column::Level, Field::Level),
    (Column::Service, Field::Service),
    (Column::Thread, Field::Thread),
    (Column::Correlation, Field::Correlation),
    (Column::Trace, Field::Trace),
    (Column::Span, Field::Span),
    (Column::Parent, Field::Parent),
];

/// Short names that came lately, with their numbers: a name is mostly one of few, and to compare two numbers takes less
/// than to hash it and to look it up.
struct Near(Box<[[(u128, u32); Near::PLACES]]>);

impl Near {
    /// For each column; of half as many, a log with twenty names in a column has some that fall together.
    const PLACES: usize = 128;

    fn new() -> Self {
        Self(vec![[(0, 0); Self::PLACES]; Column::ALL.len()].into())
    }

    fn clear(&mut self) {
        self.0.fill([(0, 0); Self::PLACES]);
    }

    /// The number of a name that is not empty and that begins `from`: the one that is near, or the one that is found.
    #[inline]
    fn number(&mut self, column: Column, name: &[u8], from: &[u8], find: impl FnOnce() -> u32) -> u32 {
        let Some(key) = short_key(name, from) else { return find() };
        let near = &mut self.0[column as usize][first_place(key) % Self::PLACES];
        if near.0 != key {
            *near = (key, find());
        }
        near.1
    }
}
