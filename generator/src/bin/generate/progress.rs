//! A bar on a terminal, for what takes longer than a moment.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use generator::Written;
use indicatif::{BinaryBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Nothing is shown before.
const PATIENCE: Duration = Duration::from_millis(500);

/// Between two looks at the bar at least this much time passes.
const STEP: Duration = Duration::from_millis(100);

/// How much of a corpus is written.
pub(crate) struct Progress {
    /// Whether there is anybody to see it.
    is_seen: bool,
    bar: Option<ProgressBar>,
    records: u64,
    began: Instant,
    looked: Instant,
    /// What was written of the files before this one.
    before: Written,
    now: Written,
}

impl Progress {
    /// Begins. Only a terminal shows a bar, and not one that the log itself is written to.
    pub(crate) fn begin(records: u64, log_is_stdout: bool) -> Self {
        let is_seen = io::stderr().is_terminal() && !(log_is_stdout && io::stdout().is_terminal());
        let began = Instant::now();
        let (before, now) = (Written::default(), Written::default());
        Self { is_seen, bar: None, records, began, looked: began, before, now }
    }

    /// Notes how much of the present file is written.
    pub(crate) fn set(&mut self, written: Written) {
        self.now = Written {
            records: self.before.records + written.records,
            bytes: self.before.bytes + written.bytes,
        };
        if !self.is_seen || self.looked.elapsed() < STEP || self.began.elapsed() < PATIENCE {
            return;
        }
        self.looked = Instant::now();
        let (records, began, now) = (self.records, self.began, self.now);
        let bar = self
            .bar
            .get_or_insert_with(|| new_bar(records).with_elapsed(began.elapsed()).with_position(now.records));
        let speed = self.now.bytes as f64 / self.began.elapsed().as_secs_f64();
        bar.set_message(format!("{}, {}/s", BinaryBytes(self.now.bytes), BinaryBytes(speed as u64)));
        bar.set_position(self.now.records);
    }

    /// Goes on to the next file.
    pub(crate) fn next_file(&mut self) {
        self.before = self.now;
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn new_bar(records: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(records), ProgressDrawTarget::stderr_with_hz(10));
    let template = "{bar:24} {percent:>3} %  {human_pos} of {human_len} records, {msg}, {eta} left";
    // The template is a constant; were it wrong, the plain style would serve.
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}
