//! What is known of the span trees: edges, roots, depths, durations and self times, and where errors began.
//!
//! All of it is said of the lines that were written, as [`crate::spans`] has it, so that it is true of a log that ends
//! within a request, or is damaged, as well.

use std::io;

use super::vocabulary::{KINDS, SERVICES};
use super::walk::{Act, DEEPEST, Event, Walk};
use crate::counts::Counts;
use crate::spans::SpanLine;
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
    /// Durations of its children, together. They follow one another.
    children: u64,
    depth: u32,
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
    /// Spans whose parent has no line.
    orphans: u64,
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
            orphans: 0,
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

    /// Takes in a chunk, and writes a line for each of its spans where that is asked for.
    pub(super) fn add(
        &mut self,
        walk: &Walk,
        sight: &mut Sight,
        clocks: &Clocks<'_>,
        chunk: u64,
        lines: Option<&mut Buffer>,
    ) {
        // A child comes after its parent in the list, so one pass from the end has every child before its parent.
        for index in (0..walk.spans.len()).rev() {
            let (span, seen) = (walk.spans[index], sight.spans[index]);
            if let Some(parent) = span.parent.filter(|_| seen.lines > 0) {
                let above = &mut sight.spans[usize::from(parent)];
                if above.lines > 0 {
                    above.first = above.first.min(seen.first);
                    above.last = above.last.max(seen.last);
                }
                above.children += seen.duration();
                above.child_erred |= seen.erred;
            }
        }
        for index in 0..walk.spans.len() {
            let above = walk.spans[index].parent.map(|parent| sight.spans[usize::from(parent)]);
            sight.spans[index].depth =
                above.map_or(0, |above| if above.lines > 0 { above.depth + 1 } else { 0 });
        }
        let mut traces = vec![(0_u32, false); walk.traces.len()];
        for (span, seen) in walk.spans.iter().zip(&sight.spans).filter(|(_, seen)| seen.lines > 0) {
            let service = usize::from(span.service);
            self.depths.add(seen.depth as usize, 1);
            *(match (span.parent, seen.depth) {
                (None, _) => &mut self.roots,
                (Some(_), 0) => &mut self.orphans,
                _ => &mut self.edges,
            }) += 1;
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
        if let Some(lines) = lines {
            for (index, span) in walk.spans.iter().enumerate() {
                if sight.spans[index].lines > 0 {
                    let trace = trace_id(walk, span.trace.into());
                    tell(walk, sight, index, clocks, Some(&trace), lines);
                    lines.push(b'\n');
                }
            }
        }
        if self.examples.as_ref().is_none_or(|(first, _)| chunk < *first) {
            let seen = |trace: &usize| {
                let spans = || walk.spans.iter().zip(&sight.spans);
                spans().any(|(span, seen)| usize::from(span.trace) == *trace && seen.lines > 0)
            };
            let traces = (0..walk.traces.len()).filter(seen).take(EXAMPLES);
            let examples: Vec<String> = traces.map(|trace| example(walk, sight, trace, clocks)).collect();
            if !examples.is_empty() {
                self.examples = Some((chunk, examples));
            }
        }
    }

    /// Takes in what another part of the log has.
    pub(super) fn merge(&mut self, other: Self) {
        self.roots += other.roots;
        self.edges += other.edges;
        self.orphans += other.orphans;
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
        tree.number("orphans", self.orphans)?;
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

/// How to tell the time of a span.
pub(super) struct Clocks<'a> {
    /// When the chunk began, in microseconds since 1970.
    pub(super) start: u64,
    /// Microseconds that the clock of each service is ahead.
    pub(super) ahead: &'a [u64; SERVICES.len()],
}

/// One trace with its spans, as JSON.
fn example(walk: &Walk, sight: &Sight, trace: usize, clocks: &Clocks<'_>) -> String {
    let mut text = Buffer::new();
    text.extend_from_slice(br#"{"trace_id":""#);
    text.extend_from_slice(&trace_id(walk, trace));
    text.extend_from_slice(br#"","spans":["#);
    for index in 0..walk.spans.len() {
        if usize::from(walk.spans[index].trace) == trace && sight.spans[index].lines > 0 {
            tell(walk, sight, index, clocks, None, &mut text);
            text.push(b',');
        }
    }
    // An example has a span at least.
    text.pop();
    text.extend_from_slice(b"]}");
    String::from_utf8_lossy(&text).into_owned()
}

fn trace_id(walk: &Walk, trace: usize) -> Buffer {
    let mut id = Buffer::new();
    walk.traces[trace].id.iter().for_each(|half| hex(&mut id, *half));
    id
}

/// Appends a span, with the id of its trace where that is given.
fn tell(
    walk: &Walk,
    sight: &Sight,
    index: usize,
    clocks: &Clocks<'_>,
    trace: Option<&[u8]>,
    out: &mut Buffer,
) {
    let (span, seen) = (walk.spans[index], sight.spans[index]);
    let name = |id: u64| {
        let mut name = Buffer::new();
        hex(&mut name, id);
        name
    };
    let parent = span.parent.map(|parent| name(walk.spans[usize::from(parent)].id));
    let line = SpanLine {
        trace,
        id: &name(span.id),
        parent: parent.as_deref(),
        service: SERVICES[usize::from(span.service)],
        depth: seen.depth,
        records: seen.lines,
        start: clocks.start + clocks.ahead[usize::from(span.service)] + u64::from(seen.first),
        duration: seen.duration(),
        self_time: seen.self_time(),
        error: seen.erred,
        is_root_cause: seen.erred && !seen.child_erred,
    };
    line.write(out);
}
