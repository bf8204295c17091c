//! The `flat` shape: a plain application log as the public benchmarks of a log investigation engine (logler 1.3)
//! generate it, for comparisons with its figures. Everything is uniform there; [`crate::app`] is the shape that is
//! true to life.

use crate::about::{About, Lines};
use crate::arrivals::{EPOCH, Pace, Stretch, Times};
use crate::columns::{Column, Columns, Plan};
use crate::draws::{Draws, scramble};
use crate::knobs::{Knob, Knobs, all_go_together};
use crate::page::Page;
use crate::sayings::{Details, Sayings, hex_word, milliseconds};
use crate::spans::{OpenSpan, OpenSpans};
use crate::stream::{Chunk, Shaped};
use crate::text::{Buffer, moment, padded, write_moment};
use crate::weights::Weights;

/// The shortest and the longest time between two lines, in microseconds.
const STEPS: [u32; 2] = [500, 5_000];

const MEAN_STEP: u64 = u64::midpoint(STEPS[0] as u64, STEPS[1] as u64);

const THREADS: u32 = 10;
const CORRELATIONS: u32 = 20;

/// A parent is one of so many spans before.
const RECENT: u32 = OpenSpans::REACH as u32;

const LEVELS: [&str; 4] = ["DEBUG", "INFO", "WARN", "ERROR"];

const SERVICES: [&str; 5] =
    ["api-gateway", "user-service", "order-service", "payment-service", "mail-service"];

const ERRORS: Knob = Knob::share("errors", 100, "lines of the level ERROR", "that of the benchmarks");

const SERVICE_COUNT: Knob = Knob::number(
    "services",
    1,
    1..=5,
    "services",
    "services that share the correlations",
    "that of the benchmarks",
);

const SPANS: Knob =
    Knob::choice("spans", &["none", "all"], "whether lines have spans", "that of the benchmarks");

const DEBUGS: &[(u32, [&str; 1])] = &[(1, ["Cache lookup for key user:<n> in region eu-<n>, entry valid"])];

const INFOS: &[(u32, [&str; 1])] = &[
    (1, ["Request to <path> processed for user <user> by handler <word>"]),
    (1, ["Database query for <word> completed, <n> rows were returned"]),
    (1, ["Order <hex> was accepted and queued for <word> by <user>"]),
];

const WARNS: &[(u32, [&str; 1])] = &[
    (1, ["Slow response from the upstream named <word>: attempt <n>"]),
    (1, ["Retry number <n> of the call to <path>, pool nearly empty"]),
];

/// The first tells of a time-out.
const ERROR_TEXTS: &[(u32, [&str; 1])] = &[
    (1, ["Connection timeout after <n> ms waiting for the database <word>"]),
    (1, ["Failed to process the order <hex>: payment declined by the bank"]),
    (1, ["Unhandled exception in handler of <path>: KeyError at <word>"]),
];

/// Whether lines have spans.
pub(crate) fn has_spans(knobs: &Knobs) -> bool {
    knobs.get(&SPANS) == 1
}

static PLAN: Plan = Plan {
    levels: &LEVELS,
    columns: &[
        Column { key: "threads", names: THREADS as usize, name: |place| format!("worker-{place:03}") },
        Column { key: "correlations", names: CORRELATIONS as usize, name: |place| format!("req-{place:06}") },
        Column { key: "services", names: SERVICES.len(), name: |place| SERVICES[place].to_owned() },
    ],
    sums: &["spans", "parents", "timeouts"],
    moment,
};

/// The shape, with its tables.
pub(crate) struct Flat {
    /// In a mixed log, that of the whole.
    pace: Option<Pace>,
    salt: u32,
    levels: Weights,
    sayings: [Sayings<1>; 4],
    services: u32,
    has_spans: bool,
}

impl Shaped for Flat {
    type Facts = Columns;

    const CHUNK_RECORDS: u32 = 1024;

    const ABOUT: About = About {
        name: "flat",
        title: "plain application log as another benchmark has it, JSON, about 232 bytes a line",
        grammar: include_str!("about.txt"),
        source: "the generator in the benchmarks of logler 1.3, as its source says: shares, counts, steps and span rule are \
            its; the messages are not",
        lines: Lines::Json,
        knobs: &[ERRORS, SERVICE_COUNT, SPANS],
        contradiction: all_go_together,
    };

    fn new(_: Draws, seed: u64, knobs: &Knobs) -> Self {
        let errors = knobs.get(&ERRORS) as u32;
        // The others keep their proportion to each other.
        let others = 1000 - errors;
        Self {
            pace: None,
            salt: scramble(seed) as u32,
            levels: Weights::new([others, others * 6, others * 2, errors * 9]),
            sayings: [DEBUGS, INFOS, WARNS, ERROR_TEXTS].map(Sayings::new),
            services: knobs.get(&SERVICE_COUNT) as u32,
            has_spans: has_spans(knobs),
        }
    }

    fn set_pace(&mut self, pace: Pace) {
        self.pace = Some(pace);
    }

    fn facts(&self) -> Columns {
        Columns::new(&PLAN)
    }

    fn write_chunk(&self, chunk: &Chunk, draws: &mut Draws, page: &mut Page<'_, Columns>) {
        let whole = self.pace.map_or(Self::CHUNK_RECORDS, |pace| pace.records);
        let first = chunk.number * u64::from(whole);
        let next = first + u64::from(whole);
        let steady = Stretch { start: EPOCH + first * MEAN_STEP, end: EPOCH + next * MEAN_STEP };
        let stretch = self.pace.map_or(steady, |pace| pace.stretch(chunk.number));
        let times = Times::draw(stretch, whole, || STEPS[0] + draws.below(STEPS[1] - STEPS[0] + 1));
        for index in 0..chunk.records {
            let (record, micros) = (first + u64::from(index), times.of(index));
            let level = self.levels.draw(draws);
            let (thread, correlation) = (draws.below(THREADS), draws.below(CORRELATIONS));
            let service = draws.below(self.services) as usize;
            let (saying, [said]) = self.sayings[level].draw_index(draws);
            let has_parent = self.has_spans && draws.below(1000) < 600;
            let back = if has_parent { 1 + u64::from(draws.below(RECENT)) } else { 0 };
            let parent = record.checked_sub(back).filter(|_| has_parent);

            let out = page.out();
            let start = out.len();
            out.extend_from_slice(br#"{"timestamp":""#);
            write_moment(out, micros);
            out.extend_from_slice(br#"","level":""#);
            out.extend_from_slice(LEVELS[level].as_bytes());
            out.extend_from_slice(br#"","thread_id":"worker-"#);
            padded::<3>(out, thread);
            out.extend_from_slice(br#"","correlation_id":"req-"#);
            padded::<6>(out, correlation);
            out.extend_from_slice(br#"","service":""#);
            out.extend_from_slice(SERVICES[service].as_bytes());
            out.extend_from_slice(br#"","message":""#);
            said.write(&Details::default(), draws, out);
            out.extend_from_slice(br#"","duration_ms":"#);
            milliseconds(out, 500 + draws.below(499_500));
            if self.has_spans {
                self.span(out, br#","span_id":"span-"#, record);
            }
            if let Some(parent) = parent {
                self.span(out, br#","parent_span_id":"span-"#, parent);
            }
            out.extend_from_slice(b"}\n");
            let bytes = (out.len() - start - 1) as u64;
            page.at(micros);
            let is_counted = page.end(|facts, number| {
                facts.record(micros, level, number, bytes);
                facts.count(0, thread as usize);
                facts.count(1, correlation as usize);
                facts.count(2, service);
                facts.add(0, self.has_spans.into());
                facts.add(1, parent.is_some().into());
                facts.add(2, (level == 3 && saying == 0).into());
            });
            if is_counted && self.has_spans {
                page.open_span(|| OpenSpan {
                    id: self.id(record),
                    parent: parent.map(|parent| self.id(parent)),
                    record,
                    micros,
                    service: SERVICES[service],
                    error: level == LEVELS.len() - 1,
                });
            }
        }
    }
}

impl Flat {
    /// The span of a record: a bijection of its number, so that no two records share one.
    fn id(&self, record: u64) -> u32 {
        (record as u32).wrapping_mul(0x9e37_79b1) ^ self.salt
    }

    /// Appends a key with the span of a record.
    fn span(&self, out: &mut Buffer, key: &[u8], record: u64) {
        out.extend_from_slice(key);
        hex_word(out, self.id(record));
        out.push(b'"');
    }
}
