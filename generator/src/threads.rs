//! Batches made by several threads and taken in order.
//!
//! There is no thread for writing: whichever thread has made the batch whose turn it is takes it, and those behind it that
//! are ready, while the others go on. They stop when they are too far ahead, so that memory is bounded.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::batch::Batch;

/// Batches that each thread may be ahead of what was taken.
const AHEAD: u64 = 3;

/// Makes `total` batches, each by `make` in one of `threads` threads with what `begin` gave that thread, and hands them to
/// `take` in the order of their numbers. Returns what the threads are left with.
///
/// # Errors
///
/// The first of `make` and `take`; no batch is taken after it.
pub(crate) fn in_order<S: Send>(
    threads: usize,
    total: u64,
    begin: impl Fn() -> S + Sync,
    make: impl Fn(&mut S, u64, &mut Batch) -> io::Result<()> + Sync,
    take: &mut (dyn FnMut(&Batch) -> io::Result<()> + Send),
) -> io::Result<Vec<S>> {
    let threads = threads.min(usize::try_from(total).unwrap_or(usize::MAX));
    if threads <= 1 {
        let (mut own, mut batch) = (begin(), Batch::default());
        for number in 0..total {
            batch.clear();
            make(&mut own, number, &mut batch)?;
            take(&batch)?;
        }
        return Ok(vec![own]);
    }
    let line = Line {
        state: Mutex::default(),
        moved: Condvar::new(),
        total,
        ahead: threads as u64 * AHEAD,
        take: Mutex::new(take),
    };
    let owns = thread::scope(|scope| {
        let work = || line.work(&begin, &make);
        // One that cannot be started leaves its work to the others; this thread always works.
        let others: Vec<_> =
            (1..threads).filter_map(|_| thread::Builder::new().spawn_scoped(scope, work).ok()).collect();
        let mut owns = vec![work()];
        owns.extend(others.into_iter().filter_map(|other| other.join().ok()));
        owns
    });
    let state = line.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    match state.failed {
        Some(error) => Err(error),
        // Only a thread that panicked leaves batches behind without an error.
        None if state.taken < total => Err(io::Error::other("a thread that made records ended early")),
        None => Ok(owns),
    }
}

/// Where the threads stand.
#[derive(Default)]
struct State {
    /// The next batch that nobody makes yet.
    next: u64,
    /// The next batch to be taken.
    taken: u64,
    /// Made, and not their turn yet.
    ready: BTreeMap<u64, Batch>,
    /// Emptied, to be used again.
    spare: Vec<Batch>,
    is_taking: bool,
    failed: Option<io::Error>,
}

type Take<'a> = &'a mut (dyn FnMut(&Batch) -> io::Result<()> + Send);

struct Line<'a> {
    state: Mutex<State>,
    moved: Condvar,
    total: u64,
    ahead: u64,
    take: Mutex<Take<'a>>,
}

impl Line<'_> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work<S>(
        &self,
        begin: &impl Fn() -> S,
        make: &impl Fn(&mut S, u64, &mut Batch) -> io::Result<()>,
    ) -> S {
        let mut own = begin();
        // A thread that panics must not leave the others waiting for its batch.
        let leaving = Leaving(self);
        while let Some((number, mut batch)) = self.next() {
            batch.clear();
            match make(&mut own, number, &mut batch) {
                Ok(()) => self.hand_in(number, batch),
                Err(error) => self.fail(error),
            }
        }
        drop(leaving);
        own
    }

    /// The number of a batch to be made; `None` when all are being made.
    fn next(&self) -> Option<(u64, Batch)> {
        let mut state = self.lock();
        loop {
            if state.failed.is_some() || state.next >= self.total {
                return None;
            }
            if state.next < state.taken + self.ahead {
                break;
            }
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.next += 1;
        let batch = state.spare.pop().unwrap_or_default();
        Some((state.next - 1, batch))
    }

    /// Takes all batches whose turn it is, unless another thread is at it.
    fn hand_in(&self, number: u64, batch: Batch) {
        let mut state = self.lock();
        state.ready.insert(number, batch);
        if state.is_taking {
            return;
        }
        while state.failed.is_none() {
            let taken = state.taken;
            let Some(batch) = state.ready.remove(&taken) else { break };
            state.is_taking = true;
            drop(state);
            let done = (self.take.lock().unwrap_or_else(PoisonError::into_inner))(&batch);
            state = self.lock();
            state.is_taking = false;
            state.taken += 1;
            state.spare.push(batch);
            if let Err(error) = done {
                state.failed.get_or_insert(error);
            }
            self.moved.notify_all();
        }
    }

    fn fail(&self, error: io::Error) {
        self.lock().failed.get_or_insert(error);
        self.moved.notify_all();
    }
}

struct Leaving<'a, 'b>(&'a Line<'b>);

impl Drop for Leaving<'_, '_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.fail(io::Error::other("a thread that made records panicked"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(threads: usize, total: u64, fails_at: u64) -> (Vec<u8>, io::Result<u64>) {
        let mut taken = Vec::new();
        let made = in_order(
            threads,
            total,
            || 0,
            |own: &mut u64, number, batch| {
                *own += 1;
                batch.bytes.push(number as u8);
                Ok(())
            },
            &mut |batch| {
                if taken.len() as u64 == fails_at {
                    return Err(io::ErrorKind::StorageFull.into());
                }
                taken.extend_from_slice(&batch.bytes);
                Ok(())
            },
        );
        (taken, made.map(|owns| owns.iter().sum()))
    }

    #[test]
    fn batches_are_taken_in_order_whoever_makes_them() {
        for threads in [0, 1, 2, 7, 64] {
            for total in [0, 1, 2, 250] {
                let (taken, made) = run(threads, total, u64::MAX);
                assert!(taken.iter().copied().eq((0..total).map(|number| number as u8)));
                assert_eq!(made.unwrap(), total);
            }
        }
    }

    #[test]
    fn nothing_is_taken_after_an_error() {
        for threads in [1, 3] {
            let (taken, made) = run(threads, 250, 100);
            assert_eq!(taken.len(), 100);
            assert_eq!(made.unwrap_err().kind(), io::ErrorKind::StorageFull);
        }
    }
}
