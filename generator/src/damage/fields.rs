//! Keys and values of a JSON object that is known to be well formed, as places in its text.

use std::ops::Range;

/// The fields of the outermost object of a line: the places of each key, quotes included, and of its value.
///
/// The line is one that was just drawn, so nothing is checked: of other text some places are given, all within it.
pub(super) fn fields(line: &[u8]) -> Vec<(Range<usize>, Range<usize>)> {
    let mut fields = Vec::new();
    let mut at = 1;
    while at < line.len() && line[at] == b'"' {
        let key = at..value_end(line, at);
        let value = (key.end + 1).min(line.len())..value_end(line, key.end + 1);
        at = value.end + 1;
        fields.push((key, value));
    }
    fields
}

/// Where the value that begins at `from` ends: at the comma, colon or bracket behind it.
fn value_end(line: &[u8], from: usize) -> usize {
    let (mut depth, mut in_string, mut at) = (0_usize, false, from);
    while at < line.len() {
        match line[at] {
            b'\\' if in_string => at += 1,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' | b':' if depth == 0 => return at,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    line.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_whatever_they_hold() {
        let line = br#"{"a":1,"b\"":"}:,\\","c":{"d":[1,{"e":"]"}]},"f":[],"":null}"#;
        let found: Vec<(&str, &str)> = fields(line)
            .into_iter()
            .map(|(key, value)| (str::from_utf8(&line[key]).unwrap(), str::from_utf8(&line[value]).unwrap()))
            .collect();
        let expected = [
            (r#""a""#, "1"),
            (r#""b\"""#, r#""}:,\\""#),
            (r#""c""#, r#"{"d":[1,{"e":"]"}]}"#),
            (r#""f""#, "[]"),
            (r#""""#, "null"),
        ];
        assert_eq!(found, expected);
        for end in 0..line.len() {
            fields(&line[..end]);
        }
    }
}
