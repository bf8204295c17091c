//! The fast reader of one object: hops from value to value.
//!
//! It accepts only what [`super::Walker`] accepts, with the same result. Where it gives up, the line may be anything:
//! then the walker tells.

#![expect(clippy::inline_always, reason = "what takes lanes is compiled for the instructions of its caller")]

use super::hop::{At, Hops, Place, START, State, Trail};
use super::lanes::{Everywhere, Lanes, WIDTH};
use super::stops::Stops;
use super::{Captures, Kind, Span, Spans, Wanted, scan};

#[cfg(target_arch = "x86_64")]
use super::lanes::{Avx2, Avx512};

/// One block in how many is read slower, to learn what usually follows what. A log that changes its ways is read by the
/// old ones for some MiB, for some milliseconds; the learning takes less than a two-hundredth of the instructions.
const LEARNING: u32 = 32;

/// Reads lines for some wanted keys.
pub(crate) struct Hopper {
    wanted: Wanted,
    hops: Hops,
    stops: Stops,
    /// How many blocks it began with.
    blocks: u32,
    /// Whether it learns from the block that it is at.
    learns: bool,
    #[cfg(target_arch = "x86_64")]
    avx2: Option<Avx2>,
    /// The same, but none in a block that it learns from, so that one question is enough for each line.
    #[cfg(target_arch = "x86_64")]
    avx2_settled: Option<Avx2>,
    #[cfg(target_arch = "x86_64")]
    avx512: Option<Avx512>,
}

impl Hopper {
    pub(crate) fn new(wanted: Wanted) -> Self {
        Self {
            wanted,
            hops: Hops::new(),
            stops: Stops::default(),
            blocks: 0,
            learns: false,
            #[cfg(target_arch = "x86_64")]
            avx2: Avx2::detect(),
            #[cfg(target_arch = "x86_64")]
            avx2_settled: None,
            #[cfg(target_arch = "x86_64")]
            avx512: Avx512::detect(),
        }
    }

    pub(crate) fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// Begins with another block of lines, of at most 2 GiB.
    pub(crate) fn begin(&mut self, block: &[u8]) {
        self.learns = self.blocks.is_multiple_of(LEARNING);
        self.blocks = self.blocks.wrapping_add(1);
        #[cfg(target_arch = "x86_64")]
        {
            self.avx2_settled = self.avx2.filter(|_| !self.learns);
        }
        #[cfg(target_arch = "x86_64")]
        if let Some(marking) = self.avx512 {
            #[expect(unsafe_code, reason = "it is worth its while, see `Avx512`; the processor was asked")]
            // SAFETY: `marking` exists only if the processor has AVX-512 F and BW, all that is enabled there.
            return unsafe { self.mark_by_avx512(marking, block) };
        } else if let Some(lanes) = self.avx2 {
            #[expect(unsafe_code, reason = "it is worth its while, see `Avx2`; the processor was asked")]
            // SAFETY: `lanes` exists only if the processor has AVX2, BMI1 and BMI2, all that is enabled there.
            return unsafe { self.mark_by_avx2(lanes, block) };
        }
        self.stops.mark(Everywhere, block);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,bmi2")]
    fn mark_by_avx2(&mut self, lanes: Avx2, block: &[u8]) {
        self.stops.mark(lanes, block);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn mark_by_avx512(&mut self, marking: Avx512, block: &[u8]) {
        self.stops.mark(marking, block);
    }

    /// Reads the line that starts at `start` of the block that it began with, into `captures`, as positions in
    /// the block. Its length, its line feed included; `None` if the line may be anything.
    #[inline]
    pub(crate) fn read(&mut self, block: &[u8], start: usize, captures: &mut Captures) -> Option<usize> {
        #[cfg(target_arch = "x86_64")]
        if let Some(lanes) = self.avx2_settled {
            #[expect(unsafe_code, reason = "it is worth its while, see `Avx2`; the processor was asked")]
            // SAFETY: `lanes` exists only if the processor has AVX2, BMI1 and BMI2, all that is enabled there.
            return unsafe { self.read_by_avx2::<false>(lanes, block, start, captures) };
        }
        self.read_otherwise(block, start, captures)
    }

    /// Reads a line while it learns, or where there is no AVX2.
    #[inline(never)]
    fn read_otherwise(&mut self, block: &[u8], start: usize, captures: &mut Captures) -> Option<usize> {
        #[cfg(target_arch = "x86_64")]
        if let Some(lanes) = self.avx2 {
            #[expect(unsafe_code, reason = "it is worth its while, see `Avx2`; the processor was asked")]
            // SAFETY: `lanes` exists only if the processor has AVX2, BMI1 and BMI2, all that is enabled there.
            return unsafe { self.read_by_avx2::<true>(lanes, block, start, captures) };
        }
        if self.learns {
            self.read_by::<true>(Everywhere, block, start, captures)
        } else {
            self.read_by::<false>(Everywhere, block, start, captures)
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,bmi1,bmi2")]
    fn read_by_avx2<const LEARNS: bool>(
        &mut self,
        lanes: Avx2,
        block: &[u8],
        start: usize,
        captures: &mut Captures,
    ) -> Option<usize> {
        self.read_by::<LEARNS>(lanes, block, start, captures)
    }

    #[inline(always)]
    fn read_by<const LEARNS: bool>(
        &mut self,
        lanes: impl Lanes,
        block: &[u8],
        line: usize,
        captures: &mut Captures,
    ) -> Option<usize> {
        let Self { hops, stops, wanted, .. } = self;
        let stops = stops.view();
        let mut found = captures.refill();
        let mut trail = Trail::default();
        let mut last = START;
        let mut state = State::START;
        let mut at = line;
        loop {
            let window = window(block, at)?;
            let place = match hops.foreseen(lanes, trail, window, state) {
                Some(place) => place,
                None => match unforeseen(hops, block, at, (last, state, trail), found.spans(), wanted)? {
                    Unforeseen::Hop(place) => place,
                    Unforeseen::String(end) => {
                        at = end;
                        continue;
                    }
                },
            };
            if LEARNS {
                hops.vote(trail, place);
            }
            let hop = hops.get(place);
            let after = at + hop.length();
            let next = hop.after();
            if next.is_at(At::Text) {
                at = stops.next(after)?;
                found.set(hop.wanted(), hop.bit(), span(after, at, Kind::Plain));
            } else if next.is_at(At::Bare) {
                let Some(end) = bare(lanes, block, after) else {
                    // A hop to a string or a container may begin like the one to a number.
                    hops.find_other(block, at, state, trail, place, wanted)?;
                    continue;
                };
                found.set(hop.wanted(), hop.bit(), span(after, end, Kind::Bare));
                at = end;
            } else if next.is_at(At::Inside) {
                found.set(hop.wanted(), hop.bit(), span(after - 1, after, Kind::Container));
                at = after;
            } else {
                found.finish();
                return Some(after - line);
            }
            (last, state, trail) = (place, next, trail.after(place));
        }
    }
}

/// What stands where the usual hop does not.
enum Unforeseen {
    /// Another hop.
    Hop(Place),
    /// More of a string, which does not end with its first plain run: where its quote is.
    String(usize),
}

/// Finds what stands at `at`; `None` if it is left to the walker. It is kept out of the loop, which has no registers left.
#[cold]
#[inline(never)]
fn unforeseen(
    hops: &mut Hops,
    block: &[u8],
    at: usize,
    (last, state, trail): (Place, State, Trail),
    spans: &mut Spans,
    wanted: &Wanted,
) -> Option<Unforeseen> {
    if !state.is_at(At::Text) || block.get(at) == Some(&b'"') {
        return hops.find(block, at, state, trail, wanted).map(Unforeseen::Hop);
    }
    let span = &mut spans[usize::from(hops.get(last).wanted())];
    let start = span.start as usize;
    let string = scan::string(block, start).ok().filter(|string| !string.lone_surrogate)?;
    // Whatever is not ASCII stands in a string that comes here, being no plain run.
    std::str::from_utf8(block.get(start..string.quote)?).ok()?;
    span.end = string.quote as u32;
    span.kind = if string.escaped { Kind::Escaped } else { Kind::Plain };
    Some(Unforeseen::String(string.quote))
}

#[inline]
fn span(start: usize, end: usize, kind: Kind) -> Span {
    Span { start: start as u32, end: end as u32, kind }
}

/// The bytes from `at` on; `None` if the text ends too soon.
#[inline]
fn window(text: &[u8], at: usize) -> Option<&[u8; WIDTH]> {
    // Written so that one comparison is left of the checks.
    let at = at as u32 as usize;
    text.get(at..at + WIDTH)?.first_chunk()
}

/// Where the number, `true`, `false` or `null` at `at` ends; `None` if there is none or the text ends too soon to tell.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "a lazy operator is a branch, which is guessed wrong too often"
)]
#[inline(always)]
fn bare(lanes: impl Lanes, text: &[u8], at: usize) -> Option<usize> {
    let window = window(text, at)?;
    // What is right or wrong is found without a branch: which form comes is not to be guessed.
    let length = if window[0] <= b'9' {
        let digits = lanes.digits(window);
        let whole = digits.trailing_ones();
        let point = byte(window, whole) == b'.';
        let fraction = digits.checked_shr(whole + 1).unwrap_or(0).trailing_ones();
        let end = whole + (1 + fraction) * u32::from(point);
        let is_right = (whole > 0)
            & ((whole == 1) | (window[0] != b'0'))
            & (!point | (fraction > 0))
            & (byte(window, end) | 0x20 != b'e')
            & (end < WIDTH as u32);
        end * u32::from(is_right)
    } else {
        let word = u32::from_le_bytes(*window.first_chunk()?);
        let is = |wanted: &[u8; 4]| word == u32::from_le_bytes(*wanted);
        let is_false = is(b"fals") & (window[4] == b'e');
        4 * u32::from(is(b"true") | is(b"null")) + 5 * u32::from(is_false)
    };
    if length == 0 { odd_number(text, at) } else { Some(at + length as usize) }
}

#[inline(always)]
fn byte(window: &[u8; WIDTH], at: u32) -> u8 {
    window[at as usize % WIDTH]
}

/// The same of a number with a sign or an exponent, of one that is long, and of none.
#[cold]
#[inline(never)]
fn odd_number(text: &[u8], at: usize) -> Option<usize> {
    scan::bare(text, at).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::super::lanes::Each;
    use super::super::{Captures, Span, Walker, Wanted};
    use super::Hopper;

    const KEYS: [&str; 3] = ["level", "n", "a key of more than thirty bytes, which is kept nowhere"];

    /// A fresh hopper, and the lanes that it is made to read by; if none, those that it chooses itself.
    type Driven = (Hopper, Option<Each>);

    fn hoppers() -> Vec<Driven> {
        let lanes = Each::all().into_iter().map(Some).chain([None]);
        #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut, reason = "only x86-64 has another"))]
        let mut hoppers: Vec<_> = lanes.map(|lanes| (Hopper::new(Wanted::new(&KEYS)), lanes)).collect();
        // What it chooses where there is no AVX2.
        #[cfg(target_arch = "x86_64")]
        hoppers.push((Hopper { avx2: None, ..Hopper::new(Wanted::new(&KEYS)) }, None));
        hoppers
    }

    /// A span of a line as one of the block that the line begins in.
    fn moved(span: Span, line: usize) -> Span {
        let by = line as u32;
        Span { start: span.start + by, end: span.end + by, ..span }
    }

    fn begin((hopper, lanes): &mut Driven, block: &[u8]) {
        hopper.begin(block);
        if let Some(lanes) = *lanes {
            hopper.stops.mark(lanes, block);
        }
    }

    fn read(
        (hopper, lanes): &mut Driven,
        block: &[u8],
        start: usize,
        captures: &mut Captures,
    ) -> Option<usize> {
        match *lanes {
            Some(lanes) if hopper.learns => hopper.read_by::<true>(lanes, block, start, captures),
            Some(lanes) => hopper.read_by::<false>(lanes, block, start, captures),
            None => hopper.read(block, start, captures),
        }
    }

    /// What every hopper reads the walker reads too, with the same result, while it learns and when it has learnt; and
    /// it reads each line that is ordinary and that the walker reads.
    fn check(lines: &[Vec<u8>], is_ordinary: impl Fn(usize) -> bool) -> Result<(), TestCaseError> {
        let mut block = lines.join(&b'\n');
        block.extend([b'\n'; super::WIDTH]);
        let (mut walker, mut walked, mut hopped) = (Walker::default(), Captures::new(), Captures::new());
        let wanted = Wanted::new(&KEYS);
        for mut hopper in hoppers() {
            let by = hopper.1;
            for learns in [true, false] {
                begin(&mut hopper, &block);
                prop_assert_eq!(hopper.0.learns, learns);
                let mut start = 0;
                for (nth, line) in lines.iter().enumerate() {
                    let about = || format!("{} by {by:?}", line.escape_ascii());
                    let is_text = std::str::from_utf8(line).is_ok();
                    let is_record = is_text && walker.walk(line, &wanted, &mut walked).is_ok();
                    if let Some(length) = read(&mut hopper, &block, start, &mut hopped) {
                        prop_assert!(is_record, "{}", about());
                        prop_assert_eq!(length, line.len() + 1, "{}", about());
                        for (key, name) in KEYS.iter().enumerate() {
                            let expected = walked.get(key).map(|span| moved(span, start));
                            prop_assert_eq!(hopped.get(key), expected, "{} in {}", name, about());
                        }
                    } else {
                        prop_assert!(!is_record || !is_ordinary(nth), "left to the walker: {}", about());
                    }
                    start += line.len() + 1;
                }
            }
        }
        Ok(())
    }

    fn value() -> impl Strategy<Value = String> {
        let leaf = select(vec![
            "0",
            "-1",
            "12.50",
            "-0.25",
            "1e9",
            "true",
            "false",
            "null",
            "1234567890123456789012345678901234567890",
            "\"\"",
            "\"INFO\"",
            "\"a string that is longer than the thirty-two bytes of a window\"",
            "\"\\\"\"",
            "\"é\"",
            "\"\\ud83d\\ude80\"",
            "{}",
            "[]",
            "01",
            "1.",
            "-",
            "tru",
            "\"\\ud83d\"",
            "",
        ])
        .prop_map(str::to_owned);
        leaf.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
                object(inner),
            ]
        })
    }

    fn object(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
        let key = select(vec![KEYS[0], KEYS[1], KEYS[2], "", "x", "client_connection", "client_continent"]);
        let space = select(vec!["", "", "", " "]);
        prop::collection::vec((key, space, value), 0..5).prop_map(|fields| {
            let fields: Vec<_> =
                fields.iter().map(|(key, space, value)| format!("\"{key}\":{space}{value}")).collect();
            format!("{{{}}}", fields.join(","))
        })
    }

    /// What may come in the place of a byte.
    fn any_damage() -> impl Strategy<Value = &'static [u8]> {
        let all: [&[u8]; 9] = [b"", b"\"", b"}", b",", b"\0", b" ", b"\xff", b"\xc3", b"\xed\xa0\x80"];
        select(all.to_vec())
    }

    proptest! {
        #[test]
        fn hoppers_read_what_the_walker_reads(
            lines in prop::collection::vec(object(value()), 1..30),
            damage in prop::collection::vec((any::<[prop::sample::Index; 2]>(), any_damage()), 0..3),
        ) {
            let mut lines: Vec<_> = lines.into_iter().map(String::into_bytes).collect();
            let mut damaged = vec![false; lines.len()];
            for ([which, at], instead) in damage {
                let nth = which.index(lines.len());
                let line = &mut lines[nth];
                let place = at.index(line.len() + 1);
                let end = line.len().min(place + 1);
                line.splice(place..end, instead.iter().copied());
                damaged[nth] = true;
            }
            check(&lines, |nth| !damaged[nth])?;
        }
    }

    #[test]
    fn ordinary_lines_are_read() {
        let tags = ["[1,2]", "[]", "[\"a\"]", "[[]]", "{}", "{\"a\":1}", "7", "\"\"", "[{}]", "[1,{}]"];
        let line = |n: usize, tags: &str| {
            let last = if n.is_multiple_of(3) { "null" } else { "\"INFO\"" };
            let long = KEYS[2];
            format!(r#"{{"n":{n},"tags":{tags},"x":{{"b":"é"}},"{long}":true,"level":{last}}}"#)
        };
        // Each of them first, then again and again, then among the others.
        for first in tags {
            for then in tags {
                let all = [first, then, then].into_iter().chain(tags).enumerate();
                let lines: Vec<_> = all.map(|(n, tags)| line(n, tags).into_bytes()).collect();
                let mut walker = Walker::default();
                let walked = |line: &Vec<u8>| walker.walk(line, &Wanted::new(&KEYS), &mut Captures::new());
                assert!(lines.iter().map(walked).all(|walked| walked.is_ok()));
                check(&lines, |_| true).expect("all are read");
            }
        }
    }

    /// Whether a hopper still expects, after some lines, what its first line began with.
    fn expects_the_first(hopper: &mut Driven, lines: usize) -> bool {
        let first = "{\"n\":1,\"level\":\"INFO\"}\n";
        let block =
            [first, &"{\"level\":\"INFO\",\"n\":1}\n".repeat(lines), &"\n".repeat(super::WIDTH)].concat();
        begin(hopper, block.as_bytes());
        let mut start = 0;
        for _ in 0..=lines {
            start += read(hopper, block.as_bytes(), start, &mut Captures::new()).expect("it is ordinary");
        }
        let usual = hopper.0.hops.usual(super::Trail::default());
        KEYS[usize::from(hopper.0.hops.get(usual).wanted())] == "n"
    }

    #[test]
    fn a_first_line_unlike_the_others_is_soon_forgotten() {
        for mut hopper in hoppers() {
            assert!(expects_the_first(&mut hopper, 0), "{:?}", hopper.1);
        }
        for mut hopper in hoppers() {
            assert!(!expects_the_first(&mut hopper, 3), "{:?}", hopper.1);
        }
    }
}
