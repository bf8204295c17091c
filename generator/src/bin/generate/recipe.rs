//! A spec in the making: what flags and a spec file say, before it is known whether it goes together.

use generator::{Damage, Shape, Spec};

use crate::arguments::Wrong;

const DEFAULT_SEED: u64 = 42;
const DEFAULT_RECORDS: u64 = 100_000;

/// What was said of a corpus, each with the place where it was said if it can still be wrong.
#[derive(Default)]
pub(crate) struct Recipe {
    pub(crate) shape: Option<Shape>,
    pub(crate) seed: Option<u64>,
    pub(crate) from: Option<u64>,
    pub(crate) amount: Option<Amount>,
    pub(crate) damage: Option<(Damage, String)>,
    knobs: Vec<Set>,
}

/// How much there is to be.
#[derive(Clone, Copy)]
pub(crate) enum Amount {
    Records(u64),
    Bytes(u64),
}

/// A knob that was set.
struct Set {
    name: String,
    value: String,
    place: String,
}

impl Recipe {
    /// Sets the amount; `place` is where that was said.
    pub(crate) fn set_amount(&mut self, amount: Amount, place: &str) -> Result<(), Wrong> {
        match (self.amount, amount) {
            (Some(Amount::Records(_)), Amount::Bytes(_)) | (Some(Amount::Bytes(_)), Amount::Records(_)) => {
                Err(Wrong(format!(
                    "{place}: records and bytes cannot both be asked for: leave one of them out"
                )))
            }
            _ => {
                self.amount = Some(amount);
                Ok(())
            }
        }
    }

    /// Sets a knob; `place` is where that was said.
    pub(crate) fn set_knob(&mut self, name: &str, value: &str, place: &str) {
        self.knobs.push(Set { name: name.to_owned(), value: value.to_owned(), place: place.to_owned() });
    }

    /// This, and the other where this says nothing.
    pub(crate) fn over(mut self, other: Self) -> Result<Self, Wrong> {
        if let (Some(one), Some(other)) = (self.shape, other.shape)
            && one != other
        {
            return Err(Wrong(format!("the spec's shape is {other}: leave out {one}, or the spec")));
        }
        let mut knobs = other.knobs;
        knobs.retain(|knob| self.knobs.iter().all(|own| own.name != knob.name));
        knobs.append(&mut self.knobs);
        Ok(Self {
            shape: self.shape.or(other.shape),
            seed: self.seed.or(other.seed),
            from: self.from.or(other.from),
            amount: self.amount.or(other.amount),
            damage: self.damage.or(other.damage),
            knobs,
        })
    }

    /// The spec, and the number of bytes where that decides its number of records.
    pub(crate) fn spec(self) -> Result<(Spec, Option<u64>), Wrong> {
        let Some(shape) = self.shape else {
            let known = Shape::ALL.map(Shape::name).join(", ");
            return Err(Wrong(format!("which shape of log? The shapes are: {known}")));
        };
        let (records, bytes) = match self.amount {
            None => (DEFAULT_RECORDS, None),
            Some(Amount::Records(records)) => (records, None),
            Some(Amount::Bytes(bytes)) => (0, Some(bytes)),
        };
        let knobs = self.knobs.iter().map(|knob| (knob.name.as_str(), knob.value.as_str()));
        let mut spec = Spec::new(shape, self.seed.unwrap_or(DEFAULT_SEED), 0)
            .with_part(self.from.unwrap_or(0), records)
            .with_knobs(knobs)
            .map_err(|wrong| {
                let place = self.knobs.iter().rfind(|knob| knob.name == wrong.knob());
                Wrong(format!("{}: {wrong}", place.map_or("--set", |knob| &knob.place)))
            })?;
        if let Some((damage, place)) = self.damage {
            spec = spec.with_damage(damage).map_err(|wrong| Wrong(format!("{place}: {wrong}")))?;
        }
        spec.check().map_err(Wrong)?;
        Ok((spec, bytes))
    }
}
