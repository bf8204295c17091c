//! The suite `search`: a filter by level over JSON lines, a fresh level in each iteration.

use crate::counting::{TWO, whole_file};
use crate::truth;
use harness::answer::{Answer, Digest};
use harness::subject::{Corpus, Error, Expectation, Scenario, Unsuited, Work};
use parser::{BadLine, Clock, Filter, Found, Level, Limits, Match, Searcher};
use serde_json::Value;
use std::fs::File;
use std::io::{self, Take};
use std::ops::ControlFlow;

/// The list of queries.
const LEVELS: [Level; 4] = [Level::Error, Level::Info, Level::Debug, Level::Warn];

/// A scenario that is asked for the records of a level, a fresh one each time.
pub(crate) fn scenario(name: &'static str, about: &'static str) -> Scenario {
    Scenario::new(name, "app", about).queries(LEVELS.len()).expecting(expect_levels)
}

/// What a search for each level must give.
pub(crate) fn expect_levels(corpus: &Corpus) -> Result<Expectation, Error> {
    expect(corpus, &LEVELS, of_hits)
}

/// What a query asks for.
pub(crate) fn level(query: usize) -> Level {
    LEVELS[query % LEVELS.len()]
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        scenario("search/fast", "all records of one level, JSON-correct, over a file in the page cache")
            .beside(&["limit/app", "search/plain", "search/sonic-rs"])
            .working(searching(parser::search)),
        scenario("search/fast/2-threads", "the same file, searched on two threads")
            .beside(&["search/fast"])
            .on_all_cpus()
            .expecting(|corpus| {
                whole_file(corpus)?;
                expect_levels(corpus)
            })
            .working(|corpus| Ok(SearchOnTwo { corpus: corpus.clone() })),
        Scenario::new("search/errors", "app", "the records of the level error alone, which few lines have")
            .beside(&["limit/app", "search/fast"])
            .expecting(|corpus| expect(corpus, &LEVELS[..1], of_hits))
            .working(searching(parser::search)),
        scenario("search/plain", "the same by the plain reader on serde_json")
            .working(searching(parser::plain::search)),
        Scenario::new(
            "command/search",
            "app",
            "`logs search --level error FILE` into a pipe, from its start to its end",
        )
        .expecting(expect_command)
        .commanding(
            |corpus, _| vec!["search".into(), "--level".into(), "error".into(), corpus.path.clone().into()],
            |_, stdout| Ok(of_lines(&Hits::of_lines(stdout))),
        ),
    ]
}

type Searching = fn(
    Take<File>,
    &Filter,
    &mut dyn FnMut(BadLine),
    &mut dyn FnMut(Match<'_>) -> ControlFlow<()>,
) -> io::Result<Found>;

fn searching(search: Searching) -> impl Fn(&Corpus) -> Result<SearchFile, Error> {
    move |corpus| Ok(SearchFile { corpus: corpus.clone(), search })
}

struct SearchFile {
    corpus: Corpus,
    search: Searching,
}

/// The same on two threads.
struct SearchOnTwo {
    corpus: Corpus,
}

impl Work for SearchOnTwo {
    type Output = Hits;

    fn run(&mut self, query: usize) -> Result<Hits, Error> {
        let filter = Filter::level(level(query));
        let mut searcher = Searcher::new(&filter, Limits::default(), Clock::now());
        let mut hits = Hits::default();
        let file = self.corpus.open()?.into_inner();
        searcher.read_file(&file, TWO, &mut |_| (), &mut |hit| {
            hits.add(hit.line, hit.bytes.len() as u64);
            ControlFlow::Continue(())
        })?;
        Ok(hits)
    }

    fn answer(&self, hits: &Hits) -> Answer {
        of_hits(hits)
    }
}

/// What a search finds, as figures that every match moves.
#[derive(Default)]
pub(crate) struct Hits {
    records: u64,
    bytes: u64,
    line_sum: u64,
}

impl Hits {
    pub(crate) fn add(&mut self, line: u64, bytes: u64) {
        self.records += 1;
        self.bytes += bytes;
        self.line_sum += line;
    }

    fn of_lines(text: &[u8]) -> Self {
        let lines = text.split_inclusive(|&byte| byte == b'\n');
        lines.fold(Self::default(), |hits, line| {
            let length = line.strip_suffix(b"\n").unwrap_or(line).len() as u64;
            Self { records: hits.records + 1, bytes: hits.bytes + length, line_sum: 0 }
        })
    }

    fn of_truth(level: &Value) -> Result<Self, Error> {
        if level.is_null() {
            return Ok(Self::default());
        }
        let figure = |key| truth::number(level, key);
        Ok(Self { records: figure("records")?, bytes: figure("bytes")?, line_sum: figure("line_sum")? })
    }
}

impl Work for SearchFile {
    type Output = Hits;

    fn run(&mut self, query: usize) -> Result<Hits, Error> {
        Ok(hits(self.search, self.corpus.open()?, level(query))?.0)
    }

    fn answer(&self, hits: &Hits) -> Answer {
        of_hits(hits)
    }
}

fn hits(search: Searching, file: Take<File>, level: Level) -> io::Result<(Hits, Found)> {
    let mut hits = Hits::default();
    let found = search(file, &Filter::level(level), &mut |_| (), &mut |hit| {
        hits.add(hit.line, hit.bytes.len() as u64);
        ControlFlow::Continue(())
    })?;
    Ok((hits, found))
}

pub(crate) fn of_hits(hits: &Hits) -> Answer {
    Digest::new().number(hits.records).number(hits.bytes).number(hits.line_sum).finish()
}

/// Lines that were printed do not tell their numbers.
fn of_lines(hits: &Hits) -> Answer {
    Digest::new().number(hits.records).number(hits.bytes).finish()
}

fn expect_command(corpus: &Corpus) -> Result<Expectation, Error> {
    let expected = expect(corpus, &[Level::Error], of_lines)?;
    if expected.answers == [of_lines(&Hits::default())] {
        return Err(Unsuited("no record of it has the level error".to_owned()).into());
    }
    Ok(expected)
}

/// The answers from the truth, or from the plain reader where there is none.
fn expect(corpus: &Corpus, levels: &[Level], answer: fn(&Hits) -> Answer) -> Result<Expectation, Error> {
    let bytes = corpus.size()?;
    let mut answers = Vec::new();
    if let Some(truth) = truth::of(corpus)? {
        for level in levels {
            let name = level.to_string().to_uppercase();
            answers.push(answer(&Hits::of_truth(&truth["levels"][name])?));
        }
        return Ok(Expectation { bytes, records: truth::number(&truth, "records")?, answers });
    }
    let (mut records, mut matches) = (0, 0);
    for &level in levels {
        let (hits, found) =
            hits(parser::plain::search, corpus.open()?, level).map_err(|e| Unsuited(e.to_string()))?;
        records = found.records;
        matches += hits.records;
        answers.push(answer(&hits));
    }
    if matches == 0 {
        return Err(Unsuited(format!("none of its {records} records has a level that is asked for")).into());
    }
    Ok(Expectation { bytes, records, answers })
}
