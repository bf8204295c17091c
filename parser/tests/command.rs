//! The `logs` command, as it is run.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use tempfile::TempDir;

const LOG: &str = "{\"timestamp\":\"2018-04-16 04:59:59\",\"client_ip\":\"192.0.2.7\",\"request_path\":\"/versions\",\
                   \"tls_cipher\":\"A\",\"level\":\"INFO\"}\nnot a record\n{\"level\":\"ERROR\",\"n\":1}\n\
                   {\"level\":\"err\",\"n\":2}\n";

fn logs(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_logs")).args(args).stdin(Stdio::null()).output().expect("logs runs")
}

/// One that reads what it is written.
fn piped(args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_logs"));
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("logs runs")
}

fn with_input(args: &[&str], input: &[u8]) -> Output {
    let mut child = piped(args);
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
    let empty = TempDir::new().expect("a folder");
    let output = logs(&["count", text(&missing), text(&log), text(empty.path())]);
    assert_eq!(output.status.code(), Some(2));
    assert!(out(&output).contains("\"total\":1"));
    assert!(!out(&output).contains("missing"));
    assert!(err(&output).contains("missing: No such file"), "{}", err(&output));
    assert!(err(&output).contains("holds no file"), "{}", err(&output));

    let alone = logs(&["count", text(&missing)]);
    assert_eq!((alone.status.code(), out(&alone).as_str()), (Some(2), ""));
}

#[test]
fn what_is_not_lines_is_refused_with_a_remedy() {
    let folder = TempDir::new().expect("a folder");
    let tar = [&b"a.log"[..], &[0; 252], b"ustar\x0000", &[0; 247], b"{\"level\":\"info\"}\n"].concat();
    for (content, remedy) in [
        (b"BZh91AY&SY".as_slice(), "bzip2 -dc "),
        (b"[\n{}\n]\n", "jq -c '.[]' "),
        (b"{\n\"level\": 1\n}\n", "jq -c . "),
        (b"\xff\xfe{\0}\0\n\0", "iconv -f UTF-16 "),
        (b"\xff\xfe\0\0{\0\0\0}\0\0\0\n\0\0\0", "iconv -f UTF-32 "),
        (b"\0\0\xfe\xff\0\0\0{\0\0\0}\0\0\0\n", "iconv -f UTF-32 "),
        (b"\x04\x22\x4d\x18\x64\x40\xa7", "lz4 -dc "),
        (b"PK\x03\x04\x14\0", "unzip -p "),
        (&tar, "tar -xOf "),
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
        ([].as_slice(), "search, count"),
        (&["tally"], "there are search, count"),
        (&["help", "tally"], "there is no command `tally`"),
        (&["count"], "FILE"),
        (&["count", "--bye", "x"], "logs count --help"),
        (&["count", "--by", "", "x"], "a name is empty"),
        (&["count", "--by", "hour", "--level", "info", "x"], "--by time:hour"),
        (&["count", "--by", "level", "--unknown", "x"], "--by user_agent"),
        (&["count", "--top", "3", "x"], "--top is for"),
        (&["count", "--format", "xml", "x"], "json or table"),
        (&["count", "--threads", "0", "x"], "--threads 0"),
        (&["count", "--threads", "two", "x"], "--threads two: it takes a number;"),
        (&["search", "x"], "search for what? --level"),
        (
            &["search", "--where", "level >= loud", "x"],
            "--where: at column 10, `loud`: there is no level `loud`",
        ),
        (&["search", "--since", "soon", "x"], "--since soon: it takes a time"),
        (
            &["search", "--since", "2300-01-01", "x"],
            "--since 2300-01-01: it is beyond the times that can be told",
        ),
        (&["search", "--until", "400000d", "x"], "1677-09-21 to 2262-04-11"),
        (
            &["search", "--since", "20301301", "x"],
            "--since 20301301: it is no time: a day is written as 2030-01-01",
        ),
        (&["count", "--until", "12", "x"], "--until 12: it is no time: a day is written as 2030-01-01"),
        (&["search", "--where", "time >= 2", "x"], "`2` is no time: a day is written as 2030-01-01"),
        (&["search", "--field", "time=99999999", "x"], "seconds since 1970 have nine digits or more"),
        (
            &["search", "--where", "time > '1500-01-01'", "x"],
            "`1500-01-01` is beyond the times that can be told",
        ),
        (&["compare", "--first", "5..", "--second", "..", "x"], "--first 5: it is no time"),
        (&["compare", "--first", "2300-01-01..", "--second", "..", "x"], "--first 2300-01-01: it is beyond"),
        (&["count", "--by", "level,time:week", "x"], "--by time:week: the time is not cut to `week`"),
        (&["search", "--field", "service", "x"], "NAME=VALUE"),
        (&["search", "--regex", "(", "x"], "--regex: regex parse error"),
        (&["search", "--not", "x"], "--not: which condition?"),
        (&["search", "--not", "--not", "--text", "a", "x"], "--not --not"),
        (&["search", "--text", "a", "--json", "-C", "1", "x"], "--json has no place"),
        (&["search", "--text", "a", "-C", "one", "x"], "--context one"),
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
    let help = out(&logs(&["help"]));
    assert_eq!(help, out(&logs(&["--help"])));
    let names: Vec<&str> = help
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split("  ").next())
        .filter(|name| !name.contains(' '))
        .collect();
    assert!(names.len() > 15 && names[..2] == ["search", "count"], "{names:?}");
    for name in names {
        let help = out(&logs(&["help", name]));
        assert_eq!(help, out(&logs(&[name, "--help"])), "{name}");
        assert!(help.contains(&format!("Usage: logs {name} ")), "{help}");
        for line in help.lines() {
            // A flag is set in from the left, and what stands for a part was put in its place.
            let is_flag = line.starts_with('-') && line.contains("    ");
            assert!(line.len() <= 120 && !is_flag && !line.contains('{'), "{name}: {line}");
        }
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

const APP: &str = concat!(
    r#"{"time":"2025-01-15T10:00:00Z","level":"INFO","msg":"a","service":"api","ms":5}"#,
    "\n",
    r#"{"time":"2025-01-15T10:00:01Z","level":"WARN","msg":"b","service":"api","ms":50.0}"#,
    "\n",
    r#"{"time":"2025-01-15T10:00:02Z","\u006cevel":"E\u0052ROR","msg":"c","service":"db","ms":"50"}"#,
    "\n",
    r#"{"time":"2025-01-15T10:00:03Z","msg":"\"level\":\"ERROR\"","fields":{"level":"ERROR"}}"#,
    "\n",
    "2025-01-15 10:00:04,500 ERROR [main] a.B - broken\njava.lang.Error: c\n  at a.B.c(B.java:7)\n",
);

/// What a search in `APP` prints, by the numbers of the first lines.
fn numbers(args: &[&str]) -> Vec<String> {
    let output = with_input(&[["search", "-n"].as_slice(), args, &["-"]].concat(), APP.as_bytes());
    assert_eq!(err(&output), "", "{args:?}");
    let printed = out(&output);
    let numbered = printed.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit() || c == '-'));
    let numbers: Vec<_> = numbered.map(|line| line.chars().take(2).collect::<String>()).collect();
    assert_eq!(output.status.code(), Some(i32::from(numbers.is_empty())), "{args:?}");
    numbers
}

#[test]
fn search_by_every_condition() {
    for (args, expected) in [
        (["--level", "error"].as_slice(), ["3:", "5:"].as_slice()),
        (&["--level", "warn,info"], &["1:", "2:"]),
        (&["--min-level", "warn"], &["2:", "3:", "5:"]),
        (&["--min-level", "warn", "--not", "--level", "error"], &["2:"]),
        (&["--since", "2025-01-15T10:00:03Z"], &["4:", "5:"]),
        (&["--until", "2025-01-15 11:00:01+01:00"], &["1:"]),
        (&["--since", "1h"], &[]),
        (&["--since", "2025"], &["1:", "2:", "3:", "4:", "5:"]),
        (&["--until", "2025"], &[]),
        (&["--since", "20250115", "--until", "20250116"], &["1:", "2:", "3:", "4:", "5:"]),
        (&["--where", "time >= 2025 and time < 2026 and time > 1736935202"], &["4:", "5:"]),
        (&["--since", "2030"], &[]),
        (&["--field", "service=api"], &["1:", "2:"]),
        (&["--field", "level=ERR"], &["3:", "5:"]),
        (&["--where", "ms = 50"], &["2:", "3:"]),
        (&["--where", "ms = '50'"], &["3:"]),
        (&["--where", "has ms and not ms > 10"], &["1:"]),
        (&["--where", "message ~ '^[ab]$'", "--text", "INFO"], &["1:"]),
        (&["--where", "message contains '\"level\"'"], &["4:"]),
        (&["--text", "ERROR"], &["4:", "5:"]),
        (&["--text", "warn"], &[]),
        (&["-i", "--text", "warn"], &["2:"]),
        (&["--text", "java.lang", "-i", "--not", "--regex", "BROKEN"], &[]),
        (&["--regex", "ms\":[0-9]+[.]"], &["2:"]),
        (&["--not", "--field", "service=api", "--limit", "1"], &["3:"]),
        (&["--level", "warn", "-C", "1"], &["1-", "2:", "3-"]),
        (&["--level", "warn", "-A", "1", "-m", "1"], &["2:", "3-"]),
        (&["--where", "message in (a, c)", "-B", "1"], &["1:", "2-", "3:"]),
        (
            &["--where", "service = api and level = info or has fields", "-A", "1"],
            &["1:", "2-", "--", "4:", "5-"],
        ),
    ] {
        assert_eq!(numbers(args), expected, "{args:?}");
        let strict = [args, &["--strict"]].concat();
        assert_eq!(numbers(&strict), expected, "{strict:?}");
    }
}

#[test]
fn a_record_of_several_lines_is_printed_whole_and_as_json() {
    let printed = out(&with_input(&["search", "--text", "B.java", "-"], APP.as_bytes()));
    assert_eq!(
        printed,
        "2025-01-15 10:00:04,500 ERROR [main] a.B - broken\njava.lang.Error: c\n  at a.B.c(B.java:7)\n"
    );
    let json = out(&with_input(&["search", "--level", "error", "--json", "-"], APP.as_bytes()));
    let lines: Vec<serde_json::Value> =
        json.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect();
    assert_eq!(lines.len(), 2);
    for (line, expected) in lines.iter().zip([3, 5]) {
        assert_eq!(line["line"], expected);
        assert_eq!(line["level"], "error");
        assert_eq!(line["file"], "-");
    }
    assert_eq!(lines[0]["record"]["msg"], "c");
    assert_eq!(lines[0]["service"], "db");
    assert_eq!(lines[1]["time"], "2025-01-15T10:00:04.500Z");
    assert_eq!(lines[1]["thread"], "main");
    assert!(lines[1]["record"].as_str().is_some_and(|text| text.ends_with("(B.java:7)")));
}

#[test]
fn a_carriage_return_that_ends_a_line_is_no_part_of_the_record() {
    let log = "2025-01-15 10:00:00 ERROR x\r\n2025-01-15 10:00:01 INFO y\r\n{\"n\":1}\r\n";
    for (regex, found) in
        [("x$", Some("2025-01-15 10:00:00 ERROR x")), ("\\}$", Some("{\"n\":1}")), ("\\r", None)]
    {
        let output = with_input(&["search", "-e", regex, "-"], log.as_bytes());
        // Printed it is as it stands.
        assert_eq!(out(&output), found.map_or(String::new(), |found| format!("{found}\r\n")), "{regex}");
    }
    let json = out(&with_input(&["search", "-e", "x$", "--json", "-"], log.as_bytes()));
    assert!(json.ends_with(",\"record\":\"2025-01-15 10:00:00 ERROR x\"}\n"), "{json}");
}

#[test]
fn names_counts_and_quiet() {
    let folder = TempDir::new().expect("a folder");
    let (a, b) = (file(&folder, "a", APP.as_bytes()), file(&folder, "b", b"{\"level\":\"fatal\"}\n"));
    let (a, b) = (text(&a), text(&b));
    let counted = logs(&["search", "-H", "-c", "--min-level", "error", a, b]);
    assert_eq!(out(&counted), format!("{a}:2\n{b}:1\n"));
    let named = logs(&["search", "-H", "-n", "--level", "fatal", a, b]);
    assert_eq!(out(&named), format!("{b}:1:{{\"level\":\"fatal\"}}\n"));
    let quiet = logs(&["search", "-q", "--level", "fatal", a, b]);
    assert_eq!((quiet.status.code(), out(&quiet).as_str()), (Some(0), ""));
    let nothing = logs(&["search", "-q", "--level", "trace", a, b]);
    assert_eq!((nothing.status.code(), out(&nothing).as_str()), (Some(1), ""));
    let trouble = logs(&["search", "-c", "--level", "fatal", "/no/such", b]);
    assert_eq!((trouble.status.code(), out(&trouble).as_str()), (Some(2), "1\n"));
}

#[test]
fn lines_that_cannot_match_are_validated_on_request() {
    let log = "{\"level\":\"info\"}\n".repeat(10_000) + "{\"level\":\n";
    let at_ease = with_input(&["search", "-c", "--level", "fatal", "-"], log.as_bytes());
    assert_eq!(err(&at_ease), "");
    for flag in ["--strict", "--bad"] {
        let strict = with_input(&["search", "-c", flag, "--level", "fatal", "-"], log.as_bytes());
        assert!(err(&strict).contains("1 line is no record"), "{}", err(&strict));
        assert_eq!(out(&strict), "0\n");
    }
}

#[test]
fn one_file_is_read_by_several_threads_with_the_same_answer() {
    let folder = TempDir::new().expect("a folder");
    let record = "{\"level\":\"ERROR\",\"timestamp\":\"2018-04-16 04:59:59\",\"request_path\":\"/versions\",\"client_ip\":\"192.0.2.";
    let mut log = String::new();
    for n in 0..40_000 {
        log.extend([record, &(n % 250).to_string(), "\",\"tls_cipher\":\"A\"}\n"]);
        if n % 1000 == 0 {
            log.push_str("{\"cut\":\n");
        }
    }
    let log = file(&folder, "log", log.as_bytes());
    for args in [
        ["count", "--bad"].as_slice(),
        &["count", "--by", "level,time:minute", "--distinct", "client_ip", "--bad"],
        &["search", "--level", "error", "-n", "--bad"],
        &["search", "--where", "client_ip = '192.0.2.9'", "-c"],
        &["search", "--text", "192.0.2.249", "-n", "-m", "100"],
    ] {
        let by = |threads| logs(&[args, &["--threads", threads, text(&log)]].concat());
        let (one, three) = (by("1"), by("3"));
        let answer = |output: &Output| match args[0] {
            "count" => timeless(&out(output)),
            _ => out(output),
        };
        assert_eq!(answer(&one), answer(&three), "{args:?}");
        assert_eq!(err(&one), err(&three), "{args:?}");
        assert_eq!((one.status.code(), three.status.code()), (Some(0), Some(0)));
    }
}

#[test]
fn count_by_fields_as_json_and_as_a_table() {
    let args = ["count", "--by", "level,service", "--distinct", "ms", "-"];
    let json: serde_json::Value =
        serde_json::from_slice(&with_input(&args, APP.as_bytes()).stdout).expect("it is JSON");
    assert_eq!(json["by"], serde_json::json!(["level", "service"]));
    assert_eq!((&json["records"], &json["counted"]), (&5.into(), &5.into()));
    let groups = json["groups"].as_array().expect("an array");
    assert_eq!(groups.len(), 5);
    assert_eq!(
        groups[0],
        serde_json::json!({"values":{"level":null,"service":null},"count":1,"distinct":0}),
        "of as many, what is not there comes first"
    );
    let table = ["count", "--by", "level", "--top", "1", "--format", "table", "--min-level", "warn", "-"];
    assert_eq!(
        out(&with_input(&table, APP.as_bytes())),
        "level     count\nerror         2\n(1 more)      1\n"
    );
    let times = ["count", "--by", "time:day", "--format", "table", "-"];
    assert_eq!(out(&with_input(&times, APP.as_bytes())), "time:day    count\n2025-01-15      5\n");
    let all = ["count", "--where", "level >= warn", "-"];
    assert!(out(&with_input(&all, APP.as_bytes())).contains("\"groups\":[{\"values\":{},\"count\":3}]"));
}

#[test]
fn levels_that_are_numbers_are_counted_and_compared_as_such() {
    let log = "{\"level\":30,\"msg\":\"a\"}\n{\"level\":50,\"msg\":\"b\"}\n{\"level\":\"warn\"}\n\
               {\"severity\":6e1}\n{}\n";
    let levels = |args: &[&str]| {
        let args = [&["count", "--by", "level", "--format", "table"], args, &["-"]].concat();
        let table = out(&with_input(&args, log.as_bytes()));
        let names =
            table.lines().skip(1).map(|line| line.split_whitespace().next().unwrap_or_default().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(levels(&[]), ["-", "30", "50", "6e1", "warn"]);
    assert_eq!(levels(&["--where", "level >= 50"]), ["50", "6e1"]);
    assert_eq!(levels(&["--field", "level=30"]), ["30"]);
    assert_eq!(levels(&["--where", "level in (30, warn)"]), ["30", "warn"]);
    assert_eq!(levels(&["--min-level", "trace"]), ["warn"], "a number has no name");
    let told = with_input(&["search", "--level", "50", "-"], log.as_bytes());
    assert_eq!(told.status.code(), Some(2));
    let told = String::from_utf8_lossy(&told.stderr).into_owned();
    assert!(told.contains("there is no level `50`") && told.contains("compares them: level = 50"), "{told}");
}

#[test]
fn blanks_after_the_name_of_a_level_are_no_part_of_it() {
    let log = "{\"level\":\"ERROR \"}\n{\"severity\":\"Warn   \"}\n{\"level\":\"INFO\\t\"}\n{\"level\":\"LOUD \"}\n\
               level=\"error \" msg=a\n";
    for (args, expected) in [(["--level", "error"], "2\n"), (["--min-level", "info"], "4\n")] {
        for flags in [&["-c"][..], &["-c", "--strict"]] {
            let output = with_input(&[&["search"], &args[..], flags, &["-"]].concat(), log.as_bytes());
            assert_eq!(out(&output), expected, "{args:?} {flags:?}");
        }
    }
    let table = out(&with_input(&["count", "--by", "level", "--format", "table", "-"], log.as_bytes()));
    let names: Vec<&str> = table.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, ["error", "LOUD", "info", "warn"], "{table}");
}

#[test]
fn who_names_one_of_the_keys_of_a_field_means_that_key_first() {
    let log = "{\"correlation_id\":\"c1\",\"request_id\":\"r1\",\"level\":\"info\",\"severity\":\"ERROR\"}\n\
               {\"correlation_id\":\"c2\",\"severity\":\"warn\"}\n\
               {\"req_id\":3,\"time\":\"2025-01-02T00:00:00Z\",\"ts\":\"2025-01-01T05:00:00Z\"}\n\
               msg=pairs correlation_id=c4 request_id=r4 level=info severity=error\n";
    let search = |condition: &str| {
        out(&with_input(&["search", "-n", "--where", condition, "-"], log.as_bytes()))
            .lines()
            .filter_map(|line| line.split(':').next()?.parse().ok())
            .collect::<Vec<u32>>()
    };
    assert_eq!(search("request_id = r1"), [1]);
    assert_eq!(search("correlation = r1"), [] as [u32; 0], "the first of all keys tells the field");
    assert_eq!(search("correlation in (c1, c2, 3, c4)"), [1, 2, 3, 4]);
    assert_eq!(
        search("request_id in (c1, c2, 3, c4)"),
        [2, 3],
        "its other keys tell where that one does not"
    );
    assert_eq!(search("request_id = r4"), [4]);
    assert_eq!(search("severity = error"), [1, 4]);
    assert_eq!(search("level = error"), [] as [u32; 0]);
    assert_eq!(search("severity >= warn"), [1, 2, 4]);
    assert_eq!(search("ts < 2025-01-02"), [3]);
    assert_eq!(search("time < 2025-01-02"), [] as [u32; 0]);
    let table = |by: &str| {
        out(&with_input(
            &["count", "--by", by, "--where", "has time", "--format", "table", "-"],
            log.as_bytes(),
        ))
    };
    assert_eq!(table("ts:day"), "ts:day      count\n2025-01-01      1\n");
    assert_eq!(table("time:day"), "time:day    count\n2025-01-02      1\n");
}

#[test]
fn fields_within_objects_are_asked_for_with_dots() {
    let log = "{\"user\":{\"id\":7,\"geo\":{\"country\":\"NO\"}},\"ms\":1}\n\
               {\"user.id\":\"7\",\"user\":{\"id\":9}}\n\
               {\"ms\" : 2, \"user\" : { \"geo\" : { \"country\" : \"N\\u004f\" } } }\n\
               {\"user\":[{\"id\":7}]}\n\
               user.id=7 msg=logfmt\n";
    let table = |args: &[&str]| {
        let args = [&["count", "--format", "table"], args, &["-"]].concat();
        out(&with_input(&args, log.as_bytes()))
    };
    assert_eq!(table(&["--by", "user.id"]), "user.id  count\n7            3\n-            2\n");
    let by_country = ["--by", "user.geo.country", "--distinct", "user.id", "--where", "has user"];
    let rows = "user.geo.country  count  distinct user.id\n-                     2                 1\n\
                NO                    2                 1\n";
    assert_eq!(table(&by_country), rows);
    let search =
        |args: &[&str]| out(&with_input(&[&["search", "-c"], args, &["-"]].concat(), log.as_bytes()));
    assert_eq!(search(&["--where", "user.id = 7"]), "3\n");
    assert_eq!(search(&["--field", "user.geo.country=NO"]), "2\n");
    assert_eq!(search(&["--where", "user.geo.country ~ '^N' and not has user.id"]), "1\n");
}

#[test]
fn requests_by_hour_unknown_agents_and_estimates() {
    let line = |time: &str, agent: &str| {
        format!(
            "{{\"timestamp\":\"{time}\",\"client_ip\":\"192.0.2.7\",\"request_path\":\"/versions\",\"user_agent\":\"{agent}\",\"tls_cipher\":\"A\"}}\n"
        )
    };
    let log = line("2018-04-16 04:59:59", "curl/7.1")
        + &line("2018-04-16 05:00:00", "Wget/1.1 (linux)").repeat(2)
        + &line("2018-04-16", "Mozilla/5.0 (X11)");
    let by_hour = with_input(&["count", "--by", "hour", "--format", "table", "-"], log.as_bytes());
    assert_eq!(
        out(&by_hour),
        "date           dimension   value  total  unique\n2018-04-16T04  tls_cipher  A          1       1\n\
         2018-04-16T05  tls_cipher  A          2       1\n"
    );
    assert_eq!(err(&by_hour), "logs: not counted, since they have no date and hour: 1 requests\n");
    let unknown = with_input(&["count", "--unknown", "-"], log.as_bytes());
    assert_eq!(
        timeless(&out(&unknown)),
        "{\"files\":[\"-\"],\"products\":1,,\"unknown\":[{\"agent\":\"Wget/1.1 (linux)\",\"count\":2},\
         {\"agent\":\"Mozilla/5.0 (X11)\",\"count\":1}]}\n"
    );
    let about = out(&with_input(&["count", "--approximate", "-"], log.as_bytes()));
    assert!(about.ends_with(",\"unique_standard_error\":0.008125}\n"), "{about}");
    let none = with_input(&["count", "-"], b"{\"level\":\"info\"}\n");
    assert!(err(&none).contains("--by NAME counts records of any kind"), "{}", err(&none));
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
