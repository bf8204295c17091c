//! A saved index of untrusted bytes: it is refused, or answers, or says that it is damaged; it never panics, and takes
//! no more memory than its own size lets expect. Bytes of a good one are changed and all its checksums made right
//! again, so that what is behind them is reached.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parser::index::{Column, IndexBuilder, Options, saved_path};
use parser::investigate::{Page, Query, errors, ids, patterns, search, summary, timeline, tree};
use parser::{Index, Level};
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

const LOG: &str = r#"{"ts":"2025-01-15T10:00:00Z","level":"ERROR","service":"a","thread":"w.1","trace_id":"t","span_id":"s","message":"took 12 ms"}
{"ts":"2025-01-15T10:00:01Z","level":"INFO","service":"b","thread":"w","trace_id":"t","span_id":"r","parent_span_id":"s","message":"x"}
{"level":"WARN","req_id":"q","message":"none"}
not a record

{"ts":"2025-01-15T09:00:00Z","level":"FATAL","service":"a","thread":"w.1","req_id":"q","message":"took 13 ms"}
"#;

/// Magic, version and length of the header.
const START: usize = 16;
/// Bytes of the header before its sections, and of a section there.
const FIXED: usize = 104;
const SECTION: usize = 32;

/// A log, and the bytes of its index.
fn made() -> &'static (PathBuf, Vec<u8>) {
    static MADE: OnceLock<(PathBuf, Vec<u8>)> = OnceLock::new();
    MADE.get_or_init(|| {
        let memory = PathBuf::from("/dev/shm");
        let folder = if memory.is_dir() { memory } else { std::env::temp_dir() };
        let path = folder.join(format!("fuzzed-index-{}.log", std::process::id()));
        fs::write(&path, LOG).expect("the folder can be written to");
        let mut builder = IndexBuilder::new(Options { threads: 1, ..Options::default() });
        builder.add(&path, &mut |_| ()).expect("it can be read");
        builder.finish().save().expect("it can be saved");
        let bytes = fs::read(saved_path(&path)).expect("it is there");
        (path, bytes)
    })
}

fuzz_target!(|data: &[u8]| {
    let (path, good) = made();
    let mut bytes = good.clone();
    let (changes, rest) = data.as_chunks::<4>();
    for &[low, high, how, value] in changes {
        let at = usize::from(u16::from_le_bytes([low, high])) % bytes.len().max(1);
        match how % 4 {
            0 => bytes[at] = value,
            1 => bytes[at] ^= 1 << (value % 8),
            2 => bytes.truncate(at),
            _ => {
                let end = bytes.len().min(at + usize::from(value % 9));
                bytes[at..end].fill(0xff);
            }
        }
        if bytes.is_empty() {
            break;
        }
    }
    if rest.first() != Some(&0) {
        mend(&mut bytes);
    }
    fs::write(saved_path(path), &bytes).expect("the folder can be written to");
    let Ok(index) = Index::open(path, Options { threads: 1, ..Options::default() }, &mut |_| ()) else {
        return;
    };
    ask(&index);
});

/// Makes all checksums right.
fn mend(bytes: &mut [u8]) {
    let Some(&[a, b, c, d]) = bytes.get(12..START).and_then(<[u8]>::first_chunk) else { return };
    let end = START + u32::from_le_bytes([a, b, c, d]) as usize;
    let mut section = START + FIXED;
    while section + SECTION <= end && end < bytes.len() {
        let word =
            |at: usize| u64::from_le_bytes(bytes[section + at..][..8].try_into().expect("8 bytes")) as usize;
        let (offset, length) = (word(8), word(16));
        if let Some(content) = offset.checked_add(length).and_then(|end| bytes.get(offset..end)) {
            let checksum = crc32fast::hash(content);
            bytes[section + 24..section + 28].copy_from_slice(&checksum.to_le_bytes());
        }
        section += SECTION;
    }
    if let Some(header) = bytes.get(START..end) {
        let checksum = crc32fast::hash(header).to_le_bytes();
        if let Some(place) = bytes.get_mut(end..end + 4) {
            place.copy_from_slice(&checksum);
        }
    }
}

/// Asks all that reads what was saved; errors are answers too.
fn ask(index: &Index) {
    let all = Query::default();
    let errors_only =
        Query { levels: vec![Level::Error], texts: vec!["took".to_owned()], ..Query::default() };
    for query in [&all, &errors_only] {
        if let Ok(found) = search(index, query, Page::ALL) {
            for &entry in found.entries.iter().take(100) {
                let _ = index.line(entry);
                let _ = index.time(entry);
            }
            let shown = &found.entries[..found.entries.len().min(100)];
            let _ = index.show(shown, |_| Ok(()));
        }
        let _ = tree(index, query, None);
        let _ = timeline(index, query);
        let _ = errors(index, query);
        let _ = summary(index, query);
        let _ = patterns(index, query);
    }
    for column in Column::ALL {
        let _ = ids(index, column);
    }
    let _ = index.at_line(0, 2);
}
