//! What a subcommand is, and how it ends.

use std::ffi::OsString;
use std::fmt::Display;
use std::fs::{File, Metadata};
use std::io;
use std::num::NonZeroUsize;
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt;
use std::str::FromStr;

use lexopt::prelude::{Long, Short};
use lexopt::{Arg, Parser};

/// A subcommand. Each has a file of its own, which holds its arguments, its help and what it does.
pub(crate) struct Command {
    pub(crate) name: &'static str,
    /// What it does, in a line of `logs --help`.
    pub(crate) about: &'static str,
    pub(crate) help: &'static str,
    /// Reads the rest of the command line, and does it.
    pub(crate) run: fn(Parser) -> Result<Outcome, Stop>,
}

/// What a run came to, by the exit codes of grep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Found, or done.
    Good,
    /// Nothing was found.
    Nothing,
    /// Something could not be read.
    Trouble,
}

/// Why a run ended before it was done.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Help was asked for.
    Help,
    /// The command line is wrong: what is, and what would be right.
    Usage(String),
    /// The output could not be written.
    Output(io::Error),
    /// The input could not be read again, or the output not be written: the error says what.
    Failed(io::Error),
    /// Nothing could be read, and it was told why.
    Told,
}

impl From<lexopt::Error> for Stop {
    fn from(error: lexopt::Error) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<String> for Stop {
    fn from(message: String) -> Self {
        Self::Usage(message)
    }
}

/// What an argument means that a subcommand has no meaning of its own for: help, or wrong usage.
pub(crate) fn other(arg: Arg<'_>) -> Stop {
    match arg {
        Short('h') | Long("help") => Stop::Help,
        arg => Stop::Usage(arg.unexpected().to_string()),
    }
}

/// A word of the command line.
pub(crate) enum Word {
    /// `--name` or `-n`.
    Flag(String),
    File(OsString),
}

/// The next word of the command line.
pub(crate) fn next(parser: &mut Parser) -> Result<Option<Word>, Stop> {
    Ok(parser.next()?.map(|arg| match arg {
        Long(name) => Word::Flag(format!("--{name}")),
        Short(name) => Word::Flag(format!("-{name}")),
        Arg::Value(file) => Word::File(file),
    }))
}

/// What a flag means that a subcommand has no meaning of its own for: help, or wrong usage.
pub(crate) fn unknown(flag: &str) -> Stop {
    match flag {
        "-h" | "--help" => Stop::Help,
        flag => Stop::Usage(format!("there is no option {flag}")),
    }
}

/// The value of a flag that says how many threads read.
pub(crate) fn threads(parser: &mut Parser) -> Result<NonZeroUsize, Stop> {
    let number: usize = number(parser, "--threads")?;
    NonZeroUsize::new(number).ok_or_else(|| Stop::Usage("--threads 0: there must be one to read".to_owned()))
}

/// The value of a flag as text.
pub(crate) fn text(parser: &mut Parser, flag: &str) -> Result<String, Stop> {
    let value = parser.value()?;
    value.into_string().map_err(|value| Stop::Usage(format!("{flag} {}: it is not UTF-8", value.display())))
}

/// The value of a flag that takes a number.
pub(crate) fn number<N: FromStr<Err: Display>>(parser: &mut Parser, flag: &str) -> Result<N, Stop> {
    let value = text(parser, flag)?;
    value.parse().map_err(|error| {
        // "Invalid digit found in string" tells nobody more.
        let is_number = value.bytes().all(|byte| byte.is_ascii_digit()) && !value.is_empty();
        let why = if is_number { format!(": {error}") } else { String::new() };
        Stop::Usage(format!("{flag} {value}: it takes a number{why}"))
    })
}

/// The value of --limit: how many are shown at most, 0 for all.
pub(crate) fn limit(parser: &mut Parser) -> Result<usize, Stop> {
    Ok(match number(parser, "--limit")? {
        0 => usize::MAX,
        limit => limit,
    })
}

/// The files of a subcommand; if there are none, standard input, where something is piped or redirected to it.
pub(crate) fn some_or_input(files: Vec<OsString>, usage: &str) -> Result<Vec<OsString>, Stop> {
    if files.is_empty() && has_input() { Ok(vec!["-".into()]) } else { some(files, usage) }
}

/// Whether standard input is a pipe or a file: neither a terminal, where somebody would wait for an answer, nor
/// `/dev/null`, which has none.
fn has_input() -> bool {
    let kind = input().map(|about| about.file_type());
    kind.is_some_and(|kind| kind.is_file() || kind.is_fifo() || kind.is_socket())
}

/// What standard input is, if there is one.
pub(crate) fn input() -> Option<Metadata> {
    let input = io::stdin().as_fd().try_clone_to_owned().and_then(|input| File::from(input).metadata());
    input.ok()
}

/// The files of a subcommand, of which there must be one.
pub(crate) fn some(files: Vec<OsString>, usage: &str) -> Result<Vec<OsString>, Stop> {
    if files.is_empty() {
        return Err(Stop::Usage(format!(
            "read which file? `logs {usage} FILE...`, with - for standard input"
        )));
    }
    Ok(files)
}
