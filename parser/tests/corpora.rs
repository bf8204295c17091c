//! Real and hostile logs with known answers, by both readers. They lie outside the project, in the folder that the
//! environment variable `LOG_CORPORA` names.

use std::fs::{self, File};
use std::ops::ControlFlow;
use std::path::PathBuf;

use parser::{Agent, Count, Counter, Filter, Level, Refusal, plain, search, tally};

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

#[test]
fn hostile_files_give_their_answer_or_are_refused() {
    let Some(folder) = corpora() else { return };
    let expected = fs::read_to_string(folder.join("hostile/EXPECTED.txt")).expect("the answers are there");
    let mut refused = Vec::new();
    for line in expected.lines() {
        let (name, errors) = line.split_once(' ').expect("a name and a number");
        let open = || File::open(folder.join("hostile").join(name)).expect("the file is there");
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
        match (fast, slow) {
            (Ok(fast), Ok(slow)) => {
                assert_eq!(fast, slow, "{name}");
                assert_eq!(fast.matches.to_string(), errors, "{name}");
            }
            (Err(fast), Err(slow)) => {
                let refusal = Refusal::within(&fast).expect("an error only to refuse the file");
                assert_eq!(Refusal::within(&slow), Some(refusal), "{name}");
                refused.push((name.to_owned(), refusal));
            }
            (fast, slow) => panic!("{name}: {fast:?}, {slow:?}"),
        }
    }
    refused.sort_by(|left, right| left.0.cmp(&right.0));
    let kinds: Vec<_> = refused.iter().map(|(name, refusal)| (name.as_str(), *refusal)).collect();
    assert_eq!(
        kinds,
        [
            ("gz_multi_member.jsonl.gz", Refusal::Gzip),
            ("gz_trailing_garbage.jsonl.gz", Refusal::Gzip),
            ("gz_truncated.jsonl.gz", Refusal::Gzip),
            ("gz_wrong_extension.jsonl", Refusal::Gzip),
            ("json_array_toplevel.json", Refusal::JsonArray),
            ("pretty_multiline.json", Refusal::SpreadJson),
            ("utf16le_bom.jsonl", Refusal::Utf16),
        ]
    );
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

#[test]
fn logs_of_other_formats_are_bad_lines_for_both() {
    let Some(folder) = corpora() else { return };
    for name in
        ["servers/nginx_combined.log", "servers/postgres15_stderr_multiline.log", "text/Apache_2k.log"]
    {
        let log = fs::read(folder.join(name)).expect("the file is there");
        let (mut fast_bad, mut plain_bad) = (Vec::new(), Vec::new());
        let fast = tally(log.as_slice(), &mut |bad| fast_bad.push(bad)).expect("a slice can be read");
        let slow = plain::tally(log.as_slice(), &mut |bad| plain_bad.push(bad)).expect("a slice can be read");
        assert_eq!(fast, slow, "{name}");
        assert_eq!(fast_bad, plain_bad, "{name}");
        assert_eq!(fast.records, 0, "{name}");
    }
}
