//! The `access` shape against a plain recount by a regular expression, and against real logs.

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use common::{Counter, assert_near, assert_truth, corpus, regex};
use serde_json::{Value, json};

const COMMON: &str =
    r#"^([0-9a-f.:]+) - (\S+) \[([^\]]+) \+0000\] "([A-Z]+) (\S+) (HTTP/1\.[01])" ([0-9]{3}) ([0-9]+|-)"#;
const QUOTED: &str = r#" "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)""#;

/// A header as the client sent it.
fn unescaped(text: &str, server: &str) -> String {
    if server == "nginx" {
        text.replace("\\x22", "\"").replace("\\x5C", "\\")
    } else {
        text.replace("\\\"", "\"").replace("\\\\", "\\")
    }
}

fn recount(log: &str, server: &str, format: &str) -> Value {
    let line = regex(&if format == "common" { format!("{COMMON}$") } else { format!("{COMMON}{QUOTED}$") });
    let [mut methods, mut protocols, mut statuses, mut hours, mut paths, mut agents] =
        std::array::from_fn(|_| Counter::default());
    let (mut clients, mut times) = (BTreeSet::new(), Vec::new());
    let (mut v6, mut bytes, mut sized, mut referred) = (0, 0, 0, 0);
    for text in log.lines() {
        let found = line.captures(text).unwrap_or_else(|| panic!("not of the format: {text}"));
        clients.insert(found[1].parse::<std::net::IpAddr>().unwrap());
        v6 += u64::from(found[1].contains(':'));
        times.push(found[3].to_owned());
        hours.add(&found[3][12..14]);
        methods.add(&found[4]);
        paths.add(&found[5]);
        protocols.add(&found[6]);
        statuses.add(&found[7]);
        bytes += found[8].parse::<u64>().unwrap_or(0);
        sized += u64::from(&found[8] != "-");
        if format == "combined" {
            referred += u64::from(&found[9] != "-");
            agents.add(&unescaped(&found[10], server));
        }
    }
    // All lines are of one month, so the times sort as text.
    assert!(times.is_sorted());
    let mut facts = json!({
        "first_timestamp": times.first(), "last_timestamp": times.last(), "clients": clients.len(), "ipv6": v6,
        "response_bytes": bytes, "sized": sized, "methods": methods.json(), "protocols": protocols.json(),
        "statuses": statuses.json(), "hours": hours.json(), "paths": paths.json(),
    });
    if format == "combined" {
        facts["referred"] = json!(referred);
        facts["agents"] = agents.json();
    }
    facts
}

#[test]
fn the_truth_is_what_a_plain_recount_gives() {
    for (server, format) in
        [("apache", "combined"), ("nginx", "combined"), ("apache", "common"), ("nginx", "common")]
    {
        for records in [0, 1, 2_500] {
            let (log, truth) = corpus("access", records, records, &[("server", server), ("format", format)]);
            assert_eq!(log.lines().count() as u64, records);
            assert_truth(&truth, &log, recount(&log, server, format));
        }
    }
}

/// A seed in whose first chunks a storm blows.
const STORMY: u64 = 5;

#[test]
fn escapes_long_paths_and_both_families_are_there() {
    let (apache, truth) = corpus("access", STORMY, 20_000, &[]);
    let (nginx, _) = corpus("access", STORMY, 20_000, &[("server", "nginx")]);
    assert!(apache.contains(r#"Mozilla/5.0 \""#) && apache.contains(r"\\o/"));
    assert!(nginx.contains(r"Mozilla/5.0 \x22") && nginx.contains(r"\x5Co/"));
    assert!(apache.lines().any(|line| line.len() > 500) && apache.contains("%C3%BC"));
    assert!(truth["ipv6"].as_u64() > Some(200));
    assert!(truth["statuses"]["502"].as_u64() > Some(100), "no storm: {}", truth["statuses"]);
}

#[test]
fn knobs_do_what_they_say() {
    let (_, truth) = corpus(
        "access",
        4,
        20_000,
        &[
            ("clients", "16"),
            ("ipv6", "100%"),
            ("paths", "5"),
            ("agents", "3"),
            ("storm", "0%"),
            ("size", "100"),
        ],
    );
    assert!(truth["clients"].as_u64() <= Some(16));
    assert_eq!(truth["ipv6"], 20_000);
    assert_eq!(truth["paths"].as_object().unwrap().len(), 5);
    assert!(truth["agents"].as_object().unwrap().len() <= 3);
    assert!(truth["statuses"]["500"].as_u64().unwrap_or(0) < 100);
    let mean = truth["response_bytes"].as_u64().unwrap() / truth["sized"].as_u64().unwrap();
    // The mean of that log-normal law is its median times exp(1.662^2 / 2), about 4.
    assert!((300..550).contains(&mean), "{mean}");
}

#[test]
fn marginals_are_near_those_of_a_real_log() {
    let Some(corpora) = std::env::var_os("LOG_CORPORA") else {
        println!("skipped: LOG_CORPORA names no folder of real samples");
        return;
    };
    let path = Path::new(&corpora).join("servers/apache_combined_10k.log");
    let real = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let line = regex(&format!("{COMMON}{QUOTED}$"));
    let groups = |log: &str| -> Vec<Vec<String>> {
        let of = |text: &str| {
            Some(line.captures(text)?.iter().map(|group| group.unwrap().as_str().to_owned()).collect())
        };
        log.lines().filter_map(of).collect()
    };
    let (log, truth) = corpus("access", 42, 10_000, &[("storm", "0%"), ("ipv6", "0%")]);
    let (whole, drawn) = (groups(&real), groups(&log));
    assert_eq!((whole.len(), drawn.len()), (9_999, 10_000));
    let per_mille = |lines: &[Vec<String>], group: usize, pattern: &str| {
        let is_so = regex(pattern);
        lines.iter().filter(|line| is_so.is_match(&line[group])).count() * 1000 / lines.len()
    };
    // What is wider than chance: methods are those of the nginx sample too, the law of sizes is smoother than the real
    // sizes, of which a few files have many, and agents are of more versions of fewer kinds.
    for (question, group, pattern, apart) in [
        ("GET", 4, "^GET$", 8),
        ("with a query", 5, r"\?", 0),
        ("old protocol", 6, r"1\.0$", 0),
        ("OK", 7, "^200$", 0),
        ("not modified", 7, "^304$", 0),
        ("not found", 7, "^404$", 0),
        ("no size", 8, "^-$", 12),
        ("small", 8, "^[0-9]{1,4}$", 0),
        ("medium", 8, "^[0-9]{5}$", 25),
        ("no referrer", 9, "^-$", 0),
        ("a browser", 10, "^Mozilla/5.0 [(](Win|Mac|X11)", 5),
    ] {
        let (expected, found) = (per_mille(&whole, group, pattern), per_mille(&drawn, group, pattern));
        assert_near(question, [expected, found], [whole.len(), drawn.len()], apart);
    }
    let count = |object: &Value| object.as_object().unwrap().len() as u64;
    let drawn = [truth["clients"].as_u64().unwrap(), count(&truth["paths"]), count(&truth["agents"])];
    for ((what, group), found) in [("clients", 1), ("paths", 5), ("agents", 10)].into_iter().zip(drawn) {
        let expected = whole.iter().map(|line| &line[group]).collect::<BTreeSet<_>>().len() as u64;
        // Drawn by Zipf's law, they depend on the seed by some per cent.
        assert!(
            found * 4 > expected * 3 && found * 3 < expected * 4,
            "{what}: {expected} of the real, {found}"
        );
    }
}
