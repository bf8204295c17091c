//! The `logfmt` shape: pairs of keys and values, as programs written in Go log them.
//!
//! The format is that of github.com/go-logfmt/logfmt, which go-kit and logrus follow and Grafana's Loki reads.
//! Modelled on the real `servers/prometheus_logfmt.log`.

use crate::about::{About, Lines};
use crate::arrivals::{Pace, Times, storm};
use crate::columns::{Column, Columns, Plan};
use crate::draws::Draws;
use crate::knobs::{Knob, Knobs, all_go_together};
use crate::page::Page;
use crate::sayings::{Details, Sayings};
use crate::stream::{Chunk, Shaped};
use crate::text::{Buffer, date_time, decimal, padded};
use crate::weights::Weights;

/// The mean time between two lines, in microseconds.
const MEAN_STEP: u64 = 4_000;

const CORRELATION_OCTAVES: u32 = 9;

const REQUESTS: Knob = Knob::share(
    "requests",
    300,
    "lines that belong to a request",
    "invented; the real sample has no requests",
);

const STORM: Knob = Knob::share(
    "storm",
    330,
    "lines that are errors while a storm blows, in an eighth of all stretches of 8,192 lines",
    "invented",
);

const LEVELS: [&str; 4] = ["debug", "info", "warn", "error"];

/// As in the real sample (123, 32 and 1 of 156), with errors, which it has not, added.
const SHARES: [u32; 4] = [780, 200, 12, 8];

/// Components with the file that they log from, the commonest first.
const COMPONENTS: [(&str, &str); 12] = [
    ("\"scrape manager\"", "scrape"),
    ("\"discovery manager scrape\"", "manager"),
    ("tsdb", "head"),
    ("web", "tls_config"),
    ("\"rule manager\"", "manager"),
    ("remote", "queue_manager"),
    ("notifier", "notifier"),
    ("ingester", "ingester"),
    ("distributor", "distributor"),
    ("querier", "querier"),
    ("compactor", "compactor"),
    ("\"discovery manager notify\"", "manager"),
];

/// `msg=...` and what follows it, with how many values stand in quotes.
type Saying = (u32, [&'static str; 1]);

const DEBUGS: &[Saying] = &[
    (
        120,
        [
            r#"scrape_pool=<word> target=http://<ip>:<port>/metrics msg="Scrape failed" err="Get \"http://<ip>/metrics\": dial tcp: connect: connection refused""#,
        ],
    ),
    (20, [r#"msg="Discoverer channel closed" provider=static/<n>"#]),
    (10, [r"msg=heartbeat peer=<ip>:<port> rtt=<ms>ms ok=<bool>"]),
    (4, [r#"msg="query cached" expr="rate(http_requests_total{job=\"<word>\"}[5m])" took=<ms>ms"#]),
];

const INFOS: &[Saying] = &[
    (10, [r#"msg="Head GC completed" caller_id=<hex> duration=<ms>ms"#]),
    (8, [r#"msg="write block" mint=<big> maxt=<big> ulid=<hex><hex> duration=<ms>ms"#]),
    (6, [r"msg=checkpoint first=<n> last=<n>"]),
    (6, [r#"msg="TLS is disabled." http2=<bool> address=[::]:<port>"#]),
    (3, [r#"msg="größere Umstellung ✓" user=<user> note="café \\o/ ok""#]),
    (2, [r#"host_details="(Linux 6.<n>.<n> #1 SMP x86_64 vm (none))" msg=started"#]),
];

const WARNS: &[Saying] = &[
    (5, [r#"msg="Error on ingesting samples that are too old" num_dropped=<n>"#]),
    (3, [r#"msg="slow query" path=<path> took=<ms>ms limit=<n>ms"#]),
];

const ERRORS: &[Saying] = &[
    (
        5,
        [
            r#"msg="request failed" path=<path> status=500 err="context deadline exceeded (timeout after <n>ms)""#,
        ],
    ),
    (
        3,
        [
            r#"msg="panic recovered" err="runtime error: index out of range [<n>]" stack="goroutine <n> [running]:\nmain.<word>(...)\n\t/src/<word>.go:<n>""#,
        ],
    ),
    (1, [r"msg=corrupt segment=<n> dump=<long>"]),
];

static PLAN: Plan = Plan {
    levels: &LEVELS,
    columns: &[
        Column {
            key: "components",
            names: COMPONENTS.len(),
            name: |place| COMPONENTS[place].0.replace('"', ""),
        },
        Column {
            key: "correlations",
            names: 1 << CORRELATION_OCTAVES,
            name: |place| format!("req-{place:06}"),
        },
    ],
    sums: &["quoted"],
    moment,
};

fn moment(micros: u64) -> Vec<u8> {
    let mut out = Buffer::new();
    write_moment(&mut out, micros);
    out
}

/// RFC 3339 with milliseconds.
fn write_moment(out: &mut Buffer, micros: u64) {
    out.extend_from_slice(&date_time(micros / 1_000_000, b'T'));
    out.push(b'.');
    padded::<3>(out, (micros / 1_000 % 1_000) as u32);
    out.push(b'Z');
}

/// A part of a line that can stand in several places.
#[derive(Clone, Copy)]
enum Part {
    Ts,
    Time,
    Caller,
    Level,
    Component,
    Request,
    Said,
}

use Part::{Caller, Component, Level, Request, Said, Time, Ts};

/// Orders of the parts, each with its share.
const ORDERS: [(&[Part], u32); 4] = [
    (&[Ts, Caller, Level, Component, Request, Said], 850),
    (&[Time, Level, Said, Component, Request], 80),
    (&[Level, Ts, Caller, Component, Request, Said], 50),
    (&[Caller, Component, Level, Said, Request, Ts], 20),
];

/// The shape, with its tables.
pub(crate) struct Logfmt {
    pace: Pace,
    seed: u64,
    levels: Weights,
    sayings: [Sayings<1>; 4],
    quotes: [Vec<u64>; 4],
    components: Weights,
    orders: Weights,
    requests_per_mille: u32,
    storm_per_mille: u32,
}

impl Shaped for Logfmt {
    type Facts = Columns;

    const CHUNK_RECORDS: u32 = 1024;

    const ABOUT: About = About {
        name: "logfmt",
        title: "key-value pairs as programs in Go write them, about 200 bytes a line",
        grammar: include_str!("about.txt"),
        source: "the format of github.com/go-logfmt/logfmt; levels, keys and messages as in the real \
            servers/prometheus_logfmt.log",
        lines: Lines::Text,
        knobs: &[REQUESTS, STORM],
        contradiction: all_go_together,
    };

    fn new(_: Draws, seed: u64, knobs: &Knobs) -> Self {
        let lists = [DEBUGS, INFOS, WARNS, ERRORS];
        Self {
            pace: Pace::new(Self::CHUNK_RECORDS, MEAN_STEP),
            seed,
            levels: Weights::new(SHARES),
            sayings: lists.map(Sayings::new),
            quotes: lists.map(|list| list.iter().map(|(_, [text])| quoted_values(text)).collect()),
            components: Weights::zipf(COMPONENTS.len(), 0),
            orders: Weights::new(ORDERS.map(|(_, share)| share)),
            requests_per_mille: knobs.get(&REQUESTS) as u32,
            storm_per_mille: knobs.get(&STORM) as u32,
        }
    }

    fn set_pace(&mut self, pace: Pace) {
        self.pace = pace;
    }

    fn facts(&self) -> Columns {
        Columns::new(&PLAN)
    }

    fn write_chunk(&self, chunk: &Chunk, draws: &mut Draws, page: &mut Page<'_, Columns>) {
        let times = Times::bursts(self.pace, chunk.number, draws);
        let storm_per_mille = storm(self.seed, chunk.number).map_or(0, |_| self.storm_per_mille);
        for index in 0..chunk.records {
            let micros = times.of(index);
            let level = if storm_per_mille > 0 && draws.per_mille(storm_per_mille) {
                LEVELS.len() - 1
            } else {
                self.levels.draw(draws)
            };
            let component = self.components.draw(draws);
            let request = draws.per_mille(self.requests_per_mille).then(|| draws.zipf(CORRELATION_OCTAVES));
            let (saying, [said]) = self.sayings[level].draw_index(draws);
            let (name, file) = COMPONENTS[component];
            let out = page.out();
            let start = out.len();
            for &part in ORDERS[self.orders.draw(draws)].0 {
                match part {
                    Ts => pair(out, b"ts=", |out| write_moment(out, micros)),
                    Time => pair(out, b"time=", |out| write_moment(out, micros)),
                    Caller => pair(out, b"caller=", |out| {
                        out.extend_from_slice(file.as_bytes());
                        out.extend_from_slice(b".go:");
                        decimal(out, 100 + saying as u32 * 37 + component as u32);
                    }),
                    Level => pair(out, b"level=", |out| out.extend_from_slice(LEVELS[level].as_bytes())),
                    Component => pair(out, b"component=", |out| out.extend_from_slice(name.as_bytes())),
                    Request => {
                        if let Some(request) = request {
                            pair(out, b"req=req-", |out| padded::<6>(out, request));
                        }
                    }
                    Said => pair(out, b"", |out| said.write(&Details::default(), draws, out)),
                }
            }
            // The space behind the last pair becomes the newline.
            out.pop();
            out.push(b'\n');
            let bytes = (out.len() - start - 1) as u64;
            page.at(micros);
            page.end(|facts, number| {
                facts.record(micros, level, number, bytes);
                facts.count(0, component);
                if let Some(request) = request {
                    facts.count(1, request as usize);
                }
                facts.add(0, self.quotes[level][saying] + u64::from(name.starts_with('"')));
            });
        }
    }
}

fn pair(out: &mut Buffer, key: &[u8], write: impl FnOnce(&mut Buffer)) {
    out.extend_from_slice(key);
    write(out);
    out.push(b' ');
}

/// How many values of a text stand in quotes: as many as `="` begin outside of quotes.
fn quoted_values(text: &str) -> u64 {
    let (mut quoted, mut is_within) = (0, false);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'"' => {
                is_within = !is_within;
                quoted += u64::from(is_within);
            }
            _ => {}
        }
    }
    quoted
}
