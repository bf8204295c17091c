//! A file cut into chunks of whole lines, each read by itself, so that several threads can share it.

use std::fs::File;
use std::io;

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

/// What of a file is cut: from where on, which must be the start of a line, and to where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    pub(super) start: u64,
    pub(super) end: u64,
    /// The longest line that is held whole.
    pub(super) longest: usize,
}

impl Extent {
    pub(super) fn chunks(self) -> u64 {
        (self.end - self.start).div_ceil(CHUNK)
    }

    /// Reads the lines that begin in a chunk into `buffer`, and gives the offset of the first. Of a line that is longer
    /// than the longest there is so much that a reader sees that it is, and nothing after it.
    ///
    /// # Errors
    /// What the file gives, or that it has become shorter.
    pub(super) fn read(self, file: &File, chunk: u64, buffer: &mut Vec<u8>) -> io::Result<u64> {
        let nominal = self.start + chunk * CHUNK;
        let end = (nominal + CHUNK).min(self.end);
        // A line begins here if the byte before ends one.
        let from = if chunk == 0 { nominal } else { nominal - 1 };
        buffer.resize((end - from) as usize, 0);
        Self::fill(file, buffer, from)?;
        let skipped = if chunk == 0 {
            0
        } else {
            // Without a line feed before the last byte no line begins here: one after that begins in the next chunk.
            let within = &buffer[..buffer.len() - 1];
            memchr::memchr(b'\n', within).map_or(buffer.len(), |feed| feed + 1)
        };
        buffer.drain(..skipped);
        let offset = from + skipped as u64;
        if buffer.is_empty() {
            return Ok(offset);
        }
        // The last line goes on into the chunks that follow.
        let line = memchr::memrchr(b'\n', buffer).map_or(0, |feed| feed + 1);
        let mut step = 16 << 10;
        while buffer.last() != Some(&b'\n') {
            let at = offset + buffer.len() as u64;
            let room = (self.longest + 1).saturating_sub(buffer.len() - line);
            let more = step.min(room).min(usize::try_from(self.end - at).unwrap_or(usize::MAX));
            if more == 0 {
                break;
            }
            let filled = buffer.len();
            buffer.resize(filled + more, 0);
            Self::fill(file, &mut buffer[filled..], at)?;
            if let Some(feed) = memchr::memchr(b'\n', &buffer[filled..]) {
                buffer.truncate(filled + feed + 1);
            }
            step *= 2;
        }
        Ok(offset)
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
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::{CHUNK, Extent};

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
                let mut file = tempfile::tempfile().expect("a file");
                file.write_all(&text).expect("it can be written");
                let extent = Extent { start: 0, end: text.len() as u64, longest: 16 << 20 };
                let mut joined = Vec::new();
                let mut buffer = Vec::new();
                for chunk in 0..extent.chunks() {
                    let offset = extent.read(&file, chunk, &mut buffer).expect("it can be read");
                    if buffer.is_empty() {
                        continue;
                    }
                    assert_eq!(offset, joined.len() as u64);
                    joined.extend_from_slice(&buffer);
                    assert!(joined.ends_with(b"\n") || joined.len() == text.len());
                }
                assert!(joined == text, "{:?}", &lengths[..lengths.len().min(3)]);
            }
        }
    }

    #[test]
    fn of_a_line_that_is_too_long_there_is_just_enough() {
        let text = [vec![b'x'; 4 * CHUNK as usize], b"\nshort\n".to_vec()].concat();
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(&text).expect("it can be written");
        let extent = Extent { start: 0, end: text.len() as u64, longest: CHUNK as usize + 100 };
        let mut read = Vec::new();
        for chunk in 0..extent.chunks() {
            let mut buffer = Vec::new();
            let offset = extent.read(&file, chunk, &mut buffer).expect("it can be read");
            if !buffer.is_empty() {
                read.push((offset, buffer.len()));
            }
        }
        assert_eq!(read, [(0, CHUNK as usize + 101), (4 * CHUNK + 1, 6)]);
    }
}
