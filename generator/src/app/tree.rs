//! What is known of the span trees: edges, roots, depths, durations and self times, and where errors began.
//!
//! All of it is said of the lines that were written, so that it is true of a log that ends within a request as well:
//! a span is there with its first line, and lasts from its first line to its last.

use std::io;

use super::line::moment;
use super::vocabulary::{KINDS, SERVICES};
use super::walk::{Act, DEEPEST, Event, Walk};
use crate::counts::Counts;
use crate::text::{Buffer, hex};
use crate::truth::JsonObject;

/// So many traces at the beginning of the log are told whole.
const EXAMPLES: usize = 8;

/// What was written of one span.
#[derive(Clone, Copy, Default)]
struct Seen {
    lines: u32,
    first: u32,
    last: u32,
    /// Durations of its children, together.
    children: u64,
    /// Whether it closed with an error.
    erred: bool,
    /// Whether one of its children did.
    child_erred: bool,
    kind: u8,
}

impl Seen {
    fn duration(self) -> u64 {
        u64::from(self.last - self.first)
    }

    fn self_time(self) -> u64 {
        self.duration().saturating_sub(self.children)
    }
}

/// The spans of one chunk as far as they were written.
#[derive(Default)]
pub(super) struct Sight {
    spans: Vec<Seen>,
}

impl Sight {
    /// Nothing of a chunk was written yet.
    pub(super) fn begin(&mut self, spans: usize) {
        self.spans.clear();
        self.spans.resize(spans, Seen::default());
    }

    /// A line was written. Returns whether it is the first of its span.
    #[inline]
    pub(super) fn line(&mut self, span: u16, event: &Event) {
        let seen = &mut self.spans[usize::from(span)];
        if seen.lines == 0 {
            seen.first = event.at;
        }
        seen.lines += 1;
        seen.last = event.at;
        if matches!(event.act, Act::Fail | Act::Propagate) {
            seen.erred = true;
            seen.kind = event.kind;
        }
    }
}

/// What the spans of one service add up to.
#[derive(Clone, Copy, Default)]
struct Work {
    spans: u64,
    duration: u64,
    self_time: u64,
    erring: u64,
}

/// Facts about all span trees of a log. Of one size, however long the log is.
pub(super) struct Trees {
    roots: u64,
    edges: u64,
    depths: Counts,
    services: [Work; SERVICES.len()],
    /// How many traces crossed how many services.
    crossed: Counts,
    traces: u64,
    traces_with_errors: u64,
    /// Root causes by service and by kind.
    cause_services: Counts,
    cause_kinds: Counts,
    /// Erring spans with an erring child.
    propagated: u64,
    /// The first chunk of those that were taken in, and traces of it.
    examples: Option<(u64, Vec<String>)>,
}

impl Trees {
    pub(super) fn new() -> Self {
        Self {
            roots: 0,
            edges: 0,
            depths: Counts::new(DEEPEST),
            services: Default::default(),
            crossed: Counts::new(SERVICES.len() + 1),
            traces: 0,
            traces_with_errors: 0,
            cause_services: Counts::new(SERVICES.len()),
            cause_kinds: Counts::new(KINDS.len()),
            propagated: 0,
            examples: None,
        }
    }

    /// Distinct traces.
    pub(super) fn traces(&self) -> u64 {
        self.traces
    }

    /// Takes in a chunk that begins at `start`, the clocks of the services being `ahead` so much.
    pub(super) fn add(
        &mut self,
        walk: &Walk,
        sight: &mut Sight,
        start: u64,
        ahead: &[u64; SERVICES.len()],
        chunk: u64,
    ) {
        // A child comes after its parent in the list, so one pass from the end has every child before its parent.
        for index in (0..walk.spans.len()).rev() {
            let (span, seen) = (walk.spans[index], sight.spans[index]);
            if let Some(parent) = span.parent.filter(|_| seen.lines > 0) {
                let above = &mut sight.spans[usize::from(parent)];
                above.children += seen.duration();
                above.child_erred |= seen.erred;
            }
        }
        let mut traces = vec![(0_u32, false); walk.traces.len()];
        for (span, seen) in walk.spans.iter().zip(&sight.spans).filter(|(_, seen)| seen.lines > 0) {
            let service = usize::from(span.service);
            self.depths.add(usize::from(span.depth), 1);
            *(if span.parent.is_some() { &mut self.edges } else { &mut self.roots }) += 1;
            let work = &mut self.services[service];
            work.spans += 1;
            work.duration += seen.duration();
            work.self_time += seen.self_time();
            work.erring += u64::from(seen.erred);
            let (crossed, erred) = &mut traces[usize::from(span.trace)];
            *crossed |= 1 << service;
            *erred |= seen.erred;
            if seen.erred && seen.child_erred {
                self.propagated += 1;
            } else if seen.erred {
                self.cause_services.add(service, 1);
                self.cause_kinds.add(usize::from(seen.kind), 1);
            }
        }
        for (crossed, erred) in traces.into_iter().filter(|(crossed, _)| *crossed != 0) {
            self.traces += 1;
            self.crossed.add(crossed.count_ones() as usize, 1);
            self.traces_with_errors += u64::from(erred);
        }
        if self.examples.as_ref().is_none_or(|(first, _)| chunk < *first) {
            let seen = |trace: &usize| {
                let spans = || walk.spans.iter().zip(&sight.spans);
                spans().any(|(span, seen)| usize::from(span.trace) == *trace && seen.lines > 0)
            };
            let traces = (0..walk.traces.len()).filter(seen).take(EXAMPLES);
            let examples: Vec<String> =
                traces.map(|trace| example(walk, sight, trace, start, ahead)).collect();
            if !examples.is_empty() {
                self.examples = Some((chunk, examples));
            }
        }
    }

    /// Takes in what another part of the log has.
    pub(super) fn merge(&mut self, other: Self) {
        self.roots += other.roots;
        self.edges += other.edges;
        self.depths.merge(&other.depths);
        for (own, other) in self.services.iter_mut().zip(other.services) {
            own.spans += other.spans;
            own.duration += other.duration;
            own.self_time += other.self_time;
            own.erring += other.erring;
        }
        self.crossed.merge(&other.crossed);
        self.traces += other.traces;
        self.traces_with_errors += other.traces_with_errors;
        self.cause_services.merge(&other.cause_services);
        self.cause_kinds.merge(&other.cause_kinds);
        self.propagated += other.propagated;
        let chunk = |examples: &Option<(u64, _)>| examples.as_ref().map_or(u64::MAX, |(chunk, _)| *chunk);
        if chunk(&other.examples) < chunk(&self.examples) {
            self.examples = other.examples;
        }
    }

    /// Adds `tree`, `errors` and `examples` to the truth.
    pub(super) fn write(&self, truth: &mut JsonObject<'_>) -> io::Result<()> {
        truth.key("tree")?;
        let mut tree = JsonObject::open(truth.value())?;
        tree.number("roots", self.roots)?;
        tree.number("edges", self.edges)?;
        self.depths.write(&mut tree, "depths", |depth| depth.to_string())?;
        self.crossed.write(&mut tree, "traces_by_services", |count| count.to_string())?;
        tree.key("services")?;
        let mut services = JsonObject::open(tree.value())?;
        for (name, work) in SERVICES.iter().zip(&self.services).filter(|(_, work)| work.spans > 0) {
            services.key(name)?;
            let mut sums = JsonObject::open(services.value())?;
            sums.number("spans", work.spans)?;
            sums.number("duration_us", work.duration)?;
            sums.number("self_us", work.self_time)?;
            sums.number("erring", work.erring)?;
            sums.close()?;
        }
        services.close()?;
        tree.close()?;
        truth.key("errors")?;
        let mut errors = JsonObject::open(truth.value())?;
        errors.number("root_causes", self.cause_kinds.total())?;
        errors.number("propagated", self.propagated)?;
        errors.number("traces", self.traces_with_errors)?;
        self.cause_services.write(&mut errors, "root_cause_services", |service| SERVICES[service])?;
        self.cause_kinds.write(&mut errors, "root_cause_kinds", |kind| KINDS[kind].0)?;
        errors.close()?;
        truth.key("examples")?;
        let examples = self.examples.as_ref().map_or(&[][..], |(_, examples)| examples);
        write!(truth.value(), "[{}]", examples.join(","))
    }
}

/// One trace with its spans, as JSON.
fn example(walk: &Walk, sight: &Sight, trace: usize, start: u64, ahead: &[u64; SERVICES.len()]) -> String {
    let mut text = Buffer::new();
    text.extend_from_slice(br#"{"trace_id":""#);
    walk.traces[trace].id.iter().for_each(|half| hex(&mut text, *half));
    text.extend_from_slice(br#"","spans":["#);
    let mut separator = &b""[..];
    for (span, seen) in walk.spans.iter().zip(&sight.spans) {
        if usize::from(span.trace) != trace || seen.lines == 0 {
            continue;
        }
        text.extend_from_slice(separator);
        separator = b",";
        text.extend_from_slice(br#"{"span_id":""#);
        hex(&mut text, span.id);
        text.extend_from_slice(br#"","parent_span_id":"#);
        match span.parent {
            Some(parent) => {
                text.push(b'"');
                hex(&mut text, walk.spans[usize::from(parent)].id);
                text.push(b'"');
            }
            None => text.extend_from_slice(b"null"),
        }
        let first = moment(start + ahead[usize::from(span.service)] + u64::from(seen.first));
        let rest = format!(
            r#","service":"{}","depth":{},"records":{},"start":"{}","duration_us":{},"self_us":{},"error":{},"root_cause":{}}}"#,
            SERVICES[usize::from(span.service)],
            span.depth,
            seen.lines,
            String::from_utf8_lossy(&first),
            seen.duration(),
            seen.self_time(),
            seen.erred,
            seen.erred && !seen.child_erred,
        );
        text.extend_from_slice(rest.as_bytes());
    }
    text.extend_from_slice(b"]}");
    String::from_utf8_lossy(&text).into_owned()
}
