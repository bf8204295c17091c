//! Single tests: what an expression is made of.

use std::cmp::Ordering;

use super::column::{Column, text_of};
use super::matcher::{Matcher, Whole};
use crate::level::Level;
use crate::read::Record;
use crate::time::{Time, Times};
use crate::value::Value;

/// One test of a record. Of a record that lacks what is tested none holds.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    /// The level is one of these.
    Level(Column, Levels),
    /// The time compares so with this one.
    Time(Column, Comparison, Time),
    /// There is a value, and it is not `null`.
    Has(Column),
    /// The value compares so with this one.
    Compare(Column, Comparison, Literal),
    /// The value, as text, contains this.
    Contains(Column, Matcher),
    /// The value, as text, matches this.
    Matches(Column, Matcher),
    /// The record, as it stands in the input but for the end of its last line, matches this.
    Record(Whole),
}

/// A set of levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Levels(u8);

impl Levels {
    pub(crate) fn only(level: Level) -> Self {
        Self(1 << level as u8)
    }

    pub(crate) fn contains(self, level: Level) -> bool {
        self.0 >> level as u8 & 1 == 1
    }

    /// Those that compare so with a level, by how serious they are.
    pub(crate) fn that_are(comparison: Comparison, than: Level) -> Self {
        let levels = Level::ALL.into_iter().filter(|level| comparison.admits(level.cmp(&than)));
        Self(levels.fold(0, |set, level| set | Self::only(level).0))
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Level> {
        Level::ALL.into_iter().filter(move |&level| self.contains(level))
    }
}

/// How a value is to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
}

impl Comparison {
    pub(crate) fn admits(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::More => ordering.is_gt(),
            Self::MoreOrEqual => ordering.is_ge(),
        }
    }
}

/// What values are compared with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Literal {
    pub(crate) text: Box<[u8]>,
    /// The number that it is, unless it stands in quotes.
    pub(crate) number: Option<Number>,
}

impl Literal {
    pub(crate) fn quoted(text: &str) -> Self {
        Self { text: text.as_bytes().into(), number: None }
    }

    pub(crate) fn bare(text: &str) -> Self {
        Self { number: Number::parse(text.as_bytes()), ..Self::quoted(text) }
    }

    /// How a value, as text, compares with it; `None` if one is a number and the other is not.
    pub(crate) fn compare(&self, value: &[u8]) -> Option<Ordering> {
        match self.number {
            Some(number) => Number::parse(value).and_then(|value| value.compare(number)),
            None => Some(value.cmp(&self.text)),
        }
    }
}

/// A number: integers are compared exactly, all others as 64-bit floating point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Integer(i128),
    Float(f64),
}

impl Number {
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let plain = |b: &u8| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E');
        if text.is_empty() || !text.iter().all(plain) {
            return None;
        }
        let text = std::str::from_utf8(text).ok()?;
        match text.parse() {
            Ok(integer) => Some(Self::Integer(integer)),
            Err(_) => text.parse().ok().map(Self::Float),
        }
    }

    fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => Some(a.cmp(&b)),
            (a, b) => a.float().partial_cmp(&b.float()),
        }
    }

    fn float(self) -> f64 {
        match self {
            Self::Integer(integer) => integer as f64,
            Self::Float(float) => float,
        }
    }
}

impl Test {
    /// What it tests, unless it is the record as it stands.
    pub(crate) fn column(&self) -> Option<&Column> {
        match self {
            Self::Level(column, _)
            | Self::Time(column, ..)
            | Self::Has(column)
            | Self::Compare(column, ..)
            | Self::Contains(column, _)
            | Self::Matches(column, _) => Some(column),
            Self::Record(_) => None,
        }
    }

    #[inline]
    pub(crate) fn holds(&self, record: &Record<'_>, times: &mut Times) -> bool {
        match self {
            Self::Level(column, levels) => column.level(record).is_some_and(|level| levels.contains(level)),
            Self::Time(column, comparison, time) => {
                column.time(record, times).is_some_and(|value| comparison.admits(value.cmp(time)))
            }
            Self::Has(column) => column.value(record).is_some_and(|value| value != Value::Null),
            Self::Compare(column, comparison, literal) => {
                column.value(record).is_some_and(|value| compares(value, *comparison, literal))
            }
            Self::Contains(column, pattern) | Self::Matches(column, pattern) => {
                column.text(record).is_some_and(|text| pattern.is_match(&text))
            }
            Self::Record(pattern) => pattern.is_match(record.bytes()),
        }
    }
}

/// Whether a value compares so. One that cannot be compared (an array, a word with a number) is only not equal.
fn compares(value: Value<'_>, comparison: Comparison, literal: &Literal) -> bool {
    if value == Value::Null {
        return false;
    }
    match text_of(value).and_then(|text| literal.compare(&text)) {
        Some(ordering) => comparison.admits(ordering),
        None => comparison == Comparison::NotEqual,
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::{Literal, Number};

    #[test]
    fn numbers_compare_by_value_and_integers_exactly() {
        let compare = |literal: &str, value: &str| Literal::bare(literal).compare(value.as_bytes());
        assert_eq!(compare("200", "200.0"), Some(Ordering::Equal));
        assert_eq!(compare("1e3", "1000"), Some(Ordering::Equal));
        assert_eq!(compare("9007199254740993", "9007199254740992"), Some(Ordering::Less));
        assert_eq!(compare("-2.5", "-3"), Some(Ordering::Less));
        assert_eq!(compare("7", "seven"), None);
        assert_eq!(compare("7", ""), None);
        assert_eq!(compare("seven", "7"), Some(Ordering::Less), "a word is compared as text");
        assert_eq!(Literal::quoted("7").compare(b"7.0"), Some(Ordering::Greater));
    }

    #[test]
    fn what_only_looks_like_a_number_is_none() {
        for text in ["", "-", "+", ".", "e", "1e", "1-2", "inf", "nan", "0x10", "1_000"] {
            assert_eq!(Number::parse(text.as_bytes()), None, "{text}");
        }
    }
}
