//! The columns of names that an index keeps.

use std::fmt;

use super::names::Names;
use super::packed::Packed;
use super::postings::Postings;
use crate::level::Level;
use std::sync::OnceLock;

/// A column of names: of each entry one name, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// How serious it is: the usual names of [`Level`], or `unknown` for a name that no level has.
    Level,
    /// The service that wrote it.
    Service,
    /// The thread that wrote it.
    Thread,
    /// The request that it belongs to.
    Correlation,
    /// The trace that it belongs to.
    Trace,
    /// The span that it belongs to.
    Span,
    /// The span that contains its span; it shares its numbers with [`Column::Span`].
    Parent,
    /// What it says, with numbers masked: digits in a row, and words of six or more hexadecimal digits that have one
    /// from 0 to 9, are a `0` each.
    Template,
}

impl Column {
    /// All columns.
    pub const ALL: [Self; 8] = [
        Self::Level,
        Self::Service,
        Self::Thread,
        Self::Correlation,
        Self::Trace,
        Self::Span,
        Self::Parent,
        Self::Template,
    ];

    /// The number of a level whose name is not known.
    pub(super) const OTHER_LEVEL: u32 = Level::ALL.len() as u32 + 1;

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::Service => "service",
            Self::Thread => "thread",
            Self::Correlation => "correlation",
            Self::Trace => "trace",
            Self::Span => "span",
            Self::Parent => "parent",
            Self::Template => "template",
        }
    }

    /// The column of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }

    /// The column that keeps its names.
    pub(super) const fn names_of(self) -> Self {
        match self {
            Self::Parent => Self::Span,
            other => other,
        }
    }

    /// The names that it has from the start.
    pub(super) fn first_names(self) -> Names {
        let mut names = Names::default();
        if self == Self::Level {
            for level in Level::ALL {
                names.intern(level.names()[0].as_bytes());
            }
            names.intern(b"unknown");
        }
        names
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The number of a level in [`Column::Level`].
pub(crate) fn level_id(level: Level) -> u32 {
    level as u32 + 1
}

/// A column that is in memory: for each entry the number of its name, 0 for none.
pub(crate) struct Ids {
    pub(crate) values: Packed,
    /// How many names its numbers are of.
    pub(super) names: usize,
    pub(super) postings: OnceLock<Postings>,
}

impl Ids {
    pub(super) fn new(values: Packed, names: usize) -> Self {
        Self { values, names, postings: OnceLock::new() }
    }

    /// The number of an entry's name; 0 if it has none.
    #[inline]
    pub(crate) fn get(&self, entry: u32) -> u32 {
        self.values.get(entry as usize) as u32
    }

    /// Calls `each` with some entries and the numbers of their names; entries in a row are unpacked by blocks.
    #[inline]
    pub(crate) fn each(&self, entries: &[u32], mut each: impl FnMut(u32, u32)) {
        self.values.for_each_of(entries, |entry, id| each(entry, id as u32));
    }

    /// Puts the numbers of the names of some entries into `ids`, in place of what was there.
    pub(crate) fn fill(&self, entries: &[u32], ids: &mut Vec<u32>) {
        ids.clear();
        self.each(entries, |_, id| ids.push(id));
    }

    /// The entries of each name. They are found at the first call, in time linear in the entries.
    pub(crate) fn postings(&self) -> &Postings {
        self.postings.get_or_init(|| Postings::of(&self.values, self.names + 1))
    }
}
