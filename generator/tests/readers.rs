//! Other people's programs read what is generated. Where one is not installed, its test says so and does nothing:
//! `scripts/install-debian-tools readers` brings them.

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use common::corpus;
use serde_json::Value;

/// Runs a program, or says that it is not there.
fn run(program: &str, configure: impl FnOnce(&mut Command)) -> Option<Output> {
    let found = Command::new(program).arg("--version").stdin(Stdio::null()).output().is_ok();
    if !found {
        println!("skipped: {program} is not installed; scripts/install-debian-tools readers brings it");
        return None;
    }
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).env("LC_ALL", "C.UTF-8");
    configure(&mut command);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Some(output)
}

fn file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn goaccess_reads_every_line_of_an_access_log() {
    let folder = tempfile::tempdir().unwrap();
    for (server, format, name) in [
        ("apache", "combined", "COMBINED"),
        ("nginx", "combined", "COMBINED"),
        ("apache", "common", "COMMON"),
        ("nginx", "common", "COMMON"),
    ] {
        let (log, truth) = corpus("access", 5, 12_000, &[("server", server), ("format", format)]);
        let log = file(folder.path(), "access.log", &log);
        let report = folder.path().join("report.json");
        let ran = run("goaccess", |goaccess| {
            goaccess.arg(&log).arg("--no-global-config").arg("--no-progress").arg("--ignore-panel=REFERRERS");
            goaccess.arg(format!("--log-format={name}")).arg("-o").arg(&report);
        });
        if ran.is_none() {
            return;
        }
        let report: Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
        let general = &report["general"];
        assert_eq!((&general["total_requests"], &general["failed_requests"]), (&12_000.into(), &0.into()));
        assert_eq!(general["valid_requests"], 12_000);
        assert_eq!(general["bandwidth"], truth["response_bytes"], "{server}, {format}");
    }
}

#[test]
fn jq_reads_the_json_shapes_whole() {
    let folder = tempfile::tempdir().unwrap();
    for (shape, filter, key) in [
        ("app", ".level", "levels"),
        ("flat", ".thread_id", "threads"),
        ("jobs", ".status", "statuses"),
        ("cdn", ".timestamp", ""),
    ] {
        let (log, truth) = corpus(shape, 6, 3_000, &[]);
        let log = file(folder.path(), "log.jsonl", &log);
        let Some(output) = run("jq", |jq| {
            jq.arg("-r").arg(filter).arg(&log);
        }) else {
            return;
        };
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text.lines().count(), 3_000, "{shape}");
        let Some(expected) = truth.get(key).and_then(Value::as_object) else { continue };
        for (name, told) in expected {
            let count = text.lines().filter(|line| line == name).count() as u64;
            assert_eq!(told.as_u64().or(told["records"].as_u64()), Some(count), "{shape}: {name}");
        }
    }
}

/// The rows of a query that lnav answers about a log.
fn lnav(folder: &Path, log: &str, query: &str) -> Option<Vec<Value>> {
    let log = file(folder, "log.txt", log);
    let output = run("lnav", |lnav| {
        // Its settings and caches stay out of the way.
        lnav.env("HOME", folder).arg("-n").arg("-c").arg(format!(";{query}"));
        lnav.arg("-c").arg(":write-json-to -").arg(&log);
    })?;
    let rows = serde_json::from_slice(&output.stdout);
    Some(rows.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stdout))))
}

#[test]
fn lnav_recognises_syslog_and_access_logs() {
    let folder = tempfile::tempdir().unwrap();
    for (shape, knobs, table) in [
        // Of structured data lnav 0.11 does not take `\\]`, which RFC 5424 has as an escape.
        ("syslog", &[("format", "rfc5424"), ("structured", "0%")][..], "syslog_log"),
        ("syslog", &[("format", "file")], "syslog_log"),
        ("access", &[], "access_log"),
    ] {
        let (log, _) = corpus(shape, 7, 2_000, knobs);
        let Some(rows) = lnav(folder.path(), &log, &format!("SELECT count(*) AS n FROM {table}")) else {
            return;
        };
        assert_eq!(rows[0]["n"], 2_000, "{shape} with {knobs:?}");
    }
}

#[test]
fn lnav_tells_records_of_text_from_lines_and_their_levels() {
    let folder = tempfile::tempdir().unwrap();
    for layout in ["log4j", "zookeeper"] {
        let (log, truth) = corpus("text", 7, 2_000, &[("layout", layout)]);
        let query = "SELECT log_level AS level, count(*) AS n FROM all_logs GROUP BY log_level";
        let Some(rows) = lnav(folder.path(), &log, query) else { return };
        let counted: serde_json::Map<String, Value> = rows
            .iter()
            .map(|row| {
                (row["level"].as_str().unwrap().replace("warning", "warn").to_uppercase(), row["n"].clone())
            })
            .collect();
        for (level, told) in truth["levels"].as_object().unwrap() {
            assert_eq!(counted.get(level), Some(&told["records"]), "{layout}: {level} of {rows:?}");
        }
    }
}

#[cfg(feature = "sqlite")]
#[test]
fn sqlite_reads_jobs() {
    use std::ops::ControlFlow;

    use generator::{Shape, Spec, write_database};

    let folder = tempfile::tempdir().unwrap();
    let (database, truth) = (folder.path().join("jobs.sqlite"), folder.path().join("jobs.json"));
    let spec = Spec::new(Shape::Jobs, 8, 5_000);
    let go_on = &mut |_| ControlFlow::Continue(());
    let other = folder.path().join("x.db");
    write_database(&spec, &database, Some(&truth), false, go_on).unwrap();
    assert!(write_database(&spec, &database, None, false, go_on).is_err(), "it is there already");
    assert!(write_database(&Spec::new(Shape::App, 1, 1), &other, None, false, go_on).is_err());
    let stopped = write_database(&spec, &other, None, false, &mut |_| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(generator::Trouble::Interrupted)));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "something was left behind");
    let truth: Value = serde_json::from_slice(&std::fs::read(&truth).unwrap()).unwrap();
    let query = "PRAGMA integrity_check; SELECT count(*), sum(attempts), sum(attempts > 1) FROM jobs; \
        SELECT count(*) FROM jobs WHERE json_valid(payload) AND json_extract(payload, '$.user') LIKE 'u-%'; \
        SELECT status || '=' || count(*) FROM jobs GROUP BY status ORDER BY status";
    let Some(output) = run("sqlite3", |sqlite| {
        sqlite.arg("-readonly").arg(&database).arg(query);
    }) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let mut expected =
        vec!["ok".to_owned(), format!("5000|{}|{}", truth["attempts"], truth["retried"]), "5000".to_owned()];
    let statuses = truth["statuses"].as_object().unwrap();
    let mut statuses: Vec<String> = statuses.iter().map(|(name, count)| format!("{name}={count}")).collect();
    statuses.sort_unstable();
    expected.extend(statuses);
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
}
