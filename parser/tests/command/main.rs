//! The `logs` command, as it is run: what only searches and counts. Questions to an index are in `investigate_command`.

mod count;
mod pipes;
mod search;
mod usage;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

const LOG: &str = "{\"timestamp\":\"2018-04-16 04:59:59\",\"client_ip\":\"192.0.2.7\",\"request_path\":\"/versions\",\
                   \"tls_cipher\":\"A\",\"level\":\"INFO\"}\nnot a record\n{\"level\":\"ERROR\",\"n\":1}\n\
                   {\"level\":\"err\",\"n\":2}\n";

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
