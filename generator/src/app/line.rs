//! One line of the application log: what it says, and how each of its keys is written.

use super::fields::Field;
use super::vocabulary::{LEVELS, SERVICES};
use super::walk::{Span, Trace};
use crate::orders::Record;
use crate::text::{Buffer, date_time, decimal, hex, padded};

/// Where in a trace a line belongs.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) trace: Trace,
    pub(super) span: Span,
    /// The id of the parent; absent on the root of a trace.
    pub(super) parent: Option<u64>,
}

/// What a line says, drawn and not yet written.
pub(super) struct Line<'a> {
    /// Microseconds since 1970.
    pub(super) micros: u64,
    /// The whole seconds of that, as text.
    pub(super) second: &'a [u8; 19],
    pub(super) level: usize,
    pub(super) service: u8,
    pub(super) thread: u8,
    /// Whether it names its logger.
    pub(super) tells_logger: bool,
    /// Where it belongs; absent for what a service does on its own account.
    pub(super) place: Option<Place>,
    /// `"message":"...",`
    pub(super) message: &'a [u8],
    /// `"fields":{...},`
    pub(super) fields: &'a [u8],
}

/// A time as the log writes it: RFC 3339 with microseconds, in UTC.
pub(super) fn moment(micros: u64) -> Vec<u8> {
    let mut out = date_time(micros / 1_000_000, b'T').to_vec();
    write_fraction(&mut out, micros);
    out
}

fn write_fraction(out: &mut Buffer, micros: u64) {
    out.push(b'.');
    padded::<6>(out, (micros % 1_000_000) as u32);
    out.push(b'Z');
}

/// The name of a thread.
#[inline]
pub(super) fn write_thread(out: &mut Buffer, thread: u8) {
    out.extend_from_slice(b"worker-");
    padded::<3>(out, thread.into());
}

/// The name of a correlation.
#[inline]
pub(super) fn write_correlation(out: &mut Buffer, correlation: u16) {
    out.extend_from_slice(b"req-");
    padded::<6>(out, correlation.into());
}

/// Appends `"key":"`, whatever `write` writes, and `",`.
#[inline]
fn string(out: &mut Buffer, opening: &[u8], write: impl FnOnce(&mut Buffer)) {
    out.extend_from_slice(opening);
    write(out);
    out.extend_from_slice(b"\",");
}

impl Line<'_> {
    fn service(&self) -> &'static [u8] {
        SERVICES[usize::from(self.service)].as_bytes()
    }

    /// Appends what is told of the line: its level, and whose work it is part of.
    pub(super) fn tell(&self, out: &mut Buffer) {
        let text = |out: &mut Buffer, opening: &[u8], write: &dyn Fn(&mut Buffer)| {
            out.extend_from_slice(opening);
            write(out);
            out.push(b'"');
        };
        text(out, br#","level":""#, &|out| out.extend_from_slice(LEVELS[self.level].as_bytes()));
        text(out, br#","service":""#, &|out| out.extend_from_slice(self.service()));
        text(out, br#","thread":""#, &|out| write_thread(out, self.thread));
        if let Some(place) = &self.place {
            text(out, br#","trace":""#, &|out| place.trace.id.iter().for_each(|half| hex(out, *half)));
            text(out, br#","span":""#, &|out| hex(out, place.span.id));
        }
    }
}

impl Record for Line<'_> {
    type Field = Field;

    #[inline]
    fn write(&self, field: Field, out: &mut Buffer) {
        match field {
            Field::Timestamp => string(out, br#""timestamp":""#, |out| {
                out.extend_from_slice(self.second);
                write_fraction(out, self.micros);
            }),
            Field::Level => {
                string(out, br#""level":""#, |out| out.extend_from_slice(LEVELS[self.level].as_bytes()));
            }
            Field::Service => string(out, br#""service":""#, |out| out.extend_from_slice(self.service())),
            // Half of the services tell it.
            Field::Host if self.service.is_multiple_of(2) => string(out, br#""host":""#, |out| {
                out.extend_from_slice(self.service());
                out.push(b'-');
                decimal(out, u32::from(self.thread % 3));
            }),
            Field::Logger if self.tells_logger => string(out, br#""logger":""#, |out| {
                out.extend_from_slice(b"shop.");
                out.extend_from_slice(self.service());
            }),
            Field::Host | Field::Logger => {}
            Field::Thread => string(out, br#""thread":""#, |out| write_thread(out, self.thread)),
            Field::Message => out.extend_from_slice(self.message),
            Field::Fields => out.extend_from_slice(self.fields),
            Field::CorrelationId | Field::TraceId | Field::SpanId | Field::ParentSpanId => {
                if let Some(place) = &self.place {
                    place.write(field, out);
                }
            }
        }
    }
}

impl Record for Place {
    type Field = Field;

    #[inline]
    fn write(&self, field: Field, out: &mut Buffer) {
        match field {
            Field::CorrelationId => {
                string(out, br#""correlation_id":""#, |out| write_correlation(out, self.trace.correlation));
            }
            Field::TraceId => {
                string(out, br#""trace_id":""#, |out| self.trace.id.iter().for_each(|half| hex(out, *half)));
            }
            Field::SpanId => string(out, br#""span_id":""#, |out| hex(out, self.span.id)),
            Field::ParentSpanId => {
                if let Some(parent) = self.parent {
                    string(out, br#""parent_span_id":""#, |out| hex(out, parent));
                }
            }
            _ => {}
        }
    }
}
