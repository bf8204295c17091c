//! The fast way through access logs and logfmt, by the bits of a block: see [`Marks`].
//!
//! It takes a line only if it is ASCII, ended by a line feed, without tabs and other controls, and if all of it is as
//! the format has it; then it captures what the general reader of that format would. Anything else is left to that one.

mod access;
mod logfmt;

use super::Format;
use super::column::{Columns, Row};
use super::prefix::split_collected;
use crate::json::{Captures, Marks, Wanted};

/// What a block is marked for. It is marked twice at most, however often its lines change their format.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Marked {
    Nothing,
    /// Access logs.
    Quoted,
    /// Logfmt, and access logs as well.
    All,
}

/// Reads the lines of a block as long as they are of the format of the line before.
pub(super) struct Fast {
    /// The format of the last line that another reader took, if lines of it can be read here.
    expected: Option<Format>,
    marks: Marks,
    marked: Marked,
    pairs: logfmt::Pairs,
    /// How many lines were read here.
    #[cfg(test)]
    pub(super) lines: u64,
    /// How many times a block was marked.
    #[cfg(test)]
    pub(super) markings: u64,
}

impl Fast {
    pub(super) fn new() -> Self {
        Self {
            expected: None,
            marks: Marks::new(),
            marked: Marked::Nothing,
            pairs: logfmt::Pairs::new(),
            #[cfg(test)]
            lines: 0,
            #[cfg(test)]
            markings: 0,
        }
    }

    /// The next line will be of another block, of at most 2 GiB.
    #[inline]
    pub(super) fn begin(&mut self) {
        self.marked = Marked::Nothing;
    }

    /// A line of this format was read by its general reader.
    #[inline]
    pub(super) fn expect(&mut self, format: Format) {
        self.expected = Some(format);
    }

    /// Reads the line that starts at `start` of a block, if it is of the expected format and nothing about it is odd;
    /// its length with its line feed.
    #[inline]
    pub(super) fn read(
        &mut self,
        block: &[u8],
        start: usize,
        columns: &Columns,
        wanted: &Wanted,
        captures: &mut Captures,
    ) -> Option<usize> {
        let format = self.expected?;
        let needed = match format {
            Format::Access => Marked::Quoted,
            Format::Logfmt => Marked::All,
            _ => return None,
        };
        if self.marked < needed {
            self.marks.mark(block, needed == Marked::All);
            self.marked = needed;
            #[cfg(test)]
            {
                self.markings += 1;
            }
        }
        captures.clear();
        let block = Block { bytes: block, marks: &self.marks };
        let end = if format == Format::Access {
            access_line(block, start, &mut Row::new(&[], columns, wanted, captures))?
        } else {
            logfmt::read(block, start, &mut self.pairs, wanted, captures)?
        };
        #[cfg(test)]
        {
            self.lines += 1;
        }
        Some(end - start)
    }
}

/// Reads a line of an access log; where the next one starts. `row` is what its parts are put in.
// Not in line, nor is its twin: in the midst of the reader there are no registers left for it.
#[inline(never)]
fn access_line<'a>(block: Block<'a>, start: usize, row: &mut Row<'a>) -> Option<usize> {
    let (parts, end) = access::read(block, start)?;
    row.line = &block.bytes[start..end];
    // Its time would be the client, and its stream and its tag the user.
    if split_collected(row.line).is_some() {
        return None;
    }
    parts.put(row);
    Some(end)
}

/// A block and the bits for it.
#[derive(Clone, Copy)]
struct Block<'a> {
    bytes: &'a [u8],
    marks: &'a Marks,
}

impl Block<'_> {
    #[inline]
    fn get(self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// Where the quotes end that were opened before `start`, and whether there is a backslash between; `None`, if
    /// anything is odd.
    #[inline]
    fn quoted(self, start: usize) -> Option<(usize, bool)> {
        let end = self.marks.quoted_end(start)?;
        match self.get(end)? {
            b'"' => Some((end, false)),
            b'\\' => self.escaped(end),
            _ => None,
        }
    }

    /// The same from the first backslash on.
    #[inline(never)]
    fn escaped(self, mut backslash: usize) -> Option<(usize, bool)> {
        loop {
            if !matches!(self.get(backslash + 1)?, b' '..=b'~') {
                return None;
            }
            let end = self.marks.quoted_end(backslash + 2)?;
            match self.get(end)? {
                b'"' => return Some((end, true)),
                b'\\' => backslash = end,
                _ => return None,
            }
        }
    }

    /// Where the next line starts, if this one ends here.
    #[inline]
    fn after_line_end(self, at: usize) -> Option<usize> {
        match self.get(at)? {
            b'\n' => Some(at + 1),
            b'\r' if self.get(at + 1)? == b'\n' => Some(at + 2),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
