//! The `jobs` shape: rows of a table of background jobs, as JSON lines or, with the feature `sqlite`, as a database.
//!
//! The shares of the statuses are those of the jobs database in the benchmarks of logler 1.3; all else is invented.

#[cfg(feature = "sqlite")]
pub(crate) mod database;

use crate::about::{About, Lines};
use crate::arrivals::{DAY_KNOB, GAPS, Pace, Times, storm};
use crate::columns::{Column, Columns, Plan};
use crate::draws::Draws;
use crate::knobs::{Knob, Knobs, all_go_together};
use crate::lognormal::LogNormal;
use crate::page::Page;
use crate::sayings::{Details, Sayings};
use crate::stream::{Chunk, Shaped};
use crate::text::{Buffer, decimal, moment, padded, write_moment};
use crate::weights::Weights;
use crate::zipf::Zipf;

/// The mean time between two jobs, in microseconds.
const MEAN_STEP: u64 = 100_000;

const CORRELATIONS: u32 = 512;

/// A job is tried at most so many times.
const ATTEMPTS: u32 = 5;

/// From being created to being started, and from there to the end, in microseconds.
const WAIT: LogNormal = LogNormal::new(200_000, 1_500);
const RUN: LogNormal = LogNormal::new(800_000, 1_200);

const FAILED: Knob = Knob::share(
    "failed",
    150,
    "jobs that failed; the other statuses keep their proportions",
    "that of the benchmarks of logler 1.3",
);

const STORM: Knob = Knob::share(
    "storm",
    500,
    "jobs that failed while a storm of errors blew, in an eighth of all stretches of 8,192 rows",
    "invented",
);

/// Statuses but the last in the proportions of the benchmarks, for when a job did not fail.
const STATUSES: [&str; 5] = ["completed", "pending", "running", "cancelled", "failed"];
const SHARES: [u32; 4] = [65, 10, 5, 5];
const FAILED_STATUS: usize = 4;

const QUEUES: [&str; 5] = ["default", "mail", "billing", "import", "low"];

const KINDS: [&str; 8] = [
    "send_mail",
    "charge_card",
    "resize_image",
    "import_prices",
    "sync_stock",
    "build_report",
    "expire_carts",
    "index_search",
];

const ERRORS: [(&str, u32, &str); 5] = [
    ("timeout", 40, "timeout after <n> ms calling <word>"),
    ("refused", 20, "connection refused by <ip>:<port>"),
    ("invalid", 20, r#"invalid payload: \"<word>\" at byte <n>"#),
    ("unhandled", 15, r"KeyError: <word>\n\tat jobs.run"),
    ("out_of_memory", 5, "killed at <big> bytes"),
];

const NOTES: &[(u32, [&str; 1])] =
    &[(60, ["<word>"]), (20, ["für José ✓ <user>"]), (15, [r#"said \"<word>\"\tand left"#]), (1, ["<long>"])];

static PLAN: Plan = Plan {
    levels: &[],
    columns: &[
        Column { key: "statuses", names: STATUSES.len(), name: |place| STATUSES[place].to_owned() },
        Column { key: "queues", names: QUEUES.len(), name: |place| QUEUES[place].to_owned() },
        Column { key: "kinds", names: KINDS.len(), name: |place| KINDS[place].to_owned() },
        Column { key: "correlations", names: CORRELATIONS as usize, name: |place| format!("req-{place:06}") },
        Column { key: "errors", names: ERRORS.len(), name: |place| ERRORS[place].0.to_owned() },
    ],
    sums: &["attempts", "waited_us", "ran_us", "retried"],
    moment,
};

/// The shape, with its tables.
pub(crate) struct Jobs {
    pace: Pace,
    seed: u64,
    failed_per_mille: u32,
    storm_per_mille: u32,
    statuses: Weights,
    queues: Weights,
    kinds: Weights,
    correlations: Zipf,
    errors: Weights,
    error_texts: Sayings<1>,
    notes: Sayings<1>,
}

/// What a row says but for its texts.
struct Job {
    status: usize,
    queue: usize,
    kind: usize,
    correlation: u32,
    attempts: u32,
    created: u64,
    started: Option<u64>,
    finished: Option<u64>,
    error: Option<usize>,
}

impl Shaped for Jobs {
    type Facts = Columns;

    const CHUNK_RECORDS: u32 = 1024;

    const ABOUT: About = About {
        name: "jobs",
        title: "rows of a table of jobs, JSON or SQLite, about 375 bytes a row",
        grammar: include_str!("about.txt"),
        source: "tables of background jobs; the statuses' shares are those of the jobs database in the benchmarks of \
            logler 1.3, the rest is invented",
        lines: Lines::Json,
        knobs: &[FAILED, STORM, DAY_KNOB, GAPS],
        contradiction: all_go_together,
    };

    fn new(_: Draws, seed: u64, knobs: &Knobs) -> Self {
        const TEXTS: [(u32, [&str; 1]); ERRORS.len()] = [
            (1, [ERRORS[0].2]),
            (1, [ERRORS[1].2]),
            (1, [ERRORS[2].2]),
            (1, [ERRORS[3].2]),
            (1, [ERRORS[4].2]),
        ];
        Self {
            pace: Pace::of(Self::CHUNK_RECORDS, MEAN_STEP, knobs),
            seed,
            failed_per_mille: knobs.get(&FAILED) as u32,
            storm_per_mille: knobs.get(&STORM) as u32,
            statuses: Weights::new(SHARES),
            queues: Weights::zipf(QUEUES.len(), 0),
            kinds: Weights::zipf(KINDS.len(), 1),
            correlations: Zipf::new(CORRELATIONS),
            errors: Weights::new(ERRORS.map(|(_, weight, _)| weight)),
            error_texts: Sayings::new(&TEXTS),
            notes: Sayings::new(NOTES),
        }
    }

    fn facts(&self) -> Columns {
        Columns::new(&PLAN)
    }

    fn write_chunk(&self, chunk: &Chunk, draws: &mut Draws, page: &mut Page<'_, Columns>) {
        let first = chunk.number * u64::from(Self::CHUNK_RECORDS);
        let times = Times::bursts(self.pace, chunk.number, draws);
        let stormy = storm(self.seed, chunk.number).map(|_| self.storm_per_mille);
        let failed_per_mille = stormy.unwrap_or(0).max(self.failed_per_mille);
        for index in 0..chunk.records {
            let job = self.draw(draws, times.of(index), failed_per_mille);
            self.write(&job, first + u64::from(index) + 1, draws, page.out());
            page.end(|facts, _| {
                facts.time(job.created);
                facts.count(0, job.status);
                facts.count(1, job.queue);
                facts.count(2, job.kind);
                facts.count(3, job.correlation as usize);
                if let Some(error) = job.error {
                    facts.count(4, error);
                }
                facts.add(0, job.attempts.into());
                facts.add(1, job.started.map_or(0, |started| started - job.created));
                facts.add(
                    2,
                    job.started.zip(job.finished).map_or(0, |(started, finished)| finished - started),
                );
                facts.add(3, (job.attempts > 1).into());
            });
        }
    }
}

impl Jobs {
    fn draw(&self, draws: &mut Draws, created: u64, failed_per_mille: u32) -> Job {
        let has_failed = draws.per_mille(failed_per_mille);
        let status = if has_failed { FAILED_STATUS } else { self.statuses.draw(draws) };
        let attempts = match STATUSES[status] {
            "pending" => 0,
            "failed" if draws.per_mille(800) => ATTEMPTS,
            "failed" => 1 + draws.below(ATTEMPTS),
            // Most do it at the first attempt.
            _ => 1 + draws.below(16).saturating_sub(12),
        };
        let started = (attempts > 0).then(|| created + u64::from(WAIT.draw(draws)));
        let has_ended = !matches!(STATUSES[status], "pending" | "running");
        let finished = started.filter(|_| has_ended).map(|started| started + u64::from(RUN.draw(draws)));
        Job {
            status,
            queue: self.queues.draw(draws),
            kind: self.kinds.draw(draws),
            correlation: self.correlations.draw(draws),
            attempts,
            created,
            started,
            finished,
            error: has_failed.then(|| self.errors.draw(draws)),
        }
    }

    fn write(&self, job: &Job, id: u64, draws: &mut Draws, out: &mut Buffer) {
        let none = Details::default();
        // At most 2^32 rows.
        out.extend_from_slice(br#"{"id":"#);
        match u32::try_from(id) {
            Ok(id) => decimal(out, id),
            Err(_) => out.extend_from_slice(id.to_string().as_bytes()),
        }
        text(out, br#","queue":""#, QUEUES[job.queue]);
        text(out, br#","kind":""#, KINDS[job.kind]);
        text(out, br#","status":""#, STATUSES[job.status]);
        out.extend_from_slice(br#","priority":"#);
        decimal(out, draws.below(10));
        out.extend_from_slice(br#","attempts":"#);
        decimal(out, job.attempts);
        out.extend_from_slice(br#","worker":"#);
        if job.attempts == 0 {
            out.extend_from_slice(b"null");
        } else {
            out.extend_from_slice(b"\"worker-");
            padded::<3>(out, draws.below(16));
            out.push(b'"');
        }
        out.extend_from_slice(br#","correlation_id":"req-"#);
        padded::<6>(out, job.correlation);
        out.push(b'"');
        time(out, br#","created_at":"#, Some(job.created));
        time(out, br#","started_at":"#, job.started);
        time(out, br#","finished_at":"#, job.finished);
        out.extend_from_slice(br#","error":"#);
        match job.error {
            None => out.extend_from_slice(b"null"),
            Some(error) => {
                text(out, b"\"", ERRORS[error].0);
                // The quote that closes the kind becomes what stands between it and the text.
                out.pop();
                out.extend_from_slice(b": ");
                let [said] = self.error_texts.at(error);
                said.write(&none, draws, out);
                out.push(b'"');
            }
        }
        out.extend_from_slice(br#","payload":{"user":"u-"#);
        decimal(out, draws.magnitude(16));
        out.extend_from_slice(br#"","items":["#);
        for item in 0..=draws.below(3) {
            if item > 0 {
                out.push(b',');
            }
            decimal(out, draws.magnitude(16));
        }
        out.extend_from_slice(br#"],"total":"#);
        let cents = draws.magnitude(20);
        decimal(out, cents / 100);
        out.push(b'.');
        padded::<2>(out, cents % 100);
        out.extend_from_slice(br#","note":""#);
        let [note] = self.notes.draw(draws);
        note.write(&none, draws, out);
        out.extend_from_slice(b"\"}}\n");
    }
}

/// Appends a key with a string; its opening has the string's first quote.
fn text(out: &mut Buffer, opening: &[u8], text: &str) {
    out.extend_from_slice(opening);
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// Appends a key with a time or null.
fn time(out: &mut Buffer, opening: &[u8], micros: Option<u64>) {
    out.extend_from_slice(opening);
    match micros {
        Some(micros) => {
            out.push(b'"');
            write_moment(out, micros);
            out.push(b'"');
        }
        None => out.extend_from_slice(b"null"),
    }
}
