//! Revisions of the source, each in a work tree of its own.

use crate::error::{Error, Result, failed};
use harness::judge::wire::gate::Revision;
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
        let is_there = tree.join(".git").is_file();
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
        Ok(tree.join(&self.prefix))
    }
}

/// What git says, or why it says nothing.
fn git(folder: &Path, arguments: &[&str]) -> std::result::Result<String, String> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("running git: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}
