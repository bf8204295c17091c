//! What it costs to make an index, to open a saved one, and to read a plain list; and what they hold.

use super::list::{Line, read, template};
use super::{Form, beside, checked, indexed, names};
use crate::mixing::{mix, mix_bytes};
use harness::answer::{Answer, Digest};
use harness::subject::{Corpus, Error, Expectation, Scenario, Work};
use parser::index::{Column, Index};
use parser::{Level, Time};

/// Of all scenarios here. In version 1 the number of entries was all of the answer.
const VERSION: u32 = 2;

pub(super) fn scenarios() -> Vec<Scenario> {
    let (plain, spans) = (Form::Plain, Form::Spans);
    let mut all = Vec::new();
    let of_spans = names!("memory/spans");
    for (form, names, about) in [
        (plain, names!("memory/index"), "an index of all columns made of a file, on one thread"),
        (spans, of_spans, "the same where each entry has a span of its own"),
    ] {
        for (at, corpus) in form.corpora().into_iter().enumerate() {
            let rival = names.plain.get(at..=at).unwrap_or_default();
            all.push(scenario(names.asked[at], corpus, about, form).beside(rival).working(|corpus| {
                Ok(Making { corpus: corpus.clone(), make: indexed, answer: of_index, _scratch: None })
            }));
            all.extend(rival.iter().map(|name| {
                let about = "the same entries read into a list of structs with strings of their own";
                scenario(name, corpus, about, form).working(|corpus| {
                    let answer = |lines: &Vec<Line>| Ok(of_lines(lines));
                    Ok(Making { corpus: corpus.clone(), make: read, answer, _scratch: None })
                })
            }));
        }
    }
    let about = "an index that was saved beside its file, opened and not asked anything";
    all.extend(names!("memory/opened").asked.into_iter().zip(plain.corpora()).map(|(name, corpus)| {
        scenario(name, corpus, about, plain).working(|corpus| {
            let (scratch, corpus) = beside::saved(corpus)?;
            let make = |corpus: &Corpus| Ok(Index::open(&corpus.path, beside::ONE(), &mut |_| ())?);
            Ok(Making { corpus, make, answer: of_index, _scratch: scratch })
        })
    }));
    all
}

fn scenario(name: &'static str, corpus: &'static str, about: &'static str, form: Form) -> Scenario {
    Scenario::new(name, corpus, about).version(VERSION).expecting(move |corpus| {
        // What is set up beside the corpus is there before anything is measured.
        if name.starts_with("memory/opened/") {
            beside::saved(corpus)?;
        }
        let lines = checked(corpus, form)?.lines;
        let records = lines.len() as u64;
        Ok(Expectation { bytes: corpus.size()?, records, answers: vec![of_lines(&lines)] })
    })
}

/// The columns of an index that a line of the form has something for.
const COLUMNS: [Column; 7] = [
    Column::Level,
    Column::Service,
    Column::Thread,
    Column::Correlation,
    Column::Span,
    Column::Parent,
    Column::Template,
];

/// What the entries hold: sums that every value moves, by what it is and by whose it is.
#[derive(Default)]
struct Sums {
    entries: u64,
    /// Over their lines and times.
    places: u64,
    /// Of each column, the entries that have a name in it, and the sum over these.
    columns: [(u64, u64); COLUMNS.len()],
}

impl Sums {
    fn add(&mut self, line: u64, time: Option<i64>, names: [Option<&[u8]>; COLUMNS.len()]) {
        let place = mix(mix(line, u64::from(time.is_some())), time.unwrap_or_default() as u64);
        self.entries += 1;
        self.places = self.places.wrapping_add(place);
        for ((named, sum), name) in self.columns.iter_mut().zip(names) {
            if let Some(name) = name {
                *named += 1;
                *sum = sum.wrapping_add(mix_bytes(place, name));
            }
        }
    }

    fn answer(&self) -> Answer {
        let digest = Digest::new().number(self.entries).number(self.places);
        self.columns.iter().fold(digest, |digest, &(named, sum)| digest.number(named).number(sum)).finish()
    }
}

fn of_index(index: &Index) -> Result<Answer, Error> {
    let mut sums = Sums::default();
    for entry in 0..index.len() {
        let mut names = [None; COLUMNS.len()];
        for (name, column) in names.iter_mut().zip(COLUMNS) {
            *name = index.name(column, entry)?;
        }
        sums.add(index.line(entry)?, index.time(entry)?.map(Time::nanos), names);
    }
    Ok(sums.answer())
}

fn of_lines(lines: &[Line]) -> Answer {
    let mut sums = Sums::default();
    for line in lines {
        // An index has one name for each level, and one for all others.
        let level = Level::from_name(&line.level).map_or("unknown", Level::name);
        let said = template(&line.message);
        let names = [
            Some(level),
            Some(&line.service),
            Some(&line.thread),
            Some(&line.correlation),
            line.span.as_deref(),
            line.parent.as_deref(),
            Some(&said),
        ];
        sums.add(line.number, Some(line.time), names.map(|name| name.map(str::as_bytes)));
    }
    sums.answer()
}

/// What is made is held while memory is read, and let go inside the measured part.
struct Making<O> {
    corpus: Corpus,
    make: fn(&Corpus) -> Result<O, Error>,
    answer: fn(&O) -> Result<Answer, Error>,
    _scratch: Option<beside::Scratch>,
}

impl<O> Work for Making<O> {
    type Output = O;

    fn run(&mut self, _: usize) -> Result<O, Error> {
        (self.make)(&self.corpus)
    }

    fn answer(&self, made: &O) -> Answer {
        // An error is no right answer.
        (self.answer)(made).unwrap_or_else(|error| Digest::new().text(&error.to_string()).finish())
    }
}
