//! One file, cut at the ends of lines, for several threads to read at once.

use std::fs::File;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// The segments of a file. Each is some MiB of whole lines; together they are the file.
///
/// The file is read at places, never mapped: where it is cut short meanwhile, segments end early, and what grows after
/// the last place that was known belongs to the last segment.
pub struct Segments<'a> {
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
}

/// Some whole lines of a file, to be read from.
pub struct Segment<'a> {
    file: &'a File,
    index: u64,
    at: u64,
    /// Where it ends; the last one ends with the file.
    end: Option<u64>,
}

impl<'a> Segments<'a> {
    /// So many bytes a segment has, and its last line besides: so few that what comes of a segment can be held, so many
    /// that it is worth a thread's while.
    pub const SIZE: u64 = 2 << 20;

    /// Cuts a file, if it is one that can be read at any place, is long enough, and does not begin with nothing: blank
    /// lines do not tell what kind of input it is.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn of(file: &'a File) -> io::Result<Option<Self>> {
        Self::with_size(file, Self::SIZE)
    }

    /// The same with segments of another size, which is at least 1.
    ///
    /// # Errors
    /// As [`Segments::of`].
    pub fn with_size(file: &'a File, size: u64) -> io::Result<Option<Self>> {
        let about = file.metadata()?;
        if !about.is_file() || about.len() < 2 * size {
            return Ok(None);
        }
        let mut start = vec![0; size.min(64 << 10) as usize];
        let length = read_at(file, &mut start, 0)?;
        if start[..length].iter().all(|byte| matches!(byte, 0 | b' ' | b'\t' | b'\r' | b'\n')) {
            return Ok(None);
        }
        let next = Mutex::new(Next { index: 0, start: 0 });
        Ok(Some(Self { file, size: size.max(1), length: about.len(), next }))
    }

    /// The next segment, or `None` when all have been given out.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn next(&self) -> io::Result<Option<Segment<'a>>> {
        // It cannot be poisoned: nothing panics while it is locked.
        let mut next = lock(&self.next);
        let Next { index, start } = *next;
        if start >= self.length {
            return Ok(None);
        }
        let end = if self.length - start <= self.size { None } else { self.line_end(start + self.size)? };
        *next = Next { index: index + 1, start: end.unwrap_or(self.length) };
        Ok(Some(Segment { file: self.file, index, at: start, end }))
    }

    /// The end of the line that the byte before `at` is in; none, if that is the last line.
    fn line_end(&self, at: u64) -> io::Result<Option<u64>> {
        let mut at = at - 1;
        let mut buffer = [0; 4 << 10];
        loop {
            let length = read_at(self.file, &mut buffer, at)?;
            if let Some(feed) = memchr::memchr(b'\n', &buffer[..length]) {
                let end = at + feed as u64 + 1;
                return Ok((end < self.length).then_some(end));
            }
            at += length as u64;
            if length == 0 || at >= self.length {
                return Ok(None);
            }
        }
    }
}

impl Segment<'_> {
    /// Its place among the segments, from 0.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Whether it is the start of the file.
    pub fn is_first(&self) -> bool {
        self.index == 0
    }

    /// Where it starts in the file, or where it has been read to.
    pub fn offset(&self) -> u64 {
        self.at
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
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

/// As many threads as this process may run at once.
pub fn all_threads() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Works on things on several threads, and takes what comes of them in their order, until `take` breaks.
///
/// Each thread works with one of `workers`, asks `next` for the next thing with its place from 0 on, and waits with what
/// came of it until all before it has been taken: so no more is held than one result for each thread.
pub(crate) fn in_order<W: Send, I, T>(
    workers: &mut [W],
    next: impl Fn() -> Option<(u64, I)> + Sync,
    work: impl Fn(&mut W, I) -> T + Sync,
    take: impl FnMut(T) -> ControlFlow<()> + Send,
) {
    let turn = Mutex::new(Turn { place: 0, over: false, take });
    let turned = Condvar::new();
    thread::scope(|scope| {
        for worker in workers {
            let (turn, turned, next, work) = (&turn, &turned, &next, &work);
            scope.spawn(move || {
                // Whoever panics must not leave the others waiting for its turn.
                let _over = OverIfPanicking { turn, turned };
                while let Some((place, thing)) = next() {
                    if lock(turn).over {
                        return;
                    }
                    let result = work(worker, thing);
                    let mut turn = lock(turn);
                    while turn.place != place && !turn.over {
                        turn = turned.wait(turn).unwrap_or_else(PoisonError::into_inner);
                    }
                    if turn.over {
                        return;
                    }
                    turn.over = (turn.take)(result).is_break();
                    turn.place += 1;
                    drop(turn);
                    turned.notify_all();
                }
            });
        }
    });
}

/// Whose result is taken next.
struct Turn<F> {
    place: u64,
    over: bool,
    take: F,
}

struct OverIfPanicking<'a, F> {
    turn: &'a Mutex<Turn<F>>,
    turned: &'a Condvar,
}

impl<F> Drop for OverIfPanicking<'_, F> {
    fn drop(&mut self) {
        if thread::panicking() {
            lock(self.turn).over = true;
            self.turned.notify_all();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::Read;
    use std::ops::ControlFlow;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::{Segments, in_order};

    fn cut(text: &[u8], size: u64) -> Option<Vec<Vec<u8>>> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        fs::write(&path, text).expect("it can be written");
        let file = File::open(&path).expect("it is there");
        let segments = Segments::with_size(&file, size).expect("it can be read")?;
        let mut all = Vec::new();
        while let Some(mut segment) = segments.next().expect("it can be read") {
            assert_eq!(segment.index(), all.len() as u64);
            let mut bytes = Vec::new();
            segment.read_to_end(&mut bytes).expect("it can be read");
            all.push(bytes);
        }
        Some(all)
    }

    #[test]
    fn segments_are_whole_lines_and_together_the_file() {
        let long = "x".repeat(10_000);
        for text in [
            "one\ntwo\nthree\n\n\nfour five six seven\nno feed".to_owned(),
            "a\n".repeat(100),
            format!("a\n{long}\nb\n{long}"),
            format!("{long}\n"),
            long.clone(),
        ] {
            for size in (1..40).chain([4095, 4096, 4097, 5000]) {
                let Some(all) = cut(text.as_bytes(), size) else {
                    assert!((text.len() as u64) < 2 * size);
                    continue;
                };
                assert_eq!(all.concat(), text.as_bytes());
                let (last, before) = all.split_last().expect("there is one");
                assert!(!last.is_empty());
                assert!(
                    before.iter().all(|lines| lines.ends_with(b"\n") && lines.len() as u64 >= size.min(2))
                );
            }
        }
    }

    #[test]
    fn what_begins_with_nothing_or_is_short_is_not_cut() {
        assert!(cut(&[b'\n'; 100], 10).is_none());
        assert!(cut(b"{}\n", 10).is_none());
        assert!(cut(b"", 1).is_none());
    }

    #[test]
    fn results_are_taken_in_order_until_it_is_enough() {
        for (threads, enough) in [(1, 1000), (4, 1000), (4, 57)] {
            let next = AtomicU64::new(0);
            let mut taken = Vec::new();
            in_order(
                &mut vec![0_u64; threads],
                || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&n| n < 1000).map(|n| (n, n)),
                |worked, n| {
                    *worked += 1;
                    n
                },
                |n| {
                    taken.push(n);
                    if taken.len() == enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                },
            );
            assert_eq!(taken, (0..enough as u64).collect::<Vec<_>>());
        }
    }
}
