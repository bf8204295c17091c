//! Files on disk: written whole or not at all, and listed in an order that is always the same.

use crate::error::{Doing, Result};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Writes a file whole or not at all, whatever comes between: a kill, a full disk, a power cut.
pub fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    make_whole(path, |partial| fs::write(partial, content))
}

/// The same of a file that `make` writes, under another name in the same folder.
pub fn make_whole(path: &Path, make: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(format!(".partial-{}", std::process::id()));
    let partial = PathBuf::from(partial);
    let made = make(&partial).and_then(|()| keep(&partial, path));
    if made.is_err() {
        let _ = fs::remove_file(&partial);
    }
    made
}

/// Gives what was written under another name its own. A rename can reach the disk before the content does: after a power cut
/// the name would stand for an empty file.
pub fn keep(partial: &Path, path: &Path) -> io::Result<()> {
    File::open(partial)?.sync_data()?;
    fs::rename(partial, path)
}

/// What lies in a folder, by name.
pub fn within(folder: &Path) -> Result<Vec<PathBuf>> {
    let doing = || format!("reading the folder {}", folder.display());
    let entries: io::Result<Vec<PathBuf>> =
        fs::read_dir(folder).doing(doing)?.map(|entry| Ok(entry?.path())).collect();
    let mut found = entries.doing(doing)?;
    found.sort();
    Ok(found)
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A script that can be run. Another process writes it: a file that this one has open for writing, if only in a child that
    /// another test is starting, can't be run.
    pub fn script(path: &Path, text: &str) {
        let write = "printf %s \"$1\" > \"$0\" && chmod 700 \"$0\"";
        let mut shell = std::process::Command::new("sh");
        assert!(shell.args(["-c", write]).arg(path).arg(text).status().expect("sh").success());
    }

    #[test]
    fn a_file_is_whole_or_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.json");
        write_whole(&path, b"one").expect("written");
        write_whole(&path, b"two").expect("written");
        let half_way = |partial: &Path| {
            fs::write(partial, "thr")?;
            Err(io::Error::other("the disk is full"))
        };
        assert!(make_whole(&path, half_way).is_err_and(|error| error.to_string().contains("full")));
        assert!(make_whole(&path, |_| Ok(())).is_err(), "nothing was made");
        assert_eq!(fs::read_to_string(&path).expect("read"), "two");
        assert!(write_whole(&folder.path().join("no/such/folder"), b"").is_err());
        assert_eq!(within(folder.path()).expect("read"), [path], "nothing half-made is left");
    }

    #[test]
    fn a_folder_is_listed_by_name_or_named() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["b", "a", "c"] {
            fs::write(folder.path().join(name), "").expect("written");
        }
        let found = within(folder.path()).expect("read");
        assert_eq!(found, ["a", "b", "c"].map(|name| folder.path().join(name)));
        let why = within(&folder.path().join("d")).expect_err("none").to_string();
        assert!(why.contains("reading the folder") && why.contains('d'), "{why}");
    }
}
