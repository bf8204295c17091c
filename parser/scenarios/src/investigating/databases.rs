//! The suite `database`: a table of `SQLite` as JSON lines, and searched.
//!
//! The table is made, once, of the lines of a corpus, so the lines that it gives are those of the corpus, byte by byte.

use super::{Names, beside, drawn, names};
use crate::truth;
use harness::answer::{Answer, Digest};
use harness::subject::{Corpus, Error, Expectation, Scenario, Unsuited, Work};
use parser::database::{Database, Selection};
use parser::{Clock, Columns, Expression, Filter, Limits, Searcher};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use serde_json::value::RawValue;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::Path;

const CORPORA: [&str; 3] = ["jobs-10k", "jobs-100k", "jobs-1m"];

/// What a search asks for: a column and its value, in a drawn order.
const CONDITIONS: [(&str, &str); 8] = [
    ("status", "failed"),
    ("status", "pending"),
    ("status", "running"),
    ("status", "cancelled"),
    ("queue", "mail"),
    ("queue", "billing"),
    ("kind", "charge_card"),
    ("kind", "resize_image"),
];

const QUERIES: usize = 16;

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = both(
        &names!("database/lines"),
        1,
        ("all rows of a table as JSON lines, in flat memory", |path, _| lines(path)),
        ("the same by rusqlite and serde_json, a string for each line", |path, _| {
            plain_lines(path, "SELECT * FROM jobs", [])
        }),
    );
    all.extend(both(
        &names!("database/search"),
        QUERIES,
        ("the rows of a table for which a condition holds, as JSON lines", search),
        ("the same by SQLite's own WHERE, rusqlite and serde_json", |path, query| {
            let (column, value) = condition(query);
            plain_lines(path, &format!("SELECT * FROM jobs WHERE {column} = ?"), [value])
        }),
    ));
    all
}

/// Asks a database.
type Ask = fn(&Path, usize) -> Result<Lines, Error>;

fn both(
    names: &Names,
    queries: usize,
    (about, ask): (&'static str, Ask),
    (plain_about, plain): (&'static str, Ask),
) -> Vec<Scenario> {
    let scenario = |name, corpus, about, ask: Ask| {
        Scenario::new(name, corpus, about)
            .queries(queries)
            .expecting(move |corpus| expect(corpus, queries))
            .working(move |corpus| Ok(Asking { table: beside::Table::of(corpus)?, ask }))
    };
    let mut all = Vec::new();
    for (at, corpus) in CORPORA.into_iter().enumerate() {
        let rival = names.plain.get(at..=at).unwrap_or_default();
        all.push(scenario(names.asked[at], corpus, about, ask).beside(rival));
        all.extend(rival.iter().map(|name| scenario(name, corpus, plain_about, plain)));
    }
    all
}

fn condition(query: usize) -> (&'static str, &'static str) {
    CONDITIONS[(query + drawn(0, 0, CONDITIONS.len())) % CONDITIONS.len()]
}

/// The lines of the corpus, all or those that a condition holds for; held against the truth where that counts them.
fn expect(corpus: &Corpus, queries: usize) -> Result<Expectation, Error> {
    let mut found = vec![Lines::default(); queries];
    let mut records = 0;
    for line in BufReader::new(corpus.open()?).split(b'\n') {
        let mut line = line?;
        let row: Value = serde_json::from_slice(&line)
            .map_err(|error| Unsuited(format!("its line {} is no row: {error}", records + 1)))?;
        if let Some(lacking) = CONDITIONS.iter().find(|(column, _)| !row[*column].is_string()) {
            let why =
                format!("its line {} is no row of a table of jobs: it has no {}", records + 1, lacking.0);
            return Err(Unsuited(why).into());
        }
        line.push(b'\n');
        records += 1;
        for (query, lines) in found.iter_mut().enumerate() {
            let (column, value) = condition(query);
            if queries == 1 || row[column] == value {
                lines.add(&line);
            }
        }
    }
    if records == 0 {
        return Err(Unsuited("it has no lines".to_owned()).into());
    }
    // Makes the table, so that no measured process does.
    beside::Table::of(corpus)?;
    if let Some(truth) = truth::of(corpus)? {
        for (query, lines) in found.iter().enumerate() {
            let (column, value) = condition(query);
            let told = match column {
                _ if queries == 1 => truth::number(&truth, "records")?,
                "status" => truth["statuses"][value].as_u64().unwrap_or_default(),
                other => truth[format!("{other}s")][value].as_u64().unwrap_or_default(),
            };
            if told != lines.count {
                let found = lines.count;
                return Err(format!("{column} {value}: {found} rows have it, the truth knows {told}").into());
            }
        }
    }
    let answers = found.iter().map(Lines::answer).collect();
    Ok(Expectation { bytes: corpus.size()?, records, answers })
}

/// Lines that were given, as figures that every byte moves; at a fraction of what it takes to make them.
#[derive(Clone, Default)]
struct Lines {
    count: u64,
    bytes: u64,
    sum: u64,
    /// Bytes that do not fill a word yet.
    rest: Vec<u8>,
}

impl Lines {
    fn add(&mut self, mut bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.count += memchr::memchr_iter(b'\n', bytes).count() as u64;
        if !self.rest.is_empty() {
            let wanted = (8 - self.rest.len()).min(bytes.len());
            self.rest.extend_from_slice(&bytes[..wanted]);
            bytes = &bytes[wanted..];
            if let Ok(word) = self.rest.as_slice().try_into() {
                self.word(word);
                self.rest.clear();
            }
        }
        let (words, rest) = bytes.as_chunks::<8>();
        for &word in words {
            self.word(word);
        }
        self.rest.extend_from_slice(rest);
    }

    fn word(&mut self, word: [u8; 8]) {
        let mixed = (self.sum ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.sum = mixed ^ (mixed >> 32);
    }

    fn answer(&self) -> Answer {
        Digest::new().number(self.count).number(self.bytes).number(self.sum).bytes(&self.rest).finish()
    }
}

fn lines(path: &Path) -> Result<Lines, Error> {
    let mut told = Lines::default();
    Database::open(path)?.with_lines(&Selection::default(), |lines| -> Result<(), Error> {
        let mut buffer = vec![0; 64 << 10];
        loop {
            match lines.read(&mut buffer)? {
                0 => return Ok(()),
                read => told.add(&buffer[..read]),
            }
        }
    })??;
    Ok(told)
}

fn search(path: &Path, query: usize) -> Result<Lines, Error> {
    let (column, value) = condition(query);
    let mut columns = Columns::new();
    let expression = Expression::parse(&format!("{column} = {value}"), &mut columns)?;
    let filter = Filter::new(expression, columns);
    let mut told = Lines::default();
    Database::open(path)?.with_lines(&Selection::default(), |lines| {
        let mut searcher = Searcher::new(&filter, Limits::default(), Clock::now());
        searcher.read(lines, &mut |_| (), |hit: &parser::Record<'_>| {
            told.add(hit.bytes());
            told.add(b"\n");
            ControlFlow::Continue(())
        })
    })??;
    Ok(told)
}

/// Every row a JSON object; a text that is one itself stays as it stands.
fn plain_lines<P: rusqlite::Params>(path: &Path, select: &str, parameters: P) -> Result<Lines, Error> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut statement = connection.prepare(select)?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query(parameters)?;
    let mut told = Lines::default();
    while let Some(row) = rows.next()? {
        let mut line = String::from("{");
        for (at, name) in names.iter().enumerate() {
            if at > 0 {
                line.push(',');
            }
            let value = match row.get_ref(at)? {
                ValueRef::Null => "null".to_owned(),
                ValueRef::Integer(number) => number.to_string(),
                ValueRef::Real(number) => serde_json::to_string(&number)?,
                ValueRef::Text(text) => {
                    let text = std::str::from_utf8(text)?;
                    let is_object = text.starts_with('{') && serde_json::from_str::<&RawValue>(text).is_ok();
                    if is_object { text.to_owned() } else { serde_json::to_string(text)? }
                }
                ValueRef::Blob(_) => return Err("a table of jobs has no blobs".into()),
            };
            let _ = write!(line, "{}:{value}", serde_json::to_string(name)?);
        }
        line.push_str("}\n");
        told.add(line.as_bytes());
    }
    Ok(told)
}

struct Asking {
    table: beside::Table,
    ask: Ask,
}

impl Work for Asking {
    type Output = Lines;

    fn run(&mut self, query: usize) -> Result<Lines, Error> {
        (self.ask)(self.table.path(), query)
    }

    fn answer(&self, lines: &Lines) -> Answer {
        lines.answer()
    }
}
