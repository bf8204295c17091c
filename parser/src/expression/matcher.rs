//! Matchers that texts are searched for.

use std::fmt;

use memchr::memmem::Finder;

use crate::read::without_line_end;

/// A text or a regular expression.
#[derive(Debug, Clone)]
pub struct Matcher(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Text(Box<Finder<'static>>),
    #[cfg(feature = "pattern")]
    Regex(regex::bytes::Regex),
}

/// Why a pattern is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatcherError(String);

impl fmt::Display for MatcherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for MatcherError {}

impl Matcher {
    /// A text, as it stands.
    pub fn text(text: &str) -> Self {
        Self(Kind::Text(Box::new(Finder::new(text.as_bytes()).into_owned())))
    }

    /// A text in capital or small letters, those of other scripts too.
    ///
    /// # Errors
    /// If it is too long, or if the feature `pattern` is off.
    #[cfg_attr(not(feature = "pattern"), expect(unused_variables, reason = "it cannot be used then"))]
    pub fn text_in_any_case(text: &str) -> Result<Self, MatcherError> {
        #[cfg(feature = "pattern")]
        return Self::regex(&regex::escape(text), true);
        #[cfg(not(feature = "pattern"))]
        Err(Self::unavailable())
    }

    /// A regular expression by the syntax of the crate `regex`: it matches anywhere unless it is anchored, in time linear
    /// in the text.
    ///
    /// # Errors
    /// If it is none or is too large, or if the feature `pattern` is off.
    #[cfg_attr(not(feature = "pattern"), expect(unused_variables, reason = "it cannot be used then"))]
    pub fn regex(regex: &str, in_any_case: bool) -> Result<Self, MatcherError> {
        #[cfg(feature = "pattern")]
        return regex::bytes::RegexBuilder::new(regex)
            .case_insensitive(in_any_case)
            .build()
            .map(|regex| Self(Kind::Regex(regex)))
            .map_err(|error| MatcherError(error.to_string()));
        #[cfg(not(feature = "pattern"))]
        Err(Self::unavailable())
    }

    #[cfg(not(feature = "pattern"))]
    fn unavailable() -> MatcherError {
        let what = "this build has no regular expressions; build it with the feature `pattern` of the parser";
        MatcherError(what.to_owned())
    }

    #[inline]
    pub(crate) fn is_match(&self, text: &[u8]) -> bool {
        match &self.0 {
            Kind::Text(finder) => finder.find(text).is_some(),
            #[cfg(feature = "pattern")]
            Kind::Regex(regex) => regex.is_match(text),
        }
    }

    /// The text that it is, if it is one as it stands.
    #[cfg_attr(
        not(feature = "pattern"),
        expect(clippy::unnecessary_wraps, reason = "without patterns there is nothing but text")
    )]
    pub(crate) fn as_text(&self) -> Option<&[u8]> {
        match &self.0 {
            Kind::Text(finder) => Some(finder.needle()),
            #[cfg(feature = "pattern")]
            Kind::Regex(_) => None,
        }
    }
}

/// A matcher that a whole record is put to, without the carriage return that may belong to the end of its last line.
#[derive(Debug, Clone)]
pub(crate) struct Whole(pub(crate) Matcher);

impl Whole {
    #[inline]
    pub(crate) fn is_match(&self, record: &[u8]) -> bool {
        self.0.is_match(without_line_end(record))
    }
}
