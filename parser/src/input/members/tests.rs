//! Whatever is cut where: several threads give what one gives.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::num::NonZeroUsize;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::super::damage::Damage;
use super::super::gzip::Gzip;
use super::{CHUNK, Members};

fn gzip(text: &[u8], effort: u32) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(effort));
    encoder.write_all(text).expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}

fn text(seed: u32, length: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(|_| next() % 16 + b'a').collect()
}

fn all(mut reader: impl Read) -> (Vec<u8>, Option<Damage>) {
    let mut out = Vec::new();
    let error = reader.read_to_end(&mut out).err();
    assert_eq!(reader.read(&mut [0]).expect("it is over"), 0, "nothing comes after an error");
    (out, error.map(|error| Damage::within(&error).expect("the file is readable").clone()))
}

/// That several threads give what one gives, however the file is cut; whether there was anything to cut.
fn check(bytes: &[u8], unit: u64) -> bool {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("it can be written");
    let one = all(Gzip::new(BufReader::new(bytes)));
    let mut was_cut = false;
    for threads in [1, 2, 5] {
        let threads = NonZeroUsize::new(threads).expect("not none");
        let members = Members::with_unit(&file, threads, unit).expect("the file is readable");
        was_cut = members.is_some();
        if let Some(members) = members {
            assert!(all(members) == one, "unit of {unit}, {threads} threads, of {} bytes", bytes.len());
        }
    }
    was_cut
}

#[test]
fn members_are_given_in_their_order() {
    let many: Vec<u8> = (0..300).flat_map(|n| gzip(&text(n, 700 * (n as usize % 7)), 6)).collect();
    for unit in [1, 50, 1000, 20_000] {
        assert!(check(&many, unit));
    }
    let padded = [gzip(&text(1, 9000), 6), vec![0; 700], gzip(&text(2, 9000), 6), vec![0; 512]].concat();
    assert!(check(&padded, 10));
    assert!(!check(&gzip(&text(3, 9000), 6), 10), "of one member there is nothing to cut");
    // The end of one of more than 4 MiB is not looked for.
    let long = gzip(&text(4, 40 * CHUNK), 0);
    assert!(!check(&[long.clone(), gzip(b"", 6)].concat(), 10));
    let short = gzip(&text(5, CHUNK), 1);
    assert!(check(&[short.clone(), long, short, gzip(b"", 6)].concat(), 10));
}

#[test]
fn what_only_looks_like_a_member_is_none() {
    let inner = gzip(&text(6, 400), 6);
    // Stored as they are, members stand in another's body.
    let outer = gzip(&inner.repeat(40), 0);
    assert!(check(&outer, 10));
    let mixed = [gzip(&text(7, 3000), 6), outer.clone(), gzip(&text(8, 3000), 6), outer, inner].concat();
    for unit in [1, 100, 3000] {
        assert!(check(&mixed, unit));
    }
}

#[test]
fn damage_is_what_one_decoder_meets() {
    let many: Vec<u8> = (0..60).flat_map(|n| gzip(&text(n, 2000), 6)).collect();
    for at in (0..many.len()).step_by(9973) {
        let mut changed = many.clone();
        changed[at] ^= 0x55;
        check(&changed, 2000);
        check(&many[..at], 2000);
    }
    assert!(check(&[&many[..], b"garbage", &many].concat(), 500));
}

#[test]
fn it_can_be_dropped_before_the_end() {
    let many = gzip(&text(9, 100_000), 6).repeat(50);
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(&many).expect("it can be written");
    let file: &File = &file;
    let mut members =
        Members::of(file, NonZeroUsize::MIN).expect("the file is readable").expect("there are several");
    assert_eq!(members.read(&mut [0; 10]).expect("it is readable"), 10);
}
