//! Two runs side by side, of which the second repeats the first: what each found against its own reference.
//!
//! Times of two runs are never set against each other: only a block is fair. What can be held together is what each run
//! found out by its own blocks.

use super::wire::results::{Comparison, Metric, Results, ScenarioFacts};

/// What two runs found of one variant in one scenario and metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Beside<'r> {
    /// Scenario.
    pub scenario: &'r str,
    /// Metric.
    pub metric: Metric,
    /// Variant.
    pub variant: &'r str,
    /// What the first run found; absent where it did not compare this.
    pub then: Option<&'r Comparison>,
    /// What the second found.
    pub now: Option<&'r Comparison>,
    /// Why the two can't be held together, where they can't.
    pub apart: Option<String>,
}

impl Beside<'_> {
    /// Do the two intervals overlap? `None` where one is missing or of too few blocks, or they are of different things.
    pub fn overlap(&self) -> Option<bool> {
        if self.apart.is_some() {
            return None;
        }
        let (then, now) = self.then?.figures.as_ref().zip(self.now?.figures.as_ref())?;
        let (then, now) = then.interval().zip(now.interval())?;
        Some(then.0 <= now.1 && now.0 <= then.1)
    }
}

/// Everything that either run compared, in the order of the first; what the second has alone comes last.
pub fn beside<'r>(then: &'r Results, now: &'r Results) -> Vec<Beside<'r>> {
    let mut all: Vec<Beside<'r>> = Vec::new();
    for (comparisons, is_then) in [(&then.comparisons, true), (&now.comparisons, false)] {
        for comparison in comparisons {
            let Comparison { scenario, metric, variant, .. } = comparison;
            let (scenario, metric, variant) = (scenario.as_str(), *metric, variant.as_str());
            let same = |row: &&mut Beside<'_>| {
                row.scenario == scenario && row.metric == metric && row.variant == variant
            };
            match all.iter_mut().find(same) {
                Some(row) if !is_then => row.now = Some(comparison),
                Some(_) => {}
                None => all.push(Beside {
                    scenario,
                    metric,
                    variant,
                    then: is_then.then_some(comparison),
                    now: (!is_then).then_some(comparison),
                    apart: another(then, now, scenario),
                }),
            }
        }
    }
    all
}

/// In what a scenario is another than then: its identity is its version and its corpus.
fn another(then: &Results, now: &Results, name: &str) -> Option<String> {
    if then.reference != now.reference {
        return Some(format!("the reference was {} and is {}", then.reference, now.reference));
    }
    let (before, after) = facts(then, name).zip(facts(now, name))?;
    if before.version != after.version {
        return Some(format!("the scenario was version {} and is {}", before.version, after.version));
    }
    (before.corpus_sha256 != after.corpus_sha256).then(|| "its corpus is another".to_owned())
}

fn facts<'r>(results: &'r Results, name: &str) -> Option<&'r ScenarioFacts> {
    results.scenarios.iter().find(|scenario| scenario.name == name)
}
