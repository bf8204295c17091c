//! Results in other tools' formats: goldens, and the tools themselves where they are.

use crate::fixture::{self, MARKUP};
use crate::golden::check;
use harness::judge::wire::results::{Metric, Results};
use reports::export::{Format, export};
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn text(results: &Results, format: Format) -> String {
    export(results, format).expect("something to export").text
}

/// A run with some of everything, small enough to be read.
fn small() -> Results {
    let mut results = fixture::with_wrong_answer();
    let scenarios = ["search/trace", "count/app"];
    let variants = ["release", "lto-fat", "control"];
    results.scenarios.retain(|s| scenarios.contains(&s.name.as_str()));
    results.variants.retain(|v| variants.contains(&v.name.as_str()));
    let keep = |scenario: &str, variant: &str| scenarios.contains(&scenario) && variants.contains(&variant);
    results.cells.retain(|c| keep(&c.scenario, &c.variant));
    results.comparisons.retain(|c| keep(&c.scenario, &c.variant));
    results.controls.retain(|c| keep(&c.scenario, &c.variant));
    results.memory.retain(|m| keep(&m.scenario, &m.variant));
    results.heap.retain(|h| scenarios.contains(&h.scenario.as_str()));
    results.latency.retain(|l| keep(&l.scenario, &l.variant));
    results
}

/// What brings a consumer that is not there.
fn remedy(program: &str) -> &'static str {
    match program {
        "benchstat" => "go install golang.org/x/perf/cmd/benchstat@latest",
        "python3" => "apt-get install python3",
        _ => "scripts/install-debian-tools exports",
    }
}

/// Runs a consumer on `input`; nothing where it is not there, and then says so.
fn consumer(program: &str, arguments: &[&str], input: &str) -> Option<Output> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            // Not through the captured output: who runs the tests shall see what they did not do.
            let _ = writeln!(
                std::io::stderr(),
                "skipped: what {program} makes of an export ({program} is not there; {})",
                remedy(program)
            );
            return None;
        }
        Err(error) => panic!("{program} can't be started: {error}"),
    };
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_owned();
    // One that ends early closes the pipe; what it said then tells more than a failed write.
    let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("written");
    Some(output)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn each_format_as_it_is_written() {
    let results = small();
    let mut left_out = String::new();
    for (format, extension) in [
        (Format::Csv, "csv"),
        (Format::Jsonl, "jsonl"),
        (Format::Benchstat, "benchstat.txt"),
        (Format::Bencher, "bencher.json"),
        (Format::Hyperfine, "hyperfine.json"),
        (Format::OpenMetrics, "openmetrics.txt"),
    ] {
        let exported = export(&results, format).expect("something to export");
        check(&format!("export.{extension}"), &exported.text);
        for said in exported.left_out {
            left_out.extend([format.name(), ": ", &said, "\n"]);
        }
    }
    check("export.left-out.txt", &left_out);
}

#[test]
fn a_run_without_times_is_refused_by_what_holds_nothing_else() {
    let mut results = small();
    results.cells.retain(|cell| cell.metric != Metric::Time);
    let why = export(&results, Format::Hyperfine).expect_err("no times").to_string();
    assert!(why.contains("no times") && why.contains("hyperfine"), "{why}");
    assert!(export(&results, Format::Csv).is_ok());
    let mut empty = fixture::empty("release");
    empty.instructions.clear();
    for format in [Format::Benchstat, Format::Bencher, Format::Hyperfine, Format::OpenMetrics] {
        assert!(export(&empty, format).is_err(), "{}", format.name());
    }
}

#[test]
fn formats_have_names_of_their_own() {
    for format in Format::ALL {
        assert_eq!(Format::named(format.name()), Some(format));
    }
    assert_eq!(Format::named("xml"), None);
}

/// Records of RFC 4180: fields in quotes may hold commas, quotes and ends of lines.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quoted) {
            ('"', true) if chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            ('"', _) => quoted = !quoted,
            (',', false) => record.push(std::mem::take(&mut field)),
            ('\n', false) => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            (c, _) => field.push(c),
        }
    }
    assert!(!quoted && record.is_empty() && field.is_empty(), "the last line is whole");
    records
}

#[test]
fn hostile_names_stay_names_in_every_format() {
    let results = fixture::hostile();
    let records = records(&text(&results, Format::Csv));
    assert!(records.iter().all(|record| record.len() == records[0].len()));
    assert!(records.iter().any(|record| record[1] == MARKUP));
    for line in text(&results, Format::Jsonl).lines() {
        let value: Value = serde_json::from_str(line).expect("JSON");
        assert!(value["kind"].is_string(), "{line:.80}");
    }
    for format in [Format::Bencher, Format::Hyperfine] {
        let value: Value = serde_json::from_str(&text(&results, format)).expect("JSON");
        assert!(value.to_string().contains("alert"), "{}", format.name());
    }
    for line in text(&results, Format::Benchstat).lines().filter(|line| line.starts_with("Benchmark")) {
        // A name, a number of iterations, then pairs of a value and its unit.
        let words: Vec<&str> = line.split_whitespace().collect();
        assert!(words.len() >= 4 && words.len().is_multiple_of(2), "{line}");
        assert!(words[1].parse::<u64>().is_ok_and(|n| n > 0), "{line}");
        assert!(words[2..].chunks(2).all(|pair| pair[0].parse::<f64>().is_ok_and(f64::is_finite)), "{line}");
    }
    for line in text(&results, Format::OpenMetrics).lines() {
        assert!(line.starts_with('#') || line.starts_with("assay_"), "a name broke its line: {line}");
    }
}

#[test]
fn every_sample_is_in_the_formats_that_hold_samples() {
    let results = small();
    let of_cells = |metric: Option<Metric>| -> usize {
        let cells = results.cells.iter().filter(|c| metric.is_none_or(|metric| metric == c.metric));
        cells.map(|c| c.samples.len()).sum()
    };
    let lines: Vec<Value> =
        text(&results, Format::Jsonl).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let samples =
        lines.iter().filter(|v| v["kind"] == "cells").map(|v| v["samples"].as_array().map_or(0, Vec::len));
    assert_eq!(samples.sum::<usize>(), of_cells(None));
    let whole = serde_json::to_value(&results).expect("JSON");
    let lists = whole.as_object().expect("an object").values().filter_map(Value::as_array);
    assert_eq!(
        lines.len(),
        1 + lists.map(Vec::len).sum::<usize>(),
        "all lists of results.json, and the first line"
    );
    let hyperfine: Value = serde_json::from_str(&text(&results, Format::Hyperfine)).expect("JSON");
    let times = hyperfine["results"].as_array().expect("results");
    assert_eq!(
        times.iter().map(|r| r["times"].as_array().map_or(0, Vec::len)).sum::<usize>(),
        of_cells(Some(Metric::Time))
    );
    let benchstat = text(&results, Format::Benchstat);
    let once = |line: &str| {
        ["heap-peak-bytes", "size-bytes", "instructions"].iter().any(|unit| line.ends_with(unit))
    };
    let measured = benchstat.lines().filter(|line| line.starts_with("Benchmark") && !once(line)).count();
    assert_eq!(measured, of_cells(None));
}

/// The schema that Bencher publishes, <https://bencher.dev/bmf.json>.
const BMF: &str = r#"{
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "patternProperties": { ".+": { "type": "object", "patternProperties": { ".+": {
        "type": "object",
        "properties": { "value": { "type": "number" }, "lower_value": { "type": "number" }, "upper_value": { "type": "number" } },
        "required": ["value"]
    } } } }
}"#;

#[test]
fn bencher_takes_it_by_its_schema() {
    let schema = serde_json::from_str(BMF).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for results in [small(), fixture::rich(), fixture::hostile()] {
        let value: Value = serde_json::from_str(&text(&results, Format::Bencher)).expect("JSON");
        let wrong: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        for measures in value.as_object().expect("benchmarks").values() {
            for metric in measures.as_object().expect("measures").values() {
                let figure = |key: &str| metric[key].as_f64().unwrap_or(f64::NAN);
                assert!(
                    !(figure("lower_value") > figure("value") || figure("upper_value") < figure("value")),
                    "{metric}"
                );
            }
        }
    }
    assert!(!validator.is_valid(&serde_json::json!({ "a": { "latency": { "value": "fast" } } })));
}

#[test]
fn promtool_puts_it_into_a_database() {
    let dir = tempfile::tempdir().expect("a folder");
    for results in [small(), fixture::hostile()] {
        let exported = text(&results, Format::OpenMetrics);
        let path = dir.path().join("run.om");
        std::fs::write(&path, &exported).expect("written");
        let data = dir.path().join("data");
        let (path, data) = (path.display().to_string(), data.display().to_string());
        let arguments = ["tsdb", "create-blocks-from", "openmetrics", &path, &data];
        let Some(output) = consumer("promtool", &arguments, "") else { return };
        assert!(output.status.success(), "{}", said(&output));
        let found = std::fs::read_dir(&data).into_iter().flatten().flatten();
        assert!(found.count() > 0, "no block was made: {}", said(&output));
        let Some(output) = consumer("promtool", &["check", "metrics"], &exported) else { return };
        assert!(output.status.success(), "{}", said(&output));
    }
}

#[test]
fn jq_reads_what_hyperfines_scripts_read() {
    // Of each result: a name, times, and the figures that the scripts take as they are, equal to those of the times.
    let program = "[.results[] | (.times | add / length) as $mean
        | (.command | type == \"string\") and (.times | length > 0) and (.exit_codes | length) == (.times | length)
          and ((.mean - $mean) | fabs) <= $mean * 1e-9
          and .min == (.times | min) and .max == (.times | max) and .median >= .min and .median <= .max
          and (.parameters | has(\"scenario\") and has(\"variant\"))] | length > 0 and all";
    let Some(output) = consumer("jq", &["-e", program], &text(&small(), Format::Hyperfine)) else { return };
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn python_reads_the_csv_and_the_json_lines() {
    let program = "import csv,json,sys\n\
        which = sys.argv[1]\n\
        text = sys.stdin.buffer.read().decode()\n\
        if which == 'csv':\n\
        \x20   rows = list(csv.DictReader(text.split('\\n'), strict=True))\n\
        \x20   print(len(rows), sum(float(r['median'] or 0) > 0 for r in rows), sorted({r['label'] for r in rows}))\n\
        else:\n\
        \x20   rows = [json.loads(line) for line in text.splitlines()]\n\
        \x20   print(len(rows), rows[0]['kind'], rows[0]['schema']['name'])\n";
    let results = small();
    let rows = text(&results, Format::Csv);
    let Some(output) = consumer("python3", &["-c", program, "csv"], &rows) else { return };
    let labels = said(&output);
    assert!(labels.starts_with(&format!("{} {}", rows.lines().count() - 1, results.cells.len())), "{labels}");
    assert!(labels.contains("'invalid'") && labels.contains("'no change'"), "{labels}");
    let lines = text(&results, Format::Jsonl);
    let Some(output) = consumer("python3", &["-c", program, "jsonl"], &lines) else { return };
    assert_eq!(said(&output).trim(), format!("{} run assay.results", lines.lines().count()));
}

#[test]
fn benchstat_compares_variants() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("run.txt");
    std::fs::write(&path, text(&small(), Format::Benchstat)).expect("written");
    let path: &Path = &path;
    let arguments = ["-col", "variant", "-format", "csv", path.to_str().expect("UTF-8")];
    let Some(output) = consumer("benchstat", &arguments, "") else { return };
    let table = said(&output);
    assert!(output.status.success() && !table.contains("syntax"), "{table}");
    for wanted in ["Search/trace", "release", "lto-fat", "control", "sec/op", "anon-bytes"] {
        assert!(table.contains(wanted), "{wanted}: {table}");
    }
}
