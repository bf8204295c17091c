//! Lines of formats other than JSON, and records of several lines.

use std::ops::{ControlFlow, Range};

use super::{
    Pass, Reader, Record, Stop, Totals, end_of_line, without_line_end, without_mark, without_padding,
};
use crate::bad::Reason;
use crate::format::{LineReader, Parsed, has_colours};

/// A record that the lines after it may be part of. Places are those in the block.
pub(super) struct Pending {
    /// The number of its first line.
    line: u64,
    /// Where that line starts in the input.
    offset: u64,
    /// Where the record starts, after what is not part of it.
    start: usize,
    end: usize,
    /// How many blank lines came after it.
    blanks: usize,
}

/// What is known of all lines of a block, and need not be asked of each. It is found out when the first of them asks.
pub(super) struct About {
    is_ascii: bool,
    /// Whether there is anything in them that may be a colour.
    has_colours: bool,
    /// Where those end that were found to be UTF-8, one after the other, and how many bytes were looked at together.
    text_to: usize,
    together: usize,
}

impl About {
    /// How many bytes are looked at together for a line alone.
    const FEWEST: usize = 512;

    fn new(lines: &[u8]) -> Self {
        Self { is_ascii: lines.is_ascii(), has_colours: has_colours(lines), text_to: 0, together: 0 }
    }

    /// Whether the line at a place of the block is UTF-8.
    #[inline]
    fn is_text(&mut self, bytes: &[u8], place: &Range<usize>) -> bool {
        self.is_ascii || place.end <= self.text_to || self.look(bytes, place)
    }

    /// Many lines take hardly longer than one, but most may be read otherwise: so more are looked at together only where
    /// one after the other is asked about.
    fn look(&mut self, bytes: &[u8], place: &Range<usize>) -> bool {
        self.together = if place.start == self.text_to { 4 * self.together } else { 0 }.max(Self::FEWEST);
        let after = bytes.get(place.end..bytes.len().min(place.start + self.together)).unwrap_or_default();
        let end = memchr::memrchr(b'\n', after).map_or(place.end, |feed| place.end + feed + 1);
        let is_text = |part: Range<usize>| std::str::from_utf8(&bytes[part]).is_ok();
        if is_text(place.start..end) {
            self.text_to = end;
            return true;
        }
        is_text(place.clone())
    }
}

impl Reader {
    /// Reads lines from `start` on; where the first line is that is read faster as JSON.
    pub(super) fn foreign_lines<F>(
        &mut self,
        pass: &mut Pass<'_, F>,
        bytes: &[u8],
        offset: u64,
        mut start: usize,
        about: &mut Option<About>,
    ) -> ControlFlow<Stop, usize>
    where
        F: FnMut(&Record<'_>) -> ControlFlow<()>,
    {
        let may_be_json = self.lines.formats().has_json();
        while start < bytes.len() {
            if pass.pending.is_none()
                && let Some(length) =
                    self.lines.read_fast(bytes, start, self.hopper.wanted(), &mut self.captures)
            {
                self.totals.lines += 1;
                pass.line += 1;
                let line = &bytes[start..start + length];
                self.record(pass, line, line, offset + start as u64)?;
                start += length;
                continue;
            }
            let line = &bytes[start..][..end_of_line(&bytes[start..])];
            if may_be_json && pass.pending.is_none() && is_json_at_sight(line) {
                self.foreign = false;
                return ControlFlow::Continue(start);
            }
            let line_end = start + line.strip_suffix(b"\n").unwrap_or(line).len();
            if pass
                .pending
                .as_ref()
                .is_some_and(|record| line_end - record.start > self.limits.longest_line())
            {
                self.emit(pass, bytes)?;
            }
            self.totals.lines += 1;
            pass.line += 1;
            let about = about.get_or_insert_with(|| About::new(&bytes[start..]));
            self.foreign_line(pass, bytes, offset, start..start + line.len(), about)?;
            start += line.len();
        }
        ControlFlow::Continue(start)
    }

    /// Reads the line that is at `place` of a block; it includes its line feed.
    #[inline]
    fn foreign_line<F>(
        &mut self,
        pass: &mut Pass<'_, F>,
        bytes: &[u8],
        offset: u64,
        place: Range<usize>,
        about: &mut About,
    ) -> ControlFlow<Stop>
    where
        F: FnMut(&Record<'_>) -> ControlFlow<()>,
    {
        let line = &bytes[place.clone()];
        let offset = offset + place.start as u64;
        let unmarked = if pass.at_start { without_mark(line, offset) } else { line };
        let Some(record) = without_padding(unmarked) else {
            if let Some(pending) = &mut pass.pending {
                pending.blanks += 1;
            }
            return ControlFlow::Continue(());
        };
        let content = without_line_end(record);
        let start = place.end - record.len();
        if !about.is_text(bytes, &place) {
            if let Some(pending) = &pass.pending {
                self.current.detach(&bytes[pending.start..pending.end]);
            }
            return self.no_record(pass, content, offset, Reason::NotUtf8);
        }
        let is_indented = matches!(content.first(), Some(b' ' | b'\t'));
        let end = start + record.strip_suffix(b"\n").unwrap_or(record).len();
        if !(is_indented && pass.pending.is_some())
            && let Some(is_continued) = self.lines.read(
                content,
                about.has_colours && has_colours(content),
                pass.pending.as_ref().map(|_| &self.current),
                self.hopper.wanted(),
                &mut self.ahead,
            )
        {
            self.emit(pass, bytes)?;
            pass.nothing_yet = false;
            let read = Pending { line: pass.line, offset, start, end, blanks: 0 };
            if !is_continued {
                return hand_out(pass, &mut self.totals, &self.lines, &mut self.ahead, bytes, &read);
            }
            std::mem::swap(&mut self.current, &mut self.ahead);
            pass.pending = Some(read);
            return ControlFlow::Continue(());
        }
        if let Some(pending) = &mut pass.pending
            && self.lines.join(
                &mut self.current,
                content,
                start - pending.start,
                pending.blanks,
                &mut self.ahead,
            )
        {
            pending.end = end;
            pending.blanks = 0;
            return ControlFlow::Continue(());
        }
        if LineReader::is_blank(content, &mut self.ahead) {
            return ControlFlow::Continue(());
        }
        if self.lines.read_contained(content, self.hopper.wanted(), &mut self.ahead) {
            self.emit(pass, bytes)?;
            pass.nothing_yet = false;
            std::mem::swap(&mut self.current, &mut self.ahead);
            pass.pending = Some(Pending { line: pass.line, offset, start, end, blanks: 0 });
            return ControlFlow::Continue(());
        }
        let wanted = self.hopper.wanted();
        let reason = match self.walker.walk(content, wanted, &mut self.ahead.captures) {
            Err(reason) if reason != Reason::NotAnObject && self.lines.formats().has_json() => reason,
            _ => Reason::Unrecognised,
        };
        self.no_record(pass, content, offset, reason)
    }

    /// Hands out the record that is pending, if one is.
    #[inline]
    pub(super) fn emit<F>(&mut self, pass: &mut Pass<'_, F>, bytes: &[u8]) -> ControlFlow<Stop>
    where
        F: FnMut(&Record<'_>) -> ControlFlow<()>,
    {
        match pass.pending.take() {
            Some(read) => hand_out(pass, &mut self.totals, &self.lines, &mut self.current, bytes, &read),
            None => ControlFlow::Continue(()),
        }
    }

    /// What is to be kept at the end of a block: the record that is pending, if there may be more lines.
    pub(super) fn end_block<F>(
        &mut self,
        pass: &mut Pass<'_, F>,
        bytes: &[u8],
        more: bool,
    ) -> ControlFlow<Stop, usize>
    where
        F: FnMut(&Record<'_>) -> ControlFlow<()>,
    {
        if !more {
            self.emit(pass, bytes)?;
        }
        let Some(pending) = &mut pass.pending else { return ControlFlow::Continue(0) };
        let keep = bytes.len() - pending.start;
        pending.end -= pending.start;
        pending.start = 0;
        pass.resume = keep;
        ControlFlow::Continue(keep)
    }
}

/// Hands out a record that was read to its end.
#[inline]
fn hand_out<F>(
    pass: &mut Pass<'_, F>,
    totals: &mut Totals,
    lines: &LineReader,
    parsed: &mut Parsed,
    bytes: &[u8],
    read: &Pending,
) -> ControlFlow<Stop>
where
    F: FnMut(&Record<'_>) -> ControlFlow<()>,
{
    let &Pending { line, offset, start, end, .. } = read;
    let text = &bytes[start..end];
    lines.finish(text, parsed);
    pass.nothing_yet = false;
    totals.records += 1;
    let source = parsed.source(text);
    match (pass.on_record)(&Record { line, offset, text, source, captures: &parsed.captures }) {
        ControlFlow::Continue(()) => ControlFlow::Continue(()),
        ControlFlow::Break(()) => ControlFlow::Break(Stop::Asked),
    }
}

/// Whether a line is JSON or nothing, unless it belongs to a record before it.
#[inline]
fn is_json_at_sight(line: &[u8]) -> bool {
    let first = line.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
    first == Some(&b'{') && !has_colours(line)
}
