//! Several inputs read at once, each by one thread, and told in their order.
//!
//! What comes of an input is told at once while it is the first that is not told yet. What comes of a later one is
//! held until then, as far as that is little; a thread that would have to hold more waits.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::bad::BadLine;
use crate::search::Match;
use crate::segments::Reads;
use crate::time::Clock;

/// How many bytes are held of an input whose turn has not come.
const HELD: usize = 1 << 20;
/// How many bytes are held of all inputs that were read before their turn.
const HELD_OF_ALL: usize = 8 << 20;

/// What comes of an input.
#[derive(Debug)]
pub enum Event<'a> {
    /// A line is bad.
    Bad(BadLine),
    /// A record was found.
    Found(Match<'a>),
    /// It was read to its end, or to where it broke off.
    End {
        /// How many lines were read of it.
        lines: u64,
        /// Why no more was read.
        read: io::Result<()>,
    },
}

/// What is told of the inputs, each by its place: until it breaks.
pub type Told<'a> = &'a mut (dyn FnMut(usize, Event<'_>) -> ControlFlow<()> + Send);

/// An input that can be read.
pub struct Opened {
    /// Its bytes.
    pub source: Box<dyn Read>,
    /// What times that do not say all of themselves are read by.
    pub clock: Clock,
}

/// Opens the input at a place, for so many threads to work on.
pub type Open<'a> = &'a (dyn Fn(usize, NonZeroUsize) -> io::Result<Opened> + Sync);

/// What is told of one input, by whoever reads it.
pub(crate) struct Lane<'a, 'b> {
    input: usize,
    turns: &'a Turns<'b>,
    held: RefCell<Held>,
}

/// What is not told yet of an input.
#[derive(Default)]
struct Held {
    events: Vec<HeldEvent>,
    /// The bytes of the records, one after another.
    bytes: Vec<u8>,
}

enum HeldEvent {
    Bad(BadLine),
    Found { line: u64, offset: u64, length: usize },
    End { lines: u64, read: io::Result<()> },
}

struct Turns<'b> {
    told: Mutex<Told<'b>>,
    order: Mutex<Order>,
    changed: Condvar,
    /// The same as in the order, to be looked at in passing.
    turn: AtomicUsize,
}

struct Order {
    /// The input that is told.
    turn: usize,
    /// What was read before its turn, and how many bytes that is.
    early: BTreeMap<usize, Held>,
    size: usize,
}

/// The turn when all is over.
const OVER: usize = usize::MAX;

/// Reads inputs on several threads, each by `read`, and tells of them in their order.
pub(crate) fn read<R: Reads>(
    reader: &mut R,
    inputs: usize,
    threads: NonZeroUsize,
    open: Open<'_>,
    told: Told<'_>,
    read: impl Fn(&mut R, Opened, &Lane<'_, '_>) -> io::Result<()> + Sync,
) {
    let turns = Turns {
        told: Mutex::new(told),
        order: Mutex::new(Order { turn: 0, early: BTreeMap::new(), size: 0 }),
        changed: Condvar::new(),
        turn: AtomicUsize::new(0),
    };
    let next = AtomicUsize::new(0);
    let mut workers: Vec<R> = (0..threads.get().min(inputs)).map(|_| reader.fork()).collect();
    thread::scope(|scope| {
        for worker in &mut workers {
            let (turns, next, read) = (&turns, &next, &read);
            scope.spawn(move || {
                // Whoever panics must not leave the others waiting for its turn.
                let _over = OverIfPanicking(turns);
                loop {
                    let input = next.fetch_add(1, Ordering::Relaxed);
                    if input >= inputs || turns.turn.load(Ordering::Relaxed) == OVER {
                        return;
                    }
                    let lane = Lane { input, turns, held: RefCell::default() };
                    let before = worker.totals().lines;
                    let result = open(input, spare(threads, inputs - input))
                        .and_then(|input| read(worker, input, &lane));
                    lane.end(worker.totals().lines - before, result);
                }
            });
        }
    });
    for worker in workers {
        reader.join(worker);
    }
}

/// How many threads may work on an input when so many are left, itself included: as long as there are more than
/// threads, each has enough to do.
fn spare(threads: NonZeroUsize, left: usize) -> NonZeroUsize {
    match left {
        1 => threads,
        _ if left <= threads.get() => NonZeroUsize::MIN.saturating_add(1),
        _ => NonZeroUsize::MIN,
    }
}

impl Lane<'_, '_> {
    /// Tells of a bad line.
    pub(crate) fn bad(&self, bad: BadLine) {
        let _ = self.tell(Event::Bad(bad));
    }

    /// Tells of a record that was found; whether more are wanted.
    pub(crate) fn found(&self, found: Match<'_>) -> ControlFlow<()> {
        self.tell(Event::Found(found))
    }

    fn tell(&self, event: Event<'_>) -> ControlFlow<()> {
        let mut held = self.held.borrow_mut();
        let turn = self.turns.turn.load(Ordering::Acquire);
        if turn == OVER {
            return ControlFlow::Break(());
        }
        if turn != self.input {
            held.add(event);
            if held.size() <= HELD {
                return ControlFlow::Continue(());
            }
            self.turns.wait(self.input)?;
            return self.turns.flush(self.input, std::mem::take(&mut *held));
        }
        if !held.events.is_empty() {
            self.turns.flush(self.input, std::mem::take(&mut *held))?;
        }
        self.turns.tell(self.input, event)
    }

    /// Tells that it is read, now or when its turn comes.
    fn end(self, lines: u64, read: io::Result<()>) {
        let mut held = self.held.into_inner();
        held.add(Event::End { lines, read });
        let size = held.size();
        let mut order = self.turns.lock();
        if order.turn != self.input && order.size + size <= HELD_OF_ALL {
            order.size += size;
            order.early.insert(self.input, held);
            return;
        }
        drop(order);
        if self.turns.wait(self.input).is_break() || self.turns.flush(self.input, held).is_break() {
            return;
        }
        let mut input = self.input + 1;
        loop {
            let mut order = self.turns.lock();
            if order.turn == OVER {
                return;
            }
            let Some(held) = order.early.remove(&input) else {
                self.turns.set(&mut order, input);
                return;
            };
            order.size -= held.size();
            drop(order);
            if self.turns.flush(input, held).is_break() {
                return;
            }
            input += 1;
        }
    }
}

impl Held {
    fn size(&self) -> usize {
        self.events.len() * size_of::<HeldEvent>() + self.bytes.len()
    }

    fn add(&mut self, event: Event<'_>) {
        self.events.push(match event {
            Event::Bad(bad) => HeldEvent::Bad(bad),
            Event::Found(Match { line, offset, bytes }) => {
                self.bytes.extend_from_slice(bytes);
                HeldEvent::Found { line, offset, length: bytes.len() }
            }
            Event::End { lines, read } => HeldEvent::End { lines, read },
        });
    }
}

impl Turns<'_> {
    fn lock(&self) -> MutexGuard<'_, Order> {
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, order: &mut Order, turn: usize) {
        order.turn = turn;
        self.turn.store(turn, Ordering::Release);
        self.changed.notify_all();
    }

    /// Waits for the turn of an input, unless all is over before.
    fn wait(&self, input: usize) -> ControlFlow<()> {
        let mut order = self.lock();
        while order.turn != input {
            if order.turn == OVER {
                return ControlFlow::Break(());
            }
            order = self.changed.wait(order).unwrap_or_else(PoisonError::into_inner);
        }
        ControlFlow::Continue(())
    }

    /// Tells what was held of the input whose turn it is.
    fn flush(&self, input: usize, held: Held) -> ControlFlow<()> {
        let mut rest = held.bytes.as_slice();
        for event in held.events {
            self.tell(
                input,
                match event {
                    HeldEvent::Bad(bad) => Event::Bad(bad),
                    HeldEvent::Found { line, offset, length } => {
                        let (bytes, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
                        rest = after;
                        Event::Found(Match { line, offset, bytes })
                    }
                    HeldEvent::End { lines, read } => Event::End { lines, read },
                },
            )?;
        }
        ControlFlow::Continue(())
    }

    fn tell(&self, input: usize, event: Event<'_>) -> ControlFlow<()> {
        let told = (self.told.lock().unwrap_or_else(PoisonError::into_inner))(input, event);
        if told.is_break() {
            self.set(&mut self.lock(), OVER);
        }
        told
    }
}

struct OverIfPanicking<'a, 'b>(&'a Turns<'b>);

impl Drop for OverIfPanicking<'_, '_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.set(&mut self.0.lock(), OVER);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};
    use std::num::NonZeroUsize;
    use std::ops::ControlFlow;

    use super::{Event, HELD, Opened};
    use crate::{Clock, Columns, Filter, GroupCounter, Grouping, Key, Level, Limits, Searcher};

    /// Of each input: how many matches it has to give, and whether it fails then.
    fn log(input: usize) -> Vec<u8> {
        let matches = match input {
            0 => 3000,
            // More than is held.
            3 => HELD / 20,
            _ => input % 4,
        };
        let line = |n| format!("{{\"level\":\"ERROR\",\"n\":{n}}}\nno record {n}\n{{\"level\":\"INFO\"}}\n");
        (0..matches).map(line).collect::<String>().into_bytes()
    }

    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("it broke"))
        }
    }

    fn open(input: usize, _: NonZeroUsize) -> io::Result<Opened> {
        let source: Box<dyn Read> = match input {
            5 => return Err(io::Error::other("it is missing")),
            7 => Box::new(io::Cursor::new(log(6)).chain(Broken)),
            _ => Box::new(io::Cursor::new(log(input))),
        };
        Ok(Opened { source, clock: Clock::now() })
    }

    /// All that is told, up to the end that is numbered so.
    fn told(threads: usize, ends: usize) -> (Vec<String>, u64) {
        let filter = Filter::level(Level::Error).strict();
        let mut searcher = Searcher::new(&filter, Limits::default(), Clock::now());
        let (mut all, mut left) = (Vec::new(), ends);
        let threads = NonZeroUsize::new(threads).expect("not none");
        searcher.read_together(12, threads, &open, &mut |input, event| {
            all.push(match event {
                Event::Bad(bad) => format!("{input} {bad:?}"),
                Event::Found(found) => format!("{input} {found:?}"),
                Event::End { lines, read } => {
                    left -= 1;
                    format!("{input} {lines} {:?}", read.map_err(|error| error.to_string()))
                }
            });
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        (all, searcher.matches())
    }

    #[test]
    fn it_is_told_in_the_order_of_the_inputs() {
        let (one, matches) = told(1, 100);
        assert_eq!(one.iter().filter(|event| event.contains("Ok(())")).count(), 10);
        assert!(one.iter().any(|event| event.contains("5 0 Err(\"it is missing\")")), "it is told");
        assert!(one.iter().any(|event| event.contains("7 6 Err(\"it broke\")")), "and how far it was read");
        for threads in [2, 3, 20] {
            assert_eq!(told(threads, 100), (one.clone(), matches), "{threads} threads");
        }
        // What is not asked for any more is not told.
        for ends in [1, 4, 9] {
            assert_eq!(told(1, ends), told(3, ends));
        }
    }

    #[test]
    fn counts_add_up() {
        let mut columns = Columns::new();
        let by = vec![Key::parse("level", &mut columns).expect("they are few")];
        let distinct = Some(columns.column("n").expect("they are few"));
        let grouping = Grouping { by, distinct, ..Grouping::new(columns) };
        let count = |threads| {
            let mut counter = GroupCounter::new(&grouping, Limits::default());
            let threads = NonZeroUsize::new(threads).expect("not none");
            counter.read_together(12, threads, &open, &mut |_, _| ControlFlow::Continue(()));
            counter.finish()
        };
        let one = count(1);
        assert_eq!(one.groups[0].distinct, (HELD / 20) as u64);
        assert_eq!(count(3), one);
    }
}
