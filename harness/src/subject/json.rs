//! Writes the few JSON objects of the visit protocol, so that a measured binary needs no library
//! for it.

use std::fmt::Write;

/// An object in the making. Keys are the protocol's own and need no escapes.
#[derive(Debug, Default)]
pub(super) struct Object(String);

impl Object {
    pub(super) fn new() -> Self {
        Self::default()
    }

    fn field(mut self, key: &str, value: &str) -> Self {
        if !self.0.is_empty() {
            self.0.push(',');
        }
        // Writing to a String can't fail.
        let _ = write!(self.0, "\"{key}\":{value}");
        self
    }

    pub(super) fn number(self, key: &str, value: u64) -> Self {
        self.field(key, &value.to_string())
    }

    pub(super) fn boolean(self, key: &str, value: bool) -> Self {
        self.field(key, if value { "true" } else { "false" })
    }

    pub(super) fn text(self, key: &str, value: &str) -> Self {
        self.field(key, &quote(value))
    }

    pub(super) fn texts(self, key: &str, values: impl IntoIterator<Item = impl ToString>) -> Self {
        let quoted: Vec<String> = values.into_iter().map(|value| quote(&value.to_string())).collect();
        self.field(key, &format!("[{}]", quoted.join(",")))
    }

    pub(super) fn object(self, key: &str, value: Self) -> Self {
        self.field(key, &value.finish())
    }

    pub(super) fn pairs(self, key: &str, values: impl IntoIterator<Item = (u64, u64)>) -> Self {
        let pairs: Vec<String> = values.into_iter().map(|(one, other)| format!("[{one},{other}]")).collect();
        self.field(key, &format!("[{}]", pairs.join(",")))
    }

    pub(super) fn triples(self, key: &str, values: impl IntoIterator<Item = (u64, u64, u64)>) -> Self {
        let triples: Vec<String> = values.into_iter().map(|(a, b, c)| format!("[{a},{b},{c}]")).collect();
        self.field(key, &format!("[{}]", triples.join(",")))
    }

    pub(super) fn numbers(self, key: &str, values: impl IntoIterator<Item = u64>) -> Self {
        let numbers: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
        self.field(key, &format!("[{}]", numbers.join(",")))
    }

    pub(super) fn objects(self, key: &str, values: impl IntoIterator<Item = Self>) -> Self {
        let whole: Vec<String> = values.into_iter().map(Self::finish).collect();
        self.field(key, &format!("[{}]", whole.join(",")))
    }

    pub(super) fn finish(self) -> String {
        format!("{{{}}}", self.0)
    }
}

fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c < ' ' => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_writes_is_json() {
        let nasty = "a \"quoted\" \\ path\nand\u{1} more é";
        let text = Object::new()
            .text("nasty", nasty)
            .number("n", u64::MAX)
            .boolean("b", true)
            .texts("list", ["x", "y"])
            .object("inner", Object::new())
            .pairs("pairs", [(1, 2), (3, u64::MAX)])
            .triples("triples", [(1, 2, 3)])
            .numbers("numbers", [4, 5])
            .objects("objects", [Object::new().number("i", 1)])
            .finish();
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value["nasty"], nasty);
        assert_eq!(value["n"], u64::MAX);
        assert_eq!(value["list"][1], "y");
        assert_eq!(value["pairs"][1][1], u64::MAX);
        assert_eq!((&value["triples"][0][2], &value["numbers"][1]), (&3.into(), &5.into()));
        assert_eq!(value["objects"][0]["i"], 1);
    }
}
