//! Where the history of gated commits is kept: a folder, or a branch that is written without touching the work tree.

use crate::error::{Doing, Error, Result, failed};
use crate::files;
use crate::revisions::Repository;
use harness::judge::wire::Schema;
use harness::judge::wire::history::{Entry, SCHEMA, VERSION};
use std::path::{Path, PathBuf};

/// What stands before the name of a branch.
const BRANCH: &str = "branch:";
/// What git calls a reference that is not there.
const NOTHING: &str = "0000000000000000000000000000000000000000";
/// How often a write is tried again when another process moved the branch meanwhile.
const TRIES: usize = 5;

/// A folder or a branch.
#[derive(Debug)]
pub enum Place {
    /// A folder of files.
    Folder(PathBuf),
    /// A branch whose topmost folder holds them.
    Branch(Branch),
}

/// A branch of the repository.
#[derive(Debug)]
pub struct Branch {
    repository: Repository,
    name: String,
}

impl Place {
    /// What `--against-history` names: a folder, which is made where it is missing, or `branch:NAME`.
    pub fn open(repository: Repository, given: &str) -> Result<Self> {
        let Some(name) = given.strip_prefix(BRANCH) else {
            let folder = PathBuf::from(given);
            if !folder.is_dir() && repository.tip(&format!("refs/heads/{given}")).is_some() {
                return Err(Error::Usage(format!(
                    "there is no folder {given}, but a branch: for the branch say --against-history {BRANCH}{given}"
                )));
            }
            std::fs::create_dir_all(&folder).doing(|| format!("making the folder {}", folder.display()))?;
            return Ok(Self::Folder(folder));
        };
        let usage = |why: String| Error::Usage(format!("--against-history {given}: {why}"));
        repository
            .git(&["check-ref-format", &format!("refs/heads/{name}")])
            .map_err(|_| usage(format!("{name:?} can't name a branch")))?;
        repository.git(&["var", "GIT_COMMITTER_IDENT"]).map_err(|why| {
            usage(format!("git does not know who writes to the branch ({why}): set user.name and user.email"))
        })?;
        let trees = repository.git(&["worktree", "list", "--porcelain"]).unwrap_or_default();
        if trees.lines().any(|line| line == format!("branch refs/heads/{name}")) {
            return Err(usage(
                "the branch is checked out: name one of its own, such as branch:assay-history".to_owned(),
            ));
        }
        Ok(Self::Branch(Branch { repository, name: name.to_owned() }))
    }

    /// In words.
    pub fn about(&self) -> String {
        match self {
            Self::Folder(folder) => format!("the folder {}", folder.display()),
            Self::Branch(branch) => format!("the branch {}", branch.name),
        }
    }

    /// All entries; a file that is none of this schema is an error that names it.
    pub fn read(&self) -> Result<Vec<Entry>> {
        match self {
            Self::Folder(folder) => read_folder(folder),
            Self::Branch(branch) => branch.read(),
        }
    }

    /// Adds an entry as a file of its own.
    pub fn append(&self, entry: &Entry) -> Result<()> {
        let mut text =
            serde_json::to_vec_pretty(entry).doing(|| "writing a history's entry as JSON".to_owned())?;
        text.push(b'\n');
        let commit = entry.head.commit.get(..12).unwrap_or(&entry.head.commit);
        let stem = format!("{}-{commit}", entry.at.replace(':', "-"));
        match self {
            Self::Folder(folder) => append_to_folder(folder, &stem, &text),
            Self::Branch(branch) => branch.append(&stem, &text, commit),
        }
    }
}

fn is_entry(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "json")
}

/// `stem.json`, or with a number where that is taken.
fn free_name(stem: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{stem}-{number}.json"));
    let mut names = std::iter::once(format!("{stem}.json")).chain(numbered);
    names.find(|name| !is_taken(name)).unwrap_or_default()
}

fn parse(text: &[u8], place: &str) -> Result<Entry> {
    let doing = || format!("reading the history's file {place}");
    let value: serde_json::Value = serde_json::from_slice(text).doing(doing)?;
    let schema: Schema = serde_json::from_value(value["schema"].clone()).doing(doing)?;
    schema.check(SCHEMA, VERSION).doing(doing)?;
    serde_json::from_value(value).doing(doing)
}

fn read_folder(folder: &Path) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for path in files::within(folder)? {
        if path.file_name().and_then(|name| name.to_str()).is_some_and(is_entry) {
            let text = std::fs::read(&path).doing(|| format!("reading {}", path.display()))?;
            entries.push(parse(&text, &path.display().to_string())?);
        }
    }
    Ok(entries)
}

fn append_to_folder(folder: &Path, stem: &str, text: &[u8]) -> Result<()> {
    let path = folder.join(free_name(stem, |name| folder.join(name).exists()));
    files::write_whole(&path, text).doing(|| format!("writing {}", path.display()))
}

/// A line of a tree as git lists it.
struct TreeLine<'t> {
    line: &'t str,
    object: &'t str,
    name: &'t str,
}

fn tree_lines(tree: &str) -> Vec<TreeLine<'_>> {
    let parse = |line| {
        let (facts, name) = str::split_once(line, '\t')?;
        Some(TreeLine { line, object: facts.split(' ').nth(2)?, name })
    };
    tree.split('\0').filter_map(parse).collect()
}

impl Branch {
    fn reference(&self) -> String {
        format!("refs/heads/{}", self.name)
    }

    /// The branch's newest commit; where it is not here yet, that of the branch at `origin`, as in a fresh clone.
    fn tip(&self) -> Option<String> {
        let origin = || self.repository.tip(&format!("refs/remotes/origin/{}", self.name));
        self.repository.tip(&self.reference()).or_else(origin)
    }

    fn git(&self, arguments: &[&str], input: &[u8]) -> Result<String> {
        let doing = |why| Error::Failed(format!("the branch {}: git {}: {why}", self.name, arguments[0]));
        self.repository.git_with(arguments, input).map_err(doing)
    }

    fn read(&self) -> Result<Vec<Entry>> {
        let Some(tip) = self.tip() else { return Ok(Vec::new()) };
        let tree = self.git(&["ls-tree", "-z", &tip], b"")?;
        let files = tree_lines(&tree).into_iter().filter(|file| is_entry(file.name));
        files
            .map(|file| {
                let text = self.git(&["cat-file", "blob", file.object], b"")?;
                parse(text.as_bytes(), &format!("{} of the branch {}", file.name, self.name))
            })
            .collect()
    }

    /// Makes a commit with one file more, and moves the branch if nobody else did meanwhile.
    fn append(&self, stem: &str, text: &[u8], commit: &str) -> Result<()> {
        let blob = self.git(&["hash-object", "-w", "--stdin"], text)?;
        for _ in 0..TRIES {
            let tip = self.tip();
            let tree = match &tip {
                Some(tip) => self.git(&["ls-tree", "-z", tip], b"")?,
                None => String::new(),
            };
            let lines = tree_lines(&tree);
            let name = free_name(stem, |name| lines.iter().any(|file| file.name == name));
            if tree.contains(char::REPLACEMENT_CHARACTER) {
                return failed(format!(
                    "the branch {} holds a file whose name is not UTF-8: name another",
                    self.name
                ));
            }
            let added = format!("100644 blob {blob}\t{name}\0");
            let listing: Vec<&str> =
                lines.iter().flat_map(|file| [file.line, "\0"]).chain([added.as_str()]).collect();
            let listing = listing.concat();
            let tree = self.git(&["mktree", "-z"], listing.as_bytes())?;
            let message = format!("gate of {commit}");
            let mut arguments = vec!["commit-tree", &tree, "-m", &message];
            arguments.extend(tip.iter().flat_map(|tip| ["-p", tip]));
            let made = self.git(&arguments, b"")?;
            let was = self.repository.tip(&self.reference()).unwrap_or_else(|| NOTHING.to_owned());
            if was != NOTHING && Some(&was) != tip.as_ref() {
                continue;
            }
            let reference = self.reference();
            if self.repository.git(&["update-ref", &reference, &made, &was]).is_ok() {
                return Ok(());
            }
        }
        failed(format!("the branch {} moved {TRIES} times while it was written to: try again", self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use harness::judge::wire::gate::{Revision, Verdict};

    fn entry(head: &str) -> Entry {
        let revision = |commit: &str| Revision { name: commit.to_owned(), commit: commit.repeat(20) };
        Entry {
            schema: Schema::new(SCHEMA, VERSION),
            at: "2026-01-01T00:00:00Z".to_owned(),
            base: revision("aa"),
            head: revision(head),
            variant: "release".to_owned(),
            verdict: Verdict::Pass,
            identical: false,
            compiler: None,
            machine: None,
            scenarios: Vec::new(),
            ratios: Vec::new(),
            exact: Vec::new(),
        }
    }

    fn git(folder: &Path, arguments: &[&str]) -> String {
        let output =
            std::process::Command::new("git").args(arguments).current_dir(folder).output().expect("git");
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        assert!(output.status.success(), "{arguments:?}: {said} {}", String::from_utf8_lossy(&output.stderr));
        said
    }

    /// A repository with one commit.
    fn repository() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        git(path, &["init", "--quiet", "--initial-branch", "main"]);
        for (key, value) in [("user.name", "t"), ("user.email", "t@example.org"), ("commit.gpgsign", "false")]
        {
            git(path, &["config", key, value]);
        }
        std::fs::write(path.join("a"), "a").expect("written");
        git(path, &["add", "."]);
        git(path, &["commit", "--quiet", "--message", "first"]);
        folder
    }

    fn open(folder: &Path, place: &str) -> Result<Place> {
        Place::open(Repository::of(folder)?, place)
    }

    #[test]
    fn a_folder_keeps_what_was_added_and_refuses_what_it_does_not_know() {
        let folder = repository();
        let kept = folder.path().join("kept/history");
        let place = open(folder.path(), kept.to_str().expect("UTF-8")).expect("made");
        assert!(place.read().expect("empty").is_empty());
        for head in ["bb", "cc", "cc"] {
            place.append(&entry(head)).expect("written");
        }
        std::fs::write(kept.join("README.md"), "about").expect("written");
        assert_eq!(place.read().expect("read").len(), 3, "of one second and commit there may be several");
        std::fs::write(kept.join("x.json"), r#"{"schema":{"name":"assay.history","version":9}}"#)
            .expect("written");
        let why = place.read().expect_err("newer").to_string();
        assert!(why.contains("x.json") && why.contains("newer build"), "{why}");
    }

    #[test]
    fn a_branch_is_written_without_touching_the_work_tree() {
        let folder = repository();
        let path = folder.path();
        let place = open(path, "branch:assay-history").expect("opened");
        assert!(place.read().expect("not there yet").is_empty());
        for head in ["bb", "cc", "cc"] {
            place.append(&entry(head)).expect("written");
        }
        assert_eq!(place.read().expect("read").len(), 3);
        assert_eq!(git(path, &["rev-list", "--count", "assay-history"]), "3");
        assert_eq!(git(path, &["log", "-1", "--format=%an <%ae>", "assay-history"]), "t <t@example.org>");
        assert_eq!(git(path, &["status", "--porcelain"]), "");
        assert_eq!(git(path, &["symbolic-ref", "HEAD"]), "refs/heads/main");
    }

    #[test]
    fn a_fresh_clone_goes_on_where_its_origin_is() {
        let folder = repository();
        open(folder.path(), "branch:h").and_then(|place| place.append(&entry("bb"))).expect("written");
        let clone = tempfile::tempdir().expect("a folder");
        let from = folder.path().to_str().expect("UTF-8");
        git(clone.path(), &["clone", "--quiet", from, "."]);
        git(clone.path(), &["config", "user.name", "t"]);
        git(clone.path(), &["config", "user.email", "t@example.org"]);
        let place = open(clone.path(), "branch:h").expect("opened");
        assert_eq!(place.read().expect("read").len(), 1);
        place.append(&entry("cc")).expect("written");
        assert_eq!(place.read().expect("read").len(), 2);
        assert_eq!(git(clone.path(), &["rev-parse", "h~1"]), git(clone.path(), &["rev-parse", "origin/h"]));
    }

    #[test]
    fn what_can_not_be_a_history_is_refused() {
        let folder = repository();
        for (place, words) in [
            ("branch:main", "is checked out"),
            ("branch:a..b", "can't name a branch"),
            ("main", "--against-history branch:main"),
        ] {
            let why = open(folder.path(), place).expect_err("refused");
            assert!(matches!(&why, Error::Usage(text) if text.contains(words)), "{why}");
        }
    }
}
