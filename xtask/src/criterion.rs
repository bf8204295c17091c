//! criterion on the stopwatch under every variant: each saved as a baseline under the variant's name.
//!
//! Its samples are shown beside ours and not judged by its rules: it measures one variant after the
//! other, in one process each.

use crate::bolt;
use crate::building::{Recipe, Target, Workshop, is_to_linker};
use crate::corpora::Corpus;
use crate::error::{Doing, Result, failed};
use crate::files;
use crate::plan::Build;
use crate::progress::Progress;
use crate::run_folder::RunFolder;
use harness::judge::wire::manifest::Manifest;
use harness::judge::wire::results::CriterionFacts;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The name of the bench target that hands the scenarios to criterion.
const BENCH: &str = "criterion";

/// The variable that names the corpora to it.
const CORPORA: &str = "ASSAY_CORPORA";

/// Where criterion's own data and HTML go, below the run's folder.
pub const FOLDER: &str = "criterion";

/// What criterion is to run, and where its data go.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// Names of scenarios.
    pub scenarios: Vec<&'a str>,
    /// What the visits read: two medians stand side by side only where both are of one input.
    pub corpora: &'a [Corpus],
    /// The run's folder.
    pub folder: &'a RunFolder,
}

/// Why criterion can't run a variant; `None` where it can.
pub fn why_not(build: &Build) -> Option<&'static str> {
    if build.axes.bolt {
        return Some("criterion builds its own binary, and BOLT's layout is another's");
    }
    let to_linker = build.axes.rustc_flags().iter().any(|flag| is_to_linker(flag));
    to_linker.then_some("it has flags for the linker, which cargo bench takes for every program or for none")
}

/// Runs criterion's bench target under each of `builds`, with the `flags` that rustc was given for each besides, and saves its
/// baselines. Gives what went wrong: the run that it stands beside is whole without it.
pub fn run(
    workshop: &Workshop<'_>,
    builds: &[&Build],
    package: &str,
    flags: &BTreeMap<String, Vec<String>>,
    wanted: &Wanted<'_>,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut progress = Progress::begin("criterion", builds.len());
    for build in builds {
        progress.running(&build.name);
        let own = flags.get(&build.name).map(Vec::as_slice).unwrap_or_default();
        let recipe = recipe(workshop, build, package, own, wanted);
        let log = workshop.logs.join(format!("{}-criterion.log", build.name));
        let unchanged = || workshop.sources.check();
        let ran = unchanged().and_then(|()| workshop.spawn(&recipe, &log)).and_then(|_| unchanged());
        if ran.is_err() {
            // Some of its benchmarks may be there, and one of them in part.
            wrong.extend(forget(wanted.folder, &build.name).err().map(|error| error.to_string()));
        }
        if workshop.interrupt.asked() {
            wrong.push(format!("interrupted under {}", build.name));
            break;
        }
        if let Err(error) = ran {
            progress.tell(&format!("criterion under {}: {error}", build.name));
            wrong.push(format!("under {}: {error}", build.name));
        }
        progress.step();
    }
    progress.end();
    wrong
}

/// Was the run of this manifest to have criterion's baselines, and has it none?
pub fn is_missing(folder: &RunFolder, manifest: &Manifest) -> Result<bool> {
    let asked = manifest.command.iter().any(|word| word == "--criterion");
    Ok(asked && facts(folder, &manifest.experiment.variants)?.is_empty())
}

/// Removes the baselines of a variant.
fn forget(folder: &RunFolder, variant: &str) -> Result<()> {
    for group in folders(&folder.path().join(FOLDER))? {
        for bench in folders(&group)? {
            let baseline = bench.join(variant);
            if baseline.is_dir() {
                fs::remove_dir_all(&baseline).doing(|| format!("removing {}", baseline.display()))?;
            }
        }
    }
    Ok(())
}

/// The command: that of the measured binary with another verb and target.
fn recipe(
    workshop: &Workshop<'_>,
    build: &Build,
    package: &str,
    flags: &[String],
    wanted: &Wanted<'_>,
) -> Recipe {
    let kept: Vec<String> = flags.iter().filter(|flag| *flag != bolt::KEEP_RELOCATIONS).cloned().collect();
    let mut recipe =
        workshop.recipe(build, Target { package, binary: BENCH, features: &build.wanted }, &kept);
    for word in &mut recipe.command {
        match word.as_str() {
            "build" => "bench".clone_into(word),
            "--bin" => "--bench".clone_into(word),
            _ => {}
        }
    }
    recipe.command.retain(|word| !word.starts_with("--message-format"));
    recipe.command.extend(["--", "--save-baseline", &build.name].map(String::from));
    // criterion takes a regular expression; a scenario's name stands before its corpus's.
    recipe.command.push(format!("^({})/[^/]+$", wanted.scenarios.join("|")));
    let home = wanted.folder.path().join(FOLDER).display().to_string();
    recipe.environment.insert("CRITERION_HOME".to_owned(), home);
    recipe.environment.insert(CORPORA.to_owned(), named(wanted.corpora).to_string());
    for (name, value) in &build.axes.env {
        recipe.environment.insert(name.clone(), value.clone());
    }
    recipe
}

/// The corpora by their names, as the bench target takes them; of several of one name (an instrument may have a small one of its
/// own behind) the first.
fn named(corpora: &[Corpus]) -> Value {
    let mut named = Map::new();
    for corpus in corpora {
        let files = || json!({ "log": corpus.path, "truth": corpus.truth });
        named.entry(corpus.name.clone()).or_insert_with(files);
    }
    Value::Object(named)
}

/// What criterion found, read from the baselines below the run's folder; empty where it did not run.
pub fn facts(folder: &RunFolder, variants: &[String]) -> Result<Vec<CriterionFacts>> {
    let home = folder.path().join(FOLDER);
    let mut facts = Vec::new();
    for group in folders(&home)? {
        for bench in folders(&group)? {
            for variant in variants {
                let estimates = bench.join(variant).join("estimates.json");
                if estimates.is_file() {
                    facts.push(read(&bench.join(variant), variant)?);
                }
            }
        }
    }
    Ok(facts)
}

/// Reads one baseline: its estimates, its sample and the name of its benchmark.
fn read(baseline: &Path, variant: &str) -> Result<CriterionFacts> {
    let json = |name: &str| -> Result<Value> {
        let path = baseline.join(name);
        let doing = || format!("reading criterion's {}", path.display());
        serde_json::from_slice(&fs::read(&path).doing(doing)?).doing(doing)
    };
    let (estimates, sample, benchmark) =
        (json("estimates.json")?, json("sample.json")?, json("benchmark.json")?);
    let median = &estimates["median"];
    let interval = &median["confidence_interval"];
    let figures = (
        benchmark["group_id"].as_str(),
        median["point_estimate"].as_f64(),
        interval["lower_bound"].as_f64(),
        interval["upper_bound"].as_f64(),
        sample["times"].as_array().map(Vec::len),
    );
    let (Some(scenario), Some(median_ns), Some(low_ns), Some(high_ns), Some(samples)) = figures else {
        return failed(format!(
            "criterion's baseline {} is of another form than this build reads",
            baseline.display()
        ));
    };
    Ok(CriterionFacts {
        scenario: scenario.to_owned(),
        variant: variant.to_owned(),
        median_ns,
        low_ns,
        high_ns,
        samples,
    })
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = files::within(folder)?;
    found.retain(|path| path.is_dir() && path.file_name().is_some_and(|name| name != "report"));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn criterion_reads_what_the_visits_read() {
        let corpus = |name: &str, path: &str, truth: Option<&str>| Corpus {
            name: name.to_owned(),
            path: path.into(),
            truth: truth.map(PathBuf::from),
            sha256: String::new(),
            bytes: 1,
            command: Vec::new(),
        };
        let corpora = [corpus("cdn", "/c/a.log", Some("/c/a.json")), corpus("app", "/c/b.log", None)];
        let with_small = [&corpora[..], &[corpus("cdn", "/c/small.log", None)]].concat();
        let expected = json!({
            "cdn": { "log": "/c/a.log", "truth": "/c/a.json" },
            "app": { "log": "/c/b.log", "truth": null },
        });
        assert_eq!(named(&with_small), expected);
    }

    #[test]
    fn baselines_are_read_as_criterion_writes_them() {
        let runs = tempfile::tempdir().expect("a folder");
        let folder = RunFolder::create(runs.path(), "r").expect("made");
        let variants = ["release".to_owned(), "other".to_owned()];
        assert!(facts(&folder, &variants).expect("none").is_empty());
        let baseline = folder.path().join("criterion/count_fast/cdn/release");
        fs::create_dir_all(&baseline).expect("made");
        fs::create_dir_all(folder.path().join("criterion/report")).expect("made");
        let write = |name: &str, text: &str| fs::write(baseline.join(name), text).expect("written");
        write(
            "estimates.json",
            r#"{"median":{"confidence_interval":{"confidence_level":0.95,"lower_bound":9.0,"upper_bound":11.0},"point_estimate":10.0,"standard_error":1.0}}"#,
        );
        write("sample.json", r#"{"sampling_mode":"Flat","iters":[1.0,1.0],"times":[10.0,10.0]}"#);
        write("benchmark.json", r#"{"group_id":"count/fast","function_id":"cdn"}"#);
        let facts = facts(&folder, &variants).expect("read");
        assert_eq!(facts.len(), 1);
        assert_eq!(
            (facts[0].scenario.as_str(), facts[0].median_ns, facts[0].samples),
            ("count/fast", 10.0, 2)
        );
        write("sample.json", "{}");
        assert!(super::facts(&folder, &variants).is_err());
        // What broke off leaves nothing that would be read, and the others' stay.
        fs::create_dir_all(folder.path().join("criterion/count_fast/cdn/other")).expect("made");
        forget(&folder, "release").expect("forgotten");
        assert!(super::facts(&folder, &variants).expect("none").is_empty());
        assert!(!baseline.exists() && folder.path().join("criterion/count_fast/cdn/other").is_dir());
    }
}
