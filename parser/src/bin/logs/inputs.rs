//! Files and standard input, and what went wrong with them.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Seek, Write};

use parser::input::{self, Compression, Source};
use parser::{BadLine, Format, Formats, Pattern, Refusal};

use crate::command::Stop;

/// The part of a help that is about inputs.
pub(crate) const HELP: &str = "\
Input:
  FILE...              files, directories (all files in them, hidden ones apart), patterns in quotes ('logs/**/*.gz'), or
                       - for standard input; what is compressed with gzip or zstd is decompressed, whatever its name
  --input-format NAME  read only this format, and not each line as what it is: json, access (common and combined),
                       logfmt, syslog, nginx-error, apache-error, postgres or text
  --pattern REGEX      read lines by a regular expression whose named groups are the fields, as in
                       '^(?<time>\\S+ \\S+) (?<level>\\w+) (?<message>.*)'; a line that it does not match continues the
                       record before it
";

/// An input that was opened.
pub(crate) enum Input {
    /// A file that is not compressed and can be read at any place.
    File(File),
    /// Anything else: standard input, a pipe, what is decompressed while it is read.
    Stream(Box<dyn Read>),
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Stream(stream) => stream.read(buffer),
        }
    }
}

/// Opens a file, or standard input for `-`; compressed or not, by its first bytes.
pub(crate) fn open(name: &OsStr) -> io::Result<Input> {
    // The decoder works beside the reader where there is a processor for it.
    let ahead = parser::all_threads().get() > 1;
    if name == "-" {
        return Ok(Input::Stream(Source::new(io::stdin())?.decode(ahead)));
    }
    let mut file = File::open(name)?;
    let about = file.metadata()?;
    if about.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a directory; name the files in it"));
    }
    if !about.is_file() {
        return Ok(Input::Stream(Source::new(file)?.decode(ahead)));
    }
    let source = Source::new(&file)?;
    let compression = source.compression();
    file.rewind()?;
    Ok(match compression {
        Compression::None => Input::File(file),
        #[allow(unreachable_patterns, reason = "where nothing can be decompressed, there is nothing else")]
        _ => Input::Stream(Source::new(file)?.decode(ahead)),
    })
}

/// The files that names mean, and whether one of them meant none, which is told then.
pub(crate) fn files(names: &[OsString]) -> (Vec<OsString>, bool) {
    let (mut files, mut failed) = (Vec::new(), false);
    for name in names {
        match input::expand(name) {
            Ok(meant) => files.extend(meant),
            Err(error) => {
                eprintln!("logs: {}: {error}", shown(name));
                failed = true;
            }
        }
    }
    (files, failed)
}

/// The formats that `--input-format` names.
pub(crate) fn format(name: &str) -> Result<Formats, Stop> {
    Format::from_name(name).map(Formats::One).ok_or_else(|| {
        let known = Format::ALL.map(Format::name).join(", ");
        Stop::Usage(format!("--input-format {name}: there is no such format; there are {known}"))
    })
}

/// The format that `--pattern` is.
pub(crate) fn pattern(text: &str) -> Result<Formats, Stop> {
    Pattern::new(text).map(Formats::Pattern).map_err(|error| Stop::Usage(format!("--pattern: {error}")))
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
