//! `logs patterns`.

use parser::investigate::{Json, patterns};

use super::{Common, common_help, outcome, query_help, take_query};
use crate::command::{self, Command, Outcome, Stop};

pub(crate) const COMMAND: Command = Command {
    name: "patterns",
    about: "list messages that repeat, with what varies left open",
    help: HELP,
    run,
};

const HELP: &str = concat!(
    "\
List the messages that repeat, most frequent first: numbers are `0`, words that vary are `<*>` (Drain). `logs
ids --by template` lists them without joining those that differ in words.

Usage: logs patterns [CONDITION]... [OPTION]... FILE...

  --limit N            at most N (default 50; 0 for all)
",
    query_help!(),
    common_help!()
);

fn run(parser: lexopt::Parser) -> Result<Outcome, Stop> {
    let mut limit = 50;
    let common = Common::parse(parser, "patterns", |flag, parser, query| match flag {
        "limit" => {
            limit = command::limit(parser)?;
            Ok(true)
        }
        _ => take_query(flag, parser, query),
    })?;
    let (index, failed) = common.index("patterns")?;
    let all = patterns(&index, &common.query).map_err(Stop::Failed)?;
    let shown = &all[..all.len().min(limit)];
    common.print(
        || Ok(Json::object([("total", all.len().into()), ("patterns", Json::list(shown))])),
        |out| {
            for pattern in shown {
                let template = super::printable(&pattern.template);
                writeln!(out, "{:>8} {:>7} errors  {template}", pattern.count, pattern.errors)?;
            }
            Ok(())
        },
    )?;
    if !common.json() && shown.len() < all.len() {
        eprintln!("logs: {} of {} patterns are shown; --limit 0 shows all", shown.len(), all.len());
    }
    Ok(outcome(failed, !all.is_empty()))
}
