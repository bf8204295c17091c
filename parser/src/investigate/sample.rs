//! Some entries that stand for many.
//!
//! # Strategies
//!
//! All draw from the whole of what fits the query; none gives an entry twice; all give what they drew in the order of
//! time.
//!
//! * representative: from each level its share, by largest remainders (at least one of each level where there is
//!   room), at random within the level;
//! * diverse: first one entry of each template of messages, the rarest templates first, then one of each thread, then
//!   at random; the earliest entry of a template or thread stands for it;
//! * chronological: entries at equal distances in the order of time, the first and the last among them;
//! * errors: 70 % errors and fatal, as far as there are so many, the rest others, both at random;
//! * random: any as likely as another;
//! * head, tail: the first, the last; edges: half and half.
//!
//! The same seed draws the same entries. Linear in the entries that fit; what is drawn is found from columns: no
//! message is read.

use std::collections::BTreeSet;
use std::io;

use foldhash::fast::RandomState;
use hashbrown::HashSet;

use super::ids::is_error;
use super::json::Json;
use super::query::Query;
use super::search::{Page, search};
use crate::index::{Column, Index};

/// How a sample is drawn. See the [module](self).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// Each level by its share.
    Representative,
    /// As many templates, then threads, as there is room for.
    Diverse,
    /// At equal distances.
    Chronological,
    /// Mostly errors.
    Errors,
    /// At random.
    Random,
    /// The first.
    Head,
    /// The last.
    Tail,
    /// The first and the last.
    Edges,
}

impl Strategy {
    /// All strategies.
    pub const ALL: [Self; 8] = [
        Self::Representative,
        Self::Diverse,
        Self::Chronological,
        Self::Errors,
        Self::Random,
        Self::Head,
        Self::Tail,
        Self::Edges,
    ];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Representative => "representative",
            Self::Diverse => "diverse",
            Self::Chronological => "chronological",
            Self::Errors => "errors",
            Self::Random => "random",
            Self::Head => "head",
            Self::Tail => "tail",
            Self::Edges => "edges",
        }
    }

    /// The strategy of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|strategy| strategy.name() == name)
    }
}

/// A sample, and what of the whole it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// What was drawn, in the order of time.
    pub entries: Vec<u32>,
    /// How many there were to draw from.
    pub population: usize,
    /// For level, service, thread and template: how many distinct names were drawn, and how many there were.
    pub coverage: Vec<(Column, usize, usize)>,
}

/// Draws at most `size` of the entries that fit a query.
///
/// # Errors
/// What reading the files or a saved index gives.
pub fn sample(
    index: &Index,
    query: &Query,
    strategy: Strategy,
    size: usize,
    seed: u64,
) -> io::Result<Sample> {
    let all = search(index, query, Page::ALL)?.entries;
    let mut draws = Draws(seed);
    let wanted = size.min(all.len());
    let mut drawn = match strategy {
        Strategy::Representative => representative(index, &all, wanted, &mut draws)?,
        Strategy::Diverse => diverse(index, &all, wanted, &mut draws)?,
        Strategy::Chronological => spread(&all, wanted),
        Strategy::Errors => errors_first(index, &all, wanted, &mut draws)?,
        Strategy::Random => draws.some(&all, wanted),
        Strategy::Head => all[..wanted].to_vec(),
        Strategy::Tail => all[all.len() - wanted..].to_vec(),
        Strategy::Edges => {
            let head = wanted.div_ceil(2);
            [&all[..head], &all[all.len() - (wanted - head)..]].concat()
        }
    };
    drawn.sort_unstable();
    index.moments()?.sort(&mut drawn);
    let mut coverage = Vec::new();
    for column in [Column::Level, Column::Service, Column::Thread, Column::Template] {
        let of = |entries| super::follow::distinct(index, column, entries);
        coverage.push((column, of(&drawn)?, of(&all)?));
    }
    Ok(Sample { entries: drawn, population: all.len(), coverage })
}

fn representative(index: &Index, all: &[u32], wanted: usize, draws: &mut Draws) -> io::Result<Vec<u32>> {
    let levels = index.ids(Column::Level)?;
    let mut by_level: Vec<Vec<u32>> = Vec::new();
    levels.each(all, |entry, level| {
        let level = level as usize;
        if by_level.len() <= level {
            by_level.resize_with(level + 1, Vec::new);
        }
        by_level[level].push(entry);
    });
    by_level.retain(|level| !level.is_empty());
    let shares = shares(&by_level.iter().map(Vec::len).collect::<Vec<_>>(), wanted);
    Ok(by_level.iter().zip(shares).flat_map(|(level, share)| draws.some(level, share)).collect())
}

/// Shares of `wanted` that are proportional to `sizes`, by largest remainders; none is more than its size, and each
/// is at least 1 where there is room for that.
fn shares(sizes: &[usize], wanted: usize) -> Vec<usize> {
    let total: usize = sizes.iter().sum::<usize>().max(1);
    let exact = |size: usize| u128::from(size as u64) * u128::from(wanted as u64);
    let mut shares: Vec<usize> = sizes.iter().map(|&size| (exact(size) / total as u128) as usize).collect();
    if wanted >= sizes.len() {
        for share in &mut shares {
            *share = (*share).max(1);
        }
    }
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(exact(sizes[at]) % total as u128));
    let mut sum: usize = shares.iter().sum();
    while sum < wanted {
        let before = sum;
        for &at in &order {
            if sum < wanted && shares[at] < sizes[at] {
                shares[at] += 1;
                sum += 1;
            }
        }
        if sum == before {
            break;
        }
    }
    while sum > wanted {
        let Some(largest) = (0..shares.len()).max_by_key(|&at| shares[at]) else { break };
        shares[largest] -= 1;
        sum -= 1;
    }
    shares
}

fn diverse(index: &Index, all: &[u32], wanted: usize, draws: &mut Draws) -> io::Result<Vec<u32>> {
    let mut drawn = Vec::new();
    let mut taken: HashSet<u32, RandomState> = HashSet::default();
    for column in [Column::Template, Column::Thread] {
        let ids = index.ids(column)?;
        let mut first = vec![(0_u32, u32::MAX); index.names(column)?.len() + 1];
        ids.each(all, |entry, id| {
            let (count, first) = &mut first[id as usize];
            *count += 1;
            if *count == 1 {
                *first = entry;
            }
        });
        let mut names: Vec<(u32, u32)> = first.into_iter().skip(1).filter(|(count, _)| *count > 0).collect();
        names.sort_unstable();
        for (_, entry) in names {
            if drawn.len() < wanted && taken.insert(entry) {
                drawn.push(entry);
            }
        }
    }
    if drawn.len() < wanted {
        let others: Vec<u32> = all.iter().copied().filter(|entry| !taken.contains(entry)).collect();
        drawn.extend(draws.some(&others, wanted - drawn.len()));
    }
    Ok(drawn)
}

fn spread(all: &[u32], wanted: usize) -> Vec<u32> {
    match wanted {
        0 => Vec::new(),
        1 => vec![all[0]],
        _ => (0..wanted).map(|at| all[at * (all.len() - 1) / (wanted - 1)]).collect(),
    }
}

fn errors_first(index: &Index, all: &[u32], wanted: usize, draws: &mut Draws) -> io::Result<Vec<u32>> {
    let levels = index.ids(Column::Level)?;
    let (mut errors, mut others) = (Vec::new(), Vec::new());
    levels.each(all, |entry, level| if is_error(level) { &mut errors } else { &mut others }.push(entry));
    let most = (wanted * 7).div_ceil(10).min(errors.len());
    let rest = (wanted - most).min(others.len());
    let most = (wanted - rest).min(errors.len());
    let mut drawn = draws.some(&errors, most);
    drawn.extend(draws.some(&others, rest));
    Ok(drawn)
}

/// Random numbers from a seed: `SplitMix64` (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators",
/// 2014).
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// A number below a bound, by multiplication: its bias is below 2^-32 for bounds below 2^32.
    fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// So many of some entries, each as likely as another, by Floyd's algorithm (Bentley, Floyd: "A sample of
    /// brilliance", 1987), which draws no more numbers than entries are wanted.
    fn some(&mut self, from: &[u32], wanted: usize) -> Vec<u32> {
        let wanted = wanted.min(from.len());
        let mut taken = BTreeSet::new();
        for last in from.len() - wanted..from.len() {
            let at = self.below(last + 1);
            if !taken.insert(at) {
                taken.insert(last);
            }
        }
        taken.into_iter().map(|at| from[at]).collect()
    }
}

impl From<&Sample> for Json {
    /// Without the entries: see [`super::entries_json`].
    fn from(sample: &Sample) -> Self {
        let coverage = sample.coverage.iter().map(|(column, drawn, all)| {
            (column.name().into(), Json::object([("drawn", (*drawn).into()), ("all", (*all).into())]))
        });
        Json::object([
            ("population", sample.population.into()),
            ("drawn", sample.entries.len().into()),
            ("coverage", Json::Object(coverage.collect())),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::{Draws, shares, spread};

    #[test]
    fn shares_add_up_and_leave_no_level_out() {
        assert_eq!(shares(&[100, 600, 200, 100], 50), [5, 30, 10, 5]);
        assert_eq!(shares(&[1, 10_000], 50), [1, 49]);
        assert_eq!(shares(&[3, 3], 6), [3, 3]);
        assert_eq!(shares(&[5, 5, 5], 2).iter().sum::<usize>(), 2);
        assert_eq!(shares(&[], 0), [0_usize; 0]);
    }

    #[test]
    fn a_draw_is_of_distinct_entries_and_each_is_as_likely() {
        let from: Vec<u32> = (0..20).collect();
        let mut counts = [0_u32; 20];
        for seed in 0..4000 {
            let drawn = Draws(seed).some(&from, 5);
            assert_eq!(drawn.len(), 5);
            assert!(drawn.windows(2).all(|pair| pair[0] < pair[1]));
            for &entry in &drawn {
                counts[entry as usize] += 1;
            }
        }
        // 1000 expected of each, with a standard deviation of 27.
        assert!(counts.iter().all(|count| (865..1135).contains(count)), "{counts:?}");
    }

    #[test]
    fn equal_distances_begin_and_end_at_the_ends() {
        let all: Vec<u32> = (0..10).collect();
        assert_eq!(spread(&all, 4), [0, 3, 6, 9]);
        assert_eq!(spread(&all, 1), [0]);
        assert_eq!(spread(&all, 0), [0_u32; 0]);
    }
}
