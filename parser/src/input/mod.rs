//! Inputs as they lie on a disk or come through a pipe: which files are meant, and what is compressed in them.

mod ahead;
mod damage;
#[cfg(feature = "gzip")]
mod gzip;
#[cfg(feature = "gzip")]
mod members;
#[cfg(feature = "glob")]
mod names;
#[cfg(feature = "zstd")]
mod zstd;

pub use ahead::Ahead;
pub use damage::Damage;
#[cfg(feature = "glob")]
pub use names::{Meant, expand};

use std::fs::File;
use std::io::{self, BufReader, Chain, Cursor, Read};
use std::num::NonZeroUsize;

/// How many compressed bytes are read at a time.
const BUFFER: usize = 64 << 10;
/// The longest magic number that is looked for.
const MAGIC: usize = 4;

/// The start of an input, and the rest of it.
type Started<R> = Chain<Cursor<Vec<u8>>, R>;

/// How an input is compressed, told by its first bytes and not by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all, or in a way that is not known here.
    None,
    /// gzip (RFC 1952): 1f 8b 08.
    #[cfg(feature = "gzip")]
    Gzip,
    /// zstd (RFC 8878): 28 b5 2f fd, or a skippable frame.
    #[cfg(feature = "zstd")]
    Zstd,
}

impl Compression {
    /// What the first bytes of an input tell, of which there are [`MAGIC`] unless it ends before: what could go on as one
    /// of these is one that is cut short.
    fn of_start(start: &[u8]) -> Self {
        match start {
            #[cfg(feature = "gzip")]
            [0x1f, 0x8b] | [0x1f, 0x8b, 8, ..] => Self::Gzip,
            #[cfg(feature = "zstd")]
            [0x28, 0xb5]
            | [0x28, 0xb5, 0x2f]
            | [0x28, 0xb5, 0x2f, 0xfd, ..]
            | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::None,
        }
    }
}

/// An input whose compression is known.
pub struct Source<R> {
    compression: Compression,
    started: Started<R>,
}

impl<R: Read> Source<R> {
    /// Reads the first bytes of an input.
    ///
    /// # Errors
    /// What the input gives.
    pub fn new(mut input: R) -> io::Result<Self> {
        let mut start = Vec::with_capacity(MAGIC);
        input.by_ref().take(MAGIC as u64).read_to_end(&mut start)?;
        let compression = Compression::of_start(&start);
        Ok(Self { compression, started: Cursor::new(start).chain(input) })
    }

    /// How it is compressed.
    pub fn compression(&self) -> Compression {
        self.compression
    }
}

impl<R: Read + Send + 'static> Source<R> {
    /// The bytes that are meant: decompressed, if they are compressed, in a thread of their own if `ahead`. What can be read
    /// comes before an error; a [`Damage`] inside the error tells where the compressed bytes break.
    pub fn decode(self, ahead: bool) -> Box<dyn Read> {
        let started = self.started;
        let decoder: Box<dyn Read + Send> = match self.compression {
            Compression::None => return Box::new(started),
            #[cfg(feature = "gzip")]
            Compression::Gzip => Box::new(gzip::Gzip::new(BufReader::with_capacity(BUFFER, started))),
            #[cfg(feature = "zstd")]
            Compression::Zstd => Box::new(zstd::Zstd::new(BufReader::with_capacity(BUFFER, started))),
        };
        if ahead { Box::new(Ahead::new(decoder)) } else { decoder }
    }
}

impl Source<File> {
    /// The same, decompressed by as many threads as that is good for, if more than one is given: the members of one
    /// gzip file are decoded beside each other, anything else in one thread ahead of who reads. It takes at most 16
    /// MiB.
    ///
    /// # Errors
    /// If the file cannot be read.
    #[cfg_attr(not(feature = "gzip"), expect(unused_mut, reason = "only the members of gzip are looked for"))]
    pub fn decode_on(mut self, threads: NonZeroUsize) -> io::Result<Box<dyn Read>> {
        #[cfg(feature = "gzip")]
        if self.compression == Compression::Gzip && threads.get() > 1 {
            let (start, file) = self.started.get_mut();
            let is_whole = file.metadata()?.is_file()
                && io::Seek::stream_position(file)? == start.get_ref().len() as u64;
            if is_whole && let Some(members) = members::Members::of(file, threads)? {
                return Ok(Box::new(members));
            }
        }
        Ok(self.decode(threads.get() > 1))
    }
}
