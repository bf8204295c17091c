//! The members of one gzip file, decoded by several threads at once and given in their order.
//!
//! Where a member ends is known only when it has been decoded. So a file is cut at places that look like the start of
//! a member, and what is decoded from such a place on is a guess, until all before it has been decoded: if that ends
//! at this very place, with its checks right, then what follows begins there, and the guess was none. If not, what was
//! guessed is thrown away, and the file is cut again from the place where a member did end. What comes out is always
//! what one decoder would have given, damage included.
//!
//! It pays for files of many members, as bgzip writes them or as they are appended to each other. Members of more than
//! [`FARTHEST`] compressed bytes are decoded one after another, each ahead of who reads.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use memchr::memmem;

use super::BUFFER;
use super::damage::Damage;
use super::gzip::{Gzip, RESERVED};
use crate::segments::read_at;

/// How many compressed bytes a thread decodes at a time, and the member that they end in besides.
const UNIT: u64 = 512 << 10;
/// How far the start of a member is looked for.
const FARTHEST: u64 = 4 << 20;
/// How many bytes are handed over at a time, see [`super::ahead`].
const CHUNK: usize = 512 << 10;
/// How many chunks are decoded ahead at most, all threads together.
const CHUNKS: usize = 24;
/// How much of a header tells that it is one.
const HEADER: usize = 10;

/// Reads all members of a gzip file.
pub(super) struct Members {
    shared: Arc<Shared>,
    unit: Option<Receiver<Piece>>,
    /// Where the next unit must begin.
    next: u64,
    chunk: Vec<u8>,
    at: usize,
    decoded: u64,
    is_over: bool,
}

struct Shared {
    file: File,
    /// How many units may be decoded at once, and how many chunks may wait in each.
    units: usize,
    chunks: usize,
    cut: Mutex<Cut>,
    changed: Condvar,
}

/// How far the file is cut.
struct Cut {
    next: Next,
    /// What is decoded and not yet read, in order.
    queue: VecDeque<Unit>,
    spare: Vec<Vec<u8>>,
    /// Nobody reads any more.
    is_over: bool,
}

/// Where the next unit begins.
#[derive(Clone, Copy)]
enum Next {
    At(u64),
    /// Where the last one ends, wherever that is.
    Later,
    /// Nowhere: the last one goes on to the end.
    Nowhere,
}

/// Some members that are being decoded.
struct Unit {
    start: u64,
    pieces: Receiver<Piece>,
}

enum Piece {
    Bytes(Vec<u8>),
    /// They are decoded, and this is where the last of them ends.
    End(u64),
    Failed(io::Error),
}

impl Members {
    /// Decodes a file that begins with a member, on so many threads; none, if no other member begins early in the file.
    ///
    /// # Errors
    /// If the file cannot be read, or no thread can be had.
    pub(super) fn of(file: &File, threads: NonZeroUsize) -> io::Result<Option<Self>> {
        Self::with_unit(file, threads, UNIT)
    }

    fn with_unit(file: &File, threads: NonZeroUsize, unit: u64) -> io::Result<Option<Self>> {
        if !matches!(cut(file, 0, unit)?, End::At(_)) {
            return Ok(None);
        }
        let units = threads.get();
        let cut = Cut { next: Next::At(0), queue: VecDeque::new(), spare: Vec::new(), is_over: false };
        let shared = Arc::new(Shared {
            file: file.try_clone()?,
            units,
            chunks: (CHUNKS / units).max(4),
            cut: Mutex::new(cut),
            changed: Condvar::new(),
        });
        let members =
            Self { shared, unit: None, next: 0, chunk: Vec::new(), at: 0, decoded: 0, is_over: false };
        for _ in 0..threads.get() {
            let shared = Arc::clone(&members.shared);
            thread::Builder::new().name("decode".to_owned()).spawn(move || shared.work(unit))?;
        }
        Ok(Some(members))
    }

    /// The unit that begins where the one before ended; none at the end.
    fn next_unit(&self) -> Option<Receiver<Piece>> {
        let mut cut = self.shared.lock();
        loop {
            match (cut.queue.pop_front(), cut.next) {
                (Some(unit), _) if unit.start == self.next => {
                    self.shared.changed.notify_all();
                    return Some(unit.pieces);
                }
                (None, Next::Nowhere) => return None,
                (None, Next::At(_)) => cut = self.shared.wait(cut),
                // It was cut where no member begins, or was not cut any further.
                (Some(_), _) | (None, Next::Later) => {
                    cut.queue.clear();
                    cut.next = Next::At(self.next);
                    self.shared.changed.notify_all();
                }
            }
        }
    }

    fn end(&mut self, error: io::Error) -> io::Error {
        self.is_over = true;
        match Damage::within(&error) {
            Some(damage) => Damage { decoded: self.decoded, ..damage.clone() }.into(),
            None => error,
        }
    }
}

impl Read for Members {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.chunk.len() && !self.is_over {
            let used = std::mem::take(&mut self.chunk);
            self.at = 0;
            if used.capacity() > 0 {
                self.shared.lock().spare.push(used);
            }
            let Some(unit) = &self.unit else {
                self.unit = self.next_unit();
                self.is_over = self.unit.is_none();
                continue;
            };
            match unit.recv() {
                Ok(Piece::Bytes(bytes)) => {
                    self.decoded += bytes.len() as u64;
                    self.chunk = bytes;
                }
                Ok(Piece::End(at)) => {
                    self.next = at;
                    self.unit = None;
                }
                Ok(Piece::Failed(error)) => return Err(self.end(error)),
                Err(_) => return Err(self.end(io::Error::other("the thread that decoded has ended"))),
            }
        }
        let read = (&self.chunk[self.at..]).read(buffer)?;
        self.at += read;
        Ok(read)
    }
}

impl Drop for Members {
    fn drop(&mut self) {
        let mut cut = self.shared.lock();
        cut.is_over = true;
        // Whoever waits for room in one of them ends with that.
        cut.queue.clear();
        drop(cut);
        self.shared.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Cut> {
        self.cut.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, cut: MutexGuard<'a, Cut>) -> MutexGuard<'a, Cut> {
        self.changed.wait(cut).unwrap_or_else(PoisonError::into_inner)
    }

    /// Decodes one unit after another, until nobody reads any more.
    fn work(&self, size: u64) {
        let mut guard = self.lock();
        while !guard.is_over {
            let Next::At(start) = guard.next else {
                guard = self.wait(guard);
                continue;
            };
            if guard.queue.len() >= self.units {
                guard = self.wait(guard);
                continue;
            }
            // A file that cannot be read now will tell so when it is decoded.
            let (next, until) = match cut(&self.file, start, size).unwrap_or(End::OfFile) {
                End::At(end) => (Next::At(end), end),
                End::Unknown => (Next::Later, start + 1),
                End::OfFile => (Next::Nowhere, u64::MAX),
                End::Before => {
                    guard.next = Next::Nowhere;
                    self.changed.notify_all();
                    continue;
                }
            };
            let (sender, pieces) = sync_channel(self.chunks);
            guard.next = next;
            guard.queue.push_back(Unit { start, pieces });
            self.changed.notify_all();
            drop(guard);
            self.decode(start, until, &sender);
            guard = self.lock();
        }
    }

    /// Decodes the members that begin before `until`, as long as someone wants them.
    fn decode(&self, start: u64, until: u64, pieces: &SyncSender<Piece>) {
        let input = BufReader::with_capacity(BUFFER, From { file: &self.file, at: start });
        let mut gzip = Gzip::part(input, start, until);
        loop {
            let mut chunk = self.lock().spare.pop().unwrap_or_default();
            chunk.resize(CHUNK, 0);
            let mut length = 0;
            let ended = loop {
                match gzip.read(&mut chunk[length..]) {
                    Ok(0) => break (length < CHUNK).then(|| Piece::End(gzip.position())),
                    Ok(read) => length += read,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => break Some(Piece::Failed(error)),
                }
            };
            chunk.truncate(length);
            // What came before an error is given before it.
            if length > 0 && pieces.send(Piece::Bytes(chunk)).is_err() {
                return;
            }
            if let Some(ended) = ended {
                let _ = pieces.send(ended);
                return;
            }
        }
    }
}

/// Where a unit ends.
enum End {
    /// Where it looks as if a member began.
    At(u64),
    /// Not where it could be seen.
    Unknown,
    /// With the file.
    OfFile,
    /// Before it began: the file is over.
    Before,
}

/// Finds the end of a unit that begins at `start` and has `size` bytes at least.
fn cut(file: &File, start: u64, size: u64) -> io::Result<End> {
    let finder = memmem::Finder::new(b"\x1f\x8b\x08");
    let mut window = vec![0; CHUNK];
    let mut at = start + size;
    loop {
        let mut length = 0;
        // What is read may be less than there is.
        while length < window.len() {
            match read_at(file, &mut window[length..], at + length as u64) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let bytes = &window[..length];
        let found =
            finder.find_iter(bytes).find(|&found| bytes[found..].first_chunk().is_some_and(is_header));
        if let Some(found) = found {
            return Ok(End::At(at + found as u64));
        }
        if length < window.len() {
            let is_over = length == 0 && read_at(file, &mut [0], start)? == 0;
            return Ok(if is_over { End::Before } else { End::OfFile });
        }
        // A header may begin in this window and end in the next.
        at += (length - HEADER) as u64 + 1;
        if at > start + FARTHEST {
            return Ok(End::Unknown);
        }
    }
}

/// Whether ten bytes that begin as a header does go on as one: with no flag that is not known, an effort that
/// compressors tell, and a system that there is (RFC 1952, section 2.3.1).
fn is_header(bytes: &[u8; HEADER]) -> bool {
    bytes[3] & RESERVED == 0 && matches!(bytes[8], 0 | 2 | 4) && matches!(bytes[9], 0..=13 | 255)
}

/// A file from some place on.
struct From<'a> {
    file: &'a File,
    at: u64,
}

impl Read for From<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = read_at(self.file, buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
