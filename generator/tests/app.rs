//! The `app` shape against a plain recount, and what it says of itself.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use generator::{Shape, Spec, generate};
use proptest::prelude::{ProptestConfig, proptest};
use serde_json::{Map, Value, json};

fn corpus(seed: u64, records: u64) -> (String, Value) {
    let mut log = Vec::new();
    let truth = generate(&Spec::new(Shape::App, seed, records), &mut log).unwrap();
    assert_eq!(truth.bytes(), log.len() as u64);
    let mut json = Vec::new();
    truth.write_json(&mut json).unwrap();
    (String::from_utf8(log).unwrap(), serde_json::from_slice(&json).unwrap())
}

fn parse(line: &str) -> Map<String, Value> {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

fn count(counts: &mut BTreeMap<String, u64>, name: &Value) {
    *counts.entry(name.as_str().unwrap().to_owned()).or_default() += 1;
}

#[test]
fn the_truth_is_what_a_plain_recount_gives() {
    for (seed, records) in [(1, 0), (1, 1), (2, 1_025), (3, 30_000)] {
        truth_equals_recount(seed, records);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn and_so_it_is_for_any_seed(seed: u64, records in 0_u64..2_500) {
        truth_equals_recount(seed, records);
    }
}

fn truth_equals_recount(seed: u64, records: u64) {
    let (log, truth) = corpus(seed, records);
    let [mut services, mut threads, mut correlations] = [const { BTreeMap::new() }; 3];
    let mut levels: BTreeMap<String, [u64; 3]> = BTreeMap::new();
    let mut traces = BTreeSet::new();
    let (mut spans, mut parents, mut retries, mut fallbacks, mut times) = (0, 0, 0, 0, Vec::new());
    for (number, line) in (1..).zip(log.lines()) {
        let entry = parse(line);
        let level = levels.entry(entry["level"].as_str().unwrap().to_owned()).or_default();
        level[0] += 1;
        level[1] += line.len() as u64;
        level[2] += number;
        count(&mut services, &entry["service"]);
        count(&mut threads, &entry["thread"]);
        entry.get("correlation_id").inspect(|id| count(&mut correlations, id));
        traces.extend(entry.get("trace_id").map(Value::to_string));
        spans += u64::from(entry.contains_key("span_id"));
        parents += u64::from(entry.contains_key("parent_span_id"));
        let message = entry["message"].as_str().unwrap();
        retries += u64::from(message.starts_with("retrying after "));
        fallbacks += u64::from(message.contains(" failed, "));
        times.push(entry["timestamp"].as_str().unwrap().to_owned());
    }
    assert!(times.is_sorted(), "seed {seed}: time goes backwards");
    let levels: BTreeMap<_, _> = levels
        .into_iter()
        .map(|(name, [records, bytes, line_sum])| {
            (name, json!({"records": records, "bytes": bytes, "line_sum": line_sum}))
        })
        .collect();
    let [tree, errors, examples] = recounted_trees(&log, &truth);
    let expected = json!({
        "format": generator::FORMAT_VERSION, "shape": "app", "seed": seed, "records": times.len(), "bytes": log.len(),
        "first_timestamp": times.first(), "last_timestamp": times.last(), "levels": levels, "services": services,
        "threads": threads, "correlations": correlations, "traces": traces.len(), "spans": spans,
        "parents": parents, "retries": retries, "fallbacks": fallbacks, "tree": tree, "errors": errors,
        "examples": examples,
    });
    assert_eq!(times.len() as u64, records);
    assert!(truth == expected, "seed {seed}, {records} records:\n{truth:#}\n{expected:#}");
}

/// A span as its lines tell it.
#[derive(Default)]
struct Span {
    trace: String,
    parent: Option<String>,
    service: String,
    start: String,
    times: Vec<u64>,
    /// The time of its last line, or of the last of those below it.
    last: u64,
    error: Option<String>,
    children: Vec<String>,
}

impl Span {
    fn duration(&self) -> u64 {
        self.last - self.times[0]
    }
}

/// Microseconds into the month.
fn micros(timestamp: &str) -> u64 {
    let part = |from: usize, to: usize| timestamp[from..to].parse::<u64>().unwrap();
    (((part(8, 10) * 24 + part(11, 13)) * 60 + part(14, 16)) * 60 + part(17, 19)) * 1_000_000 + part(20, 26)
}

/// The spans of a log by their ids.
fn spans_of(log: &str) -> HashMap<String, Span> {
    let mut spans: HashMap<String, Span> = HashMap::new();
    for line in log.lines() {
        let entry = parse(line);
        let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
        let Some(id) = text("span_id") else { continue };
        let time = text("timestamp").unwrap();
        let (parent, trace) = (text("parent_span_id"), text("trace_id").unwrap());
        if let Some(parent) = parent.as_ref().filter(|_| !spans.contains_key(&id)) {
            spans.get_mut(parent).unwrap().children.push(id.clone());
        }
        let span = spans.entry(id.clone()).or_insert_with(|| Span {
            trace,
            parent,
            service: text("service").unwrap(),
            start: time.clone(),
            ..Span::default()
        });
        span.times.push(micros(&time));
        let told = |key: &str| entry["fields"].get(key).and_then(Value::as_str).map(str::to_owned);
        if entry["level"] == "ERROR" {
            let error = told("error").unwrap();
            span.error = Some(if error == "upstream" { told("cause").unwrap() } else { error });
        }
        let mut at = Some(id);
        while let Some(span) = at.as_ref().and_then(|id| spans.get_mut(id)) {
            span.last = micros(&time);
            at.clone_from(&span.parent);
        }
    }
    spans
}

/// `tree`, `errors` and `examples` as a reader of the log would count them. Of which traces the examples are is taken
/// from the truth, what they say is not.
fn recounted_trees(log: &str, truth: &Value) -> [Value; 3] {
    let spans = spans_of(log);
    let depth = |id: &str| {
        let (mut depth, mut at) = (0, &spans[id]);
        while let Some(parent) = &at.parent {
            (depth, at) = (depth + 1, &spans[parent]);
        }
        depth
    };
    let self_time = |span: &Span| {
        let children: u64 = span.children.iter().map(|child| spans[child].duration()).sum();
        span.duration().saturating_sub(children)
    };
    let is_cause =
        |span: &Span| span.error.is_some() && span.children.iter().all(|child| spans[child].error.is_none());
    let mut depths: BTreeMap<String, u64> = BTreeMap::new();
    let mut works: BTreeMap<&str, [u64; 4]> = BTreeMap::new();
    let mut crossed: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let [mut cause_services, mut cause_kinds]: [BTreeMap<&str, u64>; 2] = Default::default();
    let mut with_errors = BTreeSet::new();
    let (mut propagated, mut edges) = (0, 0);
    for (id, span) in &spans {
        *depths.entry(depth(id).to_string()).or_default() += 1;
        edges += u64::from(span.parent.is_some());
        let work = works.entry(&span.service).or_default();
        work[0] += 1;
        work[1] += span.duration();
        work[2] += self_time(span);
        work[3] += u64::from(span.error.is_some());
        crossed.entry(&span.trace).or_default().insert(&span.service);
        if let Some(kind) = &span.error {
            with_errors.insert(&span.trace);
            if is_cause(span) {
                *cause_services.entry(&span.service).or_default() += 1;
                *cause_kinds.entry(kind).or_default() += 1;
            } else {
                propagated += 1;
            }
        }
    }
    let mut traces_by_services: BTreeMap<String, u64> = BTreeMap::new();
    for services in crossed.values() {
        *traces_by_services.entry(services.len().to_string()).or_default() += 1;
    }
    let works: BTreeMap<_, _> = works
        .into_iter()
        .map(|(name, [spans, duration, own, erring])| {
            (name, json!({"spans": spans, "duration_us": duration, "self_us": own, "erring": erring}))
        })
        .collect();
    let tree = json!({
        "roots": spans.len() as u64 - edges, "edges": edges, "orphans": 0, "depths": depths,
        "traces_by_services": traces_by_services, "services": works,
    });
    let errors = json!({
        "root_causes": cause_kinds.values().sum::<u64>(), "propagated": propagated, "traces": with_errors.len(),
        "root_cause_services": cause_services, "root_cause_kinds": cause_kinds,
    });
    let examples = truth["examples"].as_array().unwrap().iter().map(|example| {
        let trace = example["trace_id"].as_str().unwrap();
        let count = spans.values().filter(|span| span.trace == trace).count();
        assert_eq!(count, example["spans"].as_array().unwrap().len());
        let told = example["spans"].as_array().unwrap().iter().map(|told| {
            let id = told["span_id"].as_str().unwrap();
            let span = &spans[id];
            json!({
                "span_id": id, "parent_span_id": span.parent, "service": span.service, "depth": depth(id),
                "records": span.times.len(), "start": span.start, "duration_us": span.duration(),
                "self_us": self_time(span), "error": span.error.is_some(), "root_cause": is_cause(span),
            })
        });
        json!({"trace_id": trace, "spans": told.collect::<Vec<_>>()})
    });
    [tree, errors, Value::Array(examples.collect())]
}

#[test]
fn lines_are_of_the_stated_size_shares_and_forms() {
    let (log, truth) = corpus(42, 30_000);
    let mean = log.len() / 30_000;
    assert!((300..=350).contains(&mean), "{mean} bytes a line");
    for (level, low, high) in [("DEBUG", 130, 180), ("INFO", 560, 620), ("WARN", 180, 230), ("ERROR", 35, 75)]
    {
        let share = truth["levels"][level]["records"].as_u64().unwrap() / 30;
        assert!((low..=high).contains(&share), "{share} in 1,000 {level}");
    }
    assert_eq!(truth["services"].as_object().unwrap().len(), 8);
    assert_eq!(truth["threads"].as_object().unwrap().len(), 48);
    let correlations = truth["correlations"].as_object().unwrap().len();
    assert!((150..=512).contains(&correlations), "{correlations} correlations");
    assert!(truth["spans"].as_u64() > truth["parents"].as_u64());
    let messages: Vec<String> =
        log.lines().map(|line| parse(line)["message"].as_str().unwrap().to_owned()).collect();
    for holds in ['"', '\\', '\n', '\t', 'é', '\u{a0}', '\u{1f512}'] {
        assert!(messages.iter().any(|message| message.contains(holds)), "no message with {holds:?}");
    }
    assert!(log.lines().all(|line| line.contains("\"fields\":{")));
}

#[test]
fn spans_keep_their_place_and_parents_come_first_in_the_same_trace() {
    let (log, _) = corpus(7, 20_000);
    let mut seen: HashMap<String, [Value; 4]> = HashMap::new();
    let mut traces_with_roots = BTreeSet::new();
    for line in log.lines() {
        let entry = parse(line);
        let Some(span) = entry.get("span_id") else {
            assert!(!entry.contains_key("trace_id") && !entry.contains_key("parent_span_id"));
            continue;
        };
        let get = |key: &str| entry.get(key).cloned().unwrap_or_default();
        let trace = get("trace_id");
        let place = ["trace_id", "parent_span_id", "service", "thread"].map(get);
        match entry.get("parent_span_id") {
            Some(parent) => assert_eq!(seen[parent.as_str().unwrap()][0], trace, "{line}"),
            None => {
                traces_with_roots.insert(trace.to_string());
            }
        }
        let known = seen.entry(span.as_str().unwrap().to_owned()).or_insert_with(|| place.clone());
        assert_eq!(*known, place, "{line}");
        assert!(traces_with_roots.contains(&trace.to_string()), "{line}");
    }
    assert!(seen.len() > 4_000);
}

#[test]
fn children_lie_within_their_parents_and_errors_go_upward() {
    // Whole chunks, so that every request is there to its end.
    let (log, truth) = corpus(9, 20 * 1024);
    let mut spans: HashMap<String, (Option<String>, Vec<String>)> = HashMap::new();
    let mut retried = 0;
    for line in log.lines() {
        let entry = parse(line);
        let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
        if let Some(id) = text("span_id") {
            let span = spans.entry(id).or_insert_with(|| (text("parent_span_id"), Vec::new()));
            span.1.push(text("timestamp").unwrap());
        }
        retried += u64::from(entry["fields"].get("backoff_ms").is_some());
    }
    for (parent, times) in spans.values() {
        assert!(times.len() >= 2 && times.is_sorted());
        if let Some(parent) = parent {
            let around = &spans[parent].1;
            assert!(around[0] < times[0] && times.last() < around.last());
        }
    }
    assert_eq!(truth["retries"], retried);
    for kind in ["timeout", "refused", "declined", "invalid", "unhandled", "deadlock"] {
        assert!(truth["errors"]["root_cause_kinds"][kind].as_u64() > Some(10), "{kind}: {}", truth["errors"]);
    }
    for (count, least) in [("propagated", 100), ("root_causes", 200), ("traces", 100)] {
        assert!(truth["errors"][count].as_u64() > Some(least), "{}", truth["errors"]);
    }
    assert!(truth["tree"]["traces_by_services"]["4"].as_u64() > Some(20), "{}", truth["tree"]);
}

#[test]
fn knobs_do_what_they_say() {
    let truth = |knobs: &[(&str, &str)]| {
        let spec = Spec::new(Shape::App, 3, 8 * 1024).with_knobs(knobs.iter().copied()).unwrap();
        let mut log = Vec::new();
        let truth = generate(&spec, &mut log).unwrap();
        let mut json = Vec::new();
        truth.write_json(&mut json).unwrap();
        (String::from_utf8(log).unwrap(), serde_json::from_slice::<Value>(&json).unwrap())
    };
    let (_, calm) = truth(&[("failing", "0%"), ("storm", "0%")]);
    assert_eq!((&calm["errors"]["root_causes"], calm["levels"].get("ERROR")), (&json!(0), None));
    let (_, alone) = truth(&[("background", "100%")]);
    assert_eq!((&alone["spans"], &alone["traces"], &alone["examples"]), (&json!(0), &json!(0), &json!([])));
    let (log, _) = truth(&[("skew", "2000")]);
    let times: Vec<_> =
        log.lines().map(|line| parse(line)["timestamp"].as_str().unwrap().to_owned()).collect();
    assert!(!times.is_sorted());
}

#[test]
fn keys_come_in_several_orders() {
    let (log, _) = corpus(8, 5_000);
    // The keys of a line without parent, in the order they come: quotes within values are escaped.
    let keys = |line: &str| {
        let names = ["timestamp", "level", "service", "correlation_id", "trace_id", "message", "fields"];
        let mut found: Vec<(usize, usize)> = (names.iter().enumerate())
            .filter_map(|(index, name)| Some((line.find(&format!("\"{name}\":"))?, index)))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, index)| index).collect::<Vec<_>>()
    };
    let mut orders: HashMap<Vec<usize>, u32> = HashMap::new();
    for line in log.lines().filter(|line| line.contains("\"trace_id\":")) {
        *orders.entry(keys(line)).or_default() += 1;
    }
    let often = orders.values().filter(|&&count| count > 50).count();
    assert_eq!(often, 8, "one order for each service");
    assert!(orders.len() > 100, "about one line in twenty has an order of its own");
}
