//! The `text` shape: plain text as log4j and logback write it, with stack traces over many lines.
//!
//! Layouts: log4j's `%d{ISO8601} %p [%t] %c: %m%n` (Hadoop's), logback's `%d [%thread] %-5level %logger - %msg%n`, and
//! `ZooKeeper`'s `%d{ISO8601} - %-5p [%t:%C{1}@%L] - %m%n`; traces as `Throwable.printStackTrace` prints them.

mod words;

use words::{CALLS, EXCEPTIONS, LEVELS, LOGGERS, SAYINGS, SHARES, THREADS, base, thrown};

use crate::about::{About, Lines};
use crate::arrivals::{DAY_KNOB, GAPS, Pace, Times, storm};
use crate::columns::{Column, Columns, Plan};
use crate::draws::Draws;
use crate::knobs::{Knob, Knobs, all_go_together};
use crate::page::Page;
use crate::sayings::{Details, ESCAPES, LONG, Oddness, Sayings, Text, UNICODE};
use crate::stream::{Chunk, Shaped};
use crate::text::{Buffer, date_time, decimal, padded};
use crate::weights::Weights;

/// The mean time between two records, in microseconds.
const MEAN_STEP: u64 = 8_000;

/// The places of ERROR and of the levels from it up in [`LEVELS`].
const ERROR: usize = 3;

const LAYOUT: Knob = Knob::choice(
    "layout",
    &["log4j", "logback", "zookeeper"],
    "how the lines are laid out",
    "that of the real text/Hadoop_2k.log",
);

const STACKS: Knob =
    Knob::share("traces", 600, "records of ERROR and FATAL that a stack trace follows", "invented");

const STORM: Knob = Knob::share(
    "storm",
    330,
    "records that are errors while a storm blows, in an eighth of all stretches of 8,192 records",
    "invented",
);

static PLAN: Plan = Plan {
    levels: &LEVELS,
    columns: &[
        Column { key: "threads", names: THREADS.len(), name: |place| THREADS[place].to_owned() },
        Column {
            key: "loggers",
            names: LOGGERS.len(),
            name: |place| [LOGGERS[place].0, LOGGERS[place].1].concat(),
        },
        Column { key: "exceptions", names: EXCEPTIONS.len(), name: |place| EXCEPTIONS[place].0.to_owned() },
    ],
    sums: &["lines", "traces", "frames", "causes"],
    moment: |micros| moment(micros, b',').to_vec(),
};

fn moment(micros: u64, separator: u8) -> [u8; 23] {
    let mut text = Buffer::with_capacity(4);
    padded::<3>(&mut text, (micros / 1_000 % 1_000) as u32);
    let mut out = [separator; 23];
    out[..19].copy_from_slice(&date_time(micros / 1_000_000, b' '));
    out[20..].copy_from_slice(&text);
    out
}

/// The shape, with its tables.
pub(crate) struct TextLog {
    pace: Pace,
    seed: u64,
    layout: u64,
    traces_per_mille: u32,
    storm_per_mille: u32,
    levels: Weights,
    sayings: [Sayings<1>; LEVELS.len()],
    breaks: [Vec<u64>; LEVELS.len()],
    exceptions: [Text; EXCEPTIONS.len()],
}

/// What a stack trace adds up to.
#[derive(Clone, Copy, Default)]
struct Stack {
    /// The innermost cause, by its place in [`EXCEPTIONS`].
    root: usize,
    lines: u64,
    frames: u64,
    causes: u64,
}

impl Shaped for TextLog {
    type Facts = Columns;

    const CHUNK_RECORDS: u32 = 1024;

    const ABOUT: About = About {
        name: "text",
        title: "plain text of Java programs with stack traces, records of about 220 bytes",
        grammar: include_str!("about.txt"),
        source: "the layouts of log4j and logback; levels, loggers, threads and texts near those of the real \
            text/Hadoop_2k.log and text/Zookeeper_2k.log; traces as java.lang.Throwable prints them",
        lines: Lines::Text,
        knobs: &[LAYOUT, STACKS, STORM, DAY_KNOB, GAPS, ESCAPES, UNICODE, LONG],
        contradiction: all_go_together,
    };

    fn new(_: Draws, seed: u64, knobs: &Knobs) -> Self {
        let oddness = Oddness::of(knobs);
        let breaks = |text: &str| text.bytes().filter(|&byte| byte == b'\n').count() as u64;
        Self {
            pace: Pace::of(Self::CHUNK_RECORDS, MEAN_STEP, knobs),
            seed,
            layout: knobs.get(&LAYOUT),
            traces_per_mille: knobs.get(&STACKS) as u32,
            storm_per_mille: knobs.get(&STORM) as u32,
            levels: Weights::new(SHARES),
            sayings: SAYINGS.map(|list| {
                let texts: Vec<_> = list.iter().map(|&(share, _, _, text)| (share, [text])).collect();
                Sayings::tuned(&texts, oddness)
            }),
            breaks: SAYINGS.map(|list| list.iter().map(|(.., text)| breaks(text)).collect()),
            exceptions: EXCEPTIONS.map(|(_, text, _)| Text::new(text)),
        }
    }

    fn set_pace(&mut self, pace: Pace) {
        self.pace = pace;
    }

    fn facts(&self) -> Columns {
        Columns::new(&PLAN)
    }

    fn write_chunk(&self, chunk: &Chunk, draws: &mut Draws, page: &mut Page<'_, Columns>) {
        let times = Times::bursts(self.pace, chunk.number, draws);
        let storm_per_mille = storm(self.seed, chunk.number).map_or(0, |_| self.storm_per_mille);
        for index in 0..chunk.records {
            let micros = times.of(index);
            let level = if storm_per_mille > 0 && draws.per_mille(storm_per_mille) {
                ERROR
            } else {
                self.levels.draw(draws)
            };
            let (saying, [said]) = self.sayings[level].draw_index(draws);
            let (_, logger, threads, _) = SAYINGS[level][saying];
            let thread = threads[draws.below(threads.len() as u32) as usize];
            let has_trace = level >= ERROR && draws.per_mille(self.traces_per_mille);
            let out = page.out();
            let start = out.len();
            self.head(micros, level, thread, logger, out);
            said.write(&Details::default(), draws, out);
            out.push(b'\n');
            let stack = has_trace.then(|| self.stack(thread, draws, out));
            let bytes = (out.len() - start - 1) as u64;
            page.at(micros);
            page.end(|facts, number| {
                facts.record(micros, level, number, bytes);
                facts.count(0, thread);
                facts.count(1, logger);
                facts.add(0, 1 + self.breaks[level][saying]);
                if let Some(stack) = stack {
                    facts.count(2, stack.root);
                    facts.add(0, stack.lines);
                    facts.add(1, 1);
                    facts.add(2, stack.frames);
                    facts.add(3, stack.causes);
                }
            });
        }
    }
}

impl TextLog {
    /// Appends what stands before the text.
    fn head(&self, micros: u64, level: usize, thread: usize, logger: usize, out: &mut Buffer) {
        let (package, class) = LOGGERS[logger];
        let (level, thread) = (LEVELS[level], THREADS[thread]);
        let wide = |out: &mut Buffer| {
            out.extend_from_slice(level.as_bytes());
            out.extend_from_slice(&b"     "[level.len()..]);
        };
        match self.layout {
            1 => {
                out.extend_from_slice(&moment(micros, b'.'));
                for part in [" [", thread, "] "] {
                    out.extend_from_slice(part.as_bytes());
                }
                wide(out);
                for part in [" ", package, class, " - "] {
                    out.extend_from_slice(part.as_bytes());
                }
            }
            2 => {
                out.extend_from_slice(&moment(micros, b','));
                out.extend_from_slice(b" - ");
                wide(out);
                for part in [" [", thread, ":", class, "@"] {
                    out.extend_from_slice(part.as_bytes());
                }
                decimal(out, 100 + logger as u32 * 41);
                out.extend_from_slice(b"] - ");
            }
            _ => {
                out.extend_from_slice(&moment(micros, b','));
                for part in [" ", level, " [", thread, "] ", package, class, ": "] {
                    out.extend_from_slice(part.as_bytes());
                }
            }
        }
    }

    /// Appends a stack trace: the exception, its frames, and up to three causes. As Java prints it, a cause has only the
    /// frames that the trace around it has not, and tells how many they have in common.
    fn stack(&self, thread: usize, draws: &mut Draws, out: &mut Buffer) -> Stack {
        let causes = draws.below(8).saturating_sub(4);
        let (base, has_calls) = base(thread);
        let mut stack = Stack { causes: causes.into(), ..Stack::default() };
        let mut around = 0;
        for cause in 0..=causes {
            if cause > 0 {
                out.extend_from_slice(b"Caused by: ");
            }
            let among = thrown(has_calls, cause == causes);
            stack.root = among.start + draws.below(among.len() as u32) as usize;
            let (class, text, library) = EXCEPTIONS[stack.root];
            out.extend_from_slice(class.as_bytes());
            if !text.is_empty() {
                out.extend_from_slice(b": ");
                self.exceptions[stack.root].write(&Details::default(), draws, out);
            }
            out.push(b'\n');
            let mut frames = library.len() as u32;
            for call in library {
                frame(call, out);
            }
            let calls = if has_calls { 1 + draws.below(6) } else { 0 };
            let first = draws.below(CALLS.len() as u32 - calls) as usize;
            for call in &CALLS[first..first + calls as usize] {
                frame(call, out);
            }
            frames += calls;
            if cause == 0 {
                for call in base {
                    frame(call, out);
                }
                frames += base.len() as u32;
                around = frames;
            } else {
                // A cause has a frame of its own at least.
                if frames == 0 {
                    frame(base[0], out);
                    frames = 1;
                }
                let common = (around - 1).min(base.len() as u32 + draws.below(2));
                out.extend_from_slice(b"\t... ");
                decimal(out, common);
                out.extend_from_slice(b" more\n");
                stack.lines += 1;
                around = frames + common;
            }
            stack.frames += u64::from(frames);
            stack.lines += 1 + u64::from(frames);
        }
        stack
    }
}

fn frame(call: &str, out: &mut Buffer) {
    out.extend_from_slice(b"\tat ");
    out.extend_from_slice(call.as_bytes());
    out.push(b'\n');
}
