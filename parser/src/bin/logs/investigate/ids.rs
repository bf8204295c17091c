//! `logs ids`.

use parser::index::Column;
use parser::investigate::{Json, ids};

use super::{Common, common_help, outcome};
use crate::command::{self, Command, Outcome, Stop};

pub(crate) const COMMAND: Command =
    Command { name: "ids", about: "list the names of a column, with counts and times", help: HELP, run };

const HELP: &str = concat!(
    "\
List the names of a column: how many entries each has, how many of them are errors, and when it was first and
last seen. Names with most entries come first.

Usage: logs ids [--by COLUMN] [OPTION]... FILE...

  --by COLUMN          level, service, thread, correlation (default), trace, span, parent, or template (of messages)
  --limit N            at most N names (default 100; 0 for all)
",
    common_help!()
);

fn run(parser: lexopt::Parser) -> Result<Outcome, Stop> {
    let (mut column, mut limit) = (Column::Correlation, 100);
    let common = Common::parse(parser, "ids", |flag, parser, _| {
        match flag {
            "by" => column = super::column(parser, flag)?,
            "limit" => limit = command::number(parser, "--limit")?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let (index, failed) = common.index("ids")?;
    let all = ids(&index, column).map_err(Stop::Failed)?;
    let shown = &all[..if limit == 0 { all.len() } else { all.len().min(limit) }];
    common.print(
        || {
            Ok(Json::object([
                ("column", column.name().into()),
                ("total", all.len().into()),
                ("ids", Json::list(shown)),
            ]))
        },
        |out| {
            for id in shown {
                write!(out, "{:>8} {:>7}  ", id.count, id.errors)?;
                match id.span {
                    Some((first, last)) => write!(out, "{first}  {last}  ")?,
                    None => write!(out, "-  -  ")?,
                }
                writeln!(out, "{}", super::printable(&id.name))?;
            }
            Ok(())
        },
    )?;
    if !common.json() && shown.len() < all.len() {
        eprintln!("logs: {} of {} names are shown; --limit 0 shows all", shown.len(), all.len());
    }
    Ok(outcome(failed, !all.is_empty()))
}
