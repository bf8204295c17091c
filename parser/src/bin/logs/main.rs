//! `logs`: counts and searches logs. See `logs --help`.

#[path = "../../allocator.rs"]
mod allocator;
mod command;
mod conditions;
mod count;
mod database;
mod inputs;
mod investigate;
mod matches;
mod search;
mod table;
mod time;

use std::io::{self, Write};
use std::process::ExitCode;

use command::{Command, Outcome, Stop};
use lexopt::prelude::{Long, Short, Value};

/// All subcommands, in the order in which help lists them.
const COMMANDS: &[Command] = &[
    count::COMMAND,
    search::COMMAND,
    investigate::index::COMMAND,
    investigate::find::COMMAND,
    investigate::follow::COMMAND,
    investigate::summary::COMMAND,
    investigate::ids::COMMAND,
    investigate::tree::COMMAND,
    investigate::errors::COMMAND,
    investigate::timeline::COMMAND,
    investigate::export::COMMAND,
    investigate::bottlenecks::COMMAND,
    investigate::diff::COMMAND,
    investigate::compare::COMMAND,
    investigate::sample::COMMAND,
    investigate::patterns::COMMAND,
    investigate::metrics::COMMAND,
    database::from_db::COMMAND,
    database::to_db::COMMAND,
];

const HELP: &str = "\
Count and search logs of any format: JSON lines, access and error logs, logfmt, syslog, text; compressed or not.

Usage: logs COMMAND [OPTION]... FILE...

Commands:
{commands}

`logs COMMAND --help` tells the options of each, `logs --version` the version.

FILE is a path, a directory, a pattern in quotes, or - for standard input.

Exit status: 0 found or done, 1 nothing found, 2 trouble: wrong usage, or a file that could not be read. One such
file does not keep the others from being read.
";

fn main() -> ExitCode {
    let mut parser = lexopt::Parser::from_env();
    let (name, result) = match choose(&mut parser) {
        Ok(Some(command)) => (Some(command), (command.run)(parser)),
        Ok(None) => (None, print(&version())),
        Err(stop) => (None, Err(stop)),
    };
    let result = match result {
        Err(Stop::Help) => print(&name.map_or_else(help, help_of)),
        result => result,
    };
    match result {
        Ok(Outcome::Good) | Err(Stop::Help) => ExitCode::SUCCESS,
        Ok(Outcome::Nothing) => ExitCode::from(1),
        Ok(Outcome::Trouble) | Err(Stop::Told) => ExitCode::from(2),
        // Who reads the output has had enough, as with `| head`.
        Err(Stop::Output(error) | Stop::Failed(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(Stop::Output(error)) => {
            eprintln!("logs: writing the output: {error}");
            ExitCode::from(2)
        }
        Err(Stop::Failed(error)) => {
            eprintln!("logs: {error}");
            ExitCode::from(2)
        }
        Err(Stop::Usage(message)) => {
            let name = name.map_or_else(String::new, |command| format!(" {}", command.name));
            eprintln!("logs: {message}; see `logs{name} --help`");
            ExitCode::from(2)
        }
    }
}

/// The subcommand that the command line begins with; none if it asks for the version.
fn choose(parser: &mut lexopt::Parser) -> Result<Option<&'static Command>, Stop> {
    let known = || COMMANDS.iter().map(|command| command.name).collect::<Vec<_>>().join(", ");
    match parser.next()? {
        None => Err(Stop::Usage(format!("what shall it do? there are the commands {}", known()))),
        Some(Short('V') | Long("version")) => Ok(None),
        Some(Value(name)) => match COMMANDS.iter().find(|command| name == command.name) {
            Some(command) => Ok(Some(command)),
            None => {
                Err(Stop::Usage(format!("there is no command `{}`; there are {}", name.display(), known())))
            }
        },
        Some(arg) => Err(command::other(arg)),
    }
}

fn version() -> String {
    format!("logs {} (allocator: {})\n", env!("CARGO_PKG_VERSION"), allocator::NAME)
}

fn help() -> String {
    let widest = COMMANDS.iter().map(|command| command.name.len()).max().unwrap_or(0);
    let line = |command: &Command| format!("  {:widest$}  {}\n", command.name, command.about);
    HELP.replace("{commands}\n", &COMMANDS.iter().map(line).collect::<String>())
}

/// What a subcommand says of itself; flags that several have are told once.
fn help_of(command: &Command) -> String {
    command
        .help
        .replace("{inputs}\n", inputs::HELP)
        .replace("{selection}\n", database::HELP)
        .replace("{conditions}\n", conditions::HELP)
        .replace("{language}\n", conditions::LANGUAGE)
}

fn print(text: &str) -> Result<Outcome, Stop> {
    io::stdout().write_all(text.as_bytes())?;
    Ok(Outcome::Good)
}
