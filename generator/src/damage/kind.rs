//! The kinds of damage, how often each comes, and what a reader answers.

use std::fmt;
use std::str::FromStr;

use super::Bits;
use crate::{Lines, quantity};

/// What can happen to a line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// The line ends somewhere within.
    Truncated,
    /// The record stands twice on its line, without a newline between.
    Glued,
    /// A line of white space, or of nothing, stands in its place.
    Empty,
    /// The line is longer than 16 MiB.
    OverLong,
    /// Bytes that are no UTF-8 stand somewhere within.
    BadUtf8,
    /// NULs stand before the record, as a truncated file that is still written to has them; or one stands within.
    Nul,
    /// Every value has another type than it should: it stands in an array.
    WrongTypes,
    /// A key comes twice, first with a value that is not meant.
    DuplicateKeys,
    /// A byte-order mark stands before the record.
    Bom,
    /// The line ends in a carriage return and a newline.
    Crlf,
    /// The last line lacks its newline. At most once in an output, and always where it is asked for.
    NoLastNewline,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Truncated,
        Self::Glued,
        Self::Empty,
        Self::OverLong,
        Self::BadUtf8,
        Self::Nul,
        Self::WrongTypes,
        Self::DuplicateKeys,
        Self::Bom,
        Self::Crlf,
        Self::NoLastNewline,
    ];

    /// The name that flags, specs and truths use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::Glued => "glued",
            Self::Empty => "empty",
            Self::OverLong => "over-long",
            Self::BadUtf8 => "bad-utf8",
            Self::Nul => "nul",
            Self::WrongTypes => "wrong-types",
            Self::DuplicateKeys => "duplicate-keys",
            Self::Bom => "bom",
            Self::Crlf => "crlf",
            Self::NoLastNewline => "no-last-newline",
        }
    }

    /// Whether lines of this form can be damaged so: some damage is done to keys and values of JSON.
    pub const fn suits(self, lines: Lines) -> bool {
        !matches!((self, lines), (Self::WrongTypes | Self::DuplicateKeys, Lines::Text))
    }
}

/// What a reader must make of a damaged line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It is the record that it was: all facts about it hold.
    Record,
    /// It is a record, but none of its fields has a value of the type that is looked for.
    Strange,
    /// It is blank: neither a record nor bad.
    Blank,
    /// It is bad.
    Bad(Reason),
    /// The shape is not JSON, and its grammar decides.
    Open,
}

/// Why a line is bad: the reasons that `parser` tells, the first of several in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Reason {
    /// Longer than 16 MiB.
    TooLong,
    /// Not UTF-8.
    NotUtf8,
    /// It does not start with `{`.
    NotAnObject,
    /// The line ended inside its object.
    CutShort,
    /// Not JSON, or something follows the object.
    Malformed,
}

impl Answer {
    /// The word for it in the truth.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Record | Self::Strange => "record",
            Self::Blank => "blank",
            Self::Bad(_) => "bad",
            Self::Open => "open",
        }
    }
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 5] =
        [Self::TooLong, Self::NotUtf8, Self::NotAnObject, Self::CutShort, Self::Malformed];

    /// The word for it in the truth.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooLong => "too-long",
            Self::NotUtf8 => "not-utf8",
            Self::NotAnObject => "not-an-object",
            Self::CutShort => "cut-short",
            Self::Malformed => "malformed",
        }
    }
}

/// How many lines are damaged, and in which ways.
///
/// Read from `RATE[:KIND,...]`, such as `1%` or `0.05%:truncated,crlf`; the rate has at most four decimals. Kinds that are
/// named come equally often. Where none is named, all that suit the shape do, except `over-long`: of 1,000 damaged lines
/// one, since each takes 16 MiB.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Damage {
    per_million: u32,
    /// In the order of [`Kind`]; empty for all that suit.
    named: Vec<Kind>,
    /// Those of them that can happen to any line.
    often: Vec<Kind>,
    /// Whether one of 1,000 is over-long.
    has_over_long: bool,
}

impl Damage {
    /// The same for lines of this form.
    ///
    /// # Errors
    ///
    /// A kind was named that cannot happen to such lines.
    pub(crate) fn of(mut self, lines: Lines) -> Result<Self, WrongDamage> {
        if let Some(kind) = self.named.iter().find(|kind| !kind.suits(lines)) {
            let what = format!("{} can only happen to lines of JSON, and this shape's are text", kind.name());
            return Err(WrongDamage(what));
        }
        if self.named.is_empty() {
            self.often.retain(|kind| kind.suits(lines));
        }
        Ok(self)
    }

    /// Of a million records, how many are damaged.
    pub const fn per_million(&self) -> u32 {
        self.per_million
    }

    /// Whether lines are damaged in this way.
    pub fn has(&self, kind: Kind) -> bool {
        self.per_million > 0 && (self.named.is_empty() || self.named.contains(&kind))
    }

    /// One of the kinds that can happen to any line; none where only the last newline is to go.
    pub(super) fn choose(&self, bits: &mut Bits) -> Option<Kind> {
        if self.has_over_long && bits.below(1000) == 0 {
            return Some(Kind::OverLong);
        }
        self.often.get(bits.below(self.often.len())).copied()
    }
}

impl FromStr for Damage {
    type Err = WrongDamage;

    fn from_str(text: &str) -> Result<Self, WrongDamage> {
        let (rate, kinds) = text.split_once(':').map_or((text, None), |(rate, kinds)| (rate, Some(kinds)));
        let per_million = quantity::percent(rate.trim(), 4)
            .filter(|&rate| rate <= 1_000_000)
            .ok_or_else(|| {
                WrongDamage(format!(
                    "{rate:?} is no rate; it is a share from 0% to 100% with at most four decimals, such as 0.5%"
                ))
            })?;
        let mut named = Vec::new();
        for name in kinds.into_iter().flat_map(|kinds| kinds.split(',')).map(str::trim) {
            let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name);
            named.push(kind.ok_or_else(|| WrongDamage::unknown(name))?);
        }
        named.sort_unstable();
        named.dedup();
        let of_any = |kind: &Kind| *kind != Kind::NoLastNewline;
        let often: Vec<Kind> = if named.is_empty() {
            Kind::ALL.into_iter().filter(|kind| of_any(kind) && *kind != Kind::OverLong).collect()
        } else {
            named.iter().copied().filter(of_any).collect()
        };
        let has_over_long = named.is_empty();
        Ok(Self { per_million: per_million as u32, named, often, has_over_long })
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.per_million / 10_000, self.per_million % 10_000);
        write!(out, "{whole}")?;
        if rest > 0 {
            write!(out, ".{}", format!("{rest:04}").trim_end_matches('0'))?;
        }
        out.write_str("%")?;
        for (index, kind) in self.named.iter().enumerate() {
            write!(out, "{}{}", if index == 0 { ":" } else { "," }, kind.name())?;
        }
        Ok(())
    }
}

/// Why damage cannot be done so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrongDamage(String);

impl WrongDamage {
    fn unknown(name: &str) -> Self {
        let known = Kind::ALL.map(Kind::name);
        Self(match crate::nearest(name, known) {
            Some(near) => format!("there is no damage {name:?}; did you mean {near:?}?"),
            None => format!("there is no damage {name:?}; the kinds are: {}", known.join(", ")),
        })
    }
}

impl fmt::Display for WrongDamage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for WrongDamage {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_written_as_it_is_read() {
        for text in ["1%", "0%", "100%", "0.05%:truncated,crlf", "0.0125%:no-last-newline", "12.5%:bom"] {
            assert_eq!(text.parse::<Damage>().unwrap().to_string(), text);
        }
        for (text, what) in [
            ("", "is no rate"),
            ("1", "is no rate"),
            ("101%", "is no rate"),
            ("0.00001%", "is no rate"),
            ("1%:", "there is no damage \"\""),
            ("1%:trunkated", "did you mean \"truncated\"?"),
            ("1%:zzzzzz", "the kinds are: truncated, glued"),
        ] {
            let wrong = text.parse::<Damage>().unwrap_err().to_string();
            assert!(wrong.contains(what), "{text}: {wrong}");
        }
    }

    #[test]
    fn text_cannot_be_damaged_as_json_is() {
        let damage: Damage = "1%:wrong-types".parse().unwrap();
        assert!(damage.clone().of(Lines::Json).is_ok());
        assert!(damage.of(Lines::Text).unwrap_err().to_string().contains("only happen to lines of JSON"));
        let all: Damage = "1%".parse().unwrap();
        assert!(!all.of(Lines::Text).unwrap().often.contains(&Kind::DuplicateKeys));
    }
}
