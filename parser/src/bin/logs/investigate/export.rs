//! `logs export`.

use parser::investigate::otlp::{write_timeline_otlp, write_tree_otlp};
use parser::investigate::{timeline, tree};

use super::{Common, common_help, outcome, print_text, query_help, take_query};
use crate::command::{self, Command, Outcome, Stop};

pub(crate) const COMMAND: Command = Command {
    name: "export",
    about: "write a tree or a timeline as OpenTelemetry JSON, for a trace viewer",
    help: HELP,
    run,
};

const HELP: &str = concat!(
    "\
Write a hierarchy of spans, or a timeline, as traces of OpenTelemetry (OTLP in JSON), which Jaeger, Grafana Tempo or an
OpenTelemetry collector take. The output is always JSON.

Usage: logs export [CONDITION]... [OPTION]... FILE...

  --of WHAT            tree (default): each node of `logs tree` is a span. timeline: a span for each service of `logs
                       timeline`, its entries with a time as events
  --by COLUMN          of a tree: nodes by names of this column: span, thread, correlation, service

Identifiers of 32 (trace) and 16 (span) hexadecimal digits stay; others are hashed, always to the same, and stand as
they are in the attributes log.trace_id, log.span_id and log.parent_span_id.

  logs export --trace 4bf92f3577b34da6a3ce929d0e0e4736 app.log > trace.json
",
    query_help!(),
    common_help!()
);

fn run(parser: lexopt::Parser) -> Result<Outcome, Stop> {
    let (mut of, mut column) = ("tree".to_owned(), None);
    let common = Common::parse(parser, "export", |flag, parser, query| {
        match flag {
            "of" => {
                of = command::text(parser, "--of")?;
                if !["tree", "timeline"].contains(&of.as_str()) {
                    return Err(Stop::Usage(format!("--of {of}: there are tree and timeline")));
                }
            }
            "by" => {
                let wanted = super::column(parser, flag)?;
                if !["span", "thread", "correlation", "service"].contains(&wanted.name()) {
                    return Err(Stop::Usage(format!("--by {wanted}: its names are no hierarchy")));
                }
                column = Some(wanted);
            }
            "max-bytes" => {
                let why =
                    "--max-bytes: an export that is cut is no trace; choose fewer entries by conditions";
                return Err(Stop::Usage(why.to_owned()));
            }
            // It is JSON already.
            "json" => {}
            _ => return take_query(flag, parser, query),
        }
        Ok(true)
    })?;
    if of == "timeline" && column.is_some() {
        return Err(Stop::Usage("--by is of a tree; leave it out, or --of timeline".to_owned()));
    }
    let (index, failed) = common.index("export")?;
    let found;
    if of == "timeline" {
        let answer = timeline(&index, &common.query).map_err(Stop::Failed)?;
        found = !answer.entries.is_empty();
        let mut untimed = 0;
        print_text(|out| {
            untimed = write_timeline_otlp(&answer, &index, out)?;
            Ok(())
        })?;
        if untimed > 0 {
            eprintln!("logs: {untimed} entries have no time and are left out");
        }
    } else {
        let answer = tree(&index, &common.query, column).map_err(Stop::Failed)?;
        found = !answer.nodes.is_empty();
        print_text(|out| write_tree_otlp(&answer, &index, out).map(drop))?;
        if answer.outside > 0 {
            eprintln!("logs: {} entries belong to no {} and are left out", answer.outside, answer.column());
        }
    }
    Ok(outcome(failed, found))
}
