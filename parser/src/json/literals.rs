//! Literals: the text between two values.

use super::{Wanted, scan};

/// Where a literal begins: which containers are open, and whether the closing quote of a string comes first. What may
/// stand in a literal, and what it leads to, depends on nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// How many containers are open, at most [`Place::DEEPEST`].
    depth: u32,
    /// Which of them are objects: a bit each, the outermost first.
    objects: u32,
    in_text: bool,
}

/// What follows a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// A string; the literal ends with its opening quote.
    Text,
    /// A number, `true`, `false` or `null`.
    Bare,
    /// The next line; the literal ends with the line feed.
    End,
}

/// A literal that has been delimited.
#[derive(Debug, Clone, Copy)]
pub(super) struct Literal {
    pub(super) end: usize,
    pub(super) then: Then,
    /// The wanted key whose value follows.
    pub(super) key: Option<usize>,
    /// Where the literal after that value begins.
    pub(super) next: Place,
}

impl Place {
    /// The deepest nesting that is followed: a bit each.
    const DEEPEST: u32 = 32;

    /// Before a line.
    pub(super) const START: Self = Self { depth: 0, objects: 0, in_text: false };

    /// Where the literal ends that starts at `at`, if it is the most usual one: a comma, a key and a colon without
    /// white space between, in an object. If it is not, this may be wrong, but then no such literal is known.
    #[inline]
    pub(super) fn simple_literal(self, text: &[u8], at: usize) -> Option<usize> {
        let comma = at + usize::from(self.in_text);
        let in_object = self.objects >> self.depth.checked_sub(1)? & 1 == 1;
        if !in_object || text.get(comma..comma + 2) != Some(b",\"") {
            return None;
        }
        let quote = scan::plain_run(text, comma + 2);
        match text.get(quote..quote + 3)? {
            b"\":\"" => Some(quote + 3),
            [b'"', b':', b'-' | b'0'..=b'9' | b't' | b'f' | b'n'] => Some(quote + 2),
            _ => None,
        }
    }

    /// Delimits the literal that starts at `at`.
    ///
    /// If the text is a valid line, this is right; if not, the literal means nothing. `None` where the text makes no
    /// sense, is nested too deeply, or gives a wanted key a container for a value: that would be part of the literal
    /// and so not be seen.
    pub(super) fn literal(self, text: &[u8], mut at: usize, wanted: &Wanted) -> Option<Literal> {
        let Self { mut depth, mut objects, in_text } = self;
        at += usize::from(in_text);
        let mut key = None;
        let mut key_next = false;
        loop {
            let then = match *text.get(at)? {
                byte @ (b'{' | b'[') => {
                    if depth == Self::DEEPEST || key.is_some() {
                        return None;
                    }
                    key_next = byte == b'{';
                    objects |= u32::from(key_next) << depth;
                    depth += 1;
                    at += 1;
                    continue;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    objects &= !(1 << depth);
                    at += 1;
                    continue;
                }
                b',' => {
                    key_next = objects >> depth.checked_sub(1)? & 1 == 1;
                    at += 1;
                    continue;
                }
                b':' | b' ' | b'\t' | b'\r' => {
                    at += 1;
                    continue;
                }
                b'"' if key_next => {
                    let name = scan::string(text, at + 1).ok()?;
                    if depth == 1 {
                        key = wanted.find(text.get(at + 1..name.quote)?, name.escaped);
                    }
                    key_next = false;
                    at = name.quote + 1;
                    continue;
                }
                b'"' => Then::Text,
                b'\n' => Then::End,
                _ => Then::Bare,
            };
            at += usize::from(then != Then::Bare);
            let next = Self { depth, objects, in_text: then == Then::Text };
            return Some(Literal { end: at, then, key, next });
        }
    }
}
