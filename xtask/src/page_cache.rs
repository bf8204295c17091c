//! The page cache: how a file is put out of it, and whether it is.

use crate::error::{Doing, Result, failed};
use std::fs::File;
use std::path::Path;

/// Pages that are on their way into the kernel's lists are missed now and then.
const ATTEMPTS: u32 = 5;

/// Puts a file out of the page cache, so that who reads it next reads from the disk. Makes sure of it.
///
/// # Errors
/// The file can't be read, or its filesystem does not let go of its pages.
pub fn evict(path: &Path) -> Result<()> {
    let doing = || format!("putting {} out of the page cache", path.display());
    let file = File::open(path).doing(doing)?;
    // What was not written yet stays in memory.
    file.sync_data().doing(doing)?;
    let mut resident = 0;
    for _ in 0..ATTEMPTS {
        drop_pages(&file).doing(doing)?;
        resident = resident_pages(&file).doing(doing)?;
        if resident == 0 {
            return Ok(());
        }
    }
    failed(format!(
        "{}: {resident} of its pages stay: its filesystem does not let go of them, as tmpfs and overlays do not, or another \
         process maps it, or it is not yours to write, and then nobody says; lay the project, or a copy of the input, on a disk",
        doing()
    ))
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "std has no posix_fadvise")]
fn drop_pages(file: &File) -> std::io::Result<()> {
    use std::os::fd::AsRawFd;
    // SAFETY: the descriptor is open for as long as `file` is borrowed; the call touches no memory of this process.
    match unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED) } {
        0 => Ok(()),
        error => Err(std::io::Error::from_raw_os_error(error)),
    }
}

/// How many pages of the file are in memory, by mincore(2). Of a file that this user may not write, Linux says that all are.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "std has no mincore")]
fn resident_pages(file: &File) -> std::io::Result<usize> {
    use std::os::fd::AsRawFd;
    let bytes = file.metadata()?.len() as usize;
    if bytes == 0 {
        return Ok(0);
    }
    // SAFETY: a plain question.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) }.max(1) as usize;
    let mut pages = vec![0_u8; bytes.div_ceil(page)];
    // SAFETY: a new mapping at a place of the kernel's choice; nothing of it is read, so the file may even shrink.
    let mapped = unsafe {
        libc::mmap(std::ptr::null_mut(), bytes, libc::PROT_READ, libc::MAP_SHARED, file.as_raw_fd(), 0)
    };
    if mapped == libc::MAP_FAILED {
        return Err(std::io::Error::last_os_error());
    }
    // SAFETY: `mapped` is a mapping of `bytes` bytes, and `pages` has a byte for each of its pages.
    let asked = unsafe { libc::mincore(mapped, bytes, pages.as_mut_ptr().cast()) };
    let error = std::io::Error::last_os_error();
    // SAFETY: the mapping made above, of which nothing is left in use.
    unsafe { libc::munmap(mapped, bytes) };
    if asked != 0 {
        return Err(error);
    }
    Ok(pages.iter().filter(|page| **page & 1 == 1).count())
}

#[cfg(not(target_os = "linux"))]
fn drop_pages(_file: &File) -> std::io::Result<()> {
    Err(std::io::Error::new(std::io::ErrorKind::Unsupported, "this system has no way to ask for it"))
}

#[cfg(not(target_os = "linux"))]
fn resident_pages(_file: &File) -> std::io::Result<usize> {
    Ok(0)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn what_is_read_is_resident_and_what_is_evicted_is_not() {
        let folder = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).expect("a folder beside the sources");
        let path = folder.path().join("file");
        std::fs::write(&path, vec![7; 1 << 20]).expect("written");
        let file = File::open(&path).expect("opened");
        assert!(resident_pages(&file).expect("asked") > 0, "it was written just now");
        match evict(&path) {
            Ok(()) => assert_eq!(resident_pages(&file).expect("asked"), 0),
            Err(why) => assert!(why.to_string().contains("does not let go"), "{why}"),
        }
        let missing = evict(&folder.path().join("none")).expect_err("missing").to_string();
        assert!(missing.contains("putting") && missing.contains("none"), "{missing}");
    }

    #[test]
    fn a_filesystem_in_memory_is_told() {
        let Ok(folder) = tempfile::tempdir_in("/dev/shm") else {
            // Past what captures a test's output: a skipped test passes.
            let _ = writeln!(
                std::io::stderr(),
                "skipped: there is no /dev/shm, so no filesystem in memory is tried"
            );
            return;
        };
        let path = folder.path().join("file");
        std::fs::write(&path, "in memory").expect("written");
        let why = evict(&path).expect_err("it stays").to_string();
        assert!(why.contains("1 of its pages stay") && why.contains("tmpfs"), "{why}");
    }
}
