//! Writes OTLP's JSON as it comes, resource by resource.

use std::io::{self, Write};

use crate::answer::write_json_string;

/// `SpanKind` internal.
const INTERNAL: u8 = 1;

/// A span without its events.
pub(super) struct Span<'a> {
    pub(super) trace: u128,
    pub(super) id: u64,
    pub(super) parent: Option<u64>,
    pub(super) name: &'a str,
    /// Nanoseconds since 1970.
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) has_failed: bool,
    pub(super) attributes: &'a [(&'static str, Attribute<'a>)],
}

/// The value of an attribute.
pub(super) enum Attribute<'a> {
    Text(&'a [u8]),
    Whole(u64),
    True,
}

/// What is open: resources hold spans, spans events.
pub(super) struct Writer<'o> {
    out: &'o mut dyn Write,
    resources: usize,
    spans: usize,
    events: usize,
}

impl<'o> Writer<'o> {
    pub(super) fn new(out: &'o mut dyn Write) -> io::Result<Self> {
        out.write_all(b"{\"resourceSpans\":[")?;
        Ok(Self { out, resources: 0, spans: 0, events: 0 })
    }

    /// Begins the spans of a service; without a name, `unknown_service`, as the specification asks for.
    pub(super) fn begin_service(&mut self, name: Option<&[u8]>) -> io::Result<()> {
        self.separate(self.resources)?;
        self.resources += 1;
        self.spans = 0;
        self.out.write_all(b"{\"resource\":{\"attributes\":[")?;
        self.attributes(&[("service.name", Attribute::Text(name.unwrap_or(b"unknown_service")))])?;
        let version = env!("CARGO_PKG_VERSION");
        write!(
            self.out,
            "]}},\"scopeSpans\":[{{\"scope\":{{\"name\":\"logs\",\"version\":\"{version}\"}},\"spans\":["
        )
    }

    pub(super) fn end_service(&mut self) -> io::Result<()> {
        self.out.write_all(b"]}]}")
    }

    /// Begins a span; events may follow.
    pub(super) fn begin_span(&mut self, span: &Span<'_>) -> io::Result<()> {
        self.separate(self.spans)?;
        self.spans += 1;
        self.events = 0;
        write!(self.out, "{{\"traceId\":\"{:032x}\",\"spanId\":\"{:016x}\",", span.trace, span.id)?;
        if let Some(parent) = span.parent {
            write!(self.out, "\"parentSpanId\":\"{parent:016x}\",")?;
        }
        self.out.write_all(b"\"name\":")?;
        write_json_string(self.out, span.name)?;
        let (start, end) = (nanos(span.start), nanos(span.end));
        write!(
            self.out,
            ",\"kind\":{INTERNAL},\"startTimeUnixNano\":\"{start}\",\"endTimeUnixNano\":\"{end}\""
        )?;
        let status = if span.has_failed { "{\"code\":2}" } else { "{}" };
        write!(self.out, ",\"status\":{status},\"attributes\":[")?;
        self.attributes(span.attributes)?;
        self.out.write_all(b"],\"events\":[")
    }

    pub(super) fn event(
        &mut self,
        time: i64,
        name: &str,
        attributes: &[(&'static str, Attribute<'_>)],
    ) -> io::Result<()> {
        self.separate(self.events)?;
        self.events += 1;
        write!(self.out, "{{\"timeUnixNano\":\"{}\",\"name\":", nanos(time))?;
        write_json_string(self.out, name)?;
        self.out.write_all(b",\"attributes\":[")?;
        self.attributes(attributes)?;
        self.out.write_all(b"]}")
    }

    pub(super) fn end_span(&mut self) -> io::Result<()> {
        self.out.write_all(b"]}")
    }

    pub(super) fn end(self) -> io::Result<()> {
        self.out.write_all(b"]}\n")
    }

    fn attributes(&mut self, attributes: &[(&'static str, Attribute<'_>)]) -> io::Result<()> {
        for (nth, (key, value)) in attributes.iter().enumerate() {
            self.separate(nth)?;
            write!(self.out, "{{\"key\":\"{key}\",\"value\":{{")?;
            match value {
                Attribute::Text(text) => {
                    self.out.write_all(b"\"stringValue\":")?;
                    write_json_string(self.out, &String::from_utf8_lossy(text))?;
                }
                Attribute::Whole(number) => write!(self.out, "\"intValue\":\"{number}\"")?,
                Attribute::True => self.out.write_all(b"\"boolValue\":true")?,
            }
            self.out.write_all(b"}}")?;
        }
        Ok(())
    }

    fn separate(&mut self, nth: usize) -> io::Result<()> {
        if nth > 0 { self.out.write_all(b",") } else { Ok(()) }
    }
}

/// Of times before 1970, which OTLP has not, 0.
fn nanos(time: i64) -> u64 {
    time.max(0) as u64
}
