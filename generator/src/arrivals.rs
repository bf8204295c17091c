//! When records come: a daily rhythm that every chunk can look up for itself, bursts within it, and storms of errors.

use crate::draws::{Draws, scramble};
use crate::knobs::{Knob, Knobs};

/// A day in microseconds.
const DAY: u64 = 86_400_000_000;

/// Requests in each hour of the day, UTC, as counted in the 9,999 whole lines of the real
/// `servers/apache_combined_10k.log`.
const RHYTHM: [u64; 24] = [
    361, 360, 365, 354, 355, 371, 366, 357, 345, 364, 443, 459, 461, 475, 498, 496, 473, 484, 478, 493, 486,
    453, 346, 356,
];

const RHYTHM_TOTAL: u64 = {
    let (mut hour, mut total) = (0, 0);
    while hour < RHYTHM.len() {
        total += RHYTHM[hour];
        hour += 1;
    }
    total
};

/// 2024-03-11T00:00:00Z, a Monday, when every log begins, in microseconds since 1970.
pub(crate) const EPOCH: u64 = 1_710_115_200_000_000;

/// The knob for the hours of the day.
pub(crate) const DAY_KNOB: Knob = Knob::choice(
    "rhythm",
    &["daily", "steady"],
    "whether some hours of the day are busier than others, or all alike",
    "the hours of servers/apache_combined_10k.log",
);

/// The knob for how records follow one another.
pub(crate) const GAPS: Knob = Knob::choice(
    "gaps",
    &["bursts", "even"],
    "whether records come in bursts with pauses between, or nearly evenly",
    "what services under load do; invented, since the real samples tell whole seconds",
);

/// A stretch of time, in microseconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stretch {
    pub(crate) start: u64,
    /// The first microsecond that is not in it.
    pub(crate) end: u64,
}

impl Stretch {
    /// Where the chunk with this number lies, if a chunk takes `mean` microseconds on average. Chunks follow each
    /// other without gap or overlap; with the rhythm of the day, they are shorter by day than by night.
    fn of_chunk(number: u64, mean: u64, has_rhythm: bool) -> Self {
        let time = |steady| EPOCH + if has_rhythm { rhythm(steady) } else { steady };
        Self { start: time(number * mean), end: time((number + 1) * mean) }
    }

    pub(crate) fn length(self) -> u64 {
        self.end - self.start
    }
}

/// How many records a whole chunk has and how many microseconds it takes on average. A shape has its own, and another
/// one in a mixed log.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) records: u32,
    pub(crate) micros: u64,
    pub(crate) has_rhythm: bool,
    pub(crate) has_bursts: bool,
}

impl Pace {
    /// A chunk of so many records, `step` microseconds apart on average.
    pub(crate) const fn new(records: u32, step: u64) -> Self {
        Self { records, micros: records as u64 * step, has_rhythm: true, has_bursts: true }
    }

    /// The same, as the knobs [`DAY_KNOB`] and [`GAPS`] say.
    pub(crate) fn of(records: u32, step: u64, knobs: &Knobs) -> Self {
        let (has_rhythm, has_bursts) = (knobs.get(&DAY_KNOB) == 0, knobs.get(&GAPS) == 0);
        Self { has_rhythm, has_bursts, ..Self::new(records, step) }
    }

    /// Where the chunk with this number lies.
    pub(crate) fn stretch(self, number: u64) -> Stretch {
        Stretch::of_chunk(number, self.micros, self.has_rhythm)
    }
}

/// Turns a time at which a steady stream would have reached this point into one at which a stream with [`RHYTHM`] does.
fn rhythm(steady: u64) -> u64 {
    let (day, within) = (steady / DAY, steady % DAY);
    // What has come today, in the table's unit.
    let mut left = u128::from(within) * u128::from(RHYTHM_TOTAL);
    for (hour, &share) in RHYTHM.iter().enumerate() {
        let whole = u128::from(share) * u128::from(DAY);
        if left < whole {
            let part = left * u128::from(DAY / 24) / whole;
            return day * DAY + hour as u64 * (DAY / 24) + part as u64;
        }
        left -= whole;
    }
    (day + 1) * DAY
}

/// The times of a chunk's records in order: bursts and pauses that fill its stretch of time, so that the next chunk can
/// begin where this one ends without knowing it.
pub(crate) struct Times {
    stretch: Stretch,
    /// For each record, the gaps before it added up.
    sums: Vec<u64>,
    total: u64,
}

impl Times {
    /// Draws `count` gaps by `gap`, none of them zero.
    pub(crate) fn draw(stretch: Stretch, count: u32, mut gap: impl FnMut() -> u32) -> Self {
        let mut total = 0;
        let sums = (0..count)
            .map(|_| {
                total += u64::from(gap()) + 1;
                total
            })
            .collect();
        Self { stretch, sums, total }
    }

    /// Gaps whose logarithm is uniform, so that most records follow closely on the last, some after a pause; or nearly
    /// even ones, as the pace says.
    pub(crate) fn bursts(pace: Pace, chunk: u64, draws: &mut Draws) -> Self {
        let gap = || if pace.has_bursts { draws.magnitude(10) } else { 900 + draws.below(200) };
        Self::draw(pace.stretch(chunk), pace.records, gap)
    }

    /// The time of a record, in microseconds since 1970.
    pub(crate) fn of(&self, index: u32) -> u64 {
        let sum = self.sums.get(index as usize).copied().unwrap_or(self.total);
        // One less than the total, so that the last record still lies before the next chunk's time.
        self.stretch.start + sum.saturating_sub(1) * self.stretch.length() / self.total.max(1)
    }
}

/// Whether a storm of errors blows in this chunk: in an eighth of all runs of eight chunks. The bits choose what it
/// strikes.
pub(crate) fn storm(seed: u64, chunk: u64) -> Option<u32> {
    let weather = scramble(seed.rotate_left(17) ^ scramble(chunk / 8 + 1));
    weather.is_multiple_of(8).then_some((weather >> 32) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_tile_the_days_and_follow_the_rhythm() {
        let mean = 2_816_000;
        let mut hours = [0_u64; 24];
        let mut last = Stretch::of_chunk(0, mean, true);
        assert_eq!(last.start, EPOCH);
        for number in 1..DAY * 2 / mean {
            let next = Stretch::of_chunk(number, mean, true);
            assert_eq!(next.start, last.end);
            assert!((2_300_000..3_500_000).contains(&next.length()), "{}", next.length());
            hours[(next.start % DAY / (DAY / 24)) as usize] += 1;
            last = next;
        }
        let total: u64 = hours.iter().sum();
        for (counted, share) in hours.iter().zip(RHYTHM) {
            assert!((counted * RHYTHM_TOTAL).abs_diff(share * total) < total * 30, "{hours:?}");
        }
    }

    #[test]
    fn times_are_in_order_and_within_their_stretch() {
        let mut draws = Draws::new("test", 1, 0);
        let pace = Pace::new(300, 4);
        let stretch = pace.stretch(7);
        let times = Times::bursts(pace, 7, &mut draws);
        let all: Vec<u64> = (0..300).map(|index| times.of(index)).collect();
        assert!(all.is_sorted() && all[0] >= stretch.start && all[299] == stretch.end - 1, "{all:?}");
        assert_eq!(Times::bursts(Pace::new(0, 4), 0, &mut draws).of(0), EPOCH);
    }

    #[test]
    fn storms_last_and_are_rare() {
        let stormy = (0..8_000).filter(|&chunk| storm(42, chunk).is_some()).count();
        assert!((700..1_300).contains(&stormy), "{stormy}");
        assert!((0..8_000).step_by(8).all(|chunk| storm(42, chunk) == storm(42, chunk + 7)));
    }
}
