//! What it costs to make an index, to open a saved one, and to read a plain list; and what they hold.

use super::list::{Line, read};
use super::{Form, beside, checked, indexed, names};
use harness::answer::{Answer, Digest};
use harness::subject::{Corpus, Error, Expectation, Scenario, Work};
use parser::index::Index;

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
                let answer = |index: &Index| index.len().into();
                Ok(Making { corpus: corpus.clone(), make: indexed, answer, _scratch: None })
            }));
            all.extend(rival.iter().map(|name| {
                let about = "the same entries read into a list of structs with strings of their own";
                scenario(name, corpus, about, form).working(|corpus| {
                    let answer = |lines: &Vec<Line>| lines.len() as u64;
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
            Ok(Making { corpus, make, answer: |index| index.len().into(), _scratch: scratch })
        })
    }));
    all
}

fn scenario(name: &'static str, corpus: &'static str, about: &'static str, form: Form) -> Scenario {
    Scenario::new(name, corpus, about).expecting(move |corpus| {
        // What is set up beside the corpus is there before anything is measured.
        if name.starts_with("memory/opened/") {
            beside::saved(corpus)?;
        }
        let records = checked(corpus, form)?.lines.len() as u64;
        Ok(Expectation { bytes: corpus.size()?, records, answers: vec![of_number(records)] })
    })
}

fn of_number(records: u64) -> Answer {
    Digest::new().number(records).finish()
}

/// What is made is held while memory is read, and let go inside the measured part.
struct Making<O> {
    corpus: Corpus,
    make: fn(&Corpus) -> Result<O, Error>,
    answer: fn(&O) -> u64,
    _scratch: Option<beside::Scratch>,
}

impl<O> Work for Making<O> {
    type Output = O;

    fn run(&mut self, _: usize) -> Result<O, Error> {
        (self.make)(&self.corpus)
    }

    fn answer(&self, made: &O) -> Answer {
        of_number((self.answer)(made))
    }
}
