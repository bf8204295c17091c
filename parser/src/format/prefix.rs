//! What is put around lines on their way: colours, the names of containers, and when a container's line was collected.

use memchr::memchr;

use super::column::is_in_name;
use super::stamp::has_form;

/// Begins a control sequence of a terminal.
pub(super) const ESCAPE: u8 = 0x1b;

/// Copies a line without the control sequences of ECMA-48 that it holds: `ESC [`, parameters, and a last byte from `@` on.
/// One that does not end, or another escape, stays.
pub(super) fn without_colours(line: &[u8], out: &mut Vec<u8>) {
    let mut rest = line;
    while let Some(escape) = memchr(ESCAPE, rest) {
        out.extend_from_slice(&rest[..escape]);
        rest = &rest[escape..];
        let length = sequence_length(rest).unwrap_or_else(|| {
            out.push(ESCAPE);
            1
        });
        rest = &rest[length..];
    }
    out.extend_from_slice(rest);
}

/// The length of the control sequence that a text begins with.
fn sequence_length(text: &[u8]) -> Option<usize> {
    let parameters = text.strip_prefix(b"\x1b[")?;
    let inner = parameters.iter().take_while(|byte| matches!(byte, 0x20..=0x3f)).count();
    matches!(parameters.get(inner), Some(0x40..=0x7e)).then_some(inner + 3)
}

/// Splits docker-compose's prefix off, `name-1  | `, or that of the services of a swarm, `name.1.id@node    | `: the name, and
/// where the rest starts.
pub(super) fn split_container(line: &[u8]) -> Option<(&[u8], usize)> {
    let name = line.iter().take_while(|&&byte| is_in_name(byte) || byte == b'@').count();
    let spaces = line[name..].iter().take_while(|&&byte| byte == b' ').count();
    let bar = name + spaces;
    if name == 0 || spaces == 0 || line.get(bar) != Some(&b'|') {
        return None;
    }
    Some((&line[..name], bar + 1 + usize::from(line.get(bar + 1) == Some(&b' '))))
}

/// Which of a container's streams a line was written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Out,
    Err,
    /// It is not told which.
    Either,
}

impl Stream {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Out => "stdout",
            Self::Err => "stderr",
            Self::Either => "",
        }
    }
}

/// What a container runtime puts before a line of its containers.
#[derive(Clone, Copy)]
pub(super) struct Collected {
    /// The length of the time that the line begins with.
    pub(super) time: usize,
    pub(super) stream: Stream,
    /// Where the line itself starts.
    pub(super) start: usize,
}

/// Splits the prefix off that runtimes of Kubernetes' Container Runtime Interface put before each line of a container:
/// `2016-10-06T00:17:09.669794202Z stdout F `, where a line that is cut has `P` for `F`. See "CRI container log format" among
/// Kubernetes' design proposals. `docker logs --timestamps` and `kubectl logs --timestamps` put the time alone there, which
/// would be the head of a text but where an object comes next.
#[inline]
pub(super) fn split_collected(line: &[u8]) -> Option<Collected> {
    // Most lines are told by one byte.
    if line.get(10) != Some(&b'T') {
        return None;
    }
    let time = memchr(b' ', line.get(..line.len().min(LONGEST_TIME))?)?;
    let rest = &line[time + 1..];
    let (stream, rest, line_start) = if rest.starts_with(b"{") {
        (Stream::Either, rest, 0)
    } else {
        let stream = if rest.starts_with(b"stdout ") { Stream::Out } else { Stream::Err };
        let rest = rest.strip_prefix(stream.name().as_bytes())?.strip_prefix(b" ")?;
        match rest {
            [b'F' | b'P'] => (stream, rest, 1),
            [b'F' | b'P', b' ', ..] => (stream, rest, 2),
            _ => return None,
        }
    };
    is_rfc3339(&line[..time]).then(|| Collected { time, stream, start: line.len() - rest.len() + line_start })
}

/// `0000-00-00T00:00:00.000000000+00:00` and a space.
const LONGEST_TIME: usize = 36;

/// Whether a text has the form of a time of RFC 3339, with a fraction or without.
fn is_rfc3339(text: &[u8]) -> bool {
    if !has_form(text, b"0000-00-00T00:00:00") {
        return false;
    }
    let rest = &text[19..];
    let fraction = match rest {
        [b'.', digits @ ..] => 1 + digits.iter().take_while(|byte| byte.is_ascii_digit()).count(),
        _ => 0,
    };
    let zone = &rest[fraction..];
    fraction != 1
        && (zone == b"Z" || zone.len() == 6 && (has_form(zone, b"+00:00") || has_form(zone, b"-00:00")))
}
