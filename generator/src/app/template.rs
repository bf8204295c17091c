//! Messages and fields: text with drawn words in it.

use super::vocabulary::{PATHS, SERVICES, STATUSES, TEMPLATES, Template, WORDS};
use crate::draws::Draws;
use crate::text::{Buffer, decimal, hex, padded};
use crate::weights::Weights;

/// What a text asks to be drawn.
#[derive(Clone, Copy)]
enum Slot {
    Number,
    Big,
    Negative,
    Milliseconds,
    Exponent,
    Bool,
    Status,
    Path,
    User,
    Service,
    Word,
    Hex,
}

impl Slot {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "n" => Self::Number,
            "big" => Self::Big,
            "neg" => Self::Negative,
            "ms" => Self::Milliseconds,
            "exp" => Self::Exponent,
            "bool" => Self::Bool,
            "status" => Self::Status,
            "path" => Self::Path,
            "user" => Self::User,
            "service" => Self::Service,
            "word" => Self::Word,
            "hex" => Self::Hex,
            _ => return None,
        })
    }

    fn write(self, draws: &mut Draws, out: &mut Buffer) {
        fn one<'a>(draws: &mut Draws, list: &[&'a str]) -> &'a str {
            list[draws.below(list.len() as u32) as usize]
        }
        match self {
            Self::Number => decimal(out, draws.magnitude(12)),
            Self::Big => decimal(out, draws.magnitude(31)),
            Self::Negative => {
                out.push(b'-');
                decimal(out, 1 + draws.magnitude(9));
            }
            Self::Milliseconds => {
                let micros = draws.magnitude(20);
                decimal(out, micros / 1000);
                out.push(b'.');
                padded::<3>(out, micros % 1000);
            }
            Self::Exponent => {
                let digits = draws.below(900) + 100;
                decimal(out, digits / 100);
                out.push(b'.');
                padded::<2>(out, digits % 100);
                out.extend_from_slice([&b"e-3"[..], b"e2", b"E+1", b"e0"][digits as usize % 4]);
            }
            Self::Bool => out.extend_from_slice(if draws.below(2) == 0 { b"false" } else { b"true" }),
            Self::Status => out.extend_from_slice(one(draws, &STATUSES).as_bytes()),
            Self::Path => out.extend_from_slice(one(draws, &PATHS).as_bytes()),
            Self::User => {
                out.extend_from_slice(b"u-");
                decimal(out, draws.zipf(16));
            }
            Self::Service => out.extend_from_slice(SERVICES[draws.below(8) as usize].0.as_bytes()),
            Self::Word => out.extend_from_slice(one(draws, &WORDS).as_bytes()),
            Self::Hex => {
                let start = out.len();
                hex(out, draws.word().into());
                out.drain(start..start + 8);
            }
        }
    }
}

/// A text taken apart: literals, each with the slot that follows it.
struct Text {
    parts: Vec<(&'static str, Option<Slot>)>,
}

impl Text {
    /// Takes a text apart. `<` that opens no known slot stands for itself.
    fn new(text: &'static str) -> Self {
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

    fn write(&self, draws: &mut Draws, out: &mut Buffer) {
        for (literal, slot) in &self.parts {
            out.extend_from_slice(literal.as_bytes());
            if let Some(slot) = slot {
                slot.write(draws, out);
            }
        }
    }
}

/// What can be said at one level.
struct Sayings {
    texts: Vec<[Text; 2]>,
    weights: Weights,
}

/// Every template, ready.
pub(super) struct Templates {
    levels: [Sayings; 4],
}

impl Templates {
    pub(super) fn new() -> Self {
        let sayings = |list: &'static [Template]| Sayings {
            texts: list.iter().map(|says| [Text::new(says.message), Text::new(says.fields)]).collect(),
            weights: Weights::new(list.iter().map(|says| says.weight)),
        };
        Self { levels: TEMPLATES.map(sayings) }
    }

    /// Draws what is said at a level: writes `"message":"...",` to one buffer and `"fields":{...},` to another.
    pub(super) fn draw(&self, draws: &mut Draws, level: usize, message: &mut Buffer, fields: &mut Buffer) {
        let sayings = &self.levels[level];
        let [said, with] = &sayings.texts[sayings.weights.draw(draws)];
        message.clear();
        message.extend_from_slice(br#""message":""#);
        said.write(draws, message);
        message.extend_from_slice(b"\",");
        fields.clear();
        fields.extend_from_slice(br#""fields":{"#);
        with.write(draws, fields);
        fields.extend_from_slice(b"},");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_gives_json_of_its_level_and_no_slot_is_left() {
        let templates = Templates::new();
        let mut draws = Draws::new("test", 5, 0);
        let (mut message, mut fields) = (Buffer::new(), Buffer::new());
        for level in 0..4 {
            for _ in 0..5_000 {
                templates.draw(&mut draws, level, &mut message, &mut fields);
                let line = [&b"{"[..], &message, &fields[..fields.len() - 1], b"}"].concat();
                let json: serde_json::Value = serde_json::from_slice(&line).unwrap();
                assert!(json["fields"].as_object().is_some_and(|fields| !fields.is_empty()));
                assert!(!json.to_string().contains('<'), "{json}");
            }
        }
    }
}
