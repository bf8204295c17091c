//! What several of the tests need: corpora, and plain counting.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::collections::BTreeMap;

use generator::{Shape, Spec, generate};
use regex::Regex;
use serde_json::{Map, Value, json};

/// A corpus and its truth.
pub fn corpus(shape: &str, seed: u64, records: u64, knobs: &[(&str, &str)]) -> (String, Value) {
    let shape: Shape = shape.parse().unwrap();
    let spec = Spec::new(shape, seed, records).with_knobs(knobs.iter().copied()).unwrap();
    let mut log = Vec::new();
    let truth = generate(&spec, &mut log).unwrap();
    assert_eq!(truth.bytes(), log.len() as u64);
    let mut json = Vec::new();
    truth.write_json(&mut json).unwrap();
    (String::from_utf8(log).unwrap(), serde_json::from_slice(&json).unwrap())
}

/// How often names came.
#[derive(Default)]
pub struct Counter(BTreeMap<String, u64>);

impl Counter {
    pub fn add(&mut self, name: &str) {
        *self.0.entry(name.to_owned()).or_default() += 1;
    }

    pub fn json(self) -> Value {
        json!(self.0)
    }
}

/// Records, bytes and numbers of each level.
#[derive(Default)]
pub struct Levels(BTreeMap<String, [u64; 3]>);

impl Levels {
    pub fn add(&mut self, level: &str, number: u64, bytes: usize) {
        let sums = self.0.entry(level.to_owned()).or_default();
        for (sum, more) in sums.iter_mut().zip([1, bytes as u64, number]) {
            *sum += more;
        }
    }

    pub fn json(self) -> Value {
        let level = |[records, bytes, line_sum]: [u64; 3]| json!({"records": records, "bytes": bytes, "line_sum": line_sum});
        self.0.into_iter().map(|(name, sums)| (name, level(sums))).collect::<Map<_, _>>().into()
    }
}

/// Checks every key of a truth but those that say what the corpus was made from.
pub fn assert_truth(truth: &Value, log: &str, mut expected: Value) {
    let mut told = truth.as_object().unwrap().clone();
    told.retain(|key, _| !["format", "shape", "seed", "knobs", "records"].contains(&key.as_str()));
    expected["bytes"] = json!(log.len());
    for (key, value) in &told {
        assert_eq!(Some(value), expected.get(key), "{key} of {}", truth["shape"]);
    }
    assert_eq!(told.len(), expected.as_object().unwrap().len(), "{:?}", told.keys().collect::<Vec<_>>());
}

/// Checks that a share of drawn lines is that of the real ones, both in 1,000: to within three standard deviations of the
/// difference, by chance passed once in 370, and one for rounding. `apart` is how much more they may differ, in 1,000,
/// where the shape means to.
pub fn assert_near(what: &str, [expected, found]: [usize; 2], lines: [usize; 2], apart: usize) {
    let share = expected.clamp(1, 999) as f64 / 1000.0;
    let inverse: f64 = lines.iter().map(|&count| 1.0 / count as f64).sum();
    let by_chance = 3000.0 * (share * (1.0 - share) * inverse).sqrt();
    let most = by_chance + 1.0 + apart as f64;
    assert!(
        expected.abs_diff(found) as f64 <= most,
        "{what}: {expected} of the real, {found} of the drawn, in 1,000; at most {most:.0} apart"
    );
}

pub fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap()
}
