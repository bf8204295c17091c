//! The fields that logs have in common, and the keys that each goes by.
//!
//! The keys are those of logler, the public engine for investigating logs; see `Field::keys`.

use std::borrow::Cow;
use std::fmt;

use crate::read::Record;
use crate::time::{Time, Times};
use crate::value::Value;

/// A field that most logs have, under one of several keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// When it was.
    Time,
    /// How serious it is; see [`crate::Level`].
    Level,
    /// What it says.
    Message,
    /// The thread that wrote it.
    Thread,
    /// The request that it belongs to.
    Correlation,
    /// The trace that it belongs to.
    Trace,
    /// The span that it belongs to.
    Span,
    /// The span that contains its span.
    Parent,
    /// The service that wrote it.
    Service,
}

impl Field {
    /// All fields.
    pub const ALL: [Self; 9] = [
        Self::Time,
        Self::Level,
        Self::Message,
        Self::Thread,
        Self::Correlation,
        Self::Trace,
        Self::Span,
        Self::Parent,
        Self::Service,
    ];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Level => "level",
            Self::Message => "message",
            Self::Thread => "thread",
            Self::Correlation => "correlation",
            Self::Trace => "trace",
            Self::Span => "span",
            Self::Parent => "parent",
            Self::Service => "service",
        }
    }

    /// The field of this name, which is [`Field::name`] or one of [`Field::keys`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name || field.keys().contains(&name))
    }

    /// The keys that may hold it, the one that counts most first.
    pub const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Time => &["timestamp", "time", "@timestamp", "ts"],
            Self::Level => &crate::level::KEYS,
            Self::Message => &["message", "msg", "text"],
            Self::Thread => &["thread", "thread_id", "tid", "threadId", "thread_name", "threadName"],
            Self::Correlation => &["correlation_id", "request_id", "req_id"],
            Self::Trace => &["trace_id", "traceId"],
            Self::Span => &["span_id", "spanId"],
            Self::Parent => &["parent_span_id", "parentSpanId"],
            Self::Service => &["service", "service_name", "serviceName"],
        }
    }

    /// Whether a number tells it as well as a string does. A number as the level or the service means nothing.
    const fn may_be_number(self) -> bool {
        !matches!(self, Self::Level | Self::Service | Self::Message)
    }

    /// Whether a value tells it: a string that is not empty or, for all but level, message and service, a number.
    #[inline]
    pub(crate) fn is_told_by(self, value: &Value<'_>) -> bool {
        match value {
            Value::Text(text) => !text.raw.is_empty(),
            Value::Number(_) => self.may_be_number(),
            Value::Bool(_) | Value::Null | Value::Other => false,
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The wanted keys of some fields, for [`crate::Reader::new`], and what a record holds under them.
///
/// ```
/// use parser::{Field, Fields, Limits, Reader};
///
/// let fields = Fields::new(&[Field::Level, Field::Thread]);
/// let mut reader = Reader::new(fields.keys(), Limits::default());
/// reader.lines(br#"{"severity":"WARN","tid":7}"#, &mut |_| (), |record| {
///     assert_eq!(fields.text(record, Field::Level).as_deref(), Some(b"WARN".as_slice()));
///     assert_eq!(fields.text(record, Field::Thread).as_deref(), Some(b"7".as_slice()));
///     std::ops::ControlFlow::Continue(())
/// });
/// ```
#[derive(Debug, Clone)]
pub struct Fields {
    keys: Vec<&'static str>,
    /// Which of these are each field's, a bit for each; none, if it is not one of them.
    places: [u64; Field::ALL.len()],
}

impl Fields {
    /// The keys of these fields. Those of all of them are fewer than a reader can want.
    pub fn new(fields: &[Field]) -> Self {
        let mut all = Self { keys: Vec::new(), places: [0; Field::ALL.len()] };
        for &field in fields {
            let start = all.keys.len();
            all.keys.extend(field.keys());
            all.places[field as usize] = (1 << all.keys.len()) - (1 << start);
        }
        all
    }

    /// The wanted keys. Others may be wanted after them.
    pub fn keys(&self) -> &[&'static str] {
        &self.keys
    }

    /// What a record whose first wanted keys are these tells of a field: the first of the field's keys that tells it.
    #[inline]
    pub fn value<'a>(&self, record: &Record<'a>, field: Field) -> Option<Value<'a>> {
        record.first(self.places[field as usize], |value| Some(value).filter(|value| field.is_told_by(value)))
    }

    /// What [`Fields::text`] tells, and what is read with it and may be looked at, which begins with it; none, where that
    /// takes more than a look.
    #[inline]
    pub(crate) fn plain<'a>(&self, record: &Record<'a>, field: Field) -> Option<(&'a [u8], &'a [u8])> {
        record.plain(self.places[field as usize])
    }

    /// The time of a record: that of the first key that tells one, even if another key comes before it and tells none. One
    /// of the first three years since 1970, which a duration looks like, counts where no other key tells a time.
    #[inline]
    pub fn time(&self, record: &Record<'_>, times: &mut Times) -> Option<Time> {
        // Nearly always it is this.
        if let Some((text, _)) = self.plain(record, Field::Time)
            && let Some(time) = times.parse(text)
            && time.is_likely()
        {
            return Some(time);
        }
        times.first(record.values(self.places[Field::Time as usize]))
    }

    /// What tells a field as text: a string with its escapes decoded, a number as it is written.
    #[inline]
    pub fn text<'a>(&self, record: &Record<'a>, field: Field) -> Option<Cow<'a, [u8]>> {
        // Nearly always it is this.
        if let Some((text, _)) = self.plain(record, field) {
            return Some(Cow::Borrowed(text));
        }
        match self.value(record, field)? {
            Value::Number(number) => Some(Cow::Borrowed(number)),
            other => other.text(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::{Field, Fields};
    use crate::{Clock, Columns, Limits, Reader, Times};

    fn told(line: &str, field: Field) -> Option<String> {
        let fields = Fields::new(&Field::ALL);
        let mut reader = Reader::new(fields.keys(), Limits::default());
        let mut told = None;
        reader.lines(line.as_bytes(), &mut |bad| panic!("{bad:?}"), |record| {
            told = fields.text(record, field).map(|text| String::from_utf8_lossy(&text).into_owned());
            ControlFlow::Continue(())
        });
        told
    }

    #[test]
    fn the_first_key_that_tells_it_counts() {
        assert_eq!(told(r#"{"msg":"b","message":"a"}"#, Field::Message).as_deref(), Some("a"));
        assert_eq!(told(r#"{"level":"","severity":"INFO"}"#, Field::Level).as_deref(), Some("INFO"));
        assert_eq!(told(r#"{"level":30,"log_level":"x"}"#, Field::Level).as_deref(), Some("x"));
        assert_eq!(told(r#"{"tid":7}"#, Field::Thread).as_deref(), Some("7"));
        assert_eq!(told(r#"{"tid":null,"threadName":"m\u0061in"}"#, Field::Thread).as_deref(), Some("main"));
        assert_eq!(told(r#"{"a":{"level":"ERROR"}}"#, Field::Level), None);
    }

    #[test]
    fn the_first_key_that_tells_a_time_counts() {
        let time = |line: &str| {
            let fields = Fields::new(&[Field::Time, Field::Level]);
            let mut columns = Columns::new();
            let column = columns.field(Field::Time);
            assert_eq!(columns.keys(), fields.keys()[..Field::Time.keys().len()]);
            let mut reader = Reader::new(fields.keys(), Limits::default());
            let mut told = None;
            reader.lines(line.as_bytes(), &mut |bad| panic!("{bad:?}"), |record| {
                let mut times = Times::new(Clock::now());
                told = fields.time(record, &mut times);
                assert_eq!(column.time(record, &mut times), told, "{line}");
                ControlFlow::Continue(())
            });
            told.map(|time| time.to_string())
        };
        let day = Some("2025-01-15T00:00:00Z");
        assert_eq!(time(r#"{"ts":1,"time":"2025-01-15"}"#).as_deref(), day);
        // What comes first is no time, or one that a duration is as likely as a time.
        assert_eq!(
            time(r#"{"timestamp":"soon","time":"","@timestamp":"2025-01-15","ts":5}"#).as_deref(),
            day
        );
        assert_eq!(time(r#"{"time":12,"ts":1736899200}"#).as_deref(), day);
        assert_eq!(time(r#"{"time":"12","ts":"2025-01-15"}"#).as_deref(), day);
        // No other tells a time.
        assert_eq!(time(r#"{"time":12,"ts":"never"}"#).as_deref(), Some("1970-01-01T00:00:12Z"));
        assert_eq!(time(r#"{"time":12,"ts":13}"#).as_deref(), Some("1970-01-01T00:00:12Z"));
        assert_eq!(time(r#"{"time":99999999,"ts":100000000}"#).as_deref(), Some("1973-03-03T09:46:40Z"));
        assert_eq!(time(r#"{"time":"soon","ts":{},"level":"2025-01-15"}"#), None);
    }

    #[test]
    fn names_and_keys_lead_to_one_field_each() {
        for field in Field::ALL {
            assert_eq!(Field::from_name(field.name()), Some(field));
            for key in field.keys() {
                assert_eq!(Field::from_name(key), Some(field));
            }
        }
        assert_eq!(Field::from_name("status"), None);
        assert!(Fields::new(&Field::ALL).keys().len() < 64);
    }
}
