//! Where results come from, in lines.

use crate::format::{build_time, count, duration, fraction};
use harness::judge::wire::calibration::Cited;
use harness::judge::wire::results::{InstrumentCost, Provenance};

/// Run, revision and compiler, then the machine.
pub(crate) fn lines(provenance: &Provenance) -> Vec<String> {
    let mut first = vec![
        format!("run {}{}", provenance.run, mark(provenance)),
        format!("preset {}", provenance.preset),
        provenance.began.clone(),
        revision(provenance),
        provenance.compiler.clone(),
    ];
    first.retain(|part| !part.is_empty());
    let mut lines = vec![first.join(" · ")];
    if !provenance.machine.is_empty() {
        lines.push(provenance.machine.join(" · "));
    }
    lines
}

/// What is said with the run's name, since it changes what all times mean.
pub(crate) fn mark(provenance: &Provenance) -> &'static str {
    if provenance.cold { ", cold: files read from the disk" } else { "" }
}

/// The revision, and whether that is all that was measured.
pub(crate) fn revision(provenance: &Provenance) -> String {
    match (&provenance.revision, provenance.dirty) {
        (Some(revision), true) => format!("revision {revision} with uncommitted changes"),
        (Some(revision), false) => format!("revision {revision}"),
        (None, _) => "no revision known".to_owned(),
    }
}

/// Blocks per instrument: `clock 12, rss 8`.
pub(crate) fn blocks(provenance: &Provenance) -> String {
    let each = provenance.blocks.iter().map(|(name, n)| format!("{name} {}", count(u64::from(*n))));
    each.collect::<Vec<_>>().join(", ")
}

/// What the newest calibration of the machine says.
fn calibration(cited: Option<&Cited>) -> String {
    let Some(cited) = cited else {
        return "not known: this machine was not calibrated (cargo xtask calibrate)".to_owned();
    };
    let found = cited.found.iter().map(|(slowdown, share)| {
        let share = fraction(*share);
        format!("{} in {share}", fraction(*slowdown))
    });
    format!(
        "calibration {} of {}, with {} blocks: the same binary was told apart from itself in {} of {} comparisons; \
         slow-downs were found, of {}",
        cited.name,
        cited.began,
        cited.blocks,
        cited.told_apart,
        cited.alike,
        found.collect::<Vec<_>>().join(", of ")
    )
}

/// What each instrument cost, as pairs of a word and what it says.
pub(crate) fn costs(costs: &[InstrumentCost]) -> Vec<(String, String)> {
    let fact = |cost: &InstrumentCost| {
        let reading = cost.reading_ns.map(|ns| format!("; reading it adds {} to each batch", duration(ns)));
        let times = cost.times_rss.map(|times| format!("; {times:.1} times as long as one of rss"));
        format!(
            "{} visits in {}, {} in the median{}{}",
            count(cost.visits as u64),
            build_time(cost.total_ns as f64 / 1e9),
            duration(cost.visit_ns),
            reading.unwrap_or_default(),
            times.unwrap_or_default()
        )
    };
    costs.iter().map(|cost| (format!("cost of {}", cost.instrument), fact(cost))).collect()
}

/// Everything that is known, as pairs of a word and what it says.
pub(crate) fn facts(provenance: &Provenance) -> Vec<(String, String)> {
    let again = ["cargo", "xtask", "repeat", &provenance.run].map(str::to_owned);
    let known = [
        ("run", provenance.run.clone()),
        ("again, where its folder lies", crate::escape::shell(&again)),
        ("began", provenance.began.clone()),
        ("preset", provenance.preset.clone()),
        ("revision", revision(provenance)),
        ("compiler", provenance.compiler.clone()),
        ("machine", provenance.machine.join("; ")),
        ("blocks", blocks(provenance)),
        ("blocks of the clock planned by", provenance.planned_by.clone().unwrap_or_default()),
        ("seed of the orders", provenance.seed.to_string()),
    ];
    let known = known.map(|(word, fact)| (word.to_owned(), fact));
    let trust = ("what labels are worth here".to_owned(), calibration(provenance.calibration.as_ref()));
    let machine = provenance.conditions.clone();
    known.into_iter().chain(machine).chain([trust]).chain(provenance.tools.clone()).collect()
}
