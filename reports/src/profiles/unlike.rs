//! What of the profiles is not of the run that they are shown with: they may be taken at any time after it.

use harness::judge::wire::profile::Origin;
use harness::judge::wire::results::Results;
use std::collections::BTreeSet;

/// A sentence that says so, if anything is.
pub(crate) fn unlike(results: &Results) -> Option<String> {
    let run = &results.provenance;
    let cpu = results.profiles.cpu.iter().map(|p| (p.scenario.as_str(), &p.origin));
    let memory = results.profiles.memory.iter().map(|m| (m.scenario.as_str(), &m.origin));
    let (mut compilers, mut revisions, mut corpora) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (scenario, origin) in cpu.chain(memory) {
        // The run's says LLVM's version besides.
        if !origin.compiler.is_empty() && !run.compiler.starts_with(&origin.compiler) {
            compilers.insert(origin.compiler.as_str());
        }
        if origin.revision != run.revision || origin.dirty != run.dirty {
            revisions.insert(sources(origin));
        }
        let measured = results.scenarios.iter().find(|facts| facts.name == scenario);
        if measured.is_none_or(|facts| facts.corpus_sha256 != origin.corpus_sha256) {
            corpora.insert(origin.corpus.as_str());
        }
    }
    let listed = |all: Vec<&str>| all.join(", ");
    let mut said = Vec::new();
    if !compilers.is_empty() {
        said.push(format!("built by {}, not by {}", listed(compilers.into_iter().collect()), run.compiler));
    }
    if !revisions.is_empty() {
        let revisions: Vec<&str> = revisions.iter().map(String::as_str).collect();
        said.push(format!("of other sources ({})", listed(revisions)));
    }
    if !corpora.is_empty() {
        said.push(format!("on other corpora of the names {}", listed(corpora.into_iter().collect())));
    }
    let (last, first) = said.split_last()?;
    let all = if first.is_empty() { last.clone() } else { format!("{} and {last}", first.join(", ")) };
    Some(format!(
        "These profiles were not taken of what the run measured, but {all}: their times are not those of the run."
    ))
}

fn sources(origin: &Origin) -> String {
    let revision = origin.revision.as_deref().map_or("no revision known", |all| all.get(..12).unwrap_or(all));
    let changes = if origin.dirty { " with uncommitted changes" } else { "" };
    format!("{revision}{changes}")
}
