//! The `logs` command, as it is run.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const LOG: &str = "{\"timestamp\":\"2018-04-16 04:59:59\",\"client_ip\":\"192.0.2.7\",\"request_path\":\"/versions\",\
                   \"tls_cipher\":\"A\",\"level\":\"INFO\"}\nnot a record\n{\"level\":\"ERROR\",\"n\":1}\n\
                   {\"level\":\"err\",\"n\":2}\n";

fn logs(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_logs")).args(args).stdin(Stdio::null()).output().expect("logs runs")
}

fn with_input(args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_logs"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("logs runs");
    child.stdin.take().expect("it has an input").write_all(input).expect("it reads its input");
    child.wait_with_output().expect("logs ends")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn file(folder: &TempDir, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, content).expect("the folder can be written to");
    path
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a folder with a plain name")
}

/// The answer without the time it was given at, which is checked for its form.
fn timeless(answer: &str) -> String {
    let (before, rest) = answer.split_once("\"ran_at\":\"").expect("the answer tells when");
    let (time, after) = rest.split_once('"').expect("a string ends");
    let form: String = time.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    assert_eq!(form, "9999-99-99T99:99:99Z");
    format!("{before}{after}")
}

#[test]
fn count_prints_the_answer_and_tells_of_bad_lines() {
    let folder = TempDir::new().expect("a folder");
    let log = file(&folder, "a.log", LOG.as_bytes());
    let output = logs(&["count", text(&log)]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        timeless(&out(&output)),
        format!(
            "{{\"files\":[\"{}\"],,\"stats\":{{\"2018-04-16\":{{\"bundler\":{{}},\"ci\":{{}},\"gemstash\":{{}},\
             \"platform\":{{}},\"ruby\":{{}},\"rubygems\":{{}},\"server_region\":{{}},\
             \"tls_cipher\":{{\"A\":{{\"total\":1,\"unique\":1}}}}}}}}}}\n",
            text(&log)
        )
    );
    assert_eq!(err(&output), "logs: 1 line is no record; --bad lists them\n");

    let listed = logs(&["count", "--bad", text(&log)]);
    let first = format!("{}:2: of no format that is known (at byte 119)\n", text(&log));
    assert_eq!(err(&listed), format!("{first}logs: 1 line is no record\n"));
}

#[test]
fn count_of_nothing_is_empty() {
    for output in [with_input(&["count", "-"], b""), logs(&["count", "/dev/null"])] {
        assert_eq!(output.status.code(), Some(0));
        assert!(out(&output).ends_with("\"stats\":{}}\n"));
        assert_eq!(err(&output), "");
    }
}

#[test]
fn a_missing_file_does_not_stop_the_others() {
    let folder = TempDir::new().expect("a folder");
    let log = file(&folder, "a.log", LOG.as_bytes());
    let missing = folder.path().join("missing");
    let output = logs(&["count", text(&missing), text(&log), text(folder.path())]);
    assert_eq!(output.status.code(), Some(2));
    assert!(out(&output).contains("\"total\":1"));
    assert!(!out(&output).contains("missing"));
    assert!(err(&output).contains("missing: No such file"), "{}", err(&output));
    assert!(err(&output).contains("is a directory"), "{}", err(&output));

    let alone = logs(&["count", text(&missing)]);
    assert_eq!((alone.status.code(), out(&alone).as_str()), (Some(2), ""));
}

#[test]
fn what_is_not_lines_is_refused_with_a_remedy() {
    let folder = TempDir::new().expect("a folder");
    for (content, remedy) in [
        (b"\x1f\x8b\x08\0\0\0".as_slice(), "gzip -dc "),
        (b"[\n{}\n]\n", "jq -c '.[]' "),
        (b"{\n\"level\": 1\n}\n", "jq -c . "),
        (b"\xff\xfe{\0}\0\n\0", "iconv "),
    ] {
        let log = file(&folder, "a", content);
        for args in [
            ["count", text(&log), text(&log)].as_slice(),
            &["search", "--level", "info", "--count", text(&log)],
        ] {
            let output = logs(args);
            assert_eq!(output.status.code(), Some(2));
            assert_eq!(out(&output), "");
            assert!(err(&output).contains(remedy), "{}", err(&output));
        }
    }
}

#[test]
fn search_prints_what_it_finds_as_it_is() {
    let output = with_input(&["search", "--level", "ERROR", "-"], LOG.as_bytes());
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(out(&output), "{\"level\":\"ERROR\",\"n\":1}\n{\"level\":\"err\",\"n\":2}\n");
    assert_eq!(err(&output), "logs: 1 line is no record; --bad lists them\n");

    let limited = with_input(&["search", "--level=error", "--limit", "1", "-"], LOG.as_bytes());
    assert_eq!(out(&limited), "{\"level\":\"ERROR\",\"n\":1}\n");

    let counted = with_input(&["search", "--level", "Error", "--count", "-"], LOG.as_bytes());
    assert_eq!(out(&counted), "2\n");

    let nothing = with_input(&["search", "--level", "fatal", "-"], b"{\"level\":\"INFO\"}\n");
    assert_eq!((nothing.status.code(), out(&nothing).as_str()), (Some(1), ""));
}

#[test]
fn the_limit_goes_over_all_files() {
    let folder = TempDir::new().expect("a folder");
    let log = file(&folder, "a.log", LOG.as_bytes());
    let output =
        logs(&["search", "--level", "error", "--limit", "3", "--count", text(&log), text(&log), "/no/such"]);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(0), "3\n"));
}

#[test]
fn wrong_usage_is_told_with_what_is_right() {
    for (args, expected) in [
        ([].as_slice(), "count, search"),
        (&["tally"], "there are count, search"),
        (&["count"], "FILE"),
        (&["count", "--bye", "x"], "logs count --help"),
        (&["search", "x"], "trace, debug, info, warn, error, fatal"),
        (&["search", "--level", "loud", "x"], "trace, debug, info, warn, error, fatal"),
        (&["search", "--level", "info", "--limit", "many", "x"], "--limit"),
        (&["search", "--level", "info", "--limit", "0", "x"], "--limit"),
        (&["search", "--level", "info"], "FILE"),
    ] {
        let output = logs(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(err(&output).contains(expected), "{args:?}: {}", err(&output));
        assert_eq!(out(&output), "", "{args:?}");
    }
}

#[test]
fn help_and_version_go_to_standard_output() {
    for args in [["--help"].as_slice(), &["-h"], &["count", "--help"], &["search", "-h"]] {
        let output = logs(args);
        assert_eq!(output.status.code(), Some(0));
        assert!(out(&output).contains("Usage:"), "{args:?}");
    }
    let version = out(&logs(&["--version"]));
    let allocator = match (cfg!(feature = "mimalloc"), cfg!(feature = "jemalloc")) {
        (true, _) => "mimalloc",
        (_, true) => "jemalloc",
        _ => "system",
    };
    assert_eq!(version, format!("logs {} (allocator: {allocator})\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let folder = TempDir::new().expect("a folder");
    let log = file(&folder, "a.log", "{\"level\":\"ERROR\"}\n".repeat(100_000).as_bytes());
    let mut child = Command::new(env!("CARGO_BIN_EXE_logs"))
        .args(["search", "--level", "error", text(&log)])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("logs runs");
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().expect("it has an error output").read_to_string(&mut said).expect("it says UTF-8");
    assert_eq!(child.wait().expect("logs ends").code(), Some(0));
    assert_eq!(said, "");
}
