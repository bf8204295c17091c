//! Results looked up by name: what every report asks for, found without walking the lists again.

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

    /// What a change has to be past in a scenario.
    pub(crate) fn floor(&self, scenario: &str, metric: Metric) -> Option<Floor> {
        let compared = self.rivals().filter_map(|v| self.comparison(scenario, &v.name, metric));
        let figures: Vec<&Figures> = compared.filter_map(|c| c.figures.as_ref()).collect();
        Floor::of(&figures, metric)
    }
}

/// What a change has to be past to be told, as ratios to the reference: the margin or, where that is more, what the control
/// moved. Where the margin is in bytes, the two lie as far from 1 as each other; else they are each other's reciprocals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Floor {
    /// Of a decrease; 0 where none is large enough.
    pub(crate) less: f64,
    /// Of an increase.
    pub(crate) more: f64,
}

impl Floor {
    /// The largest of these comparisons.
    pub(crate) fn of(figures: &[&Figures], metric: Metric) -> Option<Self> {
        let largest = |is_more: bool| {
            let these = figures.iter().filter(|figures| (figures.ratio >= 1.0) == is_more);
            these.map(|figures| figures.floor).filter(|floor| floor.is_finite()).reduce(f64::max)
        };
        // A margin in bytes that is more than the reference takes: nothing can take so much less.
        let is_out_of_reach = figures.iter().any(|figures| figures.margin >= 1.0);
        let less = |floor: f64| if is_out_of_reach { 0.0 } else { 1.0 / (1.0 + floor) };
        match (largest(true), largest(false)) {
            (Some(more), down) => Some(Self { less: less(down.unwrap_or(more)), more: 1.0 + more }),
            (None, Some(down)) => {
                let less = less(down);
                let in_bytes = matches!(metric, Metric::Rss | Metric::Anon) && !is_out_of_reach;
                Some(Self { less, more: if in_bytes { 2.0 - less } else { 1.0 + down } })
            }
            (None, None) => None,
        }
    }

    /// That of an increase, as a fraction.
    pub(crate) fn share(self) -> f64 {
        self.more - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(ratio: f64, floor: f64, margin: f64) -> Figures {
        Figures {
            blocks: 12,
            ratio,
            low: ratio,
            high: ratio,
            coverage: 0.95,
            p: 1.0,
            q: 1.0,
            u: 0.0,
            cliffs_delta: 0.0,
            floor,
            margin,
            blocks_to_settle: None,
        }
    }

    #[test]
    fn a_floor_in_bytes_lies_as_far_below_as_above_and_one_of_time_by_the_same_factor() {
        let of = |figures: &[&Figures], metric| {
            let floor = Floor::of(figures, metric).expect("a floor");
            [floor.less, floor.more].map(|ratio| (ratio * 1000.0).round() as u32)
        };
        // A quarter of a MiB beside half a MiB: 48 % of it either way, which is 93 % of what is left below.
        let (more, less) = (figures(1.05, 0.48, 0.48), figures(0.75, 0.923, 0.48));
        assert_eq!(of(&[&more, &less], Metric::Anon), [520, 1480]);
        assert_eq!(of(&[&less], Metric::Anon), [520, 1480], "whichever there is");
        assert_eq!(of(&[&figures(0.75, 3.0, 3.0)], Metric::Anon), [0, 4000], "nothing takes so much less");
        let slower = figures(1.05, 0.25, 0.01);
        assert_eq!(of(&[&slower, &figures(0.9, 0.25, 0.01)], Metric::Time), [800, 1250]);
        assert_eq!(of(&[&figures(0.9, 0.25, 0.01)], Metric::Time), [800, 1250]);
        assert!(Floor::of(&[], Metric::Time).is_none());
    }
}
