//! `cargo xtask plan`: every variant, the exact commands, what is there already, what is skipped and
//! why, before anything is built.

use super::{Project, report};
use crate::axes::TrainedOn;
use crate::cli;
use crate::config::Preset;
use crate::error::Result;
use crate::plan::{self, Build, Plan};
use crate::set_up::SetUp;
use crate::toolchain::Toolchain;
use crate::{bolt, building, pgo};
use harness::judge::budget;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What a build takes, as seen on two cores: seconds, where none was made here yet, and bytes of disk. For the estimate only.
const SECONDS_A_BUILD: f64 = 90.0;
const SECONDS_A_TRAINING: f64 = 30.0;
const BYTES_A_BUILD: f64 = 200e6;
const SECONDS_A_VISIT: f64 = 0.25;

/// Runs the command.
pub fn run(config: Option<&Path>, flags: &cli::Plan) -> Result<ExitCode> {
    let project = Project::open(config)?;
    let preset = project.config.preset(&flags.preset)?;
    let chosen = plan::choose(&project.config, preset, &flags.variants)?;
    let toolchains = Toolchain::all(&project.sysroots())?;
    let toolchain = Toolchain::choose(toolchains, flags.toolchain.as_deref(), &chosen.variants)?;
    let set_up = SetUp::begin(&project, toolchain)?;
    let plan = plan::plan(&project.config, chosen, &set_up.toolchain)?;
    report::print(&text(&set_up, preset, &[], None, &[], &plan))?;
    Ok(ExitCode::SUCCESS)
}

/// The plan in words.
pub fn text(
    set_up: &SetUp<'_>,
    preset: &Preset,
    scenarios: &[String],
    blocks: Option<u32>,
    input: &[PathBuf],
    plan: &Plan,
) -> String {
    let mut text = String::new();
    let toolchain = &set_up.toolchain;
    let _ =
        writeln!(text, "toolchain  {}: {}, LLVM {}", toolchain.name, toolchain.rustc_version, toolchain.llvm);
    let scrubbed = building::scrubbed();
    if !scrubbed.is_empty() {
        let _ = writeln!(text, "kept from the builds: {}", scrubbed.join(" "));
    }
    let usual_seconds = set_up.workshop().cache.usual_seconds();
    let seconds_a_build = usual_seconds.unwrap_or(SECONDS_A_BUILD);
    let mut seconds = 0.0;
    let mut bytes = 0.0;
    text.push_str("\nbuilds\n");
    for build in plan.builds() {
        let cached = is_cached(set_up, build);
        let _ = writeln!(
            text,
            "  {:<22} {}{}",
            build.name,
            build.about,
            if cached { " (built already)" } else { "" }
        );
        for (what, command) in commands(set_up, build) {
            let _ = writeln!(text, "      {what}: {command}");
        }
        if !build.axes.env.is_empty() {
            let env: Vec<String> =
                build.axes.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let _ = writeln!(text, "      runs with {}", env.join(" "));
        }
        if !cached {
            let steps = f64::from(1 + u8::from(build.axes.pgo));
            let trainings = f64::from(u8::from(build.axes.pgo) + u8::from(build.axes.bolt));
            seconds += steps * seconds_a_build + trainings * SECONDS_A_TRAINING;
            bytes += steps * BYTES_A_BUILD;
        }
    }
    for skip in &plan.skipped {
        let remedy =
            skip.remedy.as_ref().map(|remedy| format!("\n      to mend it: {remedy}")).unwrap_or_default();
        let _ = writeln!(text, "  skipped: {}: {}{remedy}", skip.what, skip.reason);
    }
    let clock_blocks = blocks.unwrap_or(preset.clock_blocks);
    let asked = if scenarios.is_empty() { &preset.scenarios } else { scenarios };
    text.push_str("\nvisits\n");
    let _ = writeln!(text, "  scenarios  {} (the subject names them once it is built)", asked.join(", "));
    let _ =
        writeln!(text, "  control    {} again in every block", plan.variants.first().map_or("", |b| &b.name));
    let _ = writeln!(
        text,
        "  clock      {clock_blocks} blocks a scenario{}",
        enough_for(clock_blocks, plan.variants.len().saturating_sub(1))
    );
    if preset.reads_latency() {
        let _ = writeln!(
            text,
            "  latency    {} blocks a scenario whose records arrive at a pace, {} arrivals a visit",
            preset.latency_blocks, preset.arrivals
        );
    }
    let _ = writeln!(text, "  rss        {} blocks a scenario", preset.rss_blocks);
    if !plan.heaps.is_empty() {
        let _ = writeln!(text, "  heap       {} visits a scenario", preset.heap_visits);
    }
    text.push_str("\ncorpora, each made if a scenario asks for it\n");
    if input.is_empty() {
        for corpus in &set_up.project.config.corpora {
            let records = preset.records_of(corpus);
            let _ = writeln!(text, "  {:<10} {records} records, {}", corpus.name, corpus.seeds());
        }
    }
    for file in input {
        let _ = writeln!(text, "  {}", file.display());
    }
    let visits = (plan.variants.len() + 1) as f64 * f64::from(clock_blocks + preset.rss_blocks);
    let building = match (seconds > 0.0, usual_seconds) {
        (false, _) => "nothing to build".to_owned(),
        (true, Some(_)) => {
            format!("{} to build, by what builds took here", crate::progress::seconds(seconds))
        }
        (true, None) => {
            format!("{} to build, by a guess: nothing was built here yet", crate::progress::seconds(seconds))
        }
    };
    let _ = writeln!(
        text,
        "\nestimate   {building}; then {} a scenario; {:.0} MB of disk",
        crate::progress::seconds(visits * SECONDS_A_VISIT),
        bytes / 1e6
    );
    text
}

/// In how many scenarios so many blocks can tell one change alone apart, where so many variants are compared with the
/// reference. How many scenarios there are is not known before the subject is built.
fn enough_for(blocks: u32, others: usize) -> String {
    if others == 0 {
        return String::new();
    }
    if blocks < budget::FEWEST {
        return format!("; of fewer than {} every comparison is unstable", budget::FEWEST);
    }
    match budget::most_comparisons(blocks) / others {
        0 => format!(
            "; too few to tell one change alone apart, however large, even in one scenario: {} would",
            budget::fewest_to_tell(others)
        ),
        scenarios => format!(
            "; in more than {scenarios} scenarios they can't tell one change alone apart, however large it is"
        ),
    }
}

/// The commands that build the measured binary of a variant; the subject's command is built alike.
fn commands(set_up: &SetUp<'_>, build: &Build) -> Vec<(&'static str, String)> {
    let workshop = set_up.workshop();
    let target = set_up.targets(build).0;
    let cargo = |flags: &[String]| {
        let recipe = workshop.recipe(build, target, flags);
        let environment: Vec<String> = (recipe.environment.iter())
            .filter(|(name, _)| *name != "CARGO_TARGET_DIR")
            .map(|(name, value)| format!("{name}={}", quoted(&value.replace('\u{1f}', " "))))
            .collect();
        let command: Vec<String> = recipe.command.iter().map(|word| quoted(word)).collect();
        format!("{} {}", environment.join(" "), command.join(" "))
    };
    let mut commands = Vec::new();
    let mut flags = Vec::new();
    if build.axes.pgo {
        commands.push(("instrument", cargo(&[pgo::INSTRUMENT.to_owned()])));
        commands.push(("train", training(set_up, build)));
        commands.push(("merge", "llvm-profdata merge --failure-mode=any -o PROFILE *.profraw".to_owned()));
        flags.push("-Cprofile-use=PROFILE".to_owned());
    }
    if build.axes.bolt {
        flags.push(bolt::KEEP_RELOCATIONS.to_owned());
    }
    commands.push(("build", cargo(&flags)));
    if build.axes.bolt {
        commands.push((
            "lay out",
            format!("llvm-bolt -instrument; {}; merge-fdata; llvm-bolt", training(set_up, build)),
        ));
    }
    commands
}

/// What a variant is trained by and on.
fn training(set_up: &SetUp<'_>, build: &Build) -> String {
    let corpora = match build.axes.training {
        TrainedOn::Apart => "the corpora of the training seed",
        TrainedOn::Measured => "the very corpora that are measured",
    };
    let own = &set_up.project.config.training.commands;
    if own.is_empty() {
        return format!("every scenario on {corpora}, fixed passes");
    }
    let own: Vec<String> = own.iter().map(|command| format!("`{}`", command.join(" "))).collect();
    format!("{}, on {corpora}", own.join(", then "))
}

/// Is the plain build of this there? What PGO and BOLT make of it depends on profiles and is told by
/// building.
fn is_cached(set_up: &SetUp<'_>, build: &Build) -> bool {
    let plain = !build.axes.pgo && !build.axes.bolt;
    plain && set_up.workshop().has(build, set_up.targets(build).0, building::SUBJECT, &[])
}

/// A word as a shell wants it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:+,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_says_up_to_how_many_scenarios_its_blocks_do_for() {
        assert!(enough_for(12, 11).contains("in more than 9 scenarios"), "{}", enough_for(12, 11));
        assert!(enough_for(8, 7).contains("9 would"), "{}", enough_for(8, 7));
        assert!(enough_for(2, 5).contains("of fewer than 8 every comparison is unstable"));
        assert_eq!(enough_for(12, 0), "");
    }
}
