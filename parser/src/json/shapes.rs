//! Learnt shapes: what is expected between one value and the next.
//!
//! A log has few kinds of lines, so after a given value nearly always the same bytes follow: the end of the value,
//! the next key, a colon. These *literals* are learnt from lines that the walker has validated, as the nodes of a
//! graph ([`super::graph`]). Reading a line is then a walk through the graph, comparing literals and scanning values.
//! Which literal comes next is guessed from all that came before in the line ([`super::guesses`]); where the guess is
//! wrong, the one that stands there is looked up among all that are known, so a key that is left out or comes early
//! costs little more.
//!
//! Why no walk accepts a line that the walker rejects: whether a literal may stand somewhere depends only on its
//! [`Place`], which containers are open and whether a string is, and where it leads depends only on the place and the
//! literal. A node's literal was part of a valid line at the node's place, and a walk reaches a node only where that is
//! the place. The values between are scanned by the grammar that the walker uses. A line ends only with a literal that
//! closes the outermost object and holds the line feed.

use super::graph::{Graph, NOWHERE, UNWANTED};
use super::guesses::{Guesses, Path};
use super::literals::Then;
use super::{Captures, Span, Wanted, scan};

/// The longest literal that is learnt: many empty containers or much white space make a long one.
const LONGEST_LITERAL: usize = 1024;
/// After this many surprises in a line the walker reads it: it takes no longer than as many more.
const MOST_SURPRISES: u32 = 6;

/// The shapes learnt so far.
pub(crate) struct Shapes {
    wanted: Wanted,
    graph: Graph,
    guesses: Guesses,
}

impl Shapes {
    pub(crate) fn new(wanted: Wanted) -> Self {
        Self { wanted, graph: Graph::new(), guesses: Guesses::new() }
    }

    pub(crate) fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// Reads the line that starts at `start` into `captures`, whose spans are positions in `text`. Gives where the
    /// next line starts, or `None` if the line is not of a known shape: then it may be anything.
    #[inline]
    pub(crate) fn read(&mut self, text: &[u8], start: usize, captures: &mut Captures) -> Option<usize> {
        captures.clear();
        let Self { graph, guesses, .. } = self;
        let Graph { nodes, tails, .. } = &*graph;
        let (nodes, tails) = (nodes.as_slice(), tails.as_slice());
        let mut surprises = 0;
        let mut at = start;
        let mut place = 0;
        let mut path = Path::START;
        loop {
            let guess = guesses.after(path);
            let mut next = guess.next();
            // Two paths may share a guess, so it may be one of another place, where it must not stand.
            let mut node = nodes.get(next as usize).filter(|node| node.place == place);
            let step = match node.and_then(|node| node.step(tails, text, at)) {
                Some(step) => {
                    guess.was_right();
                    step
                }
                None if surprises == MOST_SURPRISES => return None,
                None => {
                    surprises += 1;
                    let step;
                    (next, step) = graph.look_up(text, at, place)?;
                    guess.was_wrong(path, next);
                    node = nodes.get(next as usize);
                    step
                }
            };
            let node = node?;
            if node.key != UNWANTED {
                let span = Span { start: step.value as u32, end: step.end as u32, kind: step.kind };
                captures.set(node.key as usize, span);
            }
            at = step.end;
            if node.then == Then::End {
                return Some(at);
            }
            place = node.next;
            path = path.and(next);
        }
    }

    /// Learns the shape of a line that the walker has found valid; whether there was anything new in it. `line` ends
    /// with its line feed.
    pub(crate) fn learn(&mut self, line: &[u8]) -> bool {
        if self.graph.is_full() {
            self.graph = Graph::new();
            self.guesses.forget();
        }
        let before = self.graph.nodes.len();
        let _: Option<()> = self.follow(line);
        self.graph.nodes.len() != before
    }

    /// Adds to the graph what is not in it yet, as far as it can be learnt; `None` if that is not to the end.
    fn follow(&mut self, line: &[u8]) -> Option<()> {
        let mut at = 0;
        let mut place = 0;
        let mut path = Path::START;
        loop {
            let literal = self.graph.place(place)?.literal(line, at, &self.wanted)?;
            if literal.end - at > LONGEST_LITERAL {
                return None;
            }
            let next = self.graph.learn(line, at, place, literal)?;
            let guess = self.guesses.after(path);
            if guess.next() == NOWHERE {
                guess.was_wrong(path, next);
            }
            at = match literal.then {
                Then::Text => scan::string(line, literal.end).ok()?.quote,
                Then::Bare => scan::bare(line, literal.end).ok()?,
                Then::End => return Some(()),
            };
            place = self.graph.nodes.get(next as usize)?.next;
            path = path.and(next);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Path, Shapes};
    use crate::json::{Captures, Kind, Span, Walker, Wanted};

    fn wanted() -> Wanted {
        Wanted::new(&["level", "n"])
    }

    fn learnt(lines: &[&str]) -> Shapes {
        let mut shapes = Shapes::new(wanted());
        for line in lines {
            let mut captures = Captures::new(2);
            Walker::default().walk(line.as_bytes(), &wanted(), &mut captures).expect("the line is valid");
            shapes.learn(line.as_bytes());
        }
        shapes
    }

    fn reads(shapes: &mut Shapes, line: &str) -> bool {
        let mut captures = Captures::new(2);
        // Both with room after it and at the end of the text.
        let alone = shapes.read(line.as_bytes(), 0, &mut captures) == Some(line.len());
        let long = format!("{line}{}", " ".repeat(100));
        assert_eq!(shapes.read(long.as_bytes(), 0, &mut captures) == Some(line.len()), alone, "{line}");
        alone
    }

    #[test]
    fn a_line_of_a_known_shape_is_read_and_its_fields_found() {
        let mut shapes =
            learnt(&["{\"t\":1,\"level\":\"INFO\",\"f\":{\"level\":\"x\",\"a\":[1,\"b\"]},\"n\":1}\n"]);
        let text = b"{\"t\":-2.5e3,\"level\":\"ERROR\",\"f\":{\"level\":\"\",\"a\":[null,\"\\n\"]},\"n\":true}\nrest";
        let mut captures = Captures::new(2);
        assert_eq!(shapes.read(text, 0, &mut captures), Some(text.len() - 4));
        assert_eq!(captures.get(0), Some(Span { start: 21, end: 26, kind: Kind::Plain }));
        let n = captures.get(1).expect("n is there");
        assert_eq!(&text[n.start as usize..n.end as usize], b"true");
    }

    #[test]
    fn known_keys_may_come_in_any_order_but_only_where_they_may_stand() {
        let mut shapes = learnt(&[
            "{\"a\":1,\"b\":\"x\",\"c\":2}\n",
            "{\"c\":2,\"a\":\"1\",\"b\":\"y\"}\n",
            "{\"b\":\"x\",\"c\":{\"d\":[1,2]}}\n",
        ]);
        for known in
            ["{\"b\":\"7\",\"c\":null}\n", "{\"a\":12345678901234567,\"b\":\"\",\"c\":2}\n", "{\"c\":0}\n"]
        {
            assert!(reads(&mut shapes, known), "{known}");
        }
        for unknown in [
            "{\"a\":7,\"b\":\"\",\"c\":2} \n",
            "{\"a\":01,\"b\":\"x\",\"c\":2}\n",
            "{\"a\":7,\"b\":\"x\",\"c\":2}",
            "{\"a\":7,\"b\":\"x\",\"c\":{\"d\":[1,\"b\":\"x\"]}}\n",
            "{\"a\":7,\"b\":\"x\",\"c\":{\"d\":[1,2}]}\n",
            "{\"a\":7,\"b\":\"\\ud800\",\"c\":2}\n",
            "{\"a\":,\"b\":\"x\",\"c\":2}\n",
        ] {
            assert!(!reads(&mut shapes, unknown), "{unknown}");
        }
    }

    #[test]
    fn a_guess_of_another_place_is_not_followed() {
        let mut shapes = learnt(&["{\"a\":[1],\"b\":1}\n", "{\"b\":1,\"b\":1}\n"]);
        let wrong = "{\"a\":[1,\"b\":1}\n";
        let number = |shapes: &Shapes, at, place| {
            shapes.graph.look_up(wrong.as_bytes(), at, place).expect("the literal is known there").0
        };
        let first = number(&shapes, 0, 0);
        let in_object = shapes.graph.nodes[shapes.guesses.after(Path::START.and(first)).next() as usize].next;
        let second = number(&shapes, 7, in_object);
        let path = Path::START.and(first);
        for _ in 0..10 {
            shapes.guesses.after(path).was_wrong(path, second);
        }
        assert!(!reads(&mut shapes, wrong));
    }

    #[test]
    fn long_literals_are_compared_whole() {
        let key = "k".repeat(100);
        let mut shapes = learnt(&[&format!("{{\"{key}\":1}}\n")]);
        assert!(reads(&mut shapes, &format!("{{\"{key}\":2}}\n")));
        assert!(!reads(&mut shapes, &format!("{{\"{key}x\":2}}\n")));
        assert!(!reads(&mut shapes, &format!("{{\"{}x\":2}}\n", &key[1..])));
    }

    #[test]
    fn a_wanted_key_that_holds_a_container_is_not_learnt() {
        let line = "{\"n\":{\"a\":1},\"level\":\"x\"}\n";
        assert!(!reads(&mut learnt(&[line]), line));
    }

    #[test]
    fn ever_new_keys_do_not_grow_without_bound() {
        let mut shapes = Shapes::new(wanted());
        for number in 0..20_000 {
            shapes.learn(format!("{{\"key{number}\":1}}\n").as_bytes());
        }
        assert!(shapes.graph.nodes.len() <= 4096, "{} nodes", shapes.graph.nodes.len());
        assert!(reads(&mut shapes, "{\"key19999\":2}\n"), "what came last is known");
    }
}
