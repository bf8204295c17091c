//! Where records go once they are made: the log, and the lines about its records, in order.

use std::io::{self, Write};
use std::num::NonZeroU64;
use std::ops::ControlFlow;
use std::thread;
use std::time::{Duration, Instant};

use crate::batch::{Batch, Note};
use crate::damage::Answer;
use crate::spans::OpenSpans;
use crate::text::Buffer;
use crate::truth::JsonObject;
use crate::{Lines, Spec};

/// Where a corpus goes.
pub struct Outputs<'a> {
    /// The log.
    pub log: &'a mut (dyn Write + Send),
    /// A line of JSON for each record: see [`generate_to`](crate::generate_to).
    pub truth_lines: Option<&'a mut (dyn Write + Send)>,
    /// A line of JSON for each span: see [`generate_to`](crate::generate_to). Of shapes without spans, nothing.
    pub truth_spans: Option<&'a mut (dyn Write + Send)>,
    /// As `truth_lines`, for damaged records only.
    pub damage_lines: Option<&'a mut (dyn Write + Send)>,
}

/// How a corpus is made. None of it changes what the log holds.
pub struct Manner<'a> {
    /// How many threads make records.
    pub threads: usize,
    /// The form that the log is written in, other than plain.
    pub encoder: Option<&'a dyn Encoder>,
    /// How fast it is written at most. Not together with an encoder, which writes large blocks.
    pub rate: Option<Rate>,
    /// Told now and then how many records and bytes of the log (before encoding) were written. It can stop the making,
    /// which then fails with [`io::ErrorKind::Interrupted`].
    pub watch: &'a mut (dyn FnMut(Written) -> ControlFlow<()> + Send),
}

/// How much of a log was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Written {
    /// Whole records.
    pub records: u64,
    /// Bytes, before encoding.
    pub bytes: u64,
}

/// A speed at which records, or bytes of whole records, arrive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rate {
    /// So many records a second.
    Records(NonZeroU64),
    /// So many bytes a second.
    Bytes(NonZeroU64),
}

/// A form of a log that can be cut anywhere: several encoded blocks, one after the other, are the encoded whole. Members
/// of gzip (RFC 1952) and frames of zstd (RFC 8878) are such blocks.
pub trait Encoder: Sync {
    /// Appends one block, of what `write` writes.
    ///
    /// # Errors
    ///
    /// Those of `write`, and of encoding.
    fn encode(
        &self,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
        out: &mut Vec<u8>,
    ) -> io::Result<()>;
}

/// Writes batches as they come in order.
pub(crate) struct Delivery<'o, 'm> {
    outputs: Outputs<'o>,
    pace: Option<Pace>,
    watch: &'m mut (dyn FnMut(Written) -> ControlFlow<()> + Send),
    is_encoded: bool,
    lines: Lines,
    /// The number of the part's first record, from 0.
    from: u64,
    written: Written,
    /// Lines that are whole so far.
    ended: u64,
    open_spans: OpenSpans,
}

impl<'o, 'm> Delivery<'o, 'm> {
    pub(crate) fn new(spec: &Spec, outputs: Outputs<'o>, manner: Manner<'m>) -> Self {
        let Manner { encoder, rate, watch, .. } = manner;
        Self {
            outputs,
            pace: rate.map(Pace::new),
            watch,
            is_encoded: encoder.is_some(),
            lines: spec.shape().about().lines,
            from: spec.from(),
            written: Written::default(),
            ended: 0,
            open_spans: OpenSpans::default(),
        }
    }

    /// Writes a batch, and what is told of it.
    pub(crate) fn take(&mut self, batch: &Batch) -> io::Result<()> {
        self.tell(batch)?;
        self.tell_spans(batch)?;
        let all = batch.ends.len();
        let before = self.written;
        let mut done = 0;
        while done < all {
            let due = match &self.pace {
                Some(pace) => pace.due(self.written, batch, done),
                None => all - done,
            };
            let range = batch.range(done..done + due);
            if !self.is_encoded {
                batch.write(&range, self.outputs.log)?;
                if self.pace.is_some() {
                    self.outputs.log.flush()?;
                }
            }
            done += due;
            self.written.records = before.records + done as u64;
            self.written.bytes = before.bytes + batch.length(&(0..range.end));
            if (self.watch)(self.written).is_break() {
                return Err(io::ErrorKind::Interrupted.into());
            }
        }
        self.outputs.log.write_all(&batch.encoded)
    }

    /// Ends all outputs, and returns how much was written.
    pub(crate) fn finish(mut self) -> io::Result<Written> {
        if let Some(lines) = &mut self.outputs.truth_spans {
            let mut spans = Buffer::new();
            self.open_spans.finish(&mut spans);
            lines.write_all(&spans)?;
        }
        self.outputs.log.flush()?;
        let Outputs { truth_lines, truth_spans, damage_lines, .. } = self.outputs;
        for lines in [truth_lines, truth_spans, damage_lines].into_iter().flatten() {
            lines.flush()?;
        }
        Ok(self.written)
    }

    /// Writes the lines about a batch's records, before the batch itself.
    fn tell(&mut self, batch: &Batch) -> io::Result<()> {
        let all = self.outputs.truth_lines.is_some();
        if !all && (self.outputs.damage_lines.is_none() || batch.notes.is_empty()) {
            // Lines of JSON are as many as records; only of text with records of several lines are they counted.
            self.ended += self.line_feeds(batch, 0..batch.ends.len());
            return Ok(());
        }
        let mut notes = batch.notes.iter().peekable();
        let mut line = Vec::new();
        let mut offset = self.written.bytes;
        for record in 0..batch.ends.len() {
            let range = batch.range(record..record + 1);
            let bytes = batch.length(&range);
            let note = notes.next_if(|note| note.record == record);
            if all || note.is_some() {
                line.clear();
                let place = Place {
                    record: self.from + self.written.records + record as u64,
                    line: self.ended + 1,
                    offset,
                    bytes,
                };
                place.write(note, told(batch, record), &mut line)?;
                for lines in [&mut self.outputs.truth_lines]
                    .into_iter()
                    .chain(note.map(|_| &mut self.outputs.damage_lines))
                    .flatten()
                {
                    lines.write_all(&line)?;
                }
            }
            offset += bytes;
            self.ended += self.line_feeds(batch, record..record + 1);
        }
        Ok(())
    }

    /// Writes the lines about the spans that are complete.
    fn tell_spans(&mut self, batch: &Batch) -> io::Result<()> {
        let Some(lines) = &mut self.outputs.truth_spans else { return Ok(()) };
        lines.write_all(&batch.spans)?;
        let mut spans = Buffer::new();
        for &span in &batch.open_spans {
            self.open_spans.take(span, &mut spans);
        }
        lines.write_all(&spans)
    }

    fn line_feeds(&self, batch: &Batch, records: std::ops::Range<usize>) -> u64 {
        match self.lines {
            Lines::Json => records.len() as u64,
            Lines::Text => {
                batch.bytes[batch.range(records)].iter().map(|&byte| u64::from(byte == b'\n')).sum()
            }
        }
    }
}

/// What the shape told of a record.
fn told(batch: &Batch, record: usize) -> &[u8] {
    let end_of = |record: usize| batch.told_ends.get(record).copied().unwrap_or(0);
    let start = if record == 0 { 0 } else { end_of(record - 1) };
    &batch.told[start..end_of(record).max(start)]
}

/// Where a record is in the corpus and in the log.
struct Place {
    record: u64,
    line: u64,
    offset: u64,
    bytes: u64,
}

impl Place {
    fn write(&self, note: Option<&Note>, told: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        let mut object = JsonObject::open(out)?;
        object.number("record", self.record)?;
        object.number("line", self.line)?;
        object.number("offset", self.offset)?;
        object.number("bytes", self.bytes)?;
        if let Some(note) = note {
            object.text("damage", note.kind.name())?;
            object.text("answer", note.answer.name())?;
            match note.answer {
                Answer::Bad(reason) => object.text("reason", reason.name())?,
                Answer::Strange => {
                    object.key("fields")?;
                    object.value().write_all(b"false")?;
                }
                Answer::Record | Answer::Blank | Answer::Open => {}
            }
        }
        object.value().write_all(told)?;
        object.close()?;
        out.push(b'\n');
        Ok(())
    }
}

/// Holds records back until they are due.
struct Pace {
    rate: Rate,
    began: Instant,
}

impl Pace {
    /// How long to sleep where nothing is due. What comes due meanwhile is written at once.
    const STEP: Duration = Duration::from_millis(5);

    fn new(rate: Rate) -> Self {
        Self { rate, began: Instant::now() }
    }

    /// How many records of the batch are due; sleeps a little where none is.
    fn due(&self, written: Written, batch: &Batch, done: usize) -> usize {
        let elapsed = self.began.elapsed();
        let left = batch.ends.len() - done;
        let due = match self.rate {
            Rate::Records(rate) => usize::try_from(due(elapsed, rate).saturating_sub(written.records))
                .map_or(left, |due| due.min(left)),
            Rate::Bytes(rate) => {
                let owed = due(elapsed, rate).saturating_sub(written.bytes);
                let fits = |count: &usize| batch.length(&batch.range(done..done + count)) <= owed;
                (1..=left).take_while(fits).last().unwrap_or(0)
            }
        };
        if due == 0 {
            thread::sleep(Self::STEP);
        }
        due
    }
}

/// What has come due after a time: nothing at its beginning.
fn due(elapsed: Duration, rate: NonZeroU64) -> u64 {
    u64::try_from(elapsed.as_nanos().saturating_mul(rate.get().into()) / 1_000_000_000).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_grows_with_time_and_does_not_overflow() {
        let rate = |rate| NonZeroU64::new(rate).unwrap();
        assert_eq!(due(Duration::ZERO, rate(50_000)), 0);
        assert_eq!(due(Duration::from_millis(20), rate(50_000)), 1000);
        assert_eq!(due(Duration::MAX, rate(u64::MAX)), u64::MAX);
    }
}
