//! `logs diff`.

use parser::investigate::{diff, tree};

use super::sides::{Sides, sides_help};
use super::{Common, common_help, outcome, query_help, take_query};
use crate::command::{self, Command, Outcome, Stop};

pub(crate) const COMMAND: Command = Command {
    name: "diff",
    about: "set the trees of two requests side by side: added, removed, slower, erring",
    help: HELP,
    run,
};

const HELP: &str = concat!(
    "\
Set the span trees of two requests (or threads, or periods) side by side. Nodes are matched by the way of
services that leads to them: what is added, removed, slower or faster by a tenth, erring or no longer so.

Usage: logs diff SIDES [CONDITION]... [OPTION]... FILE...
",
    sides_help!(),
    "
  --limit N            at most N nodes of each kind (default 20; 0 for all)
",
    query_help!(),
    common_help!()
);

fn run(parser: lexopt::Parser) -> Result<Outcome, Stop> {
    let (mut sides, mut limit) = (Sides::default(), 20);
    let common = Common::parse(parser, "diff SIDES", |flag, parser, query| match flag {
        "limit" => {
            limit = command::limit(parser)?;
            Ok(true)
        }
        _ => Ok(sides.take(flag, parser)? || take_query(flag, parser, query)?),
    })?;
    let ([first, second], _) = sides.queries(&common.query)?;
    let (index, failed) = common.index("diff")?;
    let first = tree(&index, &first, None).map_err(Stop::Failed)?;
    let second = tree(&index, &second, None).map_err(Stop::Failed)?;
    let answer = diff(&first, &second);
    let trees = [&first, &second];
    common.print(|| answer.json(&index, trees, limit), |out| answer.write_text(&index, trees, limit, out))?;
    Ok(outcome(failed, !(first.nodes.is_empty() && second.nodes.is_empty())))
}
