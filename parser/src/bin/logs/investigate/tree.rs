//! `logs tree`.

use parser::index::Column;
use parser::investigate::tree::{Shape, flame_svg, tree, write_folded, write_tree};

use super::{Common, common_help, outcome, query_help, take_query};
use crate::command::{self, Command, Outcome, Stop};

pub(crate) const COMMAND: Command =
    Command { name: "tree", about: "show spans as a tree, a waterfall or a flame graph", help: HELP, run };

const HELP: &str = concat!(
    "\
Show the hierarchy of spans with durations, self times and errors. Where no entry has a span, threads (else
correlations) are the nodes, each below the one whose name it continues after `.`, `:` or `-`.

Usage: logs tree [CONDITION]... [OPTION]... FILE...

  --as FORM            tree (default), waterfall, folded (stacks of services with microseconds of self time, for
                       flame graph tools) or svg (a flame graph)
  --by COLUMN          nodes by names of this column: span, thread, correlation, service
  --depth N            down to N levels below a root (default 32)
  --limit N            at most N nodes (default 1000; 0 for all)
",
    query_help!(),
    common_help!()
);

fn run(parser: lexopt::Parser) -> Result<Outcome, Stop> {
    let (mut form, mut column, mut depth, mut limit) = ("tree".to_owned(), None, 32_u32, 1000_usize);
    let common = Common::parse(parser, "tree", |flag, parser, query| {
        match flag {
            "as" => {
                form = command::text(parser, "--as")?;
                if !["tree", "waterfall", "folded", "svg"].contains(&form.as_str()) {
                    let known = "there are tree, waterfall, folded and svg";
                    return Err(Stop::Usage(format!("--as {form}: there is no such form; {known}")));
                }
            }
            "by" => {
                let wanted = super::column(parser, flag)?;
                if matches!(wanted, Column::Level | Column::Template | Column::Parent) {
                    return Err(Stop::Usage(format!("--by {wanted}: its names are no hierarchy")));
                }
                column = Some(wanted);
            }
            "depth" => depth = command::number(parser, "--depth")?,
            "limit" => limit = command::limit(parser)?,
            _ => return take_query(flag, parser, query),
        }
        Ok(true)
    })?;
    // Deeper than that, indentation would grow without bound.
    let depth = depth.min(1000);
    let (index, failed) = common.index("tree")?;
    let answer = tree(&index, &common.query, column).map_err(Stop::Failed)?;
    common.print(
        || answer.json(&index, limit),
        |out| match form.as_str() {
            "folded" => write_folded(&answer, &index, out),
            "svg" => out.write_all(flame_svg(&answer, &index, &title(&common))?.as_bytes()),
            "waterfall" => write_tree(&answer, &index, Shape::Waterfall, depth, limit, out),
            _ => write_tree(&answer, &index, Shape::Tree, depth, limit, out),
        },
    )?;
    if answer.outside > 0 && !common.json() {
        eprintln!("logs: {} entries belong to no {}", answer.outside, answer.column());
    }
    Ok(outcome(failed, !answer.nodes.is_empty()))
}

fn title(common: &Common) -> String {
    let files: Vec<String> = common.files.iter().map(|file| file.to_string_lossy().into_owned()).collect();
    let names: Vec<String> =
        common.query.names.iter().map(|(c, names)| format!("{c} {}", names.join(", "))).collect();
    [names, files].concat().join(" · ")
}
