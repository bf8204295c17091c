//! The command `generate`: writes a corpus and the truth about it.
//!
//! Exits with 0 when all was written or the reader of the output went away, 1 when writing failed, 2 for wrong usage, 130
//! when it was interrupted.

mod arguments;
mod encode;
mod explain;
mod progress;
mod recipe;
mod spec_file;
mod write;

use std::io::{self, Write};
use std::process::ExitCode;

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
    let done = match command {
        Command::Print(text) => io::stdout().lock().write_all(text.as_bytes()).map_err(Trouble::Stream),
        Command::Write(corpus) => write::write(&corpus),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) if trouble.is_closed_pipe() => ExitCode::SUCCESS,
        Err(trouble) => {
            let _ = writeln!(io::stderr(), "generate: {trouble}");
            ExitCode::from(if matches!(trouble, Trouble::Interrupted) { 130 } else { 1 })
        }
    }
}
