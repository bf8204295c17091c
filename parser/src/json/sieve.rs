//! Passes over lines in which nothing stands that a search looks for, without reading them.
//!
//! It looks for some bytes of each needle in many places at a time, and where they are, for the needle. What it lets
//! through must be read; what it passes over begins with `{` and has none of the needles in it, nor colours, so it is a
//! JSON object that cannot match, or bad.

mod look;

use crate::expression::{Escape, Needle, Needles};
use look::{Looks, WINDOW, Way};

/// What an escape sequence of a terminal begins with.
const COLOUR: u8 = 0x1b;

/// Finds lines that are worth reading.
#[derive(Debug, Clone)]
pub(crate) struct Sieve {
    needles: Vec<Sought>,
    escape: Option<Escape>,
    looks: Looks,
    way: Way,
}

/// A needle, and where in it is the part of it that is looked for at first.
#[derive(Debug, Clone)]
struct Sought {
    needle: Needle,
    at: usize,
}

/// The next lines that are worth reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caught {
    /// How many lines were passed over before them.
    pub(crate) passed: u64,
    /// Where they are; empty, at the end of the text, if there are none.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Sieve {
    pub(crate) fn new(needles: &Needles) -> Self {
        let sought: Vec<Sought> = needles.any.iter().cloned().map(Sought::new).collect();
        // What is loose for one is so for all: what that lets through is looked at again.
        let (mut windows, mut loose) = (Vec::new(), [0; WINDOW]);
        for Sought { needle, at } in &sought {
            let mut window = [0; WINDOW];
            for (nth, (window, loose)) in window.iter_mut().zip(&mut loose).enumerate() {
                match needle.text.get(at + nth) {
                    Some(&byte) => {
                        *window = byte;
                        *loose |= if needle.any_case && byte.is_ascii_lowercase() { 0x20 } else { 0 };
                    }
                    None => *loose = 0xff,
                }
            }
            windows.push(window);
        }
        Self {
            looks: Looks::new(&windows, loose, needles.escape),
            needles: sought,
            escape: needles.escape,
            way: Way::best(),
        }
    }

    /// The next lines of a text that are worth reading, from the start of a line on. The text is whole lines.
    pub(crate) fn next(&self, text: &[u8], from: usize) -> Caught {
        if text.get(from).is_some_and(|&first| first != b'{') {
            return Caught { passed: 0, start: from, end: end_of_line(text, from) };
        }
        let (place, passed) = self.place(text, from);
        let Some(place) = place else {
            // The last line may lack its line feed.
            let unfinished = from < text.len() && text.last() != Some(&b'\n');
            return Caught { passed: passed + u64::from(unfinished), start: text.len(), end: text.len() };
        };
        let start = memchr::memrchr(b'\n', &text[from..place]).map_or(from, |feed| from + feed + 1);
        Caught { passed, start, end: end_of_line(text, place) }
    }

    /// The first place from `at` on in a line that is to be read, and the line feeds before it.
    fn place(&self, text: &[u8], mut at: usize) -> (Option<usize>, u64) {
        let mut passed = 0;
        loop {
            let seen = self.looks.next(self.way, text, at);
            passed += seen.feeds_before;
            if seen.shown == 0 {
                return (None, passed);
            }
            if let Some(place) = self.first(text, seen.at, seen.shown) {
                return (Some(place), passed + u64::from(before(seen.feeds, place - seen.at)));
            }
            passed += u64::from(seen.feeds.count_ones());
            at = seen.at + look::WIDTH;
        }
    }

    /// The first of the places that are shown from `at` on where there is what was looked for: a place in the line that
    /// is to be read.
    #[inline(never)]
    fn first(&self, text: &[u8], at: usize, mut shown: u64) -> Option<usize> {
        while shown != 0 {
            let place = at + shown.trailing_zeros() as usize;
            match text.get(place..) {
                Some([b'\n', next, ..]) if *next != b'{' => return Some(place + 1),
                Some([COLOUR, ..]) => return Some(place),
                _ => {}
            }
            if self.needles.iter().any(|sought| sought.is_at(text, place)) || self.escape_is_at(text, place) {
                return Some(place);
            }
            shown &= shown - 1;
        }
        None
    }

    fn escape_is_at(&self, text: &[u8], place: usize) -> bool {
        self.escape.is_some_and(|escape| text.get(place..).is_some_and(|rest| escape.begins(rest)))
    }
}

/// How many of the places before the one of this number are marked.
fn before(marked: u64, place: usize) -> u32 {
    let all_before = 1_u64.checked_shl(place as u32).map_or(u64::MAX, |bit| bit - 1);
    (marked & all_before).count_ones()
}

impl Sought {
    fn new(needle: Needle) -> Self {
        // The part that is least common, by guess.
        let last = needle.text.len().saturating_sub(WINDOW);
        let commonness =
            |at: &usize| needle.text[*at..].iter().take(WINDOW).map(|&b| commonness(b)).sum::<u32>();
        let at = (0..=last).min_by_key(commonness).unwrap_or(0);
        Self { needle, at }
    }

    /// Whether the needle is where its window would be at `place`.
    fn is_at(&self, text: &[u8], place: usize) -> bool {
        let length = self.needle.text.len();
        let Some(start) = place.checked_sub(self.at) else { return false };
        match text.get(start..).and_then(|rest| rest.get(..length)) {
            Some(found) if self.needle.any_case => found.eq_ignore_ascii_case(&self.needle.text),
            Some(found) => *found == *self.needle.text,
            None => false,
        }
    }
}

/// How common a byte is in logs, roughly.
fn commonness(byte: u8) -> u32 {
    match byte {
        b' ' | b'"' | b'e' | b't' | b'a' | b'0' | b'1' | b'2' => 8,
        b'o' | b'i' | b'n' | b's' | b'r' | b'd' | b':' | b',' | b'-' | b'_' | b'.' | b'3'..=b'9' => 6,
        b'a'..=b'z' | b'/' => 3,
        b'A'..=b'Z' => 2,
        _ => 1,
    }
}

fn end_of_line(text: &[u8], from: usize) -> usize {
    memchr::memchr(b'\n', &text[from..]).map_or(text.len(), |feed| from + feed + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::{COLOUR, Caught, Escape, Needle, Needles, Sieve, Way};

    fn needle(text: &str, any_case: bool) -> Needle {
        Needle { text: text.as_bytes().into(), any_case }
    }

    fn is_worth(line: &[u8], needles: &Needles) -> bool {
        let holds = |needle: &Needle| {
            line.windows(needle.text.len()).any(|window| {
                if needle.any_case {
                    window.eq_ignore_ascii_case(&needle.text)
                } else {
                    *window == *needle.text
                }
            })
        };
        line.first() != Some(&b'{')
            || line.contains(&COLOUR)
            || needles.any.iter().any(holds)
            || needles.escape.is_some_and(|escape| (0..line.len()).any(|at| escape.begins(&line[at..])))
    }

    /// It lets through what must be read and counts what it passes over, and of the rest it lets through nothing.
    fn check(text: &[u8], needles: &Needles) -> Result<(), TestCaseError> {
        let sieves = Way::all().into_iter().map(|way| Sieve { way, ..Sieve::new(needles) });
        let expected: Vec<usize> = text
            .split_inclusive(|&b| b == b'\n')
            .enumerate()
            .filter(|(_, line)| is_worth(line, needles))
            .map(|(nth, _)| nth)
            .collect();
        let lines = text.split_inclusive(|&b| b == b'\n').count();
        for sieve in sieves {
            let (mut at, mut line, mut caught) = (0, 0, Vec::new());
            while at < text.len() {
                let Caught { passed, start, end } = sieve.next(text, at);
                line += passed as usize;
                for _ in text[start..end].split_inclusive(|&b| b == b'\n') {
                    caught.push(line);
                    line += 1;
                }
                prop_assert!(end > at || start == text.len());
                at = end;
            }
            prop_assert_eq!(line, lines);
            prop_assert_eq!(&caught, &expected);
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn lines_with_a_needle_are_caught_and_no_others(
            lines in prop::collection::vec("(\\{|\\{|\\{|x)?([a-e\"]|E|er|\"erR|timeout|time|\\\\u00(65|45|74|e9|6)|\x1b|.){0,90}", 0..12),
            needles in prop::collection::vec(
                (select(vec!["\"err", "e", "er", "timeout", "a time", "\\u00", "b\"", "\\"]), any::<bool>()), 1..4),
            escape in select(vec![None, Some(Escape::Any), Some(Escape::of(b"\"e")), Some(Escape::of(b"time"))]),
            ended: bool,
        ) {
            let any = needles.into_iter().map(|(text, any_case)| needle(text, any_case)).collect();
            let mut text = lines.join("\n").into_bytes();
            if ended && !text.is_empty() {
                text.push(b'\n');
            }
            check(&text, &Needles { any, escape })?;
        }
    }

    #[test]
    fn a_needle_in_every_place() {
        let needles = Needles { any: vec![needle("\"err", true)], escape: None };
        for place in 0..300 {
            for length in [place + 4, 400] {
                let mut text = vec![b'x'; length.max(place + 4)];
                text[0] = b'{';
                text[place..place + 4].copy_from_slice(b"\"ERr");
                check(&text, &needles).expect("it is found");
            }
        }
    }
}
