//! gzip: one member after another (RFC 1952, section 2.2), and zeros after the last, which tapes leave.
//!
//! The members are taken apart here, and only their bodies are flate2's: its own reader of gzip throws away what it decoded in
//! the call that met the damage, and that is to be read too.

use std::io::{self, BufRead, BufReader, Read};

use crc32fast::Hasher;
use flate2::{Decompress, FlushDecompress, Status};

use super::damage::{Counted, Damage};

/// Decodes all members of an input.
pub(super) struct Gzip<R> {
    input: Counted<R>,
    state: State,
    inflate: Decompress,
    /// flate2's own would be without the instructions that processors have for it: a fifth of all time.
    crc: Hasher,
    /// How much was decoded before this member.
    before: u64,
    decoded: u64,
    /// Where the input begins among the compressed bytes.
    start: u64,
    /// No member is decoded that begins there or after.
    until: u64,
}

enum State {
    /// Before a member.
    Header,
    /// Inside one.
    Body,
    /// Behind its body: the check of what was decoded.
    Trailer,
    /// Where it broke; it is told after what was decoded before.
    Broken(String),
    /// At the end, or after it was told where it broke.
    Done,
}

/// Optional parts of a header (RFC 1952, section 2.3.1).
const HEADER_CRC: u8 = 1 << 1;
const EXTRA: u8 = 1 << 2;
const NAME: u8 = 1 << 3;
const COMMENT: u8 = 1 << 4;
pub(super) const RESERVED: u8 = 0b1110_0000;

/// Why a member's header or trailer was not read.
enum Trouble {
    /// The input failed.
    Failed(io::Error),
    Damaged(String),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

fn cut_short() -> String {
    "it is cut short".to_owned()
}

impl<R: Read> Gzip<R> {
    /// The input begins with a member.
    pub(super) fn new(input: BufReader<R>) -> Self {
        Self::part(input, 0, u64::MAX)
    }

    /// The input begins with a member that is at `start` of all compressed bytes; those that begin before `until` are
    /// decoded.
    pub(super) fn part(input: BufReader<R>, start: u64, until: u64) -> Self {
        Self {
            input: Counted::new(input),
            state: State::Header,
            inflate: Decompress::new(false),
            crc: Hasher::new(),
            before: 0,
            decoded: 0,
            start,
            until,
        }
    }

    /// Where it is among all compressed bytes.
    pub(super) fn position(&self) -> u64 {
        self.start + self.input.taken
    }

    /// What is buffered of the input; empty at its end.
    fn filled(&mut self) -> io::Result<&[u8]> {
        loop {
            match self.input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(_) => break,
            }
        }
        // It is in the buffer now.
        self.input.fill_buf()
    }

    fn byte(&mut self) -> Result<u8, Trouble> {
        let Some(&byte) = self.filled()?.first() else { return Err(Trouble::Damaged(cut_short())) };
        self.input.consume(1);
        Ok(byte)
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Trouble> {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = self.byte()?;
        }
        Ok(bytes)
    }

    fn header(&mut self) -> Result<(), Trouble> {
        let [one, two, method, flags, ..] = self.bytes::<10>()?;
        if [one, two] != [0x1f, 0x8b] {
            return Err(Trouble::Damaged("it is no header of gzip".to_owned()));
        }
        if method != 8 || flags & RESERVED != 0 {
            return Err(Trouble::Damaged("its header asks for what gzip does not have".to_owned()));
        }
        if flags & EXTRA != 0 {
            for _ in 0..u16::from_le_bytes(self.bytes()?) {
                self.byte()?;
            }
        }
        for text in [NAME, COMMENT] {
            while flags & text != 0 && self.byte()? != 0 {}
        }
        if flags & HEADER_CRC != 0 {
            self.bytes::<2>()?;
        }
        self.inflate.reset(false);
        self.crc.reset();
        self.before = self.decoded;
        Ok(())
    }

    fn trailer(&mut self) -> Result<(), Trouble> {
        let (crc, length) = (u32::from_le_bytes(self.bytes()?), u32::from_le_bytes(self.bytes()?));
        // The length is told by its lowest 32 bits.
        if crc == self.crc.clone().finalize() && length == (self.decoded - self.before) as u32 {
            return Ok(());
        }
        Err(Trouble::Damaged("its check does not fit what was decoded".to_owned()))
    }

    /// What comes after a member: another one or the end.
    fn after_member(&mut self) -> io::Result<State> {
        let end = self.position();
        // A member begins with two bytes that are no zeros.
        while let [0, ..] = self.filled()? {
            let zeros = self.filled()?.iter().take_while(|&&byte| byte == 0).count();
            self.input.consume(zeros);
        }
        let is_last = self.position() >= self.until;
        match self.filled()? {
            [] => Ok(State::Done),
            // The second byte may be in the next buffer; the header finds out.
            [0x1f] | [0x1f, 0x8b, ..] if is_last => Ok(State::Done),
            [0x1f] | [0x1f, 0x8b, ..] => Ok(State::Header),
            _ => {
                let what = "what follows the last whole member is not gzip".to_owned();
                Err(Damage { format: "gzip", at: end, decoded: self.decoded, what }.into())
            }
        }
    }

    /// Decodes some of a body; no byte where the state has changed instead.
    fn body(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.filled()?;
        let bytes = self.input.fill_buf()?;
        let at_end = bytes.is_empty();
        let (taken, given) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self.inflate.decompress(bytes, buffer, FlushDecompress::None);
        let taken = (self.inflate.total_in() - taken) as usize;
        let given = (self.inflate.total_out() - given) as usize;
        self.input.consume(taken);
        self.crc.update(&buffer[..given]);
        self.decoded += given as u64;
        self.state = match status {
            Ok(Status::StreamEnd) => State::Trailer,
            Ok(_) if taken > 0 || given > 0 => State::Body,
            Ok(_) if at_end => State::Broken(cut_short()),
            Ok(_) => State::Broken("its deflated bytes lead nowhere".to_owned()),
            Err(error) => State::Broken(error.to_string()),
        };
        Ok(given)
    }

    /// The state after a header or a trailer.
    fn after(&mut self, outcome: Result<(), Trouble>, then: State) -> io::Result<State> {
        match outcome {
            Ok(()) => Ok(then),
            Err(Trouble::Damaged(what)) => Ok(State::Broken(what)),
            Err(Trouble::Failed(error)) => {
                self.state = State::Done;
                Err(error)
            }
        }
    }
}

impl<R: Read> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Header => {
                    let header = self.header();
                    self.state = self.after(header, State::Body)?;
                }
                State::Body => match self.body(buffer)? {
                    0 => {}
                    given => return Ok(given),
                },
                State::Trailer => {
                    let trailer = self.trailer();
                    self.state = match self.after(trailer, State::Header)? {
                        State::Header => self.after_member()?,
                        broken => broken,
                    };
                }
                State::Broken(what) => {
                    let at = self.position();
                    return Err(Damage { format: "gzip", at, decoded: self.decoded, what }.into());
                }
                State::Done => return Ok(0),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Read, Write};

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::super::damage::Damage;
    use super::Gzip;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).expect("a vector takes all");
        encoder.finish().expect("a vector takes all")
    }

    fn decode(bytes: &[u8], buffer: usize) -> (Vec<u8>, Option<Damage>) {
        let mut decoder = Gzip::new(BufReader::with_capacity(buffer, bytes));
        let mut out = Vec::new();
        let error = decoder.read_to_end(&mut out).err();
        assert_eq!(decoder.read(&mut [0]).expect("it is over"), 0, "nothing comes after an error");
        (out, error.map(|error| Damage::within(&error).expect("memory is readable").clone()))
    }

    fn text(seed: u32) -> Vec<u8> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        (0..3000).map(|_| next() % 64 + b' ').collect()
    }

    #[test]
    fn members_follow_each_other_and_zeros_the_last() {
        let (one, two) = (text(1), text(2));
        let both = [one.clone(), two.clone()].concat();
        for bytes in [
            [gzip(&one), gzip(&two)].concat(),
            [gzip(&one), gzip(b""), gzip(&two)].concat(),
            [gzip(&one), vec![0; 7], gzip(&two), vec![0; 512]].concat(),
        ] {
            for buffer in [1, 2, 7, 100, 10_000] {
                assert_eq!(decode(&bytes, buffer), (both.clone(), None), "buffer of {buffer}");
            }
        }
    }

    #[test]
    fn what_follows_and_is_not_gzip_is_told() {
        let text = text(3);
        let member = gzip(&text);
        let (out, damage) = decode(&[member.clone(), b"garbage".to_vec()].concat(), 100);
        let damage = damage.expect("it is damaged");
        assert_eq!((out, damage.at, damage.decoded), (text, member.len() as u64, 3000));
        assert!(damage.what.contains("not gzip"), "{damage}");
    }

    #[test]
    fn cut_anywhere_it_gives_what_came_before() {
        let text = text(4);
        let member = gzip(&text);
        for length in (3..member.len()).step_by(13).chain([member.len() - 1]) {
            let (out, damage) = decode(&member[..length], 100);
            let damage = damage.unwrap_or_else(|| panic!("{length}: it is cut short"));
            assert!(text.starts_with(&out), "{length}");
            assert_eq!((damage.at, damage.decoded), (length as u64, out.len() as u64));
            assert_eq!(damage.what, "it is cut short");
        }
        assert!(decode(&member[..member.len() - 9], 100).0.len() > 2000, "nearly all of it");
    }

    #[test]
    fn headers_may_have_a_name_a_comment_more_and_a_check() {
        let text = text(6);
        let mut encoder = flate2::GzBuilder::new()
            .filename("a.log")
            .comment("of yesterday")
            .extra(vec![1; 300])
            .write(Vec::new(), Compression::fast());
        encoder.write_all(&text).expect("a vector takes all");
        let mut member = encoder.finish().expect("a vector takes all");
        assert_eq!(decode(&member, 7), (text.clone(), None));
        // With a check of the header, which is passed over, behind its name.
        let plain = gzip(&text);
        let checked = [&plain[..3], &[super::HEADER_CRC], &plain[4..10], &[9, 9], &plain[10..]].concat();
        assert_eq!(decode(&checked, 7), (text, None));
        member[3] |= 0x80;
        assert!(decode(&member, 100).1.is_some_and(|damage| damage.what.contains("does not have")));
    }

    #[test]
    fn a_changed_byte_is_told_and_never_panics() {
        let text = text(5);
        let member = gzip(&text);
        for at in (10..member.len()).step_by(11) {
            let mut changed = member.clone();
            changed[at] ^= 0x55;
            let (out, damage) = decode(&changed, 100);
            assert!(damage.is_some(), "byte {at}");
            // What was decoded before the damage does not depend on how the bytes came.
            for buffer in [1, 7, 100_000] {
                assert_eq!(decode(&changed, buffer).0, out, "byte {at}, buffer of {buffer}");
            }
        }
    }
}
