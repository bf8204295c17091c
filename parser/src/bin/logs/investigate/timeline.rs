//! `logs timeline`.

use parser::investigate::timeline;

use super::{Common, common_help, outcome, query_help, take_query};
use crate::command::{self, Command, Outcome, Stop};

pub(crate) const COMMAND: Command = Command {
    name: "timeline",
    about: "merge what several services did, in the order of time",
    help: HELP,
    run,
};

const HELP: &str = concat!(
    "\
Merge the entries of all services in the order of time, with times relative to the first; mostly of one
--correlation or --trace.

Usage: logs timeline [CONDITION]... [OPTION]... FILE...

  --limit N            show at most N (default 200; 0 for all); the figures are of all
",
    query_help!(),
    common_help!()
);

fn run(parser: lexopt::Parser) -> Result<Outcome, Stop> {
    let mut limit = 200;
    let common = Common::parse(parser, "timeline", |flag, parser, query| match flag {
        "limit" => {
            limit = command::limit(parser)?;
            Ok(true)
        }
        _ => take_query(flag, parser, query),
    })?;
    let (index, failed) = common.index("timeline")?;
    let answer = timeline(&index, &common.query).map_err(Stop::Failed)?;
    common.print(|| answer.json(&index, limit), |out| answer.write_text(&index, limit, out))?;
    Ok(outcome(failed, !answer.entries.is_empty()))
}
