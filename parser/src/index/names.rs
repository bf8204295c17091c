//! Names that are kept once and told apart by small numbers.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// Distinct names, numbered from 1 in the order in which they came. 0 is no name.
#[derive(Default)]
pub(crate) struct Names {
    bytes: Vec<u8>,
    /// Where each name ends in `bytes`.
    ends: Vec<u32>,
    /// Each name by its hash. It can be dropped and is then made again when it is asked for.
    table: HashTable<Slot>,
    hasher: RandomState,
}

/// A name in the table. That its hash is with it lets the table grow without a look at the names.
#[derive(Clone, Copy)]
struct Slot {
    id: u32,
    hash: u32,
}

impl Slot {
    /// The hash as the table has it, which looks at its low bits and at its highest.
    fn spread(self) -> u64 {
        spread(self.hash)
    }
}

fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

impl Names {
    /// The number of distinct names.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The name of a number; empty for 0 and for numbers that were not given out.
    #[inline]
    pub(crate) fn get(&self, id: u32) -> &[u8] {
        name(&self.bytes, &self.ends, id)
    }

    /// All names with their numbers, in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &[u8])> {
        (1..=self.ends.len() as u32).map(|id| (id, self.get(id)))
    }

    /// The number of a name, a new one if it has none yet; 0 if there is no room for another (4 GiB of names).
    #[inline]
    pub(crate) fn intern(&mut self, wanted: &[u8]) -> u32 {
        let Self { bytes, ends, table, hasher } = self;
        let hash = hash(hasher, wanted);
        let is_it = |slot: &Slot| slot.hash == hash && name(bytes, ends, slot.id) == wanted;
        if let Some(found) = table.find(spread(hash), is_it) {
            return found.id;
        }
        let Ok(end) = u32::try_from(bytes.len() + wanted.len()) else { return 0 };
        bytes.extend_from_slice(wanted);
        ends.push(end);
        let id = ends.len() as u32;
        table.insert_unique(spread(hash), Slot { id, hash }, |slot| slot.spread());
        id
    }

    /// The number of a name that is there. It takes constant time where the table is, else a walk over all names.
    pub(crate) fn find(&self, wanted: &[u8]) -> Option<u32> {
        if self.table.len() == self.len() {
            let hash = hash(&self.hasher, wanted);
            let is_it = |slot: &Slot| slot.hash == hash && self.get(slot.id) == wanted;
            return self.table.find(spread(hash), is_it).map(|slot| slot.id);
        }
        self.iter().find(|(_, name)| *name == wanted).map(|(id, _)| id)
    }

    /// Makes the table, where it was dropped or never made.
    pub(crate) fn make_table(&mut self) {
        let Self { bytes, ends, table, hasher } = self;
        if table.len() == ends.len() {
            return;
        }
        table.clear();
        table.reserve(ends.len(), |slot| slot.spread());
        for id in 1..=ends.len() as u32 {
            let hash = hash(hasher, name(bytes, ends, id));
            table.insert_unique(spread(hash), Slot { id, hash }, |slot| slot.spread());
        }
    }

    /// Drops the table, which takes 10 to 20 bytes a name, and memory that is not needed.
    pub(crate) fn drop_table(&mut self) {
        self.table = HashTable::new();
        self.shrink();
    }

    /// Drops memory that is not needed.
    pub(crate) fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// Bytes of memory that they take.
    pub(crate) fn memory(&self) -> usize {
        self.bytes.capacity() + 4 * self.ends.capacity() + 9 * self.table.capacity()
    }

    /// Writes their number, where each ends, and their bytes.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&(self.ends.len() as u64).to_le_bytes());
        self.ends.iter().for_each(|end| out.extend_from_slice(&end.to_le_bytes()));
        out.extend_from_slice(&self.bytes);
    }

    /// Reads what [`Names::write`] wrote, all of `saved`; `None` if it is not that.
    pub(super) fn read(saved: &[u8]) -> Option<Self> {
        let (count, rest) = saved.split_first_chunk()?;
        let count = usize::try_from(u64::from_le_bytes(*count)).ok()?;
        let (ends, bytes) = rest.split_at_checked(count.checked_mul(4)?)?;
        let (ends, _) = ends.as_chunks::<4>();
        let ends: Vec<u32> = ends.iter().map(|end| u32::from_le_bytes(*end)).collect();
        let in_order = ends.is_sorted() && ends.last().map_or(0, |&end| end as usize) == bytes.len();
        let mut names = Self { bytes: bytes.to_vec(), ends, ..Self::default() };
        if !in_order {
            return None;
        }
        names.make_table();
        Some(names)
    }
}

#[inline]
fn hash(hasher: &RandomState, name: &[u8]) -> u32 {
    hasher.hash_one(name) as u32
}

#[inline]
fn name<'a>(bytes: &'a [u8], ends: &[u32], id: u32) -> &'a [u8] {
    let Some(last) = (id as usize).checked_sub(1) else { return &[] };
    let Some(&end) = ends.get(last) else { return &[] };
    let start = if last == 0 { 0 } else { ends[last - 1] };
    bytes.get(start as usize..end as usize).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn a_name_has_one_number_and_is_found_with_a_table_and_without() {
        let mut names = Names::default();
        let ids: Vec<u32> = [&b"a"[..], b"", b"bc", b"a", b""].map(|name| names.intern(name)).to_vec();
        assert_eq!(ids, [1, 2, 3, 1, 2]);
        for dropped in [false, true] {
            if dropped {
                names.drop_table();
            }
            assert_eq!(names.find(b"bc"), Some(3));
            assert_eq!(names.find(b""), Some(2));
            assert_eq!(names.find(b"b"), None);
            assert_eq!((names.get(0), names.get(1), names.get(4)), (&b""[..], &b"a"[..], &b""[..]));
        }
        names.make_table();
        assert_eq!(names.intern(b"bc"), 3);
        assert_eq!(names.intern(b"d"), 4);
    }

    #[test]
    fn saved_names_are_read_back_and_damaged_ones_are_not() {
        let mut names = Names::default();
        (0..50).for_each(|n| _ = names.intern(format!("name {n}").as_bytes()));
        let mut saved = Vec::new();
        names.write(&mut saved);
        let read = Names::read(&saved).expect("what was written");
        assert!(names.iter().eq(read.iter()));
        assert!((0..saved.len()).all(|length| Names::read(&saved[..length]).is_none()));
    }
}
