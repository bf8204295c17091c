//! The scenarios of a run: each on its corpus, with the answers that it must give and the iterations that fill a batch.

use crate::config::Preset;
use crate::corpora::Corpus;
use crate::error::{Error, Result};
use crate::glob;
use crate::machine;
use crate::process::Conditions;
use crate::subject::{Subject, Task};
use harness::judge::protocol::Described;
use harness::judge::wire::manifest;
use harness::judge::wire::results::Skip;
use std::collections::BTreeMap;
use std::time::Duration;

/// How many times as long as its arrivals take to come a visit of latency may last: the idle loop, and the work until it is
/// given up.
const PACES_A_VISIT: u64 = 6;

/// Does every name and glob choose something among these?
pub fn check_asked(asked: &[String], known: &[&str]) -> Result<()> {
    let chooses = |pattern: &&String| known.iter().any(|name| glob::matches(pattern, name));
    match asked.iter().find(|pattern| !chooses(pattern)) {
        Some(unknown) => Err(Error::unknown("scenario", unknown, known)),
        None => Ok(()),
    }
}

/// How scenarios are asked for what a run has to know beforehand.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// Its batches and its time limit.
    pub preset: &'a Preset,
    /// Are the corpora the user's own files? Then every scenario runs on each.
    pub own: bool,
}

impl Asking<'_> {
    /// Asking is not measuring: it may take longer.
    pub fn conditions(&self) -> Conditions {
        Conditions {
            limit: Duration::from_secs(self.preset.time_limit * 10),
            memory_limit: machine::memory_limit(self.preset),
            ..Conditions::default()
        }
    }

    /// Each chosen scenario on its corpus (or on each of the user's own files), with the answers that
    /// it must give and the iterations that fill a batch.
    pub fn scenarios(
        &self,
        reference: &Subject,
        declared: &[Described],
        corpora: &[Corpus],
        skipped: &mut Vec<Skip>,
    ) -> Result<Vec<manifest::Scenario>> {
        let conditions = self.conditions();
        let pinned = Conditions { cpu: machine::cpu_for_subjects(), ..conditions.clone() };
        let batch = Duration::from_millis(self.preset.batch_ms.into());
        let own = self.own;
        let mut scenarios = Vec::new();
        for described in declared {
            for corpus in corpora.iter().filter(|corpus| own || corpus.name == described.corpus) {
                let task = Task::new(&described.name, &corpus.path);
                let expected = reference.expect(task, corpus.truth.as_deref(), &conditions)?;
                let name =
                    if own { format!("{}/{}", described.name, corpus.name) } else { described.name.clone() };
                if let Some(reason) = expected.unsuited {
                    skipped.push(Skip { what: format!("scenario {name}"), reason, remedy: None });
                    continue;
                }
                let arrivals_per_second = match self.why_no_latency(described) {
                    None => described.arrivals_per_second,
                    Some(skip) => {
                        skipped.push(Skip { what: format!("latency of {name}"), ..skip });
                        0
                    }
                };
                scenarios.push(manifest::Scenario {
                    name,
                    declared: described.name.clone(),
                    version: described.version,
                    about: described.about.clone(),
                    corpus: corpus.name.clone(),
                    whole_command: described.whole_command,
                    all_cpus: described.all_cpus,
                    bytes: expected.bytes,
                    records: expected.records,
                    answers: expected.answers,
                    twice: BTreeMap::new(),
                    iterations: reference.calibrate(
                        task,
                        batch,
                        if described.all_cpus { &conditions } else { &pinned },
                    )?,
                    arrivals_per_second,
                    beside: (described.beside.iter())
                        .map(|other| if own { format!("{other}/{}", corpus.name) } else { other.clone() })
                        .collect(),
                });
            }
        }
        if scenarios.is_empty() {
            let why: Vec<String> =
                skipped.iter().map(|skip| format!("{}: {}", skip.what, skip.reason)).collect();
            return Err(Error::Usage(format!(
                "no scenario can be measured on this input. {}",
                why.join("; ")
            )));
        }
        Ok(scenarios)
    }

    /// Why the latency of a scenario whose records arrive would not be read within the time limit, were it asked for.
    fn why_no_latency(&self, described: &Described) -> Option<Skip> {
        let Preset { arrivals, time_limit, .. } = *self.preset;
        let rate = described.arrivals_per_second;
        let longest = arrivals.saturating_mul(PACES_A_VISIT) / rate.max(1);
        (rate > 0 && self.preset.reads_latency() && longest >= time_limit).then(|| Skip {
            what: String::new(),
            reason: format!(
                "{arrivals} arrivals at {rate} a second may take {longest} s in all, and the time limit of the preset is {time_limit} s"
            ),
            remedy: Some("in bench.toml, lower `arrivals` or raise `time-limit` of the preset".to_owned()),
        })
    }
}
