//! Linking in another order: where functions lie moves times by about 1 % and now and then by more (Curtsinger and Berger,
//! ASPLOS 2013), so what a change of the source is said to have done is seen again on builds that were linked anew.

use crate::error::{Doing, Result};
use std::path::{Path, PathBuf};

/// rustc's flags that link by LLD with its sections in an order of their own; `None` where there is no LLD. `linker` is
/// what an ordinary build was linked by; `folder` is where a link to LLD may be put under the name that compilers ask for.
pub fn flags(linker: Option<&str>, folder: &Path, seed: u64) -> Result<Option<Vec<String>>> {
    // LLD takes 32 bits of it, and 0 as a wish for a random one.
    let shuffled = format!("-Clink-arg=-Wl,--shuffle-sections=*={}", 1 + seed % 0x7fff_ffff);
    if linker.is_some_and(|linker| linker.contains("LLD")) {
        return Ok(Some(vec![shuffled]));
    }
    let Some(lld) = find() else { return Ok(None) };
    let doing = || format!("linking {} into {}", lld.display(), folder.display());
    std::fs::create_dir_all(folder).doing(doing)?;
    let named = folder.join("ld.lld");
    // One that is there may lead nowhere any more.
    let _ = std::fs::remove_file(&named);
    std::os::unix::fs::symlink(&lld, &named).doing(doing)?;
    let flags =
        ["-Clink-arg=-fuse-ld=lld".to_owned(), format!("-Clink-arg=-B{}", folder.display()), shuffled];
    Ok(Some(flags.into()))
}

/// `ld.lld`, or the newest `ld.lld-N`.
fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let version = |name: &str| match name.strip_prefix("ld.lld")? {
        "" => Some(u32::MAX),
        rest => rest.strip_prefix('-')?.parse().ok(),
    };
    let files =
        std::env::split_paths(&path).flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten());
    let found = files.flatten().filter_map(|file| Some((version(file.file_name().to_str()?)?, file.path())));
    found.max_by_key(|(version, _)| *version).map(|(_, path)| path)
}
