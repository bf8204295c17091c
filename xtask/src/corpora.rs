//! Makes corpora by the commands of `bench.toml`, once, and keeps them.

use crate::config;
use crate::error::{Doing, Result, failed};
use crate::files;
use crate::hash;
use crate::toolchain::Toolchain;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A corpus on disk.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// The name by which scenarios ask for it.
    pub name: String,
    /// The input.
    pub path: PathBuf,
    /// Facts about it; none for a user's own file.
    pub truth: Option<PathBuf>,
    /// SHA-256 of the input.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// The command that made it; empty for a user's own file.
    pub command: Vec<String>,
}

/// Where corpora are made.
#[derive(Clone, Copy, Debug)]
pub struct Store<'a> {
    /// The folder of `bench.toml`, in which commands run.
    pub root: &'a Path,
    /// Where they are kept.
    pub folder: &'a Path,
    /// `cargo` in a command is this toolchain's.
    pub toolchain: &'a Toolchain,
}

impl Store<'_> {
    /// The corpus of `records` records from `seed`, made unless it is there already. It is made again
    /// when the command, or a file of the sources that the corpus names, is another than then.
    pub fn corpus(&self, config: &config::Corpus, seed: u64, records: u64) -> Result<Corpus> {
        let key = self.key(config, seed, records)?;
        let path = self.folder.join(format!("{}-{seed}-{records}-{}.log", config.name, &key[..12]));
        let truth = path.with_extension("truth.json");
        let command = fill(config, seed, records, &path, &truth);
        if !(path.is_file() && truth.is_file()) {
            fs::create_dir_all(self.folder)
                .doing(|| format!("making the folder {}", self.folder.display()))?;
            self.make(config, seed, records, [&path, &truth])?;
        }
        let bytes = fs::metadata(&path).doing(|| format!("reading {}", path.display()))?.len();
        Ok(Corpus {
            name: config.name.clone(),
            sha256: hash::of_file(&path)?,
            path,
            truth: Some(truth),
            bytes,
            command,
        })
    }

    fn key(&self, config: &config::Corpus, seed: u64, records: u64) -> Result<String> {
        let mut parts = config.command.clone();
        parts.extend([seed.to_string(), records.to_string()]);
        for source in &config.sources {
            for file in below(&self.root.join(source))? {
                parts.push(hash::of_file(&file)?);
            }
        }
        Ok(hash::of_parts(parts.iter().map(String::as_str)))
    }

    /// Makes both files under other names, and gives them their own when the command has ended well: what is there is whole.
    /// Their endings stay, since a command may go by them.
    fn make(&self, config: &config::Corpus, seed: u64, records: u64, whole: [&Path; 2]) -> Result<()> {
        let partial = [whole[0].with_extension("partial.log"), whole[0].with_extension("partial.truth.json")];
        // One that was killed left them.
        let remove = || partial.iter().for_each(|path| drop(fs::remove_file(path)));
        remove();
        let [out, truth] = &partial;
        let command = fill(config, seed, records, out, truth);
        let made = self.run(&command).and_then(|()| {
            if !partial.iter().all(|path| path.is_file()) {
                return failed(format!(
                    "`{}` ended well, but did not write {} and {}",
                    command.join(" "),
                    out.display(),
                    truth.display()
                ));
            }
            partial.iter().zip(whole).try_for_each(|(partial, whole)| {
                files::keep(partial, whole).doing(|| format!("keeping the corpus {}", whole.display()))
            })
        });
        if made.is_err() {
            remove();
        }
        made
    }

    fn run(&self, command: &[String]) -> Result<()> {
        let doing = || format!("making a corpus by `{}`", command.join(" "));
        let (program, arguments) = match command.split_first() {
            Some((program, arguments)) if program == "cargo" => (self.toolchain.cargo.clone(), arguments),
            Some((program, arguments)) => (PathBuf::from(program), arguments),
            None => return failed("a corpus has an empty command"),
        };
        let made = Command::new(program)
            .args(arguments)
            .current_dir(self.root)
            .stdin(Stdio::null())
            .output()
            .doing(doing)?;
        if !made.status.success() {
            let stderr = String::from_utf8_lossy(&made.stderr);
            return failed(format!("{}: it ended with {}: {}", doing(), made.status, stderr.trim()));
        }
        Ok(())
    }
}

/// A corpus in a longer file: behind its end every tenth of its lines follows again.
#[derive(Clone, Debug)]
pub struct Longer {
    /// The corpus, under its own name and in the longer file.
    pub corpus: Corpus,
    /// How much of it is read where one of so many lines is read twice.
    pub bytes: BTreeMap<u32, u64>,
}

/// Makes the longer file beside a corpus. `every` are the shares of lines that may be read twice: at least 10 each.
pub fn longer(corpus: &Corpus, every: &[u32]) -> Result<Longer> {
    let path = corpus.path.with_extension("longer.log");
    let doing = || format!("writing a longer {} to {}", corpus.path.display(), path.display());
    let mut text = fs::read(&corpus.path).doing(doing)?;
    let whole = text.len();
    let ends: Vec<usize> = line_ends(&text);
    let mut bytes = BTreeMap::new();
    for (number, at) in (5..ends.len()).step_by(10).enumerate() {
        text.extend_from_within(ends[at - 1]..ends[at]);
        for &every in every.iter().filter(|&&every| ends.len() / every as usize == number + 1) {
            bytes.insert(every, text.len() as u64);
        }
    }
    if let Some(missing) = every.iter().find(|every| !bytes.contains_key(every)) {
        return failed(format!(
            "the corpus {} has {} lines and {whole} bytes: too little for one of {missing} lines to be read twice",
            corpus.name,
            ends.len()
        ));
    }
    files::write_whole(&path, &text).doing(doing)?;
    let sha256 = hash::of_file(&path)?;
    let corpus = Corpus { sha256, bytes: text.len() as u64, command: Vec::new(), path, ..corpus.clone() };
    Ok(Longer { corpus, bytes })
}

/// Where each line ends, its line feed included.
fn line_ends(text: &[u8]) -> Vec<usize> {
    text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect()
}

/// A user's own file as a corpus without truth, called by the file's name.
pub fn of_input(path: &Path) -> Result<Corpus> {
    let absolute = fs::canonicalize(path).doing(|| format!("reading the input {}", path.display()))?;
    let bytes = fs::metadata(&absolute).doing(|| format!("reading the input {}", path.display()))?.len();
    let name =
        path.file_name().map_or_else(|| "input".to_owned(), |name| name.to_string_lossy().into_owned());
    Ok(Corpus {
        name,
        sha256: hash::of_file(&absolute)?,
        path: absolute,
        truth: None,
        bytes,
        command: Vec::new(),
    })
}

fn fill(config: &config::Corpus, seed: u64, records: u64, out: &Path, truth: &Path) -> Vec<String> {
    let fill = |word: &String| {
        word.replace("{seed}", &seed.to_string())
            .replace("{records}", &records.to_string())
            .replace("{out}", &out.display().to_string())
            .replace("{truth}", &truth.display().to_string())
    };
    config.command.iter().map(fill).collect()
}

/// All files below a folder in a fixed order, or the file itself.
fn below(path: &Path) -> Result<Vec<PathBuf>> {
    let doing = || format!("reading {}, a source of a corpus", path.display());
    if fs::metadata(path).doing(doing)?.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for path in files::within(path)? {
        found.extend(below(&path)?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_corpus_begins_as_it_was_and_goes_on_with_lines_of_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("c.log");
        let text = (0..200).fold(String::new(), |text, n| text + "line " + &n.to_string() + "\n");
        fs::write(&path, &text).expect("written");
        let corpus = of_input(&path).expect("read");
        let longer_one = longer(&corpus, &[100, 10]).expect("made");
        let more = fs::read_to_string(&longer_one.corpus.path).expect("read");
        assert!(more.starts_with(&text));
        let twice = |every: u32| &more[text.len()..longer_one.bytes[&every] as usize];
        assert_eq!(twice(100), "line 5\nline 15\n");
        assert_eq!((twice(10).lines().count(), longer_one.bytes[&10]), (20, more.len() as u64));
        assert!(longer(&corpus, &[300]).is_err_and(|error| error.to_string().contains("200 lines")));
    }

    #[test]
    fn a_corpus_is_made_once_and_again_when_its_sources_change() {
        let root = tempfile::tempdir().expect("a folder");
        let source = root.path().join("source");
        fs::write(&source, "one").expect("written");
        let toolchain = Toolchain::all(Path::new("/nowhere")).expect("the one that runs this test").remove(0);
        let folder = root.path().join("corpora");
        let store = Store { root: root.path(), folder: &folder, toolchain: &toolchain };
        let script = "echo made >> made; echo {seed} {records} > {out}; echo '{}' > {truth}";
        let config = config::Corpus {
            name: "c".into(),
            command: ["sh", "-c", script].map(String::from).into(),
            sources: vec!["source".into()],
            seed: 1,
            training_seed: Some(2),
            records: None,
        };
        let first = store.corpus(&config, 1, 10).expect("made");
        assert_eq!(fs::read_to_string(&first.path).expect("read"), "1 10\n");
        assert_eq!(store.corpus(&config, 1, 10).expect("kept").path, first.path);
        assert_eq!(fs::read_to_string(root.path().join("made")).expect("read"), "made\n");
        fs::write(&source, "two").expect("written");
        assert_ne!(store.corpus(&config, 1, 10).expect("made").path, first.path);
        let broken = config::Corpus {
            command: ["sh", "-c", "echo no >&2; exit 1"].map(String::from).into(),
            ..config
        };
        let why = store.corpus(&broken, 1, 10).expect_err("fails").to_string();
        assert!(why.contains("exit") && why.ends_with("no"), "{why}");
    }

    #[test]
    fn what_a_command_left_half_made_is_no_corpus() {
        let root = tempfile::tempdir().expect("a folder");
        let toolchain = Toolchain::all(Path::new("/nowhere")).expect("the one that runs this test").remove(0);
        let folder = root.path().join("corpora");
        let store = Store { root: root.path(), folder: &folder, toolchain: &toolchain };
        // The first time it breaks off when both files are begun; the second time it writes one; then it does its work.
        let script = "echo x >> tries; n=$(grep -c x tries); echo half > {out}; test $n = 2 || echo '{}' > {truth}; \
                      test $n != 1 || exit 3; echo whole >> {out}";
        let config = config::Corpus {
            name: "c".into(),
            command: ["sh", "-c", script].map(String::from).into(),
            sources: Vec::new(),
            seed: 1,
            training_seed: None,
            records: None,
        };
        let why = store.corpus(&config, 1, 10).expect_err("it breaks off").to_string();
        assert!(why.contains("exit status: 3"), "{why}");
        assert_eq!(files::within(&folder).expect("read"), <[PathBuf; 0]>::default(), "nothing is left");
        let why = store.corpus(&config, 1, 10).expect_err("no truth").to_string();
        assert!(why.contains("ended well, but did not write"), "{why}");
        assert_eq!(files::within(&folder).expect("read"), <[PathBuf; 0]>::default(), "nothing is left");
        let corpus = store.corpus(&config, 1, 10).expect("made");
        assert_eq!(fs::read_to_string(&corpus.path).expect("read"), "half\nwhole\n");
        assert!(corpus.command.iter().any(|word| word.contains(&corpus.path.display().to_string())));
        let both = [corpus.path, corpus.truth.expect("its truth")];
        assert_eq!(files::within(&folder).expect("read"), both);
        // What a kill left of an earlier try is no corpus either.
        fs::rename(&both[0], both[0].with_extension("partial.log")).expect("renamed");
        let again = store.corpus(&config, 1, 10).expect("made");
        assert_eq!(fs::read_to_string(&again.path).expect("read"), "half\nwhole\n");
    }
}
