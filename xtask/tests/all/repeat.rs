//! `cargo xtask repeat` on a project with a history of its own.

use crate::project::{Ended, Project};
use serde_json::Value;
use std::fs;
use std::process::Command;

fn manifest(project: &Project, run: &str) -> Value {
    let text = fs::read(project.file(run, "manifest.json")).expect("manifest.json");
    serde_json::from_slice(&text).expect("JSON")
}

/// A run under another name whose manifest says something else.
fn altered(project: &Project, to: &str, alter: impl FnOnce(&mut Value)) {
    project.clone_run("first", to, &project.samples("first"));
    let mut json = manifest(project, "first");
    json["run"] = to.into();
    alter(&mut json);
    fs::write(project.file(to, "manifest.json"), json.to_string()).expect("written");
}

#[test]
fn a_run_is_repeated_and_what_differs_is_told() {
    let project = &Project::new();
    let folder = project.folder.path();
    let git = |arguments: &[&str]| {
        let who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"];
        let ended = Command::new("git").args(who).args(arguments).current_dir(folder).output().expect("git");
        Ended::of(ended).expect(0, &[]);
    };
    fs::write(folder.join(".gitignore"), "target\n").expect("written");
    let toml = folder.join("bench.toml");
    let text = fs::read_to_string(&toml).expect("read");
    let (before, quick) = text.split_once("[preset.quick]").expect("a preset");
    let (quick, after) = quick.split_once("[margins]").expect("margins");
    // How many records there are is said by the corpus here, and not by the preset.
    let (said, records) = ("training-seed = 2", "records = { numbers = 2000 }");
    assert!(before.contains(said) && quick.contains(records));
    let before = before.replace(said, "training-seed = 2\nrecords = 2000");
    let quick = quick.replace(records, "records = {}");
    let counted = format!("[preset.counted]{}\ncount = true\n", quick.trim_end());
    fs::write(&toml, format!("{before}[preset.quick]{quick}{counted}\n[margins]{after}")).expect("written");
    project.run(&["bench", "--dry-run"]).expect(0, &["numbers", "2000 records, seed 1"]);
    // cargo writes its lock file anew before there is a commit.
    project.run(&["list"]).expect(0, &["sum/fine"]);
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "start"]);
    let bench =
        ["bench", "--name", "first", "--blocks", "9", "--seed", "7", "--variants", "one-unit,release"];
    project.run(&bench).expect(0, &[]);
    project.run(&["repeat", "nowhere"]).expect(2, &["no run \"nowhere\"", "first"]);

    project.run(&["repeat", "first", "--name", "second"]).expect(
        0,
        &["repeats the run first", "nothing differs", "then and now: each against one-unit", "of 3"],
    );
    let [first, second] = ["first", "second"].map(|run| manifest(project, run));
    for part in ["experiment", "scenarios", "corpora", "toolchain", "preset", "source"] {
        assert_eq!(first[part], second[part], "{part}");
    }
    assert_eq!(second["experiment"]["seed"], 7);
    let warnings = second["warnings"].to_string();
    assert!(warnings.contains("this repeats the run first; from then: nothing differs"), "{warnings}");
    assert_eq!(project.samples("second").len(), project.samples("first").len());

    what_can_not_be_repeated_is_refused(project);
    small_corpora_are_those_of_then_too(project);

    let main = folder.join("src/main.rs");
    let text = fs::read_to_string(&main).expect("read");
    fs::write(&main, text.replace("bytes.iter().map(", "bytes.iter().rev().map(")).expect("written");
    project.run(&["repeat", "first", "--dry-run"]).expect(0, &["uncommitted changes now", "9 blocks"]);
    git(&["commit", "--quiet", "--all", "--message", "otherwise"]);
    project.run(&["repeat", "first", "--dry-run"]).expect(0, &["differs: revision:", "git checkout"]);
    project.run(&["repeat", "first", "--name", "later"]).expect(
        0,
        &["differs: revision:", "differs: binaries: not the same, byte for byte, as then: one-unit, release"],
    );
    let past = project.run(&["repeat", "first", "--name", "past", "--at-revision"]);
    past.expect(0, &["nothing differs", "the intervals overlap in"]);
    let hashes = |run: &str| {
        let builds = manifest(project, run)["builds"].as_array().expect("a list").clone();
        builds.iter().map(|build| build["binary"]["sha256"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(hashes("past"), hashes("first"));
    assert_ne!(hashes("later"), hashes("first"));

    let text = fs::read_to_string(&toml).expect("read");
    fs::write(&toml, text.replace("echo $i;", "echo $i $i;")).expect("written");
    project
        .run(&["repeat", "first", "--name", "other"])
        .expect(1, &["this would be no repeat", "the corpus numbers", "--at-revision"]);
    assert!(!project.runs().join("other").exists(), "nothing is left of it");
    fs::write(
        &toml,
        text.replace("[variant.one-unit]", "[variant.other]").replace("\"one-unit\"", "\"other\""),
    )
    .expect("written");
    project.run(&["repeat", "first"]).expect(1, &["no variant \"one-unit\" any more"]);
}

/// Where nothing can count instructions there are none: the run is repeated all the same.
fn small_corpora_are_those_of_then_too(project: &Project) {
    project.run(&["bench", "--preset", "counted", "--name", "counted"]).expect(0, &[]);
    project.run(&["repeat", "counted", "--name", "again"]).expect(0, &["nothing differs", "of 3"]);
    let [first, second] = ["counted", "again"].map(|run| manifest(project, run));
    assert_eq!(first["corpora"], second["corpora"]);
    assert_eq!(first["experiment"], second["experiment"]);
}

fn what_can_not_be_repeated_is_refused(project: &Project) {
    altered(project, "round", |json| json["command"] = ["cargo", "xtask", "gate", "--base", "x"].into());
    project.run(&["repeat", "round"]).expect(2, &["a part of a gate", "cargo xtask gate --base x"]);
    altered(project, "elsewhere", |json| {
        json["toolchain"]["name"] = "of long ago".into();
        json["toolchain"]["rustc"] = "rustc 1.0.0".into();
    });
    project.run(&["repeat", "elsewhere"]).expect(1, &["rustc 1.0.0), which is not here"]);
    altered(project, "unknown", |json| json["source"]["revision"] = Value::Null);
    project.run(&["repeat", "unknown", "--at-revision"]).expect(2, &["knows no revision"]);
    altered(project, "dirty", |json| {
        json["source"]["dirty"] = true.into();
        json["machine"]["kernel"] = "Linux 2.6.32".into();
        json["machine"]["load"] = "77 77 77".into();
    });
    let told = project.run(&["repeat", "dirty", "--dry-run"]);
    told.expect(0, &["uncommitted changes then", "kernel: Linux 2.6.32 then"]);
    assert!(!told.stdout.contains("77 77"), "a load is of its moment");
}
