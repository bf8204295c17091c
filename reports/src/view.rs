//! Results looked up by name: what every report asks for, found without walking the lists again.

use crate::floor::Floor;
use crate::format::change;
use harness::judge::wire::results::{
    Cell, Comparison, Figures, HeapFacts, InvalidCell, LatencyFacts, MemoryFacts, Metric, Results,
    ScenarioFacts, VariantFacts,
};
use std::collections::HashMap;

type Key<'a> = (&'a str, &'a str, Metric);

/// An index over results.
pub(crate) struct View<'a> {
    pub(crate) results: &'a Results,
    cells: HashMap<Key<'a>, &'a Cell>,
    comparisons: HashMap<Key<'a>, &'a Comparison>,
    controls: HashMap<(&'a str, Metric), &'a Comparison>,
    memory: HashMap<(&'a str, &'a str), &'a MemoryFacts>,
    latency: HashMap<(&'a str, &'a str), &'a LatencyFacts>,
    heap: HashMap<(&'a str, &'a str), &'a HeapFacts>,
    invalid: HashMap<(&'a str, &'a str), Vec<&'a InvalidCell>>,
    twins: HashMap<&'a str, &'a str>,
}

impl<'a> View<'a> {
    /// Indexes `results`, once over each list.
    pub(crate) fn new(results: &'a Results) -> Self {
        let key = |c: &'a Comparison| ((c.scenario.as_str(), c.variant.as_str(), c.metric), c);
        let mut invalid: HashMap<_, Vec<_>> = HashMap::new();
        for cell in &results.invalid {
            invalid.entry((cell.scenario.as_str(), cell.variant.as_str())).or_default().push(cell);
        }
        let twin = |v: &'a VariantFacts| Some((v.name.as_str(), v.identical_to.as_deref()?));
        Self {
            results,
            cells: results
                .cells
                .iter()
                .map(|c| ((c.scenario.as_str(), c.variant.as_str(), c.metric), c))
                .collect(),
            comparisons: results.comparisons.iter().map(key).collect(),
            controls: results.controls.iter().map(|c| ((c.scenario.as_str(), c.metric), c)).collect(),
            memory: results.memory.iter().map(|m| ((m.scenario.as_str(), m.variant.as_str()), m)).collect(),
            latency: results.latency.iter().map(|l| ((l.scenario.as_str(), l.variant.as_str()), l)).collect(),
            heap: results.heap.iter().map(|h| ((h.scenario.as_str(), h.target.as_str()), h)).collect(),
            invalid,
            twins: results.variants.iter().filter_map(twin).collect(),
        }
    }

    pub(crate) fn reference(&self) -> &'a str {
        &self.results.reference
    }

    pub(crate) fn control(&self) -> &'a str {
        &self.results.control
    }

    pub(crate) fn scenarios(&self) -> &'a [ScenarioFacts] {
        &self.results.scenarios
    }

    pub(crate) fn scenario(&self, name: &str) -> Option<&'a ScenarioFacts> {
        self.results.scenarios.iter().find(|s| s.name == name)
    }

    /// The variant that was measured in the place of `variant`: itself, or the one whose binary is the same.
    pub(crate) fn measured_as(&self, variant: &'a str) -> &'a str {
        self.twins.get(variant).copied().unwrap_or(variant)
    }

    /// Variants to be compared with the reference: each binary once, in the order of the plan.
    pub(crate) fn rivals(&self) -> impl Iterator<Item = &'a VariantFacts> + use<'a> {
        let reference = self.reference();
        self.results.variants.iter().filter(move |v| v.name != reference && v.identical_to.is_none())
    }

    /// Was the variant trained on the very data that it is measured on? Then nobody can ship what it shows.
    pub(crate) fn is_leaked(&self, variant: &str) -> bool {
        let facts = self.results.variants.iter().find(|v| v.name == variant);
        facts.and_then(|v| v.axes.get("training")).is_some_and(|on| on == "measured")
    }

    pub(crate) fn cell(&self, scenario: &str, variant: &str, metric: Metric) -> Option<&'a Cell> {
        self.cells.get(&(scenario, variant, metric)).copied().filter(|c| !c.samples.is_empty())
    }

    pub(crate) fn comparison(&self, scenario: &str, variant: &str, metric: Metric) -> Option<&'a Comparison> {
        self.comparisons.get(&(scenario, variant, metric)).copied()
    }

    pub(crate) fn control_of(&self, scenario: &str, metric: Metric) -> Option<&'a Comparison> {
        self.controls.get(&(scenario, metric)).copied()
    }

    pub(crate) fn memory(&self, scenario: &str, variant: &str) -> Option<&'a MemoryFacts> {
        self.memory.get(&(scenario, variant)).copied()
    }

    pub(crate) fn latency(&self, scenario: &str, variant: &str) -> Option<&'a LatencyFacts> {
        self.latency.get(&(scenario, variant)).copied()
    }

    /// What dhat saw of a scenario, built for the target of `variant`.
    pub(crate) fn heap(&self, scenario: &str, variant: &str) -> Option<&'a HeapFacts> {
        let facts = self.results.variants.iter().find(|v| v.name == variant)?;
        self.heap.get(&(scenario, facts.axes.get("target")?.as_str())).copied()
    }

    /// Why a cell is not there in this metric, where the run knows.
    pub(crate) fn missing(&self, scenario: &str, variant: &str, metric: Metric) -> Option<&'a str> {
        let told = self.invalid.get(&(scenario, variant))?;
        told.iter().find(|cell| cell.concerns(metric)).map(|cell| cell.reason.as_str())
    }

    /// Which way a comparison of memory leads where one side took nothing, by its median. A page stands for that side in the
    /// ratio, and a percentage of a page tells nobody anything.
    pub(crate) fn to_or_from_nothing(&self, comparison: &Comparison) -> Option<&'static str> {
        let took_nothing = |variant: &str| {
            let cell = self.cell(&comparison.scenario, variant, comparison.metric)?;
            Some(comparison.metric.unit() == "bytes" && cell.summary.median < 1.0)
        };
        match (took_nothing(self.reference())?, took_nothing(&comparison.variant)?) {
            (false, true) => Some("→ 0 B"),
            (true, false) => Some("0 B →"),
            _ => None,
        }
    }

    /// What a comparison says of the change, in words.
    pub(crate) fn change(&self, comparison: &Comparison) -> Option<String> {
        let way = self.to_or_from_nothing(comparison).map(str::to_owned);
        way.or_else(|| Some(change(comparison.figures.as_ref()?.ratio)))
    }

    /// What a change has to be past in a scenario.
    pub(crate) fn floor(&self, scenario: &str, metric: Metric) -> Option<Floor> {
        let compared = self.rivals().filter_map(|v| self.comparison(scenario, &v.name, metric));
        let figures: Vec<&Figures> = compared.filter_map(|c| c.figures.as_ref()).collect();
        Floor::of(&figures, metric)
    }
}
