//! Wrong usage, files that are not there or are no logs, help.

use crate::{LOG, err, file, logs, out, text};

use tempfile::TempDir;

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
