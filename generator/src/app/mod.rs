//! The `app` shape: a JSON application log of several services, with threads, correlations and traces.
//!
//! A line has `timestamp` (RFC 3339, microseconds, never earlier than the line before), `level`, `service`, `thread`,
//! `message`, `fields` (an object of typed values), at times `host` and `logger`, and, where it belongs to a request,
//! `correlation_id`, `trace_id`, `span_id` and, except on roots, `parent_span_id`. Requests cross services ([`walk`]); a span
//! keeps its service, thread and parent, and lies within its parent in time. Errors begin at a root cause and go upward, are
//! tried again or done without. Each service has its own key order.

mod fields;
mod line;
mod tally;
mod tree;
mod vocabulary;
mod walk;

pub(crate) use tally::Tally;

use fields::ORDERS;
use line::{Line, Place};
use tree::Sight;
use vocabulary::{BACKGROUND_SHARES, FAILURES, KINDS, SAYINGS, SERVICES};
use walk::{Act, Event, WORKERS, Walk, Walker, Weather};

use crate::arrivals::{Stretch, storm};
use crate::draws::Draws;
use crate::orders::{OWN_ORDER_PER_MILLE, shuffle, write_line};
use crate::sayings::{About, Sayings};
use crate::stream::{Chunk, Shaped};
use crate::text::{Buffer, date_time};
use crate::weights::Weights;

/// The mean time between two lines, in microseconds.
const MEAN_STEP: u64 = 2_750;

/// Lines in a thousand that belong to no request.
const BACKGROUND_PER_MILLE: u32 = 80;

/// Spans in a thousand that fail of themselves, by default.
const FAILING: u32 = 150;

/// The same of the service that a storm strikes.
const STORM_FAILING: u32 = 600;

/// The shape, with its tables.
pub(crate) struct App {
    seed: u64,
    sayings: [Sayings<2>; SAYINGS.len()],
    failures: [Sayings<2>; FAILURES.len()],
    kinds: Weights,
    background: Weights,
}

impl Shaped for App {
    type Facts = Tally;

    const CHUNK_RECORDS: u32 = 1024;

    fn new(_: Draws, seed: u64) -> Self {
        Self {
            seed,
            sayings: SAYINGS.map(Sayings::new),
            failures: FAILURES.map(Sayings::new),
            kinds: Weights::new(KINDS.map(|(_, share)| share)),
            background: Weights::new(BACKGROUND_SHARES),
        }
    }

    fn facts(&self) -> Tally {
        Tally::new()
    }

    fn write_chunk(&self, chunk: &Chunk, draws: &mut Draws, tally: &mut Tally, out: &mut Buffer) {
        let first_record = chunk.number * u64::from(Self::CHUNK_RECORDS);
        let stretch = Stretch::of_chunk(chunk.number, MEAN_STEP * u64::from(Self::CHUNK_RECORDS));
        let weather = Weather {
            failing: FAILING,
            struck: storm(self.seed, chunk.number).map(|bits| (bits % SERVICES.len() as u32) as u8),
            storm_failing: STORM_FAILING,
        };
        let walker =
            Walker { seed: self.seed, first_record, stretch, weather: &weather, kinds: &self.kinds };
        let background = Self::CHUNK_RECORDS * BACKGROUND_PER_MILLE / 1000;
        let (mut walk, mut sight) = (Walk::default(), Sight::default());
        walk.draw(draws, &walker, Self::CHUNK_RECORDS, background);
        sight.begin(walk.spans.len());

        let (mut message, mut fields) = (Buffer::new(), Buffer::new());
        let mut own_order = ORDERS[0];
        let (mut second, mut second_text) = (u64::MAX, [0; 19]);
        for (number, event) in (first_record + 1..).zip(&walk.events[..chunk.records as usize]) {
            let micros = stretch.start + u64::from(event.at);
            if micros / 1_000_000 != second {
                second = micros / 1_000_000;
                second_text = date_time(second, b'T');
            }
            let place = event.span.map(|index| {
                sight.line(index, event);
                let span = walk.spans[usize::from(index)];
                let parent = span.parent.map(|parent| walk.spans[usize::from(parent)].id);
                Place { trace: walk.traces[usize::from(span.trace)], span, parent }
            });
            let (service, thread) = match &place {
                Some(place) => (place.span.service, place.span.thread),
                None => {
                    let service = self.background.draw(draws) as u32;
                    (service as u8, (service * WORKERS + draws.below(WORKERS)) as u8)
                }
            };
            self.say(event, draws, &mut message, &mut fields);
            let choice = draws.below(1000);
            let order = if choice < OWN_ORDER_PER_MILLE {
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
                tells_logger: choice % 4 == 0,
                place,
                message: &message,
                fields: &fields,
            };
            let bytes = write_line(&line, order, out);
            tally.count(&line, event, number, bytes);
        }
        tally.trees.add(&walk, &mut sight, stretch.start, chunk.number == 0);
    }
}

impl App {
    /// Writes what an event says: `"message":"...",` to one buffer and `"fields":{...},` to another.
    fn say(&self, event: &Event, draws: &mut Draws, message: &mut Buffer, fields: &mut Buffer) {
        let about = About {
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
        said.write(&about, draws, message);
        message.extend_from_slice(b"\",");
        fields.clear();
        fields.extend_from_slice(br#""fields":{"#);
        with.write(&about, draws, fields);
        fields.extend_from_slice(b"},");
    }
}
