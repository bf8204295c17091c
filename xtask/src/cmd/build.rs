//! `cargo xtask build`: the subject's shipping command, built as one variant and handed over.

use super::{Project, report};
use crate::axes::TrainedOn;
use crate::cli;
use crate::config::{self, Preset};
use crate::corpora::{Corpus, Store};
use crate::error::{Doing, Error, Result, failed};
use crate::lock::MachineLock;
use crate::plan;
use crate::set_up::SetUp;
use crate::toolchain::Toolchain;
use std::path::Path;
use std::process::ExitCode;

/// Runs the command.
pub fn run(config: Option<&Path>, flags: &cli::Build) -> Result<ExitCode> {
    let project = Project::open(config)?;
    let preset = project.config.preset(&flags.preset)?;
    let asked = [flags.variant.clone()];
    let mut chosen = plan::choose(&project.config, preset, &asked)?;
    chosen.variants.truncate(1);
    let toolchains = Toolchain::all(&project.sysroots())?;
    let toolchain = Toolchain::choose(toolchains, flags.toolchain.as_deref(), &chosen.variants)?;
    let _lock = MachineLock::take(&project.runs())?;
    let set_up = SetUp::begin(&project, toolchain)?;
    let plan = plan::plan(&project.config, chosen, &set_up.toolchain)?;
    let Some(build) = plan.variants.first() else { return failed("there is nothing to build") };
    let Some(command) = &project.config.subject.command else {
        return Err(Error::Usage(
            "bench.toml names no command of the subject ([subject.command])".to_owned(),
        ));
    };
    let corpora = if build.axes.trains() {
        training_corpora(&set_up, preset, build.axes.training)?
    } else {
        Vec::new()
    };
    eprintln!("building {}: {}", build.name, build.about);
    let variant = set_up.build(build, Some(&project.training(&corpora, preset)))?;
    let (Some(built), Some(facts)) = (&variant.subject.command, &variant.record.command) else {
        return failed("the subject's command was not built");
    };
    std::fs::create_dir_all(&flags.out).doing(|| format!("making the folder {}", flags.out.display()))?;
    let out = flags.out.join(&command.binary);
    std::fs::copy(built, &out).doing(|| format!("copying the command to {}", out.display()))?;
    report::print(&format!(
        "{}\n  {}\n  sha256 {}\n  {}, {} without symbols\n  {}\n",
        out.display(),
        build.about,
        facts.sha256,
        reports::format::bytes(facts.bytes as f64),
        facts.stripped.map_or_else(|| "unknown".to_owned(), |bytes| reports::format::bytes(bytes as f64)),
        match facts.libraries.as_slice() {
            [] => "static: it asks for no shared library".to_owned(),
            libraries => format!("asks for {}", libraries.join(", ")),
        }
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// What is trained on, of everything that bench.toml describes.
pub fn training_corpora(set_up: &SetUp<'_>, preset: &Preset, on: TrainedOn) -> Result<Vec<Corpus>> {
    let folder = set_up.project.corpora();
    let store = Store { root: &set_up.project.root, folder: &folder, toolchain: &set_up.toolchain };
    let seed = |corpus: &config::Corpus| match on {
        TrainedOn::Apart => corpus.training_seed,
        TrainedOn::Measured => corpus.training_seed.and(Some(corpus.seed)),
    };
    let all = set_up.project.config.corpora.iter();
    let trained = all.filter_map(|corpus| Some((corpus, seed(corpus)?)));
    trained.map(|(corpus, seed)| store.corpus(corpus, seed, preset.records_of(corpus))).collect()
}
