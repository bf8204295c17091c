//! Heads of lines that have a form of their own: those of glog, Android, `MongoDB`, `MySQL`, `ClickHouse`, Redis, etcd, Ruby,
//! `NLog`, .NET's console, Celery, Tornado, Rust's `env_logger`, PHP, Squid, the kernel of Linux, Huawei's Health, and of
//! supercomputers.

use super::column::{Column, Known, Row, is_in_name};
use super::near::find;
use super::stamp::{Stamp, stamp};
use super::syslog::priority;
use super::text::{is_bracketed_level, is_level, put_level};

/// What a head leaves to be read.
pub(super) struct Head {
    /// Where the message begins.
    pub(super) message: usize,
    pub(super) has_level: bool,
}

/// A part of a line.
type Place = (usize, usize);

/// Reads a head, if a line begins with one.
#[inline]
pub(super) fn read(row: &mut Row<'_>) -> Option<Head> {
    if let Some(time) = row.stamp() {
        return after_time(row, time);
    }
    let line = row.line;
    match line.first()? {
        b'[' => match stamp(&line[1..]) {
            Some(Stamp { length, .. }) => in_bracket(row, length).or_else(|| php(row, length)),
            None => kernel(row).or_else(|| tornado(row)),
        },
        b'<' => kernel(row),
        b'0'..=b'9' => redis(row).or_else(|| health(row)).or_else(|| squid(row)).or_else(|| cluster(row)),
        b'a'..=b'z' => dotnet(row),
        b'D' | b'E' | b'F' | b'I' | b'W' if line.get(1)?.is_ascii_digit() => {
            glog(row).or_else(|| supercomputer(row))
        }
        b'A' | b'D' | b'E' | b'F' | b'I' | b'W' if line[1..].starts_with(b", [") => ruby(row),
        b'-' | b'A'..=b'Z' => supercomputer(row),
        _ => None,
    }
}

/// Reads along a line.
struct Cursor<'a> {
    line: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn take(&mut self, text: &[u8]) -> Option<()> {
        self.line.get(self.at..)?.starts_with(text).then(|| self.at += text.len())
    }

    /// One byte at least of a kind.
    fn some(&mut self, is: impl Fn(u8) -> bool) -> Option<Place> {
        let start = self.at;
        self.at += self.line.get(start..)?.iter().take_while(|&&byte| is(byte)).count();
        (self.at > start).then_some((start, self.at))
    }

    fn digits(&mut self) -> Option<Place> {
        self.some(|byte| byte.is_ascii_digit())
    }

    fn spaces(&mut self) -> Option<Place> {
        self.some(|byte| byte == b' ')
    }

    /// What comes before a byte; after it goes on.
    fn until(&mut self, byte: u8) -> Option<Place> {
        let start = self.at;
        let end = find(self.line, start, self.line.len(), byte)?;
        self.at = end + 1;
        Some((start, end))
    }

    /// What begins with a letter and ends before a space; after that it goes on.
    fn name(&mut self) -> Option<Place> {
        self.line.get(self.at).filter(|byte| byte.is_ascii_alphabetic())?;
        self.until(b' ')
    }

    fn next(&mut self) -> Option<u8> {
        self.at += 1;
        self.line.get(self.at - 1).copied()
    }

    /// The space before the message, or the line's end.
    fn end(&mut self) -> Option<usize> {
        match self.line.get(self.at) {
            None => Some(self.at),
            Some(b' ') => Some(self.at + 1),
            Some(_) => None,
        }
    }
}

/// A level by its first letter, as Android has them (`V` for verbose), and glog and `MongoDB` some of them.
fn level(letter: u8) -> Option<Known> {
    Some(match letter {
        b'V' => Known::TRACE,
        b'D' => Known::DEBUG,
        b'I' => Known::INFO,
        b'W' => Known::WARN,
        b'E' => Known::ERROR,
        b'F' | b'A' => Known::FATAL,
        _ => return None,
    })
}

#[inline]
fn after_time(row: &mut Row<'_>, time: Stamp) -> Option<Head> {
    match row.line.get(time.length..)? {
        [b'|', ..] => nlog(row, time.length),
        [b' ', b'[', b' ', ..] => clickhouse(row, time.length),
        [_, b'0'..=b'9' | b' ', ..] => logcat(row, time.length).or_else(|| mysql(row, time.length)),
        [_, _, b' ', b'|', ..] => etcd(row, time.length),
        [_, b'D' | b'E' | b'F' | b'I' | b'W', b' ' | b'1'..=b'5', ..] if time.is_iso => {
            mongo(row, time.length)
        }
        _ => None,
    }
}

/// `NLog`'s own layout: `TIME|LEVEL|logger|message`. See <https://nlog-project.org/config/?tab=layouts>.
fn nlog(row: &mut Row<'_>, time: usize) -> Option<Head> {
    let mut cursor = Cursor { line: row.line, at: time + 1 };
    let level = cursor.until(b'|')?;
    if !is_level(&row.line[level.0..level.1]) {
        return None;
    }
    let logger = cursor.until(b'|')?;
    row.text(Column::Time, 0, time);
    put_level(row, level.0, level.1);
    row.text(Column::Logger, logger.0, logger.1);
    Some(Head { message: cursor.at, has_level: true })
}

/// `MySQL` since 5.7, and `MariaDB`: `TIME 8 [Warning] [MY-010068] [Server] message`, the code and the part of the server
/// since 8.0. See <https://dev.mysql.com/doc/refman/8.0/en/error-log-format.html>.
fn mysql(row: &mut Row<'_>, time: usize) -> Option<Head> {
    let mut cursor = Cursor { line: row.line, at: time };
    cursor.take(b" ")?;
    let thread = cursor.digits()?;
    cursor.take(b" [")?;
    let (start, end) = cursor.until(b']')?;
    let level = match &row.line[start..end] {
        b"ERROR" => Known::ERROR,
        b"Warning" => Known::WARN,
        b"Note" | b"System" => Known::INFO,
        _ => return None,
    };
    // Others write an error so, too, but not with its code.
    let code = match cursor.take(b" [MY-") {
        Some(()) => Some(cursor.until(b']')?),
        None if level == Known::ERROR => return None,
        None => None,
    };
    let part = match code {
        Some(_) => Some(cursor.take(b" [").and_then(|()| cursor.until(b']'))?),
        None => None,
    };
    let message = cursor.end()?;
    row.text(Column::Time, 0, time);
    row.number(Column::Thread, thread.0, thread.1);
    row.known(Column::Level, level);
    if let (Some(code), Some(part)) = (code, part) {
        row.text(Column::MessageId, code.0 - 3, code.1);
        row.text(Column::Module, part.0, part.1);
    }
    Some(Head { message, has_level: true })
}

/// `ClickHouse`: `TIME [ 1234 ] {query} <Error> Logger: message`. See `OwnPatternFormatter` in its source.
fn clickhouse(row: &mut Row<'_>, time: usize) -> Option<Head> {
    let mut cursor = Cursor { line: row.line, at: time };
    cursor.take(b" [ ")?;
    let thread = cursor.digits()?;
    cursor.take(b" ] {")?;
    let query = cursor.until(b'}')?;
    cursor.take(b" <")?;
    let level = cursor.until(b'>').filter(|&(start, end)| is_level(&row.line[start..end]))?;
    cursor.take(b" ")?;
    let logger = cursor.until(b':')?;
    let message = cursor.end()?;
    row.text(Column::Time, 0, time);
    row.number(Column::Thread, thread.0, thread.1);
    row.text(Column::Correlation, query.0, query.1);
    put_level(row, level.0, level.1);
    row.text(Column::Logger, logger.0, logger.1);
    Some(Head { message, has_level: true })
}

/// etcd before version 3.5: `TIME I | part: message`. See `PrettyFormatter` of its logger, `capnslog`.
fn etcd(row: &mut Row<'_>, time: usize) -> Option<Head> {
    let mut cursor = Cursor { line: row.line, at: time };
    cursor.take(b" ")?;
    let level = match cursor.next()? {
        b'C' => Known::FATAL,
        b'N' => Known::INFO,
        b'T' => Known::TRACE,
        letter => level(letter)?,
    };
    cursor.take(b" | ")?;
    let part = cursor.some(|byte| is_in_name(byte) || byte == b'/')?;
    cursor.take(b":")?;
    let message = cursor.end()?;
    row.text(Column::Time, 0, time);
    row.known(Column::Level, level);
    row.text(Column::Logger, part.0, part.1);
    Some(Head { message, has_level: true })
}

/// Android's logcat, `threadtime`: `TIME  PID  TID D TAG     : message`. See
/// <https://developer.android.com/tools/logcat#outputFormat>.
fn logcat(row: &mut Row<'_>, time: usize) -> Option<Head> {
    let mut cursor = Cursor { line: row.line, at: time };
    cursor.spaces()?;
    let process = cursor.digits()?;
    cursor.spaces()?;
    let thread = cursor.digits()?;
    cursor.take(b" ")?;
    let level = level(cursor.next()?)?;
    cursor.take(b" ")?;
    let (tag, tag_end) = cursor.until(b':')?;
    let spaces = row.line[tag..tag_end].iter().rev().take_while(|&&byte| byte == b' ').count();
    let message = cursor.end()?;
    row.text(Column::Time, 0, time);
    row.number(Column::Process, process.0, process.1);
    row.number(Column::Thread, thread.0, thread.1);
    row.known(Column::Level, level);
    row.text(Column::Logger, tag, tag_end - spaces);
    Some(Head { message, has_level: true })
}

/// `MongoDB` before version 4.4: `TIME I COMPONENT  [context] message`. See
/// <https://www.mongodb.com/docs/v4.2/reference/log-messages/>.
fn mongo(row: &mut Row<'_>, time: usize) -> Option<Head> {
    let mut cursor = Cursor { line: row.line, at: time };
    cursor.take(b" ")?;
    let letter = cursor.next()?;
    let level = level(letter)?;
    if letter == b'D' && matches!(row.line.get(cursor.at), Some(b'1'..=b'5')) {
        cursor.at += 1;
    }
    cursor.spaces()?;
    let component = cursor.some(|byte| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'-'))?;
    cursor.spaces()?;
    cursor.take(b"[")?;
    let context = cursor.until(b']')?;
    let message = cursor.end()?;
    row.text(Column::Time, 0, time);
    row.known(Column::Level, level);
    row.text(Column::Module, component.0, component.1);
    row.number(Column::Thread, context.0, context.1);
    Some(Head { message, has_level: true })
}

/// `[TIME: LEVEL/process] message`, as Celery writes it, and `[TIME LEVEL target] message`, as `env_logger` does; the last
/// may be missing, and Serilog has levels of three letters.
fn in_bracket(row: &mut Row<'_>, time: usize) -> Option<Head> {
    let mut cursor = Cursor { line: row.line, at: 1 + time };
    let _ = cursor.take(b":");
    cursor.spaces()?;
    let level = cursor.some(|byte| byte.is_ascii_alphabetic())?;
    if !is_bracketed_level(&row.line[level.0..level.1]) {
        return None;
    }
    let (column, name) = match cursor.next()? {
        b']' => (Column::Logger, None),
        b'/' => (Column::Thread, Some(cursor.until(b']')?)),
        b' ' => {
            let _ = cursor.spaces();
            (Column::Logger, Some(cursor.until(b']')?))
        }
        _ => return None,
    };
    let message = cursor.end()?;
    row.text(Column::Time, 1, 1 + time);
    put_level(row, level.0, level.1);
    if let Some((start, end)) = name {
        row.text(column, start, end);
    }
    Some(Head { message, has_level: true })
}

/// Tornado: `[E 250115 10:00:00 web:2162] message`, and Jupyter, with times of other forms and a name for the source. See
/// `LogFormatter` in Tornado's source.
fn tornado(row: &mut Row<'_>) -> Option<Head> {
    let mut cursor = Cursor { line: row.line, at: 1 };
    let level = match cursor.next()? {
        b'C' => Known::FATAL,
        letter @ (b'D' | b'I' | b'W' | b'E') => level(letter)?,
        _ => return None,
    };
    cursor.take(b" ")?;
    let time = cursor.at;
    cursor.at += stamp(row.line.get(time..)?)?.length;
    let time_end = cursor.at;
    cursor.take(b" ")?;
    let (start, end) = cursor.until(b']')?;
    let message = cursor.end()?;
    row.text(Column::Time, time, time_end);
    row.known(Column::Level, level);
    let has_line = row.line[start..end].contains(&b':');
    row.text(if has_line { Column::Source } else { Column::Logger }, start, end);
    Some(Head { message, has_level: true })
}

/// PHP's `error_log`: `[15-Jan-2025 10:00:00 Europe/Berlin] PHP Warning:  message`. See `php_log_err` in its source.
fn php(row: &mut Row<'_>, time: usize) -> Option<Head> {
    let mut cursor = Cursor { line: row.line, at: 1 + time };
    // A zone that is known is part of the time.
    let _ = cursor.take(b" ");
    let zone = cursor.until(b']')?;
    if !row.line[zone.0..zone.1].iter().all(|&byte| is_in_name(byte) || matches!(byte, b'/' | b'+' | b':')) {
        return None;
    }
    cursor.take(b" PHP ")?;
    let (severity, end) = cursor.until(b':')?;
    let (_, level) = PHP_LEVELS.into_iter().find(|(name, _)| *name == &row.line[severity..end])?;
    let _ = cursor.spaces();
    row.text(Column::Time, 1, zone.1);
    row.known(Column::Level, level);
    Some(Head { message: cursor.at, has_level: true })
}

/// The names that PHP has for how serious an error is: see `php_error_cb` in its source.
const PHP_LEVELS: [(&[u8], Known); 9] = [
    (b"Fatal error", Known::FATAL),
    (b"Recoverable fatal error", Known::ERROR),
    (b"Parse error", Known::ERROR),
    (b"Warning", Known::WARN),
    (b"Notice", Known::INFO),
    (b"Strict Standards", Known::INFO),
    (b"Deprecated", Known::INFO),
    (b"Unknown error", Known::ERROR),
    (b"Catchable fatal error", Known::ERROR),
];

/// `I0115 10:00:00.123456 12345 file.cc:42] message`, with the year before the month or without. See
/// <https://google.github.io/glog/stable/logging/>, and Kubernetes' klog.
fn glog(row: &mut Row<'_>) -> Option<Head> {
    let mut cursor = Cursor { line: row.line, at: 0 };
    let level = level(cursor.next()?)?;
    let date = cursor.digits()?;
    if !matches!(date.1 - date.0, 4 | 8) {
        return None;
    }
    cursor.take(b" ")?;
    let of_day = stamp(row.line.get(cursor.at..)?).filter(|_| row.line.get(cursor.at + 8) == Some(&b'.'))?;
    cursor.at += of_day.length;
    let time = (date.0, cursor.at);
    cursor.spaces()?;
    let thread = cursor.digits()?;
    cursor.take(b" ")?;
    let source = cursor.until(b']')?;
    if row.line[source.0..source.1].contains(&b' ') {
        return None;
    }
    let message = cursor.end()?;
    row.text(Column::Time, time.0, time.1);
    row.known(Column::Level, level);
    row.number(Column::Thread, thread.0, thread.1);
    row.text(Column::Source, source.0, source.1);
    Some(Head { message, has_level: true })
}

/// Ruby's Logger: `I, [2025-01-15T10:00:00.123456 #1234]  INFO -- program: message`. See
/// <https://docs.ruby-lang.org/en/master/Logger/Formatter.html>.
fn ruby(row: &mut Row<'_>) -> Option<Head> {
    const TIME: usize = 4;
    let Stamp { length, .. } = stamp(row.line.get(TIME..)?).filter(|time| time.is_iso)?;
    let mut cursor = Cursor { line: row.line, at: TIME + length };
    cursor.take(b" #")?;
    let process = cursor.digits()?;
    cursor.take(b"]")?;
    cursor.spaces()?;
    let level = cursor.some(|byte| byte.is_ascii_uppercase())?;
    cursor.take(b" -- ")?;
    let program = cursor.until(b':')?;
    let message = cursor.end()?;
    row.text(Column::Time, TIME, TIME + length);
    row.number(Column::Process, process.0, process.1);
    row.text(Column::Logger, program.0, program.1);
    let has_level = is_level(&row.line[level.0..level.1]);
    if has_level {
        put_level(row, level.0, level.1);
    }
    Some(Head { message, has_level })
}

/// Redis: `1234:M 15 Jan 2025 10:00:00.123 * message`. See `serverLogRaw` in its source.
fn redis(row: &mut Row<'_>) -> Option<Head> {
    let mut cursor = Cursor { line: row.line, at: 0 };
    let process = cursor.digits()?;
    cursor.take(b":")?;
    if !matches!(cursor.next()?, b'X' | b'C' | b'S' | b'M') {
        return None;
    }
    cursor.take(b" ")?;
    let time = cursor.at;
    cursor.at += stamp(row.line.get(time..)?)?.length;
    let time_end = cursor.at;
    cursor.take(b" ")?;
    let level = match cursor.next()? {
        b'.' | b'-' => Known::DEBUG,
        b'*' => Known::INFO,
        b'#' => Known::WARN,
        _ => return None,
    };
    let message = cursor.end()?;
    row.number(Column::Process, process.0, process.1);
    row.text(Column::Time, time, time_end);
    row.known(Column::Level, level);
    Some(Head { message, has_level: true })
}

/// The kernel of Linux, with seconds since it was started: `[   12.345678] message`; before that its priority, and after it
/// which thread or processor wrote it, `[    T1]`, if it was asked for them. See `info_print_prefix` in its source.
fn kernel(row: &mut Row<'_>) -> Option<Head> {
    let has_level = row.line.first() == Some(&b'<');
    let mut cursor = Cursor { line: row.line, at: if has_level { priority(row)? } else { 0 } };
    cursor.take(b"[")?;
    let _ = cursor.spaces();
    cursor.digits()?;
    cursor.take(b".")?;
    cursor.digits().filter(|(start, end)| end - start == 6)?;
    cursor.take(b"]")?;
    if cursor.take(b"[").is_some() {
        let _ = cursor.spaces();
        cursor.take(b"T").or_else(|| cursor.take(b"C"))?;
        let thread = cursor.digits()?;
        row.text(Column::Thread, thread.0 - 1, thread.1);
        cursor.take(b"]")?;
    }
    Some(Head { message: cursor.end()?, has_level })
}

/// Huawei's Health, an app of Android: `20250115-1:02:03:45|component|process|message`. See Loghub's `HealthApp`.
fn health(row: &mut Row<'_>) -> Option<Head> {
    let mut cursor = Cursor { line: row.line, at: 0 };
    cursor.digits().filter(|(start, end)| end - start == 8)?;
    for (before, most) in [(b"-", 2), (b":", 2), (b":", 2), (b":", 3)] {
        cursor.take(before)?;
        cursor.digits().filter(|(start, end)| end - start <= most)?;
    }
    let time = cursor.at;
    cursor.take(b"|")?;
    let component = cursor.until(b'|')?;
    let process = cursor.digits()?;
    cursor.take(b"|")?;
    row.text(Column::Time, 0, time);
    row.text(Column::Logger, component.0, component.1);
    row.number(Column::Process, process.0, process.1);
    Some(Head { message: cursor.at, has_level: false })
}

/// Squid's own access log: `1736935200.123    456 192.0.2.1 TCP_MISS/200 1234 GET http://a/b user HIER_DIRECT/a type`. See
/// <https://wiki.squid-cache.org/Features/LogFormat>.
fn squid(row: &mut Row<'_>) -> Option<Head> {
    let mut cursor = Cursor { line: row.line, at: 0 };
    cursor.digits().filter(|(start, end)| end - start == 10)?;
    cursor.take(b".")?;
    cursor.digits().filter(|(start, end)| end - start == 3)?;
    let time = cursor.at;
    cursor.spaces()?;
    cursor.digits()?;
    cursor.take(b" ")?;
    let client = cursor.until(b' ')?;
    let message = cursor.at;
    cursor.some(|byte| byte.is_ascii_uppercase() || byte == b'_')?;
    cursor.take(b"/")?;
    let status = cursor.digits().filter(|(start, end)| end - start == 3)?;
    cursor.take(b" ")?;
    let size = cursor.digits()?;
    cursor.take(b" ")?;
    let [method, url, user] = [cursor.until(b' ')?, cursor.until(b' ')?, cursor.until(b' ')?];
    row.text(Column::Time, 0, time);
    row.known(Column::Level, Known::of_status(row.line.get(status.0)));
    row.text(Column::Client, client.0, client.1);
    row.number(Column::Status, status.0, status.1);
    row.number(Column::Size, size.0, size.1);
    row.text(Column::Method, method.0, method.1);
    row.text(Column::Path, url.0, url.1);
    row.text(Column::User, user.0, user.1);
    Some(Head { message, has_level: true })
}

/// .NET's console: `fail: Category[0]`, and what is said on lines that are further in. See `SimpleConsoleFormatter` of
/// `Microsoft.Extensions.Logging`.
fn dotnet(row: &mut Row<'_>) -> Option<Head> {
    const MESSAGE: usize = 6;
    let level = match row.line.first_chunk::<MESSAGE>()? {
        b"trce: " => Known::TRACE,
        b"dbug: " => Known::DEBUG,
        b"info: " => Known::INFO,
        b"warn: " => Known::WARN,
        b"fail: " => Known::ERROR,
        b"crit: " => Known::FATAL,
        _ => return None,
    };
    let mut cursor = Cursor { line: row.line, at: MESSAGE };
    let category = cursor.some(|byte| byte.is_ascii_graphic() && byte != b'[')?;
    cursor.take(b"[")?;
    cursor.digits()?;
    cursor.take(b"]")?;
    if !matches!(row.line[cursor.at..], [] | [b'\r']) {
        return None;
    }
    row.known(Column::Level, level);
    row.text(Column::Logger, category.0, category.1);
    Some(Head { message: MESSAGE, has_level: true })
}

/// The log of a cluster of high performance computers: `134681 NODE COMPONENT STATE 1077804742 1 message`. See Loghub's
/// `HPC`.
fn cluster(row: &mut Row<'_>) -> Option<Head> {
    let mut cursor = Cursor { line: row.line, at: 0 };
    cursor.digits()?;
    cursor.take(b" ")?;
    let host = cursor.name()?;
    let component = cursor.name()?;
    let state = cursor.name()?;
    let time = cursor.digits().filter(|(start, end)| end - start == 10)?;
    cursor.take(b" ")?;
    cursor.digits()?;
    let message = cursor.end()?;
    row.text(Column::Host, host.0, host.1);
    row.text(Column::Module, component.0, component.1);
    row.text(Column::MessageId, state.0, state.1);
    row.number(Column::Time, time.0, time.1);
    Some(Head { message, has_level: false })
}

/// The logs of Blue Gene/L, Thunderbird and others: `- 1117838570 2005.06.03 NODE message`, with a kind of alert for the
/// dash. See Oliner and Stearley, "What Supercomputers Say", DSN 2007.
fn supercomputer(row: &mut Row<'_>) -> Option<Head> {
    let mut cursor = Cursor { line: row.line, at: 0 };
    if cursor.take(b"-").is_none() {
        cursor.some(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')?;
    }
    cursor.take(b" ")?;
    let time = cursor.digits().filter(|(start, end)| end - start == 10)?;
    cursor.take(b" ")?;
    for (digits, after) in [(4, b"."), (2, b"."), (2, b" ")] {
        cursor.digits().filter(|(start, end)| end - start == digits)?;
        cursor.take(after)?;
    }
    let host = cursor.until(b' ')?;
    row.number(Column::Time, time.0, time.1);
    row.text(Column::Host, host.0, host.1);
    Some(Head { message: cursor.at, has_level: false })
}
