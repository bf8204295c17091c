//! The command line: what can be asked for, and how it is said.

use std::ffi::OsString;
use std::fmt;

use generator::{MAX_RECORDS, Shape, Spec};
use lexopt::{Arg, Parser, ValueExt};

use crate::explain::explain;

const DEFAULT_SEED: u64 = 42;
const DEFAULT_RECORDS: u64 = 100_000;

/// Every flag, for the message about an unknown one.
const FLAGS: &str = "--seed, --records, --set, --out, --truth, --force, --help, --version";

/// What to do.
#[derive(Debug)]
pub(crate) enum Command {
    /// Print this.
    Print(String),
    /// Write a corpus.
    Write(Corpus),
}

/// A corpus and where it goes.
#[derive(Debug)]
pub(crate) struct Corpus {
    pub(crate) spec: Spec,
    /// The log's file; `None` is the standard output.
    pub(crate) out: Option<OsString>,
    pub(crate) truth: Option<OsString>,
    pub(crate) force: bool,
}

/// What is wrong with a command line.
#[derive(Debug)]
pub(crate) struct Wrong(String);

impl fmt::Display for Wrong {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl From<lexopt::Error> for Wrong {
    fn from(error: lexopt::Error) -> Self {
        Self(error.to_string())
    }
}

/// Reads the command line.
pub(crate) fn parse(mut parser: Parser) -> Result<Command, Wrong> {
    let mut shape: Option<Shape> = None;
    let mut wants_help = false;
    let (mut seed, mut records) = (DEFAULT_SEED, DEFAULT_RECORDS);
    let (mut out, mut truth, mut force) = (None, None, false);
    let mut knobs: Vec<(String, String)> = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("help") | Arg::Short('h') => wants_help = true,
            Arg::Long("version") | Arg::Short('V') => {
                let (crate_version, format) = (env!("CARGO_PKG_VERSION"), generator::FORMAT_VERSION);
                return Ok(Command::Print(format!("generate {crate_version} (format {format})\n")));
            }
            Arg::Long("seed") => seed = number("--seed", &parser.value()?)?,
            Arg::Long("records") => records = number("--records", &parser.value()?)?,
            Arg::Long("set") => {
                let given = parser.value()?.string()?;
                let Some((name, value)) = given.split_once('=') else {
                    return Err(Wrong(format!("--set needs NAME=VALUE, not {given:?}")));
                };
                knobs.push((name.to_owned(), value.to_owned()));
            }
            Arg::Long("out") | Arg::Short('o') => out = Some(parser.value()?),
            Arg::Long("truth") => truth = Some(parser.value()?),
            Arg::Long("force") => force = true,
            Arg::Value(word) if shape.is_none() => {
                shape = Some(word.string()?.parse().map_err(|unknown| Wrong(format!("{unknown}")))?);
            }
            Arg::Value(word) => return Err(Wrong(format!("{} is one word too many", word.display()))),
            Arg::Long(_) | Arg::Short(_) => {
                let flag = match argument {
                    Arg::Long(name) => format!("--{name}"),
                    Arg::Short(letter) => format!("-{letter}"),
                    Arg::Value(word) => word.display().to_string(),
                };
                return Err(Wrong(format!("there is no flag {flag}; the flags are: {FLAGS}")));
            }
        }
    }
    if wants_help {
        return Ok(Command::Print(shape.map_or_else(|| include_str!("help.txt").to_owned(), explain)));
    }
    let Some(shape) = shape else {
        let known = Shape::ALL.map(Shape::name).join(", ");
        return Err(Wrong(format!("which shape of log? The shapes are: {known}")));
    };
    if records > MAX_RECORDS {
        return Err(Wrong(format!(
            "--records {records} is more than a corpus can have; the most is {MAX_RECORDS}"
        )));
    }
    if truth.as_ref().is_some_and(|truth| truth == "-") {
        return Err(Wrong("--truth needs a file; the standard output is for the log".to_owned()));
    }
    let out = out.filter(|out| out != "-");
    let spec = Spec::new(shape, seed, records)
        .with_knobs(knobs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
        .map_err(|wrong| Wrong(format!("--set {}: {wrong}", wrong.knob())))?;
    Ok(Command::Write(Corpus { spec, out, truth, force }))
}

fn number(flag: &str, value: &OsString) -> Result<u64, Wrong> {
    let text = value.to_string_lossy();
    text.parse().map_err(|_| Wrong(format!("{flag} needs a whole number from 0 to 2^64 - 1, not {text:?}")))
}
