//! Access logs: the common log format of NCSA httpd and Apache's combined one, which nginx writes too.
//!
//! `client ident user [15/Jan/2025:10:00:00 +0000] "request" status size`, then maybe `"referer" "user agent"`, then
//! maybe anything; before it maybe a virtual host, as Apache's `vhost_combined` has it. Where the client is told by
//! `X-Forwarded-For`, it may be a list, `client, proxy, proxy`, of which the first counts. See
//! <https://httpd.apache.org/docs/2.4/logs.html>. A dash stands for nothing. In quotes a backslash escapes a quote,
//! itself, or begins `\xhh`.

use std::net::IpAddr;

use memchr::{memchr_iter, memchr2, memrchr};

use super::column::{Column, Known, Row};
use super::near::find;
use crate::json::{Everywhere, Lanes, WIDTH};

/// The length of `15/Jan/2025:10:00:00 +0000]`.
pub(super) const TIME: usize = 27;

/// Reads a line; `None`, if it is of another format.
#[inline]
pub(super) fn read(row: &mut Row<'_>) -> Option<()> {
    let line = row.line;
    let client = line.iter().position(|&byte| !is_in_address(byte))?;
    let clients = match line[client] {
        _ if client == 0 => return None,
        b' ' => client,
        b',' => after_list(line, client)?,
        _ => return None,
    };
    let ident = token(line, clients + 1)?;
    let time = time_after(line, ident)?;
    let host = if clients == client { after_host(line, client, ident, time) } else { None };
    let (start, client, clients, ident) = match host {
        Some(user) => (client + 1, ident, ident, user),
        None => (0, client, clients, ident),
    };
    let request = time + TIME;
    if line.get(request..request + 2) != Some(b" \"") {
        return None;
    }
    let request = request + 2;
    let (request_end, escaped) = quoted_end(line, request)?;
    let status = line.get(request_end + 1..request_end + 6)?;
    let [b' ', s1, s2, s3, b' '] = *status else { return None };
    if !is_status([s1, s2, s3]) {
        return None;
    }
    let size = request_end + 6;
    let size_end = size + line[size..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let size_end = if size_end == size && line.get(size) == Some(&b'-') { size + 1 } else { size_end };
    if size_end == size || !matches!(line.get(size_end), None | Some(b' ')) {
        return None;
    }
    let wants_more = row.wants(Column::Referer) || row.wants(Column::Agent);
    let referer = if wants_more { quoted_after(line, size_end) } else { None };
    let agent = referer.and_then(|referer| quoted_after(line, referer.end + 1));
    let request = Quoted { start: request, end: request_end, escaped };
    Parts { start, client, clients, ident, time, request, size, size_end, referer, agent }.put(row);
    Some(())
}

/// What stands in quotes, and where.
#[derive(Clone, Copy)]
pub(super) struct Quoted {
    pub(super) start: usize,
    /// Where the closing quote is.
    pub(super) end: usize,
    /// Whether there is a backslash between.
    pub(super) escaped: bool,
}

/// Where the parts of a line are.
pub(super) struct Parts {
    /// Where the client starts; before it and a space is the virtual host, if there is one.
    pub(super) start: usize,
    /// Where the client ends.
    pub(super) client: usize,
    /// Where it ends with the proxies that stand behind it.
    pub(super) clients: usize,
    /// Where the ident ends.
    pub(super) ident: usize,
    pub(super) time: usize,
    pub(super) request: Quoted,
    pub(super) size: usize,
    pub(super) size_end: usize,
    pub(super) referer: Option<Quoted>,
    pub(super) agent: Option<Quoted>,
}

impl Parts {
    /// Puts what is wanted of them.
    #[inline]
    pub(super) fn put(&self, row: &mut Row<'_>) {
        let Self { start, client, clients, ident, time, request, size, size_end, .. } = *self;
        row.text(Column::VirtualHost, 0, start.saturating_sub(1));
        row.text(Column::Client, start, client);
        row.text(Column::Ident, clients + 1, ident);
        row.text(Column::User, ident + 1, time - 2);
        row.text(Column::Time, time, time + TIME - 1);
        row.quoted(Column::Request, request.start, request.end, request.escaped);
        row.quoted(Column::Message, request.start, request.end, request.escaped);
        row.digits(Column::Status, request.end + 2, request.end + 5);
        row.digits(Column::Size, size, size_end);
        row.known(Column::Level, Known::of_status(row.line.get(request.end + 2)));
        request_parts(row, request.start, request.end, request.escaped);
        if let Some(Quoted { start, end, escaped }) = self.referer {
            row.quoted(Column::Referer, start, end, escaped);
        }
        if let Some(Quoted { start, end, escaped }) = self.agent {
            row.quoted(Column::Agent, start, end, escaped);
        }
    }
}

/// Where the word ends that begins at `start`, at the space after it; `None` if it is empty or no space comes.
#[inline]
fn token(line: &[u8], start: usize) -> Option<usize> {
    find(line, start, line.len(), b' ').filter(|&end| end > start)
}

/// Where a list of addresses ends, at the space after it; the first of them ends at `at`.
#[cold]
fn after_list(line: &[u8], mut at: usize) -> Option<usize> {
    while line[at..].starts_with(b", ") {
        let start = at + 2;
        let length =
            line[start..].iter().position(|&byte| !is_in_address(byte)).filter(|&length| length > 0)?;
        at = start + length;
    }
    (line[at] == b' ').then_some(at)
}

/// Where the ident ends of a line that begins with a virtual host: what would be the ident is an address then, and what would
/// be the host is none.
#[inline]
fn after_host(line: &[u8], host: usize, client: usize, time: usize) -> Option<usize> {
    if client - host == 2 {
        return None;
    }
    let is_address = |text: &[u8]| std::str::from_utf8(text).is_ok_and(|text| text.parse::<IpAddr>().is_ok());
    let ident = token(line, client + 1).filter(|&end| end < time - 2)?;
    (is_address(&line[host + 1..client]) && !is_address(&line[..host])).then_some(ident)
}

/// An address of IPv4 or IPv6, or a name.
#[inline]
pub(super) fn is_in_address(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'-' | b'_' | b'%')
}

/// Where the time is, after the user that begins at the space at `from` and may have spaces and brackets.
#[inline]
fn time_after(line: &[u8], from: usize) -> Option<usize> {
    if let [b' ', _, b' ', b'[', ..] = line[from..]
        && is_time(line, from + 4)
    {
        return Some(from + 4);
    }
    let after_space = from + 2;
    let mut brackets = memchr_iter(b'[', line.get(after_space..)?).map(|at| after_space + at);
    brackets.find(|&at| line[at - 1] == b' ' && is_time(line, at + 1)).map(|at| at + 1)
}

/// Whether a time and its closing bracket stand there, by what is not digits.
#[inline]
pub(super) fn is_time(line: &[u8], at: usize) -> bool {
    // What comes after it makes a line of this format longer than that.
    let Some(window) = line.get(at..).and_then(<[u8]>::first_chunk) else { return false };
    !Everywhere.equal(window, SHAPE) & SHAPE_COUNTS == 0
}

/// A time with its bracket, and which of its bytes are no digits.
const SHAPE: &[u8; WIDTH] = b"__/___/____:__:__:__ _____]_____";
const SHAPE_COUNTS: u32 = 1 << 2 | 1 << 6 | 1 << 11 | 1 << 14 | 1 << 17 | 1 << 20 | 1 << 26;

#[inline]
pub(super) fn is_status(status: [u8; 3]) -> bool {
    status.iter().all(u8::is_ascii_digit)
}

/// Where the quotes end that were opened before `start`, and whether there is a backslash between.
#[inline]
pub(super) fn quoted_end(line: &[u8], start: usize) -> Option<(usize, bool)> {
    let mut at = start;
    let mut escaped = false;
    loop {
        at += memchr2(b'"', b'\\', line.get(at..)?)?;
        if line[at] == b'"' {
            return Some((at, escaped));
        }
        escaped = true;
        at += 2;
    }
}

/// What stands as ` "..."` after `at`, if it is there as a whole.
#[inline]
fn quoted_after(line: &[u8], at: usize) -> Option<Quoted> {
    if line.get(at..at + 2) != Some(b" \"") {
        return None;
    }
    let (end, escaped) = quoted_end(line, at + 2)?;
    Some(Quoted { start: at + 2, end, escaped })
}

/// Method, target and protocol of a request, if it is made of these.
#[inline]
pub(super) fn request_parts(row: &mut Row<'_>, start: usize, end: usize, escaped: bool) {
    let wanted = [Column::Method, Column::Path, Column::Query, Column::Protocol];
    if !wanted.into_iter().any(|column| row.wants(column)) {
        return;
    }
    let request = &row.line[start..end];
    let Some(space) = find(row.line, start, end, b' ').map(|at| at - start) else { return };
    if space == 0 || !is_upper(request, space) {
        return;
    }
    let last = match request.last_chunk() {
        // Mostly it is this, and then nothing has to be looked for.
        Some([b' ', b'H', b'T', b'T', b'P', b'/', b'1'..=b'3', b'.', b'0'..=b'9']) => Some(request.len() - 9),
        _ => memrchr(b' ', request),
    };
    let last = last.filter(|&last| last > space && request[last..].starts_with(b" HTTP/"));
    let path = start + space + 1;
    let target_end = start + last.unwrap_or(request.len());
    let path_end = find(row.line, path, target_end, b'?').unwrap_or(target_end);
    row.text(Column::Method, start, start + space);
    row.quoted(Column::Path, path, path_end, escaped);
    row.quoted(Column::Query, path_end + 1, target_end, escaped);
    if let Some(last) = last {
        row.text(Column::Protocol, start + last + 1, end);
    }
}

/// Whether the first bytes of a text, so many, are capital letters.
#[inline]
fn is_upper(text: &[u8], length: usize) -> bool {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let Some(word) = text.first_chunk().filter(|_| length < 8) else {
        return text.iter().take(length).all(u8::is_ascii_uppercase);
    };
    // What comes after them is made letters. A sum has the high bit where the byte is that letter at least.
    let after = u64::MAX << (8 * length);
    let word = u64::from_le_bytes(*word) & !after | after & (ONES * u64::from(b'A'));
    let at_least = |least: u8| (word & !HIGH) + ONES * u64::from(0x80 - least);
    at_least(b'A') & !at_least(b'Z' + 1) & !word & HIGH == HIGH
}
