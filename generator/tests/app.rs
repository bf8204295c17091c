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
    let (mut spans, mut parents, mut times) = (0, 0, Vec::new());
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
        times.push(entry["timestamp"].as_str().unwrap().to_owned());
    }
    assert!(times.is_sorted(), "seed {seed}: time goes backwards");
    let levels: BTreeMap<_, _> = levels
        .into_iter()
        .map(|(name, [records, bytes, line_sum])| {
            (name, json!({"records": records, "bytes": bytes, "line_sum": line_sum}))
        })
        .collect();
    let expected = json!({
        "format": generator::FORMAT_VERSION, "shape": "app", "seed": seed, "records": times.len(), "bytes": log.len(),
        "first_timestamp": times.first(), "last_timestamp": times.last(), "levels": levels, "services": services,
        "threads": threads, "correlations": correlations, "traces": traces.len(), "spans": spans,
        "parents": parents,
    });
    assert_eq!(times.len() as u64, records);
    assert!(truth == expected, "seed {seed}, {records} records:\n{truth}\n{expected}");
}

#[test]
fn lines_are_of_the_stated_size_shares_and_forms() {
    let (log, truth) = corpus(42, 30_000);
    let mean = log.len() / 30_000;
    assert!((250..=330).contains(&mean), "{mean} bytes a line");
    for (level, low, high) in [("DEBUG", 90, 110), ("INFO", 580, 620), ("WARN", 185, 215), ("ERROR", 90, 110)]
    {
        let share = truth["levels"][level]["records"].as_u64().unwrap() / 30;
        assert!((low..=high).contains(&share), "{share} in 1,000 {level}");
    }
    assert_eq!(truth["services"].as_object().unwrap().len(), 8);
    assert_eq!(truth["threads"].as_object().unwrap().len(), 48);
    let correlations = truth["correlations"].as_object().unwrap().len();
    assert!((300..=512).contains(&correlations), "{correlations} correlations");
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
    assert!(seen.len() > 10_000);
}

#[test]
fn keys_come_in_several_orders() {
    let (log, _) = corpus(8, 5_000);
    // The keys of a line without parent, in the order they come: quotes within values are escaped.
    let keys = |line: &str| {
        let names =
            ["timestamp", "level", "service", "thread", "correlation_id", "trace_id", "message", "fields"];
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
