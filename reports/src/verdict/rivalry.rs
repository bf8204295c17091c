//! Variants against each other: the order of their means, who can't be told from whom, and who is dominated.
//!
//! results.json holds each variant against the reference; what is said of two others is judged here from the samples of
//! the blocks in which both stood.

use super::Size;
use super::standing::Standing;
use crate::view::View;
use harness::judge::pairwise::pairwise;
use harness::judge::wire::results::{Metric, VariantFacts};

/// All variants against each other in one metric, each pair once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rivalry {
    /// The first variant of each pair against the second, and the second's name. The reference is among them.
    pub pairs: Vec<(Standing, String)>,
}

impl Rivalry {
    /// Those of `standings` against each other, and as they stand against the reference.
    pub(super) fn of(view: &View<'_>, metric: Metric, standings: &[Standing]) -> Self {
        let named = |facts: &&VariantFacts| standings.iter().any(|s| s.variant == facts.name);
        let names: Vec<&str> = view.rivals().filter(named).map(|facts| facts.name.as_str()).collect();
        let pairs = pairwise(view.results, metric, &names).into_iter();
        let among = pairs.map(|pair| (Standing::over(&pair.first, pair.comparisons.iter()), pair.second));
        let reference = || view.reference().to_owned();
        let against = standings.iter().map(|standing| (standing.clone(), reference()));
        Self { pairs: among.chain(against).filter(|(standing, _)| standing.judged > 0).collect() }
    }

    /// How `one` stands against `other`, where both were judged somewhere.
    pub fn between(&self, one: &str, other: &str) -> Option<Standing> {
        self.pairs.iter().find_map(|(standing, second)| match (standing.variant.as_str(), second.as_str()) {
            (a, b) if (a, b) == (one, other) => Some(standing.clone()),
            (a, b) if (b, a) == (one, other) => Some(standing.clone().turned(one)),
            _ => None,
        })
    }
}

/// The variants by the geometric mean of their times, over the scenarios in which all of them were judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// How many scenarios that are.
    pub matched: usize,
    /// Best first, the reference (1) among them.
    pub places: Vec<Place>,
    /// Variants that were judged in fewer than half of the scenarios, and have no place.
    pub left_out: Vec<String>,
}

/// A variant's place.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The variant.
    pub variant: String,
    /// Its geometric mean against the reference.
    pub mean: f64,
    /// How it stands against the variant one place behind; absent for the last and where the two can't be judged.
    pub against_next: Option<Standing>,
}

impl Ranking {
    /// The ranking of time; nothing where there are fewer than two to rank beside the reference, or no scenario is common.
    pub(super) fn of(view: &View<'_>, standings: &[Standing], rivalry: &Rivalry) -> Option<Self> {
        let widest = standings.iter().map(|s| s.judged).max()?;
        let (ranked, left): (Vec<_>, Vec<_>) =
            standings.iter().partition(|s| s.judged > 0 && s.judged * 2 >= widest);
        if ranked.len() < 2 {
            return None;
        }
        let (mut sums, mut matched) = (vec![0.0; ranked.len()], 0);
        for scenario in view.scenarios() {
            let ratio = |standing: &Standing| {
                let comparison = view.comparison(&scenario.name, &standing.variant, Metric::Time)?;
                let ratio = comparison.figures.as_ref().filter(|_| comparison.is_judged())?.ratio;
                (ratio.is_finite() && ratio > 0.0).then_some(ratio.ln())
            };
            let all: Option<Vec<f64>> = ranked.iter().map(|standing| ratio(standing)).collect();
            let Some(all) = all else { continue };
            matched += 1;
            for (sum, logarithm) in sums.iter_mut().zip(all) {
                *sum += logarithm;
            }
        }
        if matched == 0 {
            return None;
        }
        let means = sums.iter().map(|sum: &f64| (sum / matched as f64).exp());
        let mut order: Vec<(&str, f64)> = ranked.iter().map(|s| s.variant.as_str()).zip(means).collect();
        order.push((view.reference(), 1.0));
        order.sort_by(|a, b| a.1.total_cmp(&b.1));
        let place = |(i, (variant, mean)): (usize, &(&str, f64))| Place {
            variant: (*variant).to_owned(),
            mean: *mean,
            against_next: order.get(i + 1).and_then(|next| rivalry.between(variant, next.0)),
        };
        Some(Self {
            matched,
            places: order.iter().enumerate().map(place).collect(),
            left_out: left.into_iter().map(|s| s.variant.clone()).collect(),
        })
    }

    /// The pair whose order the most scenarios contradict: who is ahead, who is behind, and how who is ahead stands.
    pub fn hides(&self, rivalry: &Rivalry) -> Option<(String, String, Standing)> {
        let mut most: Option<(String, String, Standing)> = None;
        for (i, ahead) in self.places.iter().enumerate() {
            for behind in &self.places[i + 1..] {
                let Some(standing) = rivalry.between(&ahead.variant, &behind.variant) else { continue };
                let told = standing.more.told();
                if told > most.as_ref().map_or(0, |(_, _, standing)| standing.more.told()) {
                    most = Some((ahead.variant.clone(), behind.variant.clone(), standing));
                }
            }
        }
        most
    }
}

/// A variant that nobody needs: another is told faster, and worse in nothing that is tested: time, anonymous and resident
/// memory, size.
#[derive(Clone, Debug, PartialEq)]
pub struct Dominated {
    /// The variant.
    pub variant: String,
    /// The one that dominates it: of several, the one with the best mean against it.
    pub by: String,
    /// How that one's time stands against it.
    pub time: Standing,
    /// The same of anonymous memory, where it was read of both.
    pub anon: Option<Standing>,
    /// How many bytes smaller it is.
    pub smaller: u64,
}

/// All that are dominated, in the order of `sizes`' variants. Less memory counts only where it is told; a larger file, or
/// memory that is told to be more, anonymous or resident, is worse. The run has so many `scenarios`.
pub(super) fn dominated(
    time: &Rivalry,
    [anon, rss]: [&Rivalry; 2],
    sizes: &[Size],
    scenarios: usize,
) -> Vec<Dominated> {
    let by = |variant: &Size, other: &Size| {
        let stands = time.between(&other.variant, &variant.variant)?;
        // Most of the run is to be judged, and most of that told.
        let is_widely_faster = stands.is_wide(scenarios) && stands.less.told() * 2 > stands.judged;
        let is_faster = is_widely_faster && stands.more.told() == 0;
        let [anon, rss] = [anon, rss].map(|memory| memory.between(&other.variant, &variant.variant));
        let is_hungrier = [&anon, &rss].into_iter().flatten().any(|stands| stands.more.told() > 0);
        let smaller = variant.bytes.checked_sub(other.bytes)?;
        (is_faster && !is_hungrier).then(|| Dominated {
            variant: variant.variant.clone(),
            by: other.variant.clone(),
            time: stands,
            anon,
            smaller,
        })
    };
    let best = |variant: &Size| {
        let others = sizes.iter().filter(|other| other.variant != variant.variant);
        let mean = |d: &Dominated| d.time.mean.unwrap_or(f64::INFINITY);
        others.filter_map(|other| by(variant, other)).min_by(|a, b| mean(a).total_cmp(&mean(b)))
    };
    sizes.iter().filter_map(best).collect()
}
