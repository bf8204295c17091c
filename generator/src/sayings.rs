//! What programs say: texts with slots in which words, numbers and names are drawn.

use crate::draws::Draws;
use crate::knobs::{Knob, Knobs};
use crate::text::{Buffer, decimal, hex, padded};
use crate::weights::Weights;

/// What a text can be about, besides what is drawn: what its slots `peer`, `took`, `try` and `kind` tell.
#[derive(Clone, Copy, Default)]
pub(crate) struct Details {
    /// The other side of a call.
    pub(crate) peer: &'static str,
    /// A duration in microseconds.
    pub(crate) took: u32,
    /// Which attempt.
    pub(crate) attempt: u8,
    /// What went wrong.
    pub(crate) kind: &'static str,
}

/// What a text asks to be put in.
#[derive(Clone, Copy)]
enum Slot {
    Digit,
    Number,
    Big,
    Negative,
    Milliseconds,
    Exponent,
    Bool,
    Status,
    Path,
    User,
    Word,
    Again,
    Hex,
    Address,
    Port,
    Long,
    Stack,
    Peer,
    Took,
    Attempt,
    Kind,
}

impl Slot {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "digit" => Self::Digit,
            "n" => Self::Number,
            "big" => Self::Big,
            "neg" => Self::Negative,
            "ms" => Self::Milliseconds,
            "exp" => Self::Exponent,
            "bool" => Self::Bool,
            "status" => Self::Status,
            "path" => Self::Path,
            "user" => Self::User,
            "word" => Self::Word,
            "again" => Self::Again,
            "hex" => Self::Hex,
            "ip" => Self::Address,
            "port" => Self::Port,
            "long" => Self::Long,
            "stack" => Self::Stack,
            "peer" => Self::Peer,
            "took" => Self::Took,
            "try" => Self::Attempt,
            "kind" => Self::Kind,
            _ => return None,
        })
    }

    fn write(self, details: &Details, draws: &mut Draws, out: &mut Buffer) {
        match self {
            Self::Digit => decimal(out, draws.below(10)),
            Self::Number => decimal(out, draws.magnitude(12)),
            Self::Big => decimal(out, draws.magnitude(31)),
            Self::Negative => {
                out.push(b'-');
                decimal(out, 1 + draws.magnitude(9));
            }
            Self::Milliseconds => milliseconds(out, draws.magnitude(20)),
            Self::Exponent => {
                let digits = draws.below(900) + 100;
                decimal(out, digits / 100);
                out.push(b'.');
                padded::<2>(out, digits % 100);
                out.extend_from_slice([&b"e-3"[..], b"e2", b"E+1", b"e0"][digits as usize % 4]);
            }
            Self::Bool => out.extend_from_slice(if draws.below(2) == 0 { b"false" } else { b"true" }),
            Self::Status => out.extend_from_slice(one(draws, &STATUSES).as_bytes()),
            // The first paths come more often than the last.
            Self::Path => out.extend_from_slice(PATHS[draws.magnitude(4) as usize % PATHS.len()].as_bytes()),
            Self::User => {
                out.extend_from_slice(b"u-");
                decimal(out, draws.magnitude(16));
            }
            Self::Word => out.extend_from_slice(one(draws, &WORDS).as_bytes()),
            // Written by the text, which knows the word before.
            Self::Again => {}
            Self::Hex => hex_word(out, draws.word()),
            Self::Address => {
                out.extend_from_slice(b"10.");
                let [first, second, third, _] = draws.word().to_le_bytes();
                decimal(out, u32::from(first));
                out.push(b'.');
                decimal(out, u32::from(second));
                out.push(b'.');
                decimal(out, u32::from(third));
            }
            Self::Port => decimal(out, 1024 + draws.below(64_512)),
            Self::Long => {
                for _ in 0..8 + draws.magnitude(6) {
                    hex(out, draws.long());
                }
            }
            Self::Stack => {
                for _ in 0..3 + draws.magnitude(4) {
                    out.extend_from_slice(b"\\n\\tat shop.");
                    out.extend_from_slice(one(draws, &WORDS).as_bytes());
                    out.extend_from_slice(b".Handler.run(Handler.java:");
                    decimal(out, draws.below(900) + 1);
                    out.push(b')');
                }
            }
            Self::Peer => out.extend_from_slice(details.peer.as_bytes()),
            Self::Took => milliseconds(out, details.took),
            Self::Attempt => decimal(out, details.attempt.into()),
            Self::Kind => out.extend_from_slice(details.kind.as_bytes()),
        }
    }
}

fn one<'a>(draws: &mut Draws, list: &[&'a str]) -> &'a str {
    list[draws.below(list.len() as u32) as usize]
}

/// Appends microseconds as milliseconds with three decimals.
#[inline]
pub(crate) fn milliseconds(out: &mut Buffer, micros: u32) {
    decimal(out, micros / 1000);
    out.push(b'.');
    padded::<3>(out, micros % 1000);
}

/// Appends eight hexadecimal digits.
#[inline]
pub(crate) fn hex_word(out: &mut Buffer, word: u32) {
    let start = out.len();
    hex(out, word.into());
    out.copy_within(start + 8.., start);
    out.truncate(start + 8);
}

/// A text taken apart: literals, each with the slot that follows it.
pub(crate) struct Text {
    parts: Vec<(&'static str, Option<Slot>)>,
}

impl Text {
    /// Takes a text apart. `<` that opens no known slot stands for itself.
    pub(crate) fn new(text: &'static str) -> Self {
        let mut parts = Vec::new();
        let (mut left, mut from) = (text, 0);
        while let Some(open) = left[from..].find('<').map(|at| from + at) {
            let slot = left[open..]
                .find('>')
                .and_then(|close| Some((close, Slot::named(&left[open + 1..open + close])?)));
            match slot {
                Some((close, slot)) => {
                    parts.push((&left[..open], Some(slot)));
                    left = &left[open + close + 1..];
                    from = 0;
                }
                None => from = open + 1,
            }
        }
        parts.push((left, None));
        Self { parts }
    }

    /// Appends the text with its slots filled.
    #[inline]
    pub(crate) fn write(&self, details: &Details, draws: &mut Draws, out: &mut Buffer) {
        let mut word = 0..0;
        for (literal, slot) in &self.parts {
            out.extend_from_slice(literal.as_bytes());
            match slot {
                Some(Slot::Again) => out.extend_from_within(word.clone()),
                Some(slot) => {
                    let start = out.len();
                    slot.write(details, draws, out);
                    if matches!(slot, Slot::Word) {
                        word = start..out.len();
                    }
                }
                None => {}
            }
        }
    }
}

/// What is odd in a text: the name of the knob for how often it comes, and which texts have it.
type Odd = (&'static str, fn(&str) -> bool);

const ODD: [Odd; 3] = [
    ("escapes", |text| text.contains('\\') || text.contains("<stack>")),
    ("unicode", |text| !text.is_ascii()),
    ("long", |text| text.contains("<long>") || text.contains("<stack>")),
];

const fn odd(place: usize, meaning: &'static str) -> Knob {
    let source = "the shares of its texts among the others, which are invented";
    Knob::number(ODD[place].0, 100, 0..=10_000, "% of the usual", meaning, source)
}

/// The knob for texts with escapes.
pub(crate) const ESCAPES: Knob =
    odd(0, "how often texts with escapes come, as far as there are others to say");

/// The knob for texts with letters beyond ASCII.
pub(crate) const UNICODE: Knob =
    odd(1, "how often texts with letters beyond ASCII come, as far as there are others to say");

/// The knob for very long texts.
pub(crate) const LONG: Knob =
    odd(2, "how often texts with very long values come, as far as there are others to say");

/// How often odd texts come, for each 100 of the usual.
#[derive(Clone, Copy)]
pub(crate) struct Oddness([u64; 3]);

impl Oddness {
    /// As the knobs [`ESCAPES`], [`UNICODE`] and [`LONG`] say.
    pub(crate) fn of(knobs: &Knobs) -> Self {
        Self([&ESCAPES, &UNICODE, &LONG].map(|knob| knobs.get(knob)))
    }

    /// The weight of a text with these parts: a hundred times the usual where nothing is set.
    fn weight(self, usual: u32, parts: &[&str]) -> u32 {
        let is_so = |is_odd: fn(&str) -> bool| parts.iter().any(|part| is_odd(part));
        let weight = ODD.iter().zip(self.0).fold(u64::from(usual) * 100, |weight, ((_, is_odd), factor)| {
            if is_so(*is_odd) { weight * factor / 100 } else { weight }
        });
        weight.min(10_000_000) as u32
    }
}

/// Texts of `N` parts each, one of which is said at a time, with weights.
pub(crate) struct Sayings<const N: usize> {
    texts: Vec<[Text; N]>,
    weights: Weights,
}

impl<const N: usize> Sayings<N> {
    /// Takes texts apart.
    pub(crate) fn new(list: &[(u32, [&'static str; N])]) -> Self {
        Self {
            texts: list.iter().map(|(_, parts)| parts.map(Text::new)).collect(),
            weights: Weights::new(list.iter().map(|(weight, _)| *weight)),
        }
    }

    /// The same, with odd texts as often as is asked for. Where that would leave none to say, they stay.
    pub(crate) fn tuned(list: &[(u32, [&'static str; N])], oddness: Oddness) -> Self {
        let all = Self::new(list);
        let weights: Vec<u32> = list.iter().map(|(usual, parts)| oddness.weight(*usual, parts)).collect();
        if oddness.0 == [100; 3] || weights.iter().all(|&weight| weight == 0) {
            return all;
        }
        Self { weights: Weights::new(weights), ..all }
    }

    /// Chooses one.
    #[inline]
    pub(crate) fn draw(&self, draws: &mut Draws) -> &[Text; N] {
        &self.texts[self.weights.draw(draws)]
    }

    /// The one at a place.
    pub(crate) fn at(&self, place: usize) -> &[Text; N] {
        &self.texts[place]
    }

    /// Chooses one and tells its place in the list.
    pub(crate) fn draw_index(&self, draws: &mut Draws) -> (usize, &[Text; N]) {
        let index = self.weights.draw(draws);
        (index, &self.texts[index])
    }
}

const PATHS: [&str; 12] = [
    "/",
    "/api/products",
    "/api/cart",
    "/api/orders",
    "/health",
    "/api/search",
    "/api/cart/items",
    "/api/users/me",
    "/api/products/top",
    "/api/orders/recent",
    "/api/payments",
    "/login",
];

const WORDS: [&str; 16] = [
    "orders", "prices", "invoice", "teapot", "lamp", "stock", "mirror", "basket", "beta", "ledger", "quota",
    "zone", "kettle", "shelf", "ticket", "audit",
];

const STATUSES: [&str; 8] = ["200", "200", "200", "200", "201", "204", "304", "404"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_filled_and_other_angles_stand_for_themselves() {
        let text = Text::new("a <b> <n> <word>=<again> <peer><took> < <hex");
        let mut draws = Draws::new("test", 5, 0);
        let mut out = Buffer::new();
        text.write(&Details { peer: "p", took: 1_002_003, ..Details::default() }, &mut draws, &mut out);
        let written = String::from_utf8(out).unwrap();
        let (one, other) = written.split(' ').find_map(|part| part.split_once('=')).unwrap();
        assert!(one == other && WORDS.contains(&one), "{written}");
        assert!(written.starts_with("a <b> ") && written.ends_with(" p1002.003 < <hex"), "{written}");
    }

    #[test]
    fn hexadecimal_words_have_eight_digits() {
        let mut out = Buffer::new();
        hex_word(&mut out, 0x0123_abcd);
        assert_eq!(out, b"0123abcd");
    }
}
