//! The `app` shape: a JSON application log of several services, with threads, correlations and traces.
//!
//! A line has `timestamp` (RFC 3339, microseconds, never earlier than the line before), `level`, `service`, `thread`,
//! `message`, `fields` (an object of typed values), at times `host` and `logger`, and, where it belongs to a request,
//! `correlation_id`, `trace_id`, `span_id` and, except on roots, `parent_span_id`. Requests cross services
//! ([`walk`]); a span keeps its service, thread and parent, and lies within its parent in time. Errors begin at a
//! root cause and go upward, are tried again or done without. Each service has its own key order.

mod fields;
mod line;
mod tally;
mod tree;
mod vocabulary;
mod walk;

pub(crate) use tally::Tally;

use fields::ORDERS;
use line::{Line, Place};
use tree::{Clocks, Sight};
use vocabulary::{BACKGROUND_SHARES, FAILURES, KINDS, SAYINGS, SERVICES};
use walk::{Act, Event, RUSHING, Walk, Walker, Weather};

use crate::about::{About, Lines};
use crate::arrivals::{DAY_KNOB, GAPS, Pace, storm};
use crate::draws::Draws;
use crate::knobs::{Knob, Knobs, all_go_together};
use crate::orders::{OWN_ORDER, shuffle, write_line};
use crate::page::Page;
use crate::sayings::{Details, ESCAPES, LONG, Oddness, Sayings, UNICODE};
use crate::stream::{Chunk, Shaped};
use crate::text::{Buffer, date_time};
use crate::weights::Weights;
use crate::zipf::Zipf;

/// The mean time between two lines, in microseconds.
const MEAN_STEP: u64 = 2_750;

const BACKGROUND: Knob = Knob::share(
    "background",
    80,
    "lines that belong to no request, and have no correlation or trace",
    "invented",
);

const FAILING: Knob = Knob::share(
    "failing",
    150,
    "spans that fail of themselves, each the root cause of an error",
    "invented: about 5 % of lines are errors, as in the real text/Hadoop_2k.log, where 7.5 % are",
);

const STORM: Knob = Knob::share(
    "storm",
    600,
    "the same of one service while a storm of errors blows, in an eighth of all stretches of 8,192 lines",
    "invented",
);

/// A line keeps its thread in eight bits.
const MOST_WORKERS: u64 = 255 / SERVICES.len() as u64;

const WORKERS: Knob =
    Knob::number("workers", 6, 1..=MOST_WORKERS, "threads", "threads of each of the 8 services", "invented");

/// A line keeps its correlation in sixteen.
const CORRELATIONS: Knob = Knob::number(
    "correlations",
    512,
    1..=1 << 16,
    "correlations",
    "how many correlations there are, by Zipf's law",
    "invented",
);

const SKEW: Knob = Knob::number(
    "skew",
    0,
    0..=60_000,
    "ms",
    "how far the clock of a service can be ahead of the true time; lines then are not in the order of their times",
    "that of the real samples, each of which one clock wrote",
);

/// The shape, with its tables.
pub(crate) struct App {
    pace: Pace,
    seed: u64,
    sayings: [Sayings<2>; SAYINGS.len()],
    failures: [Sayings<2>; FAILURES.len()],
    kinds: Weights,
    background: Weights,
    background_per_mille: u32,
    failing_per_mille: u32,
    storm_per_mille: u32,
    own_order_per_mille: u32,
    workers: u32,
    correlations: Zipf,
    /// Microseconds that the clock of each service is ahead.
    ahead: [u64; SERVICES.len()],
}

impl Shaped for App {
    type Facts = Tally;

    const CHUNK_RECORDS: u32 = 1024;

    const ABOUT: About = About {
        name: "app",
        title: "application log of several services with traces, JSON, about 325 bytes a line",
        grammar: include_str!("about.txt"),
        source: "application logs of services with tracing, keys as OpenTelemetry's log data model and logging libraries \
            name them; the vocabulary is invented, the hours of the day are those of servers/apache_combined_10k.log",
        lines: Lines::Json,
        knobs: &[
            BACKGROUND,
            FAILING,
            STORM,
            SKEW,
            OWN_ORDER,
            WORKERS,
            CORRELATIONS,
            DAY_KNOB,
            GAPS,
            ESCAPES,
            UNICODE,
            LONG,
        ],
        contradiction: all_go_together,
    };

    fn new(mut draws: Draws, seed: u64, knobs: &Knobs) -> Self {
        let oddness = Oddness::of(knobs);
        let skew = knobs.get(&SKEW) as u32 * 1000;
        Self {
            pace: Pace::of(Self::CHUNK_RECORDS, MEAN_STEP, knobs),
            seed,
            sayings: SAYINGS.map(|list| Sayings::tuned(list, oddness)),
            failures: FAILURES.map(|list| Sayings::tuned(list, oddness)),
            kinds: Weights::new(KINDS.map(|(_, share)| share)),
            background: Weights::new(BACKGROUND_SHARES),
            background_per_mille: knobs.get(&BACKGROUND) as u32,
            failing_per_mille: knobs.get(&FAILING) as u32,
            storm_per_mille: knobs.get(&STORM) as u32,
            own_order_per_mille: knobs.get(&OWN_ORDER) as u32,
            workers: knobs.get(&WORKERS) as u32,
            correlations: Zipf::new(knobs.get(&CORRELATIONS) as u32),
            ahead: std::array::from_fn(|_| draws.below(skew + 1).into()),
        }
    }

    fn set_pace(&mut self, pace: Pace) {
        self.pace = pace;
    }

    fn facts(&self) -> Tally {
        Tally::new(self.workers, self.correlations.ranks())
    }

    fn write_chunk(&self, chunk: &Chunk, draws: &mut Draws, page: &mut Page<'_, Tally>) {
        let lines = self.pace.records;
        let first_record = chunk.number * u64::from(lines);
        let stretch = self.pace.stretch(chunk.number);
        let weather = Weather {
            failing: self.failing_per_mille,
            struck: storm(self.seed, chunk.number).map(|bits| (bits % SERVICES.len() as u32) as u8),
            storm_failing: self.storm_per_mille,
        };
        let walker = Walker {
            seed: self.seed,
            first_record,
            stretch,
            weather: &weather,
            kinds: &self.kinds,
            workers: self.workers,
            correlations: &self.correlations,
            rushing: if self.pace.has_bursts { RUSHING } else { 0 },
        };
        let (mut walk, mut sight) = (Walk::default(), Sight::default());
        walk.draw(draws, &walker, lines, lines * self.background_per_mille / 1000);
        sight.begin(walk.spans.len());

        let (mut message, mut fields) = (Buffer::new(), Buffer::new());
        let mut own_order = ORDERS[0];
        let (mut second, mut second_text) = (u64::MAX, [0; 19]);
        for event in &walk.events[..chunk.records as usize] {
            let place = event.span.map(|index| {
                let span = walk.spans[usize::from(index)];
                let parent = span.parent.map(|parent| walk.spans[usize::from(parent)].id);
                Place { trace: walk.traces[usize::from(span.trace)], span, parent }
            });
            let (service, thread) = if let Some(place) = &place {
                (place.span.service, place.span.thread)
            } else {
                let service = self.background.draw(draws) as u32;
                (service as u8, (service * self.workers + draws.below(self.workers)) as u8)
            };
            let micros = stretch.start + u64::from(event.at) + self.ahead[usize::from(service)];
            if micros / 1_000_000 != second {
                second = micros / 1_000_000;
                second_text = date_time(second, b'T');
            }
            self.say(event, draws, &mut message, &mut fields);
            let choice = draws.below(1000);
            let order = if choice < self.own_order_per_mille {
                shuffle(&mut own_order, draws);
                &own_order
            } else {
                &ORDERS[usize::from(service)]
            };
            let line = Line {
                micros,
                second: &second_text,
                level: event.act.level(),
                service,
                thread,
                tells_logger: choice.is_multiple_of(4),
                place,
                message: &message,
                fields: &fields,
            };
            let bytes = write_line(&line, order, page.out());
            if let Some(told) = page.told() {
                line.tell(told);
            }
            page.at(micros);
            let is_counted = page.end(|tally, number| tally.count(&line, event, number, bytes));
            if let Some(span) = event.span.filter(|_| is_counted) {
                sight.line(span, event);
            }
        }
        let (tally, spans) = page.facts_and_spans();
        let clocks = Clocks { start: stretch.start, ahead: &self.ahead };
        tally.trees.add(&walk, &mut sight, &clocks, chunk.number, spans);
    }
}

impl App {
    /// Writes what an event says: `"message":"...",` to one buffer and `"fields":{...},` to another.
    fn say(&self, event: &Event, draws: &mut Draws, message: &mut Buffer, fields: &mut Buffer) {
        let details = Details {
            peer: SERVICES[usize::from(event.peer)],
            took: event.took,
            attempt: event.attempt,
            kind: KINDS[usize::from(event.kind)].0,
        };
        let sayings = match event.act {
            Act::Fail => &self.failures[usize::from(event.kind)],
            act => &self.sayings[act as usize],
        };
        let [said, with] = sayings.draw(draws);
        message.clear();
        message.extend_from_slice(br#""message":""#);
        said.write(&details, draws, message);
        message.extend_from_slice(b"\",");
        fields.clear();
        fields.extend_from_slice(br#""fields":{"#);
        with.write(&details, draws, fields);
        fields.extend_from_slice(b"},");
    }
}
