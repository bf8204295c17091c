//! `cargo xtask gate` on a project with a history of its own.

mod project;

use project::{Ended, Project};
use std::fs;
use std::process::Command;

/// The whole history: what is slower, wrong, and does not build.
#[test]
fn a_gate_passes_what_is_the_same_and_stops_what_is_not() {
    let project = Project::new();
    project.run(&["gate", "--base", "HEAD"]).expect(2, &["not in a git repository"]);
    let git = |arguments: &[&str]| {
        let who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"];
        let mut command = Command::new("git");
        let ended = Ended::of(
            command.args(who).args(arguments).current_dir(project.folder.path()).output().expect("git"),
        );
        ended.expect(0, &[]);
    };
    let main = project.folder.path().join("src/main.rs");
    let first = fs::read_to_string(&main).expect("read");
    let commit = |name: &str, text: &str| {
        fs::write(&main, text).expect("written");
        git(&["add", "."]);
        git(&["commit", "--quiet", "--message", name]);
        git(&["tag", name]);
    };
    fs::write(project.folder.path().join(".gitignore"), "target\n").expect("written");
    git(&["init", "--quiet"]);
    commit("start", &first);
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
    let json: serde_json::Value = serde_json::from_str(&read("gate.json")).expect("JSON");
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
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../harness/schemas/gate.schema.json");
    let schema = serde_json::from_slice(&fs::read(schema).expect("the schema")).expect("JSON");
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .expect("a schema")
        .iter_errors(&json)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    gate("wrong", "start", "wrong", &["--scenarios", "sum/wrong"]).expect(1, &["broken", "wrong answer"]);
    gate("unbuildable", "start", "unbuildable", &[]).expect(1, &["the head unbuildable", "does not build"]);
    gate("none", "start", "slower", &["--scenarios", "none/*"]).expect(1, &["share no scenario"]);
}
