//! A file that lies beside its place under another name until it is whole.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Trouble, Truth};

/// Where a file is to be.
pub(crate) struct Place {
    /// With links followed, so that two names of one place are seen to be one, and a link stays a link.
    pub(crate) path: PathBuf,
    /// Whether it is, or will be, a regular file.
    is_regular: bool,
}

impl Place {
    pub(crate) fn find(path: &Path, force: bool) -> Result<Self, Trouble> {
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

/// The files that lie beside their places now.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    // A set of names is whole whoever panicked meanwhile.
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes what this process has begun to write and not put in its place: for one that ends while a thread still writes.
/// Nothing can be begun or put in its place after it, so no thread goes on with it but into a file that has no name.
pub fn remove_unfinished() {
    let unfinished = unfinished();
    for path in unfinished.iter() {
        let _ = fs::remove_file(path);
    }
    mem::forget(unfinished);
}

/// A file that is not yet whole, or not yet under its name. Dropped, it is removed.
pub(crate) struct Pending {
    /// `None` only once the file is closed.
    file: Option<File>,
    place: PathBuf,
    /// Where it is for now; `None` where it is written straight into its place.
    beside: Option<PathBuf>,
    force: bool,
    /// Of several outputs an error does not say which it was.
    has_failed: bool,
}

impl Pending {
    /// Where it is until it is kept; `None` where it is written straight into its place.
    #[cfg(feature = "sqlite")]
    pub(crate) fn beside(&self) -> Option<&Path> {
        self.beside.as_deref()
    }

    pub(crate) fn create(place: Place, force: bool) -> Result<Self, Trouble> {
        let Place { path, is_regular } = place;
        let mut options = OpenOptions::new();
        options.write(true);
        let opened = if is_regular {
            create_beside(&path, options.create_new(true)).map(|(beside, file)| (Some(beside), file))
        } else {
            options.open(&path).map(|file| (None, file))
        };
        match opened {
            Ok((beside, file)) => {
                Ok(Self { file: Some(file), place: path, beside, force, has_failed: false })
            }
            Err(source) => Err(Trouble::File { doing: "create", path, source }),
        }
    }

    pub(crate) fn trouble(&self, doing: &'static str, source: io::Error) -> Trouble {
        Trouble::File { doing, path: self.place.clone(), source }
    }

    /// Closes the file, which is whole: of many there may not be as many open as there are.
    pub(crate) fn close(&mut self) {
        self.file = None;
    }

    /// Whether writing to it failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// Writes the truth, which is little.
    pub(crate) fn write_truth(&mut self, truth: &Truth) -> Result<(), Trouble> {
        let mut out = BufWriter::new(&mut *self);
        let written = truth.write_json(&mut out).and_then(|()| out.flush());
        drop(out);
        written.map_err(|source| self.trouble("write", source))
    }

    /// Puts the whole file in its place, and returns that if it was renamed for it.
    pub(crate) fn keep(mut self) -> Result<Option<PathBuf>, Trouble> {
        self.file = None;
        let Some(beside) = self.beside.take() else { return Ok(None) };
        let mut unfinished = unfinished();
        // Somebody may have made the file while this one was written.
        let trouble = if !self.force && fs::symlink_metadata(&self.place).is_ok() {
            Trouble::Exists(self.place.clone())
        } else {
            match fs::rename(&beside, &self.place) {
                Ok(()) => {
                    unfinished.remove(&beside);
                    return Ok(Some(self.place.clone()));
                }
                Err(source) => self.trouble("put the finished file at", source),
            }
        };
        // Dropped with it, and the set is taken then.
        drop(unfinished);
        self.beside = Some(beside);
        Err(trouble)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.file = None;
        if let Some(beside) = &self.beside {
            let _ = fs::remove_file(beside);
            unfinished().remove(beside);
        }
    }
}

impl Write for Pending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(file) = &mut self.file else { return Err(io::ErrorKind::BrokenPipe.into()) };
        let written = file.write(bytes);
        self.has_failed |= written.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        // A file has no buffer of its own.
        Ok(())
    }
}

/// Creates a file beside `path` under a name that nothing else has.
fn create_beside(path: &Path, options: &OpenOptions) -> io::Result<(PathBuf, File)> {
    let mut attempt = 0_u32;
    let mut unfinished = unfinished();
    loop {
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}.{attempt}.part", std::process::id()));
        let beside = path.with_file_name(name);
        match options.open(&beside) {
            // Another thread's, or left by a process of the same number that was killed.
            Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists && attempt < 1000 => attempt += 1,
            Err(error) => return Err(error),
            Ok(file) => {
                unfinished.insert(beside.clone());
                return Ok((beside, file));
            }
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
