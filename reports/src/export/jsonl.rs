//! JSON Lines: all that results.json has, a value a line.
//!
//! The first line is of the kind `run`: the schema, the provenance, whatever there is one of. Each list of results.json
//! follows, a line per element, whose `kind` is the list's name (`cells`, with all their samples; `comparisons`; ...) and whose
//! fields are those of results.json. An element that is no object stands under `value`.

use harness::judge::wire::results::Results;
use serde_json::{Map, Value, json};

/// Numbers that JSON can't hold are null.
pub(super) fn write(results: &Results) -> String {
    let Value::Object(all) = json!(results) else { return String::new() };
    let (lists, single): (Map<String, Value>, Map<String, Value>) =
        all.into_iter().partition(|(_, v)| v.is_array());
    let mut out = String::new();
    line(&mut out, "run", Value::Object(single));
    for (kind, values) in lists {
        if let Value::Array(values) = values {
            for value in values {
                line(&mut out, &kind, value);
            }
        }
    }
    out
}

fn line(out: &mut String, kind: &str, value: Value) {
    let mut value = if value.is_object() { value } else { json!({ "value": value }) };
    value["kind"] = json!(kind);
    out.push_str(&value.to_string());
    out.push('\n');
}
