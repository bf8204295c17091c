//! What is answered from an index is what the plain walk over all entries answers.

use std::collections::HashMap;
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
    let level = part("level", &["INFO", "ERROR", "warn", "FATAL", "Error ", "warn-3", "odd"]);
    let time = prop_oneof![
        1 => Just(String::new()),
        1 => prop::sample::select(vec![
            r#","time":12,"ts":"2025-01-15T10:00:07Z""#,
            r#","timestamp":"soon","time":"","@timestamp":"2025-01-15T10:00:08Z""#,
            r#","timestamp":"1970-01-01T00:00:00Z","time":99999999,"ts":-7"#,
        ]).prop_map(str::to_owned),
        5 => (0..40).prop_map(|s| format!(",\"ts\":\"2025-01-15T10:00:{s:02}.5Z\"")),
    ];
    let trace = part("trace_id", &["t1", "t1", "t2", "00000000000000000000000000000000"]);
    let spans: &[&str] = &["a", "b", "c", "d", "e", "f", "0000000000000000", "000000000000000"];
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
    let min_level = prop::option::weighted(0.3, prop::sample::select(Level::ALL.to_vec()));
    (levels, (min_level, not_levels), time.clone(), time, names, has, text(), text()).prop_map(
        |(levels, (min_level, not_levels), since, until, names, has, texts, not_texts)| Query {
            levels,
            min_level,
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
        // Depth first: each node is followed by all that is below it, one level deeper than its parent; siblings stand
        // as they were first seen.
        let order = search(&index, &query, Page::ALL).expect("the files are there").entries;
        let mut last_seen: HashMap<Option<u32>, usize> = HashMap::new();
        for (at, node) in tree.nodes.iter().enumerate() {
            let seen = order.iter().position(|&entry| entry == node.first_entry);
            let before = last_seen.insert(node.parent, seen.expect("it was found"));
            prop_assert!(before < seen);
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

/// An index of made-up lines.
fn made(folder: &TempDir, name: &str, lines: impl Iterator<Item = String>) -> Index {
    let path = folder.path().join(name);
    fs::write(&path, lines.collect::<Vec<_>>().join("\n")).expect("the folder can be written to");
    index(&[path], 1)
}

/// Spans in the worst order, in one circle, without parents, under one name in every trace, and one thread with
/// everything: walks that took each with each would not end.
#[test]
fn hostile_hierarchies_take_no_stack_and_no_time_beyond_their_size() {
    const COUNT: u32 = 40_000;
    let folder = TempDir::new().expect("a folder");
    let all = Query::default();
    let span = |span: u32, parent: u32, trace: u32| {
        format!(
            "{{\"span_id\":\"{span}\",\"parent_span_id\":\"{parent}\",\"trace_id\":\"{trace}\",\
             \"level\":\"error\"}}"
        )
    };

    let reversed = made(&folder, "reversed", (1..COUNT).rev().map(|n| span(n, n - 1, 0)));
    let deep = tree(&reversed, &all, None).expect("in memory");
    assert_eq!(deep.nodes.last().map(|node| node.depth), Some(COUNT - 2));
    assert_eq!(deep.nodes[0].size, COUNT - 1);
    assert_eq!(errors(&reversed, &all).expect("in memory").causes.len(), 1);

    let circle = made(&folder, "circle", (0..COUNT).map(|n| span(n, (n + 1) % COUNT, 0)));
    let broken = tree(&circle, &all, None).expect("in memory");
    assert_eq!((broken.roots(), broken.nodes.iter().filter(|node| node.cycle).count()), (1, 1));
    assert_eq!(broken.nodes[0].size, COUNT);
    assert_eq!(errors(&circle, &all).expect("in memory").causes.len(), 1);

    let orphans = made(&folder, "orphans", (0..COUNT).map(|n| span(n, COUNT + n, 0)));
    let orphaned = tree(&orphans, &all, None).expect("in memory");
    assert!(orphaned.roots() == COUNT as usize && orphaned.nodes.iter().all(tree::Node::is_orphan));

    // The same two spans in every trace.
    let alike = made(&folder, "alike", (0..COUNT).map(|n| span(n % 2 + 1, n % 2, n / 2)));
    assert_eq!(tree(&alike, &all, None).expect("in memory").roots(), COUNT as usize / 2);
    assert_eq!(errors(&alike, &all).expect("in memory").causes.len(), COUNT as usize / 2);

    // A root with half of the entries above all the others.
    let root = "{\"span_id\":\"0\",\"trace_id\":\"0\",\"level\":\"error\"}".to_owned();
    let parted = (0..COUNT).map(|n| if n % 2 == 0 { root.clone() } else { span(n, 0, 0) });
    let busy = made(&folder, "busy", parted);
    assert_eq!(tree(&busy, &all, None).expect("in memory").nodes.len(), COUNT as usize / 2 + 1);
    let flow = errors(&busy, &all).expect("in memory");
    assert!(flow.causes.len() == COUNT as usize / 2 && flow.causes.iter().all(|cause| cause.depth == 1));

    let one = made(&folder, "one", (0..COUNT).map(|_| "{\"thread\":\"main\",\"level\":\"info\"}".to_owned()));
    let single = tree(&one, &all, None).expect("in memory");
    assert_eq!((single.nodes.len(), single.nodes[0].entries), (1, COUNT));
    let mut out = Vec::new();
    for (of, index) in [(&deep, &reversed), (&broken, &circle), (&orphaned, &orphans), (&single, &one)] {
        for shape in [tree::Shape::Tree, tree::Shape::Waterfall] {
            tree::write_tree(of, index, shape, 100, usize::MAX, &mut out).expect("a vector");
        }
    }
    let lines = String::from_utf8(out).expect("UTF-8").lines().count();
    assert_eq!(lines as u32, 2 * (102 + 102 + COUNT + 1));
}

/// How the text of a tree looks: branches, what is deeper, orphans, circles, the bar of each node.
#[test]
fn a_tree_is_drawn_as_it_always_was() {
    let line = |time: u32, span: &str, parent: &str, more: &str| {
        let parent =
            if parent.is_empty() { String::new() } else { format!(",\"parent_span_id\":\"{parent}\"") };
        format!("{{\"time\":\"2025-01-15T10:00:0{time}Z\",\"span_id\":\"{span}\"{parent}{more}}}")
    };
    let api = ",\"service\":\"api\"";
    let lines = [
        line(0, "a", "", api),
        line(1, "b", "a", api),
        line(2, "c", "b", ",\"level\":\"error\""),
        line(3, "c", "b", ""),
        line(4, "d", "a", api),
        line(5, "e", "gone", api),
        line(6, "f", "g", ""),
        line(7, "g", "f", ""),
    ];
    let folder = TempDir::new().expect("a folder");
    let index = made(&folder, "drawn", lines.into_iter());
    let whole = tree(&index, &Query::default(), None).expect("in memory");
    let drawn = |shape, depth, limit| {
        let mut out = Vec::new();
        tree::write_tree(&whole, &index, shape, depth, limit, &mut out).expect("a vector");
        String::from_utf8(out).expect("UTF-8")
    };
    let expected = "\
api a  4000.000 ms (self 2000.000), 1 entry  <- longest self time
├─ api b  2000.000 ms (self 1000.000), 1 entry
│  └─ c  1000.000 ms, 2 entries, 1 error
└─ api d  0.000 ms, 1 entry
api e  0.000 ms, 1 entry, orphan of gone
f  1000.000 ms (self 1000.000), 1 entry, its parents lead in a circle
└─ g  0.000 ms, 1 entry
";
    assert_eq!(drawn(tree::Shape::Tree, 32, 100), expected);
    assert_eq!(
        drawn(tree::Shape::Tree, 1, 3),
        "\
api a  4000.000 ms (self 2000.000), 1 entry  <- longest self time
├─ api b  2000.000 ms (self 1000.000), 1 entry
│     … 1 nodes deeper
└─ api d  0.000 ms, 1 entry
… 3 more nodes
"
    );
    let bars = drawn(tree::Shape::Waterfall, 0, 1);
    assert!(bars.starts_with(&format!("{:44} {:48} 4000.000 ms", "api a", "█".repeat(27))), "{bars}");
    assert!(bars.ends_with("   … 3 nodes deeper\n… 3 more nodes\n"), "{bars}");
}
