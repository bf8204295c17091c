//! `cargo xtask list`: what can be asked for.

use super::{Project, report};
use crate::error::Result;
use crate::lock::MachineLock;
use crate::plan;
use crate::run_folder;
use crate::set_up::SetUp;
use crate::toolchain::Toolchain;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

/// Runs the command. Scenarios are asked of the subject, which is built for that: not while another run measures.
pub fn run(config: Option<&Path>) -> Result<ExitCode> {
    let project = Project::open(config)?;
    let mut text = String::from("variants\n");
    for (name, axes) in &project.config.variants {
        line(&mut text, name, &axes.about());
    }
    text.push_str("\npresets\n");
    for (name, preset) in &project.config.presets {
        let variants = plan::choose(&project.config, preset, &[])?.variants.len();
        let mut about = vec![
            format!("{} blocks", preset.clock_blocks),
            format!("{variants} {}", if variants == 1 { "variant" } else { "variants" }),
        ];
        about.extend(preset.records.iter().map(|(corpus, n)| format!("{n} records of {corpus}")));
        line(&mut text, name, &about.join(", "));
    }
    text.push_str("\ncorpora\n");
    for corpus in &project.config.corpora {
        line(&mut text, &corpus.name, &corpus.seeds());
    }
    text.push_str("\nscenarios\n");
    match MachineLock::take_if_free(&project.runs()) {
        Ok(_lock) => {
            let toolchains = Toolchain::all(&project.sysroots())?;
            let set_up = SetUp::begin(&project, Toolchain::choose(toolchains, None, &[])?)?;
            for scenario in set_up.describe()?.scenarios {
                line(&mut text, &scenario.name, &format!("on {}: {}", scenario.corpus, scenario.about));
            }
        }
        Err(error) => {
            line(&mut text, &format!("not known now: to ask for them the subject is built, and {error}"), "");
        }
    }
    text.push_str("\nruns\n");
    for run in run_folder::names(&project.runs()) {
        line(&mut text, &run, "");
    }
    report::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn line(text: &mut String, name: &str, about: &str) {
    // Writing to a String can't fail.
    let _ = writeln!(text, "{}", format!("  {name:<20} {about}").trim_end());
}
