//! Files and standard input, and what went wrong with them.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek, Write};
use std::num::NonZeroUsize;

use lexopt::Parser;
use parser::input::{self, Compression};
use parser::together::Opened;
use parser::{BadLine, Clock, Format, Formats, Pattern, Refusal};

use crate::command::{self, Stop};

/// What help says of the files, and of the flags that tell how they are read.
pub(crate) const HELP: &str = "  FILE...                    files; directories, which are all files in them but hidden ones; patterns in quotes, as in
                             'logs/**/*.gz'; or - for standard input, which `search` and `count` read without
                             it where something is piped to them. What is compressed with gzip or zstd is
                             decompressed, whatever its name
      --input-format NAME    read all as this format, not each line as what it is: json, access (common or combined),
                             logfmt, syslog, nginx-error, apache-error, postgres or text
      --pattern REGEX        read each line by a regular expression whose named groups are fields, as in
                             '^(?<time>\\S+ \\S+) (?<level>\\w+) (?<message>.*)'; one that it does not match continues
                             the record before it
";

/// What was opened.
pub(crate) enum Source {
    /// A file that several threads may read.
    File(File),
    /// Anything else: standard input, a pipe, what is decompressed while it is read.
    Stream(Box<dyn Read>),
}

/// How inputs are read.
#[derive(Default)]
pub(crate) struct Reading {
    pub(crate) formats: Formats,
}

impl Reading {
    /// Takes a flag and its value, if it is one of these; whether it was.
    pub(crate) fn take(&mut self, flag: &str, parser: &mut Parser) -> Result<bool, Stop> {
        let formats = match flag {
            "--input-format" => {
                let name = command::text(parser, flag)?;
                let known = || Format::ALL.map(Format::name).join(", ");
                Format::from_name(&name).map(Formats::One).ok_or_else(|| {
                    Stop::Usage(format!(
                        "--input-format {name}: there is no such format; there are {}",
                        known()
                    ))
                })?
            }
            "--pattern" => {
                let pattern = Pattern::new(&command::text(parser, flag)?);
                Formats::Pattern(pattern.map_err(|error| Stop::Usage(format!("--pattern: {error}")))?)
            }
            _ => return Ok(false),
        };
        if !matches!(self.formats, Formats::Any) {
            return Err(Stop::Usage("--input-format and --pattern: one of them, once".to_owned()));
        }
        self.formats = formats;
        Ok(true)
    }

    /// How many threads may read one file: where a record begins is known of each line by itself only if it may be of any
    /// format.
    pub(crate) fn threads(&self, asked: NonZeroUsize) -> NonZeroUsize {
        if self.has_json() { asked } else { NonZeroUsize::MIN }
    }

    /// Whether JSON is read: then a record that begins with a brace is an object of it, and else any text may.
    pub(crate) fn has_json(&self) -> bool {
        matches!(self.formats, Formats::Any | Formats::One(Format::Json))
    }
}

/// Opens a file, or standard input for `-`; compressed or not, by its first bytes. What is compressed is decoded by so
/// many threads, beside who reads it if there is more than one.
pub(crate) fn open(name: &OsStr, threads: NonZeroUsize) -> io::Result<Source> {
    let ahead = threads.get() > 1;
    if name == "-" {
        return Ok(Source::Stream(input::Source::new(io::stdin())?.decode(ahead)));
    }
    let mut file = File::open(name)?;
    let about = file.metadata()?;
    if about.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a directory; name the files in it"));
    }
    if !about.is_file() {
        return Ok(Source::Stream(input::Source::new(file)?.decode(ahead)));
    }
    let source = input::Source::new(&file)?;
    let compression = source.compression();
    file.rewind()?;
    Ok(match compression {
        Compression::None => Source::File(file),
        _ => Source::Stream(input::Source::new(file)?.decode_on(threads)?),
    })
}

/// The same, for who reads from the start to the end.
pub(crate) fn open_whole(name: &OsStr, threads: NonZeroUsize) -> io::Result<Opened> {
    let source = match open(name, threads)? {
        Source::File(file) => Box::new(file),
        Source::Stream(stream) => stream,
    };
    Ok(Opened { source, clock: clock(name) })
}

/// What an input is, if it is there.
fn about(name: &OsStr) -> Option<Metadata> {
    if name == "-" { command::input() } else { fs::metadata(name).ok() }
}

/// Whether a read of an input may wait for what is not written yet: it is a pipe or a terminal, and not a file.
pub(crate) fn may_wait(name: &OsStr) -> bool {
    about(name).is_some_and(|about| !about.is_file())
}

/// What times without a year are read by: none in a file, be it named or standard input, is later than when that was last
/// written to, and none in what is read as it comes is later than now.
pub(crate) fn clock(name: &OsStr) -> Clock {
    let modified = about(name).filter(Metadata::is_file).and_then(|file| file.modified().ok());
    modified.map_or_else(Clock::now, |modified| Clock::until(modified.into()))
}

/// The files in their order, as many together as are read at once: each on one thread where several follow each other
/// that cannot be split or are too short for that, else alone.
pub(crate) fn together(names: &[OsString], threads: NonZeroUsize) -> Vec<&[OsString]> {
    if threads.get() == 1 {
        return names.chunks(1).collect();
    }
    names.chunk_by(|one, next| is_whole(one) && is_whole(next)).collect()
}

/// Whether a file is read by one thread, if at all.
fn is_whole(name: &OsStr) -> bool {
    let Ok(about) = fs::metadata(name) else { return false };
    let is_compressed = || {
        let source = File::open(name).and_then(input::Source::new);
        source.is_ok_and(|source| source.compression() != Compression::None)
    };
    name != "-" && about.is_file() && (about.len() < parser::SPLIT_FROM || is_compressed())
}

/// The files that names mean, and whether some meant none or may mean more than could be found, which is told.
pub(crate) fn files(names: &[OsString]) -> (Vec<OsString>, bool) {
    let (mut files, mut failed) = (Vec::new(), false);
    for name in names {
        let meant = input::expand(name);
        files.extend(meant.files);
        for error in meant.errors {
            let _ = writeln!(io::stderr(), "logs: {}: {error}", shown(name));
            failed = true;
        }
    }
    (files, failed)
}

/// How a file is called in messages and in the answer.
pub(crate) fn shown(name: &OsStr) -> String {
    name.to_string_lossy().into_owned()
}

/// Says on standard error why a file could not be read.
pub(crate) fn report(name: &OsStr, command: &str, error: &io::Error) {
    let file = shown(name);
    match Refusal::within(error) {
        Some(refusal) => eprintln!(
            "logs: {file}: not read: {}; convert it: {} | logs {command} -",
            refusal.what(),
            refusal.remedy(&file)
        ),
        None => eprintln!("logs: {file}: {error}"),
    }
}

/// Bad lines: how many, and each of them on request.
pub(crate) struct BadLines {
    list: bool,
    count: u64,
}

impl BadLines {
    pub(crate) fn new(list: bool) -> Self {
        Self { list, count: 0 }
    }

    pub(crate) fn add(&mut self, name: &OsStr, bad: BadLine) {
        self.count += 1;
        if self.list {
            let BadLine { line, offset, reason } = bad;
            // There is nowhere left to say so if standard error is closed.
            let _ = writeln!(io::stderr(), "{}:{line}: {reason} (at byte {offset})", name.display());
        }
    }

    /// Says how many there were, if there were any.
    pub(crate) fn summarise(&self) {
        let (count, verb) = (self.count, if self.count == 1 { "line is" } else { "lines are" });
        if count > 0 {
            let hint = if self.list { "" } else { "; --bad lists them" };
            let _ = writeln!(io::stderr(), "logs: {count} {verb} no record{hint}");
        }
    }
}
