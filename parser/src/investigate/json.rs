//! JSON answers: values, how they are written, and how one is cut to a budget of bytes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::io;

/// A JSON value. Answers nest only a few levels deep, whatever their input.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Whole(i64),
    /// Another number; one that is not finite is written as `null`.
    Number(f64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object, its keys in this order.
    Object(Vec<(Cow<'static, str>, Json)>),
}

impl Json {
    /// An object with keys that are known beforehand.
    pub fn object<const N: usize>(entries: [(&'static str, Json); N]) -> Self {
        Self::Object(entries.into_iter().map(|(key, value)| (Cow::Borrowed(key), value)).collect())
    }

    /// An array of what can become values.
    pub fn list<T: Into<Json>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }

    /// A string from bytes that are UTF-8 but for damage.
    pub fn text(bytes: &[u8]) -> Self {
        // Without damage this is much faster.
        Self::Text(
            std::str::from_utf8(bytes)
                .map_or_else(|_| String::from_utf8_lossy(bytes).into_owned(), str::to_owned),
        )
    }

    /// The value of a key of an object.
    pub fn get(&self, key: &str) -> Option<&Json> {
        let Self::Object(entries) = self else { return None };
        entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Adds a key to an object.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<Json>) -> Self {
        if let Self::Object(entries) = &mut self {
            entries.push((Cow::Borrowed(key), value.into()));
        }
        self
    }

    /// The same answer in at most `most` bytes: each array keeps as many of its first items as any other, and if that
    /// is not enough for one of each, strings lose their ends. What was left out is told by `left_out`: items by the
    /// key of their array, and the bytes of strings by `text_bytes`. An answer that fits stays as it is.
    ///
    /// # Errors
    /// The fewest bytes that this answer needs, if they are more than `most`.
    pub fn within(&self, most: usize) -> Result<Self, usize> {
        if self.size() <= most {
            return Ok(self.clone());
        }
        let cuts = |items: usize| Cut { items, text: usize::MAX };
        let by_items = largest(|items| self.cut(cuts(items)).size() <= most);
        let cut = match by_items {
            // Rather a shortened item than none.
            Some(0) => match largest(|text| self.cut(Cut { items: 1, text }).size() <= most) {
                Some(text) if text >= LEGIBLE => Cut { items: 1, text },
                _ => cuts(0),
            },
            Some(items) => cuts(items),
            None => match largest(|text| self.cut(Cut { items: 0, text }).size() <= most) {
                Some(text) => Cut { items: 0, text },
                None => return Err(self.cut(Cut { items: 0, text: 0 }).size()),
            },
        };
        Ok(self.cut(cut))
    }

    /// How many bytes it takes when it is written.
    fn size(&self) -> usize {
        let mut counter = Counter(0);
        let _ = self.write(&mut counter);
        counter.0
    }

    /// The value cut, with what was left out.
    fn cut(&self, cut: Cut) -> Self {
        let mut left_out = BTreeMap::new();
        let mut value = self.cut_into(cut, "items", &mut left_out);
        if let Self::Object(entries) = &mut value
            && !left_out.is_empty()
        {
            let told = left_out.into_iter().map(|(key, count)| (Cow::Owned(key), count.into())).collect();
            entries.push((Cow::Borrowed("left_out"), Self::Object(told)));
        }
        value
    }

    fn cut_into(&self, cut: Cut, key: &str, left_out: &mut BTreeMap<String, u64>) -> Self {
        match self {
            Self::List(items) => {
                if items.len() > cut.items {
                    *left_out.entry(key.to_owned()).or_default() += (items.len() - cut.items) as u64;
                }
                Self::List(
                    items.iter().take(cut.items).map(|item| item.cut_into(cut, key, left_out)).collect(),
                )
            }
            Self::Object(entries) => Self::Object(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), value.cut_into(cut, key, left_out)))
                    .collect(),
            ),
            Self::Text(text) if text.len() > cut.text => {
                let mut end = cut.text;
                while !text.is_char_boundary(end) {
                    end -= 1;
                }
                *left_out.entry("text_bytes".to_owned()).or_default() += (text.len() - end) as u64;
                Self::Text(text[..end].to_owned())
            }
            other => other.clone(),
        }
    }

    /// Writes it, many bytes at once.
    ///
    /// # Errors
    /// What `out` gives.
    pub fn write_to(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let mut chunks = Chunks { out, buffer: String::with_capacity(ENOUGH), failed: Ok(()) };
        let _ = self.write(&mut chunks);
        chunks.failed?;
        chunks.out.write_all(chunks.buffer.as_bytes())
    }

    fn write<W: fmt::Write>(&self, out: &mut W) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(out, "{value}"),
            Self::Whole(number) => write_whole(*number, out),
            Self::Number(number) if number.is_finite() => write!(out, "{number}"),
            Self::Number(_) | Self::Null => out.write_str("null"),
            Self::Text(text) => write_text(text, out),
            Self::List(items) => {
                out.write_char('[')?;
                for (at, item) in items.iter().enumerate() {
                    out.write_str(if at > 0 { "," } else { "" })?;
                    item.write(out)?;
                }
                out.write_char(']')
            }
            Self::Object(entries) => {
                out.write_char('{')?;
                for (at, (key, value)) in entries.iter().enumerate() {
                    out.write_str(if at > 0 { "," } else { "" })?;
                    write_text(key, out)?;
                    out.write_char(':')?;
                    value.write(out)?;
                }
                out.write_char('}')
            }
        }
    }
}

/// The largest number for which something holds that holds for all below it; none, if it does not hold for 0.
fn largest(holds: impl Fn(usize) -> bool) -> Option<usize> {
    if !holds(0) {
        return None;
    }
    let mut low = 0;
    let mut high = 1;
    while high < usize::MAX / 2 && holds(high) {
        low = high;
        high *= 2;
        if high > 1 << 40 {
            return Some(low);
        }
    }
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(low)
}

/// The shortest that strings are cut to for the sake of an item.
const LEGIBLE: usize = 16;

/// How much of an answer is kept: so many items of each array, so many bytes of each string.
#[derive(Clone, Copy)]
struct Cut {
    items: usize,
    text: usize,
}

/// Bytes that are handed over at once.
const ENOUGH: usize = 64 << 10;

/// Text that is handed over in large pieces.
struct Chunks<'o> {
    out: &'o mut dyn io::Write,
    buffer: String,
    failed: io::Result<()>,
}

impl fmt::Write for Chunks<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.buffer.len() + text.len() > ENOUGH {
            self.failed = self.out.write_all(self.buffer.as_bytes());
            self.buffer.clear();
        }
        self.buffer.push_str(text);
        self.failed.as_ref().map_or(Err(fmt::Error), |()| Ok(()))
    }
}

/// Bytes that are counted and not kept.
struct Counter(usize);

impl fmt::Write for Counter {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

/// The standard library's way takes thrice as long, and positions and counts are half of many an answer.
fn write_whole(number: i64, out: &mut impl fmt::Write) -> fmt::Result {
    let mut text = [0; 20];
    let mut start = text.len();
    let mut left = number.unsigned_abs();
    loop {
        start -= 1;
        text[start] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if number < 0 {
        start -= 1;
        text[start] = b'-';
    }
    out.write_str(std::str::from_utf8(&text[start..]).unwrap_or_default())
}

fn write_text(text: &str, out: &mut impl fmt::Write) -> fmt::Result {
    out.write_char('"')?;
    let mut rest = text;
    // All that is escaped is ASCII, which is no part of another character.
    while let Some(at) = rest.bytes().position(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
        out.write_str(&rest[..at])?;
        match rest.as_bytes()[at] {
            b'"' => out.write_str("\\\"")?,
            b'\\' => out.write_str("\\\\")?,
            b'\n' => out.write_str("\\n")?,
            b'\r' => out.write_str("\\r")?,
            b'\t' => out.write_str("\\t")?,
            other => write!(out, "\\u{other:04x}")?,
        }
        rest = &rest[at + 1..];
    }
    out.write_str(rest)?;
    out.write_char('"')
}

impl Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

impl From<u64> for Json {
    fn from(number: u64) -> Self {
        i64::try_from(number).map_or(Self::Number(number as f64), Self::Whole)
    }
}

impl From<u32> for Json {
    fn from(number: u32) -> Self {
        Self::Whole(number.into())
    }
}

impl From<usize> for Json {
    fn from(number: usize) -> Self {
        (number as u64).into()
    }
}

impl From<i64> for Json {
    fn from(number: i64) -> Self {
        Self::Whole(number)
    }
}

impl From<f64> for Json {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl From<crate::Time> for Json {
    fn from(time: crate::Time) -> Self {
        Self::Text(time.to_string())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Json;

    fn answer(items: usize, text: usize) -> Json {
        let item = |at: usize| Json::object([("n", at.into()), ("text", "é".repeat(text).into())]);
        Json::object([("total", items.into()), ("entries", Json::list((0..items).map(item)))])
    }

    proptest! {
        #[test]
        fn an_answer_is_within_its_budget_and_says_what_it_left_out(
            items in 0..40_usize, text in 0..60_usize, most in 0..3000_usize
        ) {
            let whole = answer(items, text);
            match whole.within(most) {
                Ok(cut) => {
                    let written = cut.to_string();
                    prop_assert!(written.len() <= most);
                    let read: serde_json::Value = serde_json::from_str(&written).expect("JSON");
                    let kept = read["entries"].as_array().expect("it is still there").len();
                    let left_out = read["left_out"]["entries"].as_u64().unwrap_or(0) as usize;
                    prop_assert_eq!(kept + left_out, items);
                    prop_assert_eq!(whole.to_string().len() <= most, read.get("left_out").is_none());
                }
                Err(least) => prop_assert!(least > most && whole.within(least).is_ok()),
            }
        }
    }

    #[test]
    fn strings_are_written_as_any_reader_takes_them() {
        let text = "a\"b\\c\n\u{1}\té✓\r";
        let read: serde_json::Value = serde_json::from_str(&Json::from(text).to_string()).expect("JSON");
        assert_eq!(read, text);
        assert_eq!(Json::Number(f64::NAN).to_string(), "null");
        assert_eq!(Json::from(u64::MAX).to_string(), "18446744073709552000");
        for number in [0, 7, -1, 10, 1234, i64::MAX, i64::MIN] {
            assert_eq!(Json::Whole(number).to_string(), number.to_string());
        }
    }

    #[test]
    fn what_is_written_in_pieces_is_the_same_and_an_error_is_told() {
        let answer = answer(3000, 60);
        let mut written = Vec::new();
        answer.write_to(&mut written).expect("a vector");
        assert_eq!(written, answer.to_string().into_bytes());
        let mut short = vec![0; 70_000];
        assert!(answer.write_to(&mut &mut short[..]).is_err());
    }

    #[test]
    fn strings_are_cut_where_no_array_is_left_to_cut() {
        let whole = Json::object([("message", "x".repeat(1000).into())]);
        let cut = whole.within(100).expect("it can be cut").to_string();
        assert!(cut.len() <= 100 && cut.contains("\"left_out\":{\"text_bytes\":"), "{cut}");
        assert!(whole.within(10).is_err());
    }
}
