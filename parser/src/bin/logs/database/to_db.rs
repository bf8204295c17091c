//! `logs to-db`.

use std::path::PathBuf;

use super::table::Tables;
use crate::command::{self, Command, Outcome, Stop, Word};
use crate::inputs::{self, BadLines};

pub(crate) const COMMAND: Command =
    Command { name: "to-db", about: "write JSON lines as a table of a new SQLite database", help: HELP, run };

const HELP: &str = "\
Write JSON lines as the rows of one table of a new SQLite database, as they are read: memory does not grow with the log.

Usage: logs to-db --out FILE.db [OPTION]... FILE...

  FILE...                    JSON lines, compressed or not; directories, patterns in quotes, or - for standard input
  -o, --out FILE.db          the database; it gets this name once it is complete
      --table NAME           its table (default: logs)
      --force                replace what is there under that name
      --bad                  list the lines that are no JSON object on standard error
  -h, --help                 print this

A key is a column, made when a line first has it. Strings are TEXT, whole numbers INTEGER (as TEXT, where they have
more than 64 bits), others REAL, true and false 1 and 0, arrays and objects TEXT as they stand; null, and what a line
lacks, is NULL.

Exit status: 0 there were rows, 1 there were none (then there is a database without a table), 2 trouble; a file that
could not be read, or not to its end, does not keep the rest from being written.

Example:
  logs to-db --out app.db app.log && sqlite3 app.db 'SELECT level, count(*) FROM logs GROUP BY level'
";

/// What is to be made.
#[cfg_attr(
    not(feature = "sqlite"),
    expect(dead_code, reason = "nothing reads them where there are no databases")
)]
pub(super) struct Target {
    pub(super) path: PathBuf,
    pub(super) table: String,
    pub(super) force: bool,
}

fn run(mut parser: lexopt::Parser) -> Result<Outcome, Stop> {
    let (mut path, mut table, mut force, mut list_bad) = (None, "logs".to_owned(), false, false);
    let mut files = Vec::new();
    while let Some(word) = command::next(&mut parser)? {
        match word {
            Word::File(file) => files.push(file),
            Word::Flag(flag) => match flag.as_str() {
                "-o" | "--out" => path = Some(PathBuf::from(parser.value()?)),
                "--table" => table = command::text(&mut parser, "--table")?,
                "--force" => force = true,
                "--bad" => list_bad = true,
                flag => return Err(command::unknown(flag)),
            },
        }
    }
    let files = command::some(files, "to-db --out FILE.db")?;
    let Some(path) = path else {
        return Err(Stop::Usage("write which database? --out FILE.db names it".to_owned()));
    };
    let target = Target { path, table, force };
    let mut tables = match Tables::make(&target) {
        Ok(tables) => tables,
        Err(error) => {
            inputs::report(target.path.as_os_str(), "to-db", &error);
            return Ok(Outcome::Trouble);
        }
    };
    let mut bad = BadLines::new(list_bad);
    let (names, mut failed) = inputs::files(&files);
    for name in &names {
        if let Err(error) = tables.add(name, &mut bad) {
            inputs::report(name, "to-db --out FILE.db", &error);
            failed = true;
        }
    }
    bad.summarise();
    match tables.finish(&target.path) {
        Ok((rows, told)) => {
            eprintln!("logs: {}: {told}", target.path.display());
            Ok(match (failed, rows) {
                (true, _) => Outcome::Trouble,
                (false, 0) => Outcome::Nothing,
                (false, _) => Outcome::Good,
            })
        }
        Err(error) => {
            inputs::report(target.path.as_os_str(), "to-db", &error);
            Ok(Outcome::Trouble)
        }
    }
}
