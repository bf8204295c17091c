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

use std::ffi::OsStr;
use std::io::{self, Write};
use std::process::ExitCode;

use command::{Command, Outcome, Stop};
use lexopt::prelude::{Long, Short, Value};

/// All subcommands, in the order in which help lists them.
const COMMANDS: &[Command] = &[
    search::COMMAND,
    count::COMMAND,
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

Read a log from its start to its end, once; pipes, too:
{streaming}

Index a log, and ask much of it:
{investigating}

Databases:
{databases}

`logs help COMMAND` tells the options of each, `logs --version` the version.

FILE is a path, a directory, a pattern in quotes, or - for standard input, which `search` and `count` read without it
where something is piped to them.

Examples:
  logs search --min-level warn --since 1h /var/log/app
  logs count --by level,service --format table 'old/*.gz'
  logs summary app.log

Exit status: 0 found or done, 1 nothing found, 2 trouble: wrong usage, or a file or a directory that could not be read.
One such does not keep the others from being read.
";

fn main() -> ExitCode {
    let mut parser = lexopt::Parser::from_env();
    let (name, result) = match choose(&mut parser) {
        Ok(Asked::Run(command)) => (Some(command), (command.run)(parser)),
        Ok(Asked::Help(command)) => (command, Err(Stop::Help)),
        Ok(Asked::Version) => (None, print(&version())),
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

/// What the command line begins with.
enum Asked {
    Run(&'static Command),
    /// Help with a subcommand, or with all.
    Help(Option<&'static Command>),
    Version,
}

fn choose(parser: &mut lexopt::Parser) -> Result<Asked, Stop> {
    match parser.next()? {
        None => Err(Stop::Usage(format!("what shall it do? there are the commands {}", names()))),
        Some(Short('V') | Long("version")) => Ok(Asked::Version),
        Some(Value(name)) if name == "help" => match parser.next()? {
            Some(Value(name)) => named(&name).map(|command| Asked::Help(Some(command))),
            _ => Ok(Asked::Help(None)),
        },
        Some(Value(name)) => named(&name).map(Asked::Run),
        Some(arg) => Err(command::other(arg)),
    }
}

fn names() -> String {
    COMMANDS.iter().map(|command| command.name).collect::<Vec<_>>().join(", ")
}

fn named(name: &OsStr) -> Result<&'static Command, Stop> {
    COMMANDS.iter().find(|command| name == command.name).ok_or_else(|| {
        Stop::Usage(format!("there is no command `{}`; there are {}", name.display(), names()))
    })
}

fn version() -> String {
    format!("logs {} (allocator: {})\n", env!("CARGO_PKG_VERSION"), allocator::NAME)
}

fn help() -> String {
    let widest = COMMANDS.iter().map(|command| command.name.len()).max().unwrap_or(0);
    let lines = |is_there: &dyn Fn(&str) -> bool| -> String {
        let commands = COMMANDS.iter().filter(|command| is_there(command.name));
        let line = |command: &Command| format!("  {:widest$}  {}\n", command.name, command.about);
        commands.map(line).collect()
    };
    let streams = |name: &str| [search::COMMAND.name, count::COMMAND.name].contains(&name);
    let is_of_databases = |name: &str| name.ends_with("-db");
    HELP.replace("{streaming}\n", &lines(&streams))
        .replace("{investigating}\n", &lines(&|name| !streams(name) && !is_of_databases(name)))
        .replace("{databases}\n", &lines(&is_of_databases))
}

/// What a subcommand says of itself; flags that several have are told once.
fn help_of(command: &Command) -> String {
    command
        .help
        .replace("{inputs}\n", inputs::HELP)
        .replace("{selection}\n", database::HELP)
        .replace("{conditions}\n", conditions::HELP)
        .replace("{language}\n", conditions::LANGUAGE)
        .replace("{fields}\n", &conditions::fields())
}

fn print(text: &str) -> Result<Outcome, Stop> {
    io::stdout().write_all(text.as_bytes())?;
    Ok(Outcome::Good)
}
