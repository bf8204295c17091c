//! `logs index`.

use std::path::Path;

use parser::Index;
use parser::index::{IndexBuilder, Unusable};
use parser::investigate::Json;

use super::{Common, common_help};
use crate::command::{Command, Outcome, Stop};
use crate::inputs::BadLines;

pub(crate) const COMMAND: Command =
    Command { name: "index", about: "index files, and save the indexes beside them", help: HELP, run };

const HELP: &str = concat!(
    "\
Index each file and save the index beside it, as FILE.logsidx. Where there is one and the file has only grown,
what was added is indexed. The subcommands that investigate use it: it is opened at once and read as it is
needed.

Usage: logs index [OPTION]... FILE...
",
    common_help!()
);

fn run(parser: lexopt::Parser) -> Result<Outcome, Stop> {
    let common = Common::parse(parser, "index", |_, _, _| Ok(false))?;
    let mut bad = BadLines::new(common.list_bad);
    let mut answers = Vec::new();
    let mut failed = common.missed;
    for name in &common.files {
        let path = Path::new(name);
        let mut on_bad = |line| bad.add(name, line);
        let opened = match Index::open(path, common.options(), &mut on_bad) {
            Ok(index) if !common.fresh => Ok((index, "kept or extended")),
            Ok(_) | Err(Unusable::Absent) => Err("made"),
            Err(_) => Err("made anew"),
        };
        let made = opened.or_else(|how| {
            let mut builder = IndexBuilder::new(common.options());
            builder.add(path, &mut on_bad).map(|()| (builder.finish(), how))
        });
        let saved = made.and_then(|(index, how)| index.save().map(|path| (index, path, how)));
        match saved {
            Ok((index, saved, how)) => {
                let size = std::fs::metadata(&saved).map_or(0, |metadata| metadata.len());
                let totals =
                    index.files().first().map(parser::index::IndexedFile::totals).unwrap_or_default();
                answers.push((saved.to_string_lossy().into_owned(), how, totals, size));
            }
            Err(error) => {
                super::report(name, "index", &error);
                failed = true;
            }
        }
    }
    bad.summarise();
    let json = |(saved, how, totals, size): &(String, &str, parser::Totals, u64)| {
        Json::object([
            ("index", saved.as_str().into()),
            ("how", (*how).into()),
            ("entries", totals.records.into()),
            ("lines", totals.lines.into()),
            ("bad", totals.bad.into()),
            ("bytes", (*size).into()),
        ])
    };
    common.print(
        || Ok(Json::object([("indexes", Json::list(answers.iter().map(json)))])),
        |out| {
            for (saved, how, totals, size) in &answers {
                writeln!(out, "{saved}: {how}: {} entries, {size} bytes", totals.records)?;
            }
            Ok(())
        },
    )?;
    Ok(if failed { Outcome::Trouble } else { Outcome::Good })
}
