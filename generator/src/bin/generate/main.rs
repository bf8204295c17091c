//! The command `generate`: writes a corpus and the truth about it.
//!
//! Exits with 0 when all was written or the reader of the output went away, 1 when writing failed, 2 for wrong usage.

mod arguments;
mod explain;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use generator::{Trouble, write_files, write_stream};

use arguments::{Command, Corpus, parse};

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
        Command::Write(corpus) => write(&corpus),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) if trouble.is_closed_pipe() => ExitCode::SUCCESS,
        Err(trouble) => {
            let _ = writeln!(io::stderr(), "generate: {trouble}");
            ExitCode::FAILURE
        }
    }
}

fn write(corpus: &Corpus) -> Result<(), Trouble> {
    let Corpus { spec, out, truth, force } = corpus;
    let truth = truth.as_deref().map(Path::new);
    match out {
        Some(out) => write_files(spec, Path::new(out), truth, *force)?,
        None => write_stream(spec, &mut io::stdout(), truth, *force)?,
    };
    Ok(())
}
