//! The suite `count`: the CDN counter, whole.

use crate::truth;
use harness::answer::{Answer, Digest};
use harness::subject::{Corpus, Error, Expectation, Scenario, Unsuited, Work};
use parser::{BadLine, Count, Counter, Dimension};
use serde_json::Value;
use std::fs::File;
use std::io::{self, Read, Take};
use std::num::NonZeroUsize;

/// Threads of the scenarios that take several: as many everywhere, so that machines can be compared.
pub(crate) const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();

pub(crate) fn scenarios() -> Vec<Scenario> {
    let scenario = |name, about| Scenario::new(name, "cdn", about);
    vec![
        scenario("count/fast", "the CDN counter over a file in the page cache")
            .beside(&["limit/cdn", "count/plain"])
            .expecting(|corpus| expect_count(corpus, corpus.size()?, file))
            .working(counting(fast)),
        scenario("count/fast/2-threads", "the same file, counted on two threads")
            .beside(&["count/fast"])
            .on_all_cpus()
            .expecting(|corpus| {
                whole_file(corpus)?;
                expect_count(corpus, corpus.size()?, file)
            })
            .working(counting(on_two_threads)),
        scenario("count/plain", "the same by the plain reader on serde_json")
            .expecting(|corpus| expect_count(corpus, corpus.size()?, file))
            .working(counting(parser::plain::count)),
        scenario("command/count", "`logs count FILE`, from its start to its end")
            .expecting(|corpus| expect(corpus, corpus.size()?, file, |count, _| of_json(count), of_count))
            .commanding(
                |corpus, _| vec!["count".into(), corpus.path.clone().into()],
                |_, stdout| {
                    let answer: Value = serde_json::from_slice(stdout)?;
                    of_json(&answer)
                },
            ),
    ]
}

type Counting = fn(Take<File>, &mut dyn FnMut(BadLine)) -> io::Result<Count>;

fn fast(file: Take<File>, on_bad: &mut dyn FnMut(BadLine)) -> io::Result<Count> {
    let mut counter = Counter::new();
    counter.read(file, on_bad)?;
    Ok(counter.finish())
}

fn on_two_threads(file: Take<File>, on_bad: &mut dyn FnMut(BadLine)) -> io::Result<Count> {
    let mut counter = Counter::new();
    let mut bad = Vec::new();
    counter.read_file(&file.into_inner(), TWO, &mut |line| bad.push(line))?;
    bad.into_iter().for_each(on_bad);
    Ok(counter.finish())
}

fn counting(count: Counting) -> impl Fn(&Corpus) -> Result<CountFile, Error> {
    move |corpus| Ok(CountFile { corpus: corpus.clone(), count })
}

struct CountFile {
    corpus: Corpus,
    count: Counting,
}

impl Work for CountFile {
    type Output = Count;

    fn run(&mut self, _query: usize) -> Result<Count, Error> {
        Ok((self.count)(self.corpus.open()?, &mut |_| ())?)
    }

    fn answer(&self, count: &Count) -> Answer {
        of_whole(count)
    }
}

/// Several threads read a file to its end: a corpus that is cut short is not for them.
pub(crate) fn whole_file(corpus: &Corpus) -> Result<(), Error> {
    match corpus.bytes {
        None => Ok(()),
        Some(bytes) => Err(Unsuited(format!("only {bytes} bytes of the file are to be read")).into()),
    }
}

fn whole(stats: Answer, records: u64, counted: u64) -> Answer {
    Digest::new().text(&stats.to_string()).number(records).number(counted).finish()
}

/// The answer of a counter.
pub(crate) fn of_whole(count: &Count) -> Answer {
    whole(of_count(count), count.records, count.counted)
}

/// A corpus as it lies on the disk.
fn file(corpus: &Corpus) -> Result<Box<dyn Read>, Error> {
    Ok(Box::new(corpus.open()?))
}

/// What a counter must give over so many bytes; `open` gives them to the plain reader where there is no truth.
pub(crate) fn expect_count(
    corpus: &Corpus,
    bytes: u64,
    open: impl Fn(&Corpus) -> Result<Box<dyn Read>, Error>,
) -> Result<Expectation, Error> {
    expect(
        corpus,
        bytes,
        open,
        |truth, records| Ok(whole(of_json(truth)?, records, truth::number(truth, "counted")?)),
        of_whole,
    )
}

/// The answer from the truth, or from the plain reader where there is none.
fn expect(
    corpus: &Corpus,
    bytes: u64,
    open: impl Fn(&Corpus) -> Result<Box<dyn Read>, Error>,
    from_truth: impl Fn(&Value, u64) -> Result<Answer, Error>,
    from_plain: impl Fn(&Count) -> Answer,
) -> Result<Expectation, Error> {
    if let Some(truth) = truth::of(corpus)? {
        let records = truth::number(&truth, "records")?;
        return Ok(Expectation { bytes, records, answers: vec![from_truth(&truth, records)?] });
    }
    let count = parser::plain::count(open(corpus)?, &mut |_| ()).map_err(|e| Unsuited(e.to_string()))?;
    if count.counted == 0 {
        let why = format!("none of its {} records is a request that the CDN counter counts", count.records);
        return Err(Unsuited(why).into());
    }
    Ok(Expectation { bytes, records: count.records, answers: vec![from_plain(&count)] })
}

/// The digest of all counts.
fn of_count(count: &Count) -> Answer {
    let mut digest = Digest::new();
    for (date, day) in &count.stats {
        for dimension in Dimension::ALL {
            for (value, uses) in day.values(dimension) {
                digest = digest
                    .text(date)
                    .text(dimension.name())
                    .text(value)
                    .number(uses.total)
                    .number(uses.unique);
            }
        }
    }
    digest.finish()
}

/// The same of the counter's JSON: the truth of a corpus, or what `logs count` prints.
fn of_json(answer: &Value) -> Result<Answer, Error> {
    let mut digest = Digest::new();
    for (date, day) in truth::entries(answer, "stats")? {
        for dimension in Dimension::ALL.map(Dimension::name) {
            for (value, uses) in truth::entries(day, dimension)? {
                let (total, unique) = (truth::number(uses, "total")?, truth::number(uses, "unique")?);
                digest = digest.text(date).text(dimension).text(value).number(total).number(unique);
            }
        }
    }
    Ok(digest.finish())
}
