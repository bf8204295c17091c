//! The format of pprof: protocol buffers, after
//! <https://github.com/google/pprof/blob/main/proto/profile.proto>. Uncompressed, which its readers take as well.

use super::source;
use harness::judge::wire::profile::Profile;
use std::collections::HashMap;

/// A message being written: fields by their number, varints and what has a length.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn number(&mut self, field: u64, value: u64) -> &mut Self {
        self.varint(field << 3);
        self.varint(value);
        self
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) -> &mut Self {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    fn message(&mut self, field: u64, write: impl FnOnce(&mut Self)) -> &mut Self {
        let mut inner = Self::default();
        write(&mut inner);
        self.bytes(field, &inner.0)
    }

    fn packed(&mut self, field: u64, values: impl Iterator<Item = u64>) -> &mut Self {
        let mut inner = Self::default();
        values.for_each(|value| inner.varint(value));
        self.bytes(field, &inner.0)
    }
}

/// The strings of a profile: everything names them by their places. The first is empty.
struct Strings<'a> {
    places: HashMap<&'a str, u64>,
    all: Vec<&'a str>,
}

impl<'a> Strings<'a> {
    fn place(&mut self, text: &'a str) -> u64 {
        let next = self.all.len() as u64;
        let place = *self.places.entry(text).or_insert(next);
        if place == next {
            self.all.push(text);
        }
        place
    }
}

/// The profile as a file that `pprof` opens: samples, and the CPU time that they stand for.
pub fn pprof(profile: &Profile) -> Vec<u8> {
    let taken = (profile.samples() + profile.left_out).max(1);
    let period = profile.cpu_ns / taken;
    let comment = format!("{} · {} · {}", profile.scenario, profile.variant, source(&profile.origin));
    let mut strings = Strings { places: HashMap::from([("", 0)]), all: vec![""] };
    let (samples, count) = (strings.place("samples"), strings.place("count"));
    let (cpu, nanoseconds) = (strings.place("cpu"), strings.place("nanoseconds"));
    let comment = strings.place(&comment);
    let mut file = Message::default();
    let value_type = |kind: u64, unit: u64| {
        move |message: &mut Message| {
            message.number(1, kind).number(2, unit);
        }
    };
    file.message(1, value_type(samples, count)).message(1, value_type(cpu, nanoseconds));
    for stack in &profile.stacks {
        file.message(2, |sample| {
            // The innermost comes first. Places begin at 1 there.
            sample.packed(1, stack.frames.iter().rev().map(|&place| u64::from(place) + 1));
            sample.packed(2, [stack.samples, stack.samples * period].into_iter());
        });
    }
    let mut functions: HashMap<(&str, &str), u64> = HashMap::new();
    let mut in_order = Vec::new();
    for (place, frame) in profile.frames.iter().enumerate() {
        let key = (frame.function.as_str(), frame.file.as_str());
        let next = functions.len() as u64 + 1;
        let function = *functions.entry(key).or_insert_with(|| {
            in_order.push(key);
            next
        });
        file.message(4, |location| {
            location.number(1, place as u64 + 1).message(4, |line| {
                line.number(1, function).number(2, u64::from(frame.line));
            });
        });
    }
    for (place, (name, path)) in in_order.into_iter().enumerate() {
        let (name, path) = (strings.place(name), strings.place(path));
        file.message(5, |function| {
            // No name of the system's: where it is the same as this one, pprof takes it for mangled and cuts `<T as U>`.
            function.number(1, place as u64 + 1).number(2, name).number(4, path);
        });
    }
    for text in &strings.all {
        file.bytes(6, text.as_bytes());
    }
    file.number(10, profile.elapsed_ns).message(11, value_type(cpu, nanoseconds)).number(12, period);
    file.number(13, comment);
    file.0
}
