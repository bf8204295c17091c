//! Access logs: the common log format of NCSA httpd and Apache's combined one, which nginx writes too.
//!
//! `client ident user [15/Jan/2025:10:00:00 +0000] "request" status size`, then maybe `"referer" "user agent"`, then
//! maybe anything. See <https://httpd.apache.org/docs/2.4/logs.html>. A dash stands for nothing. In quotes a backslash
//! escapes a quote, itself, or begins `\xhh`.

use memchr::{memchr, memchr2, memmem, memrchr};

use super::column::{Column, Known, Row};

/// The length of `15/Jan/2025:10:00:00 +0000]`.
const TIME: usize = 27;

/// Reads a line; `None`, if it is of another format.
#[inline]
pub(super) fn read(row: &mut Row<'_>) -> Option<()> {
    let line = row.line;
    let client = line.iter().position(|&byte| !is_in_address(byte))?;
    if client == 0 || line[client] != b' ' {
        return None;
    }
    let ident = token(line, client + 1)?;
    let time = time_after(line, ident)?;
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
    row.text(Column::Client, 0, client);
    row.text(Column::Ident, client + 1, ident);
    row.text(Column::User, ident + 1, time - 2);
    row.text(Column::Time, time, time + TIME - 1);
    row.quoted(Column::Request, request, request_end, escaped);
    row.quoted(Column::Message, request, request_end, escaped);
    row.number(Column::Status, request_end + 2, request_end + 5);
    row.number(Column::Size, size, size_end);
    row.known(
        Column::Level,
        match s1 {
            b'5'.. => Known::ERROR,
            b'4' => Known::WARN,
            _ => Known::INFO,
        },
    );
    request_parts(row, request, request_end, escaped);
    if (row.wants(Column::Referer) || row.wants(Column::Agent))
        && let Some(after) = quoted_column(row, Column::Referer, size_end)
    {
        quoted_column(row, Column::Agent, after);
    }
    Some(())
}

/// Where the word ends that begins at `start`, at the space after it; `None` if it is empty or no space comes.
#[inline]
fn token(line: &[u8], start: usize) -> Option<usize> {
    let length = line.get(start..)?.iter().position(|&byte| byte == b' ')?;
    (length > 0).then_some(start + length)
}

/// An address of IPv4 or IPv6, or a name.
#[inline]
fn is_in_address(byte: u8) -> bool {
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
    let mut brackets = memmem::find_iter(&line[from + 1..], " [").map(|at| from + 1 + at + 2);
    brackets.find(|&at| is_time(line, at))
}

/// Whether a time and its closing bracket stand there, by what is not digits.
#[inline]
fn is_time(line: &[u8], at: usize) -> bool {
    let Some(time) = line.get(at..).and_then(<[u8]>::first_chunk::<TIME>) else { return false };
    [time[2], time[6], time[11], time[14], time[17], time[20], time[26]] == *b"//::: ]"
}

#[inline]
fn is_status(status: [u8; 3]) -> bool {
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

/// Reads ` "..."` after `at`, if it is there as a whole; where it ends.
#[inline]
fn quoted_column(row: &mut Row<'_>, column: Column, at: usize) -> Option<usize> {
    if row.line.get(at..at + 2) != Some(b" \"") {
        return None;
    }
    let (end, escaped) = quoted_end(row.line, at + 2)?;
    row.quoted(column, at + 2, end, escaped);
    Some(end + 1)
}

/// Method, target and protocol of a request, if it is made of these.
#[inline]
pub(super) fn request_parts(row: &mut Row<'_>, start: usize, end: usize, escaped: bool) {
    let wanted = [Column::Method, Column::Path, Column::Query, Column::Protocol];
    if !wanted.into_iter().any(|column| row.wants(column)) {
        return;
    }
    let request = &row.line[start..end];
    let Some(space) = memchr(b' ', request) else { return };
    if space == 0 || !request[..space].iter().all(u8::is_ascii_uppercase) {
        return;
    }
    let last = memrchr(b' ', request).filter(|&last| last > space && request[last..].starts_with(b" HTTP/"));
    let target_end = last.unwrap_or(request.len());
    let target = &request[space + 1..target_end.max(space + 1)];
    let path = start + space + 1;
    let path_end = path + memchr(b'?', target).unwrap_or(target.len());
    row.text(Column::Method, start, start + space);
    row.quoted(Column::Path, path, path_end, escaped);
    row.quoted(Column::Query, path_end + 1, start + target_end, escaped);
    if let Some(last) = last {
        row.text(Column::Protocol, start + last + 1, end);
    }
}
