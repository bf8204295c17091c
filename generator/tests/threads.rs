//! The same bytes and the same truth with any number of threads; what is told of records is where it says.

use std::io::Write;
use std::ops::ControlFlow;

use generator::damage::Kind;
use generator::{Damage, Lines, Manner, Outputs, Shape, Spec, generate, generate_to};
use serde_json::Value;

/// Everything that a spec gives: log, truth, truth lines, damage lines, truth spans.
fn all(spec: &Spec, threads: usize) -> [Vec<u8>; 5] {
    let [mut log, mut truth, mut lines, mut damaged, mut spans] = [const { Vec::new() }; 5];
    let outputs = Outputs {
        log: &mut log,
        truth_lines: Some(&mut lines as &mut (dyn Write + Send)),
        truth_spans: Some(&mut spans),
        damage_lines: Some(&mut damaged),
    };
    let mut watch = |_| ControlFlow::Continue(());
    let manner = Manner { threads, encoder: None, rate: None, watch: &mut watch };
    generate_to(spec, outputs, manner).unwrap().write_json(&mut truth).unwrap();
    [log, truth, lines, damaged, spans]
}

fn damaged(shape: Shape, seed: u64, records: u64) -> Spec {
    Spec::new(shape, seed, records).with_damage("3%".parse().unwrap()).unwrap()
}

/// With `golden.rs`, which holds the digests that one thread gives: these are those of 1, 2 and 7 threads.
#[test]
fn any_number_of_threads_gives_the_same() {
    for shape in Shape::ALL {
        let knobs = if shape == Shape::Flat { &[("spans", "all")][..] } else { &[] };
        let part =
            damaged(shape, 42, 10_000).with_knobs(knobs.iter().copied()).unwrap().with_part(3_333, 5_000);
        for spec in [Spec::new(shape, 42, 10_000), part] {
            let one = all(&spec, 1);
            assert!(all(&spec, 2) == one && all(&spec, 7) == one, "{shape}");
            let mut log = Vec::new();
            generate(&spec, &mut log).unwrap();
            assert!(log == one[0], "{shape}");
        }
    }
}

fn objects(lines: &[u8]) -> Vec<Value> {
    str::from_utf8(lines).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn records_are_where_the_lines_about_them_say() {
    for shape in Shape::ALL {
        let spec = damaged(shape, 5, 4_000).with_part(100, 3_000);
        let [log, truth, lines, damage, _] = all(&spec, 2);
        let (mut offset, mut line) = (0, 1);
        let told = objects(&lines);
        assert_eq!(told.len(), 3_000);
        for (number, object) in (100..).zip(&told) {
            assert_eq!(object["record"], number, "{shape}");
            assert_eq!(
                (&object["offset"], &object["line"]),
                (&offset.into(), &line.into()),
                "{shape}, record {number}"
            );
            let bytes = object["bytes"].as_u64().unwrap() as usize;
            let record = &log[offset..offset + bytes];
            line += record.iter().map(|&byte| usize::from(byte == b'\n')).sum::<usize>();
            offset += bytes;
            match object["damage"].as_str() {
                Some("crlf") => assert!(record.ends_with(b"\r\n")),
                Some("nul") => assert!(record.contains(&0)),
                Some("bom") => assert!(record.starts_with(b"\xef\xbb\xbf")),
                Some("bad-utf8") => assert!(str::from_utf8(record).is_err()),
                Some("empty") => assert!(record.trim_ascii().is_empty()),
                Some("no-last-newline") => assert!(number == 3_099 && !record.ends_with(b"\n")),
                None if shape.about().lines == Lines::Json => {
                    assert!(serde_json::from_slice::<Value>(record).is_ok_and(|value| value.is_object()));
                }
                _ => {}
            }
        }
        assert_eq!(offset, log.len(), "{shape}: the records are the log");
        let of_damage: Vec<&Value> = told.iter().filter(|object| !object["damage"].is_null()).collect();
        assert!(of_damage.into_iter().eq(objects(&damage).iter()), "{shape}");
        let truth: Value = serde_json::from_slice(&truth).unwrap();
        for kind in Kind::ALL.into_iter().filter(|kind| kind.suits(shape.about().lines)) {
            let count = told.iter().filter(|object| object["damage"] == kind.name()).count();
            assert_eq!(truth["damage"]["kinds"][kind.name()].as_u64().unwrap_or(0), count as u64, "{shape}");
            assert!(count > 0 || kind == Kind::OverLong, "{shape}: no {kind:?}");
        }
    }
}

#[test]
fn undamaged_lines_are_those_of_the_undamaged_log() {
    for shape in Shape::ALL.into_iter().filter(|shape| shape.about().lines == Lines::Json) {
        let mut clean = Vec::new();
        generate(&Spec::new(shape, 6, 3_000), &mut clean).unwrap();
        let [log, _, lines, ..] = all(&damaged(shape, 6, 3_000), 1);
        let lines = objects(&lines);
        let pairs = clean.split(|&byte| byte == b'\n').zip(log.split(|&byte| byte == b'\n'));
        for ((clean, line), object) in pairs.zip(&lines) {
            let is_damaged = !object["damage"].is_null() && object["damage"] != "no-last-newline";
            assert_eq!(clean != line, is_damaged, "{shape}: {object}");
        }
    }
}

#[test]
fn a_rate_of_nothing_damages_nothing() {
    let none: Damage = "0%".parse().unwrap();
    let spec = Spec::new(Shape::App, 1, 10);
    assert_eq!(spec.clone().with_damage(none).unwrap(), spec);
}
