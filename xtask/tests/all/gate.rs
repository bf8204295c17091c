//! `cargo xtask gate` on a project with a history of its own.

use crate::project::{Ended, Project};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Runs git in a folder, as somebody, submodules from files allowed.
fn git(folder: &Path, arguments: &[&str]) {
    let who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"];
    let files = ["-c", "protocol.file.allow=always"];
    let mut command = Command::new("git");
    let output = command.args(who).args(files).args(arguments).current_dir(folder).output().expect("git");
    Ended::of(output).expect(0, &[]);
}

/// Makes the project a repository with its first commit, called `start`.
fn begin(project: &Project) {
    // A machine with other work takes its time over a visit.
    let folder = project.folder.path();
    let config = folder.join("bench.toml");
    let text = fs::read_to_string(&config).expect("read");
    let limited = "time-limit = 2\nmemory-limit";
    assert!(text.contains(limited));
    fs::write(&config, text.replace(limited, "time-limit = 60\nmemory-limit")).expect("written");
    fs::write(folder.join(".gitignore"), "target\n").expect("written");
    git(folder, &["init", "--quiet", "--initial-branch", "main"]);
    for (key, value) in [("user.name", "t"), ("user.email", "t@example.org"), ("commit.gpgsign", "false")] {
        git(folder, &["config", key, value]);
    }
    commit(folder, "start");
}

fn commit(folder: &Path, name: &str) {
    git(folder, &["add", "."]);
    git(folder, &["commit", "--quiet", "--message", name]);
    git(folder, &["tag", name]);
}

fn validate(schema: &str, value: &Value) {
    let path = format!("{}/../harness/schemas/{schema}.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema = serde_json::from_slice(&fs::read(path).expect("the schema")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors: Vec<String> = validator.iter_errors(value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("read")).expect("JSON")
}

/// The whole history: what is slower, wrong, and does not build.
#[test]
fn a_gate_passes_what_is_the_same_and_stops_what_is_not() {
    let project = Project::new();
    project.run(&["gate", "--base", "HEAD"]).expect(2, &["not in a git repository"]);
    begin(&project);
    let main = project.folder.path().join("src/main.rs");
    let first = fs::read_to_string(&main).expect("read");
    let commit = |name: &str, text: &str| {
        fs::write(&main, text).expect("written");
        commit(project.folder.path(), name);
    };
    commit("comment", &format!("{first}\n// It says more.\n"));
    let sum = "let sum = self.bytes.iter()";
    assert!(first.contains(sum));
    let slower = format!(
        "for at in 0..4 {{ std::hint::black_box(self.bytes.iter().fold(at, |a, &b| std::hint::black_box(a ^ b))); }} {sum}"
    );
    commit("slower", &first.replace(sum, &slower));
    commit(
        "wrong",
        &first.replace("const BROKEN: bool = cfg!(feature = \"mimalloc\");", "const BROKEN: bool = true;"),
    );
    commit("unbuildable", &first.replace("fn main()", "fn mian()"));

    let gate = |name: &str, base: &str, head: &str, more: &[&str]| {
        let arguments = ["gate", "--name", name, "--base", base, "--head", head, "--blocks", "8"];
        project.run(&[&arguments, more].concat())
    };
    gate("none", "nowhere", "start", &[]).expect(2, &["no revision \"nowhere\"", "git log"]);
    gate("same", "start", "comment", &[]).expect(0, &["pass", "byte for byte"]);
    gate("slower", "start", "slower", &[])
        .expect(3, &["regression: ", "time of sum/fine", "worse again on fresh blocks"]);
    let folder = project.folder.path().join("target/gate/verdicts/slower");
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("written");
    assert!(read("gate.md").starts_with("**Performance: regression"), "{}", read("gate.md"));
    let json = json(&folder.join("gate.json"));
    assert_eq!(json["verdict"], "regression");
    let list = |key: &str| json[key].as_array().expect("a list").clone();
    let counted = list("exact").into_iter().find(|one| one["metric"] == "instructions");
    let untold = list("notes").iter().any(|note| note.to_string().contains("there is no valgrind"));
    match counted {
        Some(counted) => {
            assert_eq!(
                (&counted["scenario"], &counted["decision"]),
                (&"sum/fine/small".into(), &"regression".into())
            );
            assert!(counted["head"].as_u64() > counted["base"].as_u64(), "{counted}");
        }
        None => assert!(untold, "neither counted nor told: {json}"),
    }
    let failures = if untold { 1 } else { 2 };
    assert!(read("gate.xml").contains(&format!("failures=\"{failures}\"")), "{}", read("gate.xml"));
    validate("gate", &json);
    the_figures_of_two_revisions_without_limits(&project);
    gate("wrong", "start", "wrong", &["--scenarios", "sum/wrong"]).expect(1, &["broken", "wrong answer"]);
    project
        .run(&["compare", "start", "wrong", "--scenarios", "sum/wrong", "--blocks", "8", "--demand"])
        .expect(1, &["a side is wrong or missing", "no figures to compare"]);
    gate("unbuildable", "start", "unbuildable", &[]).expect(1, &["the head unbuildable", "does not build"]);
    gate("unbuildable-2", "unbuildable", "start", &[]).expect(1, &["the base unbuildable", "does not build"]);
    gate("none", "start", "slower", &["--scenarios", "none/*"])
        .expect(2, &["no scenario \"none/*\"", "sum/fine"]);
}

fn the_figures_of_two_revisions_without_limits(project: &Project) {
    project
        .run(&["compare", "start", "slower", "--scenarios", "sum/*", "--blocks", "8", "--seed", "7"])
        .expect(0, &["slower (", "against start (", "time of sum/fine: ", "; worse"]);
    project.run(&["compare", "start", "comment", "--demand"]).expect(0, &["byte for byte"]);
    let measured = project.run(&["compare", "release", "one-unit", "--run", "slower-first", "--blocks", "9"]);
    measured.expect(2, &["variants of a run have been measured"]);
    // A run of that name is there too, and comes first; its samples were not read by a name that is only a revision.
    let mixed = project.run(&["compare", "slower-first", "start"]);
    mixed.expect(
        2,
        &["two of a kind", "\"slower-first\" is among the runs", "\"start\" is among the revisions"],
    );
}

/// What the history says decides nothing: a heap that grows stays below the limit each time, and the series tells.
#[test]
fn a_history_is_kept_and_followed() {
    let project = Project::new();
    let folder = project.folder.path();
    begin(&project);
    let main = folder.join("src/main.rs");
    let first = fs::read_to_string(&main).expect("read");
    let kept = folder.join("target/history");
    let entries = || fs::read_dir(&kept).map_or(0, Iterator::count);
    let gate = |name: &str, base: &str, head: &str, place: &str| {
        let blocks = ["--blocks", "8", "--against-history", place];
        project.run(&[&["gate", "--name", name, "--base", base, "--head", head], &blocks[..]].concat())
    };
    let place = kept.to_str().expect("UTF-8");
    let say = |words: &str| {
        let text =
            first.replace("fn main()", &format!("#[used]\nstatic SAID: &str = \"{words}\";\nfn main()"));
        fs::write(&main, text).expect("written");
    };
    fs::write(&main, format!("{first}\n// It says more.\n")).expect("written");
    commit(folder, "comment");
    say("other words");
    commit(folder, "words");
    // Nobody is to wait for a verdict on noise here: what it is does not matter.
    let words = gate("words", "comment", "words", place);
    assert!(matches!(words.code, Some(0 | 3 | 4)), "{} {}", words.stdout, words.stderr);
    words.expect(words.code.unwrap_or(1), &["history: 1 gated commit in the folder", "lead from"]);
    gate("same", "start", "comment", place)
        .expect(0, &["byte for byte", "history: 1 gated commit in the folder"]);
    assert_eq!(entries(), 2);
    for file in fs::read_dir(&kept).expect("read").flatten() {
        validate("history", &json(&file.path()));
    }
    // Gated again, its base's entry leads further back.
    fs::write(&main, format!("{}\n// And more.\n", fs::read_to_string(&main).expect("read")))
        .expect("written");
    commit(folder, "more");
    gate("more", "words", "more", place).expect(0, &["history: 3 gated commits in the folder"]);
    let verdicts = folder.join("target/gate/verdicts");
    let told = json(&verdicts.join("more/gate.json"));
    validate("gate", &told);
    assert_eq!(told["history"]["commits"], 3);
    let markdown = fs::read_to_string(verdicts.join("more/gate.md")).expect("read");
    assert!(markdown.contains("- history: 3 gated commits"), "{markdown}");

    gate("branch", "words", "more", "branch:assay-history")
        .expect(0, &["history: 1 gated commit in the branch"]);
    gate("again", "words", "more", "branch:assay-history").expect(0, &["byte for byte"]);
    git(folder, &["rev-parse", "--verify", "assay-history~1"]);
    gate("refused", "words", "more", "branch:main").expect(2, &["is checked out"]);
    fs::write(kept.join("broken.json"), "{").expect("written");
    gate("unread", "words", "more", place).expect(1, &["reading the history's file", "broken.json"]);
    assert!(!verdicts.join("unread").exists(), "told before anything is built");
}

/// Where a repository is not as one would have it.
#[test]
fn shallow_clones_folders_inside_submodules_and_changes_not_committed() {
    let project = Project::new();
    let folder = project.folder.path();
    begin(&project);
    let main = folder.join("src/main.rs");
    let first = fs::read_to_string(&main).expect("read");
    fs::write(&main, format!("{first}\n// It says more.\n")).expect("written");
    commit(folder, "comment");
    let gate = |at: &Path, base: &str| {
        let mut command = project.command(&["gate", "--base", base, "--name", "it", "--blocks", "8"]);
        // A submodule that is a folder is as good as one that is fetched.
        let file = [
            ("GIT_CONFIG_COUNT", "1"),
            ("GIT_CONFIG_KEY_0", "protocol.file.allow"),
            ("GIT_CONFIG_VALUE_0", "always"),
        ];
        Ended::of(command.current_dir(at).envs(file).output().expect("it starts"))
    };
    fs::write(&main, &first).expect("written");
    gate(folder, "start").expect(0, &["byte for byte", "changes that are not committed"]);
    git(folder, &["checkout", "--quiet", "--force", "main"]);

    let clones = tempfile::tempdir().expect("a folder");
    let from = format!("file://{}", folder.display());
    git(clones.path(), &["clone", "--quiet", "--depth", "1", &from, "shallow"]);
    let shallow = gate(&clones.path().join("shallow"), "HEAD~1");
    shallow.expect(
        2,
        &["no revision \"HEAD~1\"", "the clone is shallow", "git fetch --unshallow", "fetch-depth: 0"],
    );

    // The project in a folder of a repository, its source in a submodule.
    let whole = clones.path().join("whole");
    fs::create_dir(&whole).expect("made");
    git(&whole, &["init", "--quiet"]);
    fs::write(whole.join(".gitignore"), "target\n").expect("written");
    commit(&whole, "empty");
    let inside = whole.join("inside");
    fs::create_dir(&inside).expect("made");
    for name in ["Cargo.toml", "Cargo.lock", "bench.toml"] {
        fs::copy(folder.join(name), inside.join(name)).expect("copied");
    }
    let source = clones.path().join("source");
    fs::create_dir(&source).expect("made");
    git(&source, &["init", "--quiet"]);
    fs::write(source.join("main.rs"), &first).expect("written");
    commit(&source, "source");
    git(&whole, &["submodule", "--quiet", "add", source.to_str().expect("UTF-8"), "inside/src"]);
    commit(&whole, "inside");
    fs::write(whole.join("README"), "about").expect("written");
    commit(&whole, "about");
    gate(&inside, "inside").expect(0, &["byte for byte"]);
    gate(&inside, "empty").expect(1, &["empty (", "has no Cargo.toml in ./inside"]);
}

/// Limits that do not count, and such as apply to nothing, are told.
#[test]
fn limits_that_are_no_use_are_told() {
    let project = Project::new();
    let folder = project.folder.path();
    let limit = |metric: &str, scenarios: &str, until: &str| {
        format!(
            "\n[[gate.limit]]\nscenarios = \"{scenarios}\"\nmetric = \"{metric}\"\nlimit = 9.0\nuntil = {until}\nreason = \"it pays\"\n"
        )
    };
    let toml = folder.join("bench.toml");
    let text = fs::read_to_string(&toml).expect("read");
    let limits = [
        limit("time", "sum/fnie", "2999-01-01"),
        limit("time", "sum/*", "2020-01-01"),
        limit("rss", "*", "2999-01-01"),
    ];
    fs::write(&toml, format!("{text}{}", limits.concat())).expect("written");
    begin(&project);
    let main = folder.join("src/main.rs");
    let first = fs::read_to_string(&main).expect("read");
    fs::write(&main, first.replace("fn main()", "#[used]\nstatic SAID: &str = \"words\";\nfn main()"))
        .expect("written");
    commit(folder, "words");
    let ended = project.run(&["gate", "--base", "start", "--name", "it", "--blocks", "8"]);
    assert!(matches!(ended.code, Some(0 | 3 | 4)), "{} {}", ended.stdout, ended.stderr);
    let told = json(&folder.join("target/gate/verdicts/it/gate.json"));
    let notes = told["notes"].to_string();
    assert!(notes.contains("the limit of time of sum/fnie applied to nothing"), "{notes}");
    assert!(notes.contains("the limit of time of sum/* ended on 2020-01-01"), "{notes}");
    assert!(!notes.contains("the limit of rss"), "{notes}");
    let rss = told["judged"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|one| one["metric"] == "rss")
        .expect("rss")
        .clone();
    assert_eq!(
        (rss["limit"].as_f64(), rss["limit_reason"].as_str()),
        (Some(9.0), Some("until 2999-01-01: it pays"))
    );
}
