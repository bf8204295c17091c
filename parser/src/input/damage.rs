//! Where compressed bytes break.

use std::io::{self, BufRead, BufReader, Read};
use std::{error, fmt};

/// Compressed bytes that cannot be read to their end. It travels inside an [`io::Error`] of kind `InvalidData`;
/// [`Damage::within`] finds it there. What was decoded before it has been given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// How they are compressed.
    pub format: &'static str,
    /// About where they break, in compressed bytes from the start; where the input ends, if it is cut short.
    pub at: u64,
    /// How many bytes were decoded before.
    pub decoded: u64,
    /// What is wrong there.
    pub what: String,
}

impl Damage {
    /// The damage inside an error, if that is what it holds.
    pub fn within(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { format, at, decoded, what } = self;
        write!(
            f,
            "the {format} data breaks at byte {at}: {what}; {decoded} bytes before that were decoded and read"
        )
    }
}

impl error::Error for Damage {}

impl From<Damage> for io::Error {
    fn from(damage: Damage) -> Self {
        Self::new(io::ErrorKind::InvalidData, damage)
    }
}

/// Counts the bytes that are taken from an input.
pub(super) struct Counted<R> {
    input: BufReader<R>,
    pub(super) taken: u64,
    /// Whether the input failed itself: then it is not the compressed bytes that are damaged.
    pub(super) failed: bool,
}

impl<R: Read> Counted<R> {
    pub(super) fn new(input: BufReader<R>) -> Self {
        Self { input, taken: 0, failed: false }
    }

    /// Whether nothing more comes.
    #[cfg(feature = "zstd")]
    pub(super) fn is_at_end(&mut self) -> io::Result<bool> {
        Ok(self.fill_buf()?.is_empty())
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer);
        self.failed |= read.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        self.taken += *read.as_ref().unwrap_or(&0) as u64;
        read
    }
}

impl<R: Read> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let Self { input, failed, .. } = self;
        let filled = input.fill_buf();
        *failed |= filled.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        filled
    }

    fn consume(&mut self, bytes: usize) {
        self.taken += bytes as u64;
        self.input.consume(bytes);
    }
}
