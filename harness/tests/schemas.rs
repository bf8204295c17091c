//! The JSON Schemas in the tree are those of the types that are stored.

use harness::judge::wire::calibration::Calibration;
use harness::judge::wire::gate::Gate;
use harness::judge::wire::history::Entry;
use harness::judge::wire::manifest::Manifest;
use harness::judge::wire::profile::{Memory, Profile, Profiles};
use harness::judge::wire::results::Results;
use harness::judge::wire::sample::Sample;
use std::path::Path;

#[test]
fn the_schemas_in_the_tree_are_true() {
    let schemas = [
        ("manifest", schemars::schema_for!(Manifest)),
        ("sample", schemars::schema_for!(Sample)),
        ("results", schemars::schema_for!(Results)),
        ("gate", schemars::schema_for!(Gate)),
        ("calibration", schemars::schema_for!(Calibration)),
        ("profile", schemars::schema_for!(Profile)),
        ("profiles", schemars::schema_for!(Profiles)),
        ("memory", schemars::schema_for!(Memory)),
        ("history", schemars::schema_for!(Entry)),
    ];
    for (name, schema) in schemas {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{name}.schema.json"));
        let text = serde_json::to_string_pretty(&schema).expect("written") + "\n";
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(&path, &text).expect("written");
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == text,
            "{} is not true any more: run with UPDATE_GOLDEN=1 and look at the change",
            path.display()
        );
    }
}
