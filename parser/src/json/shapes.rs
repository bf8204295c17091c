//! Learnt shapes: what is expected between one value and the next.
//!
//! A log has few kinds of lines, so after a given value nearly always the same bytes follow: the end of the value,
//! the next key, a colon. These *literals* are learnt from lines that the walker has validated, as the nodes of a
//! graph: a node is a literal, and leads to those that were seen to follow its value. Reading a line is then a walk
//! through the graph, comparing literals and scanning values. Where none of the expected literals stands, the one that
//! does is looked up among all that are known there, so keys in a new order cost little more.
//!
//! Why no walk accepts a line that the walker rejects: whether a literal may stand somewhere depends only on its
//! [`Place`], which containers are open and whether a string is, and where it leads depends only on the place and the
//! literal. A node's literal was part of a valid line at the node's place, and a walk reaches a node only where that is
//! the place. The values between are scanned by the grammar that the walker uses. A line ends only with a literal that
//! closes the outermost object and holds the line feed.

use hashbrown::HashTable;

use super::guesses::{Guesses, NOWHERE, Path};
use super::lanes::{digits, stop_mask};
use super::literals::{Literal, Place, Then};
use super::scan;
use super::{Captures, Kind, Span, Wanted};

/// The room for a literal's first bytes. One is kept free: see [`WINDOW`].
const HEAD: usize = 32;
/// The most of a literal that fits there; nearly all do.
const LONGEST_HEAD: usize = HEAD - 1;
/// What is looked at together: a literal's head and the first 32 bytes of the value after it.
const WINDOW: usize = LONGEST_HEAD + 33;
/// The longest literal that is learnt: many empty containers or much white space make a long one.
const LONGEST_LITERAL: usize = 1024;
/// When there are more nodes than this, all are forgotten and learning begins again.
const MOST_NODES: usize = 4096;
/// After this many surprises in a line the walker reads it: it takes no longer than as many more.
const MOST_SURPRISES: u32 = 6;
/// What a hash is multiplied with at each step: 2^64 divided by the golden ratio, as is usual.
const HASH_STEP: u64 = 0x9e37_79b9_7f4a_7c15;
/// No wanted keys: a literal that is looked up has been through that when it was learnt.
static NONE: Wanted = Wanted::none();
/// No wanted key.
const UNWANTED: u8 = u8::MAX;

/// A node fills one line of the cache.
#[repr(align(64))]
struct Node {
    /// The literal's first bytes, padded with zeros.
    head: [u8; HEAD],
    head_length: u8,
    then: Then,
    /// The position of the wanted key whose value follows, or [`UNWANTED`].
    key: u8,
    /// Where the rest of the literal is in [`Shapes::tails`], or [`NOWHERE`] if there is none.
    tail: u16,
    /// Where the literal stands, and where the next one does: positions in [`Shapes::places`].
    place: u16,
    next: u16,
    /// Of place and literal.
    hash: u64,
}

/// The shapes learnt so far.
pub(crate) struct Shapes {
    wanted: Wanted,
    /// The first stands before each line and has no literal.
    nodes: Vec<Node>,
    /// The first is where a line begins.
    places: Vec<Place>,
    /// What of long literals does not fit into their node.
    tails: Vec<Box<[u8]>>,
    /// All nodes but the first, by place and literal.
    known: HashTable<u16>,
    guesses: Guesses,
}

/// A step from one node to the next: over a literal and the value after it.
struct Step {
    value: usize,
    end: usize,
    kind: Kind,
}

impl Shapes {
    pub(crate) fn new(wanted: Wanted) -> Self {
        let mut shapes = Self {
            wanted,
            nodes: Vec::new(),
            places: Vec::new(),
            tails: Vec::new(),
            known: HashTable::new(),
            guesses: Guesses::new(),
        };
        shapes.forget();
        shapes
    }

    pub(crate) fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// Back to nothing but the start.
    fn forget(&mut self) {
        self.known.clear();
        self.nodes.clear();
        self.places.clear();
        self.tails.clear();
        self.guesses.forget();
        self.places.push(Place::START);
        self.nodes.push(Node {
            head: [0; HEAD],
            head_length: 0,
            then: Then::End,
            key: UNWANTED,
            tail: NOWHERE,
            place: 0,
            next: 0,
            hash: 0,
        });
    }

    /// Reads the line that starts at `start` into `captures`, whose spans are positions in `text`. Gives where the
    /// next line starts, or `None` if the line is not of a known shape: then it may be anything.
    #[inline]
    pub(crate) fn read(&mut self, text: &[u8], start: usize, captures: &mut Captures) -> Option<usize> {
        captures.clear();
        let mut surprises = 0;
        let mut at = start;
        let mut place = 0;
        let mut path = Path::START;
        loop {
            let guess = self.guesses.after(path);
            let mut next = guess.next();
            let mut node = self.nodes.get(next as usize);
            let step = match node.and_then(|node| node.step(&self.tails, text, at)) {
                Some(step) => {
                    guess.was_right();
                    step
                }
                None if surprises == MOST_SURPRISES => return None,
                None => {
                    surprises += 1;
                    let step;
                    (next, step) = self.unexpected(text, at, place)?;
                    self.guesses.after(path).was_wrong(path, next);
                    node = self.nodes.get(next as usize);
                    step
                }
            };
            let node = node?;
            if node.key != UNWANTED {
                let span = Span { start: step.value as u32, end: step.end as u32, kind: step.kind };
                captures.set(node.key as usize, span);
            }
            at = step.end;
            if node.then == Then::End {
                return Some(at);
            }
            place = node.next;
            path = path.and(next);
        }
    }

    /// Finds the step at a place when it is not the one that is expected.
    #[inline(never)]
    fn unexpected(&self, text: &[u8], at: usize, here: u16) -> Option<(u16, Step)> {
        let place = self.places.get(here as usize)?;
        let end = place.simple_literal(text, at).or_else(|| Some(place.literal(text, at, &NONE)?.end))?;
        let hash = hash_of(here, text, at, end)?;
        // The step compares the literal itself. So two literals of one hash cost speed if they ever meet, nothing else.
        let is_it = |&next: &u16| self.nodes.get(next as usize).is_some_and(|node| node.hash == hash);
        let next = *self.known.find(hash, is_it)?;
        let node = self.nodes.get(next as usize).filter(|node| node.place == here)?;
        let step = node.step(&self.tails, text, at)?;
        Some((next, step))
    }

    /// Learns the shape of a line that the walker has found valid; whether there was anything new in it. `line` ends
    /// with its line feed.
    pub(crate) fn learn(&mut self, line: &[u8]) -> bool {
        let before = self.nodes.len();
        self.follow(line);
        self.nodes.len() != before
    }

    fn follow(&mut self, line: &[u8]) {
        let mut at = 0;
        let mut place = 0_u16;
        let mut path = Path::START;
        while let Some(here) = self.places.get(place as usize) {
            let Some(literal) = here.literal(line, at, &self.wanted) else { return };
            let Some(bytes) = line.get(at..literal.end) else { return };
            if bytes.len() > LONGEST_LITERAL {
                return;
            }
            let Some(hash) = hash_of(place, line, at, literal.end) else { return };
            let is_it = |&node: &u16| self.node_is(node, place, bytes);
            let next = if let Some(&next) = self.known.find(hash, is_it) {
                next
            } else {
                if self.nodes.len() == MOST_NODES {
                    self.forget();
                    return;
                }
                self.add(bytes, hash, place, literal)
            };
            let guess = self.guesses.after(path);
            if guess.next() == NOWHERE {
                guess.was_wrong(path, next);
            }
            path = path.and(next);
            let value_end = match literal.then {
                Then::Text => scan::string(line, literal.end).map(|text| text.quote),
                Then::Bare => scan::bare(line, literal.end),
                Then::End => return,
            };
            let (Ok(end), Some(node)) = (value_end, self.nodes.get(next as usize)) else { return };
            at = end;
            place = node.next;
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

    fn node_is(&self, number: u16, place: u16, literal: &[u8]) -> bool {
        let Some(node) = self.nodes.get(number as usize) else { return false };
        node.place == place && literal.strip_prefix(node.head()) == Some(node.tail(&self.tails))
    }
}

impl Node {
    fn head(&self) -> &[u8] {
        self.head.get(..self.head_length as usize).unwrap_or_default()
    }

    fn tail<'a>(&self, tails: &'a [Box<[u8]>]) -> &'a [u8] {
        tails.get(self.tail as usize).map_or(&[], |tail| tail)
    }

    /// Steps over the literal and the value after it, if they stand at `at`.
    #[inline]
    fn step(&self, tails: &[Box<[u8]>], text: &[u8], at: usize) -> Option<Step> {
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
    fn careful_step(&self, tails: &[Box<[u8]>], text: &[u8], at: usize) -> Option<Step> {
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

#[cfg(test)]
mod tests {
    use super::{MOST_NODES, Shapes};
    use crate::json::{Captures, Kind, Span, Walker, Wanted};

    fn wanted() -> Wanted {
        Wanted::new(&["level", "n"])
    }

    fn learnt(lines: &[&str]) -> Shapes {
        let mut shapes = Shapes::new(wanted());
        for line in lines {
            let mut captures = Captures::new(2);
            Walker::default().walk(line.as_bytes(), &wanted(), &mut captures).expect("the line is valid");
            shapes.learn(line.as_bytes());
        }
        shapes
    }

    fn reads(shapes: &mut Shapes, line: &str) -> bool {
        let mut captures = Captures::new(2);
        // Both with room after it and at the end of the text.
        let alone = shapes.read(line.as_bytes(), 0, &mut captures) == Some(line.len());
        let long = format!("{line}{}", " ".repeat(100));
        assert_eq!(shapes.read(long.as_bytes(), 0, &mut captures) == Some(line.len()), alone, "{line}");
        alone
    }

    #[test]
    fn a_line_of_a_known_shape_is_read_and_its_fields_found() {
        let mut shapes =
            learnt(&["{\"t\":1,\"level\":\"INFO\",\"f\":{\"level\":\"x\",\"a\":[1,\"b\"]},\"n\":1}\n"]);
        let text = b"{\"t\":-2.5e3,\"level\":\"ERROR\",\"f\":{\"level\":\"\",\"a\":[null,\"\\n\"]},\"n\":true}\nrest";
        let mut captures = Captures::new(2);
        assert_eq!(shapes.read(text, 0, &mut captures), Some(text.len() - 4));
        assert_eq!(captures.get(0), Some(Span { start: 21, end: 26, kind: Kind::Plain }));
        let n = captures.get(1).expect("n is there");
        assert_eq!(&text[n.start as usize..n.end as usize], b"true");
    }

    #[test]
    fn known_keys_may_come_in_any_order_but_only_where_they_may_stand() {
        let mut shapes = learnt(&[
            "{\"a\":1,\"b\":\"x\",\"c\":2}\n",
            "{\"c\":2,\"a\":\"1\",\"b\":\"y\"}\n",
            "{\"b\":\"x\",\"c\":{\"d\":[1,2]}}\n",
        ]);
        for known in
            ["{\"b\":\"7\",\"c\":null}\n", "{\"a\":12345678901234567,\"b\":\"\",\"c\":2}\n", "{\"c\":0}\n"]
        {
            assert!(reads(&mut shapes, known), "{known}");
        }
        for unknown in [
            "{\"a\":7,\"b\":\"\",\"c\":2} \n",
            "{\"a\":01,\"b\":\"x\",\"c\":2}\n",
            "{\"a\":7,\"b\":\"x\",\"c\":2}",
            "{\"a\":7,\"b\":\"x\",\"c\":{\"d\":[1,\"b\":\"x\"]}}\n",
            "{\"a\":7,\"b\":\"x\",\"c\":{\"d\":[1,2}]}\n",
            "{\"a\":7,\"b\":\"\\ud800\",\"c\":2}\n",
            "{\"a\":,\"b\":\"x\",\"c\":2}\n",
        ] {
            assert!(!reads(&mut shapes, unknown), "{unknown}");
        }
    }

    #[test]
    fn long_literals_are_compared_whole() {
        let key = "k".repeat(100);
        let mut shapes = learnt(&[&format!("{{\"{key}\":1}}\n")]);
        assert!(reads(&mut shapes, &format!("{{\"{key}\":2}}\n")));
        assert!(!reads(&mut shapes, &format!("{{\"{key}x\":2}}\n")));
        assert!(!reads(&mut shapes, &format!("{{\"{}x\":2}}\n", &key[1..])));
    }

    #[test]
    fn a_wanted_key_that_holds_a_container_is_not_learnt() {
        let line = "{\"n\":{\"a\":1},\"level\":\"x\"}\n";
        assert!(!reads(&mut learnt(&[line]), line));
    }

    #[test]
    fn ever_new_keys_do_not_grow_without_bound() {
        let mut shapes = Shapes::new(wanted());
        for number in 0..20_000 {
            shapes.learn(format!("{{\"key{number}\":1}}\n").as_bytes());
        }
        assert!(shapes.nodes.len() <= MOST_NODES && shapes.known.len() < MOST_NODES);
    }
}
