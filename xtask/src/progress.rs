//! What is running and when it will end: a bar on a terminal, plain lines elsewhere.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Between two plain lines at least this much time passes.
const BETWEEN_LINES: Duration = Duration::from_secs(20);

/// Progress of one stage.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    stage: String,
    total: u64,
    done: u64,
    began: Instant,
    told: Instant,
}

impl Progress {
    /// Begins a stage of `total` steps.
    pub fn begin(stage: &str, total: usize) -> Self {
        let total = total as u64;
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(4));
            let template = "{prefix} {bar:24} {pos}/{len}  {elapsed} so far, {eta} left  {wide_msg}";
            // The template is a constant; were it wrong, the plain style would serve.
            bar.set_style(
                ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
            );
            bar.set_prefix(stage.to_owned());
            bar
        });
        let now = Instant::now();
        if bar.is_none() {
            eprintln!("{stage}: {total} to do");
        }
        Self { bar, stage: stage.to_owned(), total, done: 0, began: now, told: now }
    }

    /// Says what is running now.
    pub fn running(&mut self, what: &str) {
        match &self.bar {
            Some(bar) => bar.set_message(what.to_owned()),
            None if self.told.elapsed() >= BETWEEN_LINES => {
                self.told = Instant::now();
                eprintln!("{}: {} of {}, {}, now {what}", self.stage, self.done, self.total, self.left());
            }
            None => {}
        }
    }

    /// One step is done.
    pub fn step(&mut self) {
        self.done += 1;
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    /// There are this many steps more than was thought.
    pub fn more(&mut self, steps: usize) {
        self.total += steps as u64;
        if let Some(bar) = &self.bar {
            bar.set_length(self.total);
        }
    }

    /// Prints a line that stays.
    pub fn tell(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => eprintln!("{line}"),
        }
    }

    fn left(&self) -> String {
        if self.done == 0 {
            return "time left unknown".to_owned();
        }
        let each = self.began.elapsed().as_secs_f64() / self.done as f64;
        format!("about {} left", seconds(each * self.total.saturating_sub(self.done) as f64))
    }

    /// Ends the stage.
    pub fn end(self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        eprintln!(
            "{}: {} of {} done in {}",
            self.stage,
            self.done,
            self.total,
            seconds(self.began.elapsed().as_secs_f64())
        );
    }
}

/// `42 s`, `3 min 5 s`, `1 h 20 min`.
pub fn seconds(seconds: f64) -> String {
    let whole = seconds.round().max(0.0) as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn durations_read_well() {
        assert_eq!(seconds(41.6), "42 s");
        assert_eq!(seconds(185.0), "3 min 5 s");
        assert_eq!(seconds(4_800.0), "1 h 20 min");
    }
}
