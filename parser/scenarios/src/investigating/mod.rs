//! The suites `memory`, `hierarchy`, `correlation`, `sampling`, `replace`, `database` and some of `search`: questions
//! to an index (or a database), each at three sizes, beside the plain way to answer it.
//!
//! The logs are of the shape `flat`, that of another engine's benchmarks, so that its figures can be set beside these
//! (INVESTIGATE.md does that). The plain way is a list of structs with strings of their own and a walk over it; see
//! [`list`]. It is not asked at the largest size, where to read the list takes longer than all the rest.
//!
//! The index, or the list, is made in the set-up; `memory/*` measure how it is made. Each iteration takes the next
//! question of a list that is drawn from a seed. What is right is what the plain way answers, over a list that was held
//! against every fact of the truth.

#![expect(
    clippy::unnecessary_wraps,
    reason = "both sides of a question have one type, and an index can fail"
)]

mod beside;
mod correlation;
#[cfg(feature = "databases")]
mod databases;
mod hierarchy;
mod list;
mod memory;
mod plain_tree;
mod replace;
mod sampling;
mod search;

use crate::truth;
use harness::answer::{Answer, Digest};
use harness::subject::{Corpus, Error, Expectation, Scenario, Work};
use list::List;
use parser::index::{Column, Index, IndexBuilder, Options};
use parser::investigate::{Query, ids};
use parser::{Level, Time};
use std::collections::BTreeMap;
use std::rc::Rc;

pub(crate) fn scenarios() -> Vec<Scenario> {
    let mut all = memory::scenarios();
    all.extend(search::scenarios());
    all.extend(hierarchy::scenarios());
    all.extend(correlation::scenarios());
    all.extend(sampling::scenarios());
    all.extend(replace::scenarios());
    #[cfg(feature = "databases")]
    all.extend(databases::scenarios());
    all
}

/// What the logs of a question hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Five services, no spans.
    Plain,
    /// The same, and a span for each entry, three of five with a parent.
    Spans,
}

impl Form {
    /// The corpora, smallest first.
    const fn corpora(self) -> [&'static str; 3] {
        match self {
            Self::Plain => ["flat-10k", "flat-100k", "flat-1m"],
            Self::Spans => ["spans-10k", "spans-100k", "spans-1m"],
        }
    }
}

/// What a question is called at each size, asked of an index and of a plain list.
pub(crate) struct Names {
    pub(crate) asked: [&'static str; 3],
    pub(crate) plain: [&'static str; 2],
}

macro_rules! names {
    ($name:literal) => {
        crate::investigating::Names {
            asked: [concat!($name, "/10k"), concat!($name, "/100k"), concat!($name, "/1m")],
            plain: [concat!($name, "-plain/10k"), concat!($name, "-plain/100k")],
        }
    };
}
pub(crate) use names;

/// One of the two ways to answer a question, on what was set up for it.
struct Side<T, O> {
    about: &'static str,
    ask: Rc<Ask<T, O>>,
    /// A digest of figures that every entry found moves.
    answer: ToAnswer<T, O>,
}

type Ask<T, O> = dyn Fn(&T, usize) -> Result<O, Error>;
type ToAnswer<T, O> = fn(&T, &O) -> Result<Answer, Error>;

impl<T, O> Side<T, O> {
    fn new(
        about: &'static str,
        ask: impl Fn(&T, usize) -> Result<O, Error> + 'static,
        answer: ToAnswer<T, O>,
    ) -> Self {
        Self { about, ask: Rc::new(ask), answer }
    }
}

impl<T, O> Clone for Side<T, O> {
    fn clone(&self) -> Self {
        Self { about: self.about, ask: Rc::clone(&self.ask), answer: self.answer }
    }
}

/// A question at all sizes, in both ways.
fn question<A: 'static, P: 'static>(
    names: &Names,
    form: Form,
    queries: usize,
    asked: &Side<Indexed, A>,
    plain: &Side<List, P>,
) -> Vec<Scenario> {
    let at_size = |name, corpus, about| {
        let plain = plain.clone();
        let expecting = move |corpus: &Corpus| expect(corpus, form, queries, &plain);
        Scenario::new(name, corpus, about).queries(queries).expecting(expecting)
    };
    let mut all = Vec::new();
    for (at, corpus) in form.corpora().into_iter().enumerate() {
        let rival = names.plain.get(at..=at).unwrap_or_default();
        let side = asked.clone();
        all.push(at_size(names.asked[at], corpus, asked.about).beside(rival).working(move |corpus| {
            let on = Indexed::new(corpus)?;
            Ok(Asking { on, side: side.clone() })
        }));
        for name in rival {
            let side = plain.clone();
            all.push(at_size(name, corpus, plain.about).working(move |corpus| {
                let on = List::read(corpus)?;
                Ok(Asking { on, side: side.clone() })
            }));
        }
    }
    all
}

/// What the plain way answers, over a list that agrees with the truth.
fn expect<P>(
    corpus: &Corpus,
    form: Form,
    queries: usize,
    plain: &Side<List, P>,
) -> Result<Expectation, Error> {
    let list = checked(corpus, form)?;
    let answer = |query| (plain.answer)(&list, &(plain.ask)(&list, query)?);
    let answers = (0..queries).map(answer).collect::<Result<_, Error>>()?;
    Ok(Expectation { bytes: corpus.size()?, records: list.lines.len() as u64, answers })
}

/// The list of a corpus that suits and agrees with the truth.
fn checked(corpus: &Corpus, form: Form) -> Result<List, Error> {
    let list = List::read(corpus)?;
    list.suits(form)?;
    if let Some(truth) = truth::of(corpus)? {
        list.agrees(&truth)?;
    }
    Ok(list)
}

struct Asking<T, O> {
    on: T,
    side: Side<T, O>,
}

impl<T, O> Work for Asking<T, O> {
    type Output = O;

    fn run(&mut self, query: usize) -> Result<O, Error> {
        (self.side.ask)(&self.on, query)
    }

    fn answer(&self, output: &O) -> Answer {
        // An error is no right answer, and says what it is in no other way here.
        (self.side.answer)(&self.on, output)
            .unwrap_or_else(|error| Digest::new().text(&error.to_string()).finish())
    }
}

/// An index, and what questions are made of.
struct Indexed {
    index: Index,
    facts: Facts,
}

impl Indexed {
    fn new(corpus: &Corpus) -> Result<Self, Error> {
        let index = indexed(corpus)?;
        Ok(Self { facts: Facts::of(&index)?, index })
    }
}

/// An index of a corpus, made on one thread.
fn indexed(corpus: &Corpus) -> Result<Index, Error> {
    let mut builder = IndexBuilder::new(Options { threads: 1, ..Options::default() });
    builder.add(&corpus.path, &mut |_| ()).map_err(|e| format!("indexing {}: {e}", corpus.path.display()))?;
    Ok(builder.finish())
}

/// What questions are made of; the same whoever read the log.
struct Facts {
    /// In the order of their names.
    threads: Vec<String>,
    correlations: Vec<String>,
    /// Entries of the level error.
    errors: usize,
    /// The earliest and the latest time, in nanoseconds.
    span: (i64, i64),
}

impl Facts {
    fn of(index: &Index) -> Result<Self, Error> {
        let named = |column| -> Result<Vec<String>, Error> {
            let mut names: Vec<String> = ids(index, column)?.into_iter().map(|id| id.name).collect();
            names.sort_unstable();
            Ok(names)
        };
        let levels = ids(index, Column::Level)?;
        let errors = levels.iter().find(|id| Level::from_name(&id.name) == Some(Level::Error));
        let first = levels.iter().filter_map(|id| id.span).map(|span| span.0).min();
        let last = levels.iter().filter_map(|id| id.span).map(|span| span.1).max();
        Ok(Self {
            threads: named(Column::Thread)?,
            correlations: named(Column::Correlation)?,
            errors: errors.map_or(0, |id| id.count as usize),
            span: (first.map_or(0, Time::nanos), last.map_or(0, Time::nanos)),
        })
    }

    fn thread(&self, query: usize) -> &str {
        drawn_of(&self.threads, query, 0)
    }

    fn correlation(&self, query: usize) -> &str {
        drawn_of(&self.correlations, query, 0)
    }

    /// Two correlations that are not the same one, where there are two.
    fn two_correlations(&self, query: usize) -> [&str; 2] {
        let number = self.correlations.len().max(1);
        let first = drawn(query, 0, number);
        let second = (first + 1 + drawn(query, 1, number.saturating_sub(1))) % number;
        [first, second].map(|at| self.correlations.get(at).map_or("", String::as_str))
    }

    /// A moment in the first hundredth of the time: a question from there on is about nearly all, and not about the
    /// same entries as another.
    fn moment(&self, query: usize) -> Time {
        let (first, last) = self.span;
        Time::from_nanos(first + drawn(query, 0, (last.abs_diff(first) / 100) as usize) as i64)
    }

    /// All entries from that moment on.
    fn nearly_all(&self, query: usize) -> Query {
        Query { since: Some(self.moment(query)), ..Query::default() }
    }
}

/// The seed of the questions.
const SEED: u64 = 42;

/// The number of one of the things that a question is made of, below `bound` (0 where that is 0), by `SplitMix64`
/// (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", 2014).
fn drawn(query: usize, part: u64, bound: usize) -> usize {
    let mut z = (SEED + part).wrapping_add((query as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((u128::from(z ^ z >> 31) * bound as u128) >> 64) as usize
}

fn drawn_of(names: &[String], query: usize, part: u64) -> &str {
    names.get(drawn(query, part, names.len())).map_or("", String::as_str)
}

/// Adds names and how often each occurs, in the order of the names.
fn with_counts<'n>(digest: Digest, counts: impl IntoIterator<Item = (&'n str, u64)>) -> Digest {
    let sorted: BTreeMap<&str, u64> = counts.into_iter().collect();
    sorted.into_iter().fold(digest, |digest, (name, count)| digest.text(name).number(count))
}

/// Adds a span of time.
fn with_span(digest: Digest, span: Option<(i64, i64)>) -> Digest {
    let (first, last) = span.unwrap_or((i64::MAX, i64::MIN));
    digest.number(first as u64).number(last as u64)
}

fn nanos(span: Option<(Time, Time)>) -> Option<(i64, i64)> {
    span.map(|(first, last)| (first.nanos(), last.nanos()))
}
