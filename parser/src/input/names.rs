//! Which files are meant: files, all files of directories, and those that a pattern of a shell matches.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern, PatternError};

/// How deep directories are gone into.
const DEPTH: usize = 64;

/// The files that a name means, in order of their names: itself; all files of a directory and of those in it, hidden ones,
/// saved indexes and links to directories left out; or, if there is no file of that name, what matches it as a pattern with
/// `*`, `?`, `[...]` and `**` for any number of directories: none that is hidden, unless the pattern says its dot, and by `**`
/// no links to directories. `-` stays as it is.
///
/// # Errors
/// A directory that cannot be listed, or a pattern that is none or that nothing matches. A name that is no pattern is
/// returned though there be no such file: who opens it will know.
pub fn expand(name: &OsStr) -> io::Result<Vec<OsString>> {
    if name == "-" {
        return Ok(vec![name.to_owned()]);
    }
    let path = Path::new(name);
    if path.is_dir() {
        let mut files = Vec::new();
        list(path, 0, &mut files)?;
        return if files.is_empty() { Err(nothing("holds no file that is not hidden")) } else { Ok(files) };
    }
    match name.to_str() {
        Some(pattern) if is_wild(pattern) && fs::symlink_metadata(path).is_err() => matching(pattern),
        _ => Ok(vec![name.to_owned()]),
    }
}

fn nothing(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, why.to_owned())
}

fn is_wild(part: &str) -> bool {
    part.contains(['*', '?', '['])
}

fn matching(pattern: &str) -> io::Result<Vec<OsString>> {
    let none = |error: PatternError| {
        io::Error::new(io::ErrorKind::InvalidInput, format!("is no file, and no pattern: {error}"))
    };
    // As a shell has it, which is asked for what is hidden by its dot. The library then finds none of these.
    let asks_for_hidden = pattern.split('/').any(|part| part.starts_with('.') && is_wild(part));
    let as_a_shell = MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: !asks_for_hidden,
    };
    let mut files = Vec::new();
    if pattern.split('/').any(|part| part == "**") {
        // Links lead in circles, so that these are gone through here.
        let compiled = Pattern::new(pattern).map_err(none)?;
        let folder = pattern.split('/').take_while(|part| !is_wild(part)).collect::<Vec<_>>().join("/");
        let is_implied = folder.is_empty() && !pattern.starts_with('/');
        let folder = match folder.as_str() {
            _ if is_implied => ".",
            "" => "/",
            folder => folder,
        };
        if Path::new(folder).is_dir() {
            list(Path::new(folder), 0, &mut files)?;
        }
        if is_implied {
            let said = |file: OsString| Path::new(&file).strip_prefix(".").map(Into::into).unwrap_or(file);
            files = files.into_iter().map(said).collect();
        }
        files.retain(|file| compiled.matches_path_with(Path::new(file), as_a_shell));
    } else {
        for path in glob::glob_with(pattern, as_a_shell).map_err(none)? {
            let path = path?;
            if path.is_file() && path.extension().is_none_or(|ending| ending != crate::SAVED_INDEX) {
                files.push(path.into_os_string());
            }
        }
    }
    if files.is_empty() { Err(nothing("matches no file")) } else { Ok(files) }
}

fn list(folder: &Path, depth: usize, files: &mut Vec<OsString>) -> io::Result<()> {
    let about =
        |error: io::Error| io::Error::new(error.kind(), format!("listing {}: {error}", folder.display()));
    let mut entries: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).map_err(about)? {
        entries.push(entry.map_err(about)?.path());
    }
    entries.sort();
    for path in entries {
        let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let Ok(kind) = fs::symlink_metadata(&path) else { continue };
        // A saved index lies beside its log and is none.
        if is_hidden || path.extension().is_some_and(|ending| ending == crate::SAVED_INDEX) {
            continue;
        }
        if kind.is_dir() {
            if depth >= DEPTH {
                return Err(nothing(&format!("{} lies more than {DEPTH} directories deep", path.display())));
            }
            list(&path, depth + 1, files)?;
        } else if path.is_file() {
            files.push(path.into_os_string());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::expand;

    #[test]
    fn directories_and_patterns_become_their_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        fs::create_dir_all(root.join("b/c")).expect("made");
        fs::create_dir_all(root.join("empty")).expect("made");
        for name in ["a.log", "b/x.log", "b/c/y.gz", ".hidden", "b/[z].log"] {
            fs::write(root.join(name), "").expect("written");
        }
        let names = |name: &Path| -> Vec<String> {
            let files =
                expand(name.as_os_str()).unwrap_or_else(|error| panic!("{}: {error}", name.display()));
            let relative = |file| Path::new(&file).strip_prefix(root).expect("inside").display().to_string();
            files.into_iter().map(relative).collect()
        };
        assert_eq!(names(root), ["a.log", "b/[z].log", "b/c/y.gz", "b/x.log"]);
        assert_eq!(names(&root.join("*.log")), ["a.log"]);
        assert_eq!(names(&root.join("**/*.log")), ["a.log", "b/[z].log", "b/x.log"]);
        assert_eq!(names(&root.join("b/**")), ["b/[z].log", "b/c/y.gz", "b/x.log"]);
        assert_eq!(names(&root.join("./b/**")), ["b/[z].log", "b/c/y.gz", "b/x.log"]);
        assert_eq!(names(&root.join("*")), ["a.log"], "what is hidden is left out");
        assert_eq!(names(&root.join(".h*")), [".hidden"], "unless its dot is said");
        assert_eq!(names(&root.join("b/[z].log")), ["b/[z].log"], "a file of that name comes first");
        assert_eq!(names(&root.join("missing")), ["missing"]);
        for (name, why) in [("*.txt", "matches no file"), ("empty", "holds no file"), ("a[", "no pattern")] {
            let error = expand(root.join(name).as_os_str()).expect_err("there is none");
            assert!(error.to_string().contains(why), "{error}");
        }
        #[cfg(unix)]
        {
            for link in ["b/up", "b/c/up"] {
                std::os::unix::fs::symlink(root, root.join(link)).expect("linked");
            }
            assert_eq!(names(&root.join("**/*.log")), ["a.log", "b/[z].log", "b/x.log"], "no circle is gone");
        }
        assert_eq!(expand("-".as_ref()).expect("standard input"), ["-"]);
    }
}
