//! The dimensions of the counter's answer and the values that this shape can give them.

/// What the counter groups by. `server_region` is a dimension of the answer too, but nothing is ever counted in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Dimension {
    Bundler,
    Ci,
    Gemstash,
    Platform,
    Ruby,
    Rubygems,
    ServerRegion,
    TlsCipher,
}

impl Dimension {
    /// All of them, as the answer orders them.
    pub(super) const ALL: [Self; 8] = [
        Self::Bundler,
        Self::Ci,
        Self::Gemstash,
        Self::Platform,
        Self::Ruby,
        Self::Rubygems,
        Self::ServerRegion,
        Self::TlsCipher,
    ];

    /// The key in the answer.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bundler => "bundler",
            Self::Ci => "ci",
            Self::Gemstash => "gemstash",
            Self::Platform => "platform",
            Self::Ruby => "ruby",
            Self::Rubygems => "rubygems",
            Self::ServerRegion => "server_region",
            Self::TlsCipher => "tls_cipher",
        }
    }
}

/// A value of a dimension, by its number in [`Values`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Value(u16);

impl Value {
    /// Its place in a list that has an element for each value.
    pub(super) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Every (dimension, text) that was ever asked for, numbered.
#[derive(Default)]
pub(super) struct Values {
    known: Vec<(Dimension, &'static str)>,
}

impl Values {
    /// The number of a value; the same text in the same dimension has one number, wherever it comes from.
    pub(super) fn number(&mut self, dimension: Dimension, text: &'static str) -> Value {
        let found = self.known.iter().position(|&known| known == (dimension, text));
        let index = found.unwrap_or_else(|| {
            self.known.push((dimension, text));
            self.known.len() - 1
        });
        Value(index as u16)
    }

    /// All values, in the order of their numbers.
    pub(super) fn known(&self) -> &[(Dimension, &'static str)] {
        &self.known
    }
}
