//! All values of some keys, of any format, against the plain reader: the same records, values and bad lines.

#![no_main]

use libfuzzer_sys::fuzz_target;
use parser::plain::values::{self, Value};
use parser::{Reader, Record};
use parser_fuzz::{Input, outcome};
use std::ops::ControlFlow;

const KEYS: [&str; 24] = [
    "timestamp",
    "time",
    "level",
    "severity",
    "message",
    "msg",
    "thread",
    "service",
    "logger",
    "client_ip",
    "method",
    "path",
    "query",
    "status",
    "size",
    "user_agent",
    "host",
    "pid",
    "facility",
    "message_id",
    "module",
    "database",
    "a",
    "",
];

fuzz_target!(|data: &[u8]| {
    let Some(input) = Input::of(data) else { return };
    let mut records = Vec::new();
    let fast = outcome(|bad| {
        let mut reader = Reader::new(&KEYS, input.limits);
        reader.read(input.source(), bad, |record| {
            records.push(owned(record));
            ControlFlow::Continue(())
        })?;
        Ok(reader.totals())
    });
    let mut plain_records = Vec::new();
    let plain = outcome(|bad| {
        values::read_within(input.log, &KEYS, input.limits, bad, &mut |record| plain_records.push(record))
    });
    assert_eq!(records, plain_records);
    assert_eq!(fast, plain);
});

/// A record with all that is borrowed made its own.
fn owned(record: &Record<'_>) -> values::Record {
    let value = |key| {
        Some(match record.value(key)? {
            parser::Value::Text(text) => Value::Text(String::from_utf8_lossy(&text.decode()).into_owned()),
            parser::Value::Number(number) => Value::Number(String::from_utf8_lossy(number).into_owned()),
            parser::Value::Bool(bool) => Value::Bool(bool),
            parser::Value::Null => Value::Null,
            parser::Value::Other => Value::Other,
        })
    };
    values::Record {
        line: record.line,
        offset: record.offset,
        bytes: record.bytes().to_vec(),
        values: (0..KEYS.len()).map(value).collect(),
    }
}
