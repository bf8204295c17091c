//! The shapes `logfmt`, `syslog`, `text` and `flat` against plain recounts.

mod common;

use std::collections::BTreeMap;

use common::{Counter, Levels, assert_near, assert_truth, corpus, regex};
use serde_json::{Value, json};

/// Sizes that end within the first chunk, at its end, and in another.
const SIZES: [u64; 4] = [0, 1, 512, 3_000];

/// The pairs of a line of logfmt, values unescaped, and how many of them were quoted: byte by byte, by the grammar.
fn pairs(line: &str) -> (BTreeMap<String, String>, u64) {
    let (mut pairs, mut quoted) = (BTreeMap::new(), 0);
    let mut rest = line;
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=').unwrap_or_else(|| panic!("no value: {line}"));
        assert!(!key.is_empty() && key.bytes().all(|byte| byte > b' ' && byte != b'"'), "{key:?} of {line}");
        let mut value = String::new();
        let end = if let Some(inner) = after.strip_prefix('"') {
            quoted += 1;
            let mut characters = inner.char_indices();
            loop {
                match characters.next().unwrap_or_else(|| panic!("no closing quote: {line}")) {
                    (at, '"') => break at + 2,
                    (_, '\\') => match characters.next().unwrap().1 {
                        'n' => value.push('\n'),
                        't' => value.push('\t'),
                        other => value.push(other),
                    },
                    (_, other) => value.push(other),
                }
            }
        } else {
            let end = after.find(' ').unwrap_or(after.len());
            value.push_str(&after[..end]);
            assert!(!value.contains(['"', '=', '\u{7f}']), "{value:?} wants quotes: {line}");
            end
        };
        assert_eq!(pairs.insert(key.to_owned(), value), None, "{key} twice: {line}");
        rest = after[end..].strip_prefix(' ').unwrap_or(&after[end..]);
    }
    (pairs, quoted)
}

#[test]
fn logfmt_is_what_a_plain_recount_gives() {
    for (seed, records) in (1..).zip(SIZES) {
        let (log, truth) = corpus("logfmt", seed, records, &[]);
        let (mut levels, mut quoted, mut times) = (Levels::default(), 0, Vec::new());
        let [mut components, mut correlations] = std::array::from_fn(|_| Counter::default());
        for (number, line) in (1..).zip(log.lines()) {
            let (pairs, of_line) = pairs(line);
            quoted += of_line;
            levels.add(&pairs["level"], number, line.len());
            components.add(&pairs["component"]);
            pairs.get("req").inspect(|request| correlations.add(request));
            times.push(pairs.get("ts").or(pairs.get("time")).unwrap().clone());
            assert!(pairs.contains_key("msg"), "{line}");
        }
        assert!(times.is_sorted());
        assert_truth(
            &truth,
            &log,
            json!({
                "first_timestamp": times.first(), "last_timestamp": times.last(), "levels": levels.json(),
                "components": components.json(), "correlations": correlations.json(), "quoted": quoted,
            }),
        );
    }
}

const SEVERITIES: [&str; 8] = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

/// RFC 5424, table 1.
const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
    "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6",
    "local7",
];

#[test]
fn syslog_is_what_a_plain_recount_gives() {
    let new = regex(
        r#"^<([0-9]{1,3})>1 (\S+) (\S+) (\S+) ([0-9]+|-) (\S+) (-|(?:\[[^\s\]"]+(?: [^\s="]+="(?:[^"\\\]]|\\["\\\]])*")*\])+) (\x{feff}?)(.*)$"#,
    );
    let old =
        regex(r"^<([0-9]{1,3})>([A-Z][a-z]{2} [ 1-3][0-9] [0-9:]{8}) (\S+) ([^\[: ]+)(?:\[[0-9]+\])?: (.*)$");
    for (seed, records) in (1..).zip(SIZES) {
        for format in ["rfc5424", "rfc3164", "both"] {
            let (log, truth) = corpus("syslog", seed, records, &[("format", format)]);
            let mut levels = Levels::default();
            let [mut facilities, mut hosts, mut apps] = std::array::from_fn(|_| Counter::default());
            let (mut structured, mut rfc3164, mut failures, mut times) = (0, 0, 0, Vec::new());
            for (number, line) in (1..).zip(log.lines()) {
                let is_new = line.contains(">1 ");
                let pattern = if is_new { &new } else { &old };
                let found = pattern.captures(line).unwrap_or_else(|| panic!("not by {format}: {line}"));
                let priority: usize = found[1].parse().unwrap();
                levels.add(SEVERITIES[priority % 8], number, line.len());
                facilities.add(FACILITIES[priority / 8]);
                hosts.add(&found[3]);
                apps.add(&found[4]);
                let text = if is_new { &found[9] } else { &found[5] };
                failures += u64::from(text.starts_with("authentication failure"));
                if is_new {
                    structured += u64::from(&found[7] != "-");
                    assert_eq!(found[8].is_empty(), text.is_ascii(), "{line}");
                    times.push(found[2].to_owned());
                } else {
                    rfc3164 += 1;
                }
            }
            assert!(times.is_sorted());
            let mut expected = json!({
                "first_timestamp": times.first(), "last_timestamp": times.last(), "levels": levels.json(),
                "facilities": facilities.json(), "hosts": hosts.json(), "apps": apps.json(), "structured": structured, "rfc3164": rfc3164,
                "failures": failures,
            });
            if format != "rfc5424" {
                // The older form does not tell the year or the microseconds.
                expected["first_timestamp"] = truth["first_timestamp"].clone();
                expected["last_timestamp"] = truth["last_timestamp"].clone();
            }
            assert_truth(&truth, &log, expected);
        }
    }
}

#[test]
fn lines_by_rfc_3164_are_cut_to_1024_bytes() {
    let (log, _) = corpus("syslog", 3, 2_000, &[("format", "rfc3164"), ("long", "10000")]);
    let longest = log.lines().map(str::len).max();
    assert_eq!(longest, Some(1024));
    let (log, _) = corpus("syslog", 3, 2_000, &[("format", "file"), ("long", "10000")]);
    assert!(log.lines().any(|line| line.len() > 1024));
}

#[test]
fn syslog_as_a_file_keeps_it_has_no_priority() {
    let (log, truth) = corpus("syslog", 3, 2_000, &[("format", "file")]);
    let line = regex(r"^Mar (11|12) [0-9:]{8} host-\d{3} ([^\[: ]+)(\[[0-9]+\])?: ");
    assert!(log.lines().all(|text| line.is_match(&text.replacen("Mar  ", "Mar ", 1))));
    assert_eq!(truth["rfc3164"], 2_000);
}

#[test]
fn text_is_what_a_plain_recount_gives() {
    let layouts = [
        ("log4j", r"^(\S{10} \S{8},\d{3}) ([A-Z]+) \[(.*?)\] (\S+): "),
        ("logback", r"^(\S{10} \S{8}\.\d{3}) \[(.*?)\] ([A-Z ]{5}) (\S+) - "),
        ("zookeeper", r"^(\S{10} \S{8},\d{3}) - ([A-Z ]{5}) \[(.*):(\S+?)@\d+\] - "),
    ];
    for (seed, records) in (1..).zip(SIZES) {
        for (layout, pattern) in layouts {
            let (log, truth) = corpus("text", seed, records, &[("layout", layout)]);
            text_equals_recount(&log, &truth, layout, pattern);
        }
    }
}

fn text_equals_recount(log: &str, truth: &Value, layout: &str, pattern: &str) {
    let head = regex(pattern);
    let starts = regex(r"(?m)^2024-");
    let mut bounds: Vec<usize> = starts.find_iter(log).map(|found| found.start()).collect();
    bounds.push(log.len());
    let mut levels = Levels::default();
    let [mut threads, mut loggers, mut exceptions] = std::array::from_fn(|_| Counter::default());
    let (mut lines, mut traces, mut frames, mut causes, mut times) = (0, 0, 0, 0, Vec::new());
    for (number, bound) in (1..).zip(bounds.windows(2)) {
        let record = &log[bound[0]..bound[1]];
        let found = head.captures(record).unwrap_or_else(|| panic!("not by {layout}: {record}"));
        let (level, thread) =
            if layout == "logback" { (&found[3], &found[2]) } else { (&found[2], &found[3]) };
        levels.add(level.trim(), number, record.len() - 1);
        threads.add(thread);
        loggers.add(&found[4]);
        times.push(found[1].replace('.', ","));
        lines += record.lines().count();
        let of_frames = record.lines().filter(|line| line.starts_with("\tat ")).count();
        if of_frames > 0 {
            traces += 1;
            frames += of_frames;
            causes += record.lines().filter(|line| line.starts_with("Caused by: ")).count();
            let outermost = record.lines().nth(1).unwrap();
            let innermost = record.lines().filter_map(|line| line.strip_prefix("Caused by: ")).next_back();
            exceptions.add(innermost.unwrap_or(outermost).split(':').next().unwrap());
        }
    }
    assert!(times.is_sorted());
    let mut expected = json!({
        "first_timestamp": times.first(), "last_timestamp": times.last(), "levels": levels.json(),
        "threads": threads.json(), "loggers": loggers.json(), "exceptions": exceptions.json(), "lines": lines,
        "traces": traces, "frames": frames, "causes": causes,
    });
    if layout == "zookeeper" {
        // This layout tells the class without its package.
        let mut classes: BTreeMap<&str, u64> = BTreeMap::new();
        for (name, count) in truth["loggers"].as_object().unwrap() {
            *classes.entry(name.rsplit('.').next().unwrap()).or_default() += count.as_u64().unwrap();
        }
        assert_eq!(expected["loggers"], json!(classes));
        expected["loggers"] = truth["loggers"].clone();
    }
    assert_truth(truth, log, expected);
}

#[test]
fn flat_is_what_a_plain_recount_gives() {
    for (seed, records) in (1..).zip(SIZES) {
        for knobs in [&[][..], &[("spans", "all"), ("services", "3"), ("errors", "15%")]] {
            let (log, truth) = corpus("flat", seed, records, knobs);
            let mut levels = Levels::default();
            let [mut threads, mut correlations, mut services] = std::array::from_fn(|_| Counter::default());
            let (mut spans, mut parents, mut timeouts, mut times) = (Vec::new(), 0, 0, Vec::new());
            for (number, line) in (1..).zip(log.lines()) {
                let entry: Value = serde_json::from_str(line).unwrap();
                let text = |key: &str| entry.get(key).map(|value| value.as_str().unwrap());
                levels.add(text("level").unwrap(), number, line.len());
                threads.add(text("thread_id").unwrap());
                correlations.add(text("correlation_id").unwrap());
                services.add(text("service").unwrap());
                timeouts += u64::from(text("message").unwrap().contains("timeout"));
                times.push(text("timestamp").unwrap().to_owned());
                if let Some(parent) = text("parent_span_id") {
                    parents += 1;
                    let recent = &spans[spans.len().saturating_sub(20)..];
                    assert!(recent.iter().any(|span| span == parent), "{line}");
                }
                spans.extend(text("span_id").map(str::to_owned));
            }
            assert!(times.is_sorted());
            let count = spans.len();
            spans.sort_unstable();
            spans.dedup();
            assert_eq!(count, spans.len(), "a span twice");
            assert_truth(
                &truth,
                &log,
                json!({
                    "first_timestamp": times.first(), "last_timestamp": times.last(), "levels": levels.json(),
                    "threads": threads.json(), "correlations": correlations.json(), "services": services.json(),
                    "spans": count, "parents": parents, "timeouts": timeouts,
                }),
            );
        }
    }
}

#[test]
fn flat_is_as_the_benchmarks_have_it() {
    let (log, truth) = corpus("flat", 42, 20_000, &[]);
    let mean = log.len() / 20_000;
    assert!((224..=244).contains(&mean), "{mean} bytes a line");
    for (level, low, high) in [("DEBUG", 90, 110), ("INFO", 580, 620), ("WARN", 185, 215), ("ERROR", 90, 110)]
    {
        let share = truth["levels"][level]["records"].as_u64().unwrap() / 20;
        assert!((low..=high).contains(&share), "{share} in 1,000 {level}");
    }
    let (_, truth) = corpus("flat", 42, 20_000, &[("spans", "all")]);
    let parents = truth["parents"].as_u64().unwrap() / 20;
    assert!((585..=615).contains(&parents), "{parents} in 1,000 with a parent");
    assert_eq!(truth["threads"].as_object().unwrap().len(), 10);
    assert_eq!(truth["correlations"].as_object().unwrap().len(), 20);
}

#[test]
fn levels_are_near_those_of_the_real_logs() {
    let Some(corpora) = std::env::var_os("LOG_CORPORA") else {
        println!("skipped: LOG_CORPORA names no folder of real samples");
        return;
    };
    let real = |name: &str| {
        let bytes = std::fs::read(std::path::Path::new(&corpora).join(name)).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let per_mille = |log: &str, pattern: &str| {
        let is_so = regex(pattern);
        log.lines().filter(|line| is_so.is_match(line)).count() * 1000 / log.lines().count()
    };
    let calm = [("storm", "0%")];
    let pairs = [
        ("text/Hadoop_2k.log", "text", &[("storm", "0%"), ("traces", "0%")][..]),
        ("servers/prometheus_logfmt.log", "logfmt", &calm),
        ("text/Linux_2k.log", "syslog", &[("format", "file")]),
    ];
    for (name, shape, knobs) in pairs {
        let (real, (drawn, _)) = (real(name), corpus(shape, 42, 4_000, knobs));
        let patterns: &[(&str, usize)] = match shape {
            "text" => &[("^\\S+ \\S+ INFO ", 0), ("^\\S+ \\S+ WARN ", 0), ("^\\S+ \\S+ ERROR ", 0)],
            // The real sample is of one start of a program, whose first lines tell no component.
            "logfmt" => {
                &[("level=debug", 0), ("level=info", 0), ("level=warn", 0), ("component=", 60), ("msg=\"", 0)]
            }
            // Newer programs are added, which tell their process ids and have other failures.
            _ => &[
                ("ftpd\\[", 0),
                ("sshd", 0),
                ("authentication failure", 30),
                (" su\\(", 0),
                ("kernel: ", 0),
                ("\\[[0-9]+\\]: ", 16),
            ],
        };
        for &(pattern, apart) in patterns {
            let (expected, found) = (per_mille(&real, pattern), per_mille(&drawn, pattern));
            assert_near(
                &format!("{name}, {pattern}"),
                [expected, found],
                [real.lines().count(), 4_000],
                apart,
            );
        }
        let mean = |log: &str| log.len() / log.lines().count();
        let (expected, found) = (mean(&real), mean(&drawn));
        assert!(
            found * 4 > expected * 3 && found * 3 < expected * 4,
            "{name}: {expected} bytes, {found} drawn"
        );
    }
}
