//! The truth about a corpus: facts added up while it was drawn, and their JSON.

use std::io::{self, Write};

use crate::damage;
use crate::page::Counts;
use crate::{FORMAT_VERSION, Spec};

/// Facts about one corpus, computed from what was drawn and never by reading the log back.
pub struct Truth {
    spec: Spec,
    bytes: u64,
    facts: Box<dyn Told>,
    damage: damage::Tally,
}

/// What is added up while records are drawn. It must not matter in which order chunks come, nor which thread draws them.
pub(crate) trait Facts: Send + Sized + 'static {
    /// Adds facts about other records of the same corpus.
    fn merge(&mut self, other: Self);

    /// Appends the facts to the truth, keys in a fixed order.
    fn write(&self, truth: &mut JsonObject<'_>) -> io::Result<()>;
}

/// Facts of whichever shape.
trait Told {
    fn tell(&self, truth: &mut JsonObject<'_>) -> io::Result<()>;
}

impl<F: Facts> Told for F {
    fn tell(&self, truth: &mut JsonObject<'_>) -> io::Result<()> {
        self.write(truth)
    }
}

impl Truth {
    pub(crate) fn new(spec: Spec, bytes: u64, counts: Counts<impl Facts>) -> Self {
        Self { spec, bytes, facts: Box::new(counts.facts), damage: counts.damage }
    }

    /// What the corpus was made from.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// The length of the log in bytes, newlines included.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Writes the truth as one line of JSON, newline included.
    ///
    /// Every shape's begins with `format` ([`FORMAT_VERSION`]), `shape`, `seed`, `knobs` (those that are set otherwise than
    /// by default, as they are written; absent where there are none), `from` (the number of its first record; absent where
    /// it is 0), `records` (those that were drawn), `bytes`, and, where lines are damaged, `damage`: `asked`, `kinds` (each
    /// with its number of lines), and what a reader by the rules of `parser` finds: `records`, `blank`, `bad` (each reason
    /// with its number of lines), `open` (records of text, whose own grammar decides). Facts are those of the records that
    /// are still what they were: lengths as without damage, line numbers as in the log.
    ///
    /// What a shape goes on with stands at the end of its [`grammar`](crate::About::grammar), which `generate explain SHAPE`
    /// prints: counts by each dimension, distinct clients, times, span trees, root causes. Where records have levels, `levels`
    /// tells for each its `records`, their `bytes` (without their last newlines) and `line_sum` (their numbers added up).
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let shape = self.spec.shape();
        let mut truth = JsonObject::open(out)?;
        truth.number("format", FORMAT_VERSION.into())?;
        truth.text("shape", shape.name())?;
        truth.number("seed", self.spec.seed())?;
        let set = self.spec.knobs().set();
        if !set.is_empty() {
            truth.key("knobs")?;
            let mut knobs = JsonObject::open(truth.value())?;
            for &(name, value) in set {
                if let Some(knob) = shape.about().knobs.iter().find(|knob| knob.name == name) {
                    knobs.text(name, &knob.written(value))?;
                }
            }
            knobs.close()?;
        }
        if self.spec.from() > 0 {
            truth.number("from", self.spec.from())?;
        }
        truth.number("records", self.spec.records())?;
        truth.number("bytes", self.bytes)?;
        if let Some(damage) = self.spec.damage() {
            self.damage.write(damage, self.spec.records(), &mut truth)?;
        }
        self.facts.tell(&mut truth)?;
        truth.close()?;
        out.write_all(b"\n")
    }
}

impl std::fmt::Debug for Truth {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Truth")
            .field("spec", &self.spec)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

/// A JSON object in the making: keys in the order that they are given.
pub(crate) struct JsonObject<'a> {
    out: &'a mut dyn Write,
    separator: &'static str,
}

impl<'a> JsonObject<'a> {
    /// Begins an object.
    pub(crate) fn open(out: &'a mut dyn Write) -> io::Result<Self> {
        out.write_all(b"{")?;
        Ok(Self { out, separator: "" })
    }

    /// Writes a key; its value goes to [`JsonObject::value`].
    pub(crate) fn key(&mut self, key: &str) -> io::Result<()> {
        self.out.write_all(self.separator.as_bytes())?;
        self.separator = ",";
        serde_json::to_writer(&mut self.out, key)?;
        self.out.write_all(b":")
    }

    /// Where the value of the key just written goes.
    pub(crate) fn value(&mut self) -> &mut dyn Write {
        self.out
    }

    /// A key with a number.
    pub(crate) fn number(&mut self, key: &str, number: u64) -> io::Result<()> {
        self.key(key)?;
        write!(self.out, "{number}")
    }

    /// A key with a string.
    pub(crate) fn text(&mut self, key: &str, text: &str) -> io::Result<()> {
        self.key(key)?;
        Ok(serde_json::to_writer(&mut self.out, text)?)
    }

    /// Ends the object.
    pub(crate) fn close(self) -> io::Result<()> {
        self.out.write_all(b"}")
    }
}
