//! The command `generate`, run as people run it.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn generate(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_generate"));
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    generate(arguments).output().unwrap()
}

fn error(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn files_and_stdout_hold_what_the_library_gives() {
    let folder = tempfile::tempdir().unwrap();
    for shape in generator::Shape::ALL {
        let (out, truth) = (folder.path().join("log"), folder.path().join("truth"));
        let arguments =
            [shape.name(), "--seed", "9", "--records", "1500", "--force", "--truth", truth.to_str().unwrap()];
        let mut expected = Vec::new();
        let spec = generator::Spec::new(shape, 9, 1500);
        let facts = generator::generate(&spec, &mut expected).unwrap();
        let mut expected_truth = Vec::new();
        facts.write_json(&mut expected_truth).unwrap();

        let to_file = generate(&arguments).arg("--out").arg(&out).output().unwrap();
        assert!(to_file.status.success(), "{}", error(&to_file));
        assert!(to_file.stdout.is_empty() && to_file.stderr.is_empty());
        assert!(fs::read(&out).unwrap() == expected);
        assert!(fs::read(&truth).unwrap() == expected_truth);
        for out in [&[][..], &["--out", "-"]] {
            let to_stdout = generate(&arguments).args(out).output().unwrap();
            assert!(to_stdout.status.success() && to_stdout.stdout == expected);
            assert!(fs::read(&truth).unwrap() == expected_truth);
        }
        assert_eq!(names(folder.path()), ["log", "truth"]);
    }
}

#[test]
fn wrong_usage_exits_with_2_and_says_what_there_is() {
    let cases: [(&[&str], &str); 9] = [
        (&["cnd"], "there is no shape \"cnd\"; did you mean \"cdn\"? The shapes are: cdn, app"),
        (&[], "The shapes are: cdn, app"),
        (
            &["cdn", "--sed", "1"],
            "there is no flag --sed; did you mean --seed? The flags are: --seed, --records, --bytes",
        ),
        (&["cdn", "-x"], "there is no flag -x"),
        (&["cdn", "--seed", "one"], "--seed needs a whole number"),
        (&["cdn", "--records", "-1"], "--records needs a whole number"),
        (&["cdn", "--records", "4294967297"], "more than a corpus can have (4294967296)"),
        (&["cdn", "app"], "one word too many"),
        (&["cdn", "--truth", "-"], "--truth needs a file"),
    ];
    for (arguments, message) in cases {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(error(&output).contains(message), "{arguments:?}: {}", error(&output));
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn help_and_version_are_printed() {
    for (arguments, begins) in [
        (&["--help"][..], "Write a log,"),
        (&["-h"], "Write a log,"),
        (&["cdn", "--help"], "Shape cdn:"),
        (&["--help", "app"], "Shape app:"),
        (&["--version"], concat!("generate ", env!("CARGO_PKG_VERSION"), " (format 4)\n")),
    ] {
        let output = run(arguments);
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.starts_with(begins), "{arguments:?}: {text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 100 || line.starts_with('{')),
            "{arguments:?} has a line too wide"
        );
    }
}

#[test]
fn an_existing_file_is_kept_without_force_and_replaced_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (out, truth) = (folder.path().join("log"), folder.path().join("truth"));
    let [out_name, truth_name] = [&out, &truth].map(|path| path.to_str().unwrap());
    let arguments = ["app", "--records", "10", "--out", out_name, "--truth", truth_name];
    for existing in [&out, &truth] {
        fs::write(existing, "mine").unwrap();
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(1));
        assert!(error(&output).contains("is there already: give --force"), "{}", error(&output));
        assert_eq!(fs::read(existing).unwrap(), b"mine");
        assert_eq!(names(folder.path()).len(), 1);
        fs::remove_file(existing).unwrap();
    }
    fs::write(&out, "mine").unwrap();
    assert!(generate(&arguments).arg("--force").status().unwrap().success());
    assert_eq!(fs::read_to_string(&out).unwrap().lines().count(), 10);
    assert_eq!(names(folder.path()), ["log", "truth"]);
}

#[test]
fn places_that_cannot_be_written_exit_with_1_and_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let inside = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let cases = [
        (vec!["--out".to_owned(), inside("missing/log")], "make its folder first"),
        (
            vec!["--out".to_owned(), inside("log"), "--truth".to_owned(), inside("missing/truth")],
            "make its folder first",
        ),
        (
            vec!["--out".to_owned(), inside("same"), "--truth".to_owned(), inside("./same")],
            "give each a name of its own",
        ),
        (vec!["--out".to_owned(), inside("")], "directory"),
    ];
    for (places, message) in cases {
        let output = generate(&["cdn", "--records", "10"]).args(&places).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{places:?}");
        assert!(error(&output).contains(message), "{places:?}: {}", error(&output));
        assert_eq!(names(folder.path()), [""; 0], "{places:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_exits_with_1_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let cases: [&[&str]; 2] =
        [&["--out", "/dev/full"], &["--out", log.to_str().unwrap(), "--truth", "/dev/full"]];
    for places in cases {
        let output = generate(&["app", "--records", "5000"]).args(places).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{places:?}");
        assert!(error(&output).contains("cannot write /dev/full"), "{}", error(&output));
        assert!(error(&output).contains("free some space"), "{}", error(&output));
        assert_eq!(names(folder.path()), [""; 0]);
    }
    assert!(Path::new("/dev/full").exists());
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let mut child = generate(&["cdn", "--records", "50000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut some = [0; 1000];
    child.stdout.take().unwrap().read_exact(&mut some).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(error(&output), "");
}
