//! Tables as data, before they become Markdown or HTML: which columns there are, and what stands in them.

mod rivals;

pub(crate) use rivals::rivals;

use crate::format::{self, ABSENT, bytes, change, duration, fraction, interval_of};
use crate::prose::Prose;
use crate::row::{Row, rows};
use crate::verdict::{Judgement, Standing, Verdict};
use crate::view::View;
use harness::judge::evaluate::MOST_BLOCKS_TO_SETTLE;
use harness::judge::label::Label;
use harness::judge::wire::results::{
    Cell, Comparison, CriterionFacts, Figures, InstructionFacts, LatencyFacts, Metric, Results,
    ScenarioFacts, VariantFacts,
};

/// A table.
pub(crate) struct Sheet {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<Field>>,
}

pub(crate) struct Column {
    pub(crate) heading: &'static str,
    pub(crate) numeric: bool,
}

/// What stands in a row and a column.
pub(crate) struct Field {
    pub(crate) text: Prose,
    /// What it is sorted by, where that is a number.
    pub(crate) value: Option<f64>,
    /// What it says, for its colour.
    pub(crate) tone: Option<Tone>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Less,
    More,
    Doubt,
    Faint,
}

const fn text(heading: &'static str) -> Column {
    Column { heading, numeric: false }
}

const fn number(heading: &'static str) -> Column {
    Column { heading, numeric: true }
}

impl Field {
    pub(crate) fn words(text: impl Into<String>) -> Self {
        Self { text: Prose::new().words(text), value: None, tone: None }
    }

    pub(crate) fn name(name: &str) -> Self {
        Self { text: Prose::new().name(name), value: None, tone: None }
    }

    /// A figure that `write` can put in words, and what it is sorted by; absent where there is none.
    pub(crate) fn figure(value: Option<f64>, write: impl Fn(f64) -> String) -> Self {
        let value = value.filter(|v| v.is_finite());
        Self { value, ..Self::words(value.map_or_else(|| ABSENT.to_owned(), write)) }
    }

    pub(crate) fn toned(self, tone: Option<Tone>) -> Self {
        Self { tone, ..self }
    }
}

/// What a comparison says, for the colour of its fields.
fn tone(comparison: Option<&Comparison>) -> Option<Tone> {
    let comparison = comparison?;
    let ratio = comparison.figures.as_ref().map_or(1.0, |f| f.ratio);
    Some(match comparison.label {
        Label::Definitive | Label::High | Label::Moderate if ratio < 1.0 => Tone::Less,
        Label::Definitive | Label::High | Label::Moderate => Tone::More,
        Label::NoChange | Label::Inconclusive => Tone::Faint,
        Label::Unstable | Label::Invalid => Tone::Doubt,
    })
}

/// Change, interval and label of a comparison; for the reference, empty and `reference`.
fn compared(comparison: Option<&Comparison>, is_reference: bool) -> [Field; 3] {
    if is_reference {
        // It takes its place among the others when they are sorted.
        let at_one = || Field { value: Some(1.0), ..Field::words("") };
        return [at_one(), at_one(), Field::words("reference")];
    }
    let tone = tone(comparison);
    let figures = comparison.and_then(|c| c.figures.as_ref());
    let range = figures.map_or_else(|| ABSENT.to_owned(), interval_of);
    let low = figures.and_then(Figures::interval).map(|(low, _)| low);
    let label = comparison.map_or(ABSENT, |c| c.label.name());
    let blocks = figures.and_then(|f| f.blocks_to_settle).filter(|blocks| *blocks <= MOST_BLOCKS_TO_SETTLE);
    let blocks = blocks.map_or_else(String::new, |blocks| format!(", about {blocks} blocks"));
    [
        Field::figure(figures.map(|f| f.ratio), change).toned(tone),
        Field { value: low.filter(|v| v.is_finite()), ..Field::words(range) }.toned(tone),
        Field::words(format!("{label}{blocks}")).toned(tone),
    ]
}

fn variant(row: &Row<'_>) -> Field {
    let field = Field::name(row.variant);
    match row.twin {
        Some(twin) => Field { text: field.text.words(" = ").name(twin), ..field },
        None => field,
    }
}

/// Time in one scenario, or with a column of scenarios in all of them.
pub(crate) fn time(view: &View<'_>, scenarios: &[ScenarioFacts], named: bool) -> Sheet {
    let mut columns = vec![
        text("variant"),
        number("time"),
        number("throughput"),
        number("change"),
        number("interval, %"),
        text("label"),
        number("n"),
        number("cv"),
        number("p95"),
    ];
    if named {
        columns.insert(0, text("scenario"));
    }
    let mut all = Vec::new();
    for scenario in scenarios {
        for row in rows(view, &scenario.name) {
            let summary = row.time.map(|cell| cell.summary);
            let speed = row.time.and_then(|cell| cell.bytes_per_second);
            let [change, interval, mut label] = compared(row.comparison, row.is_reference);
            if row.time.is_none() {
                let why = row.missing.map_or_else(String::new, |why| format!(": {why}"));
                label = Field::words(format!("{}{why}", row.label_text())).toned(Some(Tone::Doubt));
            } else if let Some(reason) = row.comparison.and_then(|c| c.reason.as_deref()) {
                label = Field { text: label.text.words(format!(": {reason}")), ..label };
            }
            let mut fields = vec![
                variant(&row),
                Field::figure(summary.map(|s| s.median), duration),
                Field {
                    value: speed.filter(|v| v.is_finite()),
                    ..Field::words(row.throughput().unwrap_or_else(|| ABSENT.to_owned()))
                },
                change,
                interval,
                label,
                Field::figure(summary.map(|s| s.n as f64), |n| format!("{n:.0}")),
                Field::figure(summary.map(|s| s.cv), fraction),
                Field::figure(summary.map(|s| s.p95), duration),
            ];
            if named {
                fields.insert(0, Field::name(&scenario.name));
            }
            all.push(fields);
        }
    }
    Sheet { columns, rows: all }
}

/// Heap and resident memory; nothing where neither was read.
pub(crate) fn memory(view: &View<'_>) -> Option<Sheet> {
    let columns = vec![
        text("scenario"),
        text("variant"),
        number("heap peak"),
        number("anonymous"),
        number("change"),
        number("interval, %"),
        text("label"),
        number("all resident"),
        number("unexplained"),
    ];
    let mut all = Vec::new();
    for scenario in view.scenarios() {
        for row in rows(view, &scenario.name) {
            let heap = view.heap(&scenario.name, row.variant);
            if heap.is_none() && row.memory.is_none() {
                continue;
            }
            let comparison = view.comparison(&scenario.name, view.measured_as(row.variant), Metric::Anon);
            let [mut change, mut interval, label] = compared(comparison, row.is_reference);
            if let Some(way) = comparison.and_then(|comparison| view.to_or_from_nothing(comparison)) {
                change.text = Prose::new().words(way);
                interval.text = Prose::new().words(ABSENT);
            }
            all.push(vec![
                Field::name(&scenario.name),
                variant(&row),
                Field::figure(heap.map(|h| h.peak_bytes as f64), bytes),
                Field::figure(row.memory.map(|m| m.growth_anon as f64), bytes),
                change,
                interval,
                label,
                Field::figure(row.memory.map(|m| m.growth as f64), bytes),
                Field::figure(
                    row.memory.and_then(|m| m.unexplained).map(|rest| rest as f64),
                    format::signed_bytes,
                ),
            ]);
        }
    }
    (!all.is_empty()).then_some(Sheet { columns, rows: all })
}

/// Instructions, where they were counted.
pub(crate) fn instructions(results: &Results) -> Option<Sheet> {
    let columns =
        vec![text("scenario"), text("variant"), number("instructions"), number("visits"), number("apart by")];
    let row = |one: &InstructionFacts| {
        vec![
            Field::name(&one.scenario),
            Field::name(&one.variant),
            Field::figure(Some(one.instructions), |n| format::count(n.round() as u64)),
            Field::figure(Some(one.visits as f64), |n| format!("{n}")),
            Field::figure(Some(one.spread), |share| format!("{:.3} %", share * 100.0)),
        ]
    };
    let rows: Vec<_> = results.instructions.iter().map(row).collect();
    (!rows.is_empty()).then_some(Sheet { columns, rows })
}

/// Latencies, beside each the idle loop's; nothing where none was read.
pub(crate) fn latency(view: &View<'_>) -> Option<Sheet> {
    let columns = vec![
        text("scenario"),
        text("variant"),
        number("arrivals"),
        number("busy"),
        number("p50 (idle)"),
        number("p90 (idle)"),
        number("p99 (idle)"),
        number("p99.9 (idle)"),
        number("max (idle)"),
        number("change of p99"),
        number("interval, %"),
        text("label"),
    ];
    let mut all = Vec::new();
    for scenario in view.scenarios() {
        for row in rows(view, &scenario.name) {
            let measured = view.measured_as(row.variant);
            let Some(facts) = view.latency(&scenario.name, measured) else { continue };
            let comparison = view.comparison(&scenario.name, measured, Metric::Latency);
            let [change, interval, mut label] = compared(comparison, row.is_reference);
            if facts.overloaded {
                let told = label.text.words("; overloaded: the queue only grew");
                label = Field { text: told, tone: Some(Tone::Doubt), ..label };
            }
            let mut fields = vec![
                Field::name(&scenario.name),
                variant(&row),
                Field::figure(Some(facts.rate as f64), format::record_rate),
                Field::figure(Some(facts.busy), fraction),
            ];
            let figures = facts.work.all().into_iter().zip(facts.idle.all());
            fields.extend(figures.map(|(work, idle)| beside_idle(work, idle)));
            fields.extend([change, interval, label]);
            all.push(fields);
        }
    }
    (!all.is_empty()).then_some(Sheet { columns, rows: all })
}

/// A latency and the idle loop's: `2.28 µs (1.43 µs, within)`.
fn beside_idle(work: u64, idle: u64) -> Field {
    let within = LatencyFacts::is_within_idle(work, idle);
    let shown = duration(idle as f64);
    let text = format!("{} ({shown}{})", duration(work as f64), if within { ", within" } else { "" });
    Field { value: Some(work as f64), ..Field::words(text) }.toned(within.then_some(Tone::Faint))
}

/// criterion's medians beside those of the visits.
pub(crate) fn criterion(results: &Results) -> Sheet {
    let columns = vec![
        text("scenario"),
        text("variant"),
        number("criterion's median"),
        text("its interval"),
        number("samples"),
        number("median of visits"),
    ];
    let row = |facts: &CriterionFacts| {
        let of_cell = |c: &&Cell| {
            c.metric == Metric::Time && c.scenario == facts.scenario && c.variant == facts.variant
        };
        let visits = results.cells.iter().find(of_cell).map(|cell| cell.summary.median);
        vec![
            Field::name(&facts.scenario),
            Field::name(&facts.variant),
            Field::figure(Some(facts.median_ns), duration),
            Field::words(format!("{} to {}", duration(facts.low_ns), duration(facts.high_ns))),
            Field::figure(Some(facts.samples as f64), |n| format!("{n:.0}")),
            Field::figure(visits, duration),
        ]
    };
    Sheet { columns, rows: results.criterion.iter().map(row).collect() }
}

/// Each variant over all scenarios: time, memory, size, build.
pub(crate) fn overview(view: &View<'_>, verdict: &Verdict) -> Sheet {
    let columns = vec![
        text("variant"),
        text("what it is"),
        number("time"),
        number("from … to"),
        number("faster / slower / judged"),
        number("anonymous memory"),
        number("size"),
        number("measured binary"),
        number("build"),
    ];
    let standing = |judgement: &'_ Judgement, name: &str| -> Option<Standing> {
        judgement.standings.iter().chain(&judgement.leaked).find(|s| s.variant == name).cloned()
    };
    let row = |facts: &VariantFacts| {
        let is_reference = facts.name == view.reference();
        let measured = view.measured_as(&facts.name);
        let time = standing(&verdict.time, measured);
        let anon = standing(&verdict.anon, measured);
        let mean = |standing: Option<&Standing>| {
            if is_reference {
                return Field { value: Some(1.0), ..Field::words("reference") };
            }
            let tone = standing.and_then(|s| match (s.less.told(), s.more.told()) {
                (0, 0) => Some(Tone::Faint),
                (_, 0) => Some(Tone::Less),
                (0, _) => Some(Tone::More),
                _ => None,
            });
            Field::figure(standing.and_then(|s| s.mean), change).toned(tone)
        };
        let range = time.as_ref().and_then(|s| {
            Some(format!("{} … {}", change(s.least.as_ref()?.ratio), change(s.most.as_ref()?.ratio)))
        });
        let tally = time.as_ref().map(|s| format!("{} / {} / {}", s.less.told(), s.more.told(), s.judged));
        let least = time.as_ref().and_then(|s| s.least.as_ref()).map(|at| at.ratio);
        let faster = time.as_ref().map(|s| s.less.told() as f64);
        let absent = || if is_reference { String::new() } else { ABSENT.to_owned() };
        let mut name = Field::name(&facts.name);
        if let Some(twin) = &facts.identical_to {
            name.text = name.text.words(" = ").name(twin);
        }
        vec![
            name,
            Field::words(&facts.about),
            mean(time.as_ref()),
            Field { value: least, ..Field::words(range.unwrap_or_else(absent)) },
            Field { value: faster, ..Field::words(tally.unwrap_or_else(absent)) },
            mean(anon.as_ref()),
            Field::figure(facts.command.as_ref().map(|c| c.bytes as f64), bytes),
            Field::figure(Some(facts.binary.bytes as f64), bytes),
            Field::figure(facts.binary.build_time(), format::build_time),
        ]
    };
    Sheet { columns, rows: view.results.variants.iter().map(row).collect() }
}

/// What the builds gave.
pub(crate) fn binaries(results: &Results) -> Sheet {
    let columns = vec![
        text("variant"),
        number("file"),
        number("without symbols"),
        number("machine code"),
        text("shared libraries"),
        text("linker"),
        text("SHA-256 begins"),
    ];
    let row = |facts: &VariantFacts| {
        let binary = facts.command.as_ref().unwrap_or(&facts.binary);
        let libraries = match binary.libraries.as_slice() {
            [] => "none: static".to_owned(),
            libraries => libraries.join(", "),
        };
        vec![
            Field::name(&facts.name),
            Field::figure(Some(binary.bytes as f64), bytes),
            Field::figure(binary.stripped.map(|size| size as f64), bytes),
            Field::figure(binary.text.map(|size| size as f64), bytes),
            Field::words(libraries),
            Field::words(binary.linker.as_deref().unwrap_or(ABSENT)),
            Field::name(binary.sha256.get(..12).unwrap_or(&binary.sha256)),
        ]
    };
    Sheet { columns, rows: results.variants.iter().map(row).collect() }
}

/// Cells that are not there or are wrong.
pub(crate) fn invalid(view: &View<'_>) -> Option<Sheet> {
    let columns = vec![text("scenario"), text("variant"), text("instrument"), text("why")];
    let each = view.results.invalid.iter().map(|i| {
        let (scenario, variant) = (Field::name(&i.scenario), Field::name(&i.variant));
        vec![scenario, variant, Field::words(i.instrument.name()), Field::words(&i.reason)]
    });
    let rows: Vec<_> = each.collect();
    (!rows.is_empty()).then_some(Sheet { columns, rows })
}

/// What was asked for and could not be done.
pub(crate) fn skipped(view: &View<'_>) -> Option<Sheet> {
    let columns = vec![text("what"), text("why"), text("to mend it")];
    let each = view.results.skipped.iter().map(|s| {
        let remedy = s.remedy.as_ref().map_or_else(|| Field::words("nothing known"), |r| Field::name(r));
        vec![Field::name(&s.what), Field::words(&s.reason), remedy]
    });
    let rows: Vec<_> = each.collect();
    (!rows.is_empty()).then_some(Sheet { columns, rows })
}
