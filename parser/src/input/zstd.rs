//! zstd: one frame after another, skippable ones among them (RFC 8878, section 3.1).

use std::io::{self, BufReader, Read};

use ruzstd::decoding::errors::{FrameDecoderError, FrameHeaderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::damage::{Counted, Damage};

/// A last block without content, and a checksum in case one is asked for (RFC 8878, section 3.1.1.2). A frame that is cut
/// short ends with it, so that what was decoded of it can be had.
const LAST_BLOCK: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

/// Decodes all frames of an input.
pub(super) struct Zstd<R> {
    input: Counted<R>,
    decoder: Box<FrameDecoder>,
    state: State,
    decoded: u64,
}

enum State {
    /// Before a frame or the end.
    Between,
    Frame,
    /// What was decoded before this is still to be given.
    Broken(Option<io::Error>),
    Done,
}

impl<R: Read> Zstd<R> {
    pub(super) fn new(input: BufReader<R>) -> Self {
        let (input, decoder) = (Counted::new(input), Box::new(FrameDecoder::new()));
        Self { input, decoder, state: State::Between, decoded: 0 }
    }

    /// Begins with the next frame; an error, if there is none and no end.
    fn begin(&mut self) -> io::Result<State> {
        if self.input.is_at_end()? {
            return Ok(State::Done);
        }
        match self.decoder.init(&mut self.input) {
            Ok(()) => Ok(State::Frame),
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length, ..
            })) => {
                let skipped = io::copy(&mut self.input.by_ref().take(u64::from(length)), &mut io::sink())?;
                if skipped < u64::from(length) {
                    return Err(self.damage("it is cut short"));
                }
                Ok(State::Between)
            }
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::BadMagicNumber(_))) => {
                Err(self.damage("what follows the last whole frame is not zstd"))
            }
            Err(FrameDecoderError::FrameHeaderError(FrameHeaderError::WindowTooBig { .. })) => {
                Err(self.damage("it needs more than 100 MiB of memory; `zstd -dc --long=31 FILE` decodes it"))
            }
            Err(error) => Err(self.failure(&error)),
        }
    }

    /// Decodes a block.
    fn decode(&mut self) -> io::Result<()> {
        let blocks = BlockDecodingStrategy::UptoBlocks(1);
        if let Err(error) = self.decoder.decode_blocks(&mut self.input, blocks) {
            let blocks = BlockDecodingStrategy::UptoBlocks(1);
            // Where it cannot be ended so, less is given.
            let _ = self.decoder.decode_blocks(LAST_BLOCK.as_slice(), blocks);
            return Err(self.failure(&error));
        }
        Ok(())
    }

    /// Ends a frame of which all was given: it must be what was written, if the frame tells a checksum of that.
    fn end(&self) -> io::Result<State> {
        match (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum()) {
            (Some(told), Some(found)) if told != found => Err(self.damage("its checksum is wrong")),
            _ => Ok(State::Between),
        }
    }

    /// Why the decoder failed: the input did, or ended, or is wrong.
    fn failure(&mut self, error: &FrameDecoderError) -> io::Error {
        if self.input.failed {
            return io::Error::other(error.to_string());
        }
        match self.input.is_at_end() {
            Ok(true) => self.damage("it is cut short"),
            Ok(false) => self.damage(&error.to_string()),
            Err(error) => error,
        }
    }

    fn damage(&self, what: &str) -> io::Error {
        let decoded = self.decoded + self.decoder.can_collect() as u64;
        Damage { format: "zstd", at: self.input.taken, decoded, what: what.to_owned() }.into()
    }
}

impl<R: Read> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let next = match &mut self.state {
                State::Done => return Ok(0),
                State::Between => self.begin().map(|state| self.state = state),
                State::Frame | State::Broken(_) if self.decoder.can_collect() > 0 => {
                    let read = self.decoder.read(buffer)?;
                    self.decoded += read as u64;
                    return Ok(read);
                }
                State::Broken(error) => {
                    let error = error.take();
                    self.state = State::Done;
                    return error.map_or(Ok(0), Err);
                }
                State::Frame if self.decoder.is_finished() => self.end().map(|state| self.state = state),
                State::Frame => self.decode(),
            };
            if let Err(error) = next {
                self.state = State::Broken(Some(error));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Read};

    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::super::damage::Damage;
    use super::Zstd;

    fn zstd(text: &[u8]) -> Vec<u8> {
        compress_to_vec(text, CompressionLevel::Fastest)
    }

    fn decode(bytes: &[u8]) -> (Vec<u8>, Option<Damage>) {
        let mut decoder = Zstd::new(BufReader::with_capacity(100, bytes));
        let mut out = Vec::new();
        let error = decoder.read_to_end(&mut out).err();
        assert_eq!(decoder.read(&mut [0]).expect("it is over"), 0, "nothing comes after an error");
        (out, error.map(|error| Damage::within(&error).expect("memory is readable").clone()))
    }

    /// Of several blocks, which have 128 KiB at most.
    fn text(seed: u32) -> Vec<u8> {
        let words = ["level", "error", "info", "a", "message", "\n", " "];
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            words[(state >> 24) as usize % words.len()]
        };
        (0..100_000).map(|_| next()).collect::<String>().into_bytes()
    }

    #[test]
    fn frames_follow_each_other_and_some_are_skipped() {
        let (one, two) = (text(1), text(2));
        let skipped = [&[0x53, 0x2a, 0x4d, 0x18, 5, 0, 0, 0][..], b"aside"].concat();
        for bytes in [
            [zstd(&one), zstd(&two)].concat(),
            [skipped.clone(), zstd(&one), skipped.clone(), zstd(b""), zstd(&two), skipped].concat(),
        ] {
            assert!(decode(&bytes) == ([one.clone(), two.clone()].concat(), None));
        }
    }

    #[test]
    fn cut_anywhere_it_gives_what_came_before() {
        let text = text(3);
        let frame = zstd(&text);
        let mut most = 0;
        for length in (1..frame.len()).step_by(4999).chain([frame.len() - 1]) {
            let (out, damage) = decode(&frame[..length]);
            let damage = damage.unwrap_or_else(|| panic!("{length}: it is cut short"));
            assert!(text.starts_with(&out), "{length}");
            assert_eq!((damage.at, damage.decoded), (length as u64, out.len() as u64), "{length}");
            assert_eq!(damage.what, "it is cut short");
            most = most.max(out.len());
        }
        assert!(most > text.len() / 2, "more than nothing: {most}");
    }

    #[test]
    fn what_is_no_zstd_is_told() {
        let (text, frame) = (text(4), zstd(&text(4)));
        let (out, damage) = decode(&[frame.clone(), b"garbage".to_vec()].concat());
        assert!(out == text && damage.expect("it is damaged").what.contains("not zstd"));
        for at in (4..frame.len()).step_by(2999) {
            let mut changed = frame.clone();
            changed[at] ^= 0x55;
            // It has a checksum, and must not pass for what it is not.
            let (out, damage) = decode(&changed);
            assert!(damage.is_some() || out == text, "byte {at}");
        }
    }
}
