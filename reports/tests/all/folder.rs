//! The report's folder on disk.

use crate::fixture;
use std::collections::BTreeSet;
use std::fs;

#[test]
fn the_folder_holds_the_page_the_summary_and_every_chart() {
    let dir = tempfile::tempdir().expect("a folder");
    let paths = reports::write(&fixture::hostile(), dir.path()).expect("a report");
    let unique: BTreeSet<_> = paths.iter().collect();
    assert_eq!(unique.len(), paths.len(), "two scenarios share a file: {paths:?}");
    let found = fs::read_dir(dir.path().join("report")).expect("the folder").count();
    assert_eq!(found, paths.len(), "nothing else is left behind");
    for name in ["index.html", "summary.md", "speed.svg", "memory.svg", "strip-one-sample.svg"] {
        let path = dir.path().join("report").join(name);
        assert!(paths.contains(&path), "{name} is not among {paths:?}");
        assert!(fs::metadata(&path).expect("a file").len() > 0, "{name}");
    }
    let again = reports::write(&fixture::hostile(), dir.path()).expect("the same report again");
    assert_eq!(again, paths);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("report"), "in the way").expect("a file");
    let error = reports::write(&fixture::minimal(), dir.path()).expect_err("a file is in the way");
    assert!(error.to_string().contains(&dir.path().join("report").display().to_string()), "{error}");
}

#[test]
fn a_file_that_cannot_be_replaced_is_named_and_nothing_half_written_is_left() {
    let dir = tempfile::tempdir().expect("a folder");
    let page = dir.path().join("report/index.html");
    fs::create_dir_all(page.join("not-empty")).expect("a folder in the file's place");
    let error = reports::write(&fixture::minimal(), dir.path()).expect_err("a folder is in the way");
    assert!(error.to_string().contains("index.html"), "{error}");
    assert_eq!(fs::read_dir(dir.path().join("report")).expect("the folder").count(), 1);
}
