//! The reader that every question is asked through: lines in, records and bad lines out.

use std::io::{self, Read};
use std::ops::ControlFlow;

use crate::bad::{BadLine, Reason};
use crate::blocks::{Block, Blocks, Limits};
use crate::json::{Captures, Kind, Shapes, Walker, Wanted};
use crate::refusal::Refusal;
use crate::value::{Text, Value};

/// Reads records for some wanted keys.
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
    shapes: Shapes,
    walker: Walker,
    captures: Captures,
    /// From how many lines shapes were learnt; see [`Reader::learn`].
    lessons: u64,
    /// How many were left out since the last lesson, and how many are to be.
    lessons_left_out: u32,
    leave_out: u32,
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
    /// What `bytes` and `captures` are positions in.
    text: &'a [u8],
    start: usize,
    end: usize,
    captures: &'a Captures,
}

impl<'a> Record<'a> {
    /// The line as it stands in the input, without its line feed and without a byte-order mark or NULs before it.
    pub fn bytes(&self) -> &'a [u8] {
        let bytes = self.text.get(self.start..self.end).unwrap_or_default();
        bytes.strip_suffix(b"\n").unwrap_or(bytes)
    }

    /// The value of the wanted key at a position, if the record has it.
    #[inline]
    pub fn value(&self, key: usize) -> Option<Value<'a>> {
        let span = self.captures.get(key)?;
        let raw = self.text.get(span.start as usize..span.end as usize)?;
        Some(match span.kind {
            Kind::Plain => Value::Text(Text { raw, escaped: false }),
            Kind::Escaped => Value::Text(Text { raw, escaped: true }),
            Kind::Bare => match raw.first() {
                Some(b'n') => Value::Null,
                Some(b't' | b'f') => Value::Other,
                _ => Value::Number(raw),
            },
            Kind::Container => Value::Other,
        })
    }
}

/// One input on its way through the reader.
struct Pass<'a, F> {
    line: u64,
    /// Whether nothing but blank lines came so far.
    nothing_yet: bool,
    on_bad: &'a mut dyn FnMut(BadLine),
    on_record: F,
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
            captures: Captures::new(wanted.len()),
            limits,
            totals: Totals::default(),
            shapes: Shapes::new(wanted),
            walker: Walker::default(),
            lessons: 0,
            lessons_left_out: 0,
            leave_out: 0,
        }
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
        let mut blocks = Blocks::new(source, self.limits);
        let before = self.totals;
        let mut pass = Pass { line: 0, nothing_yet: true, on_bad, on_record };
        while let Some(block) = blocks.next()? {
            let outcome = match block {
                Block::Lines { bytes, offset } => self.block(&mut pass, bytes, offset),
                Block::TooLong { start, offset } => self.too_long(&mut pass, start, offset),
            };
            match outcome {
                ControlFlow::Continue(()) => {}
                ControlFlow::Break(Stop::Asked) => break,
                ControlFlow::Break(Stop::Refused(refusal)) => {
                    // It was not read, so the blank lines before what betrayed it are not counted either.
                    self.totals = before;
                    return Err(refusal.into());
                }
            }
        }
        Ok(())
    }

    fn block<F>(&mut self, pass: &mut Pass<'_, F>, bytes: &[u8], offset: u64) -> ControlFlow<Stop>
    where
        F: FnMut(&Record<'_>) -> ControlFlow<()>,
    {
        if offset == 0
            && let Some(refusal) = Refusal::of_start(bytes)
        {
            return ControlFlow::Break(Stop::Refused(refusal));
        }
        let mut rest = bytes;
        let mut offset = offset;
        while let Err(valid) = check_utf8(rest) {
            let start = memchr::memrchr(b'\n', &rest[..valid]).map_or(0, |feed| feed + 1);
            let end = memchr::memchr(b'\n', &rest[valid..]).map_or(rest.len(), |feed| valid + feed + 1);
            self.lines(pass, &rest[..start], offset)?;
            self.totals.lines += 1;
            pass.line += 1;
            self.bad(pass, offset + start as u64, Reason::NotUtf8);
            rest = &rest[end..];
            offset += end as u64;
        }
        self.lines(pass, rest, offset)
    }

    /// Reads whole lines that are UTF-8.
    fn lines<F>(&mut self, pass: &mut Pass<'_, F>, text: &[u8], offset: u64) -> ControlFlow<Stop>
    where
        F: FnMut(&Record<'_>) -> ControlFlow<()>,
    {
        let mut start = 0;
        while start < text.len() {
            self.totals.lines += 1;
            pass.line += 1;
            let at = offset + start as u64;
            let end = if let Some(end) = self.shapes.read(text, start, &mut self.captures) {
                pass.nothing_yet = false;
                self.totals.records += 1;
                let (line, captures) = (pass.line, &self.captures);
                if (pass.on_record)(&Record { line, offset: at, text, start, end, captures }).is_break() {
                    return ControlFlow::Break(Stop::Asked);
                }
                end
            } else {
                let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |feed| start + feed + 1);
                self.unpredicted(pass, &text[start..end], at)?;
                end
            };
            start = end;
        }
        ControlFlow::Continue(())
    }

    /// Reads a line of a shape that is not known; it includes its line feed.
    #[cold]
    fn unpredicted<F>(&mut self, pass: &mut Pass<'_, F>, line: &[u8], offset: u64) -> ControlFlow<Stop>
    where
        F: FnMut(&Record<'_>) -> ControlFlow<()>,
    {
        let unmarked = match line.strip_prefix(b"\xef\xbb\xbf") {
            Some(rest) if offset == 0 => rest,
            _ => line,
        };
        let Some(record) = without_padding(unmarked) else { return ControlFlow::Continue(()) };
        let content = without_line_end(record);
        match self.walker.walk(content, self.shapes.wanted(), &mut self.captures) {
            Ok(()) => {
                pass.nothing_yet = false;
                self.totals.records += 1;
                if record.len() == line.len() {
                    self.learn(line);
                }
                let (line, captures) = (pass.line, &self.captures);
                let whole = Record { line, offset, text: record, start: 0, end: record.len(), captures };
                if (pass.on_record)(&whole).is_break() {
                    return ControlFlow::Break(Stop::Asked);
                }
            }
            Err(reason) => {
                if pass.nothing_yet
                    && let Some(refusal) = Refusal::of_first_line(content)
                {
                    return ControlFlow::Break(Stop::Refused(refusal));
                }
                self.bad(pass, offset, reason);
            }
        }
        ControlFlow::Continue(())
    }

    fn too_long<F>(&mut self, pass: &mut Pass<'_, F>, start: &[u8], offset: u64) -> ControlFlow<Stop> {
        let first = if offset == 0 { Refusal::of_start(start) } else { None };
        let refusal = first.or_else(|| {
            if pass.nothing_yet { Refusal::of_first_line(without_padding(start)?) } else { None }
        });
        if let Some(refusal) = refusal {
            return ControlFlow::Break(Stop::Refused(refusal));
        }
        self.totals.lines += 1;
        pass.line += 1;
        self.bad(pass, offset, Reason::TooLong);
        ControlFlow::Continue(())
    }

    fn bad<F>(&mut self, pass: &mut Pass<'_, F>, offset: u64, reason: Reason) {
        pass.nothing_yet = false;
        self.totals.bad += 1;
        (pass.on_bad)(BadLine { line: pass.line, offset, reason });
    }

    /// Learning costs as much as some ten lines, so that not every line is learnt from that might be: the first 256,
    /// then one for each 64 records, and ever fewer as long as there is nothing new in them.
    fn learn(&mut self, line: &[u8]) {
        if self.lessons_left_out < self.leave_out {
            self.lessons_left_out += 1;
        } else if self.lessons < 256 + self.totals.records / 64 {
            self.lessons += 1;
            self.lessons_left_out = 0;
            self.leave_out = if self.shapes.learn(line) { 0 } else { (2 * self.leave_out + 1).min(1023) };
        }
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

/// Checks that bytes are UTF-8; if not, how many are.
///
/// Most logs are ASCII, which is checked several times faster than UTF-8 at large.
fn check_utf8(bytes: &[u8]) -> Result<(), usize> {
    const STEP: usize = 4096;
    let mut start = 0;
    while start < bytes.len() {
        let mut end = (start + STEP).min(bytes.len());
        if !bytes[start..end].is_ascii() {
            // A step must not end inside a character; a run of more than three such bytes is an error anyway.
            let inside = bytes[end..].iter().take(3).take_while(|&&b| b & 0xc0 == 0x80).count();
            end += inside;
            if let Err(error) = std::str::from_utf8(&bytes[start..end]) {
                return Err(start + error.valid_up_to());
            }
        }
        start = end;
    }
    Ok(())
}
