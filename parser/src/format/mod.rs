//! Lines of other formats than JSON: which format a line is of, and where its values are.
//!
//! What a line is depends on itself alone, with one exception: one that is of no format may continue the record before it.
//! So lines of several formats can be mixed, and a log can be read from the midst.

mod access;
mod column;
mod fast;
mod heads;
mod logfmt;
mod near;
#[cfg(feature = "pattern")]
mod pattern;
mod prefix;
mod server;
mod stamp;
mod syslog;
mod text;
mod two_lines;

use std::fmt;

pub(crate) use column::Column;
pub(crate) use column::Known;
#[cfg(feature = "pattern")]
pub use pattern::{Pattern, PatternError};

use crate::json::{Captures, Kind, Span, Walker, Wanted};
use crate::time::{Clock, Time};
use column::{Columns, Row};
use fast::Fast;
use prefix::{Collected, Stream};

/// A format that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// A JSON object per line.
    Json,
    /// The common log format or Apache's combined one, which nginx writes too.
    Access,
    /// `key=value` pairs.
    Logfmt,
    /// RFC 5424, RFC 3164, or the latter with times of RFC 3339.
    Syslog,
    /// The error log of nginx.
    Nginx,
    /// The error log of Apache.
    Apache,
    /// The log of Postgres, as it writes it to standard error.
    Postgres,
    /// Text that begins with a time or a level, as log4j, logback, Python and `java.util.logging` write it; and heads of
    /// other forms: those of glog, Android's logcat, Ruby, PHP, Redis, `MongoDB`, `MySQL`, `ClickHouse`, etcd, `NLog`, .NET's
    /// console, Celery, Tornado, Squid, `env_logger`, Linux' kernel, Huawei's Health, and of supercomputers.
    Text,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 8] = [
        Self::Json,
        Self::Access,
        Self::Logfmt,
        Self::Syslog,
        Self::Nginx,
        Self::Apache,
        Self::Postgres,
        Self::Text,
    ];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Access => "access",
            Self::Logfmt => "logfmt",
            Self::Syslog => "syslog",
            Self::Nginx => "nginx-error",
            Self::Apache => "apache-error",
            Self::Postgres => "postgres",
            Self::Text => "text",
        }
    }

    /// The format of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Whether lines of no format continue its records.
    const fn is_continued(self) -> bool {
        matches!(self, Self::Nginx | Self::Apache | Self::Postgres | Self::Text)
    }

    /// The formats that a line can be of, by its first byte, in the order in which they are tried: one that is not tried
    /// would not be found.
    #[inline]
    fn candidates(first: u8) -> &'static [Self] {
        match first {
            b'{' | b' ' | b'\t' | b'\r' => &[Self::Json],
            b'<' => &[Self::Syslog, Self::Text],
            b'[' => &[Self::Apache, Self::Text],
            b'0'..=b'9' => &[Self::Access, Self::Nginx, Self::Postgres, Self::Syslog, Self::Text],
            b'a'..=b'z' | b'A'..=b'Z' => &[Self::Syslog, Self::Access, Self::Logfmt, Self::Text],
            b'_' | b'@' => &[Self::Logfmt],
            b'-' => &[Self::Access, Self::Text],
            b':' => &[Self::Access],
            _ => &[],
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which formats lines may be of.
#[derive(Debug, Clone, Default)]
pub enum Formats {
    /// Any that is known, found for each line. Colours of a terminal and the names that docker-compose puts before lines
    /// are taken off where the line is of no format with them; of no format without them either, it is part of a record or
    /// text. What container runtimes of Kubernetes put before lines is always taken off: a time, which is the record's unless
    /// that tells one with its date and its year, a stream and a tag. (A line that the runtime cut for its length stays so
    /// many lines.)
    #[default]
    Any,
    /// This one only. JSON is read as it is; around the others the same is taken off.
    One(Format),
    /// One of the user's own. The same is taken off where the line is not of it as it stands.
    #[cfg(feature = "pattern")]
    Pattern(Pattern),
}

impl Formats {
    /// Whether nothing but JSON is read.
    pub(crate) fn is_json_only(&self) -> bool {
        matches!(self, Self::One(Format::Json))
    }

    /// Whether lines are of a format of the user's own.
    fn is_pattern(&self) -> bool {
        !matches!(self, Self::Any | Self::One(_))
    }

    /// Whether JSON is read.
    pub(crate) fn has_json(&self) -> bool {
        matches!(self, Self::Any | Self::One(Format::Json))
    }
}

/// Whether a record begins at the start of a line, whatever comes before it. An input may be cut there, and its parts read
/// apart: in the midst of a record of several lines no such line is found.
pub fn begins_record(line: &[u8]) -> bool {
    may_begin(line) && Beginnings::new().has(line)
}

/// Whether a line is neither blank nor further in than others.
fn may_begin(line: &[u8]) -> bool {
    !matches!(line, [] | [b' ' | b'\t' | b'\n' | b'\r', ..])
}

/// The same of a line that nothing is put around; nor is it the second of two.
fn may_begin_bare(line: &[u8]) -> bool {
    may_begin(line) && two_lines::level(line).is_none()
}

/// Tells of one line after another what [`begins_record`] tells, and needs no memory for each.
pub(crate) struct Beginnings {
    reader: LineReader,
    wanted: Wanted,
    parsed: Parsed,
}

impl Beginnings {
    pub(crate) fn new() -> Self {
        let wanted = Wanted::new(&[]);
        Self { reader: LineReader::new(Formats::Any, &wanted), wanted, parsed: Parsed::new() }
    }

    pub(crate) fn has(&mut self, line: &[u8]) -> bool {
        let line = crate::read::without_line_end(line);
        may_begin(line)
            && std::str::from_utf8(line).is_ok()
            && self.reader.read(line, has_colours(line), None, &self.wanted, &mut self.parsed).is_some()
            && may_begin_bare(self.parsed.source(line))
    }
}

/// Reads lines of all formats, one at a time and without a guess.
pub(crate) struct LineReader {
    formats: Formats,
    columns: Columns,
    keys: logfmt::Keys,
    walker: Walker,
    fast: Fast,
    /// `None`, if all of the keys of a time are wanted or none.
    times: Option<Times>,
    #[cfg(feature = "pattern")]
    groups: pattern::Groups,
}

/// What tells whether a line has any of the keys of a time.
struct Times {
    wanted: Wanted,
    keys: logfmt::Keys,
    captures: Captures,
}

/// A line that was read, and what joins it. The captures are positions in the line, or in `stripped`.
pub(crate) struct Parsed {
    pub(crate) captures: Captures,
    /// Where the message starts that goes on to the record's end.
    message: Option<usize>,
    /// The record without colours and what containers put before it; empty, if it had none of it.
    stripped: Vec<u8>,
    is_stripped: bool,
    container: Vec<u8>,
    /// Where the class is, if this is the first of `java.util.logging`'s two lines, and the second has not come.
    class: Option<(usize, usize)>,
    /// Which stream a container runtime collected the line from.
    stream: Option<Stream>,
    /// When it was collected, if it tells no time of its own.
    collected: Vec<u8>,
}

impl Parsed {
    pub(crate) fn new() -> Self {
        Self {
            captures: Captures::new(),
            message: None,
            stripped: Vec::new(),
            is_stripped: false,
            container: Vec::new(),
            class: None,
            stream: None,
            collected: Vec::new(),
        }
    }

    /// What the captures are positions in; `record` is the record as it stands in the input.
    pub(crate) fn source<'a>(&'a self, record: &'a [u8]) -> &'a [u8] {
        if self.is_stripped { &self.stripped } else { record }
    }

    /// From here on, lines that are not part of the record as it stands can be left out.
    pub(crate) fn detach(&mut self, record: &[u8]) {
        if !self.is_stripped {
            self.stripped.clear();
            self.stripped.extend_from_slice(record);
            self.container.clear();
            self.stream = None;
            self.collected.clear();
            self.is_stripped = true;
        }
    }
}

impl LineReader {
    pub(crate) fn new(formats: Formats, wanted: &Wanted) -> Self {
        let columns = Columns::new(wanted);
        let some_of_time = 1..Column::Time.keys().len() as u32;
        let has_some = some_of_time.contains(&columns.wanting(Column::Time).count_ones());
        Self {
            times: has_some.then(|| Times {
                wanted: Wanted::new(Column::Time.keys()),
                keys: logfmt::Keys::new(),
                captures: Captures::new(),
            }),
            #[cfg(feature = "pattern")]
            groups: pattern::Groups::new(&formats, &columns, wanted),
            formats,
            columns,
            keys: logfmt::Keys::new(),
            walker: Walker::default(),
            fast: Fast::new(),
        }
    }

    pub(crate) fn formats(&self) -> &Formats {
        &self.formats
    }

    /// Adds a line that continues a record, from `at` on in the record as it stands, to what was stripped of it; whether it can
    /// be one of its lines: one that comes from the same container, or from none, and that was collected from the same
    /// stream, or was not.
    pub(crate) fn join(
        &self,
        parsed: &mut Parsed,
        line: &[u8],
        at: usize,
        blanks: usize,
        ahead: &mut Parsed,
    ) -> bool {
        if !parsed.is_stripped {
            self.second_line(parsed, line, at);
            return true;
        }
        let collected = prefix::split_collected(line);
        if collected.map(|collected| collected.stream) != parsed.stream {
            return false;
        }
        strip(&line[collected.map_or(0, |collected| collected.start)..], ahead);
        let start = match prefix::split_container(&ahead.stripped) {
            Some((name, start)) if name == parsed.container => start,
            _ if parsed.container.is_empty() => 0,
            _ => return false,
        };
        let rest = &ahead.stripped[start..];
        parsed.stripped.resize(parsed.stripped.len() + blanks + 1, b'\n');
        self.second_line(parsed, rest, parsed.stripped.len());
        parsed.stripped.extend_from_slice(rest);
        true
    }

    /// Whether a line of no format is blank but for its colours and the name of its container.
    pub(crate) fn is_blank(line: &[u8], ahead: &mut Parsed) -> bool {
        strip(line, ahead);
        let start = prefix::split_container(&ahead.stripped).map_or(0, |(_, start)| start);
        ahead.stripped[start..].iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | 0))
    }

    /// Captures what the second of two lines tells, if this is it; if not, none will come.
    fn second_line(&self, parsed: &mut Parsed, line: &[u8], at: usize) {
        if let Some((start, end)) = parsed.class.take()
            && let Some((level, message)) = two_lines::level(line)
        {
            let class = Span { start: start as u32, end: end as u32, kind: Kind::Plain };
            parsed.captures.set_all(self.columns.wanting(Column::Logger), class);
            let level = Span { start: 0, end: 0, kind: Kind::Known(level) };
            parsed.captures.set_all(self.columns.wanting(Column::Level), level);
            parsed.message = Some(at + message);
        }
    }

    /// What [`LineReader::read_fast`] is handed next is another block, of at most 2 GiB.
    #[inline]
    pub(crate) fn begin(&mut self) {
        self.fast.begin();
    }

    /// Reads the line that starts at `start` of a block, if it is of the format of the line before and easy to read; its
    /// length with its line feed. It is a record of its own, and what it holds is captured from the line as it stands.
    #[inline]
    pub(crate) fn read_fast(
        &mut self,
        block: &[u8],
        start: usize,
        wanted: &Wanted,
        captures: &mut Captures,
    ) -> Option<usize> {
        self.fast.read(block, start, &self.columns, wanted, captures)
    }

    /// Reads a line, which is UTF-8 and not blank, without its line end; `has_colours` tells whether there is anything in it
    /// that may be a colour, and `after` is the record before it, if it may be part of that. Whether its own record may be
    /// continued; `None`, if it is of no format.
    #[inline]
    pub(crate) fn read(
        &mut self,
        line: &[u8],
        has_colours: bool,
        after: Option<&Parsed>,
        wanted: &Wanted,
        parsed: &mut Parsed,
    ) -> Option<bool> {
        if after.is_some_and(|record| record.class.is_some() && !record.is_stripped)
            && two_lines::level(line).is_some()
        {
            return None;
        }
        parsed.is_stripped = false;
        parsed.stream = None;
        let Some(collected) = prefix::split_collected(line) else {
            return self.read_uncollected(line, has_colours, wanted, parsed);
        };
        // A format of the user's own may have the prefix in it.
        if self.formats.is_pattern()
            && let found @ Some(_) = self.read_uncollected(line, has_colours, wanted, parsed)
        {
            return found;
        }
        self.read_collected(line, collected, after, wanted, parsed)
    }

    /// Reads a line as it is, or after colours and a container's name have been taken off.
    #[inline]
    fn read_uncollected(
        &mut self,
        line: &[u8],
        has_colours: bool,
        wanted: &Wanted,
        parsed: &mut Parsed,
    ) -> Option<bool> {
        if !has_colours && let Some(found) = self.read_bare(line, wanted, parsed) {
            if let Some(format) = found.format {
                self.fast.expect(format);
            }
            return Some(found.is_continued());
        }
        if !has_colours && prefix::split_container(line).is_none() {
            return None;
        }
        self.read_stripped(line, wanted, parsed)
    }

    /// Reads a line after colours and a container's name have been taken off.
    #[cold]
    fn read_stripped(&mut self, line: &[u8], wanted: &Wanted, parsed: &mut Parsed) -> Option<bool> {
        strip(line, parsed);
        let mut stripped = std::mem::take(&mut parsed.stripped);
        let mut found =
            if stripped.len() < line.len() { self.read_bare(&stripped, wanted, parsed) } else { None };
        if found.is_none()
            && let Some((name, start)) = prefix::split_container(&stripped)
        {
            parsed.container.extend_from_slice(name);
            stripped.drain(..start);
            found = self.read_timed_object(&mut stripped, wanted, parsed);
            if found.is_none() {
                found = self.read_bare(&stripped, wanted, parsed);
            }
        }
        parsed.stripped = stripped;
        parsed.is_stripped = true;
        Some(found?.is_continued())
    }

    /// Reads an object of JSON after a time, as `docker compose logs --timestamps` has them after a container's name. Nothing but
    /// the object is left of `stripped` then.
    fn read_timed_object(
        &mut self,
        stripped: &mut Vec<u8>,
        wanted: &Wanted,
        parsed: &mut Parsed,
    ) -> Option<Bare> {
        let collected = prefix::split_collected(stripped).filter(|one| one.stream == Stream::Either)?;
        let object = stripped.split_off(collected.start);
        let found = self.read_bare(&object, wanted, parsed);
        let Some(found) = found.filter(|found| found.format == Some(Format::Json)) else {
            stripped.extend_from_slice(&object);
            return None;
        };
        if !self.tells_time(&object, &found, parsed) {
            parsed.collected.extend_from_slice(&stripped[..collected.time]);
        }
        *stripped = object;
        Some(found)
    }

    /// Reads a line that a container runtime collected. One that is of no format is a record that says something at that
    /// time, unless it is blank or further in than others and comes `after` a record from the same stream.
    #[cold]
    fn read_collected(
        &mut self,
        line: &[u8],
        collected: Collected,
        after: Option<&Parsed>,
        wanted: &Wanted,
        parsed: &mut Parsed,
    ) -> Option<bool> {
        strip(&line[collected.start..], parsed);
        parsed.stream = Some(collected.stream);
        if let Some(record) = after.filter(|record| record.stream == parsed.stream)
            && (!may_begin(&parsed.stripped)
                || record.class.is_some() && two_lines::level(&parsed.stripped).is_some())
        {
            return None;
        }
        let stripped = std::mem::take(&mut parsed.stripped);
        let found = self
            .read_bare(&stripped, wanted, parsed)
            .or_else(|| self.read_of_no_format(&stripped, wanted, parsed));
        if let Some(found) = &found
            && !self.tells_time(&stripped, found, parsed)
        {
            parsed.collected.extend_from_slice(&line[..collected.time]);
        }
        parsed.stripped = stripped;
        parsed.is_stripped = true;
        Some(found?.is_continued())
    }

    /// Reads a line of no format that comes from a container, by docker-compose's prefix, and is no part of the record before
    /// it: it is one that says something. Whether it is such a line; its record may be continued.
    #[cold]
    pub(crate) fn read_contained(&mut self, line: &[u8], wanted: &Wanted, parsed: &mut Parsed) -> bool {
        strip(line, parsed);
        let mut stripped = std::mem::take(&mut parsed.stripped);
        let found = match prefix::split_container(&stripped) {
            Some((name, start)) => {
                parsed.container.extend_from_slice(name);
                stripped.drain(..start);
                self.read_of_no_format(&stripped, wanted, parsed)
            }
            None => None,
        };
        parsed.stripped = stripped;
        parsed.is_stripped = true;
        found.is_some()
    }

    /// Reads a line of no format as text that says something, if text is read.
    fn read_of_no_format(&self, line: &[u8], wanted: &Wanted, parsed: &mut Parsed) -> Option<Bare> {
        if !matches!(self.formats, Formats::Any | Formats::One(Format::Text)) {
            return None;
        }
        let mut row = Row::new(line, &self.columns, wanted, &mut parsed.captures);
        row.clear();
        text::read_bare(&mut row);
        parsed.message = row.message;
        parsed.class = None;
        Some(Bare { format: Some(Format::Text), time: None })
    }

    /// Whether a line tells its whole time by itself: not the time of a day alone, nor one without a year. Objects and
    /// pairs do if they have any key of a time.
    fn tells_time(&mut self, line: &[u8], found: &Bare, parsed: &Parsed) -> bool {
        if !matches!(found.format, Some(Format::Json | Format::Logfmt)) {
            return found.time.is_some_and(|(start, end)| is_whole(&line[start..end]));
        }
        let keys = self.columns.wanting(Column::Time);
        if keys == 0 || parsed.captures.present() & keys != 0 {
            return true;
        }
        let Some(times) = &mut self.times else { return false };
        // That it is one of the format is known.
        let _ = match found.format {
            Some(Format::Json) => self.walker.walk(line, &times.wanted, &mut times.captures).ok(),
            _ => logfmt::read(line, &mut times.keys, &times.wanted, &mut times.captures),
        };
        times.captures.present() != 0
    }

    /// Captures what is known at the end of a record only; `record` is all of it as it stands in the input.
    #[inline]
    pub(crate) fn finish(&self, record: &[u8], parsed: &mut Parsed) {
        let source = parsed.source(record);
        let end = source.strip_suffix(b"\r").unwrap_or(source).len();
        if let Some(start) = parsed.message
            && start < end
        {
            let keys = self.columns.wanting(Column::Message);
            parsed.captures.set_all(keys, Span { start: start as u32, end: end as u32, kind: Kind::Plain });
        }
        if parsed.is_stripped {
            let stream = parsed.stream.map_or("", Stream::name).as_bytes();
            for (column, put) in [
                (Column::Container, parsed.container.as_slice()),
                (Column::Stream, stream),
                (Column::Time, &parsed.collected),
            ] {
                let keys = self.columns.wanting(column);
                if !put.is_empty() && keys != 0 {
                    let start = parsed.stripped.len();
                    parsed.stripped.extend_from_slice(put);
                    let end = parsed.stripped.len();
                    let span = Span { start: start as u32, end: end as u32, kind: Kind::Plain };
                    parsed.captures.set_all(keys, span);
                }
            }
        }
    }

    /// Reads a line that nothing is put around.
    #[inline]
    fn read_bare(&mut self, line: &[u8], wanted: &Wanted, parsed: &mut Parsed) -> Option<Bare> {
        let candidates = match &self.formats {
            Formats::Any => Format::candidates(*line.first()?),
            Formats::One(format) => &[*format],
            #[cfg(feature = "pattern")]
            Formats::Pattern(pattern) => {
                parsed.captures.clear();
                parsed.message = None;
                parsed.class = None;
                return self.groups.read(pattern, line, &mut parsed.captures).then(|| {
                    let key = self.columns.wanting(Column::Time).trailing_zeros();
                    let time = parsed.captures.get(key as usize);
                    Bare { format: None, time: time.map(|time| (time.start as usize, time.end as usize)) }
                });
            }
        };
        let mut row = Row::new(line, &self.columns, wanted, &mut parsed.captures);
        let format = candidates.iter().copied().find(|&format| {
            row.clear();
            let found = match format {
                Format::Json => self.walker.walk(line, wanted, row.captures).ok(),
                Format::Access => access::read(&mut row),
                Format::Logfmt => logfmt::read(line, &mut self.keys, wanted, row.captures),
                Format::Syslog => syslog::read(&mut row),
                Format::Nginx => server::nginx(&mut row),
                Format::Apache => server::apache(&mut row),
                Format::Postgres => server::postgres(&mut row),
                Format::Text => text::read(&mut row),
            };
            found.is_some()
        })?;
        parsed.message = row.message;
        parsed.class = if format == Format::Text { two_lines::class(line) } else { None };
        Some(Bare { format: Some(format), time: row.time })
    }
}

/// What was found out about a line that nothing is put around.
struct Bare {
    /// `None`, if it is the user's own.
    format: Option<Format>,
    /// Where its time is, if one is wanted.
    time: Option<(usize, usize)>,
}

impl Bare {
    fn is_continued(&self) -> bool {
        self.format.is_none_or(Format::is_continued)
    }
}

/// Whether there is anything in a line that may be a colour.
#[inline]
pub(crate) fn has_colours(line: &[u8]) -> bool {
    memchr::memchr(prefix::ESCAPE, line).is_some()
}

/// Whether a text tells a time whatever the year is in which it is read.
fn is_whole(text: &[u8]) -> bool {
    let [one, other] =
        [0, 2 * 366].map(|days| Time::parse(text, &Clock::until(Time::from_nanos(days * DAY))));
    one.is_some() && one == other
}

/// A day in nanoseconds.
const DAY: i64 = 86_400_000_000_000;

/// Puts a line without its colours in the place of what was stripped before.
fn strip(line: &[u8], parsed: &mut Parsed) {
    parsed.stripped.clear();
    parsed.container.clear();
    parsed.stream = None;
    parsed.collected.clear();
    prefix::without_colours(line, &mut parsed.stripped);
}
