//! The `syslog` shape: messages by RFC 5424 or RFC 3164, or as a file keeps them, without their priority.
//!
//! Programs and texts as in the real `text/Linux_2k.log`; structured data as in the examples of RFC 5424, 6.3.5.

mod words;

use words::{APPS, FACILITIES, FAILURE, SEVERITIES};

use crate::about::{About, Lines};
use crate::arrivals::{DAY_KNOB, GAPS, Pace, Times};
use crate::columns::{Column, Columns, Plan};
use crate::draws::Draws;
use crate::knobs::{Knob, Knobs, all_go_together};
use crate::page::Page;
use crate::sayings::{Details, ESCAPES, LONG, Oddness, Sayings, UNICODE};
use crate::stream::{Chunk, Shaped};
use crate::text::{Buffer, bsd_time, decimal, moment, padded, write_moment};
use crate::weights::Weights;

/// The mean time between two lines, in microseconds.
const MEAN_STEP: u64 = 50_000;

/// The most hosts that there can be.
const MOST_HOSTS: usize = 256;

/// The most bytes of a line by RFC 3164 (4.1).
const LONGEST_OLD: usize = 1024;

const FORMAT: Knob = Knob::choice(
    "format",
    &["rfc5424", "rfc3164", "file", "both"],
    "by which rule lines are written",
    "the standard's newer form",
);

const HOSTS: Knob = Knob::number(
    "hosts",
    8,
    1..=MOST_HOSTS as u64,
    "hosts",
    "how many hosts send, by Zipf's law",
    "invented; the real text/Linux_2k.log has one",
);

const STRUCTURED: Knob =
    Knob::share("structured", 300, "lines by RFC 5424 that have structured data", "invented");

static PLAN: Plan = Plan {
    levels: &SEVERITIES,
    columns: &[
        Column { key: "facilities", names: FACILITIES.len(), name: |place| FACILITIES[place].to_owned() },
        Column { key: "hosts", names: MOST_HOSTS, name: |place| format!("host-{place:03}") },
        Column { key: "apps", names: APPS.len(), name: |place| APPS[place].name.to_owned() },
    ],
    sums: &["structured", "rfc3164", "failures"],
    moment,
};

/// What a program says at one severity.
struct Voice {
    severity: u8,
    sayings: Sayings<1>,
    is_ascii: Vec<bool>,
    is_failure: Vec<bool>,
}

/// The shape, with its tables.
pub(crate) struct Syslog {
    pace: Pace,
    format: u64,
    structured_per_mille: u32,
    hosts: Weights,
    apps: Weights,
    voices: [(Weights, Vec<Voice>); APPS.len()],
}

impl Shaped for Syslog {
    type Facts = Columns;

    const CHUNK_RECORDS: u32 = 2048;

    const ABOUT: About = About {
        name: "syslog",
        title: "system log by RFC 5424, RFC 3164 or as a file keeps it, about 130 bytes a line",
        grammar: include_str!("about.txt"),
        source: "RFC 5424 and RFC 3164; programs, shares and texts near those of the real text/Linux_2k.log",
        lines: Lines::Text,
        knobs: &[FORMAT, HOSTS, STRUCTURED, DAY_KNOB, GAPS, ESCAPES, UNICODE, LONG],
        contradiction: all_go_together,
    };

    fn new(_: Draws, _: u64, knobs: &Knobs) -> Self {
        let oddness = Oddness::of(knobs);
        let voices = |app: &words::App| {
            let share =
                |(_, list): &(u8, &[(u32, [&str; 1])])| list.iter().map(|(share, _)| *share).sum::<u32>();
            let voice = |&(severity, list): &(u8, &'static [(u32, [&'static str; 1])])| Voice {
                severity,
                sayings: Sayings::tuned(list, oddness),
                is_ascii: list.iter().map(|(_, [text])| text.is_ascii()).collect(),
                is_failure: list.iter().map(|(_, [text])| text.starts_with(FAILURE)).collect(),
            };
            (Weights::new(app.says.iter().map(share)), app.says.iter().map(voice).collect())
        };
        Self {
            pace: Pace::of(Self::CHUNK_RECORDS, MEAN_STEP, knobs),
            format: knobs.get(&FORMAT),
            structured_per_mille: knobs.get(&STRUCTURED) as u32,
            hosts: Weights::zipf(knobs.get(&HOSTS) as usize, 0),
            apps: Weights::new(APPS.iter().map(|app| app.share)),
            voices: APPS.each_ref().map(voices),
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
        for index in 0..chunk.records {
            let place = self.apps.draw(draws);
            let (weights, voices) = &self.voices[place];
            let voice = &voices[weights.draw(draws)];
            let (saying, [said]) = voice.sayings.draw_index(draws);
            // RFC 3164 tells seconds, and so must the truth where all lines are of that kind.
            let micros = times.of(index) / self.resolution() * self.resolution();
            let is_new = match self.format {
                0 => true,
                1 | 2 => false,
                _ => !draws.per_mille(167),
            };
            let head = Head {
                micros,
                priority: APPS[place].facility * 8 + voice.severity,
                has_priority: self.format != 2,
                host: self.hosts.draw(draws) as u32,
                app: &APPS[place],
                pid: 100 + draws.below(32_000),
            };
            let is_structured = is_new && draws.per_mille(self.structured_per_mille);
            let out = page.out();
            let start = out.len();
            if is_new {
                head.write_new(out);
                if is_structured {
                    structured_data(draws, out);
                } else {
                    out.push(b'-');
                }
                out.push(b' ');
                if !voice.is_ascii[saying] {
                    out.extend_from_slice(b"\xef\xbb\xbf");
                }
            } else {
                head.write_old(out);
            }
            said.write(&Details::default(), draws, out);
            if !is_new && head.has_priority {
                cut(out, start + LONGEST_OLD);
            }
            out.push(b'\n');
            let bytes = (out.len() - start - 1) as u64;
            page.at(micros);
            page.end(|facts, number| {
                facts.record(micros, voice.severity.into(), number, bytes);
                facts.count(0, APPS[place].facility.into());
                facts.count(1, head.host as usize);
                facts.count(2, place);
                facts.add(0, is_structured.into());
                facts.add(1, (!is_new).into());
                facts.add(2, voice.is_failure[saying].into());
            });
        }
    }
}

/// Cuts a text at a length, or before the letter that is there.
fn cut(out: &mut Buffer, length: usize) {
    if out.len() > length {
        let goes_on = |&&byte: &&u8| byte & 0xc0 == 0x80;
        let letter = out[..=length].iter().rev().take_while(goes_on).count();
        out.truncate(length - letter);
    }
}

impl Syslog {
    /// Microseconds between two times that the log can tell apart.
    fn resolution(&self) -> u64 {
        if matches!(self.format, 1 | 2) { 1_000_000 } else { 1 }
    }
}

/// What stands before a text.
struct Head<'a> {
    micros: u64,
    priority: u8,
    has_priority: bool,
    host: u32,
    app: &'a words::App,
    pid: u32,
}

impl Head<'_> {
    fn write_priority(&self, out: &mut Buffer) {
        out.push(b'<');
        decimal(out, self.priority.into());
        out.push(b'>');
    }

    /// RFC 5424, up to the structured data.
    fn write_new(&self, out: &mut Buffer) {
        self.write_priority(out);
        out.extend_from_slice(b"1 ");
        write_moment(out, self.micros);
        out.extend_from_slice(b" host-");
        padded::<3>(out, self.host);
        out.push(b' ');
        out.extend_from_slice(self.app.name.as_bytes());
        out.push(b' ');
        if self.app.has_pid {
            decimal(out, self.pid);
        } else {
            out.push(b'-');
        }
        out.extend_from_slice(if self.pid.is_multiple_of(4) { b" ID47 " } else { b" - " });
    }

    /// RFC 3164, up to the text.
    fn write_old(&self, out: &mut Buffer) {
        if self.has_priority {
            self.write_priority(out);
        }
        out.extend_from_slice(&bsd_time(self.micros / 1_000_000));
        out.extend_from_slice(b" host-");
        padded::<3>(out, self.host);
        out.push(b' ');
        out.extend_from_slice(self.app.name.as_bytes());
        if self.app.has_pid {
            out.push(b'[');
            decimal(out, self.pid);
            out.push(b']');
        }
        out.extend_from_slice(b": ");
    }
}

/// One or two elements (RFC 5424, 6.3); 32473 is the enterprise number for examples (RFC 5612).
fn structured_data(draws: &mut Draws, out: &mut Buffer) {
    out.extend_from_slice(b"[meta@32473 seq=\"");
    decimal(out, draws.magnitude(20));
    out.extend_from_slice(b"\" source=\"");
    out.extend_from_slice([&b"Application"[..], b"Audit", b"Kernel"][draws.below(3) as usize]);
    out.extend_from_slice(b"\"]");
    if draws.per_mille(200) {
        out.extend_from_slice(br#"[note@32473 text="a \"quoted\" \] value \\ "]"#);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_cut_whole() {
        for (length, left) in
            [(10, "aé✓😀"), (9, "aé✓"), (7, "aé✓"), (6, "aé✓"), (5, "aé"), (2, "a"), (0, "")]
        {
            let mut text = "aé✓😀".as_bytes().to_vec();
            cut(&mut text, length);
            assert_eq!(str::from_utf8(&text).unwrap_or("no text"), left, "{length}");
        }
    }
}
