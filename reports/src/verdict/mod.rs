//! The verdict: which variant to ship for speed, for memory, for size, and what it costs.
//!
//! It is said only as far as the labels carry it. Every label compares a variant with the reference;
//! so the best variant is the one whose geometric mean is best among those that take less and nowhere more. Whom nothing
//! distinguishes from it is named beside it, by a judgement of the two against each other; where their samples are not
//! there for that, by their intervals.

mod rivalry;
mod standing;
mod words;

pub use rivalry::{Dominated, Place, Ranking, Rivalry};
pub use standing::{At, Standing, Tally};
pub use words::Paragraph;

use crate::view::View;
use harness::judge::wire::results::{Metric, Results, VariantFacts};

/// What a run says about which variant to ship.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The variant that the others are compared with.
    pub reference: String,
    /// Scenarios that were measured, in the order of the plan.
    pub scenarios: Vec<String>,
    /// Variants that were compared with the reference, each binary once.
    pub rivals: usize,
    /// Speed.
    pub time: Judgement,
    /// Anonymous memory.
    pub anon: Judgement,
    /// Resident memory of all kinds.
    pub rss: Judgement,
    /// Every variant's size, smallest first, the reference among them.
    pub sizes: Vec<Size>,
    /// What the fastest variant costs beside its speed, where there is a best one.
    pub cost: Option<Cost>,
    /// The variants by their mean time.
    pub ranking: Option<Ranking>,
    /// Variants that another one makes needless.
    pub dominated: Vec<Dominated>,
    /// Variants whose binaries are the same.
    pub identical: Vec<Identical>,
    /// Cells that are not there or are wrong.
    pub gaps: Gaps,
    /// The reference's own medians, for a run with nothing to compare: scenario and nanoseconds.
    pub reference_times: Vec<(String, f64)>,
}

/// All variants judged in one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Which metric.
    pub metric: Metric,
    /// What can be said.
    pub finding: Finding,
    /// Each variant against the reference, best mean first.
    pub standings: Vec<Standing>,
    /// The same of variants that were trained on the very data that they are measured on. Nothing else here counts them:
    /// nobody can ship what they show.
    pub leaked: Vec<Standing>,
    /// Variants that also take less than the reference, could not be judged against the best one, and whose intervals
    /// overlap with its in at least half of the scenarios.
    pub close: Vec<Close>,
    /// All variants against each other.
    pub rivalry: Rivalry,
    /// The most blocks of those of which it is known that so many might settle an inconclusive comparison.
    pub blocks_to_settle: Option<u32>,
}

/// What can be said of a metric. The names are of variants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// No comparison of this metric was planned or made.
    NotMeasured,
    /// All of them are invalid or unstable.
    NotJudged,
    /// Nothing is told from the reference.
    NothingTold,
    /// Nothing takes less than the reference, and something takes more.
    ReferenceBest,
    /// Judged in more than half of the run's scenarios and in as many as any other, and invalid in none; takes less in more
    /// than half of those it was judged in and more in none; best mean of such.
    Best(String),
    /// Takes less in some and more in none, but in half of them or fewer; or it is invalid somewhere, or was judged in half of
    /// the run's scenarios or fewer, or in fewer than another.
    Partly(String),
    /// Whatever takes less somewhere takes more elsewhere; the one with the best mean.
    Mixed(String),
}

impl Finding {
    /// The variant to ship for this metric, where one stands out.
    pub fn best(&self) -> Option<&str> {
        if let Self::Best(variant) = self { Some(variant) } else { None }
    }
}

/// A variant that the labels do not put behind the best.
#[derive(Clone, Debug, PartialEq)]
pub struct Close {
    /// The variant.
    pub variant: String,
    /// Its geometric mean against the reference.
    pub mean: f64,
    /// Scenarios in which the two intervals overlap.
    pub overlapping: usize,
    /// Scenarios in which both were judged.
    pub of: usize,
}

/// A variant's size on disk. Compared exactly: a size has no noise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Size {
    /// The variant.
    pub variant: String,
    /// Bytes of what ships; of the measured binary where the command was not built for every variant.
    pub bytes: u64,
}

/// What a variant costs beside its speed.
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// The variant.
    pub variant: String,
    /// Its anonymous memory against the reference's.
    pub anon: Option<Standing>,
    /// Its size and the reference's, in bytes.
    pub bytes: Option<(u64, u64)>,
    /// Its build time and the reference's, in seconds, where neither was taken from the cache.
    pub build_seconds: Option<(f64, f64)>,
}

/// Two variants that are one binary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identical {
    /// The variant.
    pub variant: String,
    /// The one that was measured.
    pub same_as: String,
}

/// What was planned or asked for and is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    /// Each with variant, scenario, instrument's word and reason.
    pub invalid: Vec<(String, String, &'static str, String)>,
    /// Each with its reason and remedy.
    pub skipped: Vec<(String, String, Option<String>)>,
}

/// Draws the verdict of a run.
pub fn verdict(results: &Results) -> Verdict {
    verdict_of(&View::new(results))
}

pub(crate) fn verdict_of(view: &View<'_>) -> Verdict {
    let results = view.results;
    let time = judge(view, Metric::Time);
    let anon = judge(view, Metric::Anon);
    let rss = judge(view, Metric::Rss);
    let sizes = sizes(view);
    let cost = time.finding.best().map(|best| cost(results, best, &anon, &sizes));
    let ranking = Ranking::of(view, &time.standings, &time.rivalry);
    let rivals = view.rivals().count();
    // Of two, the one against the other is all that is said anyway.
    let dominated = if rivals > 1 {
        let memory = [&anon.rivalry, &rss.rivalry];
        rivalry::dominated(&time.rivalry, memory, &sizes, results.scenarios.len())
    } else {
        Vec::new()
    };
    let reference_time =
        |name: &String| Some((name.clone(), view.cell(name, view.reference(), Metric::Time)?.summary.median));
    let scenarios: Vec<String> = results.scenarios.iter().map(|s| s.name.clone()).collect();
    Verdict {
        reference: results.reference.clone(),
        reference_times: scenarios.iter().filter_map(reference_time).collect(),
        scenarios,
        rivals,
        time,
        anon,
        rss,
        sizes,
        cost,
        ranking,
        dominated,
        identical: results
            .variants
            .iter()
            .filter_map(|v| Some(Identical { variant: v.name.clone(), same_as: v.identical_to.clone()? }))
            .collect(),
        gaps: gaps(results),
    }
}

fn gaps(results: &Results) -> Gaps {
    let invalid = results.invalid.iter();
    let skipped = results.skipped.iter();
    Gaps {
        invalid: invalid
            .map(|i| (i.variant.clone(), i.scenario.clone(), i.instrument.name(), i.reason.clone()))
            .collect(),
        skipped: skipped.map(|s| (s.what.clone(), s.reason.clone(), s.remedy.clone())).collect(),
    }
}

/// Bytes of what ships, of every variant or of none.
fn sizes(view: &View<'_>) -> Vec<Size> {
    let results = view.results;
    let shipped = results.variants.iter().all(|v| v.command.is_some());
    let size = |v: &VariantFacts| {
        let command = v.command.as_ref().filter(|_| shipped);
        Size { variant: v.name.clone(), bytes: command.unwrap_or(&v.binary).bytes }
    };
    let mut sizes: Vec<Size> =
        results.variants.iter().filter(|v| !view.is_leaked(&v.name)).map(size).collect();
    sizes.sort_by_key(|size| size.bytes);
    sizes
}

fn cost(results: &Results, variant: &str, anon: &Judgement, sizes: &[Size]) -> Cost {
    let bytes = |name: &str| Some(sizes.iter().find(|s| s.variant == name)?.bytes);
    let seconds = |name: &str| results.variants.iter().find(|v| v.name == name)?.binary.build_time();
    let reference = &results.reference;
    Cost {
        variant: variant.to_owned(),
        anon: anon.standings.iter().find(|s| s.variant == variant && s.judged > 0).cloned(),
        bytes: bytes(variant).zip(bytes(reference)),
        build_seconds: seconds(variant).zip(seconds(reference)),
    }
}

fn judge(view: &View<'_>, metric: Metric) -> Judgement {
    let mut standings: Vec<Standing> = view.rivals().map(|v| Standing::of(view, &v.name, metric)).collect();
    let mean = |s: &Standing| s.mean.unwrap_or(f64::INFINITY);
    standings.sort_by(|a, b| mean(a).total_cmp(&mean(b)));
    let (leaked, standings): (Vec<_>, Vec<_>) =
        standings.into_iter().partition(|s| view.is_leaked(&s.variant));
    let finding = find(&standings, view.scenarios().len());
    let rivalry = Rivalry::of(view, metric, &standings);
    let close = finding.best().map(|best| {
        let mut close = close(view, metric, best, &standings);
        close.retain(|one| rivalry.between(best, &one.variant).is_none());
        close
    });
    Judgement {
        metric,
        finding,
        close: close.unwrap_or_default(),
        rivalry,
        blocks_to_settle: standings.iter().filter_map(|s| s.blocks_to_settle).max(),
        standings,
        leaked,
    }
}

/// What can be said of a run of so many `scenarios`, from the standings, best mean first.
fn find(standings: &[Standing], scenarios: usize) -> Finding {
    if standings.iter().all(|s| s.compared() == 0) {
        return Finding::NotMeasured;
    }
    let widest = standings.iter().map(|s| s.judged).max().unwrap_or(0);
    if widest == 0 {
        return Finding::NotJudged;
    }
    let takes_less = || standings.iter().filter(|s| s.less.told() > 0);
    // Means over different sets of scenarios can't be compared: only who was judged in all of them can be the best.
    let clean = || {
        takes_less()
            .filter(|s| s.more.told() == 0 && s.judged == widest && s.mean.is_some_and(|mean| mean < 1.0))
    };
    let is_best = |s: &&Standing| s.is_wide(scenarios) && s.invalid == 0 && s.less.told() * 2 > s.judged;
    if let Some(best) = clean().find(is_best) {
        return Finding::Best(best.variant.clone());
    }
    if let Some(best) = clean().next() {
        return Finding::Partly(best.variant.clone());
    }
    // Somebody who was not judged everywhere, or whose gain is lost in what is not told elsewhere.
    if let Some(partly) = takes_less().find(|s| s.more.told() == 0) {
        return Finding::Partly(partly.variant.clone());
    }
    if let Some(mixed) = takes_less().next() {
        return Finding::Mixed(mixed.variant.clone());
    }
    if standings.iter().any(Standing::told) { Finding::ReferenceBest } else { Finding::NothingTold }
}

fn close(view: &View<'_>, metric: Metric, best: &str, standings: &[Standing]) -> Vec<Close> {
    let interval = |scenario: &str, variant: &str| {
        let comparison = view.comparison(scenario, variant, metric)?;
        let figures = comparison.figures.as_ref().filter(|_| is_judged(comparison))?;
        Some((figures.low, figures.high))
    };
    let close = |standing: &Standing| {
        let pairs = view.scenarios().iter().filter_map(|scenario| {
            interval(&scenario.name, best).zip(interval(&scenario.name, &standing.variant))
        });
        let overlaps: Vec<bool> = pairs.map(|(a, b)| a.0 <= b.1 && b.0 <= a.1).collect();
        let overlapping = overlaps.iter().filter(|overlap| **overlap).count();
        let near = overlapping > 0 && overlapping * 2 >= overlaps.len();
        near.then(|| Close {
            variant: standing.variant.clone(),
            mean: standing.mean.unwrap_or(1.0),
            overlapping,
            of: overlaps.len(),
        })
    };
    standings.iter().filter(|s| s.variant != best && s.less.told() > 0).filter_map(close).collect()
}

fn is_judged(comparison: &harness::judge::wire::results::Comparison) -> bool {
    use harness::judge::label::Label;
    !matches!(comparison.label, Label::Invalid | Label::Unstable)
}
