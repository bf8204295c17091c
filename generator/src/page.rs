//! What a shape writes a chunk to: the records, one after the other, and what is counted of each.

use crate::Lines;
use crate::batch::{Batch, Note};
use crate::damage::{self, Answer, Bits, Hits, Kind};
use crate::spans::OpenSpan;
use crate::text::Buffer;

/// A chunk under construction. A shape appends each record to [`Page::out`] and then says [`Page::end`].
pub(crate) struct Page<'a, F> {
    pub(crate) batch: &'a mut Batch,
    pub(crate) counts: &'a mut Counts<F>,
    pub(crate) lines: Lines,
    /// Which records are damaged.
    pub(crate) hits: Option<Hits<'a>>,
    /// Whether somebody asks what is told of each record.
    pub(crate) is_telling: bool,
    /// Whether somebody asks what is told of each span.
    pub(crate) is_telling_spans: bool,
    /// Where records are only made to be put among others.
    pub(crate) aside: Option<Aside<'a>>,
    /// Records at the beginning of the chunk that are drawn only because those behind them are wanted.
    pub(crate) skip: u32,
    /// The number of the next record among those that are wanted, from 1.
    pub(crate) number: u64,
}

/// What a mixed log asks of the records of one shape.
pub(crate) struct Aside<'a> {
    /// The time of each, in microseconds since 1970.
    pub(crate) times: &'a mut Vec<u64>,
    /// Whether each is to be counted; all where nothing is said.
    pub(crate) is_counted: Option<std::slice::Iter<'a, bool>>,
}

/// What one thread adds up.
pub(crate) struct Counts<F> {
    pub(crate) facts: F,
    pub(crate) damage: damage::Tally,
}

impl Aside<'_> {
    fn is_next_counted(&mut self) -> bool {
        self.is_counted.as_mut().and_then(Iterator::next).is_none_or(|is_counted| *is_counted)
    }
}

impl<F> Page<'_, F> {
    /// Where the next record goes: appended, with its newlines.
    #[inline]
    pub(crate) fn out(&mut self) -> &mut Buffer {
        &mut self.batch.bytes
    }

    /// The facts, for what is known only at the end of a chunk.
    pub(crate) fn facts(&mut self) -> &mut F {
        &mut self.counts.facts
    }

    /// Where facts about the record that is being written can be told, as `,"key":value` each; `None` where nobody asks.
    /// To be called before [`Page::end`].
    #[inline]
    pub(crate) fn told(&mut self) -> Option<&mut Buffer> {
        if self.is_telling { Some(&mut self.batch.told) } else { None }
    }

    /// The facts, and where spans that are complete can be told, a line each; `None` where nobody asks.
    pub(crate) fn facts_and_spans(&mut self) -> (&mut F, Option<&mut Buffer>) {
        (&mut self.counts.facts, self.is_telling_spans.then_some(&mut self.batch.spans))
    }

    /// Tells a span that a later chunk may add to. To be called after [`Page::end`], if that counted its record.
    #[inline]
    pub(crate) fn open_span(&mut self, span: impl FnOnce() -> OpenSpan) {
        if self.is_telling_spans {
            self.batch.open_spans.push(span());
        }
    }

    /// Whether every record that is drawn will be counted.
    pub(crate) fn takes_all(&self) -> bool {
        self.skip == 0 && self.hits.is_none()
    }

    /// Tells the time of the record that is being written, in microseconds since 1970. To be called before [`Page::end`].
    #[inline]
    pub(crate) fn at(&mut self, micros: u64) {
        if let Some(aside) = &mut self.aside {
            aside.times.push(micros);
        }
    }

    /// Ends the record that was appended. `count` adds it to the facts, given its number in the output, from 1; it is not
    /// called for a record that is not part of what is asked for, or that no reader can read any more. Returns whether it
    /// was called: what counts firsts (the first record of a trace) must count the first that was *counted*, not the first
    /// that was drawn.
    #[inline]
    pub(crate) fn end(&mut self, count: impl FnOnce(&mut F, u64)) -> bool {
        let hit = self.hits.as_mut().and_then(Hits::next);
        if self.skip > 0 {
            self.skip -= 1;
            self.batch.bytes.truncate(self.start());
            self.batch.told.truncate(self.told_start());
            return false;
        }
        let is_counted = match hit {
            None => self.aside.as_mut().is_none_or(Aside::is_next_counted),
            Some((kind, bits)) => self.damage(kind, bits),
        };
        if is_counted {
            count(&mut self.counts.facts, self.number);
        }
        self.number += 1;
        self.batch.ends.push(self.batch.bytes.len());
        if self.is_telling {
            self.batch.told_ends.push(self.batch.told.len());
        }
        is_counted
    }

    #[cold]
    fn damage(&mut self, kind: Kind, bits: Bits) -> bool {
        let line = damage::Line { start: self.start(), is_first: self.number == 1, lines: self.lines };
        let answer = damage::apply(kind, bits, line, &mut self.batch.bytes, &mut self.batch.fills);
        self.note(kind, answer, self.batch.ends.len());
        let is_as_it_was = answer == Answer::Record;
        if !is_as_it_was {
            self.batch.told.truncate(self.told_start());
        }
        is_as_it_was
    }

    fn note(&mut self, kind: Kind, answer: Answer, record: usize) {
        self.batch.notes.push(Note { record, kind, answer });
        self.counts.damage.count(kind, answer);
    }

    /// Ends the last chunk of all: its last newline goes where that is asked for and the last record is undamaged.
    pub(crate) fn close(&mut self) {
        let last = self.batch.ends.len().wrapping_sub(1);
        let is_damaged = self.batch.notes.last().is_some_and(|note| note.record == last);
        if self.hits.as_ref().is_some_and(Hits::cuts_last_newline)
            && !is_damaged
            && let Some(end) = self.batch.ends.last_mut()
        {
            self.batch.bytes.pop();
            *end -= 1;
            self.note(Kind::NoLastNewline, Answer::Record, last);
        }
    }

    fn start(&self) -> usize {
        self.batch.ends.last().copied().unwrap_or(0)
    }

    fn told_start(&self) -> usize {
        self.batch.told_ends.last().copied().unwrap_or(0)
    }
}
