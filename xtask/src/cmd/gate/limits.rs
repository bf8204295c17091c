//! How much worse the head may be: the usual limits, and those that `bench.toml` gives a scenario until a day.

use super::Judging;
use crate::config::{Gate as Rules, OwnLimit};
use crate::counting::SMALL;
use crate::glob;
use harness::judge::gate::Limit;
use harness::judge::wire::gate::{ExactMetric, Gate};
use harness::judge::wire::results::{Comparison, Metric};
use jiff::civil::Date;

impl Judging<'_> {
    pub(super) fn limit(&self, comparison: &Comparison) -> Limit {
        let Rules { time, memory, .. } = self.project.config.gate;
        let usual = if comparison.metric == Metric::Time { time } else { memory };
        self.project.config.gate.limit(comparison.metric.name(), &comparison.scenario, usual, today())
    }

    pub(super) fn exact_limit(&self, metric: ExactMetric, scenario: &str) -> Limit {
        let Rules { instructions, memory, size, .. } = self.project.config.gate;
        let usual = match metric {
            ExactMetric::Instructions => instructions,
            ExactMetric::Heap | ExactMetric::Allocations => memory,
            ExactMetric::Size => size,
        };
        self.project.config.gate.limit(metric.name(), scenario, usual, today())
    }
}

impl OwnLimit {
    /// Is it one of this metric in this scenario? Where instructions are counted, the scenario is the one of that name, on
    /// fewer records.
    fn applies(&self, metric: &str, scenario: &str) -> bool {
        let declared = scenario.strip_suffix(SMALL).unwrap_or(scenario);
        let is_meant = |name| glob::matches(&self.scenarios, name);
        self.metric == metric && (is_meant(scenario) || is_meant(declared))
    }
}

impl Rules {
    /// The limit of a metric in a scenario (empty for what ships) on a day.
    fn limit(&self, metric: &str, scenario: &str, usual: f64, today: Date) -> Limit {
        let own = self.limits.iter().find(|own| own.until >= today && own.applies(metric, scenario));
        match own {
            Some(own) => {
                Limit { limit: own.limit, reason: Some(format!("until {}: {}", own.until, own.reason)) }
            }
            None => Limit { limit: usual, reason: None },
        }
    }

    /// Limits of their own that applied to nothing, as one with a mistyped scenario.
    pub(super) fn unused(&self, gate: &Gate, today: Date) -> Vec<String> {
        let judged = gate.judged.iter().map(|one| (one.metric.name(), one.scenario.as_str()));
        let exact =
            gate.exact.iter().map(|one| (one.metric.name(), one.scenario.as_deref().unwrap_or_default()));
        let compared: Vec<(&str, &str)> = judged.chain(exact).collect();
        let unused = self
            .limits
            .iter()
            .filter(|own| own.until >= today)
            .filter(|own| !compared.iter().any(|(metric, scenario)| own.applies(metric, scenario)));
        unused
            .map(|own| {
                format!(
                    "the limit of {} of {} applied to nothing that was compared",
                    own.metric, own.scenarios
                )
            })
            .collect()
    }

    /// Limits of their own that are past their day: they do not count.
    pub(super) fn expired(&self, today: Date) -> Vec<String> {
        let past = self.limits.iter().filter(|own| own.until < today);
        past.map(|own| {
            format!(
                "the limit of {} of {} ended on {} and does not count any more ({})",
                own.metric, own.scenarios, own.until, own.reason
            )
        })
        .collect()
    }
}

/// The day, in UTC.
pub(super) fn today() -> Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_of_instructions_is_given_by_the_name_of_the_scenario_that_is_counted() {
        let own = |scenarios: &str| OwnLimit {
            scenarios: scenarios.to_owned(),
            metric: "instructions".to_owned(),
            limit: 0.03,
            until: Date::MAX,
            reason: "it pays".to_owned(),
        };
        for (scenarios, applies) in [
            ("count/fast", true),
            ("count/fast/small", true),
            ("count/*", true),
            ("count", false),
            ("tally/fast", false),
        ] {
            assert_eq!(own(scenarios).applies("instructions", "count/fast/small"), applies, "{scenarios}");
        }
        assert!(!own("count/fast").applies("time", "count/fast"));
        assert!(!own("count/fast").applies("instructions", "count/fast/2-threads/small"));
    }
}
