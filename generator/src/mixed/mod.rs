//! The `mixed` shape: the records of several shapes in one stream, as a collector has them, in the order of their
//! times.
//!
//! A chunk is made of one chunk of each part, shorter than by itself and at the pace of the whole.

use std::io;

use crate::about::{About, Lines};
use crate::access::Access;
use crate::app::App;
use crate::arrivals::Pace;
use crate::batch::Batch;
use crate::damage;
use crate::draws::{Draws, TABLES_STREAM};
use crate::knobs::{Contradiction, Knob, Knobs};
use crate::logfmt::Logfmt;
use crate::page::{Aside, Counts, Page};
use crate::stream::{Chunk, Shaped};
use crate::syslog::Syslog;
use crate::textlog::TextLog;
use crate::truth::{Facts, JsonObject};

/// The mean time between two records, in microseconds.
const MEAN_STEP: u64 = 2_000;

const PARTS: usize = 5;

const fn part(name: &'static str, default: u64) -> Knob {
    Knob::number(name, default, 0..=1000, "", "records of this shape, relative to the others", "invented")
}

const KNOBS: [Knob; PARTS] =
    [part("app", 400), part("access", 300), part("logfmt", 150), part("syslog", 100), part("text", 50)];

/// The shape, with its parts.
pub(crate) struct Mixed {
    seed: u64,
    app: App,
    access: Access,
    logfmt: Logfmt,
    syslog: Syslog,
    text: TextLog,
    /// Records of each part in a chunk.
    counts: [u32; PARTS],
}

/// Facts about one part.
struct Part<F> {
    name: &'static str,
    records: u64,
    bytes: u64,
    counts: Counts<F>,
}

/// Facts about each part.
pub(crate) struct Parts {
    app: Part<<App as Shaped>::Facts>,
    access: Part<<Access as Shaped>::Facts>,
    logfmt: Part<<Logfmt as Shaped>::Facts>,
    syslog: Part<<Syslog as Shaped>::Facts>,
    text: Part<<TextLog as Shaped>::Facts>,
}

impl Parts {
    /// A record of the part with this place, of this length.
    fn count(&mut self, part: usize, bytes: u64) {
        let (records, sum) = match part {
            0 => (&mut self.app.records, &mut self.app.bytes),
            1 => (&mut self.access.records, &mut self.access.bytes),
            2 => (&mut self.logfmt.records, &mut self.logfmt.bytes),
            3 => (&mut self.syslog.records, &mut self.syslog.bytes),
            _ => (&mut self.text.records, &mut self.text.bytes),
        };
        *records += 1;
        *sum += bytes;
    }
}

impl<F: Facts> Part<F> {
    fn new(name: &'static str, facts: F) -> Self {
        Self { name, records: 0, bytes: 0, counts: Counts { facts, damage: damage::Tally::default() } }
    }

    fn merge(&mut self, other: Self) {
        self.records += other.records;
        self.bytes += other.bytes;
        self.counts.facts.merge(other.counts.facts);
    }

    fn write(&self, parts: &mut JsonObject<'_>) -> io::Result<()> {
        parts.key(self.name)?;
        let mut part = JsonObject::open(parts.value())?;
        part.number("records", self.records)?;
        part.number("bytes", self.bytes)?;
        self.counts.facts.write(&mut part)?;
        part.close()
    }
}

impl Facts for Parts {
    fn merge(&mut self, other: Self) {
        self.app.merge(other.app);
        self.access.merge(other.access);
        self.logfmt.merge(other.logfmt);
        self.syslog.merge(other.syslog);
        self.text.merge(other.text);
    }

    fn write(&self, truth: &mut JsonObject<'_>) -> io::Result<()> {
        truth.key("parts")?;
        let mut parts = JsonObject::open(truth.value())?;
        self.app.write(&mut parts)?;
        self.access.write(&mut parts)?;
        self.logfmt.write(&mut parts)?;
        self.syslog.write(&mut parts)?;
        self.text.write(&mut parts)?;
        parts.close()
    }
}

impl Shaped for Mixed {
    type Facts = Parts;

    const CHUNK_RECORDS: u32 = 1000;

    const ABOUT: About = About {
        name: "mixed",
        title: "several shapes in one stream, about 260 bytes a record",
        grammar: include_str!("about.txt"),
        source: "what collectors write that take in everything; the parts are those of their own shapes",
        lines: Lines::Text,
        knobs: &KNOBS,
        contradiction: |knobs| {
            KNOBS.iter().all(|knob| knobs.get(knob) == 0).then(|| Contradiction {
                knob: KNOBS[0].name,
                what: "app, access, logfmt, syslog and text are all 0, so no record can be of any; set one of them".to_owned(),
            })
        },
    };

    fn new(_: Draws, seed: u64, knobs: &Knobs) -> Self {
        let shares = KNOBS.each_ref().map(|knob| knobs.get(knob) as u32);
        let counts = counts(shares);
        Self {
            seed,
            app: paced(seed, counts[0]),
            access: paced(seed, counts[1]),
            logfmt: paced(seed, counts[2]),
            syslog: paced(seed, counts[3]),
            text: paced(seed, counts[4]),
            counts,
        }
    }

    fn facts(&self) -> Parts {
        Parts {
            app: Part::new("app", self.app.facts()),
            access: Part::new("access", self.access.facts()),
            logfmt: Part::new("logfmt", self.logfmt.facts()),
            syslog: Part::new("syslog", self.syslog.facts()),
            text: Part::new("text", self.text.facts()),
        }
    }

    fn write_chunk(&self, chunk: &Chunk, _: &mut Draws, page: &mut Page<'_, Parts>) {
        // Which records are wanted is known only once they stand in order: if not all of them are, the parts are
        // drawn again to be counted.
        let is_counting = page.takes_all() && chunk.records == Self::CHUNK_RECORDS;
        let parts = page.facts();
        let drawn = [
            self.draw(0, &self.app, chunk.number, &mut parts.app, is_counting),
            self.draw(1, &self.access, chunk.number, &mut parts.access, is_counting),
            self.draw(2, &self.logfmt, chunk.number, &mut parts.logfmt, is_counting),
            self.draw(3, &self.syslog, chunk.number, &mut parts.syslog, is_counting),
            self.draw(4, &self.text, chunk.number, &mut parts.text, is_counting),
        ];
        let mut order: Vec<(u64, usize, usize)> = Vec::with_capacity(Self::CHUNK_RECORDS as usize);
        for (part, (_, times)) in drawn.iter().enumerate() {
            order.extend(times.iter().enumerate().map(|(index, &time)| (time, part, index)));
        }
        order.sort_unstable();
        let mut are_counted: [Vec<bool>; PARTS] = Default::default();
        for &(_, part, index) in &order[..order.len().min(chunk.records as usize)] {
            let batch = &drawn[part].0;
            let record = &batch.bytes[batch.range(index..index + 1)];
            page.out().extend_from_slice(record);
            if let Some(told) = page.told() {
                for piece in [",\"shape\":\"", KNOBS[part].name, "\""] {
                    told.extend_from_slice(piece.as_bytes());
                }
            }
            are_counted[part].push(page.end(|parts, _| parts.count(part, record.len() as u64)));
        }
        if !is_counting {
            let parts = page.facts();
            let [first, second, third, fourth, fifth] = &are_counted;
            self.count(0, &self.app, chunk.number, &mut parts.app, first);
            self.count(1, &self.access, chunk.number, &mut parts.access, second);
            self.count(2, &self.logfmt, chunk.number, &mut parts.logfmt, third);
            self.count(3, &self.syslog, chunk.number, &mut parts.syslog, fourth);
            self.count(4, &self.text, chunk.number, &mut parts.text, fifth);
        }
    }
}

impl Mixed {
    /// All records of a part in a chunk with their times; counted or not.
    fn draw<S: Shaped>(
        &self,
        part: usize,
        shaped: &S,
        number: u64,
        facts: &mut Part<S::Facts>,
        is_counting: bool,
    ) -> (Batch, Vec<u64>) {
        let (mut batch, mut times) = (Batch::default(), Vec::new());
        let mut dropped = None;
        let counts = if is_counting {
            &mut facts.counts
        } else {
            dropped.insert(Counts { facts: shaped.facts(), damage: damage::Tally::default() })
        };
        let records = self.counts[part];
        let aside = Aside { times: &mut times, is_counted: None };
        self.write::<S>(shaped, &Chunk { number, records }, counts, &mut batch, records, aside);
        (batch, times)
    }

    /// Counts the first records of a part in a chunk, as far as each is to be counted.
    fn count<S: Shaped>(
        &self,
        part: usize,
        shaped: &S,
        number: u64,
        facts: &mut Part<S::Facts>,
        are_counted: &[bool],
    ) {
        let chunk = Chunk { number, records: are_counted.len() as u32 };
        let aside = Aside { times: &mut Vec::new(), is_counted: Some(are_counted.iter()) };
        self.write::<S>(shaped, &chunk, &mut facts.counts, &mut Batch::default(), self.counts[part], aside);
    }

    fn write<S: Shaped>(
        &self,
        shaped: &S,
        chunk: &Chunk,
        counts: &mut Counts<S::Facts>,
        batch: &mut Batch,
        whole: u32,
        aside: Aside<'_>,
    ) {
        if chunk.records == 0 {
            return;
        }
        let mut draws = Draws::new(S::ABOUT.name, self.seed, chunk.number);
        let number = chunk.number * u64::from(whole) + 1;
        let (lines, hits, is_telling, skip) = (S::ABOUT.lines, None, false, 0);
        let aside = Some(aside);
        let mut page = Page { batch, counts, lines, hits, is_telling, aside, skip, number };
        shaped.write_chunk(chunk, &mut draws, &mut page);
    }
}

/// A part with all its knobs at their defaults, at the pace of the whole.
fn paced<S: Shaped>(seed: u64, records: u32) -> S {
    let mut part = S::new(Draws::new(S::ABOUT.name, seed, TABLES_STREAM), seed, &Knobs::NONE);
    part.set_pace(Pace { records, micros: MEAN_STEP * u64::from(Mixed::CHUNK_RECORDS) });
    part
}

/// Records of each part in a chunk: whole numbers near the shares, which add up to the chunk.
fn counts(shares: [u32; PARTS]) -> [u32; PARTS] {
    let total: u32 = shares.iter().sum::<u32>().max(1);
    let mut before = 0;
    shares.map(|share| {
        let from = before * Mixed::CHUNK_RECORDS / total;
        before += share;
        before * Mixed::CHUNK_RECORDS / total - from
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_fill_a_chunk() {
        for shares in [[400, 300, 150, 100, 50], [1, 1, 1, 0, 0], [0, 0, 0, 0, 7], [1000; PARTS]] {
            let counts = counts(shares);
            assert_eq!(counts.iter().sum::<u32>(), Mixed::CHUNK_RECORDS);
            assert!(counts.iter().zip(shares).all(|(count, share)| (*count == 0) == (share == 0)));
        }
    }
}
