//! Where entries stand: the times they are ordered by, and their places in their files.

use super::packed::{Packed, Packer};
use crate::time::Time;

/// Where each entry stands in its file.
#[derive(Default)]
pub(crate) struct Places {
    pub(super) offsets: Packed,
    pub(super) lengths: Packed,
    /// Entries whose line is not the one after that of the entry before, and the first of each file.
    pub(super) runs: Runs,
}

/// Numbers of lines: an entry that begins a run, and its line.
#[derive(Default, Clone)]
pub(super) struct Runs {
    pub(super) entries: Packed,
    pub(super) lines: Packed,
}

impl Places {
    /// Where its line starts in its file.
    pub(crate) fn offset(&self, entry: u32) -> u64 {
        self.offsets.get(entry as usize)
    }

    /// How many bytes there are until the next entry or bad line begins.
    pub(crate) fn length(&self, entry: u32) -> u64 {
        self.lengths.get(entry as usize)
    }

    /// The number of its line in its file, from 1. Logarithmic in the places where lines are no entries.
    pub(crate) fn line(&self, entry: u32) -> u64 {
        let Runs { entries, lines } = &self.runs;
        let after = entries.lower_bound(0..entries.len(), u64::from(entry) + 1);
        let Some(run) = after.checked_sub(1) else { return 0 };
        lines.get(run) + (u64::from(entry) - entries.get(run))
    }

    /// Bytes of memory that they take.
    pub(crate) fn bytes(&self) -> usize {
        [&self.offsets, &self.lengths, &self.runs.entries, &self.runs.lines].map(Packed::bytes).iter().sum()
    }
}

/// When each entry was.
#[derive(Default)]
pub(crate) struct Moments {
    /// The time that each is ordered by, as [`key`] has it: its own, or that of the last before it in its file that has
    /// one, or the first of the file, or the earliest of all times.
    pub(super) order: Packed,
    /// 1 for each that has a time of its own.
    pub(super) timed: Packed,
    /// Whether all times stand in order.
    pub(super) sorted: bool,
}

/// A time as a number that is ordered alike.
pub(super) fn key(time: Time) -> u64 {
    (time.nanos() as u64) ^ (1 << 63)
}

fn time_of(key: u64) -> Time {
    Time::from_nanos((key ^ (1 << 63)) as i64)
}

impl Moments {
    /// The time of an entry, if it has one of its own.
    pub(crate) fn time(&self, entry: u32) -> Option<Time> {
        (self.timed.get(entry as usize) == 1).then(|| self.order(entry))
    }

    /// Calls `each` with the time of each of some entries, if it has one of its own; entries in a row are unpacked by
    /// blocks.
    #[inline]
    pub(crate) fn each(&self, entries: &[u32], mut each: impl FnMut(Option<Time>)) {
        self.order.for_each_of(entries, |entry, key| {
            each((self.timed.get(entry as usize) == 1).then(|| time_of(key)));
        });
    }

    /// The time that an entry is ordered by.
    #[inline]
    pub(crate) fn order(&self, entry: u32) -> Time {
        time_of(self.order.get(entry as usize))
    }

    /// Whether the order of entries is that of their times.
    pub(crate) fn sorted(&self) -> bool {
        self.sorted
    }

    /// Whether each entry has a time of its own.
    pub(crate) fn all_timed(&self) -> bool {
        self.timed.smallest().is_none_or(|smallest| smallest == 1)
    }

    /// Puts entries in the order of their times; those of one time stay in the order in which they are in the index.
    pub(crate) fn sort(&self, entries: &mut [u32]) {
        if !self.sorted {
            entries.sort_by_cached_key(|&entry| (self.order.get(entry as usize), entry));
        }
    }

    /// The first entry whose time is not before `time`. Only where [`Moments::sorted`].
    pub(crate) fn first_from(&self, time: Time) -> u32 {
        self.order.lower_bound(0..self.order.len(), key(time)) as u32
    }

    /// Bytes of memory that they take.
    pub(crate) fn bytes(&self) -> usize {
        self.order.bytes() + self.timed.bytes()
    }
}

/// Takes times in as they come, and lets entries without one stay with those around them.
pub(super) struct MomentsBuilder {
    order: Packer,
    timed: Packer,
    sorted: bool,
    /// The last key, for order.
    last: Option<u64>,
    /// The key that an entry without a time gets, if its file had one already.
    carried: Option<u64>,
    /// Entries since the start of the file that had none.
    waiting: usize,
}

impl MomentsBuilder {
    pub(super) fn new() -> Self {
        Self {
            order: Packer::default(),
            timed: Packer::default(),
            sorted: true,
            last: None,
            carried: None,
            waiting: 0,
        }
    }

    /// Goes on after the first `entries` of times that are complete, which are of one file from its start.
    pub(super) fn after(moments: Moments, entries: usize) -> Self {
        let mut carried = None;
        let mut untimed = 0;
        for entry in (0..entries.min(moments.order.len())).rev() {
            if moments.timed.get(entry) == 1 {
                carried = Some(moments.order.get(entry));
                break;
            }
            untimed += 1;
        }
        // Where no entry had a time, the first that comes gives them theirs.
        let (kept, waiting) = if carried.is_some() { (entries, 0) } else { (entries - untimed, untimed) };
        let last = kept.checked_sub(1).map(|entry| moments.order.get(entry));
        Self {
            sorted: moments.sorted,
            order: Packer::after(moments.order, kept),
            timed: Packer::after(moments.timed, entries),
            last,
            carried,
            waiting,
        }
    }

    pub(super) fn push(&mut self, time: Option<Time>) {
        self.timed.push(time.is_some().into());
        if let Some(time) = time {
            let key = key(time);
            for _ in 0..std::mem::take(&mut self.waiting) {
                self.put(key);
            }
            self.carried = Some(key);
            self.put(key);
        } else if let Some(carried) = self.carried {
            self.put(carried);
        } else {
            self.waiting += 1;
        }
    }

    #[inline]
    fn put(&mut self, key: u64) {
        self.sorted &= self.last.is_none_or(|last| last <= key);
        self.last = Some(key);
        self.order.push(key);
    }

    /// Ends a file. What waits for a time gets the earliest there is.
    pub(super) fn end_file(&mut self) {
        for _ in 0..std::mem::take(&mut self.waiting) {
            self.put(0);
        }
        self.carried = None;
    }

    pub(super) fn finish(mut self) -> Moments {
        self.end_file();
        Moments { order: self.order.finish(), timed: self.timed.finish(), sorted: self.sorted }
    }
}
