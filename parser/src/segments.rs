//! One file, cut where records begin, for several threads to read at once.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::bad::BadLine;
use crate::format::begins_record;
use crate::read::Totals;

/// The segments of a file. Each is half a MiB or so of whole records; together, with what is [left](Segments::rest), they are
/// the file.
///
/// The file is read at places, never mapped: where it is cut short meanwhile, segments end early, and what grows after
/// the last place that was known belongs to the last segment.
pub(crate) struct Segments<'a> {
    file: &'a File,
    size: u64,
    /// How long the file was when the first segment was cut.
    length: u64,
    next: Mutex<Next>,
}

#[derive(Debug, Clone, Copy)]
struct Next {
    index: u64,
    start: u64,
    /// Whether it was found that the rest cannot be cut.
    is_rest: bool,
}

/// Where a file may be cut.
enum Cut {
    At(u64),
    /// Not before its end.
    End,
    /// Not for long.
    Nowhere,
}

/// Some whole lines of a file, to be read from.
pub(crate) struct Segment<'a> {
    file: &'a File,
    index: u64,
    at: u64,
    /// Where it ends; the last one ends with the file.
    end: Option<u64>,
}

/// How long a file is at least that several threads read at once.
pub const SPLIT_FROM: u64 = 2 * Segments::SIZE;

impl<'a> Segments<'a> {
    /// So many bytes a segment has, and its last line besides: so few that what comes of a segment can be held, so many
    /// that it is worth a thread's while.
    pub(crate) const SIZE: u64 = 512 << 10;

    /// Longer lines are not looked at: a file is not cut before them.
    const LONGEST: u64 = 1 << 20;

    /// So much is read at once to see where a record begins: some lines, since it is read again with its segment.
    const LOOK: usize = 2 << 10;

    /// Where so many lines begin no record, a file is not cut any more: what comes of a segment must be held.
    const MOST_LINES: usize = 10_000;

    /// Cuts a file, if it is one that can be read at any place, is long enough, and does not begin with nothing: blank
    /// lines do not tell what kind of input it is.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) fn of(file: &'a File) -> io::Result<Option<Self>> {
        Self::with_size(file, Self::SIZE)
    }

    /// The same with segments of another size, which is at least 1.
    ///
    /// # Errors
    /// As [`Segments::of`].
    pub(crate) fn with_size(file: &'a File, size: u64) -> io::Result<Option<Self>> {
        let about = file.metadata()?;
        if !about.is_file() || about.len() < 2 * size {
            return Ok(None);
        }
        let mut start = vec![0; size.min(64 << 10) as usize];
        let length = read_at(file, &mut start, 0)?;
        if start[..length].iter().all(|byte| matches!(byte, 0 | b' ' | b'\t' | b'\r' | b'\n')) {
            return Ok(None);
        }
        let next = Mutex::new(Next { index: 0, start: 0, is_rest: false });
        Ok(Some(Self { file, size: size.max(1), length: about.len(), next }))
    }

    /// The next segment, or `None` when all have been given out.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) fn next(&self) -> io::Result<Option<Segment<'a>>> {
        // It cannot be poisoned: nothing panics while it is locked.
        let mut next = lock(&self.next);
        let Next { index, start, is_rest } = *next;
        if start >= self.length || is_rest {
            return Ok(None);
        }
        let end =
            if self.length - start <= self.size { Cut::End } else { self.record_start(start + self.size)? };
        let end = match end {
            Cut::At(end) => Some(end),
            Cut::End => None,
            Cut::Nowhere => {
                next.is_rest = true;
                return Ok(None);
            }
        };
        *next = Next { index: index + 1, start: end.unwrap_or(self.length), is_rest };
        Ok(Some(Segment { file: self.file, index, at: start, end }))
    }

    /// What is left when all have been given out, if the file could not be cut to its end.
    pub(crate) fn rest(&self) -> Option<Segment<'a>> {
        let Next { index, start, .. } = *lock(&self.next);
        (start < self.length).then_some(Segment { file: self.file, index, at: start, end: None })
    }

    /// The first place after `at` where a record begins whatever comes before it.
    fn record_start(&self, at: u64) -> io::Result<Cut> {
        let segment = Segment { file: self.file, index: 0, at: at - 1, end: None };
        let mut lines = BufReader::with_capacity(Self::LOOK, segment);
        let (mut place, mut line) = (at - 1 + lines.skip_until(b'\n')? as u64, Vec::new());
        for _ in 0..Self::MOST_LINES {
            line.clear();
            let length = lines.by_ref().take(Self::LONGEST).read_until(b'\n', &mut line)? as u64;
            if length == 0 || place >= self.length {
                return Ok(Cut::End);
            }
            if length < Self::LONGEST && begins_record(&line) {
                return Ok(Cut::At(place));
            }
            place += length + if line.ends_with(b"\n") { 0 } else { lines.skip_until(b'\n')? as u64 };
        }
        Ok(Cut::Nowhere)
    }
}

impl Segment<'_> {
    /// Whether it is the start of the file.
    pub(crate) fn is_first(&self) -> bool {
        self.index == 0
    }
}

impl Read for Segment<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.end.map_or(u64::MAX, |end| end.saturating_sub(self.at));
        let length = usize::try_from(most).map_or(buffer.len(), |most| most.min(buffer.len()));
        let read = read_at(self.file, &mut buffer[..length], self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

#[cfg(unix)]
pub(crate) fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
pub(crate) fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

/// As many threads as this process may run at once.
pub fn all_threads() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// What reads parts of a file, each on a thread of its own.
pub(crate) trait Reads: Send + Sized {
    /// What comes of a part that must be taken in order.
    type Out: Send;

    /// Another that reads in the same way, and has seen and learnt nothing.
    fn fork(&self) -> Self;

    /// Reads a part. Lines and offsets are counted from its start.
    fn read_part(
        &mut self,
        source: &mut dyn Read,
        is_start: bool,
        on_bad: &mut dyn FnMut(BadLine),
    ) -> (Self::Out, io::Result<()>);

    /// Reads a part that may be long. Where what comes of it may be long too, it is handed over bit by bit, until `take`
    /// breaks.
    fn read_rest(
        &mut self,
        source: &mut dyn Read,
        is_start: bool,
        on_bad: &mut dyn FnMut(BadLine),
        take: &mut dyn FnMut(Self::Out) -> ControlFlow<()>,
    ) -> io::Result<()> {
        let (out, read) = self.read_part(source, is_start, on_bad);
        let _ = take(out);
        read
    }

    /// What was seen so far.
    fn totals(&self) -> Totals;

    /// Puts in whatever another has seen.
    fn join(&mut self, other: Self);
}

/// What came of a part of a file.
pub(crate) struct Part<T> {
    /// How many lines are before it.
    pub(crate) lines_before: u64,
    /// Where it starts.
    pub(crate) offset: u64,
    pub(crate) out: T,
}

/// Reads a file from its start to its end, on several threads if it is long enough and can be read at any place. What
/// comes of its parts is told and taken in their order, until `take` breaks.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_file<R: Reads>(
    reader: &mut R,
    file: &File,
    threads: NonZeroUsize,
    on_bad: &mut (dyn FnMut(BadLine) + Send),
    take: &mut (dyn FnMut(Part<R::Out>) -> ControlFlow<()> + Send),
) -> io::Result<()> {
    if threads.get() > 1
        && let Some(segments) = Segments::of(file)?
    {
        return read(reader, &segments, threads, on_bad, take);
    }
    let mut take = |out| take(Part { lines_before: 0, offset: 0, out });
    reader.read_rest(&mut { file }, true, &mut |bad| on_bad(bad), &mut take)
}

/// Reads the segments of a file on several threads. What comes of them is told and taken in their order, until `take`
/// breaks.
///
/// # Errors
/// What the file gives; what comes after the place where it does may have been seen too.
pub(crate) fn read<R: Reads>(
    reader: &mut R,
    segments: &Segments<'_>,
    threads: NonZeroUsize,
    on_bad: &mut (dyn FnMut(BadLine) + Send),
    take: &mut (dyn FnMut(Part<R::Out>) -> ControlFlow<()> + Send),
) -> io::Result<()> {
    let (mut lines_before, mut result, mut is_over) = (0, Ok(()), false);
    let mut tell = |read: ReadPart<R::Out>| {
        for bad in read.bad {
            on_bad(BadLine { line: bad.line + lines_before, offset: bad.offset + read.offset, ..bad });
        }
        let taken = take(Part { lines_before, offset: read.offset, out: read.out });
        lines_before += read.lines;
        result = read.result;
        is_over = result.is_err() || taken.is_break();
        if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    // The first tells what kind of input it is, before anything is done about the others.
    if let Some(first) = segments.next()?
        && tell(read_part(reader, first)).is_continue()
    {
        let mut workers: Vec<R> = (0..threads.get()).map(|_| reader.fork()).collect();
        let next = || segments.next().map(|next| next.map(|segment| (segment.index - 1, segment)));
        in_order(&mut workers, next, read_part, tell)?;
        for worker in workers {
            reader.join(worker);
        }
    }
    result?;
    if let Some(mut rest) = segments.rest().filter(|_| !is_over) {
        let (is_start, offset) = (rest.is_first(), rest.at);
        let mut tell = |bad: BadLine| {
            on_bad(BadLine { line: bad.line + lines_before, offset: bad.offset + offset, ..bad });
        };
        reader
            .read_rest(&mut rest, is_start, &mut tell, &mut |out| take(Part { lines_before, offset, out }))?;
    }
    Ok(())
}

/// A part that was read.
struct ReadPart<T> {
    offset: u64,
    lines: u64,
    bad: Vec<BadLine>,
    out: T,
    result: io::Result<()>,
}

fn read_part<R: Reads>(reader: &mut R, mut segment: Segment<'_>) -> ReadPart<R::Out> {
    let (offset, before, mut bad) = (segment.at, reader.totals().lines, Vec::new());
    let is_start = segment.is_first();
    let (out, result) = reader.read_part(&mut segment, is_start, &mut |line| bad.push(line));
    ReadPart { offset, lines: reader.totals().lines - before, bad, out, result }
}

/// So many results wait to be taken while their threads go on: enough that no thread waits for one that is a little slower.
const MOST_WAITING: usize = 4;

/// Works on things on several threads, and takes what comes of them in their order, until `take` breaks.
///
/// Each thread works with one of `workers` and asks `next` for the next thing with its place from 0 on. It takes what came
/// of it if that is next, and whatever waited for that; else it leaves it to whoever does, and goes on. No more is held
/// than one result for each thread and [`MOST_WAITING`].
///
/// # Errors
/// What `next` gives; things before that are worked on and taken.
fn in_order<W: Send, I, T: Send>(
    workers: &mut [W],
    next: impl Fn() -> io::Result<Option<(u64, I)>> + Sync,
    work: impl Fn(&mut W, I) -> T + Sync,
    take: impl FnMut(T) -> ControlFlow<()> + Send,
) -> io::Result<()> {
    let failed = Mutex::new(Ok(()));
    let turn = Mutex::new(Turn { place: 0, over: false, waiting: BTreeMap::new(), take: Some(take) });
    let turned = Condvar::new();
    thread::scope(|scope| {
        for worker in workers {
            let (turn, turned, next, work, failed) = (&turn, &turned, &next, &work, &failed);
            scope.spawn(move || {
                // Whoever panics must not leave the others waiting for its turn.
                let _over = OverIfPanicking { turn, turned };
                loop {
                    let (place, thing) = match next() {
                        Ok(Some(next)) => next,
                        Ok(None) => return,
                        Err(error) => {
                            *lock(failed) = Err(error);
                            return;
                        }
                    };
                    if lock(turn).over {
                        return;
                    }
                    let result = work(worker, thing);
                    let mut now = lock(turn);
                    while now.place != place && now.waiting.len() >= MOST_WAITING && !now.over {
                        now = turned.wait(now).unwrap_or_else(PoisonError::into_inner);
                    }
                    now.waiting.insert(place, result);
                    if take_in_turn(turn, now, turned).is_break() {
                        return;
                    }
                }
            });
        }
    });
    failed.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Takes the results whose turn it is, unless another thread is at it: that will see them.
fn take_in_turn<'a, T, F: FnMut(T) -> ControlFlow<()>>(
    turn: &'a Mutex<Turn<T, F>>,
    mut now: MutexGuard<'a, Turn<T, F>>,
    turned: &Condvar,
) -> ControlFlow<()> {
    if let Some(mut take) = now.take.take() {
        while !now.over {
            let place = now.place;
            let Some(result) = now.waiting.remove(&place) else { break };
            drop(now);
            let taken = take(result);
            now = lock(turn);
            now.over |= taken.is_break();
            now.place += 1;
            turned.notify_all();
        }
        now.take = Some(take);
    }
    if now.over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// Whose result is taken next.
struct Turn<T, F> {
    place: u64,
    over: bool,
    /// What came before its turn, by its place.
    waiting: BTreeMap<u64, T>,
    /// What takes results; a thread that is at it has it.
    take: Option<F>,
}

struct OverIfPanicking<'a, T, F> {
    turn: &'a Mutex<Turn<T, F>>,
    turned: &'a Condvar,
}

impl<T, F> Drop for OverIfPanicking<'_, T, F> {
    fn drop(&mut self) {
        if thread::panicking() {
            lock(self.turn).over = true;
            self.turned.notify_all();
        }
    }
}

/// Locks what cannot be left half done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
