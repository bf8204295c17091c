//! Patterns that texts are searched for.

use std::fmt;

use memchr::memmem::Finder;

/// A text or a regular expression.
#[derive(Debug, Clone)]
pub struct Pattern(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Text(Box<Finder<'static>>),
    #[cfg(feature = "regex")]
    Regex(regex::bytes::Regex),
}

/// Why a pattern is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadPattern(String);

impl fmt::Display for BadPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadPattern {}

impl Pattern {
    /// A text, as it stands.
    pub fn text(text: &str) -> Self {
        Self(Kind::Text(Box::new(Finder::new(text.as_bytes()).into_owned())))
    }

    /// A text in capital or small letters, those of other scripts too.
    ///
    /// # Errors
    /// If it is too long, or if the feature `regex` is off.
    #[cfg_attr(not(feature = "regex"), expect(unused_variables, reason = "it cannot be used then"))]
    pub fn text_in_any_case(text: &str) -> Result<Self, BadPattern> {
        #[cfg(feature = "regex")]
        return Self::regex(&regex::escape(text), true);
        #[cfg(not(feature = "regex"))]
        Err(Self::unavailable())
    }

    /// A regular expression by the syntax of the crate `regex`: it matches anywhere unless it is anchored, in time linear
    /// in the text.
    ///
    /// # Errors
    /// If it is none or is too large, or if the feature `regex` is off.
    #[cfg_attr(not(feature = "regex"), expect(unused_variables, reason = "it cannot be used then"))]
    pub fn regex(regex: &str, in_any_case: bool) -> Result<Self, BadPattern> {
        #[cfg(feature = "regex")]
        return regex::bytes::RegexBuilder::new(regex)
            .case_insensitive(in_any_case)
            .build()
            .map(|regex| Self(Kind::Regex(regex)))
            .map_err(|error| BadPattern(error.to_string()));
        #[cfg(not(feature = "regex"))]
        Err(Self::unavailable())
    }

    #[cfg(not(feature = "regex"))]
    fn unavailable() -> BadPattern {
        let what = "this build has no regular expressions; build it with the feature `regex` of the parser";
        BadPattern(what.to_owned())
    }

    #[inline]
    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        match &self.0 {
            Kind::Text(finder) => finder.find(text).is_some(),
            #[cfg(feature = "regex")]
            Kind::Regex(regex) => regex.is_match(text),
        }
    }

    /// The text that it is, if it is one as it stands.
    pub(crate) fn as_text(&self) -> Option<&[u8]> {
        match &self.0 {
            Kind::Text(finder) => Some(finder.needle()),
            #[cfg(feature = "regex")]
            Kind::Regex(_) => None,
        }
    }
}
