//! Damaged logs: both readers make of each line what the generator says that a reader must make of it.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;

use generator::{Manner, Outputs, Shape, Spec, generate_to};
use parser::{BadLine, Counter, Filter, Level, Reason, Tally, plain, search, tally};
use serde_json::Value;

/// A log, its truth, and the lines about what is damaged in it.
fn corpus(shape: Shape, seed: u64, records: u64, damage: &str) -> (Vec<u8>, Value, Vec<Value>) {
    let spec = Spec::new(shape, seed, records);
    let spec = spec.with_damage(damage.parse().expect("damage")).expect("that suits JSON");
    let [mut log, mut truth, mut damaged] = [const { Vec::new() }; 3];
    let outputs = Outputs {
        log: &mut log,
        truth_lines: None,
        truth_spans: None,
        damage_lines: Some(&mut damaged as &mut (dyn Write + Send)),
    };
    let mut watch = |_| ControlFlow::Continue(());
    let manner = Manner { threads: 1, encoder: None, rate: None, watch: &mut watch };
    let facts = generate_to(&spec, outputs, manner).expect("a vector takes all");
    facts.write_json(&mut truth).expect("a vector takes all");
    let read = |json: &[u8]| serde_json::from_slice(json).expect("JSON");
    let damaged = damaged.split_inclusive(|&byte| byte == b'\n').map(read).collect();
    (log, read(&truth), damaged)
}

/// The bad lines that the lines about damage foretell.
fn foretold(damaged: &[Value]) -> Vec<BadLine> {
    let bad = damaged.iter().filter(|line| line["answer"] == "bad");
    bad.map(|line| BadLine {
        line: line["line"].as_u64().expect("a number"),
        offset: line["offset"].as_u64().expect("a number"),
        reason: match line["reason"].as_str() {
            Some("too-long") => Reason::TooLong,
            Some("not-utf8") => Reason::NotUtf8,
            // A reader of every format cannot say which one a line was to be of.
            Some("not-an-object") => Reason::Unrecognised,
            Some("cut-short") => Reason::CutShort,
            Some("malformed") => Reason::Malformed,
            other => panic!("{other:?} is no reason"),
        },
    })
    .collect()
}

/// The first line on which a reader and the truth differ, rather than all of them.
fn assert_same(told: &[BadLine], expected: &[BadLine], what: &str) {
    let ends = told.len().max(expected.len());
    let other = (0..ends).find(|&index| told.get(index) != expected.get(index));
    if let Some(index) = other {
        panic!("{what}: told {:?}, expected {:?}", told.get(index), expected.get(index));
    }
}

fn numbers(truth: &Value) -> BTreeMap<String, u64> {
    let object = truth.as_object().expect("an object of numbers");
    object.iter().map(|(name, number)| (name.clone(), number.as_u64().expect("a number"))).collect()
}

/// Seeds and kinds: all of them, each by itself, and nothing but damage.
const CASES: [(u64, u64, &str); 14] = [
    (1, 5_000, "2%"),
    (2, 1_000, "100%"),
    (3, 1_500, "10%:truncated"),
    (4, 1_500, "10%:glued"),
    (5, 1_500, "10%:empty"),
    (6, 400, "0.5%:over-long"),
    (7, 1_500, "10%:bad-utf8"),
    (8, 1_500, "10%:nul"),
    (9, 1_500, "10%:wrong-types"),
    (10, 1_500, "10%:duplicate-keys"),
    (11, 1_500, "10%:bom"),
    (12, 1_500, "10%:crlf"),
    (13, 1_500, "10%:no-last-newline"),
    (14, 1, "100%:bom"),
];

#[test]
fn the_tally_of_a_damaged_log_is_its_truth() {
    for (seed, records, damage) in CASES {
        let (log, truth, damaged) = corpus(Shape::App, seed, records, damage);
        let expected_bad = foretold(&damaged);
        assert!(!damaged.is_empty(), "nothing was damaged by {damage}");
        let answers = |answer: &str| truth["damage"][answer].as_u64().expect("a number");
        let levels = truth["levels"].as_object().expect("an object").iter();
        let expected = Tally {
            lines: records,
            records: answers("records"),
            bad: expected_bad.len() as u64,
            levels: levels
                .map(|(name, level)| (name.clone(), level["records"].as_u64().expect("a number")))
                .collect(),
            services: numbers(&truth["services"]),
            threads: numbers(&truth["threads"]),
            correlations: numbers(&truth["correlations"]),
            traces: truth["traces"].as_u64().expect("a number"),
            spans: truth["spans"].as_u64().expect("a number"),
            parents: truth["parents"].as_u64().expect("a number"),
        };
        assert_eq!(expected.records + answers("blank") + expected.bad, records, "{damage}");
        let mut bad = Vec::new();
        let plainly = plain::tally(log.as_slice(), &mut |line| bad.push(line)).expect("a slice can be read");
        assert_eq!(plainly, expected, "the plain reader, {damage}");
        assert_same(&bad, &expected_bad, &format!("the plain reader, {damage}"));
        bad.clear();
        let fast = tally(log.as_slice(), &mut |line| bad.push(line)).expect("a slice can be read");
        assert_eq!(fast, expected, "{damage}");
        assert_same(&bad, &expected_bad, damage);
    }
}

#[test]
fn the_count_of_a_damaged_log_is_its_truth() {
    for (seed, records, damage) in CASES {
        let (log, truth, damaged) = corpus(Shape::Cdn, seed, records, damage);
        let expected_bad = foretold(&damaged);
        let mut bad = Vec::new();
        let mut counter = Counter::new();
        counter.read(log.as_slice(), &mut |line| bad.push(line)).expect("a slice can be read");
        let count = counter.finish();
        assert_same(&bad, &expected_bad, damage);
        bad.clear();
        let plainly = plain::count(log.as_slice(), &mut |line| bad.push(line)).expect("a slice can be read");
        assert_same(&bad, &expected_bad, &format!("the plain reader, {damage}"));
        assert_eq!(count, plainly, "{damage}");
        let mut json = Vec::new();
        count.write_json(&[], "", &mut json).expect("a vector takes all");
        let answer: Value = serde_json::from_slice(&json).expect("the answer is JSON");
        assert_eq!(answer["stats"], truth["stats"], "{damage}");
        assert_eq!(truth["counted"], count.counted, "{damage}");
        assert_eq!(truth["damage"]["records"], count.records, "{damage}");
        assert_eq!((count.lines, count.undated), (records, 0), "{damage}");
    }
}

#[test]
fn a_search_of_a_damaged_log_finds_what_is_left_of_a_level() {
    let (log, truth, damaged) = corpus(Shape::App, 15, 4_000, "5%");
    let expected_bad = foretold(&damaged);
    for (name, level) in truth["levels"].as_object().expect("an object") {
        let filter = Filter::level(Level::from_name(name).expect("a known level")).strict();
        let (mut line_sum, mut bad) = (0, Vec::new());
        let found = search(log.as_slice(), &filter, &mut |line| bad.push(line), &mut |found| {
            line_sum += found.line;
            ControlFlow::Continue(())
        })
        .expect("a slice can be read");
        assert_eq!(level["records"], found.matches, "{name}");
        assert_eq!(level["line_sum"], line_sum, "{name}");
        assert_same(&bad, &expected_bad, name);
    }
}
