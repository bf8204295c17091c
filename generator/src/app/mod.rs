//! The `app` shape: a JSON application log of several services, with threads, correlations and traces.
//!
//! A line has `timestamp` (RFC 3339, microseconds, never earlier than the line before), `level`, `service`, `thread`,
//! `message`, `fields` (an object of typed values), and, where it belongs to a request, `correlation_id`, `trace_id`,
//! `span_id` and, except on roots, `parent_span_id`. Sixteen requests are in flight side by side; a span keeps its service,
//! thread and parent; a parent is always a span of the same trace that began earlier. Each service has its own key order.

mod fields;
mod line;
mod requests;
mod tally;
mod template;
mod vocabulary;

pub(crate) use tally::Tally;

use fields::ORDERS;
use line::Line;
use requests::{Requests, draw_thread};
use template::Templates;
use vocabulary::{LEVELS, SERVICES};

use crate::about::{About, Lines};
use crate::draws::Draws;
use crate::knobs::{Knob, Knobs, all_go_together};
use crate::orders::{OWN_ORDER, shuffle, write_line};
use crate::page::Page;
use crate::stream::{Chunk, Shaped};
use crate::text::{Buffer, date_time};
use crate::weights::Weights;

/// 2024-03-11T08:00:00Z, when every log begins, in microseconds.
const EPOCH: u64 = 1_710_144_000_000_000;

/// The mean time between two lines, in microseconds.
const MEAN_STEP: u64 = 2_750;

const BACKGROUND: Knob = Knob::share(
    "background",
    80,
    "lines that belong to no request, and have no correlation or trace",
    "invented",
);

/// The shape, with its tables.
pub(crate) struct App {
    seed: u64,
    templates: Templates,
    levels: Weights,
    services: Weights,
    background_per_mille: u32,
    own_order_per_mille: u32,
}

impl Shaped for App {
    type Facts = Tally;

    const CHUNK_RECORDS: u32 = 1024;

    const ABOUT: About = About {
        name: "app",
        title: "application log of several services with traces, JSON, about 300 bytes a line",
        grammar: include_str!("about.txt"),
        source: "application logs of services with tracing; the vocabulary is invented",
        lines: Lines::Json,
        knobs: &[BACKGROUND, OWN_ORDER],
        contradiction: all_go_together,
    };

    fn new(_: Draws, seed: u64, knobs: &Knobs) -> Self {
        Self {
            seed,
            templates: Templates::new(),
            levels: Weights::new(LEVELS.map(|(_, share)| share)),
            services: Weights::new(SERVICES.map(|(_, share)| share)),
            background_per_mille: knobs.get(&BACKGROUND) as u32,
            own_order_per_mille: knobs.get(&OWN_ORDER) as u32,
        }
    }

    fn facts(&self) -> Tally {
        Tally::new()
    }

    fn write_chunk(&self, chunk: &Chunk, draws: &mut Draws, page: &mut Page<'_, Tally>) {
        let first_record = chunk.number * u64::from(Self::CHUNK_RECORDS);
        let times = Times::draw(draws, first_record);
        let mut requests = Requests::new(self.seed, first_record);
        let (mut message, mut fields) = (Buffer::new(), Buffer::new());
        let mut own_order = ORDERS[0];
        let (mut second, mut second_text) = (u64::MAX, [0; 19]);
        for index in 0..chunk.records {
            let micros = times.of(index);
            if micros / 1_000_000 != second {
                second = micros / 1_000_000;
                second_text = date_time(second, b'T');
            }
            let place =
                (!draws.per_mille(self.background_per_mille)).then(|| requests.next(draws, &self.services));
            let (service, thread) = match &place {
                Some(place) => (place.span.service, place.span.thread),
                None => draw_thread(draws, &self.services),
            };
            let level = self.levels.draw(draws);
            self.templates.draw(draws, level, &mut message, &mut fields);
            let order = if draws.per_mille(self.own_order_per_mille) {
                shuffle(&mut own_order, draws);
                &own_order
            } else {
                &ORDERS[usize::from(service)]
            };
            let line = Line {
                micros,
                second: &second_text,
                level,
                service,
                thread,
                place,
                message: &message,
                fields: &fields,
            };
            let bytes = write_line(&line, order, page.out());
            if let Some(told) = page.told() {
                line.tell(told);
            }
            let is_counted = page.end(|tally, number| tally.count(&line, number, bytes));
            if let Some(place) = place.filter(|_| is_counted) {
                requests.count(&place);
            }
        }
    }
}

/// The times of a chunk's records: bursts and pauses that fill the chunk's share of time exactly, so that the next chunk
/// can begin where this one ends without knowing it.
struct Times {
    start: u64,
    /// For each record, the gaps before it added up.
    sums: Vec<u64>,
    total: u64,
}

impl Times {
    fn draw(draws: &mut Draws, first_record: u64) -> Self {
        let mut total = 0;
        let sums = (0..App::CHUNK_RECORDS)
            .map(|_| {
                // A gap's logarithm is uniform: most lines follow closely on the last, some after a pause.
                total += u64::from(draws.magnitude(10)) + 1;
                total
            })
            .collect();
        Self { start: EPOCH + first_record * MEAN_STEP, sums, total }
    }

    fn of(&self, index: u32) -> u64 {
        let sum = self.sums.get(index as usize).copied().unwrap_or(self.total);
        // One less than the total, so that the last record still lies before the next chunk's time.
        self.start + (sum - 1) * (u64::from(App::CHUNK_RECORDS) * MEAN_STEP) / self.total
    }
}
