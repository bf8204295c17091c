//! What may follow what in a line: a graph of literals.
//!
//! A node is a literal at a place, and the kind of the value after it. Which nodes follow a node is given by the place
//! alone that it leads to: all whose place that is.

use hashbrown::HashTable;

use super::lanes::{digits, stop_mask};
use super::literals::{Literal, Place, Then};
use super::{Kind, Wanted, scan};

/// No node, or no tail.
pub(super) const NOWHERE: u16 = u16::MAX;
/// No wanted key.
pub(super) const UNWANTED: u8 = u8::MAX;
/// The room for a literal's first bytes. One is kept free: see [`WINDOW`].
const HEAD: usize = 32;
/// The most of a literal that fits there; nearly all do.
const LONGEST_HEAD: usize = HEAD - 1;
/// What is looked at together: a literal's head and the first 32 bytes of the value after it.
const WINDOW: usize = LONGEST_HEAD + 33;
/// The most nodes there may be.
const MOST_NODES: usize = 4096;
/// What a hash is multiplied with at each step: 2^64 divided by the golden ratio, as is usual.
const HASH_STEP: u64 = 0x9e37_79b9_7f4a_7c15;
/// No wanted keys: a literal that is looked up has been through that when it was learnt.
static NONE: Wanted = Wanted::none();

/// A literal that was seen in a valid line. It fills one line of the cache.
#[repr(align(64))]
pub(super) struct Node {
    /// The literal's first bytes, padded with zeros.
    head: [u8; HEAD],
    head_length: u8,
    pub(super) then: Then,
    /// The position of the wanted key whose value follows, or [`UNWANTED`].
    pub(super) key: u8,
    /// Where the rest of the literal is in [`Graph::tails`], or [`NOWHERE`] if there is none.
    tail: u16,
    /// Where the literal stands, and where the next one does: positions in [`Graph::places`].
    pub(super) place: u16,
    pub(super) next: u16,
    /// Of place and literal.
    hash: u64,
}

/// The rests of literals that do not fit into their node.
pub(super) type Tails = [Box<[u8]>];

/// All literals that are known.
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) tails: Vec<Box<[u8]>>,
    /// The first is where a line begins.
    places: Vec<Place>,
    /// All nodes, by place and literal.
    known: HashTable<u16>,
}

/// A step from one node to the next: over a literal and the value after it.
pub(super) struct Step {
    pub(super) value: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
}

impl Graph {
    pub(super) fn new() -> Self {
        Self { nodes: Vec::new(), tails: Vec::new(), places: vec![Place::START], known: HashTable::new() }
    }

    pub(super) fn is_full(&self) -> bool {
        self.nodes.len() >= MOST_NODES
    }

    pub(super) fn place(&self, place: u16) -> Option<Place> {
        self.places.get(place as usize).copied()
    }

    /// Finds the node whose literal stands at a place and takes the step over it.
    #[inline(never)]
    pub(super) fn look_up(&self, text: &[u8], at: usize, place: u16) -> Option<(u16, Step)> {
        let here = self.place(place)?;
        let end = here.simple_literal(text, at).or_else(|| Some(here.literal(text, at, &NONE)?.end))?;
        let hash = hash_of(place, text, at, end)?;
        // The step compares the literal itself. So two literals of one hash cost speed if they ever meet, nothing else.
        let is_it = |&number: &u16| self.nodes.get(number as usize).is_some_and(|node| node.hash == hash);
        let number = *self.known.find(hash, is_it)?;
        let node = self.nodes.get(number as usize).filter(|node| node.place == place)?;
        Some((number, node.step(&self.tails, text, at)?))
    }

    /// The node of the literal that was found at `at` of a valid line; a new one, if it is not known yet. `None` if
    /// there is no room for it.
    pub(super) fn learn(&mut self, line: &[u8], at: usize, place: u16, found: Literal) -> Option<u16> {
        let literal = line.get(at..found.end)?;
        let hash = hash_of(place, line, at, found.end)?;
        let is_it = |&number: &u16| {
            let node = self.nodes.get(number as usize);
            node.is_some_and(|node| node.place == place && node.is(literal, &self.tails))
        };
        match self.known.find(hash, is_it) {
            Some(&number) => Some(number),
            None if self.is_full() => None,
            None => Some(self.add(literal, hash, place, found)),
        }
    }

    /// Adds a node. There are fewer than [`MOST_NODES`], and no more places or tails than nodes, so numbers fit.
    fn add(&mut self, literal: &[u8], hash: u64, place: u16, found: Literal) -> u16 {
        let (head_part, tail_part) = literal.split_at(literal.len().min(LONGEST_HEAD));
        let mut head = [0; HEAD];
        head[..head_part.len()].copy_from_slice(head_part);
        let tail = if tail_part.is_empty() {
            NOWHERE
        } else {
            self.tails.push(tail_part.into());
            self.tails.len() as u16 - 1
        };
        let next = if found.then == Then::End {
            0
        } else if let Some(known) = self.places.iter().position(|known| *known == found.next) {
            known as u16
        } else {
            self.places.push(found.next);
            self.places.len() as u16 - 1
        };
        let key = found.key.and_then(|key| u8::try_from(key).ok()).unwrap_or(UNWANTED);
        let number = self.nodes.len() as u16;
        self.nodes.push(Node {
            head,
            head_length: head_part.len() as u8,
            then: found.then,
            key,
            tail,
            place,
            next,
            hash,
        });
        let Self { nodes, known, .. } = self;
        known.insert_unique(hash, number, |&node| nodes.get(node as usize).map_or(0, |node| node.hash));
        number
    }
}

impl Node {
    fn head(&self) -> &[u8] {
        self.head.get(..self.head_length as usize).unwrap_or_default()
    }

    fn tail<'a>(&self, tails: &'a Tails) -> &'a [u8] {
        tails.get(self.tail as usize).map_or(&[], |tail| tail)
    }

    fn is(&self, literal: &[u8], tails: &Tails) -> bool {
        literal.strip_prefix(self.head()) == Some(self.tail(tails))
    }

    /// Steps over the literal and the value after it, if they stand at `at`.
    #[inline]
    pub(super) fn step(&self, tails: &Tails, text: &[u8], at: usize) -> Option<Step> {
        let Some(window) = text.get(at..)?.first_chunk::<WINDOW>() else {
            return self.careful_step(tails, text, at);
        };
        // Known to be no more than this; masked so that the compiler knows it too and checks no bounds below.
        let length = self.head_length as usize & LONGEST_HEAD;
        if !same_start(window, &self.head, length) {
            return None;
        }
        if self.tail != NOWHERE {
            return self.careful_step(tails, text, at);
        }
        let value = at + length;
        let first: &[u8; 32] = window[length..length + 32].first_chunk()?;
        match self.then {
            Then::Text => {
                let stop = stop_mask(first).trailing_zeros() as usize;
                if first.get(stop) == Some(&b'"') {
                    return Some(Step { value, end: value + stop, kind: Kind::Plain });
                }
                text_step(text, value, value + stop)
            }
            Then::Bare => {
                if first.starts_with(b"true") {
                    return Some(Step { value, end: value + 4, kind: Kind::Bare });
                }
                if first.starts_with(b"false") {
                    return Some(Step { value, end: value + 5, kind: Kind::Bare });
                }
                let run = digits(first.first_chunk()?);
                let end = value + run;
                if run == 1 || (run > 1 && run < 16 && first[0] != b'0') {
                    match first[run] {
                        b',' | b'}' => return Some(Step { value, end, kind: Kind::Bare }),
                        b'.' => return fraction_step(text, value, end + 1),
                        _ => {}
                    }
                }
                bare_step(text, value)
            }
            Then::End => Some(Step { value, end: value, kind: Kind::Container }),
        }
    }

    /// The same for a long literal, and near the end of the text.
    #[inline(never)]
    fn careful_step(&self, tails: &Tails, text: &[u8], at: usize) -> Option<Step> {
        let rest = text.get(at..)?.strip_prefix(self.head())?.strip_prefix(self.tail(tails))?;
        let value = text.len() - rest.len();
        match self.then {
            Then::Text => text_step(text, value, value),
            Then::Bare => bare_step(text, value),
            Then::End => Some(Step { value, end: value, kind: Kind::Container }),
        }
    }
}

/// Steps over the rest of a string of which the bytes up to `from` are plain.
#[inline(never)]
fn text_step(text: &[u8], value: usize, from: usize) -> Option<Step> {
    let end = scan::plain_run(text, from);
    if text.get(end) == Some(&b'"') {
        return Some(Step { value, end, kind: Kind::Plain });
    }
    let scanned = scan::string(text, end).ok().filter(|scanned| !scanned.lone_surrogate)?;
    Some(Step { value, end: scanned.quote, kind: Kind::Escaped })
}

/// Steps over the rest of a number whose digits after the point start at `from`.
#[inline]
fn fraction_step(text: &[u8], value: usize, from: usize) -> Option<Step> {
    let window: &[u8; 16] = text.get(from..)?.first_chunk()?;
    let run = digits(window);
    let end = from + run;
    if run > 0 && run < 16 && matches!(text.get(end), Some(b',' | b'}')) {
        return Some(Step { value, end, kind: Kind::Bare });
    }
    bare_step(text, value)
}

#[inline(never)]
fn bare_step(text: &[u8], value: usize) -> Option<Step> {
    Some(Step { value, end: scan::bare(text, value).ok()?, kind: Kind::Bare })
}

/// A hash of a place and the literal `text[at..end]`. It is quick, not strong: a log that is made to collide is read
/// more slowly, by the walker.
#[inline]
fn hash_of(place: u16, text: &[u8], at: usize, end: usize) -> Option<u64> {
    let literal = text.get(at..end)?;
    let mut head = [0; HEAD];
    if let Some(window) = text.get(at..)?.first_chunk::<HEAD>() {
        head = *window;
    } else {
        let start = literal.get(..HEAD).unwrap_or(literal);
        head[..start.len()].copy_from_slice(start);
    }
    let mask = &MASKS[literal.len().min(LONGEST_HEAD)];
    let mut hash = literal.len() as u64 ^ u64::from(place) << 32;
    for part in 0..HEAD / 8 {
        let word = word_at(&head, part * 8) & word_at(mask, part * 8);
        hash = (hash ^ word).wrapping_mul(HASH_STEP).rotate_left(29);
    }
    for byte in literal.get(LONGEST_HEAD..).unwrap_or_default() {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(HASH_STEP).rotate_left(29);
    }
    Some(hash)
}

/// Whether the first `length` bytes are equal, without a branch for each of them.
#[inline]
fn same_start(left: &[u8; WINDOW], right: &[u8; HEAD], length: usize) -> bool {
    let mask = &MASKS[length & LONGEST_HEAD];
    let mut difference = 0;
    for part in 0..HEAD / 8 {
        let at = part * 8;
        difference |= (word_at(left, at) ^ word_at(right, at)) & word_at(mask, at);
    }
    difference == 0
}

#[inline]
fn word_at(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(word)
}

/// For each length, the bytes that count.
static MASKS: [[u8; HEAD]; HEAD] = {
    let mut masks = [[0; HEAD]; HEAD];
    let mut length = 0;
    while length < HEAD {
        let mut byte = 0;
        while byte < length {
            masks[length][byte] = 0xff;
            byte += 1;
        }
        length += 1;
    }
    masks
};
