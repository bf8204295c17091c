//! What must stand in the text of a record, so that texts without it need not be read.
//!
//! This holds of records that are JSON objects: their strings stand in the text as they are, unless there is a backslash
//! among them. So a string of ASCII letters is there as it is, or has an escape
//! `\u00..` of one of them in it.

use super::Node;
use super::matcher::Whole;
use super::test::{Comparison, Levels, Literal, Test};
use crate::level::Level;

/// What must stand in a text: one of some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Needles {
    pub(crate) any: Vec<Needle>,
    /// What any of them may hide behind.
    pub(crate) escape: Option<Escape>,
}

/// The escapes by which a text that is looked for may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escape {
    /// Any backslash.
    Any,
    /// `\u00` and two digits, of an ASCII character of the text: a bit for each.
    Unicode(u128),
}

/// A text to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Needle {
    /// Never empty; small letters, if any case will do.
    pub(crate) text: Box<[u8]>,
    /// Whether ASCII letters may be capital or small.
    pub(crate) any_case: bool,
}

/// More needles are not worth their while.
const MOST: usize = 12;

impl Escape {
    /// What the characters of a text may be escaped by.
    pub(crate) fn of(text: &[u8]) -> Self {
        // What else may be escaped in a shorter way than by \u00.
        let is_plain = |byte: &u8| matches!(byte, 0x20..=0x7e) && !b"\"\\/".contains(byte);
        if text.iter().all(is_plain) {
            Self::Unicode(text.iter().fold(0, |all, byte| all | 1 << byte))
        } else {
            Self::Any
        }
    }

    /// The same, of letters in either case.
    fn of_letters(letters: &[u8]) -> Self {
        Self::of(&letters.to_ascii_lowercase()).or(Self::of(&letters.to_ascii_uppercase()))
    }

    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unicode(a), Self::Unicode(b)) => Self::Unicode(a | b),
            _ => Self::Any,
        }
    }

    /// Whether a text begins with one.
    pub(crate) fn begins(self, text: &[u8]) -> bool {
        match self {
            Self::Any => text.first() == Some(&b'\\'),
            Self::Unicode(of) => match text.get(..6) {
                Some(&[b'\\', b'u', b'0', b'0', high, low]) => {
                    let digit = |byte: u8| char::from(byte).to_digit(16);
                    let code = digit(high).zip(digit(low)).map(|(high, low)| high << 4 | low);
                    code.is_some_and(|code| of.checked_shr(code).is_some_and(|bits| bits & 1 == 1))
                }
                _ => false,
            },
        }
    }
}

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
                all.escape = match (all.escape, needles.escape) {
                    (Some(a), Some(b)) => Some(a.or(b)),
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
        Test::Record(Whole(pattern)) => {
            let text = pattern.as_text().filter(|text| !text.is_empty())?;
            Some(Needles { any: vec![Needle::exact(text)], escape: None })
        }
        _ => None,
    }
}

/// A level is told by a string that begins with one of its names, which are of ASCII letters.
fn of_levels(levels: Levels) -> Option<Needles> {
    let (mut any, mut escape) = (Vec::new(), None::<Escape>);
    for name in levels.iter().flat_map(Level::names) {
        // Many names of a level begin alike.
        let start = &name[..name.len().min(3)];
        let escapes = Escape::of_letters(start.as_bytes());
        escape = Some(escape.map_or(escapes, |others| others.or(escapes)));
        let needle = Needle { text: format!("\"{start}").into_bytes().into(), any_case: true };
        if !any.contains(&needle) {
            any.push(needle);
        }
    }
    (1..=MOST).contains(&any.len()).then_some(Needles { any, escape })
}

fn of_value(text: &[u8]) -> Option<Needles> {
    if text.is_empty() {
        return None;
    }
    Some(Needles { any: vec![Needle::exact(text)], escape: Some(Escape::of(text)) })
}

#[cfg(test)]
mod tests {
    use super::Escape;

    #[test]
    fn escapes_are_those_of_the_characters_of_the_text() {
        let letters = Escape::of_letters(b"err");
        for text in [&b"\\u0065"[..], b"\\u0045rr", b"\\u0072", b"\\u0052"] {
            assert!(letters.begins(text), "{}", text.escape_ascii());
        }
        let colon = Escape::of(b"a:J");
        assert!(colon.begins(b"\\u003a") && colon.begins(b"\\u003A") && colon.begins(b"\\u004a"));
        for text in
            [&b"\\u0061"[..], b"\\u00e9", b"\\u00", b"\\u006", b"\\u0165", b"\\n", b"u0065", b"", b"\\u00+5"]
        {
            assert!(!letters.begins(text), "{}", text.escape_ascii());
        }
        // What has an escape of its own, or is no ASCII character, may be written in several ways.
        for text in [&b"a/b"[..], b"a\"", b"a\\", b"a\n", "\u{e9}".as_bytes()] {
            assert_eq!(Escape::of(text), Escape::Any);
            assert!(Escape::of(text).begins(b"\\n"));
        }
        assert_eq!(Escape::of(b"a").or(Escape::of(b"\n")), Escape::Any);
    }
}
