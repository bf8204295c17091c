//! Training runs for PGO and BOLT: fixed passes over the training corpora, equal work per scenario, no
//! stopwatch.

use crate::corpora::Corpus;
use crate::error::Result;
use crate::process::Conditions;
use crate::subject::{Subject, Task};
use std::ffi::OsString;
use std::time::Duration;

/// Each scenario is trained on this many bytes, to whole passes: equal work, whatever its corpus.
const BYTES: u64 = 32 << 20;

/// What binaries are trained on.
#[derive(Clone, Copy, Debug)]
pub struct Training<'a> {
    /// Corpora of the training seed, by name.
    pub corpora: &'a [Corpus],
    /// A training run is stopped after this.
    pub limit: Duration,
}

impl Training<'_> {
    /// Everything that decides what a training run does, for keys.
    pub fn key(&self) -> Vec<String> {
        let corpora = self.corpora.iter().flat_map(|corpus| [corpus.name.clone(), corpus.sha256.clone()]);
        corpora.chain([BYTES.to_string()]).collect()
    }

    /// Runs every scenario that has a training corpus, with this environment.
    pub fn run(&self, subject: &Subject, environment: Vec<(OsString, OsString)>) -> Result<()> {
        let conditions = Conditions { environment, limit: self.limit, ..Conditions::default() };
        for scenario in subject.describe(&conditions)?.scenarios {
            let Some(corpus) = self.corpora.iter().find(|corpus| corpus.name == scenario.corpus) else {
                continue;
            };
            let task = Task { scenario: &scenario.name, corpus: &corpus.path };
            let pass = corpus.bytes.max(1) * scenario.queries.max(1);
            subject.train(task, BYTES.div_ceil(pass), &conditions)?;
        }
        Ok(())
    }
}
