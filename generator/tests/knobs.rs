//! Knobs do what they say, those that several shapes have; the others are tested with their shapes.

mod common;

use std::collections::BTreeSet;

use common::{corpus, regex};
use generator::{Shape, Spec, generate};
use serde_json::Value;

/// The share of lines, in 1,000, that are so.
fn per_mille(log: &str, is_so: impl Fn(&str) -> bool) -> usize {
    log.lines().filter(|line| is_so(line)).count() * 1000 / log.lines().count()
}

/// A knob, the shapes that have it, and which lines it is about.
type Case = (&'static str, &'static [&'static str], fn(&str) -> bool);

#[test]
fn escapes_unicode_and_long_texts_come_as_often_as_asked_for() {
    let is_long = |line: &str| line.len() > 500;
    let cases: [Case; 3] = [
        ("escapes", &["app", "logfmt"], |line| line.contains('\\')),
        ("unicode", &["app", "logfmt", "syslog", "text"], |line| !line.is_ascii()),
        ("long", &["app", "logfmt", "text"], is_long),
    ];
    for (knob, shapes, is_so) in cases {
        for shape in shapes {
            let count = |value| {
                let (log, _) = corpus(shape, 6, 20_000, &[(knob, value)]);
                log.lines().filter(|line| is_so(line)).count()
            };
            let (none, usual, many) = (count("0"), count("100"), count("2000"));
            assert!(none < usual && usual < many, "{knob} of {shape}: {none}, {usual}, {many} lines");
            // What has both kinds of texts to say says the odd ones three times as often, the fewest of seven seeds 2.9 times.
            assert!(usual > 6_000 || 2 * many > 5 * usual, "{knob} of {shape}: {usual}, {many} lines");
        }
    }
    // What has only odd texts to say goes on to say them.
    for shape in ["app", "logfmt", "syslog", "text"] {
        let none = [("escapes", "0"), ("unicode", "0"), ("long", "0")];
        assert_eq!(corpus(shape, 1, 2_000, &none).1["records"], 2_000);
    }
}

/// Seconds that 20,000 records take, from one of them on.
fn seconds(shape: Shape, rhythm: &str, from: u64) -> i64 {
    let spec = Spec::new(shape, 2, 0).with_knobs([("rhythm", rhythm)]).unwrap().with_part(from, 20_000);
    let mut truth = Vec::new();
    generate(&spec, &mut std::io::sink()).unwrap().write_json(&mut truth).unwrap();
    let truth: Value = serde_json::from_slice(&truth).unwrap();
    let time = regex(r"(\d\d):(\d\d):(\d\d)(?:[^:]*)$");
    let of = |key: &str| {
        let found = time.captures(truth[key].as_str().unwrap()).unwrap();
        let part = |group: usize| found[group].parse::<i64>().unwrap();
        (part(1) * 60 + part(2)) * 60 + part(3)
    };
    of("last_timestamp") - of("first_timestamp")
}

#[test]
fn the_day_has_a_rhythm_unless_it_is_steady() {
    // Of a steady log these are 40 records a second, 20 milliseconds apart: 2,700,000 is the 15th hour.
    let (night, day) = (0, 2_700_000);
    let [night_time, day_time] = [night, day].map(|from| seconds(Shape::Access, "daily", from));
    assert!(night_time * 10 > day_time * 12, "{night_time} s at night, {day_time} s by day");
    let [night_time, day_time] = [night, day].map(|from| seconds(Shape::Access, "steady", from));
    assert!(night_time.abs_diff(day_time) <= 2, "{night_time} s at night, {day_time} s by day");
}

#[test]
fn records_come_in_bursts_unless_gaps_are_even() {
    for (shape, time) in [
        ("logfmt", r"t(?:s|ime)=\S+T(\d\d):(\d\d):(\d\d\.\d{3})"),
        ("text", r"^\S+ (\d\d):(\d\d):(\d\d,\d{3})"),
        ("syslog", r"^\S+ \S+T(\d\d):(\d\d):(\d\d\.\d{3})"),
    ] {
        let time = regex(time);
        // Gaps shorter than a fifth of the mean, in 1,000.
        let short = |gaps| {
            let (log, _) = corpus(shape, 3, 4_000, &[("gaps", gaps)]);
            let times: Vec<f64> = log
                .lines()
                .filter_map(|line| time.captures(line))
                .map(|found| {
                    let part = |group: usize| found[group].replace(',', ".").parse::<f64>().unwrap();
                    (part(1) * 60.0 + part(2)) * 60.0 + part(3)
                })
                .collect();
            let mean = (times[times.len() - 1] - times[0]) / times.len() as f64;
            times.windows(2).filter(|pair| pair[1] - pair[0] < mean / 5.0).count() * 1000 / times.len()
        };
        let (bursts, even) = (short("bursts"), short("even"));
        assert!(
            bursts > 300 && even < 50,
            "{shape}: {bursts} in 1,000 in bursts, {even} where gaps are even"
        );
    }
}

#[test]
fn there_are_as_many_threads_correlations_and_hosts_as_asked_for() {
    let names = |truth: &Value, key: &str| truth[key].as_object().unwrap().len();
    let (_, truth) = corpus("app", 7, 30_000, &[("workers", "2"), ("correlations", "16")]);
    assert_eq!((names(&truth, "threads"), names(&truth, "correlations")), (16, 16));
    let (_, truth) = corpus("app", 7, 30_000, &[("workers", "31"), ("correlations", "64k")]);
    assert!(names(&truth, "threads") == 248 && names(&truth, "correlations") > 200);
    let (_, truth) = corpus("logfmt", 7, 20_000, &[("correlations", "7")]);
    assert_eq!(names(&truth, "correlations"), 7);
    let (_, truth) = corpus("logfmt", 7, 20_000, &[("correlations", "60000")]);
    assert!(names(&truth, "correlations") > 1_000);
    let (_, truth) = corpus("syslog", 7, 20_000, &[("hosts", "3")]);
    assert_eq!(names(&truth, "hosts"), 3);
    for clients in 1..6_u64 {
        let (_, truth) = corpus("access", 7, 2_000, &[("clients", &clients.to_string())]);
        assert_eq!(truth["clients"], clients);
    }
}

#[test]
fn the_share_of_ipv6_is_that_asked_for() {
    let client = regex(r#""client_ip":"([^"]+)""#);
    for (knob, low, high) in [("0%", 0, 0), ("8%", 65, 95), ("50%", 400, 600), ("100%", 1000, 1000)] {
        let (log, _) = corpus("cdn", 8, 10_000, &[("ipv6", knob)]);
        let share = per_mille(&log, |line| client.captures(line).unwrap()[1].contains(':'));
        assert!((low..=high).contains(&share), "{share} in 1,000 for {knob}");
        let clients: BTreeSet<&str> =
            log.lines().map(|line| client.captures(line).unwrap().get(1).unwrap().as_str()).collect();
        assert!(clients.len() > 3_000);
    }
}

/// A storm strikes an eighth of all stretches of eight chunks: in the log of one seed, between them the errors are few.
#[test]
fn storms_are_as_strong_as_asked_for() {
    for (shape, errors) in [("logfmt", "error"), ("text", "ERROR")] {
        let share = |storm| {
            let (_, truth) = corpus(shape, 5, 65_536, &[("storm", storm)]);
            truth["levels"][errors]["records"].as_u64().unwrap()
        };
        let (none, usual, all) = (share("0%"), share("33%"), share("100%"));
        assert!(none < usual && usual < all, "{shape}: {none}, {usual}, {all} errors");
        assert!(all - none > 2 * (usual - none), "{shape}: {none}, {usual}, {all} errors");
    }
}
