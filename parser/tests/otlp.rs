//! Exports fit the schema of OTLP, and say what the tree says.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

fn logs(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_logs")).args(args).output().expect("logs runs")
}

/// `TracesData` as far as it is written, from opentelemetry-proto 1.x (trace.proto, common.proto, resource.proto) in
/// the JSON mapping of the specification: identifiers in hexadecimal, 64-bit numbers as strings.
fn schema() -> Value {
    let object = |required: Value, properties: Value| json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false });
    let list = |items: Value| json!({ "type": "array", "items": items });
    let hex = |digits: usize| {
        let noughts = "0".repeat(digits);
        json!({ "type": "string", "pattern": format!("^[0-9a-f]{{{digits}}}$"), "not": { "const": noughts } })
    };
    let whole = json!({ "type": "string", "pattern": "^(0|[1-9][0-9]{0,19})$" });
    let value = json!({ "oneOf": [
        object(json!(["stringValue"]), json!({ "stringValue": { "type": "string" } })),
        object(json!(["intValue"]), json!({ "intValue": { "type": "string", "pattern": "^-?[0-9]{1,19}$" } })),
        object(json!(["boolValue"]), json!({ "boolValue": { "type": "boolean" } })),
    ] });
    let attributes = list(object(
        json!(["key", "value"]),
        json!({ "key": { "type": "string", "minLength": 1 }, "value": value }),
    ));
    let event = object(
        json!(["timeUnixNano", "name"]),
        json!({ "timeUnixNano": whole, "name": { "type": "string" }, "attributes": attributes }),
    );
    let span = object(
        json!(["traceId", "spanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano"]),
        json!({
            "traceId": hex(32), "spanId": hex(16), "parentSpanId": hex(16), "name": { "type": "string", "minLength": 1 },
            "kind": { "enum": [0, 1, 2, 3, 4, 5] }, "startTimeUnixNano": whole, "endTimeUnixNano": whole,
            "attributes": attributes, "events": list(event),
            "status": object(json!([]), json!({ "code": { "enum": [0, 1, 2] }, "message": { "type": "string" } })),
        }),
    );
    let scope = object(json!([]), json!({ "name": { "type": "string" }, "version": { "type": "string" } }));
    let scope_spans = object(json!(["spans"]), json!({ "scope": scope, "spans": list(span) }));
    let resource = object(json!([]), json!({ "attributes": attributes }));
    let resource_spans =
        object(json!(["scopeSpans"]), json!({ "resource": resource, "scopeSpans": list(scope_spans) }));
    object(json!(["resourceSpans"]), json!({ "resourceSpans": list(resource_spans) }))
}

/// What an export of a log prints, checked; and what it says on standard error.
fn export(log: &str, args: &[&str]) -> (Value, String) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("a.log");
    fs::write(&path, log).expect("written");
    let output = logs(&[&["export"], args, &[path.to_str().expect("a plain name")]].concat());
    let exported: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let validator = jsonschema::validator_for(&schema()).expect("a right schema");
    let wrong: Vec<String> =
        validator.iter_errors(&exported).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    (exported, String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Each span with the service that it is of.
fn spans(exported: &Value) -> Vec<(String, &Value)> {
    let mut all = Vec::new();
    for resource in exported["resourceSpans"].as_array().expect("a list") {
        let service = &resource["resource"]["attributes"][0]["value"]["stringValue"];
        for span in resource["scopeSpans"][0]["spans"].as_array().expect("a list") {
            all.push((service.as_str().expect("a text").to_owned(), span));
        }
    }
    all
}

fn attributes(of: &Value) -> BTreeMap<&str, &Value> {
    let pairs = of["attributes"].as_array().expect("a list").iter();
    pairs.map(|pair| (pair["key"].as_str().expect("a key"), &pair["value"])).collect()
}

const LOG: &str = r#"{"ts":"2025-01-15T10:00:00Z","level":"INFO","service":"web","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","message":"GET /a took 12 ms"}
{"ts":"2025-01-15T10:00:00.25Z","level":"ERROR","service":"api","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"call-1","parent_span_id":"00f067aa0ba902b7","message":"said \"no\"\u0000\n"}
{"level":"WARN","service":"api","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"call-2","parent_span_id":"call-1"}
{"ts":"2025-01-15T10:00:01Z","service":"api","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"b","parent_span_id":"gone"}
{"ts":"1901-01-01T00:00:00Z","trace_id":"t","span_id":"x","parent_span_id":"y"}
{"trace_id":"t","span_id":"y","parent_span_id":"x"}
{"ts":"2025-01-15T10:00:02Z","message":"of no span"}
"#;

#[test]
fn a_tree_is_exported_with_its_parents_times_and_names() {
    let (exported, told) = export(LOG, &[]);
    let spans = spans(&exported);
    assert_eq!(spans.len(), 6);
    assert!(told.contains("1 entries belong to no span and are left out"), "{told}");
    let of = |wanted: &str| {
        let is_it = |span: &Value| match attributes(span).get("log.span_id") {
            Some(original) => original["stringValue"] == wanted,
            None => span["spanId"] == wanted,
        };
        spans.iter().find(|(_, span)| is_it(span)).unwrap_or_else(|| panic!("{wanted} is there"))
    };
    let (service, root) = of("00f067aa0ba902b7");
    assert_eq!((service.as_str(), &root["traceId"]), ("web", &json!("4bf92f3577b34da6a3ce929d0e0e4736")));
    assert_eq!(root["parentSpanId"], Value::Null);
    assert_eq!(root["startTimeUnixNano"], "1736935200000000000");
    assert_eq!(root["endTimeUnixNano"], "1736935200250000000");
    assert_eq!((root["status"]["code"].as_u64(), root["kind"].as_u64()), (None, Some(1)));
    assert!(
        root["name"].as_str().is_some_and(|name| name.starts_with("GET /a took") && !name.contains("12"))
    );
    let (_, call) = of("call-1");
    assert_eq!((&call["parentSpanId"], &call["status"]["code"]), (&json!("00f067aa0ba902b7"), &json!(2)));
    let (_, untimed) = of("call-2");
    assert_eq!(untimed["startTimeUnixNano"], call["startTimeUnixNano"]);
    assert_eq!(untimed["parentSpanId"], call["spanId"]);
    assert_eq!(attributes(untimed)["log.untimed"]["boolValue"], true);
    let (_, orphan) = of("b");
    assert_eq!(attributes(orphan)["log.parent_span_id"]["stringValue"], "gone");
    let (service, cut) = of("x");
    assert_eq!(
        (service.as_str(), attributes(cut)["log.cycle"]["boolValue"].as_bool()),
        ("unknown_service", Some(true))
    );
    assert_eq!(cut["startTimeUnixNano"], "0", "OTLP has no time before 1970");
    assert_eq!(cut["traceId"], of("y").1["traceId"]);
}

#[test]
fn names_are_exported_as_spans_of_the_trace_of_their_root() {
    let log =
        "{\"thread\":\"w\",\"ts\":1736935200}\n{\"thread\":\"w.1\",\"ts\":1736935201}\n{\"thread\":\"v\"}\n";
    let (exported, _) = export(log, &["--by", "thread"]);
    let spans = spans(&exported);
    assert_eq!(spans.len(), 3);
    assert_eq!(spans[0].1["traceId"], spans[1].1["traceId"]);
    assert_eq!(spans[1].1["parentSpanId"], spans[0].1["spanId"]);
    assert_ne!(spans[0].1["traceId"], spans[2].1["traceId"]);
    assert_eq!(export(log, &["--by", "thread"]).0, exported, "the same each time");
}

#[test]
fn a_timeline_is_exported_with_its_entries_as_events() {
    let (exported, told) = export(LOG, &["--of", "timeline", "--since", "2000-01-01", "--service", "api"]);
    assert_eq!(told, "");
    let spans = spans(&exported);
    let [(_, root), (service, api)] = &spans[..] else { panic!("a span for all, and one for the service") };
    assert_eq!((service.as_str(), &api["parentSpanId"]), ("api", &root["spanId"]));
    assert_eq!(root["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(api["events"][0]["name"], "said \"no\"\u{0}\n");
    assert_eq!(api["events"][0]["timeUnixNano"], "1736935200250000000");
    assert_eq!(attributes(&api["events"][0])["log.level"]["stringValue"], "error");
    let (_, told) = export(LOG, &["--of", "timeline"]);
    assert!(told.contains("2 entries have no time"), "{told}");
}

#[test]
fn nothing_is_exported_as_an_empty_document() {
    for of in ["tree", "timeline"] {
        let (exported, _) = export("", &["--of", of]);
        assert_eq!(exported, json!({ "resourceSpans": [] }));
    }
    let output = logs(&["export", "--of", "graph", "-"]);
    assert_eq!(output.status.code(), Some(2));
}
