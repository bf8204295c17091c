//! The suite `replace`: readers of a saved index, each of which opens it and asks, while it is saved anew without a
//! pause; and the same readers in quiet.
//!
//! A reader arrives at a steady pace: how late its answer is, is what the instrument `latency` reads. All must give the
//! answer that there is, whichever index they have found.

use super::beside::{ONE, Scratch};
use super::list::Line;
use super::{Facts, Form, checked, drawn, indexed};
use harness::answer::{Answer, Digest};
use harness::subject::{Corpus, Error, Expectation, Scenario, Work};
use parser::Level;
use parser::index::{Column, Index};
use parser::investigate::{Page, Query, search};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;

const QUERIES: usize = 32;

/// Entries that a reader asks for.
const LIMIT: usize = 10;

/// Readers that come in a second. One takes a few tenths of a millisecond.
const RATE: u64 = 200;

pub(super) fn scenarios() -> Vec<Scenario> {
    let [_, corpus, _] = Form::Plain.corpora();
    let scenario = |name, about| {
        Scenario::new(name, corpus, about)
            .queries(QUERIES)
            .arriving(RATE)
            // Who replaces wants a processor of its own.
            .on_all_cpus()
            .expecting(expect)
    };
    let about =
        "a saved index opened and asked for the first errors of a request, while it is saved anew and anew";
    vec![
        scenario("replace/readers", about)
            .beside(&["replace/quiet"])
            .working(|corpus| Readers::new(corpus, true)),
        scenario("replace/quiet", "the same readers, and nobody who replaces the index")
            .working(|corpus| Readers::new(corpus, false)),
    ]
}

fn expect(corpus: &Corpus) -> Result<Expectation, Error> {
    let list = checked(corpus, Form::Plain)?;
    let answer = |query| {
        let correlation = correlation(&list.facts, query);
        let found = list.search(|line: &Line| line.errs() && line.correlation == correlation);
        of_numbers(found.len(), found.iter().take(LIMIT).map(|line| line.number))
    };
    let answers = (0..QUERIES).map(answer).collect();
    Ok(Expectation { bytes: corpus.size()?, records: 1, answers })
}

fn correlation(facts: &Facts, query: usize) -> &str {
    let number = facts.correlations.len().max(1);
    // Each in turn, from a drawn one on.
    facts.correlations.get((query + drawn(0, 2, number)) % number).map_or("", String::as_str)
}

fn of_numbers(total: usize, numbers: impl Iterator<Item = u64>) -> Answer {
    numbers.fold(Digest::new().number(total as u64), Digest::number).finish()
}

struct Readers {
    corpus: Corpus,
    facts: Facts,
    replacing: Option<Replacing>,
    // Last: it goes when nobody writes there any more.
    _scratch: Scratch,
}

impl Readers {
    fn new(corpus: &Corpus, replaced: bool) -> Result<Self, Error> {
        let (scratch, corpus) = Scratch::linking(corpus)?;
        let index = indexed(&corpus)?;
        index.save()?;
        let facts = Facts::of(&index)?;
        let replacing = if replaced { Some(Replacing::begin(index)?) } else { None };
        Ok(Self { corpus, facts, replacing, _scratch: scratch })
    }
}

/// How many match, and the numbers of the lines of the first.
type Found = (usize, Vec<u64>);

impl Work for Readers {
    type Output = Found;

    fn run(&mut self, query: usize) -> Result<Found, Error> {
        if let Some(why) = self.replacing.as_ref().and_then(Replacing::broken) {
            return Err(why.into());
        }
        let index = Index::open(&self.corpus.path, ONE(), &mut |_| ())?;
        let named = Query::named(Column::Correlation, correlation(&self.facts, query));
        let found = search(&index, &Query { levels: vec![Level::Error], ..named }, Page::first(LIMIT))?;
        let numbers = found.entries.iter().map(|&entry| index.line(entry));
        Ok((found.total, numbers.collect::<Result<_, _>>()?))
    }

    fn answer(&self, (total, numbers): &Found) -> Answer {
        of_numbers(*total, numbers.iter().copied())
    }
}

/// A thread that saves an index again and again, until this is dropped.
struct Replacing {
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Replacing {
    /// Begins; once this returns, the index was replaced at least once.
    fn begin(index: Index) -> Result<Self, Error> {
        let ends = Arc::new(AtomicBool::new(false));
        let times = Arc::new(AtomicU64::new(0));
        let (ended, counted) = (Arc::clone(&ends), Arc::clone(&times));
        let thread = std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) && index.save().is_ok() {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        });
        let replacing = Self { ends, thread: Some(thread) };
        while times.load(Ordering::Relaxed) == 0 {
            if let Some(why) = replacing.broken() {
                return Err(why.into());
            }
            std::thread::yield_now();
        }
        Ok(replacing)
    }

    /// Why nothing is replaced any more.
    fn broken(&self) -> Option<&'static str> {
        let ended = self.thread.as_ref().is_none_or(JoinHandle::is_finished);
        ended.then_some("the index could not be saved anew: nothing was replaced from then on")
    }
}

impl Drop for Replacing {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It gives nothing, and what it could not save was told.
            let _ = thread.join();
        }
    }
}
