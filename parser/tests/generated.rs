//! Generated logs: both readers give the truth that the generator counted while it wrote.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use generator::{Shape, Spec, generate};
use parser::{BadLine, Counter, Filter, Level, Tally, plain, search, tally};
use serde_json::Value;

fn corpus(shape: Shape, seed: u64, records: u64) -> (Vec<u8>, Value) {
    let mut log = Vec::new();
    let truth = generate(&Spec::new(shape, seed, records), &mut log).expect("a vector takes all");
    let mut json = Vec::new();
    truth.write_json(&mut json).expect("a vector takes all");
    (log, serde_json::from_slice(&json).expect("the truth is JSON"))
}

fn no_bad(bad: BadLine) {
    panic!("{bad:?}");
}

#[test]
fn the_counter_gives_the_truth() {
    for (seed, records) in [(1, 0), (2, 1), (3, 20_000), (4, 5_000)] {
        let (log, truth) = corpus(Shape::Cdn, seed, records);
        let mut counter = Counter::new();
        counter.read(log.as_slice(), &mut no_bad).expect("a slice can be read");
        let count = counter.finish();
        assert_eq!(count, plain::count(log.as_slice(), &mut no_bad).expect("a slice can be read"));
        let mut json = Vec::new();
        count.write_json(&[], "", &mut json).expect("a vector takes all");
        let answer: Value = serde_json::from_slice(&json).expect("the answer is JSON");
        assert_eq!(answer["stats"], truth["stats"], "seed {seed}");
        assert_eq!(truth["counted"], count.counted, "seed {seed}");
        assert_eq!((count.lines, count.records, count.undated), (records, records, 0));
    }
}

fn numbers(truth: &Value) -> BTreeMap<String, u64> {
    let object = truth.as_object().expect("an object of numbers");
    object.iter().map(|(name, number)| (name.clone(), number.as_u64().expect("a number"))).collect()
}

#[test]
fn the_tally_gives_the_truth() {
    for (shape, seed, records) in
        [(Shape::App, 5, 0), (Shape::App, 6, 1), (Shape::App, 7, 20_000), (Shape::Flat, 9, 10_000)]
    {
        let (log, truth) = corpus(shape, seed, records);
        let fast = tally(log.as_slice(), &mut no_bad).expect("a slice can be read");
        assert_eq!(fast, plain::tally(log.as_slice(), &mut no_bad).expect("a slice can be read"));
        let levels = truth["levels"].as_object().expect("an object").iter();
        let expected = Tally {
            lines: records,
            records,
            bad: 0,
            levels: levels
                .map(|(name, level)| (name.clone(), level["records"].as_u64().expect("a number")))
                .filter(|(_, count)| *count > 0)
                .collect(),
            services: numbers(&truth["services"]),
            threads: numbers(&truth["threads"]),
            correlations: numbers(&truth["correlations"]),
            // The flat log has no traces, and its truth tells of none.
            traces: truth["traces"].as_u64().unwrap_or(0),
            spans: truth["spans"].as_u64().expect("a number"),
            parents: truth["parents"].as_u64().expect("a number"),
        };
        assert_eq!(fast, expected, "seed {seed}");
    }
}

#[test]
fn a_search_finds_each_record_of_its_level() {
    for shape in [Shape::App, Shape::Flat] {
        each_record_of_its_level_is_found(shape);
    }
}

fn each_record_of_its_level_is_found(shape: Shape) {
    let (log, truth) = corpus(shape, 8, 20_000);
    for (name, level) in truth["levels"].as_object().expect("an object") {
        let filter = Filter::level(Level::from_name(name).expect("a known level"));
        let (mut bytes, mut line_sum) = (0, 0);
        let found = search(log.as_slice(), &filter, &mut no_bad, &mut |found| {
            bytes += found.bytes.len();
            line_sum += found.line;
            assert!(log[found.offset as usize..].starts_with(found.bytes));
            ControlFlow::Continue(())
        })
        .expect("a slice can be read");
        assert_eq!(level["records"], found.matches, "{name}");
        assert_eq!(level["bytes"], bytes, "{name}");
        assert_eq!(level["line_sum"], line_sum, "{name}");
    }
}
