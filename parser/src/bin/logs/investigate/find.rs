//! `logs find`.

use std::io::{self, Write};

use parser::Index;
use parser::investigate::{
    Detail, Found, Json, Page, Tally, entries_json, search, top, with_context, write_entries, write_near,
};

use super::{Common, common_help, outcome, query_help, take_query};
use crate::command::{self, Command, Outcome, Stop};

pub(crate) const COMMAND: Command = Command {
    name: "find",
    about: "find entries by an index: in the order of time, by page, with context",
    help: HELP,
    run,
};

const HELP: &str = concat!(
    "\
Find entries by an index, in the order of their times, from all files together. `logs search` streams instead:
it needs no index, and takes pipes; this answers again and again without reading the files, and always knows how
many there are.

Usage: logs find [CONDITION]... [OPTION]... FILE...

  --limit N            show at most N (default 100; 0 for all)
  --offset N           leave out the first N
  --tail               the last ones instead of the first, and --offset from the end
  --context N          also N entries before and after each, as they stand in their files
  --format FORMAT      full (default: lines as they are; in JSON all columns), compact (time, level, service,
                       thread, message), summary (figures about all that match), count
",
    query_help!(),
    common_help!()
);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Full,
    Compact,
    Summary,
    Count,
}

fn run(parser: lexopt::Parser) -> Result<Outcome, Stop> {
    let mut page = Page::first(100);
    let (mut context, mut format) = (0, Format::Full);
    let common = Common::parse(parser, "find", |flag, parser, query| {
        match flag {
            "limit" => page.limit = command::limit(parser)?,
            "offset" => page.offset = command::number(parser, "--offset")?,
            "tail" => page.tail = true,
            "context" => context = command::number(parser, "--context")?,
            "format" => format = parse_format(&command::text(parser, "--format")?)?,
            _ => return take_query(flag, parser, query),
        }
        Ok(true)
    })?;
    let (index, failed) = common.index("find")?;
    let wanted = match format {
        Format::Full | Format::Compact => page,
        Format::Summary => Page::ALL,
        Format::Count => Page::first(0),
    };
    let found = search(&index, &common.query, wanted).map_err(Stop::Failed)?;
    common
        .print(|| json(&index, &found, format, context), |out| text(&index, &found, format, context, out))?;
    let left = found.total.saturating_sub(found.entries.len());
    if left > 0 && !common.json() && wanted == page {
        eprintln!(
            "logs: {} of {} are shown; --limit and --offset choose others",
            found.entries.len(),
            found.total
        );
    }
    Ok(outcome(failed, found.total > 0))
}

fn parse_format(name: &str) -> Result<Format, Stop> {
    Ok(match name {
        "full" => Format::Full,
        "compact" => Format::Compact,
        "summary" => Format::Summary,
        "count" => Format::Count,
        _ => {
            let known = "there are full, compact, summary and count";
            return Err(Stop::Usage(format!("--format {name}: there is no such format; {known}")));
        }
    })
}

fn detail(format: Format) -> Detail {
    if format == Format::Compact { Detail::Compact } else { Detail::Full }
}

fn json(index: &Index, found: &Found, format: Format, context: u32) -> io::Result<Json> {
    let answer = Json::object([("total", found.total.into())]);
    if format == Format::Count {
        return Ok(answer);
    }
    if format == Format::Summary {
        let tops = ["services", "threads", "templates"].into_iter().zip(TOPS);
        let mut answer = answer.with("tally", &Tally::of(index, &found.entries)?);
        for (key, column) in tops {
            let most = top(index, column, &found.entries)?;
            let pair = |(name, count): &(String, u64)| {
                Json::object([("name", name.as_str().into()), ("count", (*count).into())])
            };
            answer = answer.with(key, Json::list(most.iter().take(10).map(pair)));
        }
        return Ok(answer);
    }
    if context == 0 {
        return Ok(answer.with("entries", Json::List(entries_json(index, &found.entries, detail(format))?)));
    }
    let near = with_context(index, &found.entries, context, context);
    let numbers: Vec<u32> = near.iter().map(|near| near.entry).collect();
    let entries = entries_json(index, &numbers, detail(format))?;
    let marked = entries.into_iter().zip(near).map(|(entry, near)| entry.with("matched", near.matched));
    Ok(answer.with("entries", Json::List(marked.collect())))
}

/// The columns whose most frequent names a summary tells.
const TOPS: [parser::index::Column; 3] = {
    use parser::index::Column;
    [Column::Service, Column::Thread, Column::Template]
};

fn text(index: &Index, found: &Found, format: Format, context: u32, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Count => writeln!(out, "{}", found.total),
        Format::Summary => {
            let tally = Tally::of(index, &found.entries)?;
            writeln!(out, "{} entries, {} errors", tally.entries, tally.errors)?;
            let levels = tally.levels.iter().map(|(name, count)| format!("{name} {count}"));
            writeln!(out, "{}", levels.collect::<Vec<_>>().join(", "))?;
            if let Some((first, last)) = tally.span {
                writeln!(out, "{first} to {last}")?;
            }
            for column in TOPS {
                for (name, count) in top(index, column, &found.entries)?.iter().take(10) {
                    writeln!(out, "{column}\t{count}\t{}", super::printable(name))?;
                }
            }
            Ok(())
        }
        _ if context == 0 => write_entries(index, &found.entries, detail(format), out),
        _ => {
            let near = with_context(index, &found.entries, context, context);
            write_near(index, &near, detail(format), out)
        }
    }
}
