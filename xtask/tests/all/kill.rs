//! Builds that are killed at any moment leave nothing half-made that a later run would take for good.

use crate::project::Project;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

#[test]
fn a_killed_build_poisons_nothing() {
    let project = &Project::new();
    let variants = "release,one-unit,trained";
    // From before the first compiler runs to well into the builds, whatever the machine's pace.
    for (round, milliseconds) in [60, 400, 900, 1_700, 2_600, 4_000].into_iter().enumerate() {
        let name = format!("killed-{round}");
        let mut child = project
            .command(&["bench", "--name", &name, "--variants", variants])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        std::thread::sleep(Duration::from_millis(milliseconds));
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
    }
    let whole = project.run(&["bench", "--name", "whole", "--variants", variants]);
    whole.expect(0, &["report:"]);
    let results = project.results("whole");
    assert_eq!(results["invalid"].as_array().map(Vec::len), Some(0), "every answer is right");
    let skipped = results["skipped"].as_array().expect("a list");
    if !skipped.is_empty() {
        println!("skipped: killing builds with PGO ({})", skipped[0]["reason"]);
    }
    // What is kept is kept under its hash: each file is what its name says.
    let store = project.folder.path().join("target/variants/store");
    let kept: Vec<_> = fs::read_dir(&store).expect("the store").flatten().map(|entry| entry.path()).collect();
    assert!(kept.len() >= 3, "{kept:?}");
    for path in kept.iter().filter(|path| !is_partial(path)) {
        let digest = Sha256::digest(fs::read(path).expect("read"));
        let sum: String = digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let (hash, _) = name.split_once('.').expect("a role");
        assert!(sum.starts_with(hash), "{name}");
    }
    let again = project.run(&["bench", "--name", "again", "--variants", variants]);
    again.expect(0, &["report:"]);
    let binary = |run: &str| project.results(run)["variants"][0]["binary"]["sha256"].clone();
    assert_eq!(binary("whole"), binary("again"));
}

fn is_partial(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.to_string_lossy().starts_with("partial-"))
}
