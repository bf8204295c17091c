//! Sentences that know which of their words are names, so that each kind of report can set and escape them its own way.

use crate::escape;
use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Span {
    Words(String),
    Name(String),
}

/// A sentence or a few.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prose(Vec<Span>);

impl Prose {
    /// Nothing said yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With `text` added.
    #[must_use]
    pub fn words(mut self, text: impl Into<String>) -> Self {
        self.0.push(Span::Words(text.into()));
        self
    }

    /// With a name added: of a variant, a scenario, whatever somebody else chose.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.push(Span::Name(name.into()));
        self
    }

    /// With all of `other` added.
    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// With the `items` added as a list: `a, b and c`.
    #[must_use]
    pub fn list(mut self, items: Vec<Self>) -> Self {
        let last = items.len().saturating_sub(1);
        for (i, item) in items.into_iter().enumerate() {
            if i > 0 {
                self = self.words(if i == last { " and " } else { ", " });
            }
            self = self.then(item);
        }
        self
    }

    /// Is nothing said?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For Markdown: names as code.
    pub(crate) fn markdown(&self) -> String {
        let span = |span: &Span| match span {
            Span::Words(text) => escape::markdown(text),
            Span::Name(name) => escape::markdown_code(name),
        };
        self.0.iter().map(span).collect()
    }

    /// For HTML: names as code, figures kept together with their units.
    pub(crate) fn html(&self) -> String {
        let span = |span: &Span| match span {
            Span::Words(text) => escape::html(text).replace(" %", "\u{a0}%"),
            // A short name is not broken over lines; one that could be wider than a phone is.
            Span::Name(name) if name.chars().count() > 28 => {
                format!("<code class=\"long\">{}</code>", escape::html(name))
            }
            Span::Name(name) => format!("<code>{}</code>", escape::html(name)),
        };
        self.0.iter().map(span).collect()
    }
}

/// As plain text, what can't be seen made visible.
impl fmt::Display for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|span| match span {
            Span::Words(text) | Span::Name(text) => f.write_str(&escape::visible(text)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_set_apart_and_escaped() {
        let names = ["a<b", "c", "d"].map(|n| Prose::new().name(n)).to_vec();
        let prose = Prose::new().words("Not ").list(names).words(" by 3 %.");
        assert_eq!(prose.to_string(), "Not a<b, c and d by 3 %.");
        assert_eq!(prose.markdown(), "Not `a<b`, `c` and `d` by 3 %.");
        assert_eq!(prose.html(), "Not <code>a&lt;b</code>, <code>c</code> and <code>d</code> by 3\u{a0}%.");
    }
}
