//! `cargo xtask profile` as a user runs it, on a project that is not this one: work that is known by name, memory that only one
//! of two instruments sees, and trouble.

use crate::project::Project;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MEBIBYTE: u64 = 1 << 20;

/// One test: the machine's lock lets one run measure at a time.
#[test]
fn profiles_are_taken_kept_and_told() {
    let project = &profiled();
    wrong_usage_is_told(project);
    what_takes_the_time_is_found_and_kept_in_every_form(project);
    trouble_is_told_with_its_cell(project);
    what_one_instrument_does_not_see_the_other_does(project);
    a_run_gets_its_profiles_on_its_page(project);
    perf_samples_or_says_why_not(project);
    a_revision_is_set_against_another(project);
    without_a_sampler_it_says_what_mends_it(project);
}

/// The small project with a subject that has a sampler and a heap build.
fn profiled() -> Project {
    let project = Project::new();
    let path = project.folder.path();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture/profiled.rs");
    fs::copy(fixture, path.join("src/main.rs")).expect("copied");
    edit(
        &path.join("Cargo.toml"),
        "mimalloc = []",
        "profile = [\"harness/pprof\"]\ndhat = [\"harness/dhat\"]",
    );
    edit(
        &path.join("bench.toml"),
        "binary = \"subject\"",
        "binary = \"subject\"\nheap-feature = \"dhat\"\nprofile-feature = \"profile\"",
    );
    // The same binary under another environment: nothing is built for it.
    edit(
        &path.join("bench.toml"),
        "[variant.one-unit]",
        "[variant.more]\nenv = { TIMES = \"9\" }\n\n[variant.one-unit]",
    );
    // A preset whose corpus is not that of the usual one.
    edit(
        &path.join("bench.toml"),
        "scenarios = [\"arrive/sum\"]\nrecords = { numbers = 2000 }",
        "scenarios = [\"arrive/sum\"]\nrecords = { numbers = 3000 }",
    );
    // dhat slows down, and so does a machine with other work.
    edit(&path.join("bench.toml"), "time-limit = 2\nmemory-limit", "time-limit = 20\nmemory-limit");
    project
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).expect("read");
    assert!(text.contains(from), "{from:?} is not in {}", path.display());
    fs::write(path, text.replacen(from, to, 1)).expect("written");
}

fn file(project: &Project, run: &str, name: &str) -> PathBuf {
    project.file(run, "profiles").join(name)
}

fn json(path: &Path) -> Value {
    let text = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// How many samples a profile has.
fn samples(profile: &Value) -> u64 {
    let stacks = profile["stacks"].as_array().expect("stacks").iter();
    stacks.map(|stack| stack["samples"].as_u64().expect("samples")).sum()
}

fn follows(schema: &str, value: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../harness/schemas/{schema}.schema.json"));
    let validator = jsonschema::validator_for(&json(&path)).expect("a schema");
    if let Err(error) = validator.validate(value) {
        panic!("{}: {error} at {}", path.display(), error.instance_path());
    }
}

fn wrong_usage_is_told(project: &Project) {
    let told = |arguments: &[&str], words: &[&str]| {
        project.run(&[&["profile"], arguments].concat()).expect(2, words);
    };
    told(&["--with", "gdb"], &["gdb", "pprof, perf, dhat, rss"]);
    told(&["--frequency", "0"], &["--frequency"]);
    told(&["--variants", "relaese"], &["no variant \"relaese\"", "release"]);
    told(&["--against", "yesterday"], &["it is no variant (there are: release, more", "git"]);
    told(&["--run", "never"], &["there is no run \"never\""]);
    told(&["--input", "/no/such/file"], &["/no/such/file"]);
}

fn what_takes_the_time_is_found_and_kept_in_every_form(project: &Project) {
    let run = project.run(&[
        "profile",
        "--name",
        "cpu",
        "--with",
        "pprof",
        "--variants",
        "release,more",
        "--scenarios",
        "work/busy",
        "--seconds",
        "2",
    ]);
    run.expect(
        0,
        &[
            "work/busy under release",
            "a second of CPU time (asked for 997), by pprof",
            "deep_in_the_work",
            "index.html",
        ],
    );
    for variant in ["release", "more"] {
        let profile = json(&file(project, "cpu", &format!("work-busy.{variant}.cpu.json")));
        follows("profile", &profile);
        let functions = |stack: &Value| -> Vec<String> {
            let places = stack["frames"].as_array().expect("places").iter();
            let name =
                |place: &Value| &profile["frames"][place.as_u64().expect("a place") as usize]["function"];
            places.map(|place| name(place).as_str().expect("a name").to_owned()).collect()
        };
        let (mut all, mut deep) = (0, 0);
        for stack in profile["stacks"].as_array().expect("stacks") {
            let samples = stack["samples"].as_u64().expect("samples");
            let functions = functions(stack);
            all += samples;
            deep += if functions.iter().any(|name| name.contains("deep_in_the_work")) { samples } else { 0 };
            assert!(
                !functions.iter().any(|name| name.contains("measured_part")),
                "it begins at the work: {functions:?}"
            );
        }
        assert!(all >= 20 && deep * 10 >= all * 9, "{deep} of {all} samples are where the work is");
        assert!(profile["iterations"].as_u64() > Some(0) && profile["origin"]["compiler"].is_string());
    }
    let bytes = |name: &str| fs::read(file(project, "cpu", name)).expect("it is there");
    let text = |name: &str| String::from_utf8(bytes(name)).expect("text");
    assert!(bytes("work-busy.release.pb").windows(16).any(|part| part == b"deep_in_the_work"));
    assert!(text("work-busy.release.folded").lines().all(|line| line.rsplit_once(' ').is_some()));
    let speedscope = json(&file(project, "cpu", "work-busy.release.speedscope.json"));
    assert_eq!(speedscope["profiles"][0]["type"], "sampled");
    assert!(text("work-busy.release.svg").contains("deep_in_the_work"));
    run.expect(0, &["work/busy, from release to more"]);
    assert!(text("work-busy.more.against-release.svg").contains("from release to more"));
    assert!(text("profiles.md").contains("from `release` to `more`"));
    let page = text("index.html");
    assert!(page.contains("Differential flame graph") && page.contains("work-busy.release.pb"));
    let of_page = json(&file(project, "cpu", "profiles.json"));
    follows("profiles", &of_page);
    for profile in of_page["cpu"].as_array().expect("profiles") {
        let variant = profile["variant"].as_str().expect("a variant");
        let raw = json(&file(project, "cpu", &format!("work-busy.{variant}.cpu.json")));
        assert_eq!(
            samples(profile),
            samples(&raw),
            "what stands on the page of {variant} is all that was sampled"
        );
    }
    project.run(&["profile", "--name", "cpu"]).expect(2, &["there is a run \"cpu\" already"]);
}

fn trouble_is_told_with_its_cell(project: &Project) {
    let run = project.run(&[
        "profile",
        "--name",
        "trouble",
        "--with",
        "pprof",
        "--scenarios",
        "work/*",
        "--seconds",
        "1",
    ]);
    run.expect(
        1,
        &[
            "failed: pprof of work/dies under release: it was ended by signal 6",
            "failed: pprof of work/asleep under release: only",
            "--seconds 4",
            "failed: pprof of work/lies under release: it gave a wrong answer to query 0",
            "work/busy under release",
        ],
    );
    let profiles = json(&file(project, "trouble", "profiles.json"));
    assert_eq!(profiles["absent"].as_array().map(Vec::len), Some(3));
    let page = fs::read_to_string(file(project, "trouble", "index.html")).expect("the page");
    assert!(page.contains("What is not there") && page.contains("work/asleep"));
}

/// The two blind spots. dhat sees what passes through Rust's allocator, after the set-up. The kernel sees all that is
/// resident; its high-water mark is set back after the set-up, so an earlier peak is only seen over time.
fn what_one_instrument_does_not_see_the_other_does(project: &Project) {
    let run = project.run(&["profile", "--name", "memory", "--with", "dhat,rss", "--scenarios", "memory/*"]);
    run.expect(0, &["memory/rust in heap: heap peak 32.0 MiB", "site_of_the_vector"]);
    let of = |scenario: &str, variant: &str| {
        let memory = json(&file(project, "memory", &format!("memory-{scenario}.{variant}.memory.json")));
        follows("memory", &memory);
        memory
    };
    let heap_peak = |scenario| of(scenario, "heap")["heap"]["reading"]["peak_bytes"].as_u64().expect("bytes");
    let anon_growth = |scenario| {
        let reading = &of(scenario, "release")["rss"]["reading"];
        let at = |when: &str| reading[when]["anon"].as_u64().expect("bytes");
        at("after").saturating_sub(at("before"))
    };
    assert_eq!(heap_peak("rust"), 32 * MEBIBYTE, "both see what Rust asks for");
    assert!(anon_growth("rust") >= 31 * MEBIBYTE);
    for blind in ["c", "mapped"] {
        assert_eq!(heap_peak(blind), 0, "dhat does not see it: {blind}");
        assert!(anon_growth(blind) >= 31 * MEBIBYTE, "the kernel does: {blind}");
    }
    assert_eq!(heap_peak("after-a-peak"), MEBIBYTE, "dhat begins after the set-up");
    let story = of("after-a-peak", "release");
    let rss = &story["rss"];
    let began = rss["series"]["began_ns"].as_u64().expect("a time");
    let points = rss["series"]["points"].as_array().expect("points").iter();
    let earlier =
        points.filter(|point| point[0].as_u64() < Some(began)).filter_map(|point| point[1].as_u64()).max();
    assert!(earlier >= Some(47 * MEBIBYTE), "it is seen over time: {earlier:?}");
    if rss["reading"]["peak_was_reset"] == true {
        let peak = rss["reading"]["peak"].as_u64().expect("bytes");
        assert!(peak < 40 * MEBIBYTE, "the earlier peak is not the work's: {peak}");
    }
    let dhat = json(&file(project, "memory", "memory-rust.heap.dhat.json"));
    assert_eq!((&dhat["mode"], &dhat["verb"]), (&"rust-heap".into(), &"Allocated".into()));
    let totals = dhat["pps"].as_array().expect("points").iter().filter_map(|point| point["tb"].as_u64());
    assert_eq!(
        Some(totals.sum::<u64>()),
        of("rust", "heap")["heap"]["reading"]["total_bytes"].as_u64(),
        "dhat's file holds what was counted, and no more"
    );
    let page = fs::read_to_string(file(project, "memory", "index.html")).expect("the page");
    assert!(page.contains("not what C asks for") && page.contains("that peak is not the work"));
}

/// Of a run, and of one that was published before, which lacks the form that pprof's is made of.
fn published_profiles_name_no_folder(project: &Project) {
    let root = project.folder.path();
    let place = root.to_str().expect("UTF-8");
    let publish = |run: &str, out: &str| {
        let out = root.join(out);
        project.run(&["gallery", "--run", run, "--out", out.to_str().expect("UTF-8")]).expect(0, &[]);
        let profile = out.join("many/profiles/work-busy.release.pb");
        fs::read(&profile).expect("a profile")
    };
    let names_place = |bytes: &[u8]| bytes.windows(place.len()).any(|part| part == place.as_bytes());
    let raw = fs::read(project.file("whole", "profiles/work-busy.release.pb")).expect("a profile");
    assert!(names_place(&raw), "else there is nothing to hide");
    let first = publish("whole", "once");
    assert!(!names_place(&first) && first.windows(16).any(|part| part == b"deep_in_the_work"));
    let once = root.join("once/many");
    let once = once.to_str().expect("UTF-8");
    assert_eq!(publish(once, "twice"), first);
    let twice = root.join("twice");
    let check = ["gallery", "--run", once, "--out", twice.to_str().expect("UTF-8"), "--check"];
    project.run(&check).expect(0, &["all of it is as its run says"]);
    fs::write(twice.join("many/profiles/profiles.md"), "older").expect("written");
    project.run(&check).expect(1, &["stale: ", "many/profiles/profiles.md; "]);
}

fn a_run_gets_its_profiles_on_its_page(project: &Project) {
    let measured = ["bench", "--preset", "many", "--name", "whole", "--scenarios", "work/busy"];
    project.run(&measured).expect(0, &["work/busy"]);
    let page = || fs::read_to_string(project.file("whole", "report/index.html")).expect("the page");
    assert!(!page().contains("id=\"profiles\""));
    let profile =
        ["profile", "--run", "whole", "--with", "pprof,rss", "--scenarios", "work/busy", "--seconds", "1"];
    project.run(&profile).expect(0, &["report: "]);
    assert!(page().contains("id=\"profiles\"") && page().contains("../profiles/work-busy.release.pb"));
    assert_eq!(project.results("whole")["profiles"]["cpu"].as_array().map(Vec::len), Some(1));
    // By the preset and on the corpus of the run.
    let strange = "on other corpora of the names numbers: their times are not those of the run";
    assert!(!page().contains("not those of the run"));
    follows("results", &project.results("whole"));
    published_profiles_name_no_folder(project);
    // What was profiled before stays beside what is profiled now.
    let more =
        ["profile", "--run", "whole", "--with", "rss", "--scenarios", "work/busy", "--variants", "more"];
    project.run(&more).expect(0, &["work/busy under more"]);
    assert!(!page().contains("not those of the run"));
    project.run(&[&more[..], &["--preset", "quick"]].concat()).expect(0, &["work/busy under more"]);
    assert!(page().contains(strange));
    let profiles = &project.results("whole")["profiles"];
    assert_eq!(
        (profiles["cpu"].as_array().map(Vec::len), profiles["memory"].as_array().map(Vec::len)),
        (Some(1), Some(2))
    );
}

/// perf is there or not, and is permitted or not: either way it is told.
fn perf_samples_or_says_why_not(project: &Project) {
    let run = project.run(&[
        "profile",
        "--name",
        "perf",
        "--with",
        "perf",
        "--scenarios",
        "work/busy",
        "--seconds",
        "1",
    ]);
    if run.code == Some(0) {
        run.expect(0, &["by perf", "deep_in_the_work"]);
        follows("profile", &json(&file(project, "perf", "work-busy.release.cpu.json")));
    } else {
        eprintln!("perf does not record here: {}", run.stderr);
        run.expect(1, &["skipped: perf: ", "--with pprof"]);
    }
}

fn a_revision_is_set_against_another(project: &Project) {
    let git = |arguments: &[&str]| {
        let own =
            ["-c", "user.name=nobody", "-c", "user.email=nobody@example.org", "-c", "commit.gpgsign=false"];
        let ended = Command::new("git").args(own).args(arguments).current_dir(project.folder.path()).output();
        assert!(ended.is_ok_and(|output| output.status.success()), "git {arguments:?}");
    };
    git(&["init", "--quiet"]);
    fs::write(project.folder.path().join(".gitignore"), "target\n").expect("written");
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "before"]);
    edit(&project.folder.path().join("src/main.rs"), "let times = 3;", "let times = 9;");
    let run = project.run(&[
        "profile",
        "--name",
        "revisions",
        "--with",
        "pprof",
        "--scenarios",
        "work/busy",
        "--seconds",
        "2",
        "--against",
        "HEAD",
    ]);
    run.expect(0, &["work/busy, from release@HEAD to release", "deep_in_the_work"]);
    let of = |variant: &str| {
        let profile = json(&file(project, "revisions", &format!("work-busy.{variant}.cpu.json")));
        let figure = |key: &str| profile[key].as_f64().expect("a figure");
        figure("cpu_ns") / figure("iterations")
    };
    let ratio = of("release") / of("release-head");
    assert!((2.0..4.5).contains(&ratio), "three times the work: {ratio}");
    assert!(file(project, "revisions", "work-busy.release.against-release-head.svg").is_file());
}

fn without_a_sampler_it_says_what_mends_it(project: &Project) {
    edit(&project.folder.path().join("bench.toml"), "profile-feature = \"profile\"\n", "");
    let run = project.run(&["profile", "--name", "none", "--with", "pprof", "--scenarios", "work/busy"]);
    run.expect(1, &["bench.toml names no feature with a sampler", "profile-feature"]);
    assert!(!project.runs().join("none").exists(), "nothing is left behind");
}
