//! `logs summary`.

use parser::investigate::{Json, summary};

use super::{Common, common_help, outcome, query_help, take_query};
use crate::command::{Command, Outcome, Stop};

pub(crate) const COMMAND: Command =
    Command { name: "summary", about: "tell what a log is, and where to look first", help: HELP, run };

const HELP: &str = concat!(
    "\
Tell what a log is: how much, when, how serious; when errors were most, from whom, and what they say.

Usage: logs summary [CONDITION]... [OPTION]... FILE...
",
    query_help!(),
    common_help!()
);

fn run(parser: lexopt::Parser) -> Result<Outcome, Stop> {
    let common = Common::parse(parser, "summary", take_query)?;
    let (index, failed) = common.index("summary")?;
    let answer = summary(&index, &common.query).map_err(Stop::Failed)?;
    common.print(|| Ok(Json::from(&answer)), |out| answer.write_text(out))?;
    Ok(outcome(failed, answer.tally.entries > 0))
}
