//! `logs from-db`.

use std::io::{self, BufRead, BufReader, Write};

use super::table::tables;
use super::{Choice, read_lines};
use crate::command::{self, Command, Outcome, Stop, Word};
use crate::inputs;

pub(crate) const COMMAND: Command =
    Command { name: "from-db", about: "print the rows of an SQLite database as JSON lines", help: HELP, run };

const HELP: &str = "\
Print the rows of a table of an SQLite database as JSON lines, as they are read: memory does not grow with the table.

Usage: logs from-db [OPTION]... FILE.db...

  FILE.db                    the database; it is only read, and all rows are of one moment
{selection}
      --text                 print text that is a JSON array or object as the string that it is, not as that value
      --no-nulls             leave out keys of columns that are NULL
      --tables               print the names of its tables and views instead
  -h, --help                 print this

NULL is null; numbers keep all digits (an infinite one is 9e999); BLOBs are base64; text that is not UTF-8 gets U+FFFD
where it is not, which is told. Rows come in the order in which the table keeps them.

Exit status: 0 there were rows, 1 there were none, 2 trouble: a database that is locked, damaged or has no such table.

Examples:
  logs from-db jobs.db | logs count --by status -
  logs from-db --columns created_at=time,status=level,error=message jobs.db
";

fn run(mut parser: lexopt::Parser) -> Result<Outcome, Stop> {
    let (mut choice, mut files, mut only_tables) = (Choice::default(), Vec::new(), false);
    while let Some(word) = command::next(&mut parser)? {
        let flag = match word {
            Word::File(file) => {
                files.push(file);
                continue;
            }
            Word::Flag(flag) => flag,
        };
        match flag.as_str() {
            "--text" => choice.text_as_is = true,
            "--no-nulls" => choice.without_nulls = true,
            "--tables" => only_tables = true,
            flag if choice.take(flag, &mut parser)? => {}
            flag => return Err(command::unknown(flag)),
        }
    }
    if files.is_empty() {
        return Err(Stop::Usage("read which database? `logs from-db FILE.db`".to_owned()));
    }
    if files.iter().any(|file| file == "-") {
        let why = "a database cannot be read from standard input: save it to a file first";
        return Err(Stop::Usage(why.to_owned()));
    }
    let (mut failed, mut found) = (false, false);
    let mut out = io::stdout().lock();
    for name in &files {
        let mut written = Ok(());
        let read = if only_tables {
            tables(name).map(|tables| {
                written = tables.iter().try_for_each(|table| writeln!(out, "{table}"));
                tables.len() as u64
            })
        } else {
            read_lines(name, &choice, |_, lines| {
                let mut lines = BufReader::with_capacity(COPIED, lines);
                while written.is_ok() {
                    let made = lines.fill_buf()?;
                    let length = made.len();
                    if length == 0 {
                        break;
                    }
                    written = out.write_all(made);
                    lines.consume(length);
                }
                Ok(())
            })
        };
        written?;
        match read {
            Ok(rows) => found |= rows > 0,
            Err(error) => {
                inputs::report(name, "from-db", &error);
                failed = true;
            }
        }
    }
    out.flush()?;
    Ok(match (failed, found) {
        (true, _) => Outcome::Trouble,
        (false, true) => Outcome::Good,
        (false, false) => Outcome::Nothing,
    })
}

/// Bytes that are copied at a time.
const COPIED: usize = 64 << 10;
