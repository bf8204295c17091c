//! The `logfmt` shape: pairs of keys and values, as programs written in Go log them.
//!
//! The format is that of github.com/go-logfmt/logfmt, which go-kit and logrus follow and Grafana's Loki reads.
//! Modelled on the real `servers/prometheus_logfmt.log`.

use crate::about::{About, Lines};
use crate::arrivals::{DAY_KNOB, GAPS, Pace, Times, storm};
use crate::columns::{Column, Columns, Plan};
use crate::draws::Draws;
use crate::knobs::{Knob, Knobs, all_go_together};
use crate::page::Page;
use crate::sayings::{Details, ESCAPES, LONG, Oddness, Sayings, UNICODE};
use crate::stream::{Chunk, Shaped};
use crate::text::{Buffer, date_time, padded};
use crate::weights::Weights;
use crate::zipf::Zipf;

/// The mean time between two lines, in microseconds.
const MEAN_STEP: u64 = 4_000;

const MOST_CORRELATIONS: usize = 1 << 16;

const CORRELATIONS: Knob = Knob::number(
    "correlations",
    512,
    1..=MOST_CORRELATIONS as u64,
    "requests",
    "how many requests there are, by Zipf's law",
    "invented",
);

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

/// Components, as they are written.
const COMPONENTS: [&str; 12] = [
    "\"scrape manager\"",
    "\"discovery manager scrape\"",
    "tsdb",
    "web",
    "\"rule manager\"",
    "remote",
    "notifier",
    "ingester",
    "distributor",
    "querier",
    "compactor",
    "\"discovery manager notify\"",
];

/// What is said: its share among the others, which of [`COMPONENTS`] says it, at which line of which file, and `msg=...`
/// with what goes with it.
type Saying = (u32, usize, &'static str, &'static str);

const DEBUGS: &[Saying] = &[
    (
        120,
        0,
        "scrape.go:1351",
        r#"scrape_pool=<word> target=http://<word>.example:9100/metrics msg="Scrape failed" err="Get \"http://<again>.example:9100/metrics\": dial tcp <ip>:9100: connect: connection refused""#,
    ),
    (14, 1, "manager.go:286", r#"msg="Discoverer channel closed" provider=static/<n>"#),
    (6, 11, "manager.go:286", r#"msg="Discoverer channel closed" provider=static/<n>"#),
    (10, 7, "lifecycler.go:550", r"msg=heartbeat peer=<ip>:<port> rtt=<ms>ms ok=<bool>"),
    (
        4,
        9,
        "results_cache.go:215",
        r#"msg="query cached" expr="rate(http_requests_total{job=\"<word>\"}[5m])" took=<ms>ms"#,
    ),
];

const INFOS: &[Saying] = &[
    (10, 2, "head.go:1286", r#"msg="Head GC completed" op=truncateMemory duration=<ms>ms"#),
    (
        8,
        2,
        "compact.go:519",
        r#"msg="write block" mint=17101152<digit>0000 maxt=17101224<digit>0000 ulid=<hex><hex> duration=<ms>ms"#,
    ),
    (
        6,
        2,
        "checkpoint.go:100",
        r#"msg="Creating checkpoint" from_segment=<digit> to_segment=1<digit> mint=1710115200000"#,
    ),
    (6, 3, "tls_config.go:313", r#"msg="TLS is disabled." http2=<bool> address=[::]:<port>"#),
    (4, 4, "manager.go:1011", r#"msg="Starting rule manager...""#),
    (3, 8, "distributor.go:482", r#"msg="größere Umstellung ✓" user=<user> note="café \\o/ ok""#),
    (2, 10, "compactor.go:204", r#"host_details="(Linux 6.1.<digit> #1 SMP x86_64 vm (none))" msg=started"#),
];

const WARNS: &[Saying] = &[
    (
        5,
        0,
        "scrape.go:1777",
        r#"msg="Error on ingesting samples that are too old or are too far into the future" num_dropped=<n>"#,
    ),
    (3, 9, "handler.go:192", r#"msg="slow query" path=<path> took=<ms>ms limit=500ms"#),
];

const ERRORS: &[Saying] = &[
    (
        5,
        5,
        "dedupe.go:112",
        r#"msg="request failed" path=<path> status=500 err="context deadline exceeded (timeout after <n>ms)""#,
    ),
    (
        3,
        8,
        "recovery.go:41",
        r#"msg="panic recovered" err="runtime error: index out of range [<n>]" stack="goroutine <n> [running]:\nmain.<word>(...)\n\t/src/<word>.go:<n>""#,
    ),
    (
        2,
        6,
        "notifier.go:525",
        r#"alertmanager=http://<ip>:9093/api/v2/alerts count=<n> msg="Error sending alert" err="EOF""#,
    ),
    (1, 2, "repair.go:57", r"msg=corrupt segment=<n> dump=<long>"),
];

const SAYINGS: [&[Saying]; 4] = [DEBUGS, INFOS, WARNS, ERRORS];

static PLAN: Plan = Plan {
    levels: &LEVELS,
    columns: &[
        Column {
            key: "components",
            names: COMPONENTS.len(),
            name: |place| COMPONENTS[place].replace('"', ""),
        },
        Column { key: "correlations", names: MOST_CORRELATIONS, name: |place| format!("req-{place:06}") },
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
    orders: Weights,
    requests_per_mille: u32,
    correlations: Zipf,
    storm_per_mille: u32,
}

impl Shaped for Logfmt {
    type Facts = Columns;

    const CHUNK_RECORDS: u32 = 1024;

    const ABOUT: About = About {
        name: "logfmt",
        title: "key-value pairs as programs in Go write them, about 229 bytes a line",
        grammar: include_str!("about.txt"),
        source: "the format of github.com/go-logfmt/logfmt; levels, keys and messages as in the real \
            servers/prometheus_logfmt.log",
        lines: Lines::Text,
        knobs: &[REQUESTS, STORM, CORRELATIONS, DAY_KNOB, GAPS, ESCAPES, UNICODE, LONG],
        contradiction: all_go_together,
    };

    fn new(_: Draws, seed: u64, knobs: &Knobs) -> Self {
        let oddness = Oddness::of(knobs);
        Self {
            pace: Pace::of(Self::CHUNK_RECORDS, MEAN_STEP, knobs),
            seed,
            levels: Weights::new(SHARES),
            sayings: SAYINGS.map(|list| {
                let texts: Vec<_> = list.iter().map(|&(share, _, _, text)| (share, [text])).collect();
                Sayings::tuned(&texts, oddness)
            }),
            quotes: SAYINGS.map(|list| list.iter().map(|(.., text)| quoted_values(text)).collect()),
            orders: Weights::new(ORDERS.map(|(_, share)| share)),
            correlations: Zipf::new(knobs.get(&CORRELATIONS) as u32),
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
            let request = draws.per_mille(self.requests_per_mille).then(|| self.correlations.draw(draws));
            let (saying, [said]) = self.sayings[level].draw_index(draws);
            let (_, component, caller, _) = SAYINGS[level][saying];
            let name = COMPONENTS[component];
            let out = page.out();
            let start = out.len();
            for &part in ORDERS[self.orders.draw(draws)].0 {
                match part {
                    Ts => pair(out, b"ts=", |out| write_moment(out, micros)),
                    Time => pair(out, b"time=", |out| write_moment(out, micros)),
                    Caller => pair(out, b"caller=", |out| out.extend_from_slice(caller.as_bytes())),
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
