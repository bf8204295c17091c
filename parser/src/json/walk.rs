//! The general reader of one object: validates everything, predicts nothing, does not recurse.

use super::scan::{self, Fault};
use super::{Captures, Kind, Span, Wanted};
use crate::bad::Reason;

/// Walks one line after another; what it allocates is kept between them.
#[derive(Default)]
pub(crate) struct Walker {
    open: OpenContainers,
}

/// What may stand next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A key, or the end of an object that has just begun.
    FirstKey,
    Key,
    /// A value, or the end of an array that has just begun.
    FirstItem,
    Value,
    /// A comma or the end of the container.
    CommaOrEnd,
}

impl Walker {
    /// Reads `line`, which must be one object and nothing else, into `captures`.
    pub(crate) fn walk(
        &mut self,
        line: &[u8],
        wanted: &Wanted,
        captures: &mut Captures,
    ) -> Result<(), Reason> {
        captures.clear();
        self.open.clear();
        let mut at = after_space(line, 0);
        if line.get(at) != Some(&b'{') {
            return Err(Reason::NotAnObject);
        }
        at += 1;
        self.open.push(true);
        let mut next = Next::FirstKey;
        let mut lone_surrogate = false;
        // The wanted key whose value comes next.
        let mut key = None;
        while self.open.depth > 0 {
            at = after_space(line, at);
            let byte = *line.get(at).ok_or(Reason::CutShort)?;
            next = match (next, byte) {
                (Next::FirstKey | Next::Key, b'"') => {
                    let name = scan::string(line, at + 1)?;
                    lone_surrogate |= name.lone_surrogate;
                    key = if self.open.depth == 1 {
                        wanted.find(&line[at + 1..name.quote], name.escaped)
                    } else {
                        None
                    };
                    at = after_space(line, name.quote + 1);
                    match line.get(at) {
                        Some(b':') => at += 1,
                        Some(_) => return Err(Reason::Malformed),
                        None => return Err(Reason::CutShort),
                    }
                    Next::Value
                }
                (Next::FirstItem | Next::Value, b'{' | b'[') => {
                    if let Some(key) = key.take() {
                        captures
                            .set(key, Span { start: at as u32, end: at as u32 + 1, kind: Kind::Container });
                    }
                    at += 1;
                    self.open.push(byte == b'{');
                    if byte == b'{' { Next::FirstKey } else { Next::FirstItem }
                }
                (Next::FirstItem | Next::Value, b'"') => {
                    let value = scan::string(line, at + 1)?;
                    lone_surrogate |= value.lone_surrogate;
                    if let Some(key) = key.take() {
                        let kind = if value.escaped { Kind::Escaped } else { Kind::Plain };
                        captures.set(key, Span { start: at as u32 + 1, end: value.quote as u32, kind });
                    }
                    at = value.quote + 1;
                    Next::CommaOrEnd
                }
                (Next::FirstKey, b'}') | (Next::FirstItem, b']') => {
                    at += 1;
                    self.open.pop();
                    Next::CommaOrEnd
                }
                (Next::FirstItem | Next::Value, _) => {
                    let end = scan::bare(line, at)?;
                    if let Some(key) = key.take() {
                        captures.set(key, Span { start: at as u32, end: end as u32, kind: Kind::Bare });
                    }
                    at = end;
                    Next::CommaOrEnd
                }
                (Next::CommaOrEnd, b',') => {
                    at += 1;
                    if self.open.in_object() { Next::Key } else { Next::Value }
                }
                (Next::CommaOrEnd, b'}' | b']') if self.open.in_object() == (byte == b'}') => {
                    at += 1;
                    self.open.pop();
                    Next::CommaOrEnd
                }
                _ => return Err(Reason::Malformed),
            };
        }
        if after_space(line, at) != line.len() {
            return Err(Reason::Malformed);
        }
        if lone_surrogate { Err(Reason::LoneSurrogate) } else { Ok(()) }
    }
}

impl From<Fault> for Reason {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::CutShort => Self::CutShort,
            Fault::Malformed => Self::Malformed,
        }
    }
}

fn after_space(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// The containers that are open, a bit each: set for an object.
#[derive(Default)]
struct OpenContainers {
    words: Vec<u64>,
    depth: usize,
}

impl OpenContainers {
    fn clear(&mut self) {
        self.words.clear();
        self.depth = 0;
    }

    fn push(&mut self, object: bool) {
        let bit = self.depth % 64;
        if bit == 0 {
            self.words.push(0);
        }
        if let Some(word) = self.words.last_mut() {
            *word = *word & !(1 << bit) | u64::from(object) << bit;
        }
        self.depth += 1;
    }

    fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.depth.is_multiple_of(64) {
            self.words.pop();
        }
    }

    fn in_object(&self) -> bool {
        self.depth > 0 && self.words.last().is_some_and(|word| word >> ((self.depth - 1) % 64) & 1 == 1)
    }
}
