//! The keys of the application log and the orders they come in.

/// A key of the line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Field {
    Timestamp,
    Level,
    Service,
    Host,
    Logger,
    Thread,
    CorrelationId,
    TraceId,
    SpanId,
    ParentSpanId,
    Message,
    Fields,
}

use Field::{
    CorrelationId, Fields, Host, Level, Logger, Message, ParentSpanId, Service, SpanId, Thread, Timestamp,
    TraceId,
};

/// The order of each service, as its logging library has it; the first is the usual one, the third sorts its keys.
pub(super) const ORDERS: [[Field; 12]; 8] = [
    [
        Timestamp, Level, Service, Host, Thread, Logger, CorrelationId, TraceId, SpanId, ParentSpanId, Message,
        Fields,
    ],
    [
        Timestamp, Level, Message, Logger, Service, Host, Thread, CorrelationId, TraceId, SpanId, ParentSpanId,
        Fields,
    ],
    [
        CorrelationId, Fields, Host, Level, Logger, Message, ParentSpanId, Service, SpanId, Thread, Timestamp,
        TraceId,
    ],
    [
        Level, Timestamp, Thread, Logger, Service, Host, Message, Fields, CorrelationId, TraceId, SpanId,
        ParentSpanId,
    ],
    [
        Timestamp, Host, Service, Level, TraceId, SpanId, ParentSpanId, CorrelationId, Thread, Logger, Message,
        Fields,
    ],
    [
        Message, Level, Timestamp, Service, Host, Logger, Thread, TraceId, SpanId, ParentSpanId, CorrelationId,
        Fields,
    ],
    [
        Timestamp, Thread, Level, Service, Fields, Message, Logger, TraceId, SpanId, ParentSpanId, CorrelationId,
        Host,
    ],
    [
        Service, Host, Timestamp, Level, Thread, CorrelationId, Message, Fields, TraceId, SpanId, ParentSpanId,
        Logger,
    ],
];
