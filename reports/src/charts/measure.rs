//! The words and units of each metric.

use crate::format::{byte_unit, bytes, duration, duration_unit};
use harness::judge::wire::results::Metric;

/// At the beginning of a title.
pub(crate) fn name(metric: Metric) -> &'static str {
    match metric {
        Metric::Time => "Time",
        Metric::Latency => "Latency (p99)",
        Metric::Rss => "Resident memory",
        Metric::Anon => "Anonymous memory",
    }
}

/// What one sample is.
pub(crate) fn sample(metric: Metric) -> &'static str {
    match metric {
        Metric::Time => "time per iteration",
        Metric::Latency => "99th percentile of a visit's latencies",
        Metric::Rss => "growth of resident memory at its peak",
        Metric::Anon => "growth of anonymous memory at its peak",
    }
}

/// In words what is told of a variant: that it takes less, or more.
pub(crate) fn told(metric: Metric) -> (&'static str, &'static str) {
    match metric {
        Metric::Time | Metric::Latency => ("told faster", "told slower"),
        Metric::Rss | Metric::Anon => ("told smaller", "told larger"),
    }
}

/// What stands in a ratio for less of it, to follow a note; empty where that is never seen.
pub(crate) fn least(metric: Metric) -> &'static str {
    match metric {
        Metric::Time | Metric::Latency => "",
        Metric::Rss | Metric::Anon => " Less than a page (4 KiB) counts as one page.",
    }
}

/// A value with its unit.
pub(crate) fn amount(metric: Metric, value: f64) -> String {
    if metric.unit() == "ns" { duration(value) } else { bytes(value) }
}

/// The unit in which values of about this size are told.
pub(crate) fn unit(metric: Metric, value: f64) -> (f64, &'static str) {
    if metric.unit() == "ns" { duration_unit(value) } else { byte_unit(value) }
}
