//! `--cold`: a run whose files are read from the disk.
//!
//! Before each visit the corpus is put out of the page cache, and the visit is one iteration without a warm-up. Programs and
//! libraries stay in the cache. Only what reads its file inside the measured part can be measured so.

use crate::error::{Error, Result, failed};
use crate::experiment::Experiment;
use crate::interrupt::Interrupt;
use crate::machine;
use crate::page_cache;
use crate::preparing::Prepared;
use crate::progress::Progress;
use harness::judge::wire::results::Skip;
use harness::judge::wire::sample::{Failure, Instrument, Outcome};

/// Makes a prepared run a cold one. Each scenario is tried with the reference: one that reads nothing from the disk while it
/// is measured is left out. The samples of these trials are thrown away.
pub fn plan(prepared: &mut Prepared, interrupt: &Interrupt) -> Result<()> {
    for corpus in &prepared.corpora {
        page_cache::evict(&corpus.path).map_err(|why| Error::Usage(format!("--cold: {why}")))?;
    }
    let manifest = &mut prepared.manifest;
    manifest.experiment.cold = true;
    manifest.experiment.batches = 1;
    let (clock, others): (Vec<_>, Vec<_>) = std::mem::take(&mut manifest.experiment.instruments)
        .into_iter()
        .partition(|plan| plan.instrument == Instrument::Clock);
    manifest.experiment.instruments = clock;
    manifest.skipped.extend(others.iter().map(|plan| Skip {
        what: format!("instrument {}", plan.instrument),
        reason:
            "a cold run reads the clock alone: the page cache does not change what this one reads".to_owned(),
        remedy: Some("a run without --cold".to_owned()),
    }));
    for scenario in &mut manifest.scenarios {
        scenario.iterations = 1;
    }
    let warm = warm(prepared, interrupt)?;
    let manifest = &mut prepared.manifest;
    for plan in &mut manifest.experiment.instruments {
        plan.scenarios.retain(|name| !warm.contains(name));
    }
    let planned = manifest.experiment.instruments.iter().flat_map(|plan| &plan.scenarios);
    let planned: Vec<String> = planned.cloned().collect();
    manifest.scenarios.retain(|scenario| planned.contains(&scenario.name));
    manifest.skipped.extend(warm.into_iter().map(|name| Skip {
        what: format!("scenario {name}"),
        reason: "it reads nothing from the disk while it is measured: its file is read before".to_owned(),
        remedy: None,
    }));
    if manifest.scenarios.is_empty() {
        return Err(Error::Usage(
            "--cold: no scenario that was asked for reads its file inside the measured part".to_owned(),
        ));
    }
    Ok(())
}

/// The scenarios whose trial read nothing from the disk.
fn warm(prepared: &Prepared, interrupt: &Interrupt) -> Result<Vec<String>> {
    let Prepared { manifest, arms, corpora, .. } = prepared;
    let cpu = machine::cpu_for_subjects();
    let experiment = Experiment { manifest, arms, corpora, cpu, counter: None, copies: None, interrupt };
    let mut warm = Vec::new();
    for plan in &manifest.experiment.instruments {
        let mut progress =
            Progress::begin("trying out which scenarios read from the disk", plan.scenarios.len());
        for name in &plan.scenarios {
            if interrupt.asked() {
                return failed(
                    "interrupted before the first visit: nothing was measured, and the builds are kept",
                );
            }
            progress.running(name);
            let Some(scenario) = manifest.scenario(name) else { continue };
            let sample = experiment.trial(plan, scenario, &manifest.experiment.reference);
            // Any other failure comes again in the first block, and is told there.
            if matches!(sample.outcome, Outcome::Failed(Failure::NotCold { .. })) {
                warm.push(name.clone());
            }
            progress.step();
        }
        progress.end();
    }
    Ok(warm)
}
