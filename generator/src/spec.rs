//! What a corpus is made from.

use std::fmt;
use std::str::FromStr;

use crate::MAX_RECORDS;
use crate::about::About;
use crate::access::Access;
use crate::app::App;
use crate::cdn::Cdn;
use crate::damage::{Damage, WrongDamage};
use crate::flat::Flat;
use crate::jobs::Jobs;
use crate::knobs::{Knobs, WrongKnob};
use crate::logfmt::Logfmt;
use crate::mixed::Mixed;
use crate::stream::Shaped;
use crate::syslog::Syslog;
use crate::textlog::TextLog;

/// A kind of log.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Shape {
    /// A CDN's request log: one flat JSON object of 29 to 33 keys a line.
    Cdn,
    /// A JSON application log with threads, correlations and traces.
    App,
    /// An access log as Apache and nginx write it.
    Access,
    /// Key-value pairs as Go's programs write them.
    Logfmt,
    /// Syslog by RFC 5424, by RFC 3164, or as a file keeps it.
    Syslog,
    /// Java's log4j and logback, with stack traces over many lines.
    Text,
    /// A plain application log as the benchmarks of a log investigation engine have it.
    Flat,
    /// Several of these in one stream.
    Mixed,
    /// Rows of a table of background jobs.
    Jobs,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Self; 9] = [
        Self::Cdn,
        Self::App,
        Self::Access,
        Self::Logfmt,
        Self::Syslog,
        Self::Text,
        Self::Flat,
        Self::Mixed,
        Self::Jobs,
    ];

    /// The name that commands, specs and truths use.
    pub const fn name(self) -> &'static str {
        self.about().name
    }

    /// What the shape says of itself.
    pub const fn about(self) -> &'static About {
        match self {
            Self::Cdn => const { &Cdn::ABOUT },
            Self::App => const { &App::ABOUT },
            Self::Access => const { &Access::ABOUT },
            Self::Logfmt => const { &Logfmt::ABOUT },
            Self::Syslog => const { &Syslog::ABOUT },
            Self::Text => const { &TextLog::ABOUT },
            Self::Flat => const { &Flat::ABOUT },
            Self::Mixed => const { &Mixed::ABOUT },
            Self::Jobs => const { &Jobs::ABOUT },
        }
    }

    /// Does something with the type that makes this shape.
    pub(crate) fn visit<V: Visitor>(self, visitor: V) -> V::Output {
        match self {
            Self::Cdn => visitor.visit::<Cdn>(),
            Self::App => visitor.visit::<App>(),
            Self::Access => visitor.visit::<Access>(),
            Self::Logfmt => visitor.visit::<Logfmt>(),
            Self::Syslog => visitor.visit::<Syslog>(),
            Self::Text => visitor.visit::<TextLog>(),
            Self::Flat => visitor.visit::<Flat>(),
            Self::Mixed => visitor.visit::<Mixed>(),
            Self::Jobs => visitor.visit::<Jobs>(),
        }
    }
}

/// Something that can be done with any shape.
pub(crate) trait Visitor {
    /// What comes of it.
    type Output;

    /// Does it.
    fn visit<S: Shaped>(self) -> Self::Output;
}

impl fmt::Display for Shape {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

impl FromStr for Shape {
    type Err = UnknownShape;

    fn from_str(name: &str) -> Result<Self, UnknownShape> {
        Self::ALL
            .into_iter()
            .find(|shape| shape.name() == name)
            .ok_or_else(|| UnknownShape { name: name.to_owned() })
    }
}

/// A name that no shape has. Its message lists those that there are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownShape {
    name: String,
}

impl fmt::Display for UnknownShape {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Shape::ALL.map(Shape::name);
        write!(out, "there is no shape {:?}", self.name)?;
        match crate::nearest(&self.name, known) {
            Some(near) => write!(out, "; did you mean {near:?}? The")?,
            None => out.write_str("; the")?,
        }
        write!(out, " shapes are: {}", known.join(", "))
    }
}

impl std::error::Error for UnknownShape {}

/// Everything that decides a corpus: two equal specs give the same bytes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Spec {
    shape: Shape,
    seed: u64,
    from: u64,
    records: u64,
    knobs: Knobs,
    damage: Option<Damage>,
}

impl Spec {
    /// The corpus of this shape and seed, with every knob at its default: its first `records` records, at most
    /// [`MAX_RECORDS`](crate::MAX_RECORDS). A corpus of fewer is the beginning of one of more.
    pub const fn new(shape: Shape, seed: u64, records: u64) -> Self {
        Self { shape, seed, from: 0, records, knobs: Knobs::NONE, damage: None }
    }

    /// The same with knobs set, each by name and by value as text.
    ///
    /// # Errors
    ///
    /// The first knob that is unknown, out of range, set twice, or in contradiction to another.
    ///
    /// ```
    /// use generator::{Shape, Spec};
    ///
    /// let spec = Spec::new(Shape::Cdn, 42, 1000).with_knobs([("clients", "4096"), ("head", "7.5%")])?;
    /// let error = spec.with_knobs([("client", "4096")]).unwrap_err();
    /// assert_eq!(error.to_string(), "the shape cdn has no knob \"client\"; did you mean \"clients\"?");
    /// # Ok::<(), generator::WrongKnob>(())
    /// ```
    pub fn with_knobs<'a>(
        self,
        knobs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, WrongKnob> {
        Ok(Self { knobs: Knobs::read(self.shape, knobs)?, ..self })
    }

    /// The part of the same corpus that begins with record `from` (from 0) and has `records` records. Its truth is that of
    /// the part: lines and offsets count from its beginning.
    #[must_use]
    pub fn with_part(self, from: u64, records: u64) -> Self {
        Self { from, records, ..self }
    }

    /// The same corpus with some of its lines damaged; none where the rate is 0.
    ///
    /// # Errors
    ///
    /// A kind of damage was named that cannot happen to this shape's lines.
    pub fn with_damage(self, damage: Damage) -> Result<Self, WrongDamage> {
        let damage = damage.of(self.shape.about().lines)?;
        Ok(Self { damage: Some(damage).filter(|damage| damage.per_million() > 0), ..self })
    }

    /// Whether there is such a part of a corpus: [`generate`](crate::generate) asks this first.
    ///
    /// # Errors
    ///
    /// What is wrong, in words.
    pub fn check(&self) -> Result<(), String> {
        let end = self.from.checked_add(self.records).filter(|&end| end <= MAX_RECORDS);
        match end {
            Some(_) => Ok(()),
            None if self.from == 0 => {
                Err(format!("{} records are more than a corpus can have ({MAX_RECORDS})", self.records))
            }
            None => Err(format!(
                "{} records from record {} on reach beyond the last that a corpus can have (there are {MAX_RECORDS})",
                self.records, self.from
            )),
        }
    }

    /// The kind of log.
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// Which corpus of that kind; any number is as good as any other.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The number of its first record, from 0.
    pub const fn from(&self) -> u64 {
        self.from
    }

    /// How many records.
    pub const fn records(&self) -> u64 {
        self.records
    }

    /// What is set otherwise than by default.
    pub const fn knobs(&self) -> &Knobs {
        &self.knobs
    }

    /// Whether its records belong to spans, of which [`Outputs::truth_spans`](crate::Outputs::truth_spans) tell.
    pub fn has_spans(&self) -> bool {
        match self.shape {
            Shape::App => true,
            Shape::Flat => crate::flat::has_spans(&self.knobs),
            Shape::Mixed => crate::mixed::has_spans(&self.knobs),
            _ => false,
        }
    }

    /// How its lines are damaged.
    pub const fn damage(&self) -> Option<&Damage> {
        self.damage.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_told_what_there_is() {
        for shape in Shape::ALL {
            assert_eq!(shape.name().parse(), Ok(shape));
        }
        let error = "CDN".parse::<Shape>().unwrap_err();
        assert!(error.to_string().starts_with("there is no shape \"CDN\"; the shapes are: cdn, app"));
        let error = "cnd".parse::<Shape>().unwrap_err();
        assert!(error.to_string().starts_with("there is no shape \"cnd\"; did you mean \"cdn\"? The shapes"));
    }
}
