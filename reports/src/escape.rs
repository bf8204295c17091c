//! Names as data: whatever a name holds, it can't become markup, a control sequence or a new line.

/// `text` with what can't be seen or would act on a terminal replaced by U+FFFD: control
/// characters, the two non-characters that XML forbids, and the marks that turn the direction of writing.
pub(crate) fn visible(text: &str) -> String {
    text.chars().map(|c| if is_hidden(c) { '\u{fffd}' } else { c }).collect()
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
}

/// `text` for HTML and XML, in content and in quoted attributes.
pub(crate) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if is_hidden(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// `text` for the body of a Markdown document, table cells included.
pub(crate) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let starts_list = ["- ", "+ ", "="].iter().any(|start| text.starts_with(start));
    if starts_list {
        out.push('\\');
    }
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // An at sign would call somebody where the text is posted.
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | '|' | '~' | '#' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c if is_hidden(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// `name` as Markdown code: with a fence longer than any run of backticks in it. A pipe, which would
/// end a table's cell even in code, sends it through [`markdown`] instead.
pub(crate) fn markdown_code(name: &str) -> String {
    let name = visible(name);
    if name.contains('|') || name.trim().is_empty() {
        return markdown(&name);
    }
    let longest = name.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if name.starts_with(['`', ' ']) || name.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{name}{pad}{fence}")
}

/// `name` cut to `limit` characters in its middle, since names differ at both ends.
pub(crate) fn shorten(name: &str, limit: usize) -> String {
    let name = visible(name);
    let length = name.chars().count();
    if length <= limit {
        return name;
    }
    if limit == 0 {
        return String::new();
    }
    let tail = (limit - 1) / 2;
    let head = limit - 1 - tail;
    let start: String = name.chars().take(head).collect();
    let end: String = name.chars().skip(length - tail).collect();
    format!("{start}…{end}")
}

/// A command line that a POSIX shell reads back as these words.
pub(crate) fn shell(words: &[String]) -> String {
    let quoted = words.iter().map(|word| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+,@%".contains(c);
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// A file name stem made of `text`: lower-case ASCII letters, digits, `+`, `.` and single dashes, at most 60 of them.
pub(crate) fn file_stem(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        let c = c.to_ascii_lowercase();
        if c.is_ascii_alphanumeric() || c == '+' || (c == '.' && !out.is_empty()) {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        if out.len() >= 60 {
            break;
        }
    }
    let stem = out.trim_end_matches(['-', '.']);
    if stem.is_empty() { "unnamed".to_owned() } else { stem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_names_is_shown_not_obeyed() {
        assert_eq!(html("<b a=\"1\">&'"), "&lt;b a=&quot;1&quot;&gt;&amp;&#39;");
        assert_eq!(markdown("*a*|<b>_c_"), "\\*a\\*\\|&lt;b&gt;\\_c\\_");
        assert_eq!(markdown("- item"), "\\- item");
        assert_eq!(markdown("+0.3 % [a](b)"), "+0.3 % \\[a](b)");
        assert_eq!(markdown("@someone"), "&#64;someone");
        assert_eq!(markdown_code("a`b"), "``a`b``");
        assert_eq!(markdown_code("`a"), "`` `a ``");
        assert_eq!(markdown_code("a|b"), "a\\|b");
        assert_eq!(visible("a\u{1b}[31mb\nc\u{202e}"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}");
    }

    #[test]
    fn long_names_keep_both_ends() {
        assert_eq!(shorten("abcdefghij", 10), "abcdefghij");
        assert_eq!(shorten("abcdefghij", 5), "ab…ij");
        assert_eq!(shorten("abcdefghij", 1), "…");
        assert_eq!(shorten("abc", 0), "");
    }

    #[test]
    fn a_command_can_be_pasted_into_a_shell() {
        let words = ["cargo", "xtask", "--input", "it's here.log", ""].map(str::to_owned);
        assert_eq!(shell(&words), r"cargo xtask --input 'it'\''s here.log' ''");
    }

    #[test]
    fn file_stems_are_safe() {
        assert_eq!(file_stem("count/cdn/500k"), "count-cdn-500k");
        assert_eq!(file_stem("../../etc"), "etc");
        assert_eq!(file_stem("<é>"), "unnamed");
        assert_eq!(file_stem(&"x".repeat(200)).len(), 60);
    }
}
