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
use crate::cdn::Cdn;
use crate::damage;
use crate::draws::{Draws, TABLES_STREAM};
use crate::flat::Flat;
use crate::knobs::{Contradiction, Knob, Knobs};
use crate::logfmt::Logfmt;
use crate::page::{Aside, Counts, Page};
use crate::stream::{Chunk, Shaped};
use crate::syslog::Syslog;
use crate::text::Buffer;
use crate::textlog::TextLog;
use crate::truth::{Facts, JsonObject};

/// The mean time between two records, in microseconds.
const MEAN_STEP: u64 = 2_000;

const fn part(name: &'static str, default: u64) -> Knob {
    Knob::number(name, default, 0..=1000, "", "records of this shape, relative to the others", "invented")
}

/// Facts about one part.
struct Part<F> {
    name: &'static str,
    records: u64,
    bytes: u64,
    counts: Counts<F>,
}

/// One chunk of one part: its records, and the time of each.
type Drawn = (Batch, Vec<u64>);

/// Declares the parts: the place of each among them, its name, its shape, and how many of 1,000 records are of it.
macro_rules! parts {
    ($count:literal: $($place:tt $name:ident $shape:ident $share:literal,)*) => {
        const PARTS: usize = $count;

        const KNOBS: [Knob; PARTS] = [$(part($shape::ABOUT.name, $share)),*];

        /// The shape, with its parts.
        pub(crate) struct Mixed {
            seed: u64,
            /// Records of each part in a chunk.
            counts: [u32; PARTS],
            $($name: $shape,)*
        }

        /// Facts about each part.
        pub(crate) struct Parts {
            $($name: Part<<$shape as Shaped>::Facts>,)*
        }

        impl Mixed {
            fn of(seed: u64, counts: [u32; PARTS]) -> Self {
                Self { seed, counts, $($name: paced(seed, counts[$place]),)* }
            }

            fn facts_of_parts(&self) -> Parts {
                Parts { $($name: Part::new($shape::ABOUT.name, self.$name.facts()),)* }
            }

            /// A chunk of each part; counted or not.
            fn draw_all(&self, number: u64, parts: &mut Parts, asked: Asked) -> [Drawn; PARTS] {
                [$(self.draw($place, &self.$name, number, &mut parts.$name, asked)),*]
            }

            /// Counts the first records of each part in a chunk, as far as each is to be counted, and tells their spans.
            fn count_all(
                &self,
                number: u64,
                parts: &mut Parts,
                are_counted: &[Vec<bool>; PARTS],
                asked: Asked,
                spans: &mut Buffer,
            ) {
                $(self.count(&self.$name, number, &mut parts.$name, (self.counts[$place], &are_counted[$place]), asked, spans);)*
            }
        }

        impl Parts {
            /// A record of the part with this place, of this length.
            fn count(&mut self, part: usize, bytes: u64) {
                match part {
                    $($place => self.$name.record(bytes),)*
                    _ => {}
                }
            }
        }

        impl Facts for Parts {
            fn merge(&mut self, other: Self) {
                $(self.$name.merge(other.$name);)*
            }

            fn write(&self, truth: &mut JsonObject<'_>) -> io::Result<()> {
                truth.key("parts")?;
                let mut parts = JsonObject::open(truth.value())?;
                $(self.$name.write(&mut parts)?;)*
                parts.close()
            }
        }
    };
}

parts! {
    7:
    0 app App 350,
    1 access Access 280,
    2 logfmt Logfmt 140,
    3 syslog Syslog 100,
    4 text TextLog 50,
    5 cdn Cdn 40,
    6 flat Flat 40,
}

/// Whether there are requests, which have spans: a chunk that has one record of `app` has none, since a request takes two.
pub(crate) fn has_spans(knobs: &Knobs) -> bool {
    counts(knobs)[0] > 1
}

/// Where a chunk of one part goes.
struct Sheet<'a> {
    batch: &'a mut Batch,
    /// Records of a whole chunk of the part.
    whole: u32,
    is_telling_spans: bool,
}

/// What is asked of the chunks of the parts.
#[derive(Clone, Copy)]
struct Asked {
    /// Whether what is drawn is counted at once.
    is_counting: bool,
    is_telling_spans: bool,
}

impl<F: Facts> Part<F> {
    fn new(name: &'static str, facts: F) -> Self {
        Self { name, records: 0, bytes: 0, counts: Counts { facts, damage: damage::Tally::default() } }
    }

    fn record(&mut self, bytes: u64) {
        self.records += 1;
        self.bytes += bytes;
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

impl Shaped for Mixed {
    type Facts = Parts;

    const CHUNK_RECORDS: u32 = 1000;

    const ABOUT: About = About {
        name: "mixed",
        title: "several shapes in one stream, about 274 bytes a record",
        grammar: include_str!("about.txt"),
        source: "what collectors write that take in everything; the parts are those of their own shapes",
        lines: Lines::Text,
        knobs: &KNOBS,
        contradiction: |knobs| {
            KNOBS.iter().all(|knob| knobs.get(knob) == 0).then(|| {
                let names = KNOBS.each_ref().map(|knob| knob.name).join(", ");
                let what = format!("{names} are all 0, so no record can be of any; set one of them");
                Contradiction { knob: KNOBS[0].name, what }
            })
        },
    };

    fn new(_: Draws, seed: u64, knobs: &Knobs) -> Self {
        Self::of(seed, counts(knobs))
    }

    fn facts(&self) -> Parts {
        self.facts_of_parts()
    }

    fn write_chunk(&self, chunk: &Chunk, _: &mut Draws, page: &mut Page<'_, Parts>) {
        // Which records are wanted is known only once they stand in order: if not all of them are, the parts are
        // drawn again to be counted.
        let is_counting = page.takes_all() && chunk.records == Self::CHUNK_RECORDS;
        let asked = Asked { is_counting, is_telling_spans: page.is_telling_spans };
        let drawn = self.draw_all(chunk.number, page.facts(), asked);
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
        if is_counting {
            let (_, spans) = page.facts_and_spans();
            if let Some(spans) = spans {
                for (batch, _) in &drawn {
                    spans.extend_from_slice(&batch.spans);
                }
            }
        } else {
            let mut told = Buffer::new();
            let (parts, spans) = page.facts_and_spans();
            self.count_all(chunk.number, parts, &are_counted, asked, &mut told);
            if let Some(spans) = spans {
                spans.extend_from_slice(&told);
            }
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
        asked: Asked,
    ) -> Drawn {
        let (mut batch, mut times) = (Batch::default(), Vec::new());
        let mut dropped = None;
        let counts = if asked.is_counting {
            &mut facts.counts
        } else {
            dropped.insert(Counts { facts: shaped.facts(), damage: damage::Tally::default() })
        };
        let records = self.counts[part];
        let aside = Aside { times: &mut times, is_counted: None };
        let tells = asked.is_counting && asked.is_telling_spans;
        let sheet = Sheet { batch: &mut batch, whole: records, is_telling_spans: tells };
        self.write::<S>(shaped, &Chunk { number, records }, counts, sheet, aside);
        (batch, times)
    }

    /// Counts the first records of a part in a chunk, which has so many, as far as each is to be counted.
    fn count<S: Shaped>(
        &self,
        shaped: &S,
        number: u64,
        facts: &mut Part<S::Facts>,
        (whole, are_counted): (u32, &[bool]),
        asked: Asked,
        spans: &mut Buffer,
    ) {
        let chunk = Chunk { number, records: are_counted.len() as u32 };
        let aside = Aside { times: &mut Vec::new(), is_counted: Some(are_counted.iter()) };
        let mut batch = Batch::default();
        let sheet = Sheet { batch: &mut batch, whole, is_telling_spans: asked.is_telling_spans };
        self.write::<S>(shaped, &chunk, &mut facts.counts, sheet, aside);
        spans.extend_from_slice(&batch.spans);
    }

    fn write<S: Shaped>(
        &self,
        shaped: &S,
        chunk: &Chunk,
        counts: &mut Counts<S::Facts>,
        sheet: Sheet<'_>,
        aside: Aside<'_>,
    ) {
        if chunk.records == 0 {
            return;
        }
        let Sheet { batch, whole, is_telling_spans } = sheet;
        let mut draws = Draws::new(S::ABOUT.name, self.seed, chunk.number);
        let number = chunk.number * u64::from(whole) + 1;
        let (lines, hits, is_telling, skip) = (S::ABOUT.lines, None, false, 0);
        let aside = Some(aside);
        let mut page = Page { batch, counts, lines, hits, is_telling, is_telling_spans, aside, skip, number };
        shaped.write_chunk(chunk, &mut draws, &mut page);
    }
}

/// A part with all its knobs at their defaults, at the pace of the whole.
fn paced<S: Shaped>(seed: u64, records: u32) -> S {
    let mut part = S::new(Draws::new(S::ABOUT.name, seed, TABLES_STREAM), seed, &Knobs::NONE);
    part.set_pace(Pace {
        micros: MEAN_STEP * u64::from(Mixed::CHUNK_RECORDS),
        ..Pace::new(records, MEAN_STEP)
    });
    part
}

/// Records of each part in a chunk: whole numbers near the shares, which add up to the chunk. Of what is asked for at all
/// there is one at least.
fn counts(knobs: &Knobs) -> [u32; PARTS] {
    counts_by(KNOBS.each_ref().map(|knob| knobs.get(knob) as u32))
}

fn counts_by(shares: [u32; PARTS]) -> [u32; PARTS] {
    let total: u32 = shares.iter().sum::<u32>().max(1);
    let mut before = 0;
    let mut counts = shares.map(|share| {
        let from = before * Mixed::CHUNK_RECORDS / total;
        before += share;
        before * Mixed::CHUNK_RECORDS / total - from
    });
    for part in 0..PARTS {
        if shares[part] > 0 && counts[part] == 0 {
            let most = (0..PARTS).max_by_key(|&part| counts[part]).unwrap_or(part);
            counts[most] -= 1;
            counts[part] += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_fill_a_chunk() {
        for shares in [
            [350, 280, 140, 100, 50, 40, 40],
            [1, 1, 1, 0, 0, 0, 0],
            [0, 0, 0, 0, 7, 0, 0],
            [1, 1000, 1000, 100, 50, 40, 40],
            [1, 1, 1000, 1, 1000, 1, 1000],
            [1000; PARTS],
        ] {
            let counts = counts_by(shares);
            assert_eq!(counts.iter().sum::<u32>(), Mixed::CHUNK_RECORDS);
            assert!(counts.iter().zip(shares).all(|(count, share)| (*count == 0) == (share == 0)));
        }
    }
}
