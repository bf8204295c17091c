//! `cargo xtask export`: the results of a run in a format that other tools read.

use super::{Project, report};
use crate::cli;
use crate::error::{Doing, Error, Result};
use crate::files::write_whole;
use crate::stored_results;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

/// Runs the command.
pub fn run(config: Option<&Path>, flags: &cli::Export) -> Result<ExitCode> {
    let results = stored_results::read(&Project::open(config)?.runs(), &flags.run)?;
    let exported =
        reports::export::export(&results, flags.format).map_err(|why| Error::Failed(why.to_string()))?;
    for said in &exported.left_out {
        eprintln!("not in it: {said}");
    }
    match &flags.out {
        Some(path) => {
            let text = exported.text.as_bytes();
            // A device or a pipe is written to, not put aside for a file.
            let is_other = fs::metadata(path).is_ok_and(|found| !found.is_file());
            let written = if is_other { fs::write(path, text) } else { write_whole(path, text) };
            written.doing(|| format!("writing {}", path.display()))?;
        }
        None => report::print(&exported.text)?,
    }
    Ok(ExitCode::SUCCESS)
}
