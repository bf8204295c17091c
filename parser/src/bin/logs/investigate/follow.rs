//! `logs follow`.

use parser::index::Column;
use parser::investigate::{Detail, Json, entries_json, follow, write_entries};

use super::{Common, common_help, outcome};
use crate::command::{self, Command, Outcome, Stop};

pub(crate) const COMMAND: Command =
    Command { name: "follow", about: "show all of one thread, correlation, trace or span", help: HELP, run };

const HELP: &str = concat!(
    "\
Show every entry of one thread, correlation, trace or span, from all files, in the order of time.

Usage: logs follow (--thread|--correlation|--trace|--span|--service) NAME [OPTION]... FILE...

  --limit N            show at most the first N entries (default and 0: all); the figures are of all of them
  --format FORMAT      full (default: lines as they are), compact (time, level, service, thread, message), summary
                       (figures)
",
    common_help!()
);

fn run(parser: lexopt::Parser) -> Result<Outcome, Stop> {
    let mut wanted: Option<(Column, String)> = None;
    let (mut limit, mut format) = (usize::MAX, "full".to_owned());
    let common = Common::parse(parser, "follow --correlation NAME", |flag, parser, _| {
        match flag {
            "limit" => limit = command::limit(parser)?,
            "format" => {
                format = command::text(parser, "--format")?;
                if !["full", "compact", "summary"].contains(&format.as_str()) {
                    let known = "there are full, compact and summary";
                    return Err(Stop::Usage(format!("--format {format}: there is no such format; {known}")));
                }
            }
            "thread" | "correlation" | "trace" | "span" | "service" => {
                let name = command::text(parser, &format!("--{flag}"))?;
                let column = Column::from_name(flag).unwrap_or(Column::Thread);
                if wanted.replace((column, name)).is_some() {
                    return Err(Stop::Usage("follow one name at a time".to_owned()));
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let Some((column, name)) = wanted else {
        return Err(Stop::Usage(
            "follow what? one of --thread, --correlation, --trace, --span or --service with a NAME; \
             `logs ids --by COLUMN FILE` lists names"
                .to_owned(),
        ));
    };
    let (index, failed) = common.index("follow")?;
    let followed = follow(&index, column, &name).map_err(Stop::Failed)?;
    let shown = &followed.entries[..followed.entries.len().min(limit)];
    let detail = if format == "compact" { Detail::Compact } else { Detail::Full };
    common.print(
        || {
            let answer = Json::from(&followed);
            if format == "summary" {
                return Ok(answer);
            }
            Ok(answer.with("entries", Json::List(entries_json(&index, shown, detail)?)))
        },
        |out| {
            if format != "summary" {
                return write_entries(&index, shown, detail, out);
            }
            let tally = &followed.tally;
            writeln!(out, "{column} {name}: {} entries, {} errors", tally.entries, tally.errors)?;
            if let (Some((first, last)), Some(nanos)) = (tally.span, tally.nanos()) {
                writeln!(out, "{first} to {last}, {:.3} ms", nanos as f64 / 1e6)?;
            }
            writeln!(out, "{} spans", followed.spans)?;
            for (what, names) in [("service", &followed.services), ("thread", &followed.threads)] {
                for (name, count) in names {
                    writeln!(out, "{what}\t{count}\t{}", super::printable(name))?;
                }
            }
            Ok(())
        },
    )?;
    Ok(outcome(failed, !followed.entries.is_empty()))
}
