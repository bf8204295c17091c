//! Requests in flight: traces of spans with real parents, each span with its service and thread.

use super::vocabulary::SERVICES;
use crate::draws::{Draws, scramble};
use crate::weights::Weights;

/// Requests that are in flight side by side within a chunk.
const IN_FLIGHT: u32 = 16;

/// A request ends after about this many records.
const RECORDS_PER_TRACE: u32 = 24;

/// A new span's parent is one of the trace's last so many spans.
const RECENT_SPANS: usize = 20;

/// There are 2^9 correlations; how often each one comes follows [`Draws::zipf`].
pub(super) const CORRELATION_OCTAVES: u32 = 9;

/// Threads of each service.
pub(super) const WORKERS: u32 = 6;

/// One unit of work in one thread of one service.
#[derive(Clone, Copy, Default)]
pub(super) struct Span {
    pub(super) id: u64,
    /// Absent on the root of a trace.
    pub(super) parent: Option<u64>,
    pub(super) service: u8,
    pub(super) thread: u8,
}

/// Where in a trace a record belongs.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) trace: [u64; 2],
    pub(super) correlation: u16,
    pub(super) span: Span,
    /// Whether no record of its trace was counted before.
    pub(super) is_first: bool,
    slot: usize,
}

#[derive(Clone, Copy, Default)]
struct Request {
    trace: [u64; 2],
    correlation: u16,
    /// The last spans, in a ring.
    spans: [Span; RECENT_SPANS],
    /// How many spans there have been.
    count: usize,
    /// Whether a record of it was counted.
    is_counted: bool,
}

/// The requests of one chunk; none outlives it.
pub(super) struct Requests {
    open: [Request; IN_FLIGHT as usize],
    /// What makes the ids of this chunk and seed differ from those of every other chunk.
    base: u64,
    salt: u64,
    made: u64,
}

impl Requests {
    pub(super) fn new(seed: u64, first_record: u64) -> Self {
        let salt = scramble(seed);
        // A record makes at most one trace id and one span id.
        Self { open: [Request::default(); IN_FLIGHT as usize], base: first_record * 2, salt, made: 0 }
    }

    /// An id that no other part of this corpus has: a bijection of its number.
    fn id(&mut self) -> u64 {
        self.made += 1;
        scramble((self.base + self.made) ^ self.salt)
    }

    /// The place of the next record that belongs to a request.
    pub(super) fn next(&mut self, draws: &mut Draws, services: &Weights) -> Place {
        let slot = draws.below(IN_FLIGHT) as usize;
        let starts_trace = self.open[slot].count == 0 || draws.below(RECORDS_PER_TRACE) == 0;
        if starts_trace {
            self.open[slot] = Request {
                trace: [draws.long(), self.id()],
                correlation: draws.zipf(CORRELATION_OCTAVES) as u16,
                spans: [Span::default(); RECENT_SPANS],
                count: 0,
                is_counted: false,
            };
        }
        let count = self.open[slot].count;
        // A record opens a span more often than it goes on with the last one.
        if starts_trace || draws.per_mille(700) {
            let parent = (count > 0).then(|| {
                let recent = count.min(RECENT_SPANS) as u32;
                // Near spans are likelier parents than far ones.
                let back = draws.below(recent).min(draws.below(recent)) as usize;
                self.open[slot].spans[(count - 1 - back) % RECENT_SPANS].id
            });
            let (service, thread) = draw_thread(draws, services);
            let id = self.id();
            self.open[slot].spans[count % RECENT_SPANS] = Span { id, parent, service, thread };
            self.open[slot].count += 1;
        }
        let request = &self.open[slot];
        Place {
            trace: request.trace,
            correlation: request.correlation,
            span: request.spans[(request.count - 1) % RECENT_SPANS],
            is_first: !request.is_counted,
            slot,
        }
    }

    /// Notes that a record of this place's trace was counted.
    pub(super) fn count(&mut self, place: &Place) {
        self.open[place.slot].is_counted = true;
    }
}

/// A service and one of its threads.
pub(super) fn draw_thread(draws: &mut Draws, services: &Weights) -> (u8, u8) {
    let service = services.draw(draws).min(SERVICES.len() - 1) as u32;
    (service as u8, (service * WORKERS + draws.below(WORKERS)) as u8)
}
