//! The keys and values of a line that is known to be a JSON object.

use std::borrow::Cow;

use crate::json::{string_end, unescape};

/// A value as it stands in its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Raw<'a> {
    /// What stands between the quotes of a string.
    Text(&'a [u8]),
    /// A number, `true`, `false` or `null`.
    Bare(&'a [u8]),
    /// An array or an object, with its brackets.
    Container(&'a [u8]),
}

/// Goes through the top-level keys of an object and their values. Of what is no object, it ends early.
pub(super) struct Fields<'a> {
    line: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    pub(super) fn of(line: &'a [u8]) -> Self {
        let at = line.iter().position(|&byte| byte == b'{').map_or(line.len(), |brace| brace + 1);
        Self { line, at }
    }

    /// Where the next byte is that separates nothing.
    fn after_separators(&self, at: usize) -> usize {
        let between = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':');
        at + self.line.get(at..).unwrap_or_default().iter().take_while(between).count()
    }

    /// What stands between the quotes of the string that begins at `at`; and where it ends.
    fn string(&self, at: usize) -> Option<(&'a [u8], usize)> {
        let end = string_end(self.line, at + 1)?;
        Some((&self.line[at + 1..end], end + 1))
    }

    fn container(&self, at: usize) -> Option<usize> {
        let (mut depth, mut at) = (0_usize, at);
        loop {
            match self.line.get(at)? {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                b'"' => {
                    at = self.string(at)?.1;
                    continue;
                }
                _ => {}
            }
            at += 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
}

impl<'a> Iterator for Fields<'a> {
    /// The key as it stands between its quotes, and the value.
    type Item = (&'a [u8], Raw<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.after_separators(self.at);
        if self.line.get(at) != Some(&b'"') {
            return None;
        }
        let (key, at) = self.string(at)?;
        let at = self.after_separators(at);
        let (value, end) = match self.line.get(at)? {
            b'"' => {
                let (text, end) = self.string(at)?;
                (Raw::Text(text), end)
            }
            b'{' | b'[' => {
                let end = self.container(at)?;
                (Raw::Container(&self.line[at..end]), end)
            }
            _ => {
                let rest = &self.line[at..];
                let length =
                    rest.iter().position(|byte| matches!(byte, b',' | b'}' | b' ' | b'\t' | b'\r' | b'\n'));
                let end = at + length?;
                (Raw::Bare(&self.line[at..end]), end)
            }
        };
        self.at = end;
        Some((key, value))
    }
}

/// A string with its escapes decoded.
pub(super) fn decoded(raw: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', raw).is_some() { Cow::Owned(unescape(raw)) } else { Cow::Borrowed(raw) }
}

#[cfg(test)]
mod tests {
    use super::{Fields, Raw};

    #[test]
    fn keys_and_values_come_as_they_stand() {
        let line = br#" {"a" : "x\"y" ,"b":[1,"]",{"c":{}}], "":-1.5e3,"d":null }"#;
        let fields: Vec<_> = Fields::of(line).collect();
        assert_eq!(
            fields,
            [
                (b"a".as_slice(), Raw::Text(br#"x\"y"#)),
                (b"b", Raw::Container(br#"[1,"]",{"c":{}}]"#)),
                (b"", Raw::Bare(b"-1.5e3")),
                (b"d", Raw::Bare(b"null")),
            ]
        );
        assert_eq!(Fields::of(b"{}").count(), 0);
        for cut in 0..line.len() {
            let _ = Fields::of(&line[..cut]).count();
        }
    }
}
