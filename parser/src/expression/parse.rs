//! Reads the language of expressions.

use std::fmt;

use super::Node;
use super::column::{Column, Columns};
use super::matcher::Matcher;
use super::test::{Comparison, Levels, Literal, Number, Test};
use super::when::When;
use crate::field::Field;
use crate::level::Level;

/// How deep parentheses may be nested.
pub(super) const DEEPEST: usize = 100;

/// What is wrong with an expression, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The column where it stands, in bytes from 1; none for one that is no text of its own.
    pub column: Option<usize>,
    /// What stands there; empty at the end.
    pub found: String,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl SyntaxError {
    pub(super) fn of(found: &str, what: String) -> Self {
        Self { column: None, found: found.to_owned(), what }
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.column, self.found.as_str()) {
            (None, _) => {}
            (Some(column), "") => write!(f, "at its end (column {column}): ")?,
            (Some(column), found) => write!(f, "at column {column}, `{found}`: ")?,
        }
        f.write_str(&self.what)
    }
}

impl std::error::Error for SyntaxError {}

pub(super) fn parse(text: &str, columns: &mut Columns, when: When) -> Result<Node, SyntaxError> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens, at: 0, depth: 0, end: text.len(), columns, when };
    let node = parser.any()?;
    match parser.peek() {
        None => Ok(node),
        Some(Kind::Close) => Err(parser.error("there is no `(` that this closes")),
        Some(_) => Err(parser
            .error("what comes next must follow `and` or `or`; a text of several words stands in quotes")),
    }
}

struct Token {
    kind: Kind,
    /// Where it stands, and what is to be shown of it.
    at: usize,
    shown: String,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Open,
    Close,
    Comma,
    And,
    Or,
    Not,
    Compare(Comparison),
    Matches,
    MatchesNot,
    Word(String),
    Quoted(String),
}

fn is_word(c: char) -> bool {
    !c.is_whitespace() && !"()=!<>~,\"'&|".contains(c)
}

fn tokens(text: &str) -> Result<Vec<Token>, SyntaxError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let symbol = SYMBOLS.iter().find(|(symbol, _)| rest.starts_with(symbol));
        let (kind, length) = if let Some((symbol, kind)) = symbol {
            (kind.clone(), symbol.len())
        } else if first == '"' || first == '\'' {
            let (content, length) = quoted(rest, first).ok_or_else(|| SyntaxError {
                column: Some(at + 1),
                found: rest.to_owned(),
                what: format!("the quote {first} is not closed"),
            })?;
            (Kind::Quoted(content), length)
        } else {
            let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            if length == 0 {
                let what = format!("`{first}` means nothing here; in a text it stands in quotes");
                return Err(SyntaxError { column: Some(at + 1), found: first.to_string(), what });
            }
            (Kind::Word(rest[..length].to_owned()), length)
        };
        tokens.push(Token { kind, at, shown: rest[..length].to_owned() });
        at += length;
    }
    Ok(tokens)
}

/// The symbols; of two that begin alike the longer comes first.
const SYMBOLS: [(&str, Kind); 17] = [
    ("(", Kind::Open),
    (")", Kind::Close),
    (",", Kind::Comma),
    ("&&", Kind::And),
    ("||", Kind::Or),
    ("!=", Kind::Compare(Comparison::NotEqual)),
    ("!~", Kind::MatchesNot),
    ("!", Kind::Not),
    ("==", Kind::Compare(Comparison::Equal)),
    ("=~", Kind::Matches),
    ("=", Kind::Compare(Comparison::Equal)),
    ("<=", Kind::Compare(Comparison::LessOrEqual)),
    ("<>", Kind::Compare(Comparison::NotEqual)),
    ("<", Kind::Compare(Comparison::Less)),
    (">=", Kind::Compare(Comparison::MoreOrEqual)),
    (">", Kind::Compare(Comparison::More)),
    ("~", Kind::Matches),
];

/// The text that begins with a quote: what it means, and its length with both quotes.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut content = String::new();
    let mut chars = text.char_indices().skip(1);
    loop {
        match chars.next()? {
            (at, c) if c == quote => return Some((content, at + c.len_utf8())),
            (_, '\\') => {
                let (_, next) = chars.next()?;
                // What is escaped for a regular expression stays escaped.
                if next != quote && next != '\\' {
                    content.push('\\');
                }
                content.push(next);
            }
            (_, c) => content.push(c),
        }
    }
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    end: usize,
    columns: &'a mut Columns,
    when: When,
}

type Parsed<T = Node> = Result<T, SyntaxError>;

impl Parser<'_> {
    fn peek(&self) -> Option<&Kind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    /// Steps over a word of the language, in capital or small letters.
    fn keyword(&mut self, name: &str) -> bool {
        let is = matches!(self.peek(), Some(Kind::Word(word)) if word.eq_ignore_ascii_case(name));
        self.at += usize::from(is);
        is
    }

    fn symbol(&mut self, kind: &Kind) -> bool {
        let is = self.peek() == Some(kind);
        self.at += usize::from(is);
        is
    }

    /// An error about the next token.
    fn error(&self, what: impl Into<String>) -> SyntaxError {
        self.error_at(self.at, what)
    }

    fn error_at(&self, at: usize, what: impl Into<String>) -> SyntaxError {
        let (column, found) =
            self.tokens.get(at).map_or((self.end, ""), |token| (token.at, token.shown.as_str()));
        SyntaxError { column: Some(column + 1), found: found.to_owned(), what: what.into() }
    }

    fn any(&mut self) -> Parsed {
        let mut nodes = vec![self.all()?];
        while self.symbol(&Kind::Or) || self.keyword("or") {
            nodes.push(self.all()?);
        }
        Ok(one_or(nodes, Node::Any))
    }

    fn all(&mut self) -> Parsed {
        let mut nodes = vec![self.one()?];
        while self.symbol(&Kind::And) || self.keyword("and") {
            nodes.push(self.one()?);
        }
        Ok(one_or(nodes, Node::All))
    }

    fn one(&mut self) -> Parsed {
        let mut negated = false;
        while self.symbol(&Kind::Not) || self.keyword("not") {
            negated = !negated;
        }
        let open = self.at;
        let node = if self.symbol(&Kind::Open) {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err(self.error_at(open, format!("more than {DEEPEST} parentheses are open")));
            }
            let node = self.any()?;
            if !self.symbol(&Kind::Close) {
                return Err(
                    self.error(format!("the `(` of column {} is not closed", self.tokens[open].at + 1))
                );
            }
            self.depth -= 1;
            node
        } else if self.keyword("has") {
            Node::Test(Test::Has(self.field()?))
        } else {
            self.test()?
        };
        Ok(if negated { Node::Not(Box::new(node)) } else { node })
    }

    fn field(&mut self) -> Parsed<Column> {
        let Some(Kind::Word(name) | Kind::Quoted(name)) = self.peek() else {
            return Err(self.error("here a field is named, as in `level >= warn` or `has trace_id`"));
        };
        let name = name.clone();
        let column = self.columns.column(&name).map_err(|error| self.error(error.to_string()))?;
        self.at += 1;
        Ok(column)
    }

    fn test(&mut self) -> Parsed {
        let column = self.field()?;
        match self.peek().cloned() {
            Some(Kind::Compare(comparison)) => {
                self.at += 1;
                self.compare(column, comparison)
            }
            Some(Kind::Matches) => {
                self.at += 1;
                Ok(Node::Test(self.matches(column)?))
            }
            Some(Kind::MatchesNot) => {
                self.at += 1;
                let has = Test::Has(column.clone());
                let matches = self.matches(column)?;
                Ok(Node::All(vec![Node::Test(has), Node::Not(Box::new(Node::Test(matches)))]))
            }
            _ if self.keyword("in") => self.list(&column),
            _ if self.keyword("contains") => {
                let text = self.value()?.text;
                Ok(Node::Test(Test::Contains(column, Matcher::text(&String::from_utf8_lossy(&text)))))
            }
            _ => Err(self.error(format!(
                "after `{}` comes =, !=, <, <=, >, >=, ~, !~, in or contains; `has {}` asks whether it is there",
                column.name(),
                column.name()
            ))),
        }
    }

    fn list(&mut self, column: &Column) -> Parsed {
        if !self.symbol(&Kind::Open) {
            return Err(self.error("after `in` comes a list, as in `level in (error, fatal)`"));
        }
        let mut nodes = Vec::new();
        loop {
            nodes.push(self.compare(column.clone(), Comparison::Equal)?);
            if self.symbol(&Kind::Close) {
                return Ok(one_or(nodes, Node::Any));
            }
            if !self.symbol(&Kind::Comma) {
                return Err(self.error("in a list values are parted by commas, and `)` ends it"));
            }
        }
    }

    fn value(&mut self) -> Parsed<Literal> {
        let literal = match self.peek() {
            Some(Kind::Word(word)) => Literal::bare(word),
            Some(Kind::Quoted(text)) => Literal::quoted(text),
            _ => return Err(self.error("here a value is expected: a word, a number, or a text in quotes")),
        };
        self.at += 1;
        Ok(literal)
    }

    fn compare(&mut self, column: Column, comparison: Comparison) -> Parsed {
        let at = self.at;
        let literal = self.value()?;
        compare(column, comparison, literal, self.when).map_err(|what| self.error_at(at, what))
    }

    fn matches(&mut self, column: Column) -> Parsed<Test> {
        let at = self.at;
        let literal = self.value()?;
        let pattern = Matcher::regex(&String::from_utf8_lossy(&literal.text), false)
            .map_err(|error| self.error_at(at, error.to_string()))?;
        Ok(Test::Matches(column, pattern))
    }
}

/// The test that a column compares so with a literal; an error says what would be right.
pub(super) fn compare(
    column: Column,
    comparison: Comparison,
    literal: Literal,
    when: When,
) -> Result<Node, String> {
    let text = String::from_utf8_lossy(&literal.text);
    Ok(Node::Test(match column.field() {
        Some(Field::Level) => match Level::from_name(&text) {
            Some(level) => Test::Level(column, Levels::that_are(comparison, level)),
            None if Number::parse(&literal.text).is_some() => Test::Compare(column, comparison, literal),
            None => return Err(Level::unknown(&text)),
        },
        Some(Field::Time) => {
            let time = when.parse(&text).ok_or_else(|| no_time(&text, when))?;
            Test::Time(column, comparison, time)
        }
        _ => Test::Compare(column, comparison, literal),
    }))
}

fn no_time(text: &str, when: When) -> String {
    if let Some(why) = when.why_not(text) {
        return format!("`{text}` {why}");
    }
    format!(
        "`{text}` is no time; times are written as 2025-01-15T10:00:00Z, '2025-01-15 10:00', seconds since 1970, \
         today, yesterday, or how long ago: 15m, 2h, 1h30m, 3d"
    )
}

fn one_or(mut nodes: Vec<Node>, several: fn(Vec<Node>) -> Node) -> Node {
    match nodes.pop() {
        Some(only) if nodes.is_empty() => only,
        last => {
            nodes.extend(last);
            several(nodes)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Columns, Expression};
    use super::DEEPEST;

    fn error(text: &str) -> String {
        Expression::parse(text, &mut Columns::new()).expect_err(text).to_string()
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, expected) in [
            ("", "at its end (column 1): here a field is named"),
            ("level", "at its end (column 6): after `level` comes ="),
            ("level >=", "at its end (column 9): here a value is expected"),
            ("level >= loud", "at column 10, `loud`: there is no level `loud`; there are trace, debug"),
            ("level in (30, loud)", "at column 15, `loud`: there is no level"),
            ("time > soon", "at column 8, `soon`: `soon` is no time; times are"),
            ("time > 2263", "at column 8, `2263`: `2263` is beyond the times"),
            ("time in (2030, 12)", "at column 16, `12`: `12` is no time: a day is written as 2030-01-01"),
            ("(a = 1", "at its end (column 7): the `(` of column 1 is not closed"),
            ("a = 1)", "at column 6, `)`: there is no `(`"),
            ("a = 1 b = 2", "at column 7, `b`: what comes next must follow `and`"),
            ("a = \"x", "at column 5, `\"x`: the quote \" is not closed"),
            ("a in 1", "at column 6, `1`: after `in` comes a list"),
            ("a in (1 2)", "at column 9, `2`: in a list"),
            ("a & b", "at column 3, `&`: `&` means nothing here"),
            ("not", "at its end (column 4): here a field"),
        ] {
            let error = error(text);
            assert!(error.starts_with(expected), "{text}: {error}");
        }
        let many: Vec<String> = (0..70).map(|n| format!("k{n} = 1")).collect();
        assert!(error(&many.join(" and ")).contains("more than 36 fields"));
    }

    #[test]
    fn nesting_is_bounded_and_negation_costs_no_depth() {
        let nested = |depth| format!("{}a = 1{}", "(".repeat(depth), ")".repeat(depth));
        assert!(Expression::parse(&nested(DEEPEST), &mut Columns::new()).is_ok());
        assert!(error(&nested(DEEPEST + 1)).contains("parentheses are open"));
        let negated = "not ".repeat(100_000) + "a = 1";
        assert!(Expression::parse(&negated, &mut Columns::new()).is_ok());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "([a-z0-9é]{0,3}|[()=!<>~,\"'&|\\\\ ]| and | or | not | in | has ){0,20}") {
            let _ = Expression::parse(&text, &mut Columns::new());
        }
    }
}
