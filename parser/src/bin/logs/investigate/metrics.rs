//! `logs metrics`.

use std::io;

use parser::investigate::{Json, metrics};

use super::{Common, common_help, outcome, query_help, take_query};
use crate::command::{self, Command, Outcome, Stop};

pub(crate) const COMMAND: Command = Command {
    name: "metrics",
    about: "sum up numbers in entries: percentiles, outliers, over time",
    help: HELP,
    run,
};

const HELP: &str = concat!(
    "\
Sum up the numbers in fields of entries: mean, percentiles, outliers (by Tukey's fences) with their lines, and
over time.

Usage: logs metrics [--field KEY]... [CONDITION]... [OPTION]... FILE...

  --field KEY          a key of the records whose values are numbers; given again: several. Without it, usual ones
                       are looked for: duration_ms, latency_ms, response_time, bytes, status and the like
",
    query_help!(),
    common_help!()
);

fn run(parser: lexopt::Parser) -> Result<Outcome, Stop> {
    let mut fields = Vec::new();
    let common = Common::parse(parser, "metrics", |flag, parser, query| {
        if flag == "field" {
            fields.push(command::text(parser, "--field")?);
            return Ok(true);
        }
        take_query(flag, parser, query)
    })?;
    let (index, failed) = common.index("metrics")?;
    let all = metrics(&index, &common.query, &fields).map_err(Stop::Failed)?;
    common.print(
        || {
            let metrics: io::Result<Vec<Json>> = all.iter().map(|metric| metric.json(&index)).collect();
            Ok(Json::object([("metrics", Json::List(metrics?))]))
        },
        |out| all.iter().try_for_each(|metric| metric.write_text(&index, out)),
    )?;
    let found = all.iter().any(|metric| metric.count > 0);
    if !found && !common.json() && fields.is_empty() {
        eprintln!("logs: none of the usual fields holds numbers; name one with --field KEY");
    }
    Ok(outcome(failed, found))
}
