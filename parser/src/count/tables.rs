//! What was counted so far: by date, dimension and value.

use std::collections::HashMap as SeededMap;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::{Counting, Interval};
use crate::address::Address;
use crate::agent::{self, Agent};
use crate::answer::{Count, Day, Dimension, Unknown, Uses};
use crate::clients::{ClientSet, Clients};
use crate::read::{Record, Totals};
use crate::sketch::{self, Sketch};
use crate::value::Value;

/// The keys of the records that are counted.
pub(super) const KEYS: [&str; 6] =
    ["request_path", "request_query", "timestamp", "client_ip", "user_agent", "tls_cipher"];
const PATH: usize = 0;
const QUERY: usize = 1;
const TIME: usize = 2;
const CLIENT: usize = 3;
const AGENT: usize = 4;
const CIPHER: usize = 5;

/// A date, `2018-04-16`, and perhaps an hour, `T04`; the rest is zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Date([u8; 13]);

/// The dates, and where their tables are.
#[derive(Default)]
pub(super) struct Tables {
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
    pub(super) fn new(counting: Counting) -> Self {
        Self { counting, ..Self::default() }
    }

    pub(super) fn counting(&self) -> Counting {
        self.counting
    }

    /// The answer, of an input of which so much was seen.
    pub(super) fn finish(self, totals: Totals) -> Count {
        Count {
            lines: totals.lines,
            records: totals.records,
            bad: totals.bad,
            counted: self.counted,
            undated: self.undated,
            unaddressed: self.unaddressed,
            stats: self.days.into_iter().map(|(date, table)| (date.text(), table.finish())).collect(),
            approximate: self.counting.approximate,
            unknown: Unknown {
                agents: self.unknown.into_iter().map(|(agent, count)| (text(&agent), count)).collect(),
                products: self.products,
            },
        }
    }

    /// Counts a record, if it is one that is counted, and tells each value.
    #[inline]
    pub(super) fn add(&mut self, record: &Record<'_>, on_value: &mut impl FnMut(&[u8], Dimension, &[u8])) {
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
    pub(super) fn take_in(&mut self, other: Self) {
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
