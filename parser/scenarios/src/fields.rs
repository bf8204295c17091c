//! The suites `access`, `logfmt`, `syslog` and `text`: the fields of every record, found and summed up.
//!
//! A sum takes a value in by its length and the bytes at both of its ends: that shows where a value was found, at a
//! fraction of what it takes to find it. Values with escapes are decoded. The sums can be told from the truth, which has
//! each value and how often it came.

use crate::counting::{TWO, whole_file};
use crate::truth;
use harness::answer::{Answer, Digest};
use harness::subject::{Corpus, Error, Expectation, Scenario, Unsuited, Work};
use parser::plain::values::{self, read_within};
use parser::{Level, Limits, Reader, Record, Text, Value};
use serde_json::Value as Json;
use std::ops::{ControlFlow, Range};

/// Of all scenarios here. In version 1 the sums were made otherwise, and took a third of the time.
const VERSION: u32 = 2;

/// A format, and what its records hold.
struct Format {
    corpus: &'static str,
    fields: &'static [Field],
    /// Fields, by their places, that most records of this format have, and few of another.
    marks: &'static [usize],
    names: [&'static str; 3],
    limit: &'static str,
}

/// A field of a record.
struct Field {
    /// Its keys; the first that the record has tells the value.
    keys: &'static [&'static str],
    told: Told,
}

/// What a truth tells of a field.
enum Told {
    /// That every record has it.
    Always,
    /// Each value, under this key, and in how many records it is.
    Values(&'static str),
    /// The same, of which this part is the field.
    Parts(&'static str, fn(&str) -> Option<&str>),
    /// Each value of the part of the field that stands at these bytes.
    Slice(&'static str, usize, usize),
    /// In how many records it is, under this key.
    Number(&'static str),
    /// The sum of its numbers, and in how many records it is a number.
    Sum(&'static str, &'static str),
    /// In how many records it has a colon.
    Colon(&'static str),
    /// For each level the number of its records, their bytes and their numbers summed up; and which level a name means.
    Levels(fn(&str) -> Option<Level>),
}

const fn field(keys: &'static [&'static str], told: Told) -> Field {
    Field { keys, told }
}

/// The target of a request up to its question mark.
fn path(target: &str) -> Option<&str> {
    target.split('?').next()
}

/// What follows it.
fn query(target: &str) -> Option<&str> {
    target.split_once('?').map(|(_, query)| query)
}

/// A dash stands for nothing.
fn unless_dash(value: &str) -> Option<&str> {
    Some(value).filter(|value| *value != "-")
}

/// The level of a severity of syslog: only an emergency is fatal.
fn of_severity(name: &str) -> Option<Level> {
    match name {
        "alert" | "crit" => Some(Level::Error),
        _ => Level::from_name(name),
    }
}

const FORMATS: [Format; 4] = [
    Format {
        corpus: "access",
        names: ["access/fast", "access/fast/2-threads", "access/plain"],
        limit: "limit/access",
        marks: &[2, 7],
        fields: &[
            field(&["client_ip"], Told::Colon("ipv6")),
            // `10/Oct/2000:13:55:36 -0700`, of which the truth knows the hour.
            field(&["timestamp"], Told::Slice("hours", 12, 14)),
            field(&["method"], Told::Values("methods")),
            field(&["path"], Told::Parts("paths", path)),
            field(&["query"], Told::Parts("paths", query)),
            field(&["protocol"], Told::Values("protocols")),
            field(&["status"], Told::Values("statuses")),
            field(&["size"], Told::Sum("response_bytes", "sized")),
            field(&["referer"], Told::Number("referred")),
            field(&["user_agent"], Told::Parts("agents", unless_dash)),
        ],
    },
    Format {
        corpus: "logfmt",
        names: ["logfmt/fast", "logfmt/fast/2-threads", "logfmt/plain"],
        limit: "limit/logfmt",
        marks: &[2],
        fields: &[
            field(&["ts", "time"], Told::Always),
            field(&["level"], Told::Levels(Level::from_name)),
            field(&["component"], Told::Values("components")),
            field(&["req"], Told::Values("correlations")),
            field(&["msg"], Told::Always),
        ],
    },
    Format {
        corpus: "syslog",
        names: ["syslog/fast", "syslog/fast/2-threads", "syslog/plain"],
        limit: "limit/syslog",
        marks: &[2],
        fields: &[
            field(&["timestamp"], Told::Always),
            field(&["level"], Told::Levels(of_severity)),
            field(&["host"], Told::Values("hosts")),
            field(&["service"], Told::Values("apps")),
            field(&["message"], Told::Always),
        ],
    },
    Format {
        corpus: "text",
        names: ["text/fast", "text/fast/2-threads", "text/plain"],
        limit: "limit/text",
        marks: &[3],
        fields: &[
            field(&["timestamp"], Told::Always),
            field(&["level"], Told::Levels(Level::from_name)),
            field(&["thread"], Told::Values("threads")),
            field(&["logger"], Told::Values("loggers")),
            field(&["message"], Told::Always),
        ],
    },
];

pub(crate) fn scenarios() -> Vec<Scenario> {
    FORMATS.iter().flat_map(of_format).collect()
}

fn of_format(format: &'static Format) -> [Scenario; 3] {
    let [fast, on_two, plain] = format.names;
    let scenario = |name, about| {
        Scenario::new(name, format.corpus, about)
            .version(VERSION)
            .expecting(move |corpus| expect(format, corpus))
    };
    [
        scenario(fast, "the fields of every record found and summed up, over a file in the page cache")
            .beside(&[format.limit, plain])
            .working(move |corpus| Ok(SumFile { format, corpus: corpus.clone(), sum: fast_sums })),
        Scenario::new(on_two, format.corpus, "the same file, read on two threads")
            .version(VERSION)
            .expecting(move |corpus| {
                whole_file(corpus)?;
                expect(format, corpus)
            })
            .beside(&[fast])
            .on_all_cpus()
            .working(move |corpus| Ok(SumFile { format, corpus: corpus.clone(), sum: sums_on_two })),
        scenario(plain, "the same by the plain reader")
            .working(move |corpus| Ok(SumFile { format, corpus: corpus.clone(), sum: plain_sums })),
    ]
}

/// Sums over a log.
#[derive(Debug)]
struct Sums {
    records: u64,
    /// Those of the fields, in their order.
    fields: Vec<Sum>,
    /// By level: records, bytes and numbers.
    levels: [[u64; 3]; Level::ALL.len()],
}

/// The fields of a format by what is done with them, so that this is not asked for each of each record.
struct Plan {
    /// Those whose values are summed up as they are, those that are counted, and those of which something is made.
    whole: Vec<Planned>,
    counted: Vec<Planned>,
    others: Vec<Planned>,
}

/// The place of a field, and those of its keys.
struct Planned {
    place: usize,
    keys: Range<usize>,
}

impl Plan {
    fn new(format: &Format) -> Self {
        let mut plan = Self { whole: Vec::new(), counted: Vec::new(), others: Vec::new() };
        let mut key = 0;
        for (place, field) in format.fields.iter().enumerate() {
            let keys = key..key + field.keys.len();
            key = keys.end;
            let fields = match field.told {
                Told::Values(_) | Told::Parts(..) => &mut plan.whole,
                Told::Always | Told::Number(_) => &mut plan.counted,
                Told::Slice(..) | Told::Sum(..) | Told::Colon(_) | Told::Levels(_) => &mut plan.others,
            };
            fields.push(Planned { place, keys });
        }
        plan
    }
}

impl Planned {
    #[inline]
    fn value<'a>(&self, record: &Record<'a>) -> Option<Value<'a>> {
        self.keys.clone().find_map(|key| record.value(key))
    }
}

/// A sum over the values of a field.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    records: u64,
    values: u64,
}

impl Sum {
    /// Takes one value in, so many times.
    #[inline]
    fn add(&mut self, value: &[u8], times: u64) {
        self.records += times;
        self.values = self.values.wrapping_add(mark(value).wrapping_mul(times));
    }
}

/// What shows where a value was found: its length, and up to eight bytes at both of its ends.
#[inline]
fn mark(value: &[u8]) -> u64 {
    let last = value.last_chunk().map_or(0, |last| u64::from_le_bytes(*last));
    let mixed = (start(value) ^ (value.len() as u64) << 56).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ last;
    mixed.wrapping_mul(0xd6e8_feb8_6659_fd93)
}

/// The first eight bytes of a value, the first the lowest, and zeros after a shorter one. Without a loop, which would take
/// longer than finding the value.
#[inline]
fn start(value: &[u8]) -> u64 {
    if let Some(first) = value.first_chunk() {
        return u64::from_le_bytes(*first);
    }
    let length = value.len();
    if let (Some(first), Some(last)) = (value.first_chunk(), value.last_chunk()) {
        let [first, last] = [first, last].map(|half| u64::from(u32::from_le_bytes(*half)));
        return first | last << (8 * (length - 4));
    }
    let byte = |at: usize| value.get(at).map_or(0, |&byte| u64::from(byte) << (8 * at));
    byte(0) | byte(1) | byte(2)
}

impl Sums {
    fn new(format: &Format) -> Self {
        let fields = vec![Sum::default(); format.fields.len()];
        Self { records: 0, fields, levels: [[0; 3]; Level::ALL.len()] }
    }

    /// Takes the value of a field in, of a record of so many bytes, which has been counted.
    #[inline]
    fn add(&mut self, place: usize, told: &Told, value: &[u8], bytes: usize) {
        let sum = &mut self.fields[place];
        match told {
            Told::Values(_) | Told::Parts(..) => sum.add(value, 1),
            Told::Always | Told::Number(_) => sum.records += 1,
            Told::Slice(_, from, to) => sum.add(value.get(*from..*to).unwrap_or(value), 1),
            Told::Sum(..) => {
                if let Some(number) = number(value) {
                    sum.records += 1;
                    sum.values = sum.values.wrapping_add(number);
                }
            }
            Told::Colon(_) => sum.records += u64::from(has_colon(value)),
            Told::Levels(_) => {
                let level = std::str::from_utf8(value).ok().and_then(Level::from_name);
                if let Some(level) = level {
                    let [records, all, numbers] = &mut self.levels[level as usize];
                    (*records, *all, *numbers) = (*records + 1, *all + bytes as u64, *numbers + self.records);
                }
            }
        }
    }

    /// Takes the fields of the next record in.
    #[inline]
    fn add_record(&mut self, format: &Format, plan: &Plan, record: &Record<'_>) {
        self.records += 1;
        for field in &plan.whole {
            let sum = &mut self.fields[field.place];
            match field.value(record) {
                Some(Value::Text(text)) if !text.escaped => sum.add(text.raw, 1),
                Some(Value::Number(number)) => sum.add(number, 1),
                Some(Value::Text(text)) => sum.add(&decoded(text), 1),
                _ => {}
            }
        }
        for field in &plan.counted {
            let is_there = matches!(field.value(record), Some(Value::Text(_) | Value::Number(_)));
            self.fields[field.place].records += u64::from(is_there);
        }
        for field in &plan.others {
            let told = &format.fields[field.place].told;
            let bytes = record.bytes().len();
            match field.value(record) {
                Some(Value::Text(text)) if !text.escaped => self.add(field.place, told, text.raw, bytes),
                Some(Value::Number(number)) => self.add(field.place, told, number, bytes),
                Some(Value::Text(text)) => self.add(field.place, told, &decoded(text), bytes),
                _ => {}
            }
        }
    }

    /// Takes in what comes after it in the log.
    fn take_in(&mut self, after: &Self) {
        for (sum, other) in self.fields.iter_mut().zip(&after.fields) {
            sum.records += other.records;
            sum.values = sum.values.wrapping_add(other.values);
        }
        for ([records, bytes, numbers], other) in self.levels.iter_mut().zip(after.levels) {
            // Its records were numbered from 1 on.
            *numbers += other[2] + other[0] * self.records;
            (*records, *bytes) = (*records + other[0], *bytes + other[1]);
        }
        self.records += after.records;
    }

    fn answer(&self) -> Answer {
        let mut digest = Digest::new().number(self.records);
        for sum in &self.fields {
            digest = digest.number(sum.records).number(sum.values);
        }
        self.levels.iter().flatten().fold(digest, |digest, &figure| digest.number(figure)).finish()
    }
}

/// What an escape stands for need not be UTF-8; the plain reader's strings are.
#[cold]
fn decoded(text: Text<'_>) -> Vec<u8> {
    String::from_utf8_lossy(&text.decode()).into_owned().into_bytes()
}

/// Whether an address is of IPv6, in which a colon comes after four digits at most.
#[inline]
fn has_colon(address: &[u8]) -> bool {
    const COLONS: u64 = u64::from_le_bytes([b':'; 8]);
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    let others = start(address) ^ COLONS;
    // The lowest byte that is zero is found (Warren, Hacker's Delight, 6-1); those above it may be taken for others.
    others.wrapping_sub(ONES) & !others & ONES << 7 != 0
}

/// The number that some digits are.
#[inline]
fn number(digits: &[u8]) -> Option<u64> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    if digits.len() <= 8 {
        // Eight at once, the missing ones before them being zeros: pairs, then fours, then all (Lemire,
        // "Quickly parsing eight digits", 2018).
        let missing = 8 * (8 - digits.len());
        let aligned = start(digits) << missing | ZEROS & !(u64::MAX << missing);
        let each = aligned ^ ZEROS;
        if (each | each.wrapping_add(ONES * (0x7f - 9))) & ONES << 7 != 0 {
            return None;
        }
        let pairs = each.wrapping_mul(10).wrapping_add(each >> 8) & 0x00ff_00ff_00ff_00ff;
        let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
        return Some(fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff);
    }
    digits
        .iter()
        .try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u64::from(digit - b'0')))
}

type Summing = fn(&Format, &Corpus) -> Result<Sums, Error>;

struct SumFile {
    format: &'static Format,
    corpus: Corpus,
    sum: Summing,
}

impl Work for SumFile {
    type Output = Sums;

    fn run(&mut self, _query: usize) -> Result<Sums, Error> {
        (self.sum)(self.format, &self.corpus)
    }

    fn answer(&self, sums: &Sums) -> Answer {
        sums.answer()
    }
}

/// All keys of a format, one field's after the other's.
fn keys(format: &Format) -> Vec<&'static str> {
    format.fields.iter().flat_map(|field| field.keys).copied().collect()
}

fn fast_sums(format: &Format, corpus: &Corpus) -> Result<Sums, Error> {
    let mut sums = Sums::new(format);
    let plan = Plan::new(format);
    let mut reader = Reader::new(&keys(format), Limits::default());
    reader.read(corpus.open()?, &mut |_| (), |record| {
        sums.add_record(format, &plan, record);
        ControlFlow::Continue(())
    })?;
    Ok(sums)
}

fn sums_on_two(format: &Format, corpus: &Corpus) -> Result<Sums, Error> {
    let mut sums = Sums::new(format);
    let plan = Plan::new(format);
    let mut reader = Reader::new(&keys(format), Limits::default());
    reader.read_parts(
        &corpus.open()?.into_inner(),
        TWO,
        &mut |_| (),
        &|| Sums::new(format),
        &|part: &mut Sums, record| part.add_record(format, &plan, record),
        &mut |part| {
            sums.take_in(&part);
            ControlFlow::Continue(())
        },
    )?;
    Ok(sums)
}

fn plain_sums(format: &Format, corpus: &Corpus) -> Result<Sums, Error> {
    let mut sums = Sums::new(format);
    read_within(corpus.open()?, &keys(format), Limits::default(), &mut |_| (), &mut |record| {
        sums.records += 1;
        let mut key = 0;
        for (place, field) in format.fields.iter().enumerate() {
            let found = record.values[key..key + field.keys.len()].iter().flatten().next();
            key += field.keys.len();
            if let Some(values::Value::Text(value) | values::Value::Number(value)) = found {
                sums.add(place, &field.told, value.as_bytes(), record.bytes.len());
            }
        }
    })?;
    Ok(sums)
}

/// The answer from the truth, or from the plain reader where there is none.
fn expect(format: &Format, corpus: &Corpus) -> Result<Expectation, Error> {
    let sums = if let Some(truth) = truth::of(corpus)? {
        of_truth(format, &truth)?
    } else {
        let sums = plain_sums(format, corpus).map_err(|e| Unsuited(e.to_string()))?;
        let found = |&place: &usize| sums.fields[place].records * 2 > sums.records;
        if !format.marks.iter().all(found) {
            let keys: Vec<_> = format.marks.iter().flat_map(|&place| format.fields[place].keys).collect();
            let why = format!(
                "most of its {} records lack one of {keys:?}, which logs of this kind have",
                sums.records
            );
            return Err(Unsuited(why).into());
        }
        sums
    };
    Ok(Expectation { bytes: corpus.size()?, records: sums.records, answers: vec![sums.answer()] })
}

fn of_truth(format: &Format, truth: &Json) -> Result<Sums, Error> {
    let mut sums = Sums { records: truth::number(truth, "records")?, ..Sums::new(format) };
    for (field, sum) in format.fields.iter().zip(&mut sums.fields) {
        match &field.told {
            Told::Always => sum.records = sums.records,
            Told::Values(key) | Told::Slice(key, ..) => add_values(truth, key, |value| Some(value), sum)?,
            Told::Parts(key, part) => add_values(truth, key, *part, sum)?,
            Told::Number(key) | Told::Colon(key) => sum.records = truth::number(truth, key)?,
            Told::Sum(key, counted) => {
                sum.records = truth::number(truth, counted)?;
                sum.values = truth::number(truth, key)?;
            }
            Told::Levels(level) => {
                for (name, facts) in truth::entries(truth, "levels")? {
                    let level = level(name)
                        .ok_or_else(|| format!("the truth has a level {name:?}, which no reader knows"))?;
                    let of_level = &mut sums.levels[level as usize];
                    for (figure, key) in of_level.iter_mut().zip(["records", "bytes", "line_sum"]) {
                        *figure += truth::number(facts, key)?;
                    }
                }
            }
        }
    }
    Ok(sums)
}

fn add_values(truth: &Json, key: &str, part: fn(&str) -> Option<&str>, sum: &mut Sum) -> Result<(), Error> {
    for (value, _) in truth::entries(truth, key)? {
        if let Some(part) = part(value) {
            sum.add(part.as_bytes(), truth::number(&truth[key], value)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_found_elsewhere_is_another() {
        let line = b"GET /a/path/that/is/long HTTP/1.1";
        let place = mark(&line[4..24]);
        for other in [&line[4..23], &line[4..25], &line[3..24], &line[5..24], &line[5..25], &line[4..5], b""]
        {
            assert_ne!(mark(other), place);
        }
        assert_ne!(mark(b"200"), mark(b"201"));
        assert_ne!(mark(b""), mark(b"\0"));
    }

    #[test]
    fn a_start_is_eight_bytes_or_all() {
        let bytes = b"abcdefghij";
        for length in 0..=bytes.len() {
            let plain =
                bytes[..length.min(8)].iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
            assert_eq!(start(&bytes[..length]), plain, "of {length}");
        }
    }

    #[test]
    fn an_address_of_ipv6_is_told_from_others() {
        for address in ["::1", "1::", "2001:db8::1", "::ffff:192.0.2.1", "ab::", "a:b:c:d:e:f:0:1"] {
            assert!(has_colon(address.as_bytes()), "{address}");
        }
        for address in ["192.0.2.1", "", "1", "host", "host.example.org", "9;9;9;9;", "99999999"] {
            assert!(!has_colon(address.as_bytes()), "{address}");
        }
    }

    #[test]
    fn a_number_is_digits_that_fit() {
        for length in 1..=19 {
            for digits in ["1234567890123456789", "0000000000000000000", "9999999999999999999"] {
                let digits = &digits[..length];
                assert_eq!(number(digits.as_bytes()), digits.parse().ok(), "{digits}");
                for (place, other) in
                    (0..length).flat_map(|place| [(place, b'/'), (place, b':'), (place, 0xb0)])
                {
                    let mut bytes = digits.as_bytes().to_vec();
                    bytes[place] = other;
                    assert_eq!(number(&bytes), None, "{bytes:?}");
                }
            }
        }
        assert_eq!(number(b"1234567890123456789"), Some(1_234_567_890_123_456_789));
        for other in [b"".as_slice(), b"-", b"1.5", b"12345678901234567890"] {
            assert_eq!(number(other), None);
        }
    }
}
