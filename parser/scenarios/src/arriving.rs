//! The suite `arrive`: one line at a time, as a service that counts while it runs is handed them.

use crate::counting::of_whole;
use crate::mixing::mix_bytes;
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
/// In version 1 what the counter comes to was no part of the answers.
const VERSION: u32 = 2;

pub(crate) fn scenarios() -> Vec<Scenario> {
    let about = "one line that arrives, parsed by the fast reader and counted into a counter that goes on";
    vec![
        Scenario::new("arrive/count", "cdn", about)
            .version(VERSION)
            .queries(LINES)
            .arriving(RATE)
            .expecting(expect)
            .working(|corpus| {
                let lines = lines(corpus)?;
                Ok(Arriving { comes_to: comes_to(&lines), lines, counter: Counter::new() })
            }),
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
    comes_to: Answer,
}

/// All counts of a counter that was handed, line by line and twice over, the lines of which something is counted. It is a
/// counter of its own, asked once, before anything is measured: the one that goes on ends with no visit, and has
/// counted some lines more often than others.
fn comes_to(lines: &[Vec<u8>]) -> Answer {
    let (mut trial, mut counter) = (Counter::new(), Counter::new());
    for line in lines.iter().filter(|line| told(&mut trial, line).values > 0) {
        for _ in 0..2 {
            told(&mut counter, line);
        }
    }
    of_whole(&counter.finish())
}

/// Hands a line to a counter.
fn told(counter: &mut Counter, line: &[u8]) -> Told {
    let before = counter.totals();
    let mut told = Told::default();
    counter.lines(line, &mut |_| (), |date, dimension, value| told.value(date, dimension, value));
    let after = counter.totals();
    (told.records, told.bad) = (after.records - before.records, after.bad - before.bad);
    told
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
        let mixed = [date, value].into_iter().fold(dimension as u64 + 1, mix_bytes);
        self.values += 1;
        self.sum = self.sum.wrapping_add(mixed);
    }

    /// With what the counter comes to.
    fn answer(self, comes_to: Answer) -> Answer {
        let digest = Digest::new().number(self.values).number(self.sum);
        digest.number(self.records).number(self.bad).text(&comes_to.to_string()).finish()
    }
}

impl Work for Arriving {
    type Output = Told;

    fn run(&mut self, query: usize) -> Result<Told, Error> {
        Ok(told(&mut self.counter, &self.lines[query % self.lines.len()]))
    }

    fn answer(&self, told: &Told) -> Answer {
        told.answer(self.comes_to)
    }
}

/// A bad line that stands before each line when the plain reader is asked: the first line of an input alone may betray that the
/// input is of another kind, and these are not first.
const BEFORE: &[u8] = b"x\n";

/// The answer to each line by the plain reader: the truth of a corpus knows no single line.
fn expect(corpus: &Corpus) -> Result<Expectation, Error> {
    let lines = lines(corpus)?;
    let (mut all, mut counted) = (Vec::new(), 0);
    let mut twice = BEFORE.to_vec();
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
        all.push(told);
        if told.values > 0 {
            for _ in 0..2 {
                twice.extend_from_slice(line.trim_ascii_end());
                twice.push(b'\n');
            }
        }
    }
    if counted == 0 {
        let why = format!("none of {LINES} lines of it is a request that the CDN counter counts");
        return Err(Unsuited(why).into());
    }
    let comes_to = of_whole(&parser::plain::count(twice.as_slice(), &mut |_| ())?);
    let answers = all.into_iter().map(|told| told.answer(comes_to)).collect();
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
    fn what_the_counter_comes_to_counts_clients_and_requests() {
        let line = |client: &str| {
            let asked = r#""request_path":"/versions","tls_cipher":"A""#;
            format!("{{\"timestamp\":\"2018-04-16 04:59:59\",\"client_ip\":\"{client}\",{asked}}}\n")
                .into_bytes()
        };
        let [one, other] = ["192.0.2.1", "192.0.2.2"].map(line);
        let two_clients = comes_to(&[one.clone(), other]);
        assert_ne!(two_clients, comes_to(&[one.clone(), one.clone()]), "as many requests of one client");
        assert_ne!(
            two_clients,
            comes_to(&[one.clone(), line("192.0.2.2"), one]),
            "one more of the same clients"
        );
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
