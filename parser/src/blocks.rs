//! Input cut into blocks of whole lines, in one buffer that is reused.

use std::io::{self, Read};

/// How much of an input is held at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes read at a time, as long as no line is longer. At least 1.
    pub chunk: usize,
    /// The longest line that is read, in bytes without its line feed. The buffer grows up to this for a line that
    /// needs it; a longer line is bad and is skipped without being held. More than 2 GiB is taken for 2 GiB.
    pub line: usize,
}

impl Limits {
    /// The longest line, in bytes without its line feed.
    pub(crate) fn longest_line(self) -> usize {
        self.line.min(2 << 30)
    }
}

impl Default for Limits {
    /// 128 KiB, which stays in a second-level cache, and 16 MiB.
    fn default() -> Self {
        Self { chunk: 128 << 10, line: 16 << 20 }
    }
}

/// How many bytes may be looked at after whole lines, so that who reads many bytes at once need not ask where they end.
pub(crate) const ROOM: usize = 64;

/// A piece of the input.
pub(crate) enum Block<'a> {
    /// Whole lines; only the last of the input may lack its line feed. Never empty.
    Lines {
        bytes: &'a [u8],
        /// The same with [`ROOM`] bytes more, whatever they are; none more where the last line lacks its line feed, so that
        /// it is not taken for a longer one.
        with_room: &'a [u8],
        /// Where they start in the input.
        offset: u64,
        /// Whether more lines can be had after these if these are kept: see [`Blocks::next`].
        more: bool,
    },
    /// The start of a line that is too long; the rest of it is skipped.
    TooLong { start: &'a [u8], offset: u64 },
}

/// Cuts an input into blocks.
pub(crate) struct Blocks<R> {
    source: R,
    /// Its last [`ROOM`] bytes are never read into.
    buffer: Vec<u8>,
    /// What is in the buffer and not yet handed out: `buffer[begin..end]`.
    begin: usize,
    end: usize,
    /// Where `buffer[begin]` stands in the input.
    offset: u64,
    longest: usize,
    skipping: bool,
}

impl<R: Read> Blocks<R> {
    /// Reads into `buffer`, whatever it holds, if it has the right size; else into a fresh one.
    pub(crate) fn new(source: R, limits: Limits, buffer: Vec<u8>) -> Self {
        // One byte more than the longest line: a full buffer without a line feed is then a line that is too long.
        let longest = limits.longest_line() + 1;
        let chunk = limits.chunk.clamp(1, longest);
        let size = chunk + ROOM;
        let buffer = if buffer.len() == size { buffer } else { vec![0; size] };
        Self { source, buffer, begin: 0, end: 0, offset: 0, longest, skipping: false }
    }

    /// The buffer, for another input.
    pub(crate) fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }

    /// The next block, or `None` at the end of the input. A block is handed out as soon as one read has completed a
    /// line, so a pipe that is still being written to is followed closely.
    ///
    /// It begins with the last `keep` bytes of the block before, which are whole lines, and has more lines than these. If
    /// there are none, or there is no room for them, it is what was kept and says that there is no more.
    pub(crate) fn next(&mut self, keep: usize) -> io::Result<Option<Block<'_>>> {
        if self.skipping && !self.skip_line()? {
            return Ok(None);
        }
        self.begin -= keep;
        self.offset -= keep as u64;
        if self.begin > 0 {
            self.buffer.copy_within(self.begin..self.end, 0);
            self.end -= self.begin;
            self.begin = 0;
        }
        let mut searched = keep;
        loop {
            if let Some(feed) = memchr::memrchr(b'\n', &self.buffer[searched..self.end]) {
                return Ok(Some(self.hand_out(searched + feed + 1, true)));
            }
            searched = self.end;
            if self.end == self.room() {
                if self.end == self.longest && keep > 0 {
                    return Ok(Some(self.hand_out(keep, false)));
                }
                if self.end == self.longest {
                    self.skipping = true;
                    return Ok(Some(Block::TooLong { start: &self.buffer[..self.end], offset: self.offset }));
                }
                let larger = self.room().saturating_mul(2).min(self.longest);
                self.buffer.resize(larger + ROOM, 0);
            }
            if self.fill()? == 0 {
                return Ok(if self.end == 0 { None } else { Some(self.hand_out(self.end, false)) });
            }
        }
    }

    /// What was to be kept when [`Blocks::next`] failed.
    pub(crate) fn kept(&self, keep: usize) -> &[u8] {
        self.buffer.get(..keep).unwrap_or_default()
    }

    /// Hands out the first `length` bytes.
    fn hand_out(&mut self, length: usize, more: bool) -> Block<'_> {
        let offset = self.offset;
        self.begin = length;
        self.offset += length as u64;
        let bytes = &self.buffer[..length];
        let with_room = if bytes.ends_with(b"\n") { &self.buffer[..length + ROOM] } else { bytes };
        Block::Lines { bytes, with_room, offset, more }
    }

    /// How much the buffer has room for.
    fn room(&self) -> usize {
        self.buffer.len() - ROOM
    }

    /// Reads once, after what is there.
    fn fill(&mut self) -> io::Result<usize> {
        loop {
            let room = self.room();
            match self.source.read(&mut self.buffer[self.end..room]) {
                Ok(read) => {
                    self.end += read;
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Drops the rest of a line that is too long; whether there is anything after it.
    fn skip_line(&mut self) -> io::Result<bool> {
        self.skipping = false;
        loop {
            if let Some(feed) = memchr::memchr(b'\n', &self.buffer[self.begin..self.end]) {
                self.begin += feed + 1;
                self.offset += feed as u64 + 1;
                return Ok(true);
            }
            self.offset += (self.end - self.begin) as u64;
            self.begin = 0;
            self.end = 0;
            if self.fill()? == 0 {
                return Ok(false);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Block, Blocks, Limits, ROOM};

    fn lines(input: &[u8], chunk: usize, line: usize) -> Vec<(u64, Option<Vec<u8>>)> {
        let mut blocks = Blocks::new(input, Limits { chunk, line }, Vec::new());
        let mut all = Vec::new();
        while let Some(block) = blocks.next(0).expect("a slice can be read") {
            match block {
                Block::Lines { bytes, offset, .. } => {
                    let mut at = offset;
                    for line in bytes.split_inclusive(|&b| b == b'\n') {
                        all.push((at, Some(line.to_vec())));
                        at += line.len() as u64;
                    }
                }
                Block::TooLong { offset, .. } => all.push((offset, None)),
            }
        }
        all
    }

    #[test]
    fn every_chunk_size_gives_the_same_lines() {
        let input = b"one\n\ntwo two\nlonger than the rest\nx\nno feed";
        let expected = lines(input, 1000, 1000);
        assert_eq!(expected.len(), 6);
        for chunk in 1..50 {
            assert_eq!(lines(input, chunk, 1000), expected, "chunk of {chunk}");
        }
    }

    #[test]
    fn there_is_room_after_whole_lines_alone() {
        for chunk in 1..30 {
            let mut blocks =
                Blocks::new(b"one\n{\"a\":1}\n{\"b\":2}".as_slice(), Limits { chunk, line: 10 }, Vec::new());
            while let Some(block) = blocks.next(0).expect("a slice can be read") {
                let Block::Lines { bytes, with_room, .. } = block else { panic!("no line is too long") };
                let room = if bytes.ends_with(b"\n") { ROOM } else { 0 };
                assert_eq!(with_room.len(), bytes.len() + room, "chunk of {chunk}");
                assert!(with_room.starts_with(bytes), "chunk of {chunk}");
            }
        }
    }

    #[test]
    fn a_line_over_the_limit_is_skipped_and_the_next_is_not() {
        for chunk in 1..40 {
            let got = lines(b"12345\n123456\n1\n1234567890123456789", chunk, 5);
            assert_eq!(
                got,
                [(0, Some(b"12345\n".to_vec())), (6, None), (13, Some(b"1\n".to_vec())), (15, None)],
                "chunk of {chunk}"
            );
        }
    }
}
