//! Compressed input: it is decoded to its end or to where it breaks, alike however it comes, and tells what it gave
//! before. Bytes that are not compressed are compressed first, so that the decoders see more than their first check.

#![no_main]

use flate2::{Compression, write::GzEncoder};
use libfuzzer_sys::fuzz_target;
use parser::input::{Damage, Source};
use parser_fuzz::Input;
use std::io::{self, Read, Write};

/// Bytes that are decoded at most: more would only take longer.
const MOST: u64 = 8 << 20;

fuzz_target!(|data: &[u8]| {
    let Some(input) = Input::of(data) else { return };
    let is_compressed =
        input.log.starts_with(&[0x1f, 0x8b]) || input.log.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]);
    if is_compressed {
        let (whole, broken) = decoded(input.log.to_vec(), usize::MAX);
        let (pieces, broken_too) = decoded(input.log.to_vec(), 1 + input.limits.chunk % 13);
        assert_eq!(broken.is_some(), broken_too.is_some());
        assert_eq!(whole, pieces, "whatever came before a break");
        return;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(input.log).expect("a vector takes all");
    let packed = encoder.finish().expect("a vector takes all");
    assert_eq!(decoded(packed.clone(), 7), (input.log.to_vec(), None));
    // Cut anywhere, it gives a beginning, and says so.
    let cut = packed.len() * usize::from(data[0]) / 256;
    if cut > 3 {
        let (given, why) = decoded(packed[..cut].to_vec(), usize::MAX);
        assert!(input.log.starts_with(&given) && why.is_some());
    }
});

/// What is decoded, and why not more.
fn decoded(bytes: Vec<u8>, most: usize) -> (Vec<u8>, Option<String>) {
    let mut out = Vec::new();
    let source = Source::new(Owned { bytes, at: 0, most }).expect("memory is readable");
    let read = source.decode(false).take(MOST).read_to_end(&mut out);
    let why = read.err().map(|error| {
        if let Some(damage) = Damage::within(&error) {
            assert_eq!(damage.decoded, out.len() as u64, "{damage}");
        }
        error.to_string()
    });
    (out, why)
}

struct Owned {
    bytes: Vec<u8>,
    at: usize,
    most: usize,
}

impl Read for Owned {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = &self.bytes[self.at..];
        let length = left.len().min(buffer.len()).min(self.most);
        buffer[..length].copy_from_slice(&left[..length]);
        self.at += length;
        Ok(length)
    }
}
