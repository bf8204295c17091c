//! A scenario's rows as every table shows them: one per variant, in the order of the plan, the reference first.

use crate::format;
use crate::view::View;
use harness::judge::label::Label;
use harness::judge::wire::results::{Cell, Comparison, MemoryFacts, Metric, ScenarioFacts};

/// A variant in one scenario.
pub(crate) struct Row<'a> {
    pub(crate) variant: &'a str,
    /// The variant whose binary is the same, where there is one: its figures stand here.
    pub(crate) twin: Option<&'a str>,
    pub(crate) is_reference: bool,
    pub(crate) time: Option<&'a Cell>,
    pub(crate) comparison: Option<&'a Comparison>,
    pub(crate) memory: Option<&'a MemoryFacts>,
    /// Why there is no time.
    pub(crate) missing: Option<&'a str>,
}

/// The rows of `scenario`: all variants, the control not among them.
pub(crate) fn rows<'a>(view: &View<'a>, scenario: &str) -> Vec<Row<'a>> {
    let reference = view.reference();
    let mut rows: Vec<Row<'a>> = view
        .results
        .variants
        .iter()
        .map(|variant| {
            let name = variant.name.as_str();
            let measured = view.measured_as(name);
            // A twin that has figures of its own shows these.
            let source = if view.cell(scenario, name, Metric::Time).is_some() { name } else { measured };
            let is_reference = name == reference;
            Row {
                variant: name,
                twin: (measured != name).then_some(measured),
                is_reference,
                time: view.cell(scenario, source, Metric::Time),
                comparison: if is_reference { None } else { view.comparison(scenario, source, Metric::Time) },
                memory: view.memory(scenario, source),
                missing: view.missing(scenario, source, Metric::Time),
            }
        })
        .collect();
    rows.sort_by_key(|row| !row.is_reference);
    rows
}

impl<'a> Row<'a> {
    /// The label, where the row is compared with the reference.
    pub(crate) fn label(&self) -> Option<Label> {
        self.comparison.map(|c| c.label)
    }

    /// In the label's column.
    pub(crate) fn label_text(&self) -> &'static str {
        match (self.is_reference, self.label()) {
            (true, _) => "reference",
            (false, Some(label)) => label.name(),
            (false, None) if self.time.is_none() => "not measured",
            (false, None) => format::ABSENT,
        }
    }

    /// The change against the reference.
    pub(crate) fn change(&self) -> Option<String> {
        Some(format::change(self.comparison?.figures.as_ref()?.ratio))
    }

    /// Its interval.
    pub(crate) fn interval(&self) -> Option<String> {
        let figures = self.comparison?.figures.as_ref()?;
        Some(format::interval_of(figures))
    }

    /// Corpus bytes per second; records per second where the scenario reads no bytes.
    pub(crate) fn throughput(&self) -> Option<String> {
        let cell: &'a Cell = self.time?;
        let positive = |rate: &f64| rate.is_finite() && *rate > 0.0;
        match cell.bytes_per_second.filter(positive) {
            Some(rate) => Some(format::byte_rate(rate)),
            None => cell.records_per_second.filter(positive).map(format::record_rate),
        }
    }
}

/// How much one iteration reads: `38.2 MiB, 500,000 records`.
pub(crate) fn extent(scenario: &ScenarioFacts) -> String {
    format!(
        "{}, {}",
        format::bytes(scenario.bytes as f64),
        format::plural(scenario.records, "record", "records")
    )
}

/// What the control did: `control moved +0.3 % [−0.4, +0.9], no change`.
pub(crate) fn control_line(view: &View<'_>, scenario: &str, metric: Metric) -> Option<String> {
    let control = view.control_of(scenario, metric)?;
    let Some(figures) = &control.figures else {
        let reason = control.reason.as_deref().unwrap_or("no reason given");
        return Some(format!("control {}: {reason}", control.label));
    };
    Some(format!(
        "control moved {} {}, {}",
        format::change(figures.ratio),
        format::interval_of(figures),
        control.label
    ))
}

/// What a scenario says of itself, as a sentence that others can follow.
pub(crate) fn sentence(about: &str) -> String {
    let text = about.trim_end();
    if text.is_empty() || text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}
