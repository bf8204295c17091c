//! The suite `tally`: every index field of an application log, counted.

use crate::counting::{TWO, whole_file};
use crate::truth;
use harness::answer::{Answer, Digest};
use harness::subject::{Corpus, Error, Expectation, Scenario, Unsuited, Work};
use parser::{BadLine, Tally};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Take};

/// A scenario that is asked for the tally of a file.
pub(crate) fn scenario(name: &'static str, about: &'static str) -> Scenario {
    Scenario::new(name, "app", about).expecting(expect)
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        scenario(
            "tally/fast",
            "counts by level, service, thread and correlation, traces, spans, over a file in the page cache",
        )
        .beside(&["limit/app", "tally/plain", "tally/sonic-rs", "tally/simd-json"])
        .working(tallying(parser::tally)),
        scenario("tally/fast/2-threads", "the same file, tallied on two threads")
            .beside(&["tally/fast"])
            .on_all_cpus()
            .expecting(|corpus| {
                whole_file(corpus)?;
                expect(corpus)
            })
            .working(tallying(on_two_threads)),
        scenario("tally/plain", "the same by the plain reader on serde_json")
            .working(tallying(parser::plain::tally)),
    ]
}

type Tallying = fn(Take<File>, &mut dyn FnMut(BadLine)) -> io::Result<Tally>;

fn on_two_threads(file: Take<File>, on_bad: &mut dyn FnMut(BadLine)) -> io::Result<Tally> {
    let mut bad = Vec::new();
    let tally = parser::tally_file(&file.into_inner(), TWO, &mut |line| bad.push(line))?;
    bad.into_iter().for_each(on_bad);
    Ok(tally)
}

fn tallying(tally: Tallying) -> impl Fn(&Corpus) -> Result<TallyFile, Error> {
    move |corpus| Ok(TallyFile { corpus: corpus.clone(), tally })
}

struct TallyFile {
    corpus: Corpus,
    tally: Tallying,
}

impl Work for TallyFile {
    type Output = Tally;

    fn run(&mut self, _query: usize) -> Result<Tally, Error> {
        Ok((self.tally)(self.corpus.open()?, &mut |_| ())?)
    }

    fn answer(&self, tally: &Tally) -> Answer {
        of_tally(tally)
    }
}

pub(crate) fn of_tally(tally: &Tally) -> Answer {
    let mut digest = Digest::new().number(tally.records);
    for counts in [&tally.levels, &tally.services, &tally.threads, &tally.correlations] {
        digest = of_counts(digest, counts);
    }
    digest.number(tally.traces).number(tally.spans).number(tally.parents).finish()
}

fn of_counts(digest: Digest, counts: &BTreeMap<String, u64>) -> Digest {
    let digest = digest.number(counts.len() as u64);
    counts.iter().fold(digest, |digest, (value, &count)| digest.text(value).number(count))
}

/// The answer from the truth, or from the plain reader where there is none.
pub(crate) fn expect(corpus: &Corpus) -> Result<Expectation, Error> {
    let bytes = corpus.size()?;
    let tally = match truth::of(corpus)? {
        Some(truth) => of_truth(&truth)?,
        None => parser::plain::tally(corpus.open()?, &mut |_| ()).map_err(|e| Unsuited(e.to_string()))?,
    };
    if tally.levels.is_empty() {
        return Err(Unsuited(format!("none of its {} records has a level", tally.records)).into());
    }
    Ok(Expectation { bytes, records: tally.records, answers: vec![of_tally(&tally)] })
}

fn of_truth(truth: &Value) -> Result<Tally, Error> {
    let counts = |key| -> Result<BTreeMap<String, u64>, Error> {
        let entries = truth::entries(truth, key)?.into_iter();
        entries
            .map(|(value, count)| {
                // A level has more facts than its count.
                let count = if count.is_object() {
                    truth::number(count, "records")?
                } else {
                    count.as_u64().unwrap_or(0)
                };
                Ok((value.to_owned(), count))
            })
            .collect()
    };
    let records = truth::number(truth, "records")?;
    Ok(Tally {
        lines: records,
        records,
        bad: 0,
        levels: counts("levels")?,
        services: counts("services")?,
        threads: counts("threads")?,
        correlations: counts("correlations")?,
        traces: truth::number(truth, "traces")?,
        spans: truth::number(truth, "spans")?,
        parents: truth::number(truth, "parents")?,
    })
}
