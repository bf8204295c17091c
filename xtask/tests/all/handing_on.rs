//! A run that others are to read: exported, and spliced into a document.

use crate::project::Project;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// `cargo xtask export`, as far as it is not reports' own.
pub fn exported(project: &Project) {
    let csv = project.run(&["export", "csv", "--run", "plain"]);
    csv.expect(0, &["run,scenario,variant", "plain,sum/fine,one-unit,variant,time,ns,8"]);
    let file = project.folder.path().join("run.om");
    let path = file.to_str().expect("UTF-8");
    project.run(&["export", "openmetrics", "--run", "plain", "--out", path]).expect(0, &[]);
    assert!(fs::read_to_string(&file).expect("written").ends_with("# EOF\n"));
    // Results that were published without their samples, and the same by the file alone.
    let folder = project.folder.path().join("published");
    fs::create_dir_all(&folder).expect("made");
    fs::copy(project.file("plain", "results.json"), folder.join("results.json")).expect("copied");
    for run in ["published", "published/results.json"] {
        let again = project.run(&["export", "csv", "--run", run]);
        assert_eq!(again.stdout, csv.stdout, "{run}: {}", again.stderr);
    }
    project.run(&["export", "xml"]).expect(2, &["possible values: csv, jsonl"]);
    project.run(&["export", "csv", "--run", "none"]).expect(2, &["there is no run \"none\""]);
    project
        .run(&["export", "csv", "--out", "no/such/folder/x.csv"])
        .expect(1, &["writing no/such/folder/x.csv"]);
    let text = fs::read_to_string(folder.join("results.json")).expect("read");
    fs::write(folder.join("results.json"), text.replacen("\"version\": ", "\"version\": 9", 1))
        .expect("newer");
    project.run(&["export", "csv", "--run", "published"]).expect(1, &["results.json", "use a newer build"]);
    fs::write(folder.join("results.json"), &text[..text.len() / 2]).expect("cut off");
    project.run(&["export", "csv", "--run", "published"]).expect(1, &["results.json", "cut off"]);
    fs::write(folder.join("results.json"), text).expect("as it was");
}

/// `cargo xtask report --splice`, on a run beside the document and on one by its name.
pub fn spliced(project: &Project) {
    let document = project.folder.path().join("notes.md");
    let blocks = "Ours:\n<!-- assay time run=published -->\n<!-- /assay -->\n<!-- assay chart name=speed file=speed.svg -->\n<!-- /assay -->\n";
    fs::write(&document, blocks).expect("written");
    let splice = ["report", "--splice", "notes.md"];
    project.run(&splice).expect(1, &["notes.md: line 4", "names no run"]);
    let splice = ["report", "plain", "--splice", "notes.md"];
    let check = [&splice[..], &["--check"]].concat();
    project
        .run(&check)
        .expect(1, &["stale: the block at line 2 of notes.md", "speed.svg, the chart at line 4"]);
    assert_eq!(fs::read_to_string(&document).expect("read"), blocks, "a check writes nothing");
    project.run(&splice).expect(0, &["made anew: the block at line 2"]);
    project.run(&check).expect(0, &["every block is as its run says"]);
    let text = fs::read_to_string(&document).expect("read");
    assert!(text.contains("| `one-unit` |") && text.contains("](speed.svg)"), "{text}");
    // A chart that somebody changed, and a figure that somebody made nicer.
    fs::write(project.folder.path().join("speed.svg"), "<svg/>").expect("changed");
    project.run(&check).expect(1, &["stale: speed.svg, the chart at line"]);
    project.run(&splice).expect(0, &["made anew: speed.svg"]);
    fs::write(&document, text.replace("reference", "best")).expect("changed");
    project.run(&check).expect(1, &["stale: the block at line 2"]);
    project.run(&["report", "--check"]).expect(2, &["--splice"]);
    project.run(&["report"]).expect(2, &["<RUN>"]);
    project.run(&["report", "--splice", "none.md"]).expect(1, &["reading none.md"]);
}

/// `cargo xtask gallery`: a run as a repository shows it, which names no place of this machine and gives the same again.
pub fn published(project: &Project) {
    let root = project.folder.path();
    let (document, name) = (root.join("README.md"), "reports/gallery/quick");
    let block = "<!-- assay chart run=reports/gallery/quick name=heat file=heat.svg -->\n<!-- /assay -->\n";
    fs::write(&document, block).expect("written");
    project.run(&["gallery", "--run", "plain"]).expect(0, &["made anew:", "reports/gallery/quick: ", "MB"]);
    assert!(fs::read_to_string(&document).expect("read").contains("](heat.svg)"));
    let lying = |folder: &str| -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = fs::read_dir(root.join(folder)).expect("a folder").flatten();
        let files = entries.filter(|entry| entry.path().is_file());
        files.map(|entry| (entry.path(), fs::read(entry.path()).expect("read"))).collect()
    };
    let all = || {
        let mut all = lying(name);
        all.extend(lying("reports/gallery/quick/report"));
        all
    };
    let first = all();
    let names: Vec<&str> = first.keys().filter_map(|path| path.file_name()?.to_str()).collect();
    for wanted in [
        "README.md",
        "manifest.json",
        "results.json",
        "samples.jsonl.gz",
        "index.html",
        "summary.md",
        "heat.svg",
    ] {
        assert!(names.contains(&wanted), "{wanted} is not among {names:?}");
    }
    let place = root.to_str().expect("UTF-8");
    for (path, bytes) in &first {
        assert!(!String::from_utf8_lossy(bytes).contains(place), "{} names {place}", path.display());
    }
    // Again from the run, and from what was published alone.
    project.run(&["gallery", "--run", "plain"]).expect(0, &["every block is as its run says"]);
    assert!(all() == first, "the same run gives the same bytes");
    fs::write(root.join(name).join("report/old.svg"), "of an earlier run").expect("written");
    fs::remove_file(root.join(name).join("results.json")).expect("removed");
    project.run(&["gallery", "--run", name]).expect(0, &[]);
    assert!(all() == first, "the published run makes itself again");
    // A check makes the same beside it, and neither touches it nor leaves anything.
    let check = ["gallery", "--run", name, "--check"];
    project.run(&check).expect(0, &["reports/gallery/quick: all of it is as its run says", "every block is"]);
    let summary = root.join(name).join("report/summary.md");
    fs::write(&summary, "older").expect("written");
    fs::write(root.join(name).join("report/old.svg"), "of an earlier run").expect("written");
    project.run(&check).expect(
        1,
        &["stale: reports/gallery/quick/report/old.svg, reports/gallery/quick/report/summary.md; `cargo xtask gallery"],
    );
    assert_eq!(fs::read_to_string(&summary).expect("read"), "older", "a check writes nothing");
    assert!(!root.join("target/gallery-check").exists());
    project.run(&["gallery", "--run", name]).expect(0, &[]);
    assert!(all() == first);
    fs::write(&document, block).expect("written");
    project.run(&check).expect(1, &["stale: the block at line 1"]);
    project.run(&["gallery", "--check"]).expect(2, &["--run"]);
    // Whatever reads a run reads it; nothing is added to it.
    let csv = |run: &str| project.run(&["export", "csv", "--run", run]).stdout;
    assert_eq!(csv(name), csv("plain"));
    project.run(&["chart", "heat", "--run", name, "--out", "again.svg"]).expect(0, &["again.svg"]);
    project.run(&["gallery", "--run", "plain", "--preset", "quick"]).expect(2, &["--preset"]);
    project.run(&["gallery", "--run", "none"]).expect(2, &["there is no run \"none\""]);
    project.run(&["bench", "--resume", name]).expect(1, &["published"]);
}
