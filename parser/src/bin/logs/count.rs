//! `logs count`.

use std::ffi::OsString;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::time::SystemTime;

use parser::together::{Event, Open, Told};
use parser::{
    BadLine, Clock, Column, Count, Counter, Counting, Dimension, GroupCounter, Grouping, Groups, Interval,
    Key, Limits, all_threads,
};

use crate::command::{self, Command, Outcome, Stop, Word};
use crate::conditions::Conditions;
use crate::inputs::{self, BadLines, Reading, Source};
use crate::table;
use crate::time::rfc3339;

pub(crate) const COMMAND: Command = Command {
    name: "count",
    about: "count records by any field, or a CDN's requests by user agent",
    help: HELP,
    run,
};

const HELP: &str = "\
Count records: of any log by any of its fields, or a CDN's requests by what their user agents tell.

Usage: logs count --by NAME[,NAME] [--distinct NAME] [CONDITION]... [OPTION]... FILE...
       logs count [--by hour|day] [--unknown] [OPTION]... FILE...

{inputs}

The first form counts the records that agree in all the fields named, most first. --distinct or a CONDITION without --by
counts all together.
  -b, --by NAME[,NAME]       a field, or time:minute, time:hour, time:day: the time cut to these, in UTC
      --distinct NAME        how many distinct values of this field there are, too

The second form counts by date and dimension a request that asks for one of the indexes: /versions, /specs.4.8.gz,
/latest_specs.4.8.gz, /prerelease_specs.4.8.gz, or /api/v1/dependencies without a query. `unique` is the number of its
addresses.
      --by hour|day          by the date as it is written, with its hour or not (default: day)
      --unknown              instead, list the user agents of those requests that no grammar knows: neither Bundler's
                             nor RubyGems' nor a mere name or name/version

Both:
      --top N                list no more than the first N, of --by NAME or --unknown
      --approximate          estimate distinct values, in at most 16 KiB for each count; two of three are within 0.8 %
                             of the truth, and up to 512 are exact all the same
      --format FORMAT        json (default), a line of it, or table
      --threads N            how many threads read (default: one for each processor), several one file or each one of
                             its own; each has its own counts until the end
      --bad                  list the lines that are no record on standard error, as FILE:LINE: reason (at byte OFFSET)
  -h, --help                 print this

Conditions, which all must be met to be counted:
{conditions}

{language}

Exit status: 0 done, 2 trouble.

Examples:
  logs count --by level,service app.log
  logs count --by time:hour --where 'status >= 500' --distinct client_ip --format table access.log
  logs count cdn.log
";

struct Options {
    what: What,
    top: Option<usize>,
    as_table: bool,
    threads: NonZeroUsize,
    list_bad: bool,
    reading: Reading,
    files: Vec<OsString>,
}

/// What is counted.
enum What {
    Requests { counting: Counting },
    Groups(Box<Grouping>),
}

fn parse(mut parser: lexopt::Parser) -> Result<Options, Stop> {
    let (mut conditions, mut reading) = (Conditions::default(), Reading::default());
    let mut counting = Counting::default();
    let (mut by, mut distinct) = (Vec::new(), None);
    let (mut top, mut as_table, mut threads) = (None, false, all_threads());
    let (mut list_bad, mut files) = (false, Vec::new());
    while let Some(word) = command::next(&mut parser)? {
        let flag = match word {
            Word::File(file) => {
                files.push(file);
                continue;
            }
            Word::Flag(flag) => flag,
        };
        if conditions.take(&flag, &mut parser)? || reading.take(&flag, &mut parser)? {
            continue;
        }
        match flag.as_str() {
            "-b" | "--by" => {
                let names = command::text(&mut parser, "--by")?;
                by.extend(names.split(',').map(|name| name.trim().to_owned()));
            }
            "--distinct" => distinct = Some(command::text(&mut parser, "--distinct")?),
            "--top" => top = Some(command::number(&mut parser, "--top")?),
            "--approximate" => counting.approximate = true,
            "--unknown" => counting.unknown = true,
            "--format" => as_table = parse_format(&command::text(&mut parser, "--format")?)?,
            "--threads" => threads = command::threads(&mut parser)?,
            "--bad" => list_bad = true,
            flag => return Err(command::unknown(flag)),
        }
    }
    let what = what(conditions, &by, distinct.as_deref(), counting)?;
    if top.is_some() && matches!(what, What::Requests { counting } if !counting.unknown) {
        return Err(Stop::Usage(
            "--top is for --by NAME and --unknown; the requests' counts are listed whole".to_owned(),
        ));
    }
    let files = command::some_or_input(files, COMMAND.name)?;
    Ok(Options { what, top, as_table, threads, list_bad, reading, files })
}

fn what(
    mut conditions: Conditions,
    by: &[String],
    distinct: Option<&str>,
    counting: Counting,
) -> Result<What, Stop> {
    let interval = match by {
        [] => Some(Interval::Day),
        [only] if only == "day" => Some(Interval::Day),
        [only] if only == "hour" => Some(Interval::Hour),
        _ => None,
    };
    let alone = conditions.is_empty() && distinct.is_none();
    match interval {
        Some(by) if alone => return Ok(What::Requests { counting: Counting { by, ..counting } }),
        Some(_) if !by.is_empty() => {
            let name = &by[0];
            return Err(Stop::Usage(format!(
                "--by {name} counts a CDN's requests, alone; of other records the time is cut by --by time:{name}"
            )));
        }
        _ => {}
    }
    if counting.unknown {
        let why = "--unknown lists agents of a CDN's requests; other records are counted by --by user_agent";
        return Err(Stop::Usage(why.to_owned()));
    }
    let mut keys = Vec::new();
    for (nth, name) in by.iter().enumerate() {
        if name.is_empty() {
            return Err(Stop::Usage("--by: a name is empty; it takes NAME or NAME,NAME".to_owned()));
        }
        if name == "hour" || name == "day" {
            return Err(Stop::Usage(format!(
                "--by {name} counts a CDN's requests, alone; together with others the time is cut by time:{name}"
            )));
        }
        if by[..nth].contains(name) {
            return Err(Stop::Usage(format!("--by {name}: it is named twice")));
        }
        keys.push(
            Key::parse(name, &mut conditions.columns)
                .map_err(|e| Stop::Usage(format!("--by {name}: {e}")))?,
        );
    }
    if distinct.is_some_and(str::is_empty) {
        return Err(Stop::Usage("--distinct: the name is empty; it takes NAME".to_owned()));
    }
    let distinct = distinct
        .map(|name| {
            conditions.columns.column(name).map_err(|e| Stop::Usage(format!("--distinct {name}: {e}")))
        })
        .transpose()?;
    let is_all = conditions.is_empty();
    let (only, columns) = conditions.finish()?;
    let only = (!is_all).then_some(only);
    let approximate = counting.approximate;
    Ok(What::Groups(Box::new(Grouping { columns, by: keys, distinct, only, approximate })))
}

/// Whether a table is wanted.
fn parse_format(name: &str) -> Result<bool, Stop> {
    match name {
        "json" => Ok(false),
        "table" => Ok(true),
        other => Err(Stop::Usage(format!("--format {other}: it takes json or table"))),
    }
}

fn run(parser: lexopt::Parser) -> Result<Outcome, Stop> {
    let options = parse(parser)?;
    match &options.what {
        What::Requests { counting } => count_requests(&options, *counting),
        What::Groups(grouping) => count_groups(&options, grouping),
    }
}

/// What a counter has in common with others: it reads files.
trait Counts {
    fn file(&mut self, source: Source, threads: NonZeroUsize, on_bad: OnBad<'_>) -> io::Result<()>;
    fn files(&mut self, files: usize, threads: NonZeroUsize, open: Open<'_>, told: Told<'_>);
    fn lines(&self) -> u64;
    /// Times of the next file are read by its clock.
    fn set_clock(&mut self, clock: Clock);
}

type OnBad<'a> = &'a mut (dyn FnMut(BadLine) + Send);

impl Counts for Counter {
    fn file(&mut self, source: Source, threads: NonZeroUsize, on_bad: OnBad<'_>) -> io::Result<()> {
        match source {
            Source::File(file) => self.read_file(&file, threads, on_bad),
            Source::Stream(stream) => self.read(stream, &mut |bad| on_bad(bad)),
        }
    }

    fn files(&mut self, files: usize, threads: NonZeroUsize, open: Open<'_>, told: Told<'_>) {
        self.read_together(files, threads, open, told);
    }

    fn lines(&self) -> u64 {
        self.totals().lines
    }

    // A request's date is counted as it is written.
    fn set_clock(&mut self, _: Clock) {}
}

impl Counts for GroupCounter<'_> {
    fn file(&mut self, source: Source, threads: NonZeroUsize, on_bad: OnBad<'_>) -> io::Result<()> {
        match source {
            Source::File(file) => self.read_file(&file, threads, on_bad),
            Source::Stream(stream) => self.read(stream, &mut |bad| on_bad(bad)),
        }
    }

    fn files(&mut self, files: usize, threads: NonZeroUsize, open: Open<'_>, told: Told<'_>) {
        self.read_together(files, threads, open, told);
    }

    fn lines(&self) -> u64 {
        self.totals().lines
    }

    fn set_clock(&mut self, clock: Clock) {
        self.set_clock(clock);
    }
}

/// Reads all files; those that were read, and what the run has come to so far.
fn read(options: &Options, counter: &mut impl Counts) -> (Vec<String>, Outcome) {
    let mut bad = BadLines::new(options.list_bad);
    let (names, failed) = inputs::files(&options.files);
    let (mut files, mut outcome) = (Vec::new(), if failed { Outcome::Trouble } else { Outcome::Good });
    let mut end = |name: &OsString, lines: u64, read: io::Result<()>| {
        // A file that broke off was counted up to there.
        if read.is_ok() || lines > 0 {
            files.push(inputs::shown(name));
        }
        if let Err(error) = &read {
            inputs::report(name, "count", error);
            outcome = Outcome::Trouble;
        }
    };
    for names in inputs::together(&names, options.threads) {
        if let [name] = names {
            let before = counter.lines();
            counter.set_clock(inputs::clock(name));
            let threads = options.reading.threads(options.threads);
            let read = inputs::open(name, options.threads)
                .and_then(|source| counter.file(source, threads, &mut |line| bad.add(name, line)));
            end(name, counter.lines() - before, read);
            continue;
        }
        let open = |file: usize, threads| inputs::open_whole(&names[file], threads);
        counter.files(names.len(), options.threads, &open, &mut |file, event| {
            match event {
                Event::Bad(line) => bad.add(&names[file], line),
                Event::End { lines, read } => end(&names[file], lines, read),
                Event::Found(_) => {}
            }
            ControlFlow::Continue(())
        });
    }
    bad.summarise();
    (files, outcome)
}

fn count_requests(options: &Options, counting: Counting) -> Result<Outcome, Stop> {
    let mut counter = Counter::counting(counting).reading(options.reading.formats.clone());
    let (files, outcome) = read(options, &mut counter);
    let count = counter.finish();
    if count.undated > 0 {
        let what = if counting.by == Interval::Hour { "date and hour" } else { "date" };
        eprintln!("logs: not counted, since they have no {what}: {} requests", count.undated);
    }
    if count.unaddressed > 0 {
        eprintln!(
            "logs: counted as one client, 0.0.0.0, since they have no address: {} requests",
            count.unaddressed
        );
    }
    if count.records > 0 && count.counted + count.undated == 0 {
        eprintln!(
            "logs: none of the {} records is a request for an index of a CDN; --by NAME counts records of any kind",
            count.records
        );
    }
    if files.is_empty() {
        return Ok(outcome);
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    let ran_at = rfc3339(SystemTime::now());
    match (counting.unknown, options.as_table) {
        (false, false) => count.write_json(&files, &ran_at, &mut out)?,
        (true, false) => count.write_unknown_json(&files, &ran_at, options.top, &mut out)?,
        (false, true) => table::write(&requests_table(&count), &mut out)?,
        (true, true) => table::write(&unknown_table(&count, options.top), &mut out)?,
    }
    out.flush()?;
    Ok(outcome)
}

fn requests_table(count: &Count) -> Vec<Vec<String>> {
    let unique = if count.approximate { "unique (about)" } else { "unique" };
    let mut rows = vec![["date", "dimension", "value", "total", unique].map(str::to_owned).into()];
    for (date, day) in &count.stats {
        for dimension in Dimension::ALL {
            let mut values: Vec<_> = day.values(dimension).iter().collect();
            values.sort_by_key(|(_, uses)| std::cmp::Reverse(uses.total));
            for (value, uses) in values {
                rows.push(vec![
                    date.clone(),
                    dimension.name().to_owned(),
                    value.clone(),
                    uses.total.to_string(),
                    uses.unique.to_string(),
                ]);
            }
        }
    }
    rows
}

fn unknown_table(count: &Count, top: Option<usize>) -> Vec<Vec<String>> {
    let mut rows = vec![vec!["agent".to_owned(), "requests".to_owned()]];
    let agents = count.unknown.most_first();
    let (shown, left_out) = agents.split_at(top.unwrap_or(usize::MAX).min(agents.len()));
    rows.extend(shown.iter().map(|(agent, count)| vec![(*agent).to_owned(), count.to_string()]));
    if !left_out.is_empty() {
        let rest: u64 = left_out.iter().map(|(_, count)| count).sum();
        rows.push(vec![format!("({} more)", left_out.len()), rest.to_string()]);
    }
    if count.unknown.products > 0 {
        rows.push(vec!["(a name or name/version only)".to_owned(), count.unknown.products.to_string()]);
    }
    rows
}

fn count_groups(options: &Options, grouping: &Grouping) -> Result<Outcome, Stop> {
    let mut counter = GroupCounter::new(grouping, Limits::default()).reading(options.reading.formats.clone());
    let (files, outcome) = read(options, &mut counter);
    let groups = counter.finish();
    if files.is_empty() {
        return Ok(outcome);
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    if options.as_table {
        table::write(&groups_table(grouping, &groups, options.top), &mut out)?;
    } else {
        groups.write_json(grouping, &files, &rfc3339(SystemTime::now()), options.top, &mut out)?;
    }
    out.flush()?;
    Ok(outcome)
}

fn groups_table(grouping: &Grouping, groups: &Groups, top: Option<usize>) -> Vec<Vec<String>> {
    let about = if grouping.approximate { " (about)" } else { "" };
    let distinct = grouping.distinct.as_ref().map(Column::name);
    let mut head: Vec<String> = grouping.by.iter().map(Key::name).collect();
    head.push("count".to_owned());
    head.extend(distinct.map(|name| format!("distinct {name}{about}")));
    let width = head.len();
    let mut rows = vec![head];
    let (shown, left_out) = groups.groups.split_at(top.unwrap_or(usize::MAX).min(groups.groups.len()));
    for group in shown {
        let values = group.values.iter().map(|value| value.clone().unwrap_or_else(|| "-".to_owned()));
        let mut row: Vec<String> = values.chain([group.count.to_string()]).collect();
        row.extend(distinct.map(|_| group.distinct.to_string()));
        rows.push(row);
    }
    if !left_out.is_empty() {
        let rest: u64 = left_out.iter().map(|group| group.count).sum();
        let mut row = vec![String::new(); width];
        row[0] = format!("({} more)", left_out.len());
        row[grouping.by.len()] = rest.to_string();
        rows.push(row);
    }
    rows
}
