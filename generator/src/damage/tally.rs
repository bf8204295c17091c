//! What was damaged, added up.

use std::io;

use super::{Answer, Damage, Kind, Reason};
use crate::truth::JsonObject;

/// Damaged lines by kind and by answer.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tally {
    kinds: [u64; Kind::ALL.len()],
    blank: u64,
    open: u64,
    reasons: [u64; Reason::ALL.len()],
}

impl Tally {
    pub(crate) fn count(&mut self, kind: Kind, answer: Answer) {
        self.kinds[kind as usize] += 1;
        match answer {
            Answer::Record | Answer::Strange => {}
            Answer::Blank => self.blank += 1,
            Answer::Open => self.open += 1,
            Answer::Bad(reason) => self.reasons[reason as usize] += 1,
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        let both = |counts: &mut [u64], others: &[u64]| {
            counts.iter_mut().zip(others).for_each(|(count, other)| *count += other);
        };
        both(&mut self.kinds, &other.kinds);
        both(&mut self.reasons, &other.reasons);
        self.blank += other.blank;
        self.open += other.open;
    }

    /// Appends `damage`: what was asked for, how many lines of each kind there are, and what a reader finds in `records`
    /// of them.
    pub(crate) fn write(&self, damage: &Damage, records: u64, truth: &mut JsonObject<'_>) -> io::Result<()> {
        truth.key("damage")?;
        let mut object = JsonObject::open(truth.value())?;
        object.text("asked", &damage.to_string())?;
        object.key("kinds")?;
        let mut kinds = JsonObject::open(object.value())?;
        for (kind, &count) in Kind::ALL.iter().zip(&self.kinds).filter(|&(_, &count)| count > 0) {
            kinds.number(kind.name(), count)?;
        }
        kinds.close()?;
        let bad: u64 = self.reasons.iter().sum();
        object.number("records", records - self.blank - self.open - bad)?;
        object.number("blank", self.blank)?;
        object.number("open", self.open)?;
        object.key("bad")?;
        let mut reasons = JsonObject::open(object.value())?;
        for (reason, &count) in Reason::ALL.iter().zip(&self.reasons).filter(|&(_, &count)| count > 0) {
            reasons.number(reason.name(), count)?;
        }
        reasons.close()?;
        object.close()
    }
}
