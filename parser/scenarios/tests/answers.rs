//! Every scenario, on generated corpora: the work's answers are those of the truth, and those that the
//! plain reader gives where there is no truth.

mod corpora;

use harness::answer::Answer;
use harness::subject::{Corpus, Scenario, Unsuited};
use std::collections::BTreeSet;
use std::path::Path;
use std::thread;

fn corpus(folder: &Path, name: &str, records: u64) -> Corpus {
    let (path, truth) = (folder.join(format!("{name}.log")), folder.join(format!("{name}.json")));
    if !path.is_file() {
        corpora::write(name, 7, records, &path, &truth);
    }
    Corpus { path, truth: Some(truth), bytes: None }
}

fn in_process() -> impl Iterator<Item = Scenario> {
    scenarios::scenarios().into_iter().filter(|scenario| !scenario.is_whole_command())
}

/// Whether it is another scenario at a larger size, which only `bench.toml` gives its corpus.
fn is_larger(scenario: &Scenario) -> bool {
    ["/100k", "/1m"].iter().any(|size| scenario.name.ends_with(size))
}

#[test]
fn the_work_answers_as_the_truth_does() {
    let folder = tempfile::tempdir().expect("a folder");
    for scenario in in_process() {
        let corpus = corpus(folder.path(), scenario.corpus, 3_000);
        let expected = scenario.expect(&corpus).expect("answers");
        // What works on bytes or lines alone makes records of its own.
        if !scenario.name.starts_with("allocate/") && scenario.name != "limit/text" {
            let records = if scenario.arrivals_per_second() > 0 { 1 } else { 3_000 };
            assert_eq!(expected.records, records, "{}", scenario.name);
        }
        assert_eq!(expected.answers.len(), scenario.queries, "{}", scenario.name);
        let mut cell = scenario.prepare(&corpus, None).expect("ready");
        for (query, answer) in expected.answers.iter().enumerate() {
            let given = cell.once(query, &mut || ()).expect("runs");
            assert_eq!(given, *answer, "{} to query {query}", scenario.name);
        }
    }
}

#[test]
fn without_the_truth_the_plain_reader_gives_the_same_answers() {
    let folder = tempfile::tempdir().expect("a folder");
    for scenario in scenarios::scenarios().into_iter().filter(|scenario| !is_larger(scenario)) {
        let with = corpus(folder.path(), scenario.corpus, 2_000);
        let without = Corpus { truth: None, ..with.clone() };
        let (with, without) =
            (scenario.expect(&with).expect("truth"), scenario.expect(&without).expect("plain"));
        assert_eq!(with, without, "{}", scenario.name);
    }
}

/// A log of the shape that a scenario works on, as it is before anything compresses it.
fn text_of(folder: &Path, scenario: &Scenario) -> String {
    let plain = corpus(folder, scenario.corpus.split('-').next().expect("a shape"), 1_000);
    std::fs::read_to_string(&plain.path).expect("read")
}

/// What the work answers on another log.
fn given(folder: &Path, scenario: &Scenario, log: &[u8]) -> Vec<Answer> {
    let path = folder.join(format!("{}-changed", scenario.corpus));
    corpora::compress(scenario.corpus, log, &path).expect("written");
    let mut cell = scenario.prepare(&Corpus { path, truth: None, bytes: None }, None).expect("ready");
    (0..scenario.queries).map(|query| cell.once(query, &mut || ()).expect("runs")).collect()
}

/// The answer is a digest of every value: one record less, and it is another.
#[test]
fn a_record_that_is_missing_changes_the_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    for scenario in in_process().filter(|scenario| !is_larger(scenario)) {
        let whole = corpus(folder.path(), scenario.corpus, 1_000);
        let expected = scenario.expect(&whole).expect("answers");
        let text = text_of(folder.path(), &scenario);
        // Some ask for errors alone: then the last of them goes too.
        let of_errors = [
            "search/errors",
            "search/level",
            "search/context",
            "search/text",
            "search/digits",
            "hierarchy/errors",
            "replace",
        ];
        let of_errors = of_errors.iter().any(|of| scenario.name.starts_with(of));
        // And these for errors that hold a number of two digits.
        let of_numbers = ["search/digits/", "search/digits-"].iter().any(|of| scenario.name.starts_with(of));
        let last = text.rmatch_indices("\"ERROR\"").map(|(at, _)| at).find(|&at| {
            let line = text[at..].lines().next().expect("a line");
            !of_numbers || two_digits(message(line))
        });
        let last = last.filter(|_| of_errors);
        let last = text[..last.unwrap_or(text.len())].trim_end().rfind('\n').expect("several lines");
        assert_ne!(
            given(folder.path(), &scenario, &text.as_bytes()[..=last]),
            expected.answers,
            "{}",
            scenario.name
        );
    }
}

/// The message of a line, or of the rest of one.
fn message(line: &str) -> &str {
    let message = line.split_once("\"message\":\"").map_or("", |(_, message)| message);
    message.split('"').next().expect("its text")
}

fn two_digits(text: &str) -> bool {
    text.as_bytes().windows(2).any(|two| two.iter().all(u8::is_ascii_digit))
}

/// Where the value of a key of JSON begins, of the first record in the second half of a log of which this holds.
fn value(log: &str, key: &str, holds: impl Fn(&str) -> bool) -> usize {
    let key = format!("\"{key}\":\"");
    let mut at = 0;
    let lines = log.split_inclusive('\n').map(|line| {
        at += line.len();
        (at - line.len(), line)
    });
    let mut fitting = lines.filter(|(at, line)| *at > log.len() / 2 && line.contains(&key) && holds(line));
    let (at, line) = fitting.next().expect("there is one");
    at + line.find(&key).expect("it is there") + key.len()
}

/// Where these words end for the first time.
fn after(log: &str, words: &str) -> usize {
    log.find(words).expect("they are there") + words.len()
}

/// Bytes of values, each alone of which a scenario must see.
fn seen(scenario: &Scenario, log: &str) -> Vec<usize> {
    let (suite, of) = scenario.name.split_once('/').expect("a suite");
    let of = of.split('/').next().expect("a name").trim_end_matches("-plain");
    let any = |key| value(log, key, |_| true);
    let error =
        |holds: fn(&str) -> bool| value(log, "level", |line| line.contains("\"ERROR\"") && holds(line));
    let of_error = |key| value(log, key, |line| line.contains("\"ERROR\""));
    match (suite, of) {
        ("limit", _) => Vec::new(),
        ("count" | "arrive" | "gzip" | "zstd", _) => {
            let line = log.lines().next().expect("a line");
            // The day of the date, and a value.
            vec![after(line, "\"timestamp\":\"") + "2018-05-1".len(), after(line, "\"tls_cipher\":\"")]
        }
        ("search", "text") => vec![error(|line| line.contains("timeout"))],
        ("search", "digits") => vec![error(|line| two_digits(message(line)))],
        ("search", "context") => vec![error(|_| true), of_error("message")],
        ("search" | "replace", _) | ("hierarchy", "errors") => vec![error(|_| true)],
        ("tally", _) => ["level", "service", "thread", "correlation_id"].map(any).to_vec(),
        // Of a diverse sample, fifty kinds of messages leave no room for threads.
        ("allocate", _) | ("sampling", "diverse") => vec![any("message")],
        // A letter of the path, and the last digit of the status.
        ("access", _) => {
            vec![after(log, "\"GET /"), after(log, "HTTP/1.1\" 50").min(after(log, "HTTP/1.1\" 20"))]
        }
        ("logfmt", _) => ["level=", "component=", "req="].map(|key| after(log, key)).to_vec(),
        ("syslog", _) => {
            let host = after(log, " host-");
            vec![host, host + after(&log[host..], " ")]
        }
        // Of the thread, of the logger, and the last letter of the level.
        ("text", _) => vec![after(log, " ["), after(log, "] "), after(log, " [") - " [".len() - 1],
        ("memory", _) => {
            let mut keys = vec!["level", "thread_id", "correlation_id", "service", "message"];
            if scenario.corpus.starts_with("spans") {
                keys.extend(["span_id", "parent_span_id"]);
            }
            let microsecond = any("timestamp") + "2024-03-11T00:00:00.00000".len();
            keys.into_iter().map(any).chain([microsecond]).collect()
        }
        ("hierarchy", "tree") => {
            let parent = any("parent_span_id");
            // A tree is told by its figures: the name of a span that is nobody's parent changes none.
            let name = log[parent..].split('"').next().expect("a name");
            vec![parent, after(log, &format!("\"span_id\":\"{name}")) - 1, error(|_| true)]
        }
        ("hierarchy", "text") => vec![any("span_id"), any("parent_span_id")],
        ("correlation", "follow") => ["thread_id", "level", "service"].map(any).to_vec(),
        ("correlation", "shown") => ["thread_id", "message"].map(any).to_vec(),
        ("correlation", "timeline") => ["correlation_id", "service"].map(any).to_vec(),
        ("correlation", "compare") => ["correlation_id", "level", "message"].map(any).to_vec(),
        ("sampling", "representative") => vec![any("level")],
        ("database", "lines") => ["status", "note"].map(any).to_vec(),
        ("database", "search") => ["status", "kind"].map(any).to_vec(),
        _ => panic!("what must {} see?", scenario.name),
    }
}

/// Bytes of values that a scenario must not see, and why.
fn unseen(scenario: &Scenario, log: &str) -> Option<(usize, &'static str)> {
    let first = log.find(|c: char| c.is_ascii_alphanumeric()).expect("a value");
    let of_errors =
        ["search/errors", "search/level", "search/text", "search/digits", "hierarchy/errors", "replace/"];
    if scenario.name.starts_with("limit/") {
        Some((first, "a limit counts lines and bytes, and looks at no value"))
    } else if of_errors.iter().any(|of| scenario.name.starts_with(of)) {
        Some((value(log, "level", |line| line.contains("\"DEBUG\"")), "it asks for errors alone"))
    } else {
        None
    }
}

/// The log with another letter or digit there.
fn with_another(log: &str, at: usize) -> Vec<u8> {
    let mut bytes = log.as_bytes().to_vec();
    bytes[at] = match bytes[at] {
        b'z' => b'a',
        b'Z' => b'A',
        b'9' => b'0',
        other => other + 1,
    };
    assert!(bytes[at].is_ascii_alphanumeric(), "{:?} is no letter and no digit", log[at..].chars().next());
    bytes
}

/// The answer is a digest of every value: one byte of one value is another, and so is it.
#[test]
fn a_changed_byte_changes_the_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    for scenario in in_process().filter(|scenario| !is_larger(scenario)) {
        let text = text_of(folder.path(), &scenario);
        // From a request on that is counted: it is among the lines that arrive.
        let is_counted = |line: &str| {
            parser::plain::count(line.as_bytes(), &mut |_| ()).is_ok_and(|count| count.counted > 0)
        };
        let of_cdn = scenario.corpus.starts_with("cdn");
        let before = text.split_inclusive('\n').take_while(|line| of_cdn && !is_counted(line));
        let text = &text[before.map(str::len).sum()..];
        let answers = given(folder.path(), &scenario, text.as_bytes());
        for at in seen(&scenario, text) {
            let other = given(folder.path(), &scenario, &with_another(text, at));
            let line = text[..at].lines().count();
            let around = text.get(at.saturating_sub(20)..at + 10);
            assert_ne!(other, answers, "{}: line {line}, {around:?}", scenario.name);
        }
        if let Some((at, why)) = unseen(&scenario, text) {
            let other = given(folder.path(), &scenario, &with_another(text, at));
            assert_eq!(other, answers, "{}: {why}", scenario.name);
        }
    }
}

/// A corpus that tells its size is as large in a run as where it is made otherwise.
#[test]
fn a_corpus_is_as_large_as_its_name_tells() {
    let bench = include_str!("../../../bench.toml");
    let corpora: BTreeSet<&str> = scenarios::scenarios().iter().map(|scenario| scenario.corpus).collect();
    let mut sized = 0;
    for name in corpora {
        let head = format!("[[corpus]]\nname = \"{name}\"\n");
        let (_, described) = bench.split_once(&head).unwrap_or_else(|| panic!("bench.toml has no {name}"));
        let described = described.split("\n[").next().expect("its keys");
        let records = described.lines().find_map(|line| line.strip_prefix("records = "));
        assert_eq!(
            records.map(|records| records.parse().expect("a number")),
            corpora::records(name),
            "{name}"
        );
        sized += usize::from(records.is_some());
    }
    assert!(sized > 0);
}

#[test]
fn a_file_of_another_kind_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    // What works on bytes or lines alone fits every file.
    let fits_all =
        |scenario: &Scenario| scenario.name.starts_with("allocate/") || scenario.name.starts_with("limit/");
    for scenario in scenarios::scenarios().into_iter().filter(|scenario| !fits_all(scenario)) {
        let other = if scenario.corpus == "cdn" { "app" } else { "cdn" };
        let corpus = Corpus { truth: None, ..corpus(folder.path(), other, 500) };
        let error = scenario.expect(&corpus).expect_err("it does not fit");
        assert!(error.is::<Unsuited>(), "{}: {error}", scenario.name);
    }
}

/// Whether it reads a log, quickly or plainly: what asks an index has tests in the parser.
fn reads(scenario: &Scenario) -> bool {
    let suite = scenario.name.split('/').next().unwrap_or_default();
    let is_asked = ["flat", "spans", "jobs"].contains(&scenario.corpus.split('-').next().unwrap_or_default());
    ["access", "logfmt", "syslog", "text", "count", "search", "tally"].contains(&suite) && !is_asked
}

/// The scenarios that answer on a real log, each as the plain reader does; all others say why it is not for them.
fn answering(path: &Path) -> Vec<&'static str> {
    let corpus = Corpus { path: path.to_owned(), truth: None, bytes: None };
    let mut answering = Vec::new();
    for scenario in in_process().filter(reads) {
        let about = format!("{} on {}", scenario.name, path.display());
        let expected = match scenario.expect(&corpus) {
            Ok(expected) => expected,
            Err(error) => {
                assert!(error.is::<Unsuited>(), "{about}: {error}");
                continue;
            }
        };
        let mut cell = scenario.prepare(&corpus, None).unwrap_or_else(|e| panic!("{about}: {e}"));
        for (query, answer) in expected.answers.iter().enumerate() {
            let given = cell.once(query, &mut || ()).unwrap_or_else(|e| panic!("{about}: {e}"));
            assert_eq!(given, *answer, "{about}, query {query}");
        }
        answering.push(scenario.name);
    }
    answering
}

/// Logs of the world have no truth: a scenario gives the plain reader's answers, or says why the log is not for it.
#[test]
fn real_logs_are_answered_as_by_the_plain_reader_or_refused_with_the_reason() {
    let Some(corpora) = std::env::var_os("LOG_CORPORA") else {
        eprintln!("skipped: LOG_CORPORA does not name the folder of real logs");
        return;
    };
    let entries = std::fs::read_dir(Path::new(&corpora).join("servers")).expect("a folder");
    let paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    let answered: BTreeSet<_> = thread::scope(|scope| {
        let logs: Vec<_> = paths.iter().map(|path| scope.spawn(|| answering(path))).collect();
        logs.into_iter().flat_map(|log| log.join().expect("each answers or is refused")).collect()
    });
    for name in ["search/fast", "access/fast", "logfmt/fast"] {
        assert!(answered.contains(name), "{name} answered on none of them");
    }
}
