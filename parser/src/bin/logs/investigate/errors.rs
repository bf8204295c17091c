//! `logs errors`.

use parser::investigate::errors;

use super::{Common, common_help, outcome, query_help, take_query};
use crate::command::{self, Command, Outcome, Stop};

pub(crate) const COMMAND: Command = Command {
    name: "errors",
    about: "trace errors to where they began, and what they touched",
    help: HELP,
    run,
};

const HELP: &str = concat!(
    "\
Trace errors to where they began: spans that err while no child of theirs does, and the parents that they spread
to. Errors without spans are grouped by correlation, else by thread.

Usage: logs errors [CONDITION]... [OPTION]... FILE...

  --limit N            show at most N (default 20; 0 for all); the figures are of all
",
    query_help!(),
    common_help!()
);

fn run(parser: lexopt::Parser) -> Result<Outcome, Stop> {
    let mut limit = 20;
    let common = Common::parse(parser, "errors", |flag, parser, query| match flag {
        "limit" => {
            limit = command::limit(parser)?;
            Ok(true)
        }
        _ => take_query(flag, parser, query),
    })?;
    let (index, failed) = common.index("errors")?;
    let answer = errors(&index, &common.query).map_err(Stop::Failed)?;
    common.print(|| answer.json(&index, limit), |out| answer.write_text(&index, limit, out))?;
    Ok(outcome(failed, !answer.causes.is_empty()))
}
