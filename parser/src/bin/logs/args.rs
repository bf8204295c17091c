//! The command line.

use std::ffi::{OsStr, OsString};

use lexopt::prelude::{Long, Short, Value};
use lexopt::{Arg, ValueExt};
use parser::Level;

/// What is asked for.
pub(crate) enum Command {
    Help(&'static str),
    Version,
    Count(Count),
    Search(Search),
}

/// `logs count`.
pub(crate) struct Count {
    pub(crate) list_bad: bool,
    pub(crate) files: Vec<OsString>,
}

/// `logs search`.
pub(crate) struct Search {
    pub(crate) level: Level,
    pub(crate) limit: Option<u64>,
    pub(crate) only_count: bool,
    pub(crate) list_bad: bool,
    pub(crate) files: Vec<OsString>,
}

const HELP: &str = "\
Count and search logs: one JSON object per line, from files or standard input.

Usage:
  logs count [--bad] FILE...
  logs search --level LEVEL [--limit N] [--count] [--bad] FILE...
  logs count --help, logs search --help, logs --version

FILE is a path, or - for standard input.

Exit status: 0 found or done, 1 nothing found, 2 trouble: wrong usage, or a file that could not be read. One such
file does not keep the others from being read.
";

const COUNT_HELP: &str = "\
Count a CDN's requests by date and by what their user agents tell, and print the counts as a line of JSON.

Usage: logs count [--bad] FILE...

  FILE...     files to count together; - is standard input
  --bad       list the lines that are no record on standard error, as FILE:LINE: reason (at byte OFFSET)
  -h, --help  print this

A request counts if it asks for one of the indexes: /versions, /specs.4.8.gz, /latest_specs.4.8.gz,
/prerelease_specs.4.8.gz, or /api/v1/dependencies without a query. `unique` is the exact number of addresses.

Exit status: 0 done, 2 trouble.
";

const SEARCH_HELP: &str = "\
Print the records of a level, as they are.

Usage: logs search --level LEVEL [--limit N] [--count] [--bad] FILE...

  FILE...        files to search, one after another; - is standard input
  --level LEVEL  trace, debug, info, warn, error or fatal, or one of their other names (warning, err, critical, ...);
                 in the log it is the value of the key level, else severity, else log_level
  --limit N      stop after N records
  --count        print only how many there are
  --bad          list the lines that are no record on standard error, as FILE:LINE: reason (at byte OFFSET)
  -h, --help     print this

Exit status: 0 found, 1 nothing found, 2 trouble.
";

/// Reads the command line; an error is ready to be shown.
pub(crate) fn parse(mut parser: lexopt::Parser) -> Result<Command, String> {
    let command = match parser.next().map_err(|e| e.to_string())? {
        None => return Err("what shall it do? `logs count` or `logs search`; see `logs --help`".to_owned()),
        Some(Short('h') | Long("help")) => return Ok(Command::Help(HELP)),
        Some(Short('V') | Long("version")) => return Ok(Command::Version),
        Some(Value(command)) => command,
        Some(other) => return Err(unexpected(other, "logs")),
    };
    match command.to_str() {
        Some("count") => count(parser),
        Some("search") => search(parser),
        _ => Err(format!(
            "there is no command `{}`; there are count and search, see `logs --help`",
            command.display()
        )),
    }
}

fn count(mut parser: lexopt::Parser) -> Result<Command, String> {
    let mut count = Count { list_bad: false, files: Vec::new() };
    while let Some(arg) = parser.next().map_err(|e| e.to_string())? {
        match arg {
            Short('h') | Long("help") => return Ok(Command::Help(COUNT_HELP)),
            Long("bad") => count.list_bad = true,
            Value(file) => count.files.push(file),
            other => return Err(unexpected(other, "logs count")),
        }
    }
    some(&count.files, "count")?;
    Ok(Command::Count(count))
}

fn search(mut parser: lexopt::Parser) -> Result<Command, String> {
    let (mut level, mut limit, mut only_count, mut list_bad, mut files) =
        (None, None, false, false, Vec::new());
    while let Some(arg) = parser.next().map_err(|e| e.to_string())? {
        match arg {
            Short('h') | Long("help") => return Ok(Command::Help(SEARCH_HELP)),
            Long("level") => level = Some(parse_level(&parser.value().map_err(|e| e.to_string())?)?),
            Long("limit") => {
                let number: u64 = parser
                    .value()
                    .and_then(|v| v.parse())
                    .map_err(|e| format!("--limit: {e}; it takes a number"))?;
                if number == 0 {
                    return Err(
                        "--limit 0 would find nothing; leave it out for all, or use --count".to_owned()
                    );
                }
                limit = Some(number);
            }
            Long("count") => only_count = true,
            Long("bad") => list_bad = true,
            Value(file) => files.push(file),
            other => return Err(unexpected(other, "logs search")),
        }
    }
    let level = level.ok_or_else(|| format!("search for which level? --level takes {}", known_levels()))?;
    some(&files, "search --level LEVEL")?;
    Ok(Command::Search(Search { level, limit, only_count, list_bad, files }))
}

fn parse_level(name: &OsStr) -> Result<Level, String> {
    name.to_str()
        .and_then(Level::from_name)
        .ok_or_else(|| format!("there is no level `{}`; there are {}", name.display(), known_levels()))
}

fn known_levels() -> String {
    Level::ALL.map(|level| level.to_string()).join(", ")
}

fn some(files: &[OsString], command: &str) -> Result<(), String> {
    if files.is_empty() {
        Err(format!("read which file? `logs {command} FILE...`, with - for standard input"))
    } else {
        Ok(())
    }
}

fn unexpected(arg: Arg<'_>, command: &str) -> String {
    format!("{}; see `{command} --help`", arg.unexpected())
}
