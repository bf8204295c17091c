//! `logs bottlenecks`.

use parser::investigate::{bottlenecks, tree};

use super::{Common, common_help, outcome, query_help, take_query};
use crate::command::{self, Command, Outcome, Stop};

pub(crate) const COMMAND: Command =
    Command { name: "bottlenecks", about: "tell where the time of a request goes", help: HELP, run };

const HELP: &str = concat!(
    "\
Tell where the time of a tree of spans goes: the longest self time, others of at least a fifth of their root,
children that run one after another and could run side by side, and leaves that last more than twice the mean.

Usage: logs bottlenecks [CONDITION]... [OPTION]... FILE...

  --limit N            at most N nodes of each kind (default 10; 0 for all)
",
    query_help!(),
    common_help!()
);

fn run(parser: lexopt::Parser) -> Result<Outcome, Stop> {
    let mut limit = 10;
    let common = Common::parse(parser, "bottlenecks", |flag, parser, query| match flag {
        "limit" => {
            limit = command::limit(parser)?;
            Ok(true)
        }
        _ => take_query(flag, parser, query),
    })?;
    let (index, failed) = common.index("bottlenecks")?;
    let tree = tree(&index, &common.query, None).map_err(Stop::Failed)?;
    let answer = bottlenecks(&tree);
    common.print(|| answer.json(&tree, &index, limit), |out| answer.write_text(&tree, &index, limit, out))?;
    Ok(outcome(failed, answer.primary.is_some()))
}
