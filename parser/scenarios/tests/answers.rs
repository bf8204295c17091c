//! Every scenario, on generated corpora: the work's answers are those of the truth, and those that the
//! plain reader gives where there is no truth.

mod corpora;

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

/// The answer is a digest of every value: one byte of one record, and it is another.
#[test]
fn a_changed_record_changes_the_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    for scenario in in_process().filter(|scenario| !is_larger(scenario)) {
        let whole = corpus(folder.path(), scenario.corpus, 1_000);
        let expected = scenario.expect(&whole).expect("answers");
        let plain = corpus(folder.path(), scenario.corpus.split('-').next().expect("a shape"), 1_000);
        let text = std::fs::read_to_string(&plain.path).expect("read");
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
            let message = line.split_once("\"message\":\"").map_or("", |(_, message)| message);
            let message = message.split('"').next().expect("its text");
            !of_numbers || message.as_bytes().windows(2).any(|two| two.iter().all(u8::is_ascii_digit))
        });
        let last = last.filter(|_| of_errors);
        let last = text[..last.unwrap_or(text.len())].trim_end().rfind('\n').expect("several lines");
        let shorter = folder.path().join(format!("{}-shorter", scenario.corpus));
        corpora::compress(scenario.corpus, &text.as_bytes()[..=last], &shorter).expect("written");
        let mut cell =
            scenario.prepare(&Corpus { path: shorter, truth: None, bytes: None }, None).expect("ready");
        let given = (0..scenario.queries).map(|query| cell.once(query, &mut || ()).expect("runs"));
        assert!(!given.eq(expected.answers), "{}", scenario.name);
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
