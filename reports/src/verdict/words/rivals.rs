//! What is said of variants against each other.

use super::{Paragraph, listed};
use crate::format::{self, bytes, change, plural};
use crate::prose::Prose;
use crate::verdict::{Dominated, Judgement, Place, Ranking, Rivalry, Standing};

/// A variant that nothing distinguishes from the best: its name, its mean against the reference, the blocks that might.
type Untold<'j> = (&'j str, Option<f64>, Option<u32>);

/// All of these among those that take less than the reference.
pub(super) fn undistinguished<'j>(judgement: &'j Judgement, best: &str) -> Vec<Untold<'j>> {
    let others = judgement.standings.iter().filter(|s| s.variant != best && s.less.told() > 0);
    let untold = others.filter_map(|standing| {
        let pair = judgement.rivalry.between(best, &standing.variant)?;
        (pair.judged > 0 && !pair.told()).then_some((
            standing.variant.as_str(),
            standing.mean,
            pair.blocks_to_settle,
        ))
    });
    untold.collect()
}

/// `Nothing distinguishes it from lto-fat (−12.9 %); about 28 blocks might.`
pub(super) fn beside_best(untold: &[Untold<'_>]) -> Option<Prose> {
    let names = untold.iter().map(|(variant, mean, _)| {
        let mean = mean.map_or_else(|| format::ABSENT.to_owned(), change);
        Prose::new().name(*variant).words(format!(" ({mean})"))
    });
    let blocks: Vec<Option<u32>> = untold.iter().map(|(_, _, blocks)| *blocks).collect();
    let said = |names| Prose::new().words("Nothing distinguishes it from ").list(names).words(might(&blocks));
    (!untold.is_empty()).then(|| said(listed(names)))
}

/// The end of a sentence: how many blocks might tell variants apart of which each has its number, where one is known.
fn might(numbers: &[Option<u32>]) -> String {
    let known = numbers.iter().flatten().count();
    match numbers.iter().flatten().max() {
        Some(blocks) if known == numbers.len() => format!("; about {blocks} blocks might."),
        Some(blocks) => {
            format!("; about {blocks} blocks might, in {known} of these {} cases.", numbers.len())
        }
        None => ".".to_owned(),
    }
}

/// The places, which neighbours nothing distinguishes, and what the order hides.
pub(super) fn ranking(ranking: &Ranking, rivalry: &Rivalry) -> Paragraph {
    let scenarios = plural(ranking.matched as u64, "scenario", "scenarios");
    let those = if ranking.matched == 1 { "the one" } else { "those" };
    let place = |(i, place): (usize, &Place)| {
        let mean = if place.mean == 1.0 { "reference".to_owned() } else { change(place.mean) };
        Prose::new().words(format!("{}. ", i + 1)).name(&place.variant).words(format!(" ({mean})"))
    };
    let mut prose = Prose::new()
        .words(format!("By geometric mean over {scenarios}, {those} in which all were judged: "))
        .list(listed(ranking.places.iter().enumerate().map(place)))
        .words(".");
    let alike = alike(ranking);
    if !alike.is_empty() {
        let neighbours = |(from, to): &(usize, usize)| match ranking.places.get(*from..=*to) {
            Some([ahead, behind]) => Prose::new().name(&ahead.variant).words(" from ").name(&behind.variant),
            _ => Prose::new().words(format!("each of the places {} to {} from the next", from + 1, to + 1)),
        };
        let standings = alike.iter().filter_map(|(from, to)| ranking.places.get(*from..*to)).flatten();
        let blocks = standings.filter_map(|place| Some(place.against_next.as_ref()?.blocks_to_settle));
        let blocks: Vec<Option<u32>> = blocks.collect();
        prose = prose.words(" Nothing distinguishes ").list(listed(alike.iter().map(neighbours)));
        prose = prose.words(might(&blocks));
    }
    if let Some((ahead, behind, standing)) = ranking.hides(rivalry) {
        prose = prose
            .words(" The order hides that ")
            .name(ahead)
            .words(" is slower than ")
            .name(behind)
            .words(format!(" in {} of {}: ", standing.more.told(), standing.judged))
            .list(listed(standing.more_in.iter().map(|name| Prose::new().name(name))))
            .words(".");
    }
    if !ranking.left_out.is_empty() {
        let names = listed(ranking.left_out.iter().map(|name| Prose::new().name(name)));
        prose = prose.words(" Without a place, judged in too few: ").list(names).words(".");
    }
    Paragraph::whole("Ranking", prose)
}

/// Stretches of places, first and last from 0, in which nothing distinguishes any from the next.
fn alike(ranking: &Ranking) -> Vec<(usize, usize)> {
    let mut stretches: Vec<(usize, usize)> = Vec::new();
    for (i, place) in ranking.places.iter().enumerate() {
        if place.against_next.as_ref().is_none_or(Standing::told) {
            continue;
        }
        match stretches.last_mut() {
            Some((_, to)) if *to == i => *to = i + 1,
            _ => stretches.push((i, i + 1)),
        }
    }
    stretches
}

/// Who needs not be looked at any more, since another is faster and worse in nothing that is tested; told by who dominates.
pub(super) fn dominated(all: &[Dominated]) -> Option<Paragraph> {
    let mut by: Vec<(&str, Vec<&Dominated>)> = Vec::new();
    for one in all {
        match by.iter_mut().find(|(name, _)| *name == one.by) {
            Some((_, ones)) => ones.push(one),
            None => by.push((&one.by, vec![one])),
        }
    }
    let mut prose = Prose::new();
    for (i, (name, ones)) in by.iter().enumerate() {
        let space = if i > 0 { " " } else { "" };
        prose = prose
            .words(space)
            .name(*name)
            .words(" is faster than, and in time, anonymous and resident memory and size nowhere told worse than, ")
            .list(listed(ones.iter().map(|one| briefly(one))))
            .words(".");
    }
    (!all.is_empty()).then_some(Paragraph::whole("Dominated", prose))
}

/// `lto-thin (faster in 8 of 8; less anonymous memory in 3 of 8; 171 KiB smaller)`.
fn briefly(one: &Dominated) -> Prose {
    let memory = match &one.anon {
        Some(anon) if anon.less.told() > 0 => {
            format!("; less anonymous memory in {} of {}", anon.less.told(), anon.judged)
        }
        Some(_) => String::new(),
        None => "; memory was not judged".to_owned(),
    };
    let size = match one.smaller {
        0 => "; of the same size".to_owned(),
        smaller => format!("; {} smaller", bytes(smaller as f64)),
    };
    let (told, judged) = (one.time.less.told(), one.time.judged);
    Prose::new().name(&one.variant).words(format!(" (faster in {told} of {judged}{memory}{size})"))
}
