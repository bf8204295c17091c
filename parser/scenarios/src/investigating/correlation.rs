//! What belongs together: one thread followed, one request across services, two requests side by side.

use super::list::{Line, List, counted, template};
use super::{Form, Indexed, Side, names, nanos, question, with_counts, with_span};
use harness::answer::{Answer, Digest};
use harness::subject::{Error, Scenario};
use parser::index::Column;
use parser::investigate::{
    Comparison, Detail, Followed, Query, Tally, Timeline, compare, follow, timeline, write_entries,
};
use std::collections::{BTreeMap, HashSet};

const QUERIES: usize = 32;

pub(super) fn scenarios() -> Vec<Scenario> {
    let followed = question(
        &names!("correlation/follow"),
        Form::Plain,
        QUERIES,
        &Side::new(
            "all entries of a thread, which has a tenth of them, in order, with figures",
            |on: &Indexed, query| Ok(follow(&on.index, Column::Thread, on.facts.thread(query))?),
            of_followed,
        ),
        &Side::new("the same by a walk over a list", walked, of_walked),
    );
    let shown = question(
        &names!("correlation/shown"),
        Form::Plain,
        QUERIES,
        &Side::new(
            "the same thread, its lines written as they stand, read by all processors",
            |on: &Indexed, query| {
                let followed = follow(&on.index, Column::Thread, on.facts.thread(query))?;
                let mut out = Vec::new();
                write_entries(&on.index, &followed.entries, Detail::Full, &mut out)?;
                Ok(out)
            },
            of_text,
        ),
        &Side::new(
            "the same by a walk over a list",
            |on: &List, query| {
                let mut out = String::new();
                for &number in &walked(on, query)?.numbers {
                    out += &on.lines[number as usize - 1].text;
                    out.push('\n');
                }
                Ok(out.into_bytes())
            },
            of_text,
        ),
    );
    let timeline = question(
        &names!("correlation/timeline"),
        Form::Plain,
        QUERIES,
        &Side::new(
            "a request across five services, which has a twentieth of the entries: when each had its part",
            |on: &Indexed, query| {
                let query = Query::named(Column::Correlation, on.facts.correlation(query));
                Ok(timeline(&on.index, &query)?)
            },
            of_timeline,
        ),
        &Side::new("the same by a walk over a list", plain_timeline, of_plain_timeline),
    );
    let compared = question(
        &names!("correlation/compare"),
        Form::Plain,
        QUERIES,
        &Side::new(
            "two requests side by side: figures, and the messages that one of them alone has",
            |on: &Indexed, query| {
                let [one, other] = on.facts.two_correlations(query);
                let query = |name| Query::named(Column::Correlation, name);
                Ok(compare(&on.index, &query(one), &query(other))?)
            },
            of_comparison,
        ),
        &Side::new("the same by a walk over a list", plain_compare, of_plain_comparison),
    );
    // Many entries are read by all processors.
    let shown = shown.into_iter().map(Scenario::on_all_cpus).collect();
    [followed, shown, timeline, compared].into_iter().flatten().collect()
}

#[expect(clippy::ptr_arg, reason = "it is what a side gives")]
fn of_text<T>(_: &T, text: &Vec<u8>) -> Result<Answer, Error> {
    Ok(Digest::new().bytes(text).finish())
}

/// The figures of some entries.
#[derive(Default)]
struct Figures {
    entries: u64,
    errors: u64,
    span: Option<(i64, i64)>,
    levels: BTreeMap<String, u64>,
}

impl Figures {
    fn of(lines: &[&Line]) -> Self {
        let mut figures = Self { entries: lines.len() as u64, ..Self::default() };
        for line in lines {
            figures.errors += u64::from(line.errs());
            *figures.levels.entry(line.level.to_lowercase()).or_default() += 1;
            let (first, last) = figures.span.unwrap_or((line.time, line.time));
            figures.span = Some((first.min(line.time), last.max(line.time)));
        }
        figures
    }

    fn of_tally(tally: &Tally) -> Self {
        Self {
            entries: tally.entries,
            errors: tally.errors,
            span: nanos(tally.span),
            levels: tally.levels.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect(),
        }
    }

    fn digested(&self, digest: Digest) -> Digest {
        let levels = self.levels.iter().map(|(name, count)| (name.as_str(), *count));
        with_span(with_counts(digest.number(self.entries).number(self.errors), levels), self.span)
    }
}

/// What following a thread gives, by the numbers of lines.
struct Walked {
    numbers: Vec<u64>,
    figures: Figures,
    spans: usize,
    services: BTreeMap<String, u64>,
}

fn walked(on: &List, query: usize) -> Result<Walked, Error> {
    let thread = on.facts.thread(query);
    let found = on.search(|line| line.thread == thread);
    let services = counted(found.iter().map(|line| line.service.as_str()));
    Ok(Walked {
        figures: Figures::of(&found),
        spans: found.iter().filter_map(|line| line.span.as_ref()).collect::<HashSet<_>>().len(),
        services: services.into_iter().map(|(name, count)| (name.to_owned(), count)).collect(),
        numbers: found.iter().map(|line| line.number).collect(),
    })
}

fn digested(numbers: impl Iterator<Item = Result<u64, Error>>) -> Result<Digest, Error> {
    let mut digest = Digest::new();
    for number in numbers {
        digest = digest.number(number?);
    }
    Ok(digest)
}

fn lines<'e>(on: &'e Indexed, entries: &'e [u32]) -> impl Iterator<Item = Result<u64, Error>> + 'e {
    entries.iter().map(|&entry| Ok(on.index.line(entry)?))
}

fn of_followed(on: &Indexed, followed: &Followed) -> Result<Answer, Error> {
    let digest = digested(lines(on, &followed.entries))?.number(followed.spans as u64);
    let services = followed.services.iter().map(|(name, count)| (name.as_str(), *count));
    Ok(Figures::of_tally(&followed.tally).digested(with_counts(digest, services)).finish())
}

fn of_walked(_: &List, walked: &Walked) -> Result<Answer, Error> {
    let digest = digested(walked.numbers.iter().map(|&number| Ok(number)))?.number(walked.spans as u64);
    let services = walked.services.iter().map(|(name, count)| (name.as_str(), *count));
    Ok(walked.figures.digested(with_counts(digest, services)).finish())
}

/// The numbers of the lines of a request; how often the service changed; each service with its figures, in the order in
/// which they appear.
type PlainTimeline = (Vec<u64>, u64, Vec<(String, Figures)>);

fn plain_timeline(on: &List, query: usize) -> Result<PlainTimeline, Error> {
    let correlation = on.facts.correlation(query);
    let found = on.search(|line| line.correlation == correlation);
    let changes = found.windows(2).filter(|pair| pair[0].service != pair[1].service).count();
    let mut services: Vec<(String, Figures)> = Vec::new();
    for line in &found {
        if !services.iter().any(|(name, _)| *name == line.service) {
            let of: Vec<&Line> =
                found.iter().copied().filter(|other| other.service == line.service).collect();
            services.push((line.service.clone(), Figures::of(&of)));
        }
    }
    Ok((found.iter().map(|line| line.number).collect(), changes as u64, services))
}

fn of_timeline(on: &Indexed, timeline: &Timeline) -> Result<Answer, Error> {
    let mut digest = digested(lines(on, &timeline.entries))?.number(timeline.changes);
    for service in &timeline.services {
        digest = digest.text(&service.name).number(service.entries).number(service.errors);
        digest = with_span(digest, nanos(service.span));
    }
    Ok(digest.finish())
}

fn of_plain_timeline(_: &List, (numbers, changes, services): &PlainTimeline) -> Result<Answer, Error> {
    let mut digest = digested(numbers.iter().map(|&number| Ok(number)))?.number(*changes);
    for (name, figures) in services {
        digest = digest.text(name).number(figures.entries).number(figures.errors);
        digest = with_span(digest, figures.span);
    }
    Ok(digest.finish())
}

/// The figures of two sides, and messages with how often they occur: only on the first, only on the second, errors
/// new on the second, errors of the first that the second lacks.
type PlainComparison = ([Figures; 2], [Vec<(String, u64)>; 4]);

fn plain_compare(on: &List, query: usize) -> Result<PlainComparison, Error> {
    let sides = on.facts.two_correlations(query).map(|name| on.search(|line| line.correlation == name));
    // Of each message: entries and errors on each side.
    let mut seen: BTreeMap<String, [(u64, u64); 2]> = BTreeMap::new();
    for (at, side) in sides.iter().enumerate() {
        for line in side {
            let (entries, errors) = &mut seen.entry(template(&line.message)).or_default()[at];
            *entries += 1;
            *errors += u64::from(line.errs());
        }
    }
    let listed = |of: fn(&[(u64, u64); 2]) -> u64| {
        let counted = seen.iter().map(|(name, sides)| (name.clone(), of(sides)));
        let mut list: Vec<(String, u64)> = counted.filter(|(_, count)| *count > 0).collect();
        list.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        list
    };
    let lists = [
        listed(|[one, other]| if other.0 == 0 { one.0 } else { 0 }),
        listed(|[one, other]| if one.0 == 0 { other.0 } else { 0 }),
        listed(|[one, other]| if one.1 == 0 { other.1 } else { 0 }),
        listed(|[one, other]| if other.1 == 0 { one.1 } else { 0 }),
    ];
    Ok((sides.map(|side| Figures::of(&side)), lists))
}

fn of_comparison(_: &Indexed, comparison: &Comparison) -> Result<Answer, Error> {
    let Comparison { sides, only: [first, second], new_errors, resolved_errors, .. } = comparison;
    of_sides(&sides.each_ref().map(Figures::of_tally), [first, second, new_errors, resolved_errors])
}

fn of_plain_comparison(_: &List, (sides, lists): &PlainComparison) -> Result<Answer, Error> {
    of_sides(sides, lists.each_ref())
}

fn of_sides(sides: &[Figures; 2], lists: [&Vec<(String, u64)>; 4]) -> Result<Answer, Error> {
    let mut digest = sides.iter().fold(Digest::new(), |digest, figures| figures.digested(digest));
    for list in lists {
        digest = digest.number(list.len() as u64);
        for (name, count) in list {
            digest = digest.text(name).number(*count);
        }
    }
    Ok(digest.finish())
}
