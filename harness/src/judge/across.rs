//! Two runs beside each other: a pure function.
//!
//! Their visits never stood in the same block, so their times are no evidence about each other. What can be compared is
//! what has no noise (heap, sizes, instructions), and what each run says of its own variants: the ratio to its own reference.

use super::exact::MOST_SPREAD;
use super::label::Label;
use super::wire::manifest::{Build, Machine, Manifest, Scenario, Toolchain};
use super::wire::results::{Comparison, HeapFacts, InstructionFacts, Metric, Results};
use std::collections::BTreeMap;

/// Memory that differs by less than this share is the same machine: kernels keep more or less of it for themselves.
const SAME_MEMORY: f64 = 1.0 / 16.0;

/// A run: what was planned and what it found.
#[derive(Clone, Copy, Debug)]
pub struct Run<'r> {
    /// The plan.
    pub manifest: &'r Manifest,
    /// What was found.
    pub results: &'r Results,
}

/// What two runs say about each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Across {
    /// Why no ratios are compared, where there is such a reason.
    pub no_ratios: Vec<String>,
    /// Why nothing exact is compared.
    pub no_exact: Vec<String>,
    /// What differs between the two and may explain something, but refuses nothing.
    pub differences: Vec<String>,
    /// Each run's ratios, side by side.
    pub ratios: Vec<Ratios>,
    /// Figures without noise, side by side.
    pub exact: Vec<Figure>,
    /// Scenarios, variants and figures that both have and that are not compared, or that one has alone, with the
    /// reason.
    pub apart: Vec<Apart>,
}

/// A variant against its run's reference, then and now.
#[derive(Clone, Debug, PartialEq)]
pub struct Ratios {
    /// What the first run says.
    pub then: Comparison,
    /// What the second says.
    pub now: Comparison,
    /// What that means.
    pub finding: Finding,
}

/// A figure without noise, then and now.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it is of, and its unit.
    pub what: String,
    /// In the first run.
    pub then: u64,
    /// In the second.
    pub now: u64,
    /// What that means.
    pub finding: Finding,
    /// Is it of a file? That says nothing of the time and the memory that a run takes.
    pub of_size: bool,
}

/// How the second run's figure stands to the first one's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The same figure, or intervals that overlap.
    Same,
    /// Apart, but by no more than the margin.
    Apart,
    /// Less by more than the margin; of intervals: all of the second lies below all of the first, by that much.
    Better,
    /// More by more than the margin; of intervals: all of the second lies above all of the first, by that much.
    Worse,
}

/// Something that is not compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// The scenario, variant or figure.
    pub what: String,
    /// Why not.
    pub reason: String,
}

impl Across {
    /// Was there anything to compare?
    pub fn is_empty(&self) -> bool {
        self.ratios.is_empty() && self.exact.is_empty()
    }

    /// Could anything be judged? Sizes, which nearly any two runs have, are not enough.
    pub fn is_judged(&self) -> bool {
        !self.ratios.is_empty() || self.exact.iter().any(|figure| !figure.of_size)
    }

    /// Did anything get worse past its margin?
    pub fn is_worse(&self) -> bool {
        self.findings().any(|finding| finding == Finding::Worse)
    }

    /// All findings.
    pub fn findings(&self) -> impl Iterator<Item = Finding> {
        self.ratios.iter().map(|one| one.finding).chain(self.exact.iter().map(|one| one.finding))
    }
}

/// Puts two runs beside each other. O(comparisons squared).
pub fn across(then: Run<'_>, now: Run<'_>) -> Across {
    let mut across = Across::default();
    let machines = machines(&then.manifest.machine, &now.manifest.machine);
    let compilers = compilers(&then.manifest.toolchain, &now.manifest.toolchain);
    across.no_ratios = [machines, compilers.clone()].concat();
    across.no_exact = compilers;
    across.differences = differences(then.manifest, now.manifest);
    let scenarios = scenarios(then.manifest, now.manifest, &mut across.apart);
    let variants = variants(then.manifest, now.manifest, &mut across.apart);
    let (old, new) = (&then.manifest.experiment.reference, &now.manifest.experiment.reference);
    if old != new {
        across.no_ratios.push(format!("one run's ratios are to {old}, the other's to {new}"));
    } else if !variants.contains(&old.as_str()) {
        across.no_ratios.push(format!("their reference, {old}, is not the same build"));
    }
    if across.no_ratios.is_empty() {
        ratios(then.results, now.results, &scenarios, &variants, &mut across);
    }
    if across.no_exact.is_empty() {
        exact(then, now, &scenarios, &variants, &mut across);
    }
    across
}

/// `the CPU: a, now b`, where they differ; `None` where either is not known.
fn differs<T: PartialEq + ToString>(what: &str, then: Option<T>, now: Option<T>) -> Option<String> {
    let (then, now) = (then?, now?);
    (then != now).then(|| format!("{what}: {}, now {}", then.to_string(), now.to_string()))
}

fn machines(then: &Machine, now: &Machine) -> Vec<String> {
    let memory = then
        .memory
        .zip(now.memory)
        .filter(|(then, now)| (*then as f64 - *now as f64).abs() > SAME_MEMORY * (*then.max(now)) as f64);
    let differing = [
        differs("CPU", then.cpu.as_ref(), now.cpu.as_ref()),
        differs("CPUs to use", Some(then.cpus), Some(now.cpus)),
        differs("virtual machine", then.hypervisor, now.hypervisor),
        memory.map(|(then, now)| format!("memory: {then} bytes, now {now}")),
    ];
    let differing = differing.into_iter().flatten();
    differing.map(|what| format!("the machine is another one ({what})")).collect()
}

fn compilers(then: &Toolchain, now: &Toolchain) -> Vec<String> {
    let stds = then
        .stds
        .iter()
        .filter_map(|(target, std)| differs(&format!("std of {target}"), Some(std), now.stds.get(target)));
    let differing = [
        differs("rustc", Some(&then.rustc), Some(&now.rustc)),
        differs("LLVM", Some(&then.llvm), Some(&now.llvm)),
        differs("host", Some(&then.host), Some(&now.host)),
    ];
    let differing = differing.into_iter().flatten().chain(stds);
    differing.map(|what| format!("the compiler is another one ({what})")).collect()
}

fn differences(then: &Manifest, now: &Manifest) -> Vec<String> {
    let (old, new) = (&then.machine, &now.machine);
    let of_source = |manifest: &Manifest| {
        let revision = manifest.source.revision.clone()?;
        Some(if manifest.source.dirty { format!("{revision} and changes") } else { revision })
    };
    let differing = [
        differs("source", of_source(then), of_source(now)),
        differs("kernel", old.kernel.as_ref(), new.kernel.as_ref()),
        differs("system", old.os.as_ref(), new.os.as_ref()),
        differs("C library", then.toolchain.libc.as_ref(), now.toolchain.libc.as_ref()),
        differs("governor", old.governor.as_ref(), new.governor.as_ref()),
        differs("address-space layout", old.aslr.as_ref(), new.aslr.as_ref()),
        differs("huge pages", old.huge_pages.as_ref(), new.huge_pages.as_ref()),
        differs("llvm-profdata", then.toolchain.profdata.as_ref(), now.toolchain.profdata.as_ref()),
        differs("llvm-bolt", then.toolchain.bolt.as_ref(), now.toolchain.bolt.as_ref()),
    ];
    differing.into_iter().flatten().collect()
}

/// Names that both sides have and that are the same thing; the others are told.
fn shared<'n, T>(
    kind: &str,
    then: &BTreeMap<&'n str, &T>,
    now: &BTreeMap<&'n str, &T>,
    other_identity: impl Fn(&T, &T) -> Option<String>,
    apart: &mut Vec<Apart>,
) -> Vec<&'n str> {
    let mut tell = |name: &str, reason: String| apart.push(Apart { what: format!("{kind} {name}"), reason });
    let mut both = Vec::new();
    for (&name, old) in then {
        match now.get(name) {
            None => tell(name, "only the first run has it".to_owned()),
            Some(new) => match other_identity(old, new) {
                Some(why) => tell(name, format!("not the same thing in both: {why}")),
                None => both.push(name),
            },
        }
    }
    for name in now.keys().filter(|name| !then.contains_key(*name)) {
        tell(name, "only the second run has it".to_owned());
    }
    both
}

fn scenarios<'m>(then: &'m Manifest, now: &'m Manifest, apart: &mut Vec<Apart>) -> Vec<&'m str> {
    fn by_name(manifest: &Manifest) -> BTreeMap<&str, &Scenario> {
        manifest.scenarios.iter().map(|scenario| (scenario.name.as_str(), scenario)).collect()
    }
    let digest = |manifest: &Manifest, scenario: &Scenario| {
        let corpus = manifest.corpora.iter().find(|corpus| corpus.name == scenario.corpus);
        corpus.map(|corpus| corpus.sha256.get(..12).unwrap_or(&corpus.sha256).to_owned())
    };
    let other_identity = |old: &Scenario, new: &Scenario| {
        let differing = [
            differs("version", Some(old.version), Some(new.version)),
            differs("corpus", Some(&old.corpus), Some(&new.corpus)),
            differs("corpus digest", digest(then, old), digest(now, new)),
            differs("records", Some(old.records), Some(new.records)),
            differs("bytes", Some(old.bytes), Some(new.bytes)),
            differs("a whole command", Some(old.whole_command), Some(new.whole_command)),
        ];
        let differing: Vec<String> = differing.into_iter().flatten().collect();
        if differing.is_empty() && old.answers != new.answers {
            return Some("it is to answer otherwise".to_owned());
        }
        (!differing.is_empty()).then(|| differing.join("; "))
    };
    shared("scenario", &by_name(then), &by_name(now), other_identity, apart)
}

fn variants<'m>(then: &'m Manifest, now: &'m Manifest, apart: &mut Vec<Apart>) -> Vec<&'m str> {
    fn by_name(manifest: &Manifest) -> BTreeMap<&str, &Build> {
        let heaps = &manifest.experiment.heaps;
        let variants = manifest.builds.iter().filter(|build| !heaps.contains(&build.variant));
        variants.map(|build| (build.variant.as_str(), build)).collect()
    }
    let other_identity = |old: &Build, new: &Build| {
        let axes = old.axes.keys().chain(new.axes.keys().filter(|axis| !old.axes.contains_key(*axis)));
        let word =
            |build: &Build, axis: &str| build.axes.get(axis).cloned().unwrap_or_else(|| "none".to_owned());
        let mut differing: Vec<String> =
            axes.filter_map(|axis| differs(axis, Some(word(old, axis)), Some(word(new, axis)))).collect();
        if old.run_environment != new.run_environment {
            differing.push("it is run in another environment".to_owned());
        }
        (!differing.is_empty()).then(|| differing.join("; "))
    };
    shared("variant", &by_name(then), &by_name(now), other_identity, apart)
}

fn ratios(then: &Results, now: &Results, scenarios: &[&str], variants: &[&str], across: &mut Across) {
    let is_shared =
        |c: &&Comparison| scenarios.contains(&c.scenario.as_str()) && variants.contains(&c.variant.as_str());
    let what = |c: &Comparison| format!("{} of {} under {}", c.metric, c.scenario, c.variant);
    let mut tell = |c: &Comparison, reason: String| across.apart.push(Apart { what: what(c), reason });
    let find = |all: &Results, of: &Comparison| {
        let same =
            |c: &&Comparison| c.scenario == of.scenario && c.metric == of.metric && c.variant == of.variant;
        all.comparisons.iter().find(same).cloned()
    };
    for old in then.comparisons.iter().filter(is_shared) {
        let Some(new) = find(now, old) else {
            tell(old, "only the first run judged it".to_owned());
            continue;
        };
        let margin = margin(then, old.metric).0.max(margin(now, old.metric).0);
        let cannot = [("first", old), ("second", &new)].into_iter().find_map(|(which, c)| {
            let reason = c.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
            (c.label == Label::Invalid || c.label == Label::Unstable)
                .then(|| format!("it is {} in the {which} run{reason}", c.label))
        });
        match (cannot, &old.figures, &new.figures) {
            (None, Some(a), Some(b)) => {
                // Where a margin is absolute it is a larger share of little.
                let margin = margin.max(a.margin).max(b.margin);
                let finding = intervals((a.low, a.high), (b.low, b.high), margin);
                across.ratios.push(Ratios { then: old.clone(), now: new, finding });
            }
            (reason, ..) => tell(old, reason.unwrap_or_else(|| "it has no figures".to_owned())),
        }
    }
    for new in now.comparisons.iter().filter(is_shared) {
        if find(then, new).is_none() {
            tell(new, "only the second run judged it".to_owned());
        }
    }
}

/// How an interval of ratios stands to an earlier one.
fn intervals(then: (f64, f64), now: (f64, f64), margin: f64) -> Finding {
    if now.0 > then.1 * (1.0 + margin) {
        Finding::Worse
    } else if now.1 * (1.0 + margin) < then.0 {
        Finding::Better
    } else if now.0 > then.1 || now.1 < then.0 {
        Finding::Apart
    } else {
        Finding::Same
    }
}

/// The relative and the absolute margin of a metric.
fn margin(results: &Results, metric: Metric) -> (f64, f64) {
    let facts = results.metrics.iter().find(|facts| facts.metric == metric);
    facts.map_or((0.0, 0.0), |facts| (facts.margin, facts.margin_absolute))
}

fn exact(then: Run<'_>, now: Run<'_>, scenarios: &[&str], variants: &[&str], across: &mut Across) {
    // What is exact is in bytes or counts of memory: its margin is that of memory, the larger of the two runs.
    let (old, new) = (margin(then.results, Metric::Rss), margin(now.results, Metric::Rss));
    let (relative, absolute) = (old.0.max(new.0), old.1.max(new.1));
    let figure = |what: String, then: u64, now: u64, absolute: f64| {
        let (a, b) = (then as f64, now as f64);
        let past = |less: f64, more: f64| more > less * (1.0 + relative) && more > less + absolute;
        let finding = match () {
            () if past(a, b) => Finding::Worse,
            () if past(b, a) => Finding::Better,
            () if then == now => Finding::Same,
            () => Finding::Apart,
        };
        Figure { what, then, now, finding, of_size: false }
    };
    for &variant in variants {
        let size = |run: &Run<'_>, command: bool| {
            let build = run.manifest.builds.iter().find(|build| build.variant == variant)?;
            let facts = if command { build.command.as_ref()? } else { &build.binary };
            Some(facts.stripped.unwrap_or(facts.bytes))
        };
        // What ships, or the measured binary where nothing does.
        let mut kinds = [("what ships", true), ("the measured binary", false)].into_iter();
        let sizes =
            kinds.find_map(|(what, command)| Some((what, size(&then, command)?, size(&now, command)?)));
        if let Some((what, a, b)) = sizes {
            let what = format!("size of {what} under {variant}, without symbols, bytes");
            across.exact.push(Figure { of_size: true, ..figure(what, a, b, 0.0) });
        }
    }
    let exact = &mut across.exact;
    let mut compare =
        |what: String, then: u64, now: u64, absolute: f64| exact.push(figure(what, then, now, absolute));
    let mut told = Vec::new();
    instructions(then, now, scenarios, variants, &mut told, &mut compare);
    for old in then.results.heap.iter().filter(|heap| scenarios.contains(&heap.scenario.as_str())) {
        let what = format!("{} for {}", old.scenario, old.target);
        let mut tell = |reason: &str| {
            told.push(Apart { what: format!("heap of {what}"), reason: reason.to_owned() });
        };
        let same = |heap: &&HeapFacts| heap.scenario == old.scenario && heap.target == old.target;
        let mut of_now = now.results.heap.iter().filter(same);
        let Some(new) = of_now.next() else {
            tell("only the first run read it");
            continue;
        };
        // As a gate's runs have: one of each side.
        if of_now.next().is_some() || then.results.heap.iter().filter(same).count() > 1 {
            tell("a run has several heap builds for it");
            continue;
        }
        let on_all_cpus = then.manifest.scenario(&old.scenario).is_some_and(|scenario| scenario.all_cpus);
        if !(old.exact && new.exact) {
            tell("it was not the same every time");
        } else if on_all_cpus && then.manifest.machine.cpus != now.manifest.machine.cpus {
            tell("it works with a thread per CPU, and there are more or fewer of them");
        } else {
            compare(format!("heap peak of {what}, bytes"), old.peak_bytes, new.peak_bytes, absolute);
            compare(
                format!("heap bytes of {what}, all allocations"),
                old.total_bytes,
                new.total_bytes,
                absolute,
            );
            compare(format!("heap blocks of {what}"), old.total_blocks, new.total_blocks, 0.0);
        }
    }
    for new in now.results.heap.iter().filter(|heap| scenarios.contains(&heap.scenario.as_str())) {
        if !then.results.heap.iter().any(|old| old.scenario == new.scenario && old.target == new.target) {
            let what = format!("heap of {} for {}", new.scenario, new.target);
            told.push(Apart { what, reason: "only the second run read it".to_owned() });
        }
    }
    told.dedup();
    across.apart.extend(told);
}

/// Instructions, where both runs counted the same every time on the same machine: what a CPU can do decides which code
/// runs.
fn instructions(
    then: Run<'_>,
    now: Run<'_>,
    scenarios: &[&str],
    variants: &[&str],
    told: &mut Vec<Apart>,
    compare: &mut dyn FnMut(String, u64, u64, f64),
) {
    let is_other_machine = !machines(&then.manifest.machine, &now.manifest.machine).is_empty();
    let is_shared = |one: &&InstructionFacts| {
        scenarios.contains(&one.scenario.as_str()) && variants.contains(&one.variant.as_str())
    };
    for old in then.results.instructions.iter().filter(is_shared) {
        let what = format!("instructions of {} under {}", old.scenario, old.variant);
        let same = |one: &&InstructionFacts| one.scenario == old.scenario && one.variant == old.variant;
        let reason = match now.results.instructions.iter().find(same) {
            None => "only the first run counted them",
            Some(_) if is_other_machine => "the machine is another one",
            Some(new) if old.spread.max(new.spread) > MOST_SPREAD => "they were not the same every time",
            Some(new) => {
                compare(what, old.instructions.round() as u64, new.instructions.round() as u64, 0.0);
                continue;
            }
        };
        told.push(Apart { what, reason: reason.to_owned() });
    }
    for new in now.results.instructions.iter().filter(is_shared) {
        let same = |one: &InstructionFacts| one.scenario == new.scenario && one.variant == new.variant;
        if !then.results.instructions.iter().any(same) {
            let what = format!("instructions of {} under {}", new.scenario, new.variant);
            told.push(Apart { what, reason: "only the second run counted them".to_owned() });
        }
    }
}
