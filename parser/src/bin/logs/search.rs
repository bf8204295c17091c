//! `logs search`.

use std::ffi::OsString;
use std::io::{self, Write};
use std::ops::ControlFlow;

use lexopt::prelude::{Long, Value};
use parser::{Filter, Level, Match, search};

use crate::command::{self, Command, Outcome, Stop};
use crate::inputs::{self, BadLines};

pub(crate) const COMMAND: Command =
    Command { name: "search", about: "print the records of a level, as they are", help: HELP, run };

const HELP: &str = "\
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

struct Options {
    level: Level,
    limit: Option<u64>,
    only_count: bool,
    list_bad: bool,
    files: Vec<OsString>,
}

fn parse(mut parser: lexopt::Parser) -> Result<Options, Stop> {
    let (mut level, mut limit, mut only_count, mut list_bad, mut files) =
        (None, None, false, false, Vec::new());
    while let Some(arg) = parser.next()? {
        match arg {
            Long("level") => level = Some(parse_level(&command::text(&mut parser, "--level")?)?),
            Long("limit") => {
                let number = command::number(&mut parser, "--limit")?;
                if number == 0 {
                    let why = "--limit 0 would find nothing; leave it out for all, or use --count";
                    return Err(Stop::Usage(why.to_owned()));
                }
                limit = Some(number);
            }
            Long("count") => only_count = true,
            Long("bad") => list_bad = true,
            Value(file) => files.push(file),
            other => return Err(command::other(other)),
        }
    }
    let level = level.ok_or_else(|| format!("search for which level? --level takes {}", known_levels()))?;
    let files = command::some(files, "search --level LEVEL")?;
    Ok(Options { level, limit, only_count, list_bad, files })
}

fn parse_level(name: &str) -> Result<Level, Stop> {
    Level::from_name(name)
        .ok_or_else(|| Stop::Usage(format!("there is no level `{name}`; there are {}", known_levels())))
}

fn known_levels() -> String {
    Level::ALL.map(|level| level.to_string()).join(", ")
}

fn run(parser: lexopt::Parser) -> Result<Outcome, Stop> {
    let options = parse(parser)?;
    let filter = Filter::level(options.level);
    let mut bad = BadLines::new(options.list_bad);
    let mut out = io::BufWriter::with_capacity(64 << 10, io::stdout().lock());
    let mut written = Ok(());
    let mut matches = 0;
    let (mut failed, mut read_any) = (false, false);
    for name in &options.files {
        let mut sink = |found: Match<'_>| {
            matches += 1;
            if !options.only_count {
                written = out.write_all(found.bytes).and_then(|()| out.write_all(b"\n"));
            }
            if written.is_err() || options.limit == Some(matches) {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        };
        let read = inputs::open(name)
            .and_then(|source| search(source, &filter, &mut |line| bad.add(name, line), &mut sink));
        if let Err(error) = &read {
            inputs::report(name, "search", error);
        }
        failed |= read.is_err();
        read_any |= read.is_ok();
        written?;
        written = Ok(());
        if options.limit == Some(matches) {
            break;
        }
    }
    // Of files that could not be read, nothing is known: not even that nothing is found there.
    if options.only_count && (read_any || matches > 0) {
        writeln!(out, "{matches}")?;
    }
    out.flush()?;
    bad.summarise();
    Ok(match (failed, matches) {
        (true, _) => Outcome::Trouble,
        (false, 0) => Outcome::Nothing,
        (false, _) => Outcome::Good,
    })
}
