//! `logs`: counts and searches logs. See `logs --help`.

#[path = "../../allocator.rs"]
mod allocator;
mod args;
mod count;
mod inputs;
mod search;
mod time;

use std::io;
use std::process::ExitCode;

use args::Command;

/// What a run came to, by the exit codes of grep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Found, or done.
    Good,
    /// Nothing was found.
    Nothing,
    /// Something could not be read, or was asked wrongly.
    Trouble,
}

fn main() -> ExitCode {
    let outcome = match args::parse(lexopt::Parser::from_env()) {
        Ok(Command::Help(text)) => print(text),
        Ok(Command::Version) => {
            print(&format!("logs {} (allocator: {})\n", env!("CARGO_PKG_VERSION"), allocator::NAME))
        }
        Ok(Command::Count(options)) => count::run(&options),
        Ok(Command::Search(options)) => search::run(&options),
        Err(message) => {
            eprintln!("logs: {message}");
            Ok(Outcome::Trouble)
        }
    };
    match outcome {
        Ok(Outcome::Good) => ExitCode::SUCCESS,
        Ok(Outcome::Nothing) => ExitCode::from(1),
        Ok(Outcome::Trouble) => ExitCode::from(2),
        // Who reads the output has had enough, as with `| head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("logs: writing the output: {error}");
            ExitCode::from(2)
        }
    }
}

fn print(text: &str) -> io::Result<Outcome> {
    io::Write::write_all(&mut io::stdout(), text.as_bytes())?;
    Ok(Outcome::Good)
}
