//! Databases: rows as lines, lines as rows, search among rows, and databases that are in a bad way.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use generator::{Shape, Spec};
use rusqlite::Connection;
use serde_json::{Map, Value};
use tempfile::TempDir;

fn logs(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_logs")).args(args).stdin(Stdio::null()).output().expect("logs runs")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a folder with a plain name")
}

/// A database with what a script makes in it.
fn database(script: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("a.db");
    let connection = Connection::open(&path).expect("the folder can be written to");
    connection.execute_batch(script).expect("a right script");
    (folder, path)
}

fn rows(lines: &str) -> Vec<Map<String, Value>> {
    lines.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect()
}

const JOBS: &str =
    "CREATE TABLE jobs (id INTEGER PRIMARY KEY, status TEXT, took REAL, payload TEXT, made TEXT);
    INSERT INTO jobs VALUES (1, 'error', 0.5, '{\"a\": [1, 2]}', '2025-01-15T10:00:00Z'),
        (2, 'info', NULL, 'it said \"no\"', '2025-01-15T10:00:01Z'), (3, 'error', 2.0, '[', NULL);";

#[test]
fn rows_are_printed_as_lines() {
    let (_folder, path) = database(JOBS);
    let all = logs(&["from-db", text(&path)]);
    assert_eq!(
        out(&all),
        "{\"id\":1,\"status\":\"error\",\"took\":0.5,\"payload\":{\"a\": [1, 2]},\"made\":\"2025-01-15T10:00:00Z\"}\n\
         {\"id\":2,\"status\":\"info\",\"took\":null,\"payload\":\"it said \\\"no\\\"\",\"made\":\"2025-01-15T10:00:01Z\"}\n\
         {\"id\":3,\"status\":\"error\",\"took\":2.0,\"payload\":\"[\",\"made\":null}\n"
    );
    assert_eq!(all.status.code(), Some(0), "{}", err(&all));
    let some =
        logs(&["from-db", "--columns", "made=time,STATUS", "--no-nulls", "--table", "JOBS", text(&path)]);
    assert!(out(&some).ends_with("\"STATUS\":\"info\"}\n{\"STATUS\":\"error\"}\n"), "{}", out(&some));
    let as_text = logs(&["from-db", "--columns", "payload", "--text", text(&path)]);
    assert!(out(&as_text).starts_with("{\"payload\":\"{\\\"a\\\": [1, 2]}\"}\n"), "{}", out(&as_text));
}

#[test]
fn odd_cells_are_printed_as_documented() {
    let (_folder, path) = database(
        "CREATE TABLE \"a \"\"b\" (\"\"\"\", \"n\u{e9}\nw\");
         INSERT INTO \"a \"\"b\" VALUES (9223372036854775807, x'00ff'), (-9e999, CAST(x'61ff62' AS TEXT)),
             (NULL, '12'), (1e300 * 10, 'tab\t' || char(0) || '|');",
    );
    let all = logs(&["from-db", text(&path)]);
    assert_eq!(
        out(&all),
        "{\"\\\"\":9223372036854775807,\"né\\nw\":\"AP8=\"}\n{\"\\\"\":-9e999,\"né\\nw\":\"a\u{fffd}b\"}\n\
         {\"\\\"\":null,\"né\\nw\":\"12\"}\n{\"\\\"\":1e301,\"né\\nw\":\"tab\\t\\u0000|\"}\n"
    );
    assert!(err(&all).contains("1 texts are not UTF-8"), "{}", err(&all));
}

#[test]
fn generated_lines_are_the_same_after_a_database() {
    let spec = Spec::new(Shape::App, 11, 3_000);
    let mut lines = Vec::new();
    generator::generate(&spec, &mut lines).expect("a vector takes all");
    let folder = TempDir::new().expect("a folder");
    let (log, made) = (folder.path().join("app.log"), folder.path().join("app.db"));
    fs::write(&log, &lines).expect("written");
    let loaded = logs(&["to-db", "--out", text(&made), text(&log)]);
    assert_eq!(loaded.status.code(), Some(0), "{}", err(&loaded));
    let back = logs(&["from-db", "--no-nulls", text(&made)]);
    let without_nulls = |mut rows: Vec<Map<String, Value>>| {
        for row in &mut rows {
            row.retain(|_, value| !value.is_null());
        }
        rows
    };
    let lines = String::from_utf8(lines).expect("UTF-8");
    assert_eq!(rows(&out(&back)), without_nulls(rows(&lines)));
    for condition in
        [&["--level", "error"][..], &["--text", "timeout"], &["--where", "level = info and has message"]]
    {
        let count = |path: &Path| out(&logs(&[&["search", "-c"], condition, &[text(path)]].concat()));
        assert_eq!(count(&made), count(&log), "{condition:?}");
        assert_ne!(count(&made), "0\n", "{condition:?} finds something");
    }
}

#[test]
fn every_kind_of_value_becomes_a_cell() {
    let folder = TempDir::new().expect("a folder");
    let (log, made) = (folder.path().join("a.log"), folder.path().join("a.db"));
    let lines = "{}\n{\"a\":1,\"A\":\"\\u0041\\n\",\"\":18446744073709551616}\nnot a record\n\
                 {\"a\":-0,\"b\":[1, {}],\"A\":1.5e2}\n{\"a\":true,\"a\":false,\"b\":null,\"x\\\"\\u0000\":1}\n";
    fs::write(&log, lines).expect("written");
    let loaded = logs(&["to-db", "-o", text(&made), "--table", "sel\"ect", text(&log)]);
    assert_eq!(loaded.status.code(), Some(0), "{}", err(&loaded));
    assert!(err(&loaded).contains("1 line is no record") && err(&loaded).contains("4 rows with 5 columns"));
    assert_eq!(
        out(&logs(&["from-db", "--no-nulls", text(&made)])),
        "{}\n{\"a\":1,\"A_\":\"A\\n\",\"\":\"18446744073709551616\"}\n{\"a\":-0.0,\"A_\":150.0,\"b\":[1, {}]}\n\
         {\"a\":0,\"x\\\"\u{fffd}\":1}\n"
    );
    let none = folder.path().join("none.db");
    assert_eq!(logs(&["to-db", "-o", text(&none), "/dev/null"]).status.code(), Some(1));
    assert!(err(&logs(&["from-db", text(&none)])).contains("it has no table"));
    fs::remove_file(none).expect("it is there");
    let again = logs(&["to-db", "-o", text(&made), text(&log)]);
    assert_eq!(again.status.code(), Some(2));
    assert!(err(&again).contains("--force"), "{}", err(&again));
    assert_eq!(logs(&["to-db", "--force", "-o", text(&made), text(&log)]).status.code(), Some(0));
    assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 2, "nothing is left beside it");
}

#[test]
fn a_table_cannot_have_more_columns_than_sqlite_allows() {
    let folder = TempDir::new().expect("a folder");
    let (log, made) = (folder.path().join("a.log"), folder.path().join("a.db"));
    let wide: Vec<String> = (0..3000).map(|at| format!("\"k{at}\":{at}")).collect();
    fs::write(&log, format!("{{\"k1\":0}}\n{{{}}}\n{{\"k2\":7}}\n", wide.join(","))).expect("written");
    let loaded = logs(&["to-db", "-o", text(&made), text(&log)]);
    assert!(err(&loaded).contains("2 rows with 2000 columns; 1 lines left out"), "{}", err(&loaded));
    assert_eq!(out(&logs(&["from-db", "--no-nulls", text(&made)])), "{\"k1\":0}\n{\"k2\":7}\n");
}

#[test]
fn search_reads_a_database_by_what_it_begins_with() {
    let (folder, path) = database(JOBS);
    let named = folder.path().join("jobs.log");
    fs::copy(&path, &named).expect("copied");
    let found = logs(&["search", "--columns", "id,status=level,made=time", "--level", "error", text(&named)]);
    assert_eq!(
        out(&found),
        "{\"id\":1,\"level\":\"error\",\"time\":\"2025-01-15T10:00:00Z\"}\n{\"id\":3,\"level\":\"error\",\"time\":null}\n",
        "{}",
        err(&found)
    );
    let nothing = logs(&["search", "--where", "took > 100", text(&path)]);
    assert_eq!((nothing.status.code(), err(&nothing)), (Some(1), String::new()));
    let no_column = logs(&["search", "--level", "error", text(&path)]);
    assert_eq!(no_column.status.code(), Some(2));
    let told = err(&no_column);
    assert!(told.contains("no column tells level") && told.contains("status"), "{told}");
    let counted = logs(&["count", text(&path)]);
    assert_eq!(counted.status.code(), Some(2));
    assert!(err(&counted).contains("logs from-db"), "{}", err(&counted));
}

#[test]
fn what_cannot_be_read_is_told_with_what_to_do() {
    let (folder, path) = database(JOBS);
    let refused = |args: &[&str], told: &str| {
        let output = logs(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", err(&output));
        assert!(err(&output).contains(told), "{args:?}: {}", err(&output));
        assert!(out(&output).is_empty(), "{args:?}");
    };
    refused(&["from-db", "--table", "job", text(&path)], "there is no table job; there are jobs");
    refused(&["from-db", "--columns", "id,state", text(&path)], "no column state; it has id, status, took");
    refused(&["from-db", "-"], "save it to a file first");
    refused(&["from-db"], "read which database?");
    refused(&["from-db", "/nowhere/a.db"], "No such file");
    refused(&["from-db", "/"], "Is a directory");
    refused(&["to-db", text(&path)], "--out FILE.db");
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).expect("written");
        path
    };
    refused(&["from-db", text(&file("empty", b""))], "no SQLite database");
    refused(&["from-db", text(&file("log", b"{\"level\":\"ERROR\"}\n"))], "no SQLite database");
    refused(&["from-db", text(&file("magic", b"SQLite format 3\0and then nothing of the kind"))], "SQLite");
    let (_none, empty) = database("CREATE TABLE a (b); DROP TABLE a;");
    refused(&["from-db", text(&empty)], "it has no table");
    let (_two, two) = database("CREATE TABLE a (b); CREATE VIEW c AS SELECT 1 AS d;");
    refused(&["from-db", text(&two)], "2 tables; choose one by --table: a, c");
    assert_eq!(out(&logs(&["from-db", "--table", "c", text(&two)])), "{\"d\":1}\n");
    let nothing = logs(&["from-db", "--table", "a", text(&two)]);
    assert_eq!(
        (nothing.status.code(), out(&nothing), err(&nothing)),
        (Some(1), String::new(), String::new())
    );
}

#[test]
fn a_locked_database_is_told_of() {
    let (_folder, path) = database(JOBS);
    let other = Connection::open(&path).expect("opened");
    other.execute_batch("BEGIN EXCLUSIVE").expect("locked");
    let output = logs(&["from-db", text(&path)]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("another program has it locked"), "{}", err(&output));
    other.execute_batch("COMMIT").expect("unlocked");
    assert_eq!(logs(&["from-db", text(&path)]).status.code(), Some(0));
}

#[test]
fn of_a_damaged_database_the_rows_before_are_printed() {
    let (folder, path) = database(
        "CREATE TABLE a (n, x); WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 20000)
         INSERT INTO a SELECT n, printf('%0100d', n) FROM s;",
    );
    let whole = fs::read(&path).expect("read");
    let mut overwritten = whole.clone();
    let middle = whole.len() / 2 / 4096 * 4096;
    overwritten[middle..middle + 4096].fill(0xa5);
    let bad = folder.path().join("bad.db");
    for (content, some) in
        [(&overwritten[..], true), (&whole[..whole.len() * 2 / 3], false), (&whole[..5000], false)]
    {
        fs::write(&bad, content).expect("written");
        let output = logs(&["from-db", text(&bad)]);
        assert_eq!(output.status.code(), Some(2), "{}", out(&output));
        assert!(err(&output).contains("cut or damaged"), "{}", err(&output));
        let read = rows(&out(&output));
        assert_eq!(!read.is_empty(), some);
        assert!(read.iter().zip(1_u64..).all(|(row, n)| row["n"] == n), "from the first on");
    }
}
