//! What a shape says of itself.

use crate::knobs::{Contradiction, Knob, Knobs};

/// What a shape is, for those who choose one and for `generate explain`.
pub struct About {
    /// The name that commands, specs and truths use. Of its first eight bytes no two may be alike: they key the draws.
    pub name: &'static str,
    /// What a line is, in half a sentence.
    pub title: &'static str,
    /// The grammar of its lines and what the truth says of them, as text of at most 100 columns.
    pub grammar: &'static str,
    /// Where the grammar and the weights come from.
    pub source: &'static str,
    /// How a line is read.
    pub lines: Lines,
    /// What can be set.
    pub knobs: &'static [Knob],
    /// Two knobs that do not go together, if there are such.
    pub(crate) contradiction: fn(&Knobs) -> Option<Contradiction>,
}

/// How the lines of a shape are to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lines {
    /// Each is one JSON object.
    Json,
    /// Each is text by a grammar of its own.
    Text,
}
