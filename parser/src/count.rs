//! The CDN counter: who asks rubygems.org for its indexes, by date, with which versions.
//!
//! # What is counted
//!
//! A record counts if its `request_path` is exactly `/latest_specs.4.8.gz`, `/prerelease_specs.4.8.gz`,
//! `/specs.4.8.gz` or `/versions`, or is `/api/v1/dependencies` with an empty `request_query`: `""`, `null` or no
//! such key. It is counted under its date, the first ten bytes of `timestamp`, which must read `YYYY-MM-DD` with a
//! month up to 12 and a day up to 31; without one it is [`Count::undated`].
//!
//! Its values are the `tls_cipher`, if that is a string, and what the user agent tells ([`crate::Agent`]), if that
//! is a string. Every value that is there counts, the empty one too. A client is a `client_ip`; all that lack one,
//! or hold something that is not an address, are the one client `0.0.0.0` and are told in [`Count::unaddressed`].
//! So whatever a record lacks costs what it lacks and nothing else.
//!
//! # Agents that are not known
//!
//! Of a user agent that is neither of Bundler nor of `RubyGems` nothing is counted ([`Agent::Other`]). One that is a name
//! alone, or a name and a version (`curl/7.1`: a product of RFC 9110), tells what it is; any other is *not known*: no
//! grammar tells what it says. [`Counting::unknown`] keeps those of the requests that are counted.

use std::collections::HashMap as SeededMap;
use std::fs::File;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use crate::address::Address;
use crate::agent::{self, Agent};
use crate::answer::{Count, Day, Dimension, Unknown, Uses};
use crate::bad::BadLine;
use crate::blocks::Limits;
use crate::clients::{ClientSet, Clients};
use crate::format::Formats;
use crate::read::{Reader, Record, Totals};
use crate::segments::{self, Reads, Segments};
use crate::sketch::{self, Sketch};
use crate::together::{self, Open, Told};
use crate::value::Value;

const KEYS: [&str; 6] =
    ["request_path", "request_query", "timestamp", "client_ip", "user_agent", "tls_cipher"];
const PATH: usize = 0;
const QUERY: usize = 1;
const TIME: usize = 2;
const CLIENT: usize = 3;
const AGENT: usize = 4;
const CIPHER: usize = 5;

/// How it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counting {
    /// How much of an input is held.
    pub limits: Limits,
    /// How long the times are that requests are counted by.
    pub by: Interval,
    /// Whether distinct clients are estimated, in at most 16 KiB for each value, with a relative standard error of
    /// [`crate::STANDARD_ERROR`]; up to 512 of a value are exact all the same.
    pub approximate: bool,
    /// Whether agents that are not known are kept.
    pub unknown: bool,
}

/// How long a time is that requests are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Interval {
    /// A day as it is written: `2018-04-16`.
    #[default]
    Day,
    /// An hour as it is written: `2018-04-16T04`. A request without one has no date either.
    Hour,
}

/// Counts one input after another.
///
/// It holds a buffer and the answer's distinct values: each value once per date, at most 32 bytes for each distinct
/// address under it, and mostly a bit for each address of the date.
///
/// ```
/// let log = br#"{"timestamp":"2018-04-16 04:59:59","client_ip":"192.0.2.7","request_path":"/versions","tls_cipher":"A"}"#;
/// let mut counter = parser::Counter::new();
/// counter.read(log.as_slice(), &mut |bad| eprintln!("line {}: {}", bad.line, bad.reason))?;
/// let count = counter.finish();
/// assert_eq!(count.stats["2018-04-16"].values(parser::Dimension::TlsCipher)["A"].total, 1);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Counter {
    reader: Reader,
    tables: Tables,
}

impl Counter {
    /// A counter that has counted nothing.
    pub fn new() -> Self {
        Self::within(Limits::default())
    }

    /// A counter with limits of its own.
    pub fn within(limits: Limits) -> Self {
        Self::counting(Counting { limits, ..Counting::default() })
    }

    /// A counter that counts in a way of its own.
    pub fn counting(counting: Counting) -> Self {
        let reader = Reader::new(&KEYS, counting.limits);
        Self { reader, tables: Tables { counting, ..Tables::default() } }
    }

    /// Counts a file from its start to its end, on several threads if it can be read at any place: with the same answer,
    /// and the same bad lines in the same order. Each thread has tables of its own, put together at the end.
    ///
    /// # Errors
    /// As [`Counter::read`]; if a file breaks off in its midst, lines after that place may be counted too.
    pub fn read_file(
        &mut self,
        file: &File,
        threads: NonZeroUsize,
        on_bad: &mut (dyn FnMut(BadLine) + Send),
    ) -> io::Result<()> {
        match Segments::of(file)? {
            Some(segments) if threads.get() > 1 => {
                segments::read(self, &segments, threads, on_bad, &mut |_| ControlFlow::Continue(()))
            }
            _ => self.read(file, &mut |bad| on_bad(bad)),
        }
    }

    /// Counts several inputs at once, each on one thread, which has tables of its own. What comes of them is told in their
    /// order, until `told` breaks; some more may have been counted then.
    pub fn read_together(&mut self, inputs: usize, threads: NonZeroUsize, open: Open<'_>, told: Told<'_>) {
        together::read(self, inputs, threads, open, told, |counter, source, lane| {
            counter.read(source, &mut |bad| lane.bad(bad))
        });
    }

    /// Counts one input to its end. Several add up.
    ///
    /// # Errors
    /// What the source gives, all lines before that being counted; or a [`crate::Refusal`].
    pub fn read(&mut self, source: impl Read, on_bad: &mut dyn FnMut(BadLine)) -> io::Result<()> {
        let tables = &mut self.tables;
        self.reader.read(source, on_bad, |record| {
            tables.add(record, &mut |_, _, _| ());
            ControlFlow::Continue(())
        })
    }

    /// Counts lines that are in memory, as a stream hands them over: see [`Reader::lines`]. What is counted of them is told to
    /// `on_value` as it is counted: the date, the dimension, and the value.
    ///
    /// ```
    /// let line = br#"{"timestamp":"2018-04-16 04:59:59","request_path":"/versions","tls_cipher":"A"}"#;
    /// let mut counter = parser::Counter::new();
    /// let mut seen = Vec::new();
    /// counter.lines(line, &mut |_| (), |date, dimension, value| {
    ///     seen.push((date.to_vec(), dimension, value.to_vec()));
    /// });
    /// assert_eq!(seen, [(b"2018-04-16".to_vec(), parser::Dimension::TlsCipher, b"A".to_vec())]);
    /// assert_eq!(counter.totals().records, 1);
    /// ```
    pub fn lines(
        &mut self,
        text: &[u8],
        on_bad: &mut dyn FnMut(BadLine),
        mut on_value: impl FnMut(&[u8], Dimension, &[u8]),
    ) {
        let tables = &mut self.tables;
        self.reader.lines(text, on_bad, |record| {
            tables.add(record, &mut on_value);
            ControlFlow::Continue(())
        });
    }

    /// The same, of these formats only.
    #[must_use]
    pub fn reading(mut self, formats: Formats) -> Self {
        self.reader = self.reader.reading(formats);
        self
    }

    /// What was seen so far.
    pub fn totals(&self) -> Totals {
        self.reader.totals()
    }

    /// The answer.
    pub fn finish(self) -> Count {
        let totals = self.reader.totals();
        Count {
            lines: totals.lines,
            records: totals.records,
            bad: totals.bad,
            counted: self.tables.counted,
            undated: self.tables.undated,
            unaddressed: self.tables.unaddressed,
            stats: self.tables.days.into_iter().map(|(date, table)| (date.text(), table.finish())).collect(),
            approximate: self.tables.counting.approximate,
            unknown: Unknown {
                agents: self.tables.unknown.into_iter().map(|(agent, count)| (text(&agent), count)).collect(),
                products: self.tables.products,
            },
        }
    }
}

impl Reads for Counter {
    type Out = ();

    fn fork(&self) -> Self {
        let tables = Tables { counting: self.tables.counting, ..Tables::default() };
        Self { reader: self.reader.fork(), tables }
    }

    fn read_part(
        &mut self,
        source: &mut dyn Read,
        is_start: bool,
        on_bad: &mut dyn FnMut(BadLine),
    ) -> ((), io::Result<()>) {
        let Self { reader, tables } = self;
        let read = reader.read_part(source, is_start, None, on_bad, |record| {
            tables.add(record, &mut |_, _, _| ());
            ControlFlow::Continue(())
        });
        ((), read)
    }

    fn read_rest(
        &mut self,
        source: &mut dyn Read,
        is_start: bool,
        on_bad: &mut dyn FnMut(BadLine),
        _take: &mut dyn FnMut(()) -> ControlFlow<()>,
    ) -> io::Result<()> {
        self.read_part(source, is_start, on_bad).1
    }

    fn totals(&self) -> Totals {
        self.reader.totals()
    }

    fn join(&mut self, other: Self) {
        self.reader.add(other.reader.totals());
        self.tables.take_in(other.tables);
    }
}

impl Default for Counter {
    fn default() -> Self {
        Self::new()
    }
}

/// A date, `2018-04-16`, and perhaps an hour, `T04`; the rest is zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Date([u8; 13]);

/// The dates, and where their tables are.
#[derive(Default)]
struct Tables {
    counting: Counting,
    counted: u64,
    undated: u64,
    unaddressed: u64,
    days: Vec<(Date, DayTable)>,
    places: SeededMap<Date, usize>,
    /// The place of the last record's date, which is nearly always that of the next.
    last: usize,
    unknown: HashMap<Box<[u8]>, u64, RandomState>,
    /// Requests of agents that are a name, or a name and a version.
    products: u64,
}

/// The clients of one date, and its values by dimension.
#[derive(Default)]
struct DayTable {
    clients: Clients,
    values: [HashMap<Box<[u8]>, Seen, RandomState>; Dimension::ALL.len()],
}

/// How often a value was seen, and with whom.
#[derive(Default)]
struct Seen {
    total: u64,
    clients: ClientSet,
    /// Instead of them, if that will do.
    sketch: Option<Box<Sketch>>,
}

/// A client as a set of them keeps it.
#[derive(Clone, Copy)]
enum Client {
    Number(u32),
    Hash(u64),
}

impl Tables {
    #[inline]
    fn add(&mut self, record: &Record<'_>, on_value: &mut impl FnMut(&[u8], Dimension, &[u8])) {
        if is_counted(record) {
            self.add_counted(record, on_value);
        }
    }

    fn add_counted(&mut self, record: &Record<'_>, on_value: &mut impl FnMut(&[u8], Dimension, &[u8])) {
        let by = self.counting.by;
        let Some(date) = record.value(TIME).and_then(|time| Date::of(time, by)) else {
            self.undated += 1;
            return;
        };
        self.counted += 1;
        let client = record.value(CLIENT).and_then(Value::text);
        let address = client.and_then(|client| Address::parse(&client));
        self.unaddressed += u64::from(address.is_none());
        let address = address.unwrap_or(Address::UNKNOWN);
        let Counting { approximate, unknown, .. } = self.counting;
        let day = self.day(date);
        let client = if approximate {
            Client::Hash(sketch::hash_address(address))
        } else {
            Client::Number(day.clients.number(address))
        };
        let mut add = |dimension, value: &[u8]| {
            day.add(dimension, value, client);
            on_value(date.as_bytes(), dimension, value);
        };
        if let Some(cipher) = record.value(CIPHER).and_then(Value::text) {
            add(Dimension::TlsCipher, &cipher);
        }
        let Some(agent) = record.value(AGENT).and_then(Value::text) else { return };
        let parsed = Agent::parse(&agent);
        if unknown && parsed == Agent::Other {
            self.add_other(&agent);
            return;
        }
        if let Some(versions) = parsed.versions() {
            add(Dimension::Rubygems, versions.rubygems);
            add(Dimension::Ruby, versions.ruby);
            add(Dimension::Platform, versions.platform);
            let optional = [
                (Dimension::Bundler, versions.bundler),
                (Dimension::Ci, versions.ci),
                (Dimension::Gemstash, versions.gemstash),
            ];
            for (dimension, value) in optional {
                if let Some(value) = value {
                    add(dimension, value);
                }
            }
        }
    }

    #[cold]
    fn add_other(&mut self, agent: &[u8]) {
        if agent::is_product(agent) {
            self.products += 1;
        } else if let Some(count) = self.unknown.get_mut(agent) {
            *count += 1;
        } else {
            self.unknown.insert(agent.into(), 1);
        }
    }

    /// Puts in whatever another's tables have.
    fn take_in(&mut self, other: Self) {
        self.counted += other.counted;
        self.undated += other.undated;
        self.unaddressed += other.unaddressed;
        self.products += other.products;
        for (agent, count) in other.unknown {
            *self.unknown.entry(agent).or_default() += count;
        }
        for (date, day) in other.days {
            self.day(date).take_in(day);
        }
    }

    fn day(&mut self, date: Date) -> &mut DayTable {
        if self.days.get(self.last).is_none_or(|(last, _)| *last != date) {
            let next = self.days.len();
            self.last = *self.places.entry(date).or_insert(next);
            if self.last == next {
                self.days.push((date, DayTable::default()));
            }
        }
        &mut self.days[self.last].1
    }
}

impl DayTable {
    fn take_in(&mut self, other: Self) {
        let numbers = self.clients.take_in(&other.clients);
        for (mine, theirs) in self.values.iter_mut().zip(other.values) {
            for (value, seen) in theirs {
                mine.entry(value).or_default().take_in(seen, &numbers);
            }
        }
    }

    fn add(&mut self, dimension: Dimension, value: &[u8], client: Client) {
        let values = &mut self.values[dimension as usize];
        if let Some(seen) = values.get_mut(value) {
            seen.add(client);
        } else {
            let mut seen = Seen::default();
            seen.add(client);
            values.insert(value.into(), seen);
        }
    }

    fn finish(self) -> Day {
        let mut day = Day::default();
        for (dimension, values) in Dimension::ALL.into_iter().zip(self.values) {
            for (value, seen) in values {
                day.set(dimension, text(&value), Uses { total: seen.total, unique: seen.unique() });
            }
        }
        day
    }
}

impl Seen {
    #[inline]
    fn add(&mut self, client: Client) {
        self.total += 1;
        match client {
            Client::Number(number) => self.clients.insert(number),
            Client::Hash(hash) => self.sketch.get_or_insert_default().insert(hash),
        }
    }

    /// Puts in whatever another has seen, whose clients have these numbers here.
    fn take_in(&mut self, other: Self, numbers: &[u32]) {
        self.total += other.total;
        if let Some(sketch) = other.sketch {
            self.sketch.get_or_insert_default().merge(*sketch);
        }
        other
            .clients
            .iter()
            .filter_map(|number| numbers.get(number as usize))
            .for_each(|&n| self.clients.insert(n));
    }

    fn unique(&self) -> u64 {
        self.sketch.as_ref().map_or(self.clients.len(), |sketch| sketch.len())
    }
}

#[expect(clippy::inline_always, reason = "it is asked of every record, from two places")]
#[inline(always)]
fn is_counted(record: &Record<'_>) -> bool {
    let Some(Value::Text(path)) = record.value(PATH) else { return false };
    // Most paths are told apart by their start, in fewer steps than by a comparison with each.
    let starts = [*b"/lat", *b"/pre", *b"/spe", *b"/ver", *b"/api"];
    if !path.escaped && !path.raw.first_chunk().is_some_and(|start| starts.contains(start)) {
        return false;
    }
    match &*path.decode() {
        b"/latest_specs.4.8.gz" | b"/prerelease_specs.4.8.gz" | b"/specs.4.8.gz" | b"/versions" => true,
        b"/api/v1/dependencies" => match record.value(QUERY) {
            None | Some(Value::Null) => true,
            Some(Value::Text(query)) => query.raw.is_empty(),
            Some(_) => false,
        },
        _ => false,
    }
}

impl Date {
    #[inline]
    fn of(time: Value<'_>, by: Interval) -> Option<Self> {
        let text = time.text()?;
        let (start, rest) = text.split_first_chunk::<10>()?;
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *start else { return None };
        let digits = [y1, y2, y3, y4, m1, m2, d1, d2];
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let month = (m1 - b'0') * 10 + (m2 - b'0');
        let day = (d1 - b'0') * 10 + (d2 - b'0');
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        let mut date = [0; 13];
        date[..10].copy_from_slice(start);
        if by == Interval::Hour {
            let [b' ' | b'T' | b't', h1 @ b'0'..=b'2', h2 @ b'0'..=b'9', ..] = *rest else { return None };
            if h1 == b'2' && h2 > b'3' {
                return None;
            }
            date[10..].copy_from_slice(&[b'T', h1, h2]);
        }
        Some(Self(date))
    }

    fn as_bytes(&self) -> &[u8] {
        let length = if self.0[10] == 0 { 10 } else { 13 };
        &self.0[..length]
    }

    fn text(self) -> String {
        text(self.as_bytes())
    }
}

/// Values are parts of valid UTF-8, cut at ASCII.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
