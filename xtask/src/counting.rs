//! Which scenarios are counted, and on what: small corpora, since a counter is slow and needs no many iterations.

use crate::corpora::Corpus;
use crate::error::Result;
use crate::process::Conditions;
use crate::subject::{Subject, Task};
use harness::judge::protocol::Described;
use harness::judge::wire::manifest;
use std::collections::BTreeMap;
use std::time::Duration;

/// Records of the corpora on which instructions are counted.
pub const RECORDS: u64 = 500;
/// What the names of such corpora and scenarios end with.
pub const SMALL: &str = "/small";
/// The version of the visit protocol in which binaries learned to be counted.
pub const COUNTING: u32 = 2;

/// What is counted. It has names of its own, since another corpus makes another scenario.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    /// The scenarios, as `suite/name/small`.
    pub scenarios: Vec<manifest::Scenario>,
    /// Their corpora.
    pub corpora: Vec<Corpus>,
}

/// Plans the counting of scenarios on small corpora. Left out are those that work with several threads, whose waiting
/// would be counted, and whole commands, since only one process is watched.
pub fn planned(
    reference: &Subject,
    scenarios: &[Described],
    corpora: &[Corpus],
    limit: Duration,
) -> Result<Counted> {
    let conditions = Conditions { limit, ..Conditions::default() };
    let mut counted = Counted::default();
    for described in scenarios.iter().filter(|one| !one.all_cpus && !one.whole_command) {
        let Some(corpus) = corpora.iter().find(|corpus| corpus.name == described.corpus) else { continue };
        let task = Task::new(&described.name, &corpus.path);
        let expected = reference.expect(task, corpus.truth.as_deref(), &conditions)?;
        if expected.unsuited.is_some() {
            continue;
        }
        let small = format!("{}{SMALL}", corpus.name);
        counted.scenarios.push(manifest::Scenario {
            name: format!("{}{SMALL}", described.name),
            declared: described.name.clone(),
            version: described.version,
            about: described.about.clone(),
            corpus: small.clone(),
            whole_command: false,
            all_cpus: false,
            bytes: expected.bytes,
            records: expected.records,
            answers: expected.answers,
            twice: BTreeMap::new(),
            iterations: 1,
            arrivals_per_second: 0,
            beside: Vec::new(),
        });
        if !counted.corpora.iter().any(|known| known.name == small) {
            counted.corpora.push(Corpus { name: small, ..corpus.clone() });
        }
    }
    Ok(counted)
}
