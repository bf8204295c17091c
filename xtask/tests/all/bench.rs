//! `cargo xtask bench` as a user runs it, on a project that is not this one: a small subject that
//! misbehaves on request.

use crate::handing_on;
use crate::project::{Ended, Project};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// One test: they share a project, whose lock lets one run measure at a time.
#[test]
fn bench_measures_keeps_refuses_and_resumes() {
    let project = &Project::new();
    a_plain_run(project);
    handing_on::exported(project);
    handing_on::spliced(project);
    handing_on::published(project);
    wrong_usage_lists_what_there_is(project);
    charts_are_drawn_of_a_run_or_refused(project);
    records_that_arrive_are_read_for_latency(project);
    a_subject_that_misbehaves_loses_its_own_cells(project);
    an_interrupted_run_resumes_to_the_same_results(project);
    two_runs_are_set_beside_each_other(project);
    ctrl_c_leaves_a_run_that_can_be_resumed(project);
    a_full_disk_keeps_what_was_measured(project);
    the_users_own_files(project);
    broken_runs_are_told(project);
    a_time_budget_plans_the_blocks(project);
    a_cold_run_reads_from_the_disk(project);
    criterion_that_fails_costs_no_verdict(project);
}

fn a_plain_run(project: &Project) {
    project.run(&["bench", "--name", "plain"]).expect(0, &["report:", "sum/fine", "one-unit"]);
    let results = project.results("plain");
    assert_eq!(results["schema"]["name"], "assay.results");
    // Two variants and the control: 8 blocks of the clock, 2 of rss; the subject has no heap build.
    assert_eq!(project.samples("plain").len(), 1 + 3 * 8 + 3 * 2);
    let cells = results["cells"].as_array().expect("cells");
    assert_eq!(cells.len(), 3 * 3, "three metrics of three arms");
    assert_eq!(results["comparisons"].as_array().map(Vec::len), Some(3));
    assert_eq!(results["controls"].as_array().map(Vec::len), Some(3));
    for name in ["report/index.html", "report/summary.md"] {
        assert!(project.file("plain", name).is_file(), "{name}");
    }
    its_files_follow_their_schemas(project, "plain");
    project.run(&["bench", "--name", "plain"]).expect(2, &["there is a run \"plain\" already"]);
    project.run(&["report", "plain"]).expect(0, &["sum/fine"]);
    project
        .run(&["compare", "one-unit", "release", "--run", "plain"])
        .expect(0, &["of the run plain", "one-unit", "reference", "release"]);
    project
        .run(&["compare", "release", "fastest"])
        .expect(2, &["\"fastest\" is neither", "\"release\" is among the variants", "release, one-unit"]);
    project
        .run(&["compare", "release", "fastest", "--run", "plain"])
        .expect(2, &["no variant \"fastest\"", "release, one-unit"]);
    project.run(&["compare", "release", "release"]).expect(1, &["the same binary"]);
}

fn its_files_follow_their_schemas(project: &Project, run: &str) {
    let validate = |schema: &str, values: &[Value]| {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../harness/schemas/{schema}.schema.json"));
        let schema = serde_json::from_slice(&fs::read(&path).expect("the schema")).expect("JSON");
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        assert!(!validator.is_valid(&Value::Null), "it says something");
        for value in values {
            if let Err(error) = validator.validate(value) {
                panic!("{}: {error} at {}", path.display(), error.instance_path());
            }
        }
    };
    let whole = |name: &str| {
        vec![serde_json::from_slice(&fs::read(project.file(run, name)).expect("read")).expect("JSON")]
    };
    validate("manifest", &whole("manifest.json"));
    validate("results", &whole("results.json"));
    let samples = project.samples(run);
    let samples: Vec<Value> =
        samples[1..].iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    validate("sample", &samples);
}

fn wrong_usage_lists_what_there_is(project: &Project) {
    project.run(&["bench", "--preset", "quikc"]).expect(2, &["there is no preset \"quikc\"", "quick"]);
    let variants = project.run(&["bench", "--variants", "relaese"]);
    variants.expect(2, &["there is no variant \"relaese\"", "release, one-unit, trained, broken"]);
    let scenarios = project.run(&["bench", "--scenarios", "sum/fien"]);
    scenarios.expect(2, &["there is no scenario \"sum/fien\"", "sum/fine, sum/wrong"]);
    project.run(&["bench", "--frobnicate"]).expect(2, &["--frobnicate"]);
    project.run(&["bench", "--blocks", "0"]).expect(2, &["--blocks"]);
    project.run(&["--config", "/no/such/bench.toml", "bench"]).expect(2, &["/no/such/bench.toml"]);
    project.run(&["doctor"]).expect(0, &["CPUs", "what disturbs measurement here"]);
    project.run(&["list"]).expect(0, &["one-unit", "quick", "numbers", "sum/hang", "plain"]);
    let plan = project.run(&["bench", "--dry-run", "--variants", "broken"]);
    plan.expect(0, &["--features mimalloc", "control", "8 blocks"]);
    assert!(fs::read_dir(project.runs()).expect("read").flatten().all(|entry| entry.file_name() != "sum"));
}

fn charts_are_drawn_of_a_run_or_refused(project: &Project) {
    let folder = project.folder.path();
    let out = |name: &str| folder.join("charts").join(name).to_str().expect("UTF-8").to_owned();
    let chart = |kind: &str, file: &str, flags: &[&str]| {
        let run = if flags.contains(&"--run") { &[][..] } else { &["--run", "plain"][..] };
        project.run(&[&["chart", kind, "--out", &out(file)], run, flags].concat())
    };
    let results = project.file("plain", "results.json");
    let results = results.to_str().expect("UTF-8");
    for (kind, flags) in [
        ("speed", &["--metric", "anon"][..]),
        ("heat", &["--size", "800x600", "--theme", "dark"]),
        ("ladder", &["--title", "What one unit brings"]),
        ("pairs", &["--variants", "one-unit", "--scenarios", "sum/*"]),
        ("strip", &["--run", results]),
        ("trade-off", &[]),
        ("memory", &[]),
    ] {
        let file = format!("{kind}.svg");
        chart(kind, &file, flags).expect(0, &[&file]);
        let svg = fs::read_to_string(out(&file)).expect("the chart");
        assert!(svg.starts_with("<svg") && svg.contains("run plain"), "{kind}");
    }
    let ladder = fs::read_to_string(out("ladder.svg")).expect("the chart");
    assert!(ladder.contains("What one unit brings") && ladder.contains("+ codegen-units 1"));
    for (kind, file, flags, words) in [
        ("threads", "no.svg", &[][..], "several numbers of threads"),
        ("size", "no.svg", &[], "more than one size"),
        ("latency", "no.svg", &[], "no latency was read"),
        ("pie", "no.svg", &[], "trade-off"),
        ("heat", "no.jpg", &[], ".svg or .png"),
        ("heat", "no.svg", &["--size", "5x5"], "1600x900"),
        ("heat", "no.svg", &["--variants", "relaese"], "release, one-unit"),
        ("heat", "no.svg", &["--scenarios", "sum/fien"], "sum/fine"),
        ("heat", "no.svg", &["--run", "plian"], "plain"),
        ("memory", "no.svg", &["--metric", "anon"], "no choice of metric"),
        ("heat", "no.svg", &["--history", "."], "says nothing to a chart of the kind heat"),
    ] {
        chart(kind, file, flags).expect(2, &[words]);
        assert!(!Path::new(&out(file)).exists(), "{kind}");
    }
    let other = |kind: &str, flags: &[&str]| {
        project.run(&[&["chart", kind, "--out", &out("no.svg")], flags].concat())
    };
    other("alike", &[]).expect(2, &["cargo xtask calibrate"]);
    other("history", &[]).expect(2, &["--history DIR"]);
    let newer = folder.join("newer.json");
    let text = fs::read_to_string(results).expect("read").replacen("\"version\": 2", "\"version\": 99", 1);
    fs::write(&newer, text).expect("written");
    chart("heat", "no.svg", &["--run", newer.to_str().expect("UTF-8")])
        .expect(1, &["newer.json", "newer build"]);
}

fn records_that_arrive_are_read_for_latency(project: &Project) {
    let run = project.run(&["bench", "--name", "latency", "--scenarios", "arrive/*"]);
    run.expect(
        0,
        &["arrive/sum", "arrive/flood can't keep up with 1000000000 arrivals a second under release"],
    );
    its_files_follow_their_schemas(project, "latency");
    let of_latency = |line: &&String| line.contains("\"instrument\":\"latency\"");
    assert_eq!(project.samples("latency").iter().filter(of_latency).count(), 2 * 3 * 8);
    let results = project.results("latency");
    let list = |key: &str| results[key].as_array().expect("a list").clone();
    assert!(list("metrics").iter().any(|facts| facts["metric"] == "latency" && facts["margin"] == 0.05));
    let judged = list("comparisons").into_iter().filter(|c| c["metric"] == "latency");
    assert_eq!(judged.filter(|c| c["label"] != "invalid").count(), 2);
    assert_eq!(list("latency").len(), 2 * 3, "the control is among them");
    for facts in list("latency") {
        let is_flood = facts["scenario"] == "arrive/flood";
        assert_eq!(facts["overloaded"], is_flood, "{facts}");
        assert_eq!((facts["arrivals"].as_u64(), facts["visits"].as_u64()), (Some(8 * 40), Some(8)));
        for of in ["work", "idle"] {
            let figure = |key: &str| facts[of][key].as_u64().expect("a figure");
            assert!(figure("p50_ns") <= figure("p99_ns") && figure("p99_ns") <= figure("p999_ns"));
            let counts = facts[of]["histogram"]["counts"].as_array().expect("counts");
            let counts = counts.iter().map(|pair| pair[1].as_u64().expect("a count"));
            assert_eq!(counts.sum::<u64>(), 8 * 40, "{of} is kept whole");
        }
    }
    let fickle = ["bench", "--name", "fickle", "--scenarios", "arrive/sum", "--variants", "release,broken"];
    project.run(&fickle).expect(1, &["arrive/sum under broken", "changed its answer"]);
    let many = project.run(&["bench", "--name", "many", "--preset", "many"]);
    many.expect(0, &["skipped: latency of arrive/sum: 4000 arrivals at 4000 a second may take 6 s"]);
    assert!(project.samples("many").iter().all(|line| !of_latency(&line)));
}

fn a_subject_that_misbehaves_loses_its_own_cells(project: &Project) {
    let run =
        project.run(&["bench", "--name", "trouble", "--variants", "release,broken", "--scenarios", "sum/*"]);
    run.expect(1, &["broken: sum/wrong under broken gave a wrong answer to query 0"]);
    let results = project.results("trouble");
    let reason = |scenario: &str| {
        let invalid = results["invalid"].as_array().expect("a list").iter();
        let mut of_scenario = invalid.filter(|cell| cell["scenario"] == scenario);
        let cell = of_scenario.next().unwrap_or_else(|| panic!("{scenario} is not invalid"));
        assert_eq!(cell["variant"], "broken");
        assert!(of_scenario.next().is_none(), "only that cell");
        cell["reason"].as_str().expect("words").to_owned()
    };
    assert!(reason("sum/wrong").contains("wrong answer"));
    assert!(reason("sum/crash").contains("signal 6"));
    assert!(reason("sum/error").contains("there is no such thing"));
    assert!(reason("sum/hang").contains("time limit of 2 s"));
    assert!(reason("sum/rubbish").contains("Segmentation fault (not really)"));
    assert!(reason("sum/fickle").contains("changed its answer"));
    assert!(reason("sum/fork").contains("left 2 processes running"));
    assert!(reason("sum/eat").contains("memory limit of 256 MiB"));
    let judged = |scenario: &str| {
        let all = results["comparisons"].as_array().expect("a list").iter();
        all.filter(|c| c["scenario"] == scenario).all(|c| c["label"] != "invalid")
    };
    assert!(judged("sum/fine") && !judged("sum/wrong"));
    let cells = results["cells"].as_array().expect("a list").iter();
    assert!(cells.clone().any(|cell| cell["scenario"] == "sum/wrong" && cell["variant"] == "release"));
    assert!(
        cells.clone().all(|cell| cell["scenario"] == "sum/fine" || cell["variant"] != "broken"),
        "never charted"
    );
    its_files_follow_their_schemas(project, "trouble");
    project.run(&["compare", "release", "broken", "--run", "trouble", "--demand"]).expect(
        1,
        &["broken answers wrongly or breaks off where release was measured: in sum/", "; and so in "],
    );
    let summary = fs::read_to_string(project.file("trouble", "report/summary.md")).expect("summary");
    assert!(summary.contains("sum/hang"), "what is invalid is told: {summary}");
}

fn an_interrupted_run_resumes_to_the_same_results(project: &Project) {
    let whole = project.samples("plain");
    // In the middle of a block, and the line that was being written is torn.
    let mut cut = whole[..1 + 3 * 4 + 2].to_vec();
    cut.push(whole[1 + 3 * 4 + 2][..40].to_owned());
    project.clone_run("plain", "cut", &cut);
    let path = project.file("cut", "samples.jsonl");
    let torn = fs::read_to_string(&path).expect("read");
    fs::write(&path, torn.trim_end()).expect("written");
    project.run(&["report", "cut"]).expect(1, &["unstable"]);
    project.run(&["bench", "--resume", "cut"]).expect(0, &["report:"]);
    let resumed = project.samples("cut");
    assert_eq!(resumed.len(), whole.len() + 2, "the two visits of the cut block were made again");
    // The same samples, as an uninterrupted run would have made them.
    let (first, second): (Vec<_>, Vec<_>) =
        resumed.iter().cloned().partition(|line| !line.contains("\"attempt\":1"));
    assert_eq!(second.len(), 3);
    let block = block_of(&second[0]);
    let mut uninterrupted: Vec<String> = first
        .into_iter()
        .filter(|line| !(line.contains("\"instrument\":\"clock\"") && block_of(line) == block))
        .collect();
    let at = 1 + 3 * 4;
    let again = second.iter().map(|line| line.replace("\"attempt\":1", "\"attempt\":0"));
    uninterrupted.splice(at..at, again);
    project.clone_run("cut", "uninterrupted", &uninterrupted);
    project.run(&["report", "uninterrupted"]).expect(0, &[]);
    // The visits that were made in vain cost something too.
    let judged = |run: &str| {
        let mut results = project.results(run);
        assert!(results["costs"].take().is_array());
        results
    };
    assert!(judged("cut") == judged("uninterrupted"), "results.json differs");
}

/// The times of two runs are not compared: what each says of its own variants is, and what has no noise.
fn two_runs_are_set_beside_each_other(project: &Project) {
    for run in ["plain", "uninterrupted"] {
        project.clone_run(run, &format!("calm-{run}"), &calm(&project.samples(run)));
    }
    let both = project.run(&["compare", "calm-plain", "calm-uninterrupted", "--demand"]);
    both.expect(
        0,
        &["no evidence about each other", "one-unit: then", "the intervals overlap", "the same in both"],
    );
    let path = project.file("cut", "manifest.json");
    let manifest = fs::read_to_string(&path).expect("read");
    let rustc = manifest.find("\"rustc\": \"").expect("the compiler") + 10;
    fs::write(&path, format!("{}other {}", &manifest[..rustc], &manifest[rustc..])).expect("written");
    let words = ["ratios are not compared: the compiler is another one", "sizes and heap are not compared"];
    project.run(&["compare", "plain", "cut", "--demand"]).expect(4, &words);
    project.run(&["compare", "plain", "cut"]).expect(1, &["nothing of it could be judged"]);
    project.clone_run("plain", "elsewhere", &project.samples("plain"));
    let path = project.file("elsewhere", "manifest.json");
    let manifest = fs::read_to_string(&path).expect("read");
    assert!(manifest.contains("\"cpus\": "), "{manifest}");
    fs::write(&path, manifest.replacen("\"cpus\": ", "\"cpus\": 9", 1)).expect("written");
    let words = ["ratios are not compared: the machine is another one", "same in both"];
    project.run(&["compare", "plain", "elsewhere"]).expect(0, &words);
    let demanded = project.run(&["compare", "plain", "elsewhere", "--demand"]);
    demanded.expect(4, &["only sizes can be compared", "nothing of it could be judged"]);
    let path = project.file("plain", "");
    let path = path.to_str().expect("a path in UTF-8");
    project.run(&["compare", path, "uninterrupted"]).expect(0, &["then: plain"]);
    project
        .run(&["compare", "plain", "release"])
        .expect(2, &["two of a kind", "\"plain\" is among the runs"]);
}

/// What the same run would have been on a machine where nothing else happens, since on a busy one the control may be told
/// apart: it took what the reference did in each block, and no block was disturbed.
fn calm(samples: &[String]) -> Vec<String> {
    let (head, visits) = samples.split_first().expect("a header");
    let parse = |line: &String| serde_json::from_str::<Value>(line).expect("a sample");
    let mut visits: Vec<Value> = visits.iter().map(parse).collect();
    let of = |visit: &Value| ["instrument", "scenario", "block", "attempt"].map(|key| visit[key].clone());
    let reference: Vec<Value> =
        visits.iter().filter(|visit| visit["variant"] == "release").cloned().collect();
    for visit in &mut visits {
        let disturbance = visit["disturbance"].as_object_mut().expect("what disturbed it");
        disturbance.values_mut().for_each(|time| *time = 0.into());
        if visit["variant"] == "control" {
            let same = reference.iter().find(|other| of(other) == of(visit)).expect("the reference's visit");
            visit["outcome"] = same["outcome"].clone();
        }
    }
    std::iter::once(head.clone()).chain(visits.iter().map(Value::to_string)).collect()
}

fn block_of(line: &str) -> u64 {
    let sample: Value = serde_json::from_str(line).expect("a sample");
    sample["block"].as_u64().expect("a number")
}

fn ctrl_c_leaves_a_run_that_can_be_resumed(project: &Project) {
    let mut child = project
        .command(&["bench", "--name", "stopped", "--blocks", "300"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let samples = project.file("stopped", "samples.jsonl");
    let patience = Instant::now();
    while fs::read_to_string(&samples).map_or(0, |text| text.lines().count()) < 5 {
        assert!(patience.elapsed() < Duration::from_mins(5), "no sample came");
        assert!(child.try_wait().expect("it can be asked").is_none(), "it ended before it was stopped");
        std::thread::sleep(Duration::from_millis(20));
    }
    let busy = project.run(&["bench", "--name", "second"]);
    busy.expect(1, &["another run is going on", &format!("process {}", child.id())]);
    let signalled =
        Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status().expect("kill");
    assert!(signalled.success());
    let ended = Ended::of(child.wait_with_output().expect("it ends"));
    ended.expect(1, &["interrupted with", "--resume stopped"]);
    for line in &project.samples("stopped")[1..] {
        block_of(line);
    }
    project.run(&["report", "stopped"]).expect(1, &["planned visits are missing"]);
}

/// The limit on a file's size stands in for a disk without room: the same write fails.
fn a_full_disk_keeps_what_was_measured(project: &Project) {
    let whole = project.samples("plain");
    project.clone_run("plain", "full", &whole[..7]);
    let script =
        format!("trap '' XFSZ; ulimit -f 8; exec {} bench --resume full", env!("CARGO_BIN_EXE_xtask"));
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(project.folder.path())
        .env("ASSAY_LOCK", project.folder.path().join("target/lock"))
        .output();
    let ended = Ended::of(output.expect("bash"));
    ended.expect(1, &["writing", "a copy to be timed", "what was measured so far is kept"]);
    assert_eq!(project.samples("full"), whole[..7]);
    // Too few blocks are figures and no judgement.
    project.run(&["compare", "release", "one-unit", "--run", "full", "--demand"]).expect(4, &["unstable"]);
    project.run(&["bench", "--resume", "full"]).expect(0, &["report:"]);
}

fn the_users_own_files(project: &Project) {
    let folder = project.folder.path();
    fs::write(folder.join("own.txt"), "3 1 4 1 5").expect("written");
    fs::write(folder.join("unsuited.txt"), "unsuited").expect("written");
    fs::write(folder.join("empty.txt"), "").expect("written");
    let own = project.run(&["bench", "--name", "own", "--input", "own.txt", "unsuited.txt"]);
    own.expect(0, &["sum/fine/own.txt", "it says so itself"]);
    assert_eq!(project.results("own")["scenarios"][0]["name"], "sum/fine/own.txt");
    project
        .run(&["repeat", "own", "--name", "own-again"])
        .expect(0, &["sum/fine/own.txt", "nothing differs"]);
    fs::write(folder.join("own.txt"), "3 1 4 1 5 9").expect("written");
    let other = project.run(&["repeat", "own", "--name", "own-other"]);
    other.expect(1, &["this would be no repeat: the corpus own.txt", "9 bytes", "11 bytes"]);
    let none = project.run(&["bench", "--name", "none", "--input", "unsuited.txt"]);
    none.expect(2, &["no scenario can be measured", "it says so itself"]);
    project.run(&["bench", "--input", "nowhere.txt"]).expect(2, &["nowhere.txt"]);
    project.run(&["bench", "--input", "empty.txt"]).expect(2, &["empty.txt", "empty"]);
    project.run(&["bench", "--input", "src"]).expect(2, &["folder"]);
}

fn a_time_budget_plans_the_blocks(project: &Project) {
    project.run(&["bench", "--time-budget", "10"]).expect(2, &["\"10\" is no span of time", "1h30m"]);
    project.run(&["bench", "--time-budget", "10m", "--blocks", "9"]).expect(2, &["--blocks"]);
    project.run(&["bench", "--time-budget", "10m", "--dry-run"]).expect(0, &["as many as fit 10m"]);
    // A second has no room for 8 visits that take half of one each, to three arms.
    let short = ["bench", "--name", "short", "--time-budget", "1s", "--preset", "slow"];
    project.run(&short).expect(2, &["--time-budget 1s is too short: 8 blocks", "the preset's 8"]);
    assert!(!project.runs().join("short").exists(), "nothing is left of it");
    project.run(&["bench", "--name", "long", "--time-budget", "1h"]).expect(
        0,
        &[
            "--time-budget 1h: 60 blocks, the most that are planned",
            "samples of the trial visits are thrown away",
        ],
    );
    assert_eq!(project.samples("long").len(), 1 + 3 * 60 + 3 * 2);
    let manifest: Value =
        serde_json::from_slice(&fs::read(project.file("long", "manifest.json")).expect("read"))
            .expect("JSON");
    let experiment = &manifest["experiment"];
    assert_eq!(experiment["instruments"][0]["blocks"], 60);
    assert!(
        experiment["planned_by"].as_str().is_some_and(|why| why.starts_with("--time-budget 1h: 60 blocks"))
    );
    its_files_follow_their_schemas(project, "long");
    let trouble = ["bench", "--time-budget", "1m", "--variants", "broken", "--scenarios", "sum/fickle"];
    project
        .run(&trouble)
        .expect(1, &["the trial visit of clock to sum/fickle under", "changed its answer", "--blocks"]);
}

fn a_cold_run_reads_from_the_disk(project: &Project) {
    project.run(&["bench", "--cold", "--criterion"]).expect(2, &["--criterion"]);
    let cold = ["bench", "--cold", "--name", "cold", "--scenarios", "file/sum,sum/fine"];
    let run = project.run(&cold);
    if run.stderr.contains("does not let go of them") {
        // The folder for temporary files is in memory here: it is refused, and that is all that can be seen.
        run.expect(2, &["--cold: putting", "of its pages stay"]);
        return;
    }
    run.expect(
        0,
        &[
            "cold: the corpus was put out",
            "scenario sum/fine: it reads nothing from the disk",
            "instrument rss",
        ],
    );
    let results = project.results("cold");
    assert_eq!(results["provenance"]["cold"], true);
    assert_eq!(results["scenarios"].as_array().map(Vec::len), Some(1));
    let samples = project.samples("cold");
    assert_eq!(samples.len(), 1 + 3 * 8, "the clock alone");
    for line in &samples[1..] {
        let sample: Value = serde_json::from_str(line).expect("JSON");
        let reading = &sample["outcome"]["measured"]["reading"]["clock"];
        assert_eq!(
            (&reading["iterations"], reading["batches"].as_array().map(Vec::len)),
            (&1.into(), Some(1))
        );
        assert!(reading["batches"][0]["read_bytes"].as_u64() > Some(0), "{line}");
    }
    its_files_follow_their_schemas(project, "cold");
    let page = fs::read_to_string(project.file("cold", "report/index.html")).expect("the page");
    assert!(page.contains("<h1>Run cold, cold: files read from the disk</h1>"));
    project
        .run(&["bench", "--cold", "--scenarios", "sum/fine"])
        .expect(2, &["no scenario that was asked for reads"]);
    // A warm run says what it read too: nothing.
    assert!(project.samples("plain")[1].contains("\"read_bytes\":0"));
}

/// The small subject has no bench target.
fn criterion_that_fails_costs_no_verdict(project: &Project) {
    let run = project.run(&["bench", "--name", "beside", "--criterion"]);
    let words = [
        "report:",
        "one-unit",
        "criterion's part of it is not whole: under release: cargo failed",
        "bench target",
    ];
    run.expect(1, &words);
    assert!(run.stdout.contains("report:"), "the verdict comes all the same");
    assert_eq!(project.results("beside")["comparisons"].as_array().map(Vec::len), Some(3));
    let whole = project.samples("beside");
    project.clone_run("beside", "beside-cut", &whole[..7]);
    project
        .run(&["bench", "--resume", "beside-cut"])
        .expect(0, &["report:", "was begun with --criterion, which --resume does not take up"]);
}

fn broken_runs_are_told(project: &Project) {
    project.run(&["report", "nowhere"]).expect(2, &["there is no run \"nowhere\"", "plain"]);
    project.clone_run("plain", "broken", &project.samples("plain"));
    fs::write(project.file("broken", "manifest.json"), "{\"schema\":").expect("written");
    project.run(&["report", "broken"]).expect(1, &["manifest.json"]);
    let manifest = fs::read_to_string(project.file("plain", "manifest.json")).expect("read");
    let version = format!("\"version\": {}", harness::judge::wire::manifest::VERSION);
    let newer = manifest.replacen(&version, "\"version\": 99", 1);
    fs::write(project.file("broken", "manifest.json"), newer).expect("written");
    project.run(&["report", "broken"]).expect(1, &["version 99", "newer build"]);
    fs::remove_file(project.file("broken", "manifest.json")).expect("removed");
    project.run(&["bench", "--resume", "broken"]).expect(1, &["not a whole run"]);
}
