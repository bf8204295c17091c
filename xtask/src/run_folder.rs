//! The folder of a run: `manifest.json`, `samples.jsonl`, `results.json`, `report/`. Where a run was published, its samples
//! lie packed, as `samples.jsonl.gz`: every command that only reads takes them so.

use crate::error::{Doing, Error, Result, failed};
use crate::files;
use crate::interrupt::Interrupt;
use flate2::read::MultiGzDecoder;
use harness::judge::wire::Schema;
use harness::judge::wire::manifest::{self, Manifest};
use harness::judge::wire::results::Results;
use harness::judge::wire::sample::{self, Sample};
use serde::Serialize;
use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

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

    /// Is there no run of this name yet?
    pub fn check_free(runs: &Path, name: &str) -> Result<()> {
        if runs.join(name).exists() {
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
                    "{} is not a whole run: it has no manifest.json (it holds profiles alone, or was stopped before its first visit)",
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

/// The lock of the whole machine: all users and all checkouts find it here.
const MACHINE: &str = "/tmp/assay.lock";
/// The variable that names another: for those who know that two runs do not meet, as tests do that measure nothing.
const ELSEWHERE: &str = "ASSAY_LOCK";

/// Held while this checkout's runs and binaries are used or removed.
#[derive(Debug)]
pub struct RunsLock(#[expect(dead_code, reason = "it is held, not read")] File);

impl RunsLock {
    /// Takes the lock in `runs`; an error names the process that holds it.
    pub fn take(runs: &Path) -> Result<Self> {
        fs::create_dir_all(runs).doing(|| format!("making the folder {}", runs.display()))?;
        let path = runs.join("lock");
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true);
        let file = options.open(&path).doing(|| format!("locking {}", path.display()))?;
        hold(file, &path).map(Self)
    }
}

/// Held while this process measures: two runs at once would disturb each other, in whatever checkouts they are.
#[derive(Debug)]
pub struct MachineLock {
    _runs: RunsLock,
    /// None where it can't be opened.
    _machine: Option<File>,
}

impl MachineLock {
    /// Takes the lock in `runs`, and waits for that of the machine: jobs of several checkouts on one machine follow each other.
    /// An error names the process that holds the first; who holds the second is told.
    pub fn take(runs: &Path) -> Result<Self> {
        let elsewhere = std::env::var_os(ELSEWHERE).filter(|path| !path.is_empty());
        Self::take_with(runs, &elsewhere.map_or_else(|| PathBuf::from(MACHINE), PathBuf::from))
    }

    fn take_with(runs: &Path, machine: &Path) -> Result<Self> {
        let runs = RunsLock::take(runs)?;
        let machine = match open_shared(machine) {
            Ok(file) => Some(wait_for(file, machine)?),
            Err(error) => {
                eprintln!(
                    "the machine's lock {} can't be opened ({error}): whether another checkout or user measures here is not \
                     known; {ELSEWHERE} can name another file for it",
                    machine.display()
                );
                None
            }
        };
        Ok(Self { _runs: runs, _machine: machine })
    }
}

/// Opens a lock that other users may have made, and may want. A folder for all may hold anything under its name: a link is not
/// followed, and nothing is waited for.
fn open_shared(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    // In such a folder the kernel lets nobody open a file of another user's in a way that might make it.
    let opened = match options.clone().write(true).open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            match options.clone().write(true).create_new(true).open(path) {
                // What the mask takes away others need.
                Ok(made) => made.set_permissions(Permissions::from_mode(0o666)).map(|()| made),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    options.clone().write(true).open(path)
                }
                Err(error) => Err(error),
            }
        }
        opened => opened,
    };
    // To hold it, reading is enough; who holds it is then not told.
    let opened = match opened {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => options.open(path),
        opened => opened,
    }?;
    if opened.metadata()?.is_file() { Ok(opened) } else { Err(std::io::Error::other("it is no file")) }
}

/// Locks an open file and writes into it who holds it; an error tells who does already.
fn hold(mut file: File, path: &Path) -> Result<File> {
    if !is_free(&file, path)? {
        return failed(format!("another run is going on ({}): wait for its end", holder_of(&mut file)));
    }
    Ok(held(file))
}

/// The same, when it is free.
fn wait_for(mut file: File, path: &Path) -> Result<File> {
    let mut waiting = None;
    while !is_free(&file, path)? {
        if waiting.is_none() {
            eprintln!(
                "another run is going on ({}): waiting for its end, since they would disturb each other; {ELSEWHERE} can name \
                 another file than {} for the lock",
                holder_of(&mut file),
                path.display()
            );
            waiting = Some(Interrupt::listen()?);
        }
        if waiting.as_ref().is_some_and(Interrupt::asked) {
            return failed("interrupted while it waited for another run's end: nothing was done");
        }
        thread::sleep(Duration::from_millis(200));
    }
    Ok(held(file))
}

/// Locks an open file, if nobody else has.
fn is_free(file: &File, path: &Path) -> Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => failed(format!("locking {}: {error}", path.display())),
    }
}

fn holder_of(file: &mut File) -> String {
    let mut holder = String::new();
    let _ = file.read_to_string(&mut holder);
    holder.trim().to_owned()
}

/// Writes into a locked file who holds it.
fn held(mut file: File) -> File {
    let command: Vec<String> = std::env::args().skip(1).collect();
    let folder = std::env::current_dir().unwrap_or_default();
    let holder =
        format!("process {}: cargo xtask {} in {}", std::process::id(), command.join(" "), folder.display());
    // It is held all the same where nothing can be written, as on a full disk.
    let _ = file.set_len(0).and_then(|()| file.write_all(holder.as_bytes()));
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use harness::judge::wire::sample::{Failure, Instrument, Outcome};

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
        assert!(RunFolder::create(runs.path(), "broken").is_err());
        assert!(RunFolder::create(runs.path(), "../out").is_err());
    }

    #[test]
    fn the_lock_names_its_holder() {
        let runs = tempfile::tempdir().expect("a folder");
        let machine = runs.path().join("machine");
        let take = || MachineLock::take_with(runs.path(), &machine);
        let held = take().expect("free");
        let why = take().expect_err("held").to_string();
        assert!(why.contains(&format!("process {}", std::process::id())), "{why}");
        drop(held);
        assert!(take().is_ok());
    }

    #[test]
    fn two_checkouts_do_not_measure_beside_each_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let machine = folder.path().join("machine");
        let of = |name: &str| MachineLock::take_with(&folder.path().join(name), &machine);
        let held = of("one").expect("free");
        let why = hold(open_shared(&machine).expect("there"), &machine).expect_err("it is taken").to_string();
        let here = std::env::current_dir().expect("a folder").display().to_string();
        assert!(why.contains("another run is going on") && why.contains(&here), "{why}");
        assert!(RunsLock::take(&folder.path().join("two")).is_ok(), "what does not measure may go on");
        thread::scope(|scope| {
            let second = scope.spawn(|| of("two").map(|_| ()));
            let is_free = is_free(&open_shared(&machine).expect("there"), &machine).expect("asked");
            assert!(!is_free && !second.is_finished(), "it waits");
            drop(held);
            assert!(second.join().expect("it ends").is_ok());
        });
        let mode = fs::metadata(&machine).expect("it stays").permissions().mode();
        assert_eq!(mode & 0o777, 0o666, "other users lock it too");
    }

    #[test]
    fn a_lock_of_another_kind_or_without_permission_does_not_stop_a_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("target");
        fs::write(&target, "mine").expect("written");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&target, &link).expect("linked");
        for place in [link.as_path(), folder.path(), Path::new("/no/such/folder/lock")] {
            assert!(open_shared(place).is_err(), "{}", place.display());
            assert!(MachineLock::take_with(&folder.path().join("runs"), place).is_ok(), "told, not fatal");
        }
        assert_eq!(fs::read_to_string(&target).expect("read"), "mine", "no link is followed");
        // What may only be read is held too.
        let read_only = File::open(&target).expect("opened");
        let held = hold(read_only, &target).expect("held");
        assert!(hold(File::open(&target).expect("opened"), &target).is_err());
        drop(held);
    }
}
