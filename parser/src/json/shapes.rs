//! Learnt shapes: what is expected between one value and the next.
//!
//! A log has few kinds of lines, so after a given value nearly always the same bytes follow: the end of the value,
//! the next key, a colon. These *literals* are learnt from lines that the walker has validated, as the nodes of a
//! graph: a node is a literal and the kind of the value after it, and leads to the nodes that were seen to follow.
//! Reading a line is then a walk through the graph, comparing literals and scanning values.
//!
//! Why no walk accepts a line that the walker rejects: what may follow a value depends only on which containers are
//! open and on whether the value is a string, whose closing quote belongs to the next literal. Both are part of a
//! node's identity, so each literal that follows a node is right after it, whatever led there. The values between
//! are scanned by the same functions as the walker's. A line ends only by a literal that closes the outermost object
//! and holds the line feed.

use std::collections::HashMap;

use super::scan;
use super::{Captures, Kind, Span};
use crate::json::walk::find;

/// Bytes of a literal that are compared at once; nearly all are shorter.
const HEAD: usize = 32;
/// The longest literal that is learnt: many empty containers or much white space make a long one.
const LONGEST_LITERAL: usize = 4096;
/// The most values of a line that is learnt from.
const MOST_VALUES: usize = 256;
/// The deepest nesting that is learnt: a bit each.
const DEEPEST: u32 = 32;
/// The most successors that a node keeps.
const SUCCESSORS: usize = 12;
/// When there are more nodes than this, all are forgotten and learning begins again.
const MOST_NODES: usize = 1024;
/// No wanted key.
const UNWANTED: u8 = u8::MAX;

/// What follows a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Then {
    /// A string; the literal ends with its opening quote.
    Text,
    /// A number, `true`, `false` or `null`.
    Bare,
    /// The next line.
    End,
}

struct Node {
    /// The literal's first bytes, padded with zeros.
    head: [u8; HEAD],
    head_length: u8,
    then: Then,
    /// The position of the wanted key whose value follows, or [`UNWANTED`].
    key: u8,
    successor_count: u8,
    /// Node numbers, roughly by how often each followed.
    successors: [u16; SUCCESSORS],
    /// What did not fit into `head`.
    tail: Box<[u8]>,
}

/// What makes two nodes the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Identity {
    literal: Box<[u8]>,
    then: Then,
    key: u8,
    /// The containers open after the literal: how many, and which of them are objects.
    depth: u32,
    objects: u32,
}

/// The shapes learnt so far.
pub(crate) struct Shapes {
    nodes: Vec<Node>,
    numbers: HashMap<Identity, u16>,
}

impl Shapes {
    pub(crate) fn new() -> Self {
        let mut shapes = Self { nodes: Vec::new(), numbers: HashMap::new() };
        shapes.forget();
        shapes
    }

    /// Back to the node that stands before each line and nothing else.
    fn forget(&mut self) {
        self.numbers.clear();
        self.nodes.clear();
        self.nodes.push(Node::new(b"", Then::End, UNWANTED));
    }

    /// Reads the line that starts at `start` into `captures`, whose spans are positions in `text`. Gives where the
    /// next line starts, or `None` if the line is not of a known shape: then it may be anything.
    #[inline]
    pub(crate) fn read(&mut self, text: &[u8], start: usize, captures: &mut Captures) -> Option<usize> {
        captures.clear();
        let mut at = start;
        let mut number = 0_usize;
        loop {
            let (rank, next, value, end) = self.step(text, at, number)?;
            if rank > 0 {
                // One place forward each time: the usual successor ends up first, a rare one does not push it away.
                self.nodes.get_mut(number)?.successors.swap(rank, rank - 1);
            }
            let node = self.nodes.get(next)?;
            at = end;
            match node.then {
                Then::End => return Some(at),
                _ if node.key == UNWANTED => {}
                _ => captures.set(node.key as usize, value),
            }
            number = next;
        }
    }

    /// Tries the successors of a node at `at`: which of them it was, its number, its value, and where that ends.
    #[inline]
    fn step(&self, text: &[u8], at: usize, number: usize) -> Option<(usize, usize, Span, usize)> {
        let node = self.nodes.get(number)?;
        let successors = node.successors.get(..node.successor_count as usize)?;
        for (rank, &next) in successors.iter().enumerate() {
            let candidate = self.nodes.get(next as usize)?;
            let Some(start) = candidate.after_literal(text, at) else { continue };
            let (end, kind) = match candidate.then {
                Then::Text => match scan::string(text, start) {
                    Ok(scanned) if !scanned.lone_surrogate => {
                        (scanned.quote, if scanned.escaped { Kind::Escaped } else { Kind::Plain })
                    }
                    _ => continue,
                },
                Then::Bare => match scan::bare(text, start) {
                    Ok(end) => (end, Kind::Bare),
                    Err(_) => continue,
                },
                Then::End => (start, Kind::Container),
            };
            return Some((rank, next as usize, Span { start: start as u32, end: end as u32, kind }, end));
        }
        None
    }

    /// Learns the shape of a line that the walker has found valid. `line` ends with its line feed.
    pub(crate) fn learn(&mut self, line: &[u8], wanted: &[Box<[u8]>]) {
        let Some(path) = shape_of(line, wanted) else { return };
        if self.nodes.len() + path.len() > MOST_NODES {
            self.forget();
        }
        let mut number = 0_u16;
        for identity in path {
            let next = if let Some(&next) = self.numbers.get(&identity) {
                next
            } else {
                // At most MOST_NODES, which fits.
                let next = self.nodes.len() as u16;
                self.nodes.push(Node::new(&identity.literal, identity.then, identity.key));
                self.numbers.insert(identity, next);
                next
            };
            if let Some(node) = self.nodes.get_mut(number as usize) {
                node.add_successor(next);
            }
            number = next;
        }
    }
}

impl Node {
    fn new(literal: &[u8], then: Then, key: u8) -> Self {
        let (head_part, tail) = literal.split_at(literal.len().min(HEAD));
        let mut head = [0; HEAD];
        head[..head_part.len()].copy_from_slice(head_part);
        Self {
            head,
            head_length: head_part.len() as u8,
            then,
            key,
            successor_count: 0,
            successors: [0; SUCCESSORS],
            tail: tail.into(),
        }
    }

    fn add_successor(&mut self, next: u16) {
        let count = self.successor_count as usize;
        if self.successors[..count].contains(&next) {
            return;
        }
        if count < SUCCESSORS {
            self.successors[count] = next;
            self.successor_count += 1;
        } else {
            self.successors[SUCCESSORS - 1] = next;
        }
    }

    /// Where the literal ends that starts at `at`, if it stands there.
    #[inline]
    fn after_literal(&self, text: &[u8], at: usize) -> Option<usize> {
        let rest = text.get(at..)?;
        let length = self.head_length as usize;
        let equal = match rest.first_chunk::<HEAD>() {
            Some(window) => same_start(window, &self.head, length),
            None => rest.starts_with(self.head.get(..length)?),
        };
        if !equal {
            return None;
        }
        let end = at + length;
        if self.tail.is_empty() {
            Some(end)
        } else {
            text.get(end..)?.starts_with(&self.tail).then_some(end + self.tail.len())
        }
    }
}

/// Whether the first `length` bytes are equal, without a branch for each of them.
#[inline]
fn same_start(left: &[u8; HEAD], right: &[u8; HEAD], length: usize) -> bool {
    let mask = &MASKS[length.min(HEAD)];
    let mut difference = 0;
    for part in 0..HEAD / 8 {
        difference |= (word(left, part) ^ word(right, part)) & word(mask, part);
    }
    difference == 0
}

#[inline]
fn word(bytes: &[u8; HEAD], part: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[part * 8..part * 8 + 8]);
    u64::from_le_bytes(word)
}

/// For each length, the bytes that count.
static MASKS: [[u8; HEAD]; HEAD + 1] = {
    let mut masks = [[0; HEAD]; HEAD + 1];
    let mut length = 0;
    while length <= HEAD {
        let mut byte = 0;
        while byte < length {
            masks[length][byte] = 0xff;
            byte += 1;
        }
        length += 1;
    }
    masks
};

/// The path of a valid line through the graph, or `None` if it is not worth learning: too deep, too many values, or
/// a wanted key that holds a container (a walk would not see that value).
fn shape_of(line: &[u8], wanted: &[Box<[u8]>]) -> Option<Vec<Identity>> {
    let mut path = Vec::new();
    let mut depth = 0_u32;
    let mut objects = 0_u32;
    let mut literal_start = 0;
    let mut key_next = false;
    let mut key = UNWANTED;
    let mut at = 0;
    while let Some(&byte) = line.get(at) {
        match byte {
            b'{' | b'[' => {
                if depth == DEEPEST || depth == 1 && key != UNWANTED {
                    return None;
                }
                key_next = byte == b'{';
                objects = objects & !(1 << depth) | u32::from(key_next) << depth;
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                objects &= !(1 << depth);
                at += 1;
            }
            b',' => {
                key_next = objects >> depth.checked_sub(1)? & 1 == 1;
                at += 1;
            }
            b':' | b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            b'"' if key_next => {
                let name = scan::string(line, at + 1).ok()?;
                key = UNWANTED;
                if depth == 1 {
                    let found = find(wanted, line.get(at + 1..name.quote)?, name.escaped);
                    key = found.map_or(Some(UNWANTED), |found| u8::try_from(found).ok())?;
                }
                key_next = false;
                at = name.quote + 1;
            }
            _ => {
                let then = if byte == b'"' { Then::Text } else { Then::Bare };
                let value = if byte == b'"' { at + 1 } else { at };
                let literal = line.get(literal_start..value)?.into();
                let key = if depth == 1 { key } else { UNWANTED };
                path.push(Identity { literal, then, key, depth, objects });
                (literal_start, at) = if byte == b'"' {
                    let quote = scan::string(line, value).ok()?.quote;
                    (quote, quote + 1)
                } else {
                    let end = scan::bare(line, value).ok()?;
                    (end, end)
                };
            }
        }
    }
    let literal: Box<[u8]> = line.get(literal_start..)?.into();
    if !literal.ends_with(b"\n") {
        return None;
    }
    path.push(Identity { literal, then: Then::End, key: UNWANTED, depth: 0, objects: 0 });
    let fits = path.len() <= MOST_VALUES && path.iter().all(|node| node.literal.len() <= LONGEST_LITERAL);
    fits.then_some(path)
}

#[cfg(test)]
mod tests {
    use super::Shapes;
    use crate::json::{Captures, Kind, Span, Walker};

    fn wanted() -> Vec<Box<[u8]>> {
        vec![b"level".as_slice().into(), b"n".as_slice().into()]
    }

    fn learnt(lines: &[&str]) -> Shapes {
        let mut shapes = Shapes::new();
        for line in lines {
            let mut captures = Captures::new(2);
            Walker::default().walk(line.as_bytes(), &wanted(), &mut captures).expect("the line is valid");
            shapes.learn(line.as_bytes(), &wanted());
        }
        shapes
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
    fn keys_may_be_left_out_and_reordered_as_they_were_seen() {
        let mut shapes =
            learnt(&["{\"a\":1,\"b\":\"x\",\"c\":2}\n", "{\"a\":1,\"c\":2}\n", "{\"a\":\"1\",\"c\":2}\n"]);
        let mut captures = Captures::new(2);
        for known in ["{\"a\":\"7\",\"c\":null}\n", "{\"a\":7,\"b\":\"\",\"c\":2}\n"] {
            assert_eq!(shapes.read(known.as_bytes(), 0, &mut captures), Some(known.len()), "{known}");
        }
        for unknown in
            ["{\"c\":2}\n", "{\"a\":7,\"b\":\"\",\"c\":2} \n", "{\"a\":01,\"c\":2}\n", "{\"a\":7,\"c\":2}"]
        {
            assert_eq!(shapes.read(unknown.as_bytes(), 0, &mut captures), None, "{unknown}");
        }
    }

    #[test]
    fn a_wanted_key_that_holds_a_container_is_not_learnt() {
        let line = "{\"n\":{\"a\":1},\"level\":\"x\"}\n";
        let mut shapes = learnt(&[line]);
        assert_eq!(shapes.read(line.as_bytes(), 0, &mut Captures::new(2)), None);
    }

    #[test]
    fn ever_new_keys_do_not_grow_without_bound() {
        let mut shapes = Shapes::new();
        for number in 0..10_000 {
            shapes.learn(format!("{{\"key{number}\":1}}\n").as_bytes(), &wanted());
        }
        assert!(shapes.nodes.len() <= super::MOST_NODES);
    }
}
