//! Which entries have which value of a column.

use std::ops::Range;

use super::packed::Packed;

/// For each value of a column the entries that have it, in their order: one list after another (compressed sparse
/// rows).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Postings {
    /// Where the list of each value starts, and where the last ends.
    starts: Vec<u32>,
    entries: Packed,
}

impl Postings {
    /// The lists of a column whose values are below `values`, by counting: linear in entries and values.
    pub(super) fn of(column: &Packed, values: usize) -> Self {
        let mut starts = vec![0_u32; values + 1];
        column.for_each(0..column.len(), |_, value| {
            if let Some(count) = starts.get_mut(value as usize + 1) {
                *count += 1;
            }
        });
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut entries = vec![0_u32; starts.last().map_or(0, |&end| end as usize)];
        column.for_each(0..column.len(), |at, value| {
            if let Some(place) = next.get_mut(value as usize)
                && let Some(entry) = entries.get_mut(*place as usize)
            {
                *entry = at as u32;
                *place += 1;
            }
        });
        Self { starts, entries: entries.into_iter().map(u64::from).collect() }
    }

    /// Where the list of a value stands.
    fn range(&self, value: u32) -> Range<usize> {
        let bound = |at| self.starts.get(at).map_or(0, |&start| start as usize);
        let value = value as usize;
        if value + 1 < self.starts.len() { bound(value)..bound(value + 1) } else { 0..0 }
    }

    /// The list of a value; empty for a value that none has.
    pub(crate) fn list(&self, value: u32) -> List<'_> {
        List { entries: &self.entries, range: self.range(value) }
    }

    /// Writes where the lists start, then the lists.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&(self.starts.len() as u64).to_le_bytes());
        self.starts.iter().for_each(|start| out.extend_from_slice(&start.to_le_bytes()));
        self.entries.write(out);
    }

    /// Reads what [`Postings::write`] wrote, from the front of `bytes`; `None` if it is not that.
    pub(super) fn read(bytes: &mut &[u8]) -> Option<Self> {
        let (count, rest) = bytes.split_first_chunk()?;
        let count = usize::try_from(u64::from_le_bytes(*count)).ok()?;
        let (starts, rest) = rest.split_at_checked(count.checked_mul(4)?)?;
        let (starts, _) = starts.as_chunks::<4>();
        let starts: Vec<u32> = starts.iter().map(|start| u32::from_le_bytes(*start)).collect();
        *bytes = rest;
        let entries = Packed::read(bytes)?;
        let right = starts.is_sorted() && starts.last().is_some_and(|&end| end as usize == entries.len());
        right.then_some(Self { starts, entries })
    }

    /// Whether they are lists of so many values and entries.
    pub(super) fn fits(&self, values: usize, entries: u64) -> bool {
        self.starts.len() == values + 1 && self.entries.len() as u64 == entries
    }

    /// Bytes of memory that they take.
    pub(crate) fn bytes(&self) -> usize {
        4 * self.starts.capacity() + self.entries.bytes()
    }
}

/// The entries of one value, in their order.
#[derive(Clone)]
pub(crate) struct List<'a> {
    entries: &'a Packed,
    range: Range<usize>,
}

impl List<'_> {
    pub(crate) fn len(&self) -> usize {
        self.range.len()
    }

    /// The entry at a position, which must be below the length.
    #[inline]
    pub(crate) fn get(&self, at: usize) -> u32 {
        self.entries.get(self.range.start + at) as u32
    }

    /// Calls `each` with each entry.
    pub(crate) fn for_each(&self, mut each: impl FnMut(u32)) {
        self.entries.for_each(self.range.clone(), |_, entry| each(entry as u32));
    }

    /// What of it lies in a range of entries: found by halving.
    pub(crate) fn within(&self, entries: Range<u32>) -> Self {
        let start = self.entries.lower_bound(self.range.clone(), entries.start.into());
        let end = self.entries.lower_bound(start..self.range.end, entries.end.into());
        Self { entries: self.entries, range: start..end }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::packed::Packed;
    use super::Postings;

    proptest! {
        #[test]
        fn each_list_is_what_a_plain_filter_gives(column in prop::collection::vec(0..7_u64, 0..500)) {
            let packed: Packed = column.iter().copied().collect();
            let postings = Postings::of(&packed, 7);
            for value in 0..9_u32 {
                let expected: Vec<u32> = (0..column.len() as u32)
                    .filter(|&at| column[at as usize] == u64::from(value))
                    .collect();
                let list = postings.list(value);
                let mut got = Vec::new();
                list.for_each(|entry| got.push(entry));
                prop_assert_eq!(&got, &expected);
                let cut = list.within(10..100);
                let got: Vec<u32> = (0..cut.len()).map(|at| cut.get(at)).collect();
                prop_assert_eq!(got, expected.into_iter().filter(|at| (10..100).contains(at)).collect::<Vec<_>>());
            }
        }
    }
}
