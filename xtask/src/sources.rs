//! What the subject's build reads: a digest of every source file of its packages that lie here, and of
//! what steers the build.

use crate::error::{Doing, Error, Result, failed};
use crate::files;
use crate::hash;
use crate::toolchain::Toolchain;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The sources of some packages and of all that they depend on here, as they were when they were read. What comes from
/// a registry is told by the lock file.
#[derive(Debug)]
pub struct Sources {
    /// The folder in which cargo runs.
    root: PathBuf,
    workspace: PathBuf,
    folders: Vec<PathBuf>,
    /// The commit of the work tree, where it is known to be at one; else empty.
    commit: String,
    digest: String,
}

impl Sources {
    /// Reads those of `packages`, in a work tree at `commit` (empty where it may differ from any).
    pub fn read(root: &Path, toolchain: &Toolchain, packages: &[&str], commit: &str) -> Result<Self> {
        let metadata = metadata(root, toolchain)?;
        let mut folders = metadata.folders(packages)?;
        folders.sort();
        let Metadata { workspace_root: workspace, .. } = metadata;
        let digest = digest(root, &workspace, &folders, commit)?;
        Ok(Self { root: root.to_owned(), workspace, folders, commit: commit.to_owned(), digest })
    }

    /// Their digest.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Are they still the same? What was built while they changed is nothing that can be named.
    pub fn check(&self) -> Result<()> {
        if digest(&self.root, &self.workspace, &self.folders, &self.commit)? == self.digest {
            return Ok(());
        }
        failed("the sources changed while they were built: leave them alone, and begin anew")
    }
}

fn digest(root: &Path, workspace: &Path, folders: &[PathBuf], commit: &str) -> Result<String> {
    let mut parts = vec![commit.to_owned()];
    let steering = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "rust-toolchain"];
    let steering = steering.map(|name| workspace.join(name)).into_iter().chain(configuration(root));
    for file in steering.filter(|file| file.is_file()) {
        parts.push(hash::of_file(&file)?);
    }
    for folder in folders {
        for file in sources(folder)? {
            parts.push(file.strip_prefix(folder).unwrap_or(&file).display().to_string());
            parts.push(hash::of_file(&file)?);
        }
    }
    Ok(hash::of_parts(parts.iter().map(String::as_str)))
}

/// Where cargo looks for its configuration when it runs in `root`: there, in every folder above, and in its own. All of it can
/// change profiles, linkers and environments (The Cargo Book, *Configuration*, "Hierarchical structure").
fn configuration(root: &Path) -> impl Iterator<Item = PathBuf> {
    let own = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let own = own.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let folders = root.ancestors().map(|folder| folder.join(".cargo")).chain(own);
    folders.flat_map(|folder| ["config.toml", "config"].map(|name| folder.join(name)))
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
    workspace_root: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    source: Option<String>,
    manifest_path: PathBuf,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
}

impl Metadata {
    /// The folders of the local packages that `packages` are built from.
    fn folders(&self, packages: &[&str]) -> Result<Vec<PathBuf>> {
        let nodes: BTreeMap<&str, &Node> =
            self.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
        let mut open = Vec::new();
        for name in packages {
            let found =
                self.packages.iter().find(|package| package.name == *name && package.source.is_none());
            let Some(package) = found else {
                return Err(Error::Usage(format!(
                    "bench.toml names the package {name:?}, which is not in this workspace"
                )));
            };
            open.push(package.id.as_str());
        }
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let Some(node) = nodes.get(id) else { continue };
            let built_from = node
                .deps
                .iter()
                .filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev")));
            open.extend(built_from.map(|dep| dep.pkg.as_str()));
        }
        let local = self
            .packages
            .iter()
            .filter(|package| package.source.is_none() && seen.contains(package.id.as_str()));
        Ok(local.filter_map(|package| package.manifest_path.parent().map(Path::to_owned)).collect())
    }
}

fn metadata(root: &Path, toolchain: &Toolchain) -> Result<Metadata> {
    let doing = || format!("running `cargo metadata` in {}", root.display());
    let output = Command::new(&toolchain.cargo)
        .args(["metadata", "--format-version", "1", "--filter-platform", &toolchain.host])
        .env("RUSTC", &toolchain.rustc)
        .current_dir(root)
        .stdin(Stdio::null())
        .output()
        .doing(doing)?;
    if !output.status.success() {
        return failed(format!("{}: {}", doing(), String::from_utf8_lossy(&output.stderr).trim()));
    }
    serde_json::from_slice(&output.stdout).doing(doing)
}

/// All files below a package's folder in a fixed order; what builds write, what is hidden, and packages
/// of their own below it are not among them.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in files::within(folder)? {
        let name = path.file_name().unwrap_or_default();
        let kind = path.symlink_metadata().doing(|| format!("reading {}", path.display()))?.file_type();
        let hidden = name.to_string_lossy().starts_with('.');
        if kind.is_dir() && !hidden && name != "target" && !path.join("Cargo.toml").is_file() {
            found.extend(sources(&path)?);
        } else if (kind.is_file() || kind.is_symlink() && path.is_file()) && !hidden {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_source_changes_the_digest_and_another_packages_does_not() {
        let root = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        };
        let package = |name: &str, dependencies: &str| {
            write(
                &format!("{name}/Cargo.toml"),
                &format!(
                    "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n{dependencies}"
                ),
            );
            write(&format!("{name}/src/lib.rs"), "");
        };
        write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"a\", \"b\", \"c\"]\n");
        package(
            "a",
            "[dependencies]\nb = { path = \"../b\" }\n[dev-dependencies]\nc = { path = \"../c\" }\n",
        );
        package("b", "");
        package("c", "");
        let all = Toolchain::all(Path::new("/nowhere")).expect("one");
        let read = |name: &str| Sources::read(root.path(), &all[0], &[name], "");
        let of = |name: &str| read(name).map(|sources| sources.digest().to_owned());
        let before = read("a").expect("read");
        let first = of("a").expect("digested");
        assert_eq!(of("a").expect("digested"), first);
        write("c/src/lib.rs", "// only a test reads it");
        assert_eq!(of("a").expect("digested"), first);
        assert!(before.check().is_ok());
        write("b/src/lib.rs", "// it is built from this");
        assert!(before.check().is_err_and(|why| why.to_string().contains("changed while")));
        let second = of("a").expect("digested");
        assert_ne!(second, first);
        write(".cargo/config.toml", "[profile.release]\noverflow-checks = true\n");
        let configured = of("a").expect("digested");
        assert_ne!(configured, second, "cargo reads what lies there and above");
        let above: Vec<PathBuf> = configuration(&root.path().join("a/b")).collect();
        assert!(above.contains(&root.path().join(".cargo/config.toml")), "{above:?}");
        #[cfg(unix)]
        {
            write("shared.rs", "// one");
            std::os::unix::fs::symlink("../../shared.rs", root.path().join("a/src/shared.rs"))
                .expect("linked");
            let linked = of("a").expect("digested");
            assert_ne!(linked, configured);
            write("shared.rs", "// two");
            assert_ne!(of("a").expect("digested"), linked, "what a link leads to is compiled");
        }
        let unknown = of("d").expect_err("no such package").to_string();
        assert!(unknown.contains("\"d\""), "{unknown}");
    }
}
