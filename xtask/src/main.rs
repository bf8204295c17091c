//! `cargo xtask`: plan, build, visit, record and judge, from the command line.

mod axes;
mod bolt;
mod building;
mod cache;
mod calibration;
mod callgrind;
mod cli;
mod cmd;
mod cold;
mod config;
mod copies;
mod corpora;
mod counting;
mod criterion;
mod draft;
mod elf;
mod error;
mod experiment;
mod family;
mod files;
mod glob;
mod hash;
mod history;
mod interrupt;
mod lock;
mod machine;
mod page_cache;
mod pgo;
mod plan;
mod preparing;
mod process;
mod profiling;
mod progress;
mod revisions;
mod run_folder;
mod scenarios;
mod set_up;
mod shuffle;
mod sources;
mod stored_results;
mod subject;
mod survivors;
mod time_budget;
mod toolchain;
mod training;
mod verification;

use clap::Parser;
use cli::{Cli, Command};
use std::process::ExitCode;

fn main() -> ExitCode {
    let Cli { config, command } = Cli::parse();
    let ended = match command {
        Command::Bench(flags) => cmd::bench::run(config.as_deref(), &flags),
        Command::Gate(flags) => cmd::gate::run(config.as_deref(), &flags),
        Command::Calibrate(flags) => cmd::calibrate::run(config.as_deref(), &flags),
        Command::Compare(flags) => cmd::compare::run(config.as_deref(), &flags),
        Command::Profile(flags) => cmd::profile::run(config.as_deref(), &flags),
        Command::Repeat(flags) => cmd::repeat::run(config.as_deref(), &flags),
        Command::Report(flags) => cmd::report::run(config.as_deref(), &flags),
        Command::Export(flags) => cmd::export::run(config.as_deref(), &flags),
        Command::Chart(flags) => cmd::chart::run(config.as_deref(), &flags),
        Command::Gallery(flags) => cmd::gallery::run(config.as_deref(), &flags),
        Command::Plan(flags) => cmd::plan::run(config.as_deref(), &flags),
        Command::Build(flags) => cmd::build::run(config.as_deref(), &flags),
        Command::Ship(flags) => cmd::ship::run(config.as_deref(), &flags),
        Command::Doctor => cmd::doctor::run(config.as_deref()),
        Command::Setup(flags) => cmd::setup::run(config.as_deref(), &flags),
        Command::Clean(flags) => cmd::clean::run(config.as_deref(), &flags),
        Command::List => cmd::list::run(config.as_deref()),
        Command::Test => cmd::test::run(),
        Command::EndSurvivors { mark } => Ok(survivors::wait_and_end(&mark)),
    };
    ended.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        error.exit_code()
    })
}
