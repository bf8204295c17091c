//! The loop that the clock reads, owned by the harness and the same for all who time a scenario.

use super::latency::{self, Arrived, Pace};
use super::scenario::{Error, Work};
use super::usage::Usage;
use crate::answer::Answer;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// A timed batch of iterations.
#[derive(Clone, Copy, Debug)]
pub struct Batch {
    /// Elapsed time of the whole batch.
    pub elapsed: Duration,
    /// What the process used meanwhile, all threads and waited-for children together.
    pub used: Usage,
    /// The query of the last iteration, and its answer.
    pub last: (usize, Answer),
}

/// A scenario that is set up: what an instrument works with, whatever the work's type.
pub trait Cell {
    /// How many queries there are.
    fn queries(&self) -> usize;

    /// Runs `query` once, untimed. `while_held` is called between the work and the answer, while
    /// the output is still alive.
    ///
    /// # Errors
    /// Whatever the work met.
    fn once(&mut self, query: usize, while_held: &mut dyn FnMut()) -> Result<Answer, Error>;

    /// Runs `iterations` (at least 1) in a timed batch.
    ///
    /// # Errors
    /// Whatever the work met.
    fn batch(&mut self, iterations: u64) -> Result<Batch, Error>;

    /// Runs `iterations` and nothing besides: no clock, no answer. It is what a profiler watches.
    ///
    /// # Errors
    /// Whatever the work met.
    fn repeat(&mut self, iterations: u64) -> Result<(), Error>;

    /// Runs an iteration for each arrival. Beside what became of them: the next query, asked untimed, and its answer.
    ///
    /// # Errors
    /// Whatever the work met.
    fn arrive(&mut self, pace: Pace) -> Result<(Arrived, (usize, Answer)), Error>;
}

/// A [`Work`] with its place in the list of queries.
#[derive(Debug)]
pub struct Prepared<W> {
    work: W,
    queries: usize,
    next: usize,
}

impl<W: Work> Prepared<W> {
    /// Begins at the first of `queries`.
    pub fn new(work: W, queries: usize) -> Self {
        Self { work, queries: queries.max(1), next: 0 }
    }

    fn take_query(&mut self) -> usize {
        let query = self.next;
        self.next = if query + 1 == self.queries { 0 } else { query + 1 };
        query
    }
}

impl<W: Work> Cell for Prepared<W> {
    fn queries(&self) -> usize {
        self.queries
    }

    fn once(&mut self, query: usize, while_held: &mut dyn FnMut()) -> Result<Answer, Error> {
        let output = black_box(self.work.run(black_box(query))?);
        while_held();
        Ok(self.work.answer(&output))
    }

    /// Every output but the last is dropped inside the timed part; the last is dropped after its
    /// answer was taken. One virtual call a batch, one look at the clock at each end.
    fn batch(&mut self, iterations: u64) -> Result<Batch, Error> {
        let before = Usage::now();
        let start = Instant::now();
        for _ in 1..iterations {
            let query = self.take_query();
            drop(black_box(self.work.run(black_box(query))?));
        }
        let query = self.take_query();
        let output = black_box(self.work.run(black_box(query))?);
        let elapsed = start.elapsed();
        let used = Usage::now().since(before);
        Ok(Batch { elapsed, used, last: (query, self.work.answer(&output)) })
    }

    fn repeat(&mut self, iterations: u64) -> Result<(), Error> {
        for _ in 0..iterations {
            let query = self.take_query();
            drop(black_box(self.work.run(black_box(query))?));
        }
        Ok(())
    }

    /// Every output is dropped before the look at the clock that ends its work.
    fn arrive(&mut self, pace: Pace) -> Result<(Arrived, (usize, Answer)), Error> {
        let arrived = latency::serve(pace, latency::clock(), || {
            let query = self.take_query();
            drop(black_box(self.work.run(black_box(query))?));
            Ok(())
        })?;
        let query = self.take_query();
        Ok((arrived, (query, self.once(query, &mut || ())?)))
    }
}

/// What reading the clock and the usage adds to a batch: the median of some batches without work.
pub(super) fn reading_cost() -> Duration {
    let mut costs: [Duration; 15] = std::array::from_fn(|_| {
        let whole = Instant::now();
        let before = Usage::now();
        let start = Instant::now();
        black_box((start.elapsed(), Usage::now().since(before)));
        whole.elapsed()
    });
    costs.sort_unstable();
    costs[costs.len() / 2]
}

/// How many iterations fill `batch`: found by doubling, then rounded to whole passes over the
/// queries, so that every batch asks the same ones.
///
/// # Errors
/// Whatever the work met.
pub(super) fn calibrate(cell: &mut dyn Cell, batch: Duration) -> Result<u64, Error> {
    let pass = cell.queries() as u64;
    let mut iterations = pass;
    cell.batch(iterations)?;
    loop {
        let elapsed = cell.batch(iterations)?.elapsed;
        if elapsed * 2 >= batch || iterations >= 1 << 32 {
            let each = elapsed.as_secs_f64() / iterations as f64;
            let wanted = batch.as_secs_f64() / each.max(1e-10);
            return Ok(((wanted / pass as f64).round() as u64).max(1) * pass);
        }
        iterations *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Digest;

    /// Remembers which queries it was asked.
    struct Asked(Vec<usize>);

    impl Work for Asked {
        type Output = usize;
        fn run(&mut self, query: usize) -> Result<usize, Error> {
            self.0.push(query);
            Ok(query)
        }
        fn answer(&self, output: &usize) -> Answer {
            Digest::new().number(*output as u64).finish()
        }
    }

    #[test]
    fn a_batch_runs_exactly_its_iterations_and_goes_on_in_the_list_of_queries() {
        let mut cell = Prepared::new(Asked(Vec::new()), 3);
        let first = cell.batch(4).expect("runs");
        let second = cell.batch(1).expect("runs");
        assert_eq!(cell.work.0, [0, 1, 2, 0, 1]);
        assert_eq!((first.last.0, second.last.0), (0, 1));
        assert_eq!(second.last.1, Digest::new().number(1).finish());
        cell.repeat(2).expect("runs");
        assert_eq!(cell.work.0[5..], [2, 0]);
    }

    #[test]
    fn arrivals_ask_one_query_each_in_turn_and_the_next_is_asked_besides() {
        let mut cell = Prepared::new(Asked(Vec::new()), 3);
        let pace = Pace::new(1_000_000, 4).expect("a pace");
        let (arrived, (query, answer)) = cell.arrive(pace).expect("runs");
        assert_eq!(arrived.lateness.len(), 4);
        assert_eq!(cell.work.0, [0, 1, 2, 0, 1]);
        assert_eq!((query, answer), (1, Digest::new().number(1).finish()));
    }

    #[test]
    fn calibration_gives_whole_passes_over_the_queries() {
        for queries in [1, 3, 7] {
            let mut cell = Prepared::new(Asked(Vec::new()), queries);
            let iterations = calibrate(&mut cell, Duration::from_micros(50)).expect("runs");
            assert!(
                iterations >= 1 && iterations.is_multiple_of(queries as u64),
                "{iterations} of {queries}"
            );
        }
    }
}
