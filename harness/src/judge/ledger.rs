//! Which visits of a run are done, which blocks are good, and which cells are invalid.
//!
//! The ledger is filled by the samples in their order, by the run that makes them as by the
//! analysis that reads them years later, so both always agree.
//!
//! A block is good when it holds a visit of every arm and, where it is timed, the machine did not disturb it. A disturbed one is
//! measured again as a whole, until as many of the scenario's blocks were as the rule allows; those that are disturbed
//! after that stand. No visit is ever dropped alone. Memory is not moved by who has the CPU.
//!
//! A wrong answer makes a cell invalid under every instrument: what computes something else has no time and no memory to
//! compare. Any other failure does so under its own instrument alone, which may be what failed. Where it may have come in
//! passing, from outside, its block is measured again first, as a whole and as often as the manifest allows.

use super::wire::manifest::Manifest;
use super::wire::sample::{Disturbance, Instrument, Measured, Outcome, Reading, Sample};
use std::collections::BTreeMap;

/// What the samples so far amount to.
#[derive(Debug)]
pub struct Ledger<'m> {
    manifest: &'m Manifest,
    /// The visits of the newest attempt of each block, by arm.
    blocks: BTreeMap<Block, Attempt>,
    /// How many blocks of a scenario were measured again since they were disturbed.
    replaced: BTreeMap<(Instrument, String), u32>,
    /// How many visits of a block failed in passing, by its arm.
    passing: BTreeMap<(Block, String), u32>,
    /// How many blocks were measured again for that.
    tried_again: BTreeMap<Instrument, u32>,
    /// Cells that gave no reading or a wrong answer.
    invalid: BTreeMap<(String, String), Vec<Invalid>>,
}

/// Why a cell is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The instrument that showed it.
    pub instrument: Instrument,
    /// Is it invalid under every instrument? Else under this one alone.
    pub everywhere: bool,
    /// The reason.
    pub reason: String,
}

type Block = (Instrument, String, u32);

#[derive(Debug, Default)]
struct Attempt {
    number: u32,
    /// A visit failed in passing, and that does not count yet.
    broke_off: bool,
    visits: BTreeMap<String, Measured>,
    /// All its visits together.
    took_ns: u64,
    taken: Disturbance,
}

impl<'m> Ledger<'m> {
    /// A ledger of no visits yet; what the manifest knows as broken is invalid from the start.
    pub fn new(manifest: &'m Manifest) -> Self {
        let mut ledger = Self {
            manifest,
            blocks: BTreeMap::new(),
            replaced: BTreeMap::new(),
            passing: BTreeMap::new(),
            tried_again: BTreeMap::new(),
            invalid: BTreeMap::new(),
        };
        for cell in &manifest.broken {
            let (instrument, reason) = (Instrument::Clock, cell.reason.clone());
            ledger.invalidate(
                &cell.scenario,
                &cell.variant,
                Invalid { instrument, everywhere: true, reason },
            );
        }
        ledger
    }

    /// A ledger of these samples, in their order.
    pub fn of(manifest: &'m Manifest, samples: &[Sample]) -> Self {
        let mut ledger = Self::new(manifest);
        for sample in samples {
            ledger.record(sample);
        }
        ledger
    }

    /// Takes one more sample in. A newer attempt at a block replaces what the older one left.
    pub fn record(&mut self, sample: &Sample) {
        let key = (sample.instrument, sample.scenario.clone(), sample.block);
        let older = self.blocks.get(&key).filter(|older| sample.attempt > older.number);
        if older.is_some_and(|older| self.is_whole(older, &key) && self.is_disturbed(older, &key)) {
            *self.replaced.entry((sample.instrument, sample.scenario.clone())).or_default() += 1;
        } else if older.is_some_and(|older| older.broke_off) {
            *self.tried_again.entry(sample.instrument).or_default() += 1;
        }
        let attempt = self.blocks.entry(key.clone()).or_default();
        if sample.attempt > attempt.number {
            *attempt = Attempt { number: sample.attempt, ..Attempt::default() };
        }
        if sample.attempt < attempt.number {
            return;
        }
        let taken = sample.disturbance.unwrap_or_default();
        // A stopwatch that went mad must not end the analysis.
        let add = |sum: &mut u64, more: u64| *sum = sum.saturating_add(more);
        add(&mut attempt.took_ns, sample.visit_ns);
        add(&mut attempt.taken.steal_ns, taken.steal_ns);
        add(&mut attempt.taken.others_ns, taken.others_ns);
        let (everywhere, reason) = match &sample.outcome {
            Outcome::Measured(measured) => {
                let Some(why) = wrong_answer(self.manifest, sample, measured) else {
                    attempt.visits.insert(sample.variant.clone(), measured.clone());
                    return;
                };
                (true, why)
            }
            Outcome::Failed(failure) if failure.may_be_passing() => {
                let failed = self.passing.entry((key, sample.variant.clone())).or_default();
                *failed += 1;
                if *failed <= self.manifest.experiment.second_tries {
                    attempt.broke_off = true;
                    return;
                }
                let again = if *failed > 1 { ", and so again when its block was measured again" } else { "" };
                (false, format!("{failure}{again}; a new run measures it again"))
            }
            Outcome::Failed(failure) => (failure.is_wrong_answer(), failure.to_string()),
        };
        let invalid = Invalid { instrument: sample.instrument, everywhere, reason };
        self.invalidate(&sample.scenario, &sample.variant, invalid);
    }

    /// What is invalid already is not told twice.
    fn invalidate(&mut self, scenario: &str, variant: &str, invalid: Invalid) {
        let told = self.invalid.entry((scenario.to_owned(), variant.to_owned())).or_default();
        if !told.iter().any(|one| one.concerns(invalid.instrument) && (one.everywhere || !invalid.everywhere))
        {
            told.push(invalid);
        }
    }

    /// Why this cell is invalid under `instrument`, if it is. It is not visited again.
    pub fn why_invalid(&self, instrument: Instrument, scenario: &str, variant: &str) -> Option<&str> {
        let told = self.invalid.get(&(scenario.to_owned(), variant.to_owned()))?;
        told.iter().find(|one| one.concerns(instrument)).map(|one| one.reason.as_str())
    }

    /// Is this cell invalid under every instrument, since it gave a wrong answer under one?
    pub fn answers_wrongly(&self, scenario: &str, variant: &str) -> bool {
        let told = self.invalid.get(&(scenario.to_owned(), variant.to_owned()));
        told.is_some_and(|told| told.iter().any(|one| one.everywhere))
    }

    /// All invalid cells: scenario, variant, and why.
    pub fn invalid(&self) -> impl Iterator<Item = (&str, &str, &Invalid)> {
        self.invalid.iter().flat_map(|((scenario, variant), told)| {
            told.iter().map(move |one| (scenario.as_str(), variant.as_str(), one))
        })
    }

    /// Did a visit of the newest attempt at this block fail in passing? Then the block is measured again as a whole.
    pub fn broke_off(&self, instrument: Instrument, scenario: &str, block: u32) -> bool {
        let attempt = self.blocks.get(&(instrument, scenario.to_owned(), block));
        attempt.is_some_and(|attempt| attempt.broke_off)
    }

    /// How many blocks of an instrument were measured again since a visit failed in passing.
    pub fn tried_again(&self, instrument: Instrument) -> u32 {
        self.tried_again.get(&instrument).copied().unwrap_or(0)
    }

    /// Does the newest attempt at this block hold a visit of every arm whose cell is not invalid, undisturbed or past
    /// what may be measured again?
    pub fn is_complete(&self, instrument: Instrument, scenario: &str, block: u32) -> bool {
        let key = (instrument, scenario.to_owned(), block);
        let Some(attempt) = self.blocks.get(&key) else {
            let arms = self.manifest.experiment.arms(instrument);
            return arms.iter().all(|arm| self.why_invalid(instrument, scenario, arm).is_some());
        };
        let stands = !self.is_disturbed(attempt, &key) || !self.may_replace(instrument, scenario);
        self.is_whole(attempt, &key) && stands
    }

    fn is_whole(&self, attempt: &Attempt, (instrument, scenario, _): &Block) -> bool {
        let arms = self.manifest.experiment.arms(*instrument);
        arms.iter().all(|arm| {
            attempt.visits.contains_key(*arm) || self.why_invalid(*instrument, scenario, arm).is_some()
        })
    }

    fn is_disturbed(&self, attempt: &Attempt, (instrument, ..): &Block) -> bool {
        let rule = self.manifest.experiment.disturbance.filter(|_| instrument.is_timed());
        rule.is_some_and(|rule| rule.is_disturbed(attempt.took_ns, attempt.taken))
    }

    fn may_replace(&self, instrument: Instrument, scenario: &str) -> bool {
        let experiment = &self.manifest.experiment;
        let plan = experiment.instruments.iter().find(|plan| plan.instrument == instrument);
        let most = plan.zip(experiment.disturbance).map(|(plan, rule)| rule.most_replacements(plan.blocks));
        most.is_some_and(|most| self.replaced(instrument, scenario) < most)
    }

    /// How many blocks of a scenario were measured again since they were disturbed.
    pub fn replaced(&self, instrument: Instrument, scenario: &str) -> u32 {
        self.replaced.get(&(instrument, scenario.to_owned())).copied().unwrap_or(0)
    }

    /// How many of a scenario's blocks are disturbed as they stand.
    pub fn disturbed(&self, instrument: Instrument, scenario: &str) -> u32 {
        let of_scenario = self.of_scenario(instrument, scenario);
        of_scenario.filter(|(block, attempt)| self.is_disturbed(attempt, block)).count() as u32
    }

    /// The number that the next attempt at this block takes: 0 when it was never begun.
    pub fn next_attempt(&self, instrument: Instrument, scenario: &str, block: u32) -> u32 {
        let begun = self.blocks.get(&(instrument, scenario.to_owned(), block));
        begun.map_or(0, |attempt| attempt.number + 1)
    }

    /// Does the first attempt at this block stand? Others are made when the scenarios of its round may be long over.
    pub fn is_first(&self, instrument: Instrument, scenario: &str, block: u32) -> bool {
        let attempt = self.blocks.get(&(instrument, scenario.to_owned(), block));
        attempt.is_some_and(|attempt| attempt.number == 0)
    }

    /// The readings of a cell in its good blocks: those that are complete. Empty for an invalid cell.
    pub fn readings(&self, instrument: Instrument, scenario: &str, variant: &str) -> Vec<(u32, &Reading)> {
        if self.why_invalid(instrument, scenario, variant).is_some() {
            return Vec::new();
        }
        self.of_scenario(instrument, scenario)
            .filter(|((_, _, block), _)| self.is_complete(instrument, scenario, *block))
            .filter_map(|((_, _, block), attempt)| {
                attempt.visits.get(variant).map(|measured| (*block, &measured.reading))
            })
            .collect()
    }

    /// The blocks of a scenario, ascending.
    fn of_scenario(
        &self,
        instrument: Instrument,
        scenario: &str,
    ) -> impl Iterator<Item = (&Block, &Attempt)> {
        let (first, last) =
            ((instrument, scenario.to_owned(), 0), (instrument, scenario.to_owned(), u32::MAX));
        self.blocks.range(first..=last)
    }

    /// Visits that are planned and not in a complete block, invalid cells left out.
    pub fn visits_left(&self) -> usize {
        let mut left = 0;
        for plan in &self.manifest.experiment.instruments {
            let arms = self.manifest.experiment.arms(plan.instrument);
            for scenario in &plan.scenarios {
                let invalid = |arm: &&&str| self.why_invalid(plan.instrument, scenario, arm).is_some();
                let alive = arms.iter().filter(|arm| !invalid(arm)).count();
                let open = (0..plan.blocks).filter(|&b| !self.is_complete(plan.instrument, scenario, b));
                left += open.count() * alive;
            }
        }
        left
    }
}

impl Invalid {
    fn concerns(&self, instrument: Instrument) -> bool {
        self.everywhere || self.instrument == instrument
    }
}

/// What is wrong with the answers of a visit, if anything is.
fn wrong_answer(manifest: &Manifest, sample: &Sample, measured: &Measured) -> Option<String> {
    match manifest.answers(&sample.scenario, &sample.variant) {
        // A cold visit asks the first query alone.
        Some(answers) if manifest.experiment.cold => {
            compare_answers(answers.get(..1).unwrap_or_default(), sample.instrument, measured)
        }
        Some(answers) => compare_answers(answers, sample.instrument, measured),
        None => Some("the manifest does not know what it should have answered".to_owned()),
    }
}

/// What is wrong with the answers of a visit where these are right, if anything is.
pub fn compare_answers(expected: &[String], instrument: Instrument, measured: &Measured) -> Option<String> {
    // What is timed is asked every query before; the others ask the first alone.
    let wanted = if instrument.is_timed() { expected.len() } else { expected.len().min(1) };
    if measured.answers.len() != wanted {
        return Some(format!("gave {} answers where {wanted} were asked for", measured.answers.len()));
    }
    let pairs = measured.answers.iter().zip(expected).enumerate();
    let (query, (given, right)) = pairs.into_iter().find(|(_, (given, right))| given != right)?;
    Some(format!("gave a wrong answer to query {query}: {given} where {right} is right"))
}
