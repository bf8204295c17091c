//! `logs search`.

use std::io::{self, Write};
use std::ops::ControlFlow;

use parser::{Filter, Match, search};

use crate::Outcome;
use crate::args;
use crate::inputs::{self, BadLines};

pub(crate) fn run(options: &args::Search) -> io::Result<Outcome> {
    let filter = Filter { level: options.level };
    let mut bad = BadLines::new(options.list_bad);
    let mut out = io::BufWriter::with_capacity(64 << 10, io::stdout().lock());
    let mut written = Ok(());
    let mut matches = 0;
    let (mut failed, mut read_any) = (false, false);
    for name in &options.files {
        let mut sink = |found: Match<'_>| {
            matches += 1;
            if !options.only_count {
                written = out.write_all(found.bytes).and_then(|()| out.write_all(b"\n"));
            }
            if written.is_err() || options.limit == Some(matches) {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        };
        let read = inputs::open(name)
            .and_then(|source| search(source, &filter, &mut |line| bad.add(name, line), &mut sink));
        if let Err(error) = &read {
            inputs::report(name, "search", error);
        }
        failed |= read.is_err();
        read_any |= read.is_ok();
        written?;
        written = Ok(());
        if options.limit == Some(matches) {
            break;
        }
    }
    // Of files that could not be read, nothing is known: not even that nothing is found there.
    if options.only_count && (read_any || matches > 0) {
        writeln!(out, "{matches}")?;
    }
    out.flush()?;
    bad.summarise();
    Ok(match (failed, matches) {
        (true, _) => Outcome::Trouble,
        (false, 0) => Outcome::Nothing,
        (false, _) => Outcome::Good,
    })
}
