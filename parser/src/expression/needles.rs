//! What must stand in the text of a record, so that texts without it need not be read.
//!
//! This holds of records that are JSON objects: their strings stand in the text as they are, unless there is a backslash
//! among them. So a string of ASCII letters is there as it is, or has an escape `\u00..` in it.

use super::Node;
use super::test::{Comparison, Levels, Literal, Test};
use crate::level::Level;

/// What must stand in a text: one of some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Needles {
    pub(crate) any: Vec<Needle>,
    /// An escape that any of them may hide behind, which is one more; it begins with a backslash.
    pub(crate) escape: Option<Box<[u8]>>,
}

/// A text to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Needle {
    /// Never empty; small letters, if any case will do.
    pub(crate) text: Box<[u8]>,
    /// Whether ASCII letters may be capital or small.
    pub(crate) any_case: bool,
}

/// How an escape of an ASCII character begins, but for those that have a shorter one.
const UNICODE: &[u8] = b"\\u00";

/// More needles are not worth their while.
const MOST: usize = 12;

impl Needle {
    fn exact(text: &[u8]) -> Self {
        Self { text: text.into(), any_case: false }
    }
}

impl Needles {
    /// How few records it lets through, by guess: the length of the shortest needle, but any alternative costs.
    fn worth(&self) -> usize {
        let shortest = self.any.iter().map(|needle| needle.text.len()).min().unwrap_or(0);
        shortest.min(8) * 4 / self.any.len().max(1)
    }
}

/// The needles of a node; none, if records that it holds for need have nothing in common.
pub(super) fn of(node: &Node) -> Option<Needles> {
    match node {
        Node::Test(test) => of_test(test),
        Node::All(nodes) => nodes.iter().filter_map(of).max_by_key(Needles::worth),
        Node::Any(nodes) => {
            let mut all = Needles { any: Vec::new(), escape: None };
            for node in nodes {
                let needles = of(node)?;
                // The shorter one says more.
                all.escape = match (all.escape, needles.escape) {
                    (Some(a), Some(b)) => Some(if a.len() < b.len() { a } else { b }),
                    (a, b) => a.or(b),
                };
                for needle in needles.any {
                    if !all.any.contains(&needle) {
                        all.any.push(needle);
                    }
                }
            }
            (1..=MOST).contains(&all.any.len()).then_some(all)
        }
        Node::Not(_) => None,
    }
}

fn of_test(test: &Test) -> Option<Needles> {
    match test {
        Test::Level(_, levels) => of_levels(*levels),
        // A number may be written in many ways.
        Test::Compare(_, Comparison::Equal, Literal { text, number: None }) => of_value(text),
        Test::Contains(_, text) => of_value(text.as_text()?),
        Test::Record(pattern) => {
            let text = pattern.as_text().filter(|text| !text.is_empty())?;
            Some(Needles { any: vec![Needle::exact(text)], escape: None })
        }
        _ => None,
    }
}

/// A level is told by a string that is one of its names, which are of ASCII letters.
fn of_levels(levels: Levels) -> Option<Needles> {
    let mut any = Vec::new();
    for name in levels.iter().flat_map(Level::names) {
        // Many names of a level begin alike.
        let start = &name[..name.len().min(3)];
        let needle = Needle { text: format!("\"{start}").into_bytes().into(), any_case: true };
        if !any.contains(&needle) {
            any.push(needle);
        }
    }
    let escape = Some(UNICODE.into());
    (1..=MOST).contains(&any.len()).then_some(Needles { any, escape })
}

fn of_value(text: &[u8]) -> Option<Needles> {
    if text.is_empty() {
        return None;
    }
    // What else may be escaped in a shorter way than by \u00.
    let is_plain = text.iter().all(|b| matches!(b, 0x20..=0x7e if !b"\"\\/".contains(b)));
    let escape: &[u8] = if is_plain { UNICODE } else { b"\\" };
    Some(Needles { any: vec![Needle::exact(text)], escape: Some(escape.into()) })
}
