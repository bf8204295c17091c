//! The counter's answer, added up from what is drawn.

use std::io::{self, Write};

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use super::values::{Dimension, Value, Values};
use crate::arrivals::EPOCH;
use crate::clients::CLIENTS;
use crate::text::moment;
use crate::truth::{Facts, JsonObject};

/// A set of clients stays a hash set up to this size (20 KiB) and is a bitmap (32 KiB) from there on.
const FEW: usize = 2048;

/// A set of clients, in the smaller of two forms: at most 32 KiB however many they are.
enum Clients {
    Few(HashSet<u32, FixedState>),
    Many(Box<[u64]>),
}

impl Clients {
    fn insert(&mut self, client: u32) {
        match self {
            Self::Few(set) if set.len() < FEW => {
                set.insert(client);
            }
            Self::Few(set) => {
                let mut bits = vec![0_u64; CLIENTS as usize / 64].into_boxed_slice();
                for &member in set.iter().chain([&client]) {
                    bits[member as usize / 64] |= 1 << (member % 64);
                }
                *self = Self::Many(bits);
            }
            Self::Many(bits) => bits[client as usize / 64] |= 1 << (client % 64),
        }
    }

    fn merge(&mut self, other: Self) {
        match (&mut *self, other) {
            (_, Self::Few(others)) => others.into_iter().for_each(|client| self.insert(client)),
            (Self::Many(bits), Self::Many(others)) => {
                for (word, other) in bits.iter_mut().zip(others) {
                    *word |= other;
                }
            }
            (Self::Few(_), others) => {
                let few = std::mem::replace(self, others);
                self.merge(few);
            }
        }
    }

    fn len(&self) -> u64 {
        match self {
            Self::Few(set) => set.len() as u64,
            Self::Many(bits) => bits.iter().map(|word| u64::from(word.count_ones())).sum(),
        }
    }
}

/// One (date, dimension, value): how many lines, and from whom.
struct Cell {
    total: u64,
    clients: Clients,
}

/// What the lines of one date count for, a cell for each value.
struct Day {
    date: String,
    cells: Vec<Cell>,
}

impl Day {
    fn new(date: String, values: usize) -> Self {
        let cell = || Cell { total: 0, clients: Clients::Few(HashSet::with_hasher(FixedState::default())) };
        Self { date, cells: (0..values).map(|_| cell()).collect() }
    }
}

/// The counter's whole answer, in the making.
///
/// Memory: dates x values x at most 32 KiB, and far less where few lines fall; it does not grow with the number of lines
/// beyond that.
pub(crate) struct Answer {
    counted: u64,
    days: Vec<Day>,
    values: Vec<(Dimension, &'static str)>,
}

impl Answer {
    pub(super) fn new(dates: impl Iterator<Item = String>, values: &Values) -> Self {
        let values = values.known().to_vec();
        let days = dates.map(|date| Day::new(date, values.len())).collect();
        Self { counted: 0, days, values }
    }

    /// Counts one line of `client` on the date with number `day`. Beyond those that it was made with, dates follow one
    /// another as days do from [`EPOCH`] on.
    pub(super) fn count(&mut self, day: usize, client: u32, values: impl Iterator<Item = Value>) {
        self.counted += 1;
        while self.days.len() <= day {
            let date = moment(EPOCH + self.days.len() as u64 * 86_400_000_000);
            let date = String::from_utf8_lossy(&date[..10]).into_owned();
            self.days.push(Day::new(date, self.values.len()));
        }
        let cells = &mut self.days[day].cells;
        for value in values {
            let cell = &mut cells[value.index()];
            cell.total += 1;
            cell.clients.insert(client);
        }
    }

    /// Writes the `stats` object: dates, dimensions and values in order, dates without counted lines left out.
    fn write_stats(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut days: Vec<&Day> =
            self.days.iter().filter(|day| day.cells.iter().any(|cell| cell.total > 0)).collect();
        days.sort_by(|one, other| one.date.cmp(&other.date));
        let mut stats = JsonObject::open(out)?;
        for day in days {
            stats.key(&day.date)?;
            let mut dimensions = JsonObject::open(stats.value())?;
            for dimension in Dimension::ALL {
                dimensions.key(dimension.name())?;
                let mut cells: Vec<(&str, &Cell)> = (self.values.iter().zip(&day.cells))
                    .filter(|((of, _), cell)| *of == dimension && cell.total > 0)
                    .map(|((_, text), cell)| (*text, cell))
                    .collect();
                cells.sort_by_key(|(text, _)| *text);
                let mut entries = JsonObject::open(dimensions.value())?;
                for (text, cell) in cells {
                    entries.key(text)?;
                    write!(entries.value(), r#"{{"total":{},"unique":{}}}"#, cell.total, cell.clients.len())?;
                }
                entries.close()?;
            }
            dimensions.close()?;
        }
        stats.close()
    }
}

impl Facts for Answer {
    fn merge(&mut self, other: Self) {
        self.counted += other.counted;
        let mut others = other.days.into_iter();
        for (day, other) in self.days.iter_mut().zip(others.by_ref()) {
            for (cell, other) in day.cells.iter_mut().zip(other.cells) {
                cell.total += other.total;
                cell.clients.merge(other.clients);
            }
        }
        self.days.extend(others);
    }

    fn write(&self, truth: &mut JsonObject<'_>) -> io::Result<()> {
        truth.number("counted", self.counted)?;
        truth.key("stats")?;
        self.write_stats(truth.value())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_clients_is_exact_in_both_forms() {
        let mut clients = Clients::Few(HashSet::with_hasher(FixedState::default()));
        for round in 0..3 {
            for step in 0..50_000_u32 {
                clients.insert(step.wrapping_mul(7) % CLIENTS);
                if round == 0 && step as usize + 1 == FEW {
                    assert!(matches!(clients, Clients::Few(_)));
                }
            }
            assert!(matches!(clients, Clients::Many(_)));
            // 7 is odd, so its multiples do not repeat within the power of two that `CLIENTS` is.
            assert_eq!(clients.len(), 50_000);
        }
    }

    #[test]
    fn sets_of_either_form_unite() {
        let set = |range: std::ops::Range<u32>| {
            let mut clients = Clients::Few(HashSet::with_hasher(FixedState::default()));
            range.for_each(|client| clients.insert(client));
            clients
        };
        for (one, other, both) in [(10, 20, 20_u64), (10, 5000, 5000), (5000, 10, 5000), (4000, 9000, 9000)] {
            let mut clients = set(0..one);
            clients.merge(set(3..other));
            assert_eq!(clients.len(), both);
        }
    }
}
