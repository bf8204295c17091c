//! Real logs of servers and of other programs: what is read of them is what `FACTS.json` beside them says, which plain
//! readers of other making computed. They lie outside the project, in the folder that the environment variable
//! `LOG_CORPORA` names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use parser::{Clock, Level, Limits, Reader, Time, Totals, Value};
use serde_json::Value as Json;

const KEYS: [&str; 7] = ["level", "status", "client_ip", "size", "time", "message", "ts"];

/// What is read of a log.
#[derive(Default)]
struct Read {
    totals: Totals,
    levels: BTreeMap<String, u64>,
    status: BTreeMap<String, u64>,
    clients: BTreeSet<Vec<u8>>,
    bytes: u64,
    times: Vec<Time>,
    /// The longest message, in lines.
    lines: usize,
    without_message: u64,
}

fn read(path: &Path) -> Read {
    let mut reader = Reader::new(&KEYS, Limits::default());
    let mut all = Read::default();
    // The year of times without one is found from here: these logs were written before.
    let clock = Clock::until(Time::parse(b"2026-12-01", &Clock::now()).expect("it is a date"));
    let file = File::open(path).expect("the file is there");
    reader
        .read(file, &mut |bad| panic!("{}: {bad:?}", path.display()), |record| {
            let text = |key| match record.value(key)? {
                Value::Number(number) => Some(number.to_vec()),
                value => value.text().map(std::borrow::Cow::into_owned),
            };
            let string =
                |key| text(key).map(|text| String::from_utf8(text).expect("these have no odd escapes"));
            *all.levels.entry(string(0).unwrap_or("none".to_owned())).or_default() += 1;
            if let Some(status) = string(1) {
                *all.status.entry(status).or_default() += 1;
            }
            all.clients.extend(text(2));
            all.bytes += string(3).map_or(0, |size| size.parse().expect("a number"));
            all.times.extend(record.value(4).or(record.value(6)).and_then(|time| Time::of(time, &clock)));
            all.lines = all.lines.max(text(5).map_or(0, |text| text.split(|&byte| byte == b'\n').count()));
            all.without_message += u64::from(text(5).is_none());
            ControlFlow::Continue(())
        })
        .expect("it can be read");
    all.totals = reader.totals();
    all
}

/// The folder and the facts, or a word that the test was skipped.
fn facts() -> Option<(PathBuf, serde_json::Map<String, Json>)> {
    let Some(folder) = std::env::var_os("LOG_CORPORA").map(PathBuf::from) else {
        eprintln!("skipped: LOG_CORPORA is not set");
        return None;
    };
    let text = fs::read_to_string(folder.join("FACTS.json")).expect("the facts are there");
    let facts: Json = serde_json::from_str(&text).expect("they are JSON");
    Some((folder, facts.as_object().expect("they are an object").clone()))
}

fn counts(fact: &Json) -> BTreeMap<String, u64> {
    let object = fact.as_object().expect("an object of numbers");
    object.iter().map(|(name, count)| (name.clone(), count.as_u64().expect("a number"))).collect()
}

#[test]
fn logs_of_servers() {
    let Some((folder, facts)) = facts() else { return };
    let servers: Vec<_> = facts.iter().filter(|(name, _)| name.starts_with("servers/")).collect();
    assert_eq!(servers.len(), 4);
    for (name, fact) in servers {
        let read = read(&folder.join(name));
        assert_eq!(fact["lines"], read.totals.lines, "{name}");
        assert_eq!((read.totals.records, read.totals.bad), (read.totals.lines, 0), "{name}");
        assert_eq!(read.times.len() as u64, read.totals.records, "{name}: each record has a time");
        let same = |key: &str, found: &BTreeMap<String, u64>| {
            if let Some(fact) = fact.get(key) {
                assert_eq!(&counts(fact), found, "{key} of {name}");
            }
        };
        same("level", &read.levels);
        same("status", &read.status);
        if let Some(clients) = fact.get("unique_clients") {
            assert_eq!(clients, read.clients.len(), "{name}");
            assert_eq!(fact["response_bytes"], read.bytes, "{name}");
        }
    }
}

/// The levels that the facts tell are words in the first 120 bytes: a floor.
#[test]
fn logs_of_other_programs() {
    let Some((folder, facts)) = facts() else { return };
    let texts: Vec<_> = facts.iter().filter(|(name, _)| name.starts_with("text/")).collect();
    assert_eq!(texts.len(), 6);
    for (name, fact) in texts {
        let read = read(&folder.join(name));
        assert_eq!(fact["lines"], read.totals.lines, "{name}");
        assert_eq!((read.totals.records, read.totals.bad), (read.totals.lines, 0), "{name}");
        assert_eq!(read.times.len() as u64, read.totals.records, "{name}: each record has a time");
        assert_eq!(counts(&fact["first_level_word_in_120_bytes"]), read.levels, "{name}");
        assert_eq!(read.without_message, 0, "{name}: each record has a message");
    }
}

/// Postgres writes statements over several lines. How many records there are, and what they say of themselves, is counted
/// here by the start of lines.
#[test]
fn a_log_with_records_of_several_lines() {
    let Some((folder, _)) = facts() else { return };
    let path = folder.join("servers/postgres15_stderr_multiline.log");
    let text = fs::read_to_string(&path).expect("the file is there");
    let starts: Vec<_> = text.lines().filter(|line| line.starts_with("2026-11-20 ")).collect();
    let read = read(&path);
    assert_eq!(read.totals.lines, text.lines().count() as u64);
    assert_eq!((read.totals.records, read.totals.bad), (starts.len() as u64, 0));
    assert!(read.totals.records < read.totals.lines && read.lines > 1, "some have several lines");
    let with = |word: &str| starts.iter().filter(|line| line.contains(word)).count() as u64;
    assert_eq!(read.levels["error"], with("] pg@bench ERROR:  ") + with("] pg@postgres ERROR:  "));
    assert_eq!(read.levels["warn"], with(" WARNING:  "));
    assert!(read.levels.keys().all(|level| Level::from_name(level).is_some()));
    assert_eq!(read.times.len(), starts.len());
}
