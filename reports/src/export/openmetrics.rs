//! `OpenMetrics` 1.0's text format (<https://prometheus.io/docs/specs/om/open_metrics_spec/>), gauges alone.
//!
//! Every point carries the time at which the run began, so that `promtool tsdb create-blocks-from openmetrics` puts runs
//! where they belong on the line of time.

use harness::judge::wire::results::{Cell, Figures, Metric, Results, Summary, VariantFacts};
use std::fmt::Write as _;

/// A family of gauges: name, unit (which the name ends with; none for a count) and help.
struct Family {
    name: &'static str,
    unit: &'static str,
    help: &'static str,
}

type Labels<'a> = &'a [(&'static str, &'a str)];

/// A figure's label, and where it stands.
type Figure<T, N = f64> = (&'static str, fn(&T) -> N);

/// Statistics of a cell.
const STATISTICS: [Figure<Summary>; 6] = [
    ("min", |s| s.min),
    ("median", |s| s.median),
    ("mean", |s| s.mean),
    ("p95", |s| s.p95),
    ("p99", |s| s.p99),
    ("max", |s| s.max),
];

/// Figures of a comparison.
const FIGURES: [Figure<Figures, Option<f64>>; 3] =
    [("ratio", |f| Some(f.ratio)), ("low", |f| Some(f.interval()?.0)), ("high", |f| Some(f.interval()?.1))];

pub(super) fn write(results: &Results) -> Option<String> {
    let mut page = Page { text: String::new(), when: began(results), run: &results.provenance.run };
    for metric in Metric::ALL {
        let family = family(metric);
        let cells = results.cells.iter().filter(|c| c.metric == metric && !c.samples.is_empty());
        page.family(&family, cells, |page, cell: &Cell| {
            for (statistic, value) in STATISTICS {
                let labels = [
                    ("scenario", cell.scenario.as_str()),
                    ("variant", &cell.variant),
                    ("statistic", statistic),
                ];
                page.point(&family, &labels, scaled(metric, value(&cell.summary)));
            }
        });
    }
    let change = Family {
        name: "assay_change_ratio",
        unit: "ratio",
        help: "Variant over reference, paired by block, with the ends of its interval; the label says how sure it is.",
    };
    let compared = results.comparisons.iter().chain(&results.controls).filter(|c| c.figures.is_some());
    page.family(&change, compared, |page, comparison| {
        for (figure, value) in FIGURES {
            let Some(value) = comparison.figures.as_ref().and_then(value) else { continue };
            let labels = [
                ("scenario", comparison.scenario.as_str()),
                ("variant", &comparison.variant),
                ("metric", comparison.metric.name()),
                ("label", comparison.label.name()),
                ("figure", figure),
            ];
            page.point(&change, &labels, value);
        }
    });
    let heap = Family {
        name: "assay_heap_peak_bytes",
        unit: "bytes",
        help: "Most bytes alive at one time, as dhat counts.",
    };
    page.family(&heap, results.heap.iter(), |page, facts| {
        let labels = [("scenario", facts.scenario.as_str()), ("target", &facts.target)];
        page.point(&heap, &labels, facts.peak_bytes as f64);
    });
    let counted = Family {
        name: "assay_instructions",
        unit: "",
        help: "Instructions of one iteration, as callgrind counts them.",
    };
    page.family(&counted, results.instructions.iter(), |page, facts| {
        let labels = [("scenario", facts.scenario.as_str()), ("variant", &facts.variant)];
        page.point(&counted, &labels, facts.instructions);
    });
    builds(&mut page, results);
    if page.text.is_empty() {
        return None;
    }
    page.text.push_str("# EOF\n");
    Some(page.text)
}

fn builds(page: &mut Page<'_>, results: &Results) {
    let size = Family { name: "assay_command_size_bytes", unit: "bytes", help: "Size of what ships." };
    page.family(&size, results.variants.iter(), |page, facts: &VariantFacts| {
        let ships = facts.command.as_ref().unwrap_or(&facts.binary);
        page.point(&size, &[("variant", &facts.name)], ships.bytes as f64);
    });
    let build = Family {
        name: "assay_build_seconds",
        unit: "seconds",
        help: "How long the build took when it was built; absent where it came from a cache.",
    };
    let built = results.variants.iter().filter(|v| v.binary.build_time().is_some());
    page.family(&build, built, |page, facts| {
        page.point(&build, &[("variant", &facts.name)], facts.binary.build_seconds);
    });
}

/// When the run began, in seconds since 1970.
pub(super) fn began(results: &Results) -> Option<i64> {
    results.provenance.began.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}

fn family(metric: Metric) -> Family {
    let (name, unit, help) = match metric {
        Metric::Time => ("assay_time_seconds", "seconds", "Time of one iteration over fresh processes."),
        Metric::Latency => (
            "assay_latency_p99_seconds",
            "seconds",
            "99th percentile of the latencies of a visit, over visits.",
        ),
        Metric::Rss => {
            ("assay_resident_bytes", "bytes", "Growth of the resident set's peak, all kinds of pages.")
        }
        Metric::Anon => {
            ("assay_anonymous_bytes", "bytes", "Growth of the resident set's peak, anonymous pages.")
        }
    };
    Family { name, unit, help }
}

/// In the unit of the family.
fn scaled(metric: Metric, value: f64) -> f64 {
    if metric.unit() == "ns" { value / 1e9 } else { value }
}

struct Page<'a> {
    text: String,
    when: Option<i64>,
    run: &'a str,
}

impl Page<'_> {
    /// The points of a family under its head; nothing where there are none, since a family without points says nothing.
    fn family<T>(&mut self, family: &Family, of: impl Iterator<Item = T>, write: impl Fn(&mut Self, T)) {
        let before = self.text.len();
        let Family { name, unit, help } = family;
        let _ = writeln!(self.text, "# TYPE {name} gauge");
        if !unit.is_empty() {
            let _ = writeln!(self.text, "# UNIT {name} {unit}");
        }
        let _ = writeln!(self.text, "# HELP {name} {help}");
        let head = self.text.len();
        for one in of {
            write(self, one);
        }
        if self.text.len() == head {
            self.text.truncate(before);
        }
    }

    fn point(&mut self, family: &Family, labels: Labels<'_>, value: f64) {
        if !value.is_finite() {
            return;
        }
        let _ = write!(self.text, "{}{{run=\"{}\"", family.name, escaped(self.run));
        for (label, text) in labels {
            let _ = write!(self.text, ",{label}=\"{}\"", escaped(text));
        }
        let _ = write!(self.text, "}} {value:e}");
        if let Some(when) = self.when {
            let _ = write!(self.text, " {when}");
        }
        self.text.push('\n');
    }
}

/// The value of a label.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
