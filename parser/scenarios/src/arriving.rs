//! The suite `arrive`: one line at a time, as a service that counts while it runs is handed them.

use harness::answer::{Answer, Digest};
use harness::subject::{Corpus, Error, Expectation, Scenario, Unsuited, Work};
use parser::{Counter, Dimension};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

/// How many lines arrive in turn.
const LINES: usize = 64;
/// Lines a second. One takes about a microsecond, so it hardly ever waits for the one before.
const RATE: u64 = 20_000;
/// A line is cut after so many bytes, and is bad then.
const LONGEST: u64 = 1 << 20;

pub(crate) fn scenarios() -> Vec<Scenario> {
    let about = "one line that arrives, parsed by the fast reader and counted into a counter that goes on";
    vec![
        Scenario::new("arrive/count", "cdn", about)
            .queries(LINES)
            .arriving(RATE)
            .expecting(expect)
            .working(|corpus| Ok(Arriving { lines: lines(corpus)?, counter: Counter::new() })),
    ]
}

/// Lines of the corpus, spread evenly over its bytes.
fn lines(corpus: &Corpus) -> Result<Vec<Vec<u8>>, Error> {
    let size = corpus.size()?;
    let mut file = BufReader::new(corpus.open()?);
    let mut line_after = |place: u64| -> Result<Vec<u8>, Error> {
        // The line feed before a place may be the end of the line before.
        file.seek(SeekFrom::Start(place.saturating_sub(1)))?;
        if place > 0 {
            file.skip_until(b'\n')?;
        }
        let mut line = Vec::new();
        file.by_ref().take(LONGEST).read_until(b'\n', &mut line)?;
        Ok(line)
    };
    let first = line_after(0)?;
    let places = (0..LINES as u64).map(|nth| (u128::from(size) * u128::from(nth) / LINES as u128) as u64);
    places
        .map(|place| {
            let line = line_after(place)?;
            Ok(if line.is_empty() { first.clone() } else { line })
        })
        .collect()
}

struct Arriving {
    lines: Vec<Vec<u8>>,
    counter: Counter,
}

/// What a line told: how many values were counted, a sum over them, how many records there were and how many bad lines.
#[derive(Clone, Copy, Default)]
struct Told {
    values: u64,
    sum: u64,
    records: u64,
    bad: u64,
}

impl Told {
    /// Takes a value in, at a fraction of what it took to find it. The sum does not depend on the order of values.
    fn value(&mut self, date: &[u8], dimension: Dimension, value: &[u8]) {
        let mut mixed = dimension as u64 + 1;
        for bytes in [date, value] {
            mixed = mix(mixed, bytes.len() as u64);
            for eight in bytes.chunks(8) {
                let mut word = [0; 8];
                word[..eight.len()].copy_from_slice(eight);
                mixed = mix(mixed, u64::from_le_bytes(word));
            }
        }
        self.values += 1;
        self.sum = self.sum.wrapping_add(mixed);
    }

    fn answer(self) -> Answer {
        Digest::new().number(self.values).number(self.sum).number(self.records).number(self.bad).finish()
    }
}

/// One multiplication carries every bit into the upper half, whence a shift brings it down again.
fn mix(state: u64, word: u64) -> u64 {
    let mixed = (state ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 32)
}

impl Work for Arriving {
    type Output = Told;

    fn run(&mut self, query: usize) -> Result<Told, Error> {
        let line = &self.lines[query % self.lines.len()];
        let before = self.counter.totals();
        let mut told = Told::default();
        self.counter.lines(line, &mut |_| (), |date, dimension, value| told.value(date, dimension, value));
        let after = self.counter.totals();
        (told.records, told.bad) = (after.records - before.records, after.bad - before.bad);
        Ok(told)
    }

    fn answer(&self, told: &Told) -> Answer {
        told.answer()
    }
}

/// A bad line that stands before each line when the plain reader is asked: the first line of an input alone may betray that the
/// input is of another kind, and these are not first.
const BEFORE: &[u8] = b"x\n";

/// The answer to each line by the plain reader: the truth of a corpus knows no single line.
fn expect(corpus: &Corpus) -> Result<Expectation, Error> {
    let lines = lines(corpus)?;
    let (mut answers, mut counted) = (Vec::new(), 0);
    for line in &lines {
        let count = parser::plain::count(BEFORE.chain(line.as_slice()), &mut |_| ())?;
        let mut told = Told { records: count.records, bad: count.bad - 1, ..Told::default() };
        for (date, day) in &count.stats {
            for dimension in Dimension::ALL {
                for value in day.values(dimension).keys() {
                    told.value(date.as_bytes(), dimension, value.as_bytes());
                }
            }
        }
        counted += count.counted;
        answers.push(told.answer());
    }
    if counted == 0 {
        let why = format!("none of {LINES} lines of it is a request that the CDN counter counts");
        return Err(Unsuited(why).into());
    }
    let bytes = lines.iter().map(|line| line.len() as u64).sum::<u64>() / LINES as u64;
    Ok(Expectation { bytes, records: 1, answers })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(text: &str) -> Vec<Vec<u8>> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        std::fs::write(&path, text).expect("written");
        lines(&Corpus { path, truth: None, bytes: None }).expect("read")
    }

    #[test]
    fn lines_are_spread_over_the_whole_corpus() {
        let all: Vec<String> = (0..640).map(|nth| format!("{nth:09}\n")).collect();
        let expected: Vec<Vec<u8>> = all.iter().step_by(10).map(|line| line.clone().into_bytes()).collect();
        assert_eq!(lines_of(&all.concat()), expected);
    }

    #[test]
    fn a_corpus_of_few_lines_gives_them_again() {
        let lines = lines_of("first\na second one without a line feed");
        assert_eq!(lines.len(), LINES);
        assert!(lines.contains(&b"first\n".to_vec()));
        assert!(lines.contains(&b"a second one without a line feed".to_vec()));
        assert_eq!(lines[LINES - 1], b"first\n", "past the last line it begins again");
        assert_eq!(lines_of(""), vec![Vec::<u8>::new(); LINES]);
    }

    #[test]
    fn every_value_and_where_it_stands_moves_the_sum() {
        let told = |date: &str, dimension, value: &str| {
            let mut told = Told::default();
            told.value(date.as_bytes(), dimension, value.as_bytes());
            told.sum
        };
        let one = told("2018-04-16", Dimension::Ruby, "2.5.1");
        assert_eq!(one, told("2018-04-16", Dimension::Ruby, "2.5.1"));
        for other in [
            told("2018-04-17", Dimension::Ruby, "2.5.1"),
            told("2018-04-16", Dimension::Rubygems, "2.5.1"),
            told("2018-04-16", Dimension::Ruby, "2.5.10"),
            told("2018-04-16", Dimension::Ruby, "2.5.1\0"),
            told("2018-04-16", Dimension::Ruby, ""),
        ] {
            assert_ne!(one, other);
        }
    }
}
