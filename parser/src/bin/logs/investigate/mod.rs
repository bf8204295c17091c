//! The subcommands that work on an index: what they share, and each in a file of its own.

pub(crate) mod bottlenecks;
pub(crate) mod compare;
pub(crate) mod diff;
pub(crate) mod errors;
pub(crate) mod export;
pub(crate) mod find;
pub(crate) mod follow;
pub(crate) mod ids;
pub(crate) mod index;
pub(crate) mod metrics;
pub(crate) mod patterns;
pub(crate) mod sample;
mod sides;
pub(crate) mod summary;
pub(crate) mod timeline;
pub(crate) mod tree;

use std::ffi::{OsStr, OsString};
use std::io::{self, BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::Path;

use lexopt::Parser;
use lexopt::prelude::{Long, Short, Value};
use parser::index::{Column, Options, Unusable, saved_path};
use parser::investigate::{Json, Query};
use parser::{Index, IndexBuilder, Level, Refusal, Time};

use crate::command::{self, Outcome, Stop};
use crate::conditions;
use crate::inputs::{self, BadLines};

/// What every help ends with: flags that all of these subcommands have.
macro_rules! common_help {
    () => {
        "
  FILE...              files, directories or patterns in quotes, investigated together; where `logs index FILE` left an
                       index, that is used. What is compressed has to be decompressed first
  --json               the answer as one line of JSON
  --max-bytes N        the same in at most N bytes; `left_out` tells what was cut
  --threads N          threads that read files without a saved index (default: one for each processor)
  --fresh              do not use saved indexes
  --bad                list the lines that are no record on standard error
  -h, --help           print this

Exit status: 0 found or done, 1 nothing found, 2 trouble.
"
    };
}

/// What helps say of the flags that choose entries.
macro_rules! query_help {
    () => {
        "
Which entries (all conditions must hold):
  --level LEVEL        of this level; several with commas, or --level again: one of them
  --min-level LEVEL    of this level or a more serious one
  --not-level LEVEL    of none of these levels
  --since TIME         not before; a time like 2025-01-15T10:00:00Z, 2025-01-15 or 2025, or how long ago it was, like
                       90s, 15m, 2h, 3d
  --until TIME         before
  --service NAME, --thread NAME, --correlation NAME, --trace NAME, --span NAME
                       with this name; given again: one of them
  --has COLUMN         with any name in service, thread, correlation, trace, span or parent
  --text TEXT          with this in the message (in the line, if there is no message); given again: all of them
  --without TEXT       without this there
"
    };
}
pub(crate) use {common_help, query_help};

/// How an answer is printed.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Form {
    #[default]
    Text,
    Json,
    /// In at most so many bytes.
    JsonWithin(usize),
}

/// The flags that all of these subcommands have.
#[derive(Default)]
pub(crate) struct Common {
    pub(crate) files: Vec<OsString>,
    pub(crate) query: Query,
    form: Form,
    threads: Option<NonZeroUsize>,
    fresh: bool,
    list_bad: bool,
    /// Whether a name meant no file, which was told.
    pub(crate) missed: bool,
}

impl Common {
    /// Reads a command line. `own` takes the flags of the subcommand, and says whether a flag is one of them.
    pub(crate) fn parse(
        mut parser: Parser,
        usage: &str,
        mut own: impl FnMut(&str, &mut Parser, &mut Query) -> Result<bool, Stop>,
    ) -> Result<Self, Stop> {
        let mut common = Self::default();
        while let Some(arg) = parser.next()? {
            match arg {
                Value(file) => common.files.push(file),
                Short('h') | Long("help") => return Err(Stop::Help),
                Long(flag) => {
                    let flag = flag.to_owned();
                    if !own(&flag, &mut parser, &mut common.query)? && !common.take(&flag, &mut parser)? {
                        return Err(Stop::Usage(format!("there is no option --{flag}")));
                    }
                }
                other @ Short(_) => return Err(command::other(other)),
            }
        }
        let named = command::some(common.files, usage)?;
        if named.iter().any(|file| file == "-") {
            let why = "an index shows entries by reading them again: save standard input to a file first";
            return Err(Stop::Usage(why.to_owned()));
        }
        (common.files, common.missed) = inputs::files(&named);
        Ok(common)
    }

    fn take(&mut self, flag: &str, parser: &mut Parser) -> Result<bool, Stop> {
        match flag {
            "json" if self.form == Form::Text => self.form = Form::Json,
            "json" => {}
            "max-bytes" => self.form = Form::JsonWithin(command::number(parser, "--max-bytes")?),
            "threads" => self.threads = Some(command::threads(parser)?),
            "fresh" => self.fresh = true,
            "bad" => self.list_bad = true,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Whether the answer is printed as JSON.
    pub(crate) fn json(&self) -> bool {
        self.form != Form::Text
    }

    pub(crate) fn options(&self) -> Options {
        let default = Options::default();
        Options { threads: self.threads.map_or(default.threads, NonZeroUsize::get), ..default }
    }

    /// The index of the files, saved ones where they are; and whether a file could not be read. Files that could not
    /// are told on standard error; where none could, that is the end.
    pub(crate) fn index(&self, command: &str) -> Result<(Index, bool), Stop> {
        let mut bad = BadLines::new(self.list_bad);
        let mut builder = IndexBuilder::new(self.options());
        let mut failed = self.missed;
        for name in &self.files {
            let path = Path::new(name);
            let saved = if self.fresh {
                Err(Unusable::Absent)
            } else {
                Index::open(path, self.options(), &mut |line| bad.add(name, line))
            };
            let added = match saved {
                Ok(index) if self.files.len() == 1 => return Ok((index, failed)),
                Ok(index) => builder.append(&index),
                Err(why) => {
                    if !matches!(why, Unusable::Absent | Unusable::Unreadable(_)) {
                        let (index, file) = (saved_path(path), name.display());
                        eprintln!(
                            "logs: {}: not used: {why}; `logs index {file}` makes it anew",
                            index.display()
                        );
                    }
                    builder.add(path, &mut |line| bad.add(name, line))
                }
            };
            if let Err(error) = &added {
                report(name, command, error);
            }
            failed |= added.is_err();
        }
        bad.summarise();
        let index = builder.finish();
        // Of files that could not be read, nothing is known: not even that nothing is there.
        if failed && index.files().is_empty() { Err(Stop::Told) } else { Ok((index, failed)) }
    }

    /// Prints an answer as JSON, cut to its budget.
    pub(crate) fn print_json(&self, answer: &Json) -> Result<(), Stop> {
        let mut out = BufWriter::with_capacity(64 << 10, io::stdout().lock());
        match self.form {
            Form::Text | Form::Json => answer.write_to(&mut out)?,
            // The line feed is one of them.
            Form::JsonWithin(most) => match answer.within(most.saturating_sub(1)) {
                Ok(cut) => cut.write_to(&mut out)?,
                Err(least) => {
                    let least = least + 1;
                    return Err(Stop::Usage(format!(
                        "--max-bytes {most}: the shortest form of this answer takes {least}"
                    )));
                }
            },
        }
        out.write_all(b"\n")?;
        Ok(out.flush()?)
    }

    /// Prints an answer as JSON or as text, whichever was asked for.
    pub(crate) fn print(
        &self,
        json: impl FnOnce() -> io::Result<Json>,
        text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Stop> {
        if self.json() {
            return self.print_json(&json().map_err(Stop::Failed)?);
        }
        print_text(text)
    }
}

/// Prints an answer that has one form.
pub(crate) fn print_text(text: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Stop> {
    let mut out = BufWriter::with_capacity(64 << 10, io::stdout().lock());
    text(&mut out).and_then(|()| out.flush()).map_err(Stop::Failed)
}

/// Says on standard error why a file could not be indexed.
pub(crate) fn report(name: &OsStr, command: &str, error: &io::Error) {
    let file = inputs::shown(name);
    match Refusal::within(error) {
        Some(refusal) => eprintln!(
            "logs: {file}: not read: {}; an index shows entries by reading them again: {} > plain.log, then \
             logs {command} plain.log",
            refusal.what(),
            refusal.remedy(&file)
        ),
        None => eprintln!("logs: {file}: {error}"),
    }
}

/// How a run ends that found something or did not.
pub(crate) fn outcome(failed: bool, found: bool) -> Outcome {
    match (failed, found) {
        (true, _) => Outcome::Trouble,
        (false, true) => Outcome::Good,
        (false, false) => Outcome::Nothing,
    }
}

/// Takes a flag that chooses entries; whether it is one.
pub(crate) fn take_query(flag: &str, parser: &mut Parser, query: &mut Query) -> Result<bool, Stop> {
    match flag {
        "level" => query.levels.extend(levels(parser, flag)?),
        "not-level" => query.not_levels.extend(levels(parser, flag)?),
        "min-level" => {
            let least = conditions::level(&command::text(parser, "--min-level")?, "--min-level")?;
            query.min_level = query.min_level.max(Some(least));
        }
        "since" => query.since = Some(time(parser, flag)?),
        "until" => query.until = Some(time(parser, flag)?),
        "text" => query.texts.push(command::text(parser, "--text")?),
        "without" => query.not_texts.push(command::text(parser, "--without")?),
        "has" => query.has.push(column(parser, flag)?),
        "service" | "thread" | "correlation" | "trace" | "span" => {
            let Some(column) = Column::from_name(flag) else { return Ok(false) };
            let name = command::text(parser, &format!("--{flag}"))?;
            match query.names.iter_mut().find(|(of, _)| *of == column) {
                Some((_, names)) => names.push(name),
                None => query.names.push((column, vec![name])),
            }
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// A text on one line, and without what would move a terminal's cursor.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn levels(parser: &mut Parser, flag: &str) -> Result<Vec<Level>, Stop> {
    let flag = format!("--{flag}");
    let names = command::text(parser, &flag)?;
    names.split(',').map(|name| conditions::level(name.trim(), &flag)).collect()
}

pub(crate) fn time(parser: &mut Parser, flag: &str) -> Result<Time, Stop> {
    conditions::time(parser, &format!("--{flag}"))
}

pub(crate) fn column(parser: &mut Parser, flag: &str) -> Result<Column, Stop> {
    let name = command::text(parser, &format!("--{flag}"))?;
    let known = Column::ALL.map(Column::name).join(", ");
    Column::from_name(&name)
        .ok_or_else(|| Stop::Usage(format!("--{flag} {name}: there is no such column; there are {known}")))
}
