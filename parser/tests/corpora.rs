//! Real and hostile logs with known answers, by both readers. They lie outside the project, in the folder that the
//! environment variable `LOG_CORPORA` names.

use std::fs::{self, File};
use std::ops::ControlFlow;
use std::path::PathBuf;

use parser::input::{Damage, Source};
use parser::{
    Agent, Clock, Count, Counter, Filter, Format, Formats, Level, Limits, Refusal, Searcher, plain, search,
    tally,
};

/// The folder, or a word that the test was skipped.
fn corpora() -> Option<PathBuf> {
    let folder = std::env::var_os("LOG_CORPORA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: LOG_CORPORA is not set");
    }
    folder
}

fn no_bad(bad: parser::BadLine) {
    panic!("{bad:?}");
}

fn stats(count: &Count) -> serde_json::Value {
    let mut out = Vec::new();
    count.write_json(&[], "", &mut out).expect("a vector takes all");
    let mut answer: serde_json::Value = serde_json::from_slice(&out).expect("the answer is JSON");
    answer["stats"].take()
}

#[test]
fn the_counter_gives_the_original_answers() {
    let Some(folder) = corpora() else { return };
    for sample in ["sample_10", "sample_10_dups", "sample_500"] {
        let log = fs::read(folder.join(format!("cdn/{sample}.log"))).expect("the sample is there");
        let expected =
            fs::read(folder.join(format!("cdn/{sample}.stats.json"))).expect("its answer is there");
        let expected: serde_json::Value = serde_json::from_slice(&expected).expect("its answer is JSON");
        let mut counter = Counter::new();
        counter.read(log.as_slice(), &mut no_bad).expect("a slice can be read");
        let fast = counter.finish();
        assert_eq!(stats(&fast), expected, "{sample}");
        assert_eq!(fast, plain::count(log.as_slice(), &mut no_bad).expect("a slice can be read"), "{sample}");
    }
}

#[test]
fn every_user_agent_is_recognised() {
    let Some(folder) = corpora() else { return };
    let agents = fs::read_to_string(folder.join("cdn/client_user_agents.txt")).expect("the agents are there");
    let (mut bundler, mut ruby, mut bare) = (0, 0, 0);
    for line in agents.lines() {
        match (Agent::parse(line.as_bytes()), line.starts_with("Ruby, ")) {
            (Agent::Bundler(_), _) => bundler += 1,
            (Agent::RubyGems(_) | Agent::OldRubyGems, true) => ruby += 1,
            (Agent::RubyGems(_), false) => bare += 1,
            (agent, _) => panic!("{line}: {agent:?}"),
        }
    }
    assert_eq!((bundler, ruby, bare), (3688, 919, 37));
}

/// Files that are JSON only when something around each line is taken off, and how many errors they hold then. Read as JSON
/// and nothing else, they hold what EXPECTED.txt says.
const WRAPPED: [(&str, u64); 2] = [("ansi_colors.jsonl", 5), ("prefix_docker_compose.log", 5)];

#[test]
fn hostile_files_give_their_answer_or_are_refused() {
    let Some(folder) = corpora() else { return };
    let expected = fs::read_to_string(folder.join("hostile/EXPECTED.txt")).expect("the answers are there");
    let (mut refused, mut damaged) = (Vec::new(), Vec::new());
    for line in expected.lines() {
        let (name, errors) = line.split_once(' ').expect("a name and a number");
        let open = || {
            let file = File::open(folder.join("hostile").join(name)).expect("the file is there");
            Source::new(file).expect("it can be read").decode(true)
        };
        let filter = Filter::level(Level::Error).strict();
        let (mut fast_bad, mut plain_bad) = (Vec::new(), Vec::new());
        let (mut fast_matches, mut plain_matches) = (Vec::new(), Vec::new());
        let fast = search(open(), &filter, &mut |bad| fast_bad.push(bad), &mut |found| {
            fast_matches.push((found.line, found.offset, found.bytes.to_vec()));
            ControlFlow::Continue(())
        });
        let slow = plain::search(open(), &filter, &mut |bad| plain_bad.push(bad), &mut |found| {
            plain_matches.push((found.line, found.offset, found.bytes.to_vec()));
            ControlFlow::Continue(())
        });
        assert_eq!(fast_bad, plain_bad, "{name}");
        assert_eq!(fast_matches, plain_matches, "{name}");
        let wrapped = WRAPPED.iter().find(|(wrapped, _)| *wrapped == name);
        match (fast, slow) {
            (Ok(fast), Ok(slow)) => {
                assert_eq!(fast, slow, "{name}");
                let errors = wrapped.map_or(errors.to_owned(), |(_, unwrapped)| unwrapped.to_string());
                assert_eq!(fast.matches.to_string(), errors, "{name}");
            }
            (Err(fast), Err(slow)) => {
                assert_eq!(fast.to_string(), slow.to_string(), "{name}");
                match (Refusal::within(&fast), Damage::within(&fast)) {
                    (Some(refusal), _) => refused.push((name.to_owned(), refusal)),
                    (_, Some(damage)) => {
                        damaged.push((name.to_owned(), fast_matches.len(), damage.what.clone()));
                    }
                    _ => panic!("{name}: {fast}"),
                }
            }
            (fast, slow) => panic!("{name}: {fast:?}, {slow:?}"),
        }
        if wrapped.is_some() {
            let mut searcher = Searcher::new(&filter, Limits::default(), Clock::now());
            searcher = searcher.reading(Formats::One(Format::Json));
            searcher.read(open(), &mut |_| (), |_| ControlFlow::Continue(())).expect("it can be read");
            assert_eq!(searcher.matches().to_string(), errors, "{name}, as JSON only");
        }
    }
    refused.sort_by(|left, right| left.0.cmp(&right.0));
    let kinds: Vec<_> = refused.iter().map(|(name, refusal)| (name.as_str(), *refusal)).collect();
    assert_eq!(
        kinds,
        [
            ("json_array_toplevel.json", Refusal::JsonArray),
            ("pretty_multiline.json", Refusal::SpreadJson),
            ("utf16le_bom.jsonl", Refusal::Utf16),
        ]
    );
    damaged.sort();
    let [(trailing, trailing_errors, what), (cut, cut_errors, why)] = damaged.as_slice() else {
        panic!("two files are damaged, not {damaged:?}")
    };
    assert_eq!((trailing.as_str(), *trailing_errors), ("gz_trailing_garbage.jsonl.gz", 5));
    assert!(what.contains("not gzip"), "{what}");
    assert_eq!((cut.as_str(), why.as_str()), ("gz_truncated.jsonl.gz", "it is cut short"));
    assert!(*cut_errors > 100, "what came before the break: {cut_errors}");
}

#[test]
fn caddy_levels_are_the_known_ones() {
    let Some(folder) = corpora() else { return };
    let open = || File::open(folder.join("servers/caddy_access.jsonl")).expect("the file is there");
    let fast = tally(open(), &mut no_bad).expect("it can be read");
    assert_eq!(fast, plain::tally(open(), &mut no_bad).expect("it can be read"));
    assert_eq!(fast.records, 2000);
    assert_eq!(fast.levels, [("error".to_owned(), 728), ("info".to_owned(), 1272)].into());
}
