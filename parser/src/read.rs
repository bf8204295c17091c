//! The reader that every question is asked through: lines in, records and bad lines out.

mod foreign;
mod parts;

use std::io::{self, Read};
use std::iter;
use std::ops::ControlFlow;

use crate::bad::{BadLine, Reason};
use crate::blocks::{Block, Blocks, Limits, ROOM};
use crate::format::{Formats, LineReader, Parsed, has_colours};
use crate::json::{Captures, Caught, Hopper, Kind, Sieve, Walker, Wanted, find};
use crate::refusal::Refusal;
use crate::value::{Text, Value};

/// Reads records for some wanted keys, of logs of any format ([`crate::Format`]), mixed or not.
///
/// In a format other than JSON and logfmt, the keys are those of [`crate::Field::keys`] as far as the format has the field,
/// and `logger`, `client_ip`, `user`, `request`, `method`, `path`, `query`, `protocol`, `status`, `size`, `referer`,
/// `user_agent`, `host`, `pid`, `facility`, `message_id`, `connection`, `module`, `database` and others; what stands as
/// `key=value` in the message is found as well.
///
/// ```
/// use std::ops::ControlFlow;
///
/// let log = br#"{"level":"INFO","n":1}
/// {"level":"ERROR","n":2}
/// not a record
/// "#;
/// let mut reader = parser::Reader::new(&["level"], parser::Limits::default());
/// let mut errors = 0;
/// reader.read(
///     log.as_slice(),
///     &mut |bad| assert_eq!(bad.line, 3),
///     |record| {
///         errors += u64::from(record.value(0).and_then(|v| v.text()).as_deref() == Some(b"ERROR"));
///         ControlFlow::Continue(())
///     },
/// )?;
/// assert_eq!(errors, 1);
/// assert_eq!(reader.totals().records, 2);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Reader {
    limits: Limits,
    totals: Totals,
    hopper: Box<Hopper>,
    walker: Walker,
    captures: Captures,
    lines: LineReader,
    /// Whether the last line was of another format than JSON: then the next is not tried as JSON first.
    foreign: bool,
    /// The record that is pending, and the line after it.
    current: Parsed,
    ahead: Parsed,
    /// What the last input was read into.
    buffer: Vec<u8>,
}

/// What a reader has seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Lines of any kind, blank ones included.
    pub lines: u64,
    /// Lines that are records.
    pub records: u64,
    /// Lines that are bad.
    pub bad: u64,
}

/// A record.
pub struct Record<'a> {
    /// The number of its line in the input, from 1.
    pub line: u64,
    /// Where its line starts in the input, in bytes from 0.
    pub offset: u64,
    /// Its lines, without what is not part of them.
    text: &'a [u8],
    /// What `captures` are positions in: the same, or the block that it is in, or that without what was around it.
    source: &'a [u8],
    captures: &'a Captures,
}

impl<'a> Record<'a> {
    /// The line as it stands in the input, without its line feed and without a byte-order mark or NULs before it; of a
    /// record of several lines, all of them, and blank lines between them.
    pub fn bytes(&self) -> &'a [u8] {
        self.text
    }

    /// The first value under some of the wanted keys, a bit for each, of which `usable` makes something.
    #[inline]
    pub(crate) fn first<T>(&self, keys: u64, usable: impl Fn(Value<'a>) -> Option<T>) -> Option<T> {
        self.values(keys).find_map(usable)
    }

    /// The values under some of the wanted keys, a bit for each, in the order of the keys.
    #[inline]
    pub(crate) fn values(&self, keys: u64) -> impl Iterator<Item = Value<'a>> {
        let mut rest = self.captures.present() & keys;
        let places = iter::from_fn(move || {
            let place = (rest != 0).then(|| rest.trailing_zeros())?;
            rest &= rest - 1;
            Some(place as usize)
        });
        places.filter_map(|place| self.value(place))
    }

    /// The same of the first key alone, if its value is a string without escapes that is not empty: as such, and what is
    /// read with it and may be looked at, which begins with it.
    #[inline]
    pub(crate) fn plain(&self, keys: u64) -> Option<(&'a [u8], &'a [u8])> {
        let found = self.captures.present() & keys;
        let span = self.captures.get(found.trailing_zeros() as usize)?;
        let from = self.source.get(span.start as usize..)?;
        let text = from.get(..(span.end as usize).wrapping_sub(span.start as usize))?;
        (span.kind == Kind::Plain && !text.is_empty()).then_some((text, from))
    }

    /// The value of the wanted key at a position, if the record has it.
    #[inline]
    pub fn value(&self, key: usize) -> Option<Value<'a>> {
        let span = self.captures.get(key)?;
        let raw = self.source.get(span.start as usize..span.end as usize)?;
        Some(match span.kind {
            Kind::Plain => Value::Text(Text { raw, escaped: false }),
            Kind::Escaped => Value::Text(Text { raw, escaped: true }),
            Kind::Bare => Value::of_bare(raw),
            Kind::Container => Value::Other,
            Kind::Known(name) => Value::Text(Text { raw: name.name().as_bytes(), escaped: false }),
        })
    }

    /// The value under a name in the object that the wanted key at a position holds, if it holds one: see
    /// [`crate::json::find`].
    pub(crate) fn value_within(&self, key: usize, name: &str) -> Option<Value<'a>> {
        let span = self.captures.get(key).filter(|span| span.kind == Kind::Container)?;
        let object = self.source.get(span.start as usize..)?;
        if object.starts_with(b"{") { find(object, name) } else { None }
    }
}

/// One input on its way through the reader.
struct Pass<'a, F> {
    line: u64,
    /// Whether it begins where an input begins, which may have a byte-order mark or be of another kind.
    at_start: bool,
    /// Whether nothing but blank lines came so far.
    nothing_yet: bool,
    sift: Option<Sift<'a>>,
    /// The record that more lines may be part of.
    pending: Option<foreign::Pending>,
    /// Where the lines begin that were not in the block before.
    resume: usize,
    on_bad: &'a mut dyn FnMut(BadLine),
    on_record: F,
}

/// What lines are passed over by.
struct Sift<'a> {
    sieve: &'a Sieve,
    /// How many blocks are read whole before it is tried again: it lets most lines through.
    rests: u32,
}

impl Sift<'_> {
    /// A log in which most lines are worth reading is read whole, but for one block in so many.
    const REST: u32 = 63;
}

impl<'a, F> Pass<'a, F> {
    fn new(is_start: bool, sift: Option<Sift<'a>>, on_bad: &'a mut dyn FnMut(BadLine), on_record: F) -> Self {
        Self {
            line: 0,
            at_start: is_start,
            nothing_yet: is_start,
            sift,
            pending: None,
            resume: 0,
            on_bad,
            on_record,
        }
    }

    /// What the next block is sifted by, if it is.
    fn sieve(&mut self) -> Option<&'a Sieve> {
        let sift = self.sift.as_mut().filter(|_| !self.nothing_yet)?;
        if sift.rests > 0 {
            sift.rests -= 1;
            return None;
        }
        Some(sift.sieve)
    }
}

/// Why a pass ends early.
enum Stop {
    /// It was asked to.
    Asked,
    Refused(Refusal),
}

impl Reader {
    /// A reader of the values of these top-level keys, of which there can be 64; those beyond are never found.
    pub fn new(wanted: &[&str], limits: Limits) -> Self {
        let wanted = Wanted::new(wanted);
        Self {
            captures: Captures::new(),
            limits,
            totals: Totals::default(),
            lines: LineReader::new(Formats::default(), &wanted),
            foreign: false,
            current: Parsed::new(),
            ahead: Parsed::new(),
            buffer: Vec::new(),
            hopper: Box::new(Hopper::new(wanted)),
            walker: Walker::default(),
        }
    }

    /// The same reader for these formats only; otherwise it reads any.
    #[must_use]
    pub fn reading(mut self, formats: Formats) -> Self {
        self.foreign = !formats.has_json();
        self.lines = LineReader::new(formats, self.hopper.wanted());
        self
    }

    /// What was seen in all inputs so far, including one that broke off.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// Reads one input to its end, or until `on_record` breaks. Lines and offsets are counted from its start.
    ///
    /// # Errors
    /// What the source gives, after all lines that came before; or a [`Refusal`].
    pub fn read(
        &mut self,
        source: impl Read,
        on_bad: &mut dyn FnMut(BadLine),
        on_record: impl FnMut(&Record<'_>) -> ControlFlow<()>,
    ) -> io::Result<()> {
        self.pass(source, Pass::new(true, None, on_bad, on_record))
    }

    /// The same for a part of an input, which is its start or is taken from its midst, as by [`Reader::lines`]. Lines that
    /// `sieve` passes over may be passed over: they are counted in [`Totals::lines`] and nothing else is said of them.
    pub(crate) fn read_part(
        &mut self,
        source: impl Read,
        is_start: bool,
        sieve: Option<&Sieve>,
        on_bad: &mut dyn FnMut(BadLine),
        on_record: impl FnMut(&Record<'_>) -> ControlFlow<()>,
    ) -> io::Result<()> {
        let sift = sieve.map(|sieve| Sift { sieve, rests: 0 });
        self.pass(source, Pass::new(is_start, sift, on_bad, on_record))
    }

    /// Another reader of the same, which has seen nothing.
    pub(crate) fn fork(&self) -> Self {
        let wanted = self.hopper.wanted().clone();
        Self {
            captures: Captures::new(),
            limits: self.limits,
            totals: Totals::default(),
            lines: LineReader::new(self.lines.formats().clone(), &wanted),
            foreign: self.foreign,
            current: Parsed::new(),
            ahead: Parsed::new(),
            buffer: Vec::new(),
            hopper: Box::new(Hopper::new(wanted)),
            walker: Walker::default(),
        }
    }

    /// Adds what another has seen.
    pub(crate) fn add(&mut self, seen: Totals) {
        self.totals.lines += seen.lines;
        self.totals.records += seen.records;
        self.totals.bad += seen.bad;
    }

    fn pass<F>(&mut self, source: impl Read, mut pass: Pass<'_, F>) -> io::Result<()>
    where
        F: FnMut(&Record<'_>) -> ControlFlow<()>,
    {
        let mut blocks = Blocks::new(source, self.limits, std::mem::take(&mut self.buffer));
        let read = self.blocks(&mut blocks, &mut pass);
        self.buffer = blocks.into_buffer();
        read
    }

    fn blocks<F>(&mut self, blocks: &mut Blocks<impl Read>, pass: &mut Pass<'_, F>) -> io::Result<()>
    where
        F: FnMut(&Record<'_>) -> ControlFlow<()>,
    {
        let before = self.totals;
        let mut keep = 0;
        loop {
            let outcome = match blocks.next(keep) {
                Ok(None) => return Ok(()),
                Ok(Some(Block::Lines { bytes, with_room, offset, more })) => {
                    self.block(pass, with_room, bytes.len(), offset, more)
                }
                Ok(Some(Block::TooLong { start, offset })) => self.too_long(pass, start, offset),
                Err(error) => {
                    let _ = self.emit(pass, blocks.kept(keep));
                    return Err(error);
                }
            };
            match outcome {
                ControlFlow::Continue(kept) => keep = kept,
                ControlFlow::Break(Stop::Asked) => return Ok(()),
                ControlFlow::Break(Stop::Refused(refusal)) => {
                    // It was not read, so the blank lines before what betrayed it are not counted either.
                    self.totals = before;
                    return Err(refusal.into());
                }
            }
        }
    }

    /// Reads lines that are in memory, without copying them, until `on_record` breaks: what a stream hands over while it
    /// goes on. `text` is whole lines, the last with its line feed or without. They are taken from the midst of an input, so
    /// nothing is refused and a byte-order mark is not dropped. Lines and offsets are counted from the start of `text`.
    ///
    /// It costs what the lines cost: no buffer is made for them. Of more than a GiB, each GiB is read by itself, so that of
    /// a record of several lines that lies in two of them, what is in the second is read as if nothing came before.
    pub fn lines(
        &mut self,
        text: &[u8],
        on_bad: &mut dyn FnMut(BadLine),
        on_record: impl FnMut(&Record<'_>) -> ControlFlow<()>,
    ) {
        self.lines_by(1 << 30, text, on_bad, on_record);
    }

    /// The same, of which so many bytes are read together, or one line.
    fn lines_by(
        &mut self,
        most: usize,
        text: &[u8],
        on_bad: &mut dyn FnMut(BadLine),
        on_record: impl FnMut(&Record<'_>) -> ControlFlow<()>,
    ) {
        let mut pass = Pass::new(false, None, on_bad, on_record);
        let longest = self.limits.longest_line();
        if text.len() <= longest.min(most) {
            let _ = self.block(&mut pass, text, text.len(), 0, false);
            return;
        }
        let mut start = 0;
        while start < text.len() {
            // As many lines as are not too long, together: a record may be made of several.
            let mut end = start;
            let mut line = &text[start..][..end_of_line(&text[start..])];
            while !line.is_empty()
                && line.strip_suffix(b"\n").unwrap_or(line).len() <= longest
                && (end == start || end - start + line.len() <= most)
            {
                end += line.len();
                line = &text[end..][..end_of_line(&text[end..])];
            }
            let outcome = if end > start {
                self.block(&mut pass, &text[start..end], end - start, start as u64, false)
            } else {
                end += line.len();
                self.too_long(&mut pass, line, start as u64)
            };
            if outcome.is_break() {
                return;
            }
            start = end;
        }
    }

    /// Reads a block of lines, of `length` bytes of `text`, which more may come after that are looked at and not read; how many
    /// bytes at its end are to be kept, since more lines may be part of their record.
    fn block<F>(
        &mut self,
        pass: &mut Pass<'_, F>,
        text: &[u8],
        length: usize,
        offset: u64,
        more: bool,
    ) -> ControlFlow<Stop, usize>
    where
        F: FnMut(&Record<'_>) -> ControlFlow<()>,
    {
        let bytes = &text[..length];
        if offset == 0
            && pass.at_start
            && let Some(refusal) = Refusal::of_start(bytes)
        {
            return ControlFlow::Break(Stop::Refused(refusal));
        }
        let mut start = std::mem::take(&mut pass.resume);
        let mut has_begun = false;
        let mut about = None;
        self.lines.begin();
        let sieve = pass.sieve();
        while start < bytes.len() {
            start = if self.foreign {
                self.foreign_lines(pass, bytes, offset, start, &mut about)?
            } else if let Some(sieve) = sieve {
                has_begun = false;
                self.sifted_lines(pass, sieve, text, length, offset, start)?
            } else {
                if !has_begun {
                    self.hopper.begin(text);
                    has_begun = true;
                }
                self.json_lines(pass, text, length, offset, start)?
            };
        }
        self.end_block(pass, bytes, more)
    }

    /// Reads the lines of JSON that a sieve lets through, from `start` on; where the first line is that is of another
    /// format.
    fn sifted_lines<F>(
        &mut self,
        pass: &mut Pass<'_, F>,
        sieve: &Sieve,
        text: &[u8],
        length: usize,
        offset: u64,
        start: usize,
    ) -> ControlFlow<Stop, usize>
    where
        F: FnMut(&Record<'_>) -> ControlFlow<()>,
    {
        let bytes = &text[..length];
        let (mut at, mut read) = (start, 0);
        while at < bytes.len() {
            let Caught { passed, start, end } = sieve.next(bytes, at);
            self.totals.lines += passed;
            pass.line += passed;
            at = end;
            if start < end {
                let lines = &text[start..text.len().min(end + ROOM)];
                self.hopper.begin(lines);
                let reached = self.json_lines(pass, lines, end - start, offset + start as u64, 0)?;
                if self.foreign {
                    at = start + reached;
                    break;
                }
                read += end - start;
            }
        }
        if let Some(sift) = &mut pass.sift
            && read / 3 > bytes.len() / 4
        {
            sift.rests = Sift::REST;
        }
        ControlFlow::Continue(at)
    }

    /// Reads lines of JSON, and blank and bad ones, from `start` on to `end`, which more may come after; where the first
    /// line is that is neither.
    #[inline]
    fn json_lines<F>(
        &mut self,
        pass: &mut Pass<'_, F>,
        bytes: &[u8],
        end: usize,
        offset: u64,
        mut start: usize,
    ) -> ControlFlow<Stop, usize>
    where
        F: FnMut(&Record<'_>) -> ControlFlow<()>,
    {
        while start < end {
            self.totals.lines += 1;
            pass.line += 1;
            let rest = &bytes[start..];
            let offset = offset + start as u64;
            if let Some(length) = self.hopper.read(bytes, start, &mut self.captures) {
                self.record(pass, &rest[..length], bytes, offset)?;
                start += length;
            } else {
                let length = end_of_line(rest);
                self.json_line(pass, &rest[..length], offset)?;
                if self.foreign {
                    break;
                }
                start += length;
            }
        }
        ControlFlow::Continue(start)
    }

    /// Reads a line of any kind, unless it may be of another format, which is told by `self.foreign`; it includes its line
    /// feed.
    #[cold]
    fn json_line<F>(&mut self, pass: &mut Pass<'_, F>, line: &[u8], offset: u64) -> ControlFlow<Stop>
    where
        F: FnMut(&Record<'_>) -> ControlFlow<()>,
    {
        let unmarked = if pass.at_start { without_mark(line, offset) } else { line };
        let is_text = std::str::from_utf8(line).is_ok();
        let Some(record) = without_padding(unmarked) else { return ControlFlow::Continue(()) };
        let content = without_line_end(record);
        let walked = if is_text {
            self.walker.walk(content, self.hopper.wanted(), &mut self.captures)
        } else {
            Err(Reason::NotUtf8)
        };
        match walked {
            Ok(()) => self.record(pass, record, record, offset),
            Err(reason)
                if (reason == Reason::NotAnObject || (is_text && has_colours(content)))
                    && !self.lines.formats().is_json_only() =>
            {
                self.foreign = true;
                self.totals.lines -= 1;
                pass.line -= 1;
                ControlFlow::Continue(())
            }
            Err(reason) => self.no_record(pass, content, offset, reason),
        }
    }

    /// Tells of a line that is no record: it is bad, or as the first betrays that the input is of another kind.
    fn no_record<F>(
        &mut self,
        pass: &mut Pass<'_, F>,
        content: &[u8],
        offset: u64,
        reason: Reason,
    ) -> ControlFlow<Stop> {
        if pass.nothing_yet
            && let Some(refusal) = Refusal::of_first_line(content)
        {
            return ControlFlow::Break(Stop::Refused(refusal));
        }
        self.bad(pass, offset, reason);
        ControlFlow::Continue(())
    }

    /// Hands out the record on a line whose values have been captured, as positions in `source`.
    #[inline]
    fn record<F>(
        &mut self,
        pass: &mut Pass<'_, F>,
        line: &[u8],
        source: &[u8],
        offset: u64,
    ) -> ControlFlow<Stop>
    where
        F: FnMut(&Record<'_>) -> ControlFlow<()>,
    {
        pass.nothing_yet = false;
        self.totals.records += 1;
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        match (pass.on_record)(&Record { line: pass.line, offset, text, source, captures: &self.captures }) {
            ControlFlow::Continue(()) => ControlFlow::Continue(()),
            ControlFlow::Break(()) => ControlFlow::Break(Stop::Asked),
        }
    }

    fn too_long<F>(&mut self, pass: &mut Pass<'_, F>, start: &[u8], offset: u64) -> ControlFlow<Stop, usize> {
        let first = if offset == 0 && pass.at_start { Refusal::of_start(start) } else { None };
        let refusal = first.or_else(|| {
            let content = without_padding(without_mark(start, offset))?;
            if pass.nothing_yet { Refusal::of_first_line(content) } else { None }
        });
        if let Some(refusal) = refusal {
            return ControlFlow::Break(Stop::Refused(refusal));
        }
        self.totals.lines += 1;
        pass.line += 1;
        self.bad(pass, offset, Reason::TooLong);
        ControlFlow::Continue(0)
    }

    fn bad<F>(&mut self, pass: &mut Pass<'_, F>, offset: u64, reason: Reason) {
        pass.nothing_yet = false;
        self.totals.bad += 1;
        (pass.on_bad)(BadLine { line: pass.line, offset, reason });
    }
}

/// Where the line ends that a text begins with, its line feed included.
fn end_of_line(text: &[u8]) -> usize {
    memchr::memchr(b'\n', text).map_or(text.len(), |feed| feed + 1)
}

/// A line without the byte-order mark that an input may begin with.
fn without_mark(line: &[u8], offset: u64) -> &[u8] {
    match line.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) if offset == 0 => rest,
        _ => line,
    }
}

/// What is left of a line without the NULs before it; nothing, if it is blank.
pub(crate) fn without_padding(line: &[u8]) -> Option<&[u8]> {
    let nuls = line.iter().take_while(|&&b| b == 0).count();
    let blank = line[nuls..].iter().all(|b| matches!(b, 0 | b' ' | b'\t' | b'\r' | b'\n'));
    if blank { None } else { Some(&line[nuls..]) }
}

/// A line without its line feed and one carriage return before that.
pub(crate) fn without_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::{Limits, Reader};

    /// A record's line, its offset, and its value.
    type Seen = (u64, u64, Vec<u8>);

    /// What is read of a text, so many bytes of it together: its records, and where bad lines are.
    fn read_by(most: usize, text: &[u8]) -> (Vec<Seen>, Vec<u64>) {
        let mut reader = Reader::new(&["n"], Limits { chunk: 64, line: 200 });
        let (mut records, mut bad) = (Vec::new(), Vec::new());
        reader.lines_by(most, text, &mut |line| bad.push(line.line), |record| {
            let value = record.value(0).and_then(super::Value::text).map(|text| text.to_vec());
            records.push((record.line, record.offset, value.unwrap_or_default()));
            ControlFlow::Continue(())
        });
        (records, bad)
    }

    #[test]
    fn lines_are_the_same_however_many_bytes_are_read_together() {
        let line = |n: usize| match n % 7 {
            3 => "{\"n\":\n".to_owned(),
            5 => format!("{{\"n\":\"{}\"}}\n", "long ".repeat(60)),
            _ => format!("{{\"x\":{n},\"n\":\"{n}\"}}\n"),
        };
        let text: String = (0..50).map(line).collect();
        let whole = read_by(usize::MAX, text.as_bytes());
        assert_eq!((whole.0.len(), whole.1.len()), (36, 14));
        for most in [1, 20, 64, 100, 1000] {
            assert_eq!(read_by(most, text.as_bytes()), whole, "{most}");
        }
    }
}
