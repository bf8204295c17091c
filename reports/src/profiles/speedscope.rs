//! The format of speedscope, after <https://www.speedscope.app/file-format-schema.json>. The Firefox Profiler opens it too.

use super::source;
use harness::judge::wire::profile::Profile;
use serde_json::{Value, json};

/// The profile as a file that speedscope opens: weights are the CPU time that samples stand for.
pub fn speedscope(profile: &Profile) -> String {
    let period = profile.cpu_ns / (profile.samples() + profile.left_out).max(1);
    let frames: Vec<Value> = (profile.frames.iter())
        .map(|frame| {
            let mut value = json!({ "name": frame.function });
            if !frame.file.is_empty() {
                value["file"] = json!(frame.file);
            }
            if frame.line > 0 {
                value["line"] = json!(frame.line);
            }
            value
        })
        .collect();
    let samples: Vec<&[u32]> = profile.stacks.iter().map(|stack| stack.frames.as_slice()).collect();
    let weights: Vec<u64> = profile.stacks.iter().map(|stack| stack.samples * period).collect();
    let name = format!("{} · {}", profile.scenario, profile.variant);
    let whole = json!({
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "exporter": "assay",
        "name": format!("{name} · {}", source(&profile.origin)),
        "activeProfileIndex": 0,
        "shared": { "frames": frames },
        "profiles": [{
            "type": "sampled",
            "name": name,
            "unit": "nanoseconds",
            "startValue": 0,
            "endValue": weights.iter().sum::<u64>(),
            "samples": samples,
            "weights": weights,
        }],
    });
    whole.to_string() + "\n"
}
