//! The stream of a corpus: numbered chunks, each drawn by itself.
//!
//! Chunk `i` draws from stream `i` and knows nothing of the others: time, ids and line numbers follow from its number. So
//! chunks can be made in any order and by any number of threads, and a part of a corpus without the rest.

use std::io::{self, Write};

use crate::about::About;
use crate::draws::{Draws, TABLES_STREAM};
use crate::knobs::Knobs;
use crate::page::Page;
use crate::spec::Visitor;
use crate::text::Buffer;
use crate::truth::{Facts, Truth};
use crate::{MAX_RECORDS, Spec};

/// A stretch of records that is drawn from one stream.
pub(crate) struct Chunk {
    /// Its number, from 0.
    pub(crate) number: u64,
    /// How many records it has: [`Shaped::CHUNK_RECORDS`], or fewer in the last one.
    pub(crate) records: u32,
}

/// A shape of log: tables made once, and a way to write any chunk.
pub(crate) trait Shaped: Sized + Sync {
    /// What is added up while records are drawn.
    type Facts: Facts;

    /// What the shape says of itself.
    const ABOUT: About;

    /// Records in a whole chunk: so many that a chunk has some hundred kilobytes.
    const CHUNK_RECORDS: u32;

    /// Makes the tables. The knobs are checked; whatever is read from them once is kept.
    fn new(draws: Draws, seed: u64, knobs: &Knobs) -> Self;

    /// Facts about nothing.
    fn facts(&self) -> Self::Facts;

    /// Appends a chunk, record by record. A shorter chunk is the beginning of a whole one.
    fn write_chunk(&self, chunk: &Chunk, draws: &mut Draws, page: &mut Page<'_, Self::Facts>);
}

/// Writes the corpus that `spec` describes and returns the truth about it.
///
/// The same spec gives the same bytes wherever it runs. Memory: the tables (about 3 MiB), one chunk (under 1 MiB), and the
/// truth, which grows with the cardinalities of the shape and not with the number of records.
///
/// # Errors
///
/// Those of `out`; and [`io::ErrorKind::InvalidInput`] for more than [`MAX_RECORDS`] records.
///
/// ```
/// use generator::{Shape, Spec, generate};
///
/// let spec = Spec::new(Shape::App, 42, 3);
/// let mut log = Vec::new();
/// let truth = generate(&spec, &mut log)?;
/// assert_eq!(log.iter().filter(|&&byte| byte == b'\n').count(), 3);
/// assert_eq!(truth.bytes(), log.len() as u64);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn generate(spec: &Spec, out: &mut dyn Write) -> io::Result<Truth> {
    if spec.records() > MAX_RECORDS {
        let message = format!("{} records are more than a corpus can have ({MAX_RECORDS})", spec.records());
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    spec.shape().visit(All { spec, out })
}

/// Writes all of a corpus.
struct All<'a> {
    spec: &'a Spec,
    out: &'a mut dyn Write,
}

impl Visitor for All<'_> {
    type Output = io::Result<Truth>;

    fn visit<S: Shaped>(self) -> io::Result<Truth> {
        let Self { spec, out } = self;
        let shaped: S = tables(spec);
        let mut facts = shaped.facts();
        let mut buffer = Buffer::new();
        let mut bytes = 0;
        for chunk in chunks::<S>(spec) {
            buffer.clear();
            write_one(spec, &shaped, &chunk, &mut facts, &mut buffer);
            out.write_all(&buffer)?;
            bytes += buffer.len() as u64;
        }
        out.flush()?;
        Ok(Truth::new(spec.clone(), bytes, facts))
    }
}

fn tables<S: Shaped>(spec: &Spec) -> S {
    S::new(Draws::new(S::ABOUT.name, spec.seed(), TABLES_STREAM), spec.seed(), spec.knobs())
}

fn chunks<S: Shaped>(spec: &Spec) -> impl DoubleEndedIterator<Item = Chunk> {
    let whole = u64::from(S::CHUNK_RECORDS);
    let records = spec.records();
    (0..records.div_ceil(whole))
        .map(move |number| Chunk { number, records: (records - number * whole).min(whole) as u32 })
}

fn write_one<S: Shaped>(spec: &Spec, shaped: &S, chunk: &Chunk, facts: &mut S::Facts, out: &mut Buffer) {
    let mut draws = Draws::new(S::ABOUT.name, spec.seed(), chunk.number);
    let number = chunk.number * u64::from(S::CHUNK_RECORDS) + 1;
    shaped.write_chunk(chunk, &mut draws, &mut Page::new(out, facts, None, 0, number));
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::Shape;

    /// The log made chunk by chunk from the last to the first, each with tables and facts of its own, and its truth.
    struct Backwards<'a>(&'a Spec);

    impl Visitor for Backwards<'_> {
        type Output = (Vec<u8>, String);

        fn visit<S: Shaped>(self) -> (Vec<u8>, String) {
            let spec = self.0;
            let mut facts = tables::<S>(spec).facts();
            let mut parts: Vec<Vec<u8>> = Vec::new();
            for chunk in chunks::<S>(spec).rev() {
                let mut part = Buffer::new();
                let shaped = tables::<S>(spec);
                let mut own = shaped.facts();
                write_one(spec, &shaped, &chunk, &mut own, &mut part);
                facts.merge(own);
                parts.push(part);
            }
            parts.reverse();
            let log = parts.concat();
            let truth = Truth::new(spec.clone(), log.len() as u64, facts);
            (log, json(&truth))
        }
    }

    fn json(truth: &Truth) -> String {
        let mut text = Vec::new();
        truth.write_json(&mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn chunks_do_not_depend_on_each_other() {
        for shape in Shape::ALL {
            let spec = Spec::new(shape, 7, 3_333);
            let mut log = Vec::new();
            let truth = json(&generate(&spec, &mut log).unwrap());
            let (other_log, other_truth) = shape.visit(Backwards(&spec));
            assert!(log == other_log, "{shape}");
            assert_eq!(truth, other_truth, "{shape}");
        }
    }

    #[test]
    fn a_shorter_corpus_is_the_beginning_of_a_longer_one() {
        for shape in Shape::ALL {
            let mut long = Vec::new();
            generate(&Spec::new(shape, 9, 2_500), &mut long).unwrap();
            for records in [0, 1, 255, 256, 257, 1_024, 2_499] {
                let mut short = Vec::new();
                generate(&Spec::new(shape, 9, records), &mut short).unwrap();
                assert!(long.starts_with(&short), "{shape}, {records} records");
                assert_eq!(short.split_inclusive(|&byte| byte == b'\n').count() as u64, records);
            }
        }
    }

    #[test]
    fn too_many_records_are_refused() {
        let spec = Spec::new(Shape::App, 0, MAX_RECORDS + 1);
        let error = generate(&spec, &mut io::sink()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
