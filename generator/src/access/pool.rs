//! The paths and agents of one corpus, drawn once from their grammars.

use super::words::{COMMON_PATHS, ENDINGS, FOLDERS, QUERIES, ROBOTS, STEMS, SYSTEMS, Weighted};
use crate::draws::Draws;
use crate::weights::Weights;

/// A list of texts with a weighted choice.
pub(super) struct Pool {
    texts: Vec<Box<str>>,
    weights: Weights,
}

impl Pool {
    /// `count` paths by Zipf's law: the common ones first, the others from a grammar. Long ones are rare.
    pub(super) fn paths(draws: &mut Draws, count: usize) -> Self {
        let endings = weights(&ENDINGS);
        let mut texts: Vec<Box<str>> = COMMON_PATHS.into_iter().take(count).map(Box::from).collect();
        while texts.len() < count {
            // Its number makes a path unlike all others.
            let number = texts.len();
            let folder = FOLDERS[draws.below(FOLDERS.len() as u32) as usize];
            let stem = STEMS[draws.below(STEMS.len() as u32) as usize];
            let ending = ENDINGS[endings.draw(draws)].0;
            let mut path = format!("{folder}{stem}-{number}{ending}");
            if draws.per_mille(100) {
                path += QUERIES[draws.below(QUERIES.len() as u32) as usize];
                path += &number.to_string();
            }
            if draws.per_mille(4) {
                path += "&next=";
                path += &"x".repeat(200 + draws.below(1800) as usize);
            }
            texts.push(path.into());
        }
        // Flattened at its head: the first 12 of the real paths have 41 % of the lines, the first one 8 %.
        Self { weights: Weights::zipf(count, 1), texts }
    }

    /// `count` agents by Zipf's law: robots and browsers of many versions.
    pub(super) fn agents(draws: &mut Draws, count: usize) -> Self {
        let systems = weights(&SYSTEMS);
        let mut texts: Vec<Box<str>> = ROBOTS.iter().take(count).map(|(text, _)| Box::from(*text)).collect();
        let mut shares: Vec<u32> = ROBOTS.iter().take(count).map(|(_, weight)| weight * 1_100).collect();
        let mut rank = 0;
        while texts.len() < count {
            rank += 1;
            let system = SYSTEMS[systems.draw(draws)].0;
            let (major, build) = (26 + draws.below(45), 1000 + rank);
            let agent = match draws.below(8) {
                0 | 1 => {
                    format!("Mozilla/5.0 ({system}; rv:{major}.0) Gecko/20100101 Firefox/{major}.0.{rank}")
                }
                2 => format!(
                    "Mozilla/5.0 ({system}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.0.{rank} Safari/605.1.15"
                ),
                // Kept as a client sent it, quotes and all: the log escapes them.
                3 if draws.per_mille(60) => format!("Mozilla/5.0 \"{rank}\" (compatible; {system}) \\o/"),
                _ => format!(
                    "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.{build}.107 \
                     Safari/537.36"
                ),
            };
            texts.push(agent.into());
            shares.push(600_000 / (rank + 3));
        }
        Self { weights: Weights::new(shares), texts }
    }

    /// Draws one, by its place.
    #[inline]
    pub(super) fn draw(&self, draws: &mut Draws) -> usize {
        self.weights.draw(draws)
    }

    /// The place that 32 uniform bits stand for.
    #[inline]
    pub(super) fn choose(&self, bits: u32) -> usize {
        self.weights.choose(bits)
    }

    /// The text at a place.
    pub(super) fn text(&self, place: usize) -> &str {
        &self.texts[place]
    }

    /// All of them.
    pub(super) fn texts(&self) -> &[Box<str>] {
        &self.texts
    }
}

pub(super) fn weights(list: &[Weighted]) -> Weights {
    Weights::new(list.iter().map(|&(_, weight)| weight))
}
