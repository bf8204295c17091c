//! Files and standard input, and what went wrong with them.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};

use parser::{BadLine, Refusal};

/// Opens a file, or standard input for `-`.
pub(crate) fn open(name: &OsStr) -> io::Result<Box<dyn Read>> {
    if name == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(name)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a directory; name the files in it"));
    }
    Ok(Box::new(file))
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
