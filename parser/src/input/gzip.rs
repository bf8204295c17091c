//! gzip: one member after another (RFC 1952, section 2.2), and zeros after the last, which tapes leave.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

use super::damage::{Counted, Damage};

/// Decodes all members of an input.
pub(super) struct Gzip<R> {
    state: State<R>,
    decoded: u64,
}

enum State<R> {
    /// Inside a member.
    Member(Box<GzDecoder<Counted<R>>>),
    /// At the end, or where it broke.
    Done,
}

impl<R: Read> Gzip<R> {
    /// The input begins with a member.
    pub(super) fn new(input: BufReader<R>) -> Self {
        Self { state: State::Member(Box::new(GzDecoder::new(Counted::new(input)))), decoded: 0 }
    }

    /// What comes after a member: another one or the end.
    fn after_member(&self, mut input: Counted<R>) -> io::Result<State<R>> {
        let end = input.taken;
        // A member begins with two bytes that are no zeros.
        while let [0, ..] = input.fill_buf()? {
            let zeros = input.fill_buf()?.iter().take_while(|&&byte| byte == 0).count();
            input.consume(zeros);
        }
        match input.fill_buf()? {
            [] => Ok(State::Done),
            // The second byte may be in the next buffer; the decoder finds out.
            [0x1f] | [0x1f, 0x8b, ..] => Ok(State::Member(Box::new(GzDecoder::new(input)))),
            _ => {
                let what = "what follows the last whole member is not gzip".to_owned();
                Err(Damage { format: "gzip", at: end, decoded: self.decoded, what }.into())
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
            let State::Member(member) = &mut self.state else { return Ok(0) };
            match member.read(buffer) {
                Ok(0) => {
                    let State::Member(member) = std::mem::replace(&mut self.state, State::Done) else {
                        return Ok(0);
                    };
                    self.state = self.after_member(member.into_inner())?;
                }
                Ok(read) => {
                    self.decoded += read as u64;
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let input = member.get_mut();
                    let is_cut = !input.failed && input.is_at_end()?;
                    let (at, failed) = (input.taken, input.failed);
                    self.state = State::Done;
                    if failed {
                        return Err(error);
                    }
                    let what = if is_cut { "it is cut short".to_owned() } else { error.to_string() };
                    return Err(Damage { format: "gzip", at, decoded: self.decoded, what }.into());
                }
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
    fn a_changed_byte_is_told_and_never_panics() {
        let text = text(5);
        let member = gzip(&text);
        for at in (10..member.len()).step_by(11) {
            let mut changed = member.clone();
            changed[at] ^= 0x55;
            let (_, damage) = decode(&changed, 100);
            assert!(damage.is_some(), "byte {at}");
        }
    }
}
