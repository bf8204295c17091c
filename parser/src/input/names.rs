//! Which files are meant: files, all files of directories, and those that a pattern of a shell matches.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::mem;
use std::path::Path;

use glob::{MatchOptions, Pattern, PatternError};

/// How deep directories are gone into.
const DEPTH: usize = 64;

/// What a name means.
#[derive(Debug, Default)]
pub struct Meant {
    /// The files, in order of their names.
    pub files: Vec<OsString>,
    /// Why there may be more: each directory that was not gone into, with its path. Or why there are none.
    pub errors: Vec<io::Error>,
}

/// The files that a name means: itself; all files of a directory and of those in it, hidden ones, saved indexes and links to
/// directories left out; or, if there is no file of that name, what matches it as a pattern with `*`, `?`, `[...]` and `**`
/// for any number of directories: none that is hidden, unless the pattern says its dot, and by `**` no links to directories.
/// `-` stays as it is.
///
/// A directory that cannot be listed, or lies too deep, is an error, and so is a pattern that is none or that nothing
/// matches; what else there is is found all the same. A name that is no pattern is returned though there be no such file:
/// who opens it will know.
pub fn expand(name: &OsStr) -> Meant {
    let path = Path::new(name);
    let mut meant = Meant::default();
    let if_none = if name != "-" && path.is_dir() {
        list(path, 0, &mut meant);
        "holds no file that is not hidden"
    } else {
        match name.to_str() {
            Some(pattern) if is_wild(pattern) && fs::symlink_metadata(path).is_err() => {
                if let Err(error) = matching(pattern, &mut meant) {
                    let why = format!("is no file, and no pattern: {error}");
                    meant.errors.push(io::Error::new(io::ErrorKind::InvalidInput, why));
                }
            }
            _ => meant.files.push(name.to_owned()),
        }
        "matches no file"
    };
    if meant.files.is_empty() && meant.errors.is_empty() {
        meant.errors.push(io::Error::new(io::ErrorKind::NotFound, if_none));
    }
    meant
}

fn is_wild(part: &str) -> bool {
    part.contains(['*', '?', '['])
}

fn matching(pattern: &str, meant: &mut Meant) -> Result<(), PatternError> {
    // As a shell has it, which is asked for what is hidden by its dot. The library then finds none of these.
    let asks_for_hidden = pattern.split('/').any(|part| part.starts_with('.') && is_wild(part));
    let as_a_shell = MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: !asks_for_hidden,
    };
    if pattern.split('/').any(|part| part == "**") {
        // Links lead in circles, so that these are gone through here.
        let compiled = Pattern::new(pattern)?;
        let folder = pattern.split('/').take_while(|part| !is_wild(part)).collect::<Vec<_>>().join("/");
        let is_implied = folder.is_empty() && !pattern.starts_with('/');
        let folder = match folder.as_str() {
            _ if is_implied => ".",
            "" => "/",
            folder => folder,
        };
        if Path::new(folder).is_dir() {
            list(Path::new(folder), 0, meant);
        }
        if is_implied {
            let said = |file: OsString| Path::new(&file).strip_prefix(".").map(Into::into).unwrap_or(file);
            meant.files = mem::take(&mut meant.files).into_iter().map(said).collect();
        }
        meant.files.retain(|file| compiled.matches_path_with(Path::new(file), as_a_shell));
    } else {
        for path in glob::glob_with(pattern, as_a_shell)? {
            match path {
                Ok(path) if path.is_file() && !is_saved_index(&path) => {
                    meant.files.push(path.into_os_string());
                }
                Ok(_) => {}
                Err(error) => meant.errors.push(unlisted(error.path(), error.error())),
            }
        }
    }
    Ok(())
}

/// A saved index lies beside its log and is none.
fn is_saved_index(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == crate::SAVED_INDEX)
}

fn unlisted(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("listing {}: {error}", path.display()))
}

fn list(folder: &Path, depth: usize, meant: &mut Meant) {
    // Closed before those in it are opened.
    let mut entries = Vec::new();
    match fs::read_dir(folder) {
        Ok(listed) => {
            for entry in listed {
                match entry {
                    Ok(entry) => entries.push((entry.path(), entry.file_type())),
                    Err(error) => meant.errors.push(unlisted(folder, &error)),
                }
            }
        }
        Err(error) => meant.errors.push(unlisted(folder, &error)),
    }
    entries.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (path, kind) in entries {
        let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if is_hidden || is_saved_index(&path) {
            continue;
        }
        match kind {
            Ok(kind) if kind.is_dir() && depth >= DEPTH => {
                let why = format!(
                    "{} lies more than {DEPTH} directories deep, and was not gone into; name it, too",
                    path.display()
                );
                meant.errors.push(io::Error::other(why));
            }
            Ok(kind) if kind.is_dir() => list(&path, depth + 1, meant),
            // Of a directory that may be listed and not gone into, who opens the files will know.
            Ok(kind) if kind.is_file() || path.is_file() => meant.files.push(path.into_os_string()),
            Ok(_) => {}
            // It was removed since the directory was listed.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => meant.errors.push(unlisted(&path, &error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{DEPTH, Meant, expand};

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
            let Meant { files, errors } = expand(name.as_os_str());
            assert!(errors.is_empty(), "{}: {errors:?}", name.display());
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
            let Meant { files, errors } = expand(root.join(name).as_os_str());
            assert!(files.is_empty(), "{name}: {files:?}");
            assert!(matches!(&errors[..], [one] if one.to_string().contains(why)), "{name}: {errors:?}");
        }
        #[cfg(unix)]
        {
            for link in ["b/up", "b/c/up"] {
                std::os::unix::fs::symlink(root, root.join(link)).expect("linked");
            }
            assert_eq!(names(&root.join("**/*.log")), ["a.log", "b/[z].log", "b/x.log"], "no circle is gone");
        }
        assert_eq!(expand("-".as_ref()).files, ["-"]);
    }

    #[test]
    fn what_is_not_gone_into_is_told_and_costs_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        let deepest = |depth: usize| root.join(vec!["d"; depth].join("/"));
        fs::create_dir_all(deepest(DEPTH + 1)).expect("made");
        for file in [root.join("a.log"), deepest(DEPTH).join("b.log"), deepest(DEPTH + 1).join("c.log")] {
            fs::write(file, "").expect("written");
        }
        let expected = [root.join("a.log"), deepest(DEPTH).join("b.log")];
        for name in [root.to_owned(), root.join("**/*.log")] {
            let Meant { files, errors } = expand(name.as_os_str());
            assert_eq!(files, expected, "{}", name.display());
            let [error] = &errors[..] else { panic!("one lies too deep: {errors:?}") };
            let told = format!("{} lies more than {DEPTH} directories deep", deepest(DEPTH + 1).display());
            assert!(error.to_string().starts_with(&told), "{error}");
        }
        // As it is told to be done.
        let named = expand(deepest(DEPTH + 1).as_os_str());
        assert!(named.errors.is_empty() && named.files == [deepest(DEPTH + 1).join("c.log")], "{named:?}");
    }

    /// Root may list what nobody may, but nothing whose path is too long.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_cannot_be_listed_is_told_and_costs_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        // A path has 4,096 bytes or fewer (PATH_MAX): two of more than half of that, one put into the other.
        let deep = |top: &str| root.join(top).join(vec!["d".repeat(250); 9].join("/"));
        for top in ["b", "c"] {
            fs::create_dir_all(deep(top)).expect("made");
        }
        fs::rename(root.join("c"), deep("b").join("c")).expect("moved");
        let expected = [root.join("a.log"), root.join("z.log")];
        for file in &expected {
            fs::write(file, "").expect("written");
        }
        for name in [root.to_owned(), root.join("**/*.log")] {
            let Meant { files, errors } = expand(name.as_os_str());
            assert_eq!(files, expected, "{}", name.display());
            let [error] = &errors[..] else { panic!("one cannot be listed: {errors:?}") };
            let told = format!("listing {}/c/", deep("b").display());
            assert!(error.to_string().starts_with(&told), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_may_not_be_listed_is_told_and_costs_nothing_else() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        let locked = root.join("b");
        fs::create_dir(&locked).expect("made");
        for name in ["a.log", "c.log", "b/locked.log"] {
            fs::write(root.join(name), "").expect("written");
        }
        let allow = |mode| fs::set_permissions(&locked, fs::Permissions::from_mode(mode)).expect("set");
        allow(0);
        let is_denied = fs::read_dir(&locked).is_err();
        let meant = [root.to_owned(), root.join("**/*.log"), root.join("*/*.log")]
            .map(|name| expand(name.as_os_str()));
        // So that the folder can be removed.
        allow(0o700);
        if !is_denied {
            eprintln!("not tested: who runs this may list what nobody may, as root may");
            return;
        }
        let [of_root, of_any_depth, of_folders] = &meant;
        let others = [root.join("a.log"), root.join("c.log")];
        assert!(of_root.files == others && of_any_depth.files == others, "{meant:?}");
        assert!(of_folders.files.is_empty(), "{of_folders:?}");
        for Meant { errors, .. } in &meant {
            let [error] = &errors[..] else { panic!("one may not be listed: {errors:?}") };
            assert!(error.to_string().starts_with(&format!("listing {}: ", locked.display())), "{error}");
        }
    }
}
