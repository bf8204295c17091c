//! The lines about spans against a plain recount of the log: of whole logs, parts, and damaged ones.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;

use generator::{Manner, Outputs, Shape, Spec, generate_to};
use serde_json::{Map, Value, json};

/// The log's records that are what they were, as JSON, and the lines about its spans.
fn records_and_spans(spec: &Spec, threads: usize) -> (Vec<Map<String, Value>>, Vec<Value>) {
    let [mut log, mut told, mut spans] = [const { Vec::new() }; 3];
    let outputs = Outputs {
        log: &mut log,
        truth_lines: Some(&mut told as &mut (dyn Write + Send)),
        truth_spans: Some(&mut spans),
        damage_lines: None,
    };
    let mut watch = |_| ControlFlow::Continue(());
    generate_to(spec, outputs, Manner { threads, encoder: None, rate: None, watch: &mut watch }).unwrap();
    let lines = |bytes: &[u8]| -> Vec<Value> {
        str::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let records = lines(&told)
        .into_iter()
        .filter(|told| told.get("answer").is_none_or(|it| it == "record" || it == "open"));
    let records = records.filter_map(|told| {
        let place = |key: &str| told[key].as_u64().unwrap() as usize;
        serde_json::from_slice(&log[place("offset")..place("offset") + place("bytes")]).ok()
    });
    (records.collect(), lines(&spans))
}

/// Microseconds into the month.
fn micros(timestamp: &str) -> i64 {
    let part = |from: usize, to: usize| timestamp[from..to].parse::<i64>().unwrap();
    (((part(8, 10) * 24 + part(11, 13)) * 60 + part(14, 16)) * 60 + part(17, 19)) * 1_000_000 + part(20, 26)
}

#[derive(Default)]
struct Span {
    trace: Option<String>,
    parent: Option<String>,
    service: String,
    times: Vec<String>,
    error: bool,
    /// Of it and of all below it.
    around: Vec<String>,
    children: Vec<String>,
}

/// What a reader of the log would say of each span, by its id.
fn recount(records: &[Map<String, Value>]) -> BTreeMap<String, Value> {
    let mut spans: BTreeMap<String, Span> = BTreeMap::new();
    for record in records {
        let text = |key: &str| record.get(key).and_then(Value::as_str).map(str::to_owned);
        let Some(id) = text("span_id") else { continue };
        let span = spans.entry(id).or_default();
        (span.trace, span.parent) = (text("trace_id"), text("parent_span_id"));
        span.service = text("service").unwrap();
        span.times.push(text("timestamp").unwrap());
        span.error |= text("level").as_deref() == Some("ERROR");
    }
    let ids: Vec<String> = spans.keys().cloned().collect();
    for id in &ids {
        let times = spans[id].times.clone();
        if let Some(parent) = spans[id].parent.clone().and_then(|parent| spans.get_mut(&parent)) {
            parent.children.push(id.clone());
        }
        let mut at = Some(id.clone());
        while let Some(span) = at.as_ref().and_then(|id| spans.get_mut(id)) {
            span.around.extend(times.iter().cloned());
            at.clone_from(&span.parent);
        }
    }
    let extent =
        |span: &Span| (micros(span.around.iter().min().unwrap()), micros(span.around.iter().max().unwrap()));
    let told = spans.iter().map(|(id, span)| {
        let (start, end) = extent(span);
        let mut children: Vec<_> = span.children.iter().map(|child| extent(&spans[child])).collect();
        children.sort_unstable();
        let (mut covered, mut to) = (0, start);
        for (from, until) in children {
            covered += (until.max(to)) - from.max(to);
            to = to.max(until);
        }
        let (mut depth, mut at) = (0, span);
        while let Some(above) = at.parent.as_ref().and_then(|parent| spans.get(parent)) {
            (depth, at) = (depth + 1, above);
        }
        let is_cause = span.error && span.children.iter().all(|child| !spans[child].error);
        let mut line = json!({
            "span_id": id, "parent_span_id": span.parent, "service": span.service, "depth": depth,
            "records": span.times.len(), "start": span.around.iter().min(), "duration_us": end - start,
            "self_us": end - start - covered, "error": span.error, "root_cause": is_cause,
        });
        if let Some(trace) = &span.trace {
            line["trace_id"] = json!(trace);
        }
        (id.clone(), line)
    });
    told.collect()
}

#[test]
fn every_span_is_told_once_as_a_plain_recount_has_it() {
    let damage = "15%:truncated,glued,empty,crlf";
    for (shape, knobs) in [
        (Shape::App, &[][..]),
        (Shape::App, &[("failing", "40%")]),
        (Shape::Flat, &[("spans", "all"), ("services", "5")]),
        (Shape::Mixed, &[]),
    ] {
        let whole = Spec::new(shape, 11, 7_000).with_knobs(knobs.iter().copied()).unwrap();
        let cut = whole.clone().with_part(1_500, 2_222);
        let damaged = whole.clone().with_damage(damage.parse().unwrap()).unwrap();
        for spec in [whole.clone(), cut.clone(), damaged.clone(), damaged.with_part(700, 3_001)] {
            let (records, lines) = records_and_spans(&spec, 3);
            let expected = recount(&records);
            assert!(lines.len() > 100 && lines.len() == expected.len(), "{spec:?}: {} lines", lines.len());
            for line in &lines {
                assert_eq!(Some(line), expected.get(line["span_id"].as_str().unwrap()), "{spec:?}");
            }
        }
    }
}

/// Spans of `flat` wait for children that may come in another chunk: not for ever.
#[test]
fn a_span_is_told_soon_after_its_last_line() {
    let spec = Spec::new(Shape::Flat, 3, 20_000).with_knobs([("spans", "all")]).unwrap();
    let (records, lines) = records_and_spans(&spec, 1);
    let places: BTreeMap<&str, usize> =
        records.iter().zip(0..).map(|(record, at)| (record["span_id"].as_str().unwrap(), at)).collect();
    let furthest =
        lines.iter().zip(0..).map(|(line, at)| places[line["span_id"].as_str().unwrap()].abs_diff(at)).max();
    assert!(furthest.unwrap() < 500, "{furthest:?} lines from its record");
}
