//! The suite `limit`: what is done at least with a log that is read line by line. Speeds are set beside it.

use harness::answer::{Answer, Digest};
use harness::subject::{Corpus, Error, Expectation, Scenario, Work};
use std::io::{self, BufRead, BufReader, Read};

/// What is read at once: as much as stays in a core's own cache.
const CHUNK: usize = 64 << 10;

/// Corpora, each with the name of its limit.
const CORPORA: [(&str, &str); 6] = [
    ("app", "limit/app"),
    ("cdn", "limit/cdn"),
    ("access", "limit/access"),
    ("logfmt", "limit/logfmt"),
    ("syslog", "limit/syslog"),
    ("text", "limit/text"),
];

pub(crate) fn scenarios() -> Vec<Scenario> {
    let about = "the limit: memchr visits each line of a file in the page cache, and nothing is looked at";
    CORPORA
        .into_iter()
        .map(|(corpus, name)| {
            Scenario::new(name, corpus, about)
                .expecting(expect)
                .working(|corpus| Ok(VisitLines { corpus: corpus.clone() }))
        })
        .collect()
}

struct VisitLines {
    corpus: Corpus,
}

/// The number of lines, and of the bytes in them without their line feeds.
type Lines = (u64, u64);

impl Work for VisitLines {
    type Output = Lines;

    fn run(&mut self, _query: usize) -> Result<Lines, Error> {
        let mut seen = (0, 0);
        each_line(self.corpus.open()?, |line| {
            seen = (seen.0 + 1, seen.1 + line.len() as u64);
            Ok(())
        })?;
        Ok(seen)
    }

    fn answer(&self, &(lines, bytes): &Lines) -> Answer {
        of_lines(lines, bytes)
    }
}

fn of_lines(lines: u64, bytes: u64) -> Answer {
    Digest::new().number(lines).number(bytes).finish()
}

/// By the standard library's reader of lines.
fn expect(corpus: &Corpus) -> Result<Expectation, Error> {
    let (mut lines, mut bytes) = (0, 0);
    for line in BufReader::new(corpus.open()?).split(b'\n') {
        (lines, bytes) = (lines + 1, bytes + line?.len() as u64);
    }
    Ok(Expectation { bytes: corpus.size()?, records: lines, answers: vec![of_lines(lines, bytes)] })
}

/// Hands over each line, without its line feed, in a buffer that may be written to. Its memory is one chunk, or the longest
/// line.
pub(crate) fn each_line(
    mut source: impl Read,
    mut visit: impl FnMut(&mut [u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut buffer = vec![0; CHUNK];
    let mut filled = 0;
    loop {
        let read = match source.read(&mut buffer[filled..]) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        // A line goes on from the chunk before: what was searched then holds no line feed.
        let (mut start, mut searched) = (0, filled);
        filled += read;
        while let Some(feed) = memchr::memchr(b'\n', &buffer[searched..filled]) {
            let feed = searched + feed;
            visit(&mut buffer[start..feed])?;
            (start, searched) = (feed + 1, feed + 1);
        }
        if read == 0 {
            if start < filled {
                visit(&mut buffer[start..filled])?;
            }
            return Ok(());
        }
        buffer.copy_within(start..filled, 0);
        filled -= start;
        if filled == buffer.len() {
            buffer.resize(buffer.len() * 2, 0);
        }
    }
}
