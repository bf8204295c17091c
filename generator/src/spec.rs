//! What a corpus is made from.

use std::fmt;
use std::str::FromStr;

/// A kind of log.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Shape {
    /// A CDN's request log: one flat JSON object of 29 to 33 keys a line, about 900 bytes.
    Cdn,
    /// A JSON application log with threads, correlations and traces, about 300 bytes a line.
    App,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Self; 2] = [Self::Cdn, Self::App];

    /// The name that commands, specs and truths use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cdn => "cdn",
            Self::App => "app",
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

impl FromStr for Shape {
    type Err = UnknownShape;

    fn from_str(name: &str) -> Result<Self, UnknownShape> {
        Self::ALL
            .into_iter()
            .find(|shape| shape.name() == name)
            .ok_or_else(|| UnknownShape { name: name.to_owned() })
    }
}

/// A name that no shape has. Its message lists those that there are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownShape {
    name: String,
}

impl fmt::Display for UnknownShape {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Shape::ALL.map(Shape::name).join(", ");
        write!(out, "there is no shape {:?}; the shapes are: {known}", self.name)
    }
}

impl std::error::Error for UnknownShape {}

/// Everything that decides a corpus: two equal specs give the same bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Spec {
    /// The kind of log.
    pub shape: Shape,
    /// Which corpus of that kind; any number is as good as any other.
    pub seed: u64,
    /// How many lines; at most [`MAX_RECORDS`](crate::MAX_RECORDS). A corpus of fewer is the beginning of one of more.
    pub records: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_told_what_there_is() {
        for shape in Shape::ALL {
            assert_eq!(shape.name().parse(), Ok(shape));
        }
        let error = "CDN".parse::<Shape>().unwrap_err();
        assert_eq!(error.to_string(), "there is no shape \"CDN\"; the shapes are: cdn, app");
    }
}
