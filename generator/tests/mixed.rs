//! The shapes `mixed` and `jobs` against plain recounts.

mod common;

use common::{Counter, Levels, assert_truth, corpus, regex};
use serde_json::{Value, json};

/// Of which part a line is; `None` for one that goes on with a record of the part `text`.
fn part(line: &str) -> Option<&'static str> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if line.starts_with("{\"") {
        let json: Value = serde_json::from_str(line).unwrap();
        let has = |key: &str| json.get(key).is_some();
        Some(if has("client_ip") {
            "cdn"
        } else if has("thread_id") {
            "flat"
        } else {
            "app"
        })
    } else if line.starts_with('<') {
        Some("syslog")
    } else if ["ts=", "time=", "level=", "caller="].iter().any(|key| line.starts_with(key)) {
        Some("logfmt")
    } else if line.starts_with("2024-") && digits(line.get(11..13).unwrap_or("")) {
        Some("text")
    } else if line.split(' ').next().is_some_and(|word| word.parse::<std::net::IpAddr>().is_ok()) {
        Some("access")
    } else {
        None
    }
}

#[test]
fn mixed_is_its_parts() {
    for (seed, records) in [(1, 0), (1, 1), (2, 700), (3, 3_500)] {
        let (log, truth) = corpus("mixed", seed, records, &[]);
        let mut parts: std::collections::BTreeMap<&str, String> = std::collections::BTreeMap::new();
        let (mut last, mut count) = ("", 0);
        for line in log.split_inclusive('\n') {
            let part = part(line);
            count += u64::from(part.is_some());
            last = part.unwrap_or(last);
            assert!(part.is_some() || last == "text", "{line}");
            parts.entry(last).or_default().push_str(line);
        }
        assert_eq!(count, records);
        for (name, told) in truth["parts"].as_object().unwrap() {
            let lines = parts.get(name.as_str()).map_or("", String::as_str);
            let records = lines.lines().filter(|line| part(line).is_some()).count();
            assert_eq!((&told["records"], &told["bytes"]), (&json!(records), &json!(lines.len())), "{name}");
        }
        // What the parts count is what they count alone: of one JSON part, all levels.
        let mut levels = Levels::default();
        for (number, line) in (1..).zip(parts.get("app").map_or("", String::as_str).lines()) {
            let entry: Value = serde_json::from_str(line).unwrap();
            levels.add(entry["level"].as_str().unwrap(), number, line.len());
        }
        // A whole chunk has 350 of them, and here no part of it is left out.
        assert_eq!(truth["parts"]["app"]["levels"], levels.json());
        let statuses: u64 = truth["parts"]["access"]["statuses"]
            .as_object()
            .unwrap()
            .values()
            .map(|count| count.as_u64().unwrap())
            .sum();
        assert_eq!(truth["parts"]["access"]["records"], statuses);
    }
}

#[test]
fn a_mixed_log_is_in_the_order_of_its_times() {
    let (log, _) = corpus("mixed", 4, 5_000, &[]);
    let time = regex(r"2024-03-1\d[T ](\d\d:\d\d:\d\d)|/Mar/2024:(\d\d:\d\d:\d\d)");
    let times: Vec<String> = log
        .lines()
        .filter(|line| part(line).is_some())
        .map(|line| time.captures(line).unwrap().iter().skip(1).flatten().next().unwrap().as_str().to_owned())
        .collect();
    assert!(times.is_sorted());
}

#[test]
fn parts_can_be_left_out_but_not_all() {
    let without_json =
        [("app", "0"), ("cdn", "0"), ("flat", "0"), ("text", "0"), ("access", "1"), ("syslog", "1")];
    let (log, truth) = corpus("mixed", 5, 2_000, &without_json);
    assert!(log.lines().all(|line| !line.starts_with('{')));
    assert_eq!(truth["parts"]["app"]["records"], 0);
    let none = ["app", "access", "logfmt", "syslog", "text", "cdn", "flat"].map(|part| (part, "0"));
    let wrong = generator::Spec::new(generator::Shape::Mixed, 1, 1).with_knobs(none).unwrap_err();
    assert!(wrong.to_string().contains("are all 0"), "{wrong}");
}

/// Microseconds into the month.
fn micros(timestamp: &str) -> i64 {
    let part = |from: usize, to: usize| timestamp[from..to].parse::<i64>().unwrap();
    (((part(8, 10) * 24 + part(11, 13)) * 60 + part(14, 16)) * 60 + part(17, 19)) * 1_000_000 + part(20, 26)
}

#[test]
fn jobs_are_what_a_plain_recount_gives() {
    for (seed, records) in [(1, 0), (1, 1), (2, 1_024), (3, 5_000)] {
        let (log, truth) = corpus("jobs", seed, records, &[]);
        let [mut statuses, mut queues, mut kinds, mut correlations, mut errors] =
            std::array::from_fn(|_| Counter::default());
        let (mut attempts, mut waited, mut ran, mut retried, mut times) = (0, 0, 0, 0, Vec::new());
        for (id, line) in (1_u64..).zip(log.lines()) {
            let row: Value = serde_json::from_str(line).unwrap();
            let text = |key: &str| row[key].as_str();
            assert_eq!(row["id"], id);
            assert!(row["payload"]["user"].is_string() && row["payload"]["total"].is_number());
            statuses.add(text("status").unwrap());
            queues.add(text("queue").unwrap());
            kinds.add(text("kind").unwrap());
            correlations.add(text("correlation_id").unwrap());
            let error = text("error").inspect(|error| errors.add(error.split(':').next().unwrap()));
            assert_eq!(error.is_some(), text("status") == Some("failed"));
            let tried = row["attempts"].as_u64().unwrap();
            assert_eq!(tried == 0, text("worker").is_none());
            attempts += tried;
            retried += u64::from(tried > 1);
            let created = text("created_at").unwrap();
            times.push(created.to_owned());
            let [started, finished] = ["started_at", "finished_at"].map(|key| text(key).map(micros));
            waited += started.map_or(0, |started| started - micros(created));
            ran += started.zip(finished).map_or(0, |(started, finished)| finished - started);
        }
        assert!(times.is_sorted());
        assert_truth(
            &truth,
            &log,
            json!({
                "first_timestamp": times.first(), "last_timestamp": times.last(), "statuses": statuses.json(),
                "queues": queues.json(), "kinds": kinds.json(), "correlations": correlations.json(),
                "errors": errors.json(), "attempts": attempts, "waited_us": waited, "ran_us": ran, "retried": retried,
            }),
        );
    }
}

#[test]
fn statuses_have_their_shares() {
    let (_, truth) = corpus("jobs", 42, 20_000, &[("storm", "0%")]);
    for (status, per_mille) in
        [("completed", 650), ("failed", 150), ("pending", 100), ("running", 50), ("cancelled", 50)]
    {
        let share = truth["statuses"][status].as_u64().unwrap() / 20;
        assert!(share.abs_diff(per_mille) <= 15, "{share} in 1,000 {status}");
    }
}
