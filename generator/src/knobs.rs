//! Knobs: the numbers of a shape that can be set, as a shape declares them and as it reads them.
//!
//! A shape names each of its knobs once, as a constant, and lists them in [`About::knobs`](crate::About::knobs):
//!
//! ```ignore
//! const IPV6: Knob = Knob::share("ipv6", 80, "lines whose client has an IPv6 address", "counted in public samples");
//! const WORKERS: Knob = Knob::number("workers", 10, 1..=1000, "threads", "threads of each service", "invented");
//! ```
//!
//! and reads them where it makes its tables: `knobs.get(&IPV6)`. Every value was checked before.

use std::fmt;
use std::ops::RangeInclusive;

use crate::Shape;

/// Something about a shape that can be set.
#[derive(Debug)]
pub struct Knob {
    /// Its name: lower-case words joined by hyphens.
    pub name: &'static str,
    /// What it can be set to.
    pub kind: Kind,
    /// What it means, in half a sentence.
    pub meaning: &'static str,
    /// Where its default comes from.
    pub source: &'static str,
}

/// What a knob can be set to. Values are whole numbers within.
#[derive(Debug)]
pub enum Kind {
    /// A number, from `least` to `most`, written with or without a suffix: `250`, `64k`, `2M`.
    Number {
        /// Its value unless it is set.
        default: u64,
        /// The smallest that it can be.
        least: u64,
        /// The largest that it can be.
        most: u64,
        /// What it counts, such as `threads`; may be empty.
        unit: &'static str,
    },
    /// A share, kept in thousandths and written in per cent with at most one decimal: `8%`, `0.5%`.
    Share {
        /// Its value in thousandths unless it is set.
        default: u32,
    },
    /// One of several words; kept as its place among them. The first is the default.
    Choice {
        /// The words.
        among: &'static [&'static str],
    },
}

impl Knob {
    /// A knob that is a number of `unit`, within `range`.
    pub(crate) const fn number(
        name: &'static str,
        default: u64,
        range: RangeInclusive<u64>,
        unit: &'static str,
        meaning: &'static str,
        source: &'static str,
    ) -> Self {
        let (least, most) = (*range.start(), *range.end());
        assert!(least <= default && default <= most, "the default must lie within the range");
        Self { name, kind: Kind::Number { default, least, most, unit }, meaning, source }
    }

    /// A knob that is a share; its default is in thousandths.
    pub(crate) const fn share(
        name: &'static str,
        per_mille: u32,
        meaning: &'static str,
        source: &'static str,
    ) -> Self {
        assert!(per_mille <= 1000, "a share is at most 1,000 thousandths");
        Self { name, kind: Kind::Share { default: per_mille }, meaning, source }
    }

    /// A knob that is one of these words; the first is the default.
    pub(crate) const fn choice(
        name: &'static str,
        among: &'static [&'static str],
        meaning: &'static str,
        source: &'static str,
    ) -> Self {
        assert!(!among.is_empty(), "there must be something to choose");
        Self { name, kind: Kind::Choice { among }, meaning, source }
    }

    /// Its value unless it is set: the number, the thousandths, or 0, the first choice.
    pub const fn default_value(&self) -> u64 {
        match self.kind {
            Kind::Number { default, .. } => default,
            Kind::Share { default } => default as u64,
            Kind::Choice { .. } => 0,
        }
    }

    /// A value as it is written in flags and specs.
    pub fn written(&self, value: u64) -> String {
        match self.kind {
            Kind::Number { .. } => value.to_string(),
            Kind::Share { .. } if value.is_multiple_of(10) => format!("{}%", value / 10),
            Kind::Share { .. } => format!("{}.{}%", value / 10, value % 10),
            Kind::Choice { among } => among.get(value as usize).copied().unwrap_or_default().to_owned(),
        }
    }

    /// What it can be set to, in words.
    pub fn range(&self) -> String {
        match self.kind {
            Kind::Number { least, most, unit: "", .. } => format!("{least} to {most}"),
            Kind::Number { least, most, unit, .. } => format!("{least} to {most} {unit}"),
            Kind::Share { .. } => "0% to 100%, in steps of 0.1%".to_owned(),
            Kind::Choice { among } => among.join(" or "),
        }
    }

    fn read(&self, text: &str) -> Option<u64> {
        match self.kind {
            Kind::Number { least, most, .. } => {
                crate::quantity::count(text).filter(|value| (least..=most).contains(value))
            }
            Kind::Share { .. } => crate::quantity::percent(text, 1).filter(|&value| value <= 1000),
            Kind::Choice { among } => among.iter().position(|&word| word == text).map(|place| place as u64),
        }
    }
}

/// What the knobs of a shape are set to.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Knobs {
    /// Those that are not at their defaults, in the order of their names.
    set: Vec<(&'static str, u64)>,
}

impl Knobs {
    /// Every knob at its default.
    pub(crate) const NONE: Self = Self { set: Vec::new() };

    /// Sets knobs of a shape, each from its name and its value as text, and checks that they go together.
    ///
    /// # Errors
    ///
    /// The first one that is wrong.
    pub fn read<'a>(
        shape: Shape,
        given: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, WrongKnob> {
        let mut knobs = Self::default();
        let mut seen = Vec::new();
        for (name, text) in given {
            let Some(knob) = shape.about().knobs.iter().find(|knob| knob.name == name) else {
                return Err(WrongKnob::unknown(shape, name));
            };
            let Some(value) = knob.read(text) else {
                return Err(WrongKnob {
                    knob: name.to_owned(),
                    what: format!("{name} of the shape {shape} can be {}, not {text:?}", knob.range()),
                });
            };
            if seen.contains(&knob.name) {
                let what = format!("{name} is set twice; set it once");
                return Err(WrongKnob { knob: name.to_owned(), what });
            }
            seen.push(knob.name);
            if value != knob.default_value() {
                knobs.set.push((knob.name, value));
            }
        }
        knobs.set.sort_unstable();
        match (shape.about().contradiction)(&knobs) {
            Some(Contradiction { knob, what }) => Err(WrongKnob { knob: knob.to_owned(), what }),
            None => Ok(knobs),
        }
    }

    /// The value of a knob: the number, the thousandths, or the place of the word among the choices.
    pub(crate) fn get(&self, knob: &Knob) -> u64 {
        let set = self.set.iter().find(|(name, _)| *name == knob.name);
        set.map_or(knob.default_value(), |&(_, value)| value)
    }

    /// The knobs that are not at their defaults, by name.
    pub fn set(&self) -> &[(&'static str, u64)] {
        &self.set
    }
}

/// Two knobs that do not go together, told by the shape that they belong to.
pub(crate) struct Contradiction {
    /// One of them.
    pub(crate) knob: &'static str,
    /// What is contradictory, with both names and values, and what to do.
    pub(crate) what: String,
}

/// For shapes whose knobs all go together.
pub(crate) fn all_go_together(_: &Knobs) -> Option<Contradiction> {
    None
}

/// Why a knob cannot be set so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrongKnob {
    knob: String,
    what: String,
}

impl WrongKnob {
    fn unknown(shape: Shape, name: &str) -> Self {
        let knobs = shape.about().knobs;
        let what = if let Some(near) = crate::nearest(name, knobs.iter().map(|knob| knob.name)) {
            format!("the shape {shape} has no knob {name:?}; did you mean {near:?}?")
        } else if knobs.is_empty() {
            format!("the shape {shape} has no knob {name:?}, nor any other")
        } else {
            let known: Vec<&str> = knobs.iter().map(|knob| knob.name).collect();
            format!("the shape {shape} has no knob {name:?}; it has: {}", known.join(", "))
        };
        Self { knob: name.to_owned(), what }
    }

    /// The name of the knob as it was given.
    pub fn knob(&self) -> &str {
        &self.knob
    }
}

impl fmt::Display for WrongKnob {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.what)
    }
}

impl std::error::Error for WrongKnob {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_knob_reads_back_what_it_writes_and_refuses_what_lies_outside() {
        for shape in Shape::ALL {
            for knob in shape.about().knobs {
                let default = knob.written(knob.default_value());
                assert_eq!(knob.read(&default), Some(knob.default_value()), "{} of {shape}", knob.name);
                assert!(!knob.meaning.is_empty() && !knob.source.is_empty());
                for wrong in ["", "-1", "1e3", "101%", "99999999999999999999999"] {
                    assert_eq!(knob.read(wrong), None, "{} of {shape}: {wrong}", knob.name);
                }
            }
        }
    }

    #[test]
    fn knobs_of_every_kind_are_read() {
        let number = Knob::number("n", 5, 1..=100_000, "things", "m", "s");
        assert_eq!([number.read("64k"), number.read("0"), number.read("1M")], [Some(64_000), None, None]);
        let share = Knob::share("s", 5, "m", "s");
        assert_eq!(share.written(share.default_value()), "0.5%");
        assert_eq!([share.read("8%"), share.read("0.25%"), share.read("8")], [Some(80), None, None]);
        let choice = Knob::choice("c", &["one", "two"], "m", "s");
        assert_eq!([choice.read("two"), choice.read("three")], [Some(1), None]);
        assert_eq!(choice.written(1), "two");
    }

    #[test]
    fn wrong_knobs_are_told_with_what_is_near() {
        let told = |name, value| Knobs::read(Shape::App, [(name, value)]).unwrap_err().to_string();
        assert_eq!(
            told("own-ordr", "1%"),
            "the shape app has no knob \"own-ordr\"; did you mean \"own-order\"?"
        );
        assert!(told("zzz", "1").starts_with("the shape app has no knob \"zzz\"; it has: "));
        assert!(told("own-order", "x").contains("can be 0% to 100%"));
        let twice = Knobs::read(Shape::App, [("own-order", "1%"), ("own-order", "2%")]).unwrap_err();
        assert_eq!(twice.to_string(), "own-order is set twice; set it once");
    }
}
