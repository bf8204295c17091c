//! All values of some keys, plainly: what [`crate::Reader`] gives.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::ControlFlow;

use serde::Deserialize;
use serde::de::Deserializer;
use serde_json::value::RawValue;

use super::lines::{self, Fields, number, text};
use crate::bad::BadLine;
use crate::blocks::Limits;
use crate::read::Totals;

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A string, with its escapes decoded; what is not UTF-8 then is U+FFFD.
    Text(String),
    /// A number, as it is written.
    Number(String),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// An array or an object.
    Other,
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The number of its first line in the input, from 1.
    pub line: u64,
    /// Where that line starts in the input, in bytes from 0.
    pub offset: u64,
    /// Its lines as they stand in the input, as by [`crate::Record::bytes`].
    pub bytes: Vec<u8>,
    /// The values of the wanted keys.
    pub values: Vec<Option<Value>>,
}

/// Reads one input for some top-level keys.
///
/// # Errors
/// What the source gives; or a [`crate::Refusal`].
pub fn read_within(
    source: impl Read,
    keys: &[&str],
    limits: Limits,
    on_bad: &mut dyn FnMut(BadLine),
    on_record: &mut dyn FnMut(Record),
) -> io::Result<Totals> {
    lines::read::<All>(source, limits, on_bad, |line, members: Members<'_>| {
        let values = keys.iter().map(|key| members.0.get(*key).map(|raw| value(raw))).collect();
        on_record(Record { line: line.number, offset: line.offset, bytes: line.bytes.to_vec(), values });
        ControlFlow::Continue(())
    })
}

fn value(raw: &RawValue) -> Value {
    let text = text(Some(raw)).map(|text| Value::Text(text.into_owned()));
    let number = number(Some(raw)).map(|number| Value::Number(number.to_owned()));
    text.or(number).unwrap_or(match raw.get() {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" => Value::Null,
        _ => Value::Other,
    })
}

struct All;

impl Fields for All {
    type Of<'a> = Members<'a>;
}

struct Members<'a>(BTreeMap<String, &'a RawValue>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(Self)
    }
}
