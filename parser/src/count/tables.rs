//! What was counted so far: by date, dimension and value.

use std::collections::HashMap as SeededMap;
use std::mem;

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
    /// Those whose clients are not yet counted.
    waiting: Vec<Request>,
}

/// The clients of one date, and its values by dimension.
#[derive(Default)]
struct DayTable {
    clients: Clients,
    /// Where a value is in `seen`.
    values: [HashMap<Box<[u8]>, u32, RandomState>; Dimension::ALL.len()],
    seen: Vec<Seen>,
}

/// A request that is counted but for its client.
#[derive(Clone, Copy)]
struct Request {
    /// The place of its date.
    day: usize,
    client: Address,
    /// The places of its values, so many as there are.
    seen: [u32; Dimension::ALL.len()],
    count: usize,
}

/// So many requests wait for one another, so that they wait for memory together. The tables of clients do not fit a cache,
/// and one request in some of a log is counted, so that nearly each would have to wait by itself: counting 1 GB of
/// `generate cdn --seed 42` takes 6 % less than with each at once, 3 % less than with 8, and as much as with 512 (medians of
/// runs in turns).
const TOGETHER: usize = 128;

/// How often a value was seen, and with whom.
#[derive(Default)]
struct Seen {
    total: u64,
    clients: ClientSet,
    /// Instead of them, if that will do.
    sketch: Option<Box<Sketch>>,
}

impl Tables {
    pub(super) fn new(counting: Counting) -> Self {
        Self { counting, ..Self::default() }
    }

    pub(super) fn counting(&self) -> Counting {
        self.counting
    }

    /// The answer, of an input of which so much was seen.
    pub(super) fn finish(mut self, totals: Totals) -> Count {
        self.settle();
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
        let place = self.place(date);
        let day = &mut self.days[place].1;
        let hash = approximate.then(|| sketch::hash_address(address));
        let mut request = Request { day: place, client: address, seen: [0; Dimension::ALL.len()], count: 0 };
        let mut add = |dimension, value: &[u8]| {
            request.seen[request.count] = day.add(dimension, value, hash);
            request.count += 1;
            on_value(date.as_bytes(), dimension, value);
        };
        if let Some(cipher) = record.value(CIPHER).and_then(Value::text) {
            add(Dimension::TlsCipher, &cipher);
        }
        let agent = record.value(AGENT).and_then(Value::text);
        let parsed = agent.as_deref().map(Agent::parse);
        if let Some(versions) = parsed.as_ref().and_then(Agent::versions) {
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
        if !approximate {
            self.waiting.push(request);
            if self.waiting.len() == TOGETHER {
                self.settle();
            }
        }
        if let Some(agent) = &agent
            && unknown
            && parsed == Some(Agent::Other)
        {
            self.add_other(agent);
        }
    }

    /// Counts the clients of the requests that wait.
    #[inline(never)]
    fn settle(&mut self) {
        let mut known = [None; TOGETHER];
        // Each of these loads waits for none of the others.
        for (known, request) in known.iter_mut().zip(&self.waiting) {
            *known = self.days[request.day].1.clients.get(request.client);
        }
        for (known, request) in known.into_iter().zip(&self.waiting) {
            let day = &mut self.days[request.day].1;
            let number = known.unwrap_or_else(|| day.clients.number(request.client));
            for &seen in &request.seen[..request.count] {
                day.seen[seen as usize].clients.insert(number);
            }
        }
        self.waiting.clear();
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

    /// Puts in whatever another's tables have. It takes as long as the smaller ones are large.
    pub(super) fn take_in(&mut self, mut other: Self) {
        if other.counted > self.counted {
            mem::swap(self, &mut other);
        }
        self.settle();
        other.settle();
        self.counted += other.counted;
        self.undated += other.undated;
        self.unaddressed += other.unaddressed;
        self.products += other.products;
        for (agent, count) in other.unknown {
            *self.unknown.entry(agent).or_default() += count;
        }
        for (date, day) in other.days {
            let place = self.place(date);
            self.days[place].1.take_in(day);
        }
    }

    /// Where the tables of a date are.
    fn place(&mut self, date: Date) -> usize {
        if self.days.get(self.last).is_none_or(|(last, _)| *last != date) {
            let next = self.days.len();
            self.last = *self.places.entry(date).or_insert(next);
            if self.last == next {
                self.days.push((date, DayTable::default()));
            }
        }
        self.last
    }
}

impl DayTable {
    fn take_in(&mut self, other: Self) {
        let numbers = self.clients.take_in(&other.clients);
        let mut theirs: Vec<_> = other.seen.into_iter().map(Some).collect();
        for (dimension, values) in Dimension::ALL.into_iter().zip(other.values) {
            for (value, place) in values {
                let mine = self.seen_of(dimension, &value) as usize;
                if let Some(seen) = theirs.get_mut(place as usize).and_then(Option::take) {
                    self.seen[mine].take_in(seen, &numbers);
                }
            }
        }
    }

    /// Counts a value but for its client, whose hash is enough for a sketch; where it is.
    fn add(&mut self, dimension: Dimension, value: &[u8], hash: Option<u64>) -> u32 {
        let place = self.seen_of(dimension, value);
        let seen = &mut self.seen[place as usize];
        seen.total += 1;
        if let Some(hash) = hash {
            seen.sketch.get_or_insert_default().insert(hash);
        }
        place
    }

    /// Where a value is in `seen`.
    fn seen_of(&mut self, dimension: Dimension, value: &[u8]) -> u32 {
        let values = &mut self.values[dimension as usize];
        if let Some(&place) = values.get(value) {
            return place;
        }
        // More would take more memory than there is.
        let place = self.seen.len() as u32;
        values.insert(value.into(), place);
        self.seen.push(Seen::default());
        place
    }

    fn finish(self) -> Day {
        let mut day = Day::default();
        for (dimension, values) in Dimension::ALL.into_iter().zip(self.values) {
            for (value, place) in values {
                let seen = &self.seen[place as usize];
                day.set(dimension, text(&value), Uses { total: seen.total, unique: seen.unique() });
            }
        }
        day
    }
}

impl Seen {
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
