//! The suite `sampling`: fifty entries that stand for all.
//!
//! Who draws by chance draws other entries than another program: of those it is told how many of each level there are,
//! that none came twice, and that they stand in order. Which entries are drawn for their messages is no chance.

use super::list::{Line, List, template};
use super::{Form, Indexed, Side, drawn, names, question};
use harness::answer::{Answer, Digest};
use harness::subject::{Error, Scenario};
use parser::index::Column;
use parser::investigate::{Sample, Strategy, sample};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

const QUERIES: usize = 8;

/// Entries that are drawn.
const SIZE: usize = 50;

pub(super) fn scenarios() -> Vec<Scenario> {
    let drawn_by = |strategy| {
        move |on: &Indexed, query: usize| {
            Ok(sample(&on.index, &on.facts.nearly_all(query), strategy, SIZE, query as u64)?)
        }
    };
    let mut all = question(
        &names!("sampling/representative"),
        Form::Plain,
        QUERIES,
        &Side::new(
            "fifty of nearly all entries, from each level its share",
            drawn_by(Strategy::Representative),
            of_representative,
        ),
        &Side::new("the same from a list", plain_representative, of_plain_representative),
    );
    all.extend(question(
        &names!("sampling/diverse"),
        Form::Plain,
        QUERIES,
        &Side::new(
            "fifty of nearly all entries, the rarest kinds of messages first",
            drawn_by(Strategy::Diverse),
            of_diverse,
        ),
        &Side::new("the same from a list, whose messages are masked", plain_diverse, of_plain_diverse),
    ));
    all
}

/// How many there were to draw from, and how many of each level were drawn; whether what was drawn is in order, none
/// twice.
fn of_levels(population: usize, levels: &BTreeMap<String, u64>, in_order: bool) -> Answer {
    let digest = Digest::new().number(population as u64).number(in_order.into());
    super::with_counts(digest, levels.iter().map(|(name, count)| (name.as_str(), *count))).finish()
}

fn of_representative(on: &Indexed, sample: &Sample) -> Result<Answer, Error> {
    let mut levels = BTreeMap::new();
    for &entry in &sample.entries {
        let name = on.index.name(Column::Level, entry)?.unwrap_or_default();
        *levels.entry(String::from_utf8_lossy(name).to_lowercase()).or_default() += 1;
    }
    let in_order = sample.entries.windows(2).all(|pair| pair[0] < pair[1]);
    Ok(of_levels(sample.population, &levels, in_order))
}

/// How many there are to draw from, the numbers of the lines drawn, and the levels of these.
type Drawn = (usize, Vec<u64>, BTreeMap<String, u64>);

/// The entries of [`super::Facts::nearly_all`].
fn nearly_all(on: &List, query: usize) -> Vec<&Line> {
    let since = on.facts.moment(query).nanos();
    on.search(|line| line.time >= since)
}

/// Shares by largest remainders, at least one of each level; within a level whatever the dice say.
fn plain_representative(on: &List, query: usize) -> Result<Drawn, Error> {
    let all = nearly_all(on, query);
    let mut by_level: BTreeMap<Option<parser::Level>, Vec<&Line>> = BTreeMap::new();
    for line in &all {
        by_level.entry(parser::Level::from_name(&line.level)).or_default().push(line);
    }
    let wanted = SIZE.min(all.len());
    let mut shares: Vec<usize> =
        by_level.values().map(|lines| (lines.len() * wanted / all.len().max(1)).max(1)).collect();
    let mut order: Vec<(Reverse<usize>, usize)> = by_level
        .values()
        .enumerate()
        .map(|(at, lines)| (Reverse(lines.len() * wanted % all.len().max(1)), at))
        .collect();
    order.sort_unstable();
    let mut left = wanted.saturating_sub(shares.iter().sum());
    while left > 0 {
        for &(_, at) in order.iter().take(left) {
            shares[at] += 1;
            left -= 1;
        }
    }
    let mut numbers = BTreeSet::new();
    let mut levels = BTreeMap::new();
    let mut throw = 0;
    for (lines, share) in by_level.values().zip(shares) {
        let before = numbers.len();
        while numbers.len() < before + share.min(lines.len()) {
            throw += 1;
            let line = lines[drawn(query, throw, lines.len())];
            if numbers.insert(line.number) {
                *levels.entry(line.level.to_lowercase()).or_default() += 1;
            }
        }
    }
    Ok((all.len(), numbers.into_iter().collect(), levels))
}

fn of_plain_representative(_: &List, (population, numbers, levels): &Drawn) -> Result<Answer, Error> {
    Ok(of_levels(*population, levels, numbers.windows(2).all(|pair| pair[0] < pair[1])))
}

fn of_diverse(on: &Indexed, sample: &Sample) -> Result<Answer, Error> {
    let mut digest = Digest::new().number(sample.population as u64);
    for &entry in &sample.entries {
        digest = digest.number(on.index.line(entry)?);
    }
    Ok(digest.finish())
}

fn plain_diverse(on: &List, query: usize) -> Result<(usize, Vec<u64>), Error> {
    let all = nearly_all(on, query);
    let mut drawn = HashSet::new();
    for of in [|line: &Line| template(&line.message), |line: &Line| line.thread.clone()] {
        let mut kinds: HashMap<String, (u64, u64)> = HashMap::new();
        for line in &all {
            kinds.entry(of(line)).or_insert((0, line.number)).0 += 1;
        }
        let mut rarest: Vec<(u64, u64)> = kinds.into_values().collect();
        rarest.sort_unstable();
        for (_, number) in rarest {
            if drawn.len() < SIZE {
                drawn.insert(number);
            }
        }
    }
    let mut numbers: Vec<u64> = drawn.into_iter().collect();
    numbers.sort_unstable();
    Ok((all.len(), numbers))
}

fn of_plain_diverse(_: &List, (population, numbers): &(usize, Vec<u64>)) -> Result<Answer, Error> {
    let digest = Digest::new().number(*population as u64);
    Ok(numbers.iter().fold(digest, |digest, &number| digest.number(number)).finish())
}
