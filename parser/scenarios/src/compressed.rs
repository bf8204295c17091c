//! The suites `gzip` and `zstd`: the CDN counter over compressed logs, beside the decoder alone.
//!
//! Bytes are those that come out of the decoder. It is the same one in both, and in the same thread unless it is said.

use crate::counting;
use crate::truth;
use harness::answer::{Answer, Digest};
use harness::subject::{Corpus, Error, Expectation, Scenario, Unsuited, Work};
use parser::input::{Compression, Source};
use parser::{Count, Counter};
use std::io::{self, Read};

/// What is read at once where nothing but the decoder is asked.
const CHUNK: usize = 64 << 10;

/// A form of compression, and what is measured of it.
struct Form {
    compression: Compression,
    corpus: &'static str,
    limit: &'static str,
    one: &'static str,
    /// The same on two threads.
    two: &'static str,
    /// The same with the parts of a file decoded beside each other, if that can be.
    parts: Option<&'static str>,
}

/// Who decodes.
#[derive(Clone, Copy)]
enum Decoding {
    /// The thread that counts.
    Here,
    /// A thread of its own.
    Ahead,
    /// Threads beside each other, as many as there are processors.
    Parts,
}

const FORMS: [Form; 2] = [
    Form {
        compression: Compression::Gzip,
        corpus: "cdn-gzip",
        limit: "limit/gzip",
        one: "gzip/count",
        two: "gzip/count/2-threads",
        parts: Some("gzip/members"),
    },
    Form {
        compression: Compression::Zstd,
        corpus: "cdn-zstd",
        limit: "limit/zstd",
        one: "zstd/count",
        two: "zstd/count/2-threads",
        parts: None,
    },
];

pub(crate) fn scenarios() -> Vec<Scenario> {
    FORMS.iter().flat_map(of_form).collect()
}

fn of_form(form: &'static Form) -> Vec<Scenario> {
    let counting = |name, about| {
        Scenario::new(name, form.corpus, about).expecting(move |corpus| {
            let bytes = size(form, corpus)?;
            counting::expect_count(corpus, bytes, |corpus| source(form, corpus, Decoding::Here))
        })
    };
    let work = |decoding| move |corpus: &Corpus| Ok(CountFile { form, corpus: corpus.clone(), decoding });
    let mut scenarios = vec![
        Scenario::new(
            form.limit,
            form.corpus,
            "the limit: the decoder alone; what comes out is not looked at",
        )
        .expecting(move |corpus| expect_decoded(form, corpus))
        .working(move |corpus| Ok(DecodeFile { form, corpus: corpus.clone() })),
        counting(form.one, "the CDN counter over a compressed file, decoder and counter in one thread")
            .beside(&[form.limit])
            .working(work(Decoding::Here)),
        counting(form.two, "the same, with the decoder in a thread of its own")
            .beside(&[form.limit, form.one])
            .on_all_cpus()
            .working(work(Decoding::Ahead)),
    ];
    scenarios.extend(form.parts.map(|name| {
        counting(
            name,
            "the same, with the members of the file decoded beside each other, a thread for each processor",
        )
        .beside(&[form.limit, form.one, form.two])
        .on_all_cpus()
        .working(work(Decoding::Parts))
    }));
    scenarios
}

/// The decoded bytes of a corpus.
fn source(form: &Form, corpus: &Corpus, decoding: Decoding) -> Result<Box<dyn Read>, Error> {
    let file = corpus.open()?;
    let is_whole = file.limit() == u64::MAX;
    let source = Source::new(file)?;
    if source.compression() != form.compression {
        return Err(Unsuited(format!("it is not compressed as {:?} says", form.compression)).into());
    }
    Ok(match decoding {
        Decoding::Here => source.decode(false),
        Decoding::Parts if is_whole => {
            Source::new(corpus.open()?.into_inner())?.decode_on(parser::all_threads())?
        }
        Decoding::Ahead | Decoding::Parts => source.decode(true),
    })
}

/// Reads to the end; how many bytes there are.
fn drain(mut source: impl Read) -> io::Result<u64> {
    let mut buffer = vec![0; CHUNK];
    let mut bytes = 0;
    loop {
        match source.read(&mut buffer) {
            Ok(0) => return Ok(bytes),
            Ok(read) => bytes += read as u64,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// How many bytes are decoded: by the truth, or by decoding.
fn size(form: &Form, corpus: &Corpus) -> Result<u64, Error> {
    match truth::of(corpus)? {
        Some(truth) => truth::number(&truth, "bytes"),
        None => Ok(drain(source(form, corpus, Decoding::Here)?)?),
    }
}

fn expect_decoded(form: &Form, corpus: &Corpus) -> Result<Expectation, Error> {
    let bytes = size(form, corpus)?;
    let records = match truth::of(corpus)? {
        Some(truth) => truth::number(&truth, "records")?,
        None => parser::plain::count(source(form, corpus, Decoding::Here)?, &mut |_| ())?.records,
    };
    Ok(Expectation { bytes, records, answers: vec![of_bytes(bytes)] })
}

/// Each member and each frame ends with a checksum, which the decoder compares: a number of bytes is answer enough.
fn of_bytes(bytes: u64) -> Answer {
    Digest::new().number(bytes).finish()
}

struct DecodeFile {
    form: &'static Form,
    corpus: Corpus,
}

impl Work for DecodeFile {
    type Output = u64;

    fn run(&mut self, _query: usize) -> Result<u64, Error> {
        Ok(drain(source(self.form, &self.corpus, Decoding::Here)?)?)
    }

    fn answer(&self, &bytes: &u64) -> Answer {
        of_bytes(bytes)
    }
}

struct CountFile {
    form: &'static Form,
    corpus: Corpus,
    decoding: Decoding,
}

impl Work for CountFile {
    type Output = Count;

    fn run(&mut self, _query: usize) -> Result<Count, Error> {
        let mut counter = Counter::new();
        counter.read(source(self.form, &self.corpus, self.decoding)?, &mut |_| ())?;
        Ok(counter.finish())
    }

    fn answer(&self, count: &Count) -> Answer {
        counting::of_whole(count)
    }
}
