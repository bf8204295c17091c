//! `logs count`.

use std::io::{self, Write};
use std::time::SystemTime;

use parser::Counter;

use crate::Outcome;
use crate::args;
use crate::inputs::{self, BadLines};
use crate::time::rfc3339;

pub(crate) fn run(options: &args::Count) -> io::Result<Outcome> {
    let mut counter = Counter::new();
    let mut bad = BadLines::new(options.list_bad);
    let mut files = Vec::new();
    let mut failed = false;
    for name in &options.files {
        let before = counter.totals();
        let read =
            inputs::open(name).and_then(|source| counter.read(source, &mut |line| bad.add(name, line)));
        // A file that broke off was counted up to there.
        if read.is_ok() || counter.totals() != before {
            files.push(inputs::shown(name));
        }
        if let Err(error) = &read {
            inputs::report(name, "count", error);
        }
        failed |= read.is_err();
    }
    bad.summarise();
    let count = counter.finish();
    if count.undated > 0 {
        eprintln!("logs: {} requests have no date and are not counted", count.undated);
    }
    if count.unaddressed > 0 {
        eprintln!("logs: {} requests have no address; they are one client, 0.0.0.0", count.unaddressed);
    }
    if !files.is_empty() {
        let mut out = io::BufWriter::new(io::stdout().lock());
        count.write_json(&files, &rfc3339(SystemTime::now()), &mut out)?;
        out.flush()?;
    }
    Ok(if failed { Outcome::Trouble } else { Outcome::Good })
}
