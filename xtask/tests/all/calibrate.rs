//! `cargo xtask calibrate` on a small subject: every arm is one binary, and what is slower really does more.

use crate::project::Project;
use serde_json::Value;
use std::fs;
use std::path::Path;

#[test]
fn a_calibration_is_made_kept_and_cited_and_its_samples_are_enough_to_make_it_again() {
    let project = Project::new();
    let config = project.folder.path().join("bench.toml");
    let text = fs::read_to_string(&config).expect("read");
    // What records that arrive at a pace take can't be calibrated, and they may be in a preset all the same.
    let quick = "[preset.quick]\nvariants = [\"release\", \"one-unit\"]\nscenarios = [\"sum/fine\"";
    assert!(text.contains(quick));
    fs::write(&config, text.replace(quick, &format!("{quick}, \"arrive/*\""))).expect("written");
    project
        .run(&["calibrate", "--preset", "many"])
        .expect(1, &["nothing to calibrate on", "--scenarios", "sum/fine"]);
    let flags = ["calibrate", "--trials", "1", "--blocks", "8", "--alike", "1", "--name", "small"];
    project
        .run(&[&flags[..], &["--scenarios", "sum/fine,sum/fien"]].concat())
        .expect(2, &["no scenario", "sum/fine"]);
    project.run(&flags).expect(0, &["With 8 blocks the same binary is told apart", "calibration.md"]);
    let folder = project.folder.path().join("target/calibration");
    let read =
        |path: &Path| -> Value { serde_json::from_slice(&fs::read(path).expect("the file")).expect("JSON") };
    let calibration = read(&folder.join("small/calibration.json"));
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../harness/schemas/calibration.schema.json");
    let schema = read(Path::new(schema));
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    if let Err(error) = validator.validate(&calibration) {
        panic!("{error} at {}", error.instance_path());
    }
    let at = &calibration["at"][0];
    assert_eq!((&at["blocks"], &at["alike"]["comparisons"]), (&8.into(), &1.into()), "{at}");
    let slowed: Vec<&Value> =
        at["slowed"].as_array().expect("a list").iter().map(|one| &one["slowdown"]).collect();
    assert_eq!(slowed, [0.01, 0.02, 0.05, 0.1].map(Value::from).iter().collect::<Vec<_>>());
    assert!(
        at["slowed"].as_array().expect("a list").iter().all(|one| one["all"]["comparisons"] == 2),
        "{at}"
    );
    // The small subject adds up numbers, so twice a tenth of the lines is a tenth more instructions.
    if let Some(why) = calibration["uncounted"].as_str() {
        assert!(why.contains("there is no valgrind"), "{why}");
    } else {
        let shares = calibration["shares"].as_array().expect("a list");
        let tenth = shares.iter().find(|share| share["meant"] == 0.1).expect("10 %");
        let more = tenth["instructions"].as_f64().expect("a number");
        assert!((0.05..0.15).contains(&more), "{tenth}");
    }
    for name in ["calibration.md", "alike.svg", "detection.svg"] {
        assert!(folder.join("small").join(name).is_file(), "{name}");
    }
    // All is there: nothing is measured, and the same comes out.
    let samples = project.samples("small-1");
    project.run(&flags).expect(0, &["calibration.md"]);
    assert_eq!(project.samples("small-1"), samples);
    assert_eq!(read(&folder.join("small/calibration.json")), calibration);
    // Other flags are another calibration.
    let others = ["calibrate", "--trials", "1", "--blocks", "9", "--alike", "1", "--name", "small"];
    project.run(&others).expect(1, &["begun with", "choose another --name"]);
    project.run(&["bench", "--name", "after"]).expect(0, &["report:"]);
    assert_eq!(project.results("after")["provenance"]["calibration"]["name"], "small");
    let page = fs::read_to_string(project.file("after", "report/summary.md")).expect("summary.md");
    assert!(page.contains("calibration small"), "{page}");
}
