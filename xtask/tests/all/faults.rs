//! What goes wrong while a run measures, done on purpose: processes that outlive their visit, memory that is eaten, clocks
//! that jump, and SIGKILL of whoever is running. What the run says, keeps and ends with is checked each time.
#![cfg(target_os = "linux")]

use crate::project::{Ended, Project};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// One test: the runs share a project, which takes a while to build.
#[test]
fn faults_are_told_and_cost_nothing_that_was_measured() {
    let project = &Project::new();
    nothing_outlives_its_visit_and_no_memory_is_eaten(project);
    a_failure_in_the_midst_of_a_run_keeps_the_rest(project);
    a_clock_that_jumps_changes_nothing(project);
    files_of_a_newer_build_are_refused(project);
    a_killed_harness_loses_at_most_the_visit_that_it_made(project);
    a_killed_harness_leaves_nothing_running(project);
    a_killed_subject_is_told_and_tried_again(project);
}

fn nothing_outlives_its_visit_and_no_memory_is_eaten(project: &Project) {
    let scenarios = "sum/fine,sum/fork,sum/daemon,sum/eat";
    let run =
        project.run(&["bench", "--name", "family", "--variants", "release,broken", "--scenarios", scenarios]);
    run.expect(1, &["sum/fork under broken left 2 processes running", "wait for what it starts"]);
    run.expect(1, &["sum/daemon under broken was ended by signal 6"]);
    run.expect(1, &["sum/eat under broken was stopped at its memory limit of 256 MiB", "`memory-limit`"]);
    assert_eq!(running(project, "sleep"), BTreeSet::new(), "what was started is gone");
    let manifest: Value =
        serde_json::from_slice(&fs::read(project.file("family", "manifest.json")).expect("read"))
            .expect("JSON");
    assert_eq!(manifest["experiment"]["memory_limit"], 256 << 20, "it is on record");
    let invalid = project.results("family")["invalid"].as_array().expect("a list").len();
    assert_eq!(invalid, 3, "and sum/fine was measured");
}

/// The small corpus, which every build is asked about first, does not show this one.
fn a_failure_in_the_midst_of_a_run_keeps_the_rest(project: &Project) {
    let run = project.run(&[
        "bench",
        "--name",
        "late",
        "--variants",
        "release,broken",
        "--scenarios",
        "sum/fine,sum/late",
    ]);
    run.expect(1, &["invalid: sum/late under broken was ended by signal 6 (SIGABRT"]);
    let samples: Vec<Value> =
        project.samples("late")[1..].iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let failed: Vec<&Value> = samples.iter().filter(|s| s["outcome"]["failed"].is_object()).collect();
    let by: BTreeSet<&str> = failed.iter().filter_map(|s| s["instrument"].as_str()).collect();
    assert_eq!(by, BTreeSet::from(["clock", "rss"]), "what fails by one instrument may be read by another");
    assert_eq!(failed.len(), 2, "by none is it visited again: {failed:?}");
    let of = |scenario: &str, variant: &str| {
        samples.iter().filter(|s| s["scenario"] == scenario && s["variant"] == variant).count()
    };
    assert_eq!((of("sum/late", "release"), of("sum/fine", "broken")), (10, 10), "all others were measured");
}

/// Stamps tell when; durations come from the monotonic clock, and only the batches' are judged.
fn a_clock_that_jumps_changes_nothing(project: &Project) {
    project.run(&["bench", "--name", "plain"]).expect(0, &["report:"]);
    let lines = project.samples("plain");
    let jumped = lines.iter().enumerate().map(|(at, line)| {
        let Ok(mut sample) = serde_json::from_str::<Value>(line) else { panic!("{line}") };
        if at > 0 {
            sample["began"] = format!("{}-01-01T00:00:00.000Z", 2999 - at).into();
            sample["visit_ns"] = [0, 1, 86_400_000_000_000, u64::MAX][at % 4].into();
        }
        sample.to_string()
    });
    project.clone_run("plain", "jumped", &jumped.collect::<Vec<_>>());
    project.run(&["report", "plain"]).expect(0, &[]);
    project.run(&["report", "jumped"]).expect(0, &[]);
    let judged = |run: &str| {
        let mut results = project.results(run);
        assert!(results["costs"].take().is_array());
        // How many blocks were disturbed is a share of the length of visits: that is told, and nothing more.
        results["warnings"] = Value::Null;
        results
    };
    assert!(judged("plain") == judged("jumped"), "results.json differs");
}

fn files_of_a_newer_build_are_refused(project: &Project) {
    let mut lines = project.samples("plain");
    let version = format!("\"version\":{}", harness::judge::wire::sample::VERSION);
    lines[0] = lines[0].replace(&version, "\"version\":99");
    project.clone_run("plain", "newer", &lines);
    for arguments in [["report", "newer"].as_slice(), &["bench", "--resume", "newer"]] {
        project.run(arguments).expect(1, &["samples.jsonl", "version 99", "newer build"]);
    }
    assert_eq!(project.samples("newer"), lines, "and left alone");
}

fn a_killed_harness_loses_at_most_the_visit_that_it_made(project: &Project) {
    let mut kept: Vec<String> = Vec::new();
    for (round, pause) in [0, 3, 11, 2, 7].into_iter().enumerate() {
        let begin = ["bench", "--name", "struck", "--blocks", "60"];
        let resume = ["bench", "--resume", "struck"];
        let mut child = spawn(project, if round == 0 { &begin } else { &resume });
        wait_for(&mut child, || lines(project, "struck").len() > kept.len() + 6);
        std::thread::sleep(Duration::from_millis(pause));
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        let now = lines(project, "struck");
        // The last line may be torn.
        let whole = now.len() - 1;
        assert!(whole > kept.len(), "it went on");
        let same = kept.len().saturating_sub(1);
        assert_eq!(now[..same], kept[..same], "what was measured before is kept");
        kept = now;
        let patience = Instant::now();
        while !running(project, "").is_empty() {
            assert!(patience.elapsed() < Duration::from_mins(1), "the subject outlived the harness");
            std::thread::sleep(Duration::from_millis(10));
        }
        project.run(&["report", "struck"]).expect(1, &["planned visits are missing", "--resume struck"]);
    }
    project.run(&["bench", "--resume", "struck"]).expect(0, &["report:"]);
    let results = project.results("struck");
    let cells = results["cells"].as_array().expect("a list").iter();
    for cell in cells.filter(|cell| cell["metric"] == "time") {
        assert_eq!(cell["blocks"].as_array().map(Vec::len), Some(60), "every block is there once");
    }
    assert_eq!(results["invalid"].as_array().map(Vec::len), Some(0));
}

/// What a visit started is no child of the harness, and in a group of its own.
fn a_killed_harness_leaves_nothing_running(project: &Project) {
    let arguments =
        ["bench", "--name", "brood", "--variants", "release,broken", "--scenarios", "sum/fine,sum/brood"];
    let mut child = spawn(project, &arguments);
    wait_for(&mut child, || !running(project, "60703").is_empty());
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    let patience = Instant::now();
    while !(running(project, "60703").is_empty() && running(project, "").is_empty()) {
        assert!(patience.elapsed() < Duration::from_mins(1), "what the visit started outlived the harness");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn a_killed_subject_is_told_and_tried_again(project: &Project) {
    let mut child = spawn(project, &["bench", "--name", "sniped", "--blocks", "60"]);
    wait_for(&mut child, || lines(project, "sniped").len() > 8);
    let patience = Instant::now();
    let killed = loop {
        assert!(patience.elapsed() < Duration::from_mins(1), "no visit was met");
        let Some(visit) = running(project, "\0visit\0").into_iter().next() else { continue };
        let kill = format!("kill -KILL {visit} 2>/dev/null");
        if Command::new("sh").args(["-c", &kill]).status().expect("sh").success() {
            // It may have been at its end anyway.
            let before = lines(project, "sniped").len();
            wait_for(&mut child, || lines(project, "sniped").len() > before + 1);
            if lines(project, "sniped").iter().any(|line| line.contains("\"killed\"")) {
                break visit;
            }
        }
    };
    let ended = Ended::of(child.wait_with_output().expect("it ends"));
    ended.expect(0, &["was ended by signal 9 (SIGKILL", "its block is measured again"]);
    let results = project.results("sniped");
    assert_eq!(results["invalid"].as_array().map(Vec::len), Some(0), "process {killed} was tried again");
    let told = results["warnings"].as_array().expect("a list").iter();
    assert_eq!(told.filter(|told| told.as_str().is_some_and(|t| t.contains("was killed"))).count(), 1);
    let cells = results["cells"].as_array().expect("a list").iter();
    let whole =
        cells.filter(|cell| cell["metric"] == "time" && cell["blocks"].as_array().map(Vec::len) == Some(60));
    assert_eq!(whole.count(), 3, "all three arms were measured to the end");
}

fn spawn(project: &Project, arguments: &[&str]) -> Child {
    let mut command = project.command(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
}

fn wait_for(child: &mut Child, is_so: impl Fn() -> bool) {
    let patience = Instant::now();
    while !is_so() {
        assert!(patience.elapsed() < Duration::from_mins(5), "it does not get on");
        assert!(child.try_wait().expect("it can be asked").is_none(), "it ended too early");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The lines of `samples.jsonl` so far, a torn one among them.
fn lines(project: &Project, run: &str) -> Vec<String> {
    let text = fs::read_to_string(project.file(run, "samples.jsonl")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// The processes of this project, which run in its folder, whose command line holds this.
fn running(project: &Project, words: &str) -> BTreeSet<u32> {
    let folder = project.folder.path().canonicalize().expect("the folder");
    let processes = fs::read_dir("/proc").expect("proc").flatten();
    let matching = processes.filter_map(|entry| {
        let is_here = fs::read_link(entry.path().join("cwd")).ok()? == folder;
        let line = fs::read(entry.path().join("cmdline")).ok()?;
        let is_it = is_here && String::from_utf8_lossy(&line).contains(words);
        is_it.then(|| entry.file_name().to_str()?.parse().ok())?
    });
    matching.collect()
}
