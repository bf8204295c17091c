//! `cargo xtask bench --resume`: takes up a run that was interrupted.

use super::{Project, report};
use crate::config::CONTROL;
use crate::corpora::Corpus;
use crate::error::{Result, failed};
use crate::experiment::visits;
use crate::interrupt::Interrupt;
use crate::lock::MachineLock;
use crate::run_folder::RunFolder;
use crate::subject::Subject;
use crate::{building, criterion, hash, machine};
use harness::judge::wire::manifest;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

/// Takes up an interrupted run with the very binaries and corpora that it began with.
pub fn run(project: &Project, name: &str) -> Result<ExitCode> {
    let folder = RunFolder::open(&project.runs(), name)?;
    let manifest = folder.manifest()?;
    let interrupt = Interrupt::listen()?;
    let _lock = MachineLock::take(&project.runs())?;
    let now = machine::facts();
    if (&now.cpu, now.cpus) != (&manifest.machine.cpu, manifest.machine.cpus) {
        return failed(format!(
            "the run {} began on another machine: its samples can't be mixed with new ones; begin anew",
            manifest.run
        ));
    }
    let mut arms = BTreeMap::new();
    let store = project.binaries();
    let find = |sha256: &str, role: &str| -> Result<PathBuf> {
        let path = building::place(&store, sha256, role);
        if path.is_file() && hash::of_file(&path)? == sha256 {
            return Ok(path);
        }
        failed(format!("the binary {} of the run is gone or changed: begin anew", path.display()))
    };
    let of = |build: &manifest::Build, binary: &str, command: &str| -> Result<Subject> {
        let command = match &build.command {
            Some(facts) => Some(find(&facts.sha256, command)?),
            None => None,
        };
        Ok(Subject { binary: find(&build.binary.sha256, binary)?, command })
    };
    for build in manifest.builds.iter().filter(|build| build.identical_to.is_none()) {
        arms.insert(build.variant.clone(), of(build, building::SUBJECT, building::COMMAND)?);
        if build.variant == manifest.experiment.reference {
            arms.insert(CONTROL.to_owned(), of(build, building::CONTROL_SUBJECT, building::CONTROL_COMMAND)?);
        }
    }
    let mut corpora = Vec::new();
    for corpus in &manifest.corpora {
        if !corpus.file.is_file() || hash::of_file(&corpus.file)? != corpus.sha256 {
            return failed(format!(
                "the corpus {} of the run is gone or changed: begin anew",
                corpus.file.display()
            ));
        }
        let (name, path, sha256) = (corpus.name.clone(), corpus.file.clone(), corpus.sha256.clone());
        corpora.push(Corpus {
            name,
            path,
            truth: None,
            sha256,
            bytes: corpus.bytes,
            command: corpus.command.clone(),
        });
    }
    let ended = visits(&interrupt, &folder, &manifest, &arms, &corpora)?;
    let concluded = report::conclude(&folder, &manifest, ended);
    // What can't be read of it, the report has told.
    if matches!(criterion::is_missing(&folder, &manifest), Ok(true)) {
        eprintln!(
            "the run {} was begun with --criterion, which --resume does not take up: its report is without criterion's figures, \
             and a new run can have them",
            manifest.run
        );
    }
    concluded
}
