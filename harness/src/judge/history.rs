//! What a chain of gated commits says that none of them says alone: a pure function.
//!
//! Timings of two runs are no evidence about each other, but each gate measured its head against its base in one run.
//! So what is followed is the chain of those ratios: the base of each entry is the head of the one before. Changes of
//! the compiler or of the machine cancel out, since both sides of a ratio share them.

use super::label::Label;
use super::steps::{Change, stretches, sum};
use super::wire::Schema;
use super::wire::gate::{ExactMetric, Gate, Judged};
use super::wire::history::{Entry, ExactChange, History, Identity, Ratio, SCHEMA, Step, VERSION};
use super::wire::manifest::Manifest;
use super::wire::results::Metric;
use std::collections::{BTreeMap, BTreeSet};

/// A chain is followed for at most so many commits.
const LONGEST: usize = 500;
/// No ratio is known better than this: what instruction counts repeat to.
const LEAST_SD: f64 = 1e-4;
/// A creeping of what has noise is told when its sum is past so many of its standard deviations.
const CREEPING: f64 = 3.0;
/// From a standard deviation to half of an interval of 95 %.
const HALF_INTERVAL: f64 = 1.96;

/// What this gate leaves for later ones; `first` is the manifest of its first round, where there was one.
pub fn entry(gate: &Gate, first: Option<&Manifest>, at: &str) -> Entry {
    let ratio = |judged: &Judged| {
        let last = judged.rounds.last()?;
        let figures = last.figures.as_ref()?;
        Some(Ratio {
            scenario: judged.scenario.clone(),
            metric: judged.metric,
            label: last.label,
            ratio: figures.ratio,
            low: figures.low,
            high: figures.high,
            margin: figures.margin,
        })
    };
    let identity = |manifest: &Manifest| -> Vec<Identity> {
        let digest = |name: &str| {
            let corpus = manifest.corpora.iter().find(|corpus| corpus.name == name);
            corpus.map(|corpus| corpus.sha256.clone()).unwrap_or_default()
        };
        let identity = |scenario: &super::wire::manifest::Scenario| Identity {
            name: scenario.name.clone(),
            version: scenario.version,
            corpus_sha256: digest(&scenario.corpus),
        };
        manifest.scenarios.iter().map(identity).collect()
    };
    Entry {
        schema: Schema::new(SCHEMA, VERSION),
        at: at.to_owned(),
        base: gate.base.clone(),
        head: gate.head.clone(),
        variant: gate.variant.clone(),
        verdict: gate.verdict,
        identical: gate.identical,
        compiler: first.map(|first| format!("{}, LLVM {}", first.toolchain.rustc, first.toolchain.llvm)),
        machine: first.map(|first| {
            let cpu = first.machine.cpu.as_deref().unwrap_or("unknown CPU");
            format!("{cpu}, {} CPUs", first.machine.cpus)
        }),
        scenarios: first.map(identity).unwrap_or_default(),
        ratios: gate.judged.iter().filter_map(ratio).collect(),
        exact: (gate.exact.iter())
            .map(|one| ExactChange {
                metric: one.metric,
                scenario: one.scenario.clone(),
                base: one.base,
                head: one.head,
            })
            .collect(),
    }
}

/// The entries that lead to `last`, the oldest first and `last` at the end: the base of each is the head of the one
/// before. Only what was built as `last` was counts, and of several gates of one commit the latest.
fn chain<'e>(entries: &'e [Entry], last: &'e Entry) -> Vec<&'e Entry> {
    let mut by_head: BTreeMap<&str, &Entry> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.variant == last.variant) {
        let latest = by_head.entry(&entry.head.commit).or_insert(entry);
        if latest.at < entry.at {
            *latest = entry;
        }
    }
    let mut chain = vec![last];
    let mut seen = BTreeSet::from([last.head.commit.as_str()]);
    let mut base = last.base.commit.as_str();
    while let Some(entry) = by_head.get(base).filter(|_| chain.len() < LONGEST && seen.insert(base)) {
        chain.push(entry);
        base = &entry.base.commit;
    }
    chain.reverse();
    chain
}

/// What is followed: a metric of a scenario, or a figure without noise.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Key {
    Ratio { metric: Metric, scenario: String },
    Exact { metric: ExactMetric, scenario: Option<String> },
}

impl Key {
    fn name(&self) -> String {
        match self {
            Self::Ratio { metric, scenario } => format!("{metric} of {scenario}"),
            Self::Exact { metric, scenario } => {
                format!("{} of {}", metric.name(), scenario.as_deref().unwrap_or("what ships"))
            }
        }
    }

    fn scenario(&self) -> Option<&str> {
        match self {
            Self::Ratio { scenario, .. } => Some(scenario),
            Self::Exact { scenario, .. } => scenario.as_deref(),
        }
    }

    fn exact<'e>(&self, entry: &'e Entry) -> Option<&'e ExactChange> {
        let Self::Exact { metric, scenario } = self else { return None };
        entry.exact.iter().find(|exact| exact.metric == *metric && exact.scenario == *scenario)
    }

    /// What the entry says of it.
    fn change(&self, entry: &Entry) -> Option<Change> {
        match self {
            Self::Ratio { metric, scenario } => {
                let of = entry.ratios.iter().find(|r| r.metric == *metric && r.scenario == *scenario)?;
                let judged = !matches!(of.label, Label::Invalid | Label::Unstable);
                let sd = (of.high.ln() - of.low.ln()) / (2.0 * HALF_INTERVAL);
                let change = Change {
                    ln_ratio: of.ratio.ln(),
                    sd: sd.max(LEAST_SD),
                    told_apart: of.label.tells_apart(),
                };
                (judged && change.ln_ratio.is_finite() && sd.is_finite()).then_some(change)
            }
            Self::Exact { .. } => {
                let of = self.exact(entry)?;
                let ln_ratio = (of.head.max(1) as f64 / of.base.max(1) as f64).ln();
                Some(Change { ln_ratio, sd: 0.0, told_apart: of.head != of.base })
            }
        }
    }
}

/// A series: the entries that measured it, and what they say.
struct Series<'e> {
    key: Key,
    of: Vec<&'e Entry>,
    changes: Vec<Change>,
    /// The smallest change worth telling, as a logarithm.
    margin: f64,
    /// So much of a figure without noise is nothing worth telling either.
    least: u64,
    /// The limit of the gate that asks, as a fraction.
    limit: f64,
}

impl Series<'_> {
    fn is_exact(&self) -> bool {
        matches!(self.key, Key::Exact { .. })
    }

    /// The sum of the changes from this one on and its standard deviation.
    fn grown(&self, first: usize) -> Option<(f64, f64)> {
        if self.is_exact() {
            return Some((self.changes.get(first..)?.iter().map(|change| change.ln_ratio).sum(), 0.0));
        }
        sum(&self.changes, first..self.changes.len())
    }

    /// A step to tell; none where a figure without noise moved by no more than is worth telling in its unit.
    fn step(&self, first: usize, last: usize, sum: (f64, f64), limit: Option<f64>) -> Option<Step> {
        let ends = self.key.exact(self.of.get(first)?).zip(self.key.exact(self.of.get(last)?));
        if ends.is_some_and(|(before, after)| before.base.abs_diff(after.head) <= self.least) {
            return None;
        }
        let (ln_ratio, sd) = sum;
        let end = |sign: f64| (sd > 0.0).then(|| (ln_ratio + sign * HALF_INTERVAL * sd).exp());
        Some(Step {
            what: self.key.name(),
            from: self.of.get(first)?.base.commit.clone(),
            to: self.of.get(last)?.head.commit.clone(),
            commits: last + 1 - first,
            ratio: ln_ratio.exp(),
            low: end(-1.0),
            high: end(1.0),
            limit,
        })
    }

    /// Changes past the margin.
    fn steps(&self) -> Vec<Step> {
        let found: Vec<(usize, usize, (f64, f64))> = if self.is_exact() {
            let each = self.changes.iter().enumerate();
            each.map(|(at, change)| (at, at, (change.ln_ratio, 0.0))).collect()
        } else {
            stretches(&self.changes).iter().map(|s| (s.first, s.last, (s.ln_ratio, s.sd))).collect()
        };
        let told = found.into_iter().filter(|(_, _, (ln_ratio, _))| ln_ratio.abs() > self.margin);
        told.filter_map(|(first, last, sum)| self.step(first, last, sum, None)).collect()
    }

    /// Growth up to the last commit that is past the limit, though nothing in it is alone: where it stands out most.
    ///
    /// One large change and noise are no creeping: without the largest one the others have to stand out too.
    fn creep(&self) -> Option<Step> {
        let limit = self.limit.ln_1p();
        let (mut largest, mut most) = (0.0_f64, 0.0);
        let mut found = None;
        for (first, change) in self.changes.iter().enumerate().rev() {
            largest = largest.max(change.ln_ratio);
            if largest > limit {
                break;
            }
            let (ln_ratio, sd) = self.grown(first)?;
            let stands_out = if sd > 0.0 { ln_ratio / sd } else { ln_ratio };
            if ln_ratio > limit && ln_ratio - largest > CREEPING * sd && stands_out > most {
                most = stands_out;
                found = Some((first, (ln_ratio, sd)));
            }
        }
        let (first, sum) = found?;
        self.step(first, self.changes.len() - 1, sum, Some(self.limit))
    }
}

/// What the entries say together with the newest one, which `gate` made; `exact_margin` is the smallest change worth
/// telling of what has no noise, as a fraction and in its unit. O(series × commits²).
pub fn history(
    place: &str,
    entries: &[Entry],
    last: &Entry,
    gate: &Gate,
    exact_margin: impl Fn(ExactMetric) -> (f64, u64),
) -> History {
    let chain = chain(entries, last);
    let mut history = History {
        place: place.to_owned(),
        since: chain.first().map(|entry| entry.base.commit.clone()).unwrap_or_default(),
        commits: chain.len(),
        steps: Vec::new(),
        creeps: Vec::new(),
        notes: Vec::new(),
    };
    let mut gaps = 0;
    for key in keys(&chain) {
        let series = series(key, &chain, Some(gate), &exact_margin);
        let measured = chain.iter().filter(|entry| !entry.identical).count();
        gaps += usize::from(series.of.len() < measured);
        history.steps.extend(series.steps());
        history.creeps.extend(series.creep());
    }
    if gaps > 0 {
        history.notes.push(format!(
            "{gaps} of the series lack a commit or more: not measured there, not judged, or another version or corpus before"
        ));
    }
    for (what, of) in [
        ("compilers", conditions(&chain, |e| e.compiler.as_ref())),
        ("machines", conditions(&chain, |e| e.machine.as_ref())),
    ] {
        if of > 1 {
            history.notes.push(format!(
                "{of} {what} took part; each change was measured with one of them on both sides"
            ));
        }
    }
    history
}

/// A history as it can be drawn: each series with its changes, commit by commit.
#[derive(Clone, Debug, PartialEq)]
pub struct Tracks {
    /// Where it is kept.
    pub place: String,
    /// How all of it was built.
    pub variant: String,
    /// The commit from which the chain of gated commits begins.
    pub since: String,
    /// The chain's last commit, and when it was gated.
    pub until: (String, String),
    /// How many gated commits the chain has.
    pub commits: usize,
    /// How many compilers and how many machines took part.
    pub conditions: (usize, usize),
    /// The series.
    pub tracks: Vec<Track>,
}

/// A series of a history.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// Such as `time of count/fast`.
    pub what: String,
    /// The metric; none for a figure without noise.
    pub metric: Option<Metric>,
    /// The scenario; none for what ships.
    pub scenario: Option<String>,
    /// The smallest change worth telling, as a fraction.
    pub margin: f64,
    /// The commits that measured it, the oldest first.
    pub points: Vec<TrackPoint>,
    /// Changes past the margin, as [`history`] finds them.
    pub steps: Vec<Step>,
}

/// What one gated commit changed.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackPoint {
    /// The commit.
    pub commit: String,
    /// Its place in the chain, from 0.
    pub at: usize,
    /// Head over base.
    pub ratio: f64,
    /// The interval of that; absent where it is exact.
    pub interval: Option<(f64, f64)>,
    /// Did its gate tell it apart?
    pub told_apart: bool,
}

/// The chain that ends at the newest of the entries, series by series; none where there are no entries.
/// O(series × commits²).
pub fn tracks(place: &str, entries: &[Entry]) -> Option<Tracks> {
    let last = entries.iter().max_by(|a, b| a.at.cmp(&b.at))?;
    let chain = chain(entries, last);
    let track = |key: Key| {
        let series = series(key, &chain, None, &|_| (0.0, 0));
        let point = |(entry, change): (&&Entry, &Change)| TrackPoint {
            commit: entry.head.commit.clone(),
            at: chain.iter().position(|other| std::ptr::eq(*other, *entry)).unwrap_or(0),
            ratio: change.ln_ratio.exp(),
            interval: (change.sd > 0.0).then(|| {
                let half = HALF_INTERVAL * change.sd;
                ((change.ln_ratio - half).exp(), (change.ln_ratio + half).exp())
            }),
            told_apart: change.told_apart,
        };
        Track {
            what: series.key.name(),
            metric: match &series.key {
                Key::Ratio { metric, .. } => Some(*metric),
                Key::Exact { .. } => None,
            },
            scenario: series.key.scenario().map(str::to_owned),
            margin: series.margin.exp_m1(),
            points: series.of.iter().zip(&series.changes).map(point).collect(),
            steps: series.steps(),
        }
    };
    Some(Tracks {
        place: place.to_owned(),
        variant: last.variant.clone(),
        since: chain.first()?.base.commit.clone(),
        until: (last.head.commit.clone(), last.at.clone()),
        commits: chain.len(),
        conditions: (
            conditions(&chain, |entry| entry.compiler.as_ref()),
            conditions(&chain, |entry| entry.machine.as_ref()),
        ),
        tracks: keys(&chain).into_iter().map(track).collect(),
    })
}

fn conditions<'e>(chain: &[&'e Entry], of: impl Fn(&'e Entry) -> Option<&'e String>) -> usize {
    chain.iter().filter_map(|entry| of(entry)).collect::<BTreeSet<_>>().len()
}

/// What the newest entry that measured anything says something of.
fn keys(chain: &[&Entry]) -> Vec<Key> {
    let Some(newest) = chain.iter().rev().find(|entry| !entry.identical) else { return Vec::new() };
    let exact = (newest.exact.iter())
        .map(|exact| Key::Exact { metric: exact.metric, scenario: exact.scenario.clone() });
    let ratios = (newest.ratios.iter())
        .map(|ratio| Key::Ratio { metric: ratio.metric, scenario: ratio.scenario.clone() });
    exact.chain(ratios).collect()
}

fn series<'e>(
    key: Key,
    chain: &[&'e Entry],
    gate: Option<&Gate>,
    exact_margin: &dyn Fn(ExactMetric) -> (f64, u64),
) -> Series<'e> {
    let identity = |entry: &'e Entry| -> Option<&'e Identity> {
        entry.scenarios.iter().find(|identity| Some(identity.name.as_str()) == key.scenario())
    };
    let now = chain.iter().rev().find_map(|entry| identity(entry));
    let is_another = |entry: &'e Entry| identity(entry).is_some_and(|then| Some(then) != now);
    let begins = chain.iter().rposition(|entry| is_another(entry)).map_or(0, |at| at + 1);
    // Where the binaries are the same there is nothing that could have changed, and no noise to learn of either.
    let measured = chain[begins..].iter().filter(|entry| !entry.identical);
    let (of, changes): (Vec<&Entry>, Vec<Change>) =
        measured.filter_map(|entry| Some((*entry, key.change(entry)?))).unzip();
    let ((margin, least), limit) = match &key {
        Key::Ratio { metric, scenario } => {
            let mut judged = gate.into_iter().flat_map(|gate| &gate.judged);
            let judged = judged.find(|one| one.metric == *metric && one.scenario == *scenario);
            let newest = of.iter().rev().flat_map(|entry| &entry.ratios);
            let margin = { newest }
                .find(|ratio| ratio.metric == *metric && ratio.scenario == *scenario)
                .map_or(0.0, |ratio| ratio.margin);
            ((margin, 0), judged.map(|one| one.limit))
        }
        Key::Exact { metric, scenario } => {
            let mut exact = gate.into_iter().flat_map(|gate| &gate.exact);
            let exact = exact.find(|one| one.metric == *metric && one.scenario == *scenario);
            (exact_margin(*metric), exact.map(|one| one.limit))
        }
    };
    // Where this gate measured nothing it has no limits: nothing creeps past infinity.
    Series { key, of, changes, margin: margin.ln_1p(), least, limit: limit.unwrap_or(f64::INFINITY) }
}
