//! Who may use what is shared: the runs and binaries of a checkout, and the machine while something is measured.

use crate::error::{Doing, Result, failed};
use crate::interrupt::Interrupt;
use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// The lock of the whole machine: all users and all checkouts find it here.
const MACHINE: &str = "/tmp/assay.lock";
/// The variable that names another: for those who know that two runs do not meet, as tests do that measure nothing.
const ELSEWHERE: &str = "ASSAY_LOCK";

/// A locked file. It is unlocked by name when it goes: to close it is not enough, since a child that another thread is starting
/// has a copy of it until its program begins, and holds what the copy locks.
#[derive(Debug)]
struct Held(File);

impl Drop for Held {
    fn drop(&mut self) {
        // Closing it is then all that can be done.
        let _ = self.0.unlock();
    }
}

/// Held while this checkout's runs and binaries are used or removed.
#[derive(Debug)]
pub struct RunsLock(#[expect(dead_code, reason = "it is held, not read")] Held);

impl RunsLock {
    /// Takes the lock in `runs`; an error names the process that holds it.
    pub fn take(runs: &Path) -> Result<Self> {
        fs::create_dir_all(runs).doing(|| format!("making the folder {}", runs.display()))?;
        let path = runs.join("lock");
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true);
        let file = options.open(&path).doing(|| format!("locking {}", path.display()))?;
        hold(file, &path).map(Self)
    }
}

/// Held while this process measures: two runs at once would disturb each other, in whatever checkouts they are.
#[derive(Debug)]
pub struct MachineLock {
    _runs: RunsLock,
    /// None where it can't be opened.
    _machine: Option<Held>,
}

impl MachineLock {
    /// Takes the lock in `runs`, and waits for that of the machine: jobs of several checkouts on one machine follow each other.
    /// An error names the process that holds the first; who holds the second is told.
    pub fn take(runs: &Path) -> Result<Self> {
        Self::take_with(runs, &machine(), wait_for)
    }

    /// The same without waiting: an error names the process that holds either.
    pub fn take_if_free(runs: &Path) -> Result<Self> {
        Self::take_with(runs, &machine(), hold)
    }

    fn take_with(
        runs: &Path,
        machine: &Path,
        take: impl FnOnce(File, &Path) -> Result<Held>,
    ) -> Result<Self> {
        let runs = RunsLock::take(runs)?;
        let machine = match open_shared(machine) {
            Ok(file) => Some(take(file, machine)?),
            Err(error) => {
                eprintln!(
                    "the machine's lock {} can't be opened ({error}): whether another checkout or user measures here is not \
                     known; {ELSEWHERE} can name another file for it",
                    machine.display()
                );
                None
            }
        };
        Ok(Self { _runs: runs, _machine: machine })
    }
}

/// The machine's lock, or the file that is named for it.
fn machine() -> PathBuf {
    let elsewhere = std::env::var_os(ELSEWHERE).filter(|path| !path.is_empty());
    elsewhere.map_or_else(|| PathBuf::from(MACHINE), PathBuf::from)
}

/// Opens a lock that other users may have made, and may want. A folder for all may hold anything under its name: a link is not
/// followed, and nothing is waited for.
fn open_shared(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    // In such a folder the kernel lets nobody open a file of another user's in a way that might make it.
    let opened = match options.clone().write(true).open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            match options.clone().write(true).create_new(true).open(path) {
                // What the mask takes away others need.
                Ok(made) => made.set_permissions(Permissions::from_mode(0o666)).map(|()| made),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    options.clone().write(true).open(path)
                }
                Err(error) => Err(error),
            }
        }
        opened => opened,
    };
    // To hold it, reading is enough; who holds it is then not told.
    let opened = match opened {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => options.open(path),
        opened => opened,
    }?;
    if opened.metadata()?.is_file() { Ok(opened) } else { Err(std::io::Error::other("it is no file")) }
}

/// Locks an open file and writes into it who holds it; an error tells who does already.
fn hold(mut file: File, path: &Path) -> Result<Held> {
    if !is_free(&file, path)? {
        return failed(format!("another run is going on ({}): wait for its end", holder_of(&mut file)));
    }
    Ok(held(file))
}

/// The same, when it is free.
fn wait_for(mut file: File, path: &Path) -> Result<Held> {
    let mut waiting = None;
    while !is_free(&file, path)? {
        if waiting.is_none() {
            eprintln!(
                "another run is going on ({}): waiting for its end, since they would disturb each other; {ELSEWHERE} can name \
                 another file than {} for the lock",
                holder_of(&mut file),
                path.display()
            );
            waiting = Some(Interrupt::listen()?);
        }
        if waiting.as_ref().is_some_and(Interrupt::asked) {
            return failed("interrupted while it waited for another run's end: nothing was done");
        }
        thread::sleep(Duration::from_millis(200));
    }
    Ok(held(file))
}

/// Locks an open file, if nobody else has.
fn is_free(file: &File, path: &Path) -> Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => failed(format!("locking {}: {error}", path.display())),
    }
}

fn holder_of(file: &mut File) -> String {
    let mut holder = String::new();
    let _ = file.read_to_string(&mut holder);
    holder.trim().to_owned()
}

/// Writes into a locked file who holds it.
fn held(mut file: File) -> Held {
    let command: Vec<String> = std::env::args().skip(1).collect();
    let folder = std::env::current_dir().unwrap_or_default();
    let holder =
        format!("process {}: cargo xtask {} in {}", std::process::id(), command.join(" "), folder.display());
    // It is held all the same where nothing can be written, as on a full disk.
    let _ = file.set_len(0).and_then(|()| file.write_all(holder.as_bytes()));
    Held(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_names_its_holder() {
        let runs = tempfile::tempdir().expect("a folder");
        let machine = runs.path().join("machine");
        let take = || MachineLock::take_with(runs.path(), &machine, wait_for);
        let held = take().expect("free");
        let why = take().expect_err("held").to_string();
        assert!(why.contains(&format!("process {}", std::process::id())), "{why}");
        drop(held);
        assert!(take().is_ok());
    }

    #[test]
    fn it_is_free_again_although_a_child_has_a_copy() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        let file = open_shared(&path).expect("opened");
        let copy = file.try_clone().expect("what a fork does");
        drop(hold(file, &path).expect("held"));
        assert!(hold(open_shared(&path).expect("opened"), &path).is_ok());
        drop(copy);
    }

    #[test]
    fn two_checkouts_do_not_measure_beside_each_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let machine = folder.path().join("machine");
        let of = |name: &str| MachineLock::take_with(&folder.path().join(name), &machine, wait_for);
        let held = of("one").expect("free");
        let why = hold(open_shared(&machine).expect("there"), &machine).expect_err("it is taken").to_string();
        assert!(
            MachineLock::take_with(&folder.path().join("three"), &machine, hold).is_err(),
            "without waiting"
        );
        let here = std::env::current_dir().expect("a folder").display().to_string();
        assert!(why.contains("another run is going on") && why.contains(&here), "{why}");
        assert!(RunsLock::take(&folder.path().join("two")).is_ok(), "what does not measure may go on");
        thread::scope(|scope| {
            let second = scope.spawn(|| of("two").map(|_| ()));
            let is_free = is_free(&open_shared(&machine).expect("there"), &machine).expect("asked");
            assert!(!is_free && !second.is_finished(), "it waits");
            drop(held);
            assert!(second.join().expect("it ends").is_ok());
        });
        let mode = fs::metadata(&machine).expect("it stays").permissions().mode();
        assert_eq!(mode & 0o777, 0o666, "other users lock it too");
    }

    #[test]
    fn a_lock_of_another_kind_or_without_permission_does_not_stop_a_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("target");
        fs::write(&target, "mine").expect("written");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&target, &link).expect("linked");
        for place in [link.as_path(), folder.path(), Path::new("/no/such/folder/lock")] {
            assert!(open_shared(place).is_err(), "{}", place.display());
            assert!(
                MachineLock::take_with(&folder.path().join("runs"), place, wait_for).is_ok(),
                "told, not fatal"
            );
        }
        assert_eq!(fs::read_to_string(&target).expect("read"), "mine", "no link is followed");
        // What may only be read is held too.
        let read_only = File::open(&target).expect("opened");
        let held = hold(read_only, &target).expect("held");
        assert!(hold(File::open(&target).expect("opened"), &target).is_err());
        drop(held);
    }
}
