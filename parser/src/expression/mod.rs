//! Conditions on records, and the language that they are written in.
//!
//! # The language
//!
//! ```text
//! level >= warn and (service = api or path ~ "^/v1/") and not status in (200, 204)
//! ```
//!
//! An expression is made of tests by `and`, `or`, `not` and parentheses; `not` binds closest, `or` least. The tests:
//!
//! | test | holds if |
//! |---|---|
//! | `FIELD = VALUE`, `!=`, `<`, `<=`, `>`, `>=` | the value compares so |
//! | `FIELD in (VALUE, VALUE)` | it equals one of them |
//! | `FIELD contains TEXT` | it has this text in it |
//! | `FIELD ~ REGEX`, `FIELD !~ REGEX` | it matches, or does not |
//! | `has FIELD` | there is a value, and it is not `null` |
//!
//! FIELD is a [common field](crate::Field) under any of its names, which is looked for under all of them, first under the
//! one that is asked for, else a key of the record's outermost object (or of the format's own fields). With dots it leads
//! into objects: `user.geo.country` is the key of that very name, dots and all, or where there is none, the key `geo.country` of the
//! object `user`, or where there is none, the key `country` of the object `geo` in that. VALUE is a word, a number, or
//! a text in single or double quotes, in which a backslash takes the next character as it is; a field may stand in
//! quotes too.
//!
//! *What a record lacks satisfies no test*, neither `=` nor `!=`, and `null` counts as lacking: `not status = 200` holds
//! for records without a status, `status != 200` does not. A number is compared by its value with whatever reads as a
//! number (`200`, `200.0`, `"200"`); a word or quoted text is compared with the value as text, byte by byte, escapes
//! decoded, numbers as they are written. A value that cannot be compared (an array, an object, a word with a number) is
//! not equal, and that is all. `level` compares by how serious it is, and takes the names of [`crate::Level`], after
//! which a record may have blanks; a level that is a number, as pino and bunyan write it, compares with numbers
//! (`level >= 50`), and is none by name. `time` takes [times](When).
//!
//! The cost of an expression is that of its tests, from the left as far as they decide; text is searched and regular
//! expressions are matched in linear time.

mod column;
mod matcher;
mod needles;
mod parse;
pub(crate) mod test;
mod when;

pub use column::{Column, Columns, TooManyColumns};
pub use matcher::{Matcher, MatcherError};
pub(crate) use needles::{Escape, Needle, Needles};
pub use parse::SyntaxError;
pub use when::When;

use crate::field::Field;
use crate::level::Level;
use crate::read::Record;
use crate::time::{Time, Times};
use matcher::Whole;
use test::{Comparison, Levels, Literal, Test};

/// A condition on records.
///
/// ```
/// use std::ops::ControlFlow;
///
/// let mut columns = parser::Columns::new();
/// let expression = parser::Expression::parse("status >= 500 or level in (error, fatal)", &mut columns)?;
/// let mut reader = parser::Reader::new(&columns.keys(), parser::Limits::default());
/// let mut times = parser::Times::new(parser::Clock::now());
/// let mut lines = Vec::new();
/// let log = b"{\"status\":503}\n{\"status\":\"200\"}\n{\"severity\":\"ERR\"}\n{}\n";
/// reader.lines(log, &mut |_| (), |record| {
///     if expression.holds(record, &mut times) {
///         lines.push(record.line);
///     }
///     ControlFlow::Continue(())
/// });
/// assert_eq!(lines, [1, 3]);
/// # Ok::<(), parser::SyntaxError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Expression(pub(crate) Node);

/// A node of an expression. It is at most [`parse::DEEPEST`] deep, and some more where expressions are combined.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    /// All of these hold; true, if there is none.
    All(Vec<Node>),
    /// One of these holds.
    Any(Vec<Node>),
    Not(Box<Node>),
    Test(Test),
}

impl Expression {
    /// Reads an expression; what it asks for is added to `columns`. Times that are relative are so to now.
    ///
    /// # Errors
    /// If it is none: where, and what would be right.
    pub fn parse(text: &str, columns: &mut Columns) -> Result<Self, SyntaxError> {
        parse::parse(text, columns, When::now()).map(Self)
    }

    /// All of some hold.
    pub fn all(expressions: Vec<Self>) -> Self {
        match <[Self; 1]>::try_from(expressions) {
            Ok([one]) => one,
            Err(expressions) => Self(Node::All(expressions.into_iter().map(|one| one.0).collect())),
        }
    }

    /// One of some holds.
    #[must_use]
    pub fn any(expressions: Vec<Self>) -> Self {
        Self(Node::Any(expressions.into_iter().map(|one| one.0).collect()))
    }

    /// This one does not hold.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "a word of the language, beside `all`")]
    pub fn not(self) -> Self {
        Self(Node::Not(Box::new(self.0)))
    }

    /// The level is this one, under whichever of its names.
    pub fn level(level: Level, columns: &mut Columns) -> Self {
        Self(Node::Test(Test::Level(columns.field(Field::Level), Levels::only(level))))
    }

    /// The level is this one or more serious.
    pub fn level_from(level: Level, columns: &mut Columns) -> Self {
        let levels = Levels::that_are(Comparison::MoreOrEqual, level);
        Self(Node::Test(Test::Level(columns.field(Field::Level), levels)))
    }

    /// It was at this time or later.
    pub fn since(time: Time, columns: &mut Columns) -> Self {
        Self(Node::Test(Test::Time(columns.field(Field::Time), Comparison::MoreOrEqual, time)))
    }

    /// It was before this time.
    pub fn until(time: Time, columns: &mut Columns) -> Self {
        Self(Node::Test(Test::Time(columns.field(Field::Time), Comparison::Less, time)))
    }

    /// The field of this name is this text, as by `FIELD = 'TEXT'`; a level or a time by its meaning.
    ///
    /// # Errors
    /// If the field is `level` or `time` and the text is none, or as [`Columns::column`].
    pub fn field(name: &str, text: &str, columns: &mut Columns) -> Result<Self, SyntaxError> {
        let column = columns.column(name).map_err(|error| SyntaxError::of(name, error.to_string()))?;
        let literal = Literal::quoted(text);
        parse::compare(column, Comparison::Equal, literal, When::now())
            .map(Self)
            .map_err(|what| SyntaxError::of(text, what))
    }

    /// The record, as it stands in the input but for the end of its last line, matches.
    pub fn record(pattern: Matcher) -> Self {
        Self(Node::Test(Test::Record(Whole(pattern))))
    }

    /// Whether it holds for a record of a reader that wants the keys of its columns.
    #[inline]
    pub fn holds(&self, record: &Record<'_>, times: &mut Times) -> bool {
        self.0.holds(record, times)
    }

    /// The columns of its tests, each as often as it is tested.
    pub(crate) fn tested(&self) -> Vec<&Column> {
        let (mut columns, mut nodes) = (Vec::new(), vec![&self.0]);
        while let Some(node) = nodes.pop() {
            match node {
                Node::All(inner) | Node::Any(inner) => nodes.extend(inner.iter().rev()),
                Node::Not(inner) => nodes.push(inner),
                Node::Test(test) => columns.extend(test.column()),
            }
        }
        columns
    }

    /// What the text of every record that it holds for has in it, if there is anything of that kind.
    pub(crate) fn needles(&self) -> Option<Needles> {
        needles::of(&self.0)
    }
}

impl Node {
    #[inline]
    fn holds(&self, record: &Record<'_>, times: &mut Times) -> bool {
        match self {
            Self::Test(test) => test.holds(record, times),
            Self::All(nodes) => nodes.iter().all(|node| node.holds(record, times)),
            Self::Any(nodes) => nodes.iter().any(|node| node.holds(record, times)),
            Self::Not(node) => !node.holds(record, times),
        }
    }
}
