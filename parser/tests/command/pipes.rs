//! Standard input and output: what is piped to the command, and what goes away.

use crate::{LOG, err, file, logs, out, piped, text, with_input};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use tempfile::TempDir;

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

#[test]
fn what_is_piped_is_read_without_a_name_and_nothing_else_is() {
    let count = ["search", "--level", "error", "--count"];
    let piped = with_input(&count, LOG.as_bytes());
    assert_eq!((piped.status.code(), out(&piped).trim()), (Some(0), "2"), "{}", err(&piped));
    assert_eq!(out(&piped), out(&with_input(&[&count[..], &["-"]].concat(), LOG.as_bytes())));
    let counted = with_input(&["count", "--by", "level"], LOG.as_bytes());
    assert_eq!(counted.status.code(), Some(0), "{}", err(&counted));
    assert_eq!(out(&counted), out(&with_input(&["count", "--by", "level", "-"], LOG.as_bytes())));
    let folder = TempDir::new().expect("a folder");
    let log = fs::File::open(file(&folder, "a.log", LOG.as_bytes())).expect("it can be read");
    let redirected =
        Command::new(env!("CARGO_BIN_EXE_logs")).args(count).stdin(log).output().expect("logs runs");
    assert_eq!((redirected.status.code(), out(&redirected)), (Some(0), out(&piped)));
    // `/dev/null` has nothing to say: a name was forgotten.
    let nothing = logs(&count);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(err(&nothing).contains("read which file?"), "{}", err(&nothing));
}

#[test]
fn years_that_are_not_said_are_those_up_to_the_time_of_the_file_that_is_redirected() {
    let folder = TempDir::new().expect("a folder");
    let log = b"Nov 30 10:00:00 h app[1]: a\nFeb 29 00:00:01 h app[1]: b\n";
    let path = file(&folder, "old.log", log);
    let written = fs::File::options().append(true).open(&path).expect("it can be written to");
    // 2024-03-02.
    written.set_modified(UNIX_EPOCH + Duration::from_secs(1_709_337_601)).expect("its time can be set");
    let redirected = |args: &[&str]| {
        let input = fs::File::open(&path).expect("it can be read");
        let run =
            Command::new(env!("CARGO_BIN_EXE_logs")).args(args).stdin(input).output().expect("logs runs");
        assert_eq!((run.status.code(), err(&run)), (Some(0), String::new()), "{args:?}");
        out(&run)
    };
    for input in [&["-"][..], &[], &["/dev/stdin"], &[text(&path)]] {
        let by_day = ["count", "--by", "time:day", "--format", "table"];
        let days = redirected(&[&by_day[..], input].concat());
        assert_eq!(days, "time:day    count\n2023-11-30      1\n2024-02-29      1\n", "{input:?}");
        for threads in ["1", "3"] {
            let since = ["search", "--since", "2024", "--until", "2024-03-02", "--threads", threads];
            let found = redirected(&[&since[..], input].concat());
            assert_eq!(found, "Feb 29 00:00:01 h app[1]: b\n", "{input:?} on {threads}");
        }
    }
    let json = redirected(&["search", "--json", "--text", "a", "--limit", "1"]);
    assert!(json.contains("\"time\":\"2023-11-30T10:00:00Z\""), "{json}");
}

/// A search whose input is written bit by bit: it, its input, and the lines that it prints.
fn live(args: &[&str]) -> (Child, ChildStdin, Receiver<String>) {
    let mut child = piped(args);
    let (lines, printed) = channel();
    let output = BufReader::new(child.stdout.take().expect("it has an output"));
    thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| lines.send(line)));
    let input = child.stdin.take().expect("it has an input");
    (child, input, printed)
}

/// Waits for a line; so long that it fails where it would else wait for ever.
fn printed_line(printed: &Receiver<String>) -> String {
    printed.recv_timeout(Duration::from_mins(2)).expect("it is printed before more is written")
}

#[test]
fn what_is_found_in_a_pipe_is_printed_before_more_is_waited_for() {
    let error = |n| format!("{{\"level\":\"ERROR\",\"n\":{n}}}");
    let others = "{\"level\":\"INFO\"}\n".repeat(3);
    for args in [&["-"][..], &["/dev/stdin"], &["-C", "1", "-"], &["--json", "-"], &["--threads", "1", "-"]] {
        let (mut child, mut input, printed) = live(&[&["search", "--level", "error"], args].concat());
        for n in 0..3 {
            // Half of the next line is no reason to wait.
            write!(input, "{}\n{others}{{\"lev", error(n)).expect("it reads");
            while !printed_line(&printed).contains(&error(n)) {}
            writeln!(input, "el\":\"WARN\"}}").expect("it reads");
        }
        drop(input);
        assert_eq!(child.wait().expect("it ends").code(), Some(0), "{args:?}");
    }
}

#[test]
fn a_record_of_text_is_printed_when_the_next_line_has_come() {
    let (mut child, mut input, printed) = live(&["search", "--level", "error", "-"]);
    for text in ["one", "two"] {
        let record = format!("2025-01-15 10:00:00 ERROR {text}\n  continued\n");
        writeln!(input, "{record}2025-01-15 10:00:01 INFO x").expect("it reads");
        assert_eq!(format!("{}\n{}\n", printed_line(&printed), printed_line(&printed)), record);
    }
    drop(input);
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn what_comes_compressed_is_followed_too_if_it_is_not_decoded_ahead() {
    let (mut child, input, printed) = live(&["search", "--level", "error", "--threads", "1", "-"]);
    let mut input = flate2::write::GzEncoder::new(input, flate2::Compression::fast());
    for _ in 0..3 {
        writeln!(input, "{{\"level\":\"ERROR\"}}").and_then(|()| input.flush()).expect("it reads");
        printed_line(&printed);
    }
    drop(input);
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn a_search_in_a_pipe_ends_with_its_limit_or_its_reader() {
    let (mut child, mut input, printed) = live(&["search", "--level", "error", "--limit", "2", "-"]);
    writeln!(input, "{{\"level\":\"ERROR\"}}").expect("it reads");
    printed_line(&printed);
    writeln!(input, "{{\"level\":\"ERROR\"}}").expect("it reads");
    printed_line(&printed);
    // Its input is still open.
    assert_eq!(child.wait().expect("it ends").code(), Some(0));

    let mut child = Command::new(env!("CARGO_BIN_EXE_logs"))
        .args(["search", "--level", "error", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("logs runs");
    drop(child.stdout.take());
    let mut input = child.stdin.take().expect("it has an input");
    // A record of text is pending when the one before it cannot be shown.
    write!(input, "{{\"level\":\"ERROR\"}}\n2025-01-15 10:00:00 ERROR a\n").expect("it reads");
    let mut said = String::new();
    child.stderr.take().expect("it has an error output").read_to_string(&mut said).expect("it says UTF-8");
    assert_eq!((child.wait().expect("it ends").code(), said.as_str()), (Some(0), ""));
}
