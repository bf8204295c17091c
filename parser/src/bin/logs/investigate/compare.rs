//! `logs compare`.

use parser::investigate::compare;

use super::sides::{Sides, sides_help};
use super::{Common, common_help, outcome, query_help, take_query};
use crate::command::{self, Command, Outcome, Stop};

pub(crate) const COMMAND: Command =
    Command { name: "compare", about: "set two threads, requests or periods side by side", help: HELP, run };

const HELP: &str = concat!(
    "\
Set two threads, requests, services or periods side by side: how much, how many errors, and what only one of
them says.

Usage: logs compare SIDES [CONDITION]... [OPTION]... FILE...
",
    sides_help!(),
    "
  --limit N            at most N messages of each kind (default 10; 0 for all)
",
    query_help!(),
    common_help!()
);

fn run(parser: lexopt::Parser) -> Result<Outcome, Stop> {
    let (mut sides, mut limit) = (Sides::default(), 10);
    let common = Common::parse(parser, "compare SIDES", |flag, parser, query| match flag {
        "limit" => {
            limit = command::limit(parser)?;
            Ok(true)
        }
        _ => Ok(sides.take(flag, parser)? || take_query(flag, parser, query)?),
    })?;
    let ([first, second], [one, other]) = sides.queries(&common.query)?;
    let (index, failed) = common.index("compare")?;
    let answer = compare(&index, &first, &second).map_err(Stop::Failed)?;
    common.print(|| Ok(answer.json(limit)), |out| answer.write_text([&one, &other], limit, out))?;
    Ok(outcome(failed, answer.sides.iter().any(|side| side.entries > 0)))
}
