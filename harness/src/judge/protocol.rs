//! What a measured binary prints, read back: the judge's side of the visit protocol.
//!
//! The binary answers each request with one JSON object on one line of standard output that
//! carries the protocol's version. `subject::visit` holds the requests.

use super::wire::sample::{
    Batch, Counted, Failure, Heap, Instrument, Latency, Measured, Outcome, Reading, Rss,
};
use crate::PROTOCOL;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The answer to `describe`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Version of the protocol.
    pub protocol: u32,
    /// The allocator that the binary was built with.
    pub allocator: String,
    /// Its scenarios, in the order of their declaration.
    pub scenarios: Vec<Described>,
}

/// A scenario, as the measured binary declares it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Described {
    /// `suite/name` or `suite/name/scale`.
    pub name: String,
    /// Version of what it measures.
    pub version: u32,
    /// What runs, in a sentence.
    pub about: String,
    /// Name of the corpus that it wants.
    pub corpus: String,
    /// How many queries it has.
    pub queries: u64,
    /// Is the subject's command timed whole?
    pub whole_command: bool,
    /// Does it work with a thread per CPU?
    pub all_cpus: bool,
    /// How many of its iterations arrive each second under `latency`; 0 where none does. Version 1 had no such scenarios.
    #[serde(default)]
    pub arrivals_per_second: u64,
    /// The scenarios that its speed is set beside. Versions 1 and 2 named none.
    #[serde(default)]
    pub beside: Vec<String>,
}

/// The answer to `expect`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Version of the protocol.
    pub protocol: u32,
    /// Why the scenario can't work on this corpus; absent where it can.
    #[serde(default)]
    pub unsuited: Option<String>,
    /// Bytes that one iteration reads.
    #[serde(default)]
    pub bytes: u64,
    /// Records that one iteration reads.
    #[serde(default)]
    pub records: u64,
    /// The right answer to each query.
    #[serde(default)]
    pub answers: Vec<String>,
}

/// The answer to `calibrate`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibrated {
    /// Version of the protocol.
    pub protocol: u32,
    /// Iterations that fill a batch.
    pub iterations: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Visit {
    protocol: u32,
    #[serde(default)]
    inconsistent: Option<String>,
    #[serde(default)]
    cold: bool,
    #[serde(default)]
    answers: Vec<String>,
    #[serde(default)]
    clock: Option<Clock>,
    #[serde(default)]
    latency: Option<Latency>,
    #[serde(default)]
    rss: Option<Rss>,
    #[serde(default)]
    heap: Option<Heap>,
    #[serde(default)]
    count: Option<Iterations>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Iterations {
    iterations: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    iterations: u64,
    #[serde(default)]
    reading_ns: u64,
    batches: Vec<Batch>,
}

#[derive(Deserialize)]
struct Version {
    protocol: u32,
}

/// Reads one answer of a measured binary.
///
/// # Errors
/// Says what is wrong: no JSON, another shape, a protocol this build does not speak.
pub fn read<T: DeserializeOwned>(stdout: &[u8]) -> Result<T, String> {
    let text = std::str::from_utf8(stdout).map_err(|_| "it is not UTF-8".to_owned())?;
    let beginning = || text.chars().take(120).collect::<String>();
    let version: Version = serde_json::from_str(text)
        .map_err(|e| format!("no answer of the visit protocol ({e}); it begins {:?}", beginning()))?;
    if !(PROTOCOL - 1..=PROTOCOL).contains(&version.protocol) {
        return Err(format!(
            "it speaks version {} of the visit protocol, and this build speaks {} and {PROTOCOL}: build both from one \
             revision, or from near ones",
            version.protocol,
            PROTOCOL - 1
        ));
    }
    serde_json::from_str(text).map_err(|e| format!("{e}; it begins {:?}", beginning()))
}

/// Reads what a visit with `instrument` printed.
pub fn read_visit(instrument: Instrument, stdout: &[u8]) -> Outcome {
    let visit: Visit = match read(stdout) {
        Ok(visit) => visit,
        Err(why) => return Outcome::Failed(Failure::BadReport { why }),
    };
    debug_assert!(visit.protocol <= PROTOCOL, "checked by read");
    if let Some(why) = visit.inconsistent {
        return Outcome::Failed(Failure::Inconsistent { why });
    }
    // What was counted is not in the report: the counter tells it.
    let reading = match (instrument, visit.clock, visit.latency, visit.rss, visit.heap) {
        (Instrument::Clock, Some(clock), None, None, None)
            if clock.iterations > 0 && !clock.batches.is_empty() =>
        {
            Reading::Clock {
                iterations: clock.iterations,
                reading_ns: clock.reading_ns,
                batches: clock.batches,
            }
        }
        (Instrument::Latency, None, Some(latency), None, None) if adds_up(&latency) => {
            Reading::Latency(latency)
        }
        (Instrument::Rss, None, None, Some(rss), None) => Reading::Rss(rss),
        (Instrument::Heap, None, None, None, Some(heap)) => Reading::Heap(heap),
        _ => {
            let why = format!("it holds no reading of the {instrument}");
            return Outcome::Failed(Failure::BadReport { why });
        }
    };
    Outcome::Measured(Measured { answers: visit.answers, reading })
}

/// Reads what a cold visit of the clock printed.
pub fn read_cold(stdout: &[u8]) -> Outcome {
    let is_cold = read::<Visit>(stdout).is_ok_and(|visit| visit.cold);
    let not_cold = |why: &str| Outcome::Failed(Failure::NotCold { why: why.to_owned() });
    match read_visit(Instrument::Clock, stdout) {
        Outcome::Measured(_) if !is_cold => not_cold("it knows no cold visits, being of an earlier build"),
        Outcome::Measured(Measured { reading: Reading::Clock { batches, .. }, .. })
            if batches.iter().all(|batch| batch.read_bytes == 0) =>
        {
            not_cold("it read nothing from the disk while it was measured")
        }
        outcome => outcome,
    }
}

/// Reads what one of the two processes of a visit with `count` printed, of which the counter told this number of
/// instructions: the answers, and what was counted.
///
/// # Errors
/// The report can't be read, or is of something else.
pub fn read_counted(stdout: &[u8], instructions: u64) -> Result<(Vec<String>, Counted), Failure> {
    let visit: Visit = read(stdout).map_err(|why| Failure::BadReport { why })?;
    match visit.count {
        Some(Iterations { iterations }) if iterations > 0 => {
            Ok((visit.answers, Counted { iterations, instructions }))
        }
        _ => Err(Failure::BadReport { why: format!("it holds no reading of the {}", Instrument::Count) }),
    }
}

fn adds_up(latency: &Latency) -> bool {
    let &Latency { rate, arrivals, .. } = latency;
    rate > 0
        && arrivals > 0
        && latency.unserved <= arrivals
        && latency.work.holds(arrivals)
        && latency.idle.holds(arrivals)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(outcome: Outcome) -> String {
        match outcome {
            Outcome::Failed(failure) => failure.to_string(),
            Outcome::Measured(measured) => panic!("was read: {measured:?}"),
        }
    }

    #[test]
    fn rubbish_is_told_and_quoted() {
        assert!(why(read_visit(Instrument::Clock, b"segfault imminent")).contains("segfault imminent"));
        assert!(why(read_visit(Instrument::Clock, b"")).contains("no answer"));
        assert!(why(read_visit(Instrument::Clock, b"\xff\xfe")).contains("not UTF-8"));
    }

    #[test]
    fn another_protocol_and_another_instrument_are_refused() {
        let newer = br#"{"protocol":99,"answers":[],"odd":1}"#;
        assert!(why(read_visit(Instrument::Clock, newer)).contains("version 99"));
        let heap = br#"{"protocol":2,"answers":["a"],"heap":{"total_bytes":1,"total_blocks":1,"peak_bytes":1,"peak_blocks":1,"end_bytes":0,"end_blocks":0}}"#;
        assert!(why(read_visit(Instrument::Clock, heap)).contains("no reading of the clock"));
        assert!(matches!(read_visit(Instrument::Heap, heap), Outcome::Measured(_)));
        let empty = br#"{"protocol":2,"answers":["a"],"clock":{"iterations":1,"batches":[]}}"#;
        assert!(why(read_visit(Instrument::Clock, empty)).contains("no reading of the clock"));
    }

    #[test]
    fn what_was_counted_is_the_iterations_of_the_report_and_the_counters_instructions() {
        let report = br#"{"protocol":2,"answers":["a"],"count":{"iterations":4}}"#;
        let (answers, counted) = read_counted(report, 99).expect("read");
        assert_eq!((answers, counted), (vec!["a".to_owned()], Counted { iterations: 4, instructions: 99 }));
        let none = br#"{"protocol":2,"answers":["a"],"count":{"iterations":0}}"#;
        assert!(
            read_counted(none, 99)
                .is_err_and(|failure| failure.to_string().contains("no reading of the count"))
        );
        assert!(why(read_visit(Instrument::Clock, report)).contains("no reading of the clock"));
    }

    #[test]
    fn the_protocol_before_is_understood() {
        let older = br#"{"protocol":2,"allocator":"system","scenarios":[{"name":"s","version":1,"about":"","corpus":"c","queries":1,"whole_command":false,"all_cpus":false}]}"#;
        let described: Description = read(older).expect("it is understood");
        assert_eq!((described.protocol, described.scenarios[0].arrivals_per_second), (2, 0));
        assert!(described.scenarios[0].beside.is_empty());
        let newer = br#"{"protocol":4,"allocator":"system","scenarios":[]}"#;
        assert!(read::<Description>(newer).is_err_and(|why| why.contains("speaks 2 and 3")));
    }

    #[test]
    fn a_cold_visit_has_read_from_the_disk_and_says_that_it_was_cold() {
        let visit = |cold: &str, read: &str| {
            let text = format!(
                r#"{{"protocol":2,{cold}"answers":["a"],"clock":{{"iterations":1,"batches":[{{"ns":5,"cpu_ns":4,
                "minor_faults":0,"major_faults":0,"involuntary_switches":0{read}}}]}}}}"#
            );
            read_cold(text.as_bytes())
        };
        assert!(matches!(visit(r#""cold":true,"#, r#","read_bytes":512"#), Outcome::Measured(_)));
        assert!(why(visit(r#""cold":true,"#, r#","read_bytes":0"#)).contains("read nothing from the disk"));
        assert!(why(visit("", r#","read_bytes":512"#)).contains("earlier build"));
        assert!(why(visit("", "")).contains("earlier build"));
        assert!(why(read_cold(b"rubbish")).contains("no answer"));
    }

    #[test]
    fn a_latency_is_read_whole_and_only_if_it_adds_up() {
        let visit = |count: u64, next: u64| {
            format!(
                r#"{{"protocol":2,"answers":["a"],"latency":{{"rate":1000,"arrivals":5,"behind":1,"unserved":0,"busy_ns":90,"took_ns":5000100,
                "work":{{"max_ns":70,"counts":[[5,{count}],[{next},1]]}},"idle":{{"max_ns":9,"counts":[[9,5]]}}}}}}"#
            )
        };
        let Outcome::Measured(measured) = read_visit(Instrument::Latency, visit(4, 70).as_bytes()) else {
            panic!("it is whole")
        };
        let Reading::Latency(latency) = measured.reading else { panic!("it is a latency") };
        assert_eq!((latency.rate, latency.work.max_ns), (1000, 70));
        assert_eq!(latency.work.counts, [(5, 4), (70, 1)]);
        for wrong in [visit(5, 70), visit(4, 5), visit(0, 70), visit(4, 70).replace(":1000,", ":0,")] {
            assert!(
                why(read_visit(Instrument::Latency, wrong.as_bytes())).contains("no reading of the latency")
            );
        }
        assert!(
            why(read_visit(Instrument::Clock, visit(4, 70).as_bytes())).contains("no reading of the clock")
        );
    }

    #[test]
    fn a_changed_answer_is_a_failure() {
        let text = br#"{"protocol":2,"inconsistent":"query 2: first aa, then bb"}"#;
        assert!(why(read_visit(Instrument::Rss, text)).contains("query 2"));
    }
}
