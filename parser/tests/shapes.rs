//! Every shape that the generator makes, read by the plain reader: its answers are the truth, of whole logs and of
//! damaged ones. (`generated.rs` and `damaged.rs` ask the fast readers besides, and more of `app` and `cdn`.)

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::ops::ControlFlow;
use std::process::Command;

use generator::damage::Kind;
use generator::{Lines, Manner, Outputs, Shape, Spec, generate_to};
use parser::plain::values::{self, Value};
use parser::{BadLine, Limits};
use serde_json::{Map, Value as Json, json};

/// What is asked of each record.
const KEYS: [&str; 28] = [
    "level",
    "service",
    "thread",
    "thread_id",
    "correlation_id",
    "trace_id",
    "span_id",
    "parent_span_id",
    "message",
    "logger",
    "status",
    "queue",
    "kind",
    "attempts",
    "error",
    "component",
    "req",
    "facility",
    "host",
    "client",
    "method",
    "protocol",
    "path",
    "query",
    "size",
    "referer",
    "user_agent",
    "client_ip",
];

/// A record's line, and the values that it has, as text.
#[derive(PartialEq, Eq, Clone, Debug)]
struct Record {
    line: u64,
    text: String,
    values: BTreeMap<&'static str, String>,
}

impl Record {
    fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }
}

fn read(log: &[u8]) -> (Vec<Record>, Vec<BadLine>) {
    let (mut records, mut bad) = (Vec::new(), Vec::new());
    values::read_within(log, &KEYS, Limits::default(), &mut |line| bad.push(line), &mut |record| {
        let told = KEYS.into_iter().zip(record.values).filter_map(|(key, value)| match value? {
            Value::Text(text) | Value::Number(text) => Some((key, text)),
            Value::Bool(_) | Value::Null | Value::Other => None,
        });
        let text = String::from_utf8_lossy(&record.bytes).into_owned();
        records.push(Record { line: record.line, text, values: told.collect() });
    })
    .expect("a slice can be read");
    (records, bad)
}

struct Corpus {
    log: Vec<u8>,
    truth: Json,
    /// What the generator tells of each record.
    lines: Vec<Json>,
}

fn corpus(spec: &Spec) -> Corpus {
    let [mut log, mut truth, mut lines] = [const { Vec::new() }; 3];
    let outputs = Outputs {
        log: &mut log,
        truth_lines: Some(&mut lines as &mut (dyn Write + Send)),
        truth_spans: None,
        damage_lines: None,
    };
    let mut watch = |_| ControlFlow::Continue(());
    let manner = Manner { threads: 1, encoder: None, rate: None, watch: &mut watch };
    let facts = generate_to(spec, outputs, manner).expect("a vector takes all");
    facts.write_json(&mut truth).expect("a vector takes all");
    let json = |bytes: &[u8]| serde_json::from_slice(bytes).expect("JSON");
    Corpus {
        log,
        truth: json(&truth),
        lines: lines.split_inclusive(|&byte| byte == b'\n').map(json).collect(),
    }
}

/// How many records have each value.
fn count<'r>(values: impl Iterator<Item = &'r str>) -> Json {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    json!(counts)
}

fn of<'r>(records: &'r [Record], key: &'static str) -> impl Iterator<Item = &'r str> {
    records.iter().filter_map(move |record| record.values.get(key).map(String::as_str))
}

fn sum(records: &[Record], key: &'static str) -> u64 {
    of(records, key).map(|number| number.parse::<u64>().unwrap_or(0)).sum()
}

/// The names of levels as the reader has them.
fn level(name: &str) -> &str {
    match name {
        "emerg" | "FATAL" => "fatal",
        "alert" | "crit" | "err" | "ERROR" => "error",
        "warning" | "WARN" => "warn",
        "notice" | "INFO" => "info",
        "DEBUG" => "debug",
        other => other,
    }
}

/// How many records the truth has of each level, by the reader's names of them.
fn levels(truth: &Json) -> Json {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, sums) in truth["levels"].as_object().expect("an object") {
        *counts.entry(level(name)).or_default() += sums["records"].as_u64().expect("a number");
    }
    counts.retain(|_, count| *count > 0);
    json!(counts)
}

/// The facts of a shape as they follow from records, for the keys of its truth that a reader of records can answer.
fn answers(shape: Shape, records: &[Record]) -> Map<String, Json> {
    let by = |key| count(of(records, key));
    let distinct = |key| json!(of(records, key).collect::<BTreeSet<_>>().len());
    let number = |key| json!(of(records, key).count());
    let lines = |is_so: &dyn Fn(&str) -> bool| -> usize {
        records.iter().map(|record| record.text.lines().filter(|line| is_so(line)).count()).sum()
    };
    let told = match shape {
        Shape::App => json!({
            "services": by("service"), "threads": by("thread"), "correlations": by("correlation_id"),
            "traces": distinct("trace_id"), "spans": number("span_id"), "parents": number("parent_span_id"),
        }),
        Shape::Flat => json!({
            "services": by("service"), "threads": by("thread_id"), "correlations": by("correlation_id"),
            "spans": number("span_id"), "parents": number("parent_span_id"),
            "timeouts": of(records, "message").filter(|text| text.contains("timeout")).count(),
        }),
        Shape::Access => {
            let paths: Vec<String> = records
                .iter()
                .map(|record| {
                    let query = record.values.get("query").map(|query| format!("?{query}"));
                    record.values["path"].clone() + &query.unwrap_or_default()
                })
                .collect();
            json!({
                "clients": distinct("client"), "ipv6": of(records, "client").filter(|it| it.contains(':')).count(),
                "statuses": by("status"), "methods": by("method"), "protocols": by("protocol"),
                "response_bytes": sum(records, "size"), "sized": number("size"),
                "paths": count(paths.iter().map(String::as_str)),
                "referred": of(records, "referer").filter(|it| *it != "-").count(),
                // A reader takes the sign for none as none.
                "agents": count(records.iter().map(|it| it.values.get("user_agent").map_or("-", String::as_str))),
            })
        }
        Shape::Logfmt => json!({ "components": by("component"), "correlations": by("req") }),
        Shape::Syslog => json!({
            "facilities": by("facility"), "hosts": by("host"), "apps": by("service"),
            "failures": of(records, "message").filter(|text| text.starts_with("authentication failure")).count(),
        }),
        Shape::Text => json!({
            "threads": by("thread"), "loggers": by("logger"), "lines": lines(&|_| true),
            "frames": lines(&|line| line.starts_with("\tat ")),
            "causes": lines(&|line| line.starts_with("Caused by: ")),
            "traces": records.iter().filter(|record| record.text.contains("\n\tat ")).count(),
        }),
        Shape::Jobs => json!({
            "statuses": by("status"), "queues": by("queue"), "kinds": by("kind"),
            "correlations": by("correlation_id"), "attempts": sum(records, "attempts"),
            "errors": count(of(records, "error").filter_map(|error| error.split(':').next())),
            "retried": of(records, "attempts").filter(|tries| *tries != "0" && *tries != "1").count(),
        }),
        Shape::Cdn | Shape::Mixed => json!({}),
    };
    let mut told = told.as_object().expect("an object").clone();
    if !matches!(shape, Shape::Access | Shape::Jobs | Shape::Cdn | Shape::Mixed) {
        told.insert("levels".to_owned(), count(of(records, "level").map(level)));
    }
    told
}

fn assert_answers(shape: Shape, records: &[Record], truth: &Json, what: &str) {
    for (key, told) in answers(shape, records) {
        let expected = if key == "levels" { levels(truth) } else { truth[&key].clone() };
        assert_eq!(told, expected, "{key} of {shape}, {what}");
    }
}

/// Which part of a mixed log a record is of.
fn part(record: &Record) -> Shape {
    match record.text.as_bytes() {
        [b'{', ..] if record.has("client_ip") => Shape::Cdn,
        [b'{', ..] if record.has("thread_id") => Shape::Flat,
        [b'{', ..] => Shape::App,
        [b'<', ..] => Shape::Syslog,
        _ if record.has("protocol") => Shape::Access,
        _ if record.has("component") => Shape::Logfmt,
        _ => Shape::Text,
    }
}

/// All that the reader can answer of a log, if none of what it gives is bad.
fn check(shape: Shape, corpus: &Corpus, records: &[Record], what: &str) {
    match shape {
        Shape::Cdn => {
            let told = parser::plain::count(corpus.log.as_slice(), &mut |_| ()).expect("a slice can be read");
            let mut json = Vec::new();
            told.write_json(&[], "", &mut json).expect("a vector takes all");
            let told: Json = serde_json::from_slice(&json).expect("JSON");
            assert_eq!(told["stats"], corpus.truth["stats"], "cdn, {what}");
        }
        Shape::Mixed => {
            for (name, truth) in corpus.truth["parts"].as_object().expect("an object") {
                let one: Shape = name.parse().expect("a shape");
                let records: Vec<Record> = records.iter().filter(|it| part(it) == one).cloned().collect();
                assert_eq!(truth["records"], records.len(), "{name} of mixed, {what}");
                assert_answers(one, &records, truth, what);
            }
        }
        _ => assert_answers(shape, records, &corpus.truth, what),
    }
}

/// Names and values.
type Knobs = &'static [(&'static str, &'static str)];

/// What can be set, so that every grammar of a shape comes up.
fn specs(seed: u64, records: u64) -> Vec<Spec> {
    let knobs: [(Shape, &[Knobs]); 9] = [
        (Shape::Cdn, &[&[]]),
        (Shape::Access, &[&[], &[("server", "nginx"), ("ipv6", "50%")]]),
        (Shape::App, &[&[], &[("skew", "500"), ("failing", "30%")]]),
        (Shape::Logfmt, &[&[]]),
        (Shape::Syslog, &[&[], &[("format", "rfc3164")], &[("format", "both")]]),
        (Shape::Text, &[&[], &[("layout", "logback")]]),
        (Shape::Flat, &[&[], &[("spans", "all"), ("services", "4")]]),
        (Shape::Mixed, &[&[]]),
        (Shape::Jobs, &[&[]]),
    ];
    assert!(Shape::ALL.into_iter().all(|shape| knobs.iter().any(|(known, _)| *known == shape)));
    let specs = knobs.into_iter().flat_map(|(shape, all)| all.iter().map(move |knobs| (shape, *knobs)));
    specs
        .map(|(shape, knobs)| {
            Spec::new(shape, seed, records).with_knobs(knobs.iter().copied()).expect("known knobs")
        })
        .collect()
}

#[test]
fn the_plain_reader_gives_the_truth_of_every_shape() {
    for spec in specs(21, 4_000) {
        let corpus = corpus(&spec);
        let (records, bad) = read(&corpus.log);
        let shape = spec.shape();
        assert_eq!(bad, [], "{shape}");
        assert_eq!(records.len() as u64, spec.records(), "{shape}");
        check(shape, &corpus, &records, "whole");
    }
}

/// Damage that leaves no doubt what a reader must answer, in any format.
#[test]
fn the_plain_reader_gives_the_truth_of_every_shape_with_damage_that_all_formats_know() {
    for spec in specs(22, 3_000) {
        let shape = spec.shape();
        let kinds = match shape.about().lines {
            Lines::Json => "8%:truncated,glued,empty,bad-utf8,nul,duplicate-keys,crlf,no-last-newline",
            Lines::Text => "8%:crlf,no-last-newline",
        };
        let spec = spec.with_damage(kinds.parse().expect("damage")).expect("that suits the shape");
        let corpus = corpus(&spec);
        let damage = &corpus.truth["damage"];
        let (records, bad) = read(&corpus.log);
        let told = |answer: &str| damage[answer].as_u64().expect("a number");
        assert_eq!(
            records.len() as u64,
            told("records") + damage["open"].as_u64().unwrap_or(0),
            "{shape}: {damage}"
        );
        assert_eq!(records.len() as u64 + told("blank") + bad.len() as u64, spec.records(), "{shape}");
        let places: BTreeSet<u64> = bad.iter().map(|line| line.line).collect();
        let foretold = corpus.lines.iter().filter(|line| line["answer"] == "bad");
        let foretold: BTreeSet<u64> = foretold.map(|line| line["line"].as_u64().expect("a number")).collect();
        assert_eq!(places, foretold, "{shape}");
        check(shape, &corpus, &records, "damaged");
    }
}

/// Whatever becomes of damaged records, each of the others is read as if they were not there.
#[test]
fn damage_of_any_kind_costs_no_other_record() {
    for spec in specs(23, 2_000) {
        let shape = spec.shape();
        let whole = corpus(&spec);
        let (expected, _) = read(&whole.log);
        let kinds: Vec<&str> =
            Kind::ALL.into_iter().map(Kind::name).filter(|name| *name != "over-long").collect();
        let kinds = kinds.into_iter().filter(|name| {
            shape.about().lines == Lines::Json || !["wrong-types", "duplicate-keys"].contains(name)
        });
        let damage = format!("5%:{}", kinds.collect::<Vec<_>>().join(","));
        let spec = spec.with_damage(damage.parse().expect("damage")).expect("that suits the shape");
        let damaged = corpus(&spec);
        let (records, _) = read(&damaged.log);
        let records: BTreeMap<u64, &Record> = records.iter().map(|record| (record.line, record)).collect();
        let mut sound = 0;
        for (told, expected) in damaged.lines.iter().zip(&expected) {
            if told.get("damage").is_some() {
                continue;
            }
            sound += 1;
            let line = told["line"].as_u64().expect("a number");
            let found = records.get(&line).unwrap_or_else(|| panic!("{shape}, line {line}: no record"));
            // What follows a record of text without a form of its own is taken for its continuation.
            let (mut found, mut expected) = (found.values.clone(), expected.values.clone());
            if shape.about().lines == Lines::Text {
                found.remove("message");
                expected.remove("message");
            }
            assert_eq!(found, expected, "{shape}, line {line}");
        }
        assert!(sound > 1_700 && sound < 2_000, "{shape}: {sound}");
    }
}

/// The truth of `jobs` is that of the database too, read by `logs from-db`.
#[test]
fn jobs_in_a_database_are_their_truth() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("jobs.sqlite");
    let spec = Spec::new(Shape::Jobs, 24, 3_000);
    let mut watch = |_| ControlFlow::Continue(());
    let truth =
        generator::write_database(&spec, &path, None, false, &mut watch).expect("the folder is there");
    let mut json = Vec::new();
    truth.write_json(&mut json).expect("a vector takes all");
    let truth: Json = serde_json::from_slice(&json).expect("JSON");
    let rows =
        Command::new(env!("CARGO_BIN_EXE_logs")).arg("from-db").arg(&path).output().expect("logs runs");
    assert!(rows.status.success(), "{}", String::from_utf8_lossy(&rows.stderr));
    let (records, bad) = read(&rows.stdout);
    assert_eq!((records.len(), bad.len()), (3_000, 0));
    assert_answers(Shape::Jobs, &records, &truth, "a database");
}
