//! Searches: by level, with what stands around the matches, for a text.

use super::list::{Line, List};
use super::{Form, Indexed, Names, Side, drawn, names, question};
use harness::answer::{Answer, Digest};
use harness::subject::{Error, Scenario};
use parser::Level;
use parser::investigate::{Detail, Found, Page, Query, search, with_context, write_entries};

const QUERIES: usize = 90;

/// Matches on a page.
const LIMIT: usize = 100;

/// Entries that are shown before and after a match.
const AROUND: usize = 3;

/// Words of messages.
const WORDS: [&str; 6] = ["timeout", "payment", "exception", "database", "declined", "KeyError"];

pub(super) fn scenarios() -> Vec<Scenario> {
    let level = question(
        &names!("search/level"),
        Form::Plain,
        QUERIES,
        &Side::new(
            "errors: a hundred of them from a drawn one on, and how many there are in all",
            |on: &Indexed, query| Ok(search(&on.index, &errors(), page(on.facts.errors, query))?),
            of_found,
        ),
        &Side::new("the same by a walk over a list", of_level, of_numbers),
    );
    let context = question(
        &names!("search/context"),
        Form::Plain,
        QUERIES,
        &Side::new(
            "the same hundred, with three entries before and after each, all written as they stand",
            context_by_index,
            of_text,
        ),
        &Side::new("the same by a walk over a list", context_by_walk, of_text),
    );
    let word = |query| WORDS[drawn(query, 1, WORDS.len())].to_owned();
    let word = with_text(&names!("search/text"), "errors whose message holds a word", word);
    // All of two digits, from a drawn one on.
    let number = |query: usize| (10 + (query * 37 + drawn(0, 1, 90)) % 90).to_string();
    let number = with_text(
        &names!("search/digits"),
        "errors whose message holds a number, which no column tells: their lines are read",
        number,
    );
    [level, context, word, number].into_iter().flatten().collect()
}

fn with_text(names: &Names, about: &'static str, text: fn(usize) -> String) -> Vec<Scenario> {
    let of_list = move |on: &List, query| {
        let text = text(query);
        let found = on.search(|line| line.errs() && line.message.contains(&text));
        Ok((found.len(), found.iter().take(LIMIT).map(|line| line.number).collect::<Vec<_>>()))
    };
    let of_index = move |on: &Indexed, query| {
        let query = Query { texts: vec![text(query)], ..errors() };
        Ok(search(&on.index, &query, Page::first(LIMIT))?)
    };
    let plain = Side::new("the same by a walk over a list", of_list, of_numbers);
    question(names, Form::Plain, QUERIES, &Side::new(about, of_index, of_found), &plain)
}

fn errors() -> Query {
    Query { levels: vec![Level::Error], ..Query::default() }
}

/// Where a page begins among so many matches.
fn offset(matches: usize, query: usize) -> usize {
    drawn(query, 0, matches.saturating_sub(LIMIT))
}

fn page(matches: usize, query: usize) -> Page {
    Page { offset: offset(matches, query), ..Page::first(LIMIT) }
}

/// How many there are, and the numbers of the lines of a page.
type Numbers = (usize, Vec<u64>);

fn of_level(on: &List, query: usize) -> Result<Numbers, Error> {
    let found = on.search(Line::errs);
    let shown = found.iter().skip(offset(found.len(), query)).take(LIMIT);
    Ok((found.len(), shown.map(|line| line.number).collect()))
}

fn context_by_index(on: &Indexed, query: usize) -> Result<(usize, Vec<u8>), Error> {
    let found = search(&on.index, &errors(), page(on.facts.errors, query))?;
    let near = with_context(&on.index, &found.entries, AROUND as u32, AROUND as u32);
    let entries: Vec<u32> = near.iter().map(|near| near.entry).collect();
    let mut out = Vec::new();
    write_entries(&on.index, &entries, Detail::Full, &mut out)?;
    Ok((found.total, out))
}

fn context_by_walk(on: &List, query: usize) -> Result<(usize, Vec<u8>), Error> {
    let (total, numbers) = of_level(on, query)?;
    let mut out = Vec::new();
    let mut next = 0;
    for number in numbers {
        let at = number as usize - 1;
        let start = at.saturating_sub(AROUND).max(next);
        next = (at + AROUND + 1).min(on.lines.len());
        for line in &on.lines[start..next] {
            out.extend_from_slice(line.text.as_bytes());
            out.push(b'\n');
        }
    }
    Ok((total, out))
}

fn of_found(on: &Indexed, found: &Found) -> Result<Answer, Error> {
    let mut digest = Digest::new().number(found.total as u64);
    for &entry in &found.entries {
        digest = digest.number(on.index.line(entry)?);
    }
    Ok(digest.finish())
}

fn of_numbers(_: &List, (total, numbers): &Numbers) -> Result<Answer, Error> {
    let digest = Digest::new().number(*total as u64);
    Ok(numbers.iter().fold(digest, |digest, &number| digest.number(number)).finish())
}

fn of_text<T>(_: &T, (total, text): &(usize, Vec<u8>)) -> Result<Answer, Error> {
    Ok(Digest::new().number(*total as u64).bytes(text).finish())
}
