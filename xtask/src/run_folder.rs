//! The folder of a run: `manifest.json`, `samples.jsonl`, `results.json`, `report/`. Where a run was published, its samples
//! lie packed, as `samples.jsonl.gz`: every command that only reads takes them so.

use crate::error::{Doing, Error, Result, failed};
use crate::files;
use flate2::read::MultiGzDecoder;
use harness::judge::wire::Schema;
use harness::judge::wire::manifest::{self, Manifest};
use harness::judge::wire::results::Results;
use harness::judge::wire::sample::{self, Sample};
use serde::Serialize;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The samples, a line each.
pub const SAMPLES: &str = "samples.jsonl";
/// The same packed by gzip, in a run that was published.
pub const PACKED_SAMPLES: &str = "samples.jsonl.gz";

/// A run's folder.
#[derive(Clone, Debug)]
pub struct RunFolder(PathBuf);

impl RunFolder {
    /// Makes the folder `name` below `runs`; it must not be there yet.
    pub fn create(runs: &Path, name: &str) -> Result<Self> {
        if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\']) {
            return Err(Error::Usage(format!("{name:?} can't name a run: it is to be a folder's name")));
        }
        Self::check_free(runs, name)?;
        let path = runs.join(name);
        fs::create_dir_all(&path).doing(|| format!("making the folder {}", path.display()))?;
        Ok(Self(path))
    }

    /// Is there no run of this name yet? An empty folder is none: it was left by a run that was killed while it built, since one
    /// that is building now holds the lock in `runs`.
    pub fn check_free(runs: &Path, name: &str) -> Result<()> {
        let path = runs.join(name);
        let is_empty = || fs::read_dir(&path).is_ok_and(|mut entries| entries.next().is_none());
        if path.exists() && !is_empty() {
            return Err(Error::Usage(format!(
                "there is a run {name:?} already: choose another --name, or take it up with --resume {name}"
            )));
        }
        Ok(())
    }

    /// Finds a run by its name below `runs`, by its folder, or (for an empty name) the newest one.
    pub fn open(runs: &Path, name: &str) -> Result<Self> {
        let known = names(runs);
        let path = match name {
            "" => {
                let newest = known.last().ok_or_else(|| Error::Usage("there is no run yet".to_owned()))?;
                runs.join(newest)
            }
            name if runs.join(name).is_dir() => runs.join(name),
            name => PathBuf::from(name),
        };
        if !path.join("manifest.json").is_file() {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            if path.is_dir() {
                return failed(format!(
                    "{} is not a whole run: it has no manifest.json (it holds profiles alone, or was stopped before its first visit: then begin it anew under its name)",
                    path.display()
                ));
            }
            return Err(Error::unknown("run", name, &known));
        }
        Ok(Self(path))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes the manifest, whole or not at all.
    pub fn write_manifest(&self, manifest: &Manifest) -> Result<()> {
        self.write_whole("manifest.json", manifest)
    }

    /// Writes the results, whole or not at all.
    pub fn write_results(&self, results: &Results) -> Result<()> {
        self.write_whole("results.json", results)
    }

    fn write_whole(&self, name: &str, value: &impl Serialize) -> Result<()> {
        let path = self.0.join(name);
        let doing = || format!("writing {}", path.display());
        let mut text = serde_json::to_vec_pretty(value).doing(doing)?;
        text.push(b'\n');
        files::write_whole(&path, &text).doing(doing)
    }

    /// Reads the manifest.
    pub fn manifest(&self) -> Result<Manifest> {
        let path = self.0.join("manifest.json");
        let doing = || format!("reading {}", path.display());
        let text = fs::read(&path).doing(doing)?;
        let value: serde_json::Value = serde_json::from_slice(&text).doing(doing)?;
        let Ok(schema) = serde_json::from_value::<Schema>(value["schema"].clone()) else {
            return failed(format!("{}: it names no schema: it is no manifest of a run", doing()));
        };
        schema.check(manifest::SCHEMA, manifest::VERSION).doing(doing)?;
        let version = schema.version;
        serde_json::from_value(value).map_err(|error| {
            let remedy = if version < manifest::VERSION {
                "which this build no longer reads: show the run with the build of its revision, or measure it again"
            } else {
                "and damaged"
            };
            Error::Failed(format!("{}: it is {} version {version}, {remedy} ({error})", doing(), manifest::SCHEMA))
        })
    }

    /// Reads the samples. A last line that was cut off, as by a crash or a full disk, is left out;
    /// any other damage is an error that names the line.
    pub fn samples(&self) -> Result<Vec<Sample>> {
        Ok(self.read_samples()?.0)
    }

    /// The samples, and the length in bytes of what is whole.
    fn read_samples(&self) -> Result<(Vec<Sample>, u64)> {
        let (plain, packed) = (self.0.join(SAMPLES), self.0.join(PACKED_SAMPLES));
        let path = if !plain.exists() && packed.exists() { packed } else { plain };
        let mut reader: Box<dyn BufRead> = match File::open(&path) {
            Ok(file) if path.ends_with(PACKED_SAMPLES) => {
                Box::new(BufReader::new(MultiGzDecoder::new(BufReader::new(file))))
            }
            Ok(file) => Box::new(BufReader::new(file)),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok((Vec::new(), 0)),
            Err(error) => return failed(format!("reading {}: {error}", path.display())),
        };
        let (mut samples, mut whole, mut version, mut line) = (Vec::new(), 0, 0, Vec::new());
        for number in 1.. {
            line.clear();
            let doing = || format!("reading {}, line {number}", path.display());
            let read = reader.read_until(b'\n', &mut line).doing(doing)?;
            if read == 0 || !line.ends_with(b"\n") {
                break;
            }
            if number == 1 {
                let schema: Schema = serde_json::from_slice(&line).doing(doing)?;
                schema.check(sample::SCHEMA, sample::VERSION).doing(doing)?;
                version = schema.version;
            } else {
                let older = || match version {
                    sample::VERSION => String::new(),
                    _ => format!(
                        " ({} version {version}; this build writes {})",
                        sample::SCHEMA,
                        sample::VERSION
                    ),
                };
                samples.push(serde_json::from_slice(&line).doing(|| doing() + &older())?);
            }
            whole += read as u64;
        }
        Ok((samples, whole))
    }

    /// Opens `samples.jsonl` for appending, a line cut off at its end removed; gives what it holds.
    pub fn append(&self) -> Result<(Vec<Sample>, SampleLog)> {
        let path = self.0.join(SAMPLES);
        if !path.exists() && self.0.join(PACKED_SAMPLES).exists() {
            return failed(format!("{} was published: nothing is added to it any more", self.0.display()));
        }
        let (samples, whole) = self.read_samples()?;
        let doing = || format!("opening {} to append", path.display());
        let mut file =
            OpenOptions::new().create(true).truncate(false).write(true).open(&path).doing(doing)?;
        file.set_len(whole).doing(doing)?;
        file.seek(SeekFrom::End(0)).doing(doing)?;
        let mut log = SampleLog { file, path };
        if whole == 0 {
            log.line(&Schema::new(sample::SCHEMA, sample::VERSION))?;
        }
        Ok((samples, log))
    }
}

/// `samples.jsonl`, open for appending.
#[derive(Debug)]
pub struct SampleLog {
    file: File,
    path: PathBuf,
}

impl SampleLog {
    /// Appends a sample in one write.
    pub fn push(&mut self, sample: &Sample) -> Result<()> {
        self.line(sample)
    }

    fn line(&mut self, value: &impl Serialize) -> Result<()> {
        let doing = || format!("appending to {} (what was measured so far is kept)", self.path.display());
        let mut line = serde_json::to_vec(value).doing(doing)?;
        line.push(b'\n');
        self.file.write_all(&line).doing(doing)
    }
}

/// The runs below `runs`, the oldest first.
pub fn names(runs: &Path) -> Vec<String> {
    let folders = fs::read_dir(runs).into_iter().flatten().flatten();
    let mut found: Vec<_> = folders
        .filter_map(|entry| {
            let began = fs::metadata(entry.path().join("manifest.json")).ok()?.modified().ok()?;
            Some((began, entry.file_name().into_string().ok()?))
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use harness::judge::wire::sample::{Failure, Instrument, Outcome};
    use std::io::Read;

    fn sample(block: u32) -> Sample {
        Sample {
            instrument: Instrument::Clock,
            scenario: "a/b".into(),
            variant: "v".into(),
            block,
            attempt: 0,
            disturbance: None,
            position: 0,
            began: "2026-01-01T00:00:00Z".into(),
            visit_ns: 1,
            outcome: Outcome::Failed(Failure::TimedOut { seconds: 1 }),
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_disk_without_room_is_told() {
        let path = PathBuf::from("/dev/full");
        let file = OpenOptions::new().write(true).open(&path).expect("opened");
        let why = SampleLog { file, path }.push(&sample(0)).expect_err("there is no room").to_string();
        assert!(why.contains("appending to /dev/full") && why.contains("so far is kept"), "{why}");
    }

    #[test]
    fn a_name_that_a_killed_run_left_is_free_again() {
        let runs = tempfile::tempdir().expect("a folder");
        let folder = RunFolder::create(runs.path(), "r").expect("made");
        assert!(RunFolder::create(runs.path(), "r").is_ok(), "it was killed before there was a manifest");
        fs::write(folder.path().join("manifest.json"), "{}").expect("written");
        let why = RunFolder::create(runs.path(), "r").expect_err("a run").to_string();
        assert!(why.contains("there is a run \"r\" already"), "{why}");
    }

    #[test]
    fn a_line_that_was_cut_off_is_left_out_and_written_over() {
        let runs = tempfile::tempdir().expect("a folder");
        let folder = RunFolder::create(runs.path(), "r").expect("made");
        let (none, mut log) = folder.append().expect("opened");
        assert!(none.is_empty());
        log.push(&sample(0)).expect("written");
        drop(log);
        let path = folder.path().join("samples.jsonl");
        let whole = fs::read(&path).expect("read");
        fs::write(&path, [&whole[..], b"{\"instrument\":\"clo"].concat()).expect("torn");
        assert_eq!(folder.samples().expect("read"), [sample(0)]);
        let (kept, mut log) = folder.append().expect("opened");
        assert_eq!(kept, [sample(0)]);
        log.push(&sample(1)).expect("written");
        assert_eq!(folder.samples().expect("read"), [sample(0), sample(1)]);
    }

    #[test]
    fn damage_elsewhere_names_its_line() {
        let runs = tempfile::tempdir().expect("a folder");
        let folder = RunFolder::create(runs.path(), "r").expect("made");
        let (_, mut log) = folder.append().expect("opened");
        log.push(&sample(0)).expect("written");
        let path = folder.path().join("samples.jsonl");
        let text = fs::read_to_string(&path).expect("read");
        fs::write(&path, text.replace("\"clock\"", "\"sundial\"")).expect("damaged");
        let why = folder.samples().expect_err("damage").to_string();
        assert!(why.contains("line 2") && why.contains("sundial"), "{why}");
        let version = format!("\"version\":{}", sample::VERSION);
        fs::write(&path, text.replace(&version, "\"version\":77")).expect("newer");
        let why = folder.samples().expect_err("newer").to_string();
        assert!(why.contains("version 77") && why.contains("newer build"), "{why}");
    }

    #[test]
    fn packed_samples_are_read_and_not_added_to() {
        let runs = tempfile::tempdir().expect("a folder");
        let folder = RunFolder::create(runs.path(), "r").expect("made");
        let (_, mut log) = folder.append().expect("opened");
        log.push(&sample(0)).expect("written");
        drop(log);
        let plain = folder.path().join(SAMPLES);
        let mut packed = Vec::new();
        flate2::read::GzEncoder::new(&fs::read(&plain).expect("read")[..], flate2::Compression::best())
            .read_to_end(&mut packed)
            .expect("packed");
        let path = folder.path().join(PACKED_SAMPLES);
        fs::write(&path, &packed).expect("written");
        fs::remove_file(&plain).expect("removed");
        assert_eq!(folder.samples().expect("read"), [sample(0)]);
        let why = folder.append().expect_err("published").to_string();
        assert!(why.contains("was published"), "{why}");
        assert!(!plain.exists(), "nothing is made of a run that is only read");
        fs::write(&path, &packed[..packed.len() / 2]).expect("torn");
        let why = folder.samples().expect_err("torn").to_string();
        assert!(why.contains(PACKED_SAMPLES), "{why}");
    }

    #[test]
    fn a_manifest_of_another_version_is_told_with_what_to_do() {
        let runs = tempfile::tempdir().expect("a folder");
        let folder = RunFolder::create(runs.path(), "r").expect("made");
        let told = |text: String| {
            fs::write(folder.path().join("manifest.json"), text).expect("written");
            folder.manifest().expect_err("refused").to_string()
        };
        let of = |version: u32| {
            format!("{{\"schema\": {{\"name\": {:?}, \"version\": {version}}}}}", manifest::SCHEMA)
        };
        let older = told(of(1));
        assert!(older.contains("version 1, which") && older.contains("measure it again"), "{older}");
        let newer = told(of(manifest::VERSION + 1));
        assert!(newer.contains("use a newer build"), "{newer}");
        assert!(told(of(manifest::VERSION)).contains("and damaged"));
        assert!(told("{}".to_owned()).contains("names no schema"));
    }

    #[test]
    fn unknown_and_broken_runs_are_told_apart() {
        let runs = tempfile::tempdir().expect("a folder");
        RunFolder::create(runs.path(), "broken").expect("made");
        let why = RunFolder::open(runs.path(), "broken").expect_err("no manifest").to_string();
        assert!(why.contains("no manifest.json"), "{why}");
        let why = RunFolder::open(runs.path(), "other").expect_err("unknown").to_string();
        assert!(why.contains("there is no run \"other\""), "{why}");
        assert!(RunFolder::create(runs.path(), "../out").is_err());
    }
}
