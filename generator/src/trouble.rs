//! Why a corpus was not written.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a corpus was not written. Nothing of it is left under its own name.
#[derive(Debug)]
pub enum Trouble {
    /// The file is there already and was not to be replaced.
    Exists(PathBuf),
    /// Two outputs, such as the log and the truth, were to go to one and the same file.
    SamePath(PathBuf),
    /// Somebody asked to stop.
    Interrupted,
    /// Making, writing or renaming a file failed.
    File {
        /// What was being done, such as "create".
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// Writing the log to a stream failed.
    Stream(io::Error),
}

const NO_READER: &str = "; its reader went away, and no file of the corpus was left behind";

impl Trouble {
    /// Whether the reader of the stream went away, which is no fault of anyone's.
    pub fn is_closed_pipe(&self) -> bool {
        let (Self::Stream(source) | Self::File { source, .. }) = self else { return false };
        source.kind() == io::ErrorKind::BrokenPipe
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists(path) => {
                write!(
                    out,
                    "{} is there already: give --force to replace it, or another name",
                    path.display()
                )
            }
            Self::SamePath(path) => {
                write!(out, "two outputs cannot both go to {}: give each a name of its own", path.display())
            }
            Self::Interrupted => out.write_str("interrupted; no part of the corpus was left behind"),
            Self::File { doing, path, source } => {
                write!(out, "cannot {doing} {}: {source}", path.display())?;
                match source.kind() {
                    io::ErrorKind::NotFound => out.write_str("; make its folder first, or correct the path"),
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => out.write_str(
                        "; free some space or ask for fewer records; no part of the corpus was left behind",
                    ),
                    io::ErrorKind::BrokenPipe => out.write_str(NO_READER),
                    _ => Ok(()),
                }
            }
            Self::Stream(source) => {
                write!(out, "cannot write the log to the output: {source}")?;
                if self.is_closed_pipe() { out.write_str(NO_READER) } else { Ok(()) }
            }
        }
    }
}

impl std::error::Error for Trouble {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } | Self::Stream(source) => Some(source),
            Self::Exists(_) | Self::SamePath(_) | Self::Interrupted => None,
        }
    }
}
