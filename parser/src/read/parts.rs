//! A file read in parts, several at once.

use std::fs::File;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use super::{Reader, Record, Totals};
use crate::bad::BadLine;
use crate::segments::{self, Part, Reads};

/// How parts are read: what `start` makes takes the records of a part in, one after another, by `add`.
struct InParts<'a, Start, Add> {
    reader: Reader,
    start: &'a Start,
    add: &'a Add,
}

impl Reader {
    /// Reads a file from its start to its end, on several threads if it is long enough and can be read at any place. For
    /// each part of it `start` makes something that takes its records in by `add`, on whichever thread; these are handed to
    /// `take` in the order of the parts, until it breaks. A record's line and offset are counted from the start of its
    /// part, those of a bad line from the start of the file.
    ///
    /// A part is half a MiB or so. Some more than there are threads are held until their turn comes.
    ///
    /// # Errors
    /// What the file gives, after what came before; or a [`crate::Refusal`].
    pub fn read_parts<T: Send>(
        &mut self,
        file: &File,
        threads: NonZeroUsize,
        on_bad: &mut (dyn FnMut(BadLine) + Send),
        start: &(impl Fn() -> T + Sync),
        add: &(impl Fn(&mut T, &Record<'_>) + Sync),
        take: &mut (dyn FnMut(T) -> ControlFlow<()> + Send),
    ) -> io::Result<()> {
        let mut parts = InParts { reader: self.fork(), start, add };
        let mut take = |Part { out, .. }: Part<T>| take(out);
        let read = segments::read_file(&mut parts, file, threads, on_bad, &mut take);
        self.add(parts.totals());
        read
    }
}

impl<T: Send, Start: Fn() -> T + Sync, Add: Fn(&mut T, &Record<'_>) + Sync> Reads
    for InParts<'_, Start, Add>
{
    type Out = T;

    fn fork(&self) -> Self {
        Self { reader: self.reader.fork(), ..*self }
    }

    fn read_part(
        &mut self,
        source: &mut dyn Read,
        is_start: bool,
        on_bad: &mut dyn FnMut(BadLine),
    ) -> (T, io::Result<()>) {
        let mut part = (self.start)();
        let read = self.reader.read_part(source, is_start, None, on_bad, |record| {
            (self.add)(&mut part, record);
            ControlFlow::Continue(())
        });
        (part, read)
    }

    fn totals(&self) -> Totals {
        self.reader.totals()
    }

    fn join(&mut self, other: Self) {
        self.reader.add(other.reader.totals());
    }
}
