//! `logs count`.

use std::ffi::OsString;
use std::io::{self, Write};
use std::time::SystemTime;

use lexopt::prelude::{Long, Value};
use parser::Counter;

use crate::command::{self, Command, Outcome, Stop};
use crate::inputs::{self, BadLines};
use crate::time::rfc3339;

pub(crate) const COMMAND: Command = Command {
    name: "count",
    about: "count a CDN's requests by what their user agents tell",
    help: HELP,
    run,
};

const HELP: &str = "\
Count a CDN's requests by date and by what their user agents tell, and print the counts as a line of JSON.

Usage: logs count [--bad] FILE...

  FILE...     files to count together; - is standard input
  --bad       list the lines that are no record on standard error, as FILE:LINE: reason (at byte OFFSET)
  -h, --help  print this

A request counts if it asks for one of the indexes: /versions, /specs.4.8.gz, /latest_specs.4.8.gz,
/prerelease_specs.4.8.gz, or /api/v1/dependencies without a query. `unique` is the exact number of addresses.

Exit status: 0 done, 2 trouble.
";

struct Options {
    list_bad: bool,
    files: Vec<OsString>,
}

fn parse(mut parser: lexopt::Parser) -> Result<Options, Stop> {
    let (mut list_bad, mut files) = (false, Vec::new());
    while let Some(arg) = parser.next()? {
        match arg {
            Long("bad") => list_bad = true,
            Value(file) => files.push(file),
            other => return Err(command::other(other)),
        }
    }
    Ok(Options { list_bad, files: command::some(files, COMMAND.name)? })
}

fn run(parser: lexopt::Parser) -> Result<Outcome, Stop> {
    let options = parse(parser)?;
    let mut counter = Counter::new();
    let mut bad = BadLines::new(options.list_bad);
    let mut files = Vec::new();
    let mut failed = false;
    for name in &options.files {
        let before = counter.totals();
        let read =
            inputs::open(name).and_then(|source| counter.read(source, &mut |line| bad.add(name, line)));
        // A file that broke off was counted up to there.
        if read.is_ok() || counter.totals() != before {
            files.push(inputs::shown(name));
        }
        if let Err(error) = &read {
            inputs::report(name, "count", error);
        }
        failed |= read.is_err();
    }
    bad.summarise();
    let count = counter.finish();
    if count.undated > 0 {
        eprintln!("logs: {} requests have no date and are not counted", count.undated);
    }
    if count.unaddressed > 0 {
        eprintln!("logs: {} requests have no address; they are one client, 0.0.0.0", count.unaddressed);
    }
    if !files.is_empty() {
        let mut out = io::BufWriter::new(io::stdout().lock());
        count.write_json(&files, &rfc3339(SystemTime::now()), &mut out)?;
        out.flush()?;
    }
    Ok(if failed { Outcome::Trouble } else { Outcome::Good })
}
