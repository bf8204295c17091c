//! The requests of one chunk: traces of spans with real parents, walked through in time.
//!
//! A request enters at the gateway and goes from service to service. Each span writes a line when it opens and one
//! when it closes, others in between, and its children lie within it in time, one after the other. Where a span
//! fails, its parent tries again, does without, or fails in its turn, up to the root. Every request begins and ends
//! within its chunk.

use super::vocabulary::{CALLS, KINDS, SERVICES, TIMEOUT};
use crate::arrivals::Stretch;
use crate::draws::{Draws, scramble};
use crate::lognormal::LogNormal;
use crate::weights::Weights;
use crate::zipf::Zipf;

/// How many of a thousand requests of a chunk come in one rush, where there are bursts.
pub(super) const RUSHING: u32 = 333;

/// Spans that can be open in one request: how deep a tree can be.
pub(super) const DEEPEST: usize = 10;

/// A call is tried at most so many times.
const ATTEMPTS: u8 = 3;

/// A span that took this long, in microseconds, complains when it closes.
const SLOW: u32 = 120_000;

/// In how many of a thousand steps an open span opens another, by its depth: the deeper, the rarer.
const OPENING: [u32; DEEPEST] = [820, 700, 620, 540, 420, 300, 200, 150, 100, 0];

/// Time between two lines of a request, in microseconds.
const WORK: LogNormal = LogNormal::new(4_000, 1_500);

/// Spans of a request, as far as the calls allow.
const SPANS: LogNormal = LogNormal::new(10, 600);

/// What a line tells of its span.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Act {
    /// The root opens.
    Arrive,
    /// A span opens in another service than its parent's.
    Begin,
    /// A span opens in the same service and thread.
    Within,
    /// Work goes on.
    Note,
    /// Work goes on, with a complaint.
    Warning,
    /// A span closes well.
    Finish,
    /// A span closes well, but late.
    Slow,
    /// A call failed and is made again.
    Retry,
    /// A call failed and is done without.
    Fallback,
    /// A span closes with an error because one of its calls failed.
    Propagate,
    /// A span closes with an error of its own. The last.
    Fail,
}

impl Act {
    /// The place of its level in [`super::vocabulary::LEVELS`].
    pub(super) fn level(self) -> usize {
        match self {
            Self::Within => 0,
            Self::Arrive | Self::Begin | Self::Note | Self::Finish => 1,
            Self::Warning | Self::Slow | Self::Retry | Self::Fallback => 2,
            Self::Propagate | Self::Fail => 3,
        }
    }
}

/// A line to be: when, of which span, and what of.
#[derive(Clone, Copy)]
pub(super) struct Event {
    /// Microseconds from the beginning of the chunk.
    pub(super) at: u32,
    /// The span's place in [`Walk::spans`]; absent for what a service does on its own account.
    pub(super) span: Option<u16>,
    pub(super) act: Act,
    /// The service that is called or calls, by its place in [`SERVICES`].
    pub(super) peer: u8,
    pub(super) attempt: u8,
    /// What went wrong, by its place in [`KINDS`].
    pub(super) kind: u8,
    /// Microseconds since the span opened.
    pub(super) took: u32,
}

/// One unit of work in one thread of one service.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) id: u64,
    /// Its parent's place in [`Walk::spans`]; absent on the root of a trace.
    pub(super) parent: Option<u16>,
    pub(super) trace: u16,
    pub(super) service: u8,
    pub(super) thread: u8,
}

/// One request.
#[derive(Clone, Copy)]
pub(super) struct Trace {
    pub(super) id: [u64; 2],
    pub(super) correlation: u16,
}

/// Everything that happens in one chunk.
#[derive(Default)]
pub(super) struct Walk {
    pub(super) traces: Vec<Trace>,
    pub(super) spans: Vec<Span>,
    /// In the order of time.
    pub(super) events: Vec<Event>,
    order: Vec<u64>,
    sorted: Vec<Event>,
}

/// How likely failures are.
pub(super) struct Weather {
    /// Spans in a thousand that fail of themselves.
    pub(super) failing: u32,
    /// The service that a storm strikes, if one blows, where `storm_failing` in a thousand fail.
    pub(super) struck: Option<u8>,
    pub(super) storm_failing: u32,
}

impl Weather {
    fn failing(&self, service: u8) -> u32 {
        if self.struck == Some(service) { self.storm_failing } else { self.failing }
    }
}

/// A span that is open.
#[derive(Clone, Copy)]
struct Frame {
    span: u16,
    opened: u32,
    attempt: u8,
    /// The call that failed and was not yet answered for: to whom, which attempt, why.
    failed: Option<(u8, u8, u8)>,
}

/// What a chunk's walk draws from.
pub(super) struct Walker<'a> {
    pub(super) seed: u64,
    pub(super) first_record: u64,
    pub(super) stretch: Stretch,
    pub(super) weather: &'a Weather,
    pub(super) kinds: &'a Weights,
    /// Threads of each service.
    pub(super) workers: u32,
    /// How often each correlation comes.
    pub(super) correlations: &'a Zipf,
    /// How many of a thousand requests come in one rush.
    pub(super) rushing: u32,
}

impl Walk {
    /// Draws a chunk of exactly `lines` lines, some of them `background` lines of no request, in order of time.
    pub(super) fn draw(&mut self, draws: &mut Draws, walker: &Walker<'_>, lines: u32, background: u32) {
        self.traces.clear();
        self.spans.clear();
        self.events.clear();
        let length = walker.stretch.length().min(u32::MAX.into()) as u32;
        let rush = draws.below(length);
        // A request needs two lines at least.
        while self.events.len() as u32 + background + 2 <= lines {
            let from = self.events.len();
            let free = lines - background - from as u32;
            let took = self.request(draws, walker, free, length / 4 * 3);
            let latest = length.saturating_sub(took).max(1);
            let start = if draws.per_mille(walker.rushing) {
                (rush + draws.below(length / 16 + 1)).min(latest - 1)
            } else {
                draws.below(latest)
            };
            for event in &mut self.events[from..] {
                event.at += start;
            }
        }
        while (self.events.len() as u32) < lines {
            let act = [Act::Within, Act::Note, Act::Note, Act::Note, Act::Warning][draws.below(5) as usize];
            let at = draws.below(length.max(1));
            self.events.push(Event { at, span: None, act, peer: 0, attempt: 0, kind: 0, took: 0 });
        }
        self.sort();
    }

    /// Puts the events in order of time, those of the same microsecond in the order in which they were drawn.
    fn sort(&mut self) {
        self.order.clear();
        self.order.extend((0..).zip(&self.events).map(|(index, event)| u64::from(event.at) << 16 | index));
        self.order.sort_unstable();
        self.sorted.clear();
        self.sorted.extend(self.order.iter().map(|&key| self.events[(key & 0xffff) as usize]));
        std::mem::swap(&mut self.events, &mut self.sorted);
    }

    /// Draws one request of at most `free` lines (2 or more) and `longest` microseconds, beginning at 0; returns how
    /// long it takes.
    fn request(&mut self, draws: &mut Draws, walker: &Walker<'_>, free: u32, longest: u32) -> u32 {
        let trace = self.traces.len() as u16;
        let id = [draws.long(), self.id(walker)];
        self.traces.push(Trace { id, correlation: walker.correlations.draw(draws) as u16 });
        let mut path = Path {
            walk: self,
            walker,
            trace,
            frames: [Frame { span: 0, opened: 0, attempt: 0, failed: None }; DEEPEST],
            depth: 0,
            at: 0,
            longest,
            // Every open span keeps a line for its end.
            free: free.min(4_000),
            spans: SPANS.draw(draws),
        };
        path.open(draws, 0, 1);
        while path.depth > 0 {
            path.step(draws);
        }
        path.at
    }

    /// An id that no other part of this corpus has: a bijection of its number.
    fn id(&self, walker: &Walker<'_>) -> u64 {
        // A line makes at most one span, and a trace has two lines or more.
        let number = walker.first_record * 2 + (self.traces.len() + self.spans.len()) as u64 + 1;
        scramble(number ^ scramble(walker.seed))
    }
}

/// A request in the walking.
struct Path<'a, 'w> {
    walk: &'a mut Walk,
    walker: &'a Walker<'w>,
    trace: u16,
    frames: [Frame; DEEPEST],
    depth: usize,
    at: u32,
    longest: u32,
    /// Lines that are left, those for the ends of open spans not counted.
    free: u32,
    /// Spans that are left.
    spans: u32,
}

impl Path<'_, '_> {
    /// One thing happens in the innermost open span. Each uses up lines or closes a span, so a request ends.
    fn step(&mut self, draws: &mut Draws) {
        let Some(&frame) = self.frames[..self.depth].last() else { return };
        let service = self.walk.spans[usize::from(frame.span)].service;
        self.pass(WORK.draw(draws));
        if let Some((peer, attempt, kind)) = frame.failed {
            let choice = draws.below(100);
            if choice < 35 && attempt < ATTEMPTS && self.free >= 3 {
                self.say(frame, Act::Retry, peer, attempt + 1, kind);
                self.free -= 1;
                self.frames[self.depth - 1].failed = None;
                self.pass(WORK.draw(draws));
                self.open(draws, peer, attempt + 1);
            } else if choice < 60 && self.free >= 1 {
                self.say(frame, Act::Fallback, peer, attempt, kind);
                self.free -= 1;
                self.frames[self.depth - 1].failed = None;
            } else {
                self.close(frame, Act::Propagate, peer, kind);
            }
            return;
        }
        let choice = draws.below(1000);
        let opening = OPENING[self.depth - 1];
        if choice < opening && self.spans > 0 && self.free >= 2 {
            let calls = CALLS[usize::from(service)];
            let callee = calls[draws.below(calls.len() as u32) as usize];
            self.spans -= 1;
            self.open(draws, callee, 1);
        } else if choice < opening + 130 && self.free >= 1 {
            let act = if choice % 4 < 3 { Act::Note } else { Act::Warning };
            self.say(frame, act, service, frame.attempt, 0);
            self.free -= 1;
        } else if draws.per_mille(self.walker.weather.failing(service)) {
            let kind = self.walker.kinds.draw(draws) as u8;
            if kind == TIMEOUT {
                self.pass(200_000 + draws.below(800_000));
            }
            self.close(frame, Act::Fail, service, kind);
        } else {
            let slow = self.at - frame.opened > SLOW;
            self.close(frame, if slow { Act::Slow } else { Act::Finish }, service, 0);
        }
    }

    /// Time passes, at least a microsecond; where the request has used up its time, no more than that.
    fn pass(&mut self, micros: u32) {
        let left = self.longest.saturating_sub(self.at);
        self.at += micros.min(left).max(1);
    }

    /// A span of `service` opens in the innermost one. Uses two of the lines that are free.
    fn open(&mut self, draws: &mut Draws, service: u8, attempt: u8) {
        let parent = self.frames[..self.depth].last().map(|frame| frame.span);
        let above = parent.map(|parent| self.walk.spans[usize::from(parent)]);
        let stays = above.filter(|above| above.service == service);
        let workers = self.walker.workers;
        let thread = match stays {
            Some(above) => above.thread,
            None => (u32::from(service) * workers + draws.below(workers)) as u8,
        };
        let span = self.walk.spans.len() as u16;
        let id = self.walk.id(self.walker);
        self.walk.spans.push(Span { id, parent, trace: self.trace, service, thread });
        let frame = Frame { span, opened: self.at, attempt, failed: None };
        self.frames[self.depth] = frame;
        self.depth += 1;
        self.free -= 2;
        let act = match (above, stays) {
            (None, _) => Act::Arrive,
            (_, None) => Act::Begin,
            _ => Act::Within,
        };
        self.say(frame, act, above.map_or(service, |above| above.service), attempt, 0);
    }

    /// The innermost span closes; its parent hears of an error.
    fn close(&mut self, frame: Frame, act: Act, peer: u8, kind: u8) {
        self.say(frame, act, peer, frame.attempt, kind);
        self.depth -= 1;
        if matches!(act, Act::Fail | Act::Propagate)
            && let Some(parent) = self.frames[..self.depth].last_mut()
        {
            let service = self.walk.spans[usize::from(frame.span)].service;
            parent.failed = Some((service, frame.attempt, kind));
        }
    }

    fn say(&mut self, frame: Frame, act: Act, peer: u8, attempt: u8, kind: u8) {
        debug_assert!(usize::from(peer) < SERVICES.len() && usize::from(kind) < KINDS.len());
        let (at, span, took) = (self.at, Some(frame.span), self.at - frame.opened);
        self.walk.events.push(Event { at, span, act, peer, attempt, kind, took });
    }
}
