//! Fresh copies of what is timed.
//!
//! Where the pages of a file lie in memory is decided when it is written and stays so for as long as it is cached. It moves
//! timings: two copies of one binary differed by 1 to 1.5 % in every block of a run here, which no number of blocks averages
//! out. So each timed visit runs a copy of its own: what was a bias of the run becomes noise between blocks, which the interval
//! covers (as Curtsinger and Berger's *Stabilizer*, ASPLOS 2013, does within a process).

use crate::error::{Doing, Result};
use crate::subject::Subject;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The copies of a run; they are gone when this is dropped.
#[derive(Debug)]
pub struct Copies {
    folder: PathBuf,
    of: RefCell<BTreeMap<String, Copied>>,
}

/// An arm's files, held in memory, so that the disk has no part in copying them.
#[derive(Debug)]
struct Copied {
    binary: Vec<u8>,
    command: Option<Vec<u8>>,
    made: u64,
    now: Option<Subject>,
}

impl Copies {
    /// Copies are to be made in a folder below `run`. What an earlier process left there is removed.
    pub fn new(run: &Path) -> Self {
        let folder = run.join("copies");
        let _ = fs::remove_dir_all(&folder);
        Self { folder, of: RefCell::new(BTreeMap::new()) }
    }

    /// A copy of an arm's files that nobody ran yet. The one before is removed after it is made, so that its pages are not
    /// the new one's. All copies have paths of the same length: it shifts the stack.
    pub fn fresh(&self, arm: &str, subject: &Subject) -> Result<Subject> {
        let mut of = self.of.borrow_mut();
        let number = of.len();
        let copied = match of.entry(arm.to_owned()) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => {
                let read = |path: &Path| fs::read(path).doing(|| format!("reading {}", path.display()));
                fs::create_dir_all(&self.folder).doing(|| format!("making {}", self.folder.display()))?;
                new.insert(Copied {
                    binary: read(&subject.binary)?,
                    command: subject.command.as_deref().map(read).transpose()?,
                    made: number as u64,
                    now: None,
                })
            }
        };
        // The arms take turns in the numbers, so that no name belongs to one of them.
        copied.made += 1009;
        let stem = self.folder.join(format!("{:012}", copied.made));
        let fresh = Subject {
            binary: write(&stem.with_extension("subject"), &copied.binary)?,
            command: copied
                .command
                .as_deref()
                .map(|bytes| write(&stem.with_extension("command"), bytes))
                .transpose()?,
        };
        if let Some(before) = copied.now.replace(fresh.clone()) {
            remove(&before);
        }
        Ok(fresh)
    }
}

impl Drop for Copies {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<PathBuf> {
    let written = || -> io::Result<()> {
        OpenOptions::new().write(true).create_new(true).mode(0o755).open(path)?.write_all(bytes)
    };
    written().doing(|| {
        format!("writing {}, a copy to be timed (what was measured so far is kept)", path.display())
    })?;
    Ok(path.to_owned())
}

/// What can't be removed now is removed with the folder.
fn remove(copy: &Subject) {
    for path in [Some(&copy.binary), copy.command.as_ref()].into_iter().flatten() {
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_copy_is_another_file_and_only_the_last_stays() {
        let run = tempfile::tempdir().expect("a folder");
        let original = run.path().join("original");
        fs::write(&original, "#!/bin/sh\n").expect("written");
        fs::create_dir(run.path().join("copies")).expect("made");
        fs::write(run.path().join("copies/left"), "by a process that was killed").expect("written");
        let subject = Subject { binary: original.clone(), command: Some(original.clone()) };
        let copies = Copies::new(run.path());
        let here = || fs::read_dir(run.path().join("copies")).map_or(0, Iterator::count);
        assert_eq!(here(), 0);
        let first = copies.fresh("release", &subject).expect("copied");
        let other = copies.fresh("control", &subject).expect("copied");
        let second = copies.fresh("release", &subject).expect("copied");
        let paths = [&first.binary, &other.binary, &second.binary];
        assert!(paths.iter().enumerate().all(|(at, path)| !paths[..at].contains(path)));
        assert!(paths.iter().all(|path| path.as_os_str().len() == first.binary.as_os_str().len()));
        assert_eq!(fs::read(&second.binary).expect("read"), fs::read(&original).expect("read"));
        assert!(!first.binary.exists() && other.binary.exists());
        assert_eq!(here(), 4);
        drop(copies);
        assert!(!run.path().join("copies").exists() && original.exists());
    }
}
