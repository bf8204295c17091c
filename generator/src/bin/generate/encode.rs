//! Compressed logs: independent blocks of about a megabyte, so that threads can make them side by side.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;

use flate2::{Compression, GzBuilder};
use generator::Encoder;

/// The form that a file's name asks for by its ending; `None` for a plain one.
pub(crate) fn of_name(name: &OsStr) -> Option<&'static dyn Encoder> {
    of_ending(Path::new(name).extension()?.to_str()?)
}

/// The form of this ending.
pub(crate) fn of_ending(ending: &str) -> Option<&'static dyn Encoder> {
    match ending {
        "gz" => Some(&Gzip),
        "zst" => Some(&Zstd),
        _ => None,
    }
}

/// Members of gzip (RFC 1952) at level 6, without name or time, so that the same log gives the same bytes.
struct Gzip;

impl Encoder for Gzip {
    fn encode(
        &self,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let mut member = GzBuilder::new().mtime(0).write(out, Compression::new(6));
        write(&mut member)?;
        member.finish().map(drop)
    }
}

/// Frames of zstd (RFC 8878) at level 3, with checksums.
struct Zstd;

impl Encoder for Zstd {
    fn encode(
        &self,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let mut frame = zstd::Encoder::new(out, 3)?;
        frame.include_checksum(true)?;
        write(&mut frame)?;
        frame.finish().map(drop)
    }
}
