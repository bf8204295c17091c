//! Access logs: the same as `format/access.rs` takes.

use super::super::access::{Parts, Quoted, TIME, is_in_address, is_status, is_time};
use super::Block;
use crate::json::{Everywhere, Lanes, WIDTH};

/// Where the parts of the line are that starts at `start`, from there on, and where the next line starts.
#[inline]
pub(super) fn read(block: Block<'_>, start: usize) -> Option<(Parts, usize)> {
    // What is before the first quote is plain, and of this line.
    let request = block.marks.quoted_end(start)? + 1 - start;
    let line = &block.bytes[start..];
    let client = client(line)?;
    let time = request.checked_sub(TIME + 2)?;
    let ident = ident(line, client, time)?;
    if line.get(request - 2..request)? != b" \"" || line.get(time - 2..time)? != b" [" || !is_time(line, time)
    {
        return None;
    }
    let (request_end, escaped) = block.quoted(start + request)?;
    let request = Quoted { start: request, end: request_end - start, escaped };
    let [b' ', s1, s2, s3, b' '] = *line.get(request.end + 1..)?.first_chunk()? else { return None };
    if !is_status([s1, s2, s3]) {
        return None;
    }
    let size = request.end + 6;
    let size_end = size + size_length(line.get(size..)?)?;
    let mut parts = Parts {
        start: 0,
        client,
        clients: client,
        ident,
        time,
        request,
        size,
        size_end,
        referer: None,
        agent: None,
    };
    if let Some(end) = block.after_line_end(start + size_end) {
        return Some((parts, end));
    }
    if line.get(size_end) != Some(&b' ') {
        return None;
    }
    let mut at = size_end;
    for part in [&mut parts.referer, &mut parts.agent] {
        if line.get(at..at + 2) != Some(b" \"") {
            break;
        }
        let (end, escaped) = block.quoted(start + at + 2)?;
        *part = Some(Quoted { start: at + 2, end: end - start, escaped });
        at = end - start + 1;
    }
    Some((parts, next_line(block, start + at)?))
}

/// Where the client ends that a line begins with.
#[inline]
fn client(line: &[u8]) -> Option<usize> {
    let window: &[u8; WIDTH] = line.first_chunk()?;
    // Of no other is a line tried as one of an access log.
    if !(line[0].is_ascii_alphanumeric() || matches!(line[0], b':' | b'-')) {
        return None;
    }
    // Which bytes end an address, or are none of an IPv4 address: most addresses are told by these alone.
    let spaces = Everywhere.equal(window, &[b' '; WIDTH]);
    let numeric = Everywhere.digits(window) | Everywhere.equal(window, &[b'.'; WIDTH]);
    let end = (!numeric).trailing_zeros();
    let end = if end < u32::BITS && spaces >> end & 1 == 1 {
        end as usize
    } else {
        line.iter().position(|&byte| !is_in_address(byte))?
    };
    // After three letters it may be the time of syslog.
    let may_be_month = end == 3 && line[0].is_ascii_alphabetic();
    (end > 0 && line[end] == b' ' && !may_be_month).then_some(end)
}

/// The length of the digits, or of the dash, that a text begins with.
#[inline]
fn size_length(text: &[u8]) -> Option<usize> {
    if let Some(window) = text.first_chunk() {
        let digits = (!Everywhere.digits(window)).trailing_zeros() as usize;
        if digits > 0 && digits < WIDTH {
            return Some(digits);
        }
    }
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 { (text.first() == Some(&b'-')).then_some(1) } else { Some(digits) }
}

/// Where the ident ends, if the user after it is one word that ends before the time.
#[inline]
fn ident(line: &[u8], client: usize, time: usize) -> Option<usize> {
    // Mostly both are dashes, and then nothing has to be looked for.
    if line.get(client..client + 6)? == b" - - [" && client + 6 == time {
        return Some(client + 2);
    }
    let words = line.get(client + 1..time.checked_sub(2)?)?;
    let length = words.iter().position(|&byte| byte == b' ')?;
    (length > 0 && !words[length + 1..].contains(&b' ')).then_some(client + 1 + length)
}

/// Where the next line starts, if nothing odd comes before.
#[inline]
fn next_line(block: Block<'_>, mut at: usize) -> Option<usize> {
    loop {
        at = block.marks.quoted_end(at)?;
        if !matches!(block.get(at)?, b'"' | b'\\') {
            return block.after_line_end(at);
        }
        at += 1;
    }
}
