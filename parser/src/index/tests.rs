//! The index against a plain list of what the reader gives, over chunks, growth and damage.

use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use tempfile::TempDir;

use super::{Column, Index, IndexBuilder, Options, Unusable, saved_path};
use crate::{Field, Fields, Limits, Reader, Time};

fn file(folder: &TempDir, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, content).expect("the folder can be written to");
    path
}

fn options(threads: usize) -> Options {
    Options { threads, ..Options::default() }
}

fn index(paths: &[&Path], threads: usize) -> Index {
    let mut builder = IndexBuilder::new(options(threads));
    for path in paths {
        builder.add(path, &mut |_| ()).expect("it can be read");
    }
    builder.finish()
}

/// An entry as a plain reader tells it.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    line: u64,
    bytes: Vec<u8>,
    time: Option<Time>,
    thread: Option<Vec<u8>>,
    parent: Option<Vec<u8>>,
}

fn plainly(content: &[u8]) -> Vec<Told> {
    let fields = Fields::new(&Field::ALL);
    let mut reader = Reader::new(fields.keys(), Limits::default());
    let mut told = Vec::new();
    let clock = crate::Clock::now();
    reader
        .read(content, &mut |_| (), |record| {
            let text = |field| fields.text(record, field).map(|text| text.to_vec());
            told.push(Told {
                line: record.line,
                bytes: record.bytes().trim_ascii_end().to_vec(),
                time: fields.value(record, Field::Time).and_then(|value| Time::of(value, &clock)),
                thread: text(Field::Thread),
                parent: text(Field::Parent),
            });
            ControlFlow::Continue(())
        })
        .expect("a slice can be read");
    told
}

fn told(index: &Index) -> Vec<Told> {
    let mut told = Vec::new();
    let entries: Vec<u32> = (0..index.len()).collect();
    index
        .show(&entries, |shown| {
            let name = |column| index.name(column, shown.entry).expect("in memory").map(<[u8]>::to_vec);
            told.push(Told {
                line: index.line(shown.entry).expect("in memory"),
                bytes: shown.bytes.to_vec(),
                time: index.time(shown.entry).expect("in memory"),
                thread: name(Column::Thread),
                parent: name(Column::Parent),
            });
            Ok(())
        })
        .expect("the file is as it was");
    told
}

fn line() -> impl Strategy<Value = String> {
    let time = prop_oneof![
        Just(String::new()),
        (0..60).prop_map(|second| format!(",\"ts\":\"2025-01-15T10:00:{second:02}Z\""))
    ];
    let record = (0..4, 0..3, time).prop_map(|(thread, parent, time)| {
        format!("{{\"tid\":{thread},\"parentSpanId\":\"p{parent}\"{time}}}")
    });
    prop_oneof![6 => record, 1 => Just("not a record".to_owned()), 1 => Just(String::new())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_is_indexed_is_what_the_reader_gives(lines in prop::collection::vec(line(), 0..60)) {
        let folder = TempDir::new().expect("a folder");
        let content = lines.join("\n").into_bytes();
        let path = file(&folder, "a.log", &content);
        prop_assert_eq!(told(&index(&[&path], 1)), plainly(&content));
    }

    #[test]
    fn a_file_that_grows_is_told_as_if_it_was_read_at_once(
        lines in prop::collection::vec(line(), 1..60), cut in 0..100_usize
    ) {
        let folder = TempDir::new().expect("a folder");
        let content = lines.join("\n").into_bytes();
        let cut = content.len() * cut / 100;
        let path = file(&folder, "a.log", &content[..cut]);
        let mut builder = IndexBuilder::new(options(1));
        // The start of an object alone on its line is refused, as JSON that is spread over lines.
        prop_assume!(builder.add(&path, &mut |_| ()).is_ok());
        builder.finish().save().expect("it can be saved");
        let mut log = fs::OpenOptions::new().append(true).open(&path).expect("it is there");
        log.write_all(&content[cut..]).expect("it can grow");
        let mut grown = Index::open(&path, options(1), &mut |_| ()).expect("it has only grown");
        prop_assert_eq!(told(&grown), plainly(&content));
        // And again, from what was saved of the grown one.
        grown.save().expect("it can be saved");
        grown = Index::open(&path, options(1), &mut |_| ()).expect("nothing has changed");
        prop_assert_eq!(told(&grown), plainly(&content));
        prop_assert_eq!(grown.files()[0].totals(), index(&[&path], 1).files()[0].totals());
    }

    #[test]
    fn indexes_that_are_appended_are_as_one_of_all_files(
        one in prop::collection::vec(line(), 0..30), other in prop::collection::vec(line(), 0..30)
    ) {
        let folder = TempDir::new().expect("a folder");
        let paths = [("a", one), ("b", other)]
            .map(|(name, lines)| file(&folder, name, lines.join("\n").as_bytes()));
        let together = index(&[&paths[0], &paths[1]], 1);
        let mut builder = IndexBuilder::new(options(1));
        for path in &paths {
            builder.append(&index(&[path], 1)).expect("in memory");
        }
        let appended = builder.finish();
        prop_assert_eq!(told(&appended), told(&together));
        let order = |index: &Index| (0..index.len()).map(|e| index.moments().unwrap().order(e)).collect::<Vec<_>>();
        prop_assert_eq!(order(&appended), order(&together));
    }
}

/// A log of several chunks, with a line here and there that is bad, blank or long.
fn long_log() -> Vec<u8> {
    let mut log = Vec::new();
    for n in 0..40_000_u32 {
        match n % 1000 {
            7 => log.extend_from_slice(b"bad\n"),
            8 => log.push(b'\n'),
            9 => _ = writeln!(log, "{{\"tid\":\"long\",\"x\":\"{}\"}}", "y".repeat(n as usize * 40)),
            _ => {
                let (thread, span, time) = (n % 7, n / 3, 1e9 + f64::from(n));
                let _ = writeln!(log, "{{\"tid\":{thread},\"parentSpanId\":\"s{span}\",\"ts\":{time}}}");
            }
        }
    }
    log
}

#[test]
fn any_number_of_threads_gives_the_same_index_and_it_is_saved_and_opened_again() {
    let folder = TempDir::new().expect("a folder");
    let content = long_log();
    let path = file(&folder, "a.log", &content);
    let expected = plainly(&content);
    for threads in [1, 2, 3, 7] {
        assert!(told(&index(&[&path], threads)) == expected, "{threads} threads");
    }
    index(&[&path], 2).save().expect("it can be saved");
    let opened = Index::open(&path, options(2), &mut |_| ()).expect("nothing has changed");
    assert_eq!(opened.memory(), 0, "nothing is read before it is asked for");
    assert!(told(&opened) == expected);
    for line in [1, 7, 8, 9, 10, 40_000, 40_001] {
        let entry = opened.at_line(0, line).expect("in memory");
        let position = expected.iter().position(|told| told.line == line);
        assert_eq!(entry.map(|entry| entry as usize), position, "line {line}");
    }
}

/// Records of several lines, in a log of several chunks, with lines of other formats between them.
#[test]
fn text_with_stack_traces_is_indexed_as_it_is_read() {
    let mut content = Vec::new();
    for n in 0..12_000_u32 {
        let _ = writeln!(
            content,
            "2025-01-15 10:{:02}:{:02},{:03} ERROR [w-{}] a.B - gone {n}",
            n / 60 % 60,
            n % 60,
            n % 1000,
            n % 5
        );
        for at in 0..n % 9 {
            let _ = writeln!(content, "\tat com.example.Service.call(Service.java:{at})");
        }
        if n % 100 == 3 {
            content.extend_from_slice(b"\n{\"tid\":7,\"ts\":1736935200}\nlevel=info tid=8 msg=here\n");
        }
    }
    let folder = TempDir::new().expect("a folder");
    let path = file(&folder, "a.log", &content);
    let expected = plainly(&content);
    assert!(content.len() > 2 << 20 && expected.len() == 12_240);
    for threads in [1, 3] {
        assert!(told(&index(&[&path], threads)) == expected, "{threads} threads");
    }
}

#[test]
fn a_saved_index_of_another_file_or_version_or_a_damaged_one_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let content = long_log();
    let path = file(&folder, "a.log", &content);
    let open = || Index::open(&path, options(1), &mut |_| ());
    assert!(matches!(open(), Err(Unusable::Absent)));
    let saved = index(&[&path], 1).save().expect("it can be saved");
    assert_eq!(saved, saved_path(&path));
    let good = fs::read(&saved).expect("it was saved");

    let modified = fs::metadata(&path).and_then(|m| m.modified()).expect("a time");
    let restore = || {
        fs::write(&path, &content).expect("it can be written");
        let log = fs::File::options().write(true).open(&path).expect("it is there");
        log.set_modified(modified).expect("a time can be set");
    };
    fs::write(&path, &content[..content.len() - 1]).expect("it can be written");
    assert!(matches!(open(), Err(Unusable::Changed("it is shorter"))));
    let mut other = content.clone();
    other[10] ^= 1;
    fs::write(&path, [&other[..], b"{}\n"].concat()).expect("it can be written");
    assert!(matches!(open(), Err(Unusable::Changed(_))));
    restore();
    assert!(open().is_ok());

    for length in [0, 5, 8, 15, 16, 100, 700, good.len() - 1] {
        fs::write(&saved, &good[..length]).expect("it can be written");
        assert!(matches!(open(), Err(Unusable::Damaged)), "cut to {length}");
    }
    fs::write(&saved, b"SQLite format 3\0").expect("it can be written");
    assert!(matches!(open(), Err(Unusable::Foreign)));
    let mut later = good.clone();
    later[8] = 9;
    fs::write(&saved, &later).expect("it can be written");
    assert!(matches!(open(), Err(Unusable::Version(9))));
    // Damage after the header is found when the column is asked for.
    let mut damaged = good.clone();
    let last = damaged.len() - 1;
    damaged[last] ^= 0x40;
    fs::write(&saved, &damaged).expect("it can be written");
    let opened = open().expect("the header is good");
    let loads = Column::ALL.map(|column| opened.ids(column).is_err() || opened.names(column).is_err());
    assert!(loads.contains(&true));
}

/// By one thread and by several: in their order, backwards, some of them, and some twice, of two files.
#[test]
fn many_entries_are_shown_as_they_are_asked_for() {
    let folder = TempDir::new().expect("a folder");
    let line = |n: usize| format!("{{\"tid\":{n},\"text\":\"{}\"}}", "x".repeat(n % 300));
    let lines: Vec<String> = (0..12_000).map(line).collect();
    let (first, second) = lines.split_at(5000);
    let paths = [first, second].map(|lines| lines.join("\n") + "\n");
    let one = file(&folder, "a", paths[0].as_bytes());
    let other = file(&folder, "b", paths[1].as_bytes());
    let index = index(&[&one, &other], 1);
    let all = 0..index.len();
    let some = all.clone().filter(|entry| entry % 3 != 0 || entry % 7 == 0);
    let lists: [Vec<u32>; 4] = [
        all.clone().collect(),
        all.clone().rev().collect(),
        some.collect(),
        all.clone().flat_map(|entry| [entry, 11_999 - entry]).collect(),
    ];
    let beyond: Vec<u32> = all.chain([12_000]).collect();
    for threads in [1, 2, 3] {
        for entries in &lists {
            let mut asked = entries.iter();
            let shown = index.show_by(threads, entries, |shown| {
                assert_eq!(Some(&shown.entry), asked.next());
                assert_eq!(shown.bytes, lines[shown.entry as usize].as_bytes());
                Ok(())
            });
            shown.expect("the files are as they were");
            assert_eq!(asked.next(), None);
        }
        let mut shown = 0;
        let ended = index.show_by(threads, &beyond, |_| {
            shown += 1;
            Ok(())
        });
        assert_eq!(ended.expect_err("there is none").to_string(), "there is no entry 12000");
        assert_eq!(shown, 12_000);
        let ended = index.show_by(threads, &beyond, |shown| {
            if shown.entry == 3000 { Err(std::io::Error::other("enough")) } else { Ok(()) }
        });
        assert_eq!(ended.expect_err("it was asked to end").to_string(), "enough");
    }
}

#[test]
fn a_file_that_is_cut_after_it_was_indexed_gives_an_error() {
    let folder = TempDir::new().expect("a folder");
    let path = file(&folder, "a.log", b"{\"tid\":1}\n{\"tid\":2}\n");
    let index = index(&[&path], 1);
    fs::write(&path, b"{\"tid\":1}\n").expect("it can be written");
    assert!(index.show(&[0], |_| Ok(())).is_ok());
    let error = index.show(&[1], |_| Ok(())).expect_err("it is gone");
    assert!(error.to_string().contains("shorter"), "{error}");
}

#[test]
fn folders_and_refused_files_add_nothing() {
    let folder = TempDir::new().expect("a folder");
    let mut builder = IndexBuilder::new(options(1));
    assert!(builder.add(folder.path(), &mut |_| ()).is_err());
    let array = file(&folder, "a.json", b"[\n{\"a\":1}\n]\n");
    let error = builder.add(&array, &mut |_| ()).expect_err("it is no log");
    assert!(crate::Refusal::within(&error).is_some());
    let empty = file(&folder, "empty", b"");
    assert!(builder.add(&empty, &mut |_| ()).is_ok());
    let index = builder.finish();
    assert!(index.is_empty());
}

#[test]
fn entries_without_a_time_stay_where_they_are() {
    let folder = TempDir::new().expect("a folder");
    let one = file(&folder, "a", b"{\"a\":1}\n{\"ts\":20}\n{\"a\":2}\n{\"ts\":10}\n");
    let other = file(&folder, "b", b"{\"a\":1}\n");
    let index = index(&[&one, &other], 1);
    let moments = index.moments().expect("in memory");
    let seconds: Vec<i64> = (0..4).map(|entry| moments.order(entry).nanos() / 1_000_000_000).collect();
    assert_eq!(seconds, [20, 20, 20, 10]);
    assert!(!moments.sorted());
    let mut entries = [0, 1, 2, 3, 4];
    moments.sort(&mut entries);
    assert_eq!(entries, [4, 3, 0, 1, 2]);
    assert_eq!(
        (0..5).map(|e| moments.time(e).is_some()).collect::<Vec<_>>(),
        [false, true, false, true, false]
    );
}
