//! The results of a run as they are kept: made again from its samples, or read from `results.json` where those were not kept.

use crate::criterion;
use crate::error::{Doing, Error, Result, failed};
use crate::run_folder::{PACKED_SAMPLES, RunFolder, SAMPLES};
use harness::judge::evaluate::evaluate;
use harness::judge::wire::Schema;
use harness::judge::wire::results::{Results, SCHEMA, VERSION};
use std::fs;
use std::path::Path;

/// The results of `run`: the name of a run below `runs`, its folder, a `results.json`, or (empty) the newest run.
///
/// Where the samples are there, they are the truth; a folder that was published without them is read from its
/// `results.json`.
pub fn read(runs: &Path, run: &str) -> Result<Results> {
    let given = Path::new(run);
    if given.is_file() {
        return read_file(given);
    }
    let kept = given.join("results.json");
    let in_runs = !run.is_empty() && runs.join(run).is_dir();
    let has_samples = [SAMPLES, PACKED_SAMPLES].iter().any(|name| given.join(name).is_file());
    if !in_runs && !has_samples && kept.is_file() {
        return read_file(&kept);
    }
    let folder = RunFolder::open(runs, run)?;
    let (manifest, samples) = (folder.manifest()?, folder.samples()?);
    let mut results = evaluate(&manifest, &samples);
    results.criterion = criterion::facts(&folder, &manifest.experiment.variants)?;
    Ok(results)
}

/// A `results.json` of any version that this build can read; an error names the file and says what to do.
pub fn read_file(path: &Path) -> Result<Results> {
    let doing = || format!("reading {}", path.display());
    let text = fs::read(path).doing(doing)?;
    parse(&text).map_err(|why| Error::Failed(format!("{}: {why}", doing())))
}

fn parse(text: &[u8]) -> Result<Results> {
    let value: serde_json::Value = serde_json::from_slice(text).map_err(|error| {
        Error::Failed(format!(
            "it is no JSON, or was cut off ({error}): `cargo xtask report RUN` makes it again"
        ))
    })?;
    let Ok(schema) = serde_json::from_value::<Schema>(value["schema"].clone()) else {
        return failed("it names no schema: it is not a results.json of this tool");
    };
    schema.check(SCHEMA, VERSION).map_err(|why| Error::Failed(why.to_string()))?;
    serde_json::from_value(value).map_err(|error| {
        let older = if schema.version < VERSION { ", which this build no longer reads as it is" } else { "" };
        Error::Failed(format!(
            "it is {SCHEMA} version {}{older} ({error}): `cargo xtask report RUN` makes it again from the run's samples",
            schema.version
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        parse(text.as_bytes()).expect_err("refused").to_string()
    }

    #[test]
    fn what_is_not_results_of_a_known_version_is_refused_with_the_remedy() {
        let newer = format!("{{\"schema\": {{\"name\": \"{SCHEMA}\", \"version\": {}}}}}", VERSION + 1);
        assert!(refused(&newer).contains("use a newer build"), "{}", refused(&newer));
        let older = format!("{{\"schema\": {{\"name\": \"{SCHEMA}\", \"version\": 1}}}}");
        let why = refused(&older);
        assert!(why.contains("version 1, which") && why.contains("cargo xtask report RUN"), "{why}");
        let other = "{\"schema\": {\"name\": \"assay.manifest\", \"version\": 1}}";
        assert!(refused(other).contains("\"assay.manifest\""), "{}", refused(other));
        assert!(refused("{}").contains("names no schema"));
        assert!(refused("{\"schema\": ").contains("cut off"));
        assert!(refused("").contains("cut off"));
    }
}
