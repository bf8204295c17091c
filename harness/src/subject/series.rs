//! Figures over time, taken by a thread of its own beside the work. Never in a visit that is timed.
//!
//! The thread keeps at most [`MOST_POINTS`] points in memory that it was given before: when they are full, every other one is
//! dropped, and it looks half as often from then on.

use super::json::Object;
use super::scenario::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Most points that are kept.
const MOST_POINTS: usize = 1024;
/// The pause between two looks at first.
const PAUSE: Duration = Duration::from_micros(100);

/// When, in nanoseconds from the start of the series, and two figures.
type Point = (u64, u64, u64);

/// A thread that looks at two figures again and again.
pub(super) struct Series {
    start: Instant,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Vec<Point>>,
}

impl Series {
    /// Begins to look. A look that gives nothing is left out.
    pub(super) fn begin(mut look: impl FnMut() -> Option<(u64, u64)> + Send + 'static) -> Self {
        let start = Instant::now();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let mut points: Vec<Point> = vec![(1, 1, 1); MOST_POINTS];
        points.clear();
        let thread = thread::spawn(move || {
            let mut pause = PAUSE;
            while !stopped.load(Ordering::Acquire) {
                if let Some((one, other)) = look() {
                    points.push((start.elapsed().as_nanos() as u64, one, other));
                }
                if points.len() == MOST_POINTS {
                    thin(&mut points);
                    pause *= 2;
                }
                thread::park_timeout(pause);
            }
            points
        });
        Self { start, stop, thread }
    }

    /// Nanoseconds since it began.
    pub(super) fn now(&self) -> u64 {
        self.start.elapsed().as_nanos() as u64
    }

    /// Ends it, as the measured part ends that began at `began_ns`. It asks for no memory.
    pub(super) fn end(self, began_ns: u64) -> Result<Taken, Error> {
        let ended_ns = self.now();
        self.stop.store(true, Ordering::Release);
        self.thread.thread().unpark();
        let points = self.thread.join().map_err(|_| "the thread that looks at memory panicked")?;
        Ok(Taken { began_ns, ended_ns, points })
    }
}

/// A series that was taken.
pub(super) struct Taken {
    began_ns: u64,
    ended_ns: u64,
    points: Vec<Point>,
}

impl Taken {
    pub(super) fn object(self) -> Object {
        Object::new()
            .number("began_ns", self.began_ns)
            .number("ended_ns", self.ended_ns)
            .triples("points", self.points)
    }
}

/// Drops every other point, the second first, so that the first stays.
fn thin(points: &mut Vec<Point>) {
    let mut keep = false;
    points.retain(|_| {
        keep = !keep;
        keep
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU64;

    #[test]
    fn thinning_keeps_the_order_and_the_first() {
        let mut points = vec![(0, 1, 1), (1, 2, 2), (2, 3, 3), (3, 4, 4), (4, 5, 5)];
        thin(&mut points);
        assert_eq!(points, [(0, 1, 1), (2, 3, 3), (4, 5, 5)]);
    }

    #[test]
    fn a_series_looks_more_than_once_and_keeps_what_was_measured() {
        static LOOKS: AtomicU64 = AtomicU64::new(0);
        let series = Series::begin(|| Some((LOOKS.fetch_add(1, Ordering::Relaxed) + 1, 7)));
        while LOOKS.load(Ordering::Relaxed) < 3 {
            assert!(!series.thread.is_finished(), "it looks no more");
            thread::sleep(Duration::from_millis(1));
        }
        let now = series.now();
        let text = series.end(5).expect("it ended").object().finish();
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value["began_ns"], 5);
        assert!(value["ended_ns"].as_u64().is_some_and(|ended| ended >= now), "{text}");
        assert!(value["points"].as_array().is_some_and(|points| points.len() > 1), "{text}");
        assert_eq!(value["points"][0][1], 1);
    }
}
