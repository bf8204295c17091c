//! `cargo bench`: the same scenarios, timed by the harness's own loop, analysed by criterion.
//!
//! The corpora are made by the generator when they are not there yet, unless the variable `ASSAY_CORPORA` names them, as a run
//! that has its visits set beside these figures does: `{"cdn": {"log": PATH, "truth": PATH}}`. A corpus whose name tells its
//! size is made at that size, unless it is of a million records. criterion's comparisons are its own; the labels of
//! `cargo xtask bench` come from visits, not from here.
//!
//! `cargo bench --features profile -- --profile-time 5 count/plain` samples instead, and leaves a flame graph and folded stacks
//! in criterion's folder. `cargo xtask profile` does more with less: other variants, differences, memory.

#[path = "../../src/allocator.rs"]
mod allocator;
#[path = "../tests/corpora/mod.rs"]
mod corpora;
mod sampling;

use criterion::{Criterion, Throughput};
use harness::subject::Corpus;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;

const SEED: u64 = 42;
/// Of a corpus whose name does not tell its size.
const RECORDS: u64 = 20_000;
/// A corpus that is larger is not made here: it fills the disk, and the plain list of it, whose answers are the right ones, the
/// memory, whichever scenarios were asked for.
const MOST_RECORDS: u64 = 100_000;

fn main() {
    eprintln!("allocator: {}", allocator::NAME);
    let named = named();
    // The whole command is not built by `cargo bench`.
    let all = scenarios::scenarios().into_iter().filter(|scenario| !scenario.is_whole_command());
    let (here, too_large): (Vec<_>, Vec<_>) = all
        .map(|scenario| (of_run(&named[scenario.corpus]).or_else(|| corpus(scenario.corpus)), scenario))
        .partition(|(corpus, _)| corpus.is_some());
    if !too_large.is_empty() {
        let names: Vec<_> = too_large.iter().map(|(_, scenario)| scenario.name).collect();
        eprintln!(
            "left out, as their corpora have more than {MOST_RECORDS} records and ASSAY_CORPORA names none: {}; \
             `cargo xtask bench --preset investigate` measures them",
            names.join(", ")
        );
    }
    let mut criterion = sampling::arranged(Criterion::default().configure_from_args());
    for (corpus, scenario) in here {
        let Some(corpus) = corpus else { continue };
        let expected = scenario.expect(&corpus).unwrap_or_else(|e| panic!("{}: {e}", scenario.name));
        let mut cell = scenario.prepare(&corpus, None).unwrap_or_else(|e| panic!("{}: {e}", scenario.name));
        for (query, answer) in expected.answers.iter().enumerate() {
            let given = cell.once(query, &mut || ()).unwrap_or_else(|e| panic!("{}: {e}", scenario.name));
            assert_eq!(given, *answer, "{} gives a wrong answer to query {query}", scenario.name);
        }
        let mut group = criterion.benchmark_group(scenario.name);
        group
            .throughput(Throughput::Bytes(expected.bytes))
            .sample_size(20)
            .measurement_time(Duration::from_secs(3));
        group.bench_function(scenario.corpus, |bencher| {
            bencher.iter_custom(|iterations| {
                cell.batch(iterations).unwrap_or_else(|e| panic!("{}: {e}", scenario.name)).elapsed
            });
        });
        group.finish();
    }
    criterion.final_summary();
}

/// The corpora that a run names, if one does.
fn named() -> Value {
    let Some(text) = std::env::var_os("ASSAY_CORPORA") else { return Value::Null };
    serde_json::from_str(&text.to_string_lossy()).unwrap_or_else(|e| panic!("ASSAY_CORPORA: {e}"))
}

fn of_run(named: &Value) -> Option<Corpus> {
    let path = named["log"].as_str()?.into();
    Some(Corpus { path, truth: named["truth"].as_str().map(PathBuf::from), bytes: None })
}

/// The corpus of this name, generated on the first use; none, if it is too large for that.
fn corpus(name: &str) -> Option<Corpus> {
    let records = corpora::records(name).unwrap_or(RECORDS);
    if records > MOST_RECORDS {
        return None;
    }
    let folder = folder();
    let path = folder.join(format!("criterion-{name}-{SEED}-{records}-{}.log", generator::FORMAT_VERSION));
    let truth = path.with_extension("truth.json");
    if !(path.is_file() && truth.is_file()) {
        std::fs::create_dir_all(&folder).unwrap_or_else(|e| panic!("making {}: {e}", folder.display()));
        corpora::write(name, SEED, records, &path, &truth);
    }
    Some(Corpus { path, truth: Some(truth), bytes: None })
}

/// `corpora` in the target folder that this bench was built into.
fn folder() -> PathBuf {
    let executable = std::env::current_exe().unwrap_or_default();
    let target = executable.ancestors().find(|folder| folder.ends_with("target"));
    target.unwrap_or(Path::new("target")).join("corpora")
}
