//! Variants against each other: a row per pair.

use super::{Field, Sheet, Tone, number, text};
use crate::format::{self, change};
use crate::verdict::{Judgement, Verdict};

/// All pairs in time, the faster by its mean first, and what tells them apart in anonymous memory; nothing where there are
/// fewer than two to judge beside the reference.
pub(crate) fn rivals(verdict: &Verdict) -> Option<Sheet> {
    let columns = vec![
        text("variant"),
        text("against"),
        number("time"),
        number("faster / slower / judged"),
        number("blocks that might tell"),
        number("anonymous memory"),
        number("less / more / judged"),
    ];
    let Judgement { rivalry, .. } = &verdict.time;
    if verdict.rivals < 2 || rivalry.pairs.is_empty() {
        return None;
    }
    let row = |(standing, second): &(crate::verdict::Standing, String)| {
        let turned = standing.mean.is_some_and(|mean| mean > 1.0);
        let (first, second) = if turned { (second, &standing.variant) } else { (&standing.variant, second) };
        let time = rivalry.between(first, second);
        let anon = verdict.anon.rivalry.between(first, second);
        let tone = |standing: Option<&crate::verdict::Standing>| {
            standing.and_then(|s| match (s.less.told(), s.more.told()) {
                (0, 0) => Some(Tone::Faint),
                (_, 0) => Some(Tone::Less),
                (0, _) => Some(Tone::More),
                _ => None,
            })
        };
        let mean = |standing: Option<&crate::verdict::Standing>| {
            Field::figure(standing.and_then(|s| s.mean), change).toned(tone(standing))
        };
        let tally = |standing: Option<&crate::verdict::Standing>| {
            let told = standing.map(|s| format!("{} / {} / {}", s.less.told(), s.more.told(), s.judged));
            let value = standing.map(|s| s.less.told() as f64 - s.more.told() as f64);
            Field { value, ..Field::words(told.unwrap_or_else(|| format::ABSENT.to_owned())) }
        };
        let blocks = time.as_ref().filter(|s| !s.told()).and_then(|s| s.blocks_to_settle);
        vec![
            Field::name(first),
            Field::name(second),
            mean(time.as_ref()),
            tally(time.as_ref()),
            Field::figure(blocks.map(f64::from), |n| format!("{n:.0}")),
            mean(anon.as_ref()),
            tally(anon.as_ref()),
        ]
    };
    let mut rows: Vec<Vec<Field>> = rivalry.pairs.iter().map(row).collect();
    // In the order of the ranking: the best against all others first.
    let places = verdict.ranking.as_ref().map(|ranking| ranking.places.as_slice()).unwrap_or_default();
    let place = |field: &Field| {
        let name = field.text.to_string();
        places.iter().position(|place| crate::escape::visible(&place.variant) == name).unwrap_or(usize::MAX)
    };
    rows.sort_by_key(|row| (place(&row[0]), place(&row[1])));
    Some(Sheet { columns, rows })
}
