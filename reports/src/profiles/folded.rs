//! Folded stacks: a line for each, frames from the outermost on with semicolons between, a space, and its samples. The format
//! of Brendan Gregg's `FlameGraph` and of inferno.

use harness::judge::wire::profile::{Frame, Profile, Stack};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Stacks by their line, so that two that differ only in lines of the source are one.
pub(super) fn counted(profile: &Profile) -> BTreeMap<String, u64> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for stack in &profile.stacks {
        *counts.entry(line(profile, stack)).or_default() += stack.samples;
    }
    counts
}

fn line(profile: &Profile, stack: &Stack) -> String {
    let names: Vec<String> = profile.frames_of(stack).map(name).collect();
    names.join(";")
}

/// A semicolon in a name, as in `[u8; 4]`, would be taken for the end of a frame.
fn name(frame: &Frame) -> String {
    let plain = |c: char| {
        if c == ';' {
            ','
        } else if c.is_control() {
            ' '
        } else {
            c
        }
    };
    frame.function.chars().map(plain).collect()
}

/// The whole file.
pub fn folded(profile: &Profile) -> String {
    let mut text = String::new();
    for (stack, samples) in counted(profile) {
        // Writing to a String can't fail.
        let _ = writeln!(text, "{stack} {samples}");
    }
    text
}
