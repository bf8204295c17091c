//! Corpora as files: written beside their place under another name, and put there when they are whole.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::{Spec, Truth, generate};

/// Why a corpus was not written. Nothing of it is left under its own name.
#[derive(Debug)]
pub enum Trouble {
    /// The file is there already and was not to be replaced.
    Exists(PathBuf),
    /// The log and the truth were to go to one and the same file.
    SamePath(PathBuf),
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

impl Trouble {
    /// Whether the reader of the stream went away, which is no fault of anyone's.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Stream(source) if source.kind() == io::ErrorKind::BrokenPipe)
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
                write!(out, "the log and the truth cannot both go to {}: give them two names", path.display())
            }
            Self::File { doing, path, source } => {
                write!(out, "cannot {doing} {}: {source}", path.display())?;
                match source.kind() {
                    io::ErrorKind::NotFound => out.write_str("; make its folder first, or correct the path"),
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => out.write_str(
                        "; free some space or ask for fewer records; no part of the corpus was left behind",
                    ),
                    _ => Ok(()),
                }
            }
            Self::Stream(source) => write!(out, "cannot write the log to the output: {source}"),
        }
    }
}

impl std::error::Error for Trouble {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } | Self::Stream(source) => Some(source),
            Self::Exists(_) | Self::SamePath(_) => None,
        }
    }
}

/// Writes a corpus to the file `out`, and its truth to `truth` where that is given.
///
/// Both are written beside their place under another name and renamed when both are whole. A place that is no regular file
/// (a device, a named pipe) is written straight into.
///
/// # Errors
///
/// [`Trouble::Exists`] for a file that is there, unless `force` is set; [`Trouble::SamePath`]; and whatever making, writing
/// or renaming gives. What was written so far is removed.
pub fn write_files(spec: &Spec, out: &Path, truth: Option<&Path>, force: bool) -> Result<Truth, Trouble> {
    let log = Place::find(out, force)?;
    let facts = truth.map(|path| Place::find(path, force)).transpose()?;
    if facts.as_ref().is_some_and(|facts| facts.path == log.path) {
        return Err(Trouble::SamePath(log.path));
    }
    let mut log = Pending::create(log, force)?;
    let mut facts = facts.map(|place| Pending::create(place, force)).transpose()?;
    let computed = generate(spec, &mut log).map_err(|source| log.trouble("write", source))?;
    if let Some(facts) = &mut facts {
        facts.write_truth(&computed)?;
    }
    // The truth goes first: a log is never there without it.
    let renamed = facts.map(Pending::keep).transpose()?.flatten();
    if let Err(trouble) = log.keep() {
        if let Some(truth) = renamed {
            let _ = fs::remove_file(truth);
        }
        return Err(trouble);
    }
    Ok(computed)
}

/// Writes a corpus to a stream, and its truth to the file `truth` where that is given, once the log is whole.
///
/// # Errors
///
/// As [`write_files`], and [`Trouble::Stream`] for those of `out`.
pub fn write_stream(
    spec: &Spec,
    out: &mut (dyn Write + Send),
    truth: Option<&Path>,
    force: bool,
) -> Result<Truth, Trouble> {
    let facts = truth.map(|path| Pending::create(Place::find(path, force)?, force)).transpose()?;
    let computed = generate(spec, out).map_err(Trouble::Stream)?;
    if let Some(mut facts) = facts {
        facts.write_truth(&computed)?;
        facts.keep()?;
    }
    Ok(computed)
}

/// Where a file is to be.
struct Place {
    /// With links followed, so that two names of one place are seen to be one, and a link stays a link.
    path: PathBuf,
    /// Whether it is, or will be, a regular file.
    is_regular: bool,
}

impl Place {
    fn find(path: &Path, force: bool) -> Result<Self, Trouble> {
        let trouble = |doing, source| Trouble::File { doing, path: path.to_owned(), source };
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Err(trouble("write", io::ErrorKind::IsADirectory.into())),
            Ok(found) if !found.is_file() => Ok(Self { path: path.to_owned(), is_regular: false }),
            Ok(_) if !force => Err(Trouble::Exists(path.to_owned())),
            Ok(_) => {
                let path = fs::canonicalize(path).map_err(|source| trouble("find", source))?;
                Ok(Self { path, is_regular: true })
            }
            Err(_) => {
                let path = in_real_folder(path).map_err(|source| trouble("create", source))?;
                Ok(Self { path, is_regular: true })
            }
        }
    }
}

/// A file that is not yet whole. Dropped, it is removed.
struct Pending {
    /// `None` only once the file is closed.
    file: Option<File>,
    place: PathBuf,
    /// Where it is for now; `None` where it is written straight into its place.
    beside: Option<PathBuf>,
    force: bool,
}

impl Pending {
    fn create(place: Place, force: bool) -> Result<Self, Trouble> {
        let Place { path, is_regular } = place;
        let mut options = OpenOptions::new();
        options.write(true);
        let opened = if is_regular {
            create_beside(&path, options.create_new(true)).map(|(beside, file)| (Some(beside), file))
        } else {
            options.open(&path).map(|file| (None, file))
        };
        match opened {
            Ok((beside, file)) => Ok(Self { file: Some(file), place: path, beside, force }),
            Err(source) => Err(Trouble::File { doing: "create", path, source }),
        }
    }

    fn trouble(&self, doing: &'static str, source: io::Error) -> Trouble {
        Trouble::File { doing, path: self.place.clone(), source }
    }

    fn write_truth(&mut self, truth: &Truth) -> Result<(), Trouble> {
        let mut out = BufWriter::new(&mut *self);
        let written = truth.write_json(&mut out).and_then(|()| out.flush());
        drop(out);
        written.map_err(|source| self.trouble("write", source))
    }

    /// Puts the whole file in its place, and returns that if it was renamed for it.
    fn keep(mut self) -> Result<Option<PathBuf>, Trouble> {
        self.file = None;
        let Some(beside) = self.beside.take() else { return Ok(None) };
        // Somebody may have made the file while this one was written.
        let trouble = if !self.force && fs::symlink_metadata(&self.place).is_ok() {
            Trouble::Exists(self.place.clone())
        } else {
            match fs::rename(&beside, &self.place) {
                Ok(()) => return Ok(Some(self.place.clone())),
                Err(source) => self.trouble("put the finished file at", source),
            }
        };
        self.beside = Some(beside);
        Err(trouble)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.file = None;
        if let Some(beside) = &self.beside {
            let _ = fs::remove_file(beside);
        }
    }
}

impl Write for Pending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_mut().map_or(Err(io::ErrorKind::BrokenPipe.into()), |file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), File::flush)
    }
}

/// Creates a file beside `path` under a name that nothing else has.
fn create_beside(path: &Path, options: &OpenOptions) -> io::Result<(PathBuf, File)> {
    let mut attempt = 0_u32;
    loop {
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}.{attempt}.part", std::process::id()));
        let beside = path.with_file_name(name);
        match options.open(&beside) {
            // Another thread's, or left by a process of the same number that was killed.
            Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists && attempt < 1000 => attempt += 1,
            opened => return opened.map(|file| (beside, file)),
        }
    }
}

/// The path with its folder's links followed.
fn in_real_folder(path: &Path) -> io::Result<PathBuf> {
    let name =
        path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it names no file"))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(fs::canonicalize(folder)?.join(name))
}
