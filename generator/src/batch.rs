//! Whole records, made and not yet written.

use std::io::{self, Write};
use std::ops::Range;

use crate::damage::{Answer, Fill, Kind};
use crate::spans::OpenSpan;
use crate::text::Buffer;

/// Some records side by side, with what there is to tell of them.
#[derive(Default)]
pub(crate) struct Batch {
    /// The records, except for what [`Batch::fills`] adds.
    pub(crate) bytes: Buffer,
    /// In the order of their places.
    pub(crate) fills: Vec<Fill>,
    /// Where each record ends in the bytes.
    pub(crate) ends: Vec<usize>,
    /// Damaged records, in order.
    pub(crate) notes: Vec<Note>,
    /// What the shape tells of each record, side by side; empty where nobody asks.
    pub(crate) told: Buffer,
    /// Where what is told of each record ends.
    pub(crate) told_ends: Vec<usize>,
    /// What is told of spans that are complete, a line each; empty where nobody asks.
    pub(crate) spans: Buffer,
    /// Spans that a later batch may add to; empty where nobody asks.
    pub(crate) open_spans: Vec<OpenSpan>,
    /// The records in a compressed form, where one is asked for.
    pub(crate) encoded: Vec<u8>,
}

/// A damaged record.
#[derive(Clone, Copy)]
pub(crate) struct Note {
    /// Its place in [`Batch::ends`].
    pub(crate) record: usize,
    pub(crate) kind: Kind,
    pub(crate) answer: Answer,
}

impl Batch {
    /// Empties it; the memory is kept.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.fills.clear();
        self.ends.clear();
        self.notes.clear();
        self.told.clear();
        self.told_ends.clear();
        self.spans.clear();
        self.open_spans.clear();
        self.encoded.clear();
    }

    /// Where the records of this range lie in the bytes.
    pub(crate) fn range(&self, records: Range<usize>) -> Range<usize> {
        let end_of = |record: usize| if record == 0 { 0 } else { self.ends[record - 1] };
        end_of(records.start)..end_of(records.end)
    }

    /// The length of a range of bytes once it is written, fills included.
    pub(crate) fn length(&self, range: &Range<usize>) -> u64 {
        let fills: u64 = self.fills_in(range).iter().map(|fill| fill.bytes).sum();
        (range.end - range.start) as u64 + fills
    }

    /// Writes a range of bytes with the fills that lie in it.
    pub(crate) fn write(&self, range: &Range<usize>, out: &mut dyn Write) -> io::Result<()> {
        const FILL: [u8; 1 << 14] = [b'x'; 1 << 14];
        let mut from = range.start;
        for fill in self.fills_in(range) {
            out.write_all(&self.bytes[from..fill.at])?;
            from = fill.at;
            let mut left = fill.bytes;
            while left > 0 {
                let piece = left.min(FILL.len() as u64);
                out.write_all(&FILL[..piece as usize])?;
                left -= piece;
            }
        }
        out.write_all(&self.bytes[from..range.end])
    }

    /// A fill never lies at either end of a record, so it belongs to one range only.
    fn fills_in(&self, range: &Range<usize>) -> &[Fill] {
        let first = self.fills.partition_point(|fill| fill.at < range.start);
        let end = self.fills.partition_point(|fill| fill.at < range.end);
        &self.fills[first..end.max(first)]
    }
}
