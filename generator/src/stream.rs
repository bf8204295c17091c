//! The stream of a corpus: numbered chunks, each drawn by itself.
//!
//! Chunk `i` draws from stream `i` and knows nothing of the others: time, ids and line numbers follow from its number. So
//! chunks can be made in any order and by any number of threads, and a part of a corpus without the rest.

use std::io::{self, Write};
use std::ops::ControlFlow;

use crate::about::About;
use crate::arrivals::Pace;
use crate::batch::Batch;
use crate::damage::{self, Hits};
use crate::delivery::{Delivery, Manner, Outputs};
use crate::draws::{Draws, TABLES_STREAM};
use crate::knobs::Knobs;
use crate::page::{Counts, Page};
use crate::spec::Visitor;
use crate::threads::in_order;
use crate::truth::{Facts, Truth};
use crate::{MAX_RECORDS, Spec};

/// Chunks that are encoded together, so that a block has about a megabyte.
const CHUNKS_PER_BLOCK: u64 = 4;

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

    /// Has chunks of another length, at most of [`Shaped::CHUNK_RECORDS`], and at another speed than by itself: for those
    /// that can be part of a mixed log.
    fn set_pace(&mut self, _: Pace) {}

    /// Facts about nothing.
    fn facts(&self) -> Self::Facts;

    /// Appends a chunk, record by record. A shorter chunk is the beginning of a whole one.
    fn write_chunk(&self, chunk: &Chunk, draws: &mut Draws, page: &mut Page<'_, Self::Facts>);
}

/// Writes the corpus that `spec` describes, in this thread, and returns the truth about it.
///
/// The same spec gives the same bytes wherever it runs. Memory: the tables (about 3 MiB), one chunk (under 1 MiB), and the
/// truth, which grows with the cardinalities of the shape and not with the number of records.
///
/// # Errors
///
/// Those of `out`; and [`io::ErrorKind::InvalidInput`] for records beyond [`MAX_RECORDS`], or damage that does not suit the
/// shape.
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
pub fn generate(spec: &Spec, out: &mut (dyn Write + Send)) -> io::Result<Truth> {
    let outputs = Outputs { log: out, truth_lines: None, truth_spans: None, damage_lines: None };
    let mut watch = |_| ControlFlow::Continue(());
    generate_to(spec, outputs, Manner { threads: 1, encoder: None, rate: None, watch: &mut watch })
}

/// Writes the corpus that `spec` describes in this manner, and returns the truth about it.
///
/// `truth_lines` get an object for each record, `damage_lines` one for each damaged record, in order and each before the
/// record itself is written: `record` (its number in the whole corpus, from 0), `line` (from 1), `offset` and `bytes` (its
/// place in the log before encoding, newline included); for damaged ones `damage` (the kind), `answer` (what a reader by the
/// rules of `parser` must make of it: `record`, `blank` or `bad`; `open` where the shape is not JSON and its own grammar
/// decides), `reason` with `bad`, and `"fields":false` for a record in which no field has a value of its type; and what the
/// shape tells of its records.
///
/// `truth_spans` get an object for each span of which a line was written, once it is complete: `trace_id` (of `app`),
/// `span_id`, `parent_span_id` (or null), `service`, `depth` (spans above it that have lines: one that names a parent and
/// has the depth 0 is an orphan), `records` (its own lines), `start`, `duration_us` (to the last line of it and of all below
/// it), `self_us` (what of that no child covers), `error`, `root_cause` (whether it erred and no child did). With the knob
/// `skew`, a start is by the clock of the service, all else by the true time.
///
/// Memory: for each thread four chunks (each under 1 MiB), what an encoder keeps (zstd about 5 MiB), and the truth.
///
/// # Errors
///
/// As [`generate`]; those of all outputs; and [`io::ErrorKind::Interrupted`] where [`Manner::watch`] stopped it.
pub fn generate_to(spec: &Spec, outputs: Outputs<'_>, manner: Manner<'_>) -> io::Result<Truth> {
    spec.check().map_err(|what| io::Error::new(io::ErrorKind::InvalidInput, what))?;
    spec.shape().visit(All { spec, outputs, manner })
}

/// The number of records from the spec's first on that take at most `bytes`, whatever its own number of records is.
///
/// They are made for it and dropped, by `threads` threads.
///
/// # Errors
///
/// [`io::ErrorKind::InvalidInput`] as of [`generate`], and where even all records that a corpus can have take less.
pub fn records_within(spec: &Spec, bytes: u64, threads: usize) -> io::Result<u64> {
    let all = MAX_RECORDS.saturating_sub(spec.from());
    let spec = spec.clone().with_part(spec.from(), all);
    spec.check().map_err(|what| io::Error::new(io::ErrorKind::InvalidInput, what))?;
    spec.shape().visit(Within { spec: &spec, bytes, threads })
}

/// Counts the records that take at most so many bytes.
struct Within<'a> {
    spec: &'a Spec,
    bytes: u64,
    threads: usize,
}

impl Visitor for Within<'_> {
    type Output = io::Result<u64>;

    fn visit<S: Shaped>(self) -> io::Result<u64> {
        let Self { spec, bytes, threads } = self;
        let maker = Maker::<S>::new(spec, false);
        let (mut records, mut left, mut is_full) = (0, bytes, false);
        let made = in_order(
            threads,
            maker.chunks.count,
            || maker.counts(),
            |counts, index, batch| {
                maker.make(index, counts, batch);
                Ok(())
            },
            &mut |batch| {
                let fits = batch.ends.partition_point(|&end| batch.length(&(0..end)) <= left);
                records += fits as u64;
                if fits < batch.ends.len() {
                    is_full = true;
                    return Err(io::ErrorKind::Interrupted.into());
                }
                left -= batch.length(&(0..batch.bytes.len()));
                Ok(())
            },
        );
        match made {
            _ if is_full => Ok(records),
            Err(error) => Err(error),
            Ok(_) => {
                let what = format!("{bytes} bytes are more than a corpus can have ({MAX_RECORDS} records)");
                Err(io::Error::new(io::ErrorKind::InvalidInput, what))
            }
        }
    }
}

/// Writes all of a spec's part of a corpus.
struct All<'s, 'o, 'm> {
    spec: &'s Spec,
    outputs: Outputs<'o>,
    manner: Manner<'m>,
}

impl Visitor for All<'_, '_, '_> {
    type Output = io::Result<Truth>;

    fn visit<S: Shaped>(self) -> io::Result<Truth> {
        let Self { spec, outputs, manner } = self;
        let mut maker = Maker::<S>::new(spec, outputs.truth_lines.is_some());
        maker.is_telling_spans = outputs.truth_spans.is_some();
        let (threads, encoder) = (manner.threads, manner.encoder);
        let per_batch = if encoder.is_some() { CHUNKS_PER_BLOCK } else { 1 };
        let mut delivery = Delivery::new(spec, outputs, manner);
        // Even of no records there is a block to be encoded: an empty file is neither gzip nor zstd.
        let batches = maker.chunks.count.div_ceil(per_batch).max(u64::from(encoder.is_some()));
        let mut all = in_order(
            threads,
            batches,
            || maker.counts(),
            |counts, number, batch| {
                for index in number * per_batch..maker.chunks.count.min((number + 1) * per_batch) {
                    maker.make(index, counts, batch);
                }
                let Some(encoder) = encoder else { return Ok(()) };
                let mut encoded = std::mem::take(&mut batch.encoded);
                let done = encoder.encode(&mut |out| batch.write(&(0..batch.bytes.len()), out), &mut encoded);
                batch.encoded = encoded;
                done
            },
            &mut |batch| delivery.take(batch),
        )?
        .into_iter();
        let mut counts = all.next().unwrap_or_else(|| maker.counts());
        for other in all {
            counts.facts.merge(other.facts);
            counts.damage.merge(&other.damage);
        }
        let written = delivery.finish()?;
        Ok(Truth::new(spec.clone(), written.bytes, counts))
    }
}

/// Makes the chunks of a part of a corpus.
struct Maker<'a, S> {
    spec: &'a Spec,
    shaped: S,
    chunks: Chunks,
    is_telling: bool,
    is_telling_spans: bool,
}

impl<'a, S: Shaped> Maker<'a, S> {
    fn new(spec: &'a Spec, is_telling: bool) -> Self {
        let draws = Draws::new(S::ABOUT.name, spec.seed(), TABLES_STREAM);
        let shaped = S::new(draws, spec.seed(), spec.knobs());
        let chunks = Chunks::of(spec, S::CHUNK_RECORDS);
        Self { spec, shaped, chunks, is_telling, is_telling_spans: false }
    }

    fn counts(&self) -> Counts<S::Facts> {
        Counts { facts: self.shaped.facts(), damage: damage::Tally::default() }
    }

    /// Appends the chunk with this index among those of the part.
    fn make(&self, index: u64, counts: &mut Counts<S::Facts>, batch: &mut Batch) {
        let Chunks { first, count, from, end, whole } = self.chunks;
        let number = first + index;
        let start = number * whole;
        let chunk = Chunk { number, records: (end - start).min(whole) as u32 };
        let skip = from.saturating_sub(start);
        let mut draws = Draws::new(S::ABOUT.name, self.spec.seed(), number);
        let hits = self.spec.damage().map(|damage| Hits::new(damage, self.spec.seed(), number));
        let mut page = Page {
            batch,
            counts,
            lines: S::ABOUT.lines,
            hits,
            is_telling: self.is_telling,
            is_telling_spans: self.is_telling_spans,
            aside: None,
            skip: skip as u32,
            number: start + skip - from + 1,
        };
        self.shaped.write_chunk(&chunk, &mut draws, &mut page);
        if index + 1 == count {
            page.close();
        }
    }
}

/// The chunks that a part of a corpus lies in.
#[derive(Clone, Copy)]
struct Chunks {
    /// The number of the first one.
    first: u64,
    count: u64,
    /// The first record that is wanted.
    from: u64,
    /// The first behind it that is not.
    end: u64,
    /// Records in a whole chunk.
    whole: u64,
}

impl Chunks {
    fn of(spec: &Spec, whole: u32) -> Self {
        let (from, end, whole) = (spec.from(), spec.from() + spec.records(), u64::from(whole));
        let first = from / whole;
        let count = if from == end { 0 } else { end.div_ceil(whole) - first };
        Self { first, count, from, end, whole }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lines, Shape};

    /// The log made chunk by chunk from the last to the first, each with tables and facts of its own, and its truth.
    struct Backwards<'a>(&'a Spec);

    impl Visitor for Backwards<'_> {
        type Output = (Vec<u8>, String);

        fn visit<S: Shaped>(self) -> (Vec<u8>, String) {
            let spec = self.0;
            let mut all = Maker::<S>::new(spec, false).counts();
            let mut parts: Vec<Vec<u8>> = Vec::new();
            for index in (0..Chunks::of(spec, S::CHUNK_RECORDS).count).rev() {
                let maker = Maker::<S>::new(spec, false);
                let (mut own, mut batch) = (maker.counts(), Batch::default());
                maker.make(index, &mut own, &mut batch);
                all.facts.merge(own.facts);
                all.damage.merge(&own.damage);
                parts.push(batch.bytes);
            }
            parts.reverse();
            let log = parts.concat();
            let truth = Truth::new(spec.clone(), log.len() as u64, all);
            (log, json(&truth))
        }
    }

    fn json(truth: &Truth) -> String {
        let mut text = Vec::new();
        truth.write_json(&mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    fn log(spec: &Spec) -> Vec<u8> {
        let mut log = Vec::new();
        generate(spec, &mut log).unwrap();
        log
    }

    #[test]
    fn chunks_do_not_depend_on_each_other() {
        for shape in Shape::ALL {
            let damage = match shape.about().lines {
                Lines::Json => "2%:truncated,crlf,empty,wrong-types",
                Lines::Text => "2%:truncated,crlf,empty",
            };
            let damage = damage.parse().unwrap();
            for spec in [Spec::new(shape, 7, 3_333), Spec::new(shape, 7, 3_333).with_damage(damage).unwrap()]
            {
                let mut log = Vec::new();
                let truth = json(&generate(&spec, &mut log).unwrap());
                let (other_log, other_truth) = shape.visit(Backwards(&spec));
                assert!(log == other_log, "{shape}");
                assert_eq!(truth, other_truth, "{shape}");
            }
        }
    }

    #[test]
    fn any_part_can_be_made_without_the_rest() {
        for shape in Shape::ALL {
            let damage = "3%:truncated,crlf,glued,nul".parse().unwrap();
            let whole = Spec::new(shape, 9, 2_500).with_damage(damage).unwrap();
            let long = log(&whole);
            let mut at = 0;
            for (from, end) in
                [(0, 0), (0, 1), (1, 255), (255, 256), (256, 1_030), (1_030, 2_499), (2_499, 2_500)]
            {
                let part = log(&whole.clone().with_part(from, end - from));
                assert!(long[at..].starts_with(&part), "{shape}, {from}..{end}");
                at += part.len();
            }
            assert_eq!(at, long.len(), "{shape}: the parts are the whole");
        }
    }

    #[test]
    fn records_outside_of_a_corpus_are_refused() {
        let beyond = Spec::new(Shape::App, 0, 0).with_part(MAX_RECORDS, 1);
        for spec in
            [Spec::new(Shape::App, 0, MAX_RECORDS + 1), beyond.clone(), beyond.with_part(u64::MAX, u64::MAX)]
        {
            let error = generate(&spec, &mut io::sink()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        }
    }
}
