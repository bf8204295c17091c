//! The `cdn` shape against a plain recount, its stated shares, and, where they are at hand, the real samples.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use generator::{Shape, Spec, generate};
use proptest::prelude::{ProptestConfig, proptest};
use serde_json::{Map, Value, json};

const DIMENSIONS: [&str; 8] =
    ["bundler", "ci", "gemstash", "platform", "ruby", "rubygems", "server_region", "tls_cipher"];

/// A log as lines, and its truth.
fn corpus(seed: u64, records: u64) -> (Vec<Map<String, Value>>, Value) {
    let mut log = Vec::new();
    let truth = generate(&Spec::new(Shape::Cdn, seed, records), &mut log).unwrap();
    assert_eq!(truth.bytes(), log.len() as u64);
    let mut json = Vec::new();
    truth.write_json(&mut json).unwrap();
    (lines(&log), serde_json::from_slice(&json).unwrap())
}

fn lines(log: &[u8]) -> Vec<Map<String, Value>> {
    let text = str::from_utf8(log).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text<'a>(line: &'a Map<String, Value>, key: &str) -> &'a str {
    line[key].as_str().unwrap_or_else(|| panic!("{key} is no string: {line:?}"))
}

fn is_counted(line: &Map<String, Value>) -> bool {
    match text(line, "request_path") {
        "/latest_specs.4.8.gz" | "/prerelease_specs.4.8.gz" | "/specs.4.8.gz" | "/versions" => true,
        "/api/v1/dependencies" => text(line, "request_query").is_empty(),
        _ => false,
    }
}

/// Splits a version off the front, up to the next space or the end.
fn version<'a>(from: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let rest = from.strip_prefix(name)?;
    let end = rest.find(' ').unwrap_or(rest.len());
    let is_version = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
    (end > 0 && rest[..end].bytes().all(is_version))
        .then(|| (&rest[..end], rest[end..].trim_start_matches(' ')))
}

/// What an agent counts for, by the rules as they are written down: the plainest reading, word by word.
fn agent_values(agent: &str) -> Vec<(&'static str, String)> {
    bundler_values(agent).or_else(|| rubygems_values(agent)).unwrap_or_default()
}

fn bundler_values(agent: &str) -> Option<Vec<(&'static str, String)>> {
    let (bundler, rest) = version(agent, "bundler/")?;
    let (rubygems, rest) = version(rest, "rubygems/")?;
    let (ruby, rest) = version(rest, "ruby/")?;
    let (platform, rest) = rest.strip_prefix('(')?.split_once(") ")?;
    let command = rest.strip_prefix("command/")?;
    let mut values = vec![
        ("bundler", bundler.to_owned()),
        ("rubygems", rubygems.to_owned()),
        ("ruby", ruby.to_owned()),
        ("platform", platform.to_owned()),
    ];
    let mut words: Vec<&str> = command.split(' ').collect();
    if let Some(gemstash) = words.last()?.strip_prefix("Gemstash/") {
        values.push(("gemstash", gemstash.to_owned()));
        words.pop();
    }
    let run_id = words.pop()?;
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if run_id.len() != 16 || !run_id.bytes().all(is_hex) {
        return None;
    }
    if let Some(ci) = words.last().and_then(|word| word.strip_prefix("ci/")) {
        values.push(("ci", ci.to_owned()));
    }
    Some(values)
}

fn rubygems_values(agent: &str) -> Option<Vec<(&'static str, String)>> {
    let (rubygems, rest) = version(agent.strip_prefix("Ruby, ").unwrap_or(agent), "RubyGems/")?;
    let (platform, rest) = rest.split_once(" Ruby/")?;
    let (ruby, rest) = version(rest, "")?;
    let (_, suffix) = rest.strip_prefix('(')?.split_once(')')?;
    let mut values =
        vec![("rubygems", rubygems.to_owned()), ("ruby", ruby.to_owned()), ("platform", platform.to_owned())];
    if let Some((_, gemstash)) = suffix.split_once(" Gemstash/") {
        values.push(("gemstash", gemstash.to_owned()));
    }
    Some(values)
}

/// The counter's answer, counted the slow way.
fn recount(lines: &[Map<String, Value>]) -> (u64, Value) {
    type Cells = BTreeMap<(&'static str, String), (u64, BTreeSet<String>)>;
    let mut dates: BTreeMap<String, Cells> = BTreeMap::new();
    let mut counted = 0;
    for line in lines.iter().filter(|line| is_counted(line)) {
        counted += 1;
        let cells = dates.entry(text(line, "timestamp")[..10].to_owned()).or_default();
        let mut values = agent_values(text(line, "user_agent"));
        values.push(("tls_cipher", text(line, "tls_cipher").to_owned()));
        for value in values {
            let (total, clients) = cells.entry(value).or_default();
            *total += 1;
            clients.insert(text(line, "client_ip").to_owned());
        }
    }
    let mut stats = Map::new();
    for (date, cells) in dates {
        let mut dimensions: Map<String, Value> =
            DIMENSIONS.iter().map(|dimension| ((*dimension).to_owned(), json!({}))).collect();
        for ((dimension, value), (total, clients)) in cells {
            dimensions[dimension][&value] = json!({"total": total, "unique": clients.len()});
        }
        stats.insert(date, dimensions.into());
    }
    (counted, stats.into())
}

fn truth_equals_recount(seed: u64, records: u64) {
    let (lines, truth) = corpus(seed, records);
    assert_eq!(lines.len() as u64, records);
    let (counted, stats) = recount(&lines);
    assert_eq!(truth["counted"], counted);
    assert!(truth["stats"] == stats, "seed {seed}, {records} records");
    assert_eq!(truth["format"], generator::FORMAT_VERSION);
    assert_eq!(
        (&truth["shape"], &truth["seed"], &truth["records"]),
        (&json!("cdn"), &json!(seed), &json!(records))
    );
}

#[test]
fn the_truth_is_what_a_plain_recount_gives() {
    for (seed, records) in [(1, 0), (1, 1), (3, 30_000)] {
        truth_equals_recount(seed, records);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn and_so_it_is_for_any_seed(seed: u64, records in 0_u64..1_500) {
        truth_equals_recount(seed, records);
    }
}

#[test]
fn the_recount_knows_the_rules() {
    // The plain reader above, against agents of every form: it must not agree with the generator by having its blind spots.
    let given = "bundler/1.16.2 rubygems/2.7.6 ruby/2.5.0 (x86_64-Oracle Corporation-linux) command/install \
                 jruby/9.2.1.0-SNAPSHOT options/no_install,https://a/b ci/travis,ci fe5e45257d515f1f Gemstash/1.1.0";
    let expected = [
        ("bundler", "1.16.2"),
        ("rubygems", "2.7.6"),
        ("ruby", "2.5.0"),
        ("platform", "x86_64-Oracle Corporation-linux"),
        ("gemstash", "1.1.0"),
        ("ci", "travis,ci"),
    ];
    assert_eq!(agent_values(given), expected.map(|(dimension, value)| (dimension, value.to_owned())));
    let empty = "bundler/1.5.1 rubygems/2.2.0 ruby/2.1.0 (x) command/ options/ fe5e45257d515f1f";
    assert_eq!(agent_values(empty).len(), 4);
    let rubygems =
        "RubyGems/2.4.8 universal-java-1.8 Ruby/2.2.2 (2015-07-21 patchlevel 0) jruby Gemstash/1.1.0";
    assert_eq!(agent_values(rubygems).len(), 4);
    for nothing in
        ["Ruby, Gems 1.1.1", "Ruby", "", "curl/7.35.0", "bundler/1 rubygems/2 ruby/3 (p) command/x abc"]
    {
        assert_eq!(agent_values(nothing), [], "{nothing}");
    }
}

/// How many of these lines, in a thousand, are so.
fn per_mille(lines: &[Map<String, Value>], is_so: impl Fn(&Map<String, Value>) -> bool) -> usize {
    lines.iter().filter(|line| is_so(line)).count() * 1000 / lines.len()
}

#[test]
fn shares_lie_in_the_stated_bands_for_every_seed() {
    for seed in [0, 1, 42, u64::MAX] {
        let (lines, truth) = corpus(seed, 40_000);
        let mean = truth["bytes"].as_u64().unwrap() / 40_000;
        assert!((880..=920).contains(&mean), "seed {seed}: {mean} bytes a line");
        let counted = per_mille(&lines, is_counted);
        assert!((150..=190).contains(&counted), "seed {seed}: {counted} in 1,000 counted");
        let v6 = per_mille(&lines, |line| text(line, "client_ip").contains(':'));
        assert!((70..=90).contains(&v6), "seed {seed}: {v6} in 1,000 IPv6");
        let without_tls = per_mille(&lines, |line| !line.contains_key("tls"));
        assert!((150..=290).contains(&without_tls), "seed {seed}: {without_tls} in 1,000 without tls");
        for key in ["gem", "version", "platform"] {
            let newest = per_mille(&lines, |line| line.contains_key(key));
            assert!((40..=180).contains(&newest), "seed {seed}: {newest} in 1,000 with {key}");
        }
        let integers = per_mille(&lines, |line| line["response_status"].is_u64());
        assert!((30..=160).contains(&integers), "seed {seed}: {integers} in 1,000 with an integer status");
        let dates: BTreeSet<&str> = lines.iter().map(|line| &text(line, "timestamp")[..10]).collect();
        assert_eq!(dates.len(), 6);
        let clients: BTreeSet<&str> = lines.iter().map(|line| text(line, "client_ip")).collect();
        assert!((12_000..20_000).contains(&clients.len()), "seed {seed}: {} clients", clients.len());
    }
}

#[test]
fn every_line_has_the_keys_of_its_age_and_every_kind_of_agent_is_there() {
    let (lines, _) = corpus(5, 40_000);
    let agents: BTreeSet<&str> = lines.iter().map(|line| text(line, "user_agent")).collect();
    for line in &lines {
        let optional =
            ["tls", "gem", "version", "platform"].iter().filter(|key| line.contains_key(**key)).count();
        assert_eq!(line.len(), 29 + optional, "{line:?}");
        assert!(line["cache_lastuse"].is_f64() && line["response_bytes"].is_u64(), "{line:?}");
    }
    let forms = [
        "command/ ",
        " options/ ",
        " jruby/",
        " truffleruby/",
        "Oracle Corporation",
        " ci/travis,ci ",
        " Gemstash/",
        ") jruby",
        "Ruby, Gems ",
        "https://",
        "\"",
        "übersicht",
        "/mnt/tmp/",
    ];
    for form in forms {
        assert!(agents.iter().any(|agent| agent.contains(form)), "no agent with {form:?}");
    }
    assert!(agents.iter().any(|agent| agent.starts_with("bundler/") && agent.contains(" Gemstash/")));
    assert!(agents.iter().any(|agent| agent.starts_with("RubyGems/")));
}

#[test]
fn keys_come_in_several_orders_and_mostly_in_the_usual_one() {
    let mut log = Vec::new();
    generate(&Spec::new(Shape::Cdn, 6, 20_000), &mut log).unwrap();
    let mut orders: BTreeMap<Vec<String>, u32> = BTreeMap::new();
    for line in str::from_utf8(&log).unwrap().lines() {
        *orders.entry(keys(line)).or_default() += 1;
    }
    let repeated = orders.values().filter(|&&count| count >= 10).count();
    assert!(repeated >= 8, "{repeated} orders occur often");
    let usual: u32 = orders
        .iter()
        .filter(|(order, _)| {
            order.starts_with(&[
                "timestamp".into(),
                "time_elapsed".into(),
                "client_ip".into(),
                "client_continent".into(),
            ])
        })
        .map(|(_, count)| count)
        .sum();
    assert!((15_000..19_000).contains(&usual), "{usual} of 20,000 in the usual order");
    assert!(orders.len() > 500, "about one line in twenty has an order of its own");
}

/// The keys of a flat line in the order they come: no value of this shape holds `":` after a quote and a word.
fn keys(line: &str) -> Vec<String> {
    let known = serde_json::from_str::<Map<String, Value>>(line).unwrap();
    let mut found: Vec<(usize, String)> = known
        .keys()
        .map(|key| {
            let at =
                line.find(&format!("{{\"{key}\":")).or_else(|| line.find(&format!(",\"{key}\":"))).unwrap();
            (at, key.clone())
        })
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, key)| key).collect()
}

/// A question about a line.
type Is = fn(&Map<String, Value>) -> bool;

#[test]
fn marginals_are_near_those_of_the_real_samples() {
    let Some(corpora) = std::env::var_os("LOG_CORPORA") else {
        println!("skipped: LOG_CORPORA names no folder of real samples");
        return;
    };
    let real = lines(&std::fs::read(Path::new(&corpora).join("cdn/sample_500.log")).unwrap());
    let (drawn, _) = corpus(42, 40_000);
    // 498 lines tell a share to within three standard deviations, which are up to 68 in a thousand.
    let questions: [(&str, Is); 9] = [
        ("counted", is_counted),
        ("IPv6", |line| text(line, "client_ip").contains(':')),
        ("Bundler", |line| text(line, "user_agent").starts_with("bundler/")),
        ("RubyGems", |line| text(line, "user_agent").starts_with("Ruby, RubyGems/")),
        ("hits", |line| text(line, "cache_state").starts_with("HIT")),
        ("usual cipher", |line| text(line, "tls_cipher") == "ECDHE-RSA-AES128-GCM-SHA256"),
        ("OK", |line| text(line, "response_text") == "OK"),
        ("with a query", |line| !text(line, "request_query").is_empty()),
        ("fast", |line| line["time_elapsed"].as_u64().unwrap() < 2),
    ];
    for (question, is_so) in questions {
        let (expected, found) = (per_mille(&real, is_so), per_mille(&drawn, is_so));
        common::assert_near(question, [expected, found], [real.len(), drawn.len()], 0);
    }
}
