//! `logs sample`.

use parser::investigate::{Detail, Json, Strategy, entries_json, sample, write_entries};

use super::{Common, common_help, outcome, query_help, take_query};
use crate::command::{self, Command, Outcome, Stop};

pub(crate) const COMMAND: Command =
    Command { name: "sample", about: "show some entries that stand for many", help: HELP, run };

const HELP: &str = concat!(
    "\
Show some entries that stand for many, in the order of time. The same seed draws the same entries.

Usage: logs sample [CONDITION]... [OPTION]... FILE...

  --strategy NAME      representative (default: each level by its share), diverse (as many kinds of messages, then
                       threads, as there is room for), chronological (at equal distances), errors (70 % of them),
                       random, head, tail, edges
  --size N             how many (default 50)
  --seed N             default 42
  --compact            time, level, service, thread and message instead of whole lines
",
    query_help!(),
    common_help!()
);

fn run(parser: lexopt::Parser) -> Result<Outcome, Stop> {
    let (mut strategy, mut size, mut seed, mut detail) = (Strategy::Representative, 50, 42, Detail::Full);
    let common = Common::parse(parser, "sample", |flag, parser, query| {
        match flag {
            "strategy" => {
                let name = command::text(parser, "--strategy")?;
                strategy = Strategy::from_name(&name).ok_or_else(|| {
                    let known = Strategy::ALL.map(Strategy::name).join(", ");
                    Stop::Usage(format!("--strategy {name}: there is no such strategy; there are {known}"))
                })?;
            }
            "size" => size = command::number(parser, "--size")?,
            "seed" => seed = command::number(parser, "--seed")?,
            "compact" => detail = Detail::Compact,
            _ => return take_query(flag, parser, query),
        }
        Ok(true)
    })?;
    let (index, failed) = common.index("sample")?;
    let answer = sample(&index, &common.query, strategy, size, seed).map_err(Stop::Failed)?;
    common.print(
        || {
            let entries = entries_json(&index, &answer.entries, detail)?;
            Ok(Json::from(&answer).with("strategy", strategy.name()).with("entries", Json::List(entries)))
        },
        |out| write_entries(&index, &answer.entries, detail, out),
    )?;
    if !common.json() {
        let covered =
            answer.coverage.iter().map(|(column, drawn, all)| format!("{drawn} of {all} {column}s"));
        let covered: Vec<String> = covered.collect();
        eprintln!("logs: {} of {} entries: {}", answer.entries.len(), answer.population, covered.join(", "));
    }
    Ok(outcome(failed, !answer.entries.is_empty()))
}
