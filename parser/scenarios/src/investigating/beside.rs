//! Files that a scenario needs besides its corpus: an index that is saved, a folder in which one is replaced.

use super::indexed;
use harness::subject::{Corpus, Error};
use parser::index::{Index, Options};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// One thread, as a process is pinned to one processor.
pub(super) const ONE: fn() -> Options = || Options { threads: 1, ..Options::default() };

/// A folder of this process for temporary files, which goes when it is dropped.
pub(super) struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    fn new() -> Result<Self, Error> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("assay-{}-{number}", std::process::id()));
        std::fs::create_dir(&folder).map_err(|e| format!("making the folder {}: {e}", folder.display()))?;
        Ok(Self { folder })
    }

    /// A folder with a link to a corpus, so that what is saved beside it is not beside the corpus.
    pub(super) fn linking(corpus: &Corpus) -> Result<(Self, Corpus), Error> {
        let scratch = Self::new()?;
        let path = scratch.folder.join("log");
        let whole = std::fs::canonicalize(&corpus.path)
            .map_err(|e| format!("finding {}: {e}", corpus.path.display()))?;
        std::os::unix::fs::symlink(&whole, &path).map_err(|e| format!("linking {}: {e}", path.display()))?;
        Ok((scratch, Corpus { path, ..corpus.clone() }))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What can't be removed is in the folder for temporary files, where it is found.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A corpus with its index saved beside it. It is kept beside a generated corpus, so that no measured process has to
/// make it; a log of the user's own gets no file beside it, but a link to it in a folder that goes with the process.
pub(super) fn saved(corpus: &Corpus) -> Result<(Option<Scratch>, Corpus), Error> {
    let (scratch, corpus) = if corpus.truth.is_some() {
        (None, corpus.clone())
    } else {
        let (scratch, corpus) = Scratch::linking(corpus)?;
        (Some(scratch), corpus)
    };
    if Index::open(&corpus.path, ONE(), &mut |_| ()).is_err() {
        indexed(&corpus)?.save().map_err(|e| format!("saving an index of {}: {e}", corpus.path.display()))?;
    }
    Ok((scratch, corpus))
}

/// A database with one table, `jobs`, of the lines of a corpus; kept like a [`saved`] index.
#[cfg(feature = "databases")]
pub(super) struct Table {
    path: PathBuf,
    _scratch: Option<Scratch>,
}

#[cfg(feature = "databases")]
impl Table {
    /// Makes it, or finds it made.
    pub(super) fn of(corpus: &Corpus) -> Result<Self, Error> {
        let scratch = if corpus.truth.is_none() { Some(Scratch::new()?) } else { None };
        let path = match &scratch {
            Some(scratch) => scratch.folder.join("jobs.db"),
            None => corpus.path.with_extension("db"),
        };
        let modified = |path: &PathBuf| std::fs::metadata(path).and_then(|facts| facts.modified());
        let is_there = modified(&path).is_ok_and(|at| modified(&corpus.path).is_ok_and(|log| at >= log));
        if !is_there {
            let unfinished = path.with_extension(format!("db.{}", std::process::id()));
            let doing = |error: &dyn std::fmt::Display| format!("making {}: {error}", path.display());
            let mut loader =
                parser::database::Loader::new(&unfinished, "jobs").map_err(|error| doing(&error))?;
            let made = loader.read(corpus.open()?, &mut |_| ()).map_err(|error| doing(&error));
            let made = made.and_then(|()| loader.finish().map_err(|error| doing(&error)));
            let made = made.and_then(|_| std::fs::rename(&unfinished, &path).map_err(|error| doing(&error)));
            if made.is_err() {
                // The reason is told; what is left behind is of no use.
                let _ = std::fs::remove_file(&unfinished);
            }
            made?;
        }
        Ok(Self { path, _scratch: scratch })
    }

    pub(super) fn path(&self) -> &std::path::Path {
        &self.path
    }
}
