//! Segments are the file, and reading them on several threads is reading the file.

use std::fs::{self, File};
use std::io::{Read, Seek};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use generator::{Shape, Spec, generate};
use proptest::prelude::*;
use proptest::sample::select;

use super::{Reads, Segments, in_order, read};
use crate::tally::Tallier;
use crate::{
    BadLine, Clock, Columns, Count, Counter, Counting, Expression, Filter, GroupCounter, Grouping, Groups,
    Key, Level, Limits, Match, Reader, Record, Searcher, Tally, Totals, tally, tally_file,
};

fn cut(text: &[u8], size: u64) -> Option<Vec<Vec<u8>>> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    fs::write(&path, text).expect("it can be written");
    let file = File::open(&path).expect("it is there");
    let segments = Segments::with_size(&file, size).expect("it can be read")?;
    let mut all = Vec::new();
    while let Some(mut segment) = segments.next().expect("it can be read") {
        assert_eq!(segment.index, all.len() as u64);
        let mut bytes = Vec::new();
        segment.read_to_end(&mut bytes).expect("it can be read");
        all.push(bytes);
    }
    assert!(segments.rest().is_none());
    Some(all)
}

#[test]
fn segments_are_whole_records_and_together_the_file() {
    let long = format!("{{\"a\":\"{}\"}}\n", "x".repeat(10_000));
    let trace =
        "2025-01-15 10:00:00,123 ERROR [main] a.B - it broke\njava.lang.Error: x\n\n  at a.B.c(B.java:7)\n";
    for (text, begins) in [
        ("{}\n{\"a\":1}\n{\"b\":\"c d\"}\n\n\n{}\n{}".to_owned(), "{"),
        ("{}\n".repeat(100), "{"),
        (format!("{{}}\n{long}{{}}\n{long}"), "{"),
        (long.clone(), "{"),
        (trace.repeat(20), "2025"),
        ("no record\n".repeat(20), "nothing begins here"),
    ] {
        for size in (1..40).chain([4095, 4096, 4097, 5000]) {
            let Some(all) = cut(text.as_bytes(), size) else {
                assert!((text.len() as u64) < 2 * size);
                continue;
            };
            assert_eq!(all.concat(), text.as_bytes());
            assert!(all.iter().skip(1).all(|lines| lines.starts_with(begins.as_bytes())), "{size}");
            assert!(all.iter().rev().skip(1).all(|lines| lines.len() as u64 >= size), "{size}");
        }
    }
}

#[test]
fn what_begins_with_nothing_or_is_short_is_not_cut() {
    assert!(cut(&[b'\n'; 100], 10).is_none());
    assert!(cut(b"{}\n", 10).is_none());
    assert!(cut(b"", 1).is_none());
}

#[test]
fn results_are_taken_in_order_until_it_is_enough() {
    for (threads, enough) in [(1, 1000), (4, 1000), (4, 57)] {
        let next = AtomicU64::new(0);
        let mut taken = Vec::new();
        in_order(
            &mut vec![0_u64; threads],
            || Ok(Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&n| n < 1000).map(|n| (n, n))),
            |worked, n| {
                *worked += 1;
                n
            },
            |n| {
                taken.push(n);
                if taken.len() == enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        )
        .expect("nothing fails");
        assert_eq!(taken, (0..enough as u64).collect::<Vec<_>>());
    }
}

/// A log of records of one line and of several, of bad lines, and of blank ones.
fn log() -> impl Strategy<Value = Vec<u8>> {
    let lines = |shape, records| {
        let mut log = Vec::new();
        generate(&Spec::new(shape, 3, records), &mut log).expect("a vector takes all");
        log.split_inclusive(|&b| b == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>()
    };
    let odd: [&[u8]; 8] = [
        b"\n",
        b"no record\n",
        b"{\"level\":\n",
        b"{\"level\":\"\\u0045RROR\"}\n",
        b"2025-01-15 10:00:00,123 ERROR [main] a.B - it broke\njava.lang.Error: x\n\n  at a.B.c(B.java:7)\n",
        b"  at a.B.c(B.java:8)\n",
        b"level=error msg=\"it broke\" thread=7\n",
        b"\xff\xfe\n",
    ];
    let line = prop_oneof![
        3 => select(lines(Shape::App, 50)),
        3 => select(lines(Shape::Cdn, 50)),
        2 => select(odd.map(<[u8]>::to_vec).to_vec()),
    ];
    (prop::collection::vec(line, 1..40), any::<bool>()).prop_map(|(lines, cut)| {
        // The first line tells what kind of input it is.
        let mut log = [b"{}\n".to_vec(), lines.concat()].concat();
        if cut {
            log.pop();
        }
        log
    })
}

type Answer = (Totals, Vec<BadLine>, Vec<(u64, u64, Vec<u8>)>);

/// Reads a file whole, and in segments on several threads.
fn whole_and_cut<R: Reads>(
    file: &mut File,
    size: u64,
    threads: usize,
    new: impl Fn() -> R,
    hits: impl Fn(R::Out) -> Vec<(u64, u64, Vec<u8>)> + Send + Sync,
) -> [(R, Answer); 2] {
    let mut whole = new();
    let mut bad = Vec::new();
    file.rewind().expect("it can be read from its start");
    let (out, result) = whole.read_part(file, true, &mut |line| bad.push(line));
    result.expect("it can be read");
    let answer = (whole.totals(), bad, hits(out));

    let (mut cut, mut bad, mut all) = (new(), Vec::new(), Vec::new());
    let segments = Segments::with_size(file, size).expect("it can be read").expect("it is long enough");
    let threads = NonZeroUsize::new(threads).expect("there are some");
    read(&mut cut, &segments, threads, &mut |line| bad.push(line), &mut |part| {
        let found = hits(part.out).into_iter();
        all.extend(found.map(|(line, at, bytes)| (line + part.lines_before, at + part.offset, bytes)));
        ControlFlow::Continue(())
    })
    .expect("it can be read");
    let cut_answer = (cut.totals(), bad, all);
    [(whole, answer), (cut, cut_answer)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn several_threads_give_the_same_answers(log in log(), size in 1..2000_u64, threads in 1..5_usize) {
        let mut file = tempfile::tempfile().expect("a file");
        std::io::Write::write_all(&mut file, &log).expect("it can be written");
        let size = size.min(log.len() as u64 / 2).max(1);

        for counting in [Counting::default(), Counting { approximate: true, unknown: true, ..Counting::default() }] {
            let [(whole, answer), (cut, cut_answer)] =
                whole_and_cut(&mut file, size, threads, || Counter::counting(counting), |()| Vec::new());
            prop_assert_eq!(answer, cut_answer);
            let (whole, cut): (Count, Count) = (whole.finish(), cut.finish());
            prop_assert_eq!(whole, cut);
        }

        let [(whole, answer), (cut, cut_answer)] =
            whole_and_cut(&mut file, size, threads, || Tallier::new(Limits::default()), |()| Vec::new());
        prop_assert_eq!(answer, cut_answer);
        let (whole, cut): (Tally, Tally) = (whole.finish(), cut.finish());
        prop_assert_eq!(whole, cut);

        let mut columns = Columns::new();
        let by = ["level", "time:minute"].map(|name| Key::parse(name, &mut columns).expect("they are few"));
        let distinct = Some(columns.column("thread").expect("they are few"));
        let grouping = Grouping { by: by.into(), distinct, ..Grouping::new(columns) };
        let [(whole, answer), (cut, cut_answer)] = whole_and_cut(
            &mut file, size, threads, || GroupCounter::new(&grouping, Limits::default()), |()| Vec::new(),
        );
        prop_assert_eq!(answer, cut_answer);
        let (whole, cut): (Groups, Groups) = (whole.finish(), cut.finish());
        prop_assert_eq!(whole, cut);

        let mut columns = Columns::new();
        let expression = Expression::parse("level = error", &mut columns).expect("it is one");
        let filter = Filter::new(expression, columns);
        for filter in [filter.clone().strict(), filter] {
            let [(_, answer), (_, cut_answer)] = whole_and_cut(
                &mut file,
                size,
                threads,
                || Searcher::new(&filter, Limits::default(), Clock::now()),
                |hits| hits.into_iter().collect(),
            );
            prop_assert_eq!(answer.2, cut_answer.2);
            prop_assert_eq!(answer.0.lines, cut_answer.0.lines);
        }
    }
}

#[test]
fn what_cannot_be_cut_is_read_as_a_whole() {
    let log = "{\"level\":\"error\"}\n".repeat(100) + &"x\n".repeat(30_000) + "{\"level\":\"error\"}\n";
    let mut file = tempfile::tempfile().expect("a file");
    std::io::Write::write_all(&mut file, log.as_bytes()).expect("it can be written");
    let filter = Filter::level(Level::Error);
    let new = || Searcher::new(&filter, Limits::default(), Clock::now());
    let [(_, whole), (_, cut)] = whole_and_cut(&mut file, 500, 3, new, |hits| hits.into_iter().collect());
    assert_eq!((whole.1.len(), whole.2.len()), (30_000, 101));
    assert_eq!(whole, cut);
    let segments = Segments::with_size(&file, 500).expect("it can be read").expect("it is long enough");
    while segments.next().expect("it can be read").is_some() {}
    assert!(segments.rest().is_some());
}

#[test]
fn what_is_only_counted_is_what_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    let mut text = Vec::new();
    generate(&Spec::new(Shape::App, 5, 8000), &mut text).expect("a vector takes all");
    fs::write(&path, &text).expect("it can be written");
    assert!(text.len() as u64 > 3 * Segments::SIZE, "it is cut");
    let file = || File::open(&path).expect("it is there");
    for level in Level::ALL {
        let filter = Filter::level(level);
        let mut whole = Searcher::new(&filter, Limits::default(), Clock::now());
        let mut bytes = 0;
        let each = |record: &Record<'_>| {
            bytes += record.bytes().len();
            ControlFlow::Continue(())
        };
        whole.read(file(), &mut |_| (), each).expect("it can be read");
        for threads in (1..5).filter_map(NonZeroUsize::new) {
            let mut cut = Searcher::new(&filter, Limits::default(), Clock::now());
            // Once more for each: what is kept of the time before is not found again.
            for times in 1..3 {
                let mut found = 0;
                cut.count_file(&file(), threads, &mut |_| ()).expect("it can be read");
                assert_eq!(cut.matches(), whole.matches() * (2 * times - 1), "{level} by {threads}");
                let sink = &mut |hit: Match<'_>| {
                    found += hit.bytes.len();
                    ControlFlow::Continue(())
                };
                cut.read_file(&file(), threads, &mut |_| (), sink).expect("it can be read");
                assert_eq!(cut.matches(), whole.matches() * 2 * times, "{level} by {threads}");
                assert_eq!(found, bytes, "{level} by {threads}");
            }
            assert_eq!(cut.totals().lines, whole.totals().lines * 4);
        }
    }
}

/// A log of more than two segments, which has bad lines.
fn long_log(shape: Shape) -> tempfile::NamedTempFile {
    let mut text = Vec::new();
    generate(&Spec::new(shape, 5, 16_000), &mut text).expect("a vector takes all");
    text.extend_from_slice(b"\xff\xfe\n");
    assert!(text.len() as u64 > 2 * Segments::SIZE, "it is cut");
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), &text).expect("it can be written");
    file
}

#[test]
fn records_are_the_same_in_parts() {
    for shape in [Shape::App, Shape::Access, Shape::Logfmt, Shape::Text] {
        let file = long_log(shape);
        let seen = |threads| {
            let mut reader = Reader::new(&["level", "status"], Limits::default());
            let (mut bad, mut records, mut parts) = (Vec::new(), Vec::new(), 0);
            let add = |part: &mut Vec<Vec<u8>>, record: &Record<'_>| part.push(record.bytes().to_vec());
            let mut take = |mut part| {
                parts += 1;
                records.append(&mut part);
                ControlFlow::Continue(())
            };
            reader
                .read_parts(
                    file.as_file(),
                    NonZeroUsize::new(threads).expect("there are some"),
                    &mut |line| bad.push(line),
                    &Vec::new,
                    &add,
                    &mut take,
                )
                .expect("it can be read");
            assert_eq!(parts > 1, threads > 1);
            (reader.totals(), bad, records)
        };
        let whole = seen(1);
        assert!(whole.2.len() > 1000, "{} records", whole.2.len());
        for threads in 2..4 {
            assert!(seen(threads) == whole, "{shape:?} by {threads}");
        }
    }
}

#[test]
fn parts_are_taken_until_it_is_enough() {
    let file = long_log(Shape::App);
    let threads = NonZeroUsize::new(2).expect("there are two");
    let mut taken = 0;
    let mut take = |()| {
        taken += 1;
        ControlFlow::Break(())
    };
    Reader::new(&[], Limits::default())
        .read_parts(file.as_file(), threads, &mut |_| (), &|| (), &|(), _| (), &mut take)
        .expect("it can be read");
    assert_eq!(taken, 1);
}

#[test]
fn a_tally_of_several_threads_is_that_of_one() {
    let file = long_log(Shape::App);
    let whole = tally(File::open(file.path()).expect("it is there"), &mut |_| ()).expect("it can be read");
    for threads in (1..4).filter_map(NonZeroUsize::new) {
        let mut bad = 0;
        let cut = tally_file(file.as_file(), threads, &mut |_| bad += 1).expect("it can be read");
        assert_eq!((bad, &cut), (whole.bad, &whole));
    }
}
