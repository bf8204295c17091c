//! Conditions on records, plainly. What they mean is documented at [`crate::expression`].

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::lines::{Fields, Key, first_time, level, number, text};
use crate::expression::test::{Comparison, Literal, Number, Test};
use crate::expression::{Column, Columns, Node};
use crate::field::Field;
use crate::time::{Clock, Time};

/// A record, and what is asked of it.
pub(super) struct Subject<'a> {
    pub(super) columns: &'a Columns,
    pub(super) line: &'a [u8],
    pub(super) record: Record<'a>,
}

/// All fields of a record.
pub(super) struct Record<'a>(BTreeMap<Cow<'a, str>, &'a RawValue>);

pub(super) fn holds(node: &Node, subject: &Subject<'_>) -> bool {
    match node {
        Node::All(nodes) => nodes.iter().all(|node| holds(node, subject)),
        Node::Any(nodes) => nodes.iter().any(|node| holds(node, subject)),
        Node::Not(node) => !holds(node, subject),
        Node::Test(test) => satisfies(test, subject),
    }
}

fn satisfies(test: &Test, subject: &Subject<'_>) -> bool {
    match test {
        Test::Level(column, levels) => subject
            .value(column)
            .and_then(|value| level(&text(Some(value))?))
            .is_some_and(|level| levels.contains(level)),
        Test::Time(column, comparison, than) => {
            subject.time(column).is_some_and(|time| comparison.admits(time.cmp(than)))
        }
        Test::Has(column) => subject.value(column).is_some_and(|value| value.get() != "null"),
        Test::Compare(column, comparison, literal) => {
            subject.value(column).is_some_and(|value| value.get() != "null")
                && match subject.as_text(column).and_then(|text| order(&text, literal)) {
                    Some(ordering) => comparison.admits(ordering),
                    None => *comparison == Comparison::NotEqual,
                }
        }
        Test::Contains(column, pattern) | Test::Matches(column, pattern) => {
            subject.as_text(column).is_some_and(|text| pattern.is_match(text.as_bytes()))
        }
        Test::Record(pattern) => pattern.is_match(subject.line),
    }
}

fn order(text: &str, literal: &Literal) -> Option<Ordering> {
    let number: f64 = match literal.number {
        None => return Some(text.as_bytes().cmp(&literal.text)),
        Some(Number::Float(number)) => number,
        Some(Number::Integer(number)) => match text.parse::<i128>() {
            Ok(text) => return Some(text.cmp(&number)),
            Err(_) => number as f64,
        },
    };
    if text.contains(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')) {
        return None;
    }
    text.parse::<f64>().ok()?.partial_cmp(&number)
}

impl<'a> Subject<'a> {
    fn value(&self, column: &Column) -> Option<&'a RawValue> {
        if column.field().is_none() {
            return self.record.under(column.name());
        }
        let first = |numbers: bool| {
            column.keys(self.columns).find_map(|key| {
                let value = self.record.0.get(key).copied();
                let is_name = text(value).is_some_and(|text| !text.is_empty());
                value.filter(|&value| is_name || (numbers && number(Some(value)).is_some()))
            })
        };
        match column.field() {
            Some(Field::Level) => first(false).or_else(|| first(true)),
            field => first(!matches!(field, Some(Field::Service | Field::Message))),
        }
    }

    fn time(&self, column: &Column) -> Option<Time> {
        if column.field() != Some(Field::Time) {
            return time(self.value(column)?);
        }
        first_time(column.keys(self.columns).filter_map(|key| time(self.record.0.get(key)?)))
    }

    fn as_text(&self, column: &Column) -> Option<Cow<'a, str>> {
        let value = self.value(column)?;
        match value.get() {
            word @ ("true" | "false") => Some(Cow::Borrowed(word)),
            _ => text(Some(value)).or_else(|| number(Some(value)).map(Cow::Borrowed)),
        }
    }
}

/// The time that a string or a number is, if it is one.
fn time(value: &RawValue) -> Option<Time> {
    let text = text(Some(value)).or_else(|| number(Some(value)).map(Cow::Borrowed))?;
    Time::parse(text.as_bytes(), &Clock::now())
}

impl<'a> Record<'a> {
    /// The value under a name, or under the rest of it in the object that its first part names.
    fn under(&self, name: &str) -> Option<&'a RawValue> {
        if let Some(value) = self.0.get(name) {
            return Some(value);
        }
        let (head, rest) = name.split_once('.')?;
        let object: &'a RawValue = self.0.get(head)?;
        serde_json::from_str::<Self>(object.get()).ok()?.under(rest)
    }
}

pub(super) struct AllFields;

impl Fields for AllFields {
    type Of<'a> = Record<'a>;
}

impl<'de> Deserialize<'de> for Record<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RecordVisitor)
    }
}

struct RecordVisitor;

impl<'de> Visitor<'de> for RecordVisitor {
    type Value = Record<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record, as an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some((Key(key), value)) = map.next_entry::<Key<'de>, &RawValue>()? {
            fields.insert(key, value);
        }
        Ok(Record(fields))
    }
}
