//! Trees of spans, trees as text, and where errors began.

use super::list::List;
use super::plain_tree::{self, PlainTree};
use super::{Form, Indexed, Side, drawn, names, question, with_counts};
use harness::answer::{Answer, Digest};
use harness::subject::{Corpus, Error, Expectation, Scenario, Work};
use parser::investigate::tree::{Shape, write_tree};
use parser::investigate::{ErrorFlow, Query, Tree, errors, tree};

/// Fewer questions than elsewhere: the largest of these take a second each where the answers are found.
const QUERIES: usize = 8;

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = question(
        &names!("hierarchy/tree"),
        Form::Spans,
        QUERIES,
        &Side::new(
            "the spans of nearly all entries as a tree, with durations, self times and errors",
            |on: &Indexed, query| Ok(tree(&on.index, &on.facts.nearly_all(query), None)?),
            of_tree,
        ),
        &Side::new(
            "the same tree by tables of names",
            |on: &List, query| Ok(plain_tree::build(&from(on, query))),
            |_, tree| Ok(of_nodes(tree.nodes.iter().map(plain_tree::Node::figures), tree.roots)),
        ),
    );
    all.extend(question(
        &names!("hierarchy/errors"),
        Form::Spans,
        QUERIES,
        &Side::new(
            "where the errors among nearly all entries began, how they spread, and whom they touched",
            |on: &Indexed, query| Ok(errors(&on.index, &on.facts.nearly_all(query))?),
            of_flow,
        ),
        &Side::new(
            "the same by tables of names, without the messages of the causes",
            |on: &List, query| Ok(plain_tree::errors(&on.lines, &from(on, query))),
            |_, flow| {
                let causes = flow.causes.iter().map(|cause| Ok((cause.line, cause.depth, cause.chain)));
                let services = flow.services.iter().map(|(name, count)| (name.as_str(), *count));
                of_causes((flow.errors, flow.spans, flow.concurrent), causes, services)
            },
        ),
    ));
    all.extend(texts());
    all
}

/// The entries that [`super::Facts::nearly_all`] asks for.
fn from(on: &List, query: usize) -> Vec<&super::list::Line> {
    let since = on.facts.moment(query).nanos();
    on.search(|line| line.time >= since)
}

fn of_tree(_: &Indexed, tree: &Tree) -> Result<Answer, Error> {
    let figures = tree.nodes.iter().map(|node| {
        [node.nanos(), node.self_nanos, node.entries.into(), node.errors.into(), u64::from(node.depth)]
    });
    Ok(of_nodes(figures, tree.roots()))
}

/// Sums over nodes, which do not depend on their order: of each figure, and of a mix of all of a node.
fn of_nodes(nodes: impl Iterator<Item = [u64; 5]>, roots: usize) -> Answer {
    let mut sums = [0_u64; 7];
    for figures in nodes {
        let mixed = figures.iter().fold(0_u64, |mixed, figure| {
            (mixed ^ figure).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31)
        });
        for (sum, figure) in sums.iter_mut().zip(figures.into_iter().chain([mixed, 1])) {
            *sum = sum.wrapping_add(figure);
        }
    }
    sums.iter().fold(Digest::new().number(roots as u64), |digest, &sum| digest.number(sum)).finish()
}

fn of_flow(on: &Indexed, flow: &ErrorFlow) -> Result<Answer, Error> {
    let causes = flow
        .causes
        .iter()
        .map(|cause| Ok((on.index.line(cause.entry)?, u64::from(cause.depth), cause.chain.len() as u64)));
    let services = flow.services.iter().map(|(name, count)| (name.as_str(), *count));
    of_causes((flow.errors, flow.spans.0, flow.concurrent), causes, services)
}

/// Errors, spans that err and the most causes within a second; the causes in their order, each with its line, its depth
/// and the length of its chain; and the services.
fn of_causes<'n>(
    (errors, spans, concurrent): (usize, usize, usize),
    causes: impl Iterator<Item = Result<(u64, u64, u64), Error>>,
    services: impl Iterator<Item = (&'n str, u64)>,
) -> Result<Answer, Error> {
    let mut digest = Digest::new().number(errors as u64).number(spans as u64).number(concurrent as u64);
    for cause in causes {
        let (line, depth, chain) = cause?;
        digest = digest.number(line).number(depth).number(chain);
    }
    Ok(with_counts(digest, services).finish())
}

/// `hierarchy/text`: a tree that was made in the set-up, written down.
fn texts() -> Vec<Scenario> {
    let names = names!("hierarchy/text");
    let corpora = Form::Spans.corpora().into_iter().enumerate();
    let mut all = Vec::new();
    for (at, corpus) in corpora {
        let rival = names.plain.get(at..=at).unwrap_or_default();
        let scenario =
            |name, about| Scenario::new(name, corpus, about).queries(QUERIES).expecting(expect_text);
        let about = "a tree of the spans of all entries, but for a few of the last, as text";
        all.push(scenario(names.asked[at], about).beside(rival).working(|corpus| {
            let on = Indexed::new(corpus)?;
            Ok(Written { tree: tree(&on.index, &Query::default(), None)?, on })
        }));
        all.extend(rival.iter().map(|name| {
            scenario(name, "the same by format! and recursion spelled out").working(|corpus| {
                let on = List::read(corpus)?;
                Ok(PlainWritten { tree: plain_tree::build(&on.search(|_| true)) })
            })
        }));
    }
    all
}

/// How many nodes a query shows of so many.
fn shown(nodes: usize, query: usize) -> usize {
    nodes - drawn(query, 0, nodes / 100 + 1)
}

fn expect_text(corpus: &Corpus) -> Result<Expectation, Error> {
    let list = super::checked(corpus, Form::Spans)?;
    let tree = plain_tree::build(&list.search(|_| true));
    let answer = |query| of_lines(&tree.text(shown(tree.nodes.len(), query)));
    let answers = (0..QUERIES).map(answer).collect();
    Ok(Expectation { bytes: corpus.size()?, records: list.lines.len() as u64, answers })
}

fn of_lines(text: &[u8]) -> Answer {
    Digest::new().bytes(text).finish()
}

struct Written {
    on: Indexed,
    tree: Tree,
}

impl Work for Written {
    type Output = Vec<u8>;

    fn run(&mut self, query: usize) -> Result<Vec<u8>, Error> {
        let mut out = Vec::new();
        let limit = shown(self.tree.nodes.len(), query);
        write_tree(&self.tree, &self.on.index, Shape::Tree, u32::MAX, limit, &mut out)?;
        Ok(out)
    }

    fn answer(&self, text: &Vec<u8>) -> Answer {
        of_lines(text)
    }
}

struct PlainWritten {
    tree: PlainTree,
}

impl Work for PlainWritten {
    type Output = Vec<u8>;

    fn run(&mut self, query: usize) -> Result<Vec<u8>, Error> {
        Ok(self.tree.text(shown(self.tree.nodes.len(), query)))
    }

    fn answer(&self, text: &Vec<u8>) -> Answer {
        of_lines(text)
    }
}
