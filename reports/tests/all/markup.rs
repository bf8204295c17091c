//! A small, strict reader of markup, to find out whether what was written is well formed.

/// Elements without an end, in HTML.
const VOID: [&str; 3] = ["meta", "link", "input"];
/// Elements whose content is not markup, in HTML.
const RAW: [&str; 2] = ["script", "style"];

/// Says what is wrong with `text` as XML or, where `html` is set, as the strict HTML that reports write.
pub(crate) fn problem(text: &str, html: bool) -> Option<String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    if html {
        rest = rest.strip_prefix("<!doctype html>")?;
    }
    while let Some(start) = rest.find('<') {
        if let Some(bad) = bad_text(&rest[..start]) {
            return Some(bad);
        }
        let tag = &rest[start + 1..];
        let Some(end) = end_of_tag(tag) else { return Some(format!("a tag without an end: {tag:.40}")) };
        let (tag, after) = (&tag[..end], &tag[end + 1..]);
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Some(format!("</{name}> closes something else"));
            }
            continue;
        }
        if let Some(bad) = bad_attributes(tag) {
            return Some(bad);
        }
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        if tag.ends_with('/') || (html && VOID.contains(&name)) {
            continue;
        }
        if html && RAW.contains(&name) {
            let end = format!("</{name}>");
            let Some(at) = rest.find(&end) else { return Some(format!("<{name}> has no end")) };
            rest = &rest[at + end.len()..];
            continue;
        }
        open.push(name);
    }
    bad_text(rest).or_else(|| open.last().map(|name| format!("<{name}> is never closed")))
}

/// Where the tag ends, quotes heeded.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quoted = false;
    tag.char_indices().find_map(|(i, c)| {
        quoted ^= c == '"';
        (c == '>' && !quoted).then_some(i)
    })
}

fn bad_attributes(tag: &str) -> Option<String> {
    let values = tag.split('"').skip(1).step_by(2);
    let bad = values.filter(|value| value.contains('<')).map(|value| format!("a bare < in {value:?}")).next();
    bad.or_else(|| bad_text(tag))
}

/// A bare ampersand, or a character that XML does not allow.
fn bad_text(text: &str) -> Option<String> {
    for (i, _) in text.match_indices('&') {
        let entity = text[i + 1..].split(';').next().unwrap_or_default();
        if !["amp", "lt", "gt", "quot", "apos", "#39", "#64"].contains(&entity) {
            return Some(format!("a bare & before {entity:.20}"));
        }
    }
    let bad = text.chars().find(|c| c.is_control() && *c != '\n');
    bad.map(|c| format!("a control character {c:?}"))
}

#[test]
fn the_reader_finds_what_is_wrong() {
    assert_eq!(problem("<a b=\"&lt;\">x<c/></a>", false), None);
    assert_eq!(problem("<!doctype html><p>x<input></p><script>a<b</script>", true), None);
    for bad in ["<a>", "<a></b>", "<a>&x</a>", "<a", "<a b=\"<\"/>", "<a>\u{1b}</a>"] {
        assert!(problem(bad, false).is_some(), "{bad}");
    }
}
