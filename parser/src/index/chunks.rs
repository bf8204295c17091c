//! A file cut into chunks of whole lines, each read by itself, so that several threads can share it.

use std::fs::File;
use std::io;

use crate::format::Beginnings;

/// Bytes of a chunk: few enough to stay near the processor, enough to be worth a hand-over.
pub(super) const CHUNK: u64 = 1 << 20;

/// Reads at an offset, without moving the file's position.
pub(super) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    loop {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(file, buffer, offset);
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(file, buffer, offset);
        match read {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

/// Fills a buffer from an offset on, as far as the file reaches; how many bytes there were.
pub(super) fn fill_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match read_at(file, &mut buffer[filled..], offset + filled as u64)? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// The furthest that a chunk reaches beyond its size for the rest of a record of several lines.
const LOOK_AHEAD: u64 = 4 << 20;

/// Cuts a file, or what follows an offset in it, into chunks: each begins with a line that begins a record, whatever
/// comes before it. Where none follows for 4 MiB, a chunk begins with any line, and a record of several lines may be
/// cut.
pub(super) struct Chunks<'a> {
    file: &'a File,
    /// Where the next chunk begins, which must be the start of a line.
    position: u64,
    end: u64,
    longest: usize,
    /// What was read of the lines that were looked at; those before `begin` are done with.
    buffer: Vec<u8>,
    begin: usize,
    /// No line from where the last chunk was cut up to here begins a record, so that none is looked at twice.
    barren: u64,
    beginnings: Beginnings,
}

/// A chunk: whole lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) start: u64,
    pub(super) end: u64,
}

impl<'a> Chunks<'a> {
    /// Lines longer than `longest` are bad; so they need not be held.
    pub(super) fn new(file: &'a File, start: u64, end: u64, longest: usize) -> Self {
        let beginnings = Beginnings::new();
        Self { file, position: start, end, longest, buffer: Vec::new(), begin: 0, barren: 0, beginnings }
    }

    /// The next chunk; none at the end.
    ///
    /// # Errors
    /// What the file gives, or that it has become shorter.
    pub(super) fn next(&mut self) -> io::Result<Option<Chunk>> {
        let start = self.position;
        if start >= self.end {
            return Ok(None);
        }
        self.position = self.cut(start)?;
        Ok(Some(Chunk { start, end: self.position }))
    }

    fn cut(&mut self, start: u64) -> io::Result<u64> {
        let nominal = start + CHUNK;
        if nominal >= self.end {
            return Ok(self.end);
        }
        let Some(first) = self.line_start(nominal)? else { return Ok(self.end) };
        let mut line_at = first.max(self.barren);
        self.buffer.clear();
        self.begin = 0;
        while line_at < self.end && line_at - first < LOOK_AHEAD {
            let Some(length) = self.line(line_at)? else { break };
            if self.beginnings.has(&self.buffer[self.begin..self.begin + length]) {
                return Ok(line_at);
            }
            self.begin += length;
            line_at += length as u64;
        }
        self.barren = line_at;
        Ok(first)
    }

    /// The first start of a line that is not before an offset; none, if that is the end.
    fn line_start(&self, offset: u64) -> io::Result<Option<u64>> {
        let mut at = offset - 1;
        let mut window = [0; 4 << 10];
        while at < self.end {
            let most = window.len().min(usize::try_from(self.end - at).unwrap_or(usize::MAX));
            fill(self.file, &mut window[..most], at)?;
            if let Some(feed) = memchr::memchr(b'\n', &window[..most]) {
                let start = at + feed as u64 + 1;
                return Ok((start < self.end).then_some(start));
            }
            at += most as u64;
        }
        Ok(None)
    }

    /// Reads on until a whole line stands where the buffer begins, which is what follows `at`; how long it is. None, if it is
    /// too long.
    fn line(&mut self, at: u64) -> io::Result<Option<usize>> {
        let mut step = 4 << 10;
        let mut searched = 0;
        loop {
            if let Some(feed) = memchr::memchr(b'\n', &self.buffer[self.begin + searched..]) {
                return Ok(Some(searched + feed + 1));
            }
            self.buffer.drain(..self.begin);
            self.begin = 0;
            searched = self.buffer.len();
            if searched > self.longest {
                return Ok(None);
            }
            let from = at + searched as u64;
            let more = step.min(usize::try_from(self.end - from).unwrap_or(usize::MAX));
            if more == 0 {
                return Ok(Some(searched));
            }
            self.buffer.resize(searched + more, 0);
            fill(self.file, &mut self.buffer[searched..], from)?;
            step *= 2;
        }
    }
}

impl Chunk {
    /// Reads the lines of a chunk. Of a line that is longer than the longest there is so much that a reader sees that
    /// it is; it ends the chunk.
    ///
    /// # Errors
    /// What the file gives, or that it has become shorter.
    pub(super) fn read(self, file: &File, longest: usize, buffer: &mut Vec<u8>) -> io::Result<()> {
        // A chunk that is longer than this ends with a line that is too long.
        let most = CHUNK + LOOK_AHEAD + 2 * longest as u64 + 1;
        let length = (self.end - self.start).min(most);
        buffer.resize(usize::try_from(length).map_err(io::Error::other)?, 0);
        fill(file, buffer, self.start)
    }
}

fn fill(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    if fill_at(file, buffer, offset)? == buffer.len() {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "has become shorter while it was read; read it again when nothing cuts it",
    ))
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write;

    use super::{CHUNK, Chunk, Chunks, LOOK_AHEAD};
    use crate::format::begins_record;

    fn file(text: &[u8]) -> File {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(text).expect("it can be written");
        file
    }

    fn chunks(file: &File, length: usize, longest: usize) -> Vec<Chunk> {
        let mut chunks = Chunks::new(file, 0, length as u64, longest);
        std::iter::from_fn(|| chunks.next().expect("it can be read")).collect()
    }

    /// Joined, the chunks are the file, cut at line feeds only.
    #[test]
    fn chunks_are_whole_lines_and_all_of_them() {
        let chunk = CHUNK as usize;
        for lengths in [
            vec![10, 20, 30],
            vec![chunk - 1, 5, 7],
            vec![chunk - 2, 5, 7],
            vec![chunk, 5, 7],
            vec![3 * chunk + 17, 9],
            vec![100; 3 * chunk / 100],
            vec![0; 5],
        ] {
            for ends in [true, false] {
                let mut text: Vec<u8> =
                    lengths.iter().flat_map(|&length| [vec![b'x'; length], vec![b'\n']].concat()).collect();
                if !ends {
                    text.pop();
                }
                let file = file(&text);
                let mut joined = Vec::new();
                for chunk in chunks(&file, text.len(), 16 << 20) {
                    assert_eq!(chunk.start, joined.len() as u64);
                    let mut buffer = Vec::new();
                    chunk.read(&file, 16 << 20, &mut buffer).expect("it can be read");
                    joined.extend_from_slice(&buffer);
                    assert!(joined.ends_with(b"\n") || joined.len() == text.len());
                }
                assert!(joined == text, "{:?}", &lengths[..lengths.len().min(3)]);
            }
        }
    }

    #[test]
    fn a_record_of_several_lines_is_not_cut() {
        let begin = b"2025-01-15 10:00:00,000 ERROR [main] a.B - gone\n".repeat(20_000);
        let trace = b"\tat a.B.c(B.java:1)\n".repeat(30_000);
        let text = [&begin[..], &trace, &begin].concat();
        let file = file(&text);
        let starts: Vec<u64> = chunks(&file, text.len(), 16 << 20).iter().map(|chunk| chunk.start).collect();
        assert!(starts.len() > 1);
        assert!(starts.iter().all(|&start| text[start as usize..].starts_with(b"2025")));
    }

    /// Where a chunk that begins at `start` ends, by a look at each line that may be the next one's first.
    fn end_plainly(text: &[u8], start: usize) -> usize {
        let line_after =
            |at: usize| memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |feed| at + feed + 1);
        let nominal = start + CHUNK as usize;
        if nominal >= text.len() {
            return text.len();
        }
        let first = line_after(nominal - 1);
        let mut at = first;
        while at < text.len() && at - first < LOOK_AHEAD as usize {
            let end = line_after(at);
            if begins_record(&text[at..end]) {
                return at;
            }
            at = end;
        }
        first
    }

    #[test]
    fn chunks_are_cut_where_a_look_at_each_line_cuts_them() {
        let mib = CHUNK as usize;
        let record = b"{\"level\":\"INFO\"}\n".repeat(mib / 20);
        let long = [&b"\t"[..], &[b'x'; 2000], b"\n"].concat();
        for barren in [mib / 2, 3 * mib, 5 * mib, 5 * mib + 7, 11 * mib] {
            let barren = long.repeat(barren / long.len());
            let text = [&record[..], &barren, &record, &barren, &record].concat();
            let plainly: Vec<u64> = std::iter::successors(Some(0), |&start| Some(end_plainly(&text, start)))
                .take_while(|&start| start < text.len())
                .map(|start| start as u64)
                .collect();
            let found: Vec<u64> =
                chunks(&file(&text), text.len(), 16 << 20).iter().map(|c| c.start).collect();
            assert_eq!(found, plainly, "{} bytes", barren.len());
        }
    }

    #[test]
    fn of_a_line_that_is_too_long_there_is_no_more_than_needed() {
        let text = [vec![b'x'; 40 * CHUNK as usize], b"\n{}\n".to_vec()].concat();
        let file = file(&text);
        let longest = CHUNK as usize;
        let chunks = chunks(&file, text.len(), longest);
        assert_eq!(chunks.iter().map(|chunk| chunk.start).collect::<Vec<_>>(), [0, 40 * CHUNK + 1]);
        let mut buffer = Vec::new();
        chunks[0].read(&file, longest, &mut buffer).expect("it can be read");
        assert!(buffer.len() > longest && buffer.len() < 10 * CHUNK as usize);
    }
}
