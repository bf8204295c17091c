//! The instrument `latency`: how late each record's work is done when records arrive at a steady pace.
//!
//! The loop is open: when an arrival is due stands in a timetable, and no work that is late moves it. Each figure is the
//! end of the work less the time at which its arrival was due, never less the time at which the work began. So a stall is
//! counted for every arrival that had to wait behind it, which a loop that only times its own calls leaves out
//! ("coordinated omission": Gil Tene, "How NOT to Measure Latency"; the documentation of `HdrHistogram`). There is
//! nothing to correct afterwards.
//!
//! The same loop without work, in the same process and at the same pace, is read first: what it shows is the machine's
//! own jitter and the cost of looking at the clock, below which no figure means anything.

use super::clock::Cell;
use super::json::Object;
use super::scenario::Error;
use crate::MOST_ARRIVALS;
use crate::answer::Answer;
use hdrhistogram::Histogram;
use std::hint::black_box;
use std::time::Instant;

/// The longest time that a histogram tells apart; what is longer counts as this, and is in the maximum.
const LONGEST_NS: u64 = 60_000_000_000;
/// Significant figures that a histogram keeps: a value is at most 0.1 % off.
const FIGURES: u8 = 3;
/// The fastest pace: one arrival a nanosecond.
const FASTEST: u64 = 1_000_000_000;
/// Work that can't keep up is given up after so many times the time in which all of it was due, but not before the least.
const PATIENCE: u64 = 4;
const LEAST_PATIENCE_NS: u64 = 100_000_000;

/// How fast records arrive, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    rate: u64,
    arrivals: u64,
}

impl Pace {
    /// So many arrivals, `rate` of them a second, evenly apart.
    ///
    /// # Errors
    /// No arrival, or more than a visit can hold; no pace, or more than one arrival a nanosecond.
    pub fn new(rate: u64, arrivals: u64) -> Result<Self, Error> {
        if !(1..=FASTEST).contains(&rate) {
            return Err(format!("--rate {rate}: it is from 1 to {FASTEST} arrivals a second").into());
        }
        if !(1..=MOST_ARRIVALS).contains(&arrivals) {
            return Err(format!("--arrivals {arrivals}: it is from 1 to {MOST_ARRIVALS}").into());
        }
        Ok(Self { rate, arrivals })
    }

    /// When the `nth` arrival is due, counted from 1, in nanoseconds from the start.
    fn due(self, nth: u64) -> u64 {
        nth * FASTEST / self.rate
    }

    fn patience(self) -> u64 {
        (self.due(self.arrivals) * PATIENCE).max(LEAST_PATIENCE_NS)
    }
}

/// What became of paced arrivals. Times are in nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// Of each arrival: from when it was due to the end of its work. Of one that was given up: to when it was.
    pub lateness: Vec<u64>,
    /// How many began late since the work before them was not done.
    pub behind: u64,
    /// How many were given up, the queue having grown past all patience.
    pub unserved: u64,
    /// Time that the work took, waiting left out.
    pub busy_ns: u64,
    /// From the start to the end of the last work.
    pub took_ns: u64,
}

/// Does `work` for each arrival as soon as it is due and the work before it is done.
///
/// It waits by looking at the clock, since a process that sleeps is woken late; and without the processor's hint for
/// waiting loops, which is longer than a look at the clock. Nothing is allocated, and no page is touched first, between
/// the arrivals. Once they are so late that the visit would not end, the rest is given up: their lateness so far counts.
pub(super) fn serve(
    pace: Pace,
    mut now: impl FnMut() -> u64,
    mut work: impl FnMut() -> Result<(), Error>,
) -> Result<Arrived, Error> {
    let mut lateness = vec![u64::MAX; pace.arrivals as usize];
    let (mut behind, mut unserved, mut busy_ns) = (0, 0, 0);
    let start = now();
    let patience = start + pace.patience();
    let mut done = start;
    for (nth, late) in (1..).zip(&mut lateness) {
        let due = start + pace.due(nth);
        if done > patience {
            unserved += 1;
            *late = done.saturating_sub(due);
            continue;
        }
        let mut begun = done;
        behind += u64::from(begun > due);
        while begun < due {
            begun = now();
        }
        work()?;
        done = now();
        busy_ns += done.saturating_sub(begun);
        *late = done.saturating_sub(due);
    }
    Ok(Arrived { lateness, behind, unserved, busy_ns, took_ns: done.saturating_sub(start) })
}

/// Nanoseconds since it was made.
pub(super) fn clock() -> impl FnMut() -> u64 {
    let start = Instant::now();
    move || start.elapsed().as_nanos() as u64
}

/// Reads the idle loop, then the work. `answers` are those that the queries gave before; the inner error tells of one that
/// changed.
pub(super) fn read(
    cell: &mut dyn Cell,
    pace: Pace,
    answers: &[Answer],
) -> Result<Result<Object, String>, Error> {
    let idle = serve(pace, clock(), || {
        black_box(());
        Ok(())
    })?;
    let (work, (query, now)) = cell.arrive(pace)?;
    if answers.get(query) != Some(&now) {
        return Ok(Err(format!("query {query}: first {:?}, then {now}", answers.get(query))));
    }
    let reading = Object::new()
        .number("rate", pace.rate)
        .number("arrivals", pace.arrivals)
        .number("behind", work.behind)
        .number("unserved", work.unserved)
        .number("busy_ns", work.busy_ns)
        .number("took_ns", work.took_ns)
        .object("work", histogram(&work.lateness)?)
        .object("idle", histogram(&idle.lateness)?);
    Ok(Ok(reading))
}

/// The histogram, whole: each value that was met, rounded up to where its bucket ends, with how often; and the exact maximum.
fn histogram(lateness: &[u64]) -> Result<Object, Error> {
    let mut histogram = Histogram::<u64>::new_with_bounds(1, LONGEST_NS, FIGURES)?;
    for &late in lateness {
        histogram.saturating_record(late);
    }
    let counts = histogram.iter_recorded().map(|at| (at.value_iterated_to(), at.count_at_value()));
    let max = lateness.iter().copied().max().unwrap_or(0);
    Ok(Object::new().number("max_ns", max).pairs("counts", counts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell as Shared;

    const PERIOD: u64 = 1_000;
    const WORK: u64 = 100;

    /// Serves at one arrival a microsecond under a clock that each look moves by one nanosecond; the work moves it too.
    fn served(arrivals: u64, work: impl Fn(u64) -> u64) -> Arrived {
        let time = Shared::new(0);
        let mut nth = 0;
        let now = || {
            time.set(time.get() + 1);
            time.get()
        };
        let work = || {
            nth += 1;
            time.set(time.get() + work(nth));
            Ok(())
        };
        serve(Pace::new(FASTEST / PERIOD, arrivals).expect("a pace"), now, work).expect("it works")
    }

    #[test]
    fn work_that_keeps_up_is_as_late_as_it_is_long() {
        let arrived = served(50, |_| WORK);
        // The look at the clock that ends the work counts.
        assert_eq!(arrived.lateness, [WORK + 1; 50]);
        assert_eq!((arrived.behind, arrived.unserved), (0, 0));
        assert_eq!(arrived.busy_ns, 50 * (WORK + 1));
        assert_eq!(arrived.took_ns, 50 * PERIOD + WORK + 1);
    }

    #[test]
    fn a_stall_counts_for_every_arrival_that_waited_behind_it() {
        let (stall, at) = (20 * PERIOD, 10);
        let arrived = served(100, |nth| if nth == at { stall } else { WORK });
        let each = WORK + 1;
        // The queue drains by what a period leaves after the work.
        let mut expected = vec![each; 100];
        let waited = (0..).map(|behind| (stall + 1).saturating_sub(behind * (PERIOD - each)));
        let waited: Vec<u64> = waited.take_while(|late| *late > each).collect();
        expected[at as usize - 1..][..waited.len()].copy_from_slice(&waited);
        assert_eq!(arrived.lateness, expected);
        assert_eq!(arrived.behind, waited.len() as u64 - 1);
        assert!(arrived.behind > 20, "a loop that times its own calls would have seen one that is late");
    }

    #[test]
    fn a_queue_that_only_grows_is_late_without_end() {
        let arrived = served(100, |_| 2 * PERIOD);
        let each = 2 * PERIOD + 1;
        let expected: Vec<u64> = (1..=100).map(|nth| PERIOD + nth * each - nth * PERIOD).collect();
        assert_eq!(arrived.lateness, expected);
        assert_eq!((arrived.behind, arrived.unserved), (99, 0));
        assert!(arrived.busy_ns > 100 * PERIOD, "busier than there is time");
    }

    #[test]
    fn past_all_patience_the_rest_is_given_up_and_counts_as_late() {
        let long = LEAST_PATIENCE_NS / 2;
        let arrived = served(100, |_| long);
        assert_eq!(arrived.unserved, 98);
        assert_eq!(arrived.lateness.len(), 100);
        assert_eq!(arrived.took_ns, PERIOD + 2 * (long + 1));
        assert_eq!(arrived.lateness[99], arrived.took_ns - 100 * PERIOD);
    }

    #[test]
    fn an_error_of_the_work_ends_it() {
        let failing = serve(Pace::new(1_000_000, 5).expect("a pace"), clock(), || Err("broken".into()));
        assert!(failing.is_err_and(|why| why.to_string() == "broken"));
    }

    #[test]
    fn a_pace_that_can_not_be_is_refused() {
        for (rate, arrivals) in [(0, 5), (FASTEST + 1, 5), (5, 0), (5, MOST_ARRIVALS + 1)] {
            assert!(Pace::new(rate, arrivals).is_err(), "{rate}, {arrivals}");
        }
        let slowest = Pace::new(1, MOST_ARRIVALS).expect("a pace");
        assert_eq!(slowest.due(MOST_ARRIVALS), MOST_ARRIVALS * FASTEST);
    }

    #[test]
    fn a_histogram_keeps_every_count_and_the_exact_maximum() {
        let text = histogram(&[0, 7, 7, 1_234_567, 2 * LONGEST_NS]).expect("a histogram").finish();
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value["max_ns"], 2 * LONGEST_NS);
        let counts = value["counts"].as_array().expect("a list");
        assert_eq!(counts.len(), 4);
        assert_eq!((&counts[0][0], &counts[0][1]), (&0.into(), &1.into()));
        assert_eq!((&counts[1][0], &counts[1][1]), (&7.into(), &2.into()));
        let near = counts[2][0].as_f64().expect("a number") / 1_234_567.0;
        assert!((1.0..1.001).contains(&near), "{near}");
        assert!(counts[3][0].as_u64().is_some_and(|longest| longest >= LONGEST_NS));
    }
}
