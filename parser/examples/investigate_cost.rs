//! What questions to an index cost beside a plain walk over owned entries: medians of fresh queries, in milliseconds.
//!
//! `cargo run --release -p parser --features plain --example investigate_cost -- FILE...`

use std::fs::File;
use std::hint::black_box;
use std::io;
use std::path::Path;
use std::time::Instant;

use parser::Level;
use parser::index::{Column, Index, IndexBuilder, Options};
use parser::investigate::{
    Detail, Page, Query, Strategy, compare, entries_json, errors, follow, ids, patterns, sample, search,
    summary, timeline, tree, with_context, write_entries,
};
use parser::plain::investigate::Entries;

/// Queries of each kind; each is asked once.
const QUERIES: usize = 15;

fn main() -> io::Result<()> {
    for path in std::env::args().skip(1) {
        let mut builder = IndexBuilder::new(Options::default());
        builder.add(Path::new(&path), &mut |_| ())?;
        let index = builder.finish();
        let mut entries = Entries::default();
        entries.read(File::open(&path)?, &mut |_| ())?;
        println!("{path}: {} entries", index.len());
        measure(&index, &entries)?;
    }
    Ok(())
}

#[expect(clippy::too_many_lines, reason = "it is a list of questions, one after another")]
fn measure(index: &Index, entries: &Entries) -> io::Result<()> {
    let levels = [Level::Error, Level::Warn, Level::Info];
    let level = |at: usize| Query { levels: vec![levels[at % 3]], ..Query::default() };
    let error = || Query { levels: vec![Level::Error], ..Query::default() };
    let names: Vec<String> = ids(index, Column::Correlation)?.into_iter().map(|id| id.name).collect();
    let correlation = |at: usize| names.get(at % names.len().max(1)).cloned().unwrap_or_default();
    let request = |at: usize| Query::named(Column::Correlation, &correlation(at));
    let texts = ["timeout", "connection", "failed", "upstream", "declined"];
    let text = |at: usize| Query { texts: vec![texts[at % texts.len()].to_owned()], ..error() };
    let digits = |at: usize| Query { texts: vec![format!("{}", 100 + at * 7)], ..error() };

    row(
        "search by level, limit 100",
        |at| Ok(black_box(search(index, &level(at), Page::first(100))?.total)),
        |at| entries.search(&level(at)).len(),
    )?;
    row(
        "the same, lines shown",
        |at| {
            let found = search(index, &level(at), Page::first(100))?;
            write_entries(index, &found.entries, Detail::Full, &mut io::sink())?;
            Ok(found.total)
        },
        |at| entries.search(&level(at)).len(),
    )?;
    row(
        "the same with context of 3",
        |at| {
            let found = search(index, &level(at), Page::first(100))?;
            let near: Vec<u32> =
                with_context(index, &found.entries, 3, 3).iter().map(|near| near.entry).collect();
            write_entries(index, &near, Detail::Full, &mut io::sink())?;
            Ok(found.total)
        },
        |at| entries.search(&level(at)).len(),
    )?;
    row(
        "the same as JSON in full",
        |at| {
            let found = search(index, &level(at), Page::first(100))?;
            black_box(entries_json(index, &found.entries, Detail::Full)?);
            Ok(found.total)
        },
        |at| entries.search(&level(at)).len(),
    )?;
    row(
        "search errors with a word",
        |at| Ok(search(index, &text(at), Page::ALL)?.total),
        |at| entries.search(&text(at)).len(),
    )?;
    row(
        "search errors with a number",
        |at| Ok(search(index, &digits(at), Page::ALL)?.total),
        |at| entries.search(&digits(at)).len(),
    )?;
    row(
        "follow a correlation",
        |at| Ok(follow(index, Column::Correlation, &correlation(at))?.entries.len()),
        |at| entries.search(&request(at)).len(),
    )?;
    row(
        "the same, lines shown",
        |at| {
            let followed = follow(index, Column::Correlation, &correlation(at))?;
            write_entries(index, &followed.entries, Detail::Full, &mut io::sink())?;
            Ok(followed.entries.len())
        },
        |at| entries.search(&request(at)).len(),
    )?;
    row(
        "timeline of a correlation",
        |at| Ok(timeline(index, &request(at))?.entries.len()),
        |at| entries.search(&request(at)).len(),
    )?;
    row(
        "compare two correlations",
        |at| {
            let both = compare(index, &request(at), &request(at + 1))?;
            Ok(both.sides.iter().map(|side| side.entries as usize).sum())
        },
        |at| entries.search(&request(at)).len() + entries.search(&request(at + 1)).len(),
    )?;
    for strategy in [Strategy::Representative, Strategy::Diverse, Strategy::Chronological, Strategy::Errors] {
        let name = format!("sample 50, {}", strategy.name());
        let drawn = |at: usize| Ok(sample(index, &Query::default(), strategy, 50, at as u64)?.population);
        row(&name, drawn, |_| entries.search(&Query::default()).len())?;
    }
    let size = index.len() as usize;
    let period = |at: usize| Query { not_texts: vec![format!("no such text {at}z")], ..Query::default() };
    row("summary", |at| Ok(summary(index, &period(at))?.tally.entries as usize), |_| size)?;
    row(
        "patterns",
        |_| Ok(patterns(index, &Query::default())?.iter().map(|p| p.count as usize).sum()),
        |_| size,
    )?;
    if !ids(index, Column::Span)?.is_empty() {
        row("error flow", |_| Ok(errors(index, &Query::default())?.causes.len()), |_| usize::MAX)?;
        row("tree of all", |_| Ok(tree(index, &Query::default(), None)?.nodes.len()), |_| usize::MAX)?;
        let whole = tree(index, &Query::default(), None)?;
        let shape = tree::Shape::Tree;
        row(
            "tree to text",
            |_| {
                tree::write_tree(&whole, index, shape, 1000, usize::MAX, &mut io::sink())?;
                Ok(whole.nodes.len())
            },
            |_| usize::MAX,
        )?;
    }
    Ok(())
}

/// Times a question both ways and checks that both have the same answer; `usize::MAX` stands for no plain way.
fn row(
    name: &str,
    mut indexed: impl FnMut(usize) -> io::Result<usize>,
    mut plain: impl FnMut(usize) -> usize,
) -> io::Result<()> {
    // What the first question makes, such as posting lists, is made.
    indexed(0)?;
    let mut times = [Vec::new(), Vec::new()];
    for at in 1..=QUERIES {
        let start = Instant::now();
        let answer = indexed(at)?;
        times[0].push(start.elapsed());
        let start = Instant::now();
        let expected = plain(at);
        times[1].push(start.elapsed());
        if expected != usize::MAX && expected != answer {
            return Err(io::Error::other(format!("{name}: {answer} from the index, {expected} plainly")));
        }
    }
    let [indexed, plain] = times.map(|mut times| {
        times.sort_unstable();
        times[QUERIES / 2].as_secs_f64() * 1e3
    });
    println!("  {name:34} {indexed:>9.3} ms   plain {plain:>9.3} ms");
    Ok(())
}
