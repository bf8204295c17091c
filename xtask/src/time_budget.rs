//! `--time-budget`: a span of time as people write it, and the blocks that it has room for.

use crate::error::{Error, Result, failed};
use crate::experiment::{Experiment, counter};
use crate::interrupt::Interrupt;
use crate::machine;
use crate::preparing::Prepared;
use crate::progress::{Progress, seconds};
use harness::judge::budget::{Cost, FEWEST, MOST, fitting};
use harness::judge::ledger::Ledger;
use harness::judge::wire::manifest::{InstrumentPlan, Manifest};
use harness::judge::wire::sample::{Instrument, Outcome};
use std::str::FromStr;
use std::time::{Duration, Instant};

/// A span of time, such as `90s`, `10m` or `1h30m`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeBudget {
    /// As it was written.
    pub text: String,
    /// How long it is.
    pub span: Duration,
}

impl FromStr for TimeBudget {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let wrong = || format!("{text:?} is no span of time: write it such as 90s, 10m or 1h30m");
        let mut span: u64 = 0;
        let mut rest = text;
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let number: u64 = rest[..digits].parse().map_err(|_| wrong())?;
            let unit = rest[digits..].chars().next().ok_or_else(wrong)?;
            let factor = match unit {
                's' => 1,
                'm' => 60,
                'h' => 3600,
                _ => return Err(wrong()),
            };
            let part = number.checked_mul(factor).ok_or_else(wrong)?;
            span = span.checked_add(part).ok_or_else(wrong)?;
            rest = &rest[digits + 1..];
        }
        if span == 0 {
            return Err(wrong());
        }
        Ok(Self { text: text.to_owned(), span: Duration::from_secs(span) })
    }
}

impl TimeBudget {
    /// Gives the prepared run as many blocks of the clock as fit. What visits cost is known by trial visits, whose samples
    /// are thrown away.
    pub fn plan(&self, prepared: &mut Prepared, interrupt: &Interrupt) -> Result<()> {
        let began = Instant::now();
        let costs = costs(prepared, interrupt)?;
        let fit = fitting(&costs, began.elapsed(), self.span).map_err(|short| {
            Error::Usage(format!(
                "--time-budget {} is too short: {FEWEST} blocks, the fewest that are judged at all, would take {}, and the \
                 preset's {} {}, by trial visits; builds are not counted. Ask for fewer scenarios or \
                 variants, or give it more time",
                self.text,
                seconds(short.fewest.as_secs_f64().ceil()),
                short.preset_blocks,
                seconds(short.preset.as_secs_f64().ceil())
            ))
        })?;
        let estimate = seconds(fit.estimate.as_secs_f64());
        let capped = if fit.blocks == MOST { ", the most that are planned" } else { "" };
        let why =
            format!("--time-budget {}: {} blocks{capped}, at an estimated {estimate}", self.text, fit.blocks);
        eprintln!(
            "{why}; the samples of the trial visits are thrown away; what other work disturbs is measured again besides"
        );
        let experiment = &mut prepared.manifest.experiment;
        for plan in experiment.instruments.iter_mut().filter(|plan| plan.instrument == Instrument::Clock) {
            plan.blocks = fit.blocks;
        }
        experiment.planned_by = Some(why);
        Ok(())
    }
}

/// What each instrument costs in each scenario.
fn costs(prepared: &Prepared, interrupt: &Interrupt) -> Result<Vec<Cost>> {
    let Prepared { manifest, arms, corpora, .. } = prepared;
    let counter = counter(manifest, arms)?;
    let cpu = machine::cpu_for_subjects();
    let counter = counter.as_ref();
    let experiment = Experiment { manifest, arms, corpora, cpu, counter, copies: None, interrupt };
    let trials = trials(manifest);
    let mut progress = Progress::begin("trying out what visits cost", trials.len());
    let mut costs = Vec::new();
    for Trial { plan, scenario, arm, stands_for } in trials {
        if interrupt.asked() {
            return failed(
                "interrupted before the first visit: nothing was measured, and the builds are kept",
            );
        }
        progress.running(&format!("{} {scenario} {arm}", plan.instrument));
        let Some(scenario) = manifest.scenario(scenario) else { continue };
        let sample = experiment.trial(plan, scenario, arm);
        if let Outcome::Failed(failure) = sample.outcome {
            // One of several that fails is told by the run, which visits it no further.
            let planned = &manifest.experiment;
            if arm != planned.reference && planned.variants.iter().any(|variant| variant == arm) {
                progress.step();
                continue;
            }
            return failed(format!(
                "the trial visit of {} to {} under {arm} {failure}: what it costs can't be known beforehand; leave it out \
                 by --scenarios, or give --blocks",
                plan.instrument, scenario.name
            ));
        }
        let block = Duration::from_nanos(sample.visit_ns) * stands_for;
        costs.push(Cost { instrument: plan.instrument, block, blocks: plan.blocks });
        progress.step();
    }
    progress.end();
    Ok(costs)
}

/// A visit that tells what some visits of each block cost.
struct Trial<'m> {
    plan: &'m InstrumentPlan,
    scenario: &'m str,
    arm: &'m str,
    /// How many arms.
    stands_for: u32,
}

fn trials(manifest: &Manifest) -> Vec<Trial<'_>> {
    let nothing_yet = Ledger::new(manifest);
    let experiment = &manifest.experiment;
    let mut trials = Vec::new();
    for plan in &experiment.instruments {
        for scenario in &plan.scenarios {
            let mut arms = experiment.arms(plan.instrument);
            arms.retain(|arm| nothing_yet.why_invalid(plan.instrument, scenario, arm).is_none());
            let tried = tried(plan.instrument, &arms, &experiment.reference, &experiment.control);
            trials.extend(tried.into_iter().map(|(arm, stands_for)| Trial {
                plan,
                scenario,
                arm,
                stands_for,
            }));
        }
    }
    trials
}

/// The arms that are tried, each with how many it stands for. Blocks of the clock are what the budget is divided into, so each
/// of its arms is tried: a slow one takes several times as long. The reference stands for the control, and for all arms of the
/// other instruments, of which there are few visits. Heap builds can differ much, so each is tried.
fn tried<'a>(
    instrument: Instrument,
    arms: &[&'a str],
    reference: &'a str,
    control: &str,
) -> Vec<(&'a str, u32)> {
    if !arms.contains(&reference) {
        return arms.iter().map(|&arm| (arm, 1)).collect();
    }
    if instrument != Instrument::Clock {
        return vec![(reference, arms.len() as u32)];
    }
    let of_reference = if arms.contains(&control) { 2 } else { 1 };
    let stands_for = |arm| if arm == reference { of_reference } else { 1 };
    arms.iter().filter(|arm| **arm != control).map(|&arm| (arm, stands_for(arm))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_arm_of_the_clock_is_tried_and_all_are_stood_for() {
        let arms = ["release", "musl", "lto", "control"];
        let of = |instrument, arms: &[&'static str]| {
            let tried = tried(instrument, arms, "release", "control");
            assert_eq!(tried.iter().map(|one| one.1).sum::<u32>() as usize, arms.len());
            tried
        };
        assert_eq!(of(Instrument::Clock, &arms), [("release", 2), ("musl", 1), ("lto", 1)]);
        assert_eq!(of(Instrument::Clock, &arms[1..]).len(), 3, "a reference that is wrong stands for nobody");
        assert_eq!(of(Instrument::Rss, &arms), [("release", 4)]);
        assert_eq!(of(Instrument::Count, &arms[..3]), [("release", 3)]);
        assert_eq!(of(Instrument::Heap, &["heap-gnu", "heap-musl"]), [("heap-gnu", 1), ("heap-musl", 1)]);
    }

    #[test]
    fn spans_are_read_as_people_write_them() {
        let read = |text: &str| text.parse::<TimeBudget>().map(|budget| budget.span.as_secs());
        assert_eq!(read("90s"), Ok(90));
        assert_eq!(read("10m"), Ok(600));
        assert_eq!(read("1h30m5s"), Ok(5405));
        for wrong in ["", "10", "m", "0s", "-5m", "1.5h", "5 m", "10µ", "99999999999999999h", "3d"] {
            assert!(read(wrong).is_err_and(|why| why.contains("10m")), "{wrong:?}");
        }
    }
}
