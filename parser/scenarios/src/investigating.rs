//! The suites `memory`, `correlation` and `hierarchy`, and searches among `search`: questions to an index, and to a
//! plain list of owned entries.
//!
//! The index, or the list, is made in the set-up; only `memory/*` measure how it is made. The questions are fresh in
//! each iteration: the levels, and the threads of the log, which between them have every entry.

use crate::truth;
use harness::answer::{Answer, Digest};
use harness::subject::{Corpus, Error, Expectation, Scenario, Unsuited, Work};
use parser::Level;
use parser::index::{Column, Index, IndexBuilder, Options};
use parser::investigate::{Page, Query, follow, ids, search, tree};
use parser::plain::investigate::Entries;
use std::collections::BTreeSet;

const LEVELS: [Level; 4] = [Level::Error, Level::Info, Level::Debug, Level::Warn];

/// Threads that are asked for; the log of the corpus has as many.
const THREADS: usize = 48;

/// Entries that a search shows.
const LIMIT: usize = 100;

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        scenario("memory/index", "an index of all columns made of a file, on one thread", 1, made)
            .beside(&["memory/list"])
            .working(|corpus| {
                Ok(Making { corpus: corpus.clone(), make: |corpus| Ok(facts_of_index(&indexed(corpus)?)?) })
            }),
        scenario("memory/list", "the same entries read into a list that owns them", 1, made).working(
            |corpus| {
                Ok(Making { corpus: corpus.clone(), make: |corpus| Ok(facts_of_list(&listed(corpus)?)) })
            },
        ),
        asking(
            "search/indexed",
            "entries of one level by an index: the first hundred, and how many",
            LEVELS.len(),
            SEARCH,
        )
        .beside(&["search/listed"]),
        walking("search/listed", "the same by a walk over owned entries", LEVELS.len(), SEARCH),
        asking(
            "correlation/followed",
            "all entries of one thread by an index, in order, with figures",
            THREADS,
            FOLLOW,
        )
        .beside(&["correlation/walked"]),
        walking(
            "correlation/walked",
            "the same entries by a walk over owned ones, without figures",
            THREADS,
            FOLLOW,
        ),
        asking("hierarchy/tree", "the spans of all entries as a tree with durations and self times", 1, TREE)
            .beside(&["hierarchy/walked"]),
        walking("hierarchy/walked", "the same tree by tables of names", 1, TREE),
    ]
}

/// Asks an index, given the threads of its log.
type Ask = fn(&Index, &[String], usize) -> Result<Vec<u64>, Error>;

/// Walks over a list for the same.
type Walk = fn(&Entries, &[String], usize) -> Vec<u64>;

/// A question, in both ways. The answer is figures that every entry found moves.
#[derive(Clone, Copy)]
struct Question {
    ask: Ask,
    walk: Walk,
}

const SEARCH: Question = Question {
    ask: |index, _, at| {
        let found = search(index, &of_level(at), Page::first(LIMIT))?;
        let mut figures = vec![found.total as u64];
        for entry in found.entries {
            figures.push(index.line(entry)?);
        }
        Ok(figures)
    },
    walk: |entries, _, at| {
        let found = entries.search(&of_level(at));
        let lines = found.iter().take(LIMIT).map(|&entry| entries.all[entry].line);
        std::iter::once(found.len() as u64).chain(lines).collect()
    },
};

const FOLLOW: Question = Question {
    ask: |index, threads, at| {
        let followed = follow(index, Column::Thread, thread(threads, at))?;
        Ok(followed.entries.into_iter().map(u64::from).collect())
    },
    walk: |entries, threads, at| {
        let found = entries.search(&Query::named(Column::Thread, thread(threads, at)));
        found.into_iter().map(|entry| entry as u64).collect()
    },
};

const TREE: Question = Question {
    ask: |index, _, _| {
        let tree = tree(index, &Query::default(), None)?;
        let nodes = tree.nodes.iter().map(|node| (node.nanos(), node.self_nanos, node.entries, node.errors));
        Ok(summed(nodes, tree.roots()))
    },
    walk: |entries, _, _| {
        let nodes = entries.tree(&entries.search(&Query::default()));
        let roots = nodes.iter().filter(|node| node.parent.is_none()).count();
        summed(nodes.iter().map(|node| (node.nanos, node.self_nanos, node.entries, node.errors)), roots)
    },
};

fn of_level(at: usize) -> Query {
    Query { levels: vec![LEVELS[at % LEVELS.len()]], ..Query::default() }
}

fn thread(threads: &[String], at: usize) -> &str {
    threads.get(at % threads.len().max(1)).map_or("", String::as_str)
}

/// Sums over nodes, which do not depend on their order.
fn summed(nodes: impl Iterator<Item = (u64, u64, u32, u32)>, roots: usize) -> Vec<u64> {
    let mut sums = vec![roots as u64, 0, 0, 0, 0, 0];
    for (nanos, own, entries, errors) in nodes {
        let figures = [1, nanos, own, entries.into(), errors.into()];
        for (sum, figure) in sums[1..].iter_mut().zip(figures) {
            *sum = sum.wrapping_add(figure);
        }
    }
    sums
}

fn scenario(
    name: &'static str,
    about: &'static str,
    queries: usize,
    answer: fn(&Entries, usize) -> Vec<u64>,
) -> Scenario {
    Scenario::new(name, "app", about)
        .queries(queries)
        .expecting(move |corpus| expect(corpus, queries, answer))
}

fn asking(name: &'static str, about: &'static str, queries: usize, question: Question) -> Scenario {
    with_question(name, about, queries, question).working(move |corpus| {
        let index = indexed(corpus)?;
        let threads = ids(&index, Column::Thread)?.into_iter().map(|id| id.name).collect::<BTreeSet<_>>();
        Ok(Asking { index, threads: threads.into_iter().collect(), ask: question.ask })
    })
}

fn walking(name: &'static str, about: &'static str, queries: usize, question: Question) -> Scenario {
    with_question(name, about, queries, question).working(move |corpus| {
        let entries = listed(corpus)?;
        Ok(Walking { threads: threads(&entries), entries, walk: question.walk })
    })
}

fn with_question(name: &'static str, about: &'static str, queries: usize, question: Question) -> Scenario {
    Scenario::new(name, "app", about).queries(queries).expecting(move |corpus| {
        let entries = listed(corpus)?;
        let threads = threads(&entries);
        answers(corpus, &entries, queries, |at| (question.walk)(&entries, &threads, at))
    })
}

/// The threads of a log, in the order of their names.
fn threads(entries: &Entries) -> Vec<String> {
    let names: BTreeSet<&str> = entries.all.iter().filter_map(|entry| entry.name(Column::Thread)).collect();
    names.into_iter().map(str::to_owned).collect()
}

fn expect(
    corpus: &Corpus,
    queries: usize,
    answer: fn(&Entries, usize) -> Vec<u64>,
) -> Result<Expectation, Error> {
    let entries = listed(corpus)?;
    answers(corpus, &entries, queries, |at| answer(&entries, at))
}

fn answers(
    corpus: &Corpus,
    entries: &Entries,
    queries: usize,
    answer: impl Fn(usize) -> Vec<u64>,
) -> Result<Expectation, Error> {
    if let Some(truth) = truth::of(corpus)? {
        let (told, read) = (truth::number(&truth, "records")?, entries.all.len() as u64);
        if told != read {
            return Err(format!("the plain reader finds {read} records, the truth knows {told}").into());
        }
    }
    if threads(entries).is_empty() || !entries.all.iter().any(|entry| entry.name(Column::Span).is_some()) {
        return Err(Unsuited("its records have no threads and spans".to_owned()).into());
    }
    let answers = (0..queries).map(|at| digest(&answer(at))).collect();
    Ok(Expectation { bytes: corpus.size()?, records: entries.all.len() as u64, answers })
}

fn digest(figures: &[u64]) -> Answer {
    figures.iter().fold(Digest::new(), |digest, &figure| digest.number(figure)).finish()
}

fn indexed(corpus: &Corpus) -> Result<Index, Error> {
    let mut builder = IndexBuilder::new(Options { threads: 1, ..Options::default() });
    builder.add(&corpus.path, &mut |_| ()).map_err(|e| format!("indexing {}: {e}", corpus.path.display()))?;
    Ok(builder.finish())
}

fn listed(corpus: &Corpus) -> Result<Entries, Error> {
    let mut entries = Entries::default();
    entries.read(corpus.open()?, &mut |_| ()).map_err(|e| Unsuited(e.to_string()))?;
    Ok(entries)
}

fn facts_of_index(index: &Index) -> std::io::Result<Vec<u64>> {
    let mut facts = vec![index.len().into()];
    for column in [Column::Thread, Column::Correlation, Column::Trace] {
        facts.push(ids(index, column)?.len() as u64);
    }
    Ok(facts)
}

fn facts_of_list(entries: &Entries) -> Vec<u64> {
    let distinct =
        |column| entries.all.iter().filter_map(|entry| entry.name(column)).collect::<BTreeSet<_>>().len();
    let columns = [Column::Thread, Column::Correlation, Column::Trace].map(|column| distinct(column) as u64);
    std::iter::once(entries.all.len() as u64).chain(columns).collect()
}

fn made(entries: &Entries, _: usize) -> Vec<u64> {
    facts_of_list(entries)
}

struct Making {
    corpus: Corpus,
    make: fn(&Corpus) -> Result<Vec<u64>, Error>,
}

impl Work for Making {
    type Output = Vec<u64>;

    fn run(&mut self, _: usize) -> Result<Vec<u64>, Error> {
        (self.make)(&self.corpus)
    }

    fn answer(&self, figures: &Vec<u64>) -> Answer {
        digest(figures)
    }
}

struct Asking {
    index: Index,
    threads: Vec<String>,
    ask: Ask,
}

impl Work for Asking {
    type Output = Vec<u64>;

    fn run(&mut self, query: usize) -> Result<Vec<u64>, Error> {
        (self.ask)(&self.index, &self.threads, query)
    }

    fn answer(&self, figures: &Vec<u64>) -> Answer {
        digest(figures)
    }
}

struct Walking {
    entries: Entries,
    threads: Vec<String>,
    walk: Walk,
}

impl Work for Walking {
    type Output = Vec<u64>;

    fn run(&mut self, query: usize) -> Result<Vec<u64>, Error> {
        Ok((self.walk)(&self.entries, &self.threads, query))
    }

    fn answer(&self, figures: &Vec<u64>) -> Answer {
        digest(figures)
    }
}
