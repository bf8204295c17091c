//! What the targets share: an input that chooses its own chunks, and readers' outcomes that can be compared.

use parser::{BadLine, Limits, Refusal};
use std::io::{self, Read};

/// A log, and how it is handed over.
#[derive(Debug)]
pub struct Input<'a> {
    /// The log.
    pub log: &'a [u8],
    /// Chunks and longest lines, both small, so that every boundary is met.
    pub limits: Limits,
    /// Bytes that a read gives at most.
    most: usize,
}

impl<'a> Input<'a> {
    /// The first two bytes say how the others are handed over.
    pub fn of(data: &'a [u8]) -> Option<Self> {
        let [how, limit, log @ ..] = data else { return None };
        let chunk = [1, 7, 64, 100, 4096, 128 << 10][usize::from(*how) % 6];
        let line = if *limit < 32 { usize::from(*limit) + 40 } else { 16 << 20 };
        let most = [1, 13, 64, usize::MAX][usize::from(*how >> 4) % 4];
        Some(Self { log, limits: Limits { chunk, line }, most })
    }

    /// A source that gives a few bytes at a time, as a pipe may.
    pub fn source(&self) -> impl Read + 'a {
        Trickle { bytes: self.log, most: self.most }
    }
}

struct Trickle<'a> {
    bytes: &'a [u8],
    most: usize,
}

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(self.most);
        self.bytes.read(&mut buffer[..length])
    }
}

/// What a reader gives, and the lines that it calls bad.
///
/// # Panics
/// On an error that is no refusal: memory can always be read.
pub fn outcome<T>(
    read: impl FnOnce(&mut dyn FnMut(BadLine)) -> io::Result<T>,
) -> (Result<T, Refusal>, Vec<BadLine>) {
    let mut bad = Vec::new();
    let result = read(&mut |line| bad.push(line));
    (result.map_err(|error| Refusal::within(&error).expect("memory is always readable")), bad)
}
