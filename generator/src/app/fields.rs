//! The keys of the application log and the orders they come in.

/// A key of the line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Field {
    Timestamp,
    Level,
    Service,
    Thread,
    CorrelationId,
    TraceId,
    SpanId,
    ParentSpanId,
    Message,
    Fields,
}

use Field::{
    CorrelationId, Fields, Level, Message, ParentSpanId, Service, SpanId, Thread, Timestamp, TraceId,
};

/// The order of each service, as its logging library has it; the first is the usual one, the third sorts its keys.
pub(super) const ORDERS: [[Field; 10]; 8] = [
    [Timestamp, Level, Service, Thread, CorrelationId, TraceId, SpanId, ParentSpanId, Message, Fields],
    [Timestamp, Level, Message, Service, Thread, CorrelationId, TraceId, SpanId, ParentSpanId, Fields],
    [CorrelationId, Fields, Level, Message, ParentSpanId, Service, SpanId, Thread, Timestamp, TraceId],
    [Level, Timestamp, Thread, Service, Message, Fields, CorrelationId, TraceId, SpanId, ParentSpanId],
    [Timestamp, Service, Level, TraceId, SpanId, ParentSpanId, CorrelationId, Thread, Message, Fields],
    [Message, Level, Timestamp, Service, Thread, TraceId, SpanId, ParentSpanId, CorrelationId, Fields],
    [Timestamp, Thread, Level, Service, Fields, Message, TraceId, SpanId, ParentSpanId, CorrelationId],
    [Service, Timestamp, Level, Thread, CorrelationId, Message, Fields, TraceId, SpanId, ParentSpanId],
];
