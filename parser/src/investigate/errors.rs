//! Where errors began, how they spread, and what they touched.
//!
//! # What a root cause is
//!
//! Among entries with spans: an erring span, that is one with an entry of the level error or fatal, of which no
//! direct child errs. Its chain goes from it through its parents as long as these err; its depth counts all spans
//! above it. Of these the nearest 1,000 are walked, so that no log is beyond bounds. Root causes are ordered by depth,
//! deepest first, then by the time of their first error, then by their place in the files.
//!
//! Errors without a span are grouped by correlation, else by thread: the first of each group is a root cause of depth
//! 0, and all of the group are its chain. Errors without either stand alone.
//!
//! # Impact
//!
//! The share of spans (and of traces) that err; the deepest root cause; and the most root causes within one second.
//! Linear in the errors times the depth of their spans, with n log n for the order.

use std::io::{self, Write as _};

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::entries::Shorts;
use super::json::Json;
use super::lines::Lines;
use super::query::Query;
use super::search::{Page, search};
use super::tally::{counts, millis, top};
use crate::index::{Column, Ids, Index, List};
use crate::level::Level;
use crate::time::Time;

/// Where an error began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootCause {
    /// Its first error.
    pub entry: u32,
    /// How many spans there are above its own.
    pub depth: u32,
    /// The first error of each span that it spread to, from its own upwards; or all errors of its group.
    pub chain: Vec<u32>,
}

/// What errors come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorFlow {
    /// Entries that are errors or fatal.
    pub errors: usize,
    /// Where they began.
    pub causes: Vec<RootCause>,
    /// Spans that err, and all spans of the index.
    pub spans: (usize, usize),
    /// Traces with errors, and all traces of the index.
    pub traces: (usize, usize),
    /// The most root causes whose first errors lie within one second.
    pub concurrent: usize,
    /// The services with errors, those with most first.
    pub services: Vec<(String, u64)>,
    /// The templates of messages of root causes, the most frequent first.
    pub templates: Vec<(String, u64)>,
}

/// The most spans above a span that are walked.
const HIGHEST: u32 = 1000;

/// Entries of a span among which its parent is looked for each time.
const FEW: usize = 8;

/// Traces the errors that fit a query to where they began.
///
/// # Errors
/// What reading the files or a saved index gives.
pub fn errors(index: &Index, query: &Query) -> io::Result<ErrorFlow> {
    let mut query = query.clone();
    query.min_level = query.min_level.max(Some(Level::Error));
    let erring = search(index, &query, Page::ALL)?.entries;
    let mut spans = Spans::new(index)?;
    let mut spanless = Vec::new();
    let mut in_order: Vec<Erring> = Vec::with_capacity(erring.len());
    let mut places: Erred = HashMap::with_capacity_and_hasher(erring.len(), RandomState::default());
    for &entry in &erring {
        match spans.key(entry) {
            Some(key) => {
                places.entry(key).or_insert_with(|| {
                    in_order.push(Erring::new(entry, key, spans.parent(key)));
                    (entry, in_order.len() - 1)
                });
            }
            None => spanless.push(entry),
        }
    }
    for at in 0..in_order.len() {
        let parent = in_order[at].parent.and_then(|parent| places.get(&parent));
        let up = parent.map(|&(_, place)| place);
        in_order[at].up = up;
        if let Some(up) = up.filter(|&up| up != at) {
            in_order[up].above = true;
        }
    }
    mark_firsts_of_circles(&mut in_order);
    let mut causes = Vec::new();
    for span in &in_order {
        // Where parents lead in a circle of errors, the one that erred first is taken for the cause.
        if !span.above || span.circles_first {
            causes.push(cause(&mut spans, span.key, span.parent, &places));
        }
    }
    causes.extend(spanless_causes(index, &spanless)?);
    let moments = index.moments()?;
    // Asked once for each cause, and not for each comparison.
    causes.sort_by_cached_key(|cause| {
        (std::cmp::Reverse(cause.depth), moments.order(cause.entry), cause.entry)
    });
    let starts: Vec<u32> = causes.iter().map(|cause| cause.entry).collect();
    let traces = super::follow::distinct(index, Column::Trace, &erring)?;
    Ok(ErrorFlow {
        errors: erring.len(),
        spans: (in_order.len(), index.names(Column::Span)?.len()),
        traces: (traces, index.names(Column::Trace)?.len()),
        concurrent: concurrent(starts.iter().filter_map(|&entry| moments.time(entry)).collect()),
        services: top(index, Column::Service, &erring)?,
        templates: top(index, Column::Template, &starts)?,
        causes,
    })
}

/// A span that errs.
struct Erring {
    /// Its first error.
    entry: u32,
    key: (u32, u32),
    parent: Option<(u32, u32)>,
    /// The place of its parent among the spans that err, if it is one.
    up: Option<usize>,
    /// Whether a child of it errs too.
    above: bool,
    /// Whether its parents lead back to it through errors only, and it erred first of these.
    circles_first: bool,
}

impl Erring {
    fn new(entry: u32, key: (u32, u32), parent: Option<(u32, u32)>) -> Self {
        Self { entry, key, parent, up: None, above: false, circles_first: false }
    }
}

/// Marks of each circle the span that comes first in the index. Each span is walked over once.
fn mark_firsts_of_circles(spans: &mut [Erring]) {
    // From which start each was reached first, counted from 1.
    let mut reached = vec![0; spans.len()];
    for start in 0..spans.len() {
        let mut next = Some(start);
        while let Some(at) = next.filter(|&at| reached[at] == 0) {
            reached[at] = start + 1;
            next = spans[at].up;
        }
        let Some(met) = next.filter(|&at| reached[at] == start + 1) else { continue };
        let around = std::iter::successors(Some(met), |&at| spans[at].up.filter(|&up| up != met));
        if let Some(first) = around.min_by_key(|&at| spans[at].entry) {
            spans[first].circles_first = true;
        }
    }
}

/// The first error of each span that errs, and its place among them, by its trace and itself.
type Erred = HashMap<(u32, u32), (u32, usize), RandomState>;

/// The span columns, and ways along them.
struct Spans<'i> {
    ids: &'i Ids,
    parents: &'i Ids,
    traces: &'i Ids,
    /// The parents of spans with many entries, or in many traces, that were asked for.
    known: HashMap<(u32, u32), Option<(u32, u32)>, RandomState>,
}

impl<'i> Spans<'i> {
    fn new(index: &'i Index) -> io::Result<Self> {
        Ok(Self {
            ids: index.ids(Column::Span)?,
            parents: index.ids(Column::Parent)?,
            traces: index.ids(Column::Trace)?,
            known: HashMap::default(),
        })
    }

    /// The trace and span of an entry, if it has a span.
    fn key(&self, entry: u32) -> Option<(u32, u32)> {
        let span = self.ids.get(entry);
        (span != 0).then(|| (self.traces.get(entry), span))
    }

    /// The parent of a span: the first that its entries name, in the order of the index.
    fn parent(&mut self, key: (u32, u32)) -> Option<(u32, u32)> {
        let (trace, span) = key;
        let list = self.ids.postings().list(span);
        let of_span = |entry| self.traces.get(entry) == trace;
        if list.len() <= FEW {
            return self.named(&list, trace, of_span);
        }
        if let Some(parent) = self.known.get(&key) {
            return *parent;
        }
        let of_trace = self.traces.postings().list(trace);
        let parent = if of_trace.len() < list.len() {
            self.named(&of_trace, trace, |entry| self.ids.get(entry) == span)
        } else {
            self.named(&list, trace, of_span)
        };
        self.known.insert(key, parent);
        parent
    }

    /// The first parent that some entries name, of those that are asked.
    fn named(&self, list: &List<'_>, trace: u32, is_asked: impl Fn(u32) -> bool) -> Option<(u32, u32)> {
        let mut entries = (0..list.len()).map(|at| list.get(at)).filter(|&entry| is_asked(entry));
        entries.find_map(|entry| match self.parents.get(entry) {
            0 => None,
            parent => Some((trace, parent)),
        })
    }
}

fn cause(spans: &mut Spans<'_>, key: (u32, u32), parent: Option<(u32, u32)>, erred: &Erred) -> RootCause {
    let first = |key: (u32, u32)| erred.get(&key).map(|&(entry, _)| entry);
    let entry = first(key).unwrap_or(0);
    let mut chain = vec![entry];
    let mut errs = true;
    let (mut depth, mut above) = (0, parent);
    while let Some(at) = above.filter(|&at| at != key && depth < HIGHEST) {
        let error = first(at);
        // A parent that has no entries is not counted: nothing is known of it.
        if error.is_none() && spans.ids.postings().list(at.1).len() == 0 {
            break;
        }
        depth += 1;
        errs &= error.is_some();
        if let Some(error) = error.filter(|_| errs) {
            if chain.len() > 1 && chain.contains(&error) {
                break;
            }
            chain.push(error);
        }
        above = spans.parent(at);
    }
    RootCause { entry, depth, chain }
}

/// The causes of errors without spans: the first of each correlation, else thread.
fn spanless_causes(index: &Index, entries: &[u32]) -> io::Result<Vec<RootCause>> {
    let (correlations, threads) = (index.ids(Column::Correlation)?, index.ids(Column::Thread)?);
    let mut places: HashMap<(bool, u32), usize, RandomState> = HashMap::default();
    let mut causes: Vec<RootCause> = Vec::new();
    for &entry in entries {
        let group = match (correlations.get(entry), threads.get(entry)) {
            (0, 0) => None,
            (0, thread) => Some((false, thread)),
            (correlation, _) => Some((true, correlation)),
        };
        let new = causes.len();
        let place = group.map_or(new, |group| *places.entry(group).or_insert(new));
        match causes.get_mut(place) {
            Some(cause) => cause.chain.push(entry),
            None => causes.push(RootCause { entry, depth: 0, chain: vec![entry] }),
        }
    }
    Ok(causes)
}

/// The most of some times that lie within one second.
fn concurrent(mut times: Vec<Time>) -> usize {
    times.sort_unstable();
    let mut start = 0;
    let mut most = 0;
    for end in 0..times.len() {
        while times[end].nanos().abs_diff(times[start].nanos()) >= 1_000_000_000 {
            start += 1;
        }
        most = most.max(end + 1 - start);
    }
    most
}

impl ErrorFlow {
    /// The answer as JSON, with the first `limit` causes.
    ///
    /// # Errors
    /// What the files or a saved index give.
    pub fn json(&self, index: &Index, limit: usize) -> io::Result<Json> {
        let mut causes = Vec::new();
        for cause in self.causes.iter().take(limit) {
            let shown: Vec<u32> = cause.chain.iter().copied().take(CHAIN).collect();
            let chain = super::entries_json(index, &shown, super::Detail::Compact)?;
            let mut span = Json::Null;
            if let Some(name) = index.name(Column::Span, cause.entry)? {
                span = Json::text(name);
            }
            causes.push(Json::object([
                ("span", span),
                ("line", index.line(cause.entry)?.into()),
                ("depth", cause.depth.into()),
                ("spread_to", (cause.chain.len() - 1).into()),
                ("chain", Json::List(chain)),
            ]));
        }
        let share = |(part, whole): (usize, usize)| {
            let share = if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
            Json::object([("affected", part.into()), ("total", whole.into()), ("share", share.into())])
        };
        Ok(Json::object([
            ("errors", self.errors.into()),
            ("root_causes", self.causes.len().into()),
            ("spans", share(self.spans)),
            ("traces", share(self.traces)),
            ("deepest", self.causes.iter().map(|cause| cause.depth).max().into()),
            ("most_within_a_second", self.concurrent.into()),
            ("services", counts(&self.services)),
            ("templates", counts(&self.templates)),
            ("causes", Json::List(causes)),
        ]))
    }

    /// Writes the answer as text, with the first `limit` causes.
    ///
    /// # Errors
    /// What the files, a saved index or `out` give.
    pub fn write_text(&self, index: &Index, limit: usize, out: &mut dyn io::Write) -> io::Result<()> {
        writeln!(out, "{} errors, {} root causes", self.errors, self.causes.len())?;
        let (spans, traces) = (self.spans, self.traces);
        writeln!(out, "affected: {} of {} spans, {} of {} traces", spans.0, spans.1, traces.0, traces.1)?;
        writeln!(out, "most root causes within a second: {}", self.concurrent)?;
        for (what, most) in [("services", &self.services), ("root causes say", &self.templates)] {
            writeln!(out, "{what}:")?;
            for (name, count) in most.iter().take(10) {
                writeln!(out, "  {count:>8}  {}", super::entries::printable(name))?;
            }
        }
        let mut shorts = Shorts::new(index)?;
        let moments = index.moments()?;
        Lines::to(out, |lines| {
            for cause in self.causes.iter().take(limit) {
                writeln!(lines, "root cause at depth {}, spread to {}:", cause.depth, cause.chain.len() - 1)?;
                let shown: Vec<u32> = cause.chain.iter().copied().take(CHAIN).collect();
                index.show(&shown, |shown| {
                    let after = moments.order(shown.entry).nanos() - moments.order(cause.entry).nanos();
                    write!(lines, "  {:+.3} ms  ", after.signum() as f64 * millis(after.unsigned_abs()))?;
                    shorts.write(&shown, lines)
                })?;
            }
            Ok(())
        })?;
        let left = self.causes.len().saturating_sub(limit);
        if left > 0 {
            writeln!(out, "… {left} more root causes")?;
        }
        Ok(())
    }
}

/// Entries of a chain that are shown.
const CHAIN: usize = 20;
