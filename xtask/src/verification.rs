//! Before a variant is measured it answers every scenario rightly on a small corpus.
//!
//! What it gets wrong is told and not measured; the rest goes on. Binaries that were right before are not
//! asked again.

use crate::corpora::Corpus;
use crate::error::{Doing, Result};
use crate::files::write_whole;
use crate::hash;
use crate::process::Conditions;
use crate::subject::{Subject, Task};
use harness::judge::ledger::compare_answers;
use harness::judge::protocol::{Described, Expected};
use harness::judge::wire::manifest::BrokenCell;
use harness::judge::wire::sample::{Instrument, Outcome};
use std::path::PathBuf;

/// Records of the small corpora.
pub const RECORDS: u64 = 500;

/// The small corpora, and the right answers on them.
#[derive(Debug)]
pub struct Verification {
    tasks: Vec<(Described, Corpus, Vec<String>)>,
    conditions: Conditions,
    /// Where it is remembered which binaries were right.
    folder: PathBuf,
}

impl Verification {
    /// Asks the reference, or rather the truth of each corpus, for the right answers.
    pub fn prepare(
        reference: &Subject,
        scenarios: &[Described],
        corpora: &[Corpus],
        conditions: Conditions,
        folder: PathBuf,
    ) -> Result<Self> {
        let mut tasks = Vec::new();
        for scenario in scenarios {
            let Some(corpus) = corpora.iter().find(|corpus| corpus.name == scenario.corpus) else { continue };
            let task = Task::new(&scenario.name, &corpus.path);
            let expected: Expected = reference.expect(task, corpus.truth.as_deref(), &conditions)?;
            if expected.unsuited.is_none() {
                tasks.push((scenario.clone(), corpus.clone(), expected.answers));
            }
        }
        Ok(Self { tasks, conditions, folder })
    }

    /// The scenarios that `subject`, built as `variant` from binaries of these hashes, gets wrong.
    pub fn broken(&self, variant: &str, subject: &Subject, hashes: &[&str]) -> Result<Vec<BrokenCell>> {
        let kept = self.folder.join(self.key(hashes));
        if kept.is_file() {
            return Ok(Vec::new());
        }
        let mut broken = Vec::new();
        for (scenario, corpus, answers) in &self.tasks {
            // The heap build has no command.
            if scenario.whole_command && subject.command.is_none() {
                continue;
            }
            let task = Task::new(&scenario.name, &corpus.path);
            let once = [("iterations", 1), ("batches", 1)];
            let visit = || subject.visit(Instrument::Clock, task, &once, &self.conditions).outcome;
            // What may come from outside does not void a cell under every instrument before it is looked at twice.
            let outcome = match visit() {
                Outcome::Failed(failure) if failure.may_be_passing() => visit(),
                outcome => outcome,
            };
            let why = match outcome {
                Outcome::Failed(failure) => Some(failure.to_string()),
                Outcome::Measured(measured) => compare_answers(answers, Instrument::Clock, &measured),
            };
            if let Some(reason) = why {
                let (scenario, variant) = (scenario.name.clone(), variant.to_owned());
                broken.push(BrokenCell { scenario, variant, reason: format!("{reason}, on a small corpus") });
            }
        }
        if broken.is_empty() {
            let doing = || format!("remembering a verification in {}", self.folder.display());
            std::fs::create_dir_all(&self.folder).doing(doing)?;
            write_whole(&kept, b"").doing(doing)?;
        }
        Ok(broken)
    }

    fn key(&self, hashes: &[&str]) -> String {
        let tasks = self.tasks.iter().flat_map(|(scenario, corpus, answers)| {
            [scenario.name.as_str(), corpus.sha256.as_str()]
                .into_iter()
                .chain(answers.iter().map(String::as_str))
        });
        hash::of_parts(["verified 1"].into_iter().chain(hashes.iter().copied()).chain(tasks))
    }
}
