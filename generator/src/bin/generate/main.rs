//! The command `generate`: writes a corpus and the truth about it.
//!
//! Exits with 0 when all was written or the reader of a log alone went away, 1 when writing failed, 2 for wrong usage, 130
//! when it was interrupted.

mod arguments;
mod encode;
mod explain;
mod progress;
mod recipe;
mod spec_file;
mod write;

use std::io::{self, Write};
use std::process::{ExitCode, exit};

use generator::Trouble;

use arguments::{Command, parse};

fn main() -> ExitCode {
    let command = match parse(lexopt::Parser::from_env()) {
        Ok(command) => command,
        Err(wrong) => {
            // Nothing is left to do where even the error cannot be written.
            let _ = writeln!(io::stderr(), "generate: {wrong}\nFor help: generate --help");
            return ExitCode::from(2);
        }
    };
    let (done, is_one_stream) = match command {
        Command::Print(text) => {
            (io::stdout().lock().write_all(text.as_bytes()).map_err(Trouble::Stream), true)
        }
        Command::Write(corpus) => (write::write(&corpus), !corpus.has_facts()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Who reads a log alone may stop; facts that were asked for beside it are not there then.
        Err(trouble) if trouble.is_closed_pipe() && is_one_stream => ExitCode::SUCCESS,
        Err(trouble) => exit_by(&trouble),
    }
}

/// Ends the process as this trouble makes it end.
fn exit_by(trouble: &Trouble) -> ! {
    let _ = writeln!(io::stderr(), "generate: {trouble}");
    exit(if matches!(trouble, Trouble::Interrupted) { 130 } else { 1 })
}
