//! Work shared among threads, whose results come in the order of the work.

use std::collections::BTreeMap;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Jobs that are handed out or done for each thread before the first of them must be taken.
const AHEAD: usize = 2;

/// Lets so many threads, this one among them, do the jobs that `next` gives, and takes what comes of them in their order.
/// Few are ahead of what is taken, so that order costs no memory. Each thread works by what `worker` makes for it; this one
/// works while there is nothing to take. What is left when `next` or `take` fails is dropped.
///
/// # Errors
/// What `next` and `take` give.
pub(super) fn in_turn<Job: Send, Done: Send, Work: FnMut(Job) -> Done>(
    threads: usize,
    worker: impl Fn() -> Work + Sync,
    mut next: impl FnMut() -> io::Result<Option<Job>>,
    mut take: impl FnMut(Done) -> io::Result<()>,
) -> io::Result<()> {
    let threads = threads.max(1);
    let (give, jobs) = mpsc::channel::<(usize, Job)>();
    let jobs = Mutex::new(jobs);
    thread::scope(|scope| {
        // Threads end when it is dropped, which is when this one ends, in whatever way.
        let give = give;
        let (done, results) = mpsc::channel();
        for _ in 1..threads {
            let (done, jobs, worker) = (done.clone(), &jobs, &worker);
            scope.spawn(move || {
                let mut work = worker();
                while let Some((nth, job)) = wait_for(jobs) {
                    let result = panic::catch_unwind(AssertUnwindSafe(|| work(job)));
                    let is_over = result.is_err();
                    if done.send((nth, result)).is_err() || is_over {
                        return;
                    }
                }
            });
        }
        drop(done);
        let mut early = BTreeMap::new();
        let mut work = None;
        let (mut given, mut taken) = (0, 0);
        loop {
            while given - taken < AHEAD * threads
                && let Some(job) = next()?
            {
                give.send((given, job)).map_err(|_| gone())?;
                given += 1;
            }
            if taken == given {
                return Ok(());
            }
            if let Some(done) = early.remove(&taken) {
                taken += 1;
                take(done)?;
            } else if let Ok((nth, result)) = results.try_recv() {
                early.insert(nth, of_thread(result));
            } else if let Some((nth, job)) = look_for(&jobs) {
                early.insert(nth, work.get_or_insert_with(&worker)(job));
            } else {
                let (nth, result) = results.recv().map_err(|_| gone())?;
                early.insert(nth, of_thread(result));
            }
        }
    })
}

type Jobs<Job> = Mutex<Receiver<(usize, Job)>>;

/// The next job; none, if there are to be no more.
fn wait_for<Job>(jobs: &Jobs<Job>) -> Option<(usize, Job)> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// The next job, if there is one that no other thread is about to take.
fn look_for<Job>(jobs: &Jobs<Job>) -> Option<(usize, Job)> {
    jobs.try_lock().ok()?.try_recv().ok()
}

/// What came of a job; if that is a panic, it goes on in this thread.
fn of_thread<Done>(result: thread::Result<Done>) -> Done {
    result.unwrap_or_else(|panic| panic::resume_unwind(panic))
}

fn gone() -> io::Error {
    io::Error::other("the threads that read it are gone")
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Barrier;
    use std::thread;

    use super::in_turn;

    #[test]
    fn results_come_in_the_order_of_the_jobs() {
        for threads in 0..5 {
            let mut jobs = 0..100_u32;
            let mut taken = Vec::new();
            in_turn(
                threads,
                || |job| 2 * job,
                || Ok(jobs.next()),
                |done| {
                    taken.push(done);
                    Ok(())
                },
            )
            .expect("nothing fails");
            assert!(taken.into_iter().eq((0..100).map(|job| 2 * job)));
        }
    }

    #[test]
    #[should_panic(expected = "another thread than this")]
    fn a_panic_of_a_thread_is_one_of_this() {
        let (this, both) = (thread::current().id(), Barrier::new(2));
        let work = || {
            |_: u32| {
                // Two jobs at once, so one of them in another thread.
                both.wait();
                assert!(thread::current().id() == this, "another thread than this");
            }
        };
        let mut jobs = 0..2;
        let _ = in_turn(3, work, || Ok(jobs.next()), |()| Ok(()));
    }

    #[test]
    fn a_failure_ends_it() {
        let mut jobs = 0..;
        let mut taken = 0;
        let take = |_: u32| {
            taken += 1;
            if taken == 7 { Err(io::Error::other("enough")) } else { Ok(()) }
        };
        let ended = in_turn(3, || |job| job, || Ok(jobs.next()), take);
        assert_eq!((ended.expect_err("it was asked to").to_string(), taken), ("enough".to_owned(), 7));
        let ended = in_turn(3, || |()| (), || Err(io::Error::other("no more")), |()| Ok(()));
        assert_eq!(ended.expect_err("there is none").to_string(), "no more");
    }
}
