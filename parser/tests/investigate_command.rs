//! The subcommands of `logs` that work on an index, as they are run.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const LOG: &str = concat!(
    r#"{"ts":"2025-01-15T10:00:00Z","level":"INFO","service":"web","thread":"t1","req_id":"r1","#,
    r#""trace_id":"x","span_id":"a","message":"begin 1","ms":1}"#,
    "\n",
    r#"{"ts":"2025-01-15T10:00:02Z","level":"ERROR","service":"db","thread":"t2","req_id":"r1","#,
    r#""trace_id":"x","span_id":"c","parent_span_id":"b","message":"timeout after 30 ms","ms":3}"#,
    "\nnot a record\n",
    r#"{"ts":"2025-01-15T10:00:03Z","level":"ERROR","service":"api","thread":"t2","req_id":"r1","#,
    r#""trace_id":"x","span_id":"b","parent_span_id":"a","message":"call failed","ms":100}"#,
    "\n",
    r#"{"ts":"2025-01-15T10:00:04Z","level":"INFO","service":"web","thread":"t1","req_id":"r1","#,
    r#""trace_id":"x","span_id":"a","message":"end 2","ms":"?"}"#,
    "\n",
    r#"{"ts":"2025-01-15T10:00:05Z","level":"INFO","service":"web","thread":"t1","req_id":"r2","message":"begin 3"}"#,
    "\n",
);

fn logs(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_logs")).args(args).stdin(Stdio::null()).output().expect("logs runs")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(args: &[&str]) -> Value {
    let output = logs(&[args, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", err(&output));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// A folder with the log, and its path.
fn log() -> (TempDir, String) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("a.log");
    fs::write(&path, LOG).expect("the folder can be written to");
    let path = path.to_str().expect("a plain name").to_owned();
    (folder, path)
}

#[test]
fn find_prints_lines_counts_and_context() {
    let (_folder, path) = log();
    let found = logs(&["find", "--level", "error", &path]);
    let lines: Vec<&str> = LOG.lines().filter(|line| line.contains("ERROR")).collect();
    assert_eq!(out(&found), lines.join("\n") + "\n");
    assert_eq!(err(&found), "logs: 1 line is no record; --bad lists them\n");
    assert_eq!(out(&logs(&["find", "--text", "begin", "--format", "count", &path])), "2\n");
    let near = logs(&["find", "--text", "timeout", "--context", "1", "--format", "compact", &path]);
    assert_eq!(out(&near).lines().count(), 3);
    let last = logs(&["find", "--tail", "--limit", "1", "--format", "compact", &path]);
    assert_eq!(out(&last), "2025-01-15T10:00:05Z info  web t1 begin 3\n");
    assert!(err(&last).contains("1 of 5 are shown"));
    let full = json(&["find", "--span", "c", &path]);
    assert_eq!(full["total"], 1);
    assert_eq!(
        (&full["entries"][0]["line"], &full["entries"][0]["parent_span_id"]),
        (&2.into(), &"b".into())
    );
    let none = logs(&["find", "--thread", "nobody", &path]);
    assert_eq!((none.status.code(), out(&none)), (Some(1), String::new()));
}

#[test]
fn every_subcommand_answers_as_text_and_as_json() {
    let (_folder, path) = log();
    let all: [(&[&str], &str, &str, Value); 12] = [
        (&["summary"], "errors", "/tally/errors", 2.into()),
        (&["ids", "--by", "thread"], "t1", "/ids/0/count", 3.into()),
        (&["follow", "--correlation", "r1"], "timeout", "/tally/entries", 4.into()),
        (&["tree"], "└─ api b", "/total", 3.into()),
        (&["tree", "--as", "waterfall"], "█", "/nodes/1/duration_ms", 1000.into()),
        (&["errors"], "root cause at depth 2", "/causes/0/spread_to", 1.into()),
        (
            &["timeline", "--trace", "x"],
            "4 entries in 4000.000 ms, 3 services",
            "/changes_of_service",
            3.into(),
        ),
        (&["bottlenecks"], "longest self time", "/primary/nodes/0/name", "a".into()),
        (&["compare", "--thread", "t1", "--thread", "t2"], "error rate", "/second/errors", 2.into()),
        (&["diff", "--thread", "t1", "--thread", "t2"], "added: 2", "/added/total", 2.into()),
        (&["patterns"], "begin 0", "/patterns/0/count", 2.into()),
        (&["metrics", "--field", "ms"], "p50 3.000", "/metrics/0/not_numbers", 1.into()),
    ];
    for (args, says, at, value) in all {
        let args = [args, &[path.as_str()]].concat();
        let text = logs(&args);
        assert_eq!(text.status.code(), Some(0), "{args:?}: {}", err(&text));
        assert!(out(&text).contains(says), "{args:?}: {}", out(&text));
        let answer = json(&args);
        assert_eq!(answer.pointer(at), Some(&value), "{args:?}: {answer}");
    }
    for strategy in
        ["representative", "diverse", "chronological", "errors", "random", "head", "tail", "edges"]
    {
        let sample = json(&["sample", "--strategy", strategy, "--size", "3", &path]);
        assert_eq!(sample["entries"].as_array().map(Vec::len), Some(3), "{strategy}");
    }
    assert_eq!(out(&logs(&["tree", "--as", "folded", &path])), "web 3000000\nweb;api 1000000\n");
    assert!(out(&logs(&["tree", "--as", "svg", &path])).starts_with("<svg "));
}

#[test]
fn answers_keep_to_their_budget() {
    let (_folder, path) = log();
    for args in [vec!["find"], vec!["summary"], vec!["tree"], vec!["errors"], vec!["timeline"]] {
        for most in ["300", "1000"] {
            let output = logs(&[&args[..], &["--max-bytes", most, &path]].concat());
            if output.status.code() == Some(2) {
                assert!(err(&output).contains("the shortest form of this answer takes"), "{args:?}");
                continue;
            }
            assert!(output.stdout.len() <= most.parse().expect("a number"), "{args:?}");
            let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            assert!(answer.is_object());
        }
    }
    let cut = logs(&["find", "--max-bytes", "900", &path]);
    let answer: Value = serde_json::from_slice(&cut.stdout).expect("JSON");
    let kept = answer["entries"].as_array().map_or(0, Vec::len) as u64;
    assert_eq!(answer["left_out"]["entries"].as_u64().map(|left| left + kept), Some(5));
}

#[test]
fn a_saved_index_is_used_extended_and_refused() {
    let (folder, path) = log();
    let made = json(&["index", &path]);
    assert_eq!((&made["indexes"][0]["how"], &made["indexes"][0]["entries"]), (&"made".into(), &5.into()));
    // The bad line is told when the file is read, which it is no more.
    let found = logs(&["find", "--level", "error", "--format", "count", &path]);
    assert_eq!((out(&found), err(&found)), ("2\n".to_owned(), String::new()));
    let mut file = fs::OpenOptions::new().append(true).open(&path).expect("it is there");
    file.write_all(b"{\"level\":\"error\",\"n\":1}\n").expect("it can grow");
    assert_eq!(out(&logs(&["find", "--level", "error", "--format", "count", &path])), "3\n");
    assert_eq!(json(&["index", &path])["indexes"][0]["how"], "kept or extended");

    fs::write(&path, &LOG[..LOG.len() / 2]).expect("it can be written");
    let cut = logs(&["find", "--level", "error", "--format", "count", &path]);
    assert_eq!(out(&cut), "1\n");
    assert!(err(&cut).contains("not used: the file has changed since: it is shorter"), "{}", err(&cut));
    fs::write(format!("{path}.logsidx"), b"something else").expect("it can be written");
    assert!(err(&logs(&["ids", &path])).contains("it is no saved index"));

    // A folder's logs are found without the indexes beside them.
    let of_folder = json(&["summary", folder.path().to_str().expect("a plain name")]);
    assert_eq!(of_folder["files"].as_array().map(Vec::len), Some(1));
}

#[test]
fn several_files_are_one_in_the_order_of_time() {
    let (folder, path) = log();
    let other: PathBuf = folder.path().join("b.log");
    fs::write(&other, "{\"ts\":\"2025-01-15T10:00:01Z\",\"level\":\"ERROR\",\"message\":\"between\"}\n")
        .expect("a file");
    let other = other.to_str().expect("a plain name");
    logs(&["index", &path]);
    let found = logs(&["find", "--level", "error", "--format", "compact", &path, other]);
    let messages: Vec<String> =
        out(&found).lines().map(|line| line.rsplit(' ').next().unwrap_or("").to_owned()).collect();
    assert_eq!(messages, ["between", "ms", "failed"]);
    let missing = logs(&["find", "--level", "error", "--format", "count", &path, "/nowhere"]);
    assert_eq!((missing.status.code(), out(&missing)), (Some(2), "2\n".to_owned()));
}

#[test]
fn wrong_usage_says_what_would_be_right() {
    let (_folder, path) = log();
    for (args, says) in [
        (vec!["find", "--level", "loud", &path], "there is no level `loud`; there are trace, debug"),
        (vec!["find", "--nonsense", &path], "there is no option --nonsense; see `logs find --help`"),
        (vec!["find"], "read which file?"),
        (vec!["find", "-"], "save standard input to a file first"),
        (vec!["follow", &path], "follow what?"),
        (vec!["compare", &path], "which two sides?"),
        (vec!["compare", "--first", "x", &path], "it takes FROM..TO"),
        (vec!["sample", "--strategy", "best", &path], "there are representative, diverse"),
        (vec!["tree", "--as", "cake", &path], "there are tree, waterfall, folded and svg"),
        (vec!["ids", "--by", "colour", &path], "there are level, service"),
        (vec!["find", "--max-bytes", "5", &path], "the shortest form of this answer takes"),
    ] {
        let output = logs(&args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(err(&output).contains(says), "{args:?}: {}", err(&output));
    }
    for command in [
        "index",
        "find",
        "follow",
        "summary",
        "ids",
        "tree",
        "errors",
        "timeline",
        "bottlenecks",
        "diff",
        "compare",
        "sample",
        "patterns",
        "metrics",
    ] {
        let help = logs(&[command, "--help"]);
        assert!(help.status.success() && out(&help).contains(&format!("Usage: logs {command}")));
        assert!(out(&help).lines().all(|line| line.chars().count() <= 120), "{command}");
    }
}

#[test]
fn an_empty_file_has_nothing_and_a_compressed_one_says_what_to_do() {
    let folder = TempDir::new().expect("a folder");
    let empty = folder.path().join("empty.log");
    fs::write(&empty, b"").expect("a file");
    let empty = empty.to_str().expect("a plain name");
    for args in [
        vec!["find"],
        vec!["summary"],
        vec!["tree"],
        vec!["errors"],
        vec!["patterns"],
        vec!["sample"],
        vec!["timeline"],
    ] {
        let output = logs(&[&args[..], &[empty]].concat());
        assert_eq!(output.status.code(), Some(1), "{args:?}: {}", err(&output));
    }
    for (name, start, remedy) in [
        ("a.gz", &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], "gzip -dc"),
        ("a.zst", &[0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0], "zstd -dc"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, start).expect("a file");
        let path = path.to_str().expect("a plain name");
        for args in [
            vec!["index"],
            vec!["find"],
            vec!["follow", "--thread", "a"],
            vec!["tree"],
            vec!["errors"],
            vec!["bottlenecks"],
            vec!["timeline"],
            vec!["compare", "--thread", "a", "--thread", "b"],
            vec!["diff", "--trace", "a", "--trace", "b"],
            vec!["sample"],
            vec!["patterns"],
            vec!["summary"],
            vec!["metrics"],
            vec!["ids"],
            vec!["export"],
        ] {
            let output = logs(&[&args[..], &[path]].concat());
            assert_eq!(output.status.code(), Some(2), "{args:?}");
            // What it is, how it becomes lines, and what to run then.
            let told = err(&output);
            let then = format!("{remedy} {path} > plain.log, then logs {}", args[0]);
            assert!(told.contains(&then) && output.stdout.is_empty(), "{args:?}: {told}");
        }
        assert!(!Path::new(&format!("{path}.logsidx")).exists());
    }
}
