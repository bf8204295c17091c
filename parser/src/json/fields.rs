//! The keys and values of a line that is known to be a JSON object.

#[cfg(feature = "sqlite")]
use std::borrow::Cow;

use super::{scan, unescape};
use crate::value::{Text, Value};

/// A value as it stands in its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Raw<'a> {
    /// What stands between the quotes of a string.
    Text(&'a [u8]),
    /// A number, `true`, `false` or `null`.
    Bare(&'a [u8]),
    /// An array or an object, with its brackets.
    Container(&'a [u8]),
}

impl<'a> Raw<'a> {
    fn value(self) -> Value<'a> {
        match self {
            Self::Text(raw) => Value::Text(Text { raw, escaped: memchr::memchr(b'\\', raw).is_some() }),
            Self::Bare(raw) => Value::of_bare(raw),
            Self::Container(_) => Value::Other,
        }
    }
}

/// The value that an object has under a name: of the key of that very name or, where there is none, under what follows
/// the name's first dot, in the object of the key before that. Of equal keys the last counts.
///
/// It costs a pass over the object for each dot.
pub(crate) fn find<'a>(mut object: &'a [u8], mut name: &str) -> Option<Value<'a>> {
    loop {
        let (mut itself, mut outer) = (None, None);
        let split = name.split_once('.');
        for (key, value) in Fields::of(object) {
            if is_key(key, name) {
                itself = Some(value);
            } else if split.is_some_and(|(head, _)| is_key(key, head)) {
                outer = Some(value);
            }
        }
        if let Some(value) = itself {
            return Some(value.value());
        }
        match (outer, split) {
            (Some(Raw::Container(inner)), Some((_, rest))) if inner.starts_with(b"{") => {
                (object, name) = (inner, rest);
            }
            _ => return None,
        }
    }
}

/// Whether a key that stands so between its quotes is this one.
fn is_key(raw: &[u8], name: &str) -> bool {
    raw == name.as_bytes() || (memchr::memchr(b'\\', raw).is_some() && unescape(raw) == name.as_bytes())
}

/// Goes through the top-level keys of an object and their values. Of what is no object, it ends early.
pub(crate) struct Fields<'a> {
    line: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(line: &'a [u8]) -> Self {
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
        let end = scan::string(self.line, at + 1).ok()?.quote;
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
#[cfg(feature = "sqlite")]
pub(crate) fn decoded(raw: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', raw).is_some() { Cow::Owned(unescape(raw)) } else { Cow::Borrowed(raw) }
}

#[cfg(test)]
mod tests {
    use super::{Fields, Raw, find};
    use crate::value::{Text, Value};

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

    #[test]
    fn a_name_with_dots_is_a_key_or_leads_into_objects() {
        let object = br#"{"a":{"b":{"c":1,"c":2},"b.c":3,"d":"x\n","e":[{"f":4}],"g":null,"}":{"":5}},"a.d":"y"} "a.h":6"#;
        let told = |name| find(object, name);
        assert_eq!(told("a.b.c"), Some(Value::Number(b"3")), "the key of that very name comes first");
        assert_eq!(told("a.d"), Some(Value::Text(Text { raw: b"y", escaped: false })));
        assert_eq!(find(br#"{"a":{"b":{"c":1,"c":2}}}"#, "a.b.c"), Some(Value::Number(b"2")));
        assert_eq!(
            find(br#"{"a":{"d":"x\n"}}"#, "a.d"),
            Some(Value::Text(Text { raw: br"x\n", escaped: true }))
        );
        assert_eq!(find(br#"{"\u0061":{"b\n":true}}"#, "a.b\n"), Some(Value::Bool(true)));
        assert_eq!(told("a.g"), Some(Value::Null));
        assert_eq!(told("a.b"), Some(Value::Other));
        assert_eq!(told("a.}."), Some(Value::Number(b"5")));
        for lacking in ["b", "a.e.f", "a.e.0.f", "a.d.x", "a.g.x", "a.h", "", ".", "a.", "a.b.c.d"] {
            assert_eq!(told(lacking), None, "{lacking}");
        }
        for cut in 0..object.len() {
            let _ = find(&object[..cut], "a.b.x");
        }
    }
}
