//! The `cdn` shape: a flat JSON line of 29 to 33 keys for each request to the CDN of a package index.
//!
//! Modelled on the public log of rubygems.org. What is drawn, and from what: agents from a grammar ([`agents`]), clients by
//! Zipf's law from a population of 262,144 with one address each ([`clients`]), places, paths, ciphers, statuses and cache
//! states from weights ([`places`], [`catalogue`]). A client keeps its place and a handful of agents.
//!
//! Lines come as an edge flushes them, some dozens at a time with one date; the six dates span three ages of the format:
//! without `tls`, with it, and with `gem`, `version`, `platform` and at times an integer status as well.

mod agents;
mod answer;
mod catalogue;

mod fields;
mod line;
mod places;
mod tables;
mod values;
mod vocabulary;

pub(crate) use answer::Answer;

use crate::clients::{CLIENTS as MOST_CLIENTS, Population};
use agents::Kind;
use catalogue::{Ask, CACHES, GEMS, LastUse};
use fields::Field;
use line::{Gem, LastUsed, Line};
use tables::{Age, DAYS, Tables};
use values::Value;

use crate::about::{About, Lines};
use crate::arrivals::{EPOCH, Pace, Times};
use crate::draws::{Draws, scramble};
use crate::knobs::{Knob, Knobs, all_go_together};
use crate::orders::{OWN_ORDER, shuffle, write_line};
use crate::page::Page;
use crate::stream::{Chunk, Shaped};
use crate::text::date_time;
use crate::zipf::Zipf;

/// The longest list of gems in one query, as Bundler cuts it.
const LONGEST_QUERY: usize = 50;

const CLIENTS: Knob = Knob::number(
    "clients",
    MOST_CLIENTS as u64,
    1..=MOST_CLIENTS as u64,
    "clients",
    "how many clients there are, by Zipf's law",
    "invented: many times more than a set of a few thousand, and all their truth fits in memory",
);

const IPV6: Knob = Knob::share("ipv6", 80, "clients with an IPv6 address", "counted in the public samples");

const HEAD: Knob = Knob::share("head", 40, "requests by HEAD, not GET", "counted in the public samples");

/// The shape, with its tables.
pub(crate) struct Cdn {
    tables: Tables,
    population: Population,
    seed: u64,
    clients: Zipf,
    head_per_mille: u32,
    own_order_per_mille: u32,
    /// In a mixed log, that of the whole: lines then are of the newest age, and their times go on with the others'.
    pace: Option<Pace>,
}

impl Shaped for Cdn {
    type Facts = Answer;

    const CHUNK_RECORDS: u32 = 256;

    const ABOUT: About = About {
        name: "cdn",
        title: "requests to a package index behind a CDN, JSON, about 916 bytes a line",
        grammar: include_str!("about.txt"),
        source: "the public request log of rubygems.org of 2018: 498 lines and 4,644 user agents were counted, no line \
            is copied",
        lines: Lines::Json,
        knobs: &[CLIENTS, IPV6, HEAD, OWN_ORDER],
        contradiction: all_go_together,
    };

    fn new(mut draws: Draws, seed: u64, knobs: &Knobs) -> Self {
        Self {
            tables: Tables::new(&mut draws),
            population: Population::new(seed, knobs.get(&IPV6) as u32),
            seed,
            clients: Zipf::new(knobs.get(&CLIENTS) as u32),
            head_per_mille: knobs.get(&HEAD) as u32,
            own_order_per_mille: knobs.get(&OWN_ORDER) as u32,
            pace: None,
        }
    }

    fn set_pace(&mut self, pace: Pace) {
        self.pace = Some(pace);
    }

    fn facts(&self) -> Answer {
        let dates = if self.pace.is_some() { &[][..] } else { &DAYS };
        Answer::new(dates.iter().map(|day| day.date.to_owned()), self.tables.values())
    }

    fn write_chunk(&self, chunk: &Chunk, draws: &mut Draws, page: &mut Page<'_, Answer>) {
        let mut flush = Flush::default();
        let mut order = fields::single();
        let mut names = [0; LONGEST_QUERY];
        let times = self.pace.map(|pace| Times::bursts(pace, chunk.number, draws));
        for index in 0..chunk.records {
            if flush.left == 0 {
                flush = Flush::draw(draws, &self.tables);
            }
            let date = if let Some(times) = &times {
                let micros = times.of(index);
                flush.keep_to(micros);
                page.at(micros);
                ((micros - EPOCH) / 86_400_000_000) as usize
            } else {
                flush.advance(draws);
                flush.day
            };
            let (line, cipher) = self.draw_line(draws, &flush, &mut names);
            let order: &[Field] = if draws.per_mille(self.own_order_per_mille) {
                shuffle(&mut order, draws);
                &order
            } else {
                &self.tables.orders[self.tables.order_weights.draw(draws)]
            };
            write_line(&line, order, page.out());
            if let Some(told) = page.told() {
                told.extend_from_slice(if line.ask.is_counted() {
                    br#","counted":true"#
                } else {
                    br#","counted":false"#
                });
            }
            page.end(|answer, _| {
                if line.ask.is_counted() {
                    answer.count(date, line.client, line.agent.values().chain([cipher]));
                }
            });
        }
    }
}

/// A batch of lines that one edge flushed together.
#[derive(Default)]
struct Flush {
    left: u32,
    day: usize,
    unix: u32,
    time: [u8; 19],
    tells_gem: bool,
    integer_status: bool,
}

impl Flush {
    fn draw(draws: &mut Draws, tables: &Tables) -> Self {
        let day = tables.day_weights.draw(draws);
        let hour = tables.hour_weights.draw(draws) as u32;
        // Edges flush at the turn of the hour: seconds before it and after.
        let second = (hour * 3600 + draws.below(8)).saturating_sub(4);
        let unix = DAYS[day].midnight + second;
        let newest = DAYS[day].age == Age::Newest;
        Self {
            left: 24 + draws.below(81),
            day,
            unix,
            time: date_time(unix.into(), b' '),
            tells_gem: newest && draws.per_mille(700),
            integer_status: newest && draws.per_mille(600),
        }
    }

    /// Goes on to a line of this time, in microseconds since 1970, as the newest of the dates has it.
    fn keep_to(&mut self, micros: u64) {
        self.left -= 1;
        self.day = DAYS.len() - 1;
        self.unix = (micros / 1_000_000) as u32;
        self.time = date_time(self.unix.into(), b' ');
    }

    /// Goes on to the next line: now and then a second later, never into the next day.
    fn advance(&mut self, draws: &mut Draws) {
        self.left -= 1;
        if draws.per_mille(60) && self.unix % 86_400 < 86_399 {
            self.unix += 1;
            self.time = date_time(self.unix.into(), b' ');
        }
    }
}

impl Cdn {
    /// Draws a line, and the value that its cipher counts for.
    fn draw_line<'a>(
        &'a self,
        draws: &mut Draws,
        flush: &'a Flush,
        names: &'a mut [u16; LONGEST_QUERY],
    ) -> (Line<'a>, Value) {
        let tables = &self.tables;
        let age = DAYS[flush.day].age;

        let client = self.clients.draw(draws);
        let habits = scramble(self.seed ^ scramble(u64::from(client)));
        let place = tables.place_weights.choose(habits as u32);
        let kind = Kind::SHARES[tables.kind_weights.draw(draws)].0;
        // A client keeps to four agents of each kind.
        let agent_bits = scramble(habits ^ u64::from(draws.below(4)) << 8 ^ kind as u64) >> 32;
        let agent = tables.agents.choose(kind, agent_bits as u32);

        let ask = match kind {
            Kind::Bundler => tables.bundler_asks.draw(draws),
            Kind::RubyGems | Kind::Ancient => tables.rubygems_asks.draw(draws),
            Kind::Other => tables.other_asks.draw(draws),
        };
        let gem = self.draw_gem(draws);
        let query = self.draw_query(draws, ask, names);
        let cipher = tables.cipher_weights.draw(draws);
        let cache = tables.cache_weights.draw(draws);
        let connection = tables.connection_weights.draw(draws);
        let status = tables.status_weights.draw(draws);
        let is_popular = draws.per_mille(250);
        let request_bytes = 190 + draws.below(40) + agent.head.len() as u32 / 2 + 12 * query.len() as u32;
        let line = Line {
            time: &flush.time,
            time_elapsed: if draws.per_mille(795) { draws.below(9) / 7 } else { draws.magnitude(9) + 10 },
            population: &self.population,
            client,
            place: tables.place(place, DAYS[flush.day].is_summer),
            connection: &tables.connections[connection],
            method: if draws.per_mille(self.head_per_mille) { "HEAD" } else { "GET" },
            host: tables.host(draws, ask),
            ask,
            gem,
            query,
            comma: if draws.per_mille(850) { "%2C" } else { "," },
            request_bytes,
            agent,
            run_id: draws.long(),
            tls: &tables.ciphers[usize::from(age != Age::Oldest)][cipher],
            status: &tables.statuses[usize::from(flush.integer_status)][status],
            response_bytes: response_bytes(draws, ask, query.len() as u32),
            cache: &tables.caches[cache],
            last_used: last_used(draws, CACHES[cache].2, flush.unix),
            cache_hits: if CACHES[cache].1.starts_with("HIT") {
                1 + draws.magnitude(if is_popular { 16 } else { 3 })
            } else {
                0
            },
            server: tables.server(draws, place),
            tells_gem: flush.tells_gem,
        };
        (line, tables.cipher_values[cipher])
    }

    fn draw_gem(&self, draws: &mut Draws) -> Gem {
        let bits = draws.word();
        let [platform, pre, minor, patch] = bits.to_le_bytes();
        Gem {
            name: self.tables.gem_weights.draw(draws) as u16,
            version: [minor & 7, (minor >> 3) & 15, patch >> (patch & 7)],
            pre: if pre < 8 { 1 + pre % 3 } else { 0 },
            platform: if platform < 10 { 1 + platform % 5 } else { 0 },
        }
    }

    fn draw_query<'a>(&self, draws: &mut Draws, ask: Ask, names: &'a mut [u16; LONGEST_QUERY]) -> &'a [u16] {
        if ask != Ask::Dependencies {
            return &[];
        }
        // Of the real lists a fifth fill the limit and a third name one gem.
        let length = match draws.below(100) {
            0..33 => 1,
            33..80 => 2 + draws.magnitude(5) as usize,
            _ => LONGEST_QUERY,
        };
        let (list, _) = names.split_at_mut(length.min(LONGEST_QUERY));
        // A run of the catalogue from a drawn place, as such lists are sorted or follow a graph, and cost one draw.
        let mut place = self.tables.gem_weights.draw(draws) as u32;
        let step = 1 + draws.below(16);
        for name in &mut *list {
            *name = place as u16;
            place = (place + step) % GEMS.len() as u32;
        }
        list
    }
}

/// Sizes as index files, packages and lists have them.
fn response_bytes(draws: &mut Draws, ask: Ask, query: u32) -> u32 {
    match ask {
        Ask::Specs => 3_464_000 + draws.below(170_000),
        Ask::LatestSpecs if draws.per_mille(500) => 1_174_000 + draws.below(33_000),
        Ask::PrereleaseSpecs => 237_000 + draws.below(3000),
        Ask::Package => 5000 + draws.magnitude(18),
        Ask::Dependencies => 1000 + query * draws.below(400),
        Ask::Versions if draws.per_mille(100) => 7_198_000 + draws.below(480_000),
        Ask::Info | Ask::Versions | Ask::Quick | Ask::Api => 1000 + draws.magnitude(12),
        Ask::LatestSpecs | Ask::Probe | Ask::Home | Ask::NearMiss => 300 + draws.below(900),
    }
}

/// When the object was last used, in the form that goes with the state of the cache.
fn last_used(draws: &mut Draws, form: LastUse, now: u32) -> LastUsed {
    let milliseconds = draws.below(1000);
    match form {
        LastUse::Ago => LastUsed { seconds: draws.magnitude(8), milliseconds },
        LastUse::Time if milliseconds < 700 => LastUsed { seconds: now - 1, milliseconds },
        LastUse::Time | LastUse::Never => LastUsed { seconds: 0, milliseconds: 0 },
    }
}
