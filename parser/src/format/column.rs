//! What the lines of known formats hold, and the keys under which it is wanted.

use std::cell::OnceCell;
use std::ops::Range;

use super::stamp::{Stamp, stamp};
use crate::field::Field;
use crate::json::{Captures, Kind, Span, Wanted};
use crate::time::{Clock, Time};

/// What a line of a format other than JSON or logfmt holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Time,
    Level,
    Message,
    Thread,
    Correlation,
    Service,
    /// The part of a program that wrote it.
    Logger,
    /// The address or the name of a client.
    Client,
    /// A user as identd names it.
    Ident,
    User,
    /// The whole line of a request: method, target and protocol.
    Request,
    Method,
    /// The target of a request up to its first question mark.
    Path,
    /// What follows that question mark.
    Query,
    Protocol,
    Status,
    /// The bytes of a response's body.
    Size,
    Referer,
    Agent,
    /// The machine that wrote it.
    Host,
    /// The number of the process that wrote it.
    Process,
    Facility,
    MessageId,
    /// The number of a connection.
    Connection,
    /// The part of a server that wrote it.
    Module,
    Database,
    /// A level by the name that Postgres has for it.
    Severity,
    /// The file that the line comes from, by a word before its time.
    Source,
    /// The container whose output the line was, by docker-compose's prefix.
    Container,
    /// The virtual host that a request was to.
    VirtualHost,
    /// Which of its streams a container wrote the line to, by the prefix of a container runtime.
    Stream,
}

impl Column {
    pub(crate) const ALL: [Self; 31] = [
        Self::Time,
        Self::Level,
        Self::Message,
        Self::Thread,
        Self::Correlation,
        Self::Service,
        Self::Logger,
        Self::Client,
        Self::Ident,
        Self::User,
        Self::Request,
        Self::Method,
        Self::Path,
        Self::Query,
        Self::Protocol,
        Self::Status,
        Self::Size,
        Self::Referer,
        Self::Agent,
        Self::Host,
        Self::Process,
        Self::Facility,
        Self::MessageId,
        Self::Connection,
        Self::Module,
        Self::Database,
        Self::Severity,
        Self::Source,
        Self::Container,
        Self::VirtualHost,
        Self::Stream,
    ];

    /// The keys that it goes by.
    pub(crate) const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Time => Field::Time.keys(),
            Self::Level => Field::Level.keys(),
            Self::Message => Field::Message.keys(),
            Self::Thread => Field::Thread.keys(),
            Self::Correlation => Field::Correlation.keys(),
            Self::Service => &["service", "service_name", "serviceName", "program", "app"],
            Self::Logger => &["logger", "logger_name"],
            Self::Client => &["client", "client_ip", "remote_addr", "remote_ip"],
            Self::Ident => &["ident"],
            Self::User => &["user", "remote_user"],
            Self::Request => &["request"],
            Self::Method => &["method", "request_method"],
            Self::Path => &["path", "request_path"],
            Self::Query => &["query", "request_query"],
            Self::Protocol => &["protocol"],
            Self::Status => &["status"],
            Self::Size => &["size", "bytes", "body_bytes_sent"],
            Self::Referer => &["referer", "http_referer"],
            Self::Agent => &["user_agent", "http_user_agent"],
            Self::Host => &["host", "hostname"],
            Self::Process => &["pid"],
            Self::Facility => &["facility"],
            Self::MessageId => &["message_id", "msgid"],
            Self::Connection => &["connection"],
            Self::Module => &["module"],
            Self::Database => &["database"],
            Self::Severity => &["error_severity"],
            Self::Source => &["file"],
            Self::Container => &["container"],
            Self::VirtualHost => &["vhost"],
            Self::Stream => &["stream"],
        }
    }
}

/// Which of the wanted keys want each column, a bit each.
pub(crate) struct Columns {
    wanting: [u64; Column::ALL.len()],
}

impl Columns {
    pub(crate) fn new(wanted: &Wanted) -> Self {
        let mut wanting = [0; Column::ALL.len()];
        for column in Column::ALL {
            for key in column.keys() {
                if let Some(place) = wanted.find(key.as_bytes(), false) {
                    wanting[column as usize] |= 1 << place;
                }
            }
        }
        Self { wanting }
    }

    #[inline]
    pub(crate) fn wanting(&self, column: Column) -> u64 {
        self.wanting[column as usize]
    }

    /// The wanted keys that want what a user calls so: a column by one of its keys, or that key itself.
    #[cfg(feature = "pattern")]
    pub(crate) fn wanting_name(&self, name: &str, wanted: &Wanted) -> u64 {
        let by_column = Column::ALL.into_iter().filter(|column| column.keys().contains(&name));
        let itself = wanted.find(name.as_bytes(), false).map_or(0, |place| 1 << place);
        by_column.fold(itself, |all, column| all | self.wanting(column))
    }
}

/// Where what a line holds is put. Positions are those in the line.
pub(crate) struct Row<'a> {
    pub(crate) line: &'a [u8],
    pub(crate) columns: &'a Columns,
    pub(crate) wanted: &'a Wanted,
    pub(crate) captures: &'a mut Captures,
    /// Where the message starts that goes on to the record's end, and is put when that is known.
    pub(crate) message: Option<usize>,
    /// Where the time is that was put, if one is wanted. What a message has as `time=` is none.
    pub(crate) time: Option<(usize, usize)>,
    /// The time that the line begins with, if it was looked for: several formats ask.
    stamp: OnceCell<Option<Stamp>>,
}

impl<'a> Row<'a> {
    pub(crate) fn new(
        line: &'a [u8],
        columns: &'a Columns,
        wanted: &'a Wanted,
        captures: &'a mut Captures,
    ) -> Self {
        Self { line, columns, wanted, captures, message: None, time: None, stamp: OnceCell::new() }
    }

    /// Forgets what was put, for the line to be read as of another format.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.captures.clear();
        self.message = None;
        self.time = None;
    }

    /// The time that the line begins with.
    #[inline]
    pub(crate) fn stamp(&self) -> Option<Stamp> {
        *self.stamp.get_or_init(|| stamp(self.line))
    }

    #[inline]
    pub(crate) fn wants(&self, column: Column) -> bool {
        self.columns.wanting(column) != 0
    }

    /// Text as it stands; if it is empty or a dash alone, there is none.
    #[inline]
    pub(crate) fn text(&mut self, column: Column, start: usize, end: usize) {
        self.put(column, start, end, Kind::Plain);
    }

    /// Text that may have escapes.
    #[inline]
    pub(crate) fn quoted(&mut self, column: Column, start: usize, end: usize, escaped: bool) {
        self.put(column, start, end, if escaped { Kind::Escaped } else { Kind::Plain });
    }

    /// A number, if all of it is digits, and text if not.
    #[inline]
    pub(crate) fn number(&mut self, column: Column, start: usize, end: usize) {
        if self.wants(column) {
            let kind = if is_number(&self.line[start..end]) { Kind::Bare } else { Kind::Plain };
            self.put(column, start, end, kind);
        }
    }

    /// What is known to be digits, or a dash alone.
    #[inline]
    pub(crate) fn digits(&mut self, column: Column, start: usize, end: usize) {
        let is_number = self.line.get(start) != Some(&b'0') || end - start == 1;
        self.put(column, start, end, if is_number { Kind::Bare } else { Kind::Plain });
    }

    #[inline]
    fn put(&mut self, column: Column, start: usize, end: usize, kind: Kind) {
        let keys = self.columns.wanting(column);
        if keys != 0 && start < end && (end - start > 1 || self.line.get(start) != Some(&b'-')) {
            self.captures.set_all(keys, Span { start: start as u32, end: end as u32, kind });
            if column == Column::Time {
                self.time = Some((start, end));
            }
        }
    }

    /// The message starts here and goes on to the record's end.
    #[inline]
    pub(crate) fn message(&mut self, start: usize) {
        self.message = Some(start);
    }

    /// Text that may have escapes, under a name that stands in the line too, unless there is something under it.
    pub(crate) fn named(&mut self, name: Range<usize>, value: Range<usize>, escaped: bool) {
        if let Some(key) = self.wanted.find(&self.line[name], false)
            && self.captures.get(usize::from(key)).is_none()
        {
            let kind = if escaped { Kind::Escaped } else { Kind::Plain };
            self.captures.set(key, Span { start: value.start as u32, end: value.end as u32, kind });
        }
    }

    /// One of the names that are known and do not stand in the line.
    #[inline]
    pub(crate) fn known(&mut self, column: Column, name: Known) {
        let keys = self.columns.wanting(column);
        if keys != 0 {
            self.captures.set_all(keys, Span { start: 0, end: 0, kind: Kind::Known(name) });
        }
    }

    /// Puts what stands as `key=value` in a part of the line under the wanted keys that are not found yet: it ends with
    /// a space, a comma, a semicolon, a closing bracket or the part, or with its quote. What a query of a URL asks for so, after
    /// a question mark or `&`, says nothing of the record.
    pub(crate) fn pairs_within(&mut self, start: usize, end: usize) {
        if !self.captures.lacks_some(self.wanted) {
            return;
        }
        let Some(part) = self.line.get(start..end) else { return };
        let mut from = 0;
        for equals in memchr::memchr_iter(b'=', part) {
            let name = part[from..equals].iter().rev().take_while(|&&byte| is_in_name(byte)).count();
            from = equals + 1;
            let before = (equals - name).checked_sub(1).map(|before| part[before]);
            // Each of the wanted keys is found once: so all of their values together are no longer than so many lines.
            if name > 0
                && !matches!(before, Some(b'?' | b'&'))
                && let Some(key) = self.wanted.find(&part[equals - name..equals], false)
                && self.captures.get(usize::from(key)).is_none()
            {
                self.pair(key, start + from, end);
            }
        }
    }

    /// Puts the value that begins at `from`, if it is not empty.
    fn pair(&mut self, key: u8, from: usize, end: usize) {
        let rest = &self.line[from..end];
        let (start, length) = if let [b'"', quoted @ ..] = rest {
            (from + 1, memchr::memchr(b'"', quoted).unwrap_or(quoted.len()))
        } else {
            (from, rest.iter().position(|byte| b" ,;)]}\t\r\n".contains(byte)).unwrap_or(rest.len()))
        };
        if length > 0 {
            let is_number = start == from && is_number(&rest[..length]);
            // A line that tells no time may well tell how long something took.
            let is_time = || {
                Time::parse(&rest[..length], &Clock::until(Time::from_nanos(0))).is_some_and(Time::is_likely)
            };
            if is_number && self.columns.wanting(Column::Time) & 1 << key != 0 && !is_time() {
                return;
            }
            let kind = if is_number { Kind::Bare } else { Kind::Plain };
            self.captures.set(key, Span { start: start as u32, end: (start + length) as u32, kind });
        }
    }
}

/// Whether a text is digits, and a number as JSON writes it.
#[inline]
pub(crate) fn is_number(text: &[u8]) -> bool {
    matches!(text, [b'0'] | [b'1'..=b'9', ..]) && text.iter().all(u8::is_ascii_digit)
}

pub(crate) const fn is_in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// A name that a format tells by a number, or in words of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known(u8);

/// Levels; then the facilities of RFC 5424, section 6.2.1.
const NAMES: [&str; 30] = [
    "trace", "debug", "info", "warn", "error", "fatal", "kern", "user", "mail", "daemon", "auth", "syslog",
    "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp", "audit", "alert", "clock", "local0", "local1",
    "local2", "local3", "local4", "local5", "local6", "local7",
];

impl Known {
    pub(crate) const TRACE: Self = Self(0);
    pub(crate) const DEBUG: Self = Self(1);
    pub(crate) const INFO: Self = Self(2);
    pub(crate) const WARN: Self = Self(3);
    pub(crate) const ERROR: Self = Self(4);
    pub(crate) const FATAL: Self = Self(5);

    /// The level that a status of HTTP stands for, by its first digit.
    #[inline]
    pub(crate) fn of_status(first: Option<&u8>) -> Self {
        match first {
            Some(b'5'..) => Self::ERROR,
            Some(b'4') => Self::WARN,
            _ => Self::INFO,
        }
    }

    /// A facility of syslog, of which there are 24.
    pub(crate) const fn facility(number: u32) -> Self {
        Self(6 + (number % 24) as u8)
    }

    pub(crate) fn name(self) -> &'static str {
        NAMES.get(usize::from(self.0)).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Column, Known, NAMES};

    #[test]
    fn each_column_is_in_its_place_and_each_key_is_of_one() {
        for (place, column) in Column::ALL.into_iter().enumerate() {
            assert_eq!(column as usize, place);
            for key in column.keys() {
                let others = Column::ALL.into_iter().filter(|other| other.keys().contains(key));
                assert_eq!(others.count(), 1, "{key}");
            }
        }
    }

    #[test]
    fn known_names_are_in_their_places() {
        assert_eq!(Known::FATAL.name(), "fatal");
        assert_eq!(Known::facility(0).name(), "kern");
        assert_eq!(Known::facility(23).name(), "local7");
        assert_eq!(usize::from(Known::facility(23).0), NAMES.len() - 1);
    }
}
