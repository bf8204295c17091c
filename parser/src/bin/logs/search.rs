//! `logs search`.

use std::cell::RefCell;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use parser::together::Event;
use parser::{BadLine, Clock, Filter, Limits, Searcher, Times, all_threads};

use crate::command::{self, Command, Outcome, Stop, Word};
use crate::conditions::Conditions;
use crate::database::{self, Choice};
use crate::inputs::{self, BadLines, Reading, Source};
use crate::matches::{Matches, Style};

pub(crate) const COMMAND: Command =
    Command { name: "search", about: "print the records that meet conditions", help: HELP, run };

const HELP: &str = "\
Print the records that meet all conditions, in the order of the files.

Usage: logs search CONDITION... [OPTION]... FILE...

{inputs}
{selection}

Conditions:
{conditions}

Output:
  -c, --count                print only how many there are; with -H, of each file
  -m, --limit N              stop after N records
  -n, --line-number          print the number of its first line before each record
  -H, --with-filename        print the file's name before each record
  -A, -B, -C N               print N records after, before, or on both sides too (--after, --before, --context);
                             -- stands where records are left out
      --json                 print each record as a JSON object that is alike for all formats: file, line, offset, the
                             common fields that it has, and under record the object that it is, or its text
  -q, --quiet                print nothing and stop at the first; the exit status tells

Reading:
      --strict               read and validate every line; else, lines that cannot match may be passed over unread, and
                             bad ones among them are not reported
      --bad                  list the lines that are no record on standard error, as FILE:LINE: reason (at byte
                             OFFSET); implies --strict
      --threads N            how many threads read (default: one for each processor), several one file or each one of
                             its own; one reads what is printed with --json or with records beside it
  -h, --help                 print this

What is found in a pipe is printed before more of it is waited for: `tail -f app.log | logs search ...` shows it as it
comes, but a record of text only when the line after it has come, which may be part of it, and what is compressed only
with --threads 1, since it is decompressed ahead otherwise.

{language}

Exit status: 0 found, 1 nothing found, 2 trouble.

Examples:
  logs search --level error app.log
  logs search --min-level warn --since 2h --where 'service = api and duration_ms > 500' app.log
  logs search --text timeout --not --field service=search -C 2 app.log
";

struct Options {
    filter: Filter,
    style: Style,
    matches: Matches,
    limit: Option<u64>,
    only_count: bool,
    quiet: bool,
    list_bad: bool,
    threads: NonZeroUsize,
    reading: Reading,
    choice: Choice,
    files: Vec<OsString>,
}

fn parse(mut parser: lexopt::Parser) -> Result<Options, Stop> {
    let (mut conditions, mut reading) = (Conditions::default(), Reading::default());
    let mut choice = Choice::default();
    let mut style = Style::default();
    let (mut limit, mut threads, mut files) = (None, all_threads(), Vec::new());
    let (mut only_count, mut quiet, mut strict, mut list_bad) = (false, false, false, false);
    while let Some(word) = command::next(&mut parser)? {
        let flag = match word {
            Word::File(file) => {
                files.push(file);
                continue;
            }
            Word::Flag(flag) => flag,
        };
        if conditions.take(&flag, &mut parser)?
            || reading.take(&flag, &mut parser)?
            || choice.take(&flag, &mut parser)?
        {
            continue;
        }
        match flag.as_str() {
            "-c" | "--count" => only_count = true,
            "-m" | "--limit" => limit = Some(parse_limit(&mut parser)?),
            "-n" | "--line-number" => style.numbers = true,
            "-H" | "--with-filename" => style.names = true,
            "-A" | "--after" => style.after = command::number(&mut parser, "--after")?,
            "-B" | "--before" => style.before = command::number(&mut parser, "--before")?,
            "-C" | "--context" => {
                style.before = command::number(&mut parser, "--context")?;
                style.after = style.before;
            }
            "--json" => style.json = true,
            "-q" | "--quiet" => quiet = true,
            "--strict" => strict = true,
            "--bad" => list_bad = true,
            "--threads" => threads = command::threads(&mut parser)?,
            flag => return Err(command::unknown(flag)),
        }
    }
    if conditions.is_empty() {
        let which = "search for what? --level, --where, --text or another condition says it";
        return Err(Stop::Usage(which.to_owned()));
    }
    if style.json && style.has_context() {
        return Err(Stop::Usage(
            "--json has no place for records beside a match; leave -A, -B, -C out".to_owned(),
        ));
    }
    let (expression, mut columns) = conditions.finish()?;
    let files = command::some_or_input(files, "search CONDITION...")?;
    let matches = Matches::new(style, reading.has_json(), &mut columns, Times::new(Clock::now()));
    let filter = Filter::new(expression, columns);
    let filter = if strict || list_bad { filter.strict() } else { filter };
    if quiet {
        limit = Some(1);
    }
    Ok(Options {
        filter,
        style,
        matches,
        limit,
        only_count,
        quiet,
        list_bad,
        threads,
        reading,
        choice,
        files,
    })
}

fn parse_limit(parser: &mut lexopt::Parser) -> Result<u64, Stop> {
    match command::number(parser, "--limit")? {
        0 => {
            let why = "--limit 0 would find nothing; leave it out for all, or use --count";
            Err(Stop::Usage(why.to_owned()))
        }
        number => Ok(number),
    }
}

impl Options {
    /// How many threads read one file.
    fn threads_of_one(&self) -> NonZeroUsize {
        if self.is_in_pieces() { self.reading.threads(self.threads) } else { NonZeroUsize::MIN }
    }

    /// Whether matches can be printed that were found in another thread: without what was read of them and stands
    /// beside them.
    fn is_in_pieces(&self) -> bool {
        self.only_count || self.quiet || !(self.style.json || self.style.has_context())
    }

    /// The files in their order, as many together as are searched at once.
    fn together<'a>(&self, names: &'a [OsString]) -> Vec<&'a [OsString]> {
        let has_table = self.choice.is_made() || names.iter().any(|name| database::is_database(name));
        let threads = if self.is_in_pieces() && !has_table { self.threads } else { NonZeroUsize::MIN };
        inputs::together(names, threads)
    }
}

fn run(parser: lexopt::Parser) -> Result<Outcome, Stop> {
    let mut options = parse(parser)?;
    let mut bad = BadLines::new(options.list_bad);
    let filter = options.filter.clone();
    let mut searcher = Searcher::new(&filter, Limits::default(), Clock::now());
    searcher = searcher.reading(options.reading.formats.clone());
    let (names, mut failed) = inputs::files(&options.files);
    let (mut read_any, mut total) = (false, 0);
    for names in options.together(&names) {
        let files: Vec<String> = names.iter().map(|name| inputs::shown(name)).collect();
        let mut search = Search { options: &mut options, file: &files[0], total, here: 0, written: Ok(()) };
        let mut end = |search: &mut Search<'_>, name: &OsStr, read: io::Result<()>| {
            if let Err(error) = &read {
                inputs::report(name, "search", error);
            }
            failed |= read.is_err();
            read_any |= read.is_ok() || search.here > 0;
            search.end(read.is_ok())
        };
        let is_over = if let [name] = names {
            search.options.matches.begin();
            let clock = inputs::clock(name);
            searcher.set_clock(clock);
            search.options.matches.set_clock(clock);
            let may_wait = inputs::may_wait(name);
            if may_wait {
                // To be opened, it is read.
                search.options.matches.flush()?;
            }
            let read = if search.options.choice.is_made() || database::is_database(name) {
                search.read_table(&mut searcher, name, &mut |line| bad.add(name, line))
            } else {
                inputs::open(name, search.options.threads).and_then(|source| {
                    search.read(&mut searcher, source, may_wait, &mut |line| bad.add(name, line))
                })
            };
            end(&mut search, name, read).is_break()
        } else {
            let open = |file: usize, threads| inputs::open_whole(&names[file], threads);
            let (mut is_over, threads) = (false, search.options.threads);
            searcher.read_together(names.len(), threads, &open, &mut |file, event| {
                search.file = &files[file];
                let next = match event {
                    Event::Bad(line) => {
                        bad.add(&names[file], line);
                        ControlFlow::Continue(())
                    }
                    Event::Found(found) => {
                        let next = search
                            .count(|options, file| options.matches.plain(file, found.line, found.bytes));
                        // Of a file that is left, no end is told.
                        if next.is_break() { end(&mut search, &names[file], Ok(())) } else { next }
                    }
                    Event::End { read, .. } => end(&mut search, &names[file], read),
                };
                is_over |= next.is_break();
                next
            });
            is_over
        };
        total = search.total + search.here;
        search.written?;
        if is_over {
            break;
        }
    }
    // Of files that could not be read, nothing is known: not even that nothing is found there.
    if options.only_count && !options.style.names && read_any && !options.quiet {
        options.matches.line(&total.to_string())?;
    }
    options.matches.flush()?;
    bad.summarise();
    Ok(match (failed, total) {
        // Whoever asks only whether there is one is not told of others, whichever came first.
        (_, 1..) if options.quiet => Outcome::Good,
        (true, _) => Outcome::Trouble,
        (false, 0) => Outcome::Nothing,
        (false, _) => Outcome::Good,
    })
}

/// The search of one file.
struct Search<'a> {
    options: &'a mut Options,
    file: &'a str,
    /// Matches in the files before it, and in it.
    total: u64,
    here: u64,
    written: io::Result<()>,
}

impl Search<'_> {
    fn read(
        &mut self,
        searcher: &mut Searcher<'_>,
        source: Source,
        may_wait: bool,
        on_bad: &mut (dyn FnMut(BadLine) + Send),
    ) -> io::Result<()> {
        let threads = self.options.threads_of_one();
        let source = match source {
            Source::File(file)
                if threads.get() > 1 && self.options.only_count && self.options.limit.is_none() =>
            {
                let before = searcher.matches();
                let read = searcher.count_file(&file, threads, on_bad);
                self.here = searcher.matches() - before;
                return read;
            }
            Source::File(file) if threads.get() > 1 => {
                return searcher.read_file(&file, threads, on_bad, &mut |found| {
                    self.count(|options, file| options.matches.plain(file, found.line, found.bytes))
                });
            }
            Source::File(file) => Box::new(file),
            Source::Stream(stream) => stream,
        };
        self.read_stream(searcher, source, may_wait, on_bad)
    }

    /// Ends with a file; whether more are wanted.
    fn end(&mut self, is_whole: bool) -> ControlFlow<()> {
        let here = std::mem::take(&mut self.here);
        self.total += here;
        let Options { only_count, style, quiet, .. } = *self.options;
        if only_count && style.names && (is_whole || here > 0) && !quiet && self.written.is_ok() {
            self.written = self.options.matches.line(&format!("{}:{here}", self.file));
        }
        if self.written.is_err() || self.is_enough() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Searches the rows of a database as they are read.
    fn read_table(
        &mut self,
        searcher: &mut Searcher<'_>,
        name: &OsStr,
        on_bad: &mut (dyn FnMut(BadLine) + Send),
    ) -> io::Result<()> {
        let choice = self.options.choice.clone();
        database::read_lines(name, &choice, |keys, rows| {
            let lacking = self.options.filter.lacks(keys);
            if !lacking.is_empty() {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidInput,
                    format!(
                        "no column tells {}: there are {}; `--columns NAME=KEY,...` tells one under another key",
                        lacking.join(", "),
                        keys.join(", ")
                    ),
                ));
            }
            self.read_stream(searcher, rows, false, on_bad)
        })
        .map(drop)
    }

    /// Searches a stream from its start to its end. If a read of it may wait for what is not written yet, what was found
    /// until then is shown first.
    fn read_stream(
        &mut self,
        searcher: &mut Searcher<'_>,
        source: impl Read,
        may_wait: bool,
        on_bad: &mut (dyn FnMut(BadLine) + Send),
    ) -> io::Result<()> {
        let shows = !self.options.only_count && !self.options.quiet;
        let has_context = shows && self.options.style.has_context();
        // It is read while nothing is found, and something found while it is not read.
        let search = RefCell::new(self);
        let before =
            || if shows && may_wait { search.borrow_mut().show() } else { ControlFlow::Continue(()) };
        let source = Watched { source, before };
        if has_context {
            searcher.read_all(source, &mut |bad| on_bad(bad), |record, is_match| {
                search.borrow_mut().beside(record, is_match)
            })
        } else {
            searcher.read(source, &mut |bad| on_bad(bad), |record| {
                search.borrow_mut().count(|options, file| options.matches.record(file, record))
            })
        }
    }

    /// Hands over what was printed; whether more may be.
    fn show(&mut self) -> ControlFlow<()> {
        if self.written.is_ok() {
            self.written = self.options.matches.flush();
        }
        if self.written.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Counts a match, prints it if it is to be printed, and tells whether there may be more.
    fn count(&mut self, print: impl FnOnce(&mut Options, &str) -> io::Result<()>) -> ControlFlow<()> {
        // Where what was found could not be shown, there may still be a record that was pending.
        if self.written.is_err() {
            return ControlFlow::Break(());
        }
        self.here += 1;
        if !self.options.only_count && !self.options.quiet {
            self.written = print(self.options, self.file);
        }
        if self.written.is_err() || self.is_enough() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn beside(&mut self, record: &parser::Record<'_>, is_match: bool) -> ControlFlow<()> {
        if self.written.is_err() {
            return ControlFlow::Break(());
        }
        let is_match = is_match && !self.is_enough();
        self.here += u64::from(is_match);
        self.written = self.options.matches.beside(self.file, record, is_match);
        if self.written.is_err() || (self.is_enough() && self.options.matches.owes_nothing()) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn is_enough(&self) -> bool {
        self.options.limit == Some(self.total + self.here)
    }
}

/// A source that something is done before each read of; it ends where that breaks.
struct Watched<R, F> {
    source: R,
    before: F,
}

impl<R: Read, F: FnMut() -> ControlFlow<()>> Read for Watched<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if (self.before)().is_break() { Ok(0) } else { self.source.read(buffer) }
    }
}
