//! Messages that repeat, with what varies in them left open.
//!
//! The templates of the index ([`Column::Template`]: numbers masked) are grouped further by Drain (He, Zhu, Zheng,
//! Lyu: "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017): templates of as many words, with
//! the same first word, become one where at least half of their words are the same, and the words that differ become
//! `<*>`. A first word with a digit counts as any. Where several groups fit, that with most words the same takes it,
//! of equals the one made first.
//!
//! Groups are ordered by their number of entries, most first, then by their words. Entries without a message are in
//! none. Linear in the entries; the grouping costs templates times groups of as many words.

use std::io;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::ids::is_error;
use super::json::Json;
use super::query::Query;
use super::search::{Page, search};
use crate::index::{Column, Index};
use crate::time::Time;

/// A group of messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// Its words, `<*>` where they vary and `0` where numbers stand.
    pub template: String,
    /// How many entries it has.
    pub count: u64,
    /// Those of them that are errors or fatal.
    pub errors: u64,
    /// Its first entry in the order of the index.
    pub example: u32,
    /// The earliest and the latest time; none, if none of them has one.
    pub span: Option<(Time, Time)>,
}

/// What stands for words that vary.
const ANY: &str = "<*>";

/// Words that must be the same, of all, for a template to join a group.
const SIMILAR: (usize, usize) = (1, 2);

/// The most groups of one length and first word; templates beyond join none but equal ones.
const MOST: usize = 500;

/// The repeated messages among the entries that fit a query.
///
/// # Errors
/// What reading the files or a saved index gives.
pub fn patterns(index: &Index, query: &Query) -> io::Result<Vec<Pattern>> {
    let entries = search(index, query, Page::ALL)?.entries;
    let (ids, names) = (index.ids(Column::Template)?, index.names(Column::Template)?);
    let (levels, moments) = (index.ids(Column::Level)?, index.moments()?);
    let mut of_templates: Vec<Option<Pattern>> = vec![None; names.len() + 1];
    for &entry in &entries {
        let id = ids.get(entry);
        if id == 0 {
            continue;
        }
        let pattern = of_templates[id as usize].get_or_insert_with(|| Pattern {
            template: String::new(),
            count: 0,
            errors: 0,
            example: entry,
            span: None,
        });
        pattern.count += 1;
        pattern.errors += u64::from(is_error(levels.get(entry)));
        pattern.example = pattern.example.min(entry);
        if let Some(time) = moments.time(entry) {
            pattern.span = Some(pattern.span.map_or((time, time), |(a, b)| (a.min(time), b.max(time))));
        }
    }
    let mut drain = Drain::default();
    for (pattern, id) in of_templates.into_iter().zip(0..) {
        if let Some(pattern) = pattern {
            drain.add(&String::from_utf8_lossy(names.get(id)), pattern);
        }
    }
    let mut all: Vec<Pattern> = drain.groups.into_iter().map(Group::pattern).collect();
    all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.template.cmp(&b.template)));
    Ok(all)
}

#[derive(Default)]
struct Drain {
    groups: Vec<Group>,
    /// The groups of so many words with a first word.
    places: HashMap<(usize, String), Vec<usize>, RandomState>,
}

struct Group {
    words: Vec<String>,
    pattern: Pattern,
}

impl Drain {
    fn add(&mut self, template: &str, pattern: Pattern) {
        let words: Vec<&str> = template.split_whitespace().collect();
        let first = words.first().copied().unwrap_or("");
        let first = if first.bytes().any(|byte| byte.is_ascii_digit()) { ANY } else { first };
        let places = self.places.entry((words.len(), first.to_owned())).or_default();
        let best = places
            .iter()
            .map(|&place| (same(&self.groups[place].words, &words), std::cmp::Reverse(place)))
            .max()
            .filter(|(same, _)| same * SIMILAR.1 >= words.len() * SIMILAR.0);
        if let Some((_, std::cmp::Reverse(place))) = best {
            self.groups[place].join(&words, &pattern);
            return;
        }
        if places.len() < MOST {
            places.push(self.groups.len());
        }
        self.groups.push(Group { words: words.into_iter().map(str::to_owned).collect(), pattern });
    }
}

/// How many words are the same.
fn same(group: &[String], words: &[&str]) -> usize {
    group.iter().zip(words).filter(|(a, b)| a == *b).count()
}

impl Group {
    fn join(&mut self, words: &[&str], other: &Pattern) {
        for (word, other) in self.words.iter_mut().zip(words) {
            if word != other {
                ANY.clone_into(word);
            }
        }
        let pattern = &mut self.pattern;
        pattern.count += other.count;
        pattern.errors += other.errors;
        pattern.example = pattern.example.min(other.example);
        pattern.span = match (pattern.span, other.span) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, other) => one.or(other),
        };
    }

    fn pattern(self) -> Pattern {
        Pattern { template: self.words.join(" "), ..self.pattern }
    }
}

impl From<&Pattern> for Json {
    fn from(pattern: &Pattern) -> Self {
        Json::object([
            ("template", pattern.template.as_str().into()),
            ("count", pattern.count.into()),
            ("errors", pattern.errors.into()),
            ("first", pattern.span.map(|(first, _)| first).into()),
            ("last", pattern.span.map(|(_, last)| last).into()),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::{Drain, Group, Pattern};

    fn grouped(templates: &[&str]) -> Vec<(String, u64)> {
        let mut drain = Drain::default();
        for template in templates {
            let pattern = Pattern { template: String::new(), count: 1, errors: 0, example: 0, span: None };
            drain.add(template, pattern);
        }
        drain.groups.into_iter().map(Group::pattern).map(|p| (p.template, p.count)).collect()
    }

    #[test]
    fn what_is_half_the_same_is_one_pattern_with_the_rest_open() {
        let groups = grouped(&[
            "timeout after 0 ms calling gateway",
            "timeout after 0 ms calling search",
            "timeout of pool",
            "user alice signed in",
            "user bob signed in",
            "",
        ]);
        let expected = [
            ("timeout after 0 ms calling <*>", 2),
            ("timeout of pool", 1),
            ("user <*> signed in", 2),
            ("", 1),
        ];
        assert_eq!(groups, expected.map(|(template, count)| (template.to_owned(), count)));
    }
}
