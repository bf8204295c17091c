//! `logs search`, and the conditions that `count` takes too.

use crate::{APP, LOG, err, file, logs, out, text, timeless, with_input};
use std::process::Output;

use tempfile::TempDir;

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
fn a_key_that_tells_no_time_hides_no_time() {
    let log = b"{\"n\":1,\"time\":0.012,\"ts\":\"2025-01-15T10:00:00Z\"}\n{\"n\":2,\"time\":\"soon\",\"ts\":\"2024-01-15\"}\n";
    let since = with_input(&["search", "--since", "2025", "--json", "-"], log);
    let line = "{\"file\":\"-\",\"line\":1,\"offset\":0,\"time\":\"2025-01-15T10:00:00Z\",\
                \"record\":{\"n\":1,\"time\":0.012,\"ts\":\"2025-01-15T10:00:00Z\"}}\n";
    assert_eq!((since.status.code(), out(&since).as_str()), (Some(0), line));
    let days = with_input(&["count", "--by", "time:day", "--format", "table", "-"], log);
    assert!(out(&days).contains("2025-01-15") && out(&days).contains("2024-01-15"), "{}", out(&days));
}

#[test]
fn the_limit_goes_over_all_files() {
    let folder = TempDir::new().expect("a folder");
    let log = file(&folder, "a.log", LOG.as_bytes());
    let output =
        logs(&["search", "--level", "error", "--limit", "3", "--count", text(&log), text(&log), "/no/such"]);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(0), "3\n"));
}

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
fn a_level_may_be_padded_or_at_a_distance_from_its_name() {
    let log =
        "{\"level\":\"ERROR+4\"}\n{\"level\":\"ERROR  \"}\n{\"level\":\"WARN-1\"}\n{\"level\":\"ERROR+\"}\n";
    for strict in [&[][..], &["--strict"]] {
        let arguments = [&["search", "--level", "error", "--count"], strict, &["-"]].concat();
        assert_eq!(out(&with_input(&arguments, log.as_bytes())), "2\n");
    }
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
    let named = "{\"trace\":\"t1\",\"trace_id\":\"t2\"}\n{\"trace\":\"t1\"}\n";
    for (trace, number) in [("t1", "2"), ("t2", "1")] {
        let found =
            out(&with_input(&["search", "-n", "--field", &format!("trace={trace}"), "-"], named.as_bytes()));
        assert!(found.starts_with(&format!("{number}:")) && found.lines().count() == 1, "{found}");
    }
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
