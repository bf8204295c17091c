//! Lines of formats other than JSON, plainly: each becomes the members of an object.
//!
//! What the formats are is documented at `crate::format`; only the names of their columns are shared.

mod heads;
mod server;
mod syslog;
mod text;
pub(super) mod two_lines;

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::value::{RawValue, to_raw_value};

use crate::format::Column;
use crate::time::{Clock, Time};

/// A line that was read.
#[derive(Default)]
pub(super) struct Line {
    members: BTreeMap<String, Box<RawValue>>,
    /// Where the message starts that goes on to the record's end.
    pub(super) message: Option<usize>,
    /// Whether lines of no format continue its record.
    pub(super) is_continued: bool,
    /// The class, if this is the first of two lines, and the second has not come.
    pub(super) class: Option<String>,
    /// Whether all of it is pairs.
    is_pairs: bool,
    /// Its time, unless that is in the message.
    time: String,
}

impl Line {
    fn continued() -> Self {
        Self { is_continued: true, ..Self::default() }
    }

    fn put(&mut self, column: Column, value: Option<Box<RawValue>>) {
        let Some(value) = value else { return };
        for key in column.keys() {
            self.members.insert((*key).to_owned(), value.clone());
        }
    }

    /// Text; nothing if it is empty or a dash alone.
    pub(super) fn text(&mut self, column: Column, text: &str) {
        if !text.is_empty() && text != "-" {
            if column == Column::Time {
                text.clone_into(&mut self.time);
            }
            self.put(column, string(text));
        }
    }

    /// Text with escapes.
    fn quoted(&mut self, column: Column, text: &str) {
        if !text.is_empty() && text != "-" {
            self.put(column, string(&unescape(text)));
        }
    }

    fn number(&mut self, column: Column, text: &str) {
        match number(text).filter(|_| text.bytes().all(|b| b.is_ascii_digit())) {
            number @ Some(_) => {
                if column == Column::Time {
                    text.clone_into(&mut self.time);
                }
                self.put(column, number);
            }
            None => self.text(column, text),
        }
    }

    fn known(&mut self, column: Column, name: &str) {
        self.put(column, string(name));
    }

    /// What a message has as `key=value`, unless it is known already.
    fn pairs_within(&mut self, message: &str) {
        let mut from = 0;
        while let Some(equals) = message[from..].find('=').map(|at| from + at) {
            let name = &message[from..equals];
            let (before, name) = name.split_at(name.trim_end_matches(is_in_name).len());
            from = equals + 1;
            let rest = &message[from..];
            let (text, value) = if let Some(quoted) = rest.strip_prefix('"') {
                let text = quoted.split('"').next().unwrap_or_default();
                (text, string(text))
            } else {
                let end = rest.find([' ', ',', ';', ')', ']', '}', '\t', '\r', '\n']).unwrap_or(rest.len());
                let text = &rest[..end];
                let is_whole = text.bytes().all(|b| b.is_ascii_digit());
                (text, number(text).filter(|_| is_whole).or_else(|| string(text)))
            };
            let is_time = || {
                Time::parse(text.as_bytes(), &Clock::until(Time::from_nanos(0))).is_some_and(Time::is_likely)
            };
            let is_number = value.as_ref().is_some_and(|value| !value.get().starts_with('"'));
            let is_no_time = is_number && Column::Time.keys().contains(&name) && !is_time();
            if !name.is_empty()
                && !before.ends_with(['?', '&'])
                && !is_no_time
                && !text.is_empty()
                && !self.members.contains_key(name)
                && let Some(value) = value
            {
                self.members.insert(name.to_owned(), value);
            }
        }
    }

    /// Takes what the second of two lines tells, if this is it, which stands `at` there; if not, none will come.
    pub(super) fn second_line(&mut self, line: &str, at: usize) {
        if let Some(class) = self.class.take()
            && let Some((level, message)) = two_lines::level(line)
        {
            self.text(Column::Logger, &class);
            self.known(Column::Level, level);
            self.message = Some(at + message);
        }
    }

    /// Whether it tells its whole time by itself, or has any key of a time if it is of pairs.
    pub(super) fn tells_time(&self) -> bool {
        if self.is_pairs {
            return Column::Time.keys().iter().any(|key| self.members.contains_key(*key));
        }
        let [one, other] = [0, 2 * 366 * 86_400_000_000_000]
            .map(|nanos| Time::parse(self.time.as_bytes(), &Clock::until(Time::from_nanos(nanos))));
        one.is_some() && one == other
    }

    /// The record as a line of JSON, of which `source` is the text.
    pub(super) fn into_json(mut self, source: &str) -> String {
        let source = source.strip_suffix('\r').unwrap_or(source);
        let message = self.message.and_then(|start| source.get(start..));
        if let Some(message) = message.filter(|text| !text.is_empty()) {
            self.put(Column::Message, string(message));
        }
        serde_json::to_string(&self.members).unwrap_or_default()
    }
}

/// A number, as it is written.
fn number(text: &str) -> Option<Box<RawValue>> {
    let is_number =
        text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) && !text.ends_with([' ', '\t', '\r']);
    if is_number { RawValue::from_string(text.to_owned()).ok() } else { None }
}

fn string(text: &str) -> Option<Box<RawValue>> {
    to_raw_value(text).ok()
}

fn is_in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-.".contains(c)
}

/// What comes after a text's beginning of this form.
pub(super) fn after_form<'a>(text: &'a str, form: &str) -> Option<&'a str> {
    text::has_form(text, form).then(|| &text[form.len()..])
}

/// Reads a line of no format, whose time is told elsewhere.
pub(super) fn read_bare(line: &str) -> Line {
    text::read_bare(line)
}

/// Reads a line of any format but JSON; `None`, if it is of none.
pub(super) fn read(line: &str) -> Option<Line> {
    match line.chars().next()? {
        '<' => syslog::read(line).or_else(|| text::read(line)),
        '[' => server::apache(line).or_else(|| text::read(line)),
        '0'..='9' => access(line)
            .or_else(|| server::nginx(line))
            .or_else(|| server::postgres(line))
            .or_else(|| syslog::read(line))
            .or_else(|| text::read(line)),
        'a'..='z' | 'A'..='Z' => {
            syslog::read(line).or_else(|| access(line)).or_else(|| logfmt(line)).or_else(|| text::read(line))
        }
        '_' | '@' => logfmt(line),
        '-' => access(line).or_else(|| text::read(line)),
        ':' => access(line),
        _ => None,
    }
}

fn access(line: &str) -> Option<Line> {
    let is_in_address = |c: char| c.is_ascii_alphanumeric() || ".:-_%".contains(c);
    let (first, mut rest) = line.split_once(' ')?;
    let client = first.strip_suffix(',').unwrap_or(first);
    let is_list = client.len() < first.len();
    let mut goes_on = is_list;
    while goes_on {
        let (proxy, after) = rest.split_once(' ')?;
        let address = proxy.strip_suffix(',').unwrap_or(proxy);
        if address.is_empty() || !address.chars().all(is_in_address) {
            return None;
        }
        goes_on = address.len() < proxy.len();
        rest = after;
    }
    let (ident, rest) = rest.split_once(' ')?;
    if client.is_empty() || ident.is_empty() || !client.chars().all(is_in_address) {
        return None;
    }
    let bracket = rest.match_indices(" [").map(|(at, _)| at).find(|at| is_access_time(&rest[at + 2..]))?;
    let (user, rest) = (&rest[..bracket], &rest[bracket + 2..]);
    let is_address = |text: &str| text.parse::<IpAddr>().is_ok();
    let (host, client, ident, user) = match user.split_once(' ') {
        Some((before, user))
            if !is_list && !before.is_empty() && is_address(ident) && !is_address(client) =>
        {
            (client, ident, before, user)
        }
        _ => ("", client, ident, user),
    };
    let (time, rest) = rest.split_at(26);
    let (request, rest) = take_quoted(rest.strip_prefix("] \"")?)?;
    let (status, rest) = rest.strip_prefix(' ')?.split_once(' ')?;
    if status.len() != 3 || !status.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (size, rest) = rest.split_at(rest.find(' ').unwrap_or(rest.len()));
    if size.is_empty() || (size != "-" && !size.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let mut row = Line::default();
    row.text(Column::VirtualHost, host);
    row.text(Column::Client, client);
    row.text(Column::Ident, ident);
    row.text(Column::User, user);
    row.text(Column::Time, time);
    row.quoted(Column::Request, request);
    row.quoted(Column::Message, request);
    row.number(Column::Status, status);
    row.number(Column::Size, size);
    row.known(Column::Level, level_of_status(status));
    request_parts(&mut row, request);
    if let Some((referer, rest)) = rest.strip_prefix(" \"").and_then(take_quoted) {
        row.quoted(Column::Referer, referer);
        if let Some((agent, _)) = rest.strip_prefix(" \"").and_then(take_quoted) {
            row.quoted(Column::Agent, agent);
        }
    }
    Some(row)
}

/// The level that a status of HTTP stands for.
fn level_of_status(status: &str) -> &'static str {
    if status >= "500" {
        "error"
    } else if status >= "400" {
        "warn"
    } else {
        "info"
    }
}

fn is_access_time(text: &str) -> bool {
    let marks = [(2, b'/'), (6, b'/'), (11, b':'), (14, b':'), (17, b':'), (20, b' '), (26, b']')];
    marks.iter().all(|&(at, mark)| text.as_bytes().get(at) == Some(&mark))
}

/// What stands before an unescaped quote, and what after it.
fn take_quoted(text: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    let quote = text.find(|c| {
        let is_end = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        is_end
    })?;
    Some((&text[..quote], &text[quote + 1..]))
}

fn request_parts(row: &mut Line, request: &str) {
    let Some((method, rest)) = request.split_once(' ') else { return };
    if method.is_empty() || !method.bytes().all(|b| b.is_ascii_uppercase()) {
        return;
    }
    let (target, protocol) = match rest.rsplit_once(' ') {
        Some((target, protocol)) if protocol.starts_with("HTTP/") => (target, protocol),
        _ => (rest, ""),
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    row.text(Column::Method, method);
    row.quoted(Column::Path, path);
    row.quoted(Column::Query, query);
    row.text(Column::Protocol, protocol);
}

fn logfmt(line: &str) -> Option<Line> {
    let mut row = Line { is_pairs: true, ..Line::default() };
    let mut pairs = 0;
    let mut rest = line.trim_start_matches(' ');
    while !rest.is_empty() {
        let (key, after) = rest.split_at(rest.find([' ', '=', '"']).unwrap_or(rest.len()));
        if key.is_empty()
            || !key.chars().all(|c| c.is_ascii_alphanumeric() || "_-.@/:#".contains(c) || !c.is_ascii())
        {
            return None;
        }
        if let Some(value) = after.strip_prefix('=') {
            pairs += 1;
            let value = if let Some(quoted) = value.strip_prefix('"') {
                let (text, after) = take_quoted(quoted)?;
                if !after.is_empty() && !after.starts_with(' ') {
                    return None;
                }
                rest = after;
                string(&unescape(text))
            } else {
                let (text, after) = value.split_at(value.find(' ').unwrap_or(value.len()));
                rest = after;
                number(text).or_else(|| string(text))
            };
            row.members.insert(key.to_owned(), value?);
        } else if pairs == 0 || after.starts_with('"') {
            return None;
        } else {
            rest = after;
        }
        rest = rest.trim_start_matches(' ');
    }
    (pairs >= 2).then_some(row)
}

/// Decodes the escapes of a text; half a surrogate pair becomes U+FFFD, and so do bytes that are not UTF-8.
fn unescape(text: &str) -> String {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.extend(before.bytes());
        let hex = |from: usize, to: usize| {
            let digits = after.get(from..to)?;
            let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
            if is_hex { u16::from_str_radix(digits, 16).ok() } else { None }
        };
        let mut length = 1;
        match after.chars().next() {
            None => {
                out.push(b'\\');
                length = 0;
            }
            Some('b') => out.push(8),
            Some('f') => out.push(12),
            Some('n') => out.push(b'\n'),
            Some('r') => out.push(b'\r'),
            Some('t') => out.push(b'\t'),
            Some('v') => out.push(11),
            Some('x') if hex(1, 3).is_some() => {
                out.push(hex(1, 3).unwrap_or_default() as u8);
                length = 3;
            }
            Some('u') => {
                let first = hex(1, 5).unwrap_or(0xfffd);
                let second = if after.get(5..7) == Some("\\u") { hex(7, 11) } else { None };
                let is_pair = (0xd800..0xdc00).contains(&first)
                    && second.is_some_and(|unit| (0xdc00..0xe000).contains(&unit));
                let units = if is_pair { vec![first, second.unwrap_or_default()] } else { vec![first] };
                out.extend(String::from_utf16_lossy(&units).bytes());
                length = if is_pair { 11 } else { 5 };
            }
            Some(other) => {
                length = other.len_utf8();
                out.extend(other.to_string().bytes());
            }
        }
        rest = floor(after, length);
    }
    out.extend(rest.bytes());
    String::from_utf8_lossy(&out).into_owned()
}

/// What is left of a text after some bytes; nothing, if it is shorter.
fn floor(text: &str, length: usize) -> &str {
    text.get(length..).unwrap_or_default()
}
