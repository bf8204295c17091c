//! The suite `allocate`: many threads making many short strings, for the sake of the allocator.
//!
//! The question is that of a public comparison of static musl binaries (2025), whose example lets as
//! many threads as there are processors make passwords from random bytes by base64. Here the bytes are
//! the corpus's, 24 for each string, so the answer is known.

use harness::answer::{Answer, Digest};
use harness::subject::{Error, Expectation, Scenario, Work};
use std::hint::black_box;
use std::num::NonZero;
use std::thread;

/// Bytes that make one string.
const RAW: usize = 24;

pub(crate) fn scenarios() -> Vec<Scenario> {
    let about =
        "a thread per CPU, together making a short string from every 24 bytes of the corpus by base64";
    vec![
        Scenario::new("allocate/strings", "app", about)
            .on_all_cpus()
            .expecting(|corpus| {
                let bytes = corpus.read()?;
                let answer = of_strings(bytes.chunks(RAW).map(encode));
                Ok(Expectation {
                    bytes: bytes.len() as u64,
                    records: bytes.len().div_ceil(RAW) as u64,
                    answers: vec![answer],
                })
            })
            .working(|corpus| {
                let threads = thread::available_parallelism().map_or(1, NonZero::get);
                Ok(Strings { bytes: corpus.read()?, threads })
            }),
    ]
}

struct Strings {
    bytes: Vec<u8>,
    threads: usize,
}

impl Work for Strings {
    type Output = Vec<Vec<String>>;

    fn run(&mut self, _query: usize) -> Result<Self::Output, Error> {
        let share = self.bytes.len().div_ceil(RAW).div_ceil(self.threads).max(1) * RAW;
        thread::scope(|scope| {
            let threads: Vec<_> = (self.bytes.chunks(share))
                .map(|part| scope.spawn(|| part.chunks(RAW).map(make).collect()))
                .collect();
            threads.into_iter().map(|thread| thread.join().map_err(|_| "a thread panicked".into())).collect()
        })
    }

    fn answer(&self, strings: &Self::Output) -> Answer {
        of_strings(strings.iter().flatten().cloned())
    }
}

/// One string. The copy is an allocation of its own, as the random bytes are in the example; nobody is
/// to see that it could be done without.
fn make(raw: &[u8]) -> String {
    encode(&black_box(raw.to_vec()))
}

fn of_strings(strings: impl Iterator<Item = String>) -> Answer {
    strings.fold(Digest::new(), |digest, string| digest.text(&string)).finish()
}

/// Base64 without padding (RFC 4648, section 4).
fn encode(raw: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(raw.len().div_ceil(3) * 4);
    for group in raw.chunks(3) {
        let byte = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..=group.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * i)) as usize & 63]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::encode;

    /// The vectors of RFC 4648, section 10, without their padding.
    #[test]
    fn encodes_as_the_standard_does() {
        for (raw, text) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(encode(raw.as_bytes()), text);
        }
    }
}
