//! `cargo xtask`: plan, build, visit, record and judge, from the command line.

mod building;
mod cli;
mod cmd;
mod config;
mod corpora;
mod error;
mod experiment;
mod glob;
mod hash;
mod interrupt;
mod machine;
mod pgo;
mod plan;
mod process;
mod progress;
mod run_folder;
mod set_up;
mod subject;
mod toolchain;

use clap::Parser;
use cli::{Cli, Command};
use std::process::ExitCode;

fn main() -> ExitCode {
    let Cli { config, command } = Cli::parse();
    let ended = match command {
        Command::Bench(flags) => cmd::bench::run(config.as_deref(), &flags),
        Command::Report(flags) => cmd::report::run(config.as_deref(), &flags),
        Command::List => cmd::list::run(config.as_deref()),
        Command::Test => cmd::test::run(),
    };
    ended.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        error.exit_code()
    })
}
