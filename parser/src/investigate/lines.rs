//! Lines of text put together in a buffer. `std::fmt` would take longer than most answers take to be found.

use std::io::{self, Write};

use crate::time::{TEXT, Time};

/// Bytes that are handed over at once.
const ENOUGH: usize = 64 << 10;

/// Puts lines together and hands many over at once.
pub(super) struct Lines<'o> {
    out: &'o mut dyn Write,
    buffer: Vec<u8>,
}

impl<'o> Lines<'o> {
    /// What `write` puts together is written to `out`, up to its end or its error.
    pub(super) fn to<T>(
        out: &'o mut dyn Write,
        write: impl FnOnce(&mut Self) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut lines = Self { out, buffer: Vec::with_capacity(ENOUGH + ENOUGH / 4) };
        let written = write(&mut lines);
        lines.out.write_all(&lines.buffer)?;
        written
    }

    #[inline]
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    #[inline]
    pub(super) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// A text on one line, and without what would move a terminal's cursor: a space stands for each such character.
    pub(super) fn printable(&mut self, text: &[u8]) {
        if text.iter().all(|byte| matches!(byte, b' '..=b'~')) {
            self.bytes(text);
        } else {
            self.characters(String::from_utf8_lossy(text).chars());
        }
    }

    /// The same of at most so many characters, the last an ellipsis if some were left out.
    pub(super) fn shortened(&mut self, text: &[u8], most: usize) {
        // A character takes a byte at least, and so does what stands for damage.
        if text.len() <= most {
            return self.printable(text);
        }
        let text = String::from_utf8_lossy(text);
        match text.char_indices().nth(most) {
            None => self.characters(text.chars()),
            Some(_) => self.characters(text.chars().take(most - 1).chain(['…'])),
        }
    }

    fn characters(&mut self, characters: impl Iterator<Item = char>) {
        for character in characters {
            let shown = if character.is_control() { ' ' } else { character };
            self.text(shown.encode_utf8(&mut [0; 4]));
        }
    }

    /// What `write` puts there, in just so many characters: filled up with spaces, or cut and ended by an ellipsis.
    pub(super) fn in_width(&mut self, width: usize, write: impl FnOnce(&mut Self)) {
        let start = self.buffer.len();
        write(self);
        let is_first = |byte: &u8| byte & 0xc0 != 0x80;
        let length = self.buffer[start..].iter().filter(|byte| is_first(byte)).count();
        if length > width {
            let mut ends = self.buffer.iter().enumerate().skip(start).filter(|(_, byte)| is_first(byte));
            if let Some((end, _)) = ends.nth(width.saturating_sub(1)) {
                self.buffer.truncate(end);
            }
            self.text("…");
        } else {
            self.repeated(b" ", width - length);
        }
    }

    pub(super) fn repeated(&mut self, text: &[u8], times: usize) {
        for _ in 0..times {
            self.bytes(text);
        }
    }

    pub(super) fn whole(&mut self, number: u64) {
        let mut digits = [0; 20];
        let mut start = digits.len();
        let mut left = number;
        loop {
            start -= 1;
            digits[start] = b'0' + (left % 10) as u8;
            left /= 10;
            if left == 0 {
                break;
            }
        }
        self.bytes(&digits[start..]);
    }

    /// Nanoseconds as milliseconds with three decimals, rounded down.
    pub(super) fn millis(&mut self, nanos: u64) {
        let micros = nanos / 1000;
        self.whole(micros / 1000);
        let digit = |scale: u64| b'0' + (micros / scale % 10) as u8;
        self.bytes(&[b'.', digit(100), digit(10), digit(1)]);
    }

    pub(super) fn time(&mut self, time: Time) {
        self.text(time.text(&mut [0; TEXT]));
    }

    /// Ends a line, and hands lines over if there are enough.
    ///
    /// # Errors
    /// What what is written to gives.
    #[inline]
    pub(super) fn end(&mut self) -> io::Result<()> {
        self.buffer.push(b'\n');
        if self.buffer.len() < ENOUGH {
            return Ok(());
        }
        let handed = self.out.write_all(&self.buffer);
        self.buffer.clear();
        handed
    }
}

/// For what has a form of its own.
impl Write for Lines<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Lines;

    fn written(write: impl FnOnce(&mut Lines<'_>)) -> String {
        let mut out = Vec::new();
        let put = Lines::to(&mut out, |lines| {
            write(lines);
            Ok(())
        });
        put.expect("a vector");
        String::from_utf8(out).expect("only whole characters")
    }

    fn plain(text: &str) -> String {
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    }

    proptest! {
        #[test]
        fn all_is_written_as_the_standard_library_writes_it(
            number: u64, text in "([ -~]|\\PC|[\u{0}-\u{9f}]){0,40}", width in 1..30_usize
        ) {
            prop_assert_eq!(written(|lines| lines.whole(number)), number.to_string());
            let micros = number / 1000;
            let expected = format!("{}.{:03}", micros / 1000, micros % 1000);
            prop_assert_eq!(written(|lines| lines.millis(number)), expected);
            prop_assert_eq!(written(|lines| lines.printable(text.as_bytes())), plain(&text));
            let cut = |most: usize| -> String { text.chars().take(most - 1).chain(['…']).collect() };
            let short = if text.chars().count() > width { cut(width) } else { text.clone() };
            prop_assert_eq!(written(|lines| lines.shortened(text.as_bytes(), width)), plain(&short));
            let fitted = written(|lines| lines.in_width(width, |lines| lines.text(&text)));
            prop_assert_eq!(fitted, format!("{short:width$}"));
        }
    }

    #[test]
    fn what_was_put_together_before_an_error_is_written() {
        let mut out = Vec::new();
        let put: std::io::Result<()> = Lines::to(&mut out, |lines| {
            for _ in 0..10_000 {
                lines.text("0123456789");
                lines.end()?;
            }
            lines.text("rest");
            Err(std::io::ErrorKind::Other.into())
        });
        assert!(put.is_err());
        assert_eq!(out.len(), 110_004);
        assert!(out.ends_with(b"9\nrest"));
    }
}
