//! One round of a gate: a run of its own, with a folder of its own.

use super::{BASE, HEAD, HEAPS, Judging};
use crate::config::{self, CONTROL};
use crate::corpora::{Corpus, Store};
use crate::counting::Counted;
use crate::draft::Draft;
use crate::error::{Doing, Result, failed};
use crate::experiment::{End, visits};
use crate::run_folder::RunFolder;
use crate::scenarios::Asking;
use crate::set_up::Variant;
use crate::subject::Subject;
use crate::{calibration, machine};
use harness::judge::budget;
use harness::judge::evaluate::evaluate;
use harness::judge::exact::{self, Compared};
use harness::judge::protocol::Described;
use harness::judge::wire::gate::{ExactMetric, Gate, NotCompared};
use harness::judge::wire::manifest::InstrumentPlan;
use harness::judge::wire::results::Results;
use harness::judge::wire::sample::Instrument;
use std::collections::BTreeMap;

/// What the first round measures besides time and resident memory.
#[derive(Default)]
pub(super) struct Besides<'a> {
    pub(super) heaps: Option<&'a [Variant; 2]>,
    pub(super) counted: Counted,
}

impl Judging<'_> {
    /// Measures these scenarios in so many blocks and judges them; what has no tolerance goes into the gate at once.
    pub(super) fn round(
        &self,
        what: &str,
        built: &[Variant; 2],
        besides: Besides<'_>,
        scenarios: &[Described],
        blocks: u32,
        gate: &mut Gate,
    ) -> Result<Results> {
        let [base, head] = built;
        let began = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let run = format!("{}-{what}", self.name);
        let mut corpora = self.corpora(scenarios, |corpus| self.preset.records_of(corpus))?;
        let mut skipped = Vec::new();
        let asking = Asking { preset: self.preset, own: false };
        let measured = asking.scenarios(&base.subject, scenarios, &corpora, &mut skipped)?;
        let builds = [base.record.clone(), head.record.clone()];
        let draft = Draft {
            run: &run,
            began: &began,
            preset: (self.flags.sides.preset(), self.preset),
            input: &[],
            set_up: &self.sides[1],
            builds: &builds,
            corpora: &corpora,
            blocks: Some(blocks),
            counted: &besides.counted,
            calibration: calibration::cited(self.project, &machine::facts(), blocks)?,
            seed: self.seed(what),
        };
        let mut manifest = draft.manifest(measured);
        gate.not_compared.extend(skipped.iter().map(|skip| {
            let (scenario, reason) = (skip.what.clone(), skip.reason.clone());
            NotCompared { scenario, reason, broken: false, open: None }
        }));
        manifest.skipped = skipped;
        // Tails of so few blocks stay open on most machines: a change is not judged by them.
        manifest.experiment.instruments.retain(|plan| plan.instrument != Instrument::Latency);
        let mut in_process = Vec::new();
        manifest.experiment.planned_by = Some(format!("{blocks} blocks of the gate's round {what:?}"));
        for plan in &mut manifest.experiment.instruments {
            match plan.instrument {
                Instrument::Clock => plan.blocks = blocks,
                Instrument::Rss => {
                    plan.blocks = blocks;
                    in_process.clone_from(&plan.scenarios);
                }
                Instrument::Latency | Instrument::Heap | Instrument::Count => {}
            }
        }
        let mut arms: BTreeMap<String, Subject> = BTreeMap::from([
            (BASE.to_owned(), base.subject.clone()),
            (HEAD.to_owned(), head.subject.clone()),
            (CONTROL.to_owned(), self.sides[0].control(base)?),
        ]);
        if let Some(heaps) = besides.heaps.filter(|_| !in_process.is_empty()) {
            manifest.experiment.instruments.push(InstrumentPlan {
                instrument: Instrument::Heap,
                blocks: self.preset.heap_visits.max(2),
                scenarios: in_process,
            });
            for heap in heaps {
                let name = heap.record.variant.clone();
                manifest.builds.push(heap.record.clone());
                manifest.experiment.heaps.push(name.clone());
                arms.insert(name, heap.subject.clone());
            }
        }
        let folder = RunFolder::create(&self.project.runs(), &run)?;
        folder.write_manifest(&manifest)?;
        eprintln!("round {what:?}: {} scenarios, {blocks} blocks", manifest.scenarios.len());
        for warning in budget::too_few(&manifest.experiment.instruments, 1) {
            eprintln!("warning: {warning}");
        }
        corpora.extend(besides.counted.corpora);
        if visits(&self.sides[1].interrupt, &folder, &manifest, &arms, &corpora)? == End::Interrupted {
            return failed(format!("interrupted; what was measured is in {}", folder.path().display()));
        }
        let samples = folder.samples()?;
        let results = evaluate(&manifest, &samples);
        let limit = |metric: ExactMetric, scenario: &str| self.exact_limit(metric, scenario);
        let least = self.project.config.margins.memory_bytes;
        for Compared { exact, not_compared } in [
            exact::instructions(&manifest, &samples, [BASE, HEAD], limit),
            exact::heaps(&manifest, &samples, HEAPS, least, limit),
        ] {
            gate.exact.extend(exact);
            gate.not_compared.extend(not_compared);
        }
        folder.write_results(&results)?;
        reports::write(&results, folder.path())
            .doing(|| format!("writing the report into {}", folder.path().display()))?;
        gate.runs.push(run);
        Ok(results)
    }

    pub(super) fn corpora(
        &self,
        scenarios: &[Described],
        records: impl Fn(&config::Corpus) -> u64,
    ) -> Result<Vec<Corpus>> {
        let folder = self.project.corpora();
        let store = Store { root: &self.project.root, folder: &folder, toolchain: &self.sides[1].toolchain };
        let all = self.project.config.corpora.iter();
        all.filter(|corpus| scenarios.iter().any(|scenario| scenario.corpus == corpus.name))
            .map(|corpus| store.corpus(corpus, corpus.seed, records(corpus)))
            .collect()
    }
}
