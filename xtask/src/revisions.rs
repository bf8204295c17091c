//! Revisions of the source, each in a work tree of its own.

use crate::error::{Error, Result, failed};
use harness::judge::wire::gate::Revision;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The git repository that a folder lies in.
#[derive(Clone, Debug)]
pub struct Repository {
    root: PathBuf,
    /// Where the folder lies in it.
    prefix: PathBuf,
}

impl Repository {
    /// Finds it.
    pub fn of(folder: &Path) -> Result<Self> {
        let ask = |what: &str| {
            git(folder, &["rev-parse", what]).map_err(|why| {
                Error::Usage(format!("{} is not in a git repository: {why}", folder.display()))
            })
        };
        Ok(Self {
            root: PathBuf::from(ask("--show-toplevel")?),
            prefix: PathBuf::from(ask("--show-prefix")?),
        })
    }

    /// The commit that a revision names.
    pub fn resolve(&self, name: &str) -> Result<Revision> {
        let commit = git(
            &self.root,
            &["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{name}^{{commit}}")],
        );
        if let Ok(commit) = commit {
            return Ok(Revision { name: name.to_owned(), commit });
        }
        let shallow = git(&self.root, &["rev-parse", "--is-shallow-repository"]);
        let hint = if shallow.as_deref() == Ok("true") {
            ": the clone is shallow; `git fetch --unshallow` brings the rest (in GitHub Actions: fetch-depth: 0)"
        } else {
            ": see `git log` and `git branch --all`"
        };
        Err(Error::Usage(format!("there is no revision {name:?} here{hint}")))
    }

    /// Does the work tree differ from its commit?
    pub fn is_dirty(&self) -> bool {
        git(&self.root, &["status", "--porcelain"]).is_ok_and(|status| !status.is_empty())
    }

    /// The commit that a reference such as `refs/heads/main` points to, where there is one.
    pub fn tip(&self, reference: &str) -> Option<String> {
        git(&self.root, &["rev-parse", "--verify", "--quiet", &format!("{reference}^{{commit}}")]).ok()
    }

    /// What git says in this repository, or why it says nothing.
    pub fn git(&self, arguments: &[&str]) -> std::result::Result<String, String> {
        git(&self.root, arguments)
    }

    /// The same, of what it is given to read.
    pub fn git_with(&self, arguments: &[&str], input: &[u8]) -> std::result::Result<String, String> {
        git_with(&self.root, arguments, input)
    }

    /// Is this a work tree of this repository?
    fn is_tree(&self, tree: &Path) -> bool {
        // Without a file of its own git would look further up.
        let both = || Some((common(tree).ok()?, common(&self.root).ok()?));
        tree.join(".git").is_file() && both().is_some_and(|(of_tree, own)| of_tree == own)
    }

    /// Checks a revision out into a work tree at `tree`, or moves the one that is there; gives the place of this
    /// repository's folder in it.
    pub fn check_out(&self, revision: &Revision, tree: &Path) -> Result<PathBuf> {
        let text = tree.to_string_lossy();
        let doing = |why: String| {
            Error::Failed(format!(
                "checking {} ({}) out into {}: {why}",
                revision.name,
                revision.commit,
                tree.display()
            ))
        };
        // What git knows of trees that were removed by hand would be in the way.
        let _ = git(&self.root, &["worktree", "prune"]);
        // One of a repository that lay here before, and was cloned anew since, is of no use to this one.
        let is_there = self.is_tree(tree);
        if !is_there && tree.exists() {
            std::fs::remove_dir_all(tree)
                .map_err(|error| doing(format!("removing what was there: {error}")))?;
        }
        let checked_out = if is_there {
            git(tree, &["checkout", "--quiet", "--force", "--detach", &revision.commit])
        } else {
            git(&self.root, &["worktree", "add", "--quiet", "--force", "--detach", &text, &revision.commit])
        };
        checked_out.map_err(doing)?;
        let now = git(tree, &["rev-parse", "HEAD"]).map_err(doing)?;
        if now != revision.commit {
            return failed(format!(
                "{} is at {now} and not at {}: remove it and begin anew",
                tree.display(),
                revision.commit
            ));
        }
        // What another revision left here, such as its submodules, is none of this one's; what was built is kept.
        git(tree, &["clean", "-ffdq", "--exclude=target"]).map_err(doing)?;
        if tree.join(".gitmodules").is_file() {
            git(tree, &["submodule", "update", "--init", "--recursive", "--force", "--quiet"])
                .map_err(|why| doing(format!("its submodules: {why}")))?;
        }
        // Elsewhere cargo would look further up, and find the project that is being judged.
        let folder = tree.join(&self.prefix);
        let mut above = folder.ancestors().take_while(|folder| folder.starts_with(tree));
        if !folder.is_dir() || !above.any(|folder| folder.join("Cargo.toml").is_file()) {
            return failed(format!(
                "{} ({}) has no Cargo.toml in ./{} or above it: the project was not there yet, or elsewhere",
                revision.name,
                revision.commit,
                self.prefix.display()
            ));
        }
        Ok(folder)
    }
}

/// The folder that a repository and its work trees share.
fn common(folder: &Path) -> std::result::Result<PathBuf, String> {
    let told = git(folder, &["rev-parse", "--git-common-dir"])?;
    folder.join(told).canonicalize().map_err(|error| error.to_string())
}

/// What git says, or why it says nothing.
fn git(folder: &Path, arguments: &[&str]) -> std::result::Result<String, String> {
    git_with(folder, arguments, b"")
}

fn git_with(folder: &Path, arguments: &[&str], input: &[u8]) -> std::result::Result<String, String> {
    let mut child = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("running git: {error}"))?;
    // git reads all of its input before it says anything: neither pipe can fill while the other one is waited for. Whoever
    // reads nothing may have ended before: what it says tells more than a broken pipe.
    if let Some(mut stdin) = child.stdin.take() {
        let _ = stdin.write_all(input);
    }
    let output = child.wait_with_output().map_err(|error| format!("running git: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_tree_of_a_repository_that_was_cloned_anew_is_made_anew() {
        let place = tempfile::tempdir().expect("a folder");
        let (root, tree) = (place.path().join("project"), place.path().join("tree"));
        for text in ["first", "second"] {
            fs::create_dir(&root).expect("made");
            fs::write(root.join("Cargo.toml"), text).expect("written");
            let author = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"];
            git(&root, &["init", "--quiet"]).expect("a repository");
            git(&root, &["add", "."]).expect("added");
            git(&root, &[&author[..], &["commit", "--quiet", "--message", text]].concat()).expect("a commit");
            let repository = Repository::of(&root).expect("found");
            let revision = repository.resolve("HEAD").expect("a commit");
            // Of its own a tree is moved, and what was built there is kept.
            for _ in 0..2 {
                let folder = repository.check_out(&revision, &tree).expect("checked out");
                assert_eq!(fs::read_to_string(folder.join("Cargo.toml")).expect("read"), text);
                fs::create_dir_all(tree.join("target")).expect("made");
            }
            fs::remove_dir_all(&root).expect("removed");
        }
    }
}
