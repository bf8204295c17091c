//! Runs of fields kept as ready-made text, so that a whole run costs one copy.

/// `N` fields of JSON text side by side, each as `"key":value,` with its comma: usable as one run or one by one.
pub(crate) struct Ready<const N: usize> {
    text: Box<[u8]>,
    ends: [usize; N],
}

impl<const N: usize> Ready<N> {
    /// Joins the fields.
    pub(crate) fn new(fields: [String; N]) -> Self {
        let mut text = String::new();
        let ends = fields.map(|field| {
            text.push_str(&field);
            text.len()
        });
        Self { text: text.into_bytes().into(), ends }
    }

    /// All fields in their usual order.
    #[inline]
    pub(crate) fn run(&self) -> &[u8] {
        &self.text
    }

    /// One field.
    #[inline]
    pub(crate) fn field(&self, index: usize) -> &[u8] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start..self.ends[index]]
    }
}

/// `"key":"value",` for a value that needs no escapes.
pub(crate) fn quoted(key: &str, value: &str) -> String {
    format!("\"{key}\":\"{value}\",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_tile_the_run() {
        let ready = Ready::new([quoted("a", "1"), String::new(), quoted("b", "")]);
        assert_eq!(ready.run(), br#""a":"1","b":"","#);
        assert_eq!([ready.field(0), ready.field(1), ready.field(2)].concat(), ready.run());
        assert_eq!(ready.field(1), b"");
    }
}
