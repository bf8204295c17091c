//! What is answered from an index is what the plain walk over all entries answers.

use std::fs;
use std::path::PathBuf;

use parser::index::{Column, IndexBuilder, Options};
use parser::investigate::{
    Page, Query, Strategy as Sampling, errors, follow, ids, patterns, sample, search, summary, timeline, tree,
};
use parser::plain::investigate::Entries;
use parser::{Index, Level, Time};
use proptest::prelude::*;
use tempfile::TempDir;

fn index(paths: &[PathBuf], threads: usize) -> Index {
    let mut builder = IndexBuilder::new(Options { threads, ..Options::default() });
    for path in paths {
        builder.add(path, &mut |_| ()).expect("it can be read");
    }
    builder.finish()
}

/// The same files indexed and listed.
fn both(files: &[Vec<String>]) -> (TempDir, Index, Entries) {
    let folder = TempDir::new().expect("a folder");
    let mut entries = Entries::default();
    let mut paths = Vec::new();
    for (at, lines) in files.iter().enumerate() {
        let content = lines.join("\n");
        let path = folder.path().join(at.to_string());
        fs::write(&path, &content).expect("the folder can be written to");
        entries.read(content.as_bytes(), &mut |_| ()).expect("a slice can be read");
        paths.push(path);
    }
    let index = index(&paths, 1);
    (folder, index, entries)
}

fn line() -> impl Strategy<Value = String> {
    let part = |key: &'static str, values: &'static [&'static str]| {
        prop_oneof![
            1 => Just(String::new()),
            4 => prop::sample::select(values).prop_map(move |value| format!(",\"{key}\":\"{value}\"")),
        ]
    };
    let level = part("level", &["INFO", "ERROR", "warn", "FATAL", "odd"]);
    let time = prop_oneof![
        1 => Just(String::new()),
        5 => (0..40).prop_map(|s| format!(",\"ts\":\"2025-01-15T10:00:{s:02}.5Z\"")),
    ];
    let trace = part("trace_id", &["t1", "t1", "t2"]);
    let spans: &[&str] = &["a", "b", "c", "d", "e", "f"];
    let message =
        part("message", &["timeout after 12 ms", "timeout", "ok \\u0041b3f9c1", "a\\tb", "decade ab12cd34"]);
    let who = (
        part("service", &["x", "y"]),
        part("thread", &["w", "w.1", "w.1-2", "v:1", "1"]),
        part("req_id", &["r1", "r2"]),
    );
    let record = (level, time, trace, part("span_id", spans), part("parent_span_id", spans), message, who)
        .prop_map(|(a, b, c, d, e, f, (g, h, i))| format!("{{\"n\":1{a}{b}{c}{d}{e}{f}{g}{h}{i}}}"));
    let spanless = record.clone().prop_map(|line| line.replace("span_id", "no_id"));
    prop_oneof![8 => record, 2 => spanless, 1 => Just("no record".to_owned()), 1 => Just(String::new())]
}

fn files() -> impl Strategy<Value = Vec<Vec<String>>> {
    prop::collection::vec(prop::collection::vec(line(), 0..40), 1..3)
}

fn query() -> impl Strategy<Value = Query> {
    let levels = prop::collection::vec(prop::sample::select(Level::ALL.to_vec()), 0..3);
    let not_levels = prop::collection::vec(prop::sample::select(Level::ALL.to_vec()), 0..2);
    let time = prop::option::weighted(
        0.3,
        (0..40_i64).prop_map(|s| Time::from_nanos((1_736_935_200 + s) * 1_000_000_000)),
    );
    let names = prop::collection::vec(
        (
            prop::sample::select(vec![
                Column::Thread,
                Column::Correlation,
                Column::Trace,
                Column::Service,
                Column::Span,
            ]),
            prop::collection::vec(
                prop::sample::select(vec!["w", "w.1", "r1", "r2", "t1", "x", "y", "a", "b", "none"]),
                1..4,
            )
            .prop_map(|names| names.into_iter().map(str::to_owned).collect()),
        ),
        0..2,
    );
    let has = prop::collection::vec(prop::sample::select(vec![Column::Correlation, Column::Span]), 0..2);
    let text = || {
        prop::collection::vec(
            prop::sample::select(vec![
                "timeout", "time", "12", "ab", "Ab3", "\t", "decade", "no", "ok", "record",
            ]),
            0..2,
        )
        .prop_map(|texts| texts.into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    (levels, not_levels, time.clone(), time, names, has, text(), text()).prop_map(
        |(levels, not_levels, since, until, names, has, texts, not_texts)| Query {
            levels,
            not_levels,
            since,
            until,
            names,
            has,
            texts,
            not_texts,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_search_finds_what_a_walk_finds(files in files(), query in query(), offset in 0..5_usize, limit in 0..9_usize) {
        let (_folder, index, entries) = both(&files);
        let expected: Vec<u32> = entries.search(&query).into_iter().map(|at| at as u32).collect();
        let all = search(&index, &query, Page::ALL).expect("the files are there");
        prop_assert_eq!(&all.entries, &expected);
        let page = search(&index, &query, Page { offset, limit, tail: false }).expect("the files are there");
        prop_assert_eq!(page.total, expected.len());
        let cut: Vec<u32> = expected.iter().copied().skip(offset).take(limit).collect();
        prop_assert_eq!(page.entries, cut);
        let tail = search(&index, &query, Page { offset, limit, tail: true }).expect("the files are there");
        let mut cut: Vec<u32> = expected.iter().rev().copied().skip(offset).take(limit).collect();
        cut.reverse();
        prop_assert_eq!(tail.entries, cut);
    }

    #[test]
    fn a_tree_is_the_plain_one(files in files(), query in query()) {
        let (_folder, index, entries) = both(&files);
        let expected = entries.tree(&entries.search(&query));
        let tree = tree(&index, &query, None).expect("the files are there");
        let name = |at: usize| {
            let name = tree.name(&index, &tree.nodes[at]).expect("in memory");
            String::from_utf8_lossy(name).into_owned()
        };
        let mut got: Vec<_> = (0..tree.nodes.len())
            .map(|at| {
                let node = &tree.nodes[at];
                let parent = node.parent.map(|parent| name(parent as usize));
                (name(at), parent, node.entries, node.errors, node.nanos(), node.self_nanos)
            })
            .collect();
        let mut expected: Vec<_> = expected
            .iter()
            .map(|node| {
                let parent = node.parent.map(|parent| expected[parent].name.clone());
                (node.name.clone(), parent, node.entries, node.errors, node.nanos, node.self_nanos)
            })
            .collect();
        got.sort();
        expected.sort();
        prop_assert_eq!(got, expected);
        // Depth first: each node is followed by all that is below it, one level deeper than its parent.
        for (at, node) in tree.nodes.iter().enumerate() {
            let below = &tree.nodes[at + 1..at + node.size as usize];
            prop_assert!(below.iter().all(|other| other.depth > node.depth));
            if let Some(parent) = node.parent {
                prop_assert_eq!(tree.nodes[parent as usize].depth + 1, node.depth);
            }
        }
    }

    #[test]
    fn errors_begin_where_no_child_errs(files in files()) {
        let (_folder, index, entries) = both(&files);
        let expected = entries.root_causes(&entries.search(&Query::default()));
        let flow = errors(&index, &Query::default()).expect("the files are there");
        let mut got: Vec<usize> = flow.causes.iter().map(|cause| cause.entry as usize).collect();
        got.sort_unstable();
        prop_assert_eq!(got, expected);
    }

    #[test]
    fn samples_are_distinct_fit_and_are_drawn_again(
        files in files(), query in query(), size in 0..30_usize, seed: u64
    ) {
        let (_folder, index, entries) = both(&files);
        let all: Vec<u32> = entries.search(&query).into_iter().map(|at| at as u32).collect();
        for strategy in Sampling::ALL {
            let drawn = sample(&index, &query, strategy, size, seed).expect("the files are there");
            prop_assert_eq!(drawn.entries.len(), size.min(all.len()), "{}", strategy.name());
            let mut distinct = drawn.entries.clone();
            distinct.sort_unstable();
            distinct.dedup();
            prop_assert_eq!(distinct.len(), drawn.entries.len());
            prop_assert!(drawn.entries.iter().all(|entry| all.contains(entry)));
            prop_assert_eq!(&sample(&index, &query, strategy, size, seed).expect("the files are there"), &drawn);
        }
    }

    #[test]
    fn what_is_told_of_all_entries_adds_up(files in files()) {
        let (_folder, index, entries) = both(&files);
        let all = Query::default();
        let summary = summary(&index, &all).expect("the files are there");
        prop_assert_eq!(summary.tally.entries as usize, entries.all.len());
        let parts: u64 = summary.parts.iter().map(|(_, entries, _)| entries).sum();
        prop_assert_eq!(parts + summary.tally.untimed, summary.tally.entries);
        for column in [Column::Thread, Column::Correlation, Column::Span, Column::Parent] {
            for id in ids(&index, column).expect("in memory") {
                let expected = entries.all.iter().filter(|entry| entry.name(column) == Some(&id.name)).count();
                prop_assert_eq!(id.count as usize, expected);
                let found = entries.search(&Query { names: vec![(column, vec![id.name.clone()])], ..Query::default() });
                let followed = follow(&index, column, &id.name).expect("in memory");
                prop_assert_eq!(followed.entries, found.into_iter().map(|at| at as u32).collect::<Vec<_>>());
            }
        }
        let with_message = entries.all.iter().filter(|entry| entry.message.is_some()).count();
        let patterns = patterns(&index, &all).expect("in memory");
        prop_assert_eq!(patterns.iter().map(|pattern| pattern.count as usize).sum::<usize>(), with_message);
        let timeline = timeline(&index, &all).expect("in memory");
        let of_services: u64 = timeline.services.iter().map(|service| service.entries).sum();
        prop_assert_eq!(of_services as usize, entries.all.len());
    }
}

/// What the generator knows of an application log is what the index tells.
#[test]
fn the_index_tells_the_truth_of_a_generated_log() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("app.log");
    let spec = generator::Spec::new(generator::Shape::App, 7, 20_000);
    let mut log = Vec::new();
    let truth = generator::generate(&spec, &mut log).expect("a vector can be written to");
    fs::write(&path, &log).expect("the folder can be written to");
    let mut json = Vec::new();
    truth.write_json(&mut json).expect("a vector can be written to");
    let truth: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
    let index = index(&[path], 2);
    assert_eq!(u64::from(index.len()), truth["records"].as_u64().expect("a number"));
    for level in [Level::Debug, Level::Info, Level::Warn, Level::Error] {
        let query = Query { levels: vec![level], ..Query::default() };
        let found = search(&index, &query, Page::ALL).expect("the file is there");
        let of = &truth["levels"][level.to_string().to_uppercase()];
        assert_eq!(found.total as u64, of["records"].as_u64().expect("a number"));
        let lines: u64 = found.entries.iter().map(|&entry| index.line(entry).expect("in memory")).sum();
        assert_eq!(lines, of["line_sum"].as_u64().expect("a number"));
        let mut bytes = 0;
        index
            .show(&found.entries, |shown| {
                bytes += shown.bytes.len() as u64;
                Ok(())
            })
            .expect("the file is there");
        assert_eq!(bytes, of["bytes"].as_u64().expect("a number"));
    }
    for (column, key) in
        [(Column::Service, "services"), (Column::Thread, "threads"), (Column::Correlation, "correlations")]
    {
        let told = ids(&index, column).expect("in memory");
        assert_eq!(told.len(), truth[key].as_object().expect("an object").len());
        assert!(told.iter().all(|id| truth[key][&id.name] == id.count), "{column}");
    }
    assert_eq!(truth["traces"], ids(&index, Column::Trace).expect("in memory").len());
    let count = |column| {
        search(&index, &Query { has: vec![column], ..Query::default() }, Page::ALL).expect("there").total
    };
    assert_eq!(
        (truth["spans"].as_u64(), truth["parents"].as_u64()),
        (Some(count(Column::Span) as u64), Some(count(Column::Parent) as u64))
    );
}

/// A chain of a hundred thousand spans, and 300,000 roots, cost no stack and give answers.
#[test]
fn depth_and_breadth_are_no_trouble() {
    let chain: Vec<String> = (1..100_000)
        .map(|n| format!("{{\"span_id\":\"{n}\",\"parent_span_id\":\"{}\",\"level\":\"error\"}}", n - 1))
        .collect();
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("chain");
    fs::write(&path, chain.join("\n")).expect("the folder can be written to");
    let chained = index(&[path], 1);
    let deep = tree(&chained, &Query::default(), None).expect("in memory");
    assert_eq!(deep.nodes.last().map(|node| node.depth), Some(99_998));
    assert_eq!(errors(&chained, &Query::default()).expect("in memory").causes.len(), 1);
    let mut out = Vec::new();
    let shape = tree::Shape::Tree;
    tree::write_tree(&deep, &chained, shape, 32, 1000, &mut out).expect("a vector");
    assert!(String::from_utf8_lossy(&out).contains("nodes deeper"));

    let roots: Vec<String> =
        (0..300_000).map(|n| format!("{{\"span_id\":\"{n}\",\"trace_id\":\"t{n}\"}}")).collect();
    let path = folder.path().join("roots");
    fs::write(&path, roots.join("\n")).expect("the folder can be written to");
    let broad = index(&[path], 1);
    assert_eq!(tree(&broad, &Query::default(), None).expect("in memory").roots(), 300_000);
}
