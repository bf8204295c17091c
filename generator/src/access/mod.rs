//! The `access` shape: the access log of a web server, in the common or the combined format, as Apache or nginx
//! writes it.
//!
//! Formats: Apache's `mod_log_config` (`"%h %l %u %t \"%r\" %>s %b"` and the same with referrer and agent) and nginx's
//! `log_format combined`. Weights, sizes and hours were counted in real logs ([`words`]).

mod pool;
mod tally;
mod words;

pub(crate) use tally::Tally;

use pool::{Pool, weights};
use tally::{Counted, Names};
use words::{METHODS, PROTOCOLS, REFERRERS, STATUSES, STORM};

use crate::about::{About, Lines};
use crate::arrivals::{DAY_KNOB, GAPS, Pace, Times, storm};
use crate::clients::{CLIENTS as MOST_CLIENTS, Population};
use crate::draws::{Draws, scramble};
use crate::knobs::{Knob, Knobs, all_go_together};
use crate::lognormal::LogNormal;
use crate::page::Page;
use crate::stream::{Chunk, Shaped};
use crate::text::{Buffer, decimal, server_time};
use crate::weights::Weights;
use crate::zipf::Zipf;

/// The mean time between two requests, in microseconds.
const MEAN_STEP: u64 = 20_000;

const SERVER: Knob = Knob::choice(
    "server",
    &["apache", "nginx"],
    "whose escapes and sign for no body the lines have",
    "the older of the two",
);

const FORMAT: Knob = Knob::choice(
    "format",
    &["combined", "common"],
    "with referrer and agent, or without",
    "what servers are set to",
);

const CLIENTS: Knob = Knob::number(
    "clients",
    4096,
    1..=MOST_CLIENTS as u64,
    "clients",
    "how many clients there are, by Zipf's law",
    "near servers/apache_combined_10k.log, where 10,000 lines have 1,753",
);

const IPV6: Knob = Knob::share(
    "ipv6",
    80,
    "clients with an IPv6 address",
    "the share of lines in cdn/sample_500.log; the two server logs have none",
);

const PATHS: Knob = Knob::number(
    "paths",
    3000,
    1..=50_000,
    "paths",
    "how many paths there are, by Zipf's law",
    "near servers/apache_combined_10k.log, where 10,000 lines have 1,498",
);

const AGENTS: Knob = Knob::number(
    "agents",
    1000,
    1..=50_000,
    "agents",
    "how many user agents there are",
    "near servers/apache_combined_10k.log, where 10,000 lines have 558",
);

const SIZE: Knob = Knob::number(
    "size",
    12_292,
    1..=1_000_000_000,
    "bytes",
    "the median size of a response, log-normal with a deviation of 1.66",
    "that of servers/apache_combined_10k.log",
);

const STORM_FAILING: Knob = Knob::share(
    "storm",
    330,
    "requests that fail while a storm of errors blows, in an eighth of all stretches of 8,192 lines",
    "invented; in servers/nginx_combined.log 5.8 % fail",
);

/// The shape, with its tables.
pub(crate) struct Access {
    pace: Pace,
    seed: u64,
    population: Population,
    clients: Zipf,
    ipv6_per_mille: u64,
    paths: Pool,
    agents: Pool,
    escaped_agents: Vec<Box<[u8]>>,
    names: [Names; 2],
    size: LogNormal,
    storm_per_mille: u32,
    is_nginx: bool,
    is_combined: bool,
    methods: Weights,
    protocols: Weights,
    statuses: Weights,
    storm_statuses: Weights,
    referrers: Weights,
}

impl Shaped for Access {
    type Facts = Tally;

    const CHUNK_RECORDS: u32 = 1024;

    const ABOUT: About = About {
        name: "access",
        title: "access log of a web server, combined or common, about 208 bytes a line",
        grammar: include_str!("about.txt"),
        source: "the formats of Apache's mod_log_config and nginx's ngx_http_log_module; weights, sizes and hours counted \
            in the real servers/apache_combined_10k.log and servers/nginx_combined.log",
        lines: Lines::Text,
        knobs: &[SERVER, FORMAT, CLIENTS, IPV6, PATHS, AGENTS, SIZE, STORM_FAILING, DAY_KNOB, GAPS],
        contradiction: all_go_together,
    };

    fn new(mut draws: Draws, seed: u64, knobs: &Knobs) -> Self {
        let is_nginx = knobs.get(&SERVER) == 1;
        let paths = Pool::paths(&mut draws, knobs.get(&PATHS) as usize);
        let agents = Pool::agents(&mut draws, knobs.get(&AGENTS) as usize);
        Self {
            pace: Pace::of(Self::CHUNK_RECORDS, MEAN_STEP, knobs),
            seed,
            population: Population::new(seed, knobs.get(&IPV6) as u32),
            clients: Zipf::new(knobs.get(&CLIENTS) as u32),
            ipv6_per_mille: knobs.get(&IPV6),
            escaped_agents: agents.texts().iter().map(|agent| escape(agent, is_nginx)).collect(),
            names: [paths.texts().into(), agents.texts().into()],
            paths,
            agents,
            size: LogNormal::new(knobs.get(&SIZE) as u32, 1_662),
            storm_per_mille: knobs.get(&STORM_FAILING) as u32,
            is_nginx,
            is_combined: knobs.get(&FORMAT) == 0,
            methods: weights(&METHODS),
            protocols: weights(&PROTOCOLS),
            statuses: Weights::new(STATUSES.map(|(_, weight, _)| weight)),
            storm_statuses: Weights::new(STORM.map(|(_, weight)| weight)),
            referrers: weights(&REFERRERS),
        }
    }

    fn set_pace(&mut self, pace: Pace) {
        self.pace = pace;
    }

    fn facts(&self) -> Tally {
        let [paths, agents] = &self.names;
        Tally::new(paths, agents, self.is_combined)
    }

    fn write_chunk(&self, chunk: &Chunk, draws: &mut Draws, page: &mut Page<'_, Tally>) {
        let times = Times::bursts(self.pace, chunk.number, draws);
        let failing = if storm(self.seed, chunk.number).is_some() { self.storm_per_mille } else { 0 };
        let (mut second, mut second_text) = (u64::MAX, [0; 20]);
        for index in 0..chunk.records {
            let micros = times.of(index);
            let now = micros / 1_000_000;
            if now != second {
                second = now;
                second_text = server_time(second);
            }
            let (line, referrer) = self.draw(draws, second, failing);
            self.write(&line, referrer, &second_text, draws, page.out());
            page.at(micros);
            page.end(|tally, _| tally.count(&line));
        }
    }
}

impl Access {
    /// Draws a line and the place of its referrer.
    fn draw(&self, draws: &mut Draws, second: u64, failing: u32) -> (Counted, usize) {
        let client = self.clients.draw(draws);
        let habits = scramble(u64::from(client) ^ scramble(self.seed));
        let method = self.methods.draw(draws);
        let status = if failing > 0 && draws.per_mille(failing) {
            STORM[self.storm_statuses.draw(draws)].0
        } else {
            self.statuses.draw(draws)
        };
        let size = self.size.draw(draws);
        let has_body = STATUSES[status].2 && METHODS[method].0 != "HEAD";
        let referrer = self.referrers.draw(draws);
        let line = Counted {
            second,
            client,
            is_v6: habits % 1000 < self.ipv6_per_mille,
            method,
            protocol: self.protocols.draw(draws),
            status,
            size: if has_body { Some(size) } else { self.is_nginx.then_some(0) },
            path: self.paths.draw(draws),
            // A client keeps to three agents.
            agent: self.agents.choose((scramble(habits ^ u64::from(draws.below(3))) >> 32) as u32),
            has_referrer: referrer > 0,
        };
        (line, referrer)
    }

    fn write(&self, line: &Counted, referrer: usize, second: &[u8; 20], draws: &mut Draws, out: &mut Buffer) {
        self.population.address_of(out, line.client, line.is_v6);
        out.extend_from_slice(if draws.per_mille(2) { b" - admin [" } else { b" - - [" });
        out.extend_from_slice(second);
        out.extend_from_slice(b" +0000] \"");
        out.extend_from_slice(METHODS[line.method].0.as_bytes());
        out.push(b' ');
        out.extend_from_slice(self.paths.text(line.path).as_bytes());
        out.push(b' ');
        out.extend_from_slice(PROTOCOLS[line.protocol].0.as_bytes());
        out.extend_from_slice(b"\" ");
        out.extend_from_slice(STATUSES[line.status].0.as_bytes());
        out.push(b' ');
        match line.size {
            Some(size) => decimal(out, size),
            None => out.push(b'-'),
        }
        if self.is_combined {
            out.extend_from_slice(b" \"");
            out.extend_from_slice(REFERRERS[referrer].0.as_bytes());
            out.extend_from_slice(b"\" \"");
            out.extend_from_slice(&self.escaped_agents[line.agent]);
            out.push(b'"');
        }
        out.push(b'\n');
    }
}

/// A header as a server writes it to its log.
fn escape(text: &str, is_nginx: bool) -> Box<[u8]> {
    let mut out = Buffer::new();
    for byte in text.bytes() {
        match (byte, is_nginx) {
            (b'"', true) => out.extend_from_slice(b"\\x22"),
            (b'\\', true) => out.extend_from_slice(b"\\x5C"),
            (b'"' | b'\\', false) => out.extend_from_slice(&[b'\\', byte]),
            _ => out.push(byte),
        }
    }
    out.into()
}
